from __future__ import annotations

from datetime import date, timedelta

import pytest
from edtf import parse_edtf  # the reference that our own reading is held against
from hypothesis import given
from hypothesis import strategies as st

from diplograph.errors import InvalidValue
from diplograph.time import Bounds, Certainty, attested, bounds, holds

D = date.fromisoformat


def span(first: str, last: str) -> Bounds:
    return Bounds(D(first), D(last), D(first), D(last))


@pytest.mark.parametrize(
    ("edtf", "first", "last"),
    [
        ("2016", "2016-01-01", "2016-12-31"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2023-11-22", "2023-11-22", "2023-11-22"),
        ("2567", "2567-01-01", "2567-12-31"),
        ("201X", "2010-01-01", "2019-12-31"),
        ("20XX", "2000-01-01", "2099-12-31"),
        ("2016-XX", "2016-01-01", "2016-12-31"),
        ("2016-1X", "2016-10-01", "2016-12-31"),
        ("2016-XX-05", "2016-01-05", "2016-12-05"),
        ("2016-12-3X", "2016-12-30", "2016-12-31"),
        ("20XX-02-29", "2000-02-29", "2096-02-29"),
        ("XXXX", "0001-01-01", "9999-12-31"),
        ("2021-21", "2021-01-01", "2021-12-31"),
        ("2021-24", "2021-01-01", "2022-02-28"),
        ("2021-25", "2021-03-01", "2021-05-31"),
        ("2021-28", "2021-12-01", "2022-02-28"),
        ("2021-33", "2021-01-01", "2021-03-31"),
        ("2021-34", "2021-04-01", "2021-06-30"),
        ("2021-35", "2021-07-01", "2021-09-30"),
        ("2021-36", "2021-10-01", "2021-12-31"),
        ("2021-37", "2021-01-01", "2021-04-30"),
        ("2021-41", "2021-07-01", "2021-12-31"),
        ("2016?", "2015-01-01", "2017-12-31"),
        ("2016-03~", "2016-02-01", "2016-04-30"),
        ("2016-03-01%", "2016-02-29", "2016-03-02"),
        ("2016-05-?04", "2016-05-03", "2016-05-05"),
        ("201X~", "2000-01-01", "2029-12-31"),
        ("2021-35~", "2021-04-01", "2021-12-31"),
        ("0001~", "0001-01-01", "0002-12-31"),
        ("9999~", "9998-01-01", "9999-12-31"),
    ],
)
def test_a_date_starts_and_ends_within_its_span(edtf: str, first: str, last: str) -> None:
    assert bounds(edtf) == span(first, last)


@pytest.mark.parametrize(
    ("edtf", "expected"),
    [
        ("2021/2025", Bounds(D("2021-01-01"), D("2021-12-31"), D("2025-01-01"), D("2025-12-31"))),
        ("2017-12/2018-01", Bounds(D("2017-12-01"), D("2017-12-31"), D("2018-01-01"), D("2018-01-31"))),
        ("2016/2016-05", Bounds(D("2016-01-01"), D("2016-12-31"), D("2016-05-01"), D("2016-05-31"))),
        ("2016/..", Bounds(D("2016-01-01"), D("2016-12-31"), None, None)),
        ("2016/", Bounds(D("2016-01-01"), D("2016-12-31"), None, None)),
        ("../2016", Bounds(None, None, D("2016-01-01"), D("2016-12-31"))),
        ("/2016", Bounds(None, None, D("2016-01-01"), D("2016-12-31"))),
    ],
)
def test_an_interval_has_a_start_and_an_end(edtf: str, expected: Bounds) -> None:
    assert bounds(edtf) == expected


@pytest.mark.parametrize(
    "edtf",
    [
        "", " 2016", "2016 ", "2021-13", "2021-00", "2021-02-30", "2021-02-29", "2021-42", "2021-2X", "0000",
        "16", "2016-1", "2016/03/04", "2025/2021", "../..", "/", "..", "unknown", "2016S2", "Y170000002",
        "-0044", "[2016,2017]", "{2016..2018}", "2016-05-04T10:00:00Z", "next year", "๒๐๑๖", "2016-21-05",
    ],
)  # fmt: skip
def test_what_is_no_edtf_date_is_refused_with_what_is_allowed(edtf: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        bounds(edtf)
    assert caught.value.hint
    assert repr(edtf) in caught.value.message


_DAYS = st.dates(min_value=date(1000, 1, 1), max_value=date(9000, 12, 31))
_PLAIN = st.one_of(
    _DAYS.map(str),
    _DAYS.map(lambda day: f"{day:%Y-%m}"),
    _DAYS.map(lambda day: f"{day:%Y}"),
    _DAYS.map(lambda day: f"{day.year // 10}X"),
    st.builds("{}-{}".format, st.integers(1000, 9000), st.integers(33, 41)),
)


def _reference(value: str) -> tuple[str, str]:
    parsed = parse_edtf(value)
    return tuple(
        "{:04}-{:02}-{:02}".format(*side[:3]) for side in (parsed.lower_strict(), parsed.upper_strict())
    )


@given(_PLAIN)
def test_plain_dates_agree_with_the_reference(value: str) -> None:
    extent = bounds(value)
    assert (str(extent.earliest_start), str(extent.latest_end)) == _reference(value)


@given(_PLAIN, _PLAIN)
def test_intervals_are_ordered(one: str, other: str) -> None:
    try:
        extent = bounds(f"{one}/{other}")
    except InvalidValue:
        assert bounds(one).earliest_start > bounds(other).latest_end
    else:
        assert extent.possible
        assert (extent.earliest_start, extent.latest_end) == (_first(one), _last(other))


def _first(value: str) -> date | None:
    return bounds(value).earliest_start


def _last(value: str) -> date | None:
    return bounds(value).latest_end


@given(st.text("0123456789X-/?~%. ", max_size=24))
def test_any_text_is_read_or_refused(value: str) -> None:
    try:
        extent = bounds(value)
    except InvalidValue:
        return
    assert extent.possible


def test_a_witness_proves_nothing_before_or_after() -> None:
    assert attested(["2023-11-22"]) == Bounds(None, D("2023-11-22"), D("2023-11-22"), None)
    assert attested(["2023-11", "2024"]) == Bounds(None, D("2023-11-30"), D("2024-01-01"), None)
    assert attested([]) == Bounds()


def test_an_open_interval_is_no_witness() -> None:
    with pytest.raises(InvalidValue, match="witnesses no date"):
        attested(["2016/.."])


@pytest.mark.parametrize(
    ("extent", "day", "expected"),
    [
        (bounds("2021/2025"), "2020-12-31", Certainty.NOT),
        (bounds("2021/2025"), "2021-06-01", Certainty.POSSIBLY),
        (bounds("2021/2025"), "2023-06-01", Certainty.CERTAINLY),
        (bounds("2021/2025"), "2025-06-01", Certainty.POSSIBLY),
        (bounds("2021/2025"), "2026-01-01", Certainty.NOT),
        (bounds("2021/.."), "2030-01-01", Certainty.POSSIBLY),
        (bounds("2016"), "2016-06-01", Certainty.POSSIBLY),
        (bounds("2023-11-22"), "2023-11-22", Certainty.CERTAINLY),
        (attested(["2023-11-22"]), "2023-11-22", Certainty.CERTAINLY),
        (attested(["2023-11-22"]), "2023-11-23", Certainty.POSSIBLY),
        (attested(["2021-01-01", "2023-01-01"]), "2022-01-01", Certainty.CERTAINLY),
        (Bounds(), "2022-01-01", Certainty.POSSIBLY),
    ],
)
def test_on_a_day_a_state_holds_certainly_possibly_or_not(
    extent: Bounds, day: str, expected: Certainty
) -> None:
    assert holds(extent, D(day)) is expected


def test_two_sources_together_are_narrower_than_either() -> None:
    assert bounds("2016") & bounds("2016-01-18") == bounds("2016-01-18")
    assert bounds("2016/..") & attested(["2018"]) == Bounds(
        D("2016-01-01"), D("2016-12-31"), D("2018-01-01"), None
    )
    assert not (bounds("2016") & bounds("2017")).possible


@given(_PLAIN, _DAYS, st.integers(0, 4000))
def test_a_day_outside_a_known_span_is_never_possible(value: str, day: date, off: int) -> None:
    extent = bounds(value)
    assert extent.earliest_start is not None
    assert holds(extent, extent.earliest_start - timedelta(days=off + 1)) is Certainty.NOT

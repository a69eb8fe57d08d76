"""Dates as far as they are known: one EDTF value in, four `datetime.date` bounds out (ISO 8601-2, EDTF).

Of EDTF this reads what a record of public affairs needs: years, months and days, each digit of which may be
unknown (`X`); the qualifiers `?`, `~` and `%`; seasons, quarters and halves of a year; and intervals with an
open (`..`) or unknown (empty) side. Times of day, sets, exponents and years outside 0001 to 9999 are refused.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from diplograph.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ALLOWED = (
    "an EDTF value is a year, month or day (2016, 2016-03, 2016-03-31), with X for unknown digits, a season "
    "or quarter (2021-35 is the third quarter), any of them with ?, ~ or %, or an interval A/B, .. being open"
)

# Sub-year groupings: first month, months. The seasons 21-24 are "independent of location" (EDTF level 1), so
# all that is sure is the year; a winter may run into the next.
_GROUPS = {
    21: (1, 12), 22: (1, 12), 23: (1, 12), 24: (1, 14),
    25: (3, 3), 26: (6, 3), 27: (9, 3), 28: (12, 3),
    29: (9, 3), 30: (12, 3), 31: (3, 3), 32: (6, 3),
    33: (1, 3), 34: (4, 3), 35: (7, 3), 36: (10, 3),
    37: (1, 4), 38: (5, 4), 39: (9, 4),
    40: (1, 6), 41: (7, 6),
}  # fmt: skip
_FORM = re.compile(r"([0-9X]{4})(?:-([0-9X]{2})(?:-([0-9X]{2}))?)?")
_QUALIFIER = re.compile(r"[?~%]")
_QUALIFIED = re.compile(r"[?~%]?[0-9X]{4}[?~%]?(?:-[?~%]?[0-9X]{2}[?~%]?){0,2}")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which days something started and ended; None where nothing is known or the side is open."""

    earliest_start: date | None = None
    latest_start: date | None = None
    earliest_end: date | None = None
    latest_end: date | None = None

    def __and__(self, other: Bounds) -> Bounds:
        """Returns what both say together: the narrowest bounds that either gives."""
        return Bounds(
            _pick(max, self.earliest_start, other.earliest_start),
            _pick(min, self.latest_start, other.latest_start),
            _pick(max, self.earliest_end, other.earliest_end),
            _pick(min, self.latest_end, other.latest_end),
        )

    def __or__(self, other: Bounds) -> Bounds:
        """Returns what either may mean: the widest bounds, with None where one of the two knows nothing."""
        return Bounds(
            _pick(min, self.earliest_start, other.earliest_start, lenient=False),
            _pick(max, self.latest_start, other.latest_start, lenient=False),
            _pick(min, self.earliest_end, other.earliest_end, lenient=False),
            _pick(max, self.latest_end, other.latest_end, lenient=False),
        )

    @property
    def possible(self) -> bool:
        """Whether any start and end fit: False when two sources contradict each other."""
        return (
            _ordered(self.earliest_start, self.latest_start)
            and _ordered(self.earliest_end, self.latest_end)
            and _ordered(self.earliest_start, self.latest_end)
        )


class Certainty(Enum):
    """How sure it is that something holds on a day."""

    CERTAINLY = "certainly"
    POSSIBLY = "possibly"
    NOT = "not"


def bounds(edtf: str) -> Bounds:
    """Returns the bounds of an EDTF value.

    A qualifier does not say how far off a value may be; an approximate or uncertain one is taken to lie
    within its neighbours: the year, month or day before and after.

    >>> bounds("2016")
    Bounds(earliest_start=datetime.date(2016, 1, 1), latest_start=datetime.date(2016, 12, 31), \
earliest_end=datetime.date(2016, 1, 1), latest_end=datetime.date(2016, 12, 31))
    >>> bounds("2021/..").earliest_start
    datetime.date(2021, 1, 1)

    Args:
        edtf: The value, exactly as written: no blanks around it.

    Raises:
        InvalidValue: It is not EDTF, not a day of the calendar, or an interval that ends before it starts.
    """
    start, slash, end = edtf.partition("/")
    if not slash:
        first, last = _span(start, edtf)
        return Bounds(first, last, first, last)
    if start in ("", "..") and end in ("", ".."):
        raise InvalidValue(f"no date in the interval {edtf!r}", hint=ALLOWED)
    from_first, from_last = (None, None) if start in ("", "..") else _span(start, edtf)
    to_first, to_last = (None, None) if end in ("", "..") else _span(end, edtf)
    if not _ordered(from_first, to_last):
        raise InvalidValue(
            f"the interval {edtf!r} ends before it starts", hint="write the earlier date first"
        )
    return Bounds(from_first, from_last, to_first, to_last)


def attested(edtfs: Iterable[str]) -> Bounds:
    """Returns the bounds of a state that is only witnessed on some dates, with no word on before or after.

    It had started by the first witness and had not ended before the last; nothing more is claimed.

    Raises:
        InvalidValue: One of the values is not EDTF, or has no upper or lower bound.
    """
    spans = [_witness(edtf) for edtf in edtfs]
    if not spans:
        return Bounds()
    return Bounds(latest_start=min(last for _, last in spans), earliest_end=max(first for first, _ in spans))


def holds(extent: Bounds, day: date) -> Certainty:
    """Returns whether something of these bounds holds on a day.

    Certainly: it had started by then and had not ended yet (latest start ≤ day ≤ earliest end). Not: the day
    is before the earliest start or after the latest end. Possibly: all between, and whatever is unknown.
    """
    if not _ordered(extent.earliest_start, day) or not _ordered(day, extent.latest_end):
        return Certainty.NOT
    if extent.latest_start is None or extent.earliest_end is None:
        return Certainty.POSSIBLY
    return Certainty.CERTAINLY if extent.latest_start <= day <= extent.earliest_end else Certainty.POSSIBLY


def _witness(edtf: str) -> tuple[date, date]:
    extent = bounds(edtf)
    if extent.earliest_start is None or extent.latest_end is None:
        raise InvalidValue(f"{edtf!r} is open on one side and so witnesses no date", hint="write both ends")
    return extent.earliest_start, extent.latest_end


def _span(value: str, whole: str) -> tuple[date, date]:
    """Returns the first and the last day that one side of an EDTF value may mean."""
    if not _QUALIFIED.fullmatch(value):
        raise InvalidValue(f"{whole!r} is not an EDTF date", hint=ALLOWED)
    match = _FORM.fullmatch(_QUALIFIER.sub("", value))
    assert match is not None
    year, month, day = match.groups()
    if month is not None and month.isdecimal() and int(month) in _GROUPS and day is None:
        first, last = _group(year, int(month), whole)
    else:
        first, last = _dated(year, month, day, whole)
    if _QUALIFIER.search(value):
        return _widened(first, last, year, month, day)
    return first, last


def _dated(year: str, month: str | None, day: str | None, whole: str) -> tuple[date, date]:
    first = next(_days(year, month or "XX", day or "XX", 1), None)
    last = next(_days(year, month or "XX", day or "XX", -1), None)
    if first is None or last is None:
        raise InvalidValue(f"no such day in the calendar: {whole!r}", hint=ALLOWED)
    return first, last


def _group(year: str, group: int, whole: str) -> tuple[date, date]:
    months, length = _GROUPS[group]
    first, last = _dated(year, None, None, whole)
    return first.replace(month=months), _month_end(last.year * 12 + months - 1 + length - 1)


def _days(year: str, month: str, day: str, step: int) -> Iterator[date]:
    """Yields the days that fit a pattern with unknown digits, from the first on or from the last back."""
    for y in _numbers(year, 1, 9999, step):
        for m in _numbers(month, 1, 12, step):
            for d in _numbers(day, 1, monthrange(y, m)[1], step):
                yield date(y, m, d)


def _numbers(pattern: str, low: int, high: int, step: int) -> Iterator[int]:
    low = max(low, int(pattern.replace("X", "0")))
    high = min(high, int(pattern.replace("X", "9")))
    shape = re.compile(pattern.replace("X", "[0-9]"))
    for number in range(low, high + 1)[::step]:
        if shape.fullmatch(str(number).zfill(len(pattern))):
            yield number


def _widened(first: date, last: date, year: str, month: str | None, day: str | None) -> tuple[date, date]:
    """Returns a span with its neighbours: one more unit of the last written part on each side."""
    if day is not None and "X" not in day:
        return _clamped(first.toordinal() - 1), _clamped(last.toordinal() + 1)
    months = 12 * 10 ** year.count("X") if month is None or "X" in month else 1
    if month is not None and month.isdecimal() and int(month) in _GROUPS:
        months = _GROUPS[int(month)][1]
    return _month_start(first.year * 12 + first.month - 1 - months), _month_end(
        last.year * 12 + last.month - 1 + months
    )


def _clamped(ordinal: int) -> date:
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))


def _month_start(months: int) -> date:
    """Returns the first day of a month, counted from the year 0, and never before the calendar begins."""
    return date(months // 12, months % 12 + 1, 1) if months >= 12 else date.min


def _month_end(months: int) -> date:
    year, month = months // 12, months % 12 + 1
    return date(year, month, monthrange(year, month)[1]) if year <= date.max.year else date.max


def _ordered(earlier: date | None, later: date | None) -> bool:
    return earlier is None or later is None or earlier <= later


def _pick(
    choose: Callable[[date, date], date], one: date | None, other: date | None, *, lenient: bool = True
) -> date | None:
    if one is None or other is None:
        return (one or other) if lenient else None
    return choose(one, other)

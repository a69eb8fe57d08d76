from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diplograph.errors import InvalidValue, NotFound
from diplograph.text import (
    Passage,
    christian_year,
    digest,
    fold,
    is_passage,
    load_texts,
    paragraph_at,
    paragraphs,
)

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE = "https://w3id.org/diplograph/article/an-article"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Phăn-khăm Vi-pha-văn", "PHANKHAM VIPHAVAN"),
        ("Đỗ Mười", "do muoi"),
        ("N\u2019Djamena", "N'Djamena"),
        ("Viet Nam", "Vietnam"),
        ("Lao P.D.R.", "Lao PDR"),
        ("non\u2011breaking\u00a0name", "Non-breaking Name"),
        ("zero\u200bwidth", "zerowidth"),
        ("Hồ\u0300", "Ho"),
        ("STRASSE", "Straße"),
        ("สปป. ลาว", "สปปลาว"),
    ],
)
def test_spellings_of_one_name_meet(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("ปา", "ป่า"), ("ມາ", "ມ້າ"), ("กิน", "กัน"), ("Laos", "Lao")])
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(name: str) -> None:
    assert fold(fold(name)) == fold(name)


def test_a_buddhist_year() -> None:
    assert christian_year(2567) == 2024
    with pytest.raises(InvalidValue):
        christian_year(543)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_passage_and_its_iri_are_one(start: int, length: int) -> None:
    passage = Passage(ARTICLE, start, start + length)
    assert Passage.of(passage.iri) == passage
    assert is_passage(passage.iri)
    assert passage.slug == "an-article"


@pytest.mark.parametrize(
    "fragment", ["", "#", "#char=5", "#char=5,5", "#char=7,5", "#char=05,7", "#char=-1,5", "#line=1,2"]
)
def test_what_names_no_passage_is_refused(fragment: str) -> None:
    with pytest.raises(InvalidValue):
        Passage.of(ARTICLE + fragment)


def test_positions_count_code_points() -> None:
    text = "ประเทศลาว 🙂 นโยบาย"
    assert Passage(ARTICLE, 10, 11).within(text) == "🙂"
    assert Passage(ARTICLE, 0, 99).within(text) is None


def test_paragraphs_are_the_lines_that_are_not_blank() -> None:
    text = "One.\n\n \nTwo.\nThree."
    assert [text[a:b] for a, b in paragraphs(text)] == ["One.", "Two.", "Three."]
    assert [paragraph_at(text, text.index(word)) for word in ("One", "Two", "Three")] == [1, 2, 3]
    assert paragraph_at(text, 5) == 1


def test_texts_are_found_by_their_digest(tmp_path: Path) -> None:
    data = "Zeile\r\nนโยบาย".encode()
    (tmp_path / "any name.txt").write_bytes(data)
    assert load_texts(tmp_path) == {digest(data): "Zeile\r\nนโยบาย"}


def test_texts_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_texts(tmp_path / "absent")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(InvalidValue, match="UTF-8 at byte 3"):
        load_texts(tmp_path)

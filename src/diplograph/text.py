"""Names, calendars, passages and digests: what is asked of a text before anything is known about it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from diplograph.errors import InvalidValue, NotFound, Place
from diplograph.vocabulary import ARTICLE

if TYPE_CHECKING:
    from pathlib import Path

BUDDHIST_OFFSET = 543
"""Years by which the Buddhist era, as Thailand counts it, is ahead of the Christian one."""

# Marks that are put on Latin, Greek or Cyrillic letters. Vowels and tones of Thai and Lao are marks too, but
# letters in all but name: without them two different words look the same.
_DIACRITICS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
# Letters whose stroke is no mark to Unicode, and spelling signs that are not punctuation to it.
_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ø": "o", "ı": "i", "`": None, "´": None, "ʼ": None}
)
_FRAGMENT = re.compile(r"char=(0|[1-9][0-9]*),([1-9][0-9]*)")


def fold(name: str) -> str:
    """Returns the form of a name under which all its spellings meet.

    Case, blanks, hyphens and other punctuation, and diacritics go; scripts other than Latin, Greek
    and Cyrillic keep their marks. Folding twice changes nothing.

    >>> fold("Phăn-khăm Vi-pha-văn") == fold("Phankham Viphavan")
    True
    """
    plain = _DIACRITICS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold()))
    kept = (letter for letter in plain.translate(_LETTERS) if unicodedata.category(letter)[0] not in "PZC")
    return unicodedata.normalize("NFC", "".join(kept))


def christian_year(buddhist_year: int) -> int:
    """Returns the year of the Christian era for a year of the Buddhist era.

    >>> christian_year(2567)
    2024

    Raises:
        InvalidValue: The year lies before the Christian era.
    """
    if buddhist_year <= BUDDHIST_OFFSET:
        raise InvalidValue(
            f"the Buddhist year {buddhist_year} is before the Christian era", hint="years from 544"
        )
    return buddhist_year - BUDDHIST_OFFSET


@dataclass(frozen=True, slots=True, order=True)
class Passage:
    """A span of an article: code points of the decoded text, end exclusive (RFC 5147 `char=`).

    Args:
        article: The IRI of the article.
        start: The position before the first character, from 0.
        end: The position after the last character; greater than start.
    """

    article: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise InvalidValue(
                f"a passage from {self.start} to {self.end} holds no text", hint="0 <= start < end"
            )

    @classmethod
    def of(cls, iri: NamedNode | str) -> Passage:
        """Returns the passage that an IRI names.

        >>> Passage.of("https://w3id.org/diplograph/article/a#char=1,5")
        Passage(article='https://w3id.org/diplograph/article/a', start=1, end=5)

        Raises:
            InvalidValue: The IRI has no `char=` fragment, or an empty one.
        """
        text = iri.value if isinstance(iri, NamedNode) else iri
        article, _, fragment = text.partition("#")
        match = _FRAGMENT.fullmatch(fragment)
        if match is None:
            raise InvalidValue(
                f"<{text}> is not the IRI of a passage", hint="it ends in #char=START,END (RFC 5147)"
            )
        return cls(article, int(match[1]), int(match[2]))

    @property
    def iri(self) -> NamedNode:
        """The IRI of the passage, which is the name of its graph."""
        return NamedNode(f"{self.article}#char={self.start},{self.end}")

    @property
    def slug(self) -> str:
        """The short name of the article."""
        return ARTICLE.local(self.article)

    def within(self, text: str) -> str | None:
        """Returns the characters of the passage, or None if the text is too short."""
        return text[self.start : self.end] if self.end <= len(text) else None


def is_passage(iri: NamedNode | str) -> bool:
    """Returns whether an IRI names a passage."""
    text = iri.value if isinstance(iri, NamedNode) else iri
    return _FRAGMENT.fullmatch(text.partition("#")[2]) is not None


def digest(text: str | bytes) -> str:
    """Returns `sha256-` and the hexadecimal SHA-256 of the bytes, or of the UTF-8 of the characters."""
    data = text.encode() if isinstance(text, str) else text
    return "sha256-" + hashlib.sha256(data).hexdigest()


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Returns the spans of the paragraphs: the lines that are not blank, in order, without line ends."""
    spans, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def paragraph_at(text: str, position: int) -> int:
    """Returns the number, from 1, of the paragraph that a position is in, or of the last one before it."""
    return max(1, sum(1 for start, _ in paragraphs(text) if start <= position))


def load_texts(folder: Path) -> dict[str, str]:
    """Reads the article texts of a folder (`*.txt`, UTF-8), whatever their names are.

    Returns:
        The digest of each file's bytes, to its characters exactly as they are: line ends are not translated.

    Raises:
        NotFound: There is no such folder.
        InvalidValue: A file is not UTF-8.
    """
    if not folder.is_dir():
        raise NotFound("the folder of the article texts does not exist", place=Place(file=folder))
    texts = {}
    for path in sorted(folder.glob("*.txt")):
        text = read_text(path)
        texts[digest(text)] = text
    return texts


def read_text(path: Path) -> str:
    """Returns the text of a file, each character as it is there, ends of lines included.

    Raises:
        InvalidValue: The file is not UTF-8; the message says at which byte.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidValue(f"not UTF-8 at byte {error.start}", place=Place(file=path)) from error

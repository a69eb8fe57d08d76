"""Values of literals: what is well-typed, which literals denote one value.

And which value lies in which datatype.

Covers the datatypes of the OWL 2 RL datatype map (OWL 2 Profiles section 4.2, table 2) whose values can be
compared, plus `xsd:gYear`, `xsd:gYearMonth` and `xsd:duration`-free dates. Of any other datatype nothing is
claimed: its literals are equal when they are the same, and neither well- nor ill-typed.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import Literal, NamedNode

from diplograph.vocabulary import OWL, RDF, RDFS, XSD

if TYPE_CHECKING:
    from collections.abc import Callable

Value: TypeAlias = "tuple[str, object]"
"""A value as (name of the primitive value space, key): equal keys, equal values."""

_INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "nonPositiveInteger": (None, 0),
    "positiveInteger": (1, None),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_DOUBLE = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN")
_ZONE = r"(?P<zone>Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_YEAR = r"(?P<year>-?([1-9][0-9]{3,}|0[0-9]{3}))"
_MONTH = r"-(?P<month>0[1-9]|1[0-2])"
_DAY = r"-(?P<day>0[1-9]|[12][0-9]|3[01])"
_TIME = r"T(?P<hour>[01][0-9]|2[0-4]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9])(?P<part>\.[0-9]+)?"
_CALENDAR = {
    "date": re.compile(_YEAR + _MONTH + _DAY + _ZONE),
    "dateTime": re.compile(_YEAR + _MONTH + _DAY + _TIME + _ZONE),
    "gYear": re.compile(_YEAR + _ZONE),
    "gYearMonth": re.compile(_YEAR + _MONTH + _ZONE),
}
_TOKEN = re.compile(r"\s+")
_STRINGS: dict[str, re.Pattern[str]] = {
    "string": re.compile(r".*", re.DOTALL),
    "normalizedString": re.compile(r"[^\r\n\t]*"),
    "token": re.compile(r"([^\r\n\t ]+( [^\r\n\t ]+)*)?"),
    "language": re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*"),
    "NMTOKEN": re.compile(r"[\w.:\-·]+"),
    "Name": re.compile(r"[^\W\d][\w.:\-·]*|:[\w.:\-·]*"),
    "NCName": re.compile(r"[^\W\d][\w.\-·]*"),
}


def _integer(name: str) -> Callable[[str], Value | None]:
    low, high = _INTEGERS[name]

    def read(text: str) -> Value | None:
        if not _INTEGER.fullmatch(text):
            return None
        number = int(text)
        inside = (low is None or low <= number) and (high is None or number <= high)
        return ("number", Decimal(number)) if inside else None

    return read


def _decimal(text: str) -> Value | None:
    return ("number", Decimal(text)) if _DECIMAL.fullmatch(text) else None


def _floating(space: str) -> Callable[[str], Value | None]:
    def read(text: str) -> Value | None:
        if not _DOUBLE.fullmatch(text):
            return None
        number = float(text.replace("INF", "inf"))
        return (space, "NaN" if number != number else (number, str(number).startswith("-")))

    return read


def _boolean(text: str) -> Value | None:
    known = {"true": True, "1": True, "false": False, "0": False}
    return ("boolean", known[text]) if text in known else None


def _calendar(name: str) -> Callable[[str], Value | None]:
    pattern = _CALENDAR[name]

    def read(text: str) -> Value | None:
        found = pattern.fullmatch(text)
        if found is None:
            return None
        parts = found.groupdict()
        year, month, day = int(parts["year"]), int(parts.get("month") or 1), int(parts.get("day") or 1)
        if day > _days_in(year, month) or not _is_time(parts):
            return None
        minutes = int(parts.get("hour") or 0) * 60 + int(parts.get("minute") or 0)
        seconds = Decimal(parts.get("second") or 0) + Decimal(parts.get("part") or 0)
        zone = _minutes_of(parts["zone"])
        total = Decimal((_day_number(year, month, day) * 1440 + minutes - (zone or 0)) * 60) + seconds
        return (name, (total, zone is not None))

    return read


def _is_time(parts: dict[str, str | None]) -> bool:
    return parts.get("hour") != "24" or (
        parts["minute"] == "00" and not Decimal((parts["second"] or "0") + (parts["part"] or ""))
    )


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _day_number(year: int, month: int, day: int) -> int:
    year, month = (year - 1, month + 9) if month < 3 else (year, month - 3)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day


def _minutes_of(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    return (-1 if zone[0] == "-" else 1) * (int(zone[1:3]) * 60 + int(zone[4:6]))


def _string(name: str) -> Callable[[str], Value | None]:
    pattern = _STRINGS[name]
    return lambda text: ("string", text) if pattern.fullmatch(text) else None


_READERS: dict[str, Callable[[str], Value | None]] = {
    **{XSD[name].value: _integer(name) for name in _INTEGERS},
    XSD.decimal.value: _decimal,
    XSD.double.value: _floating("double"),
    XSD.float.value: _floating("float"),
    XSD.boolean.value: _boolean,
    **{XSD[name].value: _calendar(name) for name in _CALENDAR},
    **{XSD[name].value: _string(name) for name in _STRINGS},
    XSD.anyURI.value: lambda text: ("uri", text),
}
_COLLAPSING = frozenset(_READERS) - {XSD.string.value, XSD.normalizedString.value}
_SPACES = {
    XSD.decimal.value: "number",
    XSD.double.value: "double",
    XSD.float.value: "float",
    XSD.boolean.value: "boolean",
    XSD.anyURI.value: "uri",
    **{XSD[name].value: name for name in _CALENDAR},
}

DATATYPES: frozenset[str] = frozenset(
    [
        *_READERS,
        RDFS.Literal.value,
        RDF.PlainLiteral.value,
        RDF.langString.value,
        RDF.XMLLiteral.value,
        OWL.real.value,
        OWL.rational.value,
        XSD.dateTimeStamp.value,
        XSD.hexBinary.value,
        XSD.base64Binary.value,
    ]
)
"""The IRIs of the datatypes of the map (rule dt-type1)."""

ANNOTATION_PROPERTIES: frozenset[str] = frozenset(
    [RDFS[name].value for name in ("label", "comment", "seeAlso", "isDefinedBy")]
    + [
        OWL[name].value
        for name in (
            "deprecated",
            "versionInfo",
            "priorVersion",
            "backwardCompatibleWith",
            "incompatibleWith",
        )
    ]
)
"""The built-in annotation properties of OWL 2 RL (rule prp-ap)."""


@lru_cache(maxsize=65536)
def value(literal: Literal) -> Value | None:
    """Returns the value of a literal.

    Or None where it is ill-typed or of a datatype of which nothing is claimed.
    """
    if literal.language is not None:
        return ("text", (literal.value, literal.language.lower()))
    reader = _READERS.get(literal.datatype.value)
    if reader is None:
        return None
    text = _TOKEN.sub(" ", literal.value).strip() if literal.datatype.value in _COLLAPSING else literal.value
    return reader(text)


def is_ill_typed(literal: Literal) -> bool:
    """Says whether a literal is no way to write a value of its own datatype.

    False where nothing is claimed.
    """
    return literal.language is None and literal.datatype.value in _READERS and value(literal) is None


def same_value(one: Literal, other: Literal) -> bool:
    """Says whether two literals are known to denote one value."""
    return one == other or (value(one) is not None and value(one) == value(other))


def different_value(one: Literal, other: Literal) -> bool:
    """Says whether two literals are known to denote different values."""
    first, second = value(one), value(other)
    return first is not None and second is not None and first != second


def in_value_space(literal: Literal, datatype: NamedNode) -> bool | None:
    """Says whether the value of a literal lies in a datatype; None where that is not known."""
    iri = datatype.value
    if iri not in DATATYPES:
        return None
    if is_ill_typed(literal):
        return False
    found = value(literal)
    if iri == RDFS.Literal.value or literal.datatype.value == iri:
        return True
    if found is None:
        return None
    space, key = found
    if iri in _SPACES:
        return _SPACES[iri] == space
    if iri in (OWL.real.value, OWL.rational.value):
        return space == "number"
    if iri in (RDF.PlainLiteral.value, RDF.langString.value):
        return space == "text" or (space == "string" and iri == RDF.PlainLiteral.value)
    if iri == XSD.dateTimeStamp.value:
        return space == "dateTime" and isinstance(key, tuple) and bool(key[1])
    if iri not in _READERS:
        return False if space != "string" else None
    if space == "number":
        if XSD.local(iri) not in _INTEGERS or not isinstance(key, Decimal) or key != key.to_integral_value():
            return False
        return _READERS[iri](str(int(key))) is not None
    return space == "string" and _READERS[iri](str(key)) is not None


def holds(name: str, *terms: object) -> bool:
    """Decides a datatype test of the rule table (tables 5 and 8) on terms."""
    if name == "datatype":
        return isinstance(terms[0], NamedNode) and terms[0].value in DATATYPES
    if name == "annotation-property":
        return isinstance(terms[0], NamedNode) and terms[0].value in ANNOTATION_PROPERTIES
    first = terms[0]
    if not isinstance(first, Literal):
        return False
    if name == "ill-typed":
        return is_ill_typed(first)
    second = terms[1]
    if name in ("same-value", "different-value"):
        decide = same_value if name == "same-value" else different_value
        return isinstance(second, Literal) and decide(first, second)
    if not isinstance(second, NamedNode):
        return False
    return in_value_space(first, second) is (name == "in-value-space")


def compare(operator: str, one: object, other: object) -> bool:
    """Decides a comparison in a domain rule: `=` and `!=` on any terms, order on literals of one value space.

    False where two terms cannot be compared, as an error is in a SPARQL FILTER.
    """
    if not isinstance(one, Literal) or not isinstance(other, Literal):
        return (one == other) is (operator == "=") if operator in ("=", "!=") else False
    if operator in ("=", "!="):
        return same_value(one, other) is (operator == "=")
    first, second = order(one), order(other)
    if first is None or second is None or first[0] != second[0]:
        return False
    low, high = first[1], second[1]
    less, equal = low < high, low == high  # type: ignore[operator]  # keys of one space compare
    return bool({"<": less, "<=": less or equal, ">": not less and not equal, ">=": not less}[operator])


def order(literal: Literal) -> tuple[str, object] | None:
    """Returns (name of an ordered space, place in it) for a literal that can be compared, else None."""
    found = value(literal)
    if found is None or found[0] in ("uri", "text", "boolean", "string"):
        return None
    space, key = found
    if space in _CALENDAR and isinstance(key, tuple):
        return (f"{space}{'' if key[1] else ' without zone'}", key[0])
    if space in ("double", "float"):
        return ("number", Decimal(key[0])) if isinstance(key, tuple) else None
    return (space, key)

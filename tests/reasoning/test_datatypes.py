"""Values of literals."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode
from reasoning.support import close, term, triples

from diplograph.reasoning import datatypes
from diplograph.reasoning.datatypes import compare, different_value, in_value_space, is_ill_typed, same_value

XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "'01'^^xsd:integer"),
        ("1", "1.0"),
        ("1", "'1'^^xsd:unsignedByte"),
        ("1.50", "'+1.5'^^xsd:decimal"),
        ("true", "'1'^^xsd:boolean"),
        ("1.0e0", "'1'^^xsd:double"),
        ("'2020-01-01Z'^^xsd:date", "'2020-01-01+00:00'^^xsd:date"),
        ("'2020-01-01T12:00:00Z'^^xsd:dateTime", "'2020-01-01T14:00:00+02:00'^^xsd:dateTime"),
        ("'2020-01-01T24:00:00'^^xsd:dateTime", "'2020-01-02T00:00:00'^^xsd:dateTime"),
        ("'a'", "'a'^^xsd:token"),
    ],
)
def test_one_value(one: str, other: str) -> None:
    assert same_value(term(one), term(other))
    assert not different_value(term(one), term(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "2"),
        ("1", "1.0e0"),
        ("'a'", "'a'@en"),
        ("'2020-01-01'^^xsd:date", "'2020-01-01Z'^^xsd:date"),
        ("'2020'^^xsd:gYear", "'2020-01-01'^^xsd:date"),
        ("1", "'1'"),
    ],
)
def test_two_values(one: str, other: str) -> None:
    assert different_value(term(one), term(other))


@pytest.mark.parametrize(
    "text",
    [
        "'x'^^xsd:integer", "'1.5'^^xsd:integer", "'-1'^^xsd:nonNegativeInteger", "'300'^^xsd:unsignedByte",
        "'2021-02-29'^^xsd:date", "'2020-13-01'^^xsd:date", "'20'^^xsd:gYear", "'yes'^^xsd:boolean",
        "'2020-01-01T25:00:00'^^xsd:dateTime", "'a  b'^^xsd:NCName",
    ],
)  # fmt: skip
def test_ill_typed(text: str) -> None:
    assert is_ill_typed(term(text))


@pytest.mark.parametrize(
    ("text", "datatype", "expected"),
    [
        ("1", "byte", True), ("200", "byte", False), ("1.5", "integer", False), ("2.0", "integer", True),
        ("1", "decimal", True), ("1", "double", False), ("'a'", "string", True), ("'a'@en", "string", False),
        ("'a b'", "NCName", False), ("'2020-01-01'^^xsd:date", "dateTime", False), ("1", "unheardOf", None),
    ],
)  # fmt: skip
def test_in_value_space(text: str, datatype: str, expected: bool | None) -> None:
    assert in_value_space(term(text), NamedNode(XSD + datatype)) is expected


def test_order() -> None:
    assert compare("<", term("9"), term("10"))
    assert compare("<=", term("'2020-05-01'^^xsd:date"), term("'2020-05-01'^^xsd:date"))
    assert not compare("<", term("'2020'^^xsd:gYear"), term("'2021-01-01'^^xsd:date"))
    assert not compare("<", term("1"), term("'2'"))
    assert compare("!=", term(":a"), term(":b"))
    assert not compare("<", term(":a"), term(":b"))


def test_an_unknown_datatype_claims_nothing() -> None:
    assert not is_ill_typed(term("'x'^^:mine"))
    assert not different_value(term("'x'^^:mine"), term("'y'^^:mine"))
    with close(":p a owl:FunctionalProperty . :a :p 'x'^^:mine , 'y'^^:mine .") as closure:
        assert closure.inconsistencies() == []


def test_equal_values_make_a_key() -> None:
    with close(":C owl:hasKey ( :k ) . :a a :C ; :k 1 . :b a :C ; :k '01'^^xsd:integer .") as closure:
        assert triples(":a owl:sameAs :b .")[0] in set(closure.inferred())


def test_every_reader_has_a_space() -> None:
    assert {
        XSD + name for name in ("integer", "date", "gYear", "boolean", "double", "string")
    } <= datatypes.DATATYPES

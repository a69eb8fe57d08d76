"""The tokens of SPARQL: values are bound as terms and never escape into the query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store

from diplograph import sparql
from diplograph.errors import SyntaxProblem


@given(st.text())
def test_tokens_joined_are_the_query(text: str) -> None:
    assert "".join(token.text for token in sparql.tokens(text)) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_bound_string_stays_one_string(value: str) -> None:
    query = sparql.bind("SELECT ?x WHERE { BIND (?_v AS ?x) }", {"_v": Literal(value)})
    (solution,) = Store().query(query)
    assert solution["x"] == Literal(value)


def test_only_variables_are_bound() -> None:
    query = 'SELECT ?a { ?_x <urn:?_x> \'?_x\' ; <urn:b> """?_x""" } # ?_x'
    assert sparql.bind(query, {"_x": NamedNode("urn:v")}) == query.replace("{ ?_x", "{ <urn:v>")


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("PREFIX a: <urn:select> ASK {}", "ask"),
        ("# select\nBASE <urn:x> construct { ?s ?p ?o } where {}", "construct"),
        ("DESCRIBE <urn:a>", "describe"),
    ],
)
def test_form(query: str, form: str) -> None:
    assert sparql.form(query) == form


def test_an_update_is_no_query() -> None:
    with pytest.raises(SyntaxProblem, match="must begin with SELECT"):
        sparql.form("DELETE WHERE { ?s ?p ?o }")


def test_prefixes() -> None:
    query = "PREFIX a: <urn:a:> SELECT ?x { ?x a:b c:d ; <urn:e:f> 'g:h' }"
    assert sparql.declared_prefixes(query) == {"a": "urn:a:"}
    assert sparql.used_prefixes(query) == {"a", "c"}
    added = sparql.with_prefixes(query, {"c": "urn:c:", "z": "urn:z:"})
    assert added == "PREFIX c: <urn:c:> " + query

"""The canonical form: equal for what is equal by value and by the shape of its blank nodes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from diplograph.push import canonical, digest
from diplograph.vocabulary import XSD

A, P, Q = NamedNode("urn:a"), NamedNode("urn:p"), NamedNode("urn:q")


def _of(turtle: str) -> frozenset[str]:
    head = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX : <urn:> "
    return canonical(quad.triple for quad in parse(head + turtle, format=RdfFormat.TURTLE))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (":a :p 01", ":a :p 1"),
        (":a :p 1.50", ":a :p 1.5"),
        (":a :p '1'^^xsd:boolean", ":a :p true"),
        (":a :p 1e3", ":a :p 1000.0e0"),
        (":a :p 'x'@en-GB", ":a :p 'x'@en-gb"),
        (":a :p 'x'^^xsd:string", ":a :p 'x'"),
        (":a :p '2016-01-01T07:00:00+07:00'^^xsd:dateTime", ":a :p '2016-01-01T00:00:00Z'^^xsd:dateTime"),
        (":a :p _:x . _:x :p _:y", ":a :p _:b . _:b :p _:a"),
        (":a :p [ :p 1 ], [ :p 2 ]", ":a :p [ :p 2 ], [ :p 01 ]"),
    ],
)
def test_the_same_graph(one: str, other: str) -> None:
    assert digest(_of(f"{one} .")) == digest(_of(f"{other} ."))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (":a :p 1", ":a :p 2"),
        (":a :p 1", ":a :p 1.0"),
        (":a :p 'x'@en", ":a :p 'x'@vi"),
        (":a :p '2016'^^xsd:gYear", ":a :p '2016'"),
        (":a :p 'many'^^xsd:integer", ":a :p 'few'^^xsd:integer"),
        (":a :p _:x . _:x :p _:x", ":a :p _:x . _:x :p _:y"),
    ],
)
def test_other_graphs(one: str, other: str) -> None:
    assert digest(_of(f"{one} .")) != digest(_of(f"{other} ."))


SUBJECTS = st.sampled_from([A, BlankNode("x"), BlankNode("y")])
TERMS = st.one_of(
    SUBJECTS,
    st.integers().map(lambda n: Literal(str(n), datatype=XSD.integer)),
    st.text(st.characters(exclude_categories=["Cs"])).map(Literal),
)
TRIPLES = st.lists(
    st.builds(Triple, st.sampled_from([A, BlankNode("x"), BlankNode("y")]), st.sampled_from([P, Q]), TERMS),
    max_size=8,
)


@given(TRIPLES, st.randoms())
def test_neither_order_nor_names_of_blank_nodes_count(triples: list[Triple], random) -> None:
    renamed = {BlankNode("x"): BlankNode("other"), BlankNode("y"): BlankNode("names")}
    shuffled = [
        Triple(renamed.get(each.subject, each.subject), each.predicate, renamed.get(each.object, each.object))
        for each in triples
    ]
    random.shuffle(shuffled)
    assert canonical(triples) == canonical(shuffled)

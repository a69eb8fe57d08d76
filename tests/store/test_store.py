"""The embedded store: what can be asked, and what is said of a query that cannot be."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from diplograph.errors import NotFound, ResourceLimit, SyntaxProblem
from diplograph.store import EmbeddedStore, Table, open_store

A, B, P = NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:p")
ONE, TWO = NamedNode("urn:graph:1"), NamedNode("urn:graph:2")


@pytest.fixture
def store() -> EmbeddedStore:
    return EmbeddedStore.from_quads(
        [Quad(A, P, B, ONE), Quad(A, P, B, TWO), Quad(B, P, Literal("x", language="lo"), TWO)]
    )


def test_default_graph_is_the_merge(store: EmbeddedStore) -> None:
    table = store.select("SELECT ?s ?o WHERE { ?s <urn:p> ?o } ORDER BY ?s")
    assert table == Table(("s", "o"), [(A, B), (B, Literal("x", language="lo"))])


def test_graph_reaches_single_graphs(store: EmbeddedStore) -> None:
    table = store.select("SELECT ?g WHERE { GRAPH ?g { <urn:a> <urn:p> <urn:b> } } ORDER BY ?g")
    assert table.values() == [("urn:graph:1",), ("urn:graph:2",)]


def test_forms(store: EmbeddedStore) -> None:
    assert store.ask("ASK { <urn:a> ?p ?o }") is True
    assert len(store.construct("CONSTRUCT { ?o <urn:q> ?s } WHERE { ?s <urn:p> ?o FILTER ISIRI(?o) }")) == 1
    with pytest.raises(SyntaxProblem, match="SELECT is wanted here"):
        store.select("ASK { ?s ?p ?o }")


def test_unbound_is_none(store: EmbeddedStore) -> None:
    table = store.select("SELECT ?x ?s WHERE { ?s <urn:p> <urn:b> OPTIONAL { ?s <urn:none> ?x } }")
    assert table.records() == [{"s": A}]
    assert table.values() == [(None, "urn:a")]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?s WHERE { ?s ?p ?o } LIMIT many", r"1:\d+: not well-formed"),
        ("SELECT ?s WHERE {\n  ?s dg:date ?o }", r"2:6: the prefix 'dg' is not declared"),
        ("SELECT ?s WHERE { ?s ?p ?o", r"1:\d+: the query ends too early"),
    ],
)
def test_a_wrong_query_is_placed(store: EmbeddedStore, query: str, message: str) -> None:
    with pytest.raises(SyntaxProblem, match=message):
        store.select(query)


def test_deadline_stops_between_solutions() -> None:
    store = EmbeddedStore.from_quads(Quad(NamedNode(f"urn:{i}"), P, Literal(i), ONE) for i in range(300))
    with pytest.raises(ResourceLimit, match=r"longer than 0\.01 s"):
        store.select("SELECT ?a ?b ?c WHERE { ?a <urn:p> ?x . ?b <urn:p> ?y . ?c <urn:p> ?z }", deadline=0.01)


def test_quads_of_a_pattern(store: EmbeddedStore) -> None:
    assert {quad.graph_name for quad in store.quads(A, P, B)} == {ONE, TWO}
    assert len(list(store.quads(graph=TWO))) == 2


def test_rdflib_sees_the_same(store: EmbeddedStore) -> None:
    dataset = store.rdflib()
    assert len(list(dataset.query("SELECT ?s ?o WHERE { ?s <urn:p> ?o }"))) == 2
    assert {str(graph.identifier) for graph in dataset.graphs() if len(graph)} >= {
        "urn:graph:1",
        "urn:graph:2",
    }


def test_no_build_is_said(tmp_path) -> None:
    with pytest.raises(NotFound, match="no built graph here\n  run `diplograph build` first"):
        open_store(tmp_path)


def test_extra_library_is_named(monkeypatch: pytest.MonkeyPatch, store: EmbeddedStore) -> None:
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    with pytest.raises(ImportError, match=r"pip install 'diplograph\[polars\]'"):
        store.select("SELECT ?s WHERE { ?s ?p ?o }").polars()

"""Proofs as text, data, drawings and RDF."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse
from reasoning.support import EX, quads, triples

from diplograph.reasoning import Closure, materialise, render

TEXT = """
:C rdfs:subClassOf :D ; rdfs:label "city"@en . :D rdfs:label "place"@en . :p rdfs:label "near"@en .
:q owl:propertyChainAxiom ( :p :p ) . :a a :C ; :p :b ; rdfs:label "Vientiane"@en . :b :p :c ; :n 3 .
"""


@pytest.fixture
def closure() -> Closure:
    return materialise(quads(TEXT, "art#char=1,9"))


@pytest.fixture
def proof(closure: Closure):
    return closure.explain(triples(":a :q :c .")[0])[0]


def test_tree(closure: Closure) -> None:
    (proof,) = closure.explain(triples(":a a :D .")[0])
    text = render.tree(proof, closure.name, lambda graph: "the words")
    assert text.splitlines() == [
        "Vientiane — is a — place  ← cax-sco: every city is a place",
        "├─ city — is a kind of — place  [art#char=1,9]",
        "│    “the words”",
        "└─ Vientiane — is a — city  [art#char=1,9]",
        "     “the words”",
    ]


def test_lists_are_shown_as_one(proof, closure: Closure) -> None:
    assert "list ( near near )" in render.tree(proof, closure.name)


def test_json_holds_the_whole_proof(proof, closure: Closure) -> None:
    data = json.loads(render.to_json(proof, closure.name))
    assert data["size"] == proof.size
    assert data["proof"]["rule"]["name"] == "prp-spo2"
    assert len(data["proof"]["premises"]) == 7
    assert data["proof"]["premises"][-1]["graphs"] == [f"{EX}art#char=1,9"]


def test_drawings_have_every_step(proof, closure: Closure) -> None:
    count = len({node.conclusion for node in proof.nodes()})
    assert render.dot(proof, closure.name).count("[shape=") == count
    assert render.mermaid(proof, closure.name).count("<br/>") == count
    assert '"' not in render.mermaid(proof, lambda _: 'a "b" <c>').replace('["', "").replace(
        '"]', ""
    ).replace('(["', "").replace('"])', "")


def test_markdown_escapes(proof) -> None:
    assert "\\*x\\*" in render.markdown(proof, lambda _: "*x*")


def test_prov_is_rdf_1_1_and_complete(proof) -> None:
    found = list(parse(render.turtle(render.prov(proof)), format=RdfFormat.TURTLE))
    sources = {quad.object for quad in found if quad.predicate.value.endswith("hadPrimarySource")}
    assert sources == {NamedNode(f"{EX}art#char=1,9")}
    activities = [quad for quad in found if quad.object == NamedNode("http://www.w3.org/ns/prov#Activity")]
    assert len(activities) == len(proof.steps())


def test_source_rules_name_the_rule_of_each_inferred_triple(closure: Closure) -> None:
    found = list(render.source_rules(closure))
    assert len(found) == 2 * sum(1 for _ in closure.inferred())
    text = render.turtle(found)
    assert len(list(parse(text, format=RdfFormat.TURTLE))) == len(found)
    assert "sh:sourceRule rule:prp-spo2" in text


def test_blank_nodes_of_a_proof_are_nodes(proof) -> None:
    assert all(isinstance(triple.subject, BlankNode) for triple in render.prov(proof))

"""What the ontology entails, what it does not, and what it forbids, as the cases beside this file say."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pytest
import rdflib
from ontology.axioms import Axiom, Ontology, axioms, disjoint_pairs, short
from ontology.cases import CASE_FILES, CONTRADICTION_FILE, SOURCES, Case, cases, contradictions, schema
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, Triple, serialize

from diplograph.reasoning import materialise
from diplograph.vocabulary import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from diplograph.reasoning.proof import Inconsistency

CASES = cases()
CONTRADICTIONS = contradictions()
ONTOLOGY = Ontology(*SOURCES)
SCHEMA = schema()
WRITTEN = Store()
for file in (*CASE_FILES, CONTRADICTION_FILE):
    WRITTEN.load(path=str(file), format=RdfFormat.TRIG)


def quads(triples: Iterable[Triple]) -> Iterator[Quad]:
    return (Quad(*triple) for triple in triples)


@lru_cache
def reasoned(name: str) -> tuple[set[Triple], list[Inconsistency]]:
    """What is given in a case with all that follows, and what contradicts itself in it."""
    [case] = [case for case in CASES if case.name == name]
    with materialise([*SCHEMA, *quads(case.given)]) as closure:
        return {*case.given, *closure.inferred()}, closure.inconsistencies()


def short_triple(triple: Triple) -> str:
    return " ".join(short(term) for term in triple)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    closure, _ = reasoned(case.name)
    assert sorted(map(short_triple, case.entailed - closure)) == [], "does not follow"
    assert sorted(map(short_triple, case.refuted & closure)) == [], "must not follow"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_is_consistent(case: Case) -> None:
    _, inconsistencies = reasoned(case.name)
    assert [str(each) for each in inconsistencies] == []


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradiction(name: str) -> None:
    with materialise([*SCHEMA, *quads(CONTRADICTIONS[name])]) as closure:
        assert closure.inconsistencies()


def test_every_two_disjoint_classes_exclude_each_other() -> None:
    pairs = disjoint_pairs(ONTOLOGY)
    assert len(pairs) > 80
    data = [
        Quad(NamedNode(f"https://example.org/both/{number}"), RDF.type, cls)
        for number, pair in enumerate(pairs)
        for cls in pair
    ]
    with materialise([*SCHEMA, *data]) as closure:
        found = closure.inconsistencies()
    told = " ".join(str(each) for each in found)
    missed = [pair for number, pair in enumerate(pairs) if f"https://example.org/both/{number}>" not in told]
    assert missed == []


EXERCISED = """ASK {{
    GRAPH ?given {{ {premises} }}
    GRAPH ?entailed {{ {consequence} }}
    FILTER(STR(?entailed) = REPLACE(STR(?given), "#given$", "#entailed") && STRENDS(STR(?given), "#given"))
    FILTER NOT EXISTS {{ GRAPH ?given {{ {consequence} }} }}
}}"""


@pytest.mark.parametrize("axiom", axioms(ONTOLOGY), ids=lambda axiom: axiom.name)
def test_axiom_is_exercised_by_a_case(axiom: Axiom) -> None:
    if axiom.consequence is None:
        query = f"ASK {{ GRAPH ?contradiction {{ {axiom.premises} }} }}"
    else:
        query = EXERCISED.format(premises=axiom.premises, consequence=axiom.consequence)
    assert bool(WRITTEN.query(query)), f"no case for: {axiom.name}"


KEYS = {"actors/code", "mechanisms/key"}
"""Cases that owlrl gets wrong: to it, all members of a class with a key are the same, whatever they have."""


@pytest.mark.slow
def test_the_reference_reasoner_agrees() -> None:
    owlrl = pytest.importorskip("owlrl")
    agreed = [case for case in CASES if case.name not in KEYS]
    given = [triple for case in agreed for triple in case.given]
    stated = serialize([*(quad.triple for quad in SCHEMA), *given], format=RdfFormat.N_TRIPLES)
    graph = rdflib.Graph().parse(data=stated, format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    closure = {tuple(term.n3() for term in triple) for triple in graph}
    for case in agreed:
        missing = [triple for triple in case.entailed if tuple(map(str, triple)) not in closure]
        beyond = [triple for triple in case.refuted if tuple(map(str, triple)) in closure]
        assert (missing, beyond) == ([], []), case.name

"""Each rule of the table, by itself: it concludes what it must, and its proof names it and holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal
from reasoning.cases import CASES
from reasoning.support import close, everything, quads, triples

from diplograph.reasoning import TABLE, check, materialise
from diplograph.reasoning.proof import Step

if TYPE_CHECKING:
    from diplograph.reasoning import Closure, Proof

BY_ITSELF = {"eq-ref"}
"""Rules whose conclusions are implied: never listed, always proved."""


def rules_used(proof: Proof) -> set[str]:
    return {step.rule.id for step in proof.steps()}


def stating(closure: Closure):
    graphs = {}
    for quad in closure.stated():
        graphs.setdefault((quad.subject, quad.predicate, quad.object), set()).add(None)
    return lambda fact: graphs.get(fact, ())


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == {rule.id for rule in TABLE}
    assert len(TABLE) == 79


@pytest.mark.parametrize("name", sorted(CASES))
def test_rule(name: str) -> None:
    premise, conclusion = CASES[name]
    closure = close(premise)
    if conclusion is None:
        proofs = [each.proof for each in closure.inconsistencies()]
    else:
        wanted = triples(conclusion)
        if name not in BY_ITSELF:
            assert set(wanted) <= everything(closure)
        proofs = [proof for triple in wanted for proof in closure.explain(triple, alternatives=10)]
    for proof in proofs:
        assert check(proof, stating(closure)) == []
    assert name in set().union(*map(rules_used, proofs))


@pytest.mark.parametrize(
    "name", sorted(name for name, (_, conclusion) in CASES.items() if conclusion is None)
)
def test_no_contradiction_without_a_cause(name: str) -> None:
    """With any one of the triples left out, nothing contradicts."""
    stated = quads(CASES[name][0])
    data = [quad for quad in stated if quad.subject.value in ("http://example.org/a", "http://example.org/c")]
    for gone in data:
        left = materialise([quad for quad in stated if quad != gone])
        assert left.inconsistencies() == []


def test_conclusions_need_their_premises() -> None:
    """Without the axiom, that is the triples that are not about data, nothing of it is concluded."""
    for name, (premise, conclusion) in CASES.items():
        if conclusion is None or name.startswith(("eq-", "dt-", "cls-thing", "cls-nothing", "prp-ap")):
            continue
        stated = quads(premise)
        without = materialise(stated[1:])
        assert not set(triples(conclusion)) <= everything(without), name


def test_literals_never_become_subjects() -> None:
    closure = close(
        ":p a owl:SymmetricProperty ; rdfs:range :C . :q owl:inverseOf :p . :a :p 'x' ."
        " :f a owl:FunctionalProperty . :a :f 'y' , :b ."
    )
    assert not any(isinstance(triple.subject, Literal) for triple in closure.inferred())


def test_data_implies_axioms() -> None:
    """What data says about properties and classes is used in the same run."""
    closure = close(
        ":Kin rdfs:subClassOf owl:TransitiveProperty . :p a :Kin . :a :p :b . :b :p :c ."
        " :narrower rdfs:subPropertyOf rdfs:subClassOf . :C :narrower :D . :x a :C ."
    )
    assert set(triples(":a :p :c . :x a :D .")) <= set(closure.inferred())


def test_a_chain_that_feeds_itself_and_long_paths() -> None:
    text = ":p a owl:TransitiveProperty . " + " ".join(f":n{i} :p :n{i + 1} ." for i in range(60))
    closure = close(text)
    found = [each for each in closure.inferred() if each.predicate.value.endswith("/p")]
    assert len(found) == 61 * 60 // 2 - 60
    (proof,) = closure.explain(triples(":n0 :p :n60 .")[0])
    assert len(proof.leaves()) == 61
    assert check(proof, stating(closure)) == []


def test_a_large_class_of_equals_stays_small() -> None:
    names = " ".join(f":a{i} owl:sameAs :a{i + 1} ; :p :b{i} ." for i in range(300))
    closure = close(names)
    assert closure.size() < 1000
    assert sum(1 for _ in closure.inferred()) > 300 * 299 + 300 * 299


def test_rounds_grow_along_a_proof() -> None:
    closure = close(":p a owl:TransitiveProperty ; rdfs:domain :C . :a :p :b . :b :p :c . :c :p :d .")
    for triple in closure.inferred():
        (proof,) = closure.explain(triple)
        for node in proof.nodes():
            if isinstance(node, Step) and node.conclusion is not None:
                mine = closure.round_of(node.conclusion)
                assert all(closure.round_of(each.conclusion) < mine for each in node.premises)

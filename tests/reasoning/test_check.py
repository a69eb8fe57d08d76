"""The checker refuses what is not a proof."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reasoning.support import close, triples

from diplograph.errors import NotFound
from diplograph.reasoning import Leaf, Proof, Step, check
from diplograph.reasoning.check import applies
from diplograph.reasoning.rules import BY_ID

TEXT = (
    ":p owl:propertyChainAxiom ( :q :r ) . :C owl:hasKey ( :k ) . :a :q :b . :b :r :c . :p rdfs:domain :D ."
)


@pytest.fixture
def proof() -> Proof:
    with close(TEXT) as closure:
        return closure.explain(triples(":a :p :c .")[0])[0]


def always(fact):
    return (None,)


def test_a_right_proof_passes(proof: Proof) -> None:
    assert check(proof, always) == []


def test_a_leaf_that_nothing_states_is_refused(proof: Proof) -> None:
    assert any("nothing states" in fault for fault in check(proof, lambda fact: ()))


def test_a_leaf_in_the_wrong_graph_is_refused(proof: Proof) -> None:
    assert check(proof, lambda fact: ("other",))


@pytest.mark.parametrize("change", ["conclusion", "rule", "fewer", "order", "foreign"])
def test_a_changed_step_is_refused(proof: Proof, change: str) -> None:
    step = proof.root
    assert isinstance(step, Step)
    other = triples(":a :p :b . :x :y :z .")
    fact = (other[0].subject, other[0].predicate, other[0].object)
    changed = {
        "conclusion": lambda: replace(step, conclusion=fact),
        "rule": lambda: replace(step, rule=BY_ID["prp-trp"]),
        "fewer": lambda: replace(step, premises=step.premises[:-1]),
        "order": lambda: replace(step, premises=step.premises[::-1]),
        "foreign": lambda: replace(step, premises=(*step.premises[:-1], Leaf(fact, (None,)))),
    }[change]()
    assert check(Proof(changed, 1), always)


def test_a_broken_list_is_refused(proof: Proof) -> None:
    """A list that is cut short, or that leaves its cells out, is no list."""
    step = proof.root
    assert isinstance(step, Step)
    facts = [each.conclusion for each in step.premises]
    assert applies(step.rule, facts, step.conclusion)
    assert not applies(step.rule, [*facts[:3], *facts[5:]], step.conclusion)
    assert not applies(step.rule, [*facts[:3], facts[1], facts[2], *facts[5:]], step.conclusion)


def test_datatype_steps_are_decided_by_values() -> None:
    one, two, x = (each.object for each in triples(":a :p 1 , 1.0 , 'x' ."))
    same = triples(":a owl:sameAs :b .")[0].predicate
    assert applies(BY_ID["dt-eq"], [], (one, same, two))
    assert not applies(BY_ID["dt-eq"], [], (one, same, x))


def test_what_does_not_follow_names_what_is_missing() -> None:
    with close(":p a owl:TransitiveProperty . :a :p :b . :c :p :d . :q rdfs:subPropertyOf :p .") as closure:
        with pytest.raises(NotFound) as found:
            closure.explain(triples(":a :p :d .")[0])
        assert found.value.code == "not-entailed"
        assert "prp-trp" in str(found.value)
        assert "b p d" in str(found.value) or "a p c" in str(found.value)
        with pytest.raises(NotFound):
            closure.explain(triples(":never :p :heard .")[0])


def test_alternatives_come_by_size() -> None:
    text = (
        ":C rdfs:subClassOf :D . :p rdfs:domain :D . :a a :C ; :p :b . :E rdfs:subClassOf :F ."
        " :F rdfs:subClassOf :D . :a a :E ."
    )
    with close(text) as closure:
        proofs = closure.explain(triples(":a a :D .")[0], alternatives=5)
        sizes = [proof.size for proof in proofs]
        assert len(proofs) >= 3
        assert sizes == sorted(sizes)
        assert len({proof.root for proof in proofs}) == len(proofs)
        assert all(check(proof, always) == [] for proof in proofs)


def test_leaves_carry_the_graphs_that_state_them() -> None:
    from pyoxigraph import NamedNode
    from reasoning.support import EX, quads

    from diplograph.reasoning import materialise

    stated = [
        *quads(":C rdfs:subClassOf :D .", "ontology"),
        *quads(":a a :C .", "one"),
        *quads(":a a :C .", "two"),
    ]
    with materialise(stated) as closure:
        (proof,) = closure.explain(triples(":a a :D .")[0])
        graphs = {str(leaf.conclusion[1]): leaf.graphs for leaf in proof.leaves()}
        assert set(graphs.values()) == {
            (NamedNode(f"{EX}ontology"),),
            (NamedNode(f"{EX}one"), NamedNode(f"{EX}two")),
        }

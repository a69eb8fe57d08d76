"""What must not matter does not: order, names, splitting, increments, and memory or SQL."""

from __future__ import annotations

import random
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad
from reasoning.support import EX, everything, quads
from reasoning.worlds import wild_worlds

from diplograph.reasoning import Closure, check_all, materialise

ENGINE = import_module("diplograph.reasoning.materialise")
GRAPHS = [NamedNode(f"{EX}graph{number}") for number in range(3)]


def in_graphs(statements: list[str], seed: int) -> list[Quad]:
    draw = random.Random(seed)
    return [
        Quad(quad.subject, quad.predicate, quad.object, draw.choice(GRAPHS))
        for quad in quads("\n".join(statements))
    ]


def stated_and_inferred(closure: Closure) -> list[str]:
    return sorted(map(str, everything(closure)))


@settings(max_examples=12, deadline=None, derandomize=True)
@given(wild_worlds, st.integers(0, 1000))
def test_order_does_not_matter(statements: list[str], seed: int) -> None:
    given_quads = quads("\n".join(statements))
    shuffled = random.Random(seed).sample(given_quads, len(given_quads))
    with materialise(given_quads) as one, materialise(shuffled) as other:
        assert list(one.inferred()) == list(other.inferred())
        assert len(one.inconsistencies()) == len(other.inconsistencies())


@settings(max_examples=12, deadline=None, derandomize=True)
@given(wild_worlds)
def test_names_do_not_matter(statements: list[str]) -> None:
    def renamed(text: str) -> str:
        return text.replace("example.org/i", "other.example/zz").replace("example.org/C", "another.example/a")

    given_quads = quads("\n".join(statements))
    lines = [f"{quad.subject} {quad.predicate} {quad.object} ." for quad in given_quads]
    with materialise(given_quads) as one, materialise(quads("\n".join(map(renamed, lines)))) as other:
        assert sorted(map(renamed, stated_and_inferred(one))) == stated_and_inferred(other)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(wild_worlds, st.integers(0, 1000))
def test_increments_and_removals_are_closures(statements: list[str], seed: int) -> None:
    parts = in_graphs(statements, seed)
    first, second, third = ([quad for quad in parts if quad.graph_name == graph] for graph in GRAPHS)
    with materialise(first) as grown, materialise(parts) as whole:
        grown.add(second)
        grown.add(third)
        assert list(grown.inferred()) == list(whole.inferred())
        assert len(grown.inconsistencies()) == len(whole.inconsistencies())
        assert check_all(grown).faults == ()
        grown.remove([GRAPHS[1]])
        with materialise([*first, *third]) as left:
            assert list(grown.inferred()) == list(left.inferred())


@settings(max_examples=12, deadline=None, derandomize=True)
@given(wild_worlds, st.integers(0, 1000))
def test_what_if_tells_what_would_be(statements: list[str], seed: int) -> None:
    parts = in_graphs(statements, seed)
    kept = [quad for quad in parts if quad.graph_name != GRAPHS[0]]
    gone = [quad for quad in parts if quad.graph_name == GRAPHS[0]]
    with materialise(parts) as now, materialise(kept) as then:
        before = list(now.inferred())
        with now.what_if(without=[GRAPHS[0]]) as change:
            assert set(change.fallen) == set(before) - everything(then)
            assert set(change.added) == set(then.inferred()) - everything(now)
            assert {each.triple for each in change.surviving} <= set(before) & everything(then)
        with then.what_if(with_=gone) as change:
            assert set(change.added) == set(now.inferred()) - everything(then)
            assert len(change.contradictions) >= len(now.inconsistencies()) - len(then.inconsistencies())
        assert list(now.inferred()) == before


@settings(max_examples=12, deadline=None, derandomize=True)
@given(wild_worlds)
def test_memory_and_sql_agree(statements: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        given_quads = quads("\n".join(statements))
        with materialise(given_quads) as in_memory:
            patch.setattr(ENGINE, "SMALL", -1)
            with materialise(given_quads) as in_sql:
                assert list(in_memory.inferred()) == list(in_sql.inferred())
                assert check_all(in_sql).faults == ()


@settings(max_examples=20, deadline=None, derandomize=True)
@given(wild_worlds)
def test_everything_is_proved_and_checked(statements: list[str]) -> None:
    with materialise(quads("\n".join(statements))) as closure:
        report = check_all(closure)
        assert report.faults == ()
        assert report.proved == sum(1 for _ in closure.inferred())

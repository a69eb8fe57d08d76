"""A change is tried with the bounds of dates that would follow from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Triple

from diplograph.build.change import what_if
from diplograph.errors import InvalidValue
from diplograph.reasoning import Closure
from diplograph.vocabulary import DG, ID, RDF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLUG = "https://w3id.org/diplograph/article/vietnam-laos-political-consultation"


@pytest.fixture
def closure(built: Path) -> Iterator[Closure]:
    with Closure.open(built / "reasoning.duckdb") as opened:
        yield opened


def test_what_rests_on_a_removed_date_falls(closure: Closure) -> None:
    year = NamedNode(f"{SLUG}#conclusion-year")
    represented = Triple(ID["foreign-ministers-consultation-10"], DG.representedState, ID.laos)
    assert closure.explain(represented)
    with what_if(closure, [year]) as change:
        assert represented in set(change.fallen)


def test_what_a_new_date_brings_is_added(closure: Closure) -> None:
    graph, pact = NamedNode("urn:new"), ID["new-pact"]
    added = [
        Quad(pact, RDF.type, DG.Agreement, graph),
        Quad(pact, DG.party, ID["ministry-of-foreign-affairs-of-laos"], graph),
        Quad(pact, DG.periodCovered, Literal("2020/2030"), graph),
    ]
    with what_if(closure, (), added) as change:
        assert Triple(pact, DG.inForceAt, ID["foreign-ministers-consultation-10"]) in set(change.added)
        assert not change.contradictions


def test_a_date_that_is_none_is_refused(closure: Closure) -> None:
    with pytest.raises(InvalidValue, match="soon"):
        what_if(closure, (), [Quad(ID.x, DG.date, Literal("soon"), NamedNode("urn:new"))])

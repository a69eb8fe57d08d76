"""The project's own graph: everything inferred is proved and checked, and equals what owlrl infers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import owlrl
import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse
from reasoning.test_differential import comparable

from diplograph.reasoning import Closure, check_all, materialise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from diplograph.build import BuildReport
    from diplograph.workspace import Workspace


def sources(workspace: Workspace) -> Iterator[Quad]:
    """The ontology, the reference data and the articles, each graph by its name."""
    for path in [workspace.ontology / "diplograph.ttl", *sorted(workspace.reference.glob("*.ttl"))]:
        name = NamedNode(path.absolute().as_uri())
        for quad in parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True):
            yield Quad(quad.subject, quad.predicate, quad.object, name)
    for path in sorted(workspace.articles.glob("*.trig")):
        yield from parse(path=str(path), format=RdfFormat.TRIG, rename_blank_nodes=True)


def test_every_inferred_triple_is_proved_and_checked(built: Path, report: BuildReport) -> None:
    with Closure.open(built / "reasoning.duckdb") as closure:
        checked = check_all(closure)
        assert checked.faults == ()
        assert checked.contradictions == 0
        assert checked.proved == report.inferred > 4000
        assert closure.notices() == []


@pytest.mark.slow
def test_the_closure_is_that_of_owlrl(workspace: Workspace) -> None:
    keyed = NamedNode(
        "http://www.w3.org/2002/07/owl#hasKey"
    )  # owlrl makes all instances equal by a single key
    stated = [quad for quad in sources(workspace) if quad.predicate != keyed]
    graph = rdflib.Graph()
    text = "".join(f"{quad.triple} .\n" for quad in stated)
    graph.parse(data=text, format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(
        graph
    )
    kept = rdflib.Graph()
    for s, p, o in graph:
        if not isinstance(s, rdflib.Literal):
            kept.add((s, p, o))
    theirs = {quad.triple for quad in parse(kept.serialize(format="nt"), format=RdfFormat.N_TRIPLES)}
    with materialise(stated) as closure:
        ours = {quad.triple for quad in stated} | set(closure.inferred())
    assert named(comparable(ours)) == named(comparable(theirs))


def named(found: set[Triple]) -> set[Triple]:
    """Leaves out values, whose spellings rdflib may change."""
    return {triple for triple in found if not isinstance(triple.object, Literal)}

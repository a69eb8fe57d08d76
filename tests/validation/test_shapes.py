"""Every constraint of the shapes has a good and a bad fixture, and tells the two apart."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph
import pytest

from diplograph.validation import Validator
from diplograph.vocabulary import DGS, ONTOLOGY_GRAPH, RDF, SH
from diplograph.workspace import Workspace

if TYPE_CHECKING:
    from diplograph.errors import Finding

CASES = Path(__file__).parent / "shapes"
WORKSPACE = Workspace.find(Path(__file__))


@cache
def ontology() -> list[pyoxigraph.Quad]:
    parsed = pyoxigraph.parse(path=WORKSPACE.ontology / "diplograph.ttl")
    return [pyoxigraph.Quad(quad.subject, quad.predicate, quad.object, ONTOLOGY_GRAPH) for quad in parsed]


def findings(case: Path) -> list[Finding]:
    quads = [*ontology(), *pyoxigraph.parse(path=case)]
    return Validator(quads, WORKSPACE, files=[case]).shapes()


def constraints() -> set[str]:
    shapes = list(pyoxigraph.parse(path=WORKSPACE.ontology / "shapes.ttl"))
    found = {DGS.local(quad.subject) for quad in shapes if quad.object == SH.PropertyShape}
    return found | {DGS.local(quad.subject) for quad in shapes if quad.predicate == SH.pattern} - {
        DGS.local(quad.subject) for quad in shapes if quad.predicate == SH.path
    }


def test_every_constraint_has_fixtures() -> None:
    assert {case.name for case in CASES.iterdir()} == constraints()
    assert len(constraints()) > 60


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_constraint_tells_good_from_bad(case: Path) -> None:
    assert [each for each in findings(case / "good.ttl") if each.source == f"dgs:{case.name}"] == []
    found = [each for each in findings(case / "bad.ttl") if each.source == f"dgs:{case.name}"]
    assert found
    for finding in found:
        assert finding.message.endswith((".", "?"))
        assert finding.hint
        assert finding.place is not None
        assert finding.place.line is not None


def test_every_class_that_data_uses_has_a_shape() -> None:
    shapes = list(pyoxigraph.parse(path=WORKSPACE.ontology / "shapes.ttl"))
    targets = {quad.object for quad in shapes if quad.predicate == SH.targetClass}
    parents: dict[object, set[object]] = {}
    for quad in ontology():
        if quad.predicate.value.endswith("#subClassOf"):
            parents.setdefault(quad.subject, set()).add(quad.object)
    used = {
        quad.object
        for path in [*WORKSPACE.reference.glob("*.ttl"), *WORKSPACE.articles.glob("*.trig")]
        for quad in pyoxigraph.parse(path=path)
        if quad.predicate == RDF.type
        and str(quad.object).startswith("<https://w3id.org/diplograph/ontology#")
    }

    def covered(cls: object) -> bool:
        return cls in targets or any(covered(parent) for parent in parents.get(cls, ()))

    assert [str(cls) for cls in used if not covered(cls)] == []

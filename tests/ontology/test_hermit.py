"""A complete reasoner for OWL 2 DL finds ontology and alignment consistent, and every class satisfiable."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from ontology.cases import contradictions, schema
from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from diplograph.vocabulary import DG, OWL, RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

owlready2 = pytest.importorskip("owlready2")

pytestmark = [
    pytest.mark.java,
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("java") is None, reason="HermiT needs Java, and there is no java on the path"
    ),
]
CONTRADICTIONS = contradictions()


def classify(path: Path, data: Iterable[Triple] = ()) -> list[object]:
    """The unsatisfiable classes; raises where all is inconsistent. Owlready reads N-Triples, not Turtle."""
    source = path / "ontology.nt"
    serialize([*(quad.triple for quad in schema()), *data], source, format=RdfFormat.N_TRIPLES)
    world = owlready2.World()
    with world.get_ontology(source.as_uri()).load():
        owlready2.sync_reasoner_hermit(world, debug=0)
    return list(world.inconsistent_classes())


def test_no_class_is_unsatisfiable(tmp_path: Path) -> None:
    assert classify(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["mechanism-and-event", "embassy-to-an-organisation", "host-and-guest", "date-is-edtf"]
)
def test_contradiction_is_one_to_a_complete_reasoner_too(name: str, tmp_path: Path) -> None:
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        classify(tmp_path, CONTRADICTIONS[name])


def test_unsatisfiable_class_would_be_found(tmp_path: Path) -> None:
    both = NamedNode("https://example.org/PersonAndState")
    parents = [Triple(both, RDFS.subClassOf, parent) for parent in (DG.Person, DG.State)]
    unsatisfiable = classify(tmp_path, [Triple(both, RDF.type, OWL.Class), *parents])
    assert both.value in [getattr(cls, "iri", None) for cls in unsatisfiable]

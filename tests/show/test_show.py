"""What is known of an entity: grouped, with what vouches for it, by any spelling."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from diplograph.errors import NotFound
from diplograph.show import kind_of, show
from diplograph.store import EmbeddedStore
from diplograph.vocabulary import ARTICLE, DG, GRAPH, ID, OWL, RDF, RDFS, REFERENCE, SKOS

PASSAGE = NamedNode(f"{ARTICLE}a#char=0,5")
CONCLUSION = NamedNode(f"{ARTICLE}a#conclusion-b")
ACTORS = REFERENCE.actors
INFERRED = GRAPH.inferred


@pytest.fixture
def store() -> EmbeddedStore:
    def name(term: NamedNode, text: str, language: str, graph: NamedNode = ACTORS) -> Quad:
        return Quad(term, RDFS.label, Literal(text, language=language), graph)

    return EmbeddedStore.from_quads(
        [
            name(ID.laos, "Laos", "en"),
            name(ID.laos, "ລາວ", "lo"),
            Quad(ID.laos, SKOS.altLabel, Literal("Lao PDR", language="en"), PASSAGE),
            name(ID.vietnam, "Vietnam", "en"),
            name(ID.vietnam, "Việt Nam", "vi"),
            name(DG.neighbour, "neighbour of", "en"),
            Quad(ID.laos, RDF.type, DG.State, ACTORS),
            Quad(ID.laos, RDF.type, DG.Actor, INFERRED),
            Quad(ID.laos, RDF.type, OWL.Thing, INFERRED),
            Quad(ID.laos, DG.neighbour, ID.vietnam, PASSAGE),
            Quad(ID.laos, DG.neighbour, ID.vietnam, CONCLUSION),
            Quad(ID.vietnam, DG.neighbour, ID.laos, INFERRED),
            Quad(ID.laos, SKOS.related, ID.vietnam, INFERRED),
            Quad(PASSAGE, DG.gloss, Literal("They share a border.", language="en"), NamedNode(f"{ARTICLE}a")),
            Quad(CONCLUSION, DG.reason, Literal("Neighbours.", language="en"), NamedNode(f"{ARTICLE}a")),
        ]
    )


@pytest.mark.parametrize(
    "name", ["Laos", "LAOS", "ລາວ", "lao-pdr", "id:laos", "https://w3id.org/diplograph/id/laos"]
)
def test_any_spelling(store: EmbeddedStore, name: str) -> None:
    assert show(store, name, prefixes={"id": str(ID)}).entity == ID.laos


def test_facts_are_grouped_with_their_sources(store: EmbeddedStore) -> None:
    found = show(store, "Laos")
    assert (found.label, found.types) == ("Laos", (DG.State, DG.Actor))
    assert [name.value for name in found.names] == ["Lao PDR", "Laos", "ລາວ"]
    outgoing, incoming = found.facts
    assert (outgoing.predicate, outgoing.value, outgoing.inverse) == (DG.neighbour, ID.vietnam, False)
    assert [(source.kind, source.says) for source in outgoing.sources] == [
        ("passage", "They share a border."),
        ("conclusion", "Neighbours."),
    ]
    assert incoming.inverse and incoming.inferred and not outgoing.inferred
    assert found.labels[DG.neighbour] == "neighbour of"


def test_a_fact_and_its_inverse_are_one(store: EmbeddedStore) -> None:
    schema = NamedNode("https://w3id.org/diplograph/ontology")
    quads = [
        *store.quads(),
        Quad(DG.neighbour, RDF.type, OWL.SymmetricProperty, schema),
        Quad(DG.capitalOf, OWL.inverseOf, DG.capital, schema),
        Quad(ID.vientiane, DG.capitalOf, ID.laos, ACTORS),
        Quad(ID.laos, DG.capital, ID.vientiane, INFERRED),
    ]
    facts = show(EmbeddedStore.from_quads(quads), "Laos").facts
    assert [(fact.predicate, fact.inverse, fact.inferred) for fact in facts] == [
        (DG.capital, False, False),
        (DG.neighbour, False, False),
    ]


def test_other_vocabularies_are_shown_on_demand(store: EmbeddedStore) -> None:
    found = show(store, "Laos", everything=True)
    assert SKOS.related in {fact.predicate for fact in found.facts}
    assert OWL.Thing in found.types


def test_labels_come_in_the_language_asked_for(store: EmbeddedStore) -> None:
    assert show(store, "Laos", language="vi").labels[ID.vietnam] == "Việt Nam"
    assert show(store, "Laos", language="lo").label == "ລາວ"
    assert show(store, "Laos", language="th").label == "Laos"


def test_an_unknown_name_gets_the_nearest(store: EmbeddedStore) -> None:
    with pytest.raises(NotFound, match="did you mean Vietnam"):
        show(store, "Vietnm")


@pytest.mark.parametrize(
    ("graph", "kind"),
    [
        (PASSAGE, "passage"),
        (CONCLUSION, "conclusion"),
        (NamedNode(f"{ARTICLE}a"), "description"),
        (ACTORS, "reference"),
        (INFERRED, "inferred"),
        (GRAPH.bounds, "derived"),
        (GRAPH.about, "description"),
        (NamedNode("https://w3id.org/diplograph/ontology"), "schema"),
    ],
)
def test_kinds_of_graphs(graph: NamedNode, kind: str) -> None:
    assert kind_of(graph) == kind

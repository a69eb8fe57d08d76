"""What is known of an entity, grouped by property, each fact with what vouches for it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, Triple

from diplograph.errors import NotFound, nearest
from diplograph.names import labels, names_of
from diplograph.text import is_passage
from diplograph.vocabulary import (
    ALIGNMENT_GRAPH,
    ARTICLE,
    DG,
    GRAPH,
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    OWL,
    RDF,
    RDFS,
    REFERENCE,
    SKOS,
    compact,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from diplograph.sparql import Term
    from diplograph.store import Store

    Key = tuple[NamedNode, Term, bool]

_NAMES = (RDFS.label, SKOS.prefLabel, SKOS.altLabel)


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A graph that vouches for a fact.

    Args:
        rank: The order in which kinds of sources are shown.
        kind: `passage`, `conclusion`, `reference`, `description`, `schema`, `derived` or `inferred`.
        graph: The IRI of the graph.
        says: The gloss of a passage, or the reason of a conclusion.
    """

    rank: int
    kind: str
    graph: str
    says: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A triple that has the entity as subject, or as object if `inverse`, and what vouches for it."""

    predicate: NamedNode
    value: Term
    inverse: bool
    sources: tuple[Source, ...]

    @property
    def inferred(self) -> bool:
        """Whether nothing states it."""
        return all(source.kind == "inferred" for source in self.sources)


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of one entity.

    Args:
        entity: Its IRI.
        label: Its label in the language asked for, or the nearest there is.
        names: All its names, with their languages, without repeats.
        types: The classes of ours that it is of, stated ones first.
        facts: Everything else: outgoing before incoming, stated before inferred, by property. A fact and its
            inverse are one.
        labels: The labels of the terms that the facts mention.
        quads: What the facts were read from.
    """

    entity: NamedNode
    label: str
    names: tuple[Literal, ...]
    types: tuple[NamedNode, ...]
    facts: tuple[Fact, ...]
    labels: Mapping[NamedNode, str]
    quads: tuple[Quad, ...]


def show(
    store: Store,
    name: str,
    *,
    language: str = "en",
    prefixes: Mapping[str, str] | None = None,
    everything: bool = False,
) -> Description:
    """Describes one entity.

    Args:
        store: The graph to look in.
        name: A name in any spelling or script, a CURIE, or an IRI.
        language: The language of labels, where there are some in it.
        prefixes: The prefixes that a CURIE may use.
        everything: Include what follows in other vocabularies than ours.

    Raises:
        NotFound: Nothing is known under that name; the nearest are suggested.
    """
    names = names_of(store)
    entity = names.resolve(name, prefixes=prefixes)
    quads = [quad for quad in _around(store, entity) if everything or _matters(quad)]
    if not quads:
        near = nearest(entity.value, names.entities())
        raise NotFound(
            f"nothing is known of {compact(entity, dict(prefixes or {}))}",
            code="unknown-name",
            suggestions=[compact(iri, dict(prefixes or {})) for iri in near],
        )
    says = _says(store, {quad.graph_name for quad in quads if isinstance(quad.graph_name, NamedNode)})
    grouped: dict[Key, set[Source]] = defaultdict(set)
    for quad in quads:
        inverse = quad.subject != entity
        other = quad.subject if inverse else quad.object
        if isinstance(other, Triple):
            continue  # nothing of ours speaks of triple terms
        grouped[quad.predicate, other, inverse].add(_source(quad.graph_name, says))
    _fold(grouped, _inverses(store))
    facts = [Fact(*key, tuple(sorted(sources))) for key, sources in grouped.items()]
    terms = {term for fact in facts for term in (fact.predicate, fact.value) if isinstance(term, NamedNode)}
    named = labels(store, {entity, *terms}, language)
    types = [fact for fact in facts if fact.predicate == RDF.type and not fact.inverse]
    named_by = {
        str(fact.value): fact.value for fact in facts if fact.predicate in _NAMES and not fact.inverse
    }
    return Description(
        entity,
        named.get(entity, entity.value),
        tuple(value for _, value in sorted(named_by.items()) if isinstance(value, Literal)),
        tuple(
            fact.value
            for fact in sorted(types, key=lambda fact: (fact.inferred, str(fact.value)))
            if isinstance(fact.value, NamedNode)
        ),
        tuple(sorted(_rest(facts), key=lambda fact: _order(fact, named))),
        named,
        tuple(quads),
    )


def kind_of(graph: NamedNode | str) -> str:
    """Returns what kind of graph an IRI names: by its form, as the build names graphs."""
    iri = graph.value if isinstance(graph, NamedNode) else graph
    if is_passage(iri):
        return "passage"
    if iri == INFERRED_GRAPH.value:
        return "inferred"
    if iri in (ONTOLOGY_GRAPH.value, ALIGNMENT_GRAPH.value):
        return "schema"
    if iri in REFERENCE:
        return "reference"
    if iri in ARTICLE:
        return "conclusion" if "#" in iri else "description"
    return "derived" if iri in GRAPH and not iri.endswith("/about") else "description"


KINDS = ("passage", "conclusion", "reference", "description", "derived", "schema", "inferred")
"""The kinds of graphs, in the order in which sources are shown."""


def _around(store: Store, entity: NamedNode) -> Iterator[Quad]:
    yield from store.quads(entity, None, None, None)
    for quad in store.quads(None, None, entity, None):
        if quad.subject != entity:
            yield quad


def _matters(quad: Quad) -> bool:
    if quad.graph_name != INFERRED_GRAPH:
        return True
    ours = quad.predicate in DG or (quad.predicate == RDF.type and quad.object in DG)
    return ours or quad.predicate in _NAMES


def _says(store: Store, graphs: Iterable[NamedNode]) -> dict[str, str]:
    listed = " ".join(str(graph) for graph in sorted(graphs, key=str) if "#" in graph.value)
    if not listed:
        return {}
    query = f"SELECT ?g ?says WHERE {{ VALUES ?g {{ {listed} }} ?g {DG.gloss}|{DG.reason} ?says }}"
    return {str(g.value): str(says.value) for g, says in store.select(query).rows if g and says}


def _source(graph: object, says: Mapping[str, str]) -> Source:
    iri = graph.value if isinstance(graph, NamedNode) else ""
    kind = kind_of(iri)
    return Source(KINDS.index(kind), kind, iri, says.get(iri))


def _inverses(store: Store) -> dict[NamedNode, NamedNode]:
    query = f"""SELECT ?p ?q WHERE {{
      {{ ?p {OWL.inverseOf} ?q }} UNION {{ ?q {OWL.inverseOf} ?p }}
      UNION {{ ?p a {OWL.SymmetricProperty} BIND (?p AS ?q) }}
    }} ORDER BY ?p ?q"""
    pairs = store.select(query).rows
    return {p: q for p, q in pairs if isinstance(p, NamedNode) and isinstance(q, NamedNode)}


def _fold(grouped: dict[Key, set[Source]], inverses: Mapping[NamedNode, NamedNode]) -> None:
    """Makes one fact of a fact and its inverse, the outgoing one: they say the same."""
    for predicate, value, inverse in list(grouped):
        other = inverses.get(predicate)
        if not inverse and other is not None and (other, value, True) in grouped:
            grouped[predicate, value, False] |= grouped.pop((other, value, True))


def _rest(facts: Iterable[Fact]) -> Iterator[Fact]:
    for fact in facts:
        if fact.inverse or (fact.predicate != RDF.type and fact.predicate not in _NAMES):
            yield fact


def _order(fact: Fact, named: Mapping[NamedNode, str]) -> tuple[bool, bool, str, str]:
    value = named.get(fact.value, fact.value.value) if isinstance(fact.value, NamedNode) else str(fact.value)
    return fact.inverse, fact.inferred, named.get(fact.predicate, fact.predicate.value), value

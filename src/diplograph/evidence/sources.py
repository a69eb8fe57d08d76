"""What stands behind an entity or a triple: the graphs that state it, in reading order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from diplograph.text import Passage, is_passage
from diplograph.vocabulary import (
    ABOUT_GRAPH,
    ARTICLE,
    BOUNDS_GRAPH,
    DCTERMS,
    DG,
    INFERRED_GRAPH,
    RDF,
    RDFS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyoxigraph import Quad

    from diplograph.store import Store

_COMPUTED = (ABOUT_GRAPH, BOUNDS_GRAPH, INFERRED_GRAPH)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage in its paragraph, for a reader who has the texts."""

    before: str
    passage: str
    after: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One graph that vouches for something, and what it says of it.

    Args:
        graph: The IRI of the graph: a passage, a conclusion, reference data, an article's description.
        kind: The local name of its class: Passage, Conclusion, ReferenceGraph, InferredGraph …
        triples: What it states of the thing asked for.
        says: The gloss of a passage, or the reason of a conclusion.
        article: The IRI of the article.
        title: The title that the graph gives the article.
        paragraph: The paragraph of a passage.
        voice: The local name of the voice of a passage: Headline, Caption, ReportedSpeech, SourceNote.
        rests_on: The passages that a conclusion rests on.
        excerpt: The passage in its paragraph, if the text is at hand.
    """

    graph: str
    kind: str
    triples: tuple[Triple, ...]
    says: str | None = None
    article: str | None = None
    title: str | None = None
    paragraph: int | None = None
    voice: str | None = None
    rests_on: tuple[str, ...] = ()
    excerpt: Excerpt | None = None


def evidence_of(
    store: Store, what: NamedNode | Triple, texts: Mapping[str, str] | None = None
) -> list[Evidence]:
    """Returns the graphs behind an entity, a triple, or one graph by its own IRI.

    Args:
        store: A built graph.
        what: An entity (whatever states something of it), a triple (whatever states exactly that; the
            inferred graph where it only follows), or the IRI of a passage or conclusion (all that it states).
        texts: Digest to text, to cite the passages.

    Returns:
        Passages in reading order, article by article, then conclusions, then the other graphs; empty if
        nothing states it.
    """
    graphs: dict[str, list[Triple]] = {}
    for quad in _stating(store, what):
        if isinstance(quad.graph_name, NamedNode):
            graphs.setdefault(quad.graph_name.value, []).append(quad.triple)
    found = [_evidence(store, graph, triples, texts or {}) for graph, triples in graphs.items()]
    return sorted(found, key=_reading_order)


def _stating(store: Store, what: NamedNode | Triple) -> Iterator[Quad]:
    if isinstance(what, Triple):
        subject, value = what.subject, what.object
        if not isinstance(subject, Triple) and not isinstance(value, Triple):
            yield from store.quads(subject, what.predicate, value, None)
        return
    stated = list(store.quads(None, None, None, what))
    if stated:
        yield from stated
        return
    for quad in store.quads(what, None, None, None):
        if quad.graph_name not in _COMPUTED:
            yield quad
    for quad in store.quads(None, None, what, None):
        if quad.graph_name not in _COMPUTED and quad.subject != what:
            yield quad


def _evidence(store: Store, graph: str, triples: list[Triple], texts: Mapping[str, str]) -> Evidence:
    name, document = NamedNode(graph), NamedNode(graph.partition("#")[0])
    paragraph, voice = _value(store, name, DG.paragraph), _value(store, name, DG.voice)
    text = texts.get(_value(store, document, DG.textDigest) or "")
    return Evidence(
        graph=graph,
        kind=_kind(store, name),
        triples=tuple(sorted(triples, key=str)),
        says=_value(store, name, DG.gloss, DG.reason),
        article=document.value if document in ARTICLE else None,
        title=_value(store, document, RDFS.label, DCTERMS["title"]),
        paragraph=int(paragraph) if paragraph is not None else None,
        voice=DG.local(voice) if voice is not None else None,
        rests_on=tuple(sorted(set(_values(store, name, DG.restsOn)), key=_passage_order)),
        excerpt=excerpt(text, Passage.of(graph)) if text is not None and is_passage(graph) else None,
    )


def _values(store: Store, subject: NamedNode, predicate: NamedNode) -> Iterator[str]:
    for quad in store.quads(subject, predicate, None, None):
        if isinstance(quad.object, NamedNode | Literal):
            yield quad.object.value


def _value(store: Store, subject: NamedNode, *predicates: NamedNode) -> str | None:
    return next((value for each in predicates for value in _values(store, subject, each)), None)


def excerpt(text: str, passage: Passage) -> Excerpt | None:
    """Returns a passage with the rest of its paragraph around it, or None if the text is too short."""
    cited = passage.within(text)
    if cited is None:
        return None
    first = text.rfind("\n", 0, passage.start) + 1
    last = text.find("\n", passage.end)
    return Excerpt(text[first : passage.start], cited, text[passage.end : last if last >= 0 else len(text)])


def _kind(store: Store, graph: NamedNode) -> str:
    if is_passage(graph):
        return "Passage"
    types = {DG.local(value) for value in _values(store, graph, RDF.type) if value in DG}
    return next((kind for kind in _KINDS if kind in types), "Graph")


_KINDS = ("Conclusion", "DescriptionGraph", "ReferenceGraph", "DerivedGraph", "InferredGraph", "SchemaGraph")


def _reading_order(evidence: Evidence) -> tuple[int, str, int, int, str]:
    rank = (
        0 if evidence.kind == "Passage" else 1 + _KINDS.index(evidence.kind) if evidence.kind in _KINDS else 9
    )
    return (rank, *_passage_order(evidence.graph))


def _passage_order(iri: str) -> tuple[str, int, int, str]:
    if not is_passage(iri):
        return iri.partition("#")[0], 0, 0, iri
    passage = Passage.of(iri)
    return passage.article, passage.start, -passage.end, iri

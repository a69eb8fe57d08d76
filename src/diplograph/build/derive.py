"""Derivation: what is computed from stated values without logic."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from diplograph.text import Passage, is_passage
from diplograph.time import Bounds, attested, bounds
from diplograph.vocabulary import ABOUT_GRAPH, BOUNDS_GRAPH, DG, INFERRED_GRAPH, RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from diplograph.build.sources import Sources

_EXTENTS = (DG.date, DG.periodCovered)


def derived(sources: Sources) -> list[Quad]:
    """Returns what the sources give without reasoning, in a fixed order.

    The article of each passage (into the article's own graph), the bounds of whatever has a date (into the
    graph of bounds), and the class of each graph that does not state it itself (into the graph about graphs).

    Raises:
        InvalidValue: A date is not EDTF.
    """
    quads = list(sources.quads)
    return [*_articles(quads), *bounds_of(quads), *_kinds(sources)]


def together(extents: Iterable[Bounds]) -> Bounds:
    """Returns the bounds that several sources give.

    What they say together; or, where they contradict each other, no more than all of them allow.

    >>> from diplograph.time import bounds
    >>> together([bounds("2016"), bounds("2016-01-18")]).latest_start
    datetime.date(2016, 1, 18)
    """
    given = list(extents)
    narrowed = Bounds()
    for extent in given:
        narrowed = narrowed & extent
    if narrowed.possible:
        return narrowed
    widened = given[0]
    for extent in given[1:]:
        widened = widened | extent
    return widened


def _articles(quads: Iterable[Quad]) -> Iterator[Quad]:
    stated = {quad.subject for quad in quads if quad.predicate == DG.inArticle}
    for quad in quads:
        if quad.predicate != RDF.type or quad.object != DG.Passage or quad.subject in stated:
            continue
        if isinstance(quad.subject, NamedNode) and is_passage(quad.subject):
            article = NamedNode(Passage.of(quad.subject).article)
            yield Quad(quad.subject, DG.inArticle, article, article)


def bounds_of(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yields the bounds of whatever has a date, by subject, as quads of the graph of bounds.

    Raises:
        InvalidValue: A date is not EDTF.
    """
    extents: dict[NamedNode, set[str]] = defaultdict(set)
    witnessed: dict[NamedNode, set[str]] = defaultdict(set)
    for quad in quads:
        if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode):
            if quad.predicate in _EXTENTS:
                extents[quad.subject].add(quad.object.value)
            elif quad.predicate == DG.attestedOn:
                witnessed[quad.subject].add(quad.object.value)
    for subject in sorted({*extents, *witnessed}, key=str):
        given = [bounds(edtf) for edtf in sorted(extents[subject])]
        if witnessed[subject]:
            given.append(attested(witnessed[subject]))
        yield from _four(subject, together(given))


def _four(subject: NamedNode, extent: Bounds) -> Iterator[Quad]:
    for predicate, day in (
        (DG.earliestStart, extent.earliest_start),
        (DG.latestStart, extent.latest_start),
        (DG.earliestEnd, extent.earliest_end),
        (DG.latestEnd, extent.latest_end),
    ):
        if day is not None:
            yield Quad(subject, predicate, Literal(day.isoformat(), datatype=XSD.date), BOUNDS_GRAPH)


def _kinds(sources: Sources) -> Iterator[Quad]:
    for source in sources.files:
        yield Quad(source.graph, RDF.type, source.kind, ABOUT_GRAPH)
    yield Quad(BOUNDS_GRAPH, RDF.type, DG.DerivedGraph, ABOUT_GRAPH)
    yield Quad(INFERRED_GRAPH, RDF.type, DG.InferredGraph, ABOUT_GRAPH)
    yield Quad(ABOUT_GRAPH, RDF.type, DG.DescriptionGraph, ABOUT_GRAPH)

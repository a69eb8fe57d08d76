from __future__ import annotations

from typing import TYPE_CHECKING

from small import create

from diplograph.build import derived, read
from diplograph.build.derive import together
from diplograph.time import Bounds, bounds
from diplograph.vocabulary import ABOUT_GRAPH, ARTICLE, BOUNDS_GRAPH, DG, ID, RDF

if TYPE_CHECKING:
    from pathlib import Path


def test_articles_bounds_and_kinds_are_derived(tmp_path: Path) -> None:
    quads = derived(read(create(tmp_path)))
    inside = {
        (q.subject.value.partition("#")[2], q.object, q.graph_name)
        for q in quads
        if q.predicate == DG.inArticle
    }
    article = ARTICLE["a-visit"]
    assert inside == {("char=0,25", article, article), ("char=28,55", article, article)}
    dates = {(q.subject, q.predicate, q.object.value) for q in quads if q.graph_name == BOUNDS_GRAPH}
    names = ("earliestStart", "latestStart", "earliestEnd", "latestEnd")
    assert dates == {(ID["the-visit"], DG[name], "2021-05-03") for name in names}
    kinds = {q.subject: q.object for q in quads if q.graph_name == ABOUT_GRAPH and q.predicate == RDF.type}
    assert kinds[article] == DG.DescriptionGraph
    assert kinds[BOUNDS_GRAPH] == DG.DerivedGraph


def test_sources_that_agree_narrow_and_sources_that_disagree_widen() -> None:
    assert together([bounds("2016"), bounds("2016-01-18")]) == bounds("2016-01-18")
    both = together([bounds("2016"), bounds("2018")])
    assert (both.earliest_start, both.latest_end) == (
        bounds("2016").earliest_start,
        bounds("2018").latest_end,
    )
    assert both.possible
    assert together([bounds("2016/2017"), bounds("2018/..")]) == Bounds(
        bounds("2016").earliest_start, bounds("2018").latest_start, None, None
    )

"""The report of a build: what is in the graph, whether it is verified, and what was found; no clock in it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from diplograph.build.artefacts import GRAPH_KINDS
from diplograph.vocabulary import DG, ID, INFERRED_GRAPH, RDF

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pyoxigraph import Quad

    from diplograph.errors import Finding


@dataclass(frozen=True, slots=True)
class Evidence:
    """Whether the passages were held against the texts.

    Args:
        articles: How many articles there are.
        passages: How many passages.
        conclusions: How many conclusions.
        texts: Of how many articles the text was at hand; None if no texts were asked for.
    """

    articles: int
    passages: int
    conclusions: int
    texts: int | None

    @property
    def verified(self) -> bool:
        """Whether the text of every article was at hand; what did not agree is among the findings."""
        return self.texts is not None and self.texts >= self.articles

    def __str__(self) -> str:
        if self.verified:
            return "every passage was held against its text"
        if not self.texts:
            return "no texts at hand to verify against"
        return f"the passages of {self.texts} of {self.articles} articles were held against their texts"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What cannot all be true.

    Args:
        rule: The W3C's name of the rule that finds it.
        message: What is contradictory, in plain words.
        rests_on: The graphs of data that it follows from.
    """

    rule: str
    message: str
    rests_on: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.message} ({self.rule}; from {', '.join(self.rests_on) or 'the ontology alone'})"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made and found.

    Args:
        location: The published build; None if it was not published, for its evidence does not hold.
        evidence: What the graph rests on.
        graphs: For each kind of graph, how many there are and how many triples they hold.
        classes: For each class of ours with members among the entities, how many.
        triples: Distinct triples; `inferred` of them follow by rule only.
        inferred: Triples of the inferred graph.
        inconsistencies: Contradictions, by rule.
        findings: What evidence, entities, shapes and checks found, in that order.
    """

    location: Path | None
    evidence: Evidence
    graphs: dict[str, tuple[int, int]]
    classes: dict[str, int]
    triples: int
    inferred: int
    inconsistencies: tuple[Contradiction, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing needs mending: no violation, no contradiction, and the build was published."""
        return self.location is not None and not self.inconsistencies and not self.violations

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The findings that make a build fail."""
        return tuple(each for each in self.findings if each.severity == "violation")

    def to_json(self) -> str:
        """Returns the report as JSON, the same for the same graph; without the location."""
        content = {
            "evidence": {**asdict(self.evidence), "verified": self.evidence.verified},
            "graphs": {kind: {"graphs": n, "triples": size} for kind, (n, size) in self.graphs.items()},
            "triples": self.triples,
            "inferred": self.inferred,
            "classes": self.classes,
            "inconsistencies": [asdict(each) for each in self.inconsistencies],
            "findings": [_plain(each) for each in self.findings],
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"

    def to_markdown(self) -> str:
        """Returns the report as Markdown."""
        return "\n".join(_markdown(self)) + "\n"


def census(quads: Iterable[Quad]) -> tuple[dict[str, tuple[int, int]], dict[str, int], int]:
    """Counts a dataset: graphs and triples by kind, entities by class, distinct triples."""
    held = list(quads)
    kinds = _kinds(held)
    sizes = Counter(quad.graph_name for quad in held)
    graphs = {
        DG.local(kind): (len(own), sum(sizes[graph] for graph in own))
        for kind in GRAPH_KINDS
        if (own := [graph for graph in sizes if kinds.get(graph) == kind])
    }
    members: dict[str, set[object]] = defaultdict(set)
    for quad in held:
        if quad.predicate == RDF.type and quad.object in DG and quad.subject in ID:
            members[DG.local(quad.object)].add(quad.subject)  # type: ignore[arg-type]  # in a namespace, so an IRI
    classes = {name: len(members[name]) for name in sorted(members)}
    return graphs, classes, len({quad.triple for quad in held})


def _kinds(quads: list[Quad]) -> dict[object, NamedNode]:
    found: dict[object, NamedNode] = {}
    for quad in quads:
        if quad.predicate == RDF.type and quad.graph_name != INFERRED_GRAPH and quad.object in GRAPH_KINDS:
            assert isinstance(quad.object, NamedNode)
            found[quad.subject] = quad.object
    return found


def _plain(finding: Finding) -> dict[str, object]:
    place = (
        {key: str(value) for key, value in asdict(finding.place).items() if value} if finding.place else None
    )
    content = {**asdict(finding), "place": place, "rests_on": list(finding.rests_on)}
    return {key: value for key, value in content.items() if value not in (None, [])}


def _markdown(report: BuildReport) -> Iterable[str]:
    evidence = report.evidence
    yield "# The built graph"
    yield ""
    yield (
        f"{report.triples} distinct triples, {report.inferred} of them inferred, from {evidence.articles} "
        f"articles: {evidence.passages} passages and {evidence.conclusions} conclusions."
    )
    yield ""
    yield f"Evidence: {evidence}."
    yield from ("", "## Graphs", "", "| Kind | Graphs | Triples |", "|---|---:|---:|")
    for kind, (count, size) in report.graphs.items():
        yield f"| {kind} | {count} | {size} |"
    yield from ("", "## Entities", "", "| Class | Members |", "|---|---:|")
    for name, members in report.classes.items():
        yield f"| {name} | {members} |"
    yield from ("", "## Contradictions", "")
    yield from ([f"- {each}" for each in report.inconsistencies] or ["None."])
    yield from ("", "## Findings", "")
    yield from ([f"- {_line(each)}" for each in report.findings] or ["None."])


def _line(finding: Finding) -> str:
    text = str(finding).replace("\n  ", " ")
    return (
        f"{text} ({finding.source})"
        if finding.count == 1
        else f"{text} ({finding.source}, {finding.count} times)"
    )

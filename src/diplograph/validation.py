"""Validation: what is not well-formed by the shapes, and what the checks find, told to an analyst.

Shapes (`ontology/shapes.ttl`, SHACL) say what well-formed data looks like; checks (`queries/checks/*.rq`)
say what SHACL says badly: sums, overlaps, chronology, sources that disagree. Both give the same findings.
Validate the data *with* its closure, so that shapes see inferred types, inverses and super-properties (SHACL
section 3.2 leaves the entailment to the caller).
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from diplograph.errors import Finding, Place, Severity, SyntaxProblem
from diplograph.locate import Locator
from diplograph.questions import header
from diplograph.vocabulary import INFERRED_GRAPH, RDF, SH, compact, prefixes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import rdflib
    from pyoxigraph import Quad

    from diplograph.store import Store, Term
    from diplograph.workspace import Workspace

log = logging.getLogger(__name__)

Stated = tuple["Term", NamedNode, "Term"]
_COLUMNS = ("focus", "path", "value", "message")
_SEVERITIES: dict[str, Severity] = {"Violation": "violation", "Warning": "warning", "Info": "info"}
_ORDER: dict[Severity, int] = {"violation": 0, "warning": 1, "info": 2}


class Validator:
    """Validates one dataset; parses the shapes once.

    Args:
        quads: The whole dataset: stated, editorial, reference, derived and inferred.
        workspace: Where shapes, checks and the source files are.
        rests_on: Gives the graphs that an inferred triple rests on; without it no grounds are given for one.
        files: Source files in which to look for the focus nodes, if not those of the workspace.
    """

    def __init__(
        self,
        quads: Iterable[Quad],
        workspace: Workspace,
        *,
        rests_on: Callable[[Stated], Sequence[str]] | None = None,
        files: Sequence[Path] | None = None,
    ) -> None:
        self._workspace = workspace
        self._rests_on = rests_on
        self._prefixes = prefixes(workspace)
        self._locator = Locator(workspace, files)
        self._graphs: dict[Stated, list[str]] = defaultdict(list)
        self._subjects: dict[Term, list[str]] = defaultdict(list)
        self._types: dict[Term, dict[Stated, None]] = defaultdict(dict)
        for quad in quads:
            if isinstance(quad.subject, Triple) or isinstance(quad.object, Triple):
                continue  # no shape speaks of a triple term
            graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
            triple = (quad.subject, quad.predicate, quad.object)
            self._graphs[triple].append(graph)
            if quad.predicate == RDF.type:
                self._types[quad.subject][triple] = None
            if graph not in self._subjects[quad.subject]:
                self._subjects[quad.subject].append(graph)

    @cached_property
    def _shapes(self) -> rdflib.Graph:
        import rdflib

        path = self._workspace.ontology / "shapes.ttl"
        try:
            return rdflib.Graph().parse(path, format="turtle")
        except Exception as error:  # rdflib's parsers raise their own kinds without a common base
            raise SyntaxProblem(f"the shapes cannot be read: {error}", place=Place(file=path)) from error

    def shapes(self) -> list[Finding]:
        """Runs SHACL over the merged graph.

        Returns:
            The findings, worst first, then by focus node.
        """
        import pyshacl
        import rdflib

        data = rdflib.Graph()
        for triple in self._graphs:
            data.add(tuple(_to_rdflib(term) for term in triple))  # type: ignore[arg-type]  # three terms
        _, results, _ = pyshacl.validate(data, shacl_graph=self._shapes, inference="none", inplace=True)
        if not isinstance(results, rdflib.Graph):
            raise SyntaxProblem(f"the shapes cannot be used: {results}")
        found = [
            self._from_result(results, node)
            for node in results.subjects(rdflib.RDF.type, rdflib.URIRef(SH.ValidationResult.value))
        ]
        return _sorted(found)

    def checks(self, store: Store) -> list[Finding]:
        """Runs every check of `queries/checks/` on a store of the dataset; a row is a finding.

        Raises:
            SyntaxProblem: A check has no severity, or its query is not SPARQL.
        """
        return _sorted(
            finding
            for path in sorted(self._workspace.checks.glob("*.rq"))
            for finding in self.check(store, path)
        )

    def check(self, store: Store, path: Path) -> list[Finding]:
        """Runs one check."""
        query = path.read_text(encoding="utf-8")
        head = header(query, path)
        severity = head.get("severity")
        if severity not in _ORDER:
            raise SyntaxProblem(
                f"a check needs a severity, not {severity!r}",
                place=Place(file=path),
                hint="write `#+ severity: violation`, `warning` or `info`",
            )
        table = store.select(query)
        if tuple(table.variables) != _COLUMNS:
            raise SyntaxProblem(
                f"a check selects {' '.join(f'?{name}' for name in _COLUMNS)}, in this order",
                place=Place(file=path),
            )
        hint = head.get("hint")
        return [
            self._finding(path.stem, severity, focus, about, value, message, hint)
            for focus, about, value, message in table.rows
        ]

    def _from_result(self, results: rdflib.Graph, node: rdflib.term.Node) -> Finding:
        import rdflib

        def get(name: str) -> Term | None:
            found = results.value(node, rdflib.URIRef(str(SH) + name))
            return None if found is None else _from_rdflib(found)

        shape, severity, message = get("sourceShape"), get("resultSeverity"), get("resultMessage")
        hint = self._shapes.value(_to_rdflib(shape), rdflib.URIRef(SH.description.value)) if shape else None
        path = get("resultPath")
        return self._finding(
            self._name(shape),
            _SEVERITIES[SH.local(severity)] if isinstance(severity, NamedNode) else "violation",
            get("focusNode"),
            path if isinstance(path, NamedNode) else None,
            get("value"),
            message,
            None if hint is None else str(hint),
        )

    def _finding(
        self,
        source: str,
        severity: Severity,
        focus: Term | None,
        path: Term | None,
        value: Term | None,
        message: Term | None,
        hint: str | None,
    ) -> Finding:
        graphs = self._graphs_of(focus, path, value)
        passage = next((graph for graph in graphs if "#" in graph), None)
        return Finding(
            source=source,
            severity=severity,
            message=message.value if message is not None else "",
            place=self._locator.place(focus, passage) if isinstance(focus, NamedNode) else None,
            focus=self._name(focus),
            path=None if path is None else self._name(path),
            value=None if value is None else self._name(value),
            rests_on=tuple(dict.fromkeys(self._grounds(focus, path, value, graphs))),
            hint=hint,
        )

    def _graphs_of(self, focus: Term | None, path: Term | None, value: Term | None) -> list[str]:
        """The graphs that state the triple at fault; where a triple is missing, those that type the focus."""
        if focus is None:
            return []
        if isinstance(path, NamedNode) and value is not None and (focus, path, value) in self._graphs:
            return self._graphs[(focus, path, value)]
        typed = [graph for triple in self._types.get(focus, ()) for graph in self._graphs[triple]]
        return typed or self._subjects.get(focus, [])

    def _grounds(
        self, focus: Term | None, path: Term | None, value: Term | None, graphs: Sequence[str]
    ) -> Sequence[str]:
        stated = [graph for graph in graphs if graph != INFERRED_GRAPH.value]
        if (
            stated
            or self._rests_on is None
            or focus is None
            or value is None
            or not isinstance(path, NamedNode)
        ):
            return stated
        return self._rests_on((focus, path, value)) if (focus, path, value) in self._graphs else []

    def _name(self, term: Term | None) -> str:
        if isinstance(term, NamedNode):
            return compact(term, self._prefixes)
        return "" if term is None else str(term)


def grouped(findings: Iterable[Finding]) -> list[Finding]:
    """Folds findings of one source with one message into one with their count; the first stands for all."""
    groups: dict[tuple[str, str, str | None], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[(finding.source, finding.message, finding.path)].append(finding)
    return [replace(group[0], count=sum(each.count for each in group)) for group in groups.values()]


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(
        findings, key=lambda each: (_ORDER[each.severity], each.source, each.focus or "", each.value or "")
    )


def _to_rdflib(term: Term) -> rdflib.term.Node:
    import rdflib

    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))


def _from_rdflib(term: rdflib.term.Node) -> Term:
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return Literal(str(term), language=term.language)
        return Literal(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else None)
    return BlankNode(str(term))

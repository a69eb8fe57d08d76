"""Lint: what a parser lets pass and no source may hold, and entities that nobody describes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from diplograph.errors import (
    DiplographError,
    Finding,
    InvalidValue,
    Place,
    SyntaxProblem,
    UnknownTerm,
    nearest,
)
from diplograph.reasoning.datatypes import is_ill_typed
from diplograph.time import attested, bounds
from diplograph.vocabulary import DG, DGS, ID, RDF, RDFS, prefixes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from diplograph.build.sources import Source, Sources
    from diplograph.workspace import Workspace

EDTF_PROPERTIES = (DG.attestedOn, DG.date, DG.periodCovered, DG.published)
"""The properties whose values an author writes as EDTF."""

_PREFIX = re.compile(r"^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)
_LISTED = 20


def lint(sources: Sources, workspace: Workspace) -> None:
    """Refuses sources with terms or values that cannot be meant.

    A prefix bound to another namespace than the registry's; a term of our own namespaces that nothing
    declares; an invalid EDTF value; a literal that its datatype does not allow; a graph in an article's
    file that is not the article's; a blank node in an article's file.

    Cost: proportional to the data; files are read again only for the lines of what is wrong.

    Raises:
        DiplographError: Of the kind of the first problem, by file; the hint lists the others.
    """
    problems = [
        problem for source in sources.files for problem in _Linter(source, sources, workspace).problems()
    ]
    if not problems:
        return
    first, others = problems[0], problems[1:]
    if others:
        listed = [str(problem).partition("\n")[0] for problem in others[:_LISTED]]
        more = [f"… and {len(others) - _LISTED} more"] if len(others) > _LISTED else []
        first.hint = "\n  ".join([*([first.hint] if first.hint else []), "also:", *listed, *more])
    raise first


def undescribed(sources: Sources, workspace: Workspace) -> list[Finding]:
    """Returns a finding for each of our entities without a label: most likely a slip of the pen."""
    labelled = {quad.subject for quad in sources.quads if quad.predicate == RDFS.label}
    names = [ID.local(term) for term in labelled if isinstance(term, NamedNode) and term in ID]
    found: dict[NamedNode, Finding] = {}
    for source in sources.files:
        for quad in source.quads:
            for term in (quad.subject, quad.object):
                if isinstance(term, NamedNode) and term in ID and term not in labelled and term not in found:
                    close = nearest(ID.local(term), names)
                    found[term] = Finding(
                        source="entities",
                        severity="violation",
                        message=f"id:{ID.local(term)} has no label anywhere, so nothing says what it is",
                        place=_place(source.path, term, workspace),
                        focus=f"id:{ID.local(term)}",
                        hint=f"did you mean id:{' or id:'.join(close)}?"
                        if close
                        else "give it an rdfs:label",
                    )
    return list(found.values())


class _Linter:
    """Lints one file."""

    def __init__(self, source: Source, sources: Sources, workspace: Workspace) -> None:
        self._source = source
        self._workspace = workspace
        schema = sources.of_kind(DG.SchemaGraph)
        self._declared = {
            quad.subject
            for each in schema
            for quad in each.quads
            if quad.predicate == RDF.type and isinstance(quad.subject, NamedNode)
        }

    def problems(self) -> Iterator[DiplographError]:
        yield from self._prefixes()
        seen: set[object] = set()
        for quad in self._source.quads:
            for term in (quad.subject, quad.predicate, quad.object):
                if isinstance(term, NamedNode) and term not in seen:
                    seen.add(term)
                    yield from self._term(term)
            if isinstance(quad.object, Literal):
                yield from self._literal(quad.predicate, quad.object)
        if self._source.kind == DG.DescriptionGraph:
            yield from self._article()

    def _prefixes(self) -> Iterator[DiplographError]:
        known = prefixes(self._workspace)
        text = self._source.path.read_text(encoding="utf-8")
        for match in _PREFIX.finditer(text):
            if known.get(match[1], match[2]) != match[2]:
                line = text.count("\n", 0, match.start(1)) + 1
                yield SyntaxProblem(
                    f"the prefix {match[1]}: is <{match[2]}> here, <{known[match[1]]}> everywhere else",
                    place=Place(self._path, line),
                    hint="use the namespace of ontology/prefixes.ttl",
                    code="prefix",
                )

    def _term(self, term: NamedNode) -> Iterator[DiplographError]:
        namespace = next((each for each in (DG, DGS) if term in each), None)
        if namespace is None or term in self._declared:
            return
        local = namespace.local(term)
        known = [namespace.local(each) for each in self._declared if each in namespace]
        prefix = "dg" if namespace is DG else "dgs"
        yield UnknownTerm(
            f"nothing declares {prefix}:{local}",
            place=self._place(term),
            suggestions=[f"{prefix}:{each}" for each in nearest(local, known)],
        )

    def _literal(self, predicate: NamedNode, literal: Literal) -> Iterator[DiplographError]:
        if predicate in EDTF_PROPERTIES:
            read = bounds if predicate != DG.attestedOn else lambda value: attested([value])
            try:
                read(literal.value)
            except InvalidValue as error:
                error.place = self._place(literal)
                yield error
        elif is_ill_typed(literal):
            datatype = literal.datatype.value.rpartition("#")[2]
            yield InvalidValue(f"{literal.value!r} is no xsd:{datatype}", place=self._place(literal))

    def _article(self) -> Iterator[DiplographError]:
        article = self._source.graph
        described = [
            q.subject for q in self._source.quads if q.predicate == RDF.type and q.object == DG.Article
        ]
        if described != [article]:
            found = ", ".join(str(each) for each in described) or "no article"
            yield SyntaxProblem(
                f"the file describes {found}, its name means {article}",
                place=self._place(described[0]) if described else Place(file=self._path),
                hint=f"begin with @base {article} . and describe <>",
                code="article",
            )
            return
        for graph in dict.fromkeys(quad.graph_name for quad in self._source.quads):
            if graph != article and not _belongs(graph, article):
                yield SyntaxProblem(
                    f"the graph {graph} is not one of this article",
                    place=self._place(graph),
                    hint="a passage is <#char=START,END>, a conclusion <#conclusion-NAME>",
                    code="graph",
                )
        if any(
            isinstance(each, BlankNode) for quad in self._source.quads for each in (quad.subject, quad.object)
        ):
            yield SyntaxProblem(
                "a blank node: nobody can point at it",
                place=Place(file=self._path),
                hint="give it an IRI",
                code="blank",
            )

    @property
    def _path(self) -> Path:
        return self._workspace.relative(self._source.path)

    def _place(self, term: object) -> Place:
        return _place(self._source.path, term, self._workspace)


def _belongs(graph: object, article: NamedNode) -> bool:
    return isinstance(graph, NamedNode) and graph.value.startswith(article.value + "#")


def _place(path: Path, term: object, workspace: Workspace) -> Place:
    """Returns where a term is first written in a file: as an IRI, a CURIE or a quoted value."""
    text = path.read_text(encoding="utf-8")
    shown = workspace.relative(path)
    declared = {match[1]: match[2] for match in _PREFIX.finditer(text)}
    forms = "|".join(_written(term, declared))
    for number, line in enumerate(text.splitlines(), start=1):
        if forms and not line.lstrip().startswith("#") and (found := re.search(forms, line)):
            return Place(shown, number, found.start() + 1, getattr(term, "value", None))
    return Place(shown, term=getattr(term, "value", None))


def _written(term: object, declared: Mapping[str, str]) -> Iterator[str]:
    if isinstance(term, Literal):
        yield re.escape(f'"{term.value}"')
    elif isinstance(term, NamedNode):
        yield re.escape(f"<{term.value}>")
        if "#" in term.value:
            yield re.escape(f"<#{term.value.partition('#')[2]}>")
        for prefix, namespace in declared.items():
            if term.value.startswith(namespace):
                local = re.escape(term.value.removeprefix(namespace))
                yield rf"(?<![\w.-]){re.escape(prefix)}:{local}(?![\w-])"

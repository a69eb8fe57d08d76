"""Reading the sources: each file into the graph that vouches for its triples."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    NamedNode,
    Quad,
    RdfFormat,
    parse,
)

from diplograph.errors import DiplographError, NotFound, Place, SyntaxProblem, UnknownTerm, nearest
from diplograph.vocabulary import ALIGNMENT_GRAPH, ARTICLE, DG, ONTOLOGY_GRAPH, REFERENCE, prefixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from diplograph.workspace import Workspace

log = logging.getLogger(__name__)

T = TypeVar("T")
_PARSER_SAYS = re.compile(r"^Parser error at .*?: ", re.DOTALL)
_UNDECLARED = re.compile(r"The prefix ([^:]*): has not been declared")


@dataclass(frozen=True, slots=True)
class Source:
    """One source file.

    Args:
        path: The file.
        graph: The graph of its triples; of an article's file, of those in its default graph.
        kind: The class of that graph.
        quads: The quads in the order of the file; sorted if blank nodes had to be renamed.
    """

    path: Path
    graph: NamedNode
    kind: NamedNode
    quads: tuple[Quad, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """All source files: schema first, then reference data, then articles, each by name."""

    files: tuple[Source, ...]

    @property
    def quads(self) -> Iterator[Quad]:
        """The quads of all files, file by file."""
        return (quad for source in self.files for quad in source.quads)

    def of_kind(self, kind: NamedNode) -> list[Source]:
        """Returns the files whose own graph is of a class."""
        return [source for source in self.files if source.kind == kind]


def read(workspace: Workspace) -> Sources:
    """Reads ontology, alignment, reference data and articles of a workspace.

    Blank nodes get canonical names (RDFC-1.0), so that reading twice gives the same quads.

    Raises:
        NotFound: The ontology is missing.
        SyntaxProblem: A file cannot be parsed: with file, line and column of the first such file.
        UnknownTerm: A file uses a prefix that it does not declare.
    """
    ontology = workspace.ontology / "diplograph.ttl"
    if not ontology.is_file():
        raise NotFound("the ontology is missing", place=Place(file=ontology))
    known = prefixes(workspace)
    planned = [(ontology, ONTOLOGY_GRAPH, DG.SchemaGraph)]
    if (alignment := workspace.ontology / "alignment.ttl").is_file():
        planned.append((alignment, ALIGNMENT_GRAPH, DG.SchemaGraph))
    planned += [
        (path, REFERENCE[path.stem], DG.ReferenceGraph) for path in sorted(workspace.reference.glob("*.ttl"))
    ]
    planned += [
        (path, ARTICLE[path.stem], DG.DescriptionGraph) for path in sorted(workspace.articles.glob("*.trig"))
    ]
    try:
        return Sources(tuple(Source(*each, tuple(read_file(each[0], each[1], known))) for each in planned))
    except DiplographError as error:
        if error.place is not None and error.place.file is not None:
            error.place = replace(error.place, file=workspace.relative(Path(error.place.file)))
        raise


def read_file(path: Path, graph: NamedNode, known: Mapping[str, str]) -> list[Quad]:
    """Reads one Turtle or TriG file, the triples of its default graph into `graph`.

    Args:
        path: The file; TriG if it ends in `.trig`, else Turtle.
        graph: The graph, whose IRI is also the base IRI unless the file gives one.
        known: The registry of prefixes, for the hint where one is not declared.

    Raises:
        SyntaxProblem: The file cannot be parsed.
        UnknownTerm: The file uses a prefix that it does not declare.
    """
    form = RdfFormat.TRIG if path.suffix == ".trig" else RdfFormat.TURTLE
    try:
        quads = list(parse(path=path, format=form, base_iri=graph.value))
    except SyntaxError as error:
        raise _problem(error, path, known) from error
    own = [
        Quad(quad.subject, quad.predicate, quad.object, graph) if quad.graph_name == DefaultGraph() else quad
        for quad in quads
    ]
    return _named(own, path.stem) if any(_has_blank(quad) for quad in own) else own


def _problem(error: SyntaxError, path: Path, known: Mapping[str, str]) -> SyntaxProblem | UnknownTerm:
    place = Place(path, error.lineno, error.offset)
    message = _PARSER_SAYS.sub("", error.msg)
    if "\ufeff" in message:
        return SyntaxProblem("a byte order mark", place=place, hint="save the file as UTF-8 without one")
    undeclared = _UNDECLARED.search(message)
    if undeclared is None:
        return SyntaxProblem(message[:1].lower() + message[1:], place=place)
    prefix = undeclared[1]
    if prefix in known:
        hint = f"declare it: @prefix {prefix}: <{known[prefix]}> ."
        return UnknownTerm(
            f"the prefix {prefix!r} is not declared", place=place, hint=hint, code="unknown-prefix"
        )
    return UnknownTerm(
        f"unknown prefix {prefix!r}", place=place, suggestions=nearest(prefix, known), code="unknown-prefix"
    )


def _has_blank(quad: Quad) -> bool:
    return isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode)


def _named(quads: Iterable[Quad], stem: str) -> list[Quad]:
    """Gives blank nodes names that depend on their graph and on the name of its file, and on nothing else."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)

    def name(term: T) -> T | BlankNode:
        return BlankNode(f"{stem}-{term.value}") if isinstance(term, BlankNode) else term

    renamed = (Quad(name(q.subject), q.predicate, name(q.object), q.graph_name) for q in dataset)
    return sorted(renamed, key=str)

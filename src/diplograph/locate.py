"""Finds the line of a source file in which a term is described, for errors and findings."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from diplograph.errors import Place
from diplograph.vocabulary import prefixes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pyoxigraph import NamedNode

    from diplograph.workspace import Workspace

_PREFIX = re.compile(r"^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
_BASE = re.compile(r"^\s*@?base\s+<([^>]*)>", re.IGNORECASE)
_GRAPH = re.compile(r"^\s*(?:GRAPH\s+)?(<[^>]*>|[\w-]*:[\w.-]*)\s*\{", re.IGNORECASE)
_SUBJECT = re.compile(r"^\s*(<[^>]*>|[\w-]*:[\w.-]*[\w-])(?=[\s;])")


class Locator:
    """An index from terms to the places where a Turtle or TriG file describes them.

    The files are read at the first question, line by line: a term that begins a statement is described there.
    That holds for files in the project's style, where each statement begins a line; elsewhere a place may be
    missing.

    Args:
        workspace: Whose data and ontology files are searched, and against whose root paths are shown.
        files: The files to search instead.
    """

    def __init__(self, workspace: Workspace, files: Sequence[Path] | None = None) -> None:
        self._workspace = workspace
        self._files = files

    def place(self, term: NamedNode, graph: str | None = None) -> Place:
        """Returns file and line of a term: where it stands in that graph, else where it stands first."""
        places = self._index.get(term.value, [])
        chosen = next(
            (each for each in places if each[2] == graph), places[0] if places else (None, None, None)
        )
        passage = graph if graph and "#char=" in graph else None
        return Place(chosen[0], chosen[1], term=term.value, passage=passage)

    @cached_property
    def _index(self) -> dict[str, list[tuple[Path, int, str | None]]]:
        index: dict[str, list[tuple[Path, int, str | None]]] = {}
        for path in self._files or self._sources():
            for iri, line, graph in described(path.read_text(encoding="utf-8"), prefixes(self._workspace)):
                index.setdefault(iri, []).append((self._workspace.relative(path), line, graph))
        return index

    def _sources(self) -> Iterator[Path]:
        yield from sorted(self._workspace.articles.glob("*.trig"))
        yield from sorted(self._workspace.reference.glob("*.ttl"))
        yield from sorted(self._workspace.ontology.glob("*.ttl"))


def described(text: str, known: dict[str, str]) -> Iterator[tuple[str, int, str | None]]:
    r"""Yields each IRI that begins a statement, with its line (from 1) and the named graph around it.

    >>> list(described("@prefix a: <urn:a:> .\na:x a a:C .\nGRAPH a:g {\n    a:y a a:C .\n}", {}))
    [('urn:a:x', 2, None), ('urn:a:y', 4, 'urn:a:g')]
    """
    namespaces, base, graph = dict(known), "", None
    fresh = True
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if found := _PREFIX.match(line):
            namespaces[found[1]] = found[2]
        elif found := _BASE.match(line):
            base = found[1]
        elif found := _GRAPH.match(line):
            graph = _iri(found[1], namespaces, base)
        elif fresh and (found := _SUBJECT.match(line + " ")):
            yield _iri(found[1], namespaces, base), number, graph
        if stripped.startswith("}"):
            graph = None
        fresh = stripped[-1] in ".{}"


def _iri(token: str, namespaces: dict[str, str], base: str) -> str:
    if token.startswith("<"):
        reference = token[1:-1]
        return base + reference if reference.startswith("#") or not reference else reference
    prefix, _, local = token.partition(":")
    return namespaces.get(prefix, f"{prefix}:") + local

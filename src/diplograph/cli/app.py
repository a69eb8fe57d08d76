"""What all commands share: where things are, and how terms are written on a command line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diplograph.errors import InvalidValue, NotFound
from diplograph.workspace import Workspace

if TYPE_CHECKING:
    from typing import NoReturn

    from pyoxigraph import BlankNode, Literal, NamedNode, Triple

    from diplograph.reasoning import Closure
    from diplograph.remote import RemoteStore
    from diplograph.store import EmbeddedStore

    Term = NamedNode | BlankNode | Literal

FINDINGS = 1
"""The exit code of a command that found something to mend."""


def end_with_findings() -> NoReturn:
    """Ends the command with the exit code of findings."""
    click.get_current_context().exit(FINDINGS)


@dataclass
class App:
    """The global options, and what follows from them when it is first needed."""

    store: str | None = None
    place: Path | None = None
    texts: Path | None = None
    verbose: bool = False
    quiet: bool = False

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace of `--workspace`, or the one around the current folder."""
        return Workspace.find(self.place)

    @cached_property
    def graph(self) -> EmbeddedStore | RemoteStore:
        """The store of `--store`, or of the current build."""
        from diplograph.store import open_store

        return open_store(self.store if self.store is not None else self.workspace.build)

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The prefix registry."""
        from diplograph.vocabulary import prefixes

        return prefixes(self.workspace)

    def close(self) -> None:
        """Closes the store if it was opened."""
        if "graph" in self.__dict__:
            self.graph.close()

    def closure(self) -> Closure:
        """Opens the reasoning of the build.

        Raises:
            NotFound: There is none: nothing was built, or the store is an endpoint.
        """
        from diplograph.reasoning import Closure

        place = self.workspace.graph if self.store is None else Path(self.store)
        folders = (place / "graph", place, place.parent)
        path = next((found for each in folders if (found := each / "reasoning.duckdb").is_file()), None)
        if path is None:
            raise NotFound(
                f"no reasoning at {self.store or place}",
                hint="run `diplograph build`; an endpoint has none to ask",
            )
        return Closure.open(path)

    def articles(self) -> dict[str, str]:
        """Returns the article texts at hand, by digest; empty if there are none."""
        from diplograph.text import load_texts

        folder = self.texts or self.workspace.texts
        return load_texts(folder) if folder is not None else {}

    def term(self, written: str) -> Term:
        """Reads a term: `<IRI>`, an IRI, a CURIE, `a`, a Turtle literal, or a name in any spelling.

        Raises:
            NotFound: It is none of these, or the name is not known or not of one thing.
        """
        from diplograph.names import names_of

        text = written.strip()
        if text == "a":
            return self._turtle("rdf:type")
        if text[:1] in ('"', "'", "_") or text[:1].isdigit() or text in ("true", "false"):
            return self._turtle(text)
        return names_of(self.graph).resolve(text, prefixes=self.prefixes)

    def resource(self, written: str) -> NamedNode:
        """Reads a term that must be an IRI."""
        from pyoxigraph import NamedNode

        term = self.term(written)
        if not isinstance(term, NamedNode):
            raise InvalidValue(f"{written} is not an IRI", hint="give an IRI, a CURIE or a name")
        return term

    def triple(self, subject: str, predicate: str, value: str) -> Triple:
        """Reads three terms as a triple."""
        from pyoxigraph import Triple

        return Triple(self.resource(subject), self.resource(predicate), self.term(value))

    def _turtle(self, text: str) -> Term:
        from pyoxigraph import RdfFormat, parse

        head = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in self.prefixes.items())
        try:
            (quad,) = parse(f"{head}<urn:s> <urn:p> {text} .", format=RdfFormat.TURTLE)
        except (SyntaxError, ValueError) as error:
            raise NotFound(
                f"{text} is neither a term nor a name", hint='write a literal as in Turtle: "2016"@en'
            ) from error
        term: Term = quad.object
        return term


pass_app = click.make_pass_decorator(App)
"""Gives a command the `App` as its first argument."""

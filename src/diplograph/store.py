"""One interface to the graph, wherever it is: an embedded Oxigraph store, or a SPARQL 1.1 endpoint.

Whoever asks sees the merge of all graphs as the default graph, on every store; `GRAPH ?g { … }` reaches the
single graphs. An embedded store keeps the merge as its default graph: Oxigraph's own union of graphs gives a
triple once for each graph that states it, which would falsify every count.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple

from diplograph import sparql
from diplograph.errors import NotFound, Place, ResourceLimit
from diplograph.frames import columns, library
from diplograph.sparql import Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    import pandas  # type: ignore[import-untyped]  # an optional extra
    import polars  # type: ignore[import-not-found]  # an optional extra
    import rdflib

__all__ = ["EmbeddedStore", "Store", "Table", "Term", "open", "open_store"]

Subject = NamedNode | BlankNode
Self = TypeVar("Self", bound="_Closing")


@dataclass(frozen=True, slots=True)
class Table:
    """The solutions of a SELECT query: the variables, and a row a solution; None where a variable is unbound.

    >>> Table(("x", "y"), [(NamedNode("urn:a"), None)]).values()
    [('urn:a', None)]
    """

    variables: tuple[str, ...]
    rows: list[tuple[Term | None, ...]]

    def __len__(self) -> int:
        return len(self.rows)

    def values(self) -> list[tuple[str | None, ...]]:
        """Returns the rows with IRIs and lexical forms as plain strings."""
        return [tuple(None if term is None else term.value for term in row) for row in self.rows]

    def records(self) -> list[dict[str, Term]]:
        """Returns a dictionary a row, without the unbound variables."""
        return [
            {name: term for name, term in zip(self.variables, row, strict=True) if term is not None}
            for row in self.rows
        ]

    def columns(self) -> dict[str, list[Any]]:
        """Returns a column of Python values a variable: numbers, dates, truth values, else text."""
        return columns(self.variables, self.rows)

    def pandas(self) -> pandas.DataFrame:
        """Returns a pandas data frame of `columns`; needs the extra `diplograph[pandas]`."""
        return library("pandas").DataFrame(self.columns(), columns=list(self.variables))

    def polars(self) -> polars.DataFrame:
        """Returns a Polars data frame of `columns`; needs the extra `diplograph[polars]`."""
        return library("polars").DataFrame(self.columns())


class Store(Protocol):
    """What can be asked of a graph. Queries are checked for syntax before anything runs."""

    def select(self, query: str, *, deadline: float | None = None) -> Table:
        """Runs a SELECT query; `deadline` is in seconds."""
        ...

    def ask(self, query: str, *, deadline: float | None = None) -> bool:
        """Runs an ASK query."""
        ...

    def construct(self, query: str, *, deadline: float | None = None) -> list[Triple]:
        """Runs a CONSTRUCT or DESCRIBE query; the triples come in the order of their N-Triples form."""
        ...

    def query(self, query: str, *, deadline: float | None = None) -> Table | bool | list[Triple]:
        """Runs a query of any form."""
        ...

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,  # noqa: A002  # the word of RDF
        graph: NamedNode | None = None,
    ) -> Iterator[Quad]:
        """Yields the quads of a pattern; None stands for anything."""
        ...

    def close(self) -> None:
        """Frees what the store holds; it cannot be used afterwards."""
        ...


class _Closing:
    """The context manager of both stores, and what both build on `query`."""

    def query(self, query: str, *, deadline: float | None = None) -> Table | bool | list[Triple]:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def select(self, query: str, *, deadline: float | None = None) -> Table:
        """Runs a SELECT query.

        Raises:
            SyntaxProblem: The query is not well-formed, or of another form.
            ResourceLimit: The deadline (seconds) passed.
        """
        answer = self.query(query, deadline=deadline)
        if not isinstance(answer, Table):
            raise sparql.wrong_form(query, "select")
        return answer

    def ask(self, query: str, *, deadline: float | None = None) -> bool:
        """Runs an ASK query; raises as `select`."""
        answer = self.query(query, deadline=deadline)
        if not isinstance(answer, bool):
            raise sparql.wrong_form(query, "ask")
        return answer

    def construct(self, query: str, *, deadline: float | None = None) -> list[Triple]:
        """Runs a CONSTRUCT or DESCRIBE query; raises as `select`."""
        answer = self.query(query, deadline=deadline)
        if not isinstance(answer, list):
            raise sparql.wrong_form(query, "construct")
        return answer

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class EmbeddedStore(_Closing):
    """An Oxigraph store in this process: the one of a build, opened for reading, or one in memory.

    A store on disk is opened read-only, so any number of processes may read one build at a time.
    """

    def __init__(self, store: pyoxigraph.Store, location: Path | None = None) -> None:
        self._store: pyoxigraph.Store | None = store
        self.location = location
        self._unmerged = next(store.quads_for_pattern(None, None, None, DefaultGraph()), None) is None

    @classmethod
    def open(cls, path: Path) -> EmbeddedStore:
        """Opens the store of a build: the folder `store`, or the build that holds it.

        Raises:
            NotFound: There is no store; `diplograph build` makes one.
        """
        folder = next(
            (each for each in (path / "store", path / "graph" / "store", path) if _is_store(each)), None
        )
        if folder is None:
            raise NotFound("no built graph here", place=Place(file=path), hint="run `diplograph build` first")
        return cls(pyoxigraph.Store.read_only(str(folder)), folder)

    @classmethod
    def from_quads(cls, quads: Iterable[Quad]) -> EmbeddedStore:
        """Makes a store in memory."""
        store = pyoxigraph.Store()
        store.bulk_extend(with_merge(quads))
        return cls(store)

    def query(self, query: str, *, deadline: float | None = None) -> Table | bool | list[Triple]:
        """Runs a query of any form.

        The deadline is looked at between solutions; work inside one solution is not cut short (the server's
        query processes are, see `diplograph.server`).

        Raises:
            SyntaxProblem: The query is not well-formed, with line and column.
            ResourceLimit: The deadline (seconds) passed.
        """
        try:
            answer = self._open.query(query, use_default_graph_as_union=self._unmerged)
        except SyntaxError as error:
            raise sparql.problem(query, error) from error
        if isinstance(answer, pyoxigraph.QuerySolutions):
            names = tuple(variable.value for variable in answer.variables)
            rows = [tuple(solution) for solution in _before(answer, deadline)]
            return Table(names, rows)
        if isinstance(answer, pyoxigraph.QueryBoolean):
            return bool(answer)
        return sorted(_before(answer, deadline), key=str)

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,  # noqa: A002  # the word of RDF
        graph: NamedNode | None = None,
    ) -> Iterator[Quad]:
        """Yields the quads of a pattern from the named graphs, in the order of the store's index."""
        for quad in self._open.quads_for_pattern(subject, predicate, object, graph):
            if not isinstance(quad.graph_name, DefaultGraph):
                yield quad

    def rdflib(self) -> rdflib.Dataset:
        """Returns a copy as an rdflib dataset whose default graph is the union of all graphs.

        Cost: time and memory in proportion to the store; some 10,000 quads a second.
        """
        import rdflib

        dataset = rdflib.Dataset(default_union=True)
        dataset.parse(data=pyoxigraph.serialize(self.quads(), format=RdfFormat.N_QUADS), format="nquads")
        return dataset

    def __len__(self) -> int:
        return sum(1 for _ in self.quads())

    def close(self) -> None:
        """Frees the store's files."""
        self._store = None

    @property
    def _open(self) -> pyoxigraph.Store:
        if self._store is None:
            raise ValueError("the store is closed")
        return self._store


def open_store(location: Path | str) -> EmbeddedStore | RemoteStore:
    """Opens a store: a folder of a build, or the URL of a SPARQL 1.1 endpoint.

    Raises:
        NotFound: The folder holds no store.
    """
    if isinstance(location, str) and location.startswith(("http://", "https://")):
        from diplograph.remote import RemoteStore

        return RemoteStore(location)
    return EmbeddedStore.open(Path(location))


def open(location: Path | str | None = None) -> EmbeddedStore | RemoteStore:  # noqa: A001  # `diplograph.open()`
    """Opens the current build, or the store at a place; see `open_store`."""
    if location is not None:
        return open_store(location)
    from diplograph.workspace import Workspace

    return open_store(Workspace.find().build)


def with_merge(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yields quads, and each of their triples in the default graph as well: what an embedded store holds."""
    for quad in quads:
        yield quad
        yield Quad(quad.subject, quad.predicate, quad.object)


def _is_store(folder: Path) -> bool:
    return (folder / "CURRENT").is_file()


def _before(answer: Iterable[Any], deadline: float | None) -> Iterator[Any]:
    if deadline is None:
        yield from answer
        return
    from time import monotonic

    end = monotonic() + deadline
    iterator = iter(answer)
    while batch := list(islice(iterator, 64)):
        if monotonic() > end:
            raise ResourceLimit(f"the query took longer than {deadline:g} s", code="deadline")
        yield from batch


if TYPE_CHECKING:
    from diplograph.remote import RemoteStore

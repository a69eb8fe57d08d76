"""A store that can be written: by the Graph Store Protocol where it has one, else by SPARQL Update."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from pyoxigraph import RdfFormat, Triple, serialize

from diplograph.errors import InvalidValue
from diplograph.push.canonical import has_blank
from diplograph.remote import RemoteStore
from diplograph.transport import http_client, send

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType

    import httpx
    from pyoxigraph import NamedNode

Method = Literal["auto", "gsp", "update"]

UPDATE_BATCH = 1_000
"""Triples of one update at most: Virtuoso refuses updates of some thousands."""
WRITING = 600.0
"""Seconds to wait for an answer to a write."""

# Where engines have their addresses: what the engine calls itself (the header Server), a pattern of the
# address for queries, and what stands instead of it for updates and for the Graph Store Protocol. The first
# that fits counts.
_ENGINES = (
    ("virtuoso", r"/sparql(-auth)?$", "/sparql-auth", "/sparql-graph-crud-auth"),
    ("", r"/sparql/?$", "/sparql", ""),  # Amazon Neptune, Blazegraph, and whoever has one address
    ("", r"/query$", "/update", "/store"),  # Oxigraph
    ("fuseki", r"/(sparql|query)$", "/update", "/data"),
    ("", r"(/repositories/[^/]+)$", r"\1/statements", r"\1/rdf-graphs/service"),  # RDF4J, GraphDB
)


class Endpoint:
    """Where to push.

    Args:
        query: The address for queries.
        update: The address for updates; found from `query` for known engines, else `query` itself.
        graphs: The address of the Graph Store Protocol, with indirect graph naming (`?graph=`); found from
            `query` for known engines, else none.
        client: The HTTP client to use instead of an own one.
    """

    def __init__(
        self,
        query: str,
        *,
        update: str | None = None,
        graphs: str | None = None,
        client: httpx.Client | None = None,
    ) -> None:
        self._client = client or http_client()
        self.store = RemoteStore(query, self._client)
        self._given = (update, graphs)
        self._found: tuple[str, str] | None = None

    @property
    def location(self) -> str:
        """The address for queries."""
        return self.store.location

    def method(self, wanted: Method) -> Literal["gsp", "update"]:
        """Returns how to write: as wanted, or by the Graph Store Protocol where its address is known.

        Raises:
            InvalidValue: The Graph Store Protocol is wanted, and its address is not known.
        """
        if wanted == "gsp" and not self._addresses[1]:
            raise InvalidValue(
                f"the Graph Store Protocol of {self.location} is not known",
                hint="give its address with --graphs",
            )
        return "update" if wanted == "update" or not self._addresses[1] else "gsp"

    def put(self, graph: NamedNode, triples: Sequence[Triple], batch: int) -> None:
        """Replaces a graph by the Graph Store Protocol (PUT, then POST for what exceeds a batch).

        Not all or nothing: a failure may leave a part of the graph, which a later push finds and replaces.
        """
        for number, part in enumerate(parts(triples, batch)):
            send(
                self._client,
                "POST" if number else "PUT",
                self._addresses[1],
                params={"graph": graph.value},
                content=serialize(part, format=RdfFormat.N_TRIPLES),
                headers={"content-type": "application/n-triples"},
                timeout=WRITING,
            )

    def replace(self, graphs: Sequence[tuple[NamedNode, Sequence[Triple]]], batch: int) -> None:
        """Replaces graphs by SPARQL Update, several small ones in one request."""
        size = min(batch, UPDATE_BATCH)
        statements: list[str] = []
        held = 0
        for graph, triples in graphs:
            statements.append(f"DROP SILENT GRAPH {graph}")
            for part in parts(triples, size):
                if held + len(part) > size and held:
                    self.update(statements)
                    statements, held = [], 0
                statements.append(_insertion(graph, part))
                held += len(part)
        if statements:
            self.update(statements)

    def drop(self, graph: NamedNode) -> None:
        """Removes a graph."""
        if self.method("auto") == "update":
            self.update([f"DROP SILENT GRAPH {graph}"])
        else:
            send(self._client, "DELETE", self._addresses[1], params={"graph": graph.value}, timeout=WRITING)

    def update(self, statements: Iterable[str]) -> None:
        """Sends SPARQL Update statements in one request."""
        text = " ;\n".join(statements)
        send(self._client, "POST", self._addresses[0], data={"update": text}, timeout=WRITING)

    def close(self) -> None:
        """Closes the connections."""
        self.store.close()

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _addresses(self) -> tuple[str, str]:
        if self._found is None:
            update, graphs = self._given
            if update is None or graphs is None:
                found = _addresses(self.location, self._server())
                update = found[0] if update is None else update
                graphs = found[1] if graphs is None else graphs
            self._found = (update, graphs)
        return self._found

    def _server(self) -> str:
        answer = send(
            self._client, "POST", self.location, data={"query": "ASK {}"}, headers={"accept": "*/*"}
        )
        return str(answer.headers.get("server", "")).lower()


def parts(triples: Sequence[Triple], size: int) -> Iterator[Sequence[Triple]]:
    """Cuts a graph into parts of a size, at least one; what has blank nodes stays together.

    The names of blank nodes end with a request.
    """
    blank = [each for each in triples if has_blank(each)]
    plain = [each for each in triples if not has_blank(each)]
    room = max(size - len(blank), 0)
    yield [*blank, *plain[:room]]
    for start in range(room, len(plain), size):
        yield plain[start : start + size]


def _insertion(graph: NamedNode, triples: Sequence[Triple]) -> str:
    """Returns an update that adds triples; blank nodes stand in a template, as not all take them as data."""
    text = (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()
    if any(has_blank(each) for each in triples):
        return f"INSERT {{ GRAPH {graph} {{\n{text}}} }} WHERE {{}}"
    return f"INSERT DATA {{ GRAPH {graph} {{\n{text}}} }}"


def _addresses(query: str, server: str) -> tuple[str, str]:
    for name, pattern, update, graphs in _ENGINES:
        if name in server and re.search(pattern, query):
            return re.sub(pattern, update, query), re.sub(pattern, graphs, query) if graphs else ""
    return query, ""

"""The SPARQL endpoint: SPARQL 1.1 Protocol, its service description, and a form for people.

Without a dataset in the protocol or in the query, the default graph is the merge of all graphs
(`sd:UnionDefaultGraph`). An answer is whole or it is an error: nothing is sent before the result is complete.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import Response

from diplograph.server.engine import ending_with_client, volatile
from diplograph.server.messages import Body, fields, header, origin, read_body, utf8, values
from diplograph.server.negotiate import GRAPHS, RESULTS, SHORT, accepts_gzip, best, content_type
from diplograph.server.problems import refuse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from diplograph.server.engine import Engine

PATH = "/sparql"
HTML = "text/html"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
REVALIDATE = {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Encoding"}

_RESULTS = (*RESULTS, HTML)
_GRAPHS = (*GRAPHS, HTML)


@dataclass(slots=True)
class Operation:
    """What a request asks for: a query, an update, or neither (the service description)."""

    query: str | None = None
    update: str | None = None
    default: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    format: str | None = None
    base: str = ""

    @property
    def has_dataset(self) -> bool:
        """Whether the protocol names the graphs to query."""
        return bool(self.default or self.named)


def operation(method: str, query_string: bytes, body: Body | None) -> Operation:
    """Reads the operation of a request (SPARQL 1.1 Protocol sections 2.1 and 2.2).

    Raises:
        Refused: The request is none: two queries, a wrong media type, an update by GET.
    """
    found = fields(query_string)
    direct = ""
    if body is not None:
        if body.media == FORM:
            found += fields(body.data)
        elif body.media in (QUERY, UPDATE):
            direct = utf8(body)
            found.append(("query" if body.media == QUERY else "update", direct))
        else:
            offered = [FORM, QUERY, UPDATE]
            raise refuse("media-type", offered=offered, headers={"Accept-Post": ", ".join(offered)})
    queries, updates = values(found, "query"), values(found, "update")
    if len(queries) + len(updates) > 1:
        raise refuse("bad-request", "a request has one query or one update")
    if updates and method != "POST":
        raise refuse("bad-request", "updates are sent by POST")
    if body is not None and not queries and not updates:
        raise refuse("bad-request", "the form has neither a query nor an update")
    prefix = "using-" if updates else ""
    formats = values(found, "format")
    return Operation(
        query=queries[0] if queries else None,
        update=updates[0] if updates else None,
        default=values(found, f"{prefix}graph-uri" if updates else "default-graph-uri"),
        named=values(found, f"{prefix}named-graph-uri" if updates else "named-graph-uri"),
        format=formats[0] if formats else None,
    )


class Sparql:
    """The endpoint as an ASGI application.

    Args:
        engine: What answers queries.
        describe: Makes the service description, for the endpoint's own address and a media type.
        update: Carries out an update, or refuses it.
        page: Makes the page for people, with or without a query.
    """

    def __init__(
        self,
        engine: Engine,
        describe: Callable[[str, str, str], Awaitable[bytes]],
        update: Callable[[Scope, Operation], Awaitable[Response]],
        page: Callable[[Scope, Operation], Awaitable[Response]],
    ) -> None:
        self.engine, self.describe, self.update, self.page = engine, describe, update, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; what was answered before from the same data is answered from memory."""
        method = scope["method"]
        query_string = scope["query_string"]
        settings = self.engine.settings
        if len(query_string) > settings.query_bytes:
            raise refuse("too-large")
        body = None
        if method == "POST":
            limit = settings.write_bytes if settings.writable is not None else settings.query_bytes
            body = await read_body(scope, receive, limit=limit, seconds=settings.body_seconds)
        accept, encoding = header(scope, b"accept"), header(scope, b"accept-encoding")
        key = (query_string, body and (body.media, body.data), accept, encoding, header(scope, b"host"))
        wanted = header(scope, b"if-none-match")
        if wanted and self.engine.tag(key) in wanted:
            await Response(status_code=304, headers={"ETag": self.engine.tag(key), **REVALIDATE})(
                scope, receive, send
            )
            return
        response = self.engine.cache.get(key)
        if response is None:
            asked = operation(method, query_string, body)
            asked.base = origin(scope, settings.public_url) + PATH
            generation = self.engine.generations.current
            with ending_with_client(receive):
                response = await self._respond(scope, asked, accept, encoding)
            if (
                asked.query is not None
                and not volatile(asked.query)
                and generation == self.engine.generations.current
            ):
                response.headers["ETag"] = self.engine.tag(key)
                self.engine.cache.put(key, response, len(query_string) + (len(body.data) if body else 0))
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, asked: Operation, accept: str, encoding: str) -> Response:
        if asked.update is not None:
            return await self.update(scope, asked)
        if asked.format is not None:
            accept = SHORT.get(asked.format, asked.format)
        results, graphs = best(accept, _RESULTS), best(accept, _GRAPHS)
        if graphs == results == HTML:
            return await self.page(scope, asked)
        results, graphs = best(accept, tuple(RESULTS)), best(accept, tuple(GRAPHS))
        if asked.query is None:
            if graphs is None:
                raise refuse("not-acceptable", offered=list(_GRAPHS))
            described = await self.describe(asked.base.removesuffix(PATH), graphs, client_of(scope))
            return Response(described, headers=REVALIDATE, media_type=content_type(graphs))
        head, data = await self.engine.query(
            asked.query,
            client=client_of(scope),
            base=asked.base,
            results=RESULTS.get(results or ""),
            graphs=GRAPHS.get(graphs or ""),
            default=asked.default if asked.has_dataset else None,
            named=asked.named if asked.has_dataset else None,
            gzip=accepts_gzip(encoding),
        )
        media = head["media"]
        if results in ("application/json", "application/xml") and media == RESULTS[results]:
            media = results
        return Response(data, headers=_headers(head), media_type=content_type(media))


def _headers(head: dict[str, str]) -> dict[str, str]:
    encoding = {"Content-Encoding": head["encoding"]} if "encoding" in head else {}
    return REVALIDATE | encoding


def client_of(scope: Scope) -> str:
    """Returns whose turn a request takes: its client's address."""
    return scope["client"][0] if scope.get("client") else ""

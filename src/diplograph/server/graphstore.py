"""The graph store: SPARQL 1.1 Graph Store HTTP Protocol under `/graphs`.

A graph is named by `?graph=IRI`, by `?default`, or by its own address under `/graphs/`; for reading,
`/graphs/X` also names `https://w3id.org/diplograph/X` (a passage's `#` written as `%23`). `/graphs` itself
is the whole dataset. `?default` is the store's own default graph: in a build the merge of all others.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from pyoxigraph import NamedNode
from starlette.responses import Response

from diplograph.server.engine import ending_with_client
from diplograph.server.messages import fields, header, origin, read_body, values
from diplograph.server.negotiate import DATASETS, GRAPHS, SHORT, accepts_gzip, best, content_type
from diplograph.server.problems import Refused, refuse
from diplograph.server.protocol import REVALIDATE, client_of

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from diplograph.server.engine import Answer, Engine
    from diplograph.server.writes import Writes

PATH = "/graphs"
SPACE = "https://w3id.org/diplograph/"
MULTIPART = "multipart/form-data"


class GraphStore:
    """The graph store as an ASGI application."""

    def __init__(self, engine: Engine, writes: Writes) -> None:
        self.engine, self.writes = engine, writes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["method"] in ("GET", "HEAD"):
            response = await self._read(scope, receive)
        else:
            response = await self._write(scope, receive)
        await response(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive) -> Response:
        names = self._names(scope)
        found = fields(scope["query_string"])
        formats = values(found, "format")
        accept = SHORT.get(formats[0], formats[0]) if formats else header(scope, b"accept")
        offered = tuple(DATASETS if names == [""] else GRAPHS)
        media = best(accept, offered)
        if media is None:
            raise refuse("not-acceptable", offered=list(offered))
        key = (PATH, tuple(names), media)
        tag = self.engine.tag(key)
        if tag in header(scope, b"if-none-match"):
            return Response(status_code=304, headers={"ETag": tag, **REVALIDATE})
        gzip = accepts_gzip(header(scope, b"accept-encoding"))
        with ending_with_client(receive):
            head, body = await self._first(names, media, client_of(scope), gzip)
        headers = {"ETag": tag, **REVALIDATE}
        if "encoding" in head:
            headers["Content-Encoding"] = head["encoding"]
        return Response(body, headers=headers, media_type=content_type(media))

    async def _first(self, names: list[str | None], media: str, client: str, gzip: bool) -> Answer:
        for name in names[:-1]:
            try:
                return await self.engine.graph(name, media, client=client, gzip=gzip)
            except Refused as refused:
                if refused.response.status_code != 404:
                    raise
        return await self.engine.graph(names[-1], media, client=client, gzip=gzip)

    async def _write(self, scope: Scope, receive: Receive) -> Response:
        self.writes.authorise(scope)
        settings = self.engine.settings
        body = await read_body(scope, receive, limit=settings.write_bytes, seconds=settings.body_seconds)
        method = scope["method"]
        name, *_ = self._names(scope)
        created = ""
        if name == "":
            if method != "POST":
                raise refuse("bad-request", f"{method} needs a graph: ?graph=IRI or ?default")
            name = created = f"{origin(scope, settings.public_url)}{PATH}/{secrets.token_hex(16)}"
        job = {
            "kind": method.lower(),
            "graph": name,
            "base": name or origin(scope, settings.public_url) + PATH,
        }
        if method != "DELETE":
            media = body.media
            if media not in GRAPHS and media != MULTIPART:
                raise refuse("media-type", offered=[*GRAPHS, MULTIPART])
            if body.parameters.get("charset", "utf-8").lower() != "utf-8":
                raise refuse("media-type", "the body must be UTF-8")
            job |= {"media": media, "boundary": body.parameters.get("boundary", "")}
        outcome = await self.writes.write(job, body.data)
        if method == "DELETE" and not outcome["existed"]:
            raise refuse("not-found", "there is no such graph")
        headers = {"Location": created} if created else {}
        return Response(status_code=204 if outcome["existed"] else 201, headers=headers)

    def _names(self, scope: Scope) -> list[str | None]:
        """Returns the names a graph may have, likeliest first: None is the default graph, "" the dataset."""
        found = fields(scope["query_string"])
        graphs, default = values(found, "graph"), values(found, "default")
        rest = scope["path"].removeprefix(PATH).lstrip("/")
        if len(graphs) + len(default) + bool(rest) > 1:
            raise refuse("bad-request", "name one graph: ?graph=IRI, ?default, or its address under /graphs/")
        if default:
            return [None]
        if graphs:
            return [_absolute(graphs[0])]
        if not rest:
            return [""]
        raw = scope.get("raw_path", scope["path"].encode()).decode("ascii", "replace")
        own = origin(scope, self.engine.settings.public_url) + raw
        return [_absolute(own), _absolute(SPACE + quote(unquote(rest), safe="/#:=,-._~"))]


def _absolute(iri: str) -> str:
    scheme, colon, rest = iri.partition(":")
    try:
        NamedNode(iri)
    except ValueError:
        colon = ""
    if not colon or not rest or not scheme.isascii() or not scheme[:1].isalpha():
        raise refuse("bad-request", "the graph's name is no absolute IRI")
    return iri

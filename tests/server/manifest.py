"""The W3C's protocol manifests: HTTP requests and what is expected of each answer, read from RDF."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.compare import isomorphic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")

STATUSES = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}
FORMATS = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": (
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    ),
    "RDF": ("text/turtle", "application/rdf+xml", "application/n-triples"),
}
DATASETS = ("application/n-quads", "application/trig")


@dataclass(frozen=True)
class Endpoints:
    """Where a server takes queries, updates and graphs, and the header fields that let it write."""

    query: str
    update: str
    graphs: str
    headers: dict[str, str] = field(default_factory=dict)
    auth: httpx.Auth | None = None


@dataclass(frozen=True)
class Exchange:
    """One request and what its answer must be like."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    statuses: frozenset[str]
    boolean: bool | None
    format: str | None
    location: str | None
    media: str | None
    content: str | None

    @property
    def is_update(self) -> bool:
        text = (self.body or b"").decode("utf-8", "replace") + self.path
        return "sparql-update" in self.headers.get("content-type", "") or "update=" in text


@dataclass(frozen=True)
class Case:
    """A test of a manifest: the graphs that must be there, and its exchanges in order."""

    name: str
    data: tuple[tuple[str, bytes], ...]
    exchanges: tuple[Exchange, ...]


def cases(path: Path) -> list[Case]:
    """Returns the entries of a manifest, in order."""
    graph = Graph().parse(path)
    manifest = graph.value(predicate=RDF.type, object=MF.Manifest)
    entries = Collection(graph, graph.value(manifest, MF.entries))
    return [_case(graph, entry, path.parent) for entry in entries]


def run(client: httpx.Client, endpoints: Endpoints, case: Case, *, strict: bool = True) -> None:
    """Sends a case's requests and asserts what is expected of each answer.

    Not `strict` is for other servers: the charset of a media type may be missing, and quads do for triples.
    """
    variables: dict[str, str] = {}
    for exchange in case.exchanges:
        response = send(client, endpoints, exchange, variables)
        shown = f"{exchange.method} {exchange.path}: {response.status_code} {response.text[:300]}"
        assert _status_fits(response.status_code, exchange.statuses), shown
        if exchange.location:
            variables[exchange.location] = response.headers["location"]
        media = response.headers.get("content-type", "").partition(";")[0]
        if exchange.format:
            assert media in FORMATS[exchange.format] or (not strict and media in DATASETS), shown
        if exchange.boolean is not None:
            assert _boolean(response) is exchange.boolean, shown
        if exchange.media:
            given, wanted = response.headers.get("content-type", ""), exchange.media
            if not strict:
                given, wanted = media, wanted.partition(";")[0]
            assert given.replace(" ", "") == wanted.replace(" ", ""), shown
        if exchange.content is not None:
            base = str(response.url)
            expected = Graph().parse(data=exchange.content, format="turtle", publicID=base)
            assert isomorphic(Graph().parse(data=response.text, format="turtle", publicID=base), expected), (
                shown
            )


def send(
    client: httpx.Client, endpoints: Endpoints, exchange: Exchange, variables: dict[str, str] | None = None
) -> httpx.Response:
    """Sends one request to wherever the server takes its kind."""
    path = exchange.path
    for variable, value in (variables or {}).items():
        path = path.replace(variable, value)
    if path.startswith("/sparql/"):
        url = (endpoints.update if exchange.is_update else endpoints.query) + path.removeprefix("/sparql/")
    else:
        url = endpoints.graphs + path.removeprefix("/gsp")
    headers = exchange.headers | endpoints.headers
    return client.request(exchange.method, url, headers=headers, content=exchange.body, auth=endpoints.auth)


def _boolean(response: httpx.Response) -> bool:
    if response.headers["content-type"].startswith("application/sparql-results+xml"):
        return "<boolean>true</boolean>" in response.text
    return response.json()["boolean"] is True


def _status_fits(status: int, expected: frozenset[str]) -> bool:
    classes = {name.removeprefix("StatusCode")[0] for name in expected if name.startswith("StatusCode")}
    return str(status)[0] in classes or status in {STATUSES.get(name) for name in expected}


def _case(graph: Graph, entry: Node, folder: Path) -> Case:
    data = []
    for given in graph.objects(entry, UT.graphData):
        file = str(graph.value(given, UT.graph)).rpartition("/")[2]
        data.append((str(graph.value(given, RDFS.label)), (folder / file).read_bytes()))
    requests = Collection(graph, graph.value(graph.value(entry, MF.action), HT.requests))
    name = str(entry).rpartition("#")[2]
    return Case(name, tuple(sorted(data)), tuple(_exchange(graph, request) for request in requests))


def _exchange(graph: Graph, request: Node) -> Exchange:
    response = graph.value(request, HT.resp)
    boolean = graph.value(response, MF.expectedBoolean)
    body, content = graph.value(request, HT.body), graph.value(response, HT.body)
    encoding = str(graph.value(body, CNT.characterEncoding)) if body else ""
    optional = {name: graph.value(response, MF[name]) for name in ("expectedFormat", "expectedLocation")}
    return Exchange(
        method=str(graph.value(request, HT.methodName)),
        path=str(graph.value(request, HT.absolutePath)),
        headers=dict(_headers(graph, request)),
        body=str(graph.value(body, CNT.chars)).encode(encoding) if body else None,
        statuses=frozenset(
            str(each).rpartition("#")[2]
            for each in graph.objects(response, MF.expectedStatus)
            if isinstance(each, URIRef)
        ),
        boolean=None if boolean is None else bool(boolean.toPython()),  # type: ignore[attr-defined]
        format=str(optional["expectedFormat"]) if optional["expectedFormat"] else None,
        location=str(optional["expectedLocation"]) if optional["expectedLocation"] else None,
        media=dict(_headers(graph, response)).get("content-type"),
        content=str(graph.value(content, CNT.chars)) if content else None,
    )


def _headers(graph: Graph, message: Node | None) -> Iterator[tuple[str, str]]:
    head = graph.value(message, HT.headers)
    for each in Collection(graph, head) if head else ():
        yield str(graph.value(each, HT.fieldName)).lower(), str(graph.value(each, HT.fieldValue))

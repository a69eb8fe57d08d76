"""What the endpoint promises beyond the W3C's cases: datasets, formats, caching, readable errors."""

from __future__ import annotations

import gzip
import json
import time
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results
from server.serving import Running, serving, store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

QUERY = "application/sparql-query"
TABLE = "SELECT ?s ?o { ?s <urn:p> ?o } ORDER BY ?s ?o"
RESULTS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
GRAPHS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/trig": RdfFormat.TRIG,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("protocol")
    many = " ".join(f"<urn:many{n}> <urn:q> 'a longer text to be compressed' ." for n in range(500))
    build = store(
        folder / "build",
        ("urn:g1", "<urn:a> <urn:p> 'ກ'@lo , <urn:b> ."),
        ("urn:g2", "<urn:c> <urn:p> '<&\"' ."),
        ("urn:g3", many),
    )
    with serving(folder, build, result_bytes=200_000) as running:
        yield running


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client() as opened:
        yield opened


def ask(client: httpx.Client, query: str, **parameters: object) -> list[dict[str, str]]:
    response = client.get("/sparql", params={"query": query, **parameters})  # type: ignore[arg-type]
    assert response.status_code == 200, response.text
    rows = response.json()["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in rows]


def test_without_a_dataset_the_default_graph_is_the_union(client: httpx.Client) -> None:
    assert {row["s"] for row in ask(client, TABLE)} == {"urn:a", "urn:c"}


def test_a_dataset_in_the_query_is_taken_as_it_is(client: httpx.Client) -> None:
    assert {row["s"] for row in ask(client, "SELECT ?s FROM <urn:g2> { ?s <urn:p> ?o }")} == {"urn:c"}
    assert ask(client, "SELECT ?s FROM NAMED <urn:g2> { ?s <urn:p> ?o }") == []
    assert ask(client, "SELECT ?g FROM NAMED <urn:g2> { GRAPH ?g { ?s <urn:p> ?o } }") == [{"g": "urn:g2"}]
    assert len(ask(client, "SELECT ('FROM <urn:g2>' AS ?text) ?s { ?s <urn:p> ?o } # FROM <urn:g2>")) == 3


def test_a_dataset_in_the_protocol_wins(client: httpx.Client) -> None:
    query = "SELECT DISTINCT ?s FROM <urn:g1> { ?s <urn:p> ?o }"
    assert ask(client, query, **{"default-graph-uri": "urn:g2"}) == [{"s": "urn:c"}]
    assert ask(client, "SELECT * { ?s ?p ?o }", **{"named-graph-uri": "urn:g1"}) == []


@pytest.mark.parametrize("media", RESULTS)
def test_formats_of_tables(client: httpx.Client, media: str) -> None:
    response = client.get("/sparql", params={"query": TABLE}, headers={"Accept": media})
    assert response.headers["content-type"].partition(";")[0] == media
    rows = [tuple(map(str, row)) for row in parse_query_results(response.content, RESULTS[media])]  # type: ignore[union-attr]
    assert rows == [("<urn:a>", "<urn:b>"), ("<urn:a>", '"ກ"@lo'), ("<urn:c>", '"<&\\""')]


def test_csv(client: httpx.Client) -> None:
    response = client.get("/sparql", params={"query": TABLE}, headers={"Accept": "text/csv"})
    assert response.text == 's,o\r\nurn:a,urn:b\r\nurn:a,ກ\r\nurn:c,"<&"""\r\n'


@pytest.mark.parametrize("media", GRAPHS)
def test_formats_of_graphs(client: httpx.Client, media: str) -> None:
    query = "CONSTRUCT { ?s <urn:p> ?o } { ?s <urn:p> ?o }"
    response = client.get("/sparql", params={"query": query}, headers={"Accept": media})
    assert response.headers["content-type"].partition(";")[0] == media
    assert len(set(parse(response.content, GRAPHS[media]))) == 3


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/json"),
        ("application/*;q=0.5, text/csv", "text/csv"),
        ("text/html, text/csv;q=0.9", "text/html"),
        ("text/turtle, text/csv;q=0.1", "text/csv"),
        ("application/sparql-results+xml;q=0.9, */*;q=0.1", "application/sparql-results+xml"),
    ],
)
def test_negotiation(client: httpx.Client, accept: str, media: str) -> None:
    response = client.get("/sparql", params={"query": TABLE}, headers={"Accept": accept})
    assert response.headers["content-type"].partition(";")[0] == media
    assert "Accept" in response.headers["vary"]


def test_a_parameter_may_name_the_format(client: httpx.Client) -> None:
    response = client.get("/sparql", params={"query": TABLE, "format": "csv"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("query", [TABLE, "ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }", ""])
def test_unacceptable_formats(client: httpx.Client, query: str) -> None:
    parameters = {"query": query} if query else {}
    response = client.get("/sparql", params=parameters, headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert response.json()["offered"]


def test_mistakes_have_a_line_and_a_column(client: httpx.Client) -> None:
    response = client.post("/sparql", data={"query": "SELECT *\nWHERE { ?s ?p }"})
    assert response.status_code == 400
    assert (response.json()["line"], response.json()["column"]) == (2, 16)
    response = client.post("/sparql", data={"query": "ASK { nope:x ?p ?o }"})
    assert "nope" in response.json()["detail"]


def test_an_unknown_function_is_the_clients_mistake(client: httpx.Client) -> None:
    response = client.get("/sparql", params={"query": "SELECT (<urn:f>(1) AS ?x) {}"})
    assert response.status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_entity_tags(client: httpx.Client, method: str) -> None:
    def send(**headers: str) -> httpx.Response:
        if method == "GET":
            return client.get("/sparql", params={"query": TABLE}, headers=headers)
        return client.post("/sparql", data={"query": TABLE}, headers=headers)

    first = send()
    again = send(**{"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert send(Accept="text/csv").headers["etag"] != first.headers["etag"]
    assert send(**{"If-None-Match": 'W/"other"'}).status_code == 200


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "UUID()", "STRUUID()"])
def test_answers_that_vary_are_not_kept(client: httpx.Client, call: str) -> None:
    responses = [client.get("/sparql", params={"query": f"SELECT ({call} AS ?x) {{}}"}) for _ in range(2)]
    assert "etag" not in responses[0].headers
    assert responses[0].text != responses[1].text


@pytest.mark.parametrize("encoding", ["gzip", "gzip;q=0", "identity", "*"])
def test_compression(server: Running, encoding: str) -> None:
    with server.client() as client:
        headers = {"Accept-Encoding": encoding}
        with client.stream(
            "GET", "/sparql", params={"query": "SELECT * { ?s ?p ?o }"}, headers=headers
        ) as response:
            raw = b"".join(response.iter_raw())
    wanted = encoding in ("gzip", "*")
    assert (response.headers.get("content-encoding") == "gzip") is wanted
    assert len(json.loads(gzip.decompress(raw) if wanted else raw)["results"]["bindings"]) == 503


def test_head_is_get_without_a_body(client: httpx.Client) -> None:
    got = client.get("/sparql", params={"query": TABLE}, headers={"Accept-Encoding": "identity"})
    head = client.head("/sparql", params={"query": TABLE}, headers={"Accept-Encoding": "identity"})
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["etag"] == got.headers["etag"]


def test_options_and_cors(client: httpx.Client) -> None:
    response = client.options("/sparql")
    assert response.status_code == 204
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    response = client.options(
        "/sparql", headers={"Origin": "http://x", "Access-Control-Request-Method": "POST"}
    )
    assert "POST" in response.headers["access-control-allow-methods"]
    assert "Authorization" in response.headers["access-control-allow-headers"]
    assert client.get("/sparql").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize("path", ["/", "/graphs", "/id/x", "/health", "/api/questions"])
def test_other_methods_are_refused(client: httpx.Client, path: str) -> None:
    response = client.request("PATCH", path)
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]


def test_a_result_too_large_is_refused_whole(client: httpx.Client) -> None:
    query = "SELECT * { ?s <urn:q> ?o . ?s2 <urn:q> ?o2 }"
    response = client.get("/sparql", params={"query": query})
    assert response.status_code == 507
    assert response.json()["code"] == "result-too-large"


def test_security_headers(client: httpx.Client) -> None:
    for path in ("/", "/sparql", "/nothing", "/graphs?graph=urn:none"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers


def test_void(client: httpx.Client) -> None:
    response = client.get("/.well-known/void", headers={"Accept": "application/n-triples"})
    triples = {
        (str(quad.predicate), str(quad.object)) for quad in parse(response.content, RdfFormat.N_TRIPLES)
    }
    assert (
        "<http://rdfs.org/ns/void#triples>",
        '"503"^^<http://www.w3.org/2001/XMLSchema#integer>',
    ) in triples
    assert (
        "<http://rdfs.org/ns/void#sparqlEndpoint>",
        f"<{client.base_url}/sparql>".replace("//sparql", "/sparql"),
    ) in triples


def test_health_metrics_and_log(server: Running, client: httpx.Client) -> None:
    assert client.get("/health").json()["status"] == "ok"
    client.get("/sparql", params={"query": "ASK { # findable }\n}"}, headers={"X-Request-Id": "my-request.1"})
    text = client.get("/metrics").text
    assert 'diplograph_requests_total{route="/sparql",status="200"}' in text
    assert "diplograph_request_seconds_bucket" in text
    lines = server.lines()
    mine = [line for line in lines if line.get("request_id") == "my-request.1"]
    assert [(line["method"], line["path"], line["status"]) for line in mine] == [("GET", "/sparql", 200)]
    assert all({"time", "level", "message"} <= line.keys() for line in lines)


def test_a_new_build_is_followed(tmp_path: Path) -> None:
    first = store(tmp_path / "1", ("urn:g", "<urn:first> <urn:p> 1 ."))
    second = store(tmp_path / "2", ("urn:g", "<urn:second> <urn:p> 1 ."))
    (tmp_path / "build").mkdir()
    link = tmp_path / "build" / "graph"
    link.symlink_to(first)
    with serving(tmp_path, tmp_path / "build", follow_seconds=0.1) as server, server.client() as client:
        before = client.get("/sparql", params={"query": TABLE})
        assert "urn:first" in before.text
        link.unlink()
        link.symlink_to(second)
        time.sleep(0.5)
        after = client.get("/sparql", params={"query": TABLE})
        assert after.headers["etag"] != before.headers["etag"]
        assert "urn:second" in after.text

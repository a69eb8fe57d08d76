"""A SPARQL endpoint as a store: the same answers from real servers, and what is said when one fails."""

from __future__ import annotations

import json
from hashlib import md5
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import httpx
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, serialize
from servers import Server, oxigraph, virtuoso

from diplograph.errors import RemoteFailure, ResourceLimit, SyntaxProblem
from diplograph.remote import MERGED, PAGE, RemoteStore
from diplograph.store import EmbeddedStore
from diplograph.transport import Credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

A, B, P = NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:p")
ONE = NamedNode("https://w3id.org/diplograph/article/one#char=1,2")
TWO = NamedNode("https://w3id.org/diplograph/graph/two")
OTHER = NamedNode("urn:other")
QUADS = [
    Quad(A, P, B, ONE),
    Quad(A, P, Literal("ສະບາຍດີ", language="lo"), ONE),
    Quad(A, P, B, TWO),
    Quad(BlankNode("x"), P, BlankNode("x"), TWO),
    Quad(A, P, B, OTHER),
]
OURS = QUADS[:4]


def _load(server: Server, quads: list[Quad]) -> None:
    auth = Credentials(server.user, server.password or "")
    for graph in {quad.graph_name for quad in quads}:
        triples = (quad.triple for quad in quads if quad.graph_name == graph)
        httpx.put(
            server.graphs,
            params={"graph": graph.value},
            content=serialize(triples, format=RdfFormat.N_TRIPLES),
            headers={"content-type": "application/n-triples"},
            auth=auth,
        ).raise_for_status()


@pytest.fixture(
    scope="module",
    params=["oxigraph", "oxigraph-union", pytest.param("virtuoso", marks=pytest.mark.virtuoso)],
)
def remote(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteStore]:
    folder = tmp_path_factory.mktemp(request.param)
    running = (
        virtuoso(folder) if request.param == "virtuoso" else oxigraph(folder, union="union" in request.param)
    )
    with running as server:
        _load(server, [*QUADS, *(Quad(*quad.triple, MERGED) for quad in OURS)])
        with RemoteStore(server.query) as store:
            yield store


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?o WHERE { <urn:a> <urn:p> ?o } ORDER BY DESC(ISIRI(?o))",
        "SELECT (COUNT(*) AS ?n) WHERE { <urn:a> <urn:p> <urn:b> }",
        "SELECT ?g WHERE { GRAPH ?g { <urn:a> <urn:p> <urn:b> } } ORDER BY ?g",
        "ASK { <urn:a> <urn:p> <urn:b> }",
        "ASK { <urn:b> <urn:p> <urn:b> }",
        "CONSTRUCT { ?o <urn:q> ?s } WHERE { ?s <urn:p> ?o FILTER(ISIRI(?o)) }",
    ],
)
def test_answers_are_those_of_the_embedded_store(remote: RemoteStore, query: str) -> None:
    assert remote.query(query) == EmbeddedStore.from_quads(OURS).query(query)


def test_without_the_merged_graph_the_union_is_asked(tmp_path: Path) -> None:
    with oxigraph(tmp_path) as server:
        _load(server, OURS)
        with RemoteStore(server.query) as store:
            assert store.ask("ASK { <urn:a> <urn:p> <urn:b> }")


def test_quads_are_ours_only(remote: RemoteStore) -> None:
    found = list(remote.quads())
    assert {quad.graph_name for quad in found} == {ONE, TWO}
    assert {str(quad) for quad in found if not isinstance(quad.subject, BlankNode)} == {
        str(quad) for quad in QUADS[:3]
    }
    assert sum(isinstance(quad.subject, BlankNode) and quad.subject == quad.object for quad in found) == 1


def test_a_wrong_query_is_the_endpoints_to_tell(remote: RemoteStore) -> None:
    with pytest.raises(SyntaxProblem, match="does not accept the request"):
        remote.select("SELECT ?s WHERE { ?s ?p }")


@pytest.mark.virtuoso
def test_rows_that_virtuoso_caps_are_an_error_and_graphs_are_read_whole(tmp_path: Path) -> None:
    many = [Quad(NamedNode(f"urn:{i}"), P, Literal(f"ລາວ {i}", language="lo"), ONE) for i in range(20_500)]
    with virtuoso(tmp_path) as server:
        _load(server, many)
        with RemoteStore(server.query) as store:
            with pytest.raises(ResourceLimit, match="no more than 10000 rows"):
                store.select(f"SELECT ?s WHERE {{ GRAPH {ONE} {{ ?s ?p ?o }} }}")
            assert set(map(str, store.quads())) == set(map(str, many))


def test_graphs_are_named_in_parts_and_counted() -> None:
    names = {f"https://w3id.org/diplograph/graph/{number}" for number in range(2 * PAGE)}
    forgotten: set[str] = set()

    def answer(request: httpx.Request) -> httpx.Response:
        query = parse_qs(request.content.decode())["query"][0]
        if "COUNT" in query:
            return _json(["n"], [{"n": {"type": "literal", "value": str(len(names))}}])
        start = query.rpartition("MD5(STR(?g)), ")[2][1]
        page = [name for name in names - forgotten if md5(name.encode()).hexdigest().startswith(start)]
        return _json(["g"], [{"g": {"type": "uri", "value": name}} for name in page])

    assert {graph.value for graph in _answering(answer).graphs()} == names
    forgotten.add(min(names))
    with pytest.raises(ResourceLimit, match="names 17999 of its 18000 graphs"):
        _answering(answer).graphs()


def _json(names: list[str], rows: list[dict[str, dict[str, str]]]) -> httpx.Response:
    document = {"head": {"vars": names}, "results": {"bindings": rows}}
    return httpx.Response(200, headers=JSON, text=json.dumps(document))


def _answering(answer: Callable[[httpx.Request], httpx.Response]) -> RemoteStore:
    return RemoteStore("http://endpoint.example/sparql", httpx.Client(transport=httpx.MockTransport(answer)))


def _raise(error: Exception) -> httpx.Response:
    raise error


JSON = {"content-type": "application/sparql-results+json"}


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (lambda _: _raise(httpx.ConnectError("refused")), RemoteFailure, "unreachable"),
        (lambda _: _raise(httpx.ReadTimeout("slow")), ResourceLimit, "deadline"),
        (lambda _: _raise(httpx.RemoteProtocolError("closed")), RemoteFailure, "cut-short"),
        (lambda _: httpx.Response(401), RemoteFailure, "unauthorised"),
        (lambda _: httpx.Response(400, text="no such function"), SyntaxProblem, "refused"),
        (lambda _: httpx.Response(503, text="busy"), ResourceLimit, "deadline"),
        (lambda _: httpx.Response(500, html="<html><b>no</b></html>"), RemoteFailure, "remote"),
        (
            lambda _: httpx.Response(200, headers=JSON, text='{"head":{"vars":["s"]},"resu'),
            RemoteFailure,
            "cut-short",
        ),
        (lambda _: httpx.Response(200, headers=JSON, text="<html>"), RemoteFailure, "cut-short"),
        (lambda _: httpx.Response(200, headers=JSON | {"x-sql-state": "S1TAT"}), ResourceLimit, "cut-short"),
    ],
)
def test_failures_are_told_apart(answer, kind: type[Exception], code: str) -> None:
    with pytest.raises(kind) as caught:
        _answering(answer).select("SELECT ?s WHERE { ?s ?p ?o }")
    assert caught.value.code == code


def test_queries_go_out_as_forms_with_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, headers=JSON, text='{"head":{"vars":[]},"results":{"bindings":[]}}')

    auth = Credentials(token="secret")
    client = httpx.Client(transport=httpx.MockTransport(answer), auth=auth)
    RemoteStore("http://endpoint.example/sparql", client).select("SELECT ?s WHERE { ?s ?p ?o }")
    assert {request.headers["content-type"] for request in seen} == {"application/x-www-form-urlencoded"}
    assert {request.headers["authorization"] for request in seen} == {"Bearer secret"}

"""Writing: only with the token, only whole, and only what the shapes allow."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import NamedNode, Quad, Store
from server.serving import TOKEN, Running, serving, store

from diplograph.errors import InvalidValue
from diplograph.server import Settings
from diplograph.server.generations import Generations
from diplograph.server.updates import Conflict, calls_elsewhere, with_dataset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UPDATE = {"content-type": "application/sparql-update"}
TURTLE = {"content-type": "text/turtle"}
DG = "https://w3id.org/diplograph/ontology#"
GOOD = f'<urn:x:a> a <{DG}Person> ; <http://www.w3.org/2000/01/rdf-schema#label> "A"@en .'
BAD = f"<urn:x:t> a <{DG}Tenure> ."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("writing"), built, writable=True) as running:
        yield running


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client(headers=server.authorised) as opened:
        yield opened


def has(client: httpx.Client, pattern: str) -> bool:
    answer: bool = client.get("/sparql", params={"query": f"ASK {{ {pattern} }}"}).json()["boolean"]
    return answer


@pytest.mark.parametrize("token", [None, "Bearer wrong", "Basic x", f"bearer {TOKEN}x", "Bearer ກ"])
def test_without_the_token_nothing_is_written(server: Running, token: str | None) -> None:
    headers = UPDATE | ({"Authorization": token.encode()} if token else {})  # type: ignore[dict-item]
    with server.client() as client:
        response = client.post("/sparql", content="CLEAR ALL", headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert client.put("/graphs?graph=urn:x", content=GOOD, headers=TURTLE).status_code == 401


def test_a_conforming_write_is_there_for_everybody(server: Running, client: httpx.Client) -> None:
    tag = client.get("/sparql", params={"query": "ASK {}"}).headers["etag"]
    assert client.put("/graphs?graph=urn:x:good", content=GOOD, headers=TURTLE).status_code == 201
    with server.client() as anybody:
        assert has(anybody, f"GRAPH <urn:x:good> {{ <urn:x:a> a <{DG}Person> }}")
        assert has(
            anybody, f"GRAPH <https://w3id.org/diplograph/graph/inferred> {{ <urn:x:a> a <{DG}Actor> }}"
        )
        assert anybody.get("/sparql", params={"query": "ASK {}"}).headers["etag"] != tag
    assert client.delete("/graphs?graph=urn:x:good").status_code == 204
    assert not has(client, f"<urn:x:a> a <{DG}Actor>")


def test_a_violation_rejects_the_write_with_a_report(server: Running, client: httpx.Client) -> None:
    response = client.put("/graphs?graph=urn:x:bad", content=BAD, headers=TURTLE)
    assert response.status_code == 422
    assert {each["focus"] for each in response.json()["report"]} == {"<urn:x:t>"}
    assert any("holder" in (each["path"] or "") for each in response.json()["report"])
    assert not has(client, "GRAPH <urn:x:bad> { ?s ?p ?o }")
    update = f"INSERT DATA {{ GRAPH <urn:x:bad> {{ {BAD} }} }}"
    assert client.post("/sparql", content=update, headers=UPDATE).status_code == 422
    folders = list((server.log.parent / "writable" / "generations").iterdir())
    assert len(folders) <= 4


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        ("<urn:a> <urn:b>", "text/turtle", 400),
        ("<urn:a> <urn:b> <urn:c> .", "text/plain", 415),
        ("{", "application/ld+json", 400),
        ("GRAPH <urn:g> { <urn:a> <urn:b> <urn:c> }", "application/trig", 400),
        ("x", "multipart/form-data; boundary=y", 400),
        ("x", "multipart/form-data", 400),
    ],
)
def test_bad_data_is_refused(client: httpx.Client, content: str, media: str, status: int) -> None:
    response = client.post("/graphs?graph=urn:x:data", content=content, headers={"content-type": media})
    assert response.status_code == status, response.text
    assert "/" not in response.json()["detail"].replace("application/", "").replace("multipart/form-data", "")
    assert not has(client, "GRAPH <urn:x:data> { ?s ?p ?o }")


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <%s>",
        "LOAD SILENT <%s> INTO GRAPH <urn:g>",
        "INSERT { ?s ?p ?o } WHERE { SERVICE <%s> { ?s ?p ?o } }",
    ],
)
def test_updates_call_nobody(server: Running, client: httpx.Client, update: str) -> None:
    response = client.post("/sparql", content=update.replace("%s", f"{server.base}/graphs"), headers=UPDATE)
    assert response.status_code == 403
    assert response.json()["code"] == "service-refused"


def test_a_server_killed_in_a_write_has_lost_only_that_write(tmp_path: Path) -> None:
    build = store(tmp_path / "build", ("urn:g", "<urn:a> <urn:p> 1 ."))
    with serving(tmp_path, build, writable=True, validate=False) as server, server.client() as client:
        client.headers.update(server.authorised)
        assert (
            client.put("/graphs?graph=urn:h", content="<urn:b> <urn:p> 2 .", headers=TURTLE).status_code
            == 201
        )
        cross = "INSERT { GRAPH <urn:i> { ?s ?p ?x } } WHERE { ?s ?p ?o { SELECT ?x { %s } } }"
        values = (
            " ".join(f"VALUES ?v{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(7)) + " BIND (STR(?v1) AS ?x)"
        )
        with pytest.raises(httpx.HTTPError):
            client.post("/sparql", content=cross % values, headers=UPDATE, timeout=1.0)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
    with serving(tmp_path, build, writable=True, validate=False) as server, server.client() as client:
        assert has(client, "GRAPH <urn:h> { ?s ?p ?o }")
        assert not has(client, "GRAPH <urn:i> { ?s ?p ?o }")
        client.headers.update(server.authorised)
        assert client.delete("/graphs?graph=urn:h").status_code == 204


def test_servers_that_are_allowed_by_name_are_called(tmp_path: Path) -> None:
    build = store(tmp_path / "build", ("urn:g", "<urn:a> <urn:p> 1 ."))
    with serving(tmp_path / "1", build) as other:
        allow = [f"{other.base}/sparql", f"{other.base}/graphs?graph=urn:g"]
        with serving(tmp_path / "2", build, writable=True, validate=False, allow=allow) as server:
            client = server.client(headers=server.authorised)
            query = "ASK {{ SERVICE <{}> {{ <urn:a> ?p ?o }} }}"
            answer = client.post("/sparql", data={"query": query.format(allow[0])})
            assert answer.json()["boolean"] is True
            assert "etag" not in answer.headers
            assert client.post("/sparql", data={"query": query.format(f"{other.base}/x")}).status_code == 403
            load = f"LOAD <{allow[1]}> INTO GRAPH <urn:loaded>"
            assert client.post("/sparql", content=load, headers=UPDATE).status_code == 204
            assert client.get("/graphs?graph=urn:loaded").text == "<urn:a> <urn:p> 1 .\n"


def test_writable_needs_a_token(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="token"):
        Settings(tmp_path, writable=tmp_path / "w")


def test_a_folder_of_something_else_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "precious.txt").write_text("mine")
    with pytest.raises(InvalidValue, match="something else"):
        Generations(tmp_path / "none", tmp_path / "w")


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ("INSERT { ?s <urn:q> 1 } WHERE { ?s <urn:p> ?o }", {"urn:1"}),
        (
            "INSERT { ?s <urn:q> 1 }\n# WHERE\nwhere { ?s <urn:p> ?o FILTER (STR(?s) != '} WHERE {') }",
            {"urn:1"},
        ),
        ("INSERT DATA { <urn:x> <urn:q> 1 }", {"urn:x"}),
        ("INSERT DATA { <urn:x> <urn:q> 1 } ; INSERT { ?s <urn:q> 1 } WHERE { ?s <urn:p> 2 }", {"urn:x"}),
        ("INSERT { ?s <urn:q> 1 } WHERE { { SELECT ?s WHERE { ?s <urn:p> ?o } } }", {"urn:1"}),
    ],
)
def test_the_protocols_graphs_are_given_to_each_operation(update: str, expected: set[str]) -> None:
    data = _two_graphs()
    data.update(with_dataset(update, ["urn:g1"], [], None))
    assert {quad.subject.value for quad in data.quads_for_pattern(None, NamedNode("urn:q"), None)} == expected


def test_delete_where_has_no_place_for_graphs_and_is_spelled_out() -> None:
    data = _two_graphs()
    data.update(with_dataset("DELETE WHERE { ?s <urn:p> ?o }", ["urn:g1"], [], None))
    data.update(with_dataset("DELETE WHERE { GRAPH ?g { ?s <urn:p> ?o } }", [], ["urn:g2"], None))
    assert {quad.graph_name.value for quad in data} == {"urn:g1"}


@pytest.mark.parametrize(
    "update",
    [
        "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "INSERT { <urn:a> <urn:b> ?o } USING <urn:g> WHERE { ?s ?p ?o }",
    ],
)
def test_graphs_named_twice_conflict(update: str) -> None:
    with pytest.raises(Conflict):
        with_dataset(update, ["urn:g1"], [], None)


@pytest.mark.parametrize("text", ["'LOAD <urn:x>'", "'SERVICE'", "<urn:load:service>"])
def test_words_that_look_like_calls_are_none(text: str) -> None:
    assert not calls_elsewhere(f"INSERT DATA {{ <urn:a> <urn:b> {text} }} # LOAD <urn:y>", None)
    assert calls_elsewhere(f"INSERT DATA {{ <urn:a> <urn:b> {text} }} ; LOAD <urn:y>", None)


def test_what_is_allowed_by_name_is_allowed() -> None:
    allowed = ["http://a.example/"]
    assert not calls_elsewhere("LOAD <http://a.example/> INTO GRAPH <urn:g>", None, allowed)
    assert calls_elsewhere("LOAD <http://a.example/other>", None, allowed)
    assert calls_elsewhere("LOAD <http://a.example/> ; LOAD <http://b.example/>", None, allowed)
    with pytest.raises(SyntaxError):
        calls_elsewhere("LOAD <http://a.example/> INTO", None)


def _two_graphs() -> Store:
    data = Store()
    for number in (1, 2):
        term = NamedNode(f"urn:{number}")
        data.add(Quad(term, NamedNode("urn:p"), term, NamedNode(f"urn:g{number}")))
    return data

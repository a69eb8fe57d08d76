"""Clients that mean harm: the server answers others meanwhile, and recovers. All on loopback, and bounded."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from server.serving import Running, serving, store

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
QUICK = "SELECT * { ?s ?p ?o } LIMIT 5"
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
SECRETS = ("Traceback", "/work", "site-packages", "/tmp/", "root:")


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = " ".join(f"<urn:s{n}> <urn:p{n % 7}> <urn:o{n % 50}> , {n} ." for n in range(2000))
    return store(tmp_path_factory.mktemp("hostile"), ("urn:graph", text))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, build: Path) -> Iterator[Running]:
    limits = {"deadline": 1.5, "header_seconds": 1.0, "body_seconds": 1.5, "query_bytes": 50_000}
    limits |= {"result_bytes": 17_500_000, "connections": 150, "waiting": 20, "memory_bytes": 1 << 30}
    with serving(tmp_path_factory.mktemp("server"), build, **limits) as running:
        yield running
        text = running.log.read_text()
        assert "Exception" not in text.replace("ExceptionGroup", "")


@pytest.fixture(autouse=True)
def _still_answers(server: Running) -> Iterator[None]:
    yield
    until = time.monotonic() + 5
    while True:
        with contextlib.suppress(httpx.HTTPError), server.client() as client:
            if client.get("/sparql", params={"query": QUICK}).status_code == 200:
                return
        assert time.monotonic() < until, "the server did not recover"
        time.sleep(0.1)


def _raw(server: Running, data: bytes, seconds: float = 4.0) -> bytes:
    """Sends octets, and returns all that comes back until the server closes or the time is over."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as connection:
        connection.sendall(data)
        received = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            while part := connection.recv(65536):
                received += part
    return received


def test_a_deadline_ends_the_work(server: Running) -> None:
    before = set(server.workers())
    started = time.monotonic()
    with server.client() as client:
        response = client.get("/sparql", params={"query": ENDLESS})
    assert response.status_code == 504
    assert response.json()["code"] == "deadline"
    assert time.monotonic() - started < 3
    time.sleep(0.3)
    assert len(before - set(server.workers())) == 1, "its process has ended"
    assert len(server.workers()) >= len(before), "another has taken its place"


def test_slow_queries_do_not_delay_others(server: Running) -> None:
    def ask_endlessly() -> int:
        transport = httpx.HTTPTransport(local_address="127.0.0.2")
        with httpx.Client(transport=transport, base_url=server.base, timeout=30) as client:
            return client.get("/sparql", params={"query": f"{ENDLESS} # {threading.get_ident()}"}).status_code

    with ThreadPoolExecutor(12) as pool, server.client() as client:
        attackers = [pool.submit(ask_endlessly) for _ in range(12)]
        time.sleep(0.5)
        times = []
        for number in range(20):
            started = time.monotonic()
            assert client.get("/sparql", params={"query": f"{QUICK} # {number}"}).status_code == 200
            times.append(time.monotonic() - started)
        outcomes = {attacker.result() for attacker in attackers}
    assert sorted(times)[-2] < 1.0, times
    assert outcomes <= {503, 504}


def test_too_many_waiting_are_told_to_come_back(server: Running) -> None:
    def ask(number: int) -> httpx.Response:
        with server.client() as client:
            return client.get("/sparql", params={"query": f"{ENDLESS} # {number}"})

    with ThreadPoolExecutor(40) as pool:
        responses = list(pool.map(ask, range(40)))
    refused = [response for response in responses if response.status_code == 503]
    assert refused
    assert all(int(response.headers["retry-after"]) > 0 for response in refused)
    assert {response.status_code for response in responses} <= {503, 504}


def test_an_answer_too_large_is_no_answer(server: Running) -> None:
    doubled = "?x0" + "".join(f" BIND (CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(21))
    query = f"SELECT ?x21 {{ VALUES ?x0 {{ 'sixteen-octets--' }} {doubled[3:]} }}"
    with server.client() as client:
        response = client.get("/sparql", params={"query": query})
    assert response.status_code == 507
    assert response.json()["code"] == "result-too-large"


@pytest.mark.parametrize(
    "query",
    [
        "ASK { FILTER (" + "(" * 20_000 + "1" + ")" * 20_000 + ") }",
        "SELECT * {" + "{" * 20_000 + "}" * 20_000 + "}",
        "SELECT ?x60 { VALUES ?x0 { 'sixteen-octets--' }"
        + "".join(f" BIND (CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(60))
        + "}",
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i",
    ],
    ids=["parentheses", "braces", "doubling", "sorting"],
)
def test_queries_that_exhaust_their_process(server: Running, query: str) -> None:
    with server.client() as client:
        head = {"content-type": "application/sparql-query"}
        response = client.post("/sparql", content=query, headers=head)
    assert response.status_code in (400, 504, 507), response.text[:200]
    assert response.headers["content-type"] == "application/problem+json"


def test_huge_bodies_are_refused_early(server: Running) -> None:
    head = POST + b"Content-Length: %d\r\n\r\n" % (1 << 40)
    assert b" 413 " in _raw(server, head).splitlines()[0]
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"4000\r\n" + b"#" * 0x4000 + b"\r\n") * 20
    assert b" 413 " in _raw(server, chunked).splitlines()[0]


def test_slow_bodies_are_cut_off(server: Running) -> None:
    head = POST + b"Content-Length: 100\r\n\r\nASK"
    started = time.monotonic()
    assert b" 408 " in _raw(server, head, 5).splitlines()[0]
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("head", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n", b"GET /" + b"a" * 1000])
def test_slow_heads_are_cut_off(server: Running, head: bytes) -> None:
    started = time.monotonic()
    _raw(server, head, 5)
    assert time.monotonic() - started < 3


def test_a_second_slow_head_on_one_connection_is_cut_off_too(server: Running) -> None:
    started = time.monotonic()
    received = _raw(server, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /hea", 6)
    assert b" 200 " in received.splitlines()[0]
    assert time.monotonic() - started < 4


def test_endless_heads_are_refused(server: Running) -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: " + b"a" * 400_000
    with contextlib.suppress(ConnectionError):
        assert _raw(server, head).splitlines()[0].split()[1] in (b"400", b"431")


def test_a_client_that_takes_nothing_in_is_cut_off(server: Running) -> None:
    doubled = "".join(f" BIND (CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(20))
    query = f"SELECT ?x20 {{ VALUES ?x0 {{ 'sixteen-octets--' }} {doubled} }}"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(6)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(POST + f"Content-Length: {len(query)}\r\n\r\n{query}".encode())
        time.sleep(4)
        received = 0
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(1 << 20):
                received += len(part)
    assert received < 16 * (1 << 20)


def test_many_idle_connections(server: Running) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(400):
            with contextlib.suppress(OSError):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=2))
        time.sleep(1.5)  # the idle ones are closed after `header_seconds`
        with server.client() as client:
            assert client.get("/health").status_code == 200


def test_a_storm_of_clients_loses_nothing(server: Running) -> None:
    def ask(number: int) -> bool:
        with server.client() as client:
            response = client.get("/sparql", params={"query": f"SELECT ({number} AS ?n) {{}}"})
            return response.json()["results"]["bindings"][0]["n"]["value"] == str(number)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(120)))


BAD_REQUESTS = [
    b"GET /sparql?query=%FF%FE HTTP/1.1",
    b"GET /sparql?query=ASK%7B%7D%00 HTTP/1.1",
    b"GET /sparql?query=ASK%7B%7D&default-graph-uri=not%20an%20iri%3E HTTP/1.1",
    b"GET /sparql?query=ASK%7B%7D&named-graph-uri=%3E%20%7D HTTP/1.1",
    b"GET /sparql?query=%ud800 HTTP/1.1",
    b"GET /graphs?graph=relative HTTP/1.1",
    b"GET /graphs?graph=urn:x&default HTTP/1.1",
    b"GET /graphs?graph=%00 HTTP/1.1",
    b"GET /graphs/%FF HTTP/1.1",
    b"GET /id/%3E%20%3Fp%20%3Fo%20%7D%20 HTTP/1.1",
    b"GET /article/..%2F..%2F..%2Fetc%2Fpasswd HTTP/1.1",
    b"GET /../../../../etc/passwd HTTP/1.1",
    b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
    b"GET /style.css/../../app.py HTTP/1.1",
    b"GET /problem/..%2f..%2fapp.py HTTP/1.1",
    b"GET /questions/%2e%2e%2fx HTTP/1.1",
    b"GET /api/questions/%00 HTTP/1.1",
    b"GET //evil.example/ HTTP/1.1",
    b"BREW /sparql HTTP/1.1",
    b"GET /sparql?" + b"&".join(b"a%d=1" % n for n in range(2000)) + b" HTTP/1.1",
    b"\x16\x03\x01\x02\x00\x01\x00\x01",
    b"GET / HTTP/9.9",
]


@pytest.mark.parametrize("line", BAD_REQUESTS, ids=lambda line: line[:40].decode("latin-1"))
def test_bad_requests_get_a_4xx_that_tells_nothing(server: Running, line: bytes) -> None:
    received = _raw(server, line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n").decode("latin-1")
    assert received.split()[1][0] == "4", received[:300]
    assert not any(secret in received for secret in SECRETS), received


@pytest.mark.parametrize("host", ["a b", "<script>", "x/../y", "a\tb", "evil.example:99999999"])
def test_bad_hosts_get_nowhere(server: Running, host: str) -> None:
    received = _raw(
        server, f"GET /sparql HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    ).decode()
    assert received.split()[1] == "400"


def test_headers_cannot_be_split(server: Running) -> None:
    request = b"GET /health HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\x0bb%0d%0aSet-Cookie: x\r\n"
    received = _raw(server, request + b"Connection: close\r\n\r\n")
    assert b"set-cookie" not in received.lower()


LOOPBACK = "http://127.0.0.1:%d/sparql"
CALLS = [
    "SELECT * { SERVICE <%s> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <%s> { ?s ?p ?o } }",
    "select * { service silent <%s> { ?s ?p ?o } }",
    "SELECT * { VALUES ?x { <%s> } SERVICE ?x { ?s ?p ?o } }",
    "SELECT * { VALUES ?x { <%s> } SERVICE SILENT ?x { ?s ?p ?o } }",
    "BASE <%s> SELECT * { SERVICE <> { ?s ?p ?o } }",
    "PREFIX a: <%s> SELECT * { SERVICE a: { ?s ?p ?o } }",
    "ASK { FILTER EXISTS { SERVICE <%s> { ?s ?p ?o } } }",
    "ASK { { SELECT * { SERVICE <%s> { ?s ?p ?o } } } }",
    "SELECT * { SERVICE# a comment\n<%s> { ?s ?p ?o } }",
    "SELECT * { <http://a/\\u0041'> ?p ?o . SERVICE <%s> { ?s ?q ?r } } #'",
    "SELECT * { FILTER (1<2&&'>'=?x) SERVICE SILENT <%s> { ?s ?p ?o } } #'",
    "DESCRIBE ?s { SERVICE <%s> { ?s ?p ?o } }",
    "CONSTRUCT { ?s ?p ?o } { SERVICE <%s> { ?s ?p ?o } }",
]


@pytest.fixture
def trap() -> Iterator[tuple[int, list[object]]]:
    """A port of loopback, and the connections that come to it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.05)
        caught: list[object] = []
        done = threading.Event()

        def watch() -> None:
            while not done.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = listener.accept()
                    caught.append(connection)
                    connection.close()

        thread = threading.Thread(target=watch)
        thread.start()
        yield listener.getsockname()[1], caught
        done.set()
        thread.join()


@pytest.mark.parametrize("query", CALLS)
def test_service_calls_nobody(server: Running, trap: tuple[int, list[object]], query: str) -> None:
    port, caught = trap
    with server.client() as client:
        response = client.post("/sparql", data={"query": query.replace("%s", LOOPBACK % port)})
    assert response.status_code in (400, 403), response.text
    assert not caught
    if "\\u" not in query and "&&" not in query:
        assert response.status_code == 403
        assert response.json()["code"] == "service-refused"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ('SERVICE <http://a/> {}' AS ?x) {}",
        "# SERVICE <http://a/>\nASK {}",
        'ASK { ?s ?p """a SERVICE here""" }',
        "PREFIX service: <urn:x> ASK { service:SERVICE ?p 'public service'@en-service }",
        "ASK { <http://example.org/SERVICE/load> ?service ?SERVICE }",
    ],
)
def test_the_word_service_is_no_crime(server: Running, query: str) -> None:
    with server.client() as client:
        assert client.post("/sparql", data={"query": query}).status_code == 200


def test_a_client_that_goes_away_ends_its_query(tmp_path: Path, build: Path) -> None:
    with serving(tmp_path, build, deadline=60.0) as server:
        before = set(server.workers())
        with server.client() as client, pytest.raises(httpx.ReadTimeout):
            client.get("/sparql", params={"query": ENDLESS}, timeout=1.0)
        time.sleep(1.0)
        assert len(before - set(server.workers())) == 1


def test_shutdown_cancels_what_runs(tmp_path: Path, build: Path) -> None:
    with serving(tmp_path, build, deadline=60.0) as server, ThreadPoolExecutor(1) as pool:
        workers = server.workers()

        def ask() -> int:
            with server.client() as client, contextlib.suppress(httpx.HTTPError):
                return client.get("/sparql", params={"query": ENDLESS}).status_code
            return 0

        asked = pool.submit(ask)
        time.sleep(0.5)
        server.process.terminate()
        server.process.wait(timeout=20)
        assert asked.result() in (0, 503, 504)
        assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_a_killed_server_leaves_no_processes(tmp_path: Path, build: Path) -> None:
    with serving(tmp_path, build) as server:
        workers = server.workers()
        assert workers
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        time.sleep(0.5)
        alive = [worker for worker in workers if _runs(worker)]
        assert not alive


def _runs(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False

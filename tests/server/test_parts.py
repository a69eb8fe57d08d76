"""The parts of the server on their own: the pool of processes, the cache, negotiation, generations."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store
from server.serving import store
from starlette.responses import Response

from diplograph.server.cache import Cache
from diplograph.server.generations import Generations, branch, locate
from diplograph.server.merging import default_graph, renew
from diplograph.server.messages import fields
from diplograph.server.negotiate import accepts_gzip, best
from diplograph.server.pool import DeadlinePassed, Overloaded, Pool, ProcessDied
from diplograph.server.problems import Refused
from diplograph.server.worker import tidy, uses
from diplograph.store import with_merge

ECHO = """
import os, sys, time
sys.path.insert(0, {path!r})
from worker import serve
class Echo:
    def answer(self, job, body):
        time.sleep(job.get("sleep", 0))
        if job.get("die"): os._exit(1)
        return {{"pid": os.getpid(), "n": job.get("n")}}, body
serve(Echo())
"""


def _pool(**options: Any) -> Pool:
    import diplograph.server.worker as worker

    code = ECHO.format(path=str(Path(worker.__file__).parent))
    given_ = {"size": 2, "ceiling": 4, "waiting": 8, "deadline": 2.0, "patience": 0.1} | options
    return Pool([sys.executable, "-c", code], **given_)


def _in_pool(work: Any, **options: Any) -> Any:
    async def run() -> Any:
        pool = _pool(**options)
        await pool.start()
        try:
            return await work(pool)
        finally:
            await pool.close()

    return asyncio.run(run())


def test_every_job_gets_its_own_answer() -> None:
    async def work(pool: Pool) -> list[Any]:
        return await asyncio.gather(*(pool.run({"n": n}, bytes([n]), client=str(n % 3)) for n in range(100)))

    answers = _in_pool(work, waiting=100)
    assert [(header["n"], body) for header, body in answers] == [(n, bytes([n])) for n in range(100)]


def test_a_deadline_ends_a_process_and_another_comes() -> None:
    async def work(pool: Pool) -> None:
        with pytest.raises(DeadlinePassed):
            await pool.run({"sleep": 30})
        assert pool.ended == 1
        assert (await pool.run({"n": 1}))[0]["n"] == 1

    _in_pool(work, deadline=0.3, size=1, ceiling=1)


def test_a_process_that_dies_is_told_of_and_replaced() -> None:
    async def work(pool: Pool) -> None:
        with pytest.raises(ProcessDied):
            await pool.run({"die": True})
        assert (await pool.run({"n": 2}))[0]["n"] == 2

    _in_pool(work, size=1, ceiling=1)


def test_the_queue_is_bounded() -> None:
    async def work(pool: Pool) -> list[Any]:
        jobs = (pool.run({"sleep": 0.3}, client="a") for _ in range(6))
        return await asyncio.gather(*jobs, return_exceptions=True)

    outcomes = _in_pool(work, size=1, ceiling=1, waiting=3)
    assert sum(isinstance(each, Overloaded) for each in outcomes) == 2


def test_slow_jobs_of_one_client_leave_room_for_another() -> None:
    async def work(pool: Pool) -> float:
        slow = [asyncio.ensure_future(pool.run({"sleep": 1.5}, client="slow")) for _ in range(6)]
        await asyncio.sleep(0.3)
        started = time.monotonic()
        await pool.run({"n": 1}, client="quick")
        took = time.monotonic() - started
        await asyncio.gather(*slow, return_exceptions=True)
        return took

    assert _in_pool(work) < 1.0


def test_being_cancelled_ends_the_work() -> None:
    async def work(pool: Pool) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.run({"sleep": 30}), 0.2)
        assert pool.running == 0 or pool.ended == 1
        assert (await pool.run({"n": 3}))[0]["n"] == 3

    _in_pool(work, size=1, ceiling=1)


def test_the_cache_keeps_within_its_room() -> None:
    cache = Cache(100_000)
    for number in range(1000):
        cache.put(number, Response(b"x" * 1000))
    assert cache.used <= 100_000
    assert cache.get(999) is not None
    assert cache.get(0) is None
    cache.put("large", Response(b"x" * 50_000))
    assert cache.get("large") is None
    cache.clear()
    assert cache.used == 0


@given(st.text(max_size=60))
def test_any_accept_header_is_survived(accept: str) -> None:
    assert best(accept, ("text/csv", "text/turtle")) in ("text/csv", "text/turtle", None)
    assert accepts_gzip(accept) in (True, False)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "a/x"),
        ("a/*", "a/x"),
        ("a/*;q=0.2, b/y;q=0.3", "b/y"),
        ("a/x;q=0, */*", "b/y"),
        ("A/X ; Q=0.5", "a/x"),
        ("c/z", None),
        ("a/x;q=nonsense", None),
    ],
)
def test_the_best_liked_type(accept: str, chosen: str | None) -> None:
    assert best(accept, ("a/x", "b/y")) == chosen


@given(st.binary(max_size=80))
def test_any_query_string_is_read_or_refused(data: bytes) -> None:
    try:
        assert all(isinstance(value, str) for _, value in fields(data))
    except Refused as refused:
        assert refused.response.status_code == 400


@pytest.mark.parametrize(
    ("query", "used"),
    [
        ("ASK FROM <urn:g> {}", True),
        ("ASK FROM NAMED <urn:g> {}", True),
        ("PREFIX from: <urn:from#> ASK { from:from ?from 'FROM <urn:g>' } # FROM <urn:g>", False),
        ("SELECT (1 AS ?from) {}", False),
    ],
)
def test_the_engine_tells_whether_a_keyword_is_used(query: str, used: bool) -> None:
    assert uses(query, "FROM") is used


def test_only_used_prefixes_are_written_in_order() -> None:
    text = b'@prefix b: <urn:b:> .\n@prefix c: <urn:c:> .\n@prefix a: <urn:a:> .\n<urn:x> a:y b:z , "c" .\n'
    assert tidy(text) == b'@prefix a: <urn:a:> .\n@prefix b: <urn:b:> .\n<urn:x> a:y b:z , "c" .\n'
    assert tidy(b"<urn:x> <urn:y> 1 .\n") == b"<urn:x> <urn:y> 1 .\n"


def test_generations_branch_commit_and_are_dropped(tmp_path: Path) -> None:
    build = store(tmp_path / "build", ("urn:g", "<urn:a> <urn:p> 1 ."))
    generations = Generations(build, tmp_path / "writable")
    first = generations.current
    with generations.reading() as held:
        for number in range(5):
            folder = generations.next()
            branch(generations.current.store, folder)
            changed = Store(str(folder))
            changed.add(
                Quad(NamedNode(f"urn:{number}"), NamedNode("urn:p"), NamedNode("urn:o"), NamedNode("urn:g"))
            )
            changed.flush()
            del changed
            generations.commit(folder)
        assert held == first
        assert held.store.exists(), "who reads it keeps it"
    assert len(Store.read_only(str(generations.current.store))) == 6
    assert len(list((tmp_path / "writable" / "generations").iterdir())) <= 4
    assert Generations(build, tmp_path / "writable").current == generations.current


def test_a_build_is_found_by_its_folder_its_link_or_its_store(tmp_path: Path) -> None:
    build = store(tmp_path / "one", ("urn:g", "<urn:a> <urn:p> 1 ."))
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "graph").symlink_to(build)
    found = {
        locate(place) for place in (tmp_path / "build", tmp_path / "build" / "graph", build, build / "store")
    }
    assert len(found) == 1


def test_the_merge_follows_the_named_graphs() -> None:
    a, b, p, g = (NamedNode(f"urn:{name}") for name in "abpg")
    data = Store()
    data.extend(with_merge([Quad(a, p, a, g), Quad(b, p, b, g)]))
    before = default_graph(data)
    data.update("DELETE DATA { GRAPH <urn:g> { <urn:a> <urn:p> <urn:a> } }")
    assert renew(data, before)
    assert default_graph(data) == {Quad(b, p, b)}
    before = default_graph(data)
    data.update("INSERT DATA { <urn:c> <urn:p> 1 }")
    assert not renew(data, before), "it names no graph"
    data.update("DELETE DATA { <urn:c> <urn:p> 1 } ; DELETE WHERE { ?s <urn:p> ?o }")
    assert not renew(data, before), "it names no graph either"
    assert next(data.quads_for_pattern(None, None, None, DefaultGraph()), None) is None

"""What all endpoints share: the current data, the processes that query it, and the cache."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import sys
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect

from diplograph.server import worker
from diplograph.server.cache import Cache
from diplograph.server.generations import Generations
from diplograph.server.negotiate import GRAPHS, RESULTS
from diplograph.server.pool import DeadlinePassed, Overloaded, Pool, ProcessDied
from diplograph.server.problems import refuse
from diplograph.sparql import problem as syntax_problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping

    from starlette.types import Receive

    from diplograph.server.settings import Settings

log = logging.getLogger(__name__)

RETRY_SECONDS = "2"
WATCH_AFTER_SECONDS = 0.5
_VOLATILE = re.compile(r"\b(now|rand|uuid|struuid|service)\b", re.IGNORECASE)

Answer = tuple[dict[str, Any], bytes]
Row = dict[str, dict[str, str]]


class Engine:
    """The data, the query processes and the cache of one server.

    Args:
        settings: The server's settings.
        prefixes: The prefixes that graphs are written with.
    """

    def __init__(self, settings: Settings, prefixes: Mapping[str, str] | None = None) -> None:
        self.settings = settings
        self.generations = Generations(settings.build, settings.writable)
        self.cache = Cache(settings.cache_bytes)
        self.on_change: list[Callable[[], None]] = [self.cache.clear]
        network = "network" if settings.allow else "alone"
        given = [str(settings.memory_bytes), network, json.dumps(dict(prefixes or {}))]
        self.pool = Pool(
            [sys.executable, "-I", worker.__file__, *given],
            size=settings.workers,
            ceiling=settings.ceiling,
            waiting=settings.waiting,
            deadline=settings.deadline,
            patience=settings.patience,
        )

    def changed(self) -> None:
        """Is called when another generation is current."""
        for act in self.on_change:
            act()

    def tag(self, key: Hashable) -> str:
        """Returns the entity tag of what is asked for: weak, as blank nodes and compression may differ."""
        digest = blake2b(repr((self.generations.current.digest, key)).encode(), digest_size=12)
        return f'W/"{digest.hexdigest()}"'

    async def query(
        self,
        query: str,
        *,
        client: str = "",
        base: str | None = None,
        results: str | None = "application/sparql-results+json",
        graphs: str | None = "text/turtle",
        **more: Any,
    ) -> Answer:
        """Runs a query in a process of its own.

        Args:
            query: SPARQL; without a dataset of its own its default graph is the merge of all graphs.
            client: Whose turn it takes.
            base: What relative IRIs are resolved against.
            results: The format for a table or a truth value; None if no acceptable one is offered.
            graphs: The same for a graph.
            more: `default` and `named` graphs, `gzip`.

        Returns:
            The header with its media type, and the whole result.

        Raises:
            Refused: The query is not well-formed or not permitted, or a limit was reached.
        """
        job = {"kind": "query", "query": query, "base": base, "results": results, "graphs": graphs, **more}
        if self.settings.allow:
            job["allow"] = sorted(self.settings.allow)
        return await self._run(job, client, query)

    async def rows(self, query: str, client: str = "") -> list[Row]:
        """Returns the rows of a SELECT query, as the JSON results format has them."""
        _, body = await self.query(query, client=client)
        rows: list[Row] = json.loads(body)["results"]["bindings"]
        return rows

    async def graph(self, name: str | None, media: str, *, client: str = "", **more: Any) -> Answer:
        """Returns a named graph, the default graph (None), or the whole dataset (an empty name).

        Raises:
            Refused: There is no such graph, or a limit was reached.
        """
        return await self._run({"kind": "graph", "graph": name, "graphs": media, **more}, client)

    async def _run(self, job: dict[str, Any], client: str, query: str = "") -> Answer:
        job["limit"] = self.settings.result_bytes
        if (merged := self.generations.merged) is not None:
            job["merged"] = merged
        with self.generations.reading() as generation:
            job["store"] = str(generation.store)
            header, body = await answered(self.pool.run(job, client=client), self.settings.deadline)
        if "error" in header:
            raise self._failure(header, query)
        return header, body

    def _failure(self, header: dict[str, Any], query: str) -> Exception:
        code, message = header["error"], header.get("message", "")
        if code == "syntax":
            found = syntax_problem(query, SyntaxError(message))
            place: dict[str, Any] = {}
            if found.place is not None:
                place = {"line": found.place.line, "column": found.place.column}
            return refuse("syntax", found.message, **place)
        if code == "not-acceptable":
            return refuse(code, offered=list(GRAPHS if header.get("graph") else RESULTS))
        if code == "result-too-large":
            return refuse(code, f"at most {self.settings.result_bytes} octets are given")
        if code == "internal":
            log.error("a query process failed: %s", message)
            return refuse(code)
        return refuse(code, message)


async def answered(answer: Awaitable[Answer], deadline: float) -> Answer:
    """Waits for a job's answer; a pool's errors become the problems that clients are told of.

    Raises:
        Refused: The job waited or ran too long, or needed too much.
    """
    try:
        return await answer
    except Overloaded:
        raise refuse("overloaded", headers={"Retry-After": RETRY_SECONDS}) from None
    except DeadlinePassed:
        raise refuse("deadline", f"it may run for {deadline:g} seconds", seconds=deadline) from None
    except ProcessDied:
        raise refuse("resources") from None


def volatile(query: str) -> bool:
    """Tells whether a result may change while the data does not: by the clock, by chance, or elsewhere."""
    return _VOLATILE.search(query) is not None


@contextlib.contextmanager
def ending_with_client(receive: Receive) -> Iterator[None]:
    """Cancels what runs inside when the client goes away.

    The request's body must have been read. The first half second costs nothing but a timer.

    Raises:
        ClientDisconnect: The client has gone.
    """
    main, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert main is not None
    watchers: list[asyncio.Task[None]] = []
    gone = False

    async def watch() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        main.cancel()

    timer = loop.call_later(WATCH_AFTER_SECONDS, lambda: watchers.append(loop.create_task(watch())))
    try:
        yield
    except asyncio.CancelledError:
        if not gone:
            raise
        main.uncancel()
        raise ClientDisconnect from None
    finally:
        timer.cancel()
        for watcher in watchers:
            watcher.cancel()

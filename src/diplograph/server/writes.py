"""Writing: who may, and one write after the other, each of which is committed whole or not at all."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import shutil
import sys
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from diplograph.errors import InvalidValue
from diplograph.server.engine import answered
from diplograph.server.messages import header
from diplograph.server.pool import Pool
from diplograph.server.problems import refuse

if TYPE_CHECKING:
    from starlette.types import Scope

    from diplograph.server.engine import Engine
    from diplograph.server.protocol import Operation
    from diplograph.workspace import Workspace

log = logging.getLogger(__name__)

WAITING = 16


class Writes:
    """The one writer of a server, or the refusal of all writes.

    The writer is a process of its own that makes the next generation beside the current one. A write that
    fails, is refused by the shapes, passes its deadline or is killed leaves nothing behind. Whoever was
    told of success finds the data in every query from then on.
    """

    def __init__(self, engine: Engine, workspace: Workspace | None = None) -> None:
        self.engine, self.settings = engine, engine.settings
        self._turn = asyncio.Lock()
        self._pool: Pool | None = None
        if self.settings.writable is not None:
            shapes = workspace.root if workspace is not None and self.settings.validate else None
            if self.settings.validate and shapes is None:
                raise InvalidValue(
                    "writes cannot be validated: there are no shapes",
                    hint="run in a workspace, or do not validate",
                )
            options = {"workspace": shapes and str(shapes), "allow": sorted(self.settings.allow)}
            self._pool = Pool(
                [sys.executable, "-m", "diplograph.server.writer", json.dumps(options)],
                size=1,
                ceiling=1,
                waiting=WAITING,
                deadline=self.settings.write_deadline,
                patience=self.settings.write_deadline,
            )

    async def start(self) -> None:
        """Starts the writer, if there is to be one."""
        if self._pool is not None:
            await self._pool.start()

    async def close(self, grace: float) -> None:
        """Lets the running write finish, for `grace` seconds, and ends the writer."""
        if self._pool is not None:
            await self._pool.close(grace)

    def authorise(self, scope: Scope) -> None:
        """Lets a request pass that carries the server's token; any other takes as long to compare.

        Raises:
            Refused: The server is read-only, or the token is missing or wrong.
        """
        if self._pool is None:
            raise refuse("read-only")
        expected = f"Bearer {self.settings.token}".encode()
        given = header(scope, b"authorization").encode("latin-1")
        if not hmac.compare_digest(given, expected):
            raise refuse("unauthorised", headers={"WWW-Authenticate": 'Bearer realm="diplograph"'})

    async def update(self, scope: Scope, asked: Operation) -> Response:
        """Carries out a SPARQL Update that a request asks for.

        Raises:
            Refused: It may not write, the update is not well-formed, or the outcome violates the shapes.
        """
        self.authorise(scope)
        job = {
            "kind": "update",
            "update": asked.update,
            "base": asked.base,
            "using": asked.default,
            "using_named": asked.named,
        }
        await self.write(job, b"")
        return Response(status_code=204)

    async def write(self, job: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Makes the next generation and makes it the current one.

        Returns:
            What the writer tells of it: whether the graph `existed`.

        Raises:
            Refused: It failed, and nothing has changed.
        """
        assert self._pool is not None
        if self._pool.queued >= WAITING:
            raise refuse("overloaded", headers={"Retry-After": "5"})
        async with self._turn:
            generations = self.engine.generations
            folder = generations.next()
            job |= {
                "current": str(generations.current.store),
                "next": str(folder),
                "merged": generations.merged,
            }
            try:
                outcome, _ = await answered(self._pool.run(job, body), self.settings.write_deadline)
                if "error" in outcome:
                    raise _failure(outcome)
            except BaseException:
                await asyncio.to_thread(shutil.rmtree, folder, True)
                raise
            if outcome["changed"]:
                generations.commit(folder)
                self.engine.changed()
        return outcome


def _failure(outcome: dict[str, Any]) -> Exception:
    code = outcome.pop("error")
    message = outcome.pop("message", "")
    if code == "internal":
        log.error("the writer failed: %s", message)
        message = ""
    return refuse(code, message, **outcome)

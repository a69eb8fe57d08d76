"""A pool of processes that answer jobs, in which nothing can hold up everything.

A job that passes its deadline, or whose client has gone, ends with its process, and a new process takes the
place: the work really stops. Clients take turns, and one client's slow jobs never hold all processes. When
slow jobs hold the processes that are always there, more are started, up to a ceiling.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import subprocess
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from diplograph.server.worker import LENGTHS, frame

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

Answer = tuple[dict[str, Any], bytes]
IDLE_SECONDS = 30.0
BACK_OFF_SECONDS = 1.0


class PoolError(Exception):
    """A job got no answer."""


class Overloaded(PoolError):
    """Too many jobs are waiting, or this one waited too long: nothing was done, and it can be sent again."""


class DeadlinePassed(PoolError):
    """The job ran for as long as it may, and its process was ended."""


class ProcessDied(PoolError):
    """The job's process ended of itself: it needed more memory or stack than it may take."""


@dataclass(eq=False, slots=True)
class Task:
    """A job, who wants it, and the promise of its answer."""

    job: bytes
    client: str
    answer: asyncio.Future[Answer]
    timers: list[asyncio.TimerHandle] = field(default_factory=list)

    def fail(self, error: PoolError) -> None:
        """Breaks the promise, unless it is kept already."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Process(asyncio.Protocol):
    """One process of the pool and our end of its socket."""

    def __init__(self, pool: Pool, handle: subprocess.Popen[bytes]) -> None:
        self.pool = pool
        self.handle = handle
        self.task: Task | None = None
        self.started = 0.0
        self.doomed = False
        self.buffer = bytearray()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        self.transport = cast(
            "asyncio.Transport", transport
        )  # other event loops' transports have other bases

    def give(self, task: Task, deadline: float) -> None:
        """Hands over a job and sets the clock."""
        assert self.transport is not None
        self.task, self.started = task, time.monotonic()
        task.timers.append(
            asyncio.get_running_loop().call_later(deadline, self.pool.stop, self, DeadlinePassed())
        )
        self.transport.write(task.job)

    def data_received(self, data: bytes) -> None:
        """Collects an answer; when it is whole, the promise is kept and the process is free."""
        self.buffer += data
        if len(self.buffer) < LENGTHS.size:
            return
        header, body = LENGTHS.unpack_from(self.buffer)
        if len(self.buffer) < LENGTHS.size + header + body:
            return
        start = LENGTHS.size + header
        answer = json.loads(self.buffer[LENGTHS.size : start]), bytes(self.buffer[start:])
        self.buffer.clear()
        task, self.task = self.task, None
        if task is not None:
            if not task.answer.done():
                task.answer.set_result(answer)
            self.pool.release(self, task)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Is told that the process has ended, by itself or by us."""
        self.pool.lost(self)


class Pool:
    """Processes that run one command, each on one job at a time.

    Args:
        command: What to run; its standard input is the socket.
        size: The processes that are always there.
        ceiling: The most there may be.
        waiting: How many jobs may wait.
        deadline: Seconds that a job may run, and that it may wait.
        patience: Seconds after which a running job counts as slow.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: int,
        ceiling: int,
        waiting: int,
        deadline: float,
        patience: float,
    ) -> None:
        self.command = tuple(command)
        self.size, self.ceiling, self.waiting = size, ceiling, waiting
        self.deadline, self.patience = deadline, patience
        self.ended = 0
        self._processes: set[Process] = set()
        self._idle: list[Process] = []
        self._queues: OrderedDict[str, deque[Task]] = OrderedDict()
        self._starting = 0
        self._closed = False
        self._background: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Starts the processes that are always there."""
        await asyncio.gather(*(self._spawn() for _ in range(self.size)))

    @property
    def running(self) -> int:
        """How many jobs run."""
        return sum(process.task is not None for process in self._processes)

    @property
    def queued(self) -> int:
        """How many jobs wait."""
        return sum(map(len, self._queues.values()))

    async def run(self, header: dict[str, Any], body: bytes = b"", *, client: str = "") -> Answer:
        """Has a job done.

        Being cancelled ends the job and its process.

        Raises:
            Overloaded: Too many wait already, or this waited as long as a job may run.
            DeadlinePassed: It ran for as long as it may.
            ProcessDied: Its process ended.
        """
        if self._closed or self.queued >= self.waiting:
            raise Overloaded
        loop = asyncio.get_running_loop()
        task = Task(frame(header, body), client, loop.create_future())
        self._queues.setdefault(client, deque()).append(task)
        self._pump()
        if not self._is_running(task):
            task.timers.append(loop.call_later(self.patience, self._grow, task))
            task.timers.append(loop.call_later(self.deadline, self._give_up, task))
        try:
            return await task.answer
        except asyncio.CancelledError:
            self._abandon(task)
            raise
        finally:
            for timer in task.timers:
                timer.cancel()

    def release(self, process: Process, task: Task) -> None:
        """Takes back a process that has answered."""
        for timer in task.timers:
            timer.cancel()
        if process.doomed:
            return
        self._idle.append(process)
        self._pump()
        if len(self._processes) > self.size:
            asyncio.get_running_loop().call_later(IDLE_SECONDS, self._retire, process)

    def stop(self, process: Process, error: PoolError) -> None:
        """Ends a process and its job; the promise is broken with the error."""
        if process.task is not None:
            process.task.fail(error)
        self.ended += 1
        process.doomed = True
        process.handle.kill()

    def lost(self, process: Process) -> None:
        """Forgets a process that has ended, and starts another if there are too few."""
        self._processes.discard(process)
        if process in self._idle:
            self._idle.remove(process)
        if process.task is not None:
            process.task.fail(ProcessDied())
        process.handle.kill()
        self._keep(self._reap(process.handle))
        if not self._closed and len(self._processes) + self._starting < self.size:
            self._keep(self._replace())

    async def close(self, grace: float = 0.0) -> None:
        """Waits for what runs, at most `grace` seconds, and ends all processes."""
        self._closed = True
        until = time.monotonic() + grace
        while self.running and time.monotonic() < until:
            await asyncio.sleep(0.02)
        for queue in self._queues.values():
            for task in queue:
                task.fail(Overloaded())
        self._queues.clear()
        processes = list(self._processes)
        for process in processes:
            if process.task is not None:
                process.task.fail(Overloaded())
        for process in processes:
            process.handle.kill()
        for process in processes:
            await asyncio.to_thread(process.handle.wait)
            if process.transport is not None:
                process.transport.close()
        if self._background:
            await asyncio.gather(*self._background, return_exceptions=True)

    # How jobs meet processes

    def _pump(self) -> None:
        while self._idle and (task := self._next()) is not None:
            self._idle.pop().give(task, self.deadline)

    def _next(self) -> Task | None:
        for client in list(self._queues):
            queue = self._queues[client]
            if self._holds_enough(client):
                continue
            task = queue.popleft()
            del self._queues[client]
            if queue:
                self._queues[client] = queue  # at the end: the others' turn
            if not task.answer.done():
                return task
        return None

    def _holds_enough(self, client: str) -> bool:
        slow_since = time.monotonic() - self.patience
        slow = sum(
            each.task is not None and each.task.client == client and each.started < slow_since
            for each in self._processes
        )
        return slow >= max(1, self.ceiling // 2)

    def _grow(self, task: Task) -> None:
        if task.answer.done() or self._is_running(task):
            return
        room = len(self._processes) + self._starting < self.ceiling
        if room and not self._holds_enough(task.client) and not self._idle:
            self._keep(self._spawn())
        else:
            self._pump()
        task.timers.append(asyncio.get_running_loop().call_later(self.patience, self._grow, task))

    def _is_running(self, task: Task) -> bool:
        return any(process.task is task for process in self._processes)

    def _withdraw(self, task: Task) -> bool:
        queue = self._queues.get(task.client)
        if queue is None or task not in queue:
            return False
        queue.remove(task)
        if not queue:
            del self._queues[task.client]
        return True

    def _give_up(self, task: Task) -> None:
        if self._withdraw(task):
            task.fail(Overloaded())

    def _abandon(self, task: Task) -> None:
        if not self._withdraw(task):
            for process in self._processes:
                if process.task is task:
                    self.stop(process, DeadlinePassed())

    # How processes come and go

    async def _spawn(self) -> None:
        self._starting += 1
        try:
            ours, theirs = socket.socketpair()
            with theirs:
                handle = subprocess.Popen(self.command, stdin=theirs.fileno())  # noqa: S603 (our own script)
            loop = asyncio.get_running_loop()
            _, process = await loop.create_unix_connection(lambda: Process(self, handle), sock=ours)
        finally:
            self._starting -= 1
        self._processes.add(process)
        self._idle.append(process)
        self._pump()

    async def _replace(self) -> None:
        for _ in range(60):
            try:
                await self._spawn()
            except OSError:
                log.exception("no new query process could be started")
                await asyncio.sleep(BACK_OFF_SECONDS)
            else:
                return

    def _retire(self, process: Process) -> None:
        if process in self._idle and len(self._processes) > self.size and not self._closed:
            self._idle.remove(process)
            process.handle.kill()

    async def _reap(self, handle: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ChildProcessError):
            await asyncio.to_thread(handle.wait)

    def _keep(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

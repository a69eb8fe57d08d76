"""What a server is told when it starts: where its data is, and the limits that protect it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from diplograph.errors import InvalidValue

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024 * 1024
LOOPBACK = "127.0.0.1"


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one server; sizes in bytes, times in seconds.

    Args:
        build: A build folder, its `graph` link, or the folder of an Oxigraph store.
        host: Where to listen; the loopback address unless told otherwise.
        port: Where to listen; 0 takes a free port.
        public_url: The address that clients use, when a proxy stands in front; else the `Host` of the
            request.
        token: Whoever sends it as `Authorization: Bearer …` may write; without it nothing can be written.
        writable: The folder of generations that writes go to; created from the build when it does not exist.
        validate: Whether each write must conform to the shapes.
        allow: The IRIs that SERVICE and LOAD may name; none by default.
        workers: Query processes that are always there.
        most_workers: How many there may be while slow queries hold some; 0: thrice as many, at least 6.
        waiting: How many queries may wait for a process before clients are told to come back.
        deadline: How long a query may run; its process is ended then.
        write_deadline: The same for a write with its validation.
        patience: After how long a running query counts as slow.
        result_bytes: The largest answer.
        memory_bytes: The memory that one query process may take.
        query_bytes: The largest query, and the largest query string.
        write_bytes: The largest body of a write.
        header_seconds: How long a client may take to send a request's head.
        body_seconds: How long a client may take to send a request's body, and to take in an answer's next
            part.
        connections: How many connections may be open.
        cache_bytes: The memory for answers that can be given again; 0 switches that off.
        follow_seconds: How often it is looked whether there is a new build.
    """

    build: Path
    host: str = LOOPBACK
    port: int = 7878
    public_url: str | None = None
    token: str | None = field(default=None, repr=False)
    writable: Path | None = None
    validate: bool = True
    allow: frozenset[str] = frozenset()
    workers: int = field(default_factory=_processors)
    most_workers: int = 0
    waiting: int = 128
    deadline: float = 10.0
    write_deadline: float = 120.0
    patience: float = 0.3
    result_bytes: int = 32 * MIB
    memory_bytes: int = 2048 * MIB
    query_bytes: int = MIB
    write_bytes: int = 64 * MIB
    header_seconds: float = 10.0
    body_seconds: float = 20.0
    connections: int = 1000
    cache_bytes: int = 64 * MIB
    follow_seconds: float = 2.0

    def __post_init__(self) -> None:
        if self.writable is not None and not self.token:
            raise InvalidValue(
                "a writable server needs a token",
                hint="set DIPLOGRAPH_TOKEN, or leave --writable out",
            )
        if self.workers < 1 or self.ceiling < self.workers:
            raise InvalidValue(f"{self.workers} workers of at most {self.ceiling} make no pool")

    @property
    def ceiling(self) -> int:
        """The most query processes there may be."""
        return self.most_workers or max(6, 3 * self.workers)

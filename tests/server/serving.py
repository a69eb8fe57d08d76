"""Diplograph's own server in a process of its own, on loopback, under real uvicorn, as users start it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pyoxigraph import Quad, RdfFormat, Store, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "a-token-for-tests"
_START = (
    "import json, sys; from pathlib import Path; from diplograph.server import run; "
    "given = json.loads(sys.argv[1]); written = given.get('writable'); "
    "given['writable'] = Path(written) if written else None; "
    "given['allow'] = frozenset(given.get('allow', ())); run(Path(given.pop('build')), **given)"
)


@dataclass
class Running:
    """A started server: where it answers, its process, and its log."""

    base: str
    process: subprocess.Popen[bytes]
    log: Path
    token: str | None = None

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])

    @property
    def authorised(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.base, timeout=30, trust_env=False, **options)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def workers(self) -> list[int]:
        """Returns the ids of the server's child processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in children.read_text().split()]


@contextlib.contextmanager
def serving(folder: Path, build: Path, *, writable: bool = False, **settings: Any) -> Iterator[Running]:
    """Runs the server over a build; `writable` gives it a folder of generations and a token."""
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    given = {"build": str(build), "port": port, **settings}
    if writable:
        given |= {"writable": str(folder / "writable"), "token": TOKEN}
    log = folder / "server.log"
    environment = {key: value for key, value in os.environ.items() if key != "DIPLOGRAPH_TOKEN"}
    with log.open("wb") as output:
        command = [sys.executable, "-c", _START, json.dumps(given)]
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    running = Running(f"http://127.0.0.1:{port}", process, log, TOKEN if writable else None)
    try:
        _wait(running)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def store(folder: Path, *sources: tuple[str, str] | Quad) -> Path:
    """Builds a store from Turtle texts (graph name, text) and quads; returns its folder's parent."""
    folder.mkdir(parents=True, exist_ok=True)
    filled = Store(str(folder / "store"))
    for source in sources:
        if isinstance(source, Quad):
            filled.add(source)
        else:
            name, text = source
            filled.extend(
                quad for quad in parse(f"GRAPH <{name}> {{ {text} }}".encode(), RdfFormat.TRIG, base_iri=name)
            )
    filled.flush()
    return folder


def _wait(running: Running, patience: float = 40.0) -> None:
    until = time.monotonic() + patience
    while True:
        if running.process.poll() is not None or time.monotonic() > until:
            pytest.fail(f"the server did not start: {running.log.read_text()[-3000:]}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{running.base}/health", timeout=2, trust_env=False).status_code == 200:
                return
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

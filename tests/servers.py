"""Real SPARQL servers on loopback for the tests: Oxigraph's own and Virtuoso, each private, in a folder.

Use the context managers in fixtures; they skip the test, with the reason, where a server is not installed.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

VIRTUOSO_PASSWORD = "dba"


@dataclass(frozen=True)
class Server:
    """Where a started server listens, and the credentials that may write."""

    query: str
    update: str
    graphs: str
    user: str | None = None
    password: str | None = None


def free_port() -> int:
    """Returns a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def oxigraph(folder: Path, *, union: bool = False) -> Iterator[Server]:
    """Runs Oxigraph's server over an empty store in a folder."""
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
    if program is None:
        pytest.skip("Oxigraph's server is not installed (PyPI package oxigraph)")
    port = free_port()
    command = [program, "serve", "--location", str(folder / "oxigraph"), "--bind", f"127.0.0.1:{port}"]
    with _running(
        [*command, *(["--union-default-graph"] if union else [])], folder, f"http://127.0.0.1:{port}/"
    ):
        base = f"http://127.0.0.1:{port}"
        yield Server(f"{base}/query", f"{base}/update", f"{base}/store")


@contextlib.contextmanager
def virtuoso(folder: Path) -> Iterator[Server]:
    """Runs Virtuoso 7 over an empty database in a folder, writing allowed to its administrator."""
    program = shutil.which("virtuoso-t")
    if program is None:
        pytest.skip("Virtuoso is not installed (Debian package virtuoso-opensource)")
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(
        _VIRTUOSO.format(folder=folder, sql=sql, http=http), encoding="utf-8"
    )
    base = f"http://127.0.0.1:{http}"
    command = [program, "+foreground", "+configfile", str(folder / "virtuoso.ini")]
    with _running(command, folder, f"{base}/sparql?query=ASK%7B%7D"):
        yield Server(
            f"{base}/sparql",
            f"{base}/sparql-auth",
            f"{base}/sparql-graph-crud-auth",
            user="dba",
            password=VIRTUOSO_PASSWORD,
        )


@contextlib.contextmanager
def _running(command: list[str], folder: Path, probe: str, patience: float = 60.0) -> Iterator[None]:
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        until = time.monotonic() + patience
        while True:
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{command[0]} did not start: {(folder / 'server.log').read_text()[-2000:]}")
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(probe, timeout=2).status_code < 500:
                    break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


_VIRTUOSO = """\
[Database]
DatabaseFile       = {folder}/virtuoso.db
ErrorLogFile       = {folder}/virtuoso.log
LockFile           = {folder}/virtuoso.lck
TransactionFile    = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
ErrorLogLevel      = 7
FileExtend         = 200
MaxCheckpointRemap = 2000
TempStorage        = TempDatabase

[TempDatabase]
DatabaseFile       = {folder}/virtuoso-temp.db
TransactionFile    = {folder}/virtuoso-temp.trx
MaxCheckpointRemap = 2000

[Parameters]
ServerPort               = 127.0.0.1:{sql}
DisableUnixSocket        = 1
CheckpointInterval       = 0
DirsAllowed              = {folder}
NumberOfBuffers          = 10000
MaxDirtyBuffers          = 6000
SchedulerInterval        = 10

[HTTPServer]
ServerPort                  = 127.0.0.1:{http}
ServerRoot                  = {folder}
ServerThreads               = 10
MaxClientConnections        = 10
KeepAliveTimeout            = 10
MaxKeepAlives               = 10

[SPARQL]
ResultSetMaxRows           = 10000
MaxQueryCostEstimationTime = 400
MaxQueryExecutionTime      = 60
DefaultQuery               = select distinct ?Concept where {{[] a ?Concept}} LIMIT 100
DeferInferenceRulesInit    = 0
"""

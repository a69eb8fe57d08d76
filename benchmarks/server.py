"""Our server beside Oxigraph's own over the same store, in one run, under the public load generator `wrk`.

The load is a mix of all saved questions with the values of their examples, sent as SPARQL over GET, JSON
wanted. Before anything is measured both servers must give the same answers. Ours is measured as it runs, and
again with its memory of answers switched off, so that every request is evaluated. All on loopback: `python
benchmarks/server.py [SECONDS]`. Needs `wrk` (Debian package wrk) and a build (`make graph`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx

from diplograph import questions
from diplograph.errors import NotFound
from diplograph.sparql import with_prefixes
from diplograph.store import open_store
from diplograph.vocabulary import prefixes
from diplograph.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS = 64
THREADS = 2
JSON = "application/sparql-results+json"
SCRIPT = """
local paths, number = {}, 0
for line in io.lines("%s") do paths[#paths + 1] = line end
request = function()
  number = number + 1
  local path = paths[(number * 7) %% #paths + 1]
  return wrk.format("GET", path, { ["Accept"] = "application/sparql-results+json" })
end
"""
SERVE = (
    "import sys; from pathlib import Path; from diplograph.server import run; "
    "run(Path(sys.argv[1]), port=int(sys.argv[2]), access_log=False, cache_bytes=int(sys.argv[3]))"
)


def main(seconds: int) -> None:
    for program in ("wrk", "oxigraph"):
        if _program(program) is None:
            sys.exit(f"{program} is not installed")
    workspace = Workspace.find()
    mix = _mix(workspace)
    with tempfile.TemporaryDirectory() as place:
        store = Path(place) / "store"
        shutil.copytree((workspace.graph / "store").resolve(), store)
        servers = {
            "Oxigraph's own server": ("query", _oxigraph(store)),
            "diplograph serve, evaluating": ("sparql", _ours(store, 0)),
            "diplograph serve": ("sparql", _ours(store, 64 << 20)),
        }
        print(f"{len(mix)} questions, {CLIENTS} connections, {seconds} s each, {THREADS} threads of wrk\n")
        print("| server | requests/s | p50 ms | p99 ms | not 2xx | socket errors | ratio |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        expected: list[str] | None = None
        first = 0.0
        for name, (path, start) in servers.items():
            with start as base:
                answers = asyncio.run(_answers(f"{base}/{path}", mix))
                expected = expected or answers
                assert answers == expected, f"{name} answers otherwise"
                measured = _load(f"{base}/{path}", mix, seconds, Path(place))
            first = first or measured[0]
            rate, p50, p99, bad, errors = measured
            print(f"| {name} | {rate:,.0f} | {p50:.2f} | {p99:.2f} | {bad} | {errors} | {rate / first:.2f} |")
    print("\nAll three gave the same answers to the whole mix, asked by 64 clients at a time.")


def _mix(workspace: Workspace) -> list[str]:
    known = prefixes(workspace)
    mix = []
    with open_store(workspace.graph / "store") as store:
        for question in questions.load(workspace).values():
            values = {parameter.name: parameter.example for parameter in question.parameters}
            with contextlib.suppress(NotFound):
                mix.append(with_prefixes(question.bind(values, store, known), known))
    return mix


async def _answers(endpoint: str, mix: list[str]) -> list[str]:
    """Asks the mix eight times, 64 requests at a time; every answer to one question must be the same."""
    gate = asyncio.Semaphore(CLIENTS)
    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(timeout=60, trust_env=False, limits=limits) as client:

        async def ask(query: str) -> str:
            async with gate:
                response = await client.get(endpoint, params={"query": query}, headers={"Accept": JSON})
            response.raise_for_status()
            rows = response.json()["results"]["bindings"]
            return json.dumps([sorted((name, cell["value"]) for name, cell in row.items()) for row in rows])

        found = await asyncio.gather(*(ask(query) for query in mix * 8))
    assert found == found[: len(mix)] * 8, "an answer was lost or wrong"
    return list(found[: len(mix)])


def _load(endpoint: str, mix: list[str], seconds: int, place: Path) -> tuple[float, float, float, int, int]:
    path = "/" + endpoint.rpartition("/")[2]
    (place / "paths").write_text("\n".join(f"{path}?{urlencode({'query': query})}" for query in mix))
    script = place / "mix.lua"
    script.write_text(SCRIPT % (place / "paths"))
    command = ["wrk", "--latency", f"-t{THREADS}", f"-c{CLIENTS}", "-s", str(script), "--timeout", "10s"]
    subprocess.run([*command, "-d2s", endpoint], check=True, capture_output=True)
    result = subprocess.run([*command, f"-d{seconds}s", endpoint], check=True, capture_output=True, text=True)
    text = result.stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])  # type: ignore[index]
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    lost = sum(map(int, errors.groups())) if errors else 0
    return rate, _milliseconds(text, "50%"), _milliseconds(text, "99%"), int(bad[1]) if bad else 0, lost


def _milliseconds(text: str, share: str) -> float:
    number, unit = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


@contextlib.contextmanager
def _oxigraph(store: Path) -> Iterator[str]:
    port = _free_port()
    program = _program("oxigraph")
    assert program is not None
    command = [program, "serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    with _running(command, port):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _ours(store: Path, cache: int) -> Iterator[str]:
    port = _free_port()
    with _running([sys.executable, "-c", SERVE, str(store), str(port), str(cache)], port):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


def _program(name: str) -> str | None:
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)

"""One query process: it opens a store read-only, answers one job at a time, and can be ended at any moment.

Run as a script, with the standard library and pyoxigraph alone, so that a new process is there in a tenth
of a second. A job and its answer are frames on the socket that the process has as standard input: two
lengths (big-endian, 32 bits), a JSON header, a body of bytes.

The engine itself tells whether a query uses a keyword such as SERVICE: the text is parsed once more with
the word misspelt wherever it occurs. Inside strings, IRIs, comments and names that changes nothing; as a
keyword it no longer parses. No second tokenizer has to agree with the engine's.
"""

from __future__ import annotations

import contextlib
import ctypes
import gzip
import io
import json
import os
import re
import resource
import signal
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

LENGTHS = struct.Struct("!II")
GZIP_FROM = 1024
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000

_EMPTY = Store()
_PREFIX = re.compile(rb"(?<![\w.<-])([A-Za-z][\w.-]*):")
_WITH_PREFIXES = ("text/turtle", "application/trig", "application/rdf+xml")

Answer = tuple[dict[str, Any], bytes]


class TooLarge(Exception):
    """The answer is larger than the job allows."""


class Limited(io.BytesIO):
    """A buffer that refuses to grow beyond a size, so that an answer is whole or not given at all."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.room = limit

    def write(self, data: Any) -> int:
        """Takes the data, or raises TooLarge."""
        self.room -= len(data)
        if self.room < 0:
            raise TooLarge
        return super().write(data)


class Reader:
    """Answers jobs from the read-only store that each names; keeps the last one open."""

    def __init__(self, prefixes: dict[str, str] | None = None) -> None:
        self.path, self.merged = "", False
        self.store = Store()
        self.prefixes = prefixes or {}

    def answer(self, job: dict[str, Any], _body: bytes) -> Answer:
        """Answers one job; whatever goes wrong with it is an answer too."""
        try:
            if job["store"] != self.path:
                self.store = Store.read_only(job["store"])
                self.path = job["store"]
                self.merged = (
                    next(self.store.quads_for_pattern(None, None, None, DefaultGraph()), None) is not None
                )
            job.setdefault("merged", self.merged)
            if job["kind"] == "graph":
                return _graph(self.store, job, self.prefixes)
            return _query(self.store, job, self.prefixes) if job["kind"] == "query" else ({}, b"")
        except SyntaxError as error:
            return {"error": "syntax", "message": error.msg}, b""
        except TooLarge:
            return {"error": "result-too-large"}, b""
        except (ValueError, RuntimeError) as error:
            return {"error": "bad-request", "message": str(error)}, b""
        except Exception as error:
            return {"error": "internal", "message": repr(error)}, b""


def uses(query: str, keyword: str, base: str | None = None) -> bool:
    """Tells whether a well-formed query has a keyword, not just in a string, an IRI, a comment or a name."""
    if not re.search(keyword, query, re.IGNORECASE):
        return False
    misspelt = re.sub(f"({keyword[:-1]}){keyword[-1]}", r"\1X", query, flags=re.IGNORECASE)
    try:
        _EMPTY.query(misspelt, base_iri=base)
    except SyntaxError:
        return True
    except (ValueError, RuntimeError, OSError):
        return False
    return False


def permitted(query: str, keyword: str, allow: Iterable[str]) -> str:
    """Returns a query with its allowed calls of SERVICE turned into GRAPH, to judge what is left."""
    for iri in allow:
        query = re.sub(
            rf"{keyword}\s+(SILENT\s+)?(?=<{re.escape(iri)}>)", "GRAPH ", query, flags=re.IGNORECASE
        )
    return query


def _query(store: Store, job: dict[str, Any], prefixes: dict[str, str]) -> Answer:
    query, base = job["query"], job.get("base")
    if uses(permitted(query, "SERVICE", job.get("allow", ())), "SERVICE", base):
        return _refusal(query, base)
    explicit = job.get("default") is not None or job.get("named") is not None
    dataset: dict[str, Any] = {
        "use_default_graph_as_union": not explicit and not job["merged"] and not uses(query, "FROM", base)
    }
    if explicit:
        dataset = {
            "default_graph": [NamedNode(iri) for iri in job.get("default") or ()],
            "named_graphs": [NamedNode(iri) for iri in job.get("named") or ()],
        }
    results = store.query(query, base_iri=base, **dataset)
    media = job["graphs" if isinstance(results, QueryTriples) else "results"]
    if media is None:
        return {"error": "not-acceptable", "graph": isinstance(results, QueryTriples)}, b""
    output = Limited(job["limit"])
    if isinstance(results, QueryTriples):
        serialize(results, output, _rdf_format(media), **_prefixed(prefixes, media))
    else:
        assert isinstance(results, QuerySolutions | QueryBoolean)
        results.serialize(output, _results_format(media))
    return _packed(output.getvalue(), media, job)


def _refusal(query: str, base: str | None) -> Answer:
    # The judgement holds for well-formed queries: a mistake elsewhere is the syntax error that it is.
    turned = re.sub(r"SERVICE(\s+SILENT)?", "GRAPH", query, flags=re.IGNORECASE)
    _EMPTY.query(turned, base_iri=base)
    return {"error": "service-refused"}, b""


def _graph(store: Store, job: dict[str, Any], prefixes: dict[str, str]) -> Answer:
    media, name = job["graphs"], job["graph"]
    output = Limited(job["limit"])
    if name == "":
        quads = (quad for quad in store if not job["merged"] or quad.graph_name != DefaultGraph())
        serialize(quads, output, _rdf_format(media), **_prefixed(prefixes, media))
        return _packed(output.getvalue(), media, job)
    graph = DefaultGraph() if name is None else NamedNode(name)
    if isinstance(graph, NamedNode) and not store.contains_named_graph(graph):
        return {"error": "not-found"}, b""
    store.dump(output, _rdf_format(media), from_graph=graph, **_prefixed(prefixes, media))
    return _packed(output.getvalue(), media, job)


def _packed(body: bytes, media: str, job: dict[str, Any]) -> Answer:
    header: dict[str, Any] = {"media": media}
    if media in ("text/turtle", "application/trig"):
        body = tidy(body)
    if job.get("gzip") and len(body) >= GZIP_FROM:
        header["encoding"] = "gzip"
        body = gzip.compress(body, 4, mtime=0)
    return header, body


def tidy(body: bytes) -> bytes:
    """Returns Turtle or TriG with the prefixes that it uses, in order, and without the others."""
    start = 0
    while body.startswith(b"@prefix ", start):
        start = body.index(b"\n", start) + 1
    used = set(_PREFIX.findall(body, start))
    declared = sorted(line for line in body[:start].splitlines(keepends=True) if line.split()[1][:-1] in used)
    return b"".join(declared) + body[start:]


def _results_format(media: str) -> QueryResultsFormat:
    found = QueryResultsFormat.from_media_type(media)
    assert found is not None
    return found


def _rdf_format(media: str) -> RdfFormat:
    found = RdfFormat.from_media_type(media)
    assert found is not None
    return found


def _prefixed(prefixes: dict[str, str], media: str) -> dict[str, Any]:
    return {"prefixes": prefixes} if prefixes and media in _WITH_PREFIXES else {}


def harden(memory: int, network: bool) -> None:
    """Bounds this process: it ends with its parent, has little memory, gives way, and knows no network."""
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if not network:
            libc.unshare(
                _CLONE_NEWUSER | _CLONE_NEWNET
            )  # where the system permits it: a second line of defence
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # the terminal's Ctrl-C is for the server, which ends its workers
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    with contextlib.suppress(OSError):
        os.nice(1)


def serve(answerer: Any) -> None:
    """Answers the frames that come on standard input's socket until its other end closes."""
    with socket.socket(fileno=os.dup(0)) as channel:
        while lengths := _receive(channel, LENGTHS.size):
            header_length, body_length = LENGTHS.unpack(lengths)
            header, body = _receive(channel, header_length), _receive(channel, body_length)
            reply, data = answerer.answer(json.loads(header), body)
            channel.sendall(frame(reply, data))


def frame(header: dict[str, Any], body: bytes = b"") -> bytes:
    """Returns header and body as one frame."""
    encoded = json.dumps(header, separators=(",", ":")).encode()
    return b"".join((LENGTHS.pack(len(encoded), len(body)), encoded, body))


def _receive(channel: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = channel.recv(min(length - len(parts), 1 << 20))
        if not part:
            return b""
        parts += part
    return bytes(parts)


if __name__ == "__main__":
    harden(int(sys.argv[1]), network=sys.argv[2] == "network")
    serve(Reader(json.loads(sys.argv[3])))

"""The writer's process: it makes the next generation of a writable store, and validates it before its time.

It speaks as `worker` does. It never changes the current generation, so that it can be ended at any moment.
"""

from __future__ import annotations

import json
import sys
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from diplograph.server.generations import branch
from diplograph.server.guard import Guard
from diplograph.server.merging import default_graph, renew
from diplograph.server.updates import Conflict, calls_elsewhere, with_dataset
from diplograph.server.worker import Answer, harden, serve
from diplograph.sparql import problem
from diplograph.workspace import Workspace

MEMORY = 8 << 30
UNNAMED = "the default graph is the merge of all graphs here: name the graph that is to change"

Graph = NamedNode | DefaultGraph


class Writer:
    """Carries out writes.

    Args:
        guard: What the outcome must conform to, if to anything.
        allow: The IRIs that LOAD and SERVICE may name.
    """

    def __init__(self, guard: Guard | None, allow: list[str]) -> None:
        self.guard, self.allow = guard, allow

    def answer(self, job: dict[str, Any], body: bytes) -> Answer:
        """Makes the folder that the job names; a failure is an answer too, and the folder is then rubbish."""
        try:
            return self._write(job, body), b""
        except SyntaxError as error:
            return _syntax(job, error), b""
        except Conflict as error:
            return {"error": "dataset-conflict", "message": str(error)}, b""
        except (ValueError, RuntimeError) as error:
            return {"error": "bad-request", "message": str(error)}, b""
        except Exception as error:
            return {"error": "internal", "message": repr(error)}, b""

    def _write(self, job: dict[str, Any], body: bytes) -> dict[str, Any]:
        if job["kind"] == "update" and calls_elsewhere(job["update"], job["base"], self.allow):
            return {"error": "service-refused"}
        folder = Path(job["next"])
        branch(Path(job["current"]), folder)
        store = Store(str(folder))
        before = default_graph(store) if job["merged"] else set()
        existed = True
        if job["kind"] == "update":
            text = with_dataset(job["update"], job["using"], job["using_named"], job["base"])
            store.update(text, base_iri=job["base"])
        else:
            existed = change_graph(store, job, body)
            if job["kind"] == "delete" and not existed:
                return {"existed": False, "changed": False}
        if job["merged"] and not renew(store, before):
            return {"error": "bad-request", "message": UNNAMED}
        if self.guard is not None and (found := self.guard.objections(store, job["current"])):
            return {"error": "invalid-data", "report": found}
        if job["merged"] and self.guard is not None:
            renew(store, default_graph(store))  # the inferred triples are new
        store.flush()
        return {"existed": existed, "changed": True}


def change_graph(store: Store, job: dict[str, Any], body: bytes) -> bool:
    """Carries out a write of the Graph Store Protocol; tells whether the graph existed."""
    graph: Graph = DefaultGraph() if job["graph"] is None else NamedNode(job["graph"])
    existed = isinstance(graph, DefaultGraph) or store.contains_named_graph(graph)
    if job["kind"] == "delete":
        store.remove_graph(graph) if isinstance(graph, NamedNode) else store.clear_graph(graph)
        return existed
    quads = [
        Quad(quad.subject, quad.predicate, quad.object, graph)
        for media, data in _parts(job, body)
        for quad in _read(media, data, job["base"])
    ]
    if job["kind"] == "put":
        store.clear_graph(graph) if existed else None
    if isinstance(graph, NamedNode):
        store.add_graph(graph)
    store.extend(quads)
    return existed


def _parts(job: dict[str, Any], body: bytes) -> list[tuple[str, bytes]]:
    if job["media"] != "multipart/form-data":
        return [(job["media"], body)]
    boundary = job["boundary"].replace('"', "").replace("\r", "").replace("\n", "")
    head = f'Content-Type: multipart/form-data; boundary="{boundary}"\r\n\r\n'.encode()
    message = BytesParser().parsebytes(head + body)
    parts: Any = message.get_payload()
    if not boundary or not isinstance(parts, list):
        raise ValueError("the body is not multipart/form-data with this boundary")
    return [(part.get_content_type(), bytes(part.get_payload(decode=True))) for part in parts]


def _read(media: str, data: bytes, base: str) -> Any:
    format_ = RdfFormat.from_media_type(media)
    if format_ is None:
        raise ValueError(f"a part has the unsupported media type {media}")
    return parse(data, format_, base_iri=base, without_named_graphs=True, rename_blank_nodes=True)


def _syntax(job: dict[str, Any], error: SyntaxError) -> dict[str, Any]:
    if job["kind"] != "update":
        return {"error": "syntax", "message": error.msg, "line": error.lineno, "column": error.offset}
    found = problem(job["update"], error)
    place = {"line": found.place.line, "column": found.place.column} if found.place else {}
    return {"error": "syntax", "message": found.message, **place}


if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    harden(MEMORY, network=bool(options["allow"]))
    root = options["workspace"]
    serve(Writer(Guard(Workspace(Path(root), Path(root))) if root else None, options["allow"]))

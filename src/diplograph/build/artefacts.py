"""Artefacts: the built graph in the formats of other tools; the same graph gives the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

from diplograph.text import is_passage
from diplograph.vocabulary import DG, INFERRED_GRAPH, PROV, RDF, prefixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from diplograph.workspace import Workspace

NQUADS = "diplograph.nq.gz"
TRIG = "diplograph.trig"
TURTLE = "diplograph.ttl"
JSON_LD = "diplograph.jsonld"
SUMS = "SHA256SUMS"

_STATEMENT = "https://w3id.org/diplograph/statement/"


def write(quads: Sequence[Quad], workspace: Workspace, folder: Path) -> None:
    """Writes a dataset as N-Quads (gzip), TriG and JSON-LD, and as one graph in Turtle with its evidence.

    The same quads give the same bytes: lines are sorted, and the archive carries no time.

    Args:
        quads: The dataset, sorted.
        workspace: Whose prefixes to use.
        folder: Where to write; files of these names are replaced.
    """
    lines = serialize(quads, format=RdfFormat.N_QUADS) or b""
    (folder / NQUADS).write_bytes(gzip.compress(lines, compresslevel=6, mtime=0))
    known = prefixes(workspace)
    (folder / TRIG).write_bytes(_readable(quads, RdfFormat.TRIG, known))
    (folder / TURTLE).write_bytes(_readable(merged(quads), RdfFormat.TURTLE, known))
    serialize(quads, folder / JSON_LD, RdfFormat.JSON_LD)


def _readable(facts: Iterable[Quad] | Iterable[Triple], form: RdfFormat, known: dict[str, str]) -> bytes:
    """Serializes with the prefixes that are used, sorted: the serializer writes them in any order."""
    written = serialize(facts, format=form, prefixes=known)
    head, body = [], written or b""
    while body.startswith(b"@prefix "):
        line, _, body = body.partition(b"\n")
        head.append(line)
    used = [line for line in sorted(head) if re.search(rb"[\s^]" + re.escape(line.split()[1]), body)]
    return b"\n".join([*used, b"", body])


def merged(quads: Iterable[Quad]) -> list[Triple]:
    """Returns a dataset as one graph, in which what an article says still has its evidence.

    Each triple that a passage or a conclusion states has one `rdf:Statement` that is `prov:wasDerivedFrom`
    the passages and conclusions; each that is only inferred has none, nor have reference data and schema.
    Statements have IRIs made from what they state, so that two files of the same triple agree.
    """
    graphs: dict[Triple, list[NamedNode]] = defaultdict(list)
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode):
            graphs[quad.triple].append(quad.graph_name)
    evidence = (triple for stated, by in graphs.items() for triple in _statement(stated, by))
    return sorted([*graphs, *evidence], key=str)


def _statement(stated: Triple, graphs: Iterable[NamedNode]) -> Iterator[Triple]:
    sources = [graph for graph in graphs if _vouches(graph)]
    if not sources:
        return
    name = NamedNode(_STATEMENT + hashlib.sha256(str(stated).encode()).hexdigest()[:24])
    yield Triple(name, RDF.type, RDF.Statement)
    yield Triple(name, RDF.subject, stated.subject)
    yield Triple(name, RDF.predicate, stated.predicate)
    yield Triple(name, RDF.object, stated.object)
    for graph in sources:
        yield Triple(name, PROV.wasDerivedFrom, graph)


def _vouches(graph: NamedNode) -> bool:
    return is_passage(graph) or "#conclusion-" in graph.value


def sums(folder: Path, names: Iterable[str]) -> str:
    """Writes the checksums of files of a folder as `sha256sum` reads them, and returns them."""
    lines = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(names)
    ]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")
    return "".join(lines)


def inferred_quads(triples: Iterable[Triple]) -> Iterator[Quad]:
    """Returns inferred triples in their graph."""
    return (Quad(each.subject, each.predicate, each.object, INFERRED_GRAPH) for each in triples)


def in_order(quads: Iterable[Quad]) -> list[Quad]:
    """Returns quads sorted by graph, subject, predicate and object, each once."""
    return sorted(
        set(quads), key=lambda q: (str(q.graph_name), str(q.subject), str(q.predicate), str(q.object))
    )


GRAPH_KINDS = (
    DG.Passage,
    DG.Conclusion,
    DG.DescriptionGraph,
    DG.ReferenceGraph,
    DG.SchemaGraph,
    DG.DerivedGraph,
    DG.InferredGraph,
)
"""The classes of graphs, in the order in which reports list them."""

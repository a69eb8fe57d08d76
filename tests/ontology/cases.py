"""The cases beside this file, in TriG: the name of a graph says whose part it is, and which part."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Triple, parse

from diplograph.workspace import Workspace

HERE = Path(__file__).parent
SOURCES = [Workspace.find(HERE).ontology / name for name in ("diplograph.ttl", "alignment.ttl")]
CASE_FILES = sorted((HERE / "cases").glob("*.trig"))
CONTRADICTION_FILE = HERE / "contradictions.trig"


@dataclass
class Case:
    """What is given, what must follow from it, and what must not."""

    name: str
    given: set[Triple] = field(default_factory=set)
    entailed: set[Triple] = field(default_factory=set)
    refuted: set[Triple] = field(default_factory=set)


def schema() -> list[Quad]:
    """The triples of the ontology and of its alignment, in the default graph."""
    return [quad for path in SOURCES for quad in parse(path=str(path), rename_blank_nodes=True)]


def cases() -> list[Case]:
    """Every case of every file under `cases/`."""
    found: dict[str, Case] = {}
    for path in CASE_FILES:
        for quad in parse(path=str(path), format=RdfFormat.TRIG):
            name, part = quad.graph_name.value.removeprefix("https://example.org/").split("#")
            getattr(found.setdefault(name, Case(name)), part).add(quad.triple)
    return list(found.values())


def contradictions() -> dict[str, list[Triple]]:
    """The graphs of `contradictions.trig`, none of which can be true."""
    found = defaultdict(list)
    for quad in parse(path=str(CONTRADICTION_FILE), format=RdfFormat.TRIG):
        found[quad.graph_name.value.rsplit("/", 1)[-1]].append(quad.triple)
    return dict(found)

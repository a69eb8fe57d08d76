"""The files of a build load without us: with another engine's own loader, each graph as it is."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat

from diplograph.push import canonical
from diplograph.store import open_store


def _graphs(store: pyoxigraph.Store) -> dict[str, frozenset[str]]:
    return {
        graph.value: canonical(quad.triple for quad in store.quads_for_pattern(None, None, None, graph))
        for graph in store.named_graphs()
        if isinstance(graph, NamedNode)
    }


@pytest.fixture(scope="module")
def expected(built: Path) -> dict[str, frozenset[str]]:
    with open_store(built) as store:
        graphs: dict[str, list[pyoxigraph.Triple]] = {}
        for quad in store.quads():
            graphs.setdefault(quad.graph_name.value, []).append(quad.triple)
    return {graph: canonical(triples) for graph, triples in graphs.items()}


def test_oxigraphs_own_loader(built: Path, expected: dict[str, frozenset[str]], tmp_path: Path) -> None:
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
    if program is None:
        pytest.skip("Oxigraph's server is not installed (PyPI package oxigraph)")
    file = built / "diplograph.trig"
    command = [program, "load", "--location", str(tmp_path / "data"), "--file", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    store = pyoxigraph.Store.read_only(str(tmp_path / "data"))
    assert _graphs(store) == expected
    assert next(store.quads_for_pattern(None, None, None, DefaultGraph()), None) is None


def test_quads_in_gzip(built: Path, expected: dict[str, frozenset[str]]) -> None:
    store = pyoxigraph.Store()
    store.bulk_load(
        input=gzip.decompress((built / "diplograph.nq.gz").read_bytes()), format=RdfFormat.N_QUADS
    )
    assert _graphs(store) == expected

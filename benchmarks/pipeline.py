"""Our build beside the pipeline that one would write with rdflib, owlrl and pySHACL, over the same files.

Both read ontology, alignment, reference data and articles, close them under OWL 2 RL, validate them with
the same shapes, and write the result. Ours also verifies the evidence, runs checks and domain rules,
writes an indexed store, keeps what proofs need, and writes four formats; the plain one writes N-Triples.
Each run is a process of its own, the two take turns, and the medians are compared: `python
benchmarks/pipeline.py [RUNS]`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def ours(output: Path) -> None:
    from diplograph.build import build
    from diplograph.workspace import Workspace

    report = build(Workspace(ROOT, output))
    print(report.triples)


def plain(output: Path) -> None:
    import owlrl
    import pyshacl
    import rdflib

    graph = rdflib.Graph()
    for path in (ROOT / "ontology/diplograph.ttl", ROOT / "ontology/alignment.ttl"):
        graph.parse(path)
    for path in sorted((ROOT / "data/reference").glob("*.ttl")):
        graph.parse(path)
    for path in sorted((ROOT / "data/articles").glob("*.trig")):
        dataset = rdflib.Dataset()
        dataset.parse(path)
        for subject, predicate, value, _ in dataset.quads():
            graph.add((subject, predicate, value))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    shapes = rdflib.Graph().parse(ROOT / "ontology/shapes.ttl")
    pyshacl.validate(graph, shacl_graph=shapes, inference="none")
    graph.serialize(output / "plain.nt", format="nt", encoding="utf-8")
    print(len(graph))


def measure(name: str) -> tuple[float, float, int]:
    """Returns seconds, mebibytes at the peak, and triples of one run in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, __file__, name, folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdout is not None
            triples = int(process.stdout.read())
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return time.perf_counter() - started, usage.ru_maxrss / 1024, triples


def main() -> None:
    if len(sys.argv) == 3:
        {"ours": ours, "plain": plain}[sys.argv[1]](Path(sys.argv[2]))
        return
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    results: dict[str, list[tuple[float, float, int]]] = {"ours": [], "plain": []}
    for _ in range(runs):
        for name, taken in results.items():
            taken.append(measure(name))
    seconds = {name: statistics.median(run[0] for run in taken) for name, taken in results.items()}
    memory = {name: statistics.median(run[1] for run in taken) for name, taken in results.items()}
    print("| | Diplograph | rdflib + owlrl + pySHACL | ratio |")
    print("|---|---:|---:|---:|")
    for label, values, unit in (("time", seconds, "s"), ("peak memory", memory, "MiB")):
        ratio = values["plain"] / values["ours"]
        print(f"| {label} | {values['ours']:.2f} {unit} | {values['plain']:.2f} {unit} | {ratio:.1f} |")
    print(f"| distinct triples | {results['ours'][0][2]} | {results['plain'][0][2]} | |")
    print(f"\nMedian of {runs} runs each, in turn, on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()

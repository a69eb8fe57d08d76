"""Measures reasoning on worlds of several sizes, beside other engines, each in a process of its own.

    python benchmarks/reasoning.py 10000 100000 1000000

For each engine: seconds to load, to close and to write the inferred triples out, the peak of its memory, and
how many triples it inferred. All read the same file; what each of them leaves out is listed in
`docs/reasoning.md`. An engine that takes longer than the time limit is stopped.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from worlds import ONTOLOGY, World, write

ENGINES = ("diplograph", "reasonable", "owlrl")
LARGEST = {"owlrl": 10_000, "reasonable": 100_000}
"""Beyond these sizes an engine is not started."""


def diplograph(path: Path) -> dict[str, float]:
    from diplograph.reasoning import files, tables
    from diplograph.reasoning.closure import Closure

    start = time.perf_counter()
    con = tables.connect(memory_limit="6GB", spill=path.parent)
    files.load(con, ONTOLOGY, "o")
    files.load(con, path, "w")
    loaded = time.perf_counter()
    closure = Closure(con)
    closure.close_over_stated()
    closed = time.perf_counter()
    count = closure.write_inferred(path.parent / "inferred.nt", ordered=path.stat().st_size < 1_000_000_000)
    written = time.perf_counter()
    return {"load": loaded - start, "close": closed - loaded, "write": written - closed, "inferred": count}


def owlrl(path: Path) -> dict[str, float]:
    import owlrl as engine
    import rdflib

    start = time.perf_counter()
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(str(path), format="nquads")
    graph = rdflib.Graph()
    for quad in dataset.quads():
        graph.add(quad[:3])
    graph.parse(str(ONTOLOGY), format="turtle")
    before = len(graph)
    loaded = time.perf_counter()
    engine.DeductiveClosure(engine.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(
        graph
    )
    closed = time.perf_counter()
    graph.serialize(str(path.parent / "owlrl.nt"), format="nt")
    return {
        "load": loaded - start,
        "close": closed - loaded,
        "write": time.perf_counter() - closed,
        "inferred": len(graph) - before,
    }


def reasonable(path: Path) -> dict[str, float]:
    import reasonable as engine
    from pyoxigraph import RdfFormat, parse, serialize

    start = time.perf_counter()
    triples = path.parent / "reasonable.ttl"
    with triples.open("wb") as file:
        serialize(
            (quad.triple for quad in parse(path=str(path), format=RdfFormat.N_QUADS)),
            file,
            format=RdfFormat.N_TRIPLES,
        )
    start = time.perf_counter()  # writing the triples without their graphs is not its work
    reasoner = engine.PyReasoner()
    reasoner.load_file(str(triples))
    reasoner.load_file(str(ONTOLOGY))
    loaded = time.perf_counter()
    found = reasoner.reason()
    closed = time.perf_counter()
    stated = sum(1 for _ in set(triples.open()))
    return {
        "load": loaded - start,
        "close": closed - loaded,
        "write": 0.0,
        "inferred": len(set(found)) - stated,
    }


def incremental(path: Path, world: World) -> dict[str, float]:
    """Measures explanations, and adding one article, on a closed world."""
    from pyoxigraph import RdfFormat, parse

    from diplograph.reasoning import materialise_files

    closure = materialise_files([ONTOLOGY, path], memory_limit="6GB")
    article = list(parse("".join(world.article(9_999_999)), format=RdfFormat.N_QUADS))
    start = time.perf_counter()
    closure.add(article)
    added = time.perf_counter() - start
    wanted = [triple for triple, _ in zip(_some(closure), range(40), strict=False)]
    closure.explain(wanted[0])
    times = []
    for triple in wanted[1:]:
        start = time.perf_counter()
        closure.explain(triple)
        times.append(time.perf_counter() - start)
    return {"add": added, "explain_median": statistics.median(times), "explain_worst": max(times)}


def _some(closure):
    from pyoxigraph import Triple

    from diplograph.reasoning.terms import decode

    rows = closure.con.execute(
        f"SELECT s.text, p.text, o.text FROM (SELECT * FROM ({closure.inferred_rows()})"
        " USING SAMPLE reservoir(200 ROWS) REPEATABLE (7)) t"
        " JOIN term s ON s.id = t.s JOIN term p ON p.id = t.p JOIN term o ON o.id = t.o ORDER BY ALL"
    ).fetchall()
    for row in rows[::5]:
        yield Triple(*decode(row))


def run(engine: str, path: Path, limit: float) -> dict[str, float] | str:
    """Runs one engine in a process of its own; returns its measures, or why there are none."""
    command = [sys.executable, __file__, "--engine", engine, "--world", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return f"more than {limit:.0f} s"
    if done.returncode:
        return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--limit", type=float, default=900, help="seconds an engine may take")
    parser.add_argument("--engine")
    parser.add_argument("--world", type=Path)
    given = parser.parse_args()
    if given.engine:
        if given.engine == "incremental":
            world = World(int(given.world.stem))
            for _ in world.lines():
                pass
            measures = incremental(given.world, world)
        else:
            measures = globals()[given.engine](given.world)
        measures["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(measures))
        return
    print(
        "| triples | engine | load s | close s | write s | memory MB | inferred |\n"
        "|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        for size in given.sizes:
            path = Path(folder) / f"{size}.nq"
            write(size, path)
            for engine in ENGINES:
                if size > LARGEST.get(engine, size):
                    continue
                found = run(engine, path, given.limit)
                if isinstance(found, str):
                    print(f"| {size:,} | {engine} | {found} | | | | |", flush=True)
                else:
                    print(
                        f"| {size:,} | {engine} | {found['load']:.2f} | {found['close']:.2f} |"
                        f" {found['write']:.2f} | {found['memory']:.0f} | {found['inferred']:,.0f} |",
                        flush=True,
                    )
            if size <= 1_000_000:
                found = run("incremental", path, given.limit)
                print(f"\n{size:,}: {found}\n", flush=True)


if __name__ == "__main__":
    main()

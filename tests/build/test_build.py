from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import DefaultGraph, RdfFormat, Store, parse
from small import create

from diplograph.build import STAGES, BuildReport, build
from diplograph.errors import DiplographError, ResourceLimit
from diplograph.vocabulary import DG, ID, INFERRED_GRAPH, PROV, RDF, REFERENCE

if TYPE_CHECKING:
    from pathlib import Path

    from diplograph.workspace import Workspace

FILES = {
    "SHA256SUMS", "diplograph.jsonld", "diplograph.nq.gz", "diplograph.trig", "diplograph.ttl",
    "reasoning.duckdb", "report.json", "report.md", "store",
}  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> Workspace:
    return create(tmp_path)


def sound(workspace: Workspace) -> BuildReport:
    report = build(workspace, texts=workspace.root / "texts")
    assert report.ok, report.findings
    return report


def checksums(build: Path) -> str:
    return (build / "graph" / "SHA256SUMS").read_text()


def test_a_build_has_store_artefacts_and_report(small: Workspace) -> None:
    stages: list[tuple[str, int, int]] = []
    report = build(small, texts=small.root / "texts", progress=lambda *stage: stages.append(stage))
    assert [name for name, _, _ in stages] == list(STAGES)
    assert report.location == small.graph.resolve()
    assert {path.name for path in small.graph.iterdir()} == FILES
    store = Store.read_only(str(small.store))
    assert len(list(store.quads_for_pattern(ID["anna-berg"], RDF.type, DG.Actor, INFERRED_GRAPH))) == 1
    assert report.evidence.verified
    assert (report.evidence.articles, report.evidence.passages, report.evidence.conclusions) == (1, 2, 1)
    assert report.graphs["Passage"] == (2, 4)
    assert report.classes["Person"] == 2
    content = json.loads((small.graph / "report.json").read_text())
    assert content["inferred"] == report.inferred > 0
    assert "| Passage | 2 | 4 |" in (small.graph / "report.md").read_text()


def test_the_artefacts_say_the_same(small: Workspace) -> None:
    sound(small)
    lines = gzip.decompress((small.graph / "diplograph.nq.gz").read_bytes())
    quads = set(parse(lines, format=RdfFormat.N_QUADS))
    store = Store.read_only(str(small.store))
    assert {quad for quad in store if quad.graph_name != DefaultGraph()} == quads
    merge = store.quads_for_pattern(None, None, None, DefaultGraph())
    assert {quad.triple for quad in merge} == {quad.triple for quad in quads}
    assert set(parse(path=small.graph / "diplograph.trig")) == quads
    assert set(parse(path=small.graph / "diplograph.jsonld", format=RdfFormat.JSON_LD)) == quads
    merged = {quad.triple for quad in parse(path=small.graph / "diplograph.ttl")}
    assert {quad.triple for quad in quads} <= merged
    for line in checksums(small.build).splitlines():
        expected, name = line.split("  ")
        assert hashlib.sha256((small.graph / name).read_bytes()).hexdigest() == expected


def test_the_merged_graph_keeps_the_evidence(small: Workspace) -> None:
    sound(small)
    store = Store()
    store.extend(parse(path=small.graph / "diplograph.ttl"))
    rows = store.query(
        f"SELECT ?source WHERE {{ ?s {RDF.subject} {ID['the-visit']} ; {RDF.predicate} {DG.date} ;"
        f" a {RDF.Statement} ; {PROV.wasDerivedFrom} ?source }}"
    )
    assert [row["source"].value.partition("#")[2] for row in rows] == ["char=28,55"]


_ELSEWHERE = """
    import sys
    from pathlib import Path
    from diplograph.build import build
    from diplograph.workspace import Workspace

    root = Path(sys.argv[1])
    build(Workspace(root, root / "other"), texts=root / "texts")
"""


def test_building_twice_gives_the_same_bytes(small: Workspace) -> None:
    first = sound(small)
    sums = checksums(small.build)
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_ELSEWHERE), str(small.root)],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert checksums(small.root / "other") == sums
    second = sound(small)
    assert checksums(small.build) == sums
    assert second.location != first.location
    assert first.location is not None
    assert first.location.is_dir()


def test_only_the_build_before_is_kept(small: Workspace) -> None:
    locations = []
    for year in ("2021", "2022", "2023"):
        path = small.reference / "actors.ttl"
        path.write_text(path.read_text() + f'id:person-{year} a dg:Person ; rdfs:label "{year}"@en .\n')
        locations.append(sound(small).location)
    assert sorted(str(path) for path in (small.build / ".graphs").iterdir()) == sorted(
        map(str, locations[1:])
    )


def test_an_error_leaves_the_previous_build(small: Workspace) -> None:
    sound(small)
    sums = checksums(small.build)
    path = small.articles / "a-visit.trig"
    path.write_text(path.read_text() + "GRAPH <#")
    with pytest.raises(DiplographError):
        build(small, texts=small.root / "texts")
    assert checksums(small.build) == sums


def test_a_folder_that_cannot_be_written(small: Workspace) -> None:
    (small.root / "build").write_text("a file where the folder should be")
    with pytest.raises(ResourceLimit, match="cannot write here"):
        build(small, texts=small.root / "texts")


def test_evidence_that_does_not_hold_is_not_published(small: Workspace) -> None:
    sound(small)
    sums = checksums(small.build)
    path = small.articles / "a-visit.trig"
    path.write_text(path.read_text().replace("char=28,55", "char=29,56"))
    report = build(small, texts=small.root / "texts")
    assert not report.ok
    assert report.location is None
    assert [finding.source for finding in report.findings] == ["evidence"]
    assert checksums(small.build) == sums


def test_without_texts_the_form_alone_is_verified(small: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIPLOGRAPH_TEXTS", raising=False)
    report = build(small)
    assert report.ok
    assert not report.evidence.verified
    assert "Evidence: no texts at hand to verify against." in (small.graph / "report.md").read_text()


def test_a_contradiction_is_reported(small: Workspace) -> None:
    path = small.ontology / "diplograph.ttl"
    path.write_text(path.read_text() + "dg:Person owl:disjointWith dg:Visit .\n")
    reference = small.reference / "actors.ttl"
    reference.write_text(reference.read_text() + "id:anna-berg a dg:Visit .\n")
    report = build(small, texts=small.root / "texts")
    assert report.location is not None
    assert not report.ok
    (contradiction,) = report.inconsistencies
    assert contradiction.rule == "cax-dw"
    assert set(contradiction.rests_on) >= {str(REFERENCE) + "actors"}


_HANGING = """
    import sys, time
    from pathlib import Path
    from diplograph.build import build
    from diplograph.workspace import Workspace

    def hang(stage, number, count):
        if stage == sys.argv[2]:
            print("there", flush=True)
            time.sleep(60)

    root = Path(sys.argv[1])
    build(Workspace(root, root / "build"), texts=root / "texts", progress=hang)
"""


@pytest.mark.parametrize("stage", ["reason", "write"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_is_killed_leaves_the_previous_one_usable(
    small: Workspace, stage: str, how: int
) -> None:
    sound(small)
    sums = checksums(small.build)
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_HANGING), str(small.root), stage],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"there\n"
        process.send_signal(how)
        process.wait(timeout=30)
    assert checksums(small.build) == sums
    assert len(Store.read_only(str(small.store))) > 0
    left = list((small.build / ".graphs").glob("*.tmp-*"))
    assert bool(left) == (how == signal.SIGKILL)
    sound(small)
    assert not list((small.build / ".graphs").glob("*.tmp-*"))


def test_the_graph_of_the_project(report: BuildReport) -> None:
    assert report.inconsistencies == ()
    assert [str(finding) for finding in report.violations] == []
    assert report.ok


def test_an_article_without_its_text_is_not_verified_and_stops_nothing(small: Workspace) -> None:
    for text in (small.root / "texts").iterdir():
        text.unlink()
    (small.root / "texts" / "other.txt").write_text("Another text.", encoding="utf-8")
    report = build(small, texts=small.root / "texts")
    assert report.location is not None
    assert not report.evidence.verified
    assert str(report.evidence) == "no texts at hand to verify against"
    assert [finding.severity for finding in report.findings if finding.source == "evidence"] == ["warning"]

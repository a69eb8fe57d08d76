"""The build: sources in, a verified, reasoned, validated graph on disk out."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from pyoxigraph import Literal
from pyoxigraph import Store as Oxigraph

from diplograph.build import artefacts
from diplograph.build.derive import derived
from diplograph.build.lint import lint, undescribed
from diplograph.build.publish import publish, workshop
from diplograph.build.report import BuildReport, Contradiction, Evidence, census
from diplograph.build.sources import read
from diplograph.evidence import verify
from diplograph.store import with_merge
from diplograph.text import load_texts
from diplograph.vocabulary import ALIGNMENT_GRAPH, DG, ONTOLOGY_GRAPH, RDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Quad

    from diplograph.errors import Finding
    from diplograph.reasoning import Closure
    from diplograph.reasoning.proof import Proof
    from diplograph.validation import Stated
    from diplograph.workspace import Workspace

log = logging.getLogger(__name__)

STAGES = ("read", "verify", "reason", "store", "validate", "write")
"""The stages of a build, in order, as `progress` names them."""


@dataclass(frozen=True, slots=True)
class _Reasoned:
    quads: list[Quad]
    inferred: int
    contradictions: tuple[Contradiction, ...]


def build(
    workspace: Workspace,
    *,
    texts: Path | None = None,
    output: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> BuildReport:
    """Builds the graph of a workspace and publishes it at `<build>/graph`.

    Reads all sources, lints them, derives bounds, verifies the evidence where the texts are at hand, reasons,
    writes the store, validates it by shapes and checks, and writes the artefacts.

    Guarantees: an error, an interrupt or `kill -9` leaves the previous build as it was and in use; the same
    sources give the same artefacts, byte for byte. A build whose evidence does not hold is not published;
    other findings are reported in it. Builds of one folder wait for each other.

    Args:
        workspace: What to build.
        texts: The folder of the article texts; by default that of the workspace (`DIPLOGRAPH_TEXTS`), if any.
        output: The folder of builds, if not that of the workspace.
        progress: Called with the name of a stage, its number from 1 and the number of stages, as each begins.

    Returns:
        The report, which is also in the build as `report.json` and `report.md`.

    Raises:
        NotFound: The ontology or the folder of the texts is missing.
        SyntaxProblem: A source cannot be parsed.
        UnknownTerm: A source uses a prefix or a term of ours that nothing declares.
        InvalidValue: A source holds an invalid date or literal.
    """
    stage = _Stages(progress)
    folder = texts if texts is not None else workspace.texts
    with stage("read"):
        sources = read(workspace)
        lint(sources, workspace)
        stated = [*sources.quads, *derived(sources)]
    with stage("verify"):
        at_hand = load_texts(folder) if folder is not None else None
        findings = verify(stated, workspace, at_hand)
        sound = all(finding.severity != "violation" for finding in findings)
        findings += undescribed(sources, workspace)
    evidence = _evidence(stated, at_hand)
    if not sound:
        return _unpublished(stated, evidence, findings)
    with workshop(output or workspace.build) as place:
        with stage("reason"):
            closure = _reason(stated, workspace, place)
            reasoned = _read_off(closure, stated)
        with closure:
            with stage("store"):
                _store(reasoned.quads, place / "store")
            with stage("validate"):
                findings += _validate(reasoned.quads, closure, workspace, place / "store")
        with stage("write"):
            report = _report(reasoned, evidence, findings)
            name = _write(report, reasoned.quads, workspace, place)
            location = publish(place, name)
    return replace(report, location=location)


class _Stages:
    """Tells the progress, and logs how long each stage took."""

    def __init__(self, progress: Callable[[str, int, int], None] | None) -> None:
        self._progress = progress

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        if self._progress is not None:
            self._progress(name, STAGES.index(name) + 1, len(STAGES))
        started = time.perf_counter()
        yield
        log.info("%s: %.2f s", name, time.perf_counter() - started)


def _reason(stated: Sequence[Quad], workspace: Workspace, place: Path) -> Closure:
    from diplograph.reasoning import materialise  # loads DuckDB, which only a build needs

    rules = sorted(workspace.rules.glob("*.rq"))
    return materialise(stated, place / "reasoning.duckdb", rules=rules)


def _read_off(closure: Closure, stated: Sequence[Quad]) -> _Reasoned:
    inferred = list(artefacts.inferred_quads(closure.inferred()))
    contradictions = tuple(
        Contradiction(each.rule, each.gloss, grounds(each.proof)) for each in closure.inconsistencies()
    )
    return _Reasoned(artefacts.in_order([*stated, *inferred]), len(inferred), contradictions)


def grounds(proof: Proof) -> tuple[str, ...]:
    """Returns the graphs of data that a proof rests on; the schema is everybody's ground."""
    schema = {ONTOLOGY_GRAPH, ALIGNMENT_GRAPH, None}
    graphs = {graph for leaf in proof.leaves() for graph in leaf.graphs if graph not in schema}
    return tuple(sorted(graph.value for graph in graphs if graph is not None))


def _store(quads: Sequence[Quad], place: Path) -> None:
    store = Oxigraph(str(place))
    store.bulk_extend(with_merge(quads))
    store.optimize()
    store.flush()


def _validate(quads: Sequence[Quad], closure: Closure, workspace: Workspace, place: Path) -> list[Finding]:
    from diplograph.store import open_store
    from diplograph.validation import Validator  # loads pySHACL, which only a build and a validation need

    def rests_on(stated: Stated) -> Sequence[str]:
        return grounds(closure.explain(stated)[0])

    validator = Validator(quads, workspace, rests_on=rests_on)
    findings = validator.shapes() if (workspace.ontology / "shapes.ttl").is_file() else []
    with open_store(place) as store:
        return [*findings, *validator.checks(store)]


def _evidence(stated: Sequence[Quad], texts: Mapping[str, str] | None) -> Evidence:
    typed = [(quad.subject, quad.object) for quad in stated if quad.predicate == RDF.type]
    articles, passages, conclusions = (
        len({subject for subject, kind in typed if kind == wanted})
        for wanted in (DG.Article, DG.Passage, DG.Conclusion)
    )
    if texts is None:
        return Evidence(articles, passages, conclusions, None)
    wanted = (quad.object for quad in stated if quad.predicate == DG.textDigest)
    at_hand = {digest.value for digest in wanted if isinstance(digest, Literal) and digest.value in texts}
    return Evidence(articles, passages, conclusions, len(at_hand))


def _report(reasoned: _Reasoned, evidence: Evidence, findings: Sequence[Finding]) -> BuildReport:
    graphs, classes, triples = census(reasoned.quads)
    return BuildReport(
        location=None,
        evidence=evidence,
        graphs=graphs,
        classes=classes,
        triples=triples,
        inferred=reasoned.inferred,
        inconsistencies=reasoned.contradictions,
        findings=tuple(findings),
    )


def _unpublished(stated: Sequence[Quad], evidence: Evidence, findings: Sequence[Finding]) -> BuildReport:
    log.error("the evidence does not hold: nothing is published, the previous build stays")
    return _report(_Reasoned(list(stated), 0, ()), evidence, findings)


def _write(report: BuildReport, quads: Sequence[Quad], workspace: Workspace, place: Path) -> str:
    artefacts.write(quads, workspace, place)
    (place / "report.json").write_text(report.to_json(), encoding="utf-8")
    (place / "report.md").write_text(report.to_markdown(), encoding="utf-8")
    names = [
        artefacts.NQUADS,
        artefacts.TRIG,
        artefacts.TURTLE,
        artefacts.JSON_LD,
        "report.json",
        "report.md",
    ]
    return sha256(artefacts.sums(place, names).encode()).hexdigest()[:16]

"""Validation of a person's own files, before they become part of anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from diplograph.build.artefacts import inferred_quads
from diplograph.build.derive import derived
from diplograph.build.lint import lint
from diplograph.build.sources import Source, Sources, read, read_file
from diplograph.errors import Finding, NotFound, Place
from diplograph.locate import Locator
from diplograph.store import EmbeddedStore
from diplograph.vocabulary import ARTICLE, DG, REFERENCE, compact, prefixes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyoxigraph import BlankNode, Triple

    from diplograph.reasoning.proof import Inconsistency
    from diplograph.workspace import Workspace

    Subject = NamedNode | BlankNode | Triple


def validate(paths: Sequence[Path], workspace: Workspace) -> list[Finding]:
    """Validates Turtle or TriG files by ontology, shapes and checks, beside the workspace's own data.

    The files are read as if they lay in `data/`: a `.trig` file as an article, another as reference data; a
    file that is in the workspace already is taken once. Nothing is written.

    Cost: reasoning and SHACL over the workspace and the files.

    Returns:
        The findings about what the files describe, worst first; a contradiction is a violation.

    Raises:
        NotFound: A file is not there.
        SyntaxProblem, UnknownTerm, InvalidValue: A file cannot be parsed, or says what cannot be meant.
    """
    from diplograph.reasoning import materialise
    from diplograph.validation import Validator

    own = tuple(_source(path, workspace) for path in paths)
    given = {path.resolve() for path in paths}
    others = [source for source in read(workspace).files if source.path.resolve() not in given]
    sources = Sources((*others, *own))
    lint(sources, workspace)
    stated = [*sources.quads, *derived(sources)]
    known = prefixes(workspace)
    described = {quad.subject for source in own for quad in source.quads}
    with materialise(stated, rules=sorted(workspace.rules.glob("*.rq"))) as closure:
        quads = [*stated, *inferred_quads(closure.inferred())]
        contradictions = list(closure.inconsistencies())
    validator = Validator(quads, workspace, files=list(paths))
    locator = Locator(workspace, list(paths))
    with EmbeddedStore.from_quads(quads) as store:
        findings = [*validator.shapes(), *validator.checks(store)]
    names = {compact(subject, known) for subject in described if isinstance(subject, NamedNode)}
    return [
        *(
            _contradiction(each, described, locator, known)
            for each in contradictions
            if _touches(each, described)
        ),
        *(finding for finding in findings if finding.focus in names),
    ]


def _touches(contradiction: Inconsistency, described: set[Subject]) -> bool:
    return any(leaf.conclusion[0] in described for leaf in contradiction.proof.leaves())


def _contradiction(
    contradiction: Inconsistency, described: set[Subject], locator: Locator, known: dict[str, str]
) -> Finding:
    leaves = list(contradiction.proof.leaves())
    subject = next(leaf.conclusion[0] for leaf in leaves if leaf.conclusion[0] in described)
    graphs = {graph.value for leaf in leaves for graph in leaf.graphs if isinstance(graph, NamedNode)}
    return Finding(
        contradiction.rule,
        "violation",
        f"A contradiction: {contradiction.gloss}",
        place=locator.place(subject) if isinstance(subject, NamedNode) else None,
        focus=compact(subject, known) if isinstance(subject, NamedNode) else None,
        rests_on=tuple(sorted(graphs)),
        hint="one of the statements it rests on is wrong, or two things have one name",
    )


def _source(path: Path, workspace: Workspace) -> Source:
    if not path.is_file():
        raise NotFound("there is no such file", place=Place(file=path))
    article = path.suffix == ".trig"
    graph = (ARTICLE if article else REFERENCE)[path.stem]
    kind = DG.DescriptionGraph if article else DG.ReferenceGraph
    return Source(path, graph, kind, tuple(read_file(path, graph, prefixes(workspace))))

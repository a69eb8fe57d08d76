"""Validating files of anybody's: against our ontology, our shapes and, where they apply, our checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from diplograph.build.artefacts import in_order, inferred_quads
from diplograph.build.derive import derived
from diplograph.build.lint import lint
from diplograph.build.run import grounds
from diplograph.build.sources import Source, Sources, read, read_file
from diplograph.errors import Finding, NotFound, Place
from diplograph.locate import Locator
from diplograph.store import EmbeddedStore
from diplograph.vocabulary import ARTICLE, DG, RDF, REFERENCE, compact, prefixes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from diplograph.reasoning.proof import Inconsistency
    from diplograph.workspace import Workspace


def validate(files: Sequence[Path], workspace: Workspace, *, alone: bool = False) -> list[Finding]:
    """Validates Turtle and TriG files together with the workspace's own data, or alone.

    A file of the workspace that is among `files` is read once. Nothing is written.

    Args:
        files: What to validate.
        workspace: Where ontology, shapes, checks and data are.
        alone: Leave out the workspace's reference data and articles.

    Returns:
        What is wrong or worth a look about these files, worst first.

    Raises:
        NotFound: A file does not exist.
        SyntaxProblem: A file cannot be parsed: file, line and column.
        UnknownTerm: A prefix or a term of ours is not declared.
        InvalidValue: A date or another literal is not valid.
    """
    from diplograph.reasoning import materialise
    from diplograph.validation import Validator

    sources = _with(files, workspace, alone)
    lint(sources, workspace)
    resolved = {path.resolve() for path in files}
    given = [source for source in sources.files if source.path.resolve() in resolved]
    about = {quad.subject for source in given for quad in source.quads if isinstance(quad.subject, NamedNode)}
    known = prefixes(workspace)
    locator = Locator(workspace, list(files))
    stated = [*sources.quads, *derived(sources)]
    with materialise(stated, rules=sorted(workspace.rules.glob("*.rq"))) as closure:
        quads = in_order([*stated, *inferred_quads(closure.inferred())])
        validator = Validator(
            quads, workspace, rests_on=lambda fact: grounds(closure.explain(fact)[0]), files=list(files)
        )
        with EmbeddedStore.from_quads(quads) as store:
            found = [*validator.shapes(), *validator.checks(store)]
        contradictions = [
            _contradiction(each, subject, locator, known)
            for each in closure.inconsistencies()
            if (subject := _subject(each, about)) is not None
        ]
    names = {compact(subject, known) for subject in about}
    return [*contradictions, *(each for each in found if each.focus in names)]


def _subject(contradiction: Inconsistency, about: set[NamedNode]) -> NamedNode | None:
    """Returns what a contradiction is about, if it is among the things that the files describe."""
    subjects = (leaf.conclusion[0] for leaf in contradiction.proof.leaves())
    return next((each for each in subjects if isinstance(each, NamedNode) and each in about), None)


def _contradiction(
    contradiction: Inconsistency, subject: NamedNode, locator: Locator, known: dict[str, str]
) -> Finding:
    return Finding(
        contradiction.rule,
        "violation",
        f"A contradiction: {contradiction.gloss}",
        place=locator.place(subject),
        focus=compact(subject, known),
        rests_on=grounds(contradiction.proof),
        hint="one of the statements it rests on is wrong, or two things have one name",
    )


def _with(files: Sequence[Path], workspace: Workspace, alone: bool) -> Sources:
    for path in files:
        if not path.is_file():
            problem = "this is a folder; name the files in it" if path.is_dir() else "no such file"
            raise NotFound(problem, place=Place(file=path))
    resolved = {path.resolve() for path in files}
    kept = [
        source
        for source in read(workspace).files
        if source.path.resolve() not in resolved and (source.kind == DG.SchemaGraph or not alone)
    ]
    known = prefixes(workspace)
    return Sources((*kept, *(_source(path, known) for path in files)))


def _source(path: Path, known: Mapping[str, str]) -> Source:
    """Reads a file as an article's if it describes an article, else as reference data."""
    quads = read_file(path, ARTICLE[path.stem], known)
    articles = [quad.subject for quad in quads if quad.predicate == RDF.type and quad.object == DG.Article]
    if articles and isinstance(articles[0], NamedNode):
        return Source(path, articles[0], DG.DescriptionGraph, tuple(quads))
    graph = REFERENCE[path.stem]
    return Source(path, graph, DG.ReferenceGraph, tuple(read_file(path, graph, known)))

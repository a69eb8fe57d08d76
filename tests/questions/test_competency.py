"""Competency: every saved question gives its expected rows, the same in Oxigraph and in rdflib."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from competency import EXPECTED, answer, written
from pyoxigraph import QueryResultsFormat, parse, parse_query_results

from diplograph import questions, sparql
from diplograph.store import EmbeddedStore, open_store
from diplograph.vocabulary import DG, OWL, RDF, RDFS, prefixes
from diplograph.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    import rdflib

WORKSPACE = Workspace.find(Path(__file__))
KNOWN = prefixes(WORKSPACE)
QUESTIONS = questions.load(WORKSPACE)


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[EmbeddedStore]:
    with open_store(built) as opened:
        assert isinstance(opened, EmbeddedStore)
        yield opened


@pytest.fixture(scope="module")
def dataset(store: EmbeddedStore) -> rdflib.Dataset:
    return store.rdflib()


def test_there_are_enough_questions() -> None:
    assert len(QUESTIONS) > 80
    assert {path.stem for path in EXPECTED.glob("*.csv")} == set(QUESTIONS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_expected_rows(name: str, store: EmbeddedStore) -> None:
    table = answer(store, QUESTIONS[name], KNOWN)
    assert written(table.variables, table.rows, KNOWN) == (EXPECTED / f"{name}.csv").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("name", QUESTIONS)
def test_rdflib_answers_the_same(name: str, store: EmbeddedStore, dataset: rdflib.Dataset) -> None:
    question = QUESTIONS[name]
    values = {parameter.name: parameter.example for parameter in question.parameters}
    answered = dataset.query(question.bind(values, store, KNOWN))
    rows = parse_query_results(answered.serialize(format="json"), QueryResultsFormat.JSON)
    text = written([variable.value for variable in rows.variables], rows, KNOWN)
    assert text == (EXPECTED / f"{name}.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", QUESTIONS)
def test_style(name: str) -> None:
    question = QUESTIONS[name]
    assert question.summary.endswith("?")
    assert question.tags
    assert sparql.used_prefixes(question.query) == set(sparql.declared_prefixes(question.query))
    assert sparql.declared_prefixes(question.query).items() <= KNOWN.items()
    assert sparql.form(question.query) == "select"
    words = [token.text.upper() for token in sparql.tokens(question.query) if token.kind in ("word", "other")]
    assert "*" not in words[: words.index("WHERE")]
    assert "ORDER" in words
    assert not re.search(r"^#[^+]", question.query, re.MULTILINE), "no commented-out variants"


def test_parameters_are_answered_by_every_kind_of_value() -> None:
    kinds = {parameter.kind for question in QUESTIONS.values() for parameter in question.parameters}
    assert kinds >= {"entity", "date", "iri"}


def test_every_term_serves_a_question() -> None:
    """A term serves if a query names it, or a term at most two links away.

    Links are super and sub, type, domain, range and inverse: a query over `dg:level` serves its values too.
    """
    served = set(re.findall(r"\bdg:(\w+)", "\n".join(question.query for question in QUESTIONS.values())))
    near: dict[str, set[str]] = {}
    links = (RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.inverseOf, RDF.type)
    for quad in parse(path=WORKSPACE.ontology / "diplograph.ttl"):
        if quad.subject in DG:
            near.setdefault(DG.local(quad.subject), set())
            if quad.predicate in links and quad.object in DG:
                near[DG.local(quad.subject)].add(DG.local(quad.object))
                near.setdefault(DG.local(quad.object), set()).add(DG.local(quad.subject))
    assert len(near) > 200
    reached = served | {term for term, others in near.items() if others & served}
    assert [
        term for term, others in sorted(near.items()) if term not in reached and not others & reached
    ] == []

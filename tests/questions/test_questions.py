"""Headers, parameters and binding of saved questions, and what is said of wrong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from diplograph import questions
from diplograph.errors import InvalidValue, NotFound, SyntaxProblem, UnknownTerm
from diplograph.store import EmbeddedStore
from diplograph.vocabulary import DG, ID, RDF, RDFS

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = {"dg": str(DG), "id": str(ID)}
TEXT = """\
#+ summary: What is known of a person on a day?
#+ tags: [person]
#+ params:
#+   - name: person
#+     type: entity
#+     class: dg:Person
#+     description: The person.
#+     example: Anna Berg
#+   - name: "on"
#+     type: date
#+     description: The day.
#+     example: 2021-05-03
#+     default: 2021-05-03

PREFIX dg: <https://w3id.org/diplograph/ontology#>

SELECT ?p ?on
WHERE { ?_person ?p ?o . BIND (?_on AS ?on) }
ORDER BY ?p
"""


@pytest.fixture
def store() -> EmbeddedStore:
    graph = NamedNode("urn:g")
    return EmbeddedStore.from_quads(
        [
            Quad(ID.anna, RDF.type, DG.Person, graph),
            Quad(ID.anna, RDFS.label, Literal("Anna Berg", language="en"), graph),
            Quad(ID.berg, RDFS.label, Literal("Berg", language="en"), graph),
        ]
    )


def write(folder: Path, text: str) -> Path:
    path = folder / "known-of.rq"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def question(tmp_path: Path) -> questions.Question:
    return questions.read(write(tmp_path, TEXT), KNOWN)


def test_a_header_is_read(question: questions.Question) -> None:
    assert question.name == "known-of"
    assert question.summary == "What is known of a person on a day?"
    assert [parameter.kind for parameter in question.parameters] == ["entity", "date"]
    assert question.parameters[0].cls == DG.Person
    assert question.parameters[1].default == "2021-05-03"


def test_a_name_is_bound(question: questions.Question, store: EmbeddedStore) -> None:
    table = questions.ask(store, question, {"person": "anna  BERG"}, KNOWN)
    assert [row[0] for row in table.values()] == [RDF.type.value, RDFS.label.value]
    assert {row[1] for row in table.values()} == {"2021-05-03"}


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({}, InvalidValue, r"needs the parameter 'person': The person.\n  for example person='Anna Berg'"),
        ({"person": "Anna Borg"}, NotFound, r"did you mean Anna Berg\?"),
        ({"person": "id:anna", "on": "May"}, InvalidValue, r"'May' is no date .*\n  write YYYY-MM-DD"),
        ({"persn": "id:anna"}, NotFound, r"no parameter 'persn'\n  did you mean person\?"),
        ({"person": "xx:anna"}, NotFound, "unknown prefix 'xx'"),
        ({"person": "id:anna> } #", "on": "2021-05-03"}, ValueError, "IRI"),
    ],
)
def test_wrong_values_are_explained(question, store, values, error, message) -> None:
    with pytest.raises(error, match=message):
        question.bind(values, store, KNOWN)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("#+ summary: What is known of a person on a day?\n", "", "needs a summary"),
        ("on a day?", "on a day: which?", r":1: the header is not YAML"),
        ("type: date", "type: day", r"unknown type 'day'\n  one of entity, date"),
        ('name: "on"', "name: on", 'name that is text\n  quote YAML words: name: "on"'),
        ("?_on", "?on", r"there is no \?_on"),
        ("#+     description: The day.\n", "", "'on' lacks description"),
        ("class: dg:Person", "class: dgg:Person", "unknown prefix 'dgg'"),
    ],
)
def test_wrong_headers_are_explained(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write(tmp_path, TEXT.replace(old, new))
    with pytest.raises((SyntaxProblem, UnknownTerm), match=message):
        questions.read(path, KNOWN)


def test_an_unknown_question_suggests_the_nearest(workspace) -> None:
    with pytest.raises(NotFound, match="did you mean"):
        questions.named(workspace, "holder-on-a-date")

"""Domain rules: what compiles gives what a SPARQL engine gives; what does not says what and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Store
from reasoning.support import quads

from diplograph.errors import RuleProblem
from diplograph.reasoning import check_all, domain, materialise

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "PREFIX : <http://example.org/>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
DATA = """
# so that a plan is mentioned
:m1 :uses :i1 .
:m1 a :Meeting ; :who :a , :b , :c ; :on "2020-05-01"^^xsd:date ; :n 3 .
:m2 a :Meeting ; :who :c , :d ; :on "2021-05-01"^^xsd:date ; :n 4.5 .
:m3 :who :a , :d ; :on "2022-05-01"^^xsd:date ; :n 4.5e0 .
:i1 a :Plan ; :from "2020-01-01"^^xsd:date ; :to "2020-12-31"^^xsd:date .
:i2 a :Plan ; :from "2021-01-01"^^xsd:date ; :to "2025-12-31"^^xsd:date .
:i3 a :Plan ; :from "2021"^^xsd:gYear ; :to "2025"^^xsd:gYear .
"""
RULES = {
    "met": "CONSTRUCT { ?x :met ?y } WHERE { ?e a :Meeting ; :who ?x , ?y . FILTER (?x != ?y) }",
    "during": "CONSTRUCT { ?e :during ?i }"
    " WHERE { ?i a :Plan ; :from ?f ; :to ?t . ?e :on ?d . FILTER (?f <= ?d && ?d <= ?t) }",
    "larger": "CONSTRUCT { ?e :larger ?o } WHERE { ?e :n ?x . ?o :n ?y . FILTER (?x > ?y) }",
    "constant": 'CONSTRUCT { ?e a :Late } WHERE { ?e :on ?d . FILTER (?d >= "2021-01-01"^^xsd:date) }',
    "several": "CONSTRUCT { ?x :same ?y . ?y a :Seen } WHERE { ?e :who ?x ; :who ?y . FILTER (?x = ?y) }",
    "path": "CONSTRUCT { ?x :reach ?w }"
    " WHERE { ?e :who ?x , ?y . ?f :who ?y , ?z . ?g :who ?z , ?w . ?e :on ?d . ?g :on ?d }",
    "any": "CONSTRUCT { ?x :linked ?y } WHERE { ?x ?p ?y . ?y a :Plan }",
    "bare": "CONSTRUCT { [] :x ?y } WHERE { ?x :who ?y }",
}
OUTSIDE = {
    "OPTIONAL": "CONSTRUCT { ?x :p ?y }\nWHERE { ?x :q ?y\n OPTIONAL { ?y :r ?z } }",
    "UNION": "CONSTRUCT { ?x :p ?y }\nWHERE {\n { ?x :q ?y } UNION { ?y :q ?x } }",
    "MINUS": "CONSTRUCT { ?x :p ?y }\nWHERE { ?x :q ?y\n MINUS { ?y :r ?x } }",
    "BIND": "CONSTRUCT { ?x :p ?y }\nWHERE { ?x :q ?z\n BIND (?z AS ?y) }",
    "VALUES": "CONSTRUCT { ?x :p ?y }\nWHERE { ?x :q ?y\n VALUES ?x { :a } }",
    "NOT EXISTS": "CONSTRUCT { ?x :p ?y }\nWHERE { ?x :q ?y\n FILTER NOT EXISTS { ?y :r ?x } }",
    "STR": "CONSTRUCT { ?x :p ?y }\nWHERE { ?x :q ?y\n FILTER (STR(?x) = 'a') }",
    "||": "CONSTRUCT { ?x :p ?y }\nWHERE { ?x :q ?y\n FILTER (?x = :a || ?y = :a) }",
    "a property path": "CONSTRUCT { ?x :p ?y }\nWHERE {\n ?x :q/:r ?y }",
    "LIMIT": "CONSTRUCT { ?x :p ?y }\nWHERE { ?x :q ?y }\nLIMIT 3",
    "GRAPH": "CONSTRUCT { ?x :p ?y }\nWHERE {\n GRAPH ?g { ?x :q ?y } }",
    "a blank node in the CONSTRUCT template": "\n\nCONSTRUCT { [] :p ?y } WHERE { ?x :q ?y }",
    "?z is not bound": "\nCONSTRUCT { ?x :p\n ?z } WHERE { ?x :q ?y }",
    "SELECT": "\n\nSELECT ?x { ?x :q ?y }",
    "not a SPARQL query": "CONSTRUCT { ?x :p ?y }\n\nWHERE ?x",
}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.rq"
    path.write_text(PREFIX + text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", [name for name in RULES if name != "bare"])
def test_a_rule_gives_what_sparql_gives(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, name, RULES[name])
    store = Store()
    store.extend(quads(DATA))
    expected = {str(triple) for triple in store.query(PREFIX + RULES[name])}
    with materialise(quads(DATA), rules=[path]) as closure, materialise(quads(DATA)) as without:
        found = set(map(str, closure.inferred())) - set(map(str, without.inferred()))
        assert found == expected - {str(quad.triple) for quad in quads(DATA)}
        assert found
        assert check_all(closure).faults == ()
        (proof,) = closure.explain(next(each for each in closure.inferred() if str(each) in found))
        assert proof.root.rule.id == name


@pytest.mark.parametrize("name", [name for name in RULES if name != "bare"])
def test_a_rule_in_sql_gives_what_it_gives_in_memory(name: str, tmp_path: Path, monkeypatch) -> None:
    from importlib import import_module

    path = write(tmp_path, name, RULES[name])
    with materialise(quads(DATA), rules=[path]) as closure:
        in_memory = list(closure.inferred())
    monkeypatch.setattr(import_module("diplograph.reasoning.materialise"), "SMALL", -1)
    with materialise(quads(DATA), rules=[path]) as closure:
        assert list(closure.inferred()) == in_memory


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_the_subset_is_an_error_with_a_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(RuleProblem) as found:
        domain.load([write(tmp_path, "rule", OUTSIDE[name])])
    assert name.lower() in str(found.value).lower()
    assert found.value.place is not None
    assert found.value.place.line == 5


def test_rules_and_axioms_feed_each_other(tmp_path: Path) -> None:
    path = write(tmp_path, "met", RULES["met"])
    text = (
        DATA
        + ":Summit rdfs:subClassOf :Meeting . :s a :Summit ; :who :e , :f . :met rdfs:subPropertyOf :knows ."
    )
    with materialise(quads(text), rules=[path]) as closure:
        found = {str(each) for each in closure.inferred()}
        assert "<http://example.org/e> <http://example.org/knows> <http://example.org/f>" in found


def test_two_rules_of_one_name(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    paths = [write(tmp_path, "met", RULES["met"]), write(tmp_path / "other", "met", RULES["met"])]
    with pytest.raises(RuleProblem, match="second rule"):
        domain.load(paths)


def test_the_rules_of_the_project_compile(workspace) -> None:
    rules = domain.load(workspace.rules.glob("*.rq"))
    assert {"met", "in-force-at", "represented-state", "presides-over"} <= {rule.id for rule in rules}

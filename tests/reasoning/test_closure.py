"""A closure on disk, its changes, its limits, and bad input."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, serialize
from reasoning.support import EX, close, everything, quads, triples

from diplograph.errors import InvalidValue, NotFound, ResourceLimit, SyntaxProblem
from diplograph.reasoning import Closure, check_all, materialise, materialise_files

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """
:C rdfs:subClassOf :D . :p a owl:TransitiveProperty . :a a :C ; :p :b . :b :p :c . :a owl:sameAs :a2 .
:f a owl:FunctionalProperty . :x :f :y , :z .
"""


def test_a_saved_closure_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "closure.duckdb"
    with materialise(quads(TEXT), path) as made:
        expected = list(made.inferred())
    with Closure.open(path) as opened:
        assert list(opened.inferred()) == expected
        assert check_all(opened).faults == ()
        opened.add(quads(":c :p :d ."))
        assert triples(":a :p :d .")[0] in set(opened.inferred())
    with Closure.open(path) as again:
        assert list(again.inferred()) == expected
    assert [each.name for each in tmp_path.iterdir()] == ["closure.duckdb"]


def test_an_interrupted_run_leaves_the_last_one(tmp_path: Path) -> None:
    path = tmp_path / "closure.duckdb"
    materialise(quads(TEXT), path).close()
    before = path.read_bytes()

    def stop(_) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        materialise(quads(TEXT + ":c :p :d ."), path, progress=stop)
    assert path.read_bytes() == before


def test_a_disk_that_refuses_leaves_the_last_one(tmp_path: Path) -> None:
    path = tmp_path / "closure.duckdb"
    materialise(quads(TEXT), path).close()
    before = path.read_bytes()
    (tmp_path / ".closure.duckdb.part").mkdir()  # nothing can be written where the new file would be made
    (tmp_path / ".closure.duckdb.part" / "x").touch()
    with pytest.raises((ResourceLimit, OSError)):
        materialise(quads(TEXT + ":c :p :d ."), path)
    assert path.read_bytes() == before


def test_too_little_memory_is_an_error(tmp_path: Path) -> None:
    text = ":p a owl:TransitiveProperty . " + " ".join(f":n{i} :p :n{i + 1} ." for i in range(900))
    with pytest.raises(ResourceLimit):
        from importlib import import_module

        engine = import_module("diplograph.reasoning.materialise")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "SMALL", -1)
            from diplograph.reasoning import tables
            from diplograph.reasoning.closure import Closure as Made

            con = tables.connect(memory_limit="100MB", threads=1)
            tables.stage(con, quads(text))
            con.execute("SET memory_limit = '12MB'")
            con.execute("SET max_temp_directory_size = '1MB'")
            Made(con).close_over_stated()


def test_opening_what_is_no_closure(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Closure.open(tmp_path / "none")
    (tmp_path / "text").write_text("no database")
    with pytest.raises(InvalidValue):
        Closure.open(tmp_path / "text")


def test_what_if_names_survivors_and_writes_nothing() -> None:
    stated = [
        *quads(":C rdfs:subClassOf :D . :E rdfs:subClassOf :D . :D owl:disjointWith :X .", "ontology"),
        *quads(":a a :C . :b a :C .", "one"),
        *quads(":a a :E .", "two"),
    ]
    with materialise(stated) as closure:
        before = list(closure.inferred())
        graph = NamedNode(f"{EX}one")
        with closure.what_if(without=[graph]) as change:
            assert triples(":b a :D .")[0] in change.fallen
            assert [
                each.triple for each in change.surviving if each.triple.object == NamedNode(f"{EX}D")
            ] == triples(":a a :D .")
            survivor = next(each for each in change.surviving if each.triple == triples(":a a :D .")[0])
            assert all(graph not in leaf.graphs for leaf in survivor.after.leaves())
        with closure.what_if(with_=quads(":a a :X .", "three")) as change:
            assert [each.rule for each in change.contradictions] == ["cax-dw"]
        assert list(closure.inferred()) == before
        assert closure.graphs(f"{EX}o") == [graph, NamedNode(f"{EX}ontology")]


def test_files_of_every_kind_are_read(tmp_path: Path) -> None:
    stated = quads(TEXT + ':a :says "two\\nlines \\"quoted\\" é"@en , "a b . c" ; :q [ :r 1 ] .')
    lines = serialize(stated, format=RdfFormat.N_QUADS)
    (tmp_path / "a.nq").write_bytes(b"# a comment\n\n" + lines)
    (tmp_path / "b.nq.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "c.ttl").write_bytes(serialize([each.triple for each in stated], format=RdfFormat.TURTLE))
    with materialise(stated) as closure:
        expected = {str(each) for each in everything(closure) if "_:" not in str(each)}
    for name in ("a.nq", "b.nq.gz", "c.ttl"):
        with materialise_files([tmp_path / name]) as closure:
            assert {str(each) for each in everything(closure) if "_:" not in str(each)} == expected, name
    with materialise_files([tmp_path / "a.nq", tmp_path / "b.nq.gz"]) as closure:
        assert (
            len({str(each.subject) for each in closure.stated() if str(each.predicate).endswith("/r>")}) == 2
        )


@pytest.mark.parametrize("name", ["a.nt", "a.nq", "a.ttl"])
def test_a_malformed_file_is_an_error_with_a_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('<x:a> <x:b> <x:c> .\n<x:a> <x:b> "open .\n')
    with pytest.raises(SyntaxProblem) as found:
        materialise_files([tmp_path / name])
    assert found.value.place.line == 2
    (tmp_path / name).write_text("<x:a> <x:b> <x:c> .\n<x:a> <x:b> <x:c d> .\n")
    with pytest.raises(SyntaxProblem) as found:
        materialise_files([tmp_path / name])
    assert found.value.place.line == 2


@pytest.mark.parametrize(
    ("axiom", "problem"),
    [
        (":p owl:propertyChainAxiom :l . :l rdf:first :q ; rdf:rest :l .", "circle"),
        (":p owl:propertyChainAxiom :l . :l rdf:first :q .", "no rdf:rest"),
        (":p owl:propertyChainAxiom :l . :l rdf:rest rdf:nil .", "no rdf:first"),
        (":C owl:hasKey :l . :l rdf:first :q , :r ; rdf:rest rdf:nil .", "2 values of rdf:first"),
        (":C owl:intersectionOf () .", "empty"),
        (":C owl:disjointUnionOf ( :D :E ) .", "disjoint union"),
        (":C rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :D ] .", "existential"),
        ("[ owl:onProperty :p ; owl:allValuesFrom :D ] rdfs:subClassOf :C .", "universal"),
        (":R owl:maxCardinality 3 ; owl:onProperty :p .", "0 or 1"),
        (":p a owl:ReflexiveProperty .", "reflexive"),
        ("owl:sameAs rdfs:subPropertyOf :same .", "every term"),
    ],
)
def test_what_is_ignored_is_named(axiom: str, problem: str) -> None:
    with close(axiom + " :a :p :b .") as closure:
        assert any(problem in each.problem for each in closure.notices())
        assert check_all(closure).faults == ()


def test_a_sound_ontology_has_no_notices() -> None:
    with close(TEXT) as closure:
        assert closure.notices() == []

"""The command line: what it prints, what it says of mistakes, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import small
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results
from servers import oxigraph

from diplograph.cli import main

if TYPE_CHECKING:
    from diplograph.workspace import Workspace

ROOT = Path(__file__).parents[2]


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(ROOT)

    def call(*args: object) -> Ran:
        with pytest.raises(SystemExit) as left:
            main([str(arg) for arg in args])
        out, err = capfd.readouterr()
        return Ran(left.value.code, out, err)  # type: ignore[arg-type]

    return call


@pytest.fixture
def ask(run: Run, built: Path) -> Run:
    """Runs a command on the project's own graph."""
    return lambda *args: run("--store", built, *args)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small.create(tmp_path_factory.mktemp("tiny"))


# -- asking


def test_ask_prints_a_table_with_labels(ask: Run) -> None:
    ran = ask("ask", "holders-on-a-date", "-p", "on=2025-01-09")
    assert ran.code == 0
    head, line, *rows = ran.out.splitlines()
    assert head.split() == ["person", "post", "certainty"]
    assert set(line.strip()) == {"─"}
    assert any("Khamlieng Outhakaysone" in row and "certainly" in row for row in rows)
    assert not any(row != row.rstrip() for row in ran.out.splitlines())
    assert ran.err == f"{len(rows)} rows\n"


def test_labels_come_in_the_language_asked_for(ask: Run) -> None:
    assert "ລາວ" in ask("ask", "neighbours", "--lang", "lo").out


@pytest.mark.parametrize("form", ["json", "xml", "tsv"])
def test_rows_in_the_formats_of_the_w3c(ask: Run, form: str) -> None:
    ran = ask("ask", "neighbours", "--format", form)
    kind = {"json": QueryResultsFormat.JSON, "xml": QueryResultsFormat.XML, "tsv": QueryResultsFormat.TSV}[
        form
    ]
    solutions = parse_query_results(ran.out, kind)
    assert len(list(solutions)) == 2


def test_rows_as_csv_and_markdown(ask: Run) -> None:
    rows = list(csv.reader(io.StringIO(ask("ask", "neighbours", "-f", "csv").out)))
    assert rows[1][0].startswith("https://w3id.org/diplograph/id/")
    assert ask("ask", "neighbours", "-f", "md").out.splitlines()[1] == "| --- | --- |"


def test_a_name_in_any_spelling_is_a_value(ask: Run) -> None:
    outs = {ask("ask", "ranks-of-a-person", "-p", f"person={name}", "-f", "csv").out for name in
            ("Hoàng Xuân Chiến", "hoang xuan chien", "id:hoang-xuan-chien")}  # fmt: skip
    assert len(outs) == 1


def test_why_says_what_rows_rest_on(ask: Run) -> None:
    ran = ask("ask", "holders-on-a-date", "-p", "on=2025-01-09", "--why")
    assert "article:vietnam-laos-defence-meetings#char=" in ran.out
    rows = json.loads(ask("ask", "holders-on-a-date", "-p", "on=2025-01-09", "--why", "-f", "json").out)
    assert all(each["why"] and each["why"][0]["graphs"] for each in rows)


def test_a_row_that_counts_shows_a_part_of_what_it_rests_on(ask: Run) -> None:
    rows = json.loads(ask("ask", "graph-kinds", "--why", "-f", "json").out)
    assert {len(row["why"]) for row in rows} == {20}
    assert all(row["more"] > 0 for row in rows)
    assert "more: diplograph -v ask" in ask("ask", "graph-kinds", "--why").out


def test_questions_are_listed_and_described(run: Run) -> None:
    assert "Who held which post on a date" in run("questions").out
    page = run("questions", "holders-on-a-date").out
    assert "on (date)" in page
    assert "diplograph ask holders-on-a-date -p on=2025-01-09" in page
    assert json.loads(run("questions", "holders-on-a-date", "-f", "json").out)["params"][0]["type"] == "date"
    assert "neighbours" not in run("questions", "--tag", "time").out


def test_query_needs_no_prefixes(ask: Run) -> None:
    ran = ask("query", "SELECT ?x WHERE { ?x dg:neighbourOf id:laos }", "-f", "csv")
    assert ran == Ran(0, "x\r\nhttps://w3id.org/diplograph/id/vietnam\r\n", "")


def test_query_from_a_file_and_from_standard_input(
    ask: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "q.rq").write_text("ASK { id:laos a dg:State }")
    assert ask("query", "--file", tmp_path / "q.rq").out == "true\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("ASK { id:laos a dg:Person }"))
    assert ask("query", "-").out == "false\n"


def test_query_of_triples_prints_turtle_or_what_is_wanted(ask: Run) -> None:
    query = "CONSTRUCT { ?x dg:neighbourOf ?y } WHERE { ?x dg:neighbourOf ?y }"
    turtle, jsonld = ask("query", query).out, ask("query", query, "-f", "jsonld").out
    assert turtle.startswith("@prefix dg:")
    assert (
        len(list(parse(turtle, format=RdfFormat.TURTLE)))
        == len(list(parse(jsonld, format=RdfFormat.JSON_LD)))
        == 2
    )
    assert ask("query", query, "-f", "csv").code == 2
    assert ask("query", "SELECT ?x WHERE { ?x ?y ?z } LIMIT 1", "-f", "ttl").code == 2


def test_a_query_says_where_its_file_is_wrong(ask: Run, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("SELECT ?x\nWHERE { ?x a dg:Person . FILTER }")
    ran = ask("query", "--file", tmp_path / "q.rq")
    assert ran.code == 2
    assert ran.err.startswith(f"error: {tmp_path / 'q.rq'}:2:")


def test_a_query_that_is_not_text(ask: Run, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_bytes(b"ASK { \xff }")
    ran = ask("query", "--file", tmp_path / "q.rq")
    assert (ran.code, ran.err) == (2, f"error: {tmp_path / 'q.rq'}: the query is not UTF-8\n")


def test_a_misspelled_term_of_ours_is_warned_of(ask: Run) -> None:
    query = "SELECT ?x WHERE { ?x a dg:Persn }"
    ran = ask("query", query, "-f", "csv")
    assert (ran.code, ran.out) == (0, "x\r\n")
    assert ran.err.startswith("warning: dg:Persn is not declared in the ontology; did you mean dg:Person")
    assert "warning" not in ask("query", query.replace("Persn", "Person")).err
    assert "warning" not in ask("-q", "query", query).err


# -- entities


def test_show_by_a_name_in_another_script(ask: Run) -> None:
    ran = ask("show", "ຫວຽດນາມ")
    assert ran.out.startswith("Vietnam  id:vietnam\n")
    assert "reference:actors" in ran.out and "inferred" in ran.out
    assert json.loads(ask("show", "id:vietnam", "-f", "json").out)["iri"].endswith("/vietnam")
    assert list(parse(ask("show", "id:vietnam", "-f", "trig").out, format=RdfFormat.TRIG))


def test_evidence_shows_the_passage(ask: Run) -> None:
    ran = ask("evidence", "Vietnam", "dg:neighbourOf", "id:laos")
    assert ran.code == 0
    assert ran.out.startswith("Passage  article:")
    assert json.loads(ask("evidence", "id:vietnam", "dg:neighbourOf", "id:laos", "-f", "json").out)
    assert ask("evidence", "id:laos", "dg:neighbourOf", "id:laos").code == 1
    assert ask("evidence", "id:laos", "dg:neighbourOf").code == 2


def test_passage_prints_the_block_that_cites(run: Run, tiny: Workspace) -> None:
    base = ("--workspace", tiny.root, "--texts", tiny.root / "texts", "passage", "a-visit")
    ran = run(*base, "met Otto Lind", "--gloss", "They met")
    assert "<#char=67,80>" in ran.out
    assert 'dg:gloss "They met"@en' in ran.out
    assert run(*base, "met Nobody").code == 2


def test_a_text_to_begin_with_has_to_be_utf_8(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "new.txt"
    file.write_bytes(b"a\xff")
    ran = run("passage", file, "a")
    assert (ran.code, ran.err) == (2, f"error: {file}: not UTF-8 at byte 1\n")


def test_evidence_of_what_only_follows_points_to_its_proof(ask: Run) -> None:
    assert "`diplograph explain` proves it" in ask("evidence", "Laos", "dg:neighbourOf", "Vietnam").err
    assert ask("evidence", "Vietnam", "dg:neighbourOf", "Laos").err == ""


# -- reasons


def test_explain_proves_down_to_passages(ask: Run) -> None:
    ran = ask("explain", "id:vietnam", "dg:neighbourOf", "id:laos")
    assert ran.code == 0
    assert "lao-army-delegation-visit#char=" in ran.out
    proof = json.loads(ask("explain", "id:laos", "a", "dg:Actor", "-f", "json").out)[0]
    assert proof["round"] >= 0
    ran = ask("explain", "id:laos", "a", "dg:Person")
    assert ran.code == 2
    assert ran.err.startswith("error: ")


@pytest.mark.parametrize(
    ("form", "start"),
    [("md", "**"), ("dot", "digraph proof {"), ("mermaid", "flowchart BT"), ("ttl", "@prefix")],
)
def test_a_proof_in_every_form(ask: Run, form: str, start: str) -> None:
    ran = ask("explain", "id:laos", "a", "dg:Actor", "--format", form)
    assert (ran.code, ran.err) == (0, "checked: every step follows by its rule\n")
    assert ran.out.startswith(start)
    if form == "ttl":
        assert list(parse(ran.out, format=RdfFormat.TURTLE))


@pytest.mark.texts
def test_a_proof_quotes_the_passages_that_are_at_hand(ask: Run, texts_folder: Path) -> None:
    proof = ["explain", "Saleumxay Kommasith", "dg:represents", "Laos"]
    quoted = ask("--texts", texts_folder, *proof).out
    assert "“" in quoted and "in our words" not in quoted


def test_what_if_an_article_had_not_been_read(ask: Run) -> None:
    ran = ask("what-if", "--without", "vietnam-laos-defence-meetings")
    assert ran.code == 0
    assert "would no longer follow: " in ran.out
    assert "  Hoang Xuan Chien — met — Khamlieng Outhakaysone" in ran.out
    assert "about passages or in other vocabularies" in ran.out
    assert (
        "did you mean vietnam-laos-defence-meetings"
        in ask("what-if", "--without", "vietnam-laos-defence").err
    )
    assert ask("what-if").code == 2


# -- the graph


def test_build_info_and_validate(run: Run, tiny: Workspace, tmp_path: Path) -> None:
    base = ("--workspace", tiny.root, "--texts", tiny.root / "texts")
    ran = run(*base, "build")
    assert "every passage was held against its text" in ran.out
    assert [line.split()[1] for line in ran.err.splitlines()[:2]] == ["read", "verify"]
    assert json.loads(run(*base, "info", "-f", "json").out)["evidence"]["verified"] is True
    assert "passage" in run(*base, "--store", tiny.build, "info").out
    bad = tmp_path / "bad.ttl"
    bad.write_text(small.PREFIXES + "id:x a dg:Persn .\n")
    ran = run(*base, "validate", bad)
    assert ran.code == 2
    assert "dg:Persn" in ran.err and "dg:Person" in ran.err
    bad.write_text(small.PREFIXES + "id:x a dg:Person\nid:y a dg:Person .\n")
    assert run(*base, "validate", bad).err.startswith(f"error: {bad}:7:")


def test_validate_finds_what_shapes_forbid(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "own.ttl"
    file.write_text(small.PREFIXES + "id:a-new-person a dg:Person .\n")
    ran = run("validate", file)
    assert ran.code == 1
    assert "violation: " in ran.out
    assert json.loads(run("validate", file, "-f", "json").out)[0]["focus"] == "id:a-new-person"
    file.write_text(small.PREFIXES + 'id:a-new-person a dg:Person ; rdfs:label "A new person"@en .\n')
    ran = run("validate", file)
    assert (ran.code, "violation" in ran.out) == (0, False)


def test_rules_are_listed(run: Run) -> None:
    names = {each["rule"] for each in json.loads(run("rules", "-f", "json").out)}
    assert {"prp-trp", "cax-sco", "met"} <= names


# -- over HTTP


def test_push_and_ask_there(run: Run, built: Path, tmp_path: Path) -> None:
    with oxigraph(tmp_path) as server:
        assert "would be" in run("--store", built, "push", server.query, "--dry-run").out
        assert "(verified)" in run("--store", built, "push", server.query).out
        assert " same (verified)" in run("--store", built, "push", server.query, "-f", "md").err
        here, there = (
            run("--store", place, "ask", "neighbours", "-f", "csv").out for place in (built, server.query)
        )
        assert here == there
        assert "id:vietnam" in run("--store", server.query, "show", "Vietnam").out
        assert run("--store", server.query, "evidence", "id:laos", "dg:neighbourOf", "id:vietnam").code == 0
        assert run("--store", server.query, "info").code == 0
    ran = run("--store", server.query, "ask", "neighbours")
    assert ran.code == 2
    assert "cannot be reached" in ran.err


# -- mistakes, signals, pipes


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["ask", "holders"], "no saved question is called 'holders'"),
        (["ask", "holders-on-a-date"], "needs the parameter 'on'"),
        (["ask", "holders-on-a-date", "-p", "on=soon"], "write YYYY-MM-DD"),
        (["ask", "holders-on-a-date", "-p", "om=2016-01-01"], "did you mean on?"),
        (["ask", "holders-on-a-date", "-p", "on"], "not of the form NAME=VALUE"),
        (["ask", "holders-on-a-date", "-p", "on=2016", "-p", "on=2017"], "--param on is given twice"),
        (["ask", "holder"], "holders-on-a-date"),
        (["show", "Vietnm"], "did you mean Vietnam"),
        (["query", "SELECT ?s WHERE { ?s foo:bar ?o }"], "1:22: the prefix 'foo' is not declared"),
        (["query", "SELECT ?s WHERE { ?s ?p"], "the query ends too early"),
        (["show", "idd:vietnam"], "unknown prefix 'idd' in 'idd:vietnam'\n  did you mean id?"),
        (["show", "id:vietnm"], "nothing is known of id:vietnm\n  did you mean id:vietnam"),
        (["show", "<not an iri>"], "is not an IRI"),
        (["query", "SELECT ?s WHERE { ?s dgg:status ?o }"], "1:22: the prefix 'dgg' is not declared"),
        (["query", "SELECT ?s WHERE { ?s a dg:Person } LIMIT x"], "1:42: not well-formed at 'x'"),
        (["query", "SELECT ?s WHERE {\n?s a dg:Person } LIMIT x"], "2:24: not well-formed at 'x'"),
        (["query", "SELECT ?s ?o WHERE { ?s a dg:Person } GROUP BY ?s"], "a variable that is unbound"),
        (["query", "CLEAR ALL"], "not a SPARQL query"),
        (["explain", "id:lao", "a", "dg:Actor"], "nothing is known of id:lao\n  did you mean id:laos"),
        (["explain", "id:laos", "dg:neighborOf", "id:vietnam"], "did you mean dg:neighbourOf"),
        (["query", "--file", "nowhere.rq"], "nowhere.rq"),
        (["explain", "id:laos", "a", "dg:State", "-f", "ttl", "--alternatives", "1"], "holds one proof"),
        (["validate", "nowhere.ttl"], "nowhere.ttl: no such file"),
        (["validate", "."], "this is a folder"),
        (["passage", "nowhere", "words"], "give the path of its text"),
        (
            ["--store", "http://127.0.0.1:1/q", "what-if", "--without", "a"],
            "no reasoning at http://127.0.0.1:1/q",
        ),
        (["--store", "http://127.0.0.1:1/q", "push", "http://127.0.0.1:1/q"], "the folder of a build"),
        (["shwo"], "Did you mean show?"),
        (["--store", "/nowhere", "ask", "neighbours"], "run `diplograph build` first"),
    ],
)
def test_mistakes_are_told_without_a_traceback(ask: Run, args: list[str], said: str) -> None:
    ran = ask(*args)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_verbose_adds_the_traceback(built: Path) -> None:
    command = [*COMMAND, "-v", "--store", str(built), "show", "Vietnm"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "Traceback" in ran.stderr and "\nerror: " in ran.stderr


COMMAND = [sys.executable, "-c", "from diplograph.cli import main; main()"]


def test_a_reader_that_leaves_early_is_no_error(built: Path) -> None:
    query = "SELECT ?a ?b WHERE { ?a ?p ?o . ?b ?q ?r } LIMIT 30000"
    command = [*COMMAND, "--store", str(built), "query", query, "-f", "tsv"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read().decode() in ("", "30000 rows\n")
        assert process.wait() == 141


def test_an_interrupt_is_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> Iterator[None]:
        raise KeyboardInterrupt

    monkeypatch.setattr("diplograph.questions.load", interrupted)
    assert run("questions") == Ran(130, "", "\ninterrupted\n")


def test_version_and_help(run: Run) -> None:
    assert run("--help").out.startswith("Usage: diplograph")
    assert "0.1" in run("--version").out or run("--version").code == 0


def test_asking_is_quick_to_start() -> None:
    heavy = "sorted({'duckdb', 'httpx', 'pyshacl', 'rdflib', 'starlette'} & set(sys.modules))"
    call = "import sys; from diplograph.cli import main\ntry: main(['questions'])\n"
    code = f"{call}except SystemExit: print({heavy}, file=sys.stderr)"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=environment, check=True
    )
    assert ran.stderr == "[]\n"

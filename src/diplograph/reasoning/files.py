"""Loading files larger than memory: parsed in a stream, numbered in batches."""

# ruff: noqa: S608  (statements are made of our own names and numbers; values are parameters)

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from diplograph.errors import NotFound, Place, SyntaxProblem
from diplograph.reasoning import domain, tables
from diplograph.reasoning.closure import Closure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import duckdb

    from diplograph.reasoning.materialise import Progress

_LINES = (".nt", ".nq", ".nt.gz", ".nq.gz")
_TERM = r"""<[^<>"{}|^`\\\x00-\x20]*>|_:[^\s<>"]+"""
_LITERAL = r""""[^"\\\n\r]*"(?:@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*|\^\^<[^<>"{}|^`\\\x00-\x20]*>)?"""
_LINE = rf"^({_TERM})[ \t]+(<[^<>\x22{{}}|^`\\\x00-\x20]*>)[ \t]+({_TERM}|{_LITERAL})[ \t]*(<[^<>\x22{{}}|^`\\\x00-\x20]*>|_:[^\s<>\x22]+)?[ \t]*\.[ \t]*$"
"""A line of N-Quads without escapes; other lines go through the parser."""
CHUNK = 1_000_000


def materialise_files(
    paths: Iterable[Path],
    database: Path | None = None,
    *,
    rules: Iterable[Path] = (),
    memory_limit: str | None = None,
    threads: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Closure:
    """Derives all that follows from files: see `materialise`.

    N-Triples and N-Quads are read by DuckDB itself, with all threads; other formats by Oxigraph in a stream. Blank nodes
    of different files are different. A triple outside any named graph is stated by the graph `file:` of its file.

    Args:
        paths: The files, by their extensions: nt, nq, ttl, trig, rdf, jsonld; nt and nq also compressed (gz).
        database: As for `materialise`, like the rest.
        rules: Files of domain rules.
        memory_limit: DuckDB's memory limit.
        threads: The number of threads.
        progress: Called after each round.

    Raises:
        NotFound: A file does not exist.
        SyntaxProblem: A file is not well-formed; names file and line.
        RuleProblem: A rule is outside the subset that compiles.
        ResourceLimit: Memory or disk ran out.
    """
    loaded = domain.load(rules)
    con = tables.connect(
        memory_limit, threads, database.parent / f".{database.name}.spill" if database else None
    )
    try:
        for number, path in enumerate(paths):
            load(con, path, f"f{number}")
        closure = Closure(con, rules=loaded, progress=progress)
        closure.close_over_stated()
        if database is not None:
            closure.save(database)
    except BaseException:
        con.close()
        raise
    return closure


def load(con: duckdb.DuckDBPyConnection, path: Path, mark: str) -> None:
    """Loads one file into the tables; `mark` sets its blank nodes apart."""
    if not path.is_file():
        raise NotFound("there is no such file", place=Place(file=path))
    if path.name.endswith(_LINES):
        _load_lines(con, path, mark)
        return
    kind = RdfFormat.from_extension(path.suffix.lstrip("."))
    if kind is None:
        raise SyntaxProblem(f"unknown kind of file: {path.suffix or path.name}", place=Place(file=path))
    tables.stage(con, _parsed(path, kind), mark=mark)


def _parsed(path: Path, kind: RdfFormat) -> Iterator[Quad]:
    name = NamedNode(path.absolute().as_uri())
    try:
        for quad in parse(path=str(path), format=kind, base_iri=name.value):
            yield (
                quad
                if str(quad.graph_name) != "DEFAULT"
                else Quad(quad.subject, quad.predicate, quad.object, name)
            )
    except SyntaxError as error:
        raise SyntaxProblem(error.msg, place=Place(path, error.lineno, error.offset)) from error


def _load_lines(con: duckdb.DuckDBPyConnection, path: Path, mark: str) -> None:
    name = f"<{path.absolute().as_uri()}>"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE line AS SELECT row_number() OVER () AS number, text,"
        f" regexp_extract(text, ?, ['s', 'p', 'o', 'g']) AS found FROM read_csv('{tables.quoted(path)}', columns = {{'text': 'VARCHAR'}},"
        " header = false, delim = '', quote = '', escape = '', comment = '', auto_detect = false, max_line_size = 16777216,"
        " null_padding = false, parallel = true, strict_mode = false)"
        " WHERE text IS NOT NULL AND NOT regexp_matches(text, '^[ \\t]*(#.*)?$')",
        [_LINE],
    )
    rest = con.execute("SELECT number, text FROM line WHERE found.s = '' ORDER BY number").fetchall()
    tables.stage(con, _parsed_lines(path, rest, NamedNode(name[1:-1])), mark=mark)
    con.execute("DELETE FROM line WHERE found.s = ''")
    count = con.execute("SELECT count(*), coalesce(max(number), 0) FROM line").fetchone()
    assert count is not None
    for start in range(0, count[1] + 1, CHUNK):
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE chunk AS
            SELECT CASE WHEN starts_with(found.s, '_:') THEN '_:{mark}' || substr(found.s, 3) ELSE found.s END AS s, found.p AS p,
                CASE WHEN starts_with(found.o, '_:') THEN '_:{mark}' || substr(found.o, 3)
                     WHEN ends_with(found.o, '^^<http://www.w3.org/2001/XMLSchema#string>') THEN left(found.o, -43)
                     ELSE found.o END AS o,
                CASE WHEN found.g = '' THEN ? ELSE found.g END AS g
            FROM line WHERE number BETWEEN {start} AND {start + CHUNK - 1}""",
            [name],
        )
        tables.absorb(con, "chunk")
    con.execute("DROP TABLE IF EXISTS chunk")
    con.execute("DROP TABLE line")


def _parsed_lines(path: Path, lines: list[tuple[int, str]], name: NamedNode) -> Iterator[Quad]:
    for number, text in lines:
        try:
            for quad in parse(text, format=RdfFormat.N_QUADS):
                yield (
                    quad
                    if str(quad.graph_name) != "DEFAULT"
                    else Quad(quad.subject, quad.predicate, quad.object, name)
                )
        except SyntaxError as error:
            raise SyntaxProblem(error.msg, place=Place(path, number, error.offset)) from error

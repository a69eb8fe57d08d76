"""Loading files larger than memory: parsed in a stream, numbered in batches."""

# ruff: noqa: S608  (statements are made of our own names and numbers; values are parameters)

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from diplograph.errors import NotFound, Place, SyntaxProblem
from diplograph.reasoning import domain, tables
from diplograph.reasoning.closure import Closure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import duckdb

    from diplograph.reasoning.materialise import Progress

_LINES = (".nt", ".nq", ".nt.gz", ".nq.gz")
_LITERAL = r'^("[^"\\]*"(?:@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*(?:--[a-z]+)?|\^\^<[^<> ]*>)?) (.*)$'
_WELL_FORMED = (
    r"""<[a-zA-Z][a-zA-Z0-9+.-]*:[^<>"{}|^`\\\x00-\x20]*>|_:[^\s<>"\\]*[^\s<>"\\.]"""
    r"""|"[^"\\\n\r]*"(@[a-zA-Z]+(-[a-zA-Z0-9]+)*(--(ltr|rtl))?"""
    r"""|\^\^<[a-zA-Z][a-zA-Z0-9+.-]*:[^<>"{}|^`\\\x00-\x20]*>)?"""
)
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

    N-Triples and N-Quads are read by DuckDB itself, with all threads; other formats by Oxigraph in a stream.
    Blank nodes of different files are different. A triple outside any named graph is stated by the graph
    `file:` of its file.

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
    """Loads N-Triples or N-Quads: plain lines are taken apart by DuckDB, the others by the parser."""
    name = f"<{path.absolute().as_uri()}>"
    _split_lines(con, path, mark, name)
    odd = con.execute("SELECT number, o FROM line WHERE s IS NULL ORDER BY number").fetchall()
    con.execute("DELETE FROM line WHERE s IS NULL")
    count = con.execute("SELECT coalesce(max(rowid), 0) FROM line").fetchone()
    assert count is not None
    before = con.execute("SELECT min(id), max(id) FROM term").fetchone()
    assert before is not None
    for start in range(0, count[0] + 1, CHUNK):
        tables.absorb(con, f"(FROM line WHERE rowid BETWEEN {start} AND {start + CHUNK - 1})")
    _check(con, path, before)
    con.execute("DROP TABLE line")
    tables.stage(con, _parsed_lines(path, odd, NamedNode(name[1:-1])), mark=mark)


def _split_lines(con: duckdb.DuckDBPyConnection, path: Path, mark: str, name: str) -> None:
    """Makes the table `line` of terms; where a line is not plain, only `o` is set, to its text."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE line AS
        WITH text AS (
            SELECT row_number() OVER () AS number,
                CASE WHEN ends_with(text, '.') THEN text ELSE rtrim(text, ' \t\r') END AS text
            FROM read_csv('{tables.quoted(path)}', columns = {{'text': 'VARCHAR'}}, header = false,
                delim = '', quote = '', escape = '', comment = '', auto_detect = false,
                max_line_size = 16777216, strict_mode = false)),
        one AS (SELECT number, text, split_part(text, ' ', 1) AS s, split_part(text, ' ', 2) AS p FROM text
            WHERE text <> '' AND NOT starts_with(text, '#')),
        two AS (SELECT *, substr(text, length(s) + length(p) + 3) AS rest FROM one),
        three AS (SELECT *, CASE WHEN starts_with(rest, '"') THEN regexp_extract(rest, ?, 1)
            ELSE split_part(rest, ' ', 1) END AS o FROM two),
        four AS (SELECT *, substr(rest, length(o) + 2) AS tail FROM three),
        five AS (SELECT *, CASE WHEN tail = '.' THEN '' ELSE left(tail, -2) END AS g,
            s <> '' AND p <> '' AND o <> '' AND (tail = '.' OR ends_with(tail, ' .'))
            AND NOT contains(text, chr(92)) AND NOT contains(tail, '"') AND left(s, 1) IN ('<', '_')
            AND starts_with(p, '<') AND NOT starts_with(o, '<<') AND left(o, 1) IN ('<', '_', '"')
            AND NOT contains(g, ' ') AND (g = '' OR left(g, 1) IN ('<', '_')) AS plain FROM four)
        SELECT number,
            CASE WHEN NOT plain THEN NULL WHEN starts_with(s, '_:') THEN '_:{mark}' || substr(s, 3)
                ELSE s END AS s,
            CASE WHEN plain THEN p END AS p,
            CASE WHEN NOT plain THEN text WHEN starts_with(o, '_:') THEN '_:{mark}' || substr(o, 3)
                WHEN ends_with(o, '^^<http://www.w3.org/2001/XMLSchema#string>') THEN left(o, -43)
                ELSE o END AS o,
            CASE WHEN plain THEN CASE WHEN g = '' THEN ? ELSE g END END AS g
        FROM five""",
        [_LITERAL, name],
    )


def _check(con: duckdb.DuckDBPyConnection, path: Path, before: tuple[int, int]) -> None:
    """Refuses a file with a term that is not well-formed; each different term is looked at once."""
    bad = con.execute(
        "SELECT text FROM term WHERE (id < ? OR id > ?) AND NOT regexp_full_match(text, ?) LIMIT 1",
        [*before, _WELL_FORMED],
    ).fetchone()
    if bad is not None:
        row = con.execute("SELECT min(number) FROM line WHERE ? IN (s, p, o, g)", [bad[0]]).fetchone()
        raise SyntaxProblem(f"not a well-formed term: {bad[0]}", place=Place(path, row[0] if row else None))


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

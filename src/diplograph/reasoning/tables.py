"""The tables of a closure in DuckDB.

Terms as numbers, stated triples with their graphs, and all triples with rounds.

| table | columns | holds |
|---|---|---|
| `term` | id, text | every term once, as N-Triples text; literals below zero |
| `stated` | s, p, o, g | the input; graph 0 is the default graph |
| `triple` | s, p, o, rank | the closure about representatives, with the round of first derivation |
| `former` | s, p, o, rank | triples about terms that later gave way to a representative, for proofs |
| `equal` | one, other, rank, by_value | the pairs that joined classes of equal terms |
| `representative` | id, rep | each term that has another representative than itself |
| `valued` | id, space, place | the order of literals in their value space, for rules that compare |
| `note` | key, value | facts about the closure itself |
"""

# ruff: noqa: S608  (statements are made of our own names and numbers; values are parameters)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from diplograph.errors import InvalidValue, NotFound, Place, ResourceLimit
from diplograph.reasoning.terms import FIRST_FREE, VOCABULARY, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pyoxigraph import Quad

FORMAT = "diplograph-closure-1"
BATCH = 100_000
PACKED = 5_000
"""So many rows of numbers go into one text: more of them take longer each."""
COLUMNS = {
    "term": "id INTEGER, text VARCHAR",
    "stated": "s INTEGER, p INTEGER, o INTEGER, g INTEGER",
    "triple": "s INTEGER, p INTEGER, o INTEGER, rank INTEGER",
    "former": "s INTEGER, p INTEGER, o INTEGER, rank INTEGER",
    "equal": "one INTEGER, other INTEGER, rank INTEGER, by_value BOOLEAN",
    "representative": "id INTEGER, rep INTEGER",
    "valued": "id INTEGER, space VARCHAR, place INTEGER",
    "note": "key VARCHAR, value VARCHAR",
}
_ORDER = {"term": "id", "stated": "s, p, o, g", "triple": "s, p, o", "former": "s, p, o"}
_SCRATCH = (
    "CREATE TEMP TABLE map_p (k INTEGER, s INTEGER, p INTEGER, o INTEGER, d INTEGER, node BOOLEAN)",
    "CREATE TEMP TABLE map_o (k INTEGER, c INTEGER, s INTEGER, p INTEGER, o INTEGER, d INTEGER,"
    " node BOOLEAN)",
    "CREATE TEMP TABLE moved (id INTEGER, rep INTEGER)",
    "CREATE TEMP TABLE asked (id INTEGER)",
    "CREATE TEMP TABLE incoming (s INTEGER, p INTEGER, o INTEGER, g INTEGER)",
    "CREATE TEMP TABLE batch (s VARCHAR, p VARCHAR, o VARCHAR, g VARCHAR)",
)


def connect(
    memory_limit: str | None = None, threads: int | None = None, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Opens a database in memory with empty tables and the vocabulary.

    Args:
        memory_limit: DuckDB's limit, such as "1.5GB"; beyond it, work spills to disk.
        threads: The number of threads; all cores if not given.
        spill: The folder to spill to.
    """
    con = duckdb.connect(":memory:")
    configure(con, memory_limit, threads, spill)
    create(con)
    insert(con, "term", list(zip(VOCABULARY.values(), VOCABULARY, strict=True)))
    return con


def configure(
    con: duckdb.DuckDBPyConnection,
    memory_limit: str | None = None,
    threads: int | None = None,
    spill: Path | None = None,
) -> None:
    """Sets what a connection may use."""
    con.execute("SET preserve_insertion_order = false")
    if memory_limit is not None:
        con.execute(f"SET memory_limit = '{memory_limit.replace(chr(39), '')}'")
    if threads is not None:
        con.execute(f"SET threads = {int(threads)}")
    if spill is not None:
        con.execute(f"SET temp_directory = '{quoted(spill)}'")


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Creates the tables, empty, and the scratch tables of a run."""
    for name, columns in COLUMNS.items():
        con.execute(f"CREATE TABLE {name} ({columns})")
    scratch(con)


def copy(con: duckdb.DuckDBPyConnection, source: str, target: str, names: Iterable[str] = COLUMNS) -> None:
    """Copies tables from one attached database to another; those not named are made empty."""
    wanted = set(names)
    for name, columns in COLUMNS.items():
        made = f"AS SELECT * FROM {source}.main.{name}" if name in wanted else f"({columns})"
        con.execute(f"CREATE TABLE {target}.main.{name} {made}")


def attach(path: Path) -> duckdb.DuckDBPyConnection:
    """Opens a closure's file to read.

    Raises:
        NotFound: There is no such file.
        InvalidValue: It is not a closure, or of another version.
    """
    if not path.is_file():
        raise NotFound("there is no closure", place=Place(file=path))
    con = duckdb.connect(":memory:")
    try:
        con.execute(f"ATTACH '{quoted(path)}' AS saved (READ_ONLY)")
        con.execute("USE saved")
        found = con.execute("SELECT value FROM note WHERE key = 'format'").fetchone()
    except duckdb.Error as error:
        con.close()
        raise InvalidValue(f"not a closure: {error}", place=Place(file=path)) from error
    if found != (FORMAT,):
        con.close()
        raise InvalidValue(
            f"a closure of another version: {found}", place=Place(file=path), hint="build it again"
        )
    return con


def scratch(con: duckdb.DuckDBPyConnection) -> None:
    """Creates the scratch tables of a run, which belong to the connection."""
    for statement in _SCRATCH:
        con.execute(statement)


def quoted(path: Path) -> str:
    """Returns a path for use inside an SQL string."""
    return str(path).replace("'", "''")


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Inserts rows in one statement; rows of numbers go as one text, which DuckDB takes apart fastest."""
    if not rows:
        return
    kinds = [each.split()[-1] for each in _columns(table)]
    if "VARCHAR" not in kinds:
        for start in range(0, len(rows), PACKED):
            con.execute(
                f"INSERT INTO {table} SELECT {numbers(kinds)}", [packed(rows[start : start + PACKED])]
            )  # names of our own tables
    else:
        columns = [list(column) for column in zip(*rows, strict=True)]
        values = ", ".join(f"unnest(?::{kind}[])" for kind in kinds)
        con.execute(f"INSERT INTO {table} SELECT {values}", columns)  # names of our own tables


def packed(rows: Iterable[Sequence[Any]]) -> str:
    """Returns rows of numbers or truth values as one text."""
    return ";".join([",".join(map(str, map(int, row))) for row in rows])


def numbers(kinds: Sequence[str], names: Sequence[str] = ()) -> str:
    """Returns the columns and the FROM of a query that takes apart a packed text given as its parameter."""
    named = [f" AS {name}" for name in names] or [""] * len(kinds)
    columns = ", ".join(
        f"a[{place}]{'::BOOLEAN' if kind == 'BOOLEAN' else ''}{name}"
        for place, (kind, name) in enumerate(zip(kinds, named, strict=True), 1)
    )
    return f"{columns} FROM (SELECT string_split(unnest(string_split(?, ';')), ',')::INTEGER[] AS a)"


def _columns(table: str) -> list[str]:
    known = COLUMNS.get(table) or next(
        each.partition("(")[2][:-1] for each in _SCRATCH if f" {table} " in each
    )
    return known.split(", ")


def stage(
    con: duckdb.DuckDBPyConnection, quads: Iterable[Quad], target: str = "stated", mark: str = ""
) -> int:
    """Loads quads into `stated`, or a table like it, in batches, giving numbers to new terms.

    Returns how many were read.

    A blank node keeps its label: that labels of different files differ is up to the caller.
    """
    count = 0
    for chunk in _chunks(quads):
        columns = encode(chunk, mark)
        con.execute("DELETE FROM batch")
        con.execute(
            f"INSERT INTO batch SELECT {', '.join(['unnest(?::VARCHAR[])'] * 4)}",
            columns,
        )
        absorb(con, "batch", target)
        count += len(chunk)
    con.execute("DELETE FROM batch")
    return count


def absorb(con: duckdb.DuckDBPyConnection, source: str, target: str = "stated") -> None:
    """Moves a table of quads as texts into `term` and a table of numbers.

    The default graph is the empty text.
    """
    highest = con.execute(
        "SELECT greatest(max(id), ?) , least(min(id), ?) FROM term", [FIRST_FREE, -FIRST_FREE]
    ).fetchone()
    assert highest is not None
    con.execute(f"""
        INSERT INTO term
        SELECT CASE WHEN literal THEN {highest[1]} - row_number() OVER (PARTITION BY literal ORDER BY text)
                    ELSE {highest[0]} + row_number() OVER (PARTITION BY literal ORDER BY text) END, text
        FROM (SELECT text, starts_with(text, '"') OR starts_with(text, '<<') AS literal
              FROM (SELECT s AS text FROM {source} UNION SELECT p FROM {source}
                    UNION SELECT o FROM {source} UNION SELECT g FROM {source}) AS fresh
              ANTI JOIN term USING (text) WHERE text <> '')""")
    con.execute(f"""
        INSERT INTO {target}
        SELECT DISTINCT s.id, p.id, o.id, coalesce(g.id, 0)
        FROM {source} b JOIN term s ON s.text = b.s JOIN term p ON p.text = b.p JOIN term o ON o.text = b.o
        LEFT JOIN term g ON g.text = b.g""")


def intern(con: duckdb.DuckDBPyConnection, texts: Iterable[str], *, known: bool = False) -> dict[str, int]:
    """Gives numbers to terms that rules name, unless they are known to have them, and returns them."""
    wanted = sorted(set(texts))
    if wanted and not known:
        con.execute("DELETE FROM batch")
        con.execute("INSERT INTO batch SELECT '', '', unnest(?::VARCHAR[]), ''", [wanted])
        absorb(con, "batch")
        con.execute("DELETE FROM batch")
    rows = con.execute(
        "SELECT text, id FROM term WHERE text IN (SELECT unnest(?::VARCHAR[]))", [wanted]
    ).fetchall()
    return dict(rows)


def _chunks(quads: Iterable[Quad]) -> Iterator[list[Quad]]:
    chunk: list[Quad] = []
    for quad in quads:
        chunk.append(quad)
        if len(chunk) == BATCH:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def save(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Writes all tables to a file, sorted for look-ups; the file appears complete or not at all.

    Raises:
        ResourceLimit: The disk is full or the file cannot be written; a file of that name stays as it was.
    """
    scratch = path.with_name(f".{path.name}.part")
    scratch.unlink(missing_ok=True)
    try:
        con.execute(f"ATTACH '{quoted(scratch)}' AS target")
        try:
            for name in COLUMNS:
                order = f" ORDER BY {_ORDER[name]}" if name in _ORDER else ""
                con.execute(f"CREATE TABLE target.{name} AS SELECT * FROM {name}{order}")
        finally:
            con.execute("DETACH target")
        scratch.replace(path)
    except duckdb.Error as error:
        raise ResourceLimit(f"the closure could not be written: {error}") from error
    finally:
        scratch.unlink(missing_ok=True)
        scratch.with_name(f"{scratch.name}.wal").unlink(missing_ok=True)

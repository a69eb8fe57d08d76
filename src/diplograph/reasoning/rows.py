"""Looking up the rows of a closure for proofs.

By subject, or by predicate and object, each asked of the tables once.
"""

# ruff: noqa: S608  (statements are made of our own names and numbers; values are parameters)

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from diplograph.reasoning.schema import CLASSES, PREDICATES, Facts, Row
from diplograph.reasoning.terms import AUXILIARY, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import duckdb

WIDE = 2_000
"""A subject with more triples than this is looked up by subject and predicate."""
MANY = 300
"""At most so many rows, of the earliest rounds, are considered for one pattern without a subject."""


class Rows:
    """The triples of a closure with their rounds.

    Those about terms that gave way to a representative included.

    Args:
        con: The tables.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        counts = con.execute("SELECT (SELECT count(*) FROM triple), (SELECT count(*) FROM former)").fetchone()
        assert counts is not None
        self.count: int = sum(counts)
        self._source = "triple" if counts[1] == 0 else "(FROM triple UNION ALL FROM former)"
        self._out: dict[int, dict[int, dict[int, int]] | None] = {}
        self._some: dict[tuple[int, int], dict[int, int]] = {}
        self._into: dict[tuple[int, int], list[tuple[int, int]]] = {}
        self._leading: dict[int, set[int]] = {}
        self._all: dict[int, list[tuple[int, int, int]]] = {}
        self._exact: dict[Row, int | None] = {}
        self._read_to: dict[int, bool] = {}
        self._complete = False
        self.facts = Facts()
        predicates, classes = ", ".join(map(str, sorted(PREDICATES))), ", ".join(map(str, sorted(CLASSES)))
        for s, p, o, rank in con.execute(
            f"SELECT s, p, o, rank FROM {self._source} WHERE p IN ({predicates})"
            f" OR (p = {TYPE} AND o IN ({classes})) ORDER BY ALL"
        ).fetchall():
            self.facts.add((s, p, o), rank)
        self.graphs: dict[Row, list[int]] = {}

    def load_all(self) -> None:
        """Reads all rows into memory: for proving everything, not for one proof of a large closure."""
        out: dict[int, dict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
        into: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for s, p, o, rank in self._con.execute(
            f"SELECT s, p, o, rank FROM {self._source} WHERE p < {AUXILIARY} ORDER BY rank, s, o"
        ).fetchall():
            out[s][p].setdefault(o, rank)
            into[p, o].append((s, rank))
        self._out = dict(out)
        self._into = dict(into)
        self._complete = True
        self.graphs = {}
        for s, p, o, g in self._con.execute("SELECT s, p, o, g FROM stated ORDER BY ALL").fetchall():
            found = self.graphs.setdefault((s, p, o), [])
            if g not in found:
                found.append(g)

    def stated(self, row: Row) -> list[int]:
        """Returns the graphs that state a triple; none where it is not stated."""
        if not self._complete and row[0] not in self._read_to:
            self._read_graphs(row[0])
        if self._complete or self._read_to[row[0]]:
            return self.graphs.get(row, [])
        if row not in self.graphs:
            rows = self._con.execute(
                "SELECT DISTINCT g FROM stated WHERE s = ? AND p = ? AND o = ? ORDER BY g", row
            ).fetchall()
            self.graphs[row] = [g for (g,) in rows]
        return self.graphs[row]

    def _read_graphs(self, s: int) -> None:
        rows = self._con.execute(f"SELECT p, o, g FROM stated WHERE s = ? LIMIT {WIDE + 1}", [s]).fetchall()
        self._read_to[s] = len(rows) <= WIDE
        for p, o, g in sorted(rows) if self._read_to[s] else ():
            found = self.graphs.setdefault((s, p, o), [])
            if g not in found:
                found.append(g)

    def rank(self, row: Row) -> int | None:
        """Returns the round in which a triple was first derived; None where it does not follow."""
        s, p, o = row
        if s not in self._out and not self._complete:
            self._out[s] = self._read(s)
        found = self._out.get(s, {})
        if found is not None:
            return found.get(p, {}).get(o)
        if row not in self._exact:
            known = self._con.execute(
                f"SELECT min(rank) FROM {self._source} WHERE s = ? AND p = ? AND o = ?",
                row,
            ).fetchone()
            self._exact[row] = known[0] if known else None
        return self._exact[row]

    def some(self, term: int) -> Row | None:
        """Returns a triple in which a term occurs, stated if possible."""
        for table in ("stated", self._source):
            for column in "sop":
                row = self._con.execute(
                    f"SELECT s, p, o FROM {table} WHERE {column} = ? AND s > 0 ORDER BY ALL LIMIT 1",
                    [term],
                ).fetchone()
                if row is not None:
                    return (row[0], row[1], row[2])
        return None

    def match(self, s: int | None, p: int, o: int | None, before: int) -> Iterator[tuple[int, int]]:
        """Returns subject and object of the triples of a pattern that were derived before a round.

        Earliest first.
        """
        if self._is_schema(p, o):
            yield from self._match_facts(s, p, o, before)
        elif s is not None:
            if o is None:
                yield from ((s, each) for each, rank in self._objects(s, p).items() if rank < before)
                return
            known = self.rank((s, p, o))
            if known is not None and known < before:
                yield (s, o)
        elif o is not None:
            yield from ((each, o) for each, rank in self._subjects(p, o) if rank < before)
        else:
            yield from ((each, other) for each, other, rank in self._pairs(p) if rank < before)

    def predicates(self, s: int | None, o: int | None) -> list[int]:
        """Returns the predicates of the triples with some subject, or with some object, or all."""
        column, value = ("s", s) if s is not None else ("o", o)
        rows = self._con.execute(
            f"SELECT DISTINCT p FROM {self._source} WHERE p < {AUXILIARY}"
            + ("" if value is None else f" AND {column} = {value}")
            + " ORDER BY p"
        ).fetchall()
        return [p for (p,) in rows]

    def _is_schema(self, p: int, o: int | None) -> bool:
        return o in CLASSES if p == TYPE else p in PREDICATES

    def _match_facts(self, s: int | None, p: int, o: int | None, before: int) -> Iterator[tuple[int, int]]:
        facts, rank = self.facts, self.facts.rank
        if s is not None and o is not None:
            pairs: Iterable[tuple[int, int]] = [(s, o)]
        elif s is not None:
            pairs = [(s, each) for each in facts.objects[p].get(s, ())]
        elif o is not None:
            pairs = [(each, o) for each in facts.subjects[p].get(o, ())]
        else:
            pairs = facts.pairs[p]
        yield from (pair for pair in pairs if rank.get((pair[0], p, pair[1]), before) < before)

    def _objects(self, s: int, p: int) -> dict[int, int]:
        if s not in self._out:
            if self._complete:
                return {}
            self._out[s] = self._read(s)
        found = self._out[s]
        if found is not None:
            return found.get(p, {})
        if (s, p) not in self._some:
            rows = self._con.execute(
                f"SELECT o, rank FROM {self._source} WHERE s = ? AND p = ?"
                f" ORDER BY rank, o LIMIT {50 * MANY}",
                [s, p],
            ).fetchall()
            self._some[s, p] = dict(rows)
        return self._some[s, p]

    def _read(self, s: int) -> dict[int, dict[int, int]] | None:
        rows = self._con.execute(
            f"SELECT p, o, rank FROM {self._source} WHERE s = ? AND p < {AUXILIARY} LIMIT {WIDE + 1}",
            [s],
        ).fetchall()
        if len(rows) > WIDE:
            return None
        found: dict[int, dict[int, int]] = defaultdict(dict)
        for p, o, rank in sorted(rows, key=lambda row: (row[2], row[1])):
            found[p].setdefault(o, rank)
        return dict(found)

    def _subjects(self, p: int, o: int) -> list[tuple[int, int]]:
        if (p, o) not in self._into:
            if self._complete or p not in self._predicates_into(o):
                return []
            self._into[p, o] = (
                self._into.get((p, o))
                or self._con.execute(
                    f"SELECT s, rank FROM {self._source} WHERE p = ? AND o = ? ORDER BY rank, s LIMIT {MANY}",
                    [p, o],
                ).fetchall()
            )
        return self._into[p, o][:MANY]

    def _predicates_into(self, o: int) -> set[int]:
        """Returns the predicates that lead to an object; where there are few triples, reads all of them."""
        if o not in self._leading:
            rows = self._con.execute(
                f"SELECT s, p, rank FROM {self._source} WHERE o = ? AND p < {AUXILIARY} LIMIT {WIDE + 1}", [o]
            ).fetchall()
            self._leading[o] = {p for _, p, _ in rows}
            if len(rows) > WIDE:
                self._leading[o] = set(self.predicates(None, o))
            else:
                for s, p, rank in sorted(rows, key=lambda row: (row[2], row[0])):
                    self._into.setdefault((p, o), []).append((s, rank))
        return self._leading[o]

    def _pairs(self, p: int) -> list[tuple[int, int, int]]:
        if p not in self._all:
            self._all[p] = self._con.execute(
                f"SELECT s, o, rank FROM {self._source} WHERE p = ? ORDER BY rank, s, o LIMIT {MANY}",
                [p],
            ).fetchall()
        return self._all[p]

"""A closure: everything that follows from some quads.

With the round in which each triple was first derived.
"""

# ruff: noqa: S608  (statements are made of our own names and numbers; values are parameters)

from __future__ import annotations

import logging
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from pyoxigraph import NamedNode, Quad, Triple

from diplograph.errors import ResourceLimit
from diplograph.reasoning import domain, tables
from diplograph.reasoning.change import Change, try_change
from diplograph.reasoning.equality import Edge, Equality
from diplograph.reasoning.explain import Explainer, short
from diplograph.reasoning.materialise import Engine, Progress
from diplograph.reasoning.outside import Notice, notices
from diplograph.reasoning.patterns import Atom, Rule, Test
from diplograph.reasoning.terms import AUXILIARY, SAME, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyoxigraph import BlankNode

    from diplograph.reasoning.proof import Fact, Inconsistency, Proof
    from diplograph.reasoning.schema import Instance

logger = logging.getLogger(__name__)

TEXTS = "JOIN term s ON s.id = t.s JOIN term p ON p.id = t.p JOIN term o ON o.id = t.o"
_NUMBERS = count(1)


def materialise(
    quads: Iterable[Quad],
    database: Path | None = None,
    *,
    rules: Iterable[Path] = (),
    memory_limit: str | None = None,
    threads: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Closure:
    """Derives all that follows from quads by OWL 2 RL and by domain rules (OWL 2 Profiles, section 4.3).

    Complete in one run: axioms that data implies are applied as well. Cost: grows about in proportion to the
    result; works in memory, and spills to disk beyond the memory limit.

    Args:
        quads: What is stated; the graph names come back as the evidence of proofs.
        database: Where to keep the closure; written at the end, complete or not at all.
        rules: Files of domain rules (`queries/rules/*.rq`).
        memory_limit: DuckDB's memory limit, such as "1.5GB".
        threads: The number of threads; all cores if not given.
        progress: Called after each round; an exception from it ends the run with nothing written.

    Raises:
        RuleProblem: A rule file is outside the subset that compiles.
        ResourceLimit: Memory or disk ran out; what was at `database` is as it was.
    """
    con = tables.connect(
        memory_limit, threads, database.parent / f".{database.name}.spill" if database else None
    )
    tables.stage(con, quads)
    closure = Closure(con, rules=domain.load(rules), progress=progress)
    closure.close_over_stated()
    if database is not None:
        closure.save(database)
    return closure


class Closure:
    """What follows from what is stated: to read, to explain, to extend, and to try changes on.

    Args:
        con: The tables; the closure takes them over.
        rules: The domain rules in force.
        progress: Called after each round.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        *,
        rules: Iterable[Rule] = (),
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.con = con
        self.rules = tuple(rules)
        self._progress = progress
        self._saved = False
        self._explainer: Explainer | None = None
        self._engine = Engine(con, rules=self._instances(), progress=progress)

    @classmethod
    def open(cls, path: Path) -> Closure:
        """Opens a closure that was written to a file. Cost: some look-ups; the file is only read.

        Raises:
            NotFound: There is no such file.
            InvalidValue: It is not a closure, or of another version.
        """
        con = tables.attach(path)
        self = cls.__new__(cls)
        self.con, self._progress, self._saved, self._explainer = con, None, True, None
        notes = con.execute("SELECT key, value FROM note WHERE key LIKE 'rule %' ORDER BY key").fetchall()
        self.rules = tuple(domain.read(value, Path(f"{key.partition(' ')[2]}.rq")) for key, value in notes)
        tables.scratch(con)
        self._resume()
        return self

    def _resume(self) -> None:
        edges = [Edge(*row) for row in self.con.execute("SELECT * FROM equal ORDER BY ALL").fetchall()]
        equality = Equality.restore(
            edges, self.con.execute("SELECT id, rep FROM representative ORDER BY ALL").fetchall()
        )
        self._engine = Engine(self.con, rules=self._instances(), progress=self._progress, equality=equality)
        self._engine.resume()
        self._explainer = None

    def _instances(self) -> list[Instance]:
        constants = {
            str(term)
            for rule in self.rules
            for pattern in (*rule.body, *rule.head)
            for term in (
                pattern.terms
                if isinstance(pattern, Atom)
                else pattern.args
                if isinstance(pattern, Test)
                else ()
            )
            if not isinstance(term, str)
        }
        numbers = tables.intern(self.con, constants, known=self._saved)
        return [
            each for rule in self.rules for each in domain.instances(rule, lambda term: numbers[str(term)])
        ]

    def __enter__(self) -> Closure:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the memory back; the closure is of no more use."""
        self.con.close()

    def close_over_stated(self) -> None:
        """Derives what follows from all that is stated, from nothing."""
        self.con.execute("INSERT INTO triple SELECT DISTINCT s, p, o, 0 FROM stated")
        self._engine.run()
        self._finish()

    def save(self, path: Path) -> None:
        """Writes the closure to a file that appears complete or not at all.

        Raises:
            ResourceLimit: It cannot be written; a file of that name stays as it was.
        """
        tables.save(self.con, path)

    def _finish(self) -> None:
        equality = self._engine.equality
        for name in ("representative", "equal", "note"):
            self.con.execute(f"DELETE FROM {name}")
        tables.insert(self.con, "equal", [(e.one, e.other, e.rank, e.by_value) for e in equality.edges])
        pairs = [(member, rep) for rep, members in equality.classes() for member in members if member != rep]
        tables.insert(self.con, "representative", pairs)
        notes = [("format", tables.FORMAT), *((f"rule {rule.id}", rule.text or "") for rule in self.rules)]
        tables.insert(self.con, "note", notes)
        self._explainer = None

    # -- changing --------------------------------------------------------------------------------------------

    def add(self, quads: Iterable[Quad]) -> int:
        """States more, and derives what follows from it; returns how many triples are new in the closure.

        The result is the closure of all together. Cost: reasons from the new triples alone, except where they
        bring axioms or equalities, which are applied to all. A closure from a file is first read into memory;
        the file stays as it is.
        """
        self._thaw()
        con = self.con
        before = self.size()
        con.execute("DELETE FROM incoming")
        tables.stage(con, quads, "incoming")
        con.execute("INSERT INTO stated SELECT DISTINCT * FROM incoming ANTI JOIN stated USING (s, p, o, g)")
        self._engine.take_in()
        self._engine.run()
        self._finish()
        return self.size() - before

    def remove(self, graphs: Iterable[NamedNode | BlankNode]) -> int:
        """Takes back all that some graphs state; returns how many triples the closure loses.

        The result is exactly the closure of what is left. Cost: that of closing what is left again, without
        loading.
        """
        self._thaw()
        names = [str(graph) for graph in graphs]
        self.con.execute(
            "DELETE FROM stated WHERE g IN (SELECT id FROM term WHERE text IN (SELECT unnest(?::VARCHAR[])))",
            [names],
        )
        before = self.size()
        for name in ("triple", "former"):
            self.con.execute(f"DELETE FROM {name}")
        self._engine = Engine(self.con, rules=self._instances(), progress=self._progress)
        self.close_over_stated()
        return before - self.size()

    def graphs(self, prefix: str = "") -> list[NamedNode | BlankNode]:
        """Returns the names of the graphs that state something, those that begin with a text; sorted."""
        rows = self.con.execute(
            "SELECT text FROM term WHERE id IN (SELECT g FROM stated)"
            " AND (starts_with(text, '<' || ?) OR ? = '') ORDER BY text",
            [prefix, prefix],
        ).fetchall()
        return decode(text for (text,) in rows)  # type: ignore[return-value]  # names of graphs

    def copy(self, *, stated_only: bool = False) -> Closure:
        """Returns a closure in memory that can change apart from this one.

        Args:
            stated_only: Copies what is stated and derives nothing.
        """
        cursor = self.con.cursor()
        name = f"trial{next(_NUMBERS)}"
        source = self.database()
        cursor.execute(f"ATTACH ':memory:' AS {name}")
        tables.copy(cursor, source, name, ("term", "stated") if stated_only else tables.COLUMNS)
        cursor.execute(f"USE {name}")
        tables.scratch(cursor)
        if stated_only:
            return Closure(cursor, rules=self.rules)
        other = Closure.__new__(Closure)
        other.con, other.rules, other._progress, other._saved = cursor, self.rules, None, False
        other._resume()
        return other

    def what_if(self, without: Iterable[NamedNode | BlankNode] = (), with_: Iterable[Quad] = ()) -> Change:
        """Tries a change and tells what it would do; nothing is written.

        Args:
            without: Graphs that would no longer state anything.
            with_: Quads that would be stated.
        """
        return try_change(self, list(without), list(with_))

    def _thaw(self) -> None:
        """Reads a closure from a file into memory, so that it can change."""
        if self._saved:
            tables.copy(self.con, "saved", "memory")
            self.con.execute("USE memory")
            self._saved = False
            self._resume()

    def size(self) -> int:
        """Returns the number of triples of the closure, equal terms counted once."""
        row = self.con.execute(
            f"SELECT count(*) FROM triple WHERE p < {AUXILIARY} AND o < {AUXILIARY}"
        ).fetchone()
        assert row is not None
        return int(row[0])

    # -- explaining ------------------------------------------------------------------------------------------

    @property
    def explainer(self) -> Explainer:
        """What explains this closure as it is now."""
        if self._explainer is None:
            self._explainer = Explainer(self.con, self._engine, self.rules)
        return self._explainer

    def explain(self, triple: Triple | Fact, alternatives: int = 0) -> list[Proof]:
        """Returns the smallest proof of a triple first, then up to `alternatives` others by size.

        Proofs are found on demand. Cost: some look-ups for each rule application of the proof.

        Raises:
            NotFound: The triple does not follow; the hint names the nearest missing premises.
        """
        return self.explainer.explain(_fact(triple), alternatives)

    def round_of(self, triple: Triple | Fact) -> int:
        """Returns the round in which a triple was first derived; 0 for what is stated.

        Raises:
            NotFound: The triple does not follow.
        """
        fact = _fact(triple)
        numbers = [self.explainer.number(term) for term in fact]
        found = -1 if 0 in numbers else self.explainer.round_of((numbers[0], numbers[1], numbers[2]))
        if found < 0:
            raise self.explainer.not_entailed(fact)
        return found

    def inconsistencies(self, limit: int | None = None) -> list[Inconsistency]:
        """Returns the contradictions, each once with its proof, sorted by rule and words."""
        return list(self.explainer.inconsistencies(limit))

    def name(self, term: object) -> str:
        """Returns the name of a term for reading.

        A label in English if there is one, else the end of its IRI.
        """
        number = self.explainer.number(term)
        return self.explainer.name(number) if number else short(term)

    def notices(self) -> list[Notice]:
        """Returns what is ignored: malformed and cyclic lists, and axioms outside OWL 2 RL."""
        return list(notices(self.con, self._engine.schema.problems))

    # -- reading ---------------------------------------------------------------------------------------------

    def inferred(self) -> Iterator[Triple]:
        """Returns the triples that follow and are stated nowhere, sorted, each once.

        Equal terms are expanded. Left out, since they say nothing: `x owl:sameAs x`, and any triple whose
        subject would be a literal.
        """
        cursor = self._reader()
        cursor.execute(
            f"SELECT s.text, p.text, o.text FROM ({self.inferred_rows()}) t {TEXTS}"
            " ORDER BY s.text, p.text, o.text"
        )
        known: dict[str, object] = {}
        while rows := cursor.fetchmany(20_000):
            missing = [text for row in rows for text in row if text not in known]
            if len(known) > 1_000_000:
                known.clear()
                missing = [text for row in rows for text in row]
            missing = list(dict.fromkeys(missing))
            known.update(zip(missing, decode(missing), strict=True))
            for s, p, o in rows:
                yield Triple(known[s], known[p], known[o])  # type: ignore[arg-type]

    def write_inferred(self, path: Path, *, ordered: bool = True) -> int:
        """Writes the inferred triples as N-Triples; returns how many. Cost: no object a triple.

        Args:
            path: The file.
            ordered: Whether the lines are sorted, which takes memory or disk for all of them at once.

        Raises:
            ResourceLimit: The file cannot be written.
        """
        line = "concat(s.text, ' ', p.text, ' ', o.text, ' .') AS line"
        lines = f"SELECT {line} FROM ({self.inferred_rows()}) t {TEXTS}"
        try:
            found = self._reader().execute(
                f"COPY ({lines} {'ORDER BY line' if ordered else ''}) TO '{tables.quoted(path)}'"
                " (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')"
            )
            row = found.fetchone()
        except duckdb.Error as error:
            raise ResourceLimit(f"the inferred triples could not be written: {error}") from error
        return int(row[0]) if row else 0

    def _reader(self) -> duckdb.DuckDBPyConnection:
        cursor = self.con.cursor()
        cursor.execute(f"USE {self.database()}")
        return cursor

    def database(self) -> str:
        """Returns the name of the database that holds the tables."""
        row = self.con.execute("SELECT current_database()").fetchone()
        assert row is not None
        return str(row[0])

    def inferred_rows(self) -> str:
        """Returns the query for the numbers s, p, o of the inferred triples, equal terms expanded."""
        base = self.database()
        if self._engine.equality:
            members = self._member_table()
            source = f"""
                SELECT coalesce(a.id, t.s) AS s, coalesce(b.id, t.p) AS p, coalesce(c.id, t.o) AS o
                FROM {base}.triple t
                LEFT JOIN {members} a ON a.rep = t.s LEFT JOIN {members} b ON b.rep = t.p
                LEFT JOIN {members} c ON c.rep = t.o
                UNION SELECT a.id, {SAME}, b.id FROM {members} a JOIN {members} b ON a.rep = b.rep"""
        else:
            source = f"SELECT s, p, o FROM {base}.triple"
        return f"""
            SELECT s, p, o FROM ({source}) t ANTI JOIN {base}.stated USING (s, p, o)
            WHERE s > 0 AND p < {AUXILIARY} AND o < {AUXILIARY} AND NOT (p = {SAME} AND s = o)
"""

    def _member_table(self) -> str:
        """Makes the table of all members of each class, but for values that nothing states.

        Returns its name.
        """
        base = self.database()
        name = f"memory.main.member_{base}"
        self.con.execute(f"""
            CREATE OR REPLACE TABLE {name} AS
            SELECT id, rep
            FROM (SELECT id, rep FROM representative UNION SELECT DISTINCT rep, rep FROM representative)
            WHERE id IN (SELECT unnest([s, p, o]) FROM stated)
            OR id IN (SELECT unnest([one, other]) FROM equal WHERE NOT by_value)""")
        return name

    def stated(self) -> Iterator[Quad]:
        """Returns what is stated, sorted."""
        rows = self.con.execute(
            f"SELECT DISTINCT s.text, p.text, o.text, coalesce(g.text, '') FROM stated t {TEXTS}"
            " LEFT JOIN term g ON g.id = t.g ORDER BY ALL"
        ).fetchall()
        for s, p, o, g in rows:
            terms = decode((s, p, o))
            yield Quad(*terms, *([NamedNode(g[1:-1])] if g else []))  # type: ignore[arg-type]


def _fact(triple: Triple | Fact) -> Fact:
    if isinstance(triple, Triple):
        return (triple.subject, triple.predicate, triple.object)  # type: ignore[return-value]  # as stored
    return triple

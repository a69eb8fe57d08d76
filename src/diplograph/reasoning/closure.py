"""A closure: everything that follows from some quads, with the round in which each triple was first derived."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, Triple

from diplograph.reasoning import domain, tables
from diplograph.reasoning.domain import instances
from diplograph.reasoning.explain import Explainer
from diplograph.reasoning.materialise import Engine, Progress
from diplograph.reasoning.patterns import Atom, Test
from diplograph.reasoning.terms import AUXILIARY, SAME, VOCABULARY, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import duckdb

    from diplograph.reasoning.schema import Instance
    from diplograph.reasoning.proof import Fact, Inconsistency, Proof

logger = logging.getLogger(__name__)


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

    Complete in one run: axioms that data implies are applied as well. Cost: grows about in proportion to the result;
    works in memory, and spills to disk beyond the memory limit.

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
    con = tables.connect(memory_limit, threads, database.parent / f".{database.name}.spill" if database else None)
    tables.stage(con, quads)
    closure = Closure(con, rules=tuple(rules), progress=progress)
    closure.close_over_stated()
    if database is not None:
        closure.save(database)
    return closure


class Closure:
    """What follows from what is stated: to read, to explain, to extend, and to try changes on.

    Args:
        con: The tables; the closure takes them over.
        rules: The files of the domain rules in force.
        progress: Called after each round.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        *,
        rules: tuple[Path, ...] = (),
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.con = con
        self.rules = rules
        self.domain = tuple(domain.load(rules))
        self._engine = Engine(con, rules=self._instances(), progress=progress)
        self._explainer: Explainer | None = None

    def _instances(self) -> list[Instance]:
        constants = {
            str(term)
            for rule in self.domain
            for pattern in (*rule.body, *rule.head)
            for term in (pattern.terms if isinstance(pattern, Atom) else pattern.args if isinstance(pattern, Test) else ())
            if not isinstance(term, str)
        }
        numbers = tables.intern(self.con, constants)
        return [each for rule in self.domain for each in instances(rule, lambda term: numbers[str(term)])]

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
        self._explainer = None
        self._note_equality()

    def save(self, path: Path) -> None:
        """Writes the closure to a file that appears complete or not at all.

        Raises:
            ResourceLimit: It cannot be written; a file of that name stays as it was.
        """
        tables.save(self.con, path)

    def _note_equality(self) -> None:
        equality = self._engine.equality
        self.con.execute("DELETE FROM representative")
        self.con.execute("DELETE FROM equal")
        tables.insert(self.con, "equal", [(e.one, e.other, e.rank, e.by_value) for e in equality.edges])
        tables.insert(
            self.con, "representative",
            [(member, rep) for rep, members in equality.classes() for member in members if member != rep],
        )  # fmt: skip

    # -- explaining ------------------------------------------------------------------------------------------------

    @property
    def explainer(self) -> Explainer:
        """What explains this closure as it is now."""
        if self._explainer is None:
            self._explainer = Explainer(self.con, self._engine, self.domain)
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

    # -- reading ---------------------------------------------------------------------------------------------------

    def inferred(self) -> Iterator[Triple]:
        """Returns the triples that follow and are stated nowhere, sorted, each once.

        Equal terms are expanded. Left out, since they say nothing: `x owl:sameAs x`, and any triple whose subject
        would be a literal.
        """
        cursor = self.con.cursor()
        cursor.execute(f"{self._inferred_query()} ORDER BY s, p, o")
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

    def _inferred_query(self) -> str:
        classes = self.con.execute("SELECT count(*) FROM representative").fetchone()
        if classes == (0,):
            source = "SELECT s, p, o FROM triple"
        else:
            self._member_table()
            source = f"""
                SELECT coalesce(a.id, t.s) AS s, coalesce(b.id, t.p) AS p, coalesce(c.id, t.o) AS o FROM triple t
                LEFT JOIN member a ON a.rep = t.s LEFT JOIN member b ON b.rep = t.p LEFT JOIN member c ON c.rep = t.o
                UNION SELECT a.id, {SAME}, b.id FROM member a JOIN member b ON a.rep = b.rep"""  # noqa: S608
        return f"""
            SELECT s.text AS s, p.text AS p, o.text AS o FROM ({source}) t
            JOIN term s ON s.id = t.s JOIN term p ON p.id = t.p JOIN term o ON o.id = t.o
            WHERE t.s > 0 AND t.p < {AUXILIARY} AND t.o < {AUXILIARY} AND NOT (t.p = {SAME} AND t.s = t.o)
            AND NOT EXISTS (SELECT 1 FROM stated x WHERE x.s = t.s AND x.p = t.p AND x.o = t.o)"""  # noqa: S608

    def _member_table(self) -> None:
        """All members of each class, but for terms of the vocabulary that nothing stated mentions."""
        self.con.execute(f"""
            CREATE OR REPLACE TABLE member AS
            SELECT id, rep FROM (SELECT id, rep FROM representative UNION SELECT DISTINCT rep, rep FROM representative)
            WHERE abs(id) > {len(VOCABULARY)}
            OR EXISTS (SELECT 1 FROM stated WHERE s = id OR p = id OR o = id)""")  # noqa: S608

    def stated(self) -> Iterator[Quad]:
        """Returns what is stated, sorted."""
        rows = self.con.execute(
            "SELECT s.text, p.text, o.text, coalesce(g.text, '') FROM stated t JOIN term s ON s.id = t.s"
            " JOIN term p ON p.id = t.p JOIN term o ON o.id = t.o LEFT JOIN term g ON g.id = t.g ORDER BY ALL"
        ).fetchall()
        for s, p, o, g in rows:
            terms = decode((s, p, o))
            yield Quad(*terms, *([NamedNode(g[1:-1])] if g else []))  # type: ignore[arg-type]


def _fact(triple: Triple | Fact) -> Fact:
    if isinstance(triple, Triple):
        return (triple.subject, triple.predicate, triple.object)  # type: ignore[return-value]  # no triple terms as subjects
    return triple

"""The fixpoint: semi-naive rounds of set-at-a-time SQL until nothing new follows.

A round takes what is new since the last one and (1) joins classes of equal terms, (2) closes the schema if
axioms are among it, (3) applies all maps at once, composed to any depth, (4) applies the joins and merges
that its predicates can take part in. The rank of a triple is the count of rounds after which it was first
derived; the premises of its derivation have lower ranks.
"""

# ruff: noqa: S608  (statements are made of our own names and numbers; values are parameters)

from __future__ import annotations

import gc
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb

from diplograph.errors import ResourceLimit
from diplograph.reasoning import tables
from diplograph.reasoning.compile import OBJECT, ORDER, Form, Key, Program, joined, keys_of
from diplograph.reasoning.equality import Equality
from diplograph.reasoning.literals import Literals
from diplograph.reasoning.memory import EqualityFound, Memory
from diplograph.reasoning.schema import CLASSES, PREDICATES, Instance, Row, Schema
from diplograph.reasoning.terms import AUXILIARY, FIRST, REST, SAME, TYPE, VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

logger = logging.getLogger(__name__)

SMALL = 20_000
"""Up to so many stated triples, a closure is made in memory."""
_INLINE = 64
"""Up to so many rows, a relation of constants is written into the statement."""
_MAY_BE_SUBJECT = f"(s > 0 OR p IN ({TYPE}, {SAME}) OR p >= {AUXILIARY}) AND NOT (p = {SAME} AND s = o)"


@dataclass(frozen=True, slots=True)
class Progress:
    """What is told after each round: its rank, the triples that were new in it, and those in all."""

    rank: int
    new: int
    total: int


@dataclass(slots=True)
class Engine:
    """The state of a fixpoint over the tables of a connection.

    Args:
        con: A connection whose tables hold what is known.
        rules: The domain rules, as instances over numbers.
        progress: Called after each round; may raise to stop the run.
    """

    con: duckdb.DuckDBPyConnection
    rules: Sequence[Instance] = ()
    progress: Callable[[Progress], None] | None = None
    equality: Equality = field(default_factory=Equality)
    rank: int = 0
    mark: int = -1
    clashes: list[tuple[int, int]] = field(default_factory=list)
    literals: Literals = field(init=False)
    schema: Schema = field(init=False)
    program: Program = field(init=False)
    _fresh: list[tuple[Form, tuple[int, ...]]] = field(default_factory=list)
    _reached: set[Key] = field(default_factory=set)
    _known: set[Key] = field(default_factory=set)
    _remap: bool = True
    _loaded: set[Key] = field(default_factory=set)
    _schema_mark: int = -1

    def __post_init__(self) -> None:
        self.literals = Literals(self.con)
        self._restart()

    def _restart(self) -> None:
        find = self.equality.find
        rules = [_resolved(rule, find) for rule in self.rules]
        self.schema = Schema(find, rules)
        self.program = Program()
        self._fresh, self._remap, self._schema_mark = [], True, -1
        self._forget_maps()
        self.literals.forget_types()

    def _forget_maps(self) -> None:
        self._loaded.clear()
        self.con.execute("DELETE FROM map_p")
        self.con.execute("DELETE FROM map_o")

    def take_in(self) -> None:
        """Takes the rows of `incoming` as stated in a new round, about the representatives of their terms."""
        self.rank += 1
        self.con.execute(
            f"INSERT INTO triple SELECT DISTINCT s, p, o, {self.rank} FROM incoming i"
            " ANTI JOIN triple USING (s, p, o)"
        )
        pairs = self.con.execute(
            f"SELECT s, o FROM incoming WHERE p = {SAME} AND s <> o ORDER BY s, o"
        ).fetchall()
        if pairs or self.equality:
            rows = self.con.execute("SELECT DISTINCT unnest([s, p, o]) FROM incoming").fetchall()
            self._unite([(s, o, self.rank) for s, o in pairs], also=[term for (term,) in rows])

    def resume(self) -> None:
        """Takes up the tables of a finished closure.

        Nothing is derived, but additions can be, and contradictions found.
        """
        highest = self.con.execute(
            "SELECT coalesce(max(rank), 0) FROM (FROM triple UNION ALL FROM former)"
        ).fetchone()
        assert highest is not None
        self.rank = self.mark = highest[0]
        self.literals.same_values()
        self.literals.axioms(self.equality.find)
        self._keys(-1)
        self._close_schema(insert=False)
        self._fresh, self._remap = [], False
        self.literals.know_types()

    # -- the fixpoint ----------------------------------------------------------------------------------------

    def run(self) -> None:
        """Derives all that follows from the rows with ranks above `mark`.

        Raises:
            ResourceLimit: Memory or disk ran out.
        """
        try:
            self._unite_values()
            if any(test[0] in ORDER for rule in self.rules for test in rule.tests):
                self.literals.order()
            self._state_axioms()
            if not self._run_in_memory():
                while self._round():
                    pass
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            raise ResourceLimit(
                f"reasoning ran out of memory or disk: {error}",
                hint="give a higher memory limit, or a larger disk to spill to",
            ) from error

    def _run_in_memory(self) -> bool:
        """Runs a small closure from its beginning in memory.

        Returns False where it is not small, or equality arises.
        """
        size = self.con.execute("SELECT count(*) FROM triple").fetchone()
        if self.mark >= 0 or size is None or size[0] > SMALL:
            return False
        start = self.rank
        rows = self.con.execute("SELECT s, p, o, rank FROM triple").fetchall()
        collecting = gc.isenabled()
        gc.disable()  # thousands of small tuples come to stay, and none of them in a circle
        try:
            memory = Memory(rows, self.literals.places)
            delta = list(memory.facts.rank)
            while delta or self._fresh or self._schema_mark < 0:
                delta = self._round_in_memory(memory, delta)
            if any(memory.merges(merge) for merge in self.program.merges):
                raise EqualityFound
        except EqualityFound:
            self.rank = start
            self._restart()
            return False
        finally:
            if collecting:
                gc.enable()
        known = {(s, p, o) for s, p, o, _ in rows}
        derived = [(*row, rank) for row, rank in memory.facts.rank.items() if row not in known]
        tables.insert(self.con, "triple", derived)
        self.mark = self._schema_mark = self.rank
        self._remap = False
        self._known.update((p, o if p == TYPE else None) for _, p, o in memory.facts.rank)
        return True

    def _round_in_memory(self, memory: Memory, delta: list[Row]) -> list[Row]:
        start = len(memory.facts.rank)
        axioms = [row for row in delta if (row[2] in CLASSES if row[1] == TYPE else row[1] in PREDICATES)]
        if axioms or self._schema_mark < 0:
            if self._schema_mark >= 0 and any(p in (FIRST, REST) for _, p, _ in axioms):
                self._restart()
                axioms = [
                    row
                    for row in memory.facts.rank
                    if (row[2] in CLASSES if row[1] == TYPE else row[1] in PREDICATES)
                ]
            derived = self.schema.close([(*row, memory.facts.rank[row]) for row in axioms], self.rank)
            self.rank = self._schema_mark = max(self.rank, derived[-1][3] if derived else 0)
            delta = delta + memory.add(derived)
            self._take_instances()
            memory.forget_maps()
        typed = self._literal_types()
        if typed:
            self.rank += 1
            delta = delta + memory.add((*fact, self.rank) for fact in typed)
        fresh, self._fresh = list(self.program.parts[memory.taken :]), []
        mapped, depth = memory.apply_maps(
            self.program, list(memory.facts.rank) if self._remap else delta, self.rank
        )
        self._remap = self.program.open and bool(mapped)
        self.rank += depth
        found = memory.apply_joins(self.program, delta + mapped, fresh, self.rank)
        self.rank += bool(found)
        self._tell(start, len(memory.facts.rank) - start, len(memory.facts.rank))
        pending = [row for row in mapped if row[1] in PREDICATES or (row[1] == TYPE and row[2] in CLASSES)]
        return found + pending + (mapped if self._remap else [])

    def _round(self) -> bool:
        keys = self._keys(self.mark)
        alert = keys | self._reached
        if (SAME, None) in alert and self._merge():
            return True
        self._reached = set()
        axioms = any(key in CLASSES if p == TYPE else p in PREDICATES for p, key in alert)
        if (self._schema_mark < 0 or axioms) and self._close_schema():
            keys = self._keys(self.mark)
        if not keys and not self._fresh and not self._remap:
            return False
        self._type_literals()
        seeds = self._keys(-1) if self._remap else keys
        start = self.rank
        mapped, self._reached = self._apply_maps(seeds, -1 if self._remap else self.mark)
        self._known |= self._reached
        self._remap = self.program.open and mapped > 0
        closed = self.rank
        found = self._apply_joins(keys | self._reached)
        self.mark = closed
        self._tell(start, mapped + found)
        return True

    def _keys(self, mark: int) -> set[Key]:
        rows = self.con.execute(
            f"SELECT DISTINCT p, CASE WHEN p = {TYPE} THEN o END FROM triple WHERE rank > {mark}"
        ).fetchall()
        found = set(rows)
        self._known |= found
        return found

    def _tell(self, start: int, new: int, total: int | None = None) -> None:
        if new == 0:
            return
        logger.debug("rounds %d to %d: %d new triples", start + 1, self.rank, new)
        if self.progress is not None:
            if total is None:
                row = self.con.execute("SELECT count(*) FROM triple").fetchone()
                total = row[0] if row else 0
            self.progress(Progress(self.rank, new, total))

    # -- schema ----------------------------------------------------------------------------------------------

    def _close_schema(self, *, insert: bool = True) -> bool:
        rows = self.con.execute(
            f"SELECT s, p, o, rank FROM triple WHERE rank > {self._schema_mark}"
            f" AND (p IN {_listed(PREDICATES)} OR (p = {TYPE} AND o IN {_listed(CLASSES)}))"
            " ORDER BY rank, s, p, o"
        ).fetchall()
        if self._schema_mark >= 0 and any(p in (FIRST, REST) for _, p, _, _ in rows):
            self._restart()
            return self._close_schema()
        derived = self.schema.close(rows, self.rank)
        self._schema_mark = self.rank
        if derived and insert:
            self._insert_rows(derived)
            self.rank = max(self.rank, derived[-1][3])
            self._schema_mark = self.rank
        self._take_instances()
        return bool(derived)

    def _take_instances(self) -> None:
        mapped, fresh = self.program.add(self.schema.instances)
        if mapped:
            self._remap = True
            self._forget_maps()
        self._fresh += fresh

    def _insert_rows(self, rows: Sequence[tuple[int, int, int, int]]) -> None:
        taken = tables.numbers(["INTEGER"] * 4, ["s", "p", "o", "rank"])
        self.con.execute(
            f"INSERT INTO triple SELECT * FROM (SELECT {taken}) c ANTI JOIN triple USING (s, p, o)",
            [tables.packed(rows)],
        )

    # -- maps ------------------------------------------------------------------------------------------------

    def _apply_maps(self, seeds: set[Key], mark: int) -> tuple[int, set[Key]]:
        depth, reached = self._load_maps(seeds)
        if depth == 0:
            return 0, reached
        place = "CASE m.{0} WHEN 0 THEN t.s WHEN %d THEN t.o ELSE m.{0} END AS {0}" % OBJECT  # noqa: UP031
        taken = f"{place.format('s')}, m.p, {place.format('o')}, m.d"
        count = self._count(f"""
            INSERT INTO triple
            SELECT s, p, o, {self.rank} + d FROM (
                SELECT s, p, o, min(d)::INTEGER AS d FROM (
                    SELECT {taken} FROM triple t JOIN map_p m ON m.k = t.p
                    WHERE t.rank > {mark} AND (NOT m.node OR t.o > 0)
                    UNION ALL
                    SELECT {taken} FROM triple t JOIN map_o m ON m.k = t.p AND m.c = t.o
                    WHERE t.rank > {mark} AND (NOT m.node OR t.o > 0)) WHERE {_MAY_BE_SUBJECT}
                GROUP BY s, p, o) c
            ANTI JOIN triple USING (s, p, o)""")
        if count:
            self.rank += depth
        return count, reached

    def _load_maps(self, seeds: set[Key]) -> tuple[int, set[Key]]:
        wanted: set[Key] = set()
        for p, c in seeds:
            if p >= AUXILIARY:
                continue
            if p == TYPE and c is not None and c < AUXILIARY:
                wanted.add((p, c))
            wanted.update(self.program.keys(p))
        by_predicate, by_object = [], []
        depth, reached = 0, set[Key]()
        for key in wanted:
            for s, p, o, d, node in self.program.closure(key):
                depth = max(depth, d)
                reached.add((p, (None if o == OBJECT else o) if p == TYPE else None))
                if key not in self._loaded:
                    row = (s, p, o, d, node)
                    if key[1] is None:
                        by_predicate.append((key[0], *row))
                    else:
                        by_object.append((*key, *row))
        self._loaded |= wanted
        tables.insert(self.con, "map_p", by_predicate)
        tables.insert(self.con, "map_o", by_object)
        return depth, reached

    # -- joins and merges ------------------------------------------------------------------------------------

    def _apply_joins(self, keys: set[Key]) -> int:
        new, known = _Keys(keys), _Keys(self._known)
        fresh, self._fresh = self._fresh, []
        whole: dict[int, tuple[Form, list[tuple[int, ...]]]] = {}
        for form, row in fresh:
            if all(key in known for key in keys_of(form, row)):
                whole.setdefault(id(form), (form, []))[1].append(row)
        branches = [self._branch(form, rows, None) for form, rows in whole.values()]
        for form in self.program.forms.values():
            done = whole[id(form)][1] if id(form) in whole else ()
            branches += self._branches(form, [row for row in form.rows if row not in done], new, known)
        if not branches:
            return 0
        count = self._count(f"""
            INSERT INTO triple
            SELECT DISTINCT s, p, o, {self.rank + 1}
            FROM (SELECT * FROM ({" UNION ALL ".join(branches)}) WHERE {_MAY_BE_SUBJECT}) c
            ANTI JOIN triple USING (s, p, o)""")
        if count:
            self.rank += 1
        return count

    def _branches(self, form: Form, rows: list[tuple[int, ...]], new: _Keys, known: _Keys) -> list[str]:
        touched: list[list[tuple[int, ...]]] = [[] for _ in form.body]
        for row in rows:
            keys = keys_of(form, row)
            if all(key in known for key in keys):
                for place, key in enumerate(keys):
                    if key in new:
                        touched[place].append(row)
        if form.merge is not None:
            merged = list(dict.fromkeys(row for each in touched for row in each))
            return [self._branch(form, merged, None)] if merged else []
        return [self._branch(form, each, place) for place, each in enumerate(touched) if each]

    def _branch(self, form: Form, rows: list[tuple[int, ...]], place: int | None) -> str:
        body, columns, head = joined(form, delta=place, since=f"rank > {self.mark}")
        prefix = self._relation(form.width(), rows)
        if form.merge is None:
            return f"(WITH {prefix} SELECT {head[0]} AS s, {head[1]} AS p, {head[2]} AS o {body})"
        subject, shared = form.merge
        groups = [f"f.c{number}" for number in range(form.width())] + [columns[each] for each in shared]
        over = f"(PARTITION BY {', '.join(groups)})" if groups else "()"
        return (
            f"(WITH {prefix} SELECT s, {SAME} AS p, o FROM (SELECT {columns[subject]} AS s, "
            f"min({columns[subject]}) OVER {over} AS o {body}) WHERE s <> o)"
        )

    def _relation(self, width: int, rows: list[tuple[int, ...]]) -> str:
        if width == 0:
            return "f AS (SELECT 1)"
        names = ", ".join(f"c{number}" for number in range(width))
        if len(rows) <= _INLINE:
            values = ", ".join(f"({', '.join(map(str, row))})" for row in rows)
            return f"f({names}) AS (VALUES {values})"
        columns = ", ".join(
            f"unnest({list(column)}::INTEGER[]) AS c{number}"
            for number, column in enumerate(zip(*rows, strict=True))
        )
        return f"f AS (SELECT {columns})"

    def _count(self, statement: str) -> int:
        row = self.con.execute(statement).fetchone()
        assert row is not None
        return int(row[0])

    def violations(self, limit: int | None = None) -> list[tuple[Instance, tuple[int, ...]]]:
        """Returns the instances of contradictions that hold, each with the numbers of its variables v0.

        V1 …
        """
        found = []
        for form in self.program.checks.values():
            body, columns, _ = joined(form)
            width = form.width()
            shown = [f"f.c{number}" for number in range(width)] + list(columns.values())
            rows = self.con.execute(
                f"WITH {self._relation(width, list(form.rows))}"
                f" SELECT DISTINCT {', '.join(shown) or '1'} {body}"
                f" ORDER BY ALL {'' if limit is None else f'LIMIT {limit}'}"
            ).fetchall()
            for row in rows:
                constants = iter(row[:width])
                atoms = tuple(
                    tuple(next(constants) if slot is None else slot for slot in atom) for atom in form.body
                )
                instance = Instance(atoms, None, form.tests)  # type: ignore[arg-type]  # atoms of three
                found.append((instance, tuple(row[width : width + len(columns)])))
        return found

    # -- equality --------------------------------------------------------------------------------------------

    def _merge(self) -> bool:
        pairs = self.con.execute(
            f"SELECT s, o, rank FROM triple WHERE p = {self.equality.find(SAME)} ORDER BY rank, s, o"
        ).fetchall()
        return self._unite([(s, o, rank) for s, o, rank in pairs])

    def _unite(
        self, pairs: list[tuple[int, int, int]], *, by_value: bool = False, also: Iterable[int] = ()
    ) -> bool:
        """Joins the classes of pairs, and brings all rows to representatives.

        Returns whether rows may have changed.

        Args:
            pairs: Pairs with the round in which they were found.
            by_value: Whether they are literals of one value.
            also: Terms that rows may mention though they have another representative.
        """
        prefer = self._preference({each for s, o, _ in pairs for each in (s, o)})
        touched: dict[int, int] = {}
        for rank in sorted({rank for _, _, rank in pairs}):
            touched |= self.equality.join(
                [(s, o) for s, o, found in pairs if found == rank], rank, prefer, by_value=by_value
            )
        moved = {term: self.equality.find(term) for term in (*touched, *also)}
        moved = {term: representative for term, representative in moved.items() if term != representative}
        if not moved:
            return False
        for representative in sorted(set(moved.values())):
            found = self.literals.clashes(self.equality.members(representative))
            self.clashes += [pair for pair in found if pair not in self.clashes]
        self._rewrite(moved)
        used = {each for row in self.schema.rank for each in row} | {
            slot
            for rule in self.rules
            for atom in (*rule.body, rule.head or ())
            for slot in atom
            if isinstance(slot, int)
        }
        if used & moved.keys():
            self._restart()
        return True

    def _preference(self, terms: set[int]) -> Callable[[int], object]:
        wanted = [(each,) for each in {self.equality.find(term) for term in terms} | terms]
        self.con.execute("DELETE FROM asked")
        tables.insert(self.con, "asked", wanted)
        rows = self.con.execute(
            "SELECT term.id, text, coalesce(n, 0) FROM term SEMI JOIN asked ON asked.id = term.id LEFT JOIN"
            " (SELECT id, count(*) AS n FROM (SELECT s AS id FROM stated SEMI JOIN asked ON asked.id = s"
            " UNION ALL SELECT o FROM stated SEMI JOIN asked ON asked.id = o) GROUP BY id) used"
            " ON used.id = term.id"
        ).fetchall()
        reserved = frozenset(VOCABULARY.values())
        keys = {
            term: (
                abs(term) if term in reserved else len(reserved) + 1,
                term < 0,
                text.startswith("_:"),
                -count,
                text,
            )
            for term, text, count in rows
        }
        return keys.__getitem__

    def _rewrite(self, moved: dict[int, int]) -> None:
        con = self.con
        con.execute("DELETE FROM moved")
        tables.insert(con, "moved", list(moved.items()))
        hit = "s IN (SELECT id FROM moved) OR p IN (SELECT id FROM moved) OR o IN (SELECT id FROM moved)"
        same = self.equality.find(SAME)
        con.execute(
            "CREATE OR REPLACE TEMP TABLE leaving AS"
            f" SELECT * FROM triple WHERE {hit} OR (p = {same} AND s = o)"
        )
        con.execute(f"INSERT INTO former SELECT * FROM leaving WHERE p < {AUXILIARY}")
        con.execute(f"DELETE FROM triple WHERE {hit} OR (p = {same} AND s = o)")
        self.rank += 1
        con.execute(f"""
            INSERT INTO triple
            SELECT DISTINCT s, p, o, {self.rank} FROM (
                SELECT * FROM (
                    SELECT coalesce(a.rep, l.s) AS s, coalesce(b.rep, l.p) AS p, coalesce(c.rep, l.o) AS o
                    FROM leaving l LEFT JOIN moved a ON a.id = l.s LEFT JOIN moved b ON b.id = l.p
                    LEFT JOIN moved c ON c.id = l.o)
                WHERE NOT (p = {same} AND s = o)) c
            ANTI JOIN triple USING (s, p, o)""")
        con.execute("DROP TABLE leaving")

    # -- literals --------------------------------------------------------------------------------------------

    def _unite_values(self) -> None:
        pairs = self.literals.same_values("stated" if self.mark < 0 else "incoming")
        if pairs:
            self._unite([(one, other, 0) for one, other in pairs], by_value=True)

    def _state_axioms(self) -> None:
        facts = self.literals.axioms(self.equality.find)
        if facts:
            self.rank += 1
            self._insert_rows([(*fact, self.rank) for fact in facts])

    def _type_literals(self) -> None:
        facts = self._literal_types()
        if facts:
            self.rank += 1
            self._insert_rows([(*fact, self.rank) for fact in facts])

    def _literal_types(self) -> list[Row]:
        if not self.literals.untyped():
            return []
        asked = {c for _, c in self.program.maps} | {
            key[1]
            for form in (*self.program.forms.values(), *self.program.checks.values())
            for row in form.rows
            for key in keys_of(form, row)
        }
        return self.literals.types(asked, self.equality.find)


class _Keys:
    """A set of keys that also knows the predicates among them, and what fits any class or any predicate."""

    def __init__(self, keys: set[Key]) -> None:
        self._keys = keys
        self._predicates = {p for p, _ in keys}
        self._any_class = (TYPE, None) in keys

    def __contains__(self, key: Key) -> bool:
        p, o = key
        if p == TYPE and o is not None:
            return self._any_class or key in self._keys
        return p in self._predicates or (p == -1 and bool(self._keys))


def _resolved(rule: Instance, find: Callable[[int], int]) -> Instance:
    def fill(pattern: tuple[int | str, ...]) -> tuple[int | str, ...]:
        return tuple(find(slot) if isinstance(slot, int) else slot for slot in pattern)

    body = tuple(fill(atom) for atom in rule.body)
    tests = tuple((name, *fill((one, other))) for name, one, other in rule.tests)
    return Instance(body, None if rule.head is None else fill(rule.head), tests)  # type: ignore[arg-type]


def _listed(numbers: Iterable[int]) -> str:
    return f"({', '.join(map(str, sorted(numbers)))})"

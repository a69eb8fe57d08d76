"""The same program over little data, in memory: where the overhead of a database would be most of the time.

It runs the maps and joins that `compile.py` makes, row by row over indexes, with the same rounds. It knows
nothing of
equality: at the first `owl:sameAs` between two terms it gives up, and the run starts again in SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from diplograph.reasoning.compile import LITERAL_SUBJECTS, OBJECT, ORDER, SUBJECT, Key, Merge, Program
from diplograph.reasoning.schema import Facts, Instance, Row, RowPattern
from diplograph.reasoning.terms import AUXILIARY, SAME, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Env = dict[str, int]


class EqualityFound(Exception):  # not an error: the run goes on in SQL
    """Two terms were found to be the same."""


class Memory:
    """The rows of a small closure in the making.

    Args:
        rows: The rows known, with their rounds.
        places: The place of each comparable literal in its value space.
    """

    def __init__(
        self, rows: Iterable[tuple[int, int, int, int]], places: Mapping[int, tuple[str, int]]
    ) -> None:
        self.facts = Facts()
        self._places = places
        self._triggers: dict[Key, list[tuple[Instance, int]]] = {}
        self.taken = 0
        self._constants: dict[int, set[int]] = {}
        for s, p, o, rank in rows:
            self.facts.add((s, p, o), rank)
            if p == SAME and s != o:
                raise EqualityFound

    def add(self, rows: Iterable[tuple[int, int, int, int]]) -> list[Row]:
        """Adds rows with their rounds; returns those that are new."""
        added = []
        for s, p, o, rank in rows:
            row = (s, p, o)
            if (s > 0 or p in LITERAL_SUBJECTS or p >= AUXILIARY) and self.facts.add(row, rank):
                if p == SAME and s != o:
                    raise EqualityFound
                added.append(row)
        return added

    # -- maps ------------------------------------------------------------------------------------------------

    def forget_maps(self) -> None:
        """Takes notice that there are new maps."""
        self._constants.clear()

    def apply_maps(self, program: Program, seeds: Iterable[Row], rank: int) -> tuple[list[Row], int]:
        """Applies all maps to some rows; returns the new rows, and the greatest depth among them."""
        found: dict[Row, int] = {}
        known = self.facts.rank
        for s, p, o in seeds:
            if p >= AUXILIARY:
                continue
            for key in self._keys(program, p, o):
                for s2, p2, o2, depth, node in program.closure(key):
                    if node and o < 0:
                        continue
                    row = (
                        s if s2 == SUBJECT else o if s2 == OBJECT else s2,
                        p2,
                        s if o2 == SUBJECT else o if o2 == OBJECT else o2,
                    )
                    if row not in known:
                        before = found.get(row)
                        if before is None or depth < before:
                            found[row] = depth
        added = self.add(
            (*row, rank + depth) for row, depth in found.items() if row[1] != SAME or row[0] != row[2]
        )
        return added, max((found[row] for row in added), default=0)

    def _keys(self, program: Program, p: int, o: int) -> tuple[Key, ...]:
        if p == TYPE:
            return ((TYPE, o), (TYPE, None)) if (TYPE, None) in program.maps else ((TYPE, o),)
        constants = self._constants.get(p)
        if constants is None:
            constants = self._constants[p] = {c for _, c in program.keys(p) if c is not None}
        return ((p, None), (p, o)) if o in constants else ((p, None),)

    # -- joins -----------------------------------------------------------------------------------------------

    def apply_joins(self, program: Program, delta: list[Row], fresh: list[Instance], rank: int) -> list[Row]:
        """Applies the joins to rows among which some are new, and new joins to all; returns the new rows."""
        self._index(program)
        found: dict[Row, None] = {}
        skip = set(fresh)
        for instance in fresh:
            for env in self._solve(list(instance.body), {}):
                self._conclude(instance, env, found)
        for row in delta:
            for instance, place in self._triggers_of(row):
                if instance not in skip:
                    start = _fit(instance.body[place], row, {})
                    if start is not None:
                        rest = [atom for number, atom in enumerate(instance.body) if number != place]
                        for full in self._solve(rest, start):
                            self._conclude(instance, full, found)
        return self.add((*row, rank + 1) for row in found)

    def _index(self, program: Program) -> None:
        for instance in program.parts[self.taken :]:
            for place, (_, p, o) in enumerate(instance.body):
                key = (p if isinstance(p, int) else -1, o if p == TYPE and isinstance(o, int) else None)
                self._triggers.setdefault(key, []).append((instance, place))
        self.taken = len(program.parts)

    def _triggers_of(self, row: Row) -> Iterator[tuple[Instance, int]]:
        _, p, o = row
        yield from self._triggers.get((p, None), ())
        if p == TYPE:
            yield from self._triggers.get((TYPE, o), ())
        if p < AUXILIARY:
            yield from self._triggers.get((-1, None), ())

    def _conclude(self, instance: Instance, env: Env, found: dict[Row, None]) -> None:
        if all(self._passes(test, env) for test in instance.tests):
            assert instance.head is not None
            s, p, o = (env[slot] if isinstance(slot, str) else slot for slot in instance.head)
            if (s, p, o) not in self.facts.rank and not (p == SAME and s == o):
                found[s, p, o] = None

    def _passes(self, test: tuple[str, int | str, int | str], env: Env) -> bool:
        name, *slots = test
        one, other = (env[slot] if isinstance(slot, str) else slot for slot in slots)
        if name not in ORDER:
            return (one == other) is (name == "=")
        left, right = self._places.get(one), self._places.get(other)
        if left is None or right is None or left[0] != right[0]:
            return False
        low, high = left[1], right[1]
        return {"<": low < high, "<=": low <= high, ">": low > high, ">=": low >= high}[name]

    def _solve(self, atoms: list[RowPattern], env: Env) -> Iterator[Env]:
        if not atoms:
            yield env
            return
        best = max(atoms, key=lambda atom: self._bound(atom, env))
        rest = [atom for atom in atoms if atom is not best]
        for row in self._rows(best, env):
            following = _fit(best, row, env)
            if following is not None:
                yield from self._solve(rest, following)

    def _bound(self, atom: RowPattern, env: Env) -> float:
        s, p, o = (not isinstance(slot, str) or slot in env for slot in atom)
        return 2 * s + o + p - (0.5 if atom[1] == TYPE and not s else 0)

    def _rows(self, atom: RowPattern, env: Env) -> Iterator[Row]:
        s, p, o = (env.get(slot) if isinstance(slot, str) else slot for slot in atom)
        facts = self.facts
        for predicate in [p] if p is not None else [each for each in list(facts.pairs) if each < AUXILIARY]:
            if s is not None and o is not None:
                if (s, predicate, o) in facts.rank:
                    yield (s, predicate, o)
            elif s is not None:
                yield from ((s, predicate, each) for each in facts.objects[predicate].get(s, ()))
            elif o is not None:
                yield from ((each, predicate, o) for each in facts.subjects[predicate].get(o, ()))
            else:
                yield from ((one, predicate, other) for one, other in facts.pairs[predicate])

    def merges(self, merge: Merge) -> bool:
        """Says whether a merge makes two terms equal."""
        groups: dict[tuple[int, ...], int] = {}
        for env in self._solve(list(merge.body), {}):
            group = tuple(env[each] for each in merge.shared)
            if groups.setdefault(group, env[merge.subject]) != env[merge.subject]:
                return True
        return False


def _fit(atom: RowPattern, row: Row, env: Env) -> Env | None:
    found = dict(env)
    for slot, value in zip(atom, row, strict=True):
        if isinstance(slot, str):
            if found.setdefault(slot, value) != value:
                return None
        elif slot != value:
            return None
    return found

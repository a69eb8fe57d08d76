"""Finding proofs, on demand: backwards from a triple through the rule table, to rows of earlier rounds only.

Nothing about proofs is kept while the closure is made. A triple of round n is matched with the heads of the
rules; their bodies are looked up among the rows of rounds before n, so there are no cycles, and the search
ends. Of all derivations the smallest tree is found by branch and bound.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice, product
from typing import TYPE_CHECKING, TypeAlias

from diplograph.errors import NotFound, ResourceLimit
from diplograph.reasoning.datatypes import compare, holds
from diplograph.reasoning.patterns import Atom, Each, ListOf, Member, Pair, Path, PatternTerm, Rule, Test
from diplograph.reasoning.rules import BY_ID, TABLE
from diplograph.reasoning.schema import Row, is_schema
from diplograph.reasoning.terms import FIRST, NIL, REST, SAME
from diplograph.vocabulary import RDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from diplograph.reasoning.equality import Equality
    from diplograph.reasoning.rows import Rows
    from diplograph.reasoning.terms import Term

Goal: TypeAlias = "tuple[Row, int | None]"
"""A triple to be proved: a row of the closure (None), or what equals one by what was known before a round."""
Env: TypeAlias = "dict[str, int]"

FOREVER = 1 << 30
PER_RULE = 60
"""At most so many ways to apply one rule to one conclusion are weighed."""
_EQUALITY = frozenset(rule.id for rule in TABLE if rule.table == 4 and rule.head)


@dataclass(frozen=True, slots=True)
class Derivation:
    """One way to derive a triple, or a contradiction, by one application of a rule."""

    rule: Rule
    conclusion: Row | None
    premises: tuple[Goal, ...]
    env: Env = field(compare=False)


class Prover:
    """Searches proofs over the rows of a closure.

    Args:
        rows: The rows.
        equality: The classes of equal terms.
        number: Gives the number of a constant of a rule, 0 if it does not occur.
        term: Gives the term of a number.
        rules: The domain rules.
    """

    def __init__(
        self,
        rows: Rows,
        equality: Equality,
        number: Callable[[object], int],
        term: Callable[[int], Term],
        rules: Iterable[Rule] = (),
    ) -> None:
        self.rows = rows
        self._equality = equality
        self._number = number
        self._term = term
        self._constants: dict[object, int] = {}
        self._nil = equality.find(NIL)
        self._by_head: dict[int | None, list[tuple[Rule, Atom]]] = defaultdict(list)
        for rule in (*TABLE, *rules):
            if rule.id not in _EQUALITY:
                for head in rule.head:
                    self._by_head[None if isinstance(head.p, str) else number(head.p)].append((rule, head))
        self._found: dict[Goal, tuple[int, Derivation | None]] = {}
        self._at_least: dict[Goal, int] = {}
        self._ways: dict[Goal, list[Derivation]] = {}

    # -- the search ------------------------------------------------------------------------------------------

    def best(self, goal: Goal) -> Derivation | None:
        """Returns the last step of the smallest proof of a goal; None where it is stated.

        Raises:
            NotFound: The goal does not follow.
            ResourceLimit: The proof is nested too deeply.
        """
        if goal not in self._found:
            limit = 8
            deepest = sys.getrecursionlimit()
            sys.setrecursionlimit(max(deepest, 20_000))
            try:
                while self._size(goal, limit) is None:
                    if limit > 1_000_000:
                        raise NotFound("no proof was found")
                    limit *= 2
            except RecursionError as error:
                raise ResourceLimit("the proof is nested too deeply") from error
            finally:
                sys.setrecursionlimit(deepest)
        return self._found[goal][1]

    def _size(self, goal: Goal, limit: int) -> int | None:
        known = self._found.get(goal)
        if known is not None:
            return known[0] if known[0] <= limit else None
        if self._at_least.get(goal, 1) > limit:
            return None
        if self.rows.stated(goal[0]):
            self._found[goal] = (1, None)
            return 1
        best: tuple[int, Derivation] | None = None
        bound = limit
        for lowest, way in self._ordered(goal):
            if lowest > bound:
                break
            size = self._size_of(way, bound)
            if size is not None:
                best, bound = (size, way), size - 1
        if best is None:
            self._at_least[goal] = limit + 1
            return None
        self._found[goal] = best
        return best[0]

    def _size_of(self, way: Derivation, bound: int) -> int | None:
        waiting = sum(map(self._lowest, way.premises))
        total = 1
        for premise in way.premises:
            waiting -= self._lowest(premise)
            size = self._size(premise, bound - total - waiting)
            if size is None:
                return None
            total += size
        return total

    def _lowest(self, goal: Goal) -> int:
        known = self._found.get(goal)
        if known is not None:
            return known[0]
        return max(self._at_least.get(goal, 1), 1 if self.rows.stated(goal[0]) else 2)

    def _ordered(self, goal: Goal) -> list[tuple[int, Derivation]]:
        ways = [(1 + sum(map(self._lowest, way.premises)), way) for way in self.ways(goal)]
        return sorted(ways, key=lambda pair: pair[0])

    def ranked(self, goal: Goal, count: int) -> list[Derivation]:
        """Returns up to `count` derivations of a goal by the size of their smallest proofs.

        Smallest first.
        """
        self.best(goal)
        sized: list[tuple[int, int, Derivation]] = []
        for way in self.ways(goal):
            try:
                sized.append(
                    (1 + sum(self._size_found(premise) for premise in way.premises), len(sized), way)
                )
            except NotFound:
                continue
        return [way for _, _, way in sorted(sized, key=lambda each: each[:2])[:count]]

    def _size_found(self, goal: Goal) -> int:
        self.best(goal)
        return self._found[goal][0]

    # -- derivations -----------------------------------------------------------------------------------------

    def goal(self, triple: Row, before: int = FOREVER) -> Goal:
        """Returns a triple as a goal: as a row where it is one that was known before a round."""
        rank = self.rows.rank(triple)
        if (rank is not None and rank < before) or self.rows.stated(triple):
            return (triple, None)
        return (triple, before)

    def ways(self, goal: Goal) -> list[Derivation]:
        """Returns the derivations of a goal by one rule from what was known before it."""
        if goal not in self._ways:
            triple, before = goal
            if before is None:
                rank = self.rows.rank(triple)
                found = [*self._by_rules(triple, rank or 0), *self._by_equality(triple, rank or 0)]
            elif triple[1] == SAME:
                found = list(self._by_path(triple, before))
            else:
                found = list(self._by_equality(triple, before))
            self._ways[goal] = list(dict.fromkeys(found))
        return self._ways[goal]

    def _by_rules(self, triple: Row, rank: int) -> Iterator[Derivation]:
        for rule, head in (*self._by_head.get(triple[1], ()), *self._by_head.get(None, ())):
            env = self.unify(head, triple)
            if env is not None:
                yield from islice(self.apply(rule, env, rank, head), PER_RULE)

    def unify(self, atom: Atom, triple: Row) -> Env | None:
        """Returns the values under which a pattern is a triple; None where it cannot be."""
        env: Env = {}
        for slot, value in zip(atom.terms, triple, strict=True):
            if isinstance(slot, str):
                if env.setdefault(slot, value) != value:
                    return None
            elif self._same_constant(slot) != value and self._number(slot) != value:
                return None
        return env

    def _same_constant(self, constant: object) -> int:
        found = self._constants.get(constant)
        if found is None:
            found = self._constants[constant] = self._equality.find(self._number(constant))
        return found

    def apply(self, rule: Rule, env: Env, before: int, head: Atom | None = None) -> Iterator[Derivation]:
        """Returns the applications of a rule that agree with some values, to rows from before a round."""
        patterns = list(enumerate(rule.body))
        for full, chosen in self._solve(
            [(place, 0, pattern) for place, pattern in patterns], env, {}, {}, before
        ):
            premises = tuple(
                self._as_stated_in(rule, place, row, before)
                for (place, _), rows in sorted(chosen.items())
                for row in rows
            )
            conclusion = None if head is None else self._instance(head, full)
            if conclusion is None and head is not None:
                continue
            yield from self._bridged(Derivation(rule, conclusion, premises, full), env, head, before)

    def _bridged(self, way: Derivation, env: Env, head: Atom | None, before: int) -> Iterator[Derivation]:
        """Adds equality steps where a constant of a head is not the representative that the row speaks of."""
        if head is None:
            yield way
            return
        row = tuple(
            env[slot] if isinstance(slot, str) and slot in env
            else self._same_constant(slot) if not isinstance(slot, str) else way.env[slot]
            for slot in head.terms
        )  # fmt: skip
        if row == way.conclusion:
            yield way
            return
        assert way.conclusion is not None
        virtual: Goal = (way.conclusion, before)
        self._ways.setdefault(virtual, [])
        if way not in self._ways[virtual]:
            self._ways[virtual].append(way)
        yield self._replace((row[0], row[1], row[2]), way.conclusion, before)

    def _as_stated_in(self, rule: Rule, place: int, row: Row, before: int) -> Goal:
        """Returns a premise in the constants of the rule rather than their representatives."""
        pattern = rule.body[place]
        if isinstance(pattern, Atom) and self._equality:
            row = tuple(  # type: ignore[assignment]  # three terms
                value if isinstance(slot, str) else self._number(slot)
                for slot, value in zip(pattern.terms, row, strict=True)
            )
        return self.goal(row, before)

    def _instance(self, atom: Atom, env: Env) -> Row | None:
        values = [env.get(slot) if isinstance(slot, str) else self._number(slot) for slot in atom.terms]
        s, p, o = values
        return None if s is None or p is None or o is None else (s, p, o)

    def matches(self, patterns: Sequence[object], env: Env, count: int) -> Iterator[Env]:
        """Returns up to so many ways to match patterns with rows, as values of the variables."""
        todo = [(place, 0, pattern) for place, pattern in enumerate(patterns)]
        yield from (found for found, _ in islice(self._solve(todo, env, {}, {}, FOREVER), count))

    def assume(self, goal: Goal, way: Derivation) -> None:
        """Gives a goal a derivation that needs no search."""
        self._ways.setdefault(goal, [way])

    # -- matching bodies -------------------------------------------------------------------------------------

    def _solve(
        self,
        todo: list[tuple[int, int, object]],
        env: Env,
        lists: dict[str, tuple[int, ...]],
        chosen: dict[tuple[int, int], tuple[Row, ...]],
        before: int,
    ) -> Iterator[tuple[Env, dict[tuple[int, int], tuple[Row, ...]]]]:
        if not todo:
            yield env, chosen
            return
        item = max(todo, key=lambda each: self._readiness(each[2], env, lists))
        place, part, pattern = item
        rest = [each for each in todo if each is not item]
        if isinstance(pattern, Atom):
            for s, p, o in self._rows_of(pattern, env, before):
                values = zip(pattern.terms, (s, p, o), strict=True)
                bound = env | {slot: value for slot, value in values if isinstance(slot, str)}
                yield from self._solve(rest, bound, lists, {**chosen, (place, part): ((s, p, o),)}, before)
        elif isinstance(pattern, ListOf):
            cells = self._cells(env[pattern.head], before)
            if cells is not None:
                rows = tuple(
                    row
                    for cell, member, after in cells
                    for row in ((cell, FIRST, member), (cell, REST, after))
                )
                members = tuple(member for _, member, _ in cells)
                yield from self._solve(
                    rest, env, {**lists, pattern.members: members}, {**chosen, (place, 0): rows}, before
                )
        elif isinstance(pattern, Member | Pair):
            for bound in self._choices(pattern, env, lists):
                yield from self._solve(rest, bound, lists, chosen, before)
        elif isinstance(pattern, Each | Path):
            more = [
                (place, number, atom)
                for number, atom in enumerate(_expanded(pattern, len(lists[pattern.members])), 1)
            ]
            bound = {
                **env,
                **{f"{pattern.members}#{number}": each for number, each in enumerate(lists[pattern.members])},
            }
            yield from self._solve([*rest, *more], bound, lists, chosen, before)
        elif isinstance(pattern, Test) and self._passes(pattern, env):
            yield from self._solve(rest, env, lists, chosen, before)

    def _readiness(self, pattern: object, env: Env, lists: dict[str, tuple[int, ...]]) -> float:
        if isinstance(pattern, Test):
            return 9 if all(each in env for each in pattern.args if isinstance(each, str)) else -1
        if isinstance(pattern, ListOf):
            return 8 if pattern.head in env else -1
        if isinstance(pattern, Member | Pair | Each | Path):
            return 7 if pattern.members in lists else -1
        assert isinstance(pattern, Atom)
        if isinstance(pattern.p, str) and pattern.p not in env:
            return 0
        s, o = (not isinstance(slot, str) or slot in env for slot in (pattern.s, pattern.o))
        return 2 * s + o + (1.5 if is_schema(pattern) else -0.4 if pattern.p == RDF.type and not s else 0)

    def _rows_of(self, atom: Atom, env: Env, before: int) -> Iterator[Row]:
        s, p, o = (
            env.get(slot) if isinstance(slot, str) else self._same_constant(slot) for slot in atom.terms
        )
        if p == SAME:
            if s is None and o is None:
                return
            one = s if s is not None else o
            assert one is not None
            if o is None or s is None or s == o:
                yield (one, SAME, one)
            return
        predicates = [p] if p is not None else self.rows.predicates(s, o)
        for each in predicates:
            for one, other in self.rows.match(s, each, o, before):
                if not (isinstance(atom.s, str) and atom.s == atom.o and one != other):
                    yield (one, each, other)

    def _cells(self, node: int, before: int) -> list[tuple[int, int, int]] | None:
        found: list[tuple[int, int, int]] = []
        while node != self._nil:
            first, rest = self._latest(node, FIRST, before), self._latest(node, REST, before)
            if first is None or rest is None or any(cell == node for cell, _, _ in found):
                return None
            found.append((node, first, rest))
            node = rest
        return found or None

    def _latest(self, cell: int, part: int, before: int) -> int | None:
        """Returns the value of a cell as it was known before a round.

        A member may have given way to an equal.
        """
        ranks = self.rows.facts.rank
        known = [(ranks[cell, part, each], each) for each in self.rows.facts.objects[part].get(cell, ())]
        return max(((rank, each) for rank, each in known if rank < before), default=(0, None))[1]

    @staticmethod
    def _choices(pattern: Member | Pair, env: Env, lists: dict[str, tuple[int, ...]]) -> Iterator[Env]:
        members = lists[pattern.members]
        wanted = (pattern.item,) if isinstance(pattern, Member) else (pattern.first, pattern.second)
        pairs = ((each,) for each in members) if len(wanted) == 1 else (
            (one, other) for place, one in enumerate(members) for other in members[place + 1 :]
        )  # fmt: skip
        for values in dict.fromkeys(pairs):
            if all(env.get(name, value) == value for name, value in zip(wanted, values, strict=True)):
                yield {**env, **dict(zip(wanted, values, strict=True))}

    def _passes(self, test: Test, env: Env) -> bool:
        terms = [self._term(env[arg]) if isinstance(arg, str) else arg for arg in test.args]
        if test.name[0].isalpha():
            return holds(test.name, *terms)
        return compare(test.name, terms[0], terms[1])

    # -- equality --------------------------------------------------------------------------------------------

    def _by_path(self, triple: Row, before: int) -> Iterator[Derivation]:
        """Derives `a owl:sameAs b` along the pairs that joined their classes."""
        one, _, other = triple
        if one == other:
            row = self.rows.some(one)
            if row is not None:
                env = dict(zip(("?s", "?p", "?o"), row, strict=True))
                yield Derivation(BY_ID["eq-ref"], triple, (self.goal(row),), env)
            return
        path = self._equality.path(one, other, before)
        if path is None:
            return
        if len(path) > 1:
            last = path[-1]
            middle = last.one if last.other == other else last.other
            premises = (self.goal((one, SAME, middle), before), self.goal((middle, SAME, other), before))
            yield Derivation(BY_ID["eq-trans"], triple, premises, {"?x": one, "?y": middle, "?z": other})
        elif path[0].by_value:
            yield Derivation(BY_ID["dt-eq"], triple, (), {"?lt1": one, "?lt2": other})
        else:
            yield Derivation(
                BY_ID["eq-sym"], triple, (self.goal((other, SAME, one), before),), {"?x": other, "?y": one}
            )

    def _by_equality(self, triple: Row, before: int) -> Iterator[Derivation]:
        """Derives a triple from one about equal terms."""
        if not self._equality or triple[1] == SAME:
            return
        classes = [sorted(self._equality.at(each, before)) for each in triple]
        if all(len(each) == 1 for each in classes):
            return
        count = 0
        for s, p, o in islice(product(*classes), 20_000):
            source = (s, p, o)
            if source == triple:
                continue
            rank = self.rows.rank(source)
            if (rank is not None and rank < before) or self.rows.stated(source):
                yield self._replace(triple, source, before)
                count += 1
                if count == PER_RULE:
                    return

    def _replace(self, triple: Row, source: Row, before: int) -> Derivation:
        """Replaces, by one step, the last term in which a triple differs from one that is known."""
        place = max(place for place in range(3) if triple[place] != source[place])
        nearer = (*triple[:place], source[place], *triple[place + 1 :])
        former: Row = (nearer[0], nearer[1], nearer[2])
        same = self.goal((source[place], SAME, triple[place]), before)
        name = "spo"[place]
        env = {**dict(zip(("?s", "?p", "?o"), former, strict=True)), f"?{name}2": triple[place]}
        return Derivation(BY_ID[f"eq-rep-{name}"], triple, (same, self.goal(former, before)), env)


def _expanded(pattern: Each | Path, count: int) -> list[Atom]:
    if isinstance(pattern, Path):
        steps = [pattern.start, *(f"?.{pattern.members}{number}" for number in range(1, count)), pattern.end]
        return [
            Atom(steps[number], f"{pattern.members}#{number}", steps[number + 1]) for number in range(count)
        ]

    def numbered(slot: PatternTerm, number: int) -> PatternTerm:
        return f"{slot}{number}" if isinstance(slot, str) and slot.endswith("#") else slot

    return [
        Atom(numbered(atom.s, number), numbered(atom.p, number), numbered(atom.o, number))
        for number in range(count)
        for atom in pattern.atoms
    ]

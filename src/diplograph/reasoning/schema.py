"""The schema: the facts that rules read as axioms, closed under the schema rules.

And the rule instances they imply.

A rule is split in two. Its schema part (`?p rdfs:domain ?c`, lists, `?p rdf:type owl:TransitiveProperty` …)
is matched here, in memory, once; what remains is an *instance*: a rule over data with all constants filled
in, which `compile.py` turns into SQL. Cost: proportional to the closed schema, some microseconds a derived
axiom; independent of the data.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from diplograph.reasoning.patterns import Atom, Each, ListOf, Member, Pair, Path, Pattern, Rule
from diplograph.reasoning.rules import TABLE
from diplograph.reasoning.terms import FIRST, NIL, REST, SAME, VOCABULARY, number
from diplograph.vocabulary import OWL, RDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Row: TypeAlias = "tuple[int, int, int]"
Slot: TypeAlias = "int | str"
"""A constant's number, or a variable's name."""
RowPattern: TypeAlias = "tuple[Slot, Slot, Slot]"

_DATA_PREDICATES = {RDF.type, OWL.sameAs, OWL.differentFrom}
_DATA_CLASSES = (OWL.Thing, OWL.Nothing)


@cache
def is_schema(atom: Atom) -> bool:
    """Says whether a pattern of the rule table speaks about the schema rather than about data."""
    if isinstance(atom.p, str):
        return False
    if atom.p == RDF.type:
        return not isinstance(atom.o, str) and atom.o not in _DATA_CLASSES
    return atom.p not in _DATA_PREDICATES


def _schema_keys() -> tuple[frozenset[int], frozenset[int]]:
    predicates, classes = {FIRST, REST}, set()
    for rule in TABLE:
        for pattern in rule.body:
            if isinstance(pattern, Atom) and is_schema(pattern):
                if pattern.p == RDF.type:
                    classes.add(number(pattern.o))
                else:
                    predicates.add(number(pattern.p))
    return frozenset(predicates), frozenset(classes)


PREDICATES, CLASSES = _schema_keys()
"""The predicates, and the classes of `rdf:type`, whose triples are schema."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A rule over data whose schema part is filled in; without a head, its body is a contradiction."""

    body: tuple[RowPattern, ...]
    head: RowPattern | None
    tests: tuple[tuple[str, Slot, Slot], ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the instance of a contradiction comes from.

    Its rule, what the schema bound, and its variables' names.
    """

    rule: Rule
    bound: dict[str, int]
    names: dict[str, Slot]


@dataclass(frozen=True, slots=True)
class ListProblem:
    """A list that is no list: which node, and what is wrong with it."""

    node: int
    problem: str


class Facts:
    """Schema triples with the round of each, indexed both ways."""

    def __init__(self) -> None:
        self.rank: dict[Row, int] = {}
        self.objects: dict[int, dict[int, list[int]]] = defaultdict(dict)
        self.subjects: dict[int, dict[int, list[int]]] = defaultdict(dict)
        self.pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.problems: dict[int, ListProblem] = {}
        self._lists: dict[int, tuple[int, ...] | None] = {}

    def add(self, row: Row, rank: int) -> bool:
        """Adds a triple; returns False when it is known already."""
        if row in self.rank:
            return False
        self.rank[row] = rank
        s, p, o = row
        self.objects[p].setdefault(s, []).append(o)
        self.subjects[p].setdefault(o, []).append(s)
        self.pairs[p].append((s, o))
        return True

    def members(self, node: int) -> tuple[int, ...] | None:
        """Returns the members of the list at a node.

        None, and a problem noted, where it is malformed or cyclic.
        """
        if node not in self._lists:
            try:
                self._lists[node] = tuple(member for _, member in self.cells(node))
            except ValueError as error:
                self._lists[node] = None
                self.problems[node] = ListProblem(node, str(error))
        return self._lists[node]

    def cells(self, node: int) -> list[tuple[int, int]]:
        """Returns (cell, member) for each cell of a list.

        Raises:
            ValueError: It is no list: a cell lacks a part, has two of one, or comes twice.
        """
        found: list[tuple[int, int]] = []
        seen = set()
        while node != NIL:
            if node in seen:
                raise ValueError("the list runs in a circle")
            seen.add(node)
            firsts, rests = self.objects[FIRST].get(node, []), self.objects[REST].get(node, [])
            if len(firsts) != 1 or len(rests) != 1:
                part, count = ("rdf:first", len(firsts)) if len(firsts) != 1 else ("rdf:rest", len(rests))
                raise ValueError(
                    f"a cell has no {part}" if count == 0 else f"a cell has {count} values of {part}"
                )
            found.append((node, firsts[0]))
            node = rests[0]
        if not found:
            raise ValueError("the list is empty")
        return found


class Schema(Facts):
    """The closed schema and the instances it implies.

    Args:
        resolve: Gives the representative of a term's number; constants of rules pass through it.
        rules: The domain rules, as instances with no schema part.
    """

    def __init__(self, resolve: Callable[[int], int], rules: Iterable[Instance] = ()) -> None:
        super().__init__()
        self._resolve = resolve
        self._triggers: dict[object, list[_Plan]] = defaultdict(list)
        self.instances: dict[Instance, None] = dict.fromkeys(rules)
        self.origins: dict[Instance, list[Origin]] = defaultdict(list)
        self._new: list[Row] = []
        for rule in TABLE:
            self._compile(rule)

    def close(self, rows: Iterable[tuple[int, int, int, int]], rank: int) -> list[tuple[int, int, int, int]]:
        """Adds schema rows (s, p, o, round) and derives what follows from schema alone.

        In rounds after `rank`.

        Returns:
            The derived rows with their rounds, those among them that are data included.
        """
        delta = [(s, p, o) for s, p, o, known in rows if self.add((s, p, o), known)]
        derived: list[tuple[int, int, int, int]] = []
        self._lists.clear()
        type_ = self._const(RDF.type)
        self._new = [(self._const(term), type_, self._const(OWL.Class)) for term in _DATA_CLASSES]
        while True:
            for row in delta:
                s, p, o = row
                for plan in self._triggers.get((p, o) if p == type_ else p, ()):
                    plan.run(s, o)
            rank += 1
            delta = [row for row in dict.fromkeys(self._new) if self.add(row, rank)]
            derived += [(*row, rank) for row in delta]
            self._new = []
            if not delta:
                return derived

    def _const(self, term: object) -> int:
        return self._resolve(VOCABULARY[str(term)])

    def _compile(self, rule: Rule) -> None:
        if rule.table in (8,) or (rule.table == 4 and rule.head) or not rule.body or rule.id == "prp-ap":
            return
        schema = [each for each in rule.body if isinstance(each, Atom) and is_schema(each)]
        lists = [each for each in rule.body if isinstance(each, ListOf | Member | Pair)]
        data = [each for each in rule.body if each not in schema and each not in lists]
        if not schema:
            _Plan(self, rule, None, [], data).finish({})
            return
        for atom in schema:
            plan = _Plan(self, rule, atom, [*(each for each in schema if each is not atom), *lists], data)
            key: object = self._const(atom.p)
            if atom.p == RDF.type:
                key = (key, self._const(atom.o))
            self._triggers[key].append(plan)

    def emit(self, rule: Rule, body: list[RowPattern], heads: list[RowPattern], env: dict[str, int]) -> None:
        """Takes one match of the schema part of a rule."""
        for head in heads or (None,):
            instance, names = unify(body, head)
            if instance is not None:
                self.instances.setdefault(instance)
                if head is None:
                    self.origins[instance].append(Origin(rule, dict(env), names))

    def conclude(self, rows: Iterable[Row]) -> None:
        """Takes what one match of a rule without a data part concludes."""
        known = self.rank
        self._new += [row for row in rows if row not in known]


def unify(body: list[RowPattern], head: RowPattern | None) -> tuple[Instance | None, dict[str, Slot]]:
    """Reads `owl:sameAs` in a body as identity, as it is among representatives.

    And names variables uniformly.

    Returns:
        The instance, None where two constants would have to be the same; and what became of each variable.
    """
    if len(body) == 1 and body[0][1] != SAME:
        return _unify_one(body[0], head)
    mapping: dict[Slot, Slot] = {}

    def final(slot: Slot) -> Slot:
        while slot in mapping:
            slot = mapping[slot]
        return slot

    kept = []
    for s, p, o in body:
        if p != SAME:
            kept.append((s, p, o))
            continue
        one, other = final(s), final(o)
        if one == other:
            continue
        if isinstance(one, int) and isinstance(other, int):
            return None, {}
        one, other = (other, one) if isinstance(one, int) else (one, other)
        mapping[one] = other
    names: dict[Slot, str] = {}

    def named(slot: Slot) -> Slot:
        slot = final(slot)
        return slot if isinstance(slot, int) else names.setdefault(slot, f"v{len(names)}")

    atoms = tuple(dict.fromkeys((named(s), named(p), named(o)) for s, p, o in kept))
    if head is not None and any(
        isinstance(slot, str) and final(slot) not in names and isinstance(final(slot), str) for slot in head
    ):
        return None, {}  # it would hold of every term there is, since each equals itself
    shown = None if head is None else (named(head[0]), named(head[1]), named(head[2]))
    variables = {slot for atom in body for slot in atom if isinstance(slot, str)}
    return Instance(atoms, shown), {each: named(each) for each in sorted(variables)}


def _unify_one(atom: RowPattern, head: RowPattern | None) -> tuple[Instance, dict[str, Slot]]:
    s, p, o = atom
    names: dict[Slot, str] = {}
    for slot in atom:
        if isinstance(slot, str) and slot not in names:
            names[slot] = f"v{len(names)}"
    get = names.get
    shown = None if head is None else (get(head[0], head[0]), get(head[1], head[1]), get(head[2], head[2]))
    return Instance(((get(s, s), get(p, p), get(o, o)),), shown), dict(names)  # type: ignore[arg-type]


class _Plan:
    """One way to match the schema part of a rule.

    First the atom that a new fact fits, then the rest by indexes.
    """

    def __init__(
        self, schema: Schema, rule: Rule, first: Atom | None, rest: list[Pattern], data: list[Pattern]
    ) -> None:
        self._schema = schema
        self._rule = rule
        self._first = first
        self._data = data
        self._heads = [self._coded(atom) for atom in rule.head]
        atoms = [
            atom
            for each in data
            for atom in ([each] if isinstance(each, Atom) else each.atoms if isinstance(each, Each) else [])
        ]
        self._codes = {atom: self._coded(atom) for atom in atoms}
        self._env: dict[str, int] = {}
        self._lists: dict[str, tuple[int, ...]] = {}
        bound = {each for each in first.terms if isinstance(each, str)} if first else set()
        self._step = self._chain(self._order(rest, bound), set(bound))

    def _order(self, rest: list[Pattern], bound: set[str]) -> list[Pattern]:
        ordered: list[Pattern] = []
        waiting, known = list(rest), set(bound)
        while waiting:
            best = max(waiting, key=lambda each: self._readiness(each, known))
            waiting.remove(best)
            ordered.append(best)
            known |= set(_names(best))
        return ordered

    @staticmethod
    def _readiness(pattern: Pattern, known: set[str]) -> int:
        if isinstance(pattern, Atom):
            return sum(not isinstance(term, str) or term in known for term in (pattern.s, pattern.o))
        needed = pattern.head if isinstance(pattern, ListOf) else pattern.members  # type: ignore[union-attr]
        return 1 if needed in known else -1

    def run(self, s: int, o: int) -> None:
        """Matches the first atom with a fact, then the rest; each full match is emitted."""
        first = self._first
        assert first is not None
        env = self._env
        env.clear()
        if isinstance(first.s, str):
            env[first.s] = s
        elif self._schema._const(first.s) != s:
            return
        if isinstance(first.o, str):
            env[first.o] = o
        elif self._schema._const(first.o) != o:
            return
        self._step(env)

    def _chain(self, patterns: list[Pattern], bound: set[str]) -> Callable[[dict[str, int]], None]:
        if not patterns:
            return self.finish
        pattern, after = patterns[0], patterns[1:]
        following = self._chain(after, bound | set(_names(pattern)))
        if isinstance(pattern, Atom):
            return self._atom(pattern, bound, following)
        if isinstance(pattern, ListOf):
            return self._list(pattern, following)
        return self._choice(pattern, following)

    def _atom(
        self, atom: Atom, bound: set[str], following: Callable[[dict[str, int]], None]
    ) -> Callable[[dict[str, int]], None]:
        schema = self._schema
        p = schema._const(atom.p)
        s, o = atom.s, atom.o
        s_value = None if isinstance(s, str) else schema._const(s)
        o_value = None if isinstance(o, str) else schema._const(o)
        s_known, o_known = s_value is not None or s in bound, o_value is not None or o in bound
        rank, objects, subjects, pairs = schema.rank, schema.objects[p], schema.subjects[p], schema.pairs[p]

        def check(env: dict[str, int]) -> None:
            one = env[s] if s_value is None else s_value  # type: ignore[index]
            other = env[o] if o_value is None else o_value  # type: ignore[index]
            if (one, p, other) in rank:
                following(env)

        def forward(env: dict[str, int]) -> None:
            for other in objects.get(env[s] if s_value is None else s_value, ()):  # type: ignore[index]
                env[o] = other  # type: ignore[index]
                following(env)

        def backward(env: dict[str, int]) -> None:
            for one in subjects.get(env[o] if o_value is None else o_value, ()):  # type: ignore[index]
                env[s] = one  # type: ignore[index]
                following(env)

        def scan(env: dict[str, int]) -> None:
            for one, other in pairs:
                env[s], env[o] = one, other  # type: ignore[index]
                following(env)

        if s_known and o_known:
            return check
        return forward if s_known else backward if o_known else scan

    def _list(
        self, pattern: ListOf, following: Callable[[dict[str, int]], None]
    ) -> Callable[[dict[str, int]], None]:
        def read(env: dict[str, int]) -> None:
            members = self._schema.members(env[pattern.head])
            if members is not None:
                self._lists[pattern.members] = members
                following(env)

        return read

    def _choice(
        self, pattern: Pattern, following: Callable[[dict[str, int]], None]
    ) -> Callable[[dict[str, int]], None]:
        def member(env: dict[str, int]) -> None:
            assert isinstance(pattern, Member)
            for item in self._lists[pattern.members]:
                env[pattern.item] = item
                following(env)

        def pair(env: dict[str, int]) -> None:
            assert isinstance(pattern, Pair)
            members = self._lists[pattern.members]
            for place, one in enumerate(members):
                for other in members[place + 1 :]:
                    env[pattern.first], env[pattern.second] = one, other
                    following(env)

        return member if isinstance(pattern, Member) else pair

    def finish(self, env: dict[str, int]) -> None:
        """Fills in what the schema part bound, and hands the rest over."""
        if not self._data:
            rows = [(env.get(s, s), p, env.get(o, o)) for s, p, o in self._heads]  # type: ignore[arg-type]
            self._schema.conclude(rows)  # type: ignore[arg-type]  # no variable is left
            return
        body = [atom for pattern in self._data for atom in self._data_atoms(pattern, env)]
        self._schema.emit(self._rule, body, [self._fill(head, env) for head in self._heads], env)

    @staticmethod
    def _fill(terms: RowPattern, env: dict[str, int], suffix: str = "") -> RowPattern:
        s, p, o = (
            env.get(term, term + suffix if term.endswith("#") else term) if isinstance(term, str) else term
            for term in terms
        )
        return (s, p, o)

    def _coded(self, atom: Atom) -> RowPattern:
        s, p, o = (term if isinstance(term, str) else self._schema._const(term) for term in atom.terms)
        return (s, p, o)

    def _data_atoms(self, pattern: Pattern, env: dict[str, int]) -> Iterator[RowPattern]:
        if isinstance(pattern, Atom):
            yield self._fill(self._codes[pattern], env)
        elif isinstance(pattern, Each):
            for place, member in enumerate(self._lists[pattern.members]):
                for atom in pattern.atoms:
                    yield self._fill(self._codes[atom], {**env, f"{pattern.members}#": member}, str(place))
        elif isinstance(pattern, Path):
            members = self._lists[pattern.members]
            steps = [pattern.start, *(f"?u{place}" for place in range(1, len(members))), pattern.end]
            for place, member in enumerate(members):
                yield (steps[place], member, steps[place + 1])


def _names(pattern: Pattern) -> list[str]:
    if isinstance(pattern, Atom):
        return [term for term in pattern.terms if isinstance(term, str)]
    if isinstance(pattern, ListOf):
        return [pattern.head, pattern.members]
    if isinstance(pattern, Member):
        return [pattern.members, pattern.item]
    return [pattern.members, pattern.first, pattern.second] if isinstance(pattern, Pair) else []

"""From rule instances to SQL over a table of number triples.

Three forms, each set at a time:

- *maps*: a body of one atom. All of them, composed with one another to any depth, are one small table `map`,
  so that one join with it closes a set of triples under subclasses, subproperties, inverses, domains, ranges
  and fixed values.
- *merges*: a symmetric rule that ends in `owl:sameAs` (functional properties, keys, cardinalities): all
  solutions of one half of the body that agree in the shared variables are equal. A grouping, never a join of
  a set with itself.
- *joins*: everything else. Bodies of more than two atoms are split by auxiliary predicates, so that
  transitive properties, chains and intersections of any length are joins of two atoms; instances that differ
  in constants only share one statement.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from diplograph.reasoning.schema import Instance, Row, RowPattern, Slot
from diplograph.reasoning.terms import AUXILIARY, SAME, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Key: TypeAlias = "tuple[int, int | None]"
"""What a triple can be recognised by.

Its predicate, or predicate and object where the object is a constant.
"""
Test: TypeAlias = "tuple[str, Slot, Slot]"

SUBJECT = 0
"""In the table `map`: take the subject of the triple."""
OBJECT = -(1 << 31)
"""In the table `map`: take the object of the triple."""

LITERAL_SUBJECTS = (TYPE, SAME)
"""The predicates of inner rows whose subject may be a literal: what a value is, and what it equals."""

ORDER = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Merge:
    """All `subject` of solutions of `body` that agree in the variables `shared` are the same."""

    body: tuple[RowPattern, ...]
    subject: str
    shared: tuple[str, ...]


@dataclass(slots=True)
class Form:
    """Instances alike but for their constants.

    A template with parameters, and the constants of each instance.
    """

    body: tuple[tuple[Slot | None, Slot | None, Slot | None], ...]
    head: tuple[Slot | None, Slot | None, Slot | None] | None
    tests: tuple[Test, ...]
    merge: tuple[str, tuple[str, ...]] | None = None
    rows: dict[tuple[int, ...], None] = field(default_factory=dict)

    def width(self) -> int:
        """The number of parameters."""
        return sum(
            slot is None for pattern in (*self.body, *([self.head] if self.head else [])) for slot in pattern
        )


class Program:
    """What `materialise.py` runs: the maps, and the forms of joins, merges and checks."""

    def __init__(self) -> None:
        self.maps: dict[Key, list[RowPattern]] = defaultdict(list)
        self.objects: dict[int, list[int]] = defaultdict(list)
        self.forms: dict[object, Form] = {}
        self.checks: dict[object, Form] = {}
        self.parts: list[Instance] = []
        self.merges: list[Merge] = []
        self.open = False
        self._auxiliary: dict[object, int] = {}
        self._seen: set[Instance] = set()
        self._seen_parts: set[Instance] = set()
        self._closures: dict[Key, list[tuple[int, int, int, int, bool]]] = {}

    def add(self, instances: Iterable[Instance]) -> tuple[bool, list[tuple[Form, tuple[int, ...]]]]:
        """Takes the instances not taken before.

        Returns:
            Whether there are new maps, and the new rows of forms, which are to be run once over everything.
        """
        mapped, fresh = False, list[tuple[Form, tuple[int, ...]]]()
        for instance in instances:
            if instance in self._seen:
                continue
            self._seen.add(instance)
            if instance.head is None:
                self._form(self.checks, instance.body, None, instance.tests)
            elif self._is_map(instance):
                mapped = True
                self._add_map(instance.body[0], instance.head)
            else:
                fresh += self._add_join(instance)
        if mapped:
            self._closures.clear()
        return mapped, fresh

    # -- maps ------------------------------------------------------------------------------------------------

    @staticmethod
    def _is_map(instance: Instance) -> bool:
        if len(instance.body) != 1 or instance.tests:
            return False
        s, p, o = instance.body[0]
        return isinstance(s, str) and isinstance(p, int) and s != o and p < AUXILIARY

    def _add_map(self, atom: RowPattern, head: RowPattern) -> None:
        s, p, o = atom
        assert isinstance(p, int)
        places: dict[Slot, int] = {s: SUBJECT}
        if isinstance(o, str):
            places[o] = OBJECT
        elif p != TYPE:
            self.objects[p].append(o)
        key = (p, o if isinstance(o, int) else None)
        self.maps[key].append(tuple(places.get(slot, slot) for slot in head))  # type: ignore[arg-type]

    def closure(self, key: Key) -> list[tuple[int, int, int, int, bool]]:
        """Returns all that follows from one triple by maps.

        (subject, predicate, object, depth, object is no literal).

        `SUBJECT` and `OBJECT` stand for those of the triple. Cost: proportional to the result; kept until
        maps change.
        """
        found = self._closures.get(key)
        if found is None:
            found = self._closures[key] = list(self._compose(key))
        return found

    def _compose(self, key: Key) -> Iterator[tuple[int, int, int, int, bool]]:
        p, o = key
        start = (SUBJECT, p, OBJECT if o is None else o)
        best = {(start, False): 0}
        frontier = [(start, False)]
        depth = 0
        while frontier:
            depth += 1
            following = []
            for (s, q, v), node in frontier:
                for head in (
                    *self.maps.get((q, None), ()),
                    *(self.maps.get((q, v), ()) if v != OBJECT else ()),
                ):
                    triple = (_placed(head[0], s, v), _placed(head[1], s, v), _placed(head[2], s, v))
                    if triple[1] not in LITERAL_SUBJECTS and triple[0] < 0 and triple[0] != OBJECT:
                        continue
                    needs = node or (triple[1] not in LITERAL_SUBJECTS and triple[0] == OBJECT)
                    state = (triple, needs)
                    if triple == start or state in best or (triple, False) in best:
                        continue
                    best[state] = depth
                    following.append(state)
            frontier = following
            yield from ((*triple, depth, needs) for triple, needs in frontier)

    def keys(self, p: int) -> Iterator[Key]:
        """Returns the keys under which the triples of a predicate are looked up in `map`.

        Constant objects included.
        """
        if p == TYPE:
            if (TYPE, None) in self.maps:
                yield (TYPE, None)
            return
        yield (p, None)
        classes = [constant for t, constant in self.maps if t == TYPE and constant is not None]
        for _, q, o in [(SUBJECT, p, OBJECT), *((s, q, o) for s, q, o, _, _ in self.closure((p, None)))]:
            constants = classes if q == TYPE else self.objects.get(q, [])
            if o == OBJECT:
                yield from ((p, constant) for constant in constants)
            elif o == SUBJECT and constants:
                self.open = True

    # -- joins -----------------------------------------------------------------------------------------------

    def _add_join(self, instance: Instance) -> list[tuple[Form, tuple[int, ...]]]:
        merge = as_merge(instance)
        if merge is not None:
            self.merges.append(merge)
            return [self._form(self.forms, merge.body, None, (), (merge.subject, merge.shared))]
        parts, last = self._split(instance)
        self.parts += [part for part in (*parts, last) if part not in self._seen_parts]
        self._seen_parts.update((*parts, last))
        return [self._form(self.forms, part.body, part.head, part.tests) for part in (*parts, last)]

    def _split(self, instance: Instance) -> tuple[list[Instance], Instance]:
        body, tests, head = list(instance.body), list(instance.tests), instance.head
        assert head is not None
        parts = []
        while len(body) > 2:
            choice = self._pair(body, head, tests)
            if choice is None:
                break
            one, other, live = choice
            pair = (body[one], body[other])
            inside = names(pair)
            local = tuple(
                test for test in tests if {slot for slot in test[1:] if isinstance(slot, str)} <= inside
            )
            tests = [test for test in tests if test not in local]
            part, atom = self._auxiliary_for(pair, live, local)
            parts.append(part)
            body = [atom, *(each for place, each in enumerate(body) if place not in (one, other))]
        return parts, Instance(tuple(body), head, tuple(tests))

    @staticmethod
    def _pair(
        body: list[RowPattern], head: RowPattern, tests: list[Test]
    ) -> tuple[int, int, tuple[str, ...]] | None:
        best: tuple[int, int, tuple[str, ...]] | None = None
        for one in range(len(body)):
            for other in range(one + 1, len(body)):
                inside = names((body[one], body[other]))
                if not names([body[one]]) & names([body[other]]):
                    continue
                outside = names(
                    [*(each for place, each in enumerate(body) if place not in (one, other)), head]
                )
                for test in tests:
                    used = {slot for slot in test[1:] if isinstance(slot, str)}
                    outside |= set() if used <= inside else used
                live = tuple(sorted(inside & outside))
                if 1 <= len(live) <= 2 and (best is None or len(live) < len(best[2])):
                    best = (one, other, live)
        return best

    def _auxiliary_for(
        self, pair: tuple[RowPattern, RowPattern], live: tuple[str, ...], tests: tuple[Test, ...]
    ) -> tuple[Instance, RowPattern]:
        renamed: dict[Slot, str] = {}
        for slot in (*(slot for atom in pair for slot in atom), *live):
            if isinstance(slot, str):
                renamed.setdefault(slot, f"v{len(renamed)}")

        def name(slot: Slot) -> Slot:
            return renamed.get(slot, slot)

        body = tuple((name(s), name(p), name(o)) for s, p, o in pair)
        local = tuple((test, name(one), name(other)) for test, one, other in tests)
        shown = tuple(name(each) for each in live)
        aux = self._auxiliary.setdefault((body, local, shown), AUXILIARY + len(self._auxiliary))
        if len(live) == 1:
            return Instance(body, (shown[0], TYPE, aux), local), (live[0], TYPE, aux)
        return Instance(body, (shown[0], aux, shown[1]), local), (live[0], aux, live[1])

    @staticmethod
    def _form(
        forms: dict[object, Form],
        body: tuple[RowPattern, ...],
        head: RowPattern | None,
        tests: tuple[Test, ...],
        merge: tuple[str, tuple[str, ...]] | None = None,
    ) -> tuple[Form, tuple[int, ...]]:
        constants: list[int] = []

        def template(pattern: RowPattern) -> tuple[Slot | None, Slot | None, Slot | None]:
            kept: list[Slot | None] = []
            for place, slot in enumerate(pattern):
                if isinstance(slot, int) and not (place == 1 and slot in (TYPE, SAME)):
                    constants.append(slot)
                    kept.append(None)
                else:
                    kept.append(slot)
            return (kept[0], kept[1], kept[2])

        shape = tuple(template(atom) for atom in body)
        shown = None if head is None else template(head)
        form = forms.setdefault((shape, shown, tests, merge), Form(shape, shown, tests, merge))
        form.rows.setdefault(tuple(constants))
        return form, tuple(constants)


def _placed(slot: Slot, s: int, o: int) -> int:
    """Returns what a slot of a map is for a triple of that subject and object."""
    assert isinstance(slot, int)
    return s if slot == SUBJECT else o if slot == OBJECT else slot


def names(patterns: Iterable[RowPattern]) -> set[str]:
    """Returns the variables of some patterns."""
    return {slot for pattern in patterns for slot in pattern if isinstance(slot, str)}


def as_merge(instance: Instance) -> Merge | None:
    """Reads `half(x, shared) and half(y, shared) -> x owl:sameAs y` as a merge.

    Where an instance has that form.
    """
    head = instance.head
    if head is None or head[1] != SAME or instance.tests:
        return None
    one, _, other = head
    if not isinstance(one, str) or not isinstance(other, str) or one == other:
        return None
    swap: dict[Slot, Slot] = {one: other, other: one}
    if {tuple(swap.get(slot, slot) for slot in atom) for atom in instance.body} != set(instance.body):
        return None
    half = tuple(atom for atom in instance.body if other not in atom)
    if any(one in atom and other in atom for atom in instance.body) or one not in names(half):
        return None
    return Merge(half, one, tuple(sorted(names(half) - {one})))


def joined(form: Form, *, delta: int | None = None, since: str = "") -> tuple[str, dict[str, str], list[str]]:
    """Returns the FROM and WHERE of a form's body, the column of each variable.

    And that of each head parameter.

    Args:
        form: The form; its parameters are the columns c0, c1 … of a relation `f`.
        delta: The place of the atom that must be new, or None.
        since: The condition on `rank` that makes an atom new.
    """
    columns: dict[str, str] = {}
    conditions: list[str] = []
    parameter = 0
    sources = ["f"]
    for place, atom in enumerate(form.body):
        sources.append(f"triple t{place}")
        for column, slot in zip("spo", atom, strict=True):
            here = f"t{place}.{column}"
            if slot is None:
                conditions.append(f"{here} = f.c{parameter}")
                parameter += 1
            elif isinstance(slot, int):
                conditions.append(f"{here} = {slot}")
            elif slot in columns:
                conditions.append(f"{here} = {columns[slot]}")
            else:
                columns[slot] = here
                if column == "p":
                    conditions.append(f"{here} < {AUXILIARY}")
        if delta == place:
            conditions.append(f"t{place}.{since}")
    for number, (name, one, other) in enumerate(form.tests):
        left, right = (columns[each] if isinstance(each, str) else str(each) for each in (one, other))
        if name in ORDER:
            sources += [f"valued l{number}", f"valued r{number}"]
            conditions += [f"l{number}.id = {left}", f"r{number}.id = {right}"]
            conditions += [f"l{number}.space = r{number}.space", f"l{number}.place {name} r{number}.place"]
        else:
            conditions.append(f"{left} {'<>' if name == '!=' else '='} {right}")
    head = form.head or ()
    shown = []
    for slot in head:
        if slot is None:
            shown.append(f"f.c{parameter}")
            parameter += 1
        else:
            shown.append(columns[slot] if isinstance(slot, str) else str(slot))
    where = " AND ".join(conditions) or "true"
    return f"FROM {', '.join(sources)} WHERE {where}", columns, shown


def keys_of(form: Form, row: tuple[int, ...]) -> list[Key]:
    """Returns, for each atom of a form's body, the key of the triples that fit it; predicate -1 fits any."""
    found: list[Key] = []
    parameter = iter(row)
    for atom in form.body:
        s, p, o = (next(parameter) if slot is None else slot for slot in atom)
        del s
        found.append((p if isinstance(p, int) else -1, o if isinstance(o, int) and p == TYPE else None))
    return found


__all__ = [
    "OBJECT",
    "SUBJECT",
    "Form",
    "Key",
    "Merge",
    "Program",
    "Row",
    "as_merge",
    "joined",
    "keys_of",
    "names",
]

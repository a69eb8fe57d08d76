"""Equality through representatives.

A union-find over `owl:sameAs`, with the forest of the pairs that joined classes.

A class of k equal individuals costs k entries, not k²: triples are kept about the representative alone and
expanded on output. The forest remembers in which round each pair was found, so that a proof of `a owl:sameAs
b` is the path from one to the other, and a proof made for round n uses no equality found later.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair that joined two classes.

    Found equal in a round, by `owl:sameAs` or as two spellings of one value.
    """

    one: int
    other: int
    rank: int
    by_value: bool


class Equality:
    """The classes of equal terms."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._edges: dict[int, list[Edge]] = defaultdict(list)
        self.edges: list[Edge] = []

    def __bool__(self) -> bool:
        return bool(self._members)

    def find(self, term: int) -> int:
        """Returns the representative of a term; the term itself where it equals nothing else."""
        return self._parent.get(term, term)

    def members(self, term: int) -> list[int]:
        """Returns all terms equal to a term, itself included."""
        return self._members.get(self.find(term), [term])

    def classes(self) -> Iterable[tuple[int, list[int]]]:
        """Returns each class of more than one term with its representative."""
        return self._members.items()

    def join(
        self,
        pairs: Iterable[tuple[int, int]],
        rank: int,
        prefer: Callable[[int], object],
        *,
        by_value: bool = False,
    ) -> dict[int, int]:
        """Makes pairs equal.

        Args:
            pairs: Pairs of terms.
            rank: The round in which they were found.
            prefer: A key; the least of a class becomes its representative.
            by_value: Whether they are literals of one value rather than subjects of `owl:sameAs`.

        Returns:
            The terms whose representative changed, with the new one.
        """
        touched: dict[int, int] = {}
        for one, other in pairs:
            left, right = self.find(one), self.find(other)
            if left == right:
                continue
            edge = Edge(one, other, rank, by_value)
            self.edges.append(edge)
            self._edges[one].append(edge)
            self._edges[other].append(edge)
            if prefer(right) < prefer(left):  # type: ignore[operator]  # keys of one function compare
                left, right = right, left
            mine = self._members.setdefault(left, [left])
            for member in self._members.pop(right, [right]):
                self._parent[member] = left
                mine.append(member)
                touched[member] = left
        return {term: self.find(term) for term in touched}

    def path(self, start: int, end: int, before: int) -> list[Edge] | None:
        """Returns the pairs that lead from one term to another, all found before a round.

        None where there are none.
        """
        came: dict[int, Edge | None] = {start: None}
        queue = deque([start])
        while queue and end not in came:
            here = queue.popleft()
            for edge in self._edges.get(here, ()):
                there = edge.other if edge.one == here else edge.one
                if edge.rank < before and there not in came:
                    came[there] = edge
                    queue.append(there)
        if end not in came:
            return None
        found: list[Edge] = []
        while end != start:
            last = came[end]
            assert last is not None
            found.append(last)
            end = last.one if last.other == end else last.other
        return found[::-1]

    def at(self, term: int, before: int) -> set[int]:
        """Returns the terms that were known to be equal to a term before a round."""
        seen, queue = {term}, deque([term])
        while queue:
            for edge in self._edges.get(queue.popleft(), ()):
                if edge.rank < before:
                    for there in (edge.one, edge.other):
                        if there not in seen:
                            seen.add(there)
                            queue.append(there)
        return seen

    @classmethod
    def restore(cls, edges: Iterable[Edge], representatives: Iterable[tuple[int, int]]) -> Equality:
        """Rebuilds the classes from the pairs and the representatives that a database holds."""
        self = cls()
        for edge in edges:
            self.edges.append(edge)
            self._edges[edge.one].append(edge)
            self._edges[edge.other].append(edge)
        for member, representative in representatives:
            self._parent[member] = representative
            self._members.setdefault(representative, [representative])
            if member != representative:
                self._members[representative].append(member)
        return self

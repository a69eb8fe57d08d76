"""What an engine knows of literals: equal values, order, datatypes, and which are ill-typed."""

# ruff: noqa: S608  (statements are made of our own names and numbers; values are parameters)

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from diplograph.reasoning import tables
from diplograph.reasoning.datatypes import (
    ANNOTATION_PROPERTIES,
    DATATYPES,
    different_value,
    in_value_space,
    is_ill_typed,
    order,
    value,
)
from diplograph.reasoning.terms import TYPE, VOCABULARY, decode
from diplograph.vocabulary import OWL, RDFS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import duckdb

    from diplograph.reasoning.schema import Row

    Find = Callable[[int], int]

_RESERVED = -min(VOCABULARY.values())
"""Literals down to minus this belong to the vocabulary."""


class Literals:
    """The literals of a closure, as far as their values matter.

    Args:
        con: The tables.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._values: dict[object, int] = {}
        self._read_to = 0
        self._typed: set[int] = set()
        self._axioms: set[Row] = set()
        self._datatypes: dict[int, NamedNode] = {}
        self.places: dict[int, tuple[str, int]] = {}
        self.ill_typed: list[int] = []

    def _read(self, condition: str, *parameters: object) -> list[tuple[int, Literal]]:
        rows = self._con.execute(
            f"SELECT id, text FROM term WHERE id < 0 AND {condition} ORDER BY id DESC", list(parameters)
        ).fetchall()
        found = zip(rows, decode(text for _, text in rows), strict=True)
        return [(term, literal) for (term, _), literal in found if isinstance(literal, Literal)]

    def same_values(self, source: str = "stated") -> list[tuple[int, int]]:
        """Returns the pairs of one value with a literal not seen before; notes ill-typed ones.

        Args:
            source: The table in which literals of the vocabulary must occur to count.
        """
        fresh = self._read(
            "text LIKE '%\"^^<%'"
            f" AND CASE WHEN id < -{_RESERVED} THEN id < ? ELSE id IN (SELECT o FROM {source}) END",
            self._read_to,
        )
        self._notice_new()
        pairs: list[tuple[int, int]] = []
        plain: dict[str, int] = {}
        for term, literal in fresh:
            found = value(literal)
            if found is None:
                if is_ill_typed(literal):
                    self.ill_typed.append(term)
                continue
            known = self._values.setdefault(found, term)
            if known != term:
                pairs.append((known, term))
            elif found[0] == "string":
                plain[str(Literal(str(found[1])))] = term
        return pairs + self._plain_strings(plain)

    def _notice_new(self) -> None:
        lowest = self._con.execute("SELECT least(min(id), 0) FROM term").fetchone()
        assert lowest is not None
        if lowest[0] < self._read_to:
            self._typed.clear()
        self._read_to = lowest[0]

    def _plain_strings(self, texts: dict[str, int]) -> list[tuple[int, int]]:
        if not texts:
            return []
        rows = self._con.execute(
            "SELECT id, text FROM term WHERE text IN (SELECT unnest(?::VARCHAR[]))", [list(texts)]
        ).fetchall()
        return [(term, texts[text]) for term, text in rows if term != texts[text]]

    def clashes(self, terms: Iterable[int]) -> list[tuple[int, int]]:
        """Returns the pairs of different values among equal terms, each with the first of them."""
        listed = [each for each in terms if each < 0]
        if len(listed) < 2:
            return []
        known = self._read(f"id IN ({', '.join(map(str, listed))})")
        first = next(((term, literal) for term, literal in known if value(literal) is not None), None)
        if first is None:
            return []
        return [(first[0], term) for term, literal in known if different_value(first[1], literal)]

    def order(self) -> None:
        """Gives literals their order within their value spaces, for domain rules that compare."""
        spaces: dict[str, dict[object, list[int]]] = {}
        for term, literal in self._read("text LIKE '%\"^^<%'"):
            found = order(literal)
            if found is not None:
                spaces.setdefault(found[0], {}).setdefault(found[1], []).append(term)
        self.places = {
            term: (space, place)
            for space, keys in spaces.items()
            for place, key in enumerate(sorted(keys))  # type: ignore[type-var]  # keys of one space compare
            for term in keys[key]
        }
        self._con.execute("DELETE FROM valued")
        tables.insert(self._con, "valued", [(term, *place) for term, place in self.places.items()])

    def axioms(self, find: Find) -> list[Row]:
        """Returns what holds of built-in terms that occur, once (prp-ap and dt-type1)."""
        names = [f"<{iri}>" for iri in (*ANNOTATION_PROPERTIES, *DATATYPES)]
        rows = self._con.execute(
            "WITH known AS (SELECT id, text FROM term WHERE text IN (SELECT unnest(?::VARCHAR[])))"
            " SELECT id, text FROM known SEMI JOIN stated ON s = id UNION"
            " SELECT id, text FROM known SEMI JOIN stated ON p = id UNION"
            " SELECT id, text FROM known SEMI JOIN stated ON o = id",
            [names],
        ).fetchall()
        self._datatypes = {term: NamedNode(text[1:-1]) for term, text in rows if text[1:-1] in DATATYPES}
        kinds = [find(VOCABULARY[str(each)]) for each in (OWL.AnnotationProperty, RDFS.Datatype)]
        facts = [(find(term), find(TYPE), kinds[term in self._datatypes]) for term, _ in sorted(rows)]
        fresh = [fact for fact in facts if fact not in self._axioms]
        self._axioms.update(fresh)
        return fresh

    def forget_types(self) -> None:
        """Has the datatypes of literals returned again."""
        self._typed.clear()

    def know_types(self) -> None:
        """Takes it that the datatypes of literals are known already."""
        self._typed.update(self._datatypes)

    def untyped(self) -> bool:
        """Says whether there is a datatype for which `types` was not asked yet."""
        return not self._typed.issuperset(self._datatypes)

    def types(self, asked: set[int | None], find: Find) -> list[Row]:
        """Returns the datatypes of literals, those that the body of some rule asks for (dt-type2)."""
        wanted = [term for term in self._datatypes if find(term) in asked and term not in self._typed]
        if not wanted:
            return []
        self._typed.update(wanted)
        return list(
            dict.fromkeys(
                (find(term), TYPE, find(each))
                for term, literal in self._read("true")
                for each in wanted
                if in_value_space(literal, self._datatypes[each])
            )
        )

    def misplaced(self, find: Find) -> list[tuple[int, int]]:
        """Returns each literal with a datatype that it is said to be of and is not (dt-not-type)."""
        known = {find(term): datatype for term, datatype in self._datatypes.items()}
        if not known:
            return []
        rows = self._con.execute(
            "SELECT t.s, t.o, x.text FROM triple t JOIN term x ON x.id = t.s"
            f" WHERE t.s < 0 AND t.p = {TYPE} AND t.o IN ({', '.join(map(str, known))}) ORDER BY ALL"
        ).fetchall()
        literals = decode(text for _, _, text in rows)
        return [
            (s, o)
            for (s, o, _), literal in zip(rows, literals, strict=True)
            if isinstance(literal, Literal) and in_value_space(literal, known[o]) is False
        ]

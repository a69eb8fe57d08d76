"""What an ontology says that OWL 2 RL does not use.

Named, so that nobody waits for an inference that cannot come.
"""

# ruff: noqa: S608  (statements are made of our own names and numbers; values are parameters)

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diplograph.reasoning.terms import decode
from diplograph.vocabulary import OWL, RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from diplograph.reasoning.schema import ListProblem
    from diplograph.reasoning.terms import Term

_NEVER: dict[str, str] = {
    "disjointUnionOf": "a disjoint union is not in OWL 2 RL: state owl:unionOf and owl:disjointWith",
    "hasSelf": "a self restriction is not in OWL 2 RL",
    "minCardinality": "a minimum cardinality has no rule: no new individuals are made up",
    "minQualifiedCardinality": "a minimum cardinality has no rule: no new individuals are made up",
    "cardinality": "an exact cardinality has no rule: state owl:maxCardinality instead",
    "qualifiedCardinality": "an exact cardinality has no rule: state owl:maxQualifiedCardinality instead",
    "onDataRange": "a qualified cardinality over a data range has no rule",
    "onDatatype": "a datatype with facets is not in OWL 2 RL",
    "datatypeComplementOf": "the complement of a datatype is not in OWL 2 RL",
}
_ABOVE: dict[str, str] = {
    "someValuesFrom": "an existential as superclass has no rule: no new individuals are made up",
    "unionOf": "a union as superclass has no rule: nothing tells which part it is",
    "oneOf": "an enumeration as superclass has no rule: nothing tells which member it is",
}
_BELOW: dict[str, str] = {
    "allValuesFrom": "a universal as subclass has no rule: there may be other values",
    "complementOf": "a complement as subclass has no rule: what is not known is not false",
    "maxCardinality": "a maximum cardinality as subclass has no rule: there may be other values",
    "maxQualifiedCardinality": "a maximum cardinality as subclass has no rule: there may be other values",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is ignored: of which term, in which graphs, and why."""

    term: Term
    graphs: tuple[Term | None, ...]
    problem: str


def notices(con: duckdb.DuckDBPyConnection, lists: dict[int, ListProblem]) -> Iterator[Notice]:
    """Returns what a closure ignores.

    Malformed lists, and axioms outside OWL 2 RL (Profiles, section 4.2).
    """
    for node, found in sorted(lists.items()):
        row = con.execute(
            "SELECT x.text, list(DISTINCT coalesce(g.text, '')) FROM stated t JOIN term x ON x.id = t.s"
            " LEFT JOIN term g ON g.id = t.g WHERE t.o = ? GROUP BY x.text ORDER BY x.text LIMIT 1",
            [node],
        ).fetchone()
        if row is not None:
            yield _notice(row[0], row[1], f"its axiom is ignored: {found.problem}")
    for name, problem in _NEVER.items():
        yield from _stating(con, f"p.text = '{OWL[name]}'", problem)
    yield from _stating(
        con,
        f"p.text = '{RDF.type}' AND o.text = '{OWL.ReflexiveProperty}'",
        "reflexive properties are not in OWL 2 RL",
    )
    about = ", ".join(f"'{each}'" for each in (RDFS.domain, RDFS.range, RDFS.subPropertyOf))
    yield from _stating(
        con,
        f"s.text = '{OWL.sameAs}' AND p.text IN ({about}) AND o.text <> '{OWL.sameAs}'",
        "an axiom about owl:sameAs would hold of every term there is, since each equals itself",
    )
    for part, table in (("o", _ABOVE), ("s", _BELOW)):
        for name, problem in table.items():
            used = f"SELECT y.s FROM stated y JOIN term q ON q.id = y.p WHERE q.text = '{OWL[name]}'"
            used = f"p.text = '{RDFS.subClassOf}' AND t.{part} IN ({used})"
            yield from _stating(con, used, problem)
    for name in ("maxCardinality", "maxQualifiedCardinality"):
        yield from _stating(
            con,
            f"p.text = '{OWL[name]}' AND NOT regexp_matches(o.text, '^\"\\+?0*[01]\"')",
            "only a maximum of 0 or 1 has a rule",
        )


def _stating(con: duckdb.DuckDBPyConnection, condition: str, problem: str) -> Iterator[Notice]:
    rows = con.execute(f"""
        SELECT s.text, list(DISTINCT coalesce(g.text, '')) FROM stated t
        JOIN term s ON s.id = t.s JOIN term p ON p.id = t.p JOIN term o ON o.id = t.o
        LEFT JOIN term g ON g.id = t.g
        WHERE {condition} GROUP BY s.text ORDER BY s.text""").fetchall()
    for text, graphs in rows:
        yield _notice(text, graphs, problem)


def _notice(text: str, graphs: list[str], problem: str) -> Notice:
    (term,) = decode([text])
    names = decode(sorted(each for each in graphs if each))
    return Notice(term, tuple(names) if names else (None,), problem)

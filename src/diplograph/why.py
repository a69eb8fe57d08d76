"""What each row of an answer rests on: the triples that the query's patterns matched, and who states them.

The query is asked once more for all its variables, so that every pattern of it can be filled in for each
row; then the graphs that state those triples are looked up. Patterns that are paths, or that must not match,
vouch for nothing.

Everything here is text in and text out, over the rows of SPARQL's JSON results, so that it serves the
embedded store, a remote endpoint and the server's query processes alike: whoever calls asks the queries.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from rdflib import BNode, URIRef, Variable
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from diplograph.sparql import tokens
from diplograph.vocabulary import DG, INFERRED_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rdflib.term import Node

Row = dict[str, dict[str, str]]
"""A solution as SPARQL's JSON results write it: variable to cell."""
Triple = tuple[str, str, str]
"""A triple as N-Triples writes its terms."""
Pattern = tuple["Node", "Node", "Node"]

INFERRED = INFERRED_GRAPH.value
_BATCH = 300


def everything(query: str) -> str:
    """Returns a query for all the variables of a query, without grouping, order and limits."""
    parts: list[str] = []
    depth = start = 0
    for token in tokens(query):
        if token.kind == "word" and depth == 0 and token.text.upper() == "SELECT":
            parts.append(query[: token.start])
        if token.text == "{" and token.kind == "other":
            start = token.start if depth == 0 else start
            depth += 1
        if token.text == "}" and token.kind == "other":
            depth -= 1
            if depth == 0:
                parts.append("SELECT DISTINCT * WHERE " + query[start : token.start + 1])
                break
    return "".join(parts)


def patterns(query: str) -> list[Pattern]:
    """Returns the triple patterns of a query that must or may match, paths left out."""
    found: list[Pattern] = []
    _collect(translateQuery(parseQuery(query)).algebra, found)
    return list(dict.fromkeys(found))


def matched(query: str, rows: Sequence[Row], solutions: Iterable[Row]) -> list[list[Triple]]:
    """Returns for each row of an answer the triples that the query's patterns matched.

    Args:
        query: The query, bound.
        rows: The rows of its answer.
        solutions: The rows of `everything(query)`.
    """
    asked = patterns(query)
    listed = list(solutions)
    shared = {name for row in rows for name in row} & {name for solution in listed for name in solution}
    found: dict[str, dict[Triple, None]] = defaultdict(dict)
    for solution in listed:
        for triple in _filled(asked, solution):
            found[_key(solution, shared)][triple] = None
    return [list(found.get(_key(row, shared), ())) for row in rows]


def stated_queries(triples: Iterable[Triple]) -> Iterator[tuple[list[Triple], str]]:
    """Yields queries for the graphs `?g` that state some triples, each with its triples, numbered `?n`."""
    ordered = sorted(set(triples))
    for first in range(0, len(ordered), _BATCH):
        batch = ordered[first : first + _BATCH]
        listed = " ".join(f"({number} {' '.join(triple)})" for number, triple in enumerate(batch))
        yield (
            batch,
            f"SELECT ?n ?g {{ VALUES (?n ?s ?p ?o) {{ {listed} }} GRAPH ?g {{ ?s ?p ?o }} }} ORDER BY ?n ?g",
        )


def note(stated: dict[Triple, list[str]], batch: Sequence[Triple], rows: Iterable[Row]) -> None:
    """Notes what a query of `stated_queries` answered; a triple that is stated is not listed as inferred."""
    for row in rows:
        stated.setdefault(batch[int(row["n"]["value"])], []).append(row["g"]["value"])
    for triple in batch:
        graphs = stated.get(triple, [])
        if len(graphs) > 1 and INFERRED in graphs:
            graphs.remove(INFERRED)


def says_query(graphs: Iterable[str]) -> str | None:
    """Returns a query for what passages say and why conclusions were drawn; None for no such graph."""
    listed = " ".join(f"<{graph}>" for graph in sorted(set(graphs)) if "#" in graph)
    if not listed:
        return None
    return f"SELECT ?g ?says {{ VALUES ?g {{ {listed} }} ?g {DG.gloss}|{DG.reason} ?says }} ORDER BY ?g ?says"


def _collect(part: Any, found: list[Pattern]) -> None:
    name = getattr(part, "name", None)
    if name == "Builtin_NOTEXISTS":
        return
    if name == "Minus":
        _collect(part.p1, found)
    elif name == "BGP":
        found.extend(triple for triple in part.triples if _vouches(triple))
    elif isinstance(part, dict):
        for value in part.values():
            _collect(value, found)
    elif isinstance(part, list | tuple):
        for value in part:
            _collect(value, found)


def _vouches(pattern: Pattern) -> bool:
    return isinstance(pattern[1], URIRef | Variable) and not any(isinstance(term, BNode) for term in pattern)


def _filled(asked: Iterable[Pattern], solution: Row) -> Iterator[Triple]:
    """Fills a solution into patterns; those with an unbound variable are left out."""
    for pattern in asked:
        subject, predicate, value = (_term(term, solution) for term in pattern)
        if subject and predicate and value and not subject.startswith('"'):
            yield subject, predicate, value


def _term(term: Node, solution: Row) -> str:
    if not isinstance(term, Variable):
        return term.n3()
    cell = solution.get(str(term))
    if cell is None or cell["type"] == "bnode":
        return ""
    return f"<{cell['value']}>" if cell["type"] == "uri" else written(cell)


def written(cell: Mapping[str, str]) -> str:
    """Returns a literal of a result as SPARQL writes it."""
    text = json.dumps(cell["value"], ensure_ascii=False)
    if "xml:lang" in cell:
        return f"{text}@{cell['xml:lang']}"
    return f"{text}^^<{cell['datatype']}>" if "datatype" in cell else text


def _key(row: Row, variables: Iterable[str]) -> str:
    return json.dumps([row.get(name) for name in sorted(variables)], sort_keys=True)

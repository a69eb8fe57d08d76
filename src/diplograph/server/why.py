"""What each row of an answer rests on: the triples that the question's patterns matched, and who states them.

The question is asked once more for all its variables, so that every pattern of it can be filled in for each
row; then the graphs that state those triples are looked up. Patterns that are paths, or that must not
match, vouch for nothing.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from rdflib import BNode, URIRef, Variable
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from diplograph.sparql import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

    from diplograph.server.engine import Engine, Row

Pattern = tuple["Node", "Node", "Node"]
Triple = tuple[str, str, str]

BATCH = 300
INFERRED = "https://w3id.org/diplograph/graph/inferred"
_GLOSS = "<https://w3id.org/diplograph/ontology#gloss>"
_REASON = "<https://w3id.org/diplograph/ontology#reason>"


async def why(
    engine: Engine, query: str, variables: list[str], rows: list[Row], client: str
) -> list[list[dict[str, Any]]]:
    """Returns for each row what it rests on.

    Args:
        engine: What answers.
        query: The question, bound.
        variables: The variables that the rows have.
        rows: The rows.
        client: Whose turn it takes.

    Returns:
        For each row its triples in order, each with the `graphs` that state it, and for those that are
        passages or conclusions what these `say` in the editors' words. A triple that only follows from
        others has the graph `…/graph/inferred`.
    """
    matched = patterns(query)
    _, body = await engine.query(everything(query), client=client)
    found = json.loads(body)
    shared = [name for name in variables if name in found["head"]["vars"]]
    triples: dict[str, dict[Triple, None]] = defaultdict(dict)
    for solution in found["results"]["bindings"]:
        for triple in filled(matched, solution):
            triples[_key(solution, shared)][triple] = None
    stated = await _stated(engine, {each for group in triples.values() for each in group}, client)
    says = await _says(engine, {graph for graphs in stated.values() for graph in graphs}, client)
    return [
        [
            {
                "triple": list(triple),
                "graphs": [{"graph": graph, "says": says.get(graph)} for graph in stated[triple]],
            }
            for triple in triples.get(_key(row, shared), ())
            if triple in stated
        ]
        for row in rows
    ]


def everything(query: str) -> str:
    """Returns a SELECT query that selects all its variables, without grouping, order and limits."""
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


def filled(matched: Iterable[Pattern], solution: Row) -> Iterator[Triple]:
    """Fills a solution into patterns; those with an unbound variable are left out."""
    for pattern in matched:
        terms = [_term(term, solution) for term in pattern]
        if all(terms) and not terms[0].startswith('"'):
            yield terms[0], terms[1], terms[2]


def _term(term: Node, solution: Row) -> str:
    if not isinstance(term, Variable):
        return term.n3()
    cell = solution.get(str(term))
    if cell is None or cell["type"] == "bnode":
        return ""
    if cell["type"] == "uri":
        return f"<{cell['value']}>"
    return written(cell)


def written(cell: dict[str, str]) -> str:
    """Returns a literal of a result as SPARQL writes it."""
    text = json.dumps(cell["value"], ensure_ascii=False)
    if "xml:lang" in cell:
        return f"{text}@{cell['xml:lang']}"
    return f"{text}^^<{cell['datatype']}>" if "datatype" in cell else text


def _key(row: Row, variables: list[str]) -> str:
    return json.dumps([row.get(name) for name in variables], sort_keys=True)


async def _stated(engine: Engine, triples: set[Triple], client: str) -> dict[Triple, list[str]]:
    found: dict[Triple, list[str]] = defaultdict(list)
    ordered = sorted(triples)
    for first in range(0, len(ordered), BATCH):
        batch = ordered[first : first + BATCH]
        listed = " ".join(f"({number} {' '.join(triple)})" for number, triple in enumerate(batch))
        query = (
            f"SELECT ?n ?g {{ VALUES (?n ?s ?p ?o) {{ {listed} }} GRAPH ?g {{ ?s ?p ?o }} }} ORDER BY ?n ?g"
        )
        for row in await engine.rows(query, client):
            found[batch[int(row["n"]["value"])]].append(row["g"]["value"])
    for graphs in found.values():
        if len(graphs) > 1 and INFERRED in graphs:
            graphs.remove(INFERRED)
    return found


async def _says(engine: Engine, graphs: set[str], client: str) -> dict[str, str]:
    listed = " ".join(f"<{graph}>" for graph in sorted(graphs) if "#" in graph)
    if not listed:
        return {}
    query = f"SELECT ?g ?says {{ VALUES ?g {{ {listed} }} ?g {_GLOSS}|{_REASON} ?says }} ORDER BY ?g ?says"
    return {row["g"]["value"]: row["says"]["value"] for row in await engine.rows(query, client)}

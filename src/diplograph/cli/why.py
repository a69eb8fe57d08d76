"""What each row of an answer rests on, printed: the triples that matched, and who states them."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat, parse

from diplograph.cli.output import rows_as, say, short, write
from diplograph.errors import InvalidValue, NotFound
from diplograph.names import labels
from diplograph.server.why import BATCH, INFERRED, everything, filled, patterns
from diplograph.show import kind_of
from diplograph.vocabulary import DG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from diplograph.cli.app import App
    from diplograph.questions import Question
    from diplograph.sparql import Term
    from diplograph.store import Store, Table

Written = tuple[str, str, str]
MOST = 20
"""The number of triples shown for one row."""


def print_why(
    app: App,
    question: Question,
    values: Mapping[str, str],
    table: Table,
    form: str,
    words: Callable[[Term | None], str],
) -> None:
    """Prints each row of an answer with what it rests on, as text or as JSON.

    A row that counts may rest on thousands of triples: `MOST` of them are shown, all with `--verbose`.
    """
    if form not in ("table", "json"):
        raise InvalidValue(f"what rows rest on cannot be written as {form}", hint="table or json")
    query = question.bind(values, app.graph, app.prefixes)
    every = rests_on(app.graph, query, table)
    grounds = every if app.verbose else [group[:MOST] for group in every]
    left = [len(group) - len(shown) for group, shown in zip(every, grounds, strict=True)]
    stated = _stated(app.graph, {each for group in grounds for each in group})
    proved = _proved(app, [triple for triple, graphs in stated.items() if graphs == [INFERRED]])
    says = _says(app.graph, {graph for graphs in (*stated.values(), *proved.values()) for graph in graphs})
    if form == "json":
        rows = json.loads(rows_as(table, QueryResultsFormat.JSON))["results"]["bindings"]
        write(
            json.dumps(
                [
                    {
                        "row": row,
                        "why": [
                            _as_json(each, stated[each], proved.get(each), says)
                            for each in group
                            if each in stated
                        ],
                        **({"more": more} if more else {}),
                    }
                    for row, group, more in zip(rows, grounds, left, strict=True)
                ],
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    _print(app, table, grounds, left, stated | proved, says, words)


def rests_on(store: Store, query: str, table: Table) -> list[list[Written]]:
    """Returns for each row of a query the triples that its patterns matched, as N-Triples terms."""
    matched = patterns(query)
    everywhere = store.select(everything(query))
    shared = [name for name in table.variables if name in everywhere.variables]
    found: dict[str, dict[Written, None]] = defaultdict(dict)
    for solution in _cells(everywhere):
        for triple in filled(matched, solution):
            found[_key(solution, shared)][triple] = None
    return [list(found.get(_key(row, shared), ())) for row in _cells(table)]


def _cells(table: Table) -> list[dict[str, dict[str, str]]]:
    cells: list[dict[str, dict[str, str]]] = json.loads(rows_as(table, QueryResultsFormat.JSON))["results"][
        "bindings"
    ]
    return cells


def _key(row: Mapping[str, Any], variables: Iterable[str]) -> str:
    return json.dumps([row.get(name) for name in variables], sort_keys=True)


def _stated(store: Store, triples: set[Written]) -> dict[Written, list[str]]:
    found: dict[Written, list[str]] = defaultdict(list)
    ordered = sorted(triples)
    for first in range(0, len(ordered), BATCH):
        batch = ordered[first : first + BATCH]
        listed = " ".join(f"({number} {' '.join(triple)})" for number, triple in enumerate(batch))
        query = (
            f"SELECT ?n ?g {{ VALUES (?n ?s ?p ?o) {{ {listed} }} GRAPH ?g {{ ?s ?p ?o }} }} ORDER BY ?n ?g"
        )
        for number, graph in store.select(query).values():
            found[batch[int(str(number))]].append(str(graph))
    for graphs in found.values():
        if len(graphs) > 1 and INFERRED in graphs:
            graphs.remove(INFERRED)
    return found


def _says(store: Store, graphs: set[str]) -> dict[str, str]:
    listed = " ".join(f"<{graph}>" for graph in sorted(graphs) if "#" in graph)
    if not listed:
        return {}
    query = f"SELECT ?g ?says {{ VALUES ?g {{ {listed} }} ?g {DG.gloss}|{DG.reason} ?says }} ORDER BY ?g"
    return {str(graph): str(said) for graph, said in store.select(query).values()}


def _proved(app: App, triples: Iterable[Written]) -> dict[Written, list[str]]:
    """Returns for inferred triples the graphs that their proofs rest on; nothing where no proofs are."""
    from pyoxigraph import Triple

    wanted = list(triples)
    if not wanted:
        return {}
    try:
        closure = app.closure()
    except NotFound:  # an endpoint, or a store without its reasoning
        return {}
    found = {}
    with closure:
        for written in wanted:
            subject, predicate, value = _terms(written)
            proof = closure.explain(Triple(subject, predicate, value))[0]  # type: ignore[arg-type]  # its positions fit
            graphs = {graph.value for leaf in proof.leaves() for graph in leaf.graphs if graph is not None}
            data = sorted(graph for graph in graphs if kind_of(graph) != "schema")
            found[written] = [INFERRED, *data]
    return found


def _as_json(
    triple: Written, graphs: Iterable[str], proved: Iterable[str] | None, says: Mapping[str, str]
) -> dict[str, Any]:
    rests_on = {} if proved is None else {"rests_on": [each for each in proved if each != INFERRED]}
    stated = [{"graph": graph, "says": says.get(graph)} for graph in graphs]
    return {"triple": list(triple), "graphs": stated, **rests_on}


def _print(
    app: App,
    table: Table,
    grounds: list[list[Written]],
    left: list[int],
    stated: Mapping[Written, list[str]],
    says: Mapping[str, str],
    words: Callable[[Term | None], str],
) -> None:
    from rich.text import Text

    terms = {each: _terms(each) for group in grounds for each in group if each in stated}
    named = labels(
        app.graph, {term for triple in terms.values() for term in triple if isinstance(term, NamedNode)}
    )

    def word(term: Term) -> str:
        return (named.get(term) if isinstance(term, NamedNode) else None) or short(term, app.prefixes)

    for row, group, more in zip(table.rows, grounds, left, strict=True):
        say(Text(" · ".join(words(term) for term in row), style="bold"))
        for each in (triple for triple in group if triple in terms):
            say(Text(" ".join(word(term) for term in terms[each]), style="cyan"), 2)
            for graph in stated[each]:
                where = "inferred" if graph == INFERRED else short(NamedNode(graph), app.prefixes)
                said = f": {says[graph]}" if graph in says else ""
                say(Text(f"{where}{said}", style="dim"), 4)
        if more:
            say(Text(f"and {more} more: diplograph -v ask … shows all", style="dim"), 2)


def _terms(triple: Written) -> tuple[Term, Term, Term]:
    (quad,) = parse(f"{' '.join(triple)} .", format=RdfFormat.TURTLE)
    return quad.subject, quad.predicate, quad.object

"""What each row of an answer rests on, printed: the triples that matched, and who states or proves them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat, Triple, parse

from diplograph.cli.output import rows_as, say, short, write
from diplograph.errors import InvalidValue, NotFound
from diplograph.names import labels
from diplograph.show import kind_of
from diplograph.why import INFERRED, everything, matched, note, says_query, stated_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from diplograph.cli.app import App
    from diplograph.questions import Question
    from diplograph.reasoning.proof import Proof
    from diplograph.sparql import Term
    from diplograph.store import Store, Table
    from diplograph.why import Row
    from diplograph.why import Triple as Written

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
    grounds = _Grounds(app, question.bind(values, app.graph, app.prefixes), table)
    if form == "json":
        write(json.dumps(grounds.as_json(), ensure_ascii=False, indent=2))
    else:
        grounds.print(words)


class _Grounds:
    """What the rows of one answer rest on."""

    def __init__(self, app: App, query: str, table: Table) -> None:
        self._app, self._table = app, table
        every = matched(query, _cells(table), _cells(app.graph.select(everything(query))))
        self._shown = every if app.verbose else [group[:MOST] for group in every]
        self._left = [len(group) - len(shown) for group, shown in zip(every, self._shown, strict=True)]
        self._stated = _stated(app.graph, {each for group in self._shown for each in group})
        self._proofs = _proofs(app, [each for each, graphs in self._stated.items() if graphs == [INFERRED]])
        graphs = {graph for stated in self._stated.values() for graph in stated}
        self._says = _says(app.graph, graphs.union(*(_leaves(proof) for proof in self._proofs.values())))

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {
                "row": row,
                "why": [self._as_json(each) for each in group if each in self._stated],
                **({"more": more} if more else {}),
            }
            for row, group, more in zip(_cells(self._table), self._shown, self._left, strict=True)
        ]

    def _as_json(self, triple: Written) -> dict[str, Any]:
        found: dict[str, Any] = {
            "triple": list(triple),
            "graphs": [{"graph": graph, "says": self._says.get(graph)} for graph in self._stated[triple]],
        }
        if triple in self._proofs:
            from diplograph.reasoning.render import to_dict

            found |= {"rests_on": _leaves(self._proofs[triple]), "proof": to_dict(self._proofs[triple])}
        return found

    def print(self, words: Callable[[Term | None], str]) -> None:
        from rich.text import Text

        terms = {each: _terms(each) for group in self._shown for each in group if each in self._stated}
        mentioned = {term for triple in terms.values() for term in triple if isinstance(term, NamedNode)}
        named = labels(self._app.graph, mentioned)

        def word(term: Term) -> str:
            return (named.get(term) if isinstance(term, NamedNode) else None) or short(
                term, self._app.prefixes
            )

        for row, group, more in zip(self._table.rows, self._shown, self._left, strict=True):
            say(Text(" · ".join(words(term) for term in row), style="bold"))
            for each in (triple for triple in group if triple in terms):
                say(Text(" ".join(word(term) for term in terms[each]), style="cyan"), 2)
                for line in self._lines(each):
                    say(Text(line, style="dim"), 4)
            if more:
                say(Text(f"and {more} more: diplograph -v ask … shows all", style="dim"), 2)

    def _lines(self, triple: Written) -> Iterable[str]:
        if triple not in self._proofs:
            yield from map(self._line, self._stated[triple])
            return
        root = self._proofs[triple].root
        yield f"inferred by {getattr(root, 'gloss', 'a rule')}"
        yield from map(self._line, _leaves(self._proofs[triple]))

    def _line(self, graph: str) -> str:
        where = "inferred" if graph == INFERRED else short(NamedNode(graph), self._app.prefixes)
        return f"{where}: {self._says[graph]}" if graph in self._says else where


def _cells(table: Table) -> list[Row]:
    rows: list[Row] = json.loads(rows_as(table, QueryResultsFormat.JSON))["results"]["bindings"]
    return rows


def _stated(store: Store, triples: set[Written]) -> dict[Written, list[str]]:
    found: dict[Written, list[str]] = {}
    for batch, query in stated_queries(triples):
        note(found, batch, _cells(store.select(query)))
    return found


def _says(store: Store, graphs: Iterable[str]) -> dict[str, str]:
    query = says_query(graphs)
    return {str(graph): str(said) for graph, said in store.select(query).values()} if query else {}


def _proofs(app: App, triples: Iterable[Written]) -> dict[Written, Proof]:
    """Returns the proofs of inferred triples; none where the reasoning is not at hand."""
    wanted = list(triples)
    if not wanted:
        return {}
    try:
        closure = app.closure()
    except NotFound:  # an endpoint, or a store without its reasoning
        return {}
    with closure:
        return {written: closure.explain(Triple(*_terms(written)))[0] for written in wanted}


def _leaves(proof: Proof) -> list[str]:
    """Returns the graphs that a proof rests on, but for the schema's."""
    graphs = {graph.value for leaf in proof.leaves() for graph in leaf.graphs if graph is not None}
    return sorted(graph for graph in graphs if kind_of(graph) != "schema")


def _terms(triple: Written) -> tuple[Any, Any, Any]:
    (quad,) = parse(f"{' '.join(triple)} .", format=RdfFormat.TURTLE)
    return quad.subject, quad.predicate, quad.object

"""A SPARQL 1.1 endpoint behind the store interface.

Queries go out as POST forms (SPARQL 1.1 Protocol section 2.1.2), which every engine takes: some hang on
direct POSTs. Where the endpoint's own default graph is not the union of its graphs, the dataset is described
with each query. An answer that was cut short is an error, never a short table.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyoxigraph
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, RdfFormat, Triple

from diplograph import sparql
from diplograph.errors import RemoteFailure, ResourceLimit
from diplograph.store import Subject, Table, _Closing
from diplograph.transport import TIMEOUT, http_client, send
from diplograph.vocabulary import XSD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx

    from diplograph.sparql import Term

OWN = "https://w3id.org/diplograph/"
"""The start of the IRIs of all graphs that are ours."""
PAGE = 9_000
"""Rows or triples asked for at a time: below the least cap that a known engine has by default, 10,000."""
MERGED = NamedNode(f"{OWN}graph/merged")
"""The graph that `push` fills with each triple once. The union of graphs, as engines make it, repeats a
triple for each graph that states it, against SPARQL 1.1 section 13.2, and so falsifies counts."""
_SPELLED = 'CONCAT(COALESCE(STR(?s), ""), COALESCE(STR(?o), ""))'
_OURS = f'STRSTARTS(STR(?g), "{OWN}")'


class RemoteStore(_Closing):
    """A SPARQL 1.1 endpoint, for reading.

    Credentials come from the environment: `DIPLOGRAPH_TOKEN` (bearer), or `DIPLOGRAPH_USER` and
    `DIPLOGRAPH_PASSWORD` (Basic or Digest, as the server asks).

    Args:
        endpoint: The URL of the query endpoint.
        client: The HTTP client to use instead of an own one.
    """

    def __init__(self, endpoint: str, client: httpx.Client | None = None) -> None:
        self.location = endpoint
        self._client = client or http_client()

    def query(self, query: str, *, deadline: float | None = None) -> Table | bool | list[Triple]:
        """Runs a query of any form.

        Raises:
            SyntaxProblem: The endpoint does not accept the query.
            RemoteFailure: The endpoint cannot be reached, or refuses, or breaks off its answer.
            ResourceLimit: The deadline (seconds) passed, or the endpoint cut its answer short.
        """
        return self._run(query, self._dataset, deadline)

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,  # noqa: A002  # the word of RDF
        graph: NamedNode | None = None,
    ) -> Iterator[Quad]:
        """Yields the quads of a pattern, from our graphs; blank nodes cannot be asked for by name.

        Cost: one request where a term is given; else one a graph, and some for each predicate of large ones.

        Raises:
            ResourceLimit: The endpoint does not give all that match.
        """
        if graph is None and (subject or predicate or object):
            yield from self._matching(subject, predicate, object)
            return
        for name in [graph] if graph is not None else self.graphs():
            for triple in self.triples(name, subject, predicate, object):
                yield Quad(triple.subject, triple.predicate, triple.object, name)

    def _matching(
        self, subject: Subject | None, predicate: NamedNode | None, value: Term | None
    ) -> Iterator[Quad]:
        terms = {"s": subject, "p": predicate, "o": value}
        pattern = sparql.bind("?s ?p ?o", {name: term for name, term in terms.items() if term is not None})
        table = self._rows(
            f"SELECT * WHERE {{ GRAPH ?g {{ {pattern} }} FILTER ({_OURS} && ?g != {MERGED}) }}"
        )
        for row in table.records():
            # SPARQL gives each position a term that RDF allows there
            s, p, o = (row.get(name, term) for name, term in terms.items())
            yield Quad(s, p, o, row["g"])  # type: ignore[arg-type]

    def graphs(self, *, merged: bool = False) -> list[NamedNode]:
        """Returns the names of our graphs there, sorted; the merged one among them only if wanted.

        Raises:
            ResourceLimit: The endpoint names fewer graphs than it counts.
        """
        where = f"WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER ({_OURS})"
        table = self._rows(f"SELECT (COUNT(DISTINCT ?g) AS ?n) {where} }}")
        count = int(table.values()[0][0] or 0)
        found: set[str] = set()
        for part in _parts("STR(?g)", count):
            page = self._rows(f"SELECT DISTINCT ?g {where} {part} }}")
            found.update(term.value for (term,) in page.rows if isinstance(term, NamedNode))
        if len(found) < count:
            raise ResourceLimit(f"{self.location} names {len(found)} of its {count} graphs", code="cut-short")
        return [NamedNode(iri) for iri in sorted(found if merged else found - {MERGED.value})]

    def triples(
        self,
        graph: NamedNode,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,  # noqa: A002  # the word of RDF
    ) -> list[Triple]:
        """Returns the triples of one graph that match, and makes sure that none is missing.

        What an engine may cap is asked for in parts, by predicate and by a digest. LIMIT and OFFSET would not
        do: engines that work in parallel change the order from page to page.

        Raises:
            ResourceLimit: The endpoint gives fewer triples than it counts.
        """
        terms = {"s": subject, "p": predicate, "o": object}
        fixed = " ".join(f"VALUES ?{name} {{ {term} }}" for name, term in terms.items() if term is not None)
        where = f"WHERE {{ {fixed} GRAPH {graph} {{ ?s ?p ?o }}"
        query = f"CONSTRUCT {{ ?s ?p ?o }} {where}"
        first = self._triples(f"{query} }} LIMIT {PAGE}")
        if len(first) < PAGE:
            return first
        counts = self._rows(f"SELECT ?p (COUNT(*) AS ?n) {where} }} GROUP BY ?p").values()
        found: dict[str, Triple] = {}
        for each, number in counts:
            for part in _parts(_SPELLED, int(number or 0)):
                chosen = self._triples(f"{query} FILTER (?p = <{each}>) {part} }}")
                found.update((str(triple), triple) for triple in chosen)
        count = sum(int(number or 0) for _, number in counts)
        if len(found) < count:
            raise ResourceLimit(
                f"{self.location} gave {len(found)} of the {count} triples of {graph}", code="cut-short"
            )
        return list(found.values())

    def rdflib(self) -> Any:
        """Returns a copy as an rdflib dataset whose default graph is the union of all graphs.

        Cost: everything is fetched, as by `quads`.
        """
        from diplograph.store import EmbeddedStore

        return EmbeddedStore.from_quads(self.quads()).rdflib()

    def refresh(self) -> None:
        """Forgets how the endpoint was to be asked, after somebody changed what it holds."""
        self.__dict__.pop("_dataset", None)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    @cached_property
    def _dataset(self) -> list[tuple[str, str]]:
        """The parameters that make the merge of our graphs the default graph; none where it is already.

        Where nobody pushed the merged graph, the endpoint's own union has to do.
        """
        if self._run(f"ASK {{ GRAPH {MERGED} {{ ?s ?p ?o }} }}", [], None) is True:
            named = [("named-graph-uri", graph.value) for graph in self.graphs()]
            return [("default-graph-uri", MERGED.value), *named]
        where = f"GRAPH ?g {{ ?s ?p ?o }} FILTER (ISIRI(?s) && ISIRI(?o) && {_OURS})"
        sample = self._rows(f"SELECT ?s ?p ?o WHERE {{ {where} }} LIMIT 1")
        if not sample.rows:
            return []
        probe = f"ASK {{ {' '.join(str(term) for term in sample.rows[0])} }}"
        for dataset in ([], [("union-default-graph", "true")]):  # the second is Oxigraph's own parameter
            if self._run(probe, dataset, None) is True:
                return dataset
        names = [graph.value for graph in self.graphs()]
        return [(key, name) for key in ("default-graph-uri", "named-graph-uri") for name in names]

    def _rows(self, query: str) -> Table:
        answer = self._run(query, [], None)
        assert isinstance(answer, Table)
        return answer

    def _triples(self, query: str) -> list[Triple]:
        answer = self._run(query, [], None)
        assert isinstance(answer, list)
        return answer

    def _run(
        self, query: str, dataset: Sequence[tuple[str, str]], deadline: float | None
    ) -> Table | bool | list[Triple]:
        graph = sparql.form(query) in ("construct", "describe")
        accept = "application/n-triples, text/turtle;q=0.5" if graph else "application/sparql-results+json"
        answer = send(
            self._client,
            "POST",
            self.location,
            timeout=deadline or TIMEOUT,
            data=_form([("query", query), *dataset]),
            headers={"accept": accept},
        )
        if "x-sql-state" in answer.headers:  # Virtuoso's partial answers
            raise ResourceLimit(f"{self.location} stopped searching at its own limit", code="cut-short")
        try:
            return _read_triples(answer) if graph else _read_rows(answer)
        except (SyntaxError, ValueError, KeyError) as error:
            if isinstance(error, ResourceLimit):
                raise
            raise RemoteFailure(
                f"{self.location} sent an answer that breaks off or cannot be read: {error}", code="cut-short"
            ) from error


def _form(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    for key, value in pairs:
        form.setdefault(key, []).append(value)
    return form


def _read_rows(answer: httpx.Response) -> Table | bool:
    body = answer.content.replace(b'"nodeID://', b'"')  # how Virtuoso writes blank nodes
    results = pyoxigraph.parse_query_results(body, QueryResultsFormat.JSON)
    if isinstance(results, pyoxigraph.QueryBoolean):
        return bool(results)
    names = tuple(variable.value for variable in results.variables)
    if names == ("__ASK_RETVAL",):  # Virtuoso answers ASK with a table: no row is no
        return any(term is not None and str(term.value) not in ("0", "false") for (term,) in results)
    table = Table(names, [tuple(_boolean(term) for term in solution) for solution in results])
    cap = answer.headers.get("x-sparql-maxrows", "")
    if cap.isdigit() and len(table) >= int(cap):
        raise ResourceLimit(
            f"the endpoint gives no more than {cap} rows: the answer may go on",
            code="cut-short",
            hint="ask for fewer with LIMIT",
        )
    return table


def _parts(text: str, count: int) -> Iterator[str]:
    """Yields filters that cut `count` solutions into parts of less than a page, by the digest of a text."""
    digits = 0
    while 16**digits * PAGE < 2 * count:
        digits += 1
    for number in range(16**digits):
        yield f'FILTER (STRSTARTS(MD5({text}), "{number:0{digits}x}"))' if digits else ""


def _boolean(term: Any) -> Any:
    """Returns `true` and `false` for the 1 and 0 that Virtuoso writes; any other term as it is."""
    if isinstance(term, Literal) and term.datatype == XSD.boolean and term.value in ("0", "1"):
        return Literal("true" if term.value == "1" else "false", datatype=XSD.boolean)
    return term


def _read_triples(answer: httpx.Response) -> list[Triple]:
    kind = RdfFormat.from_media_type(answer.headers["content-type"].partition(";")[0]) or RdfFormat.TURTLE
    found = pyoxigraph.parse(answer.content, format=kind)
    return sorted({Triple(quad.subject, quad.predicate, quad.object) for quad in found}, key=str)

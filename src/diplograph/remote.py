"""A SPARQL 1.1 endpoint behind the store interface.

Queries go out as POST forms (SPARQL 1.1 Protocol section 2.1.2), which every engine takes: some hang on
direct POSTs. Where the endpoint's own default graph is not the union of its graphs, the graphs of the
dataset are named one by one as `default-graph-uri` and `named-graph-uri`.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph
from pyoxigraph import NamedNode, Quad, QueryResultsFormat, RdfFormat, Triple

from diplograph import sparql
from diplograph.errors import RemoteFailure, ResourceLimit
from diplograph.store import Subject, Table, _Closing

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from diplograph.sparql import Term

OWN = "https://w3id.org/diplograph/"
"""The start of the IRIs of all graphs that are ours."""
_TIMEOUT = 60.0


class RemoteStore(_Closing):
    """A SPARQL 1.1 endpoint, for reading.

    Credentials come from the environment: `DIPLOGRAPH_TOKEN` (bearer), or `DIPLOGRAPH_USER` and
    `DIPLOGRAPH_PASSWORD` (basic).

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
            SyntaxProblem: The query is not well-formed, by our own parser, before anything is sent.
            RemoteFailure: The endpoint cannot be reached, or refuses, or breaks off its answer.
            ResourceLimit: The deadline (seconds) passed.
        """
        return self._run(query, self._dataset, deadline)

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,  # noqa: A002  # the word of RDF
        graph: NamedNode | None = None,
    ) -> Iterator[Quad]:
        """Yields the quads of a pattern; blank nodes cannot be asked for by name.

        Cost: one request.
        """
        terms = {"s": subject, "p": predicate, "o": object, "g": graph}
        spelled = {name: f"?{name}" if term is None else str(term) for name, term in terms.items()}
        pattern = "{s} {p} {o}".format(**spelled)
        table = self.select(f"SELECT * WHERE {{ GRAPH {spelled['g']} {{ {pattern} }} }}")
        for row in table.records():
            # SPARQL gives each position a term that RDF allows there
            found = {name: row.get(name, term) for name, term in terms.items()}
            yield Quad(found["s"], found["p"], found["o"], found["g"])  # type: ignore[arg-type]

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    @cached_property
    def _dataset(self) -> list[tuple[str, str]]:
        """The parameters that make the union of our graphs the default graph; none where it is already."""
        sample = self._run("SELECT ?g WHERE { GRAPH ?g { ?s ?p ?o } } LIMIT 1", [], None)
        if not isinstance(sample, Table) or not sample.rows:
            return []
        union = self._run("ASK { GRAPH ?g { ?s ?p ?o } ?s ?p ?o }", [], None)
        if union is True:
            return []
        graphs = self._run(
            f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER (STRSTARTS(STR(?g), '{OWN}')) }}",
            [],
            None,
        )
        if not isinstance(graphs, Table):
            raise RemoteFailure(f"{self.location} does not list its graphs")
        names = [term.value for (term,) in graphs.rows if term is not None]
        return [(key, name) for key in ("default-graph-uri", "named-graph-uri") for name in names]

    def _run(
        self, query: str, dataset: list[tuple[str, str]], deadline: float | None
    ) -> Table | bool | list[Triple]:
        form = sparql.form(query)
        graph = form in ("construct", "describe")
        accept = "application/n-triples, text/turtle;q=0.5" if graph else "application/sparql-results+json"
        answer = self._post([("query", query), *dataset], accept, deadline)
        try:
            if graph:
                kind = (
                    RdfFormat.from_media_type(answer.headers["content-type"].split(";")[0])
                    or RdfFormat.TURTLE
                )
                found = pyoxigraph.parse(answer.content, format=kind)
                return sorted({Triple(quad.subject, quad.predicate, quad.object) for quad in found}, key=str)
            results = pyoxigraph.parse_query_results(answer.content, QueryResultsFormat.JSON)
            if isinstance(results, pyoxigraph.QueryBoolean):
                return bool(results)
            names = tuple(variable.value for variable in results.variables)
            return Table(names, [tuple(solution) for solution in results])
        except (SyntaxError, ValueError, KeyError) as error:
            raise RemoteFailure(
                f"{self.location} sent an answer that breaks off or cannot be read: {error}"
            ) from error

    def _post(self, form: list[tuple[str, str]], accept: str, deadline: float | None) -> httpx.Response:
        from urllib.parse import urlencode

        import httpx

        try:
            answer = self._client.post(
                self.location,
                content=urlencode(form),
                headers={"accept": accept, "content-type": "application/x-www-form-urlencoded"},
                timeout=deadline or _TIMEOUT,
            )
        except httpx.TimeoutException as error:
            raise ResourceLimit(
                f"{self.location} did not answer within {deadline or _TIMEOUT:g} s", code="deadline"
            ) from error
        except httpx.HTTPError as error:
            raise RemoteFailure(
                f"{self.location} cannot be reached: {error}",
                hint="is the server running, and the URL right?",
            ) from error
        raise_for_status(answer, self.location)
        return answer


def http_client() -> httpx.Client:
    """Returns a client with the credentials of the environment."""
    import httpx

    token, user = os.environ.get("DIPLOGRAPH_TOKEN"), os.environ.get("DIPLOGRAPH_USER")
    headers = {"user-agent": "diplograph"} | ({"authorization": f"Bearer {token}"} if token else {})
    auth = (user, os.environ.get("DIPLOGRAPH_PASSWORD", "")) if user and not token else None
    return httpx.Client(headers=headers, auth=auth, follow_redirects=True)


def raise_for_status(answer: httpx.Response, endpoint: str) -> None:
    """Turns an HTTP error into ours, with the endpoint's own words.

    Raises:
        RemoteFailure: The status is 400 or more.
    """
    if answer.is_success:
        return
    if answer.status_code in (401, 403):
        raise RemoteFailure(
            f"{endpoint} refused the credentials ({answer.status_code})",
            hint="set DIPLOGRAPH_TOKEN, or DIPLOGRAPH_USER and DIPLOGRAPH_PASSWORD",
        )
    said = answer.text.strip()[:500]
    raise RemoteFailure(f"{endpoint} answered {answer.status_code}: {said}")

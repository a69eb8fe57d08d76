"""The pages that are no IRI's own: home, the SPARQL form, problems, and the style."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response

from diplograph.server.html import Markup, el
from diplograph.server.messages import origin
from diplograph.server.pages import page
from diplograph.server.problems import KINDS, Refused, refuse
from diplograph.server.protocol import PATH, Operation, client_of
from diplograph.sparql import with_prefixes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Scope

    from diplograph.server.engine import Engine
    from diplograph.server.linked import Names

EXAMPLE = """SELECT ?thing ?name ?passage
WHERE {
  GRAPH ?passage { ?thing a dg:Meeting }
  ?thing rdfs:label ?name
}
ORDER BY ?thing
LIMIT 20"""
MOST_SHOWN = 2000
ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    b'<circle cx="4" cy="8" r="3" fill="#0b4f8a"/>'
    b'<circle cx="12" cy="4" r="2" fill="#8ec3f5"/><circle cx="12" cy="12" r="2" fill="#8ec3f5"/></svg>'
)
_FORMATS = {"html": "a table here", "json": "JSON", "xml": "XML", "csv": "CSV", "tsv": "TSV", "ttl": "Turtle"}


class Site:
    """Home and the SPARQL form."""

    def __init__(self, engine: Engine, names: Names) -> None:
        self.engine, self.names = engine, names
        self._style = files("diplograph.server").joinpath("style.css").read_bytes()

    async def home(self, request: Request) -> Response:
        """Explains what is here, and links to it."""
        root, here = self.names.root, origin(request.scope, self.engine.settings.public_url)
        ways = [
            (
                "Ask a question",
                f"{root}/questions",
                "Prepared questions, each with a form, a table and an address.",
            ),
            ("Read the articles", f"{root}/articles", "What each passage states, in reading order."),
            (
                "Look at the ontology",
                f"{root}/ontology",
                "The classes and properties, with their definitions.",
            ),
            ("Query with SPARQL", f"{root}/sparql", "The endpoint, and a form for trying it."),
        ]
        programs = [
            ("SPARQL 1.1 endpoint", "/sparql"),
            ("Graph store", "/graphs"),
            ("Questions as an API", "/api/questions"),
            ("Description of the API (OpenAPI)", "/api/openapi.json"),
            ("Description of the dataset (VoID)", "/.well-known/void"),
        ]
        return page(
            "A knowledge graph of diplomacy that can prove what it says",
            el(
                "p",
                "Who held which office when, who met whom under which mechanism, what was agreed, for which "
                "period — and how do you know. Every statement leads to the passage that makes it.",
            ),
            el("ul", [el("li", el("a", name, href=href), f": {text}") for name, href, text in ways]),
            el("h2", "For programs"),
            el(
                "ul",
                [el("li", f"{name}: ", el("a", here + path, href=root + path)) for name, path in programs],
            ),
            el(
                "p",
                "Without a dataset in the query, the default graph is the merge of all graphs.",
                class_="quiet",
            ),
            root=root,
        )

    async def sparql(self, scope: Scope, asked: Operation) -> Response:
        """Shows the form for queries, and the result of the query in it."""
        query = asked.query if asked.query is not None else with_prefixes(EXAMPLE, self.names.known)
        result: list[Markup] = []
        status = 200
        if asked.query is not None:
            try:
                result = await self._result(scope, asked)
            except Refused as refused:
                status = refused.response.status_code
                result = [problem_box(refused)]
        form = el(
            "form",
            el("label", "Query", for_="query"),
            el("textarea", query, id="query", name="query", rows="14", spellcheck="false"),
            el("label", "Answer as", for_="format"),
            el(
                "select",
                [el("option", text, value=short) for short, text in _FORMATS.items()],
                id="format",
                name="format",
            ),
            el("button", "Ask", type="submit"),
            method="get",
            action=f"{self.names.root}{PATH}",
        )
        return page("SPARQL", form, *result, root=self.names.root, status=status)

    async def _result(self, scope: Scope, asked: Operation) -> list[Markup]:
        assert asked.query is not None
        head, body = await self.engine.query(
            asked.query,
            client=client_of(scope),
            base=asked.base,
            default=asked.default if asked.has_dataset else None,
            named=asked.named if asked.has_dataset else None,
        )
        if head["media"] == "text/turtle":
            return [el("h2", "Result"), el("pre", body.decode())]
        found = json.loads(body)
        if "boolean" in found:
            return [el("h2", "Result"), el("p", "Yes." if found["boolean"] else "No.")]
        rows = found["results"]["bindings"]
        shown = await self.names.table(found["head"]["vars"], rows[:MOST_SHOWN], client_of(scope))
        count = (
            f"{len(rows)} rows" if len(rows) <= MOST_SHOWN else f"The first {MOST_SHOWN} of {len(rows)} rows"
        )
        return [el("h2", "Result"), el("p", count, class_="quiet"), shown]

    async def problem(self, request: Request) -> Response:
        """Explains a kind of problem: the address that `type` names in problem documents."""
        kind = KINDS.get(request.path_params["code"])
        if kind is None:
            raise refuse("not-found")
        body = el("p", f"Status {kind.status}. {kind.advice}")
        return page(kind.title, body, root=self.names.root)

    def refusal(self, refused: Refused) -> Response:
        """Shows a problem to people."""
        code = refused.response.status_code
        response = page("Sorry", problem_box(refused), root=self.names.root, status=code)
        kept = ("retry-after", "allow", "connection", "cache-control")
        response.headers.update(
            {name: value for name, value in refused.response.headers.items() if name in kept}
        )
        return response

    async def style(self, _request: Request) -> Response:
        """Gives the style sheet."""
        return Response(self._style, headers={"Cache-Control": "max-age=3600"}, media_type="text/css")

    async def icon(self, _request: Request) -> Response:
        """Gives the icon."""
        return Response(ICON, headers={"Cache-Control": "max-age=86400"}, media_type="image/svg+xml")


def problem_box(refused: Refused) -> Markup:
    """Returns a problem as a part of a page."""
    content = json.loads(bytes(refused.response.body))
    place = f" (line {content['line']}, column {content['column']})" if content.get("line") else ""
    return el(
        "div",
        el("strong", content["title"]),
        el("p", content["detail"] + place),
        class_="problem",
        role="alert",
    )

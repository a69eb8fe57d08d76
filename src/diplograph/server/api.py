"""The saved questions: as a web API (`/api/questions`), and as forms for people (`/questions`)."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pyoxigraph import QueryResultsFormat, parse_query_results
from starlette.responses import JSONResponse, Response

from diplograph.server.engine import volatile
from diplograph.server.html import Markup, el
from diplograph.server.messages import fields, header, origin
from diplograph.server.negotiate import RESULTS, accepts_gzip, best, content_type
from diplograph.server.openapi import FORMATS, describe
from diplograph.server.pages import page
from diplograph.server.problems import Refused, refuse
from diplograph.server.protocol import REVALIDATE, client_of
from diplograph.server.site import problem_box
from diplograph.server.why import why

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Scope

    from diplograph.questions import Parameter, Question
    from diplograph.server.asking import Asking
    from diplograph.server.linked import Names

JSON = FORMATS["json"]


class Api:
    """The questions for programs."""

    def __init__(self, asking: Asking, version: str) -> None:
        self.asking, self.engine, self.version = asking, asking.engine, version

    async def listing(self, request: Request) -> Response:
        """Lists the questions with their parameters."""
        if best(header(request.scope, b"accept"), ("application/json",)) is None:
            raise refuse("not-acceptable", offered=["application/json"])
        _no_repetition(request.scope)
        here = origin(request.scope, self.engine.settings.public_url)
        questions = [
            {
                "name": question.name,
                "summary": question.summary,
                "description": question.description,
                "tags": list(question.tags),
                "href": f"{here}/api/questions/{question.name}",
                "parameters": [_described(parameter) for parameter in question.parameters],
            }
            for question in self.asking.questions.values()
        ]
        return JSONResponse({"questions": questions}, headers=REVALIDATE)

    async def openapi(self, request: Request) -> Response:
        """Gives the OpenAPI document."""
        here = origin(request.scope, self.engine.settings.public_url)
        return JSONResponse(describe(self.asking.questions, here, self.version), headers=REVALIDATE)

    async def answer(self, request: Request) -> Response:
        """Answers a question; what was answered before from the same data is answered from memory."""
        scope = request.scope
        accept, encoding = header(scope, b"accept"), header(scope, b"accept-encoding")
        key = ("api", scope["path"], scope["query_string"], accept, encoding)
        tag = self.engine.tag(key)
        if tag in header(scope, b"if-none-match"):
            return Response(status_code=304, headers={"ETag": tag, **REVALIDATE})
        response = self.engine.cache.get(key)
        if response is None:
            question = self.asking.named(request.path_params["name"])
            generation = self.engine.generations.current
            response = await self._ask(scope, question, accept, accepts_gzip(encoding))
            if not volatile(question.query) and generation == self.engine.generations.current:
                response.headers["ETag"] = tag
                self.engine.cache.put(key, response, len(scope["query_string"]))
        return response

    async def _ask(self, scope: Scope, question: Question, accept: str, gzip: bool) -> Response:
        given = _no_repetition(scope)
        wanted, reasons = given.pop("format", None), given.pop("why", "false")
        if wanted is not None and wanted not in FORMATS:
            raise refuse("bad-parameter", "the format is unknown", offered=list(FORMATS))
        if reasons not in ("true", "false"):
            raise refuse("bad-parameter", "why is true or false")
        media = best(FORMATS[wanted] if wanted else accept, tuple(RESULTS))
        if media is None:
            raise refuse("not-acceptable", offered=list(RESULTS))
        media = RESULTS[media]
        if reasons == "false":
            head, body = await self.asking.ask(question, given, media, client=client_of(scope), gzip=gzip)
            encoding = {"Content-Encoding": head["encoding"]} if "encoding" in head else {}
            return Response(body, headers=REVALIDATE | encoding, media_type=content_type(media))
        found = await answered_with_reasons(self.asking, question, given, client_of(scope))
        body = json.dumps(found, ensure_ascii=False).encode() if media == JSON else with_column(found, media)
        return Response(body, headers=REVALIDATE, media_type=content_type(media))


async def answered_with_reasons(
    asking: Asking, question: Question, given: dict[str, str], client: str
) -> dict[str, Any]:
    """Returns an answer in the JSON format, with a member `why`: for each row what it rests on."""
    query = await asking.bound(question, given)
    _, body = await asking.engine.query(query, client=client)
    found: dict[str, Any] = json.loads(body)
    rows = found["results"]["bindings"]
    found["why"] = await why(asking.engine, query, rows, client)
    return found


def with_column(found: dict[str, Any], media: str) -> bytes:
    """Returns an answer in another format, with a last column `why`: the graphs that its row rests on."""
    head = {"vars": [*found["head"]["vars"], "why"]}
    rows = []
    for row, reasons in zip(found["results"]["bindings"], found["why"], strict=True):
        graphs = dict.fromkeys(graph["graph"] for each in reasons for graph in each["graphs"])
        rows.append({**row, "why": {"type": "literal", "value": " ".join(graphs)}})
    table = json.dumps({"head": head, "results": {"bindings": rows}})
    solutions = parse_query_results(table, QueryResultsFormat.JSON)
    body = solutions.serialize(format=QueryResultsFormat.from_media_type(media))
    assert body is not None
    return body


def _no_repetition(scope: Scope) -> dict[str, str]:
    pairs = fields(scope["query_string"])
    given = dict(pairs)
    if len(given) != len(pairs):
        raise refuse("bad-parameter", "a parameter is given twice")
    return given


def _described(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "kind": parameter.kind,
        "description": parameter.description,
        "example": parameter.example,
        "required": parameter.default is None,
    }


class Forms:
    """The questions for people."""

    def __init__(self, asking: Asking, names: Names) -> None:
        self.asking, self.names = asking, names

    async def listing(self, _request: Request) -> Response:
        """Lists the questions by their tags."""
        groups: dict[str, list[Question]] = defaultdict(list)
        for question in self.asking.questions.values():
            groups[question.tags[0] if question.tags else "other"].append(question)
        root = self.names.root
        parts: list[Markup] = []
        for tag in sorted(groups):
            items = [
                el("li", el("a", each.summary, href=f"{root}/questions/{each.name}")) for each in groups[tag]
            ]
            parts += [el("h2", tag.capitalize()), el("ul", list(items))]
        return page("Questions", el("p", "Prepared questions, tested with their answers."), *parts, root=root)

    async def question(self, request: Request) -> Response:
        """Shows a question's form; with values, or if it needs none, its answer too."""
        question = self.asking.named(request.path_params["name"])
        given = {name: value for name, value in _no_repetition(request.scope).items() if value}
        reasons = given.pop("why", "") == "true"
        answer: list[Markup] = []
        status = 200
        if given or all(parameter.default is not None for parameter in question.parameters):
            try:
                answer = await self._answer(question, given, reasons, client_of(request.scope))
            except Refused as refused:
                status = refused.response.status_code
                answer = [problem_box(refused)]
        description = el("p", question.description) if question.description else None
        return page(
            question.summary,
            description,
            self._form(question, given, reasons),
            *answer,
            root=self.names.root,
            status=status,
        )

    def _form(self, question: Question, given: dict[str, str], reasons: bool) -> Markup:
        inputs: list[Markup] = []
        for parameter in question.parameters:
            kind = {"date": "date", "integer": "number", "iri": "url"}.get(parameter.kind, "text")
            value = given.get(parameter.name, parameter.default or "")
            inputs.append(el("label", parameter.name.replace("_", " "), for_=f"p-{parameter.name}"))
            inputs.append(
                el(
                    "input",
                    id=f"p-{parameter.name}",
                    name=parameter.name,
                    type=kind,
                    value=value,
                    placeholder=parameter.example,
                    required=parameter.default is None,
                )
            )
            inputs.append(
                el("div", f"{parameter.description} For example: {parameter.example}", class_="quiet")
            )
        ticked = el("input", type="checkbox", name="why", value="true", checked=reasons, class_="tick")
        action = f"{self.names.root}/questions/{question.name}"
        explain = el("label", ticked, " Show what each row rests on")
        return el(
            "form", list(inputs), explain, el("button", "Ask", type="submit"), method="get", action=action
        )

    async def _answer(
        self, question: Question, given: dict[str, str], reasons: bool, client: str
    ) -> list[Markup]:
        if reasons:
            found = await answered_with_reasons(self.asking, question, given, client)
        else:
            _, body = await self.asking.ask(question, given, JSON, client=client)
            found = json.loads(body)
        rows = found["results"]["bindings"]
        table = await self.names.table(found["head"]["vars"], rows, client)
        api = f"{self.names.root}/api/questions/{question.name}?"
        links = [el("a", each.upper(), href=api + urlencode({**given, "format": each})) for each in FORMATS]
        spaced = [part for link in links for part in (link, " ")]
        parts = [
            el("h2", "Answer"),
            el("p", f"{len(rows)} rows. As data: ", list(spaced), class_="quiet"),
            table,
        ]
        return parts + ([await self._reasons(found["why"], client)] if reasons else [])

    async def _reasons(self, all_reasons: list[list[dict[str, Any]]], client: str) -> Markup:
        used = {
            graph["graph"]: graph["says"] for row in all_reasons for each in row for graph in each["graphs"]
        }
        await self.names.learn(used, client)
        items: list[Markup] = []
        for number, row in enumerate(all_reasons, 1):
            graphs = dict.fromkeys(graph["graph"] for each in row for graph in each["graphs"])
            said = [
                el("li", self.names.link(graph), f" — {used[graph]}" if used[graph] else "")
                for graph in graphs
            ]
            items.append(el("li", el("strong", f"Row {number}"), el("ul", list(said))))
        return el("section", el("h2", "What each row rests on"), el("ol", list(items), class_="plain"))

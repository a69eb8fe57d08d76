"""Every IRI of the data at its own address: a page for people, RDF for programs, by content negotiation."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode
from starlette.responses import Response

from diplograph.server.html import Markup, document, el
from diplograph.server.linked import SPACE, Names, iris_of
from diplograph.server.messages import fields, header, values
from diplograph.server.negotiate import GRAPHS, SHORT, accepts_gzip, best, content_type
from diplograph.server.problems import refuse
from diplograph.server.protocol import HTML, REVALIDATE, client_of
from diplograph.vocabulary import DG, INFERRED_GRAPH, RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from starlette.requests import Request
    from starlette.types import Scope

    from diplograph.server.engine import Engine, Row

    Show = Callable[[str, str, Scope], Awaitable[Response]]

MOST_FACTS = 2000
MOST_MENTIONS = 300
OFFERED = (*GRAPHS, HTML)
FILES = {"Turtle": "ttl", "TriG": "trig", "N-Triples": "nt", "RDF/XML": "rdf", "JSON-LD": "jsonld"}

_OUT = "SELECT ?p ?o ?g { GRAPH ?g { %s ?p ?o } } ORDER BY ?p ?o ?g LIMIT %d"
_IN = "SELECT DISTINCT ?s ?p { ?s ?p %s FILTER (isIRI(?s)) } ORDER BY ?p ?s LIMIT %d"
_AROUND = "CONSTRUCT { %(x)s ?p ?o . ?s ?q %(x)s } { { %(x)s ?p ?o } UNION { ?s ?q %(x)s } }"
_ARTICLE = """CONSTRUCT { ?s ?p ?o } {
  GRAPH ?g { ?s ?p ?o } FILTER (?g = %(x)s || STRSTARTS(STR(?g), CONCAT(STR(%(x)s), "#")))
}"""
_PASSAGES = """SELECT ?g ?s ?p ?o {
  GRAPH ?g { ?s ?p ?o } FILTER (STRSTARTS(STR(?g), CONCAT(STR(%s), "#")))
} ORDER BY ?g ?s ?p ?o LIMIT 5000"""
_ABOUT_PASSAGES = """SELECT ?x ?p ?o {
  GRAPH %(x)s { ?x ?p ?o } FILTER (STRSTARTS(STR(?x), CONCAT(STR(%(x)s), "#")))
} ORDER BY ?x ?p ?o LIMIT 5000"""
_GRAPH = "SELECT ?s ?p ?o { GRAPH %s { ?s ?p ?o FILTER (isIRI(?s)) } } ORDER BY ?s ?p ?o LIMIT %d"
_ARTICLES = f"SELECT DISTINCT ?x {{ ?x a {DG.Article} }} ORDER BY ?x LIMIT 1000"


class Pages:
    """The pages of entities, articles, the ontology and the other graphs."""

    def __init__(self, engine: Engine, names: Names) -> None:
        self.engine, self.names = engine, names

    async def entity(self, request: Request) -> Response:
        """Answers for `/id/…`: what is stated of a thing, where that is stated, and what mentions it."""
        return await self.answer(request, _iri(request), self._entity, _AROUND)

    async def article(self, request: Request) -> Response:
        """Answers for `/article/…`: the article's description, and its passages with what they state."""
        return await self.answer(request, _iri(request), self._article, _ARTICLE)

    async def graph(self, request: Request) -> Response:
        """Answers for the other graphs, each of which is its IRI's own description."""
        return await self.answer(request, _iri(request))

    async def articles(self, request: Request) -> Response:
        """Lists the articles."""
        client = client_of(request.scope)
        rows = await self.engine.rows(_ARTICLES, client)
        await self.names.learn(iris_of(rows), client)
        items = [el("li", self.names.link(row["x"]["value"])) for row in rows]
        return page(
            "Articles",
            el("p", "The texts that the graph rests on."),
            el("ul", list(items)),
            root=self.names.root,
        )

    async def answer(
        self, request: Request, iri: str, show: Show | None = None, construct: str | None = None
    ) -> Response:
        """Answers for an IRI in the format that the client likes best.

        Args:
            request: The request.
            iri: The IRI that is asked for.
            show: Makes its page; None for that of a graph.
            construct: The query for its RDF; None for a graph as it is.

        Raises:
            Refused: The data does not know the IRI, or no acceptable format is offered.
        """
        scope = request.scope
        try:
            node = str(NamedNode(iri))
        except ValueError:
            raise refuse("not-found") from None
        chosen = values(fields(scope["query_string"]), "format")
        accept = SHORT.get(chosen[0], chosen[0]) if chosen else header(scope, b"accept")
        media = best(accept, OFFERED)
        if media is None:
            raise refuse("not-acceptable", offered=list(OFFERED))
        tag = self.engine.tag((iri, media))
        if tag in header(scope, b"if-none-match"):
            return Response(status_code=304, headers={"ETag": tag, **REVALIDATE})
        if media == HTML:
            response = await (show or self._graph)(iri, node, scope)
        else:
            response = await self._rdf(iri, node, construct, media, scope)
        response.headers["ETag"] = tag
        return response

    async def _rdf(self, iri: str, node: str, construct: str | None, media: str, scope: Scope) -> Response:
        client, gzip = client_of(scope), accepts_gzip(header(scope, b"accept-encoding"))
        if construct is None:
            head, body = await self.engine.graph(iri, media, client=client, gzip=gzip)
        else:
            await self._exists(node, client)
            head, body = await self.engine.query(
                construct % {"x": node}, graphs=media, client=client, gzip=gzip
            )
        encoding = {"Content-Encoding": head["encoding"]} if "encoding" in head else {}
        return Response(body, headers=REVALIDATE | encoding, media_type=content_type(media))

    async def _exists(self, node: str, client: str) -> None:
        query = f"SELECT ?p {{ {{ {node} ?p ?o }} UNION {{ ?s ?p {node} }} }} LIMIT 1"
        if not await self.engine.rows(query, client):
            raise refuse("not-found", "the data does not know it")

    async def _entity(self, iri: str, node: str, scope: Scope) -> Response:
        client = client_of(scope)
        stated = await self.engine.rows(_OUT % (node, MOST_FACTS), client)
        mentions = await self.engine.rows(_IN % (node, MOST_MENTIONS), client)
        if not stated and not mentions:
            raise refuse("not-found", "the data does not know it")
        await self.names.learn([iri, *iris_of(stated), *iris_of(mentions)], client)
        body: list[Markup | None] = [el("p", iri, class_="iri"), self._facts(stated)]
        if mentions:
            body += [el("h2", "Mentioned by"), self._mentions(mentions)]
        if len(mentions) == MOST_MENTIONS:
            body.append(el("p", f"These are the first {MOST_MENTIONS}; SPARQL gives all.", class_="quiet"))
        return self.shown(self.names.name(iri), body)

    async def _article(self, iri: str, node: str, scope: Scope) -> Response:
        client = client_of(scope)
        about = await self.engine.rows(_OUT % (node, MOST_FACTS), client)
        if not about:
            raise refuse("not-found", "the data does not know this article")
        stated = await self.engine.rows(_PASSAGES % node, client)
        described = await self.engine.rows(_ABOUT_PASSAGES % {"x": node}, client)
        await self.names.learn([iri, *iris_of(about), *iris_of(stated), *iris_of(described)], client)
        by_graph, by_passage = grouped(stated, "g"), grouped(described, "x")
        body: list[Markup | None] = [el("p", iri, class_="iri"), self._facts(about), el("h2", "Passages")]
        body.extend(
            self._passage(passage, by_passage.get(passage, []), by_graph.get(passage, []))
            for passage in sorted({*by_graph, *by_passage}, key=_reading_order)
        )
        return self.shown(self.names.name(iri), body)

    def _passage(self, iri: str, about: list[Row], stated: list[Row]) -> Markup:
        glosses = [row["o"]["value"] for row in about if row["p"]["value"] == DG.gloss.value]
        rest = [row for row in about if row["p"]["value"] not in (DG.gloss.value, RDF.type.value)]
        fragment = iri.partition("#")[2]
        heading = el("h3", el("a", fragment, href=f"#{fragment}"))
        quiet = [el("p", gloss) for gloss in glosses]
        facts = [
            el(
                "li",
                self.names.cell(row["s"]),
                " ",
                self.names.link(row["p"]["value"]),
                " ",
                self.names.cell(row["o"]),
            )
            for row in stated
        ]
        return el(
            "article",
            heading,
            list(quiet),
            el("ul", list(facts)) if facts else None,
            self._facts(rest) if rest else None,
            id=fragment,
            class_="passage",
        )

    async def _graph(self, iri: str, node: str, scope: Scope) -> Response:
        client = client_of(scope)
        rows = await self.engine.rows(_GRAPH % (node, MOST_FACTS), client)
        if not rows:
            raise refuse("not-found", "the data has no such graph")
        await self.names.learn([iri, *iris_of(rows)], client)
        body: list[Markup | None] = [el("p", iri, class_="iri")]
        if len(rows) == MOST_FACTS:
            body.append(
                el("p", f"The first {MOST_FACTS} statements; the files below have all.", class_="quiet")
            )
        for subject, stated in grouped(rows, "s").items():
            fragment = subject.partition("#")[2] if subject.startswith(f"{iri}#") else None
            title = el("h2", self.names.name(subject) if fragment else self.names.link(subject), id=fragment)
            body += [title, self._facts(stated)]
        return self.shown(self.names.name(iri), body)

    def _facts(self, rows: list[Row]) -> Markup:
        groups: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            if row["o"]["type"] == "bnode" and row["p"]["value"] == RDF.type.value:
                continue  # an expression of the ontology, not a class with a name
            groups[row["p"]["value"]][repr(sorted(row["o"].items()))].append(row)
        parts: list[Markup] = []
        for predicate in sorted(groups, key=_predicates_order):
            parts.append(el("dt", self.names.link(predicate)))
            for same in sorted(groups[predicate].values(), key=_only_inferred):
                sources = [self._source(row["g"]["value"]) for row in same if "g" in row]
                parts.append(el("dd", self.names.cell(same[0]["o"]), list(sources)))
        return el("dl", list(parts), class_="facts")

    def _source(self, graph: str) -> Markup:
        name = graph.removeprefix(SPACE).removeprefix("article/").removeprefix("graph/")
        shown = name if len(name) <= 48 else f"{name[:22]}…{name[-24:]}"
        return el("a", shown, href=self.names.path(graph), title=f"stated in {graph}", class_="source")

    def _mentions(self, rows: list[Row]) -> Markup:
        parts: list[Markup] = []
        for predicate, same in grouped(rows, "p").items():
            parts.append(el("dt", self.names.link(predicate)))
            parts += [el("dd", self.names.link(row["s"]["value"])) for row in same]
        return el("dl", list(parts), class_="facts")

    def shown(self, title: str, body: list[Markup | None]) -> Response:
        """Returns the page of a thing, with links to its other formats."""
        files = [el("a", name, href=f"?format={short}") for name, short in FILES.items()]
        spaced = [part for file in files for part in (file, " ")]
        links = [
            el("link", rel="alternate", type=SHORT[short], href=f"?format={short}")
            for short in FILES.values()
        ]
        return page(
            title,
            *body,
            el("p", "As data: ", list(spaced), class_="quiet"),
            root=self.names.root,
            links=links,
        )


def page(
    title: str, *body: Markup | None, root: str = "", links: list[Markup] | None = None, status: int = 200
) -> Response:
    """Returns an HTML page as a response."""
    headers = dict(REVALIDATE)
    return Response(document(title, *body, root=root, alternates=links), status, headers, media_type=HTML)


def _iri(request: Request) -> str:
    return SPACE + str(request.scope["path"]).lstrip("/")


def grouped(rows: Iterable[Row], variable: str) -> dict[str, list[Row]]:
    """Returns rows by the value of one variable, in order of first occurrence."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[variable]["value"]].append(row)
    return groups


def _only_inferred(rows: list[Row]) -> bool:
    return all(row.get("g", {}).get("value") == INFERRED_GRAPH.value for row in rows)


def _predicates_order(predicate: str) -> tuple[int, str]:
    first = (RDF.type.value, RDFS.label.value)
    return (first.index(predicate) if predicate in first else len(first)), predicate


def _reading_order(iri: str) -> tuple[int, int, str]:
    fragment = iri.partition("#")[2]
    start, _, end = fragment.removeprefix("char=").partition(",")
    return (int(start), int(end), "") if start.isdigit() and end.isdigit() else (1 << 31, 0, fragment)

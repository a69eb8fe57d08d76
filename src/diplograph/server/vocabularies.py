"""The ontology as a page of its terms, its versions, and the shapes, which no graph of the data holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse, serialize
from starlette.responses import Response

from diplograph.server.html import Child, Markup, el
from diplograph.server.linked import SPACE, Names, iris_of
from diplograph.server.messages import header
from diplograph.server.negotiate import GRAPHS, best, content_type
from diplograph.server.pages import Pages, grouped, page
from diplograph.server.problems import refuse
from diplograph.server.protocol import HTML, REVALIDATE, client_of
from diplograph.vocabulary import DG, OWL, RDF, RDFS, SKOS

if TYPE_CHECKING:
    from starlette.requests import Request

    from diplograph.server.engine import Engine, Row
    from diplograph.workspace import Workspace

SHOWN = {
    RDFS.subClassOf.value: "kind of",
    RDFS.subPropertyOf.value: "part of the meaning of",
    RDFS.domain.value: "from",
    RDFS.range.value: "to",
    OWL.inverseOf.value: "inverse of",
    SKOS.scopeNote.value: "note",
    SKOS.example.value: "example",
}
_KINDS = (
    ("Classes", (OWL.Class,)),
    ("Properties", (OWL.ObjectProperty, OWL.DatatypeProperty)),
    ("Individuals", ()),
)
_TERMS = f"""SELECT ?s ?p ?o {{ GRAPH <%s> {{
  ?s ?p ?o . VALUES ?p {{ %s }} FILTER (STRSTARTS(STR(?s), "{DG}"))
}} }} ORDER BY ?s ?p ?o LIMIT 50000"""
_VERSION = f"ASK {{ <%s> {OWL.versionIRI} <%s> }}"


class Vocabularies:
    """The pages of the ontology and the shapes."""

    def __init__(self, engine: Engine, names: Names, pages: Pages, workspace: Workspace | None) -> None:
        self.engine, self.names, self.pages, self.workspace = engine, names, pages, workspace

    async def ontology(self, request: Request) -> Response:
        """Answers for `/ontology`: each term is a fragment of its page."""
        return await self.pages.answer(request, SPACE + "ontology", self._terms)

    async def version(self, request: Request) -> Response:
        """Answers for the IRI of the present version of the ontology or the alignment."""
        name = str(request.scope["path"]).split("/")[1]
        iri = f"{SPACE}{name}"
        _, body = await self.engine.query(_VERSION % (iri, f"{iri}/{request.path_params['version']}"))
        if b"true" not in body:
            raise refuse("not-found", "this version is not here")
        return await self.pages.answer(request, iri, self._terms if name == "ontology" else None)

    async def shapes(self, request: Request) -> Response:
        """Answers for `/shapes` from the workspace's file."""
        path = self.workspace.ontology / "shapes.ttl" if self.workspace is not None else None
        if path is None or not path.is_file():
            raise refuse("not-found")
        media = best(header(request.scope, b"accept"), (*GRAPHS, HTML))
        if media is None:
            raise refuse("not-acceptable", offered=list(GRAPHS))
        text = path.read_bytes()
        if media == HTML:
            return page("Shapes", el("pre", text.decode()), root=self.names.root)
        if media != "text/turtle":
            format_ = RdfFormat.from_media_type(media)
            text = serialize(parse(text, RdfFormat.TURTLE), format=format_) or b""
        return Response(text, headers=REVALIDATE, media_type=content_type(media))

    async def _terms(self, iri: str, _node: str, scope: object) -> Response:
        client = client_of(scope)  # type: ignore[arg-type]
        wanted = [RDF.type.value, RDFS.label.value, SKOS.definition.value, *SHOWN]
        rows = await self.engine.rows(_TERMS % (iri, " ".join(f"<{each}>" for each in wanted)), client)
        if not rows:
            raise refuse("not-found", "the data has no ontology")
        await self.names.learn([iri, *iris_of(rows)], client)
        terms = grouped(rows, "s")
        parts: list[Markup | None] = [el("p", iri, class_="iri")]
        left = dict(terms)
        for title, kinds in _KINDS:
            chosen = [
                term for term in left if not kinds or _types(left[term]) & {each.value for each in kinds}
            ]
            entries = [self._entry(term, left.pop(term)) for term in sorted(chosen)]
            parts += [el("h2", title), *entries] if entries else []
        return self.pages.shown(self.names.name(iri), parts)

    def _entry(self, term: str, rows: list[Row]) -> Markup:
        fragment = term.partition("#")[2]
        labels = [row["o"] for row in rows if row["p"]["value"] == RDFS.label.value]
        names: list[Child] = []
        for each in labels:
            names += [" · "] * bool(names) + [el("span", each["value"], lang=each.get("xml:lang"))]
        definitions = [
            el("p", row["o"]["value"]) for row in rows if row["p"]["value"] == SKOS.definition.value
        ]
        facts: list[Markup] = []
        for predicate, same in grouped(rows, "p").items():
            shown = [row["o"] for row in same if row["o"]["type"] != "bnode"]
            if predicate in SHOWN and shown:
                facts += [el("dt", SHOWN[predicate]), *(el("dd", self.names.cell(each)) for each in shown)]
        return el(
            "article",
            el("h3", el("a", fragment, href=f"#{fragment}")),
            el("p", names, class_="quiet"),
            list(definitions),
            el("dl", list(facts), class_="facts") if facts else None,
            id=fragment,
            class_="passage",
        )


def _types(rows: list[Row]) -> set[str]:
    return {row["o"]["value"] for row in rows if row["p"]["value"] == RDF.type.value}

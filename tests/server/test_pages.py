"""Every IRI of the data leads somewhere, for people and for programs; no text of the data becomes HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse
from server.serving import Running, serving, store

from diplograph.server.html import Markup, document, el, join
from diplograph.vocabulary import DG, ID, RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

SPACE = "https://w3id.org/diplograph/"
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
TURTLE = {"Accept": "text/turtle"}
XSS = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


class Page(HTMLParser):
    """The links, anchors, elements and text of a page; every element must be closed in order."""

    VOID = ("meta", "link", "input", "br", "hr", "img")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.add(tag)
        self.attributes |= given.keys()
        self.links += [given["href"] or ""] if tag == "a" and "href" in given else []
        self.ids |= {given["id"] or ""} if "id" in given else set()
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("pages"), built) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def iris(built: Path) -> set[str]:
    """All IRIs of ours that the data speaks of."""
    data = Store.read_only(str(built / "store"))
    terms = {term for quad in data for term in (quad.subject, quad.object, quad.graph_name)}
    return {term.value for term in terms if isinstance(term, NamedNode) and term.value.startswith(SPACE)}


def test_every_iri_is_known_in_rdf(client: httpx.Client, iris: set[str]) -> None:
    documents = {iri.partition("#")[0] for iri in iris} - {f"{SPACE}shapes", SPACE.rstrip("/"), SPACE}
    lost = []
    for iri in sorted(documents):
        response = client.get("/" + iri.removeprefix(SPACE), headers=TURTLE)
        if response.status_code != 200 or not any(parse(response.content, RdfFormat.TURTLE)):
            lost.append((iri, response.status_code))
    assert not lost


@pytest.mark.parametrize("start", ["/", "/articles", "/questions", "/ontology", "/id/laos", "/sparql"])
def test_pages_are_well_formed_and_their_links_lead_somewhere(client: httpx.Client, start: str) -> None:
    response = client.get(start, headers=HTML)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(response.text)
    assert not page.elements & {"script", "iframe", "object", "style"}
    assert not {each for each in page.attributes if each.startswith("on") or each == "style"}
    local = {urljoin(start, link).partition("#")[0] for link in page.links if not urlsplit(link).scheme}
    for link in sorted(local)[:: max(1, len(local) // 40)]:
        assert client.get(link, headers=HTML).status_code == 200, link


def test_an_article_lists_its_passages_with_anchors(client: httpx.Client, iris: set[str]) -> None:
    articles = {iri for iri in iris if iri.startswith(f"{SPACE}article/") and "#" not in iri}
    assert articles
    for article in articles:
        page = Page(client.get("/" + article.removeprefix(SPACE), headers=HTML).text)
        fragments = {iri.partition("#")[2] for iri in iris if iri.startswith(f"{article}#")}
        assert fragments <= page.ids


def test_terms_are_anchors_of_the_ontology_page(client: httpx.Client, iris: set[str]) -> None:
    page = Page(client.get("/ontology", headers=HTML).text)
    data = client.get("/ontology", headers=TURTLE)
    declared = {
        quad.subject.value for quad in parse(data.content, RdfFormat.TURTLE) if quad.predicate == RDF.type
    }
    terms = {iri.partition("#")[2] for iri in declared if iri.startswith(str(DG))}
    assert len(terms) > 100
    assert terms <= page.ids


@pytest.mark.parametrize(
    "media", ["text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples"]
)
def test_the_same_address_gives_rdf(client: httpx.Client, media: str) -> None:
    response = client.get("/id/laos", headers={"Accept": media})
    assert response.headers["content-type"].startswith(media)
    assert "Accept" in response.headers["vary"]
    again = client.get("/id/laos", headers={"Accept": media, "If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


def test_what_is_not_known_is_not_found_in_the_readers_format(client: httpx.Client) -> None:
    for path in ("/id/nobody", "/article/none", "/reference/none", "/graph/none", "/nothing/at/all"):
        page = client.get(path, headers=HTML)
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert client.get(path, headers=TURTLE).headers["content-type"] == "application/problem+json"


def test_a_query_and_its_mistakes_are_shown(client: httpx.Client) -> None:
    shown = client.get("/sparql", params={"query": "SELECT ?s { ?s ?p ?o } LIMIT 3"}, headers=HTML)
    assert shown.text.count("<tr>") == 4
    assert "Yes." in client.get("/sparql", params={"query": "ASK {}"}, headers=HTML).text
    wrong = client.get("/sparql", params={"query": f"ASK {{ {XSS}"}, headers=HTML)
    assert wrong.status_code == 400
    assert not Page(wrong.text).elements & {"script", "img"}
    graph = client.get("/sparql", params={"query": "CONSTRUCT WHERE { ?s a ?c } LIMIT 1"}, headers=HTML | {})
    assert "<pre>" in graph.text


def test_hostile_data_stays_text(tmp_path: Path) -> None:
    thing, evil = ID.term("thing"), NamedNode("javascript:alert(1)")
    graph = NamedNode(f"{SPACE}article/x#char=0,1")
    build = store(
        tmp_path / "build",
        *[
            Quad(thing, RDFS.label, Literal(XSS, language="en"), graph),
            Quad(thing, RDFS.seeAlso, evil, graph),
        ],
        Quad(
            NamedNode(f"{SPACE}article/x"),
            RDFS.label,
            Literal(XSS, language="en"),
            NamedNode(f"{SPACE}article/x"),
        ),
        Quad(graph, DG.gloss, Literal(XSS), NamedNode(f"{SPACE}article/x")),
        Quad(thing, NamedNode("urn:p"), Literal(XSS, datatype=NamedNode("urn:d")), graph),
    )
    with serving(tmp_path, build) as server, server.client() as client:
        for path in (
            "/id/thing",
            "/article/x",
            "/articles",
            f"/sparql?query={quote('SELECT * { ?s ?p ?o }')}",
        ):
            text = client.get(path, headers=HTML).text
            page = Page(text)
            assert not page.elements & {"script", "img"}, path
            assert not any(link.startswith("javascript") for link in page.links)
        assert XSS in Page(client.get("/id/thing", headers=HTML).text).text


@pytest.mark.parametrize("text", [XSS, "a < b", "]]>", "&amp;", "\u202e"])
def test_elements_escape_whatever_is_text(text: str) -> None:
    made = el("p", text, el("b", text), title=text, data_x=text)
    assert Page(made).text == text * 2
    assert not Page(made).elements - {"p", "b"}
    assert join(text, [text]) == Markup(join(text) * 2)


def test_elements_keep_links_safe() -> None:
    for link in ("javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "urn:x"):
        assert el("a", "x", href=link) == "<a>x</a>"
    assert el("a", "x", href="https://a/?b=1&c=2") == '<a href="https://a/?b=1&amp;c=2">x</a>'


def test_documents_are_whole() -> None:
    text = document("A & B", el("p", "x")).decode()
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert re.search("<title>A &amp; B · Diplograph</title>", text)

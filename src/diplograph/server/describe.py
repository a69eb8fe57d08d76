"""What the server says about itself and its data: SPARQL 1.1 Service Description, and VoID."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QueryResultsFormat, RdfFormat, serialize

from diplograph.server.negotiate import GRAPHS, RESULTS
from diplograph.vocabulary import DCTERMS, RDF, XSD, Namespace

if TYPE_CHECKING:
    from diplograph.server.engine import Engine

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
PREFIXES = {"dct": str(DCTERMS), "formats": str(FORMATS), "sd": str(SD), "void": str(VOID)}

_COUNTS = """SELECT ?g (COUNT(*) AS ?triples) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"""
_TOTALS = """SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects)
  (COUNT(DISTINCT ?p) AS ?properties)
{ SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }"""

Node = NamedNode | BlankNode
Term = Node | Literal


class Description:
    """Makes both descriptions; what needs counting is counted once a generation."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._counts: dict[str, list[tuple[str, int]]] = {}
        self._totals: dict[str, dict[str, int]] = {}

    async def service(self, origin: str, media: str, client: str = "") -> bytes:
        """Returns the service description of the endpoint at `origin`/sparql (section 3)."""
        endpoint = f"{origin}/sparql"
        service, dataset, default = (
            NamedNode(f"{endpoint}#{part}") for part in ("service", "dataset", "default")
        )
        writable = self.engine.settings.writable is not None
        languages = [SD.SPARQL11Query, *([SD.SPARQL11Update] if writable else [])]
        facts: list[tuple[Node, NamedNode, Term]] = [
            (service, RDF.type, SD.Service),
            (service, SD.endpoint, NamedNode(endpoint)),
            *((service, SD.supportedLanguage, language) for language in languages),
            (service, SD.feature, SD.UnionDefaultGraph),
            *((service, SD.resultFormat, NamedNode(iri)) for iri in _formats()),
            *([(service, SD.inputFormat, FORMATS.Turtle)] if writable else []),
            (service, SD.defaultDataset, dataset),
            (dataset, RDF.type, SD.Dataset),
            (dataset, SD.defaultGraph, default),
            (default, RDF.type, SD.Graph),
        ]
        for name, triples in await self._graphs(client):
            named, graph = BlankNode(), BlankNode()
            facts += [
                (dataset, SD.namedGraph, named),
                (named, RDF.type, SD.NamedGraph),
                (named, SD.name, NamedNode(name)),
                (named, SD.graph, graph),
                (graph, RDF.type, SD.Graph),
                (graph, VOID.triples, _integer(triples)),
            ]
        return _written(facts, media)

    async def void(self, origin: str, media: str, client: str = "") -> bytes:
        """Returns the VoID description of the dataset (section 6.2: at `/.well-known/void`)."""
        here, dataset = (
            NamedNode(f"{origin}/.well-known/void"),
            NamedNode(f"{origin}/.well-known/void#dataset"),
        )
        totals = await self._sizes(client)
        facts: list[tuple[Node, NamedNode, Term]] = [
            (here, RDF.type, VOID.DatasetDescription),
            (here, NamedNode("http://xmlns.com/foaf/0.1/primaryTopic"), dataset),
            (dataset, RDF.type, VOID.Dataset),
            (dataset, DCTERMS["title"], Literal("Diplograph: a knowledge graph of diplomacy", language="en")),
            (dataset, DCTERMS.license, NamedNode("https://creativecommons.org/licenses/by/4.0/")),
            (dataset, VOID.sparqlEndpoint, NamedNode(f"{origin}/sparql")),
            (dataset, VOID.uriSpace, Literal("https://w3id.org/diplograph/")),
            (dataset, VOID.exampleResource, NamedNode("https://w3id.org/diplograph/ontology")),
            (dataset, VOID.triples, _integer(totals["triples"])),
            (dataset, VOID.distinctSubjects, _integer(totals["subjects"])),
            (dataset, VOID.properties, _integer(totals["properties"])),
            *((dataset, VOID.feature, NamedNode(format_.iri)) for format_ in map(_rdf, GRAPHS.values())),
            *((dataset, VOID.vocabulary, NamedNode(iri)) for iri in _VOCABULARIES),
        ]
        return _written(facts, media)

    async def _graphs(self, client: str) -> list[tuple[str, int]]:
        digest = self.engine.generations.current.digest
        if digest not in self._counts:
            rows = await self.engine.rows(_COUNTS, client)
            found = [
                (row["g"]["value"], int(row["triples"]["value"])) for row in rows if row["g"]["type"] == "uri"
            ]
            self._counts = {digest: found}
        return self._counts[digest]

    async def _sizes(self, client: str) -> dict[str, int]:
        digest = self.engine.generations.current.digest
        if digest not in self._totals:
            _, body = await self.engine.query(_TOTALS, client=client)
            row = json.loads(body)["results"]["bindings"][0]
            self._totals = {digest: {name: int(cell["value"]) for name, cell in row.items()}}
        return self._totals[digest]


_VOCABULARIES = (
    "https://w3id.org/diplograph/ontology#",
    "http://www.w3.org/2004/02/skos/core#",
    "http://www.w3.org/ns/prov#",
    "http://purl.org/dc/terms/",
)


def _formats() -> list[str]:
    results = [QueryResultsFormat.from_media_type(media) for media in dict.fromkeys(RESULTS.values())]
    return [each.iri for each in results if each is not None] + [_rdf(media).iri for media in GRAPHS.values()]


def _rdf(media: str) -> RdfFormat:
    found = RdfFormat.from_media_type(media)
    assert found is not None
    return found


def _integer(value: int) -> Literal:
    return Literal(str(value), datatype=XSD.integer)


def _written(facts: list[tuple[Node, NamedNode, Term]], media: str) -> bytes:
    format_ = _rdf(media)
    prefixes = {} if format_ in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS, RdfFormat.JSON_LD) else PREFIXES
    body = serialize((Quad(*fact) for fact in facts), format=format_, prefixes=prefixes)
    assert body is not None
    return body

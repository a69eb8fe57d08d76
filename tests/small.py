"""A workspace of a few triples, for tests that break it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diplograph.evidence import article_block, passage_block
from diplograph.text import digest
from diplograph.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "Anna Berg visited Lagonia.\n\nThe visit was on 3 May 2021. Anna Berg met Otto Lind.\n"
PREFIXES = """\
@prefix dct: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dg: <https://w3id.org/diplograph/ontology#> .
@prefix id: <https://w3id.org/diplograph/id/> .
"""
_REGISTRY = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://w3id.org/diplograph/ontology> sh:declare
    [ sh:prefix "dct" ; sh:namespace "http://purl.org/dc/terms/"^^xsd:anyURI ] ,
    [ sh:prefix "dg" ; sh:namespace "https://w3id.org/diplograph/ontology#"^^xsd:anyURI ] ,
    [ sh:prefix "id" ; sh:namespace "https://w3id.org/diplograph/id/"^^xsd:anyURI ] ,
    [ sh:prefix "rdfs" ; sh:namespace "http://www.w3.org/2000/01/rdf-schema#"^^xsd:anyURI ] ,
    [ sh:prefix "skos" ; sh:namespace "http://www.w3.org/2004/02/skos/core#"^^xsd:anyURI ] .
"""
_CLASSES = (
    "Article Actor Conclusion DerivedGraph DescriptionGraph InferredGraph Passage Person ReferenceGraph "
    "SchemaGraph Visit"
)
_PROPERTIES = (
    "attestedOn date digest gloss inArticle paragraph reason restsOn textDigest textLength visitor published "
    "met earliestStart latestStart earliestEnd latestEnd"
)


def ontology() -> str:
    lines = [PREFIXES, "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"]
    lines += [f"dg:{name} a owl:Class .\n" for name in _CLASSES.split()]
    lines += [f"dg:{name} a owl:DatatypeProperty .\n" for name in _PROPERTIES.split()]
    return "".join([*lines, "dg:Person rdfs:subClassOf dg:Actor .\n"])


def article() -> str:
    visit = passage_block(TEXT, "Anna Berg visited Lagonia", gloss="A visit")
    when = passage_block(TEXT, "The visit was on 3 May 2021", gloss="Its date")
    return "\n".join(
        [
            PREFIXES + article_block(TEXT, "a-visit").replace('rdfs:label ""', 'rdfs:label "A visit"'),
            'id:the-visit rdfs:label "The visit"@en .\n',
            visit[:-2] + "    id:the-visit a dg:Visit ; dg:visitor id:anna-berg .\n"
            '    id:anna-berg skos:altLabel "Anna Berg"@en .\n}\n',
            when[:-2] + '    id:the-visit dg:date "2021-05-03" .\n}\n',
            '<#conclusion-met> a dg:Conclusion ; dg:reason "Visitors meet."@en ; dg:restsOn <#char=0,25> .\n',
            "GRAPH <#conclusion-met> { id:anna-berg dg:met id:otto-lind . }\n",
        ]
    )


def create(root: Path) -> Workspace:
    """Writes the workspace, with its text in `texts/`."""
    for folder in ("ontology", "data/reference", "data/articles", "queries/checks", "queries/rules", "texts"):
        (root / folder).mkdir(parents=True)
    (root / "ontology" / "prefixes.ttl").write_text(_REGISTRY)
    (root / "ontology" / "diplograph.ttl").write_text(ontology())
    (root / "data" / "reference" / "actors.ttl").write_text(
        PREFIXES
        + 'id:anna-berg a dg:Person ; rdfs:label "Anna Berg"@en .\n'
        + 'id:otto-lind a dg:Person ; rdfs:label "Otto Lind"@en .\n'
    )
    (root / "data" / "articles" / "a-visit.trig").write_text(article())
    (root / "texts" / "text.txt").write_bytes(TEXT.encode())
    assert digest(TEXT) in article()
    return Workspace(root, root / "build")

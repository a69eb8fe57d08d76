"""Labels, definitions and headers: what a reader of the ontology is promised of every term."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from ontology.axioms import Ontology, short
from ontology.cases import SOURCES
from pyoxigraph import BlankNode, Literal, NamedNode

from diplograph.vocabulary import DCTERMS, DG, OWL, RDF, RDFS, SKOS

if TYPE_CHECKING:
    from pathlib import Path

ONTOLOGY = Ontology(SOURCES[0])
IRI = NamedNode(DG.removesuffix("#"))
KINDS = {
    "class": [OWL.Class],
    "property": [OWL.ObjectProperty, OWL.DatatypeProperty],
    "individual": [OWL.NamedIndividual],
}
TERMS = {
    term: kind
    for kind, types in KINDS.items()
    for type_ in types
    for term in ONTOLOGY.subjects(RDF.type, type_)
    if not isinstance(term, BlankNode)
}
LANGUAGES = ["en", "lo", "th", "vi"]
SCRIPTS = {"lo": r"[\u0E80-\u0EFF]", "th": r"[\u0E00-\u0E7F]", "vi": r"[a-zà-ỹđ]", "en": r"[A-Za-z]"}
THAI, LAO, BEYOND_ASCII = r"[\u0E00-\u0E7F]", r"[\u0E80-\u0EFF]", r"[^\x00-\x7F]"
FOREIGN = {"lo": THAI, "th": LAO, "vi": f"{THAI}|{LAO}", "en": BEYOND_ASCII}
HEADER = [DCTERMS[name] for name in ("title", "description", "created", "creator", "license")]


def labels(term: NamedNode) -> dict[str, str]:
    return {label.language: label.value for label in ONTOLOGY.objects(term, RDFS.label)}


def definition(term: NamedNode) -> str:
    [text] = ONTOLOGY.objects(term, SKOS.definition)
    return text.value


def test_there_are_terms_of_every_kind() -> None:
    assert set(TERMS.values()) == set(KINDS)
    assert all(str(term).startswith(f"<{IRI.value}#") for term in TERMS)


@pytest.mark.parametrize("term", sorted(TERMS, key=str), ids=short)
def test_term_is_documented(term: NamedNode) -> None:
    found = ONTOLOGY.objects(term, RDFS.label)
    assert sorted(label.language for label in found) == LANGUAGES
    for language, text in labels(term).items():
        assert text == text.strip()
        assert re.search(SCRIPTS[language], text), (language, text)
        assert not re.search(FOREIGN[language], text), (language, text)
    assert [text.language for text in ONTOLOGY.objects(term, SKOS.definition)] == ["en"]
    assert len(ONTOLOGY.objects(term, SKOS.scopeNote)) <= 1
    assert ONTOLOGY.objects(term, RDFS.isDefinedBy) == [IRI]
    assert definition(term).endswith(".")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_two_terms_of_a_kind_share_a_label(kind: str, language: str) -> None:
    used = Counter(labels(term)[language].casefold() for term in TERMS if TERMS[term] == kind)
    assert [label for label, times in used.items() if times > 1] == []


def test_terms_named_in_notes_and_in_the_alignment_exist() -> None:
    named = {
        NamedNode(DG + name) for name in re.findall(r"\bdg:(\w+)", SOURCES[1].read_text(encoding="utf-8"))
    }
    for quad in ONTOLOGY.store:
        if isinstance(quad.object, Literal):
            named |= {NamedNode(DG + name) for name in re.findall(r"\bdg:(\w+)", quad.object.value)}
    assert named - set(TERMS) == set()


CLASSES = [
    (term, parent)
    for term, parent in ONTOLOGY.pairs(RDFS.subClassOf)
    if not isinstance(term, BlankNode) and not isinstance(parent, BlankNode)
]


@pytest.mark.parametrize("term", sorted({term for term, _ in CLASSES}, key=str), ids=short)
def test_definition_of_a_subclass_begins_with_a_parent(term: NamedNode) -> None:
    parents = [labels(parent)["en"].split()[0].lower() for child, parent in CLASSES if child == term]
    begin = " ".join(definition(term).lower().split()[:3])
    assert any(re.search(rf"\b{parent}", begin) for parent in parents), (definition(term), parents)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_header_is_complete(source: Path) -> None:
    ontology = Ontology(source)
    [header] = ontology.subjects(RDF.type, OWL.Ontology)
    for path in [*HEADER, OWL.versionIRI, OWL.versionInfo]:
        assert len(ontology.objects(header, path)) == 1, path
    version = ontology.one(header, OWL.versionInfo).value
    assert ontology.one(header, OWL.versionIRI) == NamedNode(f"{header.value}/{version}")
    assert isinstance(ontology.one(header, DCTERMS["license"]), NamedNode)
    assert all(value.language == "en" for value in ontology.objects(header, DCTERMS["title"]))


def test_preferred_prefix_is_registered() -> None:
    vann = "http://purl.org/vocab/vann/"
    prefix = ONTOLOGY.one(IRI, NamedNode(f"{vann}preferredNamespacePrefix"))
    namespace = ONTOLOGY.one(IRI, NamedNode(f"{vann}preferredNamespaceUri"))
    registry = Ontology(SOURCES[0].with_name("prefixes.ttl"))
    sh = "http://www.w3.org/ns/shacl#"
    registered = {
        registry.one(node, NamedNode(f"{sh}prefix")): registry.one(node, NamedNode(f"{sh}namespace"))
        for node in registry.objects(IRI, NamedNode(f"{sh}declare"))
    }
    assert registered[prefix].value == namespace.value == f"{IRI.value}#"
    assert all(isinstance(each, Literal) for each in registered)

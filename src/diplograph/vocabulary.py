"""The namespaces that Diplograph reads and writes, and the one registry of prefixes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, parse

from diplograph.errors import InvalidValue, NotFound, Place, SyntaxProblem, UnknownTerm, nearest

if TYPE_CHECKING:
    from pathlib import Path

    from diplograph.workspace import Workspace


class Namespace(str):
    """An IRI prefix whose attributes and items are terms.

    >>> RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
    >>> RDFS.label
    <NamedNode value=http://www.w3.org/2000/01/rdf-schema#label>
    >>> RDFS["label"] == RDFS.label
    True
    """

    __slots__ = ()

    def term(self, name: str) -> NamedNode:
        """Returns the term of that local name; never checked against what is declared."""
        return NamedNode(str(self) + name)

    def __getitem__(self, name: str) -> NamedNode:  # type: ignore[override]  # an item is a term, not a character
        return self.term(name)

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.term(name)

    def __contains__(self, term: object) -> bool:
        iri = term.value if isinstance(term, NamedNode) else term
        return isinstance(iri, str) and iri.startswith(str(self))

    def local(self, term: NamedNode | str) -> str:
        """Returns the part of an IRI after this namespace; the IRI must be in it."""
        iri = term.value if isinstance(term, NamedNode) else term
        return iri.removeprefix(str(self))


# Names that `str` has as methods (`title`, `index`, `format` …) need the item form: DCTERMS["title"].
DG = Namespace("https://w3id.org/diplograph/ontology#")
DGS = Namespace("https://w3id.org/diplograph/shapes#")
ID = Namespace("https://w3id.org/diplograph/id/")
ARTICLE = Namespace("https://w3id.org/diplograph/article/")
GRAPH = Namespace("https://w3id.org/diplograph/graph/")
REFERENCE = Namespace("https://w3id.org/diplograph/reference/")

DCTERMS = Namespace("http://purl.org/dc/terms/")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
PROV = Namespace("http://www.w3.org/ns/prov#")
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
SH = Namespace("http://www.w3.org/ns/shacl#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")

ONTOLOGY_GRAPH = NamedNode("https://w3id.org/diplograph/ontology")
ALIGNMENT_GRAPH = NamedNode("https://w3id.org/diplograph/alignment")
BOUNDS_GRAPH = GRAPH.bounds
INFERRED_GRAPH = GRAPH.inferred
ABOUT_GRAPH = GRAPH.about


def prefixes(workspace: Workspace) -> dict[str, str]:
    """Reads the prefix registry, `ontology/prefixes.ttl`, sorted by prefix.

    The result is the caller's to change; the file is read once while its time stamp stays.

    Returns:
        Prefix to namespace IRI, as `sh:declare` gives them (SHACL section 5.2.1).

    Raises:
        NotFound: There is no registry.
        SyntaxProblem: The registry is not Turtle, or a declaration lacks a part.
    """
    path = workspace.ontology / "prefixes.ttl"
    if not path.is_file():
        raise NotFound("the prefix registry is missing", place=Place(file=path))
    return dict(_declared(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=8)
def _declared(path: Path, _stamp: int) -> tuple[tuple[str, str], ...]:
    found: dict[object, dict[str, str]] = {}
    try:
        for quad in parse(path=path, format=RdfFormat.TURTLE):
            if quad.predicate in (SH.prefix, SH.namespace):
                part = "prefix" if quad.predicate == SH.prefix else "namespace"
                found.setdefault(quad.subject, {})[part] = quad.object.value
    except SyntaxError as error:
        raise SyntaxProblem(error.msg, place=Place(path, error.lineno, error.offset)) from error
    for declaration in found.values():
        if len(declaration) != 2:
            raise SyntaxProblem(f"an incomplete sh:declare: {declaration}", place=Place(file=path))
    return tuple(sorted((each["prefix"], each["namespace"]) for each in found.values()))


def expand(name: str, known: dict[str, str]) -> NamedNode:
    """Turns a CURIE, a bare IRI or an IRI in angle brackets into a term.

    >>> expand("id:laos", {"id": "https://w3id.org/diplograph/id/"})
    <NamedNode value=https://w3id.org/diplograph/id/laos>

    Raises:
        UnknownTerm: The prefix is not in the registry.
        InvalidValue: It has characters that no IRI has, a blank for one.
    """
    if name.startswith("<") and name.endswith(">"):
        return _valid(name[1:-1])
    prefix, colon, local = name.partition(":")
    if colon and prefix in known:
        return _valid(known[prefix] + local)
    if colon and (local.startswith("//") or prefix in ("urn", "mailto", "tag")):
        return _valid(name)
    raise UnknownTerm(
        f"unknown prefix {prefix!r} in {name!r}", code="unknown-prefix", suggestions=nearest(prefix, known)
    )


def _valid(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise InvalidValue(f"<{iri}> is not an IRI: {str(error)[:1].lower()}{str(error)[1:]}") from error


def compact(term: NamedNode | str, known: dict[str, str]) -> str:
    """Returns the CURIE of an IRI by the longest namespace that fits, else the IRI in angle brackets."""
    iri = term.value if isinstance(term, NamedNode) else term
    fitting = [(namespace, prefix) for prefix, namespace in known.items() if iri.startswith(namespace)]
    if fitting:
        namespace, prefix = max(fitting, key=lambda pair: len(pair[0]))
        local = iri.removeprefix(namespace)
        if local and not set(local) & set("/#?=,()'\"<> ;%"):
            return f"{prefix}:{local}"
    return f"<{iri}>"

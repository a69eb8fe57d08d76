"""The global restrictions of OWL 2 DL on properties (OWL 2 Structural Specification, section 11.2).

A property and its inverse are taken for one node, which can only find more than the specification forbids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from diplograph.vocabulary import OWL, RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ontology.axioms import Ontology
    from pyoxigraph import Term

Edges = set[tuple["Term", "Term"]]

SIMPLE_ONLY = [
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.AsymmetricProperty,
]
CARDINALITIES = ["maxCardinality", "maxQualifiedCardinality", "minCardinality", "cardinality", "hasSelf"]


def hierarchy_problems(ontology: Ontology) -> Iterator[str]:
    """Properties that must be simple and are not, and chains that no order of the properties allows."""
    above = closed(sub_property_edges(ontology))
    yield from _simple(ontology, above)
    yield from _regular(ontology, above)


def sub_property_edges(ontology: Ontology) -> Edges:
    """Pairs (sub, super); inverses and equivalents are each other's sub-property."""
    edges = set(ontology.pairs(RDFS.subPropertyOf))
    for relation in (OWL.inverseOf, OWL.equivalentProperty):
        for left, right in ontology.pairs(relation):
            edges |= {(left, right), (right, left)}
    return edges


def closed(edges: Edges) -> Edges:
    """The transitive closure."""
    closure = set(edges)
    while new := {(a, d) for a, b in closure for c, d in closure if b == c} - closure:
        closure |= new
    return closure


def _simple(ontology: Ontology, above: Edges) -> Iterator[str]:
    transitive = ontology.subjects(RDF.type, OWL.TransitiveProperty)
    composite = {*transitive, *(path for path, _ in ontology.pairs(OWL.propertyChainAxiom))}
    composite |= {sup for sub, sup in above if sub in composite}
    for type_ in SIMPLE_ONLY:
        for path in ontology.subjects(RDF.type, type_):
            if path in composite:
                yield f"dl-simple: {path} is composite, so it cannot be an {type_}"
    for left, right in ontology.pairs(OWL.propertyDisjointWith):
        if {left, right} & composite:
            yield f"dl-simple: {left} and {right} cannot be disjoint, as one is composite"
    for keyword in CARDINALITIES:
        for restriction, _ in ontology.pairs(OWL[keyword]):
            if (path := ontology.one(restriction, OWL.onProperty)) in composite:
                yield f"dl-simple: {path} is composite, so it cannot stand in a {keyword}"


def _regular(ontology: Ontology, above: Edges) -> Iterator[str]:
    before: Edges = set()
    for path, head in ontology.pairs(OWL.propertyChainAxiom):
        links = ontology.members(head)
        if links == [path, path]:
            continue
        rest = links[1:] if links[0] == path else links[:-1] if links[-1] == path else links
        before |= {(link, path) for link in rest}
    before = closed(before)
    for low, high in sorted(before, key=str):
        if low == high or (high, low) in above:
            yield f"dl-regular: {low} would have to come before {high}, which comes before it or is below it"

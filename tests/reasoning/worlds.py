"""Small random OWL 2 RL ontologies with random data, for property-based tests."""

from __future__ import annotations

from hypothesis import strategies as st

CLASSES = [f":C{number}" for number in range(4)]
PROPERTIES = [f":p{number}" for number in range(4)]
INDIVIDUALS = [f":i{number}" for number in range(5)]
LITERALS = ['"x"', "3", "2", "true", '"2020-01-01"^^xsd:date']

a_class, a_property, an_individual = map(st.sampled_from, (CLASSES, PROPERTIES, INDIVIDUALS))
some_classes = st.lists(a_class, min_size=1, max_size=3, unique=True).map(" ".join)
some_properties = st.lists(a_property, min_size=1, max_size=3).map(" ".join)
cardinality = st.sampled_from(['"0"^^xsd:nonNegativeInteger', '"1"^^xsd:nonNegativeInteger'])
kind = st.sampled_from(
    ["Transitive", "Symmetric", "Functional", "InverseFunctional", "Irreflexive", "Asymmetric"]
)


def text(form: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda given: form.format(*given))


axioms = st.one_of(
    text("{0} rdfs:subClassOf {1} .", a_class, a_class),
    text("{0} owl:equivalentClass {1} .", a_class, a_class),
    text("{0} owl:disjointWith {1} .", a_class, a_class),
    text("{0} owl:complementOf {1} .", a_class, a_class),
    text("{0} a owl:Class .", a_class),
    text("{0} a owl:ObjectProperty .", a_property),
    text("{0} rdfs:subPropertyOf {1} .", a_property, a_property),
    text("{0} owl:equivalentProperty {1} .", a_property, a_property),
    text("{0} owl:inverseOf {1} .", a_property, a_property),
    text("{0} owl:propertyDisjointWith {1} .", a_property, a_property),
    text("{0} rdfs:domain {1} .", a_property, a_class),
    text("{0} rdfs:range {1} .", a_property, a_class),
    text("{0} a owl:{1}Property .", a_property, kind),
    text("{0} owl:propertyChainAxiom ( {1} ) .", a_property, some_properties),
    text("{0} owl:intersectionOf ( {1} ) .", a_class, some_classes),
    text("{0} owl:unionOf ( {1} ) .", a_class, some_classes),
    text("{0} owl:oneOf ( {1} {2} ) .", a_class, an_individual, an_individual),
    text("{0} owl:someValuesFrom {1} ; owl:onProperty {2} .", a_class, a_class, a_property),
    text("{0} owl:allValuesFrom {1} ; owl:onProperty {2} .", a_class, a_class, a_property),
    text("{0} owl:hasValue {1} ; owl:onProperty {2} .", a_class, an_individual, a_property),
    text("{0} owl:maxCardinality {1} ; owl:onProperty {2} .", a_class, cardinality, a_property),
    text(
        "{0} owl:maxQualifiedCardinality {1} ; owl:onProperty {2} ; owl:onClass {3} .",
        a_class, cardinality, a_property, a_class,
    ),
    text(
        "[] owl:sourceIndividual {0} ; owl:assertionProperty {1} ; owl:targetIndividual {2} .",
        an_individual, a_property, an_individual,
    ),
)  # fmt: skip
keys = text("{0} owl:hasKey ( {1} {2} ) .", a_class, a_property, a_property)
facts = st.one_of(
    text("{0} a {1} .", an_individual, a_class),
    text("{0} {1} {2} .", an_individual, a_property, an_individual),
    text("{0} :d {1} .", an_individual, st.sampled_from(LITERALS)),
    text("{0} owl:sameAs {1} .", an_individual, an_individual),
    text("{0} owl:differentFrom {1} .", an_individual, an_individual),
)
meta = st.one_of(
    text(":M rdfs:subClassOf owl:{0}Property . {1} a :M .", kind, a_property),
    text("{0} rdfs:subPropertyOf rdfs:subClassOf .", a_property),
    text("{0} rdfs:subPropertyOf owl:sameAs .", a_property),
    text("{0} rdfs:range owl:Class .", a_property),
    text("{0} owl:sameAs {1} .", a_class, a_class),
    text("{0} owl:sameAs {1} .", a_property, a_property),
)
worlds = st.tuples(st.lists(axioms, max_size=7), st.lists(facts, min_size=1, max_size=9)).map(
    lambda parts: [*parts[0], *parts[1]]
)
"""A list of statements in Turtle: what owlrl reasons about as well."""
wild_worlds = st.tuples(worlds, st.lists(st.one_of(meta, keys), max_size=2)).map(
    lambda parts: [*parts[0], *parts[1]]
)
"""Worlds in which data also speaks about classes and properties."""

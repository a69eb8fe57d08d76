"""The rule table: OWL 2 RL/RDF, tables 4 to 9 of OWL 2 Profiles section 4.3, under the W3C's names.

This is data. The materialiser, the proof builder, the checker and the documentation all read it; none of them
knows a rule by name except where equality and datatypes are computed rather than joined (`eq-*` and `dt-*`).
"""

from __future__ import annotations

from diplograph.reasoning.patterns import Atom, Each, ListOf, Member, Pair, Path, Pattern, Rule, Test, atom

SPECIFICATION = "https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules"

ZERO = '"0"^^xsd:nonNegativeInteger'
ONE = '"1"^^xsd:nonNegativeInteger'


def _rule(name: str, table: int, body: list[str | Pattern], head: list[str], gloss: str) -> Rule:
    patterns = tuple(atom(each) if isinstance(each, str) else each for each in body)
    return Rule(name, table, patterns, tuple(atom(each) for each in head), gloss)


def _each(members: str, *atoms: str) -> Each:
    return Each(members, tuple(atom(each) for each in atoms))


EQUALITY = [
    _rule(
        "eq-ref",
        4,
        ["?s ?p ?o"],
        ["?s owl:sameAs ?s", "?p owl:sameAs ?p", "?o owl:sameAs ?o"],
        "everything is the same as itself",
    ),
    _rule(
        "eq-sym",
        4,
        ["?x owl:sameAs ?y"],
        ["?y owl:sameAs ?x"],
        "{x} is the same as {y}, so {y} is the same as {x}",
    ),
    _rule(
        "eq-trans",
        4,
        ["?x owl:sameAs ?y", "?y owl:sameAs ?z"],
        ["?x owl:sameAs ?z"],
        "{x} is the same as {y}, and {y} the same as {z}",
    ),
    _rule(
        "eq-rep-s",
        4,
        ["?s owl:sameAs ?s2", "?s ?p ?o"],
        ["?s2 ?p ?o"],
        "{s} is the same as {s2}, so what is said of {s} holds of {s2}",
    ),
    _rule(
        "eq-rep-p", 4, ["?p owl:sameAs ?p2", "?s ?p ?o"], ["?s ?p2 ?o"], "{p} is the same property as {p2}"
    ),
    _rule(
        "eq-rep-o",
        4,
        ["?o owl:sameAs ?o2", "?s ?p ?o"],
        ["?s ?p ?o2"],
        "{o} is the same as {o2}, so what is said about {o} holds about {o2}",
    ),
    _rule(
        "eq-diff1",
        4,
        ["?x owl:sameAs ?y", "?x owl:differentFrom ?y"],
        [],
        "{x} and {y} are said to be the same and to be different",
    ),
    _rule(
        "eq-diff2",
        4,
        [
            "?x rdf:type owl:AllDifferent",
            "?x owl:members ?l",
            ListOf("?l", "?z"),
            Pair("?z", "?zi", "?zj"),
            "?zi owl:sameAs ?zj",
        ],
        [],
        "{zi} and {zj} are listed as all different, yet are the same",
    ),
    _rule(
        "eq-diff3",
        4,
        [
            "?x rdf:type owl:AllDifferent",
            "?x owl:distinctMembers ?l",
            ListOf("?l", "?z"),
            Pair("?z", "?zi", "?zj"),
            "?zi owl:sameAs ?zj",
        ],
        [],
        "{zi} and {zj} are listed as all different, yet are the same",
    ),
]

PROPERTIES = [
    _rule(
        "prp-ap",
        5,
        [Test("annotation-property", ("?ap",))],
        ["?ap rdf:type owl:AnnotationProperty"],
        "{ap} is a built-in annotation property",
    ),
    _rule("prp-dom", 5, ["?p rdfs:domain ?c", "?x ?p ?y"], ["?x rdf:type ?c"], "whatever has {p} is a {c}"),
    _rule(
        "prp-rng",
        5,
        ["?p rdfs:range ?c", "?x ?p ?y"],
        ["?y rdf:type ?c"],
        "whatever is a value of {p} is a {c}",
    ),
    _rule(
        "prp-fp",
        5,
        ["?p rdf:type owl:FunctionalProperty", "?x ?p ?y1", "?x ?p ?y2"],
        ["?y1 owl:sameAs ?y2"],
        "{p} has one value only, so the two values {y1} and {y2} are the same",
    ),
    _rule(
        "prp-ifp",
        5,
        ["?p rdf:type owl:InverseFunctionalProperty", "?x1 ?p ?y", "?x2 ?p ?y"],
        ["?x1 owl:sameAs ?x2"],
        "a value of {p} belongs to one thing only, so {x1} and {x2} are the same",
    ),
    _rule(
        "prp-irp",
        5,
        ["?p rdf:type owl:IrreflexiveProperty", "?x ?p ?x"],
        [],
        "nothing has itself for {p}, but {x} does",
    ),
    _rule(
        "prp-symp", 5, ["?p rdf:type owl:SymmetricProperty", "?x ?p ?y"], ["?y ?p ?x"], "{p} holds both ways"
    ),
    _rule(
        "prp-asyp",
        5,
        ["?p rdf:type owl:AsymmetricProperty", "?x ?p ?y", "?y ?p ?x"],
        [],
        "{p} never holds both ways, but does between {x} and {y}",
    ),
    _rule(
        "prp-trp",
        5,
        ["?p rdf:type owl:TransitiveProperty", "?x ?p ?y", "?y ?p ?z"],
        ["?x ?p ?z"],
        "{p} passes on: from {x} to {y}, from {y} to {z}",
    ),
    _rule(
        "prp-spo1", 5, ["?p1 rdfs:subPropertyOf ?p2", "?x ?p1 ?y"], ["?x ?p2 ?y"], "{p1} is a kind of {p2}"
    ),
    _rule(
        "prp-spo2",
        5,
        ["?p owl:propertyChainAxiom ?l", ListOf("?l", "?m"), Path("?m", "?u", "?v")],
        ["?u ?p ?v"],
        "a chain of properties leads from {u} to {v}",
    ),
    _rule(
        "prp-eqp1",
        5,
        ["?p1 owl:equivalentProperty ?p2", "?x ?p1 ?y"],
        ["?x ?p2 ?y"],
        "{p1} and {p2} mean the same",
    ),
    _rule(
        "prp-eqp2",
        5,
        ["?p1 owl:equivalentProperty ?p2", "?x ?p2 ?y"],
        ["?x ?p1 ?y"],
        "{p1} and {p2} mean the same",
    ),
    _rule(
        "prp-pdw",
        5,
        ["?p1 owl:propertyDisjointWith ?p2", "?x ?p1 ?y", "?x ?p2 ?y"],
        [],
        "{p1} and {p2} never hold of the same two, but do of {x} and {y}",
    ),
    _rule(
        "prp-adp",
        5,
        [
            "?x rdf:type owl:AllDisjointProperties",
            "?x owl:members ?l",
            ListOf("?l", "?p"),
            Pair("?p", "?pi", "?pj"),
            "?u ?pi ?v",
            "?u ?pj ?v",
        ],
        [],
        "{pi} and {pj} never hold of the same two, but do of {u} and {v}",
    ),
    _rule(
        "prp-inv1",
        5,
        ["?p1 owl:inverseOf ?p2", "?x ?p1 ?y"],
        ["?y ?p2 ?x"],
        "{p1} and {p2} are each other's inverse",
    ),
    _rule(
        "prp-inv2",
        5,
        ["?p1 owl:inverseOf ?p2", "?x ?p2 ?y"],
        ["?y ?p1 ?x"],
        "{p1} and {p2} are each other's inverse",
    ),
    _rule(
        "prp-key",
        5,
        [
            "?c owl:hasKey ?l",
            ListOf("?l", "?p"),
            "?x rdf:type ?c",
            "?y rdf:type ?c",
            _each("?p", "?x ?p# ?z#", "?y ?p# ?z#"),
        ],
        ["?x owl:sameAs ?y"],
        "two instances of {c} with the same key are the same",
    ),
    _rule(
        "prp-npa1",
        5,
        [
            "?x owl:sourceIndividual ?i1",
            "?x owl:assertionProperty ?p",
            "?x owl:targetIndividual ?i2",
            "?i1 ?p ?i2",
        ],
        [],
        "it is said that {i1} does not have {p} {i2}, yet it has",
    ),
    _rule(
        "prp-npa2",
        5,
        ["?x owl:sourceIndividual ?i", "?x owl:assertionProperty ?p", "?x owl:targetValue ?lt", "?i ?p ?lt"],
        [],
        "it is said that {i} does not have {p} {lt}, yet it has",
    ),
]

CLASSES = [
    _rule("cls-thing", 6, [], ["owl:Thing rdf:type owl:Class"], "owl:Thing is a class"),
    _rule("cls-nothing1", 6, [], ["owl:Nothing rdf:type owl:Class"], "owl:Nothing is a class"),
    _rule("cls-nothing2", 6, ["?x rdf:type owl:Nothing"], [], "{x} belongs to the class that has no members"),
    _rule(
        "cls-int1",
        6,
        ["?c owl:intersectionOf ?l", ListOf("?l", "?m"), _each("?m", "?y rdf:type ?m#")],
        ["?y rdf:type ?c"],
        "{y} belongs to every class that {c} is made of",
    ),
    _rule(
        "cls-int2",
        6,
        ["?c owl:intersectionOf ?l", ListOf("?l", "?m"), Member("?m", "?ci"), "?y rdf:type ?c"],
        ["?y rdf:type ?ci"],
        "a {c} is a {ci} among other things",
    ),
    _rule(
        "cls-uni",
        6,
        ["?c owl:unionOf ?l", ListOf("?l", "?m"), Member("?m", "?ci"), "?y rdf:type ?ci"],
        ["?y rdf:type ?c"],
        "a {ci} is one kind of {c}",
    ),
    _rule(
        "cls-com",
        6,
        ["?c1 owl:complementOf ?c2", "?x rdf:type ?c1", "?x rdf:type ?c2"],
        [],
        "{x} is a {c2} and is not a {c2}",
    ),
    _rule(
        "cls-svf1",
        6,
        ["?x owl:someValuesFrom ?y", "?x owl:onProperty ?p", "?u ?p ?v", "?v rdf:type ?y"],
        ["?u rdf:type ?x"],
        "{u} has for {p} some {y}",
    ),
    _rule(
        "cls-svf2",
        6,
        ["?x owl:someValuesFrom owl:Thing", "?x owl:onProperty ?p", "?u ?p ?v"],
        ["?u rdf:type ?x"],
        "{u} has some {p}",
    ),
    _rule(
        "cls-avf",
        6,
        ["?x owl:allValuesFrom ?y", "?x owl:onProperty ?p", "?u rdf:type ?x", "?u ?p ?v"],
        ["?v rdf:type ?y"],
        "all that {u} has for {p} is a {y}",
    ),
    _rule(
        "cls-hv1",
        6,
        ["?x owl:hasValue ?y", "?x owl:onProperty ?p", "?u rdf:type ?x"],
        ["?u ?p ?y"],
        "all of that class have {p} {y}",
    ),
    _rule(
        "cls-hv2",
        6,
        ["?x owl:hasValue ?y", "?x owl:onProperty ?p", "?u ?p ?y"],
        ["?u rdf:type ?x"],
        "all that have {p} {y} are of that class",
    ),
    _rule(
        "cls-maxc1",
        6,
        [f"?x owl:maxCardinality {ZERO}", "?x owl:onProperty ?p", "?u rdf:type ?x", "?u ?p ?y"],
        [],
        "{u} may have no {p}, but has {y}",
    ),
    _rule(
        "cls-maxc2",
        6,
        [f"?x owl:maxCardinality {ONE}", "?x owl:onProperty ?p", "?u rdf:type ?x", "?u ?p ?y1", "?u ?p ?y2"],
        ["?y1 owl:sameAs ?y2"],
        "{u} may have one {p} only, so {y1} and {y2} are the same",
    ),
    _rule(
        "cls-maxqc1",
        6,
        [
            f"?x owl:maxQualifiedCardinality {ZERO}",
            "?x owl:onProperty ?p",
            "?x owl:onClass ?c",
            "?u rdf:type ?x",
            "?u ?p ?y",
            "?y rdf:type ?c",
        ],
        [],
        "{u} may have no {c} for {p}, but has {y}",
    ),
    _rule(
        "cls-maxqc2",
        6,
        [
            f"?x owl:maxQualifiedCardinality {ZERO}",
            "?x owl:onProperty ?p",
            "?x owl:onClass owl:Thing",
            "?u rdf:type ?x",
            "?u ?p ?y",
        ],
        [],
        "{u} may have no {p}, but has {y}",
    ),
    _rule(
        "cls-maxqc3",
        6,
        [
            f"?x owl:maxQualifiedCardinality {ONE}",
            "?x owl:onProperty ?p",
            "?x owl:onClass ?c",
            "?u rdf:type ?x",
            "?u ?p ?y1",
            "?y1 rdf:type ?c",
            "?u ?p ?y2",
            "?y2 rdf:type ?c",
        ],
        ["?y1 owl:sameAs ?y2"],
        "{u} may have one {c} for {p}, so {y1} and {y2} are the same",
    ),
    _rule(
        "cls-maxqc4",
        6,
        [
            f"?x owl:maxQualifiedCardinality {ONE}",
            "?x owl:onProperty ?p",
            "?x owl:onClass owl:Thing",
            "?u rdf:type ?x",
            "?u ?p ?y1",
            "?u ?p ?y2",
        ],
        ["?y1 owl:sameAs ?y2"],
        "{u} may have one {p} only, so {y1} and {y2} are the same",
    ),
    _rule(
        "cls-oo",
        6,
        ["?c owl:oneOf ?l", ListOf("?l", "?y"), Member("?y", "?yi")],
        ["?yi rdf:type ?c"],
        "{yi} is one of those that make up {c}",
    ),
]

CLASS_AXIOMS = [
    _rule(
        "cax-sco",
        7,
        ["?c1 rdfs:subClassOf ?c2", "?x rdf:type ?c1"],
        ["?x rdf:type ?c2"],
        "every {c1} is a {c2}",
    ),
    _rule(
        "cax-eqc1",
        7,
        ["?c1 owl:equivalentClass ?c2", "?x rdf:type ?c1"],
        ["?x rdf:type ?c2"],
        "{c1} and {c2} are the same class",
    ),
    _rule(
        "cax-eqc2",
        7,
        ["?c1 owl:equivalentClass ?c2", "?x rdf:type ?c2"],
        ["?x rdf:type ?c1"],
        "{c1} and {c2} are the same class",
    ),
    _rule(
        "cax-dw",
        7,
        ["?c1 owl:disjointWith ?c2", "?x rdf:type ?c1", "?x rdf:type ?c2"],
        [],
        "nothing is both {c1} and {c2}, but {x} is",
    ),
    _rule(
        "cax-adc",
        7,
        [
            "?x rdf:type owl:AllDisjointClasses",
            "?x owl:members ?l",
            ListOf("?l", "?c"),
            Pair("?c", "?ci", "?cj"),
            "?z rdf:type ?ci",
            "?z rdf:type ?cj",
        ],
        [],
        "nothing is both {ci} and {cj}, but {z} is",
    ),
]

DATATYPES = [
    _rule(
        "dt-type1",
        8,
        [Test("datatype", ("?dt",))],
        ["?dt rdf:type rdfs:Datatype"],
        "{dt} is a built-in datatype",
    ),
    _rule(
        "dt-type2",
        8,
        [Test("in-value-space", ("?lt", "?dt"))],
        ["?lt rdf:type ?dt"],
        "{lt} is a value of the datatype {dt}",
    ),
    _rule(
        "dt-eq",
        8,
        [Test("same-value", ("?lt1", "?lt2"))],
        ["?lt1 owl:sameAs ?lt2"],
        "{lt1} and {lt2} are two ways to write one value",
    ),
    _rule(
        "dt-diff",
        8,
        [Test("different-value", ("?lt1", "?lt2"))],
        ["?lt1 owl:differentFrom ?lt2"],
        "{lt1} and {lt2} are different values",
    ),
    _rule(
        "dt-not-type",
        8,
        ["?lt rdf:type ?dt", Test("not-in-value-space", ("?lt", "?dt"))],
        [],
        "{lt} must be a value of the datatype {dt}, but is not",
    ),
    _rule(
        "dt-not-type/lexical",
        8,
        ["?x ?p ?lt", Test("ill-typed", ("?lt",))],
        [],
        "{lt} is no way to write a value of its own datatype",
    ),
]

SCHEMA = [
    _rule(
        "scm-cls",
        9,
        ["?c rdf:type owl:Class"],
        [
            "?c rdfs:subClassOf ?c",
            "?c owl:equivalentClass ?c",
            "?c rdfs:subClassOf owl:Thing",
            "owl:Nothing rdfs:subClassOf ?c",
        ],
        "{c} is a class: it lies between nothing and everything",
    ),
    _rule(
        "scm-sco",
        9,
        ["?c1 rdfs:subClassOf ?c2", "?c2 rdfs:subClassOf ?c3"],
        ["?c1 rdfs:subClassOf ?c3"],
        "every {c1} is a {c2}, and every {c2} is a {c3}",
    ),
    _rule(
        "scm-eqc1",
        9,
        ["?c1 owl:equivalentClass ?c2"],
        ["?c1 rdfs:subClassOf ?c2", "?c2 rdfs:subClassOf ?c1"],
        "{c1} and {c2} are the same class",
    ),
    _rule(
        "scm-eqc2",
        9,
        ["?c1 rdfs:subClassOf ?c2", "?c2 rdfs:subClassOf ?c1"],
        ["?c1 owl:equivalentClass ?c2"],
        "every {c1} is a {c2}, and every {c2} is a {c1}",
    ),
    _rule(
        "scm-op",
        9,
        ["?p rdf:type owl:ObjectProperty"],
        ["?p rdfs:subPropertyOf ?p", "?p owl:equivalentProperty ?p"],
        "{p} is a property, hence a kind of itself",
    ),
    _rule(
        "scm-dp",
        9,
        ["?p rdf:type owl:DatatypeProperty"],
        ["?p rdfs:subPropertyOf ?p", "?p owl:equivalentProperty ?p"],
        "{p} is a property, hence a kind of itself",
    ),
    _rule(
        "scm-spo",
        9,
        ["?p1 rdfs:subPropertyOf ?p2", "?p2 rdfs:subPropertyOf ?p3"],
        ["?p1 rdfs:subPropertyOf ?p3"],
        "{p1} is a kind of {p2}, and {p2} a kind of {p3}",
    ),
    _rule(
        "scm-eqp1",
        9,
        ["?p1 owl:equivalentProperty ?p2"],
        ["?p1 rdfs:subPropertyOf ?p2", "?p2 rdfs:subPropertyOf ?p1"],
        "{p1} and {p2} mean the same",
    ),
    _rule(
        "scm-eqp2",
        9,
        ["?p1 rdfs:subPropertyOf ?p2", "?p2 rdfs:subPropertyOf ?p1"],
        ["?p1 owl:equivalentProperty ?p2"],
        "{p1} and {p2} are kinds of each other",
    ),
    _rule(
        "scm-dom1",
        9,
        ["?p rdfs:domain ?c1", "?c1 rdfs:subClassOf ?c2"],
        ["?p rdfs:domain ?c2"],
        "what has {p} is a {c1}, and every {c1} is a {c2}",
    ),
    _rule(
        "scm-dom2",
        9,
        ["?p2 rdfs:domain ?c", "?p1 rdfs:subPropertyOf ?p2"],
        ["?p1 rdfs:domain ?c"],
        "{p1} is a kind of {p2}, and what has {p2} is a {c}",
    ),
    _rule(
        "scm-rng1",
        9,
        ["?p rdfs:range ?c1", "?c1 rdfs:subClassOf ?c2"],
        ["?p rdfs:range ?c2"],
        "the values of {p} are {c1}, and every {c1} is a {c2}",
    ),
    _rule(
        "scm-rng2",
        9,
        ["?p2 rdfs:range ?c", "?p1 rdfs:subPropertyOf ?p2"],
        ["?p1 rdfs:range ?c"],
        "{p1} is a kind of {p2}, and the values of {p2} are {c}",
    ),
    _rule(
        "scm-hv",
        9,
        [
            "?c1 owl:hasValue ?i",
            "?c1 owl:onProperty ?p1",
            "?c2 owl:hasValue ?i",
            "?c2 owl:onProperty ?p2",
            "?p1 rdfs:subPropertyOf ?p2",
        ],
        ["?c1 rdfs:subClassOf ?c2"],
        "to have {p1} {i} is to have {p2} {i}",
    ),
    _rule(
        "scm-svf1",
        9,
        [
            "?c1 owl:someValuesFrom ?y1",
            "?c1 owl:onProperty ?p",
            "?c2 owl:someValuesFrom ?y2",
            "?c2 owl:onProperty ?p",
            "?y1 rdfs:subClassOf ?y2",
        ],
        ["?c1 rdfs:subClassOf ?c2"],
        "to have for {p} some {y1} is to have some {y2}",
    ),
    _rule(
        "scm-svf2",
        9,
        [
            "?c1 owl:someValuesFrom ?y",
            "?c1 owl:onProperty ?p1",
            "?c2 owl:someValuesFrom ?y",
            "?c2 owl:onProperty ?p2",
            "?p1 rdfs:subPropertyOf ?p2",
        ],
        ["?c1 rdfs:subClassOf ?c2"],
        "to have for {p1} some {y} is to have it for {p2}",
    ),
    _rule(
        "scm-avf1",
        9,
        [
            "?c1 owl:allValuesFrom ?y1",
            "?c1 owl:onProperty ?p",
            "?c2 owl:allValuesFrom ?y2",
            "?c2 owl:onProperty ?p",
            "?y1 rdfs:subClassOf ?y2",
        ],
        ["?c1 rdfs:subClassOf ?c2"],
        "to have for {p} only {y1} is to have only {y2}",
    ),
    _rule(
        "scm-avf2",
        9,
        [
            "?c1 owl:allValuesFrom ?y",
            "?c1 owl:onProperty ?p1",
            "?c2 owl:allValuesFrom ?y",
            "?c2 owl:onProperty ?p2",
            "?p1 rdfs:subPropertyOf ?p2",
        ],
        ["?c2 rdfs:subClassOf ?c1"],
        "to have for {p2} only {y} is to have only that for {p1}",
    ),
    _rule(
        "scm-int",
        9,
        ["?c owl:intersectionOf ?l", ListOf("?l", "?m"), Member("?m", "?ci")],
        ["?c rdfs:subClassOf ?ci"],
        "every {c} is a {ci} among other things",
    ),
    _rule(
        "scm-uni",
        9,
        ["?c owl:unionOf ?l", ListOf("?l", "?m"), Member("?m", "?ci")],
        ["?ci rdfs:subClassOf ?c"],
        "every {ci} is one kind of {c}",
    ),
]

TABLE: tuple[Rule, ...] = (*EQUALITY, *PROPERTIES, *CLASSES, *CLASS_AXIOMS, *DATATYPES, *SCHEMA)
"""All rules of tables 4 to 9."""

BY_ID: dict[str, Rule] = {rule.id: rule for rule in TABLE}


def atoms(rule: Rule) -> list[Atom]:
    """Returns the triple patterns of a body, those inside `Each` included."""
    found: list[Atom] = []
    for pattern in rule.body:
        if isinstance(pattern, Atom):
            found.append(pattern)
        elif isinstance(pattern, Each):
            found.extend(pattern.atoms)
    return found

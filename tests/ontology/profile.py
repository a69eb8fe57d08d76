"""A structural check of an ontology against the OWL 2 RL profile and the restrictions of OWL 2 DL.

Reads the RDF form directly: where class expressions may stand and of what form (OWL 2 Profiles, section 4.2),
that every term is declared and of one kind (OWL 2 Structural Specification, section 5.8), and the two global
restrictions on properties (section 11.2), which `hierarchy.py` checks. For ontologies of this size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ontology.hierarchy import hierarchy_problems
from pyoxigraph import BlankNode, Literal, NamedNode

from diplograph.vocabulary import OWL, RDF, RDFS, XSD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ontology.axioms import Ontology
    from pyoxigraph import Term

XSD_NAMES = """
decimal integer nonNegativeInteger nonPositiveInteger positiveInteger negativeInteger long int short byte
unsignedLong unsignedInt unsignedShort unsignedByte float double string normalizedString token language Name
NCName NMTOKEN boolean hexBinary base64Binary anyURI dateTime dateTimeStamp
"""
RDF_DATATYPES = {RDF.langString, RDF.PlainLiteral, RDF.XMLLiteral, RDFS.Literal}
RL_DATATYPES = {*(XSD[name] for name in XSD_NAMES.split()), *RDF_DATATYPES}
"""Those of OWL 2 without `owl:real` and `owl:rational`; `xsd:date` is in neither."""

KINDS = {
    OWL.Class: "class",
    RDFS.Datatype: "datatype",
    OWL.ObjectProperty: "object property",
    OWL.DatatypeProperty: "data property",
    OWL.AnnotationProperty: "annotation property",
}
EXCLUSIVE = [{"class", "datatype"}, {"object property", "data property", "annotation property"}]
PROPERTIES = {"object property", "data property"}
CHARACTERISTICS = {
    OWL.TransitiveProperty: {"object property"},
    OWL.SymmetricProperty: {"object property"},
    OWL.AsymmetricProperty: {"object property"},
    OWL.IrreflexiveProperty: {"object property"},
    OWL.InverseFunctionalProperty: {"object property"},
    OWL.FunctionalProperty: PROPERTIES,
}
STRUCTURE = {OWL.Ontology, OWL.NamedIndividual, OWL.Restriction, OWL.AllDisjointClasses, OWL.AllDifferent}
BUILT_IN = {
    OWL.Thing: "class",
    OWL.Nothing: "class",
    **dict.fromkeys((RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy), "annotation property"),
    **dict.fromkeys((OWL.versionInfo, OWL.deprecated, OWL.priorVersion), "annotation property"),
    **dict.fromkeys(RL_DATATYPES, "datatype"),
}
RELATIONS = {
    RDFS.subPropertyOf: PROPERTIES | {"annotation property"},
    OWL.equivalentProperty: PROPERTIES,
    OWL.propertyDisjointWith: PROPERTIES,
    OWL.inverseOf: {"object property"},
}
OWL_NAMES = """
onProperty hasValue someValuesFrom allValuesFrom onClass maxCardinality maxQualifiedCardinality
minCardinality unionOf intersectionOf complementOf oneOf members distinctMembers versionIRI imports sameAs
differentFrom
"""
INSIDE = {*(OWL[name] for name in OWL_NAMES.split()), RDF.first, RDF.rest}
"""Keywords whose place is checked with the expression or axiom that they belong to."""


def problems(ontology: Ontology) -> list[str]:
    """Everything in the ontology that OWL 2 RL or OWL 2 DL does not allow, each as `code: what`."""
    return sorted({*Checker(ontology).problems(), *hierarchy_problems(ontology)})


class Checker:
    """The checks that look at one axiom at a time."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self.kinds: dict[Term, set[str]] = {term: {kind} for term, kind in BUILT_IN.items()}
        for type_, kind in KINDS.items():
            for term in ontology.subjects(RDF.type, type_):
                self.kinds.setdefault(term, set()).add(kind)

    def problems(self) -> Iterator[str]:
        for term, kinds in self.kinds.items():
            if any(len(kinds & exclusive) > 1 for exclusive in EXCLUSIVE):
                yield f"dl-punning: {term} is {' and '.join(sorted(kinds))}"
        for quad in self.ontology.store:
            yield from self.triple(quad.subject, quad.predicate, quad.object)

    def triple(self, s: Term, p: NamedNode, o: Term) -> Iterator[str]:
        if isinstance(o, Literal) and o.datatype not in RL_DATATYPES:
            yield f"datatype: {o.datatype} of {o} is not in OWL 2 RL"
        if p == RDF.type:
            yield from self.type(s, o)
        elif p in AXIOMS:
            yield from AXIOMS[p](self, s, o)
        elif p in RELATIONS:
            for term in (s, o):
                yield from self.kind(term, RELATIONS[p])
        elif p not in INSIDE:
            yield from self.kind(p, PROPERTIES | {"annotation property"})

    def type(self, s: Term, o: Term) -> Iterator[str]:
        if o in CHARACTERISTICS:
            yield from self.kind(s, CHARACTERISTICS[o])
        elif o == OWL.ReflexiveProperty:
            yield f"rl-axiom: {s} is reflexive, which OWL 2 RL does not have"
        elif o == OWL.AllDisjointClasses:
            for member in self.ontology.members(self.ontology.one(s, OWL.members)):
                yield from self.sub(member)
        elif o not in KINDS and o not in STRUCTURE:
            if isinstance(s, BlankNode):
                yield f"dl-anonymous: an anonymous member of {o}"
            yield from self.sup(o)

    def kind(self, term: Term, allowed: set[str]) -> Iterator[str]:
        if not self.kinds.get(term, set()) & allowed:
            yield f"dl-declaration: {term} is used as, but not declared as, {' or '.join(sorted(allowed))}"

    def named(self, cls: Term, *, thing: bool = False) -> Iterator[str]:
        if cls == OWL.Thing and not thing:
            yield "rl-expression: owl:Thing stands where OWL 2 RL does not allow it"
        yield from self.kind(cls, {"class"})

    def part(self, node: Term, *names: str) -> tuple[str, Term] | None:
        for name in names:
            if (value := self.ontology.one(node, OWL[name])) is not None:
                return name, value
        return None

    def each(self, head: Term, check: Callable[[Term], Iterator[str]]) -> Iterator[str]:
        for member in self.ontology.members(head):
            yield from check(member)

    def sub(self, cls: Term) -> Iterator[str]:
        """Checks what may stand on the left: `subClassExpression`."""
        if not isinstance(cls, BlankNode):
            yield from self.named(cls)
            return
        match self.part(cls, "intersectionOf", "unionOf", "oneOf", "someValuesFrom", "hasValue"):
            case (("intersectionOf" | "unionOf"), head):
                yield from self.each(head, self.sub)
            case "someValuesFrom", filler:
                yield from self.filler(cls, filler, self.sub)
            case (("hasValue" | "oneOf"), _):
                yield from self.restricted(cls)
            case _:
                yield f"rl-expression: {self.say(cls)} stands on the left of an axiom"

    def sup(self, cls: Term) -> Iterator[str]:
        """Checks what may stand on the right: `superClassExpression`."""
        if not isinstance(cls, BlankNode):
            yield from self.named(cls)
            return
        cardinality = ("maxCardinality", "maxQualifiedCardinality")
        match self.part(cls, "intersectionOf", "complementOf", "allValuesFrom", "hasValue", *cardinality):
            case "intersectionOf", head:
                yield from self.each(head, self.sup)
            case "complementOf", negated:
                yield from self.sub(negated)
            case "allValuesFrom", filler:
                yield from self.filler(cls, filler, self.sup)
            case "hasValue", _:
                yield from self.restricted(cls)
            case _, Literal() as number if number.value in ("0", "1"):
                yield from self.restricted(cls)
                if (qualified := self.ontology.one(cls, OWL.onClass)) is not None and qualified != OWL.Thing:
                    yield from self.sub(qualified)
            case _:
                yield f"rl-expression: {self.say(cls)} stands on the right of an axiom"

    def equivalent(self, cls: Term) -> Iterator[str]:
        """Checks what may be equivalent to something: `equivClassExpression`."""
        if not isinstance(cls, BlankNode):
            yield from self.named(cls)
            return
        match self.part(cls, "intersectionOf", "hasValue"):
            case "intersectionOf", head:
                yield from self.each(head, self.equivalent)
            case "hasValue", _:
                yield from self.restricted(cls)
            case _:
                yield f"rl-expression: {self.say(cls)} stands in an equivalence"

    def filler(self, cls: Term, filler: Term, check: Callable[[Term], Iterator[str]]) -> Iterator[str]:
        yield from self.restricted(cls)
        if self.is_data(self.ontology.one(cls, OWL.onProperty)):
            yield from self.datatype(filler)
        elif filler != OWL.Thing:
            yield from check(filler)

    def restricted(self, cls: Term) -> Iterator[str]:
        if self.ontology.one(cls, OWL.oneOf) is None:
            yield from self.kind(self.ontology.one(cls, OWL.onProperty), PROPERTIES)

    def datatype(self, term: Term) -> Iterator[str]:
        if term not in RL_DATATYPES:
            yield f"datatype: {term} is not in OWL 2 RL"

    def is_data(self, term: Term | None) -> bool:
        return "data property" in self.kinds.get(term, set())

    def say(self, cls: Term) -> str:
        quads = self.ontology.store.quads_for_pattern(cls, None, None)
        return ", ".join(sorted(f"{quad.predicate.value.rsplit('#', 1)[-1]}" for quad in quads)) or str(cls)

    def sub_class_of(self, s: Term, o: Term) -> Iterator[str]:
        yield from self.sub(s)
        yield from self.sup(o)

    def equivalent_class(self, s: Term, o: Term) -> Iterator[str]:
        yield from self.equivalent(s)
        yield from self.equivalent(o)

    def disjoint_with(self, s: Term, o: Term) -> Iterator[str]:
        yield from self.sub(s)
        yield from self.sub(o)

    def domain(self, s: Term, o: Term) -> Iterator[str]:
        yield from self.kind(s, PROPERTIES)
        yield from self.sup(o)

    def range(self, s: Term, o: Term) -> Iterator[str]:
        yield from self.kind(s, PROPERTIES)
        yield from self.datatype(o) if self.is_data(s) else self.sup(o)

    def chain(self, s: Term, o: Term) -> Iterator[str]:
        for path in (s, *self.ontology.members(o)):
            yield from self.kind(path, {"object property"})

    def key(self, s: Term, o: Term) -> Iterator[str]:
        yield from self.sub(s)
        yield from self.each(o, lambda path: self.kind(path, PROPERTIES))

    def disjoint_union(self, s: Term, _: Term) -> Iterator[str]:
        yield f"rl-axiom: {s} is a disjoint union, which OWL 2 RL does not have"


AXIOMS = {
    RDFS.subClassOf: Checker.sub_class_of,
    RDFS.domain: Checker.domain,
    RDFS.range: Checker.range,
    OWL.equivalentClass: Checker.equivalent_class,
    OWL.disjointWith: Checker.disjoint_with,
    OWL.disjointUnionOf: Checker.disjoint_union,
    OWL.propertyChainAxiom: Checker.chain,
    OWL.hasKey: Checker.key,
}

"""The axioms of an ontology, each with what a case must hold to exercise it.

An axiom that entails something is exercised by a case with its premises among the given triples and its
consequence among the entailed ones, but not among the given; both are SPARQL patterns. An axiom that forbids
something is exercised by a contradiction that has the forbidden pattern.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, parse

from diplograph.vocabulary import OWL, RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyoxigraph import Term


@dataclass(frozen=True)
class Axiom:
    """One axiom in words, its premises, and its consequence, or none where the premises are forbidden."""

    name: str
    premises: str
    consequence: str | None = None


class Ontology:
    """The triples of one or more Turtle files, with the few look-ups that the tests need."""

    def __init__(self, *paths: Path) -> None:
        self.store = Store()
        for path in paths:
            for quad in parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True):
                self.store.add(Quad(quad.subject, quad.predicate, quad.object))

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        return [quad.object for quad in self.store.quads_for_pattern(subject, predicate, None)]

    def subjects(self, predicate: NamedNode, value: Term) -> list[Term]:
        return [quad.subject for quad in self.store.quads_for_pattern(None, predicate, value)]

    def pairs(self, predicate: NamedNode) -> list[tuple[Term, Term]]:
        return [(quad.subject, quad.object) for quad in self.store.quads_for_pattern(None, predicate, None)]

    def members(self, head: Term) -> list[Term]:
        found = []
        while head != RDF.nil:
            found += self.objects(head, RDF.first)
            [head] = self.objects(head, RDF.rest)
        return found

    def one(self, subject: Term, predicate: NamedNode) -> Term | None:
        values = self.objects(subject, predicate)
        assert len(values) < 2, (subject, predicate, values)
        return values[0] if values else None

    def is_data(self, term: Term) -> bool:
        return OWL.DatatypeProperty in self.objects(term, RDF.type)


def short(term: Term) -> str:
    """The last part of an IRI, for messages; a class expression has no name."""
    if isinstance(term, BlankNode):
        return "expression"
    return str(term).strip("<>").replace("/", "#").rsplit("#", 1)[-1]


def axioms(ontology: Ontology) -> list[Axiom]:
    """All axioms but declarations, annotations and the types of named individuals, in a fixed order."""
    families = (_classes, _properties, _characteristics, _prohibitions)
    return sorted((axiom for family in families for axiom in family(ontology)), key=str)


def member(ontology: Ontology, x: str, expression: Term) -> list[str]:
    """The patterns under which `x` is a member of a class expression; several where any one suffices."""
    if not isinstance(expression, BlankNode):
        return [f"{x} a {expression}"]
    if (union := ontology.one(expression, OWL.unionOf)) is not None:
        return [pattern for part in ontology.members(union) for pattern in member(ontology, x, part)]
    if (both := ontology.one(expression, OWL.intersectionOf)) is not None:
        return [" . ".join(member(ontology, x, part)[0] for part in ontology.members(both))]
    path = ontology.one(expression, OWL.onProperty)
    if (value := ontology.one(expression, OWL.hasValue)) is not None:
        return [f"{x} {path} {value}"]
    filler = ontology.one(expression, OWL.someValuesFrom)
    assert filler is not None, expression
    return [f"{x} {path} ?filler . ?filler a {filler}"]


def _implication(ontology: Ontology, sub: Term, sup: Term, name: str) -> Iterator[Axiom]:
    if isinstance(sup, BlankNode) and (filler := ontology.one(sup, OWL.allValuesFrom)) is not None:
        premises = f"?x a {sub} . ?x {ontology.one(sup, OWL.onProperty)} ?y"
        yield Axiom(name, premises, f"?y a {filler}")
        return
    parts = ontology.one(sup, OWL.intersectionOf) if isinstance(sup, BlankNode) else None
    for premises in member(ontology, "?x", sub):
        for part in ontology.members(parts) if parts is not None else [sup]:
            [consequence] = member(ontology, "?x", part)
            yield Axiom(name, premises, consequence)


def _classes(ontology: Ontology) -> Iterator[Axiom]:
    for sub, sup in ontology.pairs(RDFS.subClassOf):
        yield from _implication(ontology, sub, sup, f"{short(sub)} subClassOf {short(sup)}")
    for left, right in ontology.pairs(OWL.equivalentClass):
        name = f"{short(left)} equivalentClass {short(right)}"
        yield from _implication(ontology, left, right, name)
        yield from _implication(ontology, right, left, name)


def _properties(ontology: Ontology) -> Iterator[Axiom]:
    for path, cls in ontology.pairs(RDFS.domain):
        yield Axiom(f"{short(path)} domain {short(cls)}", f"?x {path} ?y", f"?x a {cls}")
    for path, cls in ontology.pairs(RDFS.range):
        name = f"{short(path)} range {short(cls)}"
        if ontology.is_data(path):
            wrong = f"FILTER(isLiteral(?y) && datatype(?y) != {cls})"
            yield Axiom(name, f"?x {path} ?y . {wrong}")
        else:
            yield Axiom(name, f"?x {path} ?y", f"?y a {cls}")
    for sub, sup in ontology.pairs(RDFS.subPropertyOf):
        yield Axiom(f"{short(sub)} subPropertyOf {short(sup)}", f"?x {sub} ?y", f"?x {sup} ?y")
    for left, right in ontology.pairs(OWL.inverseOf):
        for one, other in ((left, right), (right, left)):
            yield Axiom(f"{short(one)} inverseOf {short(other)}", f"?x {one} ?y", f"?y {other} ?x")
    for path, chain in ontology.pairs(OWL.propertyChainAxiom):
        links = ontology.members(chain)
        steps = [f"?x{number} {link} ?x{number + 1}" for number, link in enumerate(links)]
        name = f"{' o '.join(short(link) for link in links)} subPropertyOf {short(path)}"
        yield Axiom(name, " . ".join(steps), f"?x0 {path} ?x{len(links)}")


def _characteristics(ontology: Ontology) -> Iterator[Axiom]:
    for path in ontology.subjects(RDF.type, OWL.TransitiveProperty):
        yield Axiom(f"{short(path)} transitive", f"?x {path} ?y . ?y {path} ?z", f"?x {path} ?z")
    for path in ontology.subjects(RDF.type, OWL.SymmetricProperty):
        yield Axiom(f"{short(path)} symmetric", f"?x {path} ?y", f"?y {path} ?x")
    for path in ontology.subjects(RDF.type, OWL.FunctionalProperty):
        premises = f"?x {path} ?y . ?x {path} ?z . FILTER(?y != ?z)"
        same = None if ontology.is_data(path) else f"?y {OWL.sameAs} ?z"
        yield Axiom(f"{short(path)} functional", premises, same)
    for cls, keys in ontology.pairs(OWL.hasKey):
        values = enumerate(ontology.members(keys))
        shared = " . ".join(f"?x {key} ?v{n} . ?y {key} ?v{n}" for n, key in values)
        premises = f"?x a {cls} . ?y a {cls} . {shared} . FILTER(?x != ?y)"
        yield Axiom(f"{short(cls)} hasKey", premises, f"?x {OWL.sameAs} ?y")


def _prohibitions(ontology: Ontology) -> Iterator[Axiom]:
    for path in ontology.subjects(RDF.type, OWL.IrreflexiveProperty):
        yield Axiom(f"{short(path)} irreflexive", f"?x {path} ?x")
    for path in ontology.subjects(RDF.type, OWL.AsymmetricProperty):
        yield Axiom(f"{short(path)} asymmetric", f"?x {path} ?y . ?y {path} ?x . FILTER(?x != ?y)")
    for left, right in ontology.pairs(OWL.propertyDisjointWith):
        yield Axiom(f"{short(left)} propertyDisjointWith {short(right)}", f"?x {left} ?y . ?x {right} ?y")
    for left, right in ontology.pairs(OWL.disjointWith):
        yield Axiom(f"{short(left)} disjointWith {short(right)}", f"?x a {left} . ?x a {right}")
    for node in ontology.subjects(RDF.type, OWL.AllDisjointClasses):
        yield _listed(ontology.members(ontology.one(node, OWL.members)), "disjoint", "?x a {} . ?x a {}")
    for node in ontology.subjects(RDF.type, OWL.AllDifferent):
        members = ontology.members(ontology.one(node, OWL.distinctMembers))
        yield _listed(members, "different", f"{{}} {OWL.sameAs} {{}}")


def _listed(members: list[Term], relation: str, pattern: str) -> Axiom:
    pairs = combinations(sorted(members, key=str), 2)
    anyone = " UNION ".join("{ " + pattern.format(left, right) + " }" for left, right in pairs)
    return Axiom(f"{relation}: {', '.join(map(short, members))}", anyone)


def disjoint_pairs(ontology: Ontology) -> list[tuple[NamedNode, NamedNode]]:
    """Every pair of classes that the ontology says to be disjoint."""
    lists = [ontology.one(node, OWL.members) for node in ontology.subjects(RDF.type, OWL.AllDisjointClasses)]
    pairs = {pair for head in lists for pair in combinations(sorted(ontology.members(head), key=str), 2)}
    return sorted(pairs, key=str)

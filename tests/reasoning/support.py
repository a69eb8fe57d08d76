"""What the tests of reasoning share: reading small graphs, closing them, matching conclusions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from diplograph.reasoning import Closure, materialise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EX = "http://example.org/"
PREFIXES = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
W3C = "http://www.w3.org/"


def quads(text: str, graph: str | None = None) -> list[Quad]:
    """Reads Turtle (or TriG) with the usual prefixes."""
    found = list(parse(PREFIXES + text, format=RdfFormat.TRIG))
    if graph is None:
        return found
    name = NamedNode(EX + graph)
    return [Quad(quad.subject, quad.predicate, quad.object, name) for quad in found]


def triples(text: str) -> list[Triple]:
    return [quad.triple for quad in quads(text)]


def close(text: str) -> Closure:
    return materialise(quads(text))


def everything(closure: Closure) -> set[Triple]:
    return {quad.triple for quad in closure.stated()} | set(closure.inferred())


def is_built_in(triple: Triple) -> bool:
    """Says whether a triple speaks about the vocabulary of RDF and OWL alone."""
    return all(
        isinstance(term, NamedNode) and term.value.startswith(W3C) for term in (triple.subject, triple.object)
    )


def entails(closure: Closure, conclusion: Iterable[Triple]) -> bool:
    """Says whether a conclusion holds; its blank nodes stand for whatever there is."""
    facts = everything(closure)
    by_predicate: dict[NamedNode, list[Triple]] = {}
    for fact in facts:
        by_predicate.setdefault(fact.predicate, []).append(fact)
    ordered = sorted(conclusion, key=lambda each: sum(isinstance(term, BlankNode) for term in each))
    return any(True for _ in _matches(ordered, by_predicate, {}))


def _matches(
    patterns: list[Triple], facts: dict[NamedNode, list[Triple]], env: dict[BlankNode, object]
) -> Iterator[dict[BlankNode, object]]:
    if not patterns:
        yield env
        return
    pattern = patterns[0]
    for fact in facts.get(pattern.predicate, ()):
        found = dict(env)
        if all(
            found.setdefault(one, other) == other if isinstance(one, BlankNode) else one == other
            for one, other in ((pattern.subject, fact.subject), (pattern.object, fact.object))
        ):
            yield from _matches(patterns[1:], facts, found)


def term(text: str) -> NamedNode | Literal:
    return triples(f":s :p {text} .")[0].object  # type: ignore[return-value]

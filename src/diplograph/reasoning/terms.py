"""Terms as numbers: the vocabulary that rules speak of has fixed numbers; literals are negative.

So a comparison with zero tells whether a term may be a subject, and constants of rules need no lookup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from diplograph.reasoning.patterns import Atom, Each
from diplograph.reasoning.rules import TABLE
from diplograph.vocabulary import OWL, RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Quad

    Term = NamedNode | BlankNode | Literal | Triple


def _constants() -> tuple[list[str], list[str]]:
    found: list[NamedNode | Literal] = [
        RDF.type,
        OWL.sameAs,
        OWL.differentFrom,
        RDF.first,
        RDF.rest,
        RDF.nil,
        RDFS.Datatype,
    ]
    for rule in TABLE:
        atoms = [*rule.head]
        for pattern in rule.body:
            atoms += (
                [pattern] if isinstance(pattern, Atom) else pattern.atoms if isinstance(pattern, Each) else []
            )
        found += [term for atom in atoms for term in atom.terms if not isinstance(term, str)]
    unique = dict.fromkeys(found)
    return (
        [str(term) for term in unique if isinstance(term, NamedNode)],
        [str(term) for term in unique if isinstance(term, Literal)],
    )


_IRIS, _LITERALS = _constants()
VOCABULARY: dict[str, int] = {
    **{text: number for number, text in enumerate(_IRIS, 1)},
    **{text: -number for number, text in enumerate(_LITERALS, 1)},
}
"""The numbers of the terms that rules name, by their N-Triples text."""

TYPE = VOCABULARY[str(RDF.type)]
SAME = VOCABULARY[str(OWL.sameAs)]
DIFFERENT = VOCABULARY[str(OWL.differentFrom)]
FIRST = VOCABULARY[str(RDF.first)]
REST = VOCABULARY[str(RDF.rest)]
NIL = VOCABULARY[str(RDF.nil)]
FIRST_FREE = 1000
"""The first number that a term outside the vocabulary gets, and minus the first that a literal gets."""
AUXILIARY = 1 << 30
"""Numbers from here on are auxiliary predicates and classes that split long rule bodies; never shown."""


def number(term: object) -> int:
    """Returns the number of a constant of the rule table."""
    return VOCABULARY[str(term)]


def text(term: object) -> str:
    """Returns the N-Triples text of a term."""
    return (
        f"<<( {text(term.subject)} {term.predicate} {text(term.object)} )>>"
        if isinstance(term, Triple)
        else str(term)
    )


def decode(texts: Iterable[str]) -> list[Term]:
    """Turns N-Triples texts into terms."""
    listed = list(texts)
    terms: list[Term | None] = [None] * len(listed)
    rest = []
    for place, each in enumerate(listed):
        if each[0] == "<" and each[1] != "<":
            terms[place] = NamedNode(each[1:-1])
        elif each[0] == "_":
            terms[place] = BlankNode(each[2:])
        else:
            rest.append(place)
    if rest:
        lines = "\n".join(f"<x:s> <x:p> {listed[place]} ." for place in rest)
        for place, quad in zip(rest, parse(lines, format=RdfFormat.N_TRIPLES), strict=True):
            terms[place] = quad.object
    return terms  # type: ignore[return-value]  # every place is filled above


def encode(quads: Iterable[Quad], mark: str = "") -> tuple[list[str], list[str], list[str], list[str]]:
    """Turns quads into four columns of N-Triples texts; the default graph is the empty text.

    Args:
        quads: The quads.
        mark: Set before the labels of blank nodes.
    """
    s, p, o, g = [], [], [], []
    for quad in quads:
        s.append(str(quad.subject))
        p.append(str(quad.predicate))
        o.append(text(quad.object))
        name = str(quad.graph_name)
        g.append("" if name == "DEFAULT" else name)
    if mark:
        s, o = (
            [f"_:{mark}{each[2:]}" if each.startswith("_:") else each for each in column] for column in (s, o)
        )
    return s, p, o, g

"""The canonical form of a graph: the same for two engines that hold the same triples.

Blank nodes get the names of RDFC-1.0. Literals are compared by value, as engines keep values, not spellings:
Oxigraph writes `01` as `1`, Virtuoso `true` as `1` and `en-GB` as `en-gb`.
"""

from __future__ import annotations

import datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, Quad, Triple

from diplograph.vocabulary import XSD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyoxigraph import NamedNode


T = TypeVar("T")


def canonical(triples: Iterable[Triple]) -> frozenset[str]:
    """Returns the triples of one graph in canonical form, as N-Triples lines.

    Cost: proportional to the graph; with many blank nodes that look alike, more (RDFC-1.0 section 4).
    """
    normal = [Triple(each.subject, each.predicate, _normal(each.object)) for each in triples]
    if not any(has_blank(each) for each in normal):
        return frozenset(str(each) for each in normal)
    dataset = Dataset(Quad(*each) for each in normal)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(str(quad.triple) for quad in dataset)


def digest(lines: Iterable[str]) -> str:
    """Returns the SHA-256 of canonical lines, sorted."""
    return sha256("\n".join(sorted(lines)).encode()).hexdigest()


def has_blank(triple: Triple) -> bool:
    """Returns whether a triple has a blank node."""
    return isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)


def _normal(term: T) -> T | Literal:
    if not isinstance(term, Literal):
        return term
    if term.language:
        return Literal(term.value, language=term.language.lower())
    write = _VALUES.get(term.datatype)
    if write is None:
        return term
    try:
        return Literal(write(term.value), datatype=term.datatype)
    except (ValueError, InvalidOperation):
        return term  # ill-formed: engines keep it as it is


def _boolean(text: str) -> str:
    return {"1": "true", "0": "false"}.get(text, text)


def _decimal(text: str) -> str:
    return format(Decimal(text).normalize(), "f")


def _instant(text: str) -> str:
    moment = datetime.datetime.fromisoformat(text)
    return (moment.astimezone(datetime.UTC) if moment.tzinfo else moment).isoformat()


_VALUES: dict[NamedNode, Callable[[str], str]] = {
    XSD.boolean: _boolean,
    XSD.dateTime: _instant,
    XSD.decimal: _decimal,
    XSD.double: lambda text: repr(float(text)),
    XSD.float: lambda text: repr(float(text)),
    XSD.integer: lambda text: str(int(text)),
    XSD.nonNegativeInteger: lambda text: str(int(text)),
    XSD.positiveInteger: lambda text: str(int(text)),
}

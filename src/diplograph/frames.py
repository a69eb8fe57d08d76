"""Query results as columns of Python values, for data frames."""

from __future__ import annotations

import datetime
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal

from diplograph.vocabulary import XSD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyoxigraph import NamedNode

    from diplograph.sparql import Term

_READ: dict[NamedNode, Callable[[str], Any]] = {
    XSD.boolean: lambda text: text in ("true", "1"),
    XSD.date: datetime.date.fromisoformat,
    XSD.dateTime: datetime.datetime.fromisoformat,
    XSD.decimal: Decimal,
    XSD.double: float,
    XSD.float: float,
    XSD.integer: int,
    XSD.nonNegativeInteger: int,
    XSD.positiveInteger: int,
}


def columns(variables: Sequence[str], rows: Sequence[Sequence[Term | None]]) -> dict[str, list[Any]]:
    """Returns a column of Python values for each variable; None where it is unbound.

    A column has one type: where its terms are of several kinds, or a literal is ill-formed, all are text.

    >>> columns(["n"], [[Literal(1)], [Literal(2)]])
    {'n': [1, 2]}
    """
    return {name: _uniform([row[index] for row in rows]) for index, name in enumerate(variables)}


def library(name: str) -> Any:
    """Imports pandas or Polars.

    Raises:
        ImportError: It is not installed; the message says how to.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(f"{name} is not installed: pip install 'diplograph[{name}]'") from error


def _uniform(terms: Sequence[Term | None]) -> list[Any]:
    kinds = {term.datatype if isinstance(term, Literal) else None for term in terms if term is not None}
    read = _READ.get(next(iter(kinds)) or XSD.string) if len(kinds) == 1 else None
    if read is not None:
        try:
            return [None if term is None else read(term.value) for term in terms]
        except (ValueError, ArithmeticError):
            pass  # an ill-formed literal
    return [None if term is None else term.value for term in terms]

"""Columns of Python values: one type a column."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from diplograph.store import Table
from diplograph.vocabulary import XSD

if TYPE_CHECKING:
    from diplograph.sparql import Term


@pytest.mark.parametrize(
    ("terms", "values"),
    [
        ([Literal(1), None, Literal(-2)], [1, None, -2]),
        ([Literal("2016-09-06", datatype=XSD.date)], [datetime.date(2016, 9, 6)]),
        ([Literal("1.50", datatype=XSD.decimal)], [Decimal("1.50")]),
        ([Literal("1", datatype=XSD.boolean), Literal("false", datatype=XSD.boolean)], [True, False]),
        ([Literal("2016", datatype=XSD.gYear)], ["2016"]),
        ([Literal("ລາວ", language="lo"), NamedNode("urn:a")], ["ລາວ", "urn:a"]),
        ([Literal(1), Literal("many")], ["1", "many"]),
        (
            [Literal("soon", datatype=XSD.date), Literal("2016-09-06", datatype=XSD.date)],
            ["soon", "2016-09-06"],
        ),
        ([BlankNode("x")], ["x"]),
        ([None, None], [None, None]),
        ([], []),
    ],
)
def test_a_column_has_one_type(terms: list[Term | None], values: list[object]) -> None:
    assert Table(("x",), [(term,) for term in terms]).columns() == {"x": values}

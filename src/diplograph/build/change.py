"""Trying a change of the sources before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diplograph.build.derive import bounds_of
from diplograph.vocabulary import BOUNDS_GRAPH

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyoxigraph import NamedNode, Quad

    from diplograph.reasoning import Closure
    from diplograph.reasoning.change import Change


def what_if(closure: Closure, without: Collection[NamedNode] = (), added: Collection[Quad] = ()) -> Change:
    """Tells what a change of the sources would do, the bounds of dates derived anew; nothing is written.

    Args:
        closure: The closure of a build.
        without: The graphs that would no longer state anything.
        added: The quads that would be stated.

    Raises:
        InvalidValue: A date that would be stated is not EDTF.
    """
    stated = list(closure.stated())
    before = {quad for quad in stated if quad.graph_name == BOUNDS_GRAPH}
    stays = [quad for quad in stated if quad.graph_name not in without and quad not in before]
    after = set(bounds_of([*stays, *added]))
    if before <= after:
        return closure.what_if(without, [*added, *sorted(after - before, key=str)])
    return closure.what_if([*without, BOUNDS_GRAPH], [*added, *sorted(after, key=str)])

"""The merge of all graphs in a store's default graph, kept true while named graphs are written.

A build keeps the merge of its graphs as the store's default graph, so that queries over all graphs see each
triple once (Oxigraph's own union of graphs gives a triple once for each graph that states it). In such a
store the default graph belongs to nobody: what is written has to name its graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, Quad, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT = DefaultGraph()


def is_merged(store: Store) -> bool:
    """Tells whether a store's default graph holds anything: then it is the merge of its named graphs."""
    return next(store.quads_for_pattern(None, None, None, DEFAULT), None) is not None


def named(store: Store) -> Iterator[Quad]:
    """Yields the quads of a store's named graphs."""
    return (quad for quad in store if quad.graph_name != DEFAULT)


def renew(store: Store, before: set[Quad]) -> bool:
    """Makes the default graph the merge of the named graphs again.

    Args:
        store: A store whose named graphs have changed.
        before: Its default graph before they did.

    Returns:
        False, with nothing changed, if the write itself has added something to the default graph that no
        named graph has, or has taken something out of it that one still has: it forgot to name its graph.
    """
    wanted = {Quad(quad.subject, quad.predicate, quad.object) for quad in named(store)}
    present = default_graph(store)
    if (present - wanted - before) or ((before & wanted) - present):
        return False
    for quad in present - wanted:
        store.remove(quad)
    store.extend(wanted - present)
    return True


def default_graph(store: Store) -> set[Quad]:
    """Returns the quads of a store's default graph."""
    return set(store.quads_for_pattern(None, None, None, DEFAULT))

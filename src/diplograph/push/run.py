"""The push itself: what to write, writing it, and comparing what arrived."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode, Triple

from diplograph.errors import NotFound, nearest
from diplograph.push.canonical import canonical, digest
from diplograph.push.endpoint import UPDATE_BATCH, Endpoint, Method
from diplograph.remote import MERGED
from diplograph.show import KINDS as SOURCES
from diplograph.show import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from diplograph.store import Store

log = logging.getLogger(__name__)

KINDS = (*SOURCES, "merged")
"""The kinds of graphs that can be pushed; `merged` is one graph of all triples, each once, for counts."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class GraphReport:
    """What became of one graph.

    Args:
        graph: Its IRI.
        kind: One of `KINDS`.
        state: `same` (was there already), `new`, `replaced`, `dropped`, or `differs` after it was written.
        triples: How many it has in the build.
        digest: Of its canonical form in the build.
        note: What differs.
    """

    graph: str
    kind: str
    state: str
    triples: int
    digest: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a push did, graph by graph, sorted by graph."""

    endpoint: str
    verified: bool
    graphs: tuple[GraphReport, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return all(each.state != "differs" for each in self.graphs)

    def count(self, *states: str) -> int:
        """Returns the number of graphs in one of the states."""
        return sum(each.state in states for each in self.graphs)

    def as_dict(self) -> dict[str, Any]:
        """Returns the report as plain data."""
        return {**asdict(self), "ok": self.ok}

    def summary(self, dry_run: bool = False) -> str:
        """Returns the report in one line."""
        counts = ", ".join(
            f"{self.count(state)} {state}"
            for state in ("same", "new", "replaced", "dropped", "differs")
            if self.count(state)
        )
        how = "would be" if dry_run else "verified" if self.verified else "not verified"
        return f"{self.endpoint}: {counts or 'nothing to push'} ({how})"


def push(
    source: Store,
    endpoint: Endpoint | str,
    *,
    kinds: Iterable[str] | None = None,
    method: Method = "auto",
    batch: int = 20_000,
    dry_run: bool = False,
    verify: bool = True,
    progress: Callable[[int, int, str], None] | None = None,
) -> Report:
    """Makes the graphs of ours at an endpoint equal to those of a built graph.

    Guarantees: touches only graphs whose names begin with https://w3id.org/diplograph/ and are of the kinds
    chosen. A graph that is there already is left alone, so a push after a failure goes on where it stopped.
    Cost: reads every graph of ours at the endpoint once, and each written graph once more to verify it.

    Args:
        source: The built graph.
        endpoint: Where to; the address for queries is enough for known engines.
        kinds: Some of `KINDS`; all if not given.
        method: `gsp`, `update`, or `auto`.
        batch: How many triples one request carries at most.
        dry_run: Change nothing.
        verify: Compare what arrived.
        progress: Called with the number of graphs done, of all to write, and the graph at hand.

    Raises:
        NotFound: There is no such kind.
        RemoteFailure: The endpoint refused or failed; what was written before stays.
    """
    if isinstance(endpoint, str):
        with Endpoint(endpoint) as target:
            return push(
                source,
                target,
                kinds=kinds,
                method=method,
                batch=batch,
                dry_run=dry_run,
                verify=verify,
                progress=progress,
            )
    chosen = _chosen(kinds)
    wanted = _wanted(source, chosen)
    there = {graph.value for graph in endpoint.store.graphs(merged=True)}
    plan = [_compared(endpoint, graph, triples, there) for graph, triples in sorted(wanted.items())]
    plan += [
        GraphReport(graph, _kind(graph), "dropped", 0)
        for graph in sorted(there - wanted.keys())
        if _kind(graph) in chosen
    ]
    if dry_run:
        return Report(endpoint.location, False, tuple(plan))
    _write(endpoint, [each for each in plan if each.state != "same"], wanted, method, batch, progress)
    endpoint.store.refresh()
    if verify:
        plan = [_verified(endpoint, each, wanted) for each in plan]
    return Report(endpoint.location, verify, tuple(plan))


def census(store: Store) -> dict[str, dict[str, int]]:
    """Returns for each kind of graph in a store how many graphs and triples there are."""
    query = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    found: dict[str, dict[str, int]] = {}
    for row in store.select(query).values():
        counts = found.setdefault(_kind(str(row[0])), {"graphs": 0, "triples": 0})
        counts["graphs"] += 1
        counts["triples"] += int(str(row[1]))
    return {kind: found[kind] for kind in KINDS if kind in found}


def _chosen(kinds: Iterable[str] | None) -> set[str]:
    chosen = set(KINDS if kinds is None else kinds)
    for kind in sorted(chosen - set(KINDS)):
        raise NotFound(f"no kind of graph is called {kind!r}", suggestions=nearest(kind, KINDS) or KINDS)
    return chosen


def _wanted(source: Store, chosen: set[str]) -> dict[str, list[Triple]]:
    wanted: dict[str, list[Triple]] = defaultdict(list)
    for quad in source.quads():
        if isinstance(quad.graph_name, NamedNode) and _kind(quad.graph_name.value) in chosen:
            wanted[quad.graph_name.value].append(quad.triple)
    if "merged" in chosen:
        everything = dict.fromkeys(triple for triples in wanted.values() for triple in triples)
        wanted[MERGED.value] = list(everything)
    return dict(wanted)


def _kind(graph: str) -> str:
    return "merged" if graph == MERGED.value else kind_of(graph)


def _compared(endpoint: Endpoint, graph: str, triples: Sequence[Triple], there: set[str]) -> GraphReport:
    ours = canonical(triples)
    report = GraphReport(graph, _kind(graph), "new", len(ours), digest(ours))
    if graph not in there:
        return report
    theirs = canonical(endpoint.store.triples(NamedNode(graph)))
    if digest(theirs) == report.digest:
        return replace(report, state="same")
    return replace(report, state="replaced", note=_difference(ours, theirs))


def _write(
    endpoint: Endpoint,
    plan: Sequence[GraphReport],
    wanted: dict[str, list[Triple]],
    method: Method,
    batch: int,
    progress: Callable[[int, int, str], None] | None,
) -> None:
    how = endpoint.method(method)
    log.info("%s: writing %d graphs by %s", endpoint.location, len(plan), how)
    pending: list[tuple[NamedNode, Sequence[Triple]]] = []
    for number, each in enumerate(plan):
        if progress is not None:
            progress(number, len(plan), each.graph)
        graph = NamedNode(each.graph)
        if each.state == "dropped":
            endpoint.drop(graph)
        elif how == "gsp":
            endpoint.put(graph, wanted[each.graph], batch)
        else:
            pending.append((graph, wanted[each.graph]))
            if sum(len(triples) for _, triples in pending) >= UPDATE_BATCH:
                endpoint.replace(pending, batch)
                pending = []
    endpoint.replace(pending, batch)


def _verified(endpoint: Endpoint, each: GraphReport, wanted: dict[str, list[Triple]]) -> GraphReport:
    if each.state == "same":
        return each
    theirs = canonical(endpoint.store.triples(NamedNode(each.graph)))
    if each.state == "dropped":
        return replace(each, state="differs", note="is still there") if theirs else each
    if digest(theirs) == each.digest:
        return replace(each, note="")
    return replace(each, state="differs", note=_difference(canonical(wanted[each.graph]), theirs))


def _difference(ours: frozenset[str], theirs: frozenset[str]) -> str:
    """Says how many triples are missing or too many there, with some of them."""
    said = []
    for lines, what in ((ours - theirs, "missing"), (theirs - ours, "not ours")):
        if lines:
            shown = "; ".join(sorted(lines)[:_SHOWN])
            said.append(f"{len(lines)} {what}: {shown}{' …' if len(lines) > _SHOWN else ''}")
    return ", ".join(said)

"""What a write must conform to: the shapes and the logic, over the outcome and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode, Quad, Store

from diplograph.build.derive import bounds_of
from diplograph.reasoning import materialise
from diplograph.server.merging import named
from diplograph.validation import Validator
from diplograph.vocabulary import BOUNDS_GRAPH, INFERRED_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diplograph.errors import Finding
    from diplograph.workspace import Workspace

MOST_REPORTED = 100

Report = list[dict[str, Any]]


class Guard:
    """Judges outcomes of writes by the shapes of a workspace.

    What was wrong already is no objection to a write; what it makes wrong is. The bounds of dates and the
    inferred triples are made anew on the way, so that they fit the data that is committed.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def objections(self, store: Store, current: str) -> Report:
        """Returns the violations and contradictions that a write brings in, and renews what is derived.

        Cost: reasoning and SHACL over the whole dataset; if there are violations, over the state before too.

        Args:
            store: The outcome of the write, not yet committed; its bounds and inferred triples are replaced.
            current: The folder of the store before the write.
        """
        found = self._judged(named(store), store)
        if found:
            before = self._judged(named(Store.read_only(current)), None)
            known = {_identity(each) for each in before}
            found = [each for each in found if _identity(each) not in known]
        return found[:MOST_REPORTED]

    def _judged(self, quads: Iterable[Quad], store: Store | None) -> Report:
        stated = [quad for quad in quads if quad.graph_name not in (BOUNDS_GRAPH, INFERRED_GRAPH)]
        bounds = list(bounds_of(stated))
        stated += bounds
        with materialise(stated, rules=sorted(self.workspace.rules.glob("*.rq"))) as closure:
            inferred = [
                Quad(triple.subject, triple.predicate, triple.object, INFERRED_GRAPH)
                for triple in closure.inferred()
            ]
            contradictions = [
                {"source": each.rule, "severity": "violation", "message": each.gloss}
                for each in closure.inconsistencies()
            ]
        if store is not None:
            _renew(store, BOUNDS_GRAPH, bounds)
            _renew(store, INFERRED_GRAPH, inferred)
        findings = Validator([*stated, *inferred], self.workspace, files=()).shapes()
        return [_plain(each) for each in findings if each.severity == "violation"] + contradictions


def _renew(store: Store, graph: NamedNode, quads: list[Quad]) -> None:
    wanted = set(quads)
    present = set(store.quads_for_pattern(None, None, None, graph))
    for quad in present - wanted:
        store.remove(quad)
    store.extend(wanted - present)


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "source": finding.source,
        "severity": finding.severity,
        "message": finding.message,
        "focus": finding.focus,
        "path": finding.path,
        "value": finding.value,
        "rests_on": list(finding.rests_on),
        "hint": finding.hint,
    }


def _identity(finding: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(finding.get(part) for part in ("source", "focus", "path", "value", "message"))

"""What if: a change tried on a copy of a closure, and what it would do, before anything is written."""

# ruff: noqa: S608  (statements are made of our own names and numbers; values are parameters)

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Quad, Triple

from diplograph.reasoning.terms import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import BlankNode, NamedNode

    from diplograph.reasoning.closure import Closure
    from diplograph.reasoning.proof import Inconsistency, Proof

EXACT = 100_000
"""Up to so many inferred triples, each is asked whether it rests on what would go.

Beyond, those that share a term.
"""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A conclusion that now rests on what would go, and would still follow.

    How it does now, and how it would.
    """

    triple: Triple
    before: Proof
    after: Proof


@dataclass(frozen=True, slots=True)
class Change:
    """What a change would do.

    Args:
        fallen: Conclusions that would no longer follow.
        surviving: Conclusions whose smallest proof would fall, but that follow from other sources.
        added: Conclusions that would follow newly.
        contradictions: Contradictions that are not there now.
        resolved: Contradictions that would be gone.
        after: The closure as it would be; close it when it is not needed any more.
    """

    fallen: list[Triple]
    surviving: list[Survivor]
    added: list[Triple]
    contradictions: list[Inconsistency]
    resolved: list[Inconsistency]
    after: Closure

    def close(self) -> None:
        """Gives back the memory of the closure as it would be."""
        self.after.close()

    def __enter__(self) -> Change:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def try_change(closure: Closure, without: list[NamedNode | BlankNode], quads: list[Quad]) -> Change:
    """Tries a change on a copy: see `Closure.what_if`."""
    after = closure.copy(stated_only=bool(without))
    if without:
        after.remove(without)
    if quads:
        after.add(quads)
    now, then = closure.inferred_rows(), after.inferred_rows()
    fallen = list(_missing(after, now, then, after))
    added = list(_missing(after, then, now, closure))
    surviving = list(_survivors(closure, after, set(without), set(fallen))) if without else []
    known = {_key(each): each for each in closure.inconsistencies()}
    found = {_key(each): each for each in after.inconsistencies()}
    return Change(
        fallen,
        surviving,
        added,
        [each for key, each in found.items() if key not in known],
        [each for key, each in known.items() if key not in found],
        after,
    )


def _missing(reader: Closure, these: str, others: str, stated: Closure) -> Iterator[Triple]:
    """Returns the triples of one query that another does not give and a closure does not state."""
    base = stated.database()
    rows = reader.con.execute(f"""
        SELECT s.text, p.text, o.text FROM ({these} EXCEPT {others}) t ANTI JOIN {base}.stated USING (s, p, o)
        JOIN term s ON s.id = t.s JOIN term p ON p.id = t.p JOIN term o ON o.id = t.o
        ORDER BY ALL""").fetchall()
    terms = iter(decode(text for row in rows for text in row))
    for s, p, o in zip(terms, terms, terms, strict=True):
        yield Triple(s, p, o)  # type: ignore[arg-type]  # as stored


def _survivors(
    closure: Closure, after: Closure, without: set[NamedNode | BlankNode], fallen: set[Triple]
) -> Iterator[Survivor]:
    going = {
        (quad.subject, quad.predicate, quad.object) for quad in closure.stated() if quad.graph_name in without
    }
    touched = {term for s, _, o in going for term in (s, o)}
    wide = closure.size() > EXACT
    if not wide:
        closure.explainer.load_all()
    for triple in closure.inferred():
        if triple in fallen or (wide and triple.subject not in touched and triple.object not in touched):
            continue
        (proof,) = closure.explain(triple)
        if any(leaf.conclusion in going and without.issuperset(leaf.graphs) for leaf in proof.leaves()):
            yield Survivor(triple, proof, after.explain(triple)[0])


def _key(found: Inconsistency) -> tuple[object, ...]:
    return (found.rule, *(premise.conclusion for premise in found.step.premises))

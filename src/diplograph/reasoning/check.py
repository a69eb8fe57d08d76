"""The checker: verifies a proof step by step, by the rule table and nothing else of the engine.

It shares with the engine the rule table, the term model and the meaning of literals; not a line that
searches, joins or numbers. A step is right when the rule's body, read from left to right, takes up exactly
its premises, and the head under the same values is its conclusion; a leaf is right when its graphs state it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from diplograph.reasoning.datatypes import compare, holds
from diplograph.reasoning.patterns import (
    Atom,
    Each,
    ListOf,
    Member,
    Pair,
    Path,
    Pattern,
    PatternTerm,
    Rule,
    Test,
)
from diplograph.reasoning.proof import Fact, Leaf, Proof
from diplograph.vocabulary import RDF

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from pyoxigraph import BlankNode, Literal, NamedNode

    from diplograph.reasoning.closure import Closure

Graphs: TypeAlias = "Collection[NamedNode | BlankNode | None]"
Values: TypeAlias = "dict[str, NamedNode | BlankNode | Literal]"
Lists: TypeAlias = "dict[str, list[NamedNode | BlankNode | Literal]]"


@dataclass(frozen=True, slots=True)
class Report:
    """What checking all proofs of a closure found.

    How many triples and contradictions were proved, and the faults.
    """

    proved: int
    contradictions: int
    faults: tuple[str, ...]


def check(proof: Proof, graphs_of: Callable[[Fact], Graphs], known: set[int] | None = None) -> list[str]:
    """Verifies a proof.

    Args:
        proof: The proof.
        graphs_of: Gives the graphs that state a triple; empty where it is not stated.
        known: The identities of nodes verified before, which are skipped; those verified now are added.

    Returns:
        The faults, in words; none for a right proof.
    """
    faults = []
    seen = set() if known is None else known
    for node in proof.nodes():
        if id(node) in seen:
            continue
        if isinstance(node, Leaf):
            fault = _check_leaf(node, graphs_of)
        else:
            premises = [each.conclusion for each in node.premises]
            fault = None
            if not applies(node.rule, premises, node.conclusion):
                said = "; ".join(map(_words, premises))
                fault = f"{node.rule.id} does not lead to {_words(node.conclusion)} from {said}"
        if fault:
            faults.append(fault)
        else:
            seen.add(id(node))
    return faults


def check_all(closure: Closure) -> Report:
    """Proves and checks every inferred triple and every contradiction of a closure.

    Cost: some hundred microseconds a triple; all rows are read into memory.
    """
    stated: dict[Fact, set[NamedNode | BlankNode | None]] = {}
    for quad in closure.stated():
        fact: Fact = (quad.subject, quad.predicate, quad.object)  # type: ignore[assignment]  # as stored
        name = quad.graph_name
        stated.setdefault(fact, set()).add(None if str(name) == "DEFAULT" else name)  # type: ignore[arg-type]

    def graphs_of(fact: Fact) -> Graphs:
        return stated.get(fact, ())

    closure.explainer.load_all()
    faults: list[str] = []
    known: set[int] = set()
    kept = []  # nodes stay alive, so that their identities stay theirs
    proved = contradictions = 0
    for triple in closure.inferred():
        (proof,) = closure.explain(triple)
        if proof.conclusion != (triple.subject, triple.predicate, triple.object):
            faults.append(f"the proof of {triple} ends in {_words(proof.conclusion)}")
        faults += check(proof, graphs_of, known)
        kept.append(proof)
        proved += 1
    for found in closure.inconsistencies():
        faults += check(found.proof, graphs_of, known)
        kept.append(found.proof)
        contradictions += 1
    return Report(proved, contradictions, tuple(faults))


def applies(rule: Rule, premises: list[Fact | None], conclusion: Fact | None) -> bool:
    """Says whether a rule leads from exactly these premises to this conclusion; None is a contradiction."""
    if any(premise is None for premise in premises):
        return False
    facts: list[Fact] = [premise for premise in premises if premise is not None]
    if conclusion is None:
        return not rule.head and any(True for _ in _match(rule.body, facts, {}, {}))
    for head in rule.head:
        values = _unify(head.terms, conclusion, {})
        if values is not None and any(
            _concludes(head, conclusion, found) for found in _match(rule.body, facts, values, {})
        ):
            return True
    return False


def _concludes(head: Atom, conclusion: Fact, values: Values) -> bool:
    return all(
        (values.get(slot) if isinstance(slot, str) else slot) == term
        for slot, term in zip(head.terms, conclusion, strict=True)
    )


def _check_leaf(leaf: Leaf, graphs_of: Callable[[Fact], Graphs]) -> str | None:
    graphs = graphs_of(leaf.conclusion)
    if not graphs:
        return f"nothing states {_words(leaf.conclusion)}"
    wrong = [graph for graph in leaf.graphs if graph not in graphs]
    if wrong or not leaf.graphs:
        return f"{', '.join(map(str, wrong)) or 'no graph'} does not state {_words(leaf.conclusion)}"
    return None


def _match(body: tuple[Pattern, ...], facts: list[Fact], values: Values, lists: Lists) -> Iterator[Values]:
    """Returns the values under which the patterns, in order, take up all the facts."""
    if not body:
        if not facts:
            yield values
        return
    first, rest = body[0], body[1:]
    for found, taken, more in _take(first, facts, values, lists):
        yield from _match(rest, facts[taken:], found, more)


def _take(
    pattern: Pattern, facts: list[Fact], values: Values, lists: Lists
) -> Iterator[tuple[Values, int, Lists]]:
    if isinstance(pattern, Atom):
        found = _take_atoms([pattern], facts, values)
        if found is not None:
            yield found, 1, lists
    elif isinstance(pattern, ListOf):
        members = _read_list(values.get(pattern.head), facts)
        if members:
            yield values, 2 * len(members), {**lists, pattern.members: members}
    elif isinstance(pattern, Each | Path):
        atoms = _repeat(pattern, len(lists[pattern.members]))
        named = {f"{pattern.members}#{place}": member for place, member in enumerate(lists[pattern.members])}
        found = _take_atoms(atoms, facts, {**values, **named})
        if found is not None:
            yield found, len(atoms), lists
    elif isinstance(pattern, Member):
        for member in lists[pattern.members]:
            chosen = _unify((pattern.item,), (member,), values)
            if chosen is not None:
                yield chosen, 0, lists
    elif isinstance(pattern, Pair):
        for one, other in _pairs(lists[pattern.members]):
            chosen = _unify((pattern.first, pattern.second), (one, other), values)
            if chosen is not None:
                yield chosen, 0, lists
    elif _passes(pattern, values):
        yield values, 0, lists


def _pairs(members: list[NamedNode | BlankNode | Literal]) -> Iterator[tuple[object, object]]:
    for place, one in enumerate(members):
        for other in members[place + 1 :]:
            yield one, other


def _take_atoms(atoms: list[Atom], facts: list[Fact], values: Values) -> Values | None:
    if len(facts) < len(atoms):
        return None
    found: Values | None = values
    for atom, fact in zip(atoms, facts, strict=False):
        found = _unify(atom.terms, fact, found)
        if found is None:
            return None
    return found


def _read_list(node: object, facts: list[Fact]) -> list[NamedNode | BlankNode | Literal]:
    """Reads the members of a list from the triples of its cells, first and rest in turn.

    None where they are no list.
    """
    members, seen = [], set()
    for first, rest in zip(facts[::2], facts[1::2], strict=False):
        if first[:2] != (node, RDF.first) or rest[:2] != (node, RDF.rest) or node in seen:
            return []
        seen.add(node)
        members.append(first[2])
        node = rest[2]
        if node == RDF.nil:
            return members
    return []


def _repeat(pattern: Each | Path, count: int) -> list[Atom]:
    if isinstance(pattern, Path):
        stops = [pattern.start, *(f"?stop{place}" for place in range(1, count)), pattern.end]
        return [Atom(stops[place], f"{pattern.members}#{place}", stops[place + 1]) for place in range(count)]
    return [
        Atom(
            *(
                f"{slot}{place}" if isinstance(slot, str) and slot.endswith("#") else slot
                for slot in atom.terms
            )
        )
        for place in range(count)
        for atom in pattern.atoms
    ]


def _unify(slots: Iterable[PatternTerm], terms: Iterable[object], values: Values | None) -> Values | None:
    found: dict[str, object] = dict(values or {})
    for slot, term in zip(slots, terms, strict=True):
        if isinstance(slot, str):
            if found.setdefault(slot, term) != term:
                return None
        elif slot != term:
            return None
    return found  # type: ignore[return-value]  # terms are terms


def _passes(test: Test, values: Values) -> bool:
    terms = [values.get(arg) if isinstance(arg, str) else arg for arg in test.args]
    if any(term is None for term in terms):
        return False
    return holds(test.name, *terms) if test.name[0].isalpha() else compare(test.name, terms[0], terms[1])


def _words(fact: Fact | None) -> str:
    return "a contradiction" if fact is None else " ".join(map(str, fact))

"""Why a question has an answer: the triples that a row rests on, each stated in some graphs or inferred by a proof."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from rdflib import BNode, URIRef, Variable, paths
from rdflib import Literal as RdflibLiteral
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from diplograph.errors import DiplographError, NotFound
from diplograph.reasoning.patterns import Atom, PatternTerm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from diplograph.reasoning.closure import Closure
    from diplograph.reasoning.proof import Proof

Term: TypeAlias = "NamedNode | BlankNode | Literal"
WITNESSES = 20
"""At most so many ways in which a row comes about are followed; a row of an aggregate has many."""


class Table(Protocol):
    """What a store answers to SELECT."""

    @property
    def variables(self) -> Sequence[str]:
        """The names of the columns."""
        ...

    @property
    def rows(self) -> Sequence[Sequence[Any]]:
        """The rows; None where a variable has no value."""
        ...


class Selects(Protocol):
    """What `why` asks of a store."""

    def select(self, query: str) -> Table:
        """Answers a SELECT query over the union of all graphs."""
        ...


@dataclass(frozen=True, slots=True)
class Support:
    """One triple that a row rests on.

    Args:
        triple: The triple.
        graphs: The graphs that state it; empty where it is inferred.
        proof: Its proof; a single leaf where it is stated; None where the closure does not know it.
    """

    triple: Triple
    graphs: tuple[NamedNode | BlankNode | None, ...]
    proof: Proof | None


@dataclass(slots=True)
class _Group:
    """The triple patterns of a group, and the groups within it: needed, alternative, or optional."""

    patterns: list[tuple[Any, Any, Any]] = field(default_factory=list)
    needed: list[_Group] = field(default_factory=list)
    optional: list[_Group] = field(default_factory=list)


def why(closure: Closure, store: Selects, query: str, row: Mapping[str, Term | None]) -> list[Support]:
    """Returns the triples that one row of a question's answer rests on, in the order of the query.

    The query is run again with the values of the row and all its variables shown, so filters hold; each triple pattern
    is then filled in. What a query asks by absence (MINUS, NOT EXISTS) rests on no triple.

    Args:
        closure: The closure of the graph that was asked.
        store: The store that was asked.
        query: The query, with the parameters of the question filled in.
        row: The values of the row by variable, without `?`.

    Raises:
        NotFound: The row is no answer to the query.
        SyntaxProblem: The query is not SPARQL.
    """
    group = _group(translateQuery(parseQuery(query)).algebra.p)
    solutions = list(_solutions(store, query, row))
    if not solutions:
        raise NotFound("this row is no answer to the query")
    found: dict[Triple, None] = {}
    for values in solutions:
        for triple in _filled(closure, group, values):
            found.setdefault(triple)
    return [_support(closure, store, triple) for triple in found]


def _support(closure: Closure, store: Selects, triple: Triple) -> Support:
    try:
        proof = closure.explain(triple)[0]
    except NotFound:
        table = store.select(
            f"SELECT ?g WHERE {{ GRAPH ?g {{ {triple.subject} {triple.predicate} {triple.object} }} }} ORDER BY ?g"
        )
        return Support(triple, tuple(each[0] for each in table.rows), None)
    leaves = proof.leaves() if proof.size == 1 else []
    return Support(triple, leaves[0].graphs if leaves else (), proof)


# -- the solutions of a row --------------------------------------------------------------------------------------------

_HIDDEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>"{}|^`\\\s]*>|#[^\n]*', re.DOTALL
)


def _solutions(store: Selects, query: str, row: Mapping[str, Term | None]) -> Iterator[dict[str, Term]]:
    """Runs the query with all variables shown and the values of the row given."""
    given = {
        name: value for name, value in row.items() if value is not None and not isinstance(value, BlankNode)
    }
    opened = _opened(query, given)
    try:
        table = store.select(opened)
    except (DiplographError, SyntaxError, ValueError):
        yield dict(given)
        return
    seen: set[tuple[object, ...]] = set()
    for values in table.rows:
        if tuple(values) not in seen and len(seen) < WITNESSES:
            seen.add(tuple(values))
            yield {
                name: value for name, value in zip(table.variables, values, strict=True) if value is not None
            } | given


def _opened(query: str, given: Mapping[str, Term]) -> str:
    """Returns a SELECT query without projection, grouping, order and limits, and with values for some variables."""
    plain = _HIDDEN.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), query)
    select = re.search(r"\bSELECT\b", plain, re.IGNORECASE)
    if select is None:
        return query
    start = plain.index("{", _past_expressions(plain, select.end()))
    end = _closing(plain, start)
    head = plain[select.end() : start]
    where = re.search(r"\bWHERE\b\s*$", head, re.IGNORECASE)
    datasets = " ".join(re.findall(r"\bFROM\s+(?:NAMED\s+)?\S+", query[select.end() : start], re.IGNORECASE))
    bound = {
        name: value
        for name, value in given.items()
        if re.search(rf"[?$]{re.escape(name)}\b", plain[start:end])
    }
    values = "".join(f" VALUES ?{name} {{ {value} }}" for name, value in bound.items())
    del where
    return f"{query[: select.start()]}SELECT * {datasets} WHERE {{{values} {query[start : end + 1]} }} LIMIT {20 * WITNESSES}"


def _past_expressions(plain: str, place: int) -> int:
    """Returns the end of the projection: expressions in parentheses may hold braces of EXISTS."""
    depth = 0
    while place < len(plain):
        if plain[place] == "(":
            depth += 1
        elif plain[place] == ")":
            depth -= 1
        elif plain[place] == "{" and depth == 0:
            return place
        place += 1
    return place


def _closing(plain: str, start: int) -> int:
    depth = 0
    for place in range(start, len(plain)):
        depth += {"{": 1, "}": -1}.get(plain[place], 0)
        if depth == 0:
            return place
    return len(plain) - 1


# -- the patterns of a query -------------------------------------------------------------------------------------------


def _group(node: Any) -> _Group:
    group = _Group()
    _collect(node, group)
    return group


def _collect(node: Any, group: _Group) -> None:
    name = getattr(node, "name", None)
    if name == "BGP":
        group.patterns += list(node.triples)
    elif name == "LeftJoin":
        _collect(node.p1, group)
        group.optional.append(_group(node.p2))
    elif name == "Union":
        group.optional += [_group(node.p1), _group(node.p2)]
    elif name == "Minus":
        _collect(node.p1, group)
    elif name == "Join":
        _collect(node.p1, group)
        _collect(node.p2, group)
    elif name is not None and hasattr(node, "p") and node.p is not None:
        _collect(node.p, group)


def _filled(closure: Closure, group: _Group, values: dict[str, Term]) -> Iterator[Triple]:
    """Returns the triples of a group under some values, those of its optional parts where they hold."""
    atoms = [atom for pattern in group.patterns for atom in _atoms(closure, pattern, values)]
    bound = _bound(closure, atoms, values)
    if bound is None:
        return
    for atom in atoms:
        triple = _instance(atom, bound)
        if triple is not None:
            yield triple
    for part in group.optional:
        yield from _filled(closure, part, bound)


def _bound(closure: Closure, atoms: list[Atom], values: dict[str, Term]) -> dict[str, Term] | None:
    """Finds values for the variables that the store did not show, such as those of subqueries and blank nodes."""
    open_atoms = [atom for atom in atoms if _instance(atom, values) is None]
    if not open_atoms:
        return values
    explainer = closure.explainer
    known = {f"?{name}": closure.representative(value) for name, value in values.items()}
    for env in explainer.prover.matches(
        open_atoms, {name: number for name, number in known.items() if number}, 1
    ):
        return values | {
            name.lstrip("?"): explainer.term(number)
            for name, number in env.items()
            if name.lstrip("?") not in values
        }  # type: ignore[return-value]  # terms of triples
    return None


def _instance(atom: Atom, values: Mapping[str, Term]) -> Triple | None:
    terms = [values.get(slot.lstrip("?")) if isinstance(slot, str) else slot for slot in atom.terms]
    if any(term is None for term in terms):
        return None
    return Triple(*terms)  # type: ignore[arg-type]  # terms of triples


def _atoms(closure: Closure, pattern: tuple[Any, Any, Any], values: dict[str, Term]) -> Iterator[Atom]:
    """Returns the plain patterns of a pattern; a property path becomes the chain of triples that it follows."""
    s, p, o = pattern
    if not isinstance(p, paths.Path):
        yield Atom(_term(s), _term(p), _term(o))
        return
    start, end = _value(s, values), _value(o, values)
    if start is not None and end is not None:
        for step in _walk(closure, p, start, end) or ():
            yield Atom(*step)  # type: ignore[arg-type]  # a blank node of the data is a constant here
        return
    if isinstance(p, paths.SequencePath):
        stops = [s, *(Variable(f"_stop{id(p)}_{place}") for place in range(1, len(p.args))), o]
        for place, part in enumerate(p.args):
            yield from _atoms(closure, (stops[place], part, stops[place + 1]), values)
    elif isinstance(p, paths.InvPath):
        yield from _atoms(closure, (o, p.arg, s), values)


Steps: TypeAlias = "list[tuple[Term, NamedNode, Term]]"


def _walk(closure: Closure, path: Any, start: Term, end: Term) -> Steps | None:
    """Returns the triples along which a property path leads from one term to another, the fewest there are."""
    for reached, steps in _reach(closure, path, start):
        if reached == end:
            return steps
    return None


def _reach(closure: Closure, path: Any, start: Term) -> Iterator[tuple[Term, Steps]]:
    if isinstance(path, URIRef):
        predicate = NamedNode(str(path))
        for other in closure.neighbours(start, predicate):
            yield other, [(start, predicate, other)]
    elif isinstance(path, paths.InvPath):
        if isinstance(path.arg, URIRef):
            predicate = NamedNode(str(path.arg))
            for other in closure.neighbours(start, predicate, inverse=True):
                yield other, [(other, predicate, start)]
    elif isinstance(path, paths.SequencePath):
        yield from _sequence(closure, list(path.args), start)
    elif isinstance(path, paths.AlternativePath):
        for part in path.args:
            yield from _reach(closure, part, start)
    elif isinstance(path, paths.MulPath):
        yield from _repeated(closure, path, start)


def _sequence(closure: Closure, parts: list[Any], start: Term) -> Iterator[tuple[Term, Steps]]:
    if not parts:
        yield start, []
        return
    for middle, steps in _reach(closure, parts[0], start):
        for end, more in _sequence(closure, parts[1:], middle):
            yield end, steps + more


def _repeated(closure: Closure, path: Any, start: Term) -> Iterator[tuple[Term, Steps]]:
    seen: set[Term] = set()
    frontier: list[tuple[Term, Steps]] = [(start, [])]
    if path.zero:
        yield start, []
    while frontier:
        following: list[tuple[Term, Steps]] = []
        for here, steps in frontier:
            for there, more in _reach(closure, path.path, here):
                if there not in seen:
                    seen.add(there)
                    following.append((there, steps + more))
        yield from following
        frontier = following if path.more else []


def _value(term: Any, values: Mapping[str, Term]) -> Term | None:
    found = _term(term)
    if isinstance(found, str):
        return values.get(found.lstrip("?"))
    return found


def _term(term: Any) -> PatternTerm:
    if isinstance(term, Variable):
        return f"?{term}"
    if isinstance(term, BNode):
        return f"?_{term}"
    if isinstance(term, URIRef):
        return NamedNode(str(term))
    assert isinstance(term, RdflibLiteral)
    if term.language:
        return Literal(str(term), language=term.language)
    return Literal(str(term), datatype=NamedNode(str(term.datatype))) if term.datatype else Literal(str(term))

"""The language in which a rule is written down: patterns over triples, lists, and tests on values.

A term of a pattern is a variable (a string that begins with `?`) or a constant (an IRI or a literal). Inside
`Each`, a variable that ends in `#` has one value for each member of the list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode

from diplograph.vocabulary import OWL, RDF, RDFS, XSD

PatternTerm: TypeAlias = "str | NamedNode | Literal"


@dataclass(frozen=True, slots=True)
class Atom:
    """One triple pattern, `T(s, p, o)` in the words of the OWL 2 RL tables."""

    s: PatternTerm
    p: PatternTerm
    o: PatternTerm

    def __str__(self) -> str:
        return f"T({show(self.s)}, {show(self.p)}, {show(self.o)})"

    @property
    def terms(self) -> tuple[PatternTerm, PatternTerm, PatternTerm]:
        """Subject, predicate and object."""
        return (self.s, self.p, self.o)


@dataclass(frozen=True, slots=True)
class ListOf:
    """`LIST[?l, ?m1, …, ?mn]`: the RDF list at `?l` has the members `?m`, at least one."""

    head: str
    members: str

    def __str__(self) -> str:
        return f"LIST[{self.head}, {self.members}1, …, {self.members}n]"


@dataclass(frozen=True, slots=True)
class Each:
    """The atoms hold for every member of the list."""

    members: str
    atoms: tuple[Atom, ...]

    def __str__(self) -> str:
        atoms = ", ".join(str(atom).replace("#", "ᵢ") for atom in self.atoms)
        return f"{atoms} for each i"


@dataclass(frozen=True, slots=True)
class Path:
    """The members of the list are properties that lead from `start` to `end` one after the other."""

    members: str
    start: str
    end: str

    def __str__(self) -> str:
        return f"T({self.start}, {self.members}1, ?u1), …, T(?un₋₁, {self.members}n, {self.end})"


@dataclass(frozen=True, slots=True)
class Member:
    """`item` is one of the members of the list."""

    members: str
    item: str

    def __str__(self) -> str:
        return f"{self.item} one of {self.members}1 … {self.members}n"


@dataclass(frozen=True, slots=True)
class Pair:
    """`first` and `second` are members at two different positions of the list."""

    members: str
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.first}, {self.second} two of {self.members}1 … {self.members}n"


@dataclass(frozen=True, slots=True)
class Test:
    """A test on values: `=`, `!=`, `<`, `<=`, `>`, `>=`, or one of the datatype tests of `datatypes.py`."""

    __test__ = False  # not a pytest class

    name: str
    args: tuple[PatternTerm, ...]

    def __str__(self) -> str:
        if len(self.args) == 2 and not self.name[0].isalpha():
            return f"{show(self.args[0])} {self.name} {show(self.args[1])}"
        return f"{self.name}({', '.join(show(arg) for arg in self.args)})"


Pattern: TypeAlias = "Atom | ListOf | Each | Path | Member | Pair | Test"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: when the body holds, each triple of the head holds.

    Without a head, the body is a contradiction.

    Args:
        id: The name, unique; the W3C's own where there is one.
        table: The table of OWL 2 Profiles section 4.3 that holds the rule; 0 for a domain rule.
        body: The patterns, in the order in which a proof lists its premises.
        head: The triples that follow; empty for a contradiction.
        gloss: What the rule says in plain words; `{x}` stands for the value of `?x`.
        source: The file of a domain rule.
        text: The text of that file.
    """

    id: str
    table: int
    body: tuple[Pattern, ...]
    head: tuple[Atom, ...]
    gloss: str
    source: str | None = None
    text: str | None = None

    @property
    def name(self) -> str:
        """The name without the part that tells several forms of one rule apart."""
        return self.id.partition("/")[0]


_PREFIXES = {"rdf": RDF, "rdfs": RDFS, "owl": OWL, "xsd": XSD}
_TOKEN = re.compile(r'"[^"]*"\^\^\S+|\S+')


def term(text: str) -> PatternTerm:
    """Reads a variable, a prefixed name or a typed literal."""
    if text.startswith("?"):
        return text
    if text.startswith('"'):
        value, _, datatype = text[1:].partition('"^^')
        return Literal(value, datatype=_name(datatype))
    return _name(text)


def atom(text: str) -> Atom:
    """Reads three terms separated by blanks."""
    s, p, o = (term(part) for part in _TOKEN.findall(text))
    return Atom(s, p, o)


def _name(text: str) -> NamedNode:
    prefix, _, local = text.partition(":")
    return _PREFIXES[prefix].term(local)


def show(item: PatternTerm) -> str:
    """Returns a term as the tables of the specification write it."""
    if isinstance(item, str):
        return item
    text = str(item)
    for prefix, namespace in _PREFIXES.items():
        text = re.sub(rf"<{re.escape(str(namespace))}([^>]*)>", rf"{prefix}:\1", text)
    return text


def variables(pattern: Pattern) -> frozenset[str]:
    """Returns the variables of a pattern."""
    if isinstance(pattern, Atom):
        return frozenset(each for each in pattern.terms if isinstance(each, str))
    if isinstance(pattern, Test):
        return frozenset(each for each in pattern.args if isinstance(each, str))
    if isinstance(pattern, ListOf):
        return frozenset((pattern.head, pattern.members))
    if isinstance(pattern, Each):
        found = frozenset[str]().union(*(variables(each) for each in pattern.atoms))
        return frozenset(each for each in found if not each.endswith("#")) | {pattern.members}
    if isinstance(pattern, Path):
        return frozenset((pattern.members, pattern.start, pattern.end))
    if isinstance(pattern, Member):
        return frozenset((pattern.members, pattern.item))
    return frozenset((pattern.members, pattern.first, pattern.second))

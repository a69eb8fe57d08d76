"""The tokens of a SPARQL query: enough to bind variables, find prefixes and tell a query's form.

Nothing here parses SPARQL: engines do. The tokens follow the terminals of the grammar (SPARQL 1.1 section
19.8), so that text inside strings, IRIs and comments is never taken for a variable or a prefix.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from typing import Literal as OneOf

from pyoxigraph import BlankNode, Literal, NamedNode

from diplograph.errors import Place, SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Term = NamedNode | BlankNode | Literal
Form = OneOf["select", "ask", "construct", "describe"]

_TOKENS = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>\#[^\n\r]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>\"{3}(?:"{0,2}(?:[^"\\]|\\.))*"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
      | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
  | (?P<variable>[?$]\w+)
  | (?P<blank>_:\w[\w.-]*)
  | (?P<name>(?:[^\W\d_](?:[\w.-]*[\w-])?)?:
      (?:(?:[\w:-]|%[0-9A-Fa-f]{2}|\\.)(?:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*(?:[\w:-]|%[0-9A-Fa-f]{2}|\\.))?)?)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS: tuple[Form, ...] = ("select", "ask", "construct", "describe")


class Token(NamedTuple):
    """A terminal of the query: its kind, its text as written, and where it starts (from 0)."""

    kind: str
    text: str
    start: int


def tokens(query: str) -> Iterator[Token]:
    """Cuts a query into tokens; joined, their texts are the query again.

    Cost: one pass. Malformed text never fails: what fits no terminal comes as single characters.

    >>> [token.text for token in tokens("ASK{?s ?p '?o'}") if token.kind != "space"]
    ['ASK', '{', '?s', '?p', "'?o'", '}']
    """
    for match in _TOKENS.finditer(query):
        yield Token(match.lastgroup or "other", match.group(), match.start())


def form(query: str) -> Form:
    """Returns what kind of query this is, by its first keyword after the prologue.

    Raises:
        SyntaxProblem: No SELECT, ASK, CONSTRUCT or DESCRIBE comes first: an update, say.
    """
    words = (token.text.lower() for token in tokens(query) if token.kind == "word")
    for word in words:
        for known in _FORMS:
            if word == known:
                return known
        if word not in ("prefix", "base"):
            break
    raise SyntaxProblem("not a SPARQL query: it must begin with SELECT, ASK, CONSTRUCT or DESCRIBE")


def wrong_form(query: str, wanted: Form) -> SyntaxProblem:
    """Returns the error for a query of another form than the caller can take."""
    return SyntaxProblem(
        f"{wanted.upper()} is wanted here, and this is a query of the form {form(query).upper()}"
    )


def variables(query: str) -> list[str]:
    """Returns the names of all variables of a query, in order of first use, without `?`."""
    return list(dict.fromkeys(token.text[1:] for token in tokens(query) if token.kind == "variable"))


def bind(query: str, values: Mapping[str, Term]) -> str:
    """Puts terms in the place of variables, serialised and escaped by the RDF library.

    The same text then runs on every engine. A value can never end a string or open a pattern: it is one
    token.

    Args:
        query: SPARQL with variables such as `?_person`.
        values: Variable name without `?` to the term.

    >>> bind("ASK { ?_x ?p '?_x' } # ?_x", {"_x": NamedNode("urn:a")})
    "ASK { <urn:a> ?p '?_x' } # ?_x"
    """
    return "".join(
        str(values[token.text[1:]]) if token.kind == "variable" and token.text[1:] in values else token.text
        for token in tokens(query)
    )


def declared_prefixes(query: str) -> dict[str, str]:
    """Returns the prefixes that the prologue declares, with their namespaces."""
    return dict(_declarations(query))


def used_prefixes(query: str) -> set[str]:
    """Returns the prefixes of all prefixed names outside the prologue's own declarations."""
    found = set()
    declaring = False
    for token in tokens(query):
        if token.kind == "name" and not declaring:
            found.add(token.text.partition(":")[0])
        if token.kind not in ("space", "comment", "name"):
            declaring = token.kind == "word" and token.text.lower() == "prefix"
    return found


def with_prefixes(query: str, known: Mapping[str, str]) -> str:
    """Declares the known prefixes that a query uses and does not declare itself.

    Lines keep their numbers: the declarations go in front, on the first line.
    """
    missing = sorted((used_prefixes(query) - declared_prefixes(query).keys()) & known.keys())
    return "".join(f"PREFIX {prefix}: <{known[prefix]}> " for prefix in missing) + query


def problem(query: str, error: SyntaxError, file: str | None = None) -> SyntaxProblem:
    """Turns an engine's syntax error into ours: line, column, what stands there and what was expected."""
    found = re.match(r"error at (\d+):(\d+): (.*)", error.msg, re.DOTALL)
    undeclared = sorted(used_prefixes(query) - declared_prefixes(query).keys())
    if undeclared:
        name = next(token for token in tokens(query) if token.text.startswith(f"{undeclared[0]}:"))
        line, column = _position(query, name.start)
        return SyntaxProblem(
            f"the prefix {undeclared[0]!r} is not declared",
            place=Place(file, line, column),
            code="unknown-prefix",
        )
    if found is None:
        return SyntaxProblem(f"the query is not valid: {error.msg}", place=Place(file))
    line, column, expected = int(found[1]), int(found[2]), found[3]
    lines = query.splitlines()
    rest = lines[line - 1][column - 1 :].strip()[:30] if line <= len(lines) else ""
    message = f"not well-formed at {rest!r}" if rest else "the query ends too early"
    wanted = expected.removeprefix("expected ").replace(", [_]", "").replace("[_]", "")
    said = re.search(r"\b[A-Z][A-Za-z]* [A-Za-z]+ [^,]*", wanted)  # a sentence of the engine, not tokens
    if said is not None:
        message = f"not valid: {said[0][:1].lower()}{said[0][1:]}"
    elif wanted and len(wanted) <= 120:
        message = f"{message}: expected {wanted}"
    return SyntaxProblem(message, place=Place(file, line, column))


def _declarations(query: str) -> Iterator[tuple[str, str]]:
    significant = [token for token in tokens(query) if token.kind not in ("space", "comment")]
    for keyword, name, namespace in zip(significant, significant[1:], significant[2:], strict=False):
        if keyword.text.lower() == "prefix" and name.kind == "name" and namespace.kind == "iri":
            yield name.text.rstrip(":"), namespace.text[1:-1]


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

"""SPARQL Update as the protocol wants it: graphs given to each operation, calls elsewhere refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Store

from diplograph.sparql import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Conflict(ValueError):
    """The update and the protocol both name the graphs."""


def uses(update: str, keyword: str, base: str | None) -> bool:
    """Tells whether a well-formed update has a keyword as such; the engine judges (see `worker.uses`)."""
    if not re.search(keyword, update, re.IGNORECASE):
        return False
    misspelt = re.sub(f"({keyword[:-1]}){keyword[-1]}", r"\1X", update, flags=re.IGNORECASE)
    return not parses(misspelt, base)


def parses(update: str, base: str | None) -> bool:
    """Tells whether the engine takes an update, by running it on an empty store in memory.

    It must not have LOAD or SERVICE in it.
    """
    try:
        Store().update(update, base_iri=base)
    except SyntaxError:
        return False
    except (ValueError, RuntimeError, OSError):
        return True
    return True


def calls_elsewhere(update: str, base: str | None, allow: Iterable[str] = ()) -> bool:
    """Tells whether a well-formed update would call a server that is not allowed by name, by LOAD or SERVICE.

    Raises:
        SyntaxError: It is not well-formed.
    """
    if not re.search("LOAD|SERVICE", update, re.IGNORECASE):
        return False
    for iri in map(re.escape, allow):
        update = re.sub(rf"SERVICE\s+(SILENT\s+)?(?=<{iri}>)", "GRAPH ", update, flags=re.IGNORECASE)
        load = rf"LOAD\s+(SILENT\s+)?<{iri}>(\s+INTO\s+GRAPH\s+<[^<>\s]*>)?"
        update = re.sub(load, "CLEAR DEFAULT", update, flags=re.IGNORECASE)
    misspelt = re.sub("(LOA|SERVIC)[DE]", r"\1X", update, flags=re.IGNORECASE)
    if parses(misspelt, base):
        return False
    for pattern, harmless in _HARMLESS:
        update = re.sub(pattern, harmless, update, flags=re.IGNORECASE)
    try:
        Store().update(update, base_iri=base)
    except (ValueError, RuntimeError, OSError):
        return True
    return True


_START = r"(?<![^\s;{}.])"
_HARMLESS = (
    (rf"{_START}SERVICE(\s+SILENT)?", "GRAPH"),
    (rf"{_START}LOAD(\s+SILENT)?\s+(\S+)\s+INTO\s+GRAPH", r"ADD \2 TO GRAPH"),
    (rf"{_START}LOAD(\s+SILENT)?", "CLEAR SILENT GRAPH"),
)
"""Operations of the same form that stay at home: what does not parse then is a syntax error."""


def with_dataset(update: str, using: Sequence[str], using_named: Sequence[str], base: str | None) -> str:
    """Gives each DELETE/INSERT operation the graphs of the protocol (SPARQL 1.1 Protocol section 2.2.3).

    `DELETE WHERE {…}` has no place for them, and becomes the `DELETE {…} WHERE {…}` that it abbreviates.

    Raises:
        Conflict: An operation has USING or WITH of its own.
        ValueError: A graph's name is no IRI.
    """
    if not using and not using_named:
        return update
    if uses(update, "USING", base) or uses(update, "WITH", base):
        raise Conflict("the update has USING or WITH")
    clauses = [f"USING {NamedNode(iri)}" for iri in using]
    clauses += [f"USING NAMED {NamedNode(iri)}" for iri in using_named]
    clause = " ".join(clauses) + " "
    parts: list[str] = []
    depth, last = 0, ""
    everything = list(tokens(update))
    for place, token in enumerate(everything):
        word = token.text.upper() if token.kind == "word" else token.text
        if word == "WHERE" and depth == 0:
            if last == "DELETE":
                parts.append(_braces(everything[place + 1 :]) + " ")
            parts.append(clause)
        parts.append(token.text)
        depth += (word == "{") - (word == "}")
        if token.kind not in ("space", "comment"):
            last = word
    return "".join(parts)


def _braces(rest: list[Token]) -> str:
    parts, depth = [], 0
    for token in rest:
        depth += (token.text == "{") - (token.text == "}")
        parts.append(token.text)
        if token.text == "}" and depth == 0:
            break
    return "".join(parts)

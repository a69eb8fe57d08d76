"""Entities by their names, in any spelling and any script."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from pyoxigraph import Literal, NamedNode

from diplograph.errors import NotFound, nearest
from diplograph.text import fold
from diplograph.vocabulary import RDFS, SKOS, compact, expand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diplograph.store import Store

_NAMES = f"""SELECT DISTINCT ?entity ?property ?name
WHERE {{
  VALUES ?property {{ {RDFS.label} {SKOS.prefLabel} {SKOS.altLabel} }}
  ?entity ?property ?name .
  FILTER (ISIRI(?entity))
}}
ORDER BY ?entity ?property ?name"""
_LABELS = f"""SELECT DISTINCT ?entity ?name
WHERE {{{{ VALUES ?entity {{{{ {{terms}} }}}} ?entity {RDFS.label} ?name }}}}"""
_BATCH = 1000
_CURIE = re.compile(r"[A-Za-z][\w.-]*:[^\s:]+")
_MEMBERS = "SELECT DISTINCT ?entity WHERE {{ ?entity a {cls} }}"


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """Somebody or something with a name: its IRI, and the label to show."""

    iri: str
    label: str

    @property
    def term(self) -> NamedNode:
        """The IRI as a term."""
        return NamedNode(self.iri)


class Names:
    """The names of a store: read once, by one query.

    Preferred labels are `rdfs:label` and `skos:prefLabel`; `skos:altLabel` are further names.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folded: dict[str, set[str]] = defaultdict(set)
        self._labels: dict[str, dict[str, str]] = defaultdict(dict)
        self._printed: dict[str, str] = {}
        self._members: dict[str, frozenset[str]] = {}
        for entity, kind, name in store.select(_NAMES).rows:
            if not isinstance(entity, NamedNode) or not isinstance(name, Literal):
                continue
            self._folded[fold(name.value)].add(entity.value)
            self._printed.setdefault(fold(name.value), name.value)
            if kind != SKOS.altLabel:
                self._labels[entity.value].setdefault(name.language or "", name.value)

    def label(self, iri: str, language: str = "en") -> str | None:
        """Returns the preferred label in a language, else in English, else in any; None for what has none."""
        labels = self._labels.get(iri)
        if not labels:
            return None
        return labels.get(language) or labels.get("en") or next(iter(labels.values()))

    def entities(self) -> Iterable[str]:
        """Returns the IRIs of everybody and everything that has a label."""
        return self._labels.keys()

    def find(self, name: str, cls: NamedNode | None = None) -> list[Entity]:
        """Returns the entities that bear a name, by any of its spellings.

        A name that nobody bears is also tried as the beginning or a part of one: `Chiến` finds Hoàng Xuân
        Chiến.

        Args:
            name: The name; case, blanks, hyphens and diacritics do not count.
            cls: Only members of this class, by inference.
        """
        key = fold(name)
        exact = self._of(self._folded.get(key, set()), cls)
        if exact or len(key) < 3:
            return exact
        within = {iri for folded, iris in self._folded.items() if key in folded for iri in iris}
        return self._of(within, cls)

    def resolve(
        self, name: str, cls: NamedNode | None = None, prefixes: Mapping[str, str] | None = None
    ) -> NamedNode:
        """Returns the one entity meant by a name, a CURIE or an IRI.

        Raises:
            NotFound: Nobody bears the name (with the nearest names), or several do (with their IRIs).
            UnknownTerm: It looks like a CURIE, and nothing declares its prefix.
            InvalidValue: It looks like an IRI, and has characters that no IRI has.
        """
        known = dict(prefixes or {})
        if name.startswith("<") or "://" in name or name.partition(":")[0] in known:
            return expand(name, known)
        found = self.find(name, cls)
        if not found and _CURIE.fullmatch(name):
            return expand(name, known)
        kind = f" of class {compact(cls, known)}" if cls is not None else ""
        if len(found) == 1:
            return found[0].term
        if found:
            raise NotFound(
                f"{name!r} is the name of {len(found)} entities{kind}",
                code="ambiguous-name",
                suggestions=[compact(entity.iri, known) for entity in found[:8]],
            )
        raise NotFound(
            f"nobody and nothing{kind} is called {name!r}",
            code="unknown-name",
            suggestions=self._near(name, cls),
        )

    def _of(self, iris: set[str], cls: NamedNode | None) -> list[Entity]:
        members = iris if cls is None else iris & self._in(cls)
        return sorted(Entity(iri, self.label(iri) or iri) for iri in members)

    def _in(self, cls: NamedNode) -> frozenset[str]:
        if cls.value not in self._members:
            rows = self._store.select(_MEMBERS.format(cls=cls)).rows
            self._members[cls.value] = frozenset(term.value for (term,) in rows if term is not None)
        return self._members[cls.value]

    def _near(self, name: str, cls: NamedNode | None) -> list[str]:
        members = None if cls is None else self._in(cls)
        keys = [key for key, iris in self._folded.items() if members is None or iris & members]
        return [self._printed[key] for key in nearest(fold(name), keys)]


def labels(store: Store, terms: Iterable[NamedNode], language: str = "en") -> dict[NamedNode, str]:
    """Returns the labels of some terms, in a language, else in English, else in any.

    Cost: one query for every thousand terms; the other names of the store are not read.
    """
    listed = list(dict.fromkeys(terms))
    found: dict[NamedNode, tuple[int, str]] = {}
    order = {language: 0, "en": 1} if language != "en" else {"en": 0}
    for first in range(0, len(listed), _BATCH):
        rows = store.select(_LABELS.format(terms=" ".join(map(str, listed[first : first + _BATCH])))).rows
        for entity, name in rows:
            if isinstance(entity, NamedNode) and isinstance(name, Literal):
                candidate = (order.get(name.language or "", 2), name.value)
                found[entity] = min(found.get(entity, candidate), candidate)
    return {entity: name for entity, (_, name) in found.items()}


_CACHE: WeakKeyDictionary[Store, Names] = WeakKeyDictionary()


def names_of(store: Store) -> Names:
    """Returns the names of a store, read at the first call for that store."""
    if store not in _CACHE:
        _CACHE[store] = Names(store)
    return _CACHE[store]

"""Explanations: proofs in terms, with names and plain words.

And what is missing where something does not follow.
"""

# ruff: noqa: S608  (statements are made of our own names and numbers; values are parameters)

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from diplograph.errors import NotFound
from diplograph.reasoning.patterns import Atom, ListOf, Rule
from diplograph.reasoning.proof import Fact, Inconsistency, Leaf, Node, Proof, Step
from diplograph.reasoning.prover import FOREVER, Derivation, Goal, Prover
from diplograph.reasoning.rows import Rows
from diplograph.reasoning.rules import BY_ID, TABLE
from diplograph.reasoning.schema import is_schema
from diplograph.reasoning.terms import DIFFERENT, FIRST, SAME, VOCABULARY, decode
from diplograph.reasoning.terms import text as text_of
from diplograph.vocabulary import OWL, RDFS, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import duckdb

    from diplograph.reasoning.materialise import Engine
    from diplograph.reasoning.schema import Row
    from diplograph.reasoning.terms import Term

SMALL = 50_000
"""A closure of up to so many triples is read into memory when the first proof is asked for."""
_JOINED = {"intersectionOf": " and ", "unionOf": " or ", "oneOf": " or "}
_RESTRICTED = {
    "hasValue": "what has {0} {1}",
    "someValuesFrom": "what has some {1} for {0}",
    "allValuesFrom": "what has only {1} for {0}",
    "maxCardinality": "what has at most {1} for {0}",
    "maxQualifiedCardinality": "what has at most {1} for {0}",
}
_LABELS = tuple(str(each) for each in (SKOS.prefLabel, RDFS.label, SKOS.altLabel))


class Explainer:
    """Explains one state of a closure; made anew when the closure changes.

    Args:
        con: The tables.
        engine: The engine that made the closure.
        rules: The domain rules.
        language: The language of names in plain words.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, engine: Engine, rules: Sequence[Rule] = (), language: str = "en"
    ) -> None:
        self._con = con
        self._engine = engine
        self._rules = tuple(rules)
        self._language = language
        self._terms: dict[int, Term] = {}
        self._numbers: dict[str, int] = dict(VOCABULARY)
        self._names: dict[int, str] = {}
        self._complete = False
        self.rows = Rows(con)
        self.prover = Prover(self.rows, engine.equality, self.number, self.term, self._rules)
        self._nodes: dict[tuple[Goal, int], Node] = {}

    # -- numbers and terms -----------------------------------------------------------------------------------

    def number(self, term: object) -> int:
        """Returns the number of a term, 0 if it does not occur."""
        text = str(term) if not isinstance(term, Triple) else text_of(term)
        if text not in self._numbers:
            if self._complete:
                return 0
            row = self._con.execute("SELECT id FROM term WHERE text = ?", [text]).fetchone()
            self._numbers[text] = row[0] if row else 0
        return self._numbers[text]

    def term(self, number: int) -> Term:
        """Returns the term of a number."""
        self._fetch([number])
        return self._terms[number]

    def _fetch(self, numbers: Iterable[int]) -> None:
        missing = [each for each in dict.fromkeys(numbers) if each not in self._terms]
        if missing:
            rows = self._con.execute(
                f"SELECT id, text FROM term WHERE id IN ({', '.join(map(str, missing))})"
            ).fetchall()
            self._terms.update(
                zip((number for number, _ in rows), decode(text for _, text in rows), strict=True)
            )

    def name(self, number: int) -> str:
        """Returns a name of a term for reading.

        A label, preferably in the language, else the end of its IRI.
        """
        if number not in self._names:
            self._fetch_names([number])
        return self._names[number]

    def _fetch_names(self, numbers: Iterable[int]) -> None:
        missing = [each for each in dict.fromkeys(numbers) if each not in self._names]
        if not missing or self._complete:
            for number in missing:
                self._fetch([number])
                self._names[number] = self._plain_name(number)
            return
        self._fetch(missing)
        self._read_names(missing)

    def load_all(self) -> None:
        """Reads all rows, terms and names into memory.

        For proving everything, not for one proof of a large closure.
        """
        self.rows.load_all()
        rows = self._con.execute("SELECT id, text FROM term").fetchall()
        self._terms = dict(zip((number for number, _ in rows), decode(text for _, text in rows), strict=True))
        self._numbers |= {text: number for number, text in rows}
        self._read_names([])
        self._complete = True

    def _read_names(self, missing: list[int]) -> None:
        kinds = [self.number(each) for each in _LABELS]
        rows = self._con.execute(
            "SELECT x.s, x.p, t.text FROM stated x JOIN term t ON t.id = x.o"
            f" WHERE x.p IN ({', '.join(map(str, kinds))})"
            + (f" AND x.s IN ({', '.join(map(str, missing))})" if missing else "")
        ).fetchall()
        best: dict[int, tuple[int, bool, int, str]] = {}
        for (s, p, _), label in zip(rows, decode(text for _, _, text in rows), strict=True):
            if isinstance(label, Literal):
                foreign = 0 if label.language == self._language else 1 if label.language is None else 2
                key = (foreign, p == kinds[2], kinds.index(p), label.value)
                best[s] = min(best.get(s, key), key)
        for number in missing or best:
            self._names[number] = best[number][3] if number in best else self._plain_name(number)

    def _plain_name(self, number: int) -> str:
        """Returns the end of an IRI, the text of a literal, or the expression of a blank node."""
        term = self._terms[number]
        if not isinstance(term, BlankNode):
            return short(term)
        self._names[number] = "itself"  # where an expression contains itself
        if self.rows.facts.objects[FIRST].get(number):
            return "the list"
        return self._expression(number) or short(term)

    def _expression(self, number: int) -> str | None:
        parts = {
            name: found[0]
            for name in (*_JOINED, *_RESTRICTED, "complementOf", "onProperty")
            if (found := self.rows.facts.objects[VOCABULARY[str(OWL[name])]].get(number))
        }
        for name, joint in _JOINED.items():
            if name in parts:
                members = self.rows.facts.members(parts[name])
                return None if members is None else f"({joint.join(map(self.name, members))})"
        if "complementOf" in parts:
            return f"not {self.name(parts['complementOf'])}"
        if "onProperty" in parts:
            for name, words in _RESTRICTED.items():
                if name in parts:
                    return words.format(self.name(parts["onProperty"]), self.name(parts[name]))
        return None

    # -- proofs ----------------------------------------------------------------------------------------------

    def explain(self, fact: Fact, alternatives: int = 0) -> list[Proof]:
        """Returns the smallest proof of a triple, and up to so many other proofs by size.

        Raises:
            NotFound: The triple does not follow; the hint names the nearest missing premises.
        """
        if not self._complete and self.rows.count <= SMALL:
            self.load_all()
        triple = self._row(fact)
        if not self._follows(triple):
            raise self.not_entailed(fact)
        goal = self.prover.goal(triple)
        try:
            self.prover.best(goal)
        except NotFound as error:
            raise self.not_entailed(fact) from error
        rank = 0 if self.rows.stated(triple) else self.round_of(triple)
        proofs = [Proof(self._node(goal), rank)]
        if alternatives:
            proofs += [
                Proof(root, rank) for root in self._others(goal, alternatives) if root != proofs[0].root
            ]
        return proofs[: alternatives + 1]

    def _row(self, fact: Fact) -> Row:
        numbers = [self.number(term) for term in fact]
        if 0 in numbers:
            unknown = fact[numbers.index(0)]
            raise NotFound(f"{unknown} does not occur in the closure", code="not-entailed")
        return (numbers[0], numbers[1], numbers[2])

    def _follows(self, triple: Row) -> bool:
        return bool(self.rows.stated(triple)) or self.round_of(triple) >= 0

    def round_of(self, triple: Row) -> int:
        """Returns the round of a triple's first derivation; -1 where it does not follow."""
        if self.rows.stated(triple):
            return 0
        rank = self.rows.rank(triple)
        if rank is not None:
            return rank
        find = self._engine.equality.find
        s, p, o = (find(each) for each in triple)
        if p == SAME:
            path = self._engine.equality.path(triple[0], triple[2], FOREVER)
            return -1 if path is None else max((edge.rank for edge in path), default=0) + 1
        rank = self.rows.rank((s, p, o))
        if rank is None:
            return -1
        places = [
            self._engine.equality.path(one, other, FOREVER) or []
            for one, other in zip(triple, (s, p, o), strict=True)
        ]
        return max([rank, *(edge.rank + 1 for path in places for edge in path)])

    def _others(self, goal: Goal, count: int) -> Iterator[Node]:
        """Returns other proofs: first by other last steps, then with another proof of one premise."""
        if self.rows.stated(goal[0]):
            ways = self.prover.ranked((goal[0], goal[1]), count) if self.rows.rank(goal[0]) else []
            yield from (self._step(way) for way in ways[:count])
            return
        ways = self.prover.ranked(goal, count + 1)
        yield from (self._step(way) for way in ways[1 : count + 1])
        remaining = count + 1 - len(ways)
        for way in ways:
            for place, premise in enumerate(way.premises):
                if remaining <= 0:
                    return
                if self.rows.stated(premise[0]):
                    continue
                for other in self.prover.ranked(premise, 2)[1:]:
                    premises = [self._node(each) for each in way.premises]
                    premises[place] = self._step(other)
                    yield self._make(way, premises)
                    remaining -= 1

    def _node(self, goal: Goal) -> Node:
        key = (goal, 0)
        if key not in self._nodes:
            way = self.prover.best(goal)
            self._nodes[key] = self._leaf(goal[0]) if way is None else self._step(way)
        return self._nodes[key]

    def _leaf(self, triple: Row) -> Leaf:
        numbers = self.rows.stated(triple)
        self._fetch([*triple, *(each for each in numbers if each)])
        graphs = tuple(None if each == 0 else self._terms[each] for each in numbers)
        return Leaf(self._fact(triple), tuple(sorted(graphs, key=str)))  # type: ignore[arg-type]  # names

    def _step(self, way: Derivation) -> Step:
        return self._make(way, [self._node(each) for each in way.premises])

    def _make(self, way: Derivation, premises: Sequence[Node]) -> Step:
        conclusion = None if way.conclusion is None else self._fact(way.conclusion)
        return Step(conclusion, way.rule, self._gloss(way), tuple(premises))

    def _fact(self, triple: Row) -> Fact:
        self._fetch(triple)
        s, p, o = (self._terms[each] for each in triple)
        return (s, p, o)  # type: ignore[return-value]  # as stored

    def _gloss(self, way: Derivation) -> str:
        named = {name: value for name, value in way.env.items() if value}
        self._fetch_names(named.values())
        words = {name.lstrip("?"): self._names[value] for name, value in named.items()}
        return way.rule.gloss.format_map(defaultdict(lambda: "…", words))

    # -- contradictions --------------------------------------------------------------------------------------

    def inconsistencies(self, limit: int | None = None) -> Iterator[Inconsistency]:
        """Returns the contradictions, each once, by rule and terms."""
        ways: dict[tuple[str, tuple[Goal, ...]], Derivation] = {}
        for instance, values in self._engine.violations(limit):
            for origin in self._engine.schema.origins[instance]:
                order = list(
                    dict.fromkeys(slot for atom in instance.body for slot in atom if isinstance(slot, str))
                )
                known: dict[str, int] = dict(zip(order, values, strict=True))
                env = dict(origin.bound)
                for variable, slot in origin.names.items():
                    env[variable] = known[slot] if isinstance(slot, str) else slot
                found = [self._plain(way) for way in self.prover.apply(origin.rule, env, FOREVER)]
                if found:
                    way = min(found, key=self._cost)
                    ways.setdefault((way.rule.id, way.premises), way)
        for way in (*self._clashes(), *self._bad_values()):
            ways.setdefault((way.rule.id, way.premises), way)
        proofs = [Inconsistency(Proof(self._step(way), self._engine.rank)) for way in ways.values()]
        yield from sorted(proofs, key=lambda each: (each.rule, each.gloss))[:limit]

    def _cost(self, way: Derivation) -> int:
        for premise in way.premises:
            self.prover.best(premise)
        return sum(self._node(premise).size for premise in way.premises)

    def _plain(self, way: Derivation) -> Derivation:
        """Shows a clash of equality between the two terms that are stated to differ.

        Not as one term with itself.
        """
        if way.rule.id != "eq-diff1":
            return way
        goal = way.premises[1]
        step = self.prover.best(goal)
        while step is not None and step.rule.id.startswith("eq-rep"):
            goal = step.premises[1]
            step = self.prover.best(goal)
        (one, _, other), _ = goal
        if one == other:
            return way
        same = self.prover.goal((one, SAME, other))
        return Derivation(way.rule, None, (same, goal), {"?x": one, "?y": other})

    def _clashes(self) -> Iterator[Derivation]:
        for one, other in self._engine.clashes:
            different: Goal = ((one, DIFFERENT, other), FOREVER)
            self.prover.assume(
                different, Derivation(BY_ID["dt-diff"], different[0], (), {"?lt1": one, "?lt2": other})
            )
            same = self.prover.goal((one, SAME, other))
            yield Derivation(BY_ID["eq-diff1"], None, (same, different), {"?x": one, "?y": other})

    def _bad_values(self) -> Iterator[Derivation]:
        for s, o in self._engine.literals.misplaced(self._engine.equality.find):
            for literal in self._engine.equality.members(s):
                env = {"?lt": literal, "?dt": o}
                yield from (
                    way for way in self.prover.apply(BY_ID["dt-not-type"], env, FOREVER) if literal < 0
                )
        for literal in self._engine.literals.ill_typed:
            rows = self._con.execute(
                "SELECT DISTINCT s, p FROM stated WHERE o = ? ORDER BY ALL", [literal]
            ).fetchall()
            for s, p in rows:
                premise = self.prover.goal((s, p, literal))
                yield Derivation(
                    BY_ID["dt-not-type/lexical"], None, (premise,), {"?x": s, "?p": p, "?lt": literal}
                )

    # -- what is missing -------------------------------------------------------------------------------------

    def not_entailed(self, fact: Fact) -> NotFound:
        """Returns the error that says a triple does not follow, and names the nearest missing premises."""
        missing = self._missing(fact)
        words = " ".join(self._shown(term) for term in fact)
        hint = (
            f"the nearest missing premises: {'; or '.join(missing)}" if missing else "no rule could derive it"
        )
        return NotFound(
            f"it does not follow that {words}", suggestions=missing, hint=hint, code="not-entailed"
        )

    def _shown(self, term: object) -> str:
        number = self.number(term)
        return self.name(number) if number else short(term)

    def _missing(self, fact: Fact, count: int = 3) -> list[str]:
        numbers = [self.number(term) for term in fact]
        if 0 in numbers:
            return []
        found: dict[str, int] = {}
        triple = (numbers[0], numbers[1], numbers[2])
        for rule in (*TABLE, *self._rules):
            if rule.table in (4, 8) or len(found) > 200:
                continue
            for head in rule.head:
                env = self.prover.unify(head, triple)
                if env is not None:
                    for text, cost in self._partial(rule, env):
                        found[text] = min(found.get(text, cost), cost)
        return [text for text, _ in sorted(found.items(), key=lambda pair: (pair[1], pair[0]))[:count]]

    def _partial(self, rule: Rule, env: dict[str, int]) -> Iterator[tuple[str, int]]:
        schema = [each for each in rule.body if not isinstance(each, Atom) or is_schema(each)]
        data = [each for each in rule.body if isinstance(each, Atom) and not is_schema(each)]
        if not data or any(isinstance(each, ListOf) for each in schema):
            return
        for bound in self.prover.matches(schema, env, 20):
            for lacking in self._lacking(data, bound):
                open_ended = any(isinstance(slot, str) and slot not in bound for slot in lacking[0].terms)
                words = ", and ".join(self._pattern(atom, bound) for atom in lacking)
                yield f"{words} ({rule.name})", 2 * len(lacking) + open_ended

    def _lacking(self, data: list[Atom], env: dict[str, int]) -> Iterator[list[Atom]]:
        if len(data) == 1:
            yield data
            return
        for place, atom in enumerate(data):
            others = [each for number, each in enumerate(data) if number != place]
            for bound in self.prover.matches(others, env, 1):
                filled = Atom(*(self._bound(slot, bound) for slot in atom.terms))  # type: ignore[arg-type]
                yield [filled]

    def _bound(self, slot: object, env: dict[str, int]) -> object:
        return self.term(env[slot]) if isinstance(slot, str) and slot in env else slot

    def _pattern(self, atom: Atom, env: dict[str, int]) -> str:
        def word(slot: object) -> str:
            if isinstance(slot, str):
                return self.name(env[slot]) if slot in env else "something"
            return self._shown(slot)

        return " ".join(word(slot) for slot in atom.terms)


def short(term: object) -> str:
    """Returns the readable end of an IRI, or the text of a literal."""
    if isinstance(term, NamedNode):
        return term.value.rstrip("/#").replace("#", "/").rpartition("/")[2] or term.value
    if isinstance(term, Literal):
        return f"“{term.value}”"
    return f"_:{term.value}" if isinstance(term, BlankNode) else str(term)

"""Domain rules: SPARQL CONSTRUCT files in the subset that compiles to rules.

A rule file holds one CONSTRUCT whose WHERE is a basic graph pattern with FILTERs that compare two variables,
or a variable and a constant, by `=`, `!=`, `<`, `<=`, `>` or `>=`, joined by `&&`. Any SPARQL engine can run
it. The name of the rule is the name of the file; its gloss is the `#+ gloss:` line, else the `#+ summary:`
line, where `{x}` stands for the value of `?x`. Order compares numbers, dates, times and years; what cannot be
compared does not pass, as in SPARQL.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode
from pyparsing import ParseBaseException
from rdflib import BNode, URIRef, Variable
from rdflib import Literal as RdflibLiteral
from rdflib.paths import Path as PropertyPath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from diplograph.errors import Place, RuleProblem
from diplograph.reasoning.patterns import Atom, PatternTerm, Rule, Test
from diplograph.reasoning.rules import BY_ID
from diplograph.reasoning.schema import Instance, RowPattern, Slot, unify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_HIDDEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>"{}|^`\\\s]*>|#[^\n]*'
)
_WORDS = (
    "OPTIONAL",
    "UNION",
    "MINUS",
    "BIND",
    "VALUES",
    "SERVICE",
    "GRAPH",
    "NOT EXISTS",
    "EXISTS",
    "SELECT",
    "ASK",
    "DESCRIBE",
    "FROM",
    "GROUP BY",
    "HAVING",
    "ORDER BY",
    "LIMIT",
    "OFFSET",
)
_NODES = {
    "LeftJoin": "OPTIONAL",
    "Union": "UNION",
    "Minus": "MINUS",
    "Extend": "BIND",
    "ToMultiSet": "VALUES",
    "values": "VALUES",
    "ServiceGraphPattern": "SERVICE",
    "Graph": "GRAPH",
    "Slice": "LIMIT",
    "OrderBy": "ORDER BY",
    "Group": "GROUP BY",
    "AggregateJoin": "GROUP BY",
    "Distinct": "SELECT",
    "Reduced": "SELECT",
    "SelectQuery": "SELECT",
    "AskQuery": "ASK",
    "DescribeQuery": "DESCRIBE",
}
_SUBSET = (
    "a rule is a CONSTRUCT over a basic graph pattern with FILTERs that compare by =, !=, <, <=, > or >="
)


def load(paths: Iterable[Path]) -> list[Rule]:
    """Reads rule files, in the order of their names.

    Raises:
        RuleProblem: A file is not SPARQL, or outside the subset; names the construct and the line.
    """
    rules = [
        read(path.read_text(encoding="utf-8"), path)
        for path in sorted(paths, key=lambda path: (path.stem, str(path)))
    ]
    names = [rule.id for rule in rules]
    for rule in rules:
        if names.count(rule.id) > 1 or rule.id in BY_ID:
            raise RuleProblem(
                f"a second rule of the name {rule.id!r}",
                place=Place(file=rule.source),
                hint="rename the file",
            )
    return rules


def read(text: str, path: Path) -> Rule:
    """Reads one rule from the text of its file."""
    reader = _Reader(text, path)
    try:
        algebra = translateQuery(parseQuery(text)).algebra
    except ParseBaseException as error:
        raise RuleProblem(
            f"not a SPARQL query: {error.msg}", place=Place(path, error.lineno, error.column)
        ) from error
    except Exception as error:  # rdflib raises bare exceptions for unknown prefixes and misplaced variables
        raise RuleProblem(
            f"not a SPARQL query: {error}",
            place=Place(path, reader.line_of(str(error).split(":")[-1].strip())),
        ) from error
    return reader.rule(algebra)


class _Reader:
    def __init__(self, text: str, path: Path) -> None:
        self._path = path
        self._text = text
        self._plain = _HIDDEN.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)

    def rule(self, algebra: Any) -> Rule:
        if algebra.name != "ConstructQuery":
            raise self._outside(_NODES.get(algebra.name, algebra.name))
        if algebra.get("datasetClause"):
            raise self._outside("FROM")
        triples, tests = self._pattern(algebra.p)
        if not triples:
            raise self._problem("the WHERE holds no triple pattern", 1)
        body = [self._atom(triple) for triple in triples]
        template = algebra.template if algebra.template is not None else triples
        head = [self._atom(triple, template=True) for triple in template]
        if not head:
            raise self._problem("the CONSTRUCT template is empty", self.line_of("CONSTRUCT"))
        self._check_variables(body, head, tests)
        return Rule(
            self._path.stem, 0, (*body, *tests), tuple(head), self._gloss(), str(self._path), self._text
        )

    def _pattern(self, node: Any) -> tuple[list[Any], list[Test]]:
        if node.name in ("Project", "Join", "Filter", "BGP"):
            if node.name == "BGP":
                return list(node.triples), []
            if node.name == "Join":
                left, right = self._pattern(node.p1), self._pattern(node.p2)
                return left[0] + right[0], left[1] + right[1]
            triples, tests = self._pattern(node.p)
            return triples, tests + (list(self._tests(node.expr)) if node.name == "Filter" else [])
        raise self._outside(_NODES.get(node.name, node.name))

    def _tests(self, expression: Any) -> Iterator[Test]:
        name = getattr(expression, "name", "")
        if name == "ConditionalAndExpression":
            yield from self._tests(expression.expr)
            for other in expression.other:
                yield from self._tests(other)
        elif name.startswith("RelationalExpression") and expression.op in ("=", "!=", "<", "<=", ">", ">="):
            yield Test(expression.op, (self._operand(expression.expr), self._operand(expression.other)))
        else:
            raise self._outside(self._construct(expression), within="FILTER")

    def _operand(self, operand: Any) -> PatternTerm:
        if isinstance(operand, Variable | URIRef | RdflibLiteral):
            return self._term(operand)
        raise self._outside(self._construct(operand), within="FILTER")

    @staticmethod
    def _construct(expression: Any) -> str:
        name = getattr(expression, "name", type(expression).__name__)
        known = {
            "ConditionalOrExpression": "||",
            "UnaryNot": "!",
            "AdditiveExpression": "+",
            "MultiplicativeExpression": "*",
            "Builtin_NOTEXISTS": "NOT EXISTS",
            "Builtin_EXISTS": "EXISTS",
        }
        if name.startswith("RelationalExpression"):
            return str(expression.op)
        return known.get(name, str(name).removeprefix("Builtin_"))

    def _atom(self, triple: Any, *, template: bool = False) -> Atom:
        s, p, o = triple
        if isinstance(p, PropertyPath):
            raise self._outside("a property path", line=self._line_of_path())
        if template and any(isinstance(term, BNode) for term in triple):
            raise self._outside("a blank node in the CONSTRUCT template", line=self.line_of("CONSTRUCT"))
        if isinstance(s, RdflibLiteral):
            raise self._problem(f"the literal {s.n3()} is a subject", self.line_of(str(s)))
        return Atom(self._term(s), self._term(p), self._term(o))

    @staticmethod
    def _term(term: Any) -> PatternTerm:
        if isinstance(term, Variable):
            return f"?{term}"
        if isinstance(term, BNode):
            return f"?_{term}"
        if isinstance(term, URIRef):
            return NamedNode(str(term))
        if term.language:
            return Literal(str(term), language=term.language)
        return (
            Literal(str(term), datatype=NamedNode(str(term.datatype)))
            if term.datatype
            else Literal(str(term))
        )

    def _check_variables(self, body: list[Atom], head: list[Atom], tests: list[Test]) -> None:
        bound = {slot for atom in body for slot in atom.terms if isinstance(slot, str)}
        used = [slot for atom in head for slot in atom.terms] + [slot for test in tests for slot in test.args]
        for slot in used:
            if isinstance(slot, str) and slot not in bound:
                raise self._problem(f"{slot} is not bound by the WHERE", self.line_of(slot))

    def _gloss(self) -> str:
        found = dict(re.findall(r"^#\+\s*(gloss|summary):\s*(.+?)\s*$", self._text, re.MULTILINE))
        gloss = found.get("gloss") or found.get("summary") or self._path.stem.replace("-", " ")
        return gloss.strip("\"'")

    # -- errors ----------------------------------------------------------------------------------------------

    def line_of(self, word: str) -> int | None:
        """Returns the first line that holds a word outside strings, IRIs and comments."""
        pattern = r"\s+".join(map(re.escape, word.split()))
        edges = (r"\b" if word[:1].isalnum() else "", r"\b" if word[-1:].isalnum() else "")
        found = re.search(edges[0] + pattern + edges[1], self._plain, re.IGNORECASE) if word else None
        return None if found is None else self._plain.count("\n", 0, found.start()) + 1

    def _line_of_path(self) -> int | None:
        found = re.search(
            r"[\w>:]\s*[/|]\s*[\w<:^(]|\^\s*[\w<:(]|[\w>)]\s*[*+](?=[\s)?])", self._text_without_iris()
        )
        return None if found is None else self._plain.count("\n", 0, found.start()) + 1

    def _text_without_iris(self) -> str:
        return _HIDDEN.sub(
            lambda match: (
                "x" * len(match.group())
                if match.group().startswith("<")
                else re.sub(r"[^\n]", " ", match.group())
            ),
            self._text,
        )

    def _outside(self, construct: str, *, within: str = "", line: int | None = None) -> RuleProblem:
        where = line or self.line_of(construct) or self.line_of(within)
        inside = f" in a {within}" if within else ""
        return RuleProblem(
            f"{construct}{inside} is outside what rules may use", place=Place(self._path, where), hint=_SUBSET
        )

    def _problem(self, message: str, line: int | None) -> RuleProblem:
        return RuleProblem(message, place=Place(self._path, line), hint=_SUBSET)


def instances(rule: Rule, number: Callable[[object], int]) -> list[Instance]:
    """Returns a domain rule as instances over numbers, one for each triple of its head."""

    def slot(term: PatternTerm) -> Slot:
        return term if isinstance(term, str) else number(term)

    def row(atom: Atom) -> RowPattern:
        return (slot(atom.s), slot(atom.p), slot(atom.o))

    body = [row(pattern) for pattern in rule.body if isinstance(pattern, Atom)]
    found = []
    for head in rule.head:
        instance, names = unify(body, row(head))
        if instance is None:
            continue
        tests = tuple(
            (test.name, *(names.get(arg, arg) if isinstance(arg, str) else number(arg) for arg in test.args))
            for test in rule.body
            if isinstance(test, Test)
        )
        found.append(Instance(instance.body, instance.head, tests))  # type: ignore[arg-type]  # two operands
    return found

"""The rule table as documentation: made from the table, so that it says what the engine does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diplograph.reasoning.patterns import Atom, Each, ListOf, Member, Pair, Path, Rule
from diplograph.reasoning.rules import SPECIFICATION, TABLE
from diplograph.reasoning.schema import is_schema
from diplograph.vocabulary import OWL

if TYPE_CHECKING:
    from collections.abc import Iterable

_TITLES = {
    4: "Equality",
    5: "Properties",
    6: "Classes",
    7: "Class axioms",
    8: "Datatypes",
    9: "Schema vocabulary",
}
_SPECIAL = {
    "eq-ref": "implied: never listed, always proved",
    "eq-sym": "representatives",
    "eq-trans": "representatives",
    "eq-rep-s": "representatives",
    "eq-rep-p": "representatives",
    "eq-rep-o": "representatives",
    "prp-ap": "for the properties that occur",
    "dt-type1": "for the datatypes that occur",
    "dt-type2": "for the datatypes that some rule asks for; as inner facts, since literals are no subjects",
    "dt-eq": "for the literals that occur, by representatives",
    "dt-diff": "when literals become equal: a contradiction",
    "dt-not-type": "check of the values that get a datatype",
    "dt-not-type/lexical": "check of every literal that occurs",
}


def how(rule: Rule) -> str:
    """Says in a few words how a rule is carried out: decided from its form, as the compiler does."""
    if rule.id in _SPECIAL:
        return _SPECIAL[rule.id]
    data = [
        each for each in rule.body if not (isinstance(each, Atom) and is_schema(each)) and not _is_list(each)
    ]
    if not data:
        return "schema, closed in memory"
    if not rule.head:
        return "check"
    if any(isinstance(each, Path | Each) for each in data):
        return "merge" if rule.head[0].p == OWL.sameAs else "joins of two atoms"
    if len(data) == 1:
        return "map"
    return "merge" if rule.head[0].p == OWL.sameAs else "join"


def _is_list(pattern: object) -> bool:
    return isinstance(pattern, ListOf | Member | Pair)


def table(rules: Iterable[Rule] = TABLE) -> str:
    """Returns the rule table as Markdown, one section for each table of the specification."""
    lines = [
        "# The rules",
        "",
        "<!-- made by `python -m diplograph.reasoning.document`; do not edit -->",
        "",
        f"The rules of [OWL 2 RL/RDF, tables 4 to 9]({SPECIFICATION}), under the W3C's names. All of them are"
        " supported; each has a case of its name in `tests/reasoning/cases.py`, which `test_rules.py` closes,"
        " proves and checks. *Map*, *merge*, *join* and *check* are explained in [reasoning](reasoning.md).",
        "",
    ]
    listed = list(rules)
    for number, title in _TITLES.items():
        lines += [
            f"## Table {number}: {title.lower()}",
            "",
            "| rule | if | then | in words | how |",
            "|---|---|---|---|---|",
        ]
        for rule in (each for each in listed if each.table == number):
            body = "<br>".join(_code(str(pattern)) for pattern in rule.body) or "always"
            head = "<br>".join(_code(str(atom)) for atom in rule.head) or "contradiction"
            lines.append(f"| `{rule.id}` | {body} | {head} | {_words(rule.gloss)} | {how(rule)} |")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _words(gloss: str) -> str:
    return gloss.replace("{", "*").replace("}", "*").replace("|", "\\|")


if __name__ == "__main__":
    import sys

    sys.stdout.write(table())

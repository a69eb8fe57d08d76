"""The expected rows of the saved questions, one CSV file each, and how to write them anew.

`python tests/competency.py` asks every question of `build/graph` with the values of its examples and writes
`tests/questions/expected/NAME.csv`. Read the difference before you commit it: the rows are the specification.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from diplograph import questions
from diplograph.store import open_store
from diplograph.vocabulary import XSD, compact, prefixes
from diplograph.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diplograph.store import Store, Table, Term

EXPECTED = Path(__file__).parent / "questions" / "expected"


def answer(store: Store, question: questions.Question, known: dict[str, str]) -> Table:
    """Asks a question with the values of its examples."""
    values = {parameter.name: parameter.example for parameter in question.parameters}
    return questions.ask(store, question, values, known)


def written(variables: Iterable[str], rows: Iterable[Iterable[Term | None]], known: dict[str, str]) -> str:
    """Returns a table as CSV with compact IRIs and language tags, rows in their order."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(variables)
    writer.writerows([_cell(term, known) for term in row] for row in rows)
    return text.getvalue()


def _cell(term: Term | None, known: dict[str, str]) -> str:
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return compact(term, known)
    if isinstance(term, Literal) and term.language:
        return f"{term.value}@{term.language}"
    if isinstance(term, Literal) and term.datatype not in (XSD.string, XSD.integer, XSD.date, XSD.boolean):
        return str(term)
    return term.value


def main() -> None:
    workspace = Workspace.find(Path(__file__))
    known = prefixes(workspace)
    EXPECTED.mkdir(exist_ok=True)
    for old in EXPECTED.glob("*.csv"):
        old.unlink()
    with open_store(workspace.graph) as store:
        for name, question in questions.load(workspace).items():
            table = answer(store, question, known)
            (EXPECTED / f"{name}.csv").write_text(
                written(table.variables, table.rows, known), encoding="utf-8"
            )


if __name__ == "__main__":
    main()

"""The documentation of the rules is what the table says."""

from __future__ import annotations

from pathlib import Path

from diplograph.reasoning.document import table

DOCS = Path(__file__).parents[2] / "docs"


def test_the_rule_table_in_the_docs_is_current() -> None:
    written = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert written == table(), "make it again: python -m diplograph.reasoning.document > docs/rules.md"

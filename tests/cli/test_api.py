"""Each command is one function: the same verb from Python."""

from __future__ import annotations

from importlib import import_module

import pytest

from diplograph.cli.main import COMMANDS

FUNCTIONS = {
    "build": ("diplograph.build", "build"),
    "info": ("diplograph.push", "census"),
    "rules": ("diplograph.reasoning.rules", "TABLE"),
    "validate": ("diplograph.build.files", "validate"),
    "questions": ("diplograph.questions", "load"),
    "ask": ("diplograph.questions", "ask"),
    "query": ("diplograph.store", "EmbeddedStore.query"),
    "show": ("diplograph.show", "show"),
    "evidence": ("diplograph.evidence", "evidence_of"),
    "passage": ("diplograph.evidence", "passage_block"),
    "explain": ("diplograph.reasoning", "Closure.explain"),
    "what-if": ("diplograph.reasoning", "Closure.what_if"),
    "serve": ("diplograph.server.run", "run"),
    "push": ("diplograph.push", "push"),
}


def test_every_command_has_its_function() -> None:
    assert list(FUNCTIONS) == list(COMMANDS)


@pytest.mark.parametrize("command", FUNCTIONS)
def test_the_function_is_there_and_documented(command: str) -> None:
    module, path = FUNCTIONS[command]
    found: object = import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    assert found.__doc__

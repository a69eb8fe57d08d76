"""Each command is one function: the same verb from Python."""

from __future__ import annotations

from pkgutil import resolve_name

import pytest

from diplograph.cli.main import COMMANDS
from diplograph.cli.reference import FUNCTIONS


def test_every_command_has_its_function() -> None:
    assert set(FUNCTIONS) == set(COMMANDS)


@pytest.mark.parametrize("command", FUNCTIONS)
def test_the_function_is_there_and_documented(command: str) -> None:
    assert resolve_name(FUNCTIONS[command]).__doc__

"""Each command is one function: the same verb from Python."""

from __future__ import annotations

from pkgutil import resolve_name

import pytest

import diplograph
from diplograph.cli.main import COMMANDS
from diplograph.cli.reference import FUNCTIONS


def test_every_command_has_its_function() -> None:
    assert set(FUNCTIONS) == set(COMMANDS)


@pytest.mark.parametrize("command", FUNCTIONS)
def test_the_function_is_there_and_documented(command: str) -> None:
    assert resolve_name(FUNCTIONS[command]).__doc__


@pytest.mark.parametrize("name", diplograph.__all__)
def test_the_package_exports(name: str) -> None:
    assert getattr(diplograph, name) is not None


def test_what_is_not_exported_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        diplograph.nothing  # noqa: B018  # looked up for its error

"""The reference of the command line is current, and its examples run."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from diplograph.cli import main
from diplograph.cli.main import COMMANDS
from diplograph.cli.reference import EXAMPLES, reference

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"build", "passage", "push", "serve"}
"""Commands that need a text, a server or a folder to write to; other tests run them."""
EXIT = {"validate": (0, 1)}
"""The project's own data may have findings while it is worked on; everything else ends well."""


def test_the_reference_is_current() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == reference(), "run `python -m diplograph.cli.reference > docs/cli.md`"


def test_every_command_has_an_example() -> None:
    assert set(EXAMPLES) == set(COMMANDS)
    for name, lines in EXAMPLES.items():
        assert all(f" {name}" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (name, line)
        for name, lines in EXAMPLES.items()
        for line in lines
        if name not in ELSEWHERE and "|" not in line
    ],
)
def test_the_examples_run(
    name: str, line: str, built: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    words = [
        str(found)
        for word in shlex.split(line)[1:]
        for found in (sorted(Path.cwd().glob(word)) if "*" in word else [word])
    ]
    with pytest.raises(SystemExit) as left:
        main(["--store", str(built), *words])
    out, err = capfd.readouterr()
    assert left.value.code in EXIT.get(name, (0,)), err
    assert out


def test_a_query_comes_through_a_pipe(built: Path) -> None:
    command = [sys.executable, "-c", "from diplograph.cli import main; main()", "--store", str(built)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    (line,) = (each for each in EXAMPLES["query"] if "|" in each)
    _, query, _, _, *rest = shlex.split(line)
    ran = subprocess.run(
        [*command, *rest], input=query, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("@prefix")

"""Fixtures for all tests, and the rule for skips: a test says what it needs, and CI has it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from diplograph.build import BuildReport, build
from diplograph.text import load_texts
from diplograph.workspace import Workspace

ROOT = Path(__file__).parents[1]
BESIDE = {"DIPLOGRAPH_TEXTS": "articles", "DIPLOGRAPH_SUITES": "suites"}
PROGRAMS = {"java": ("java",), "virtuoso": ("virtuoso-t",), "browser": ("chromium", "google-chrome")}
ALLOWED = ("needs texts", "needs suites")
"""The only reasons for a skip that CI accepts: neither is part of the project."""

for variable, folder in BESIDE.items():
    if not os.environ.get(variable):
        os.environ.pop(variable, None)
        if (beside := ROOT.parent / "shared" / folder).is_dir():
            os.environ[variable] = str(beside)


def _lacking(need: str) -> str | None:
    """Returns why a need is not met on this machine, or None."""
    if need in PROGRAMS:
        if any(shutil.which(program) for program in PROGRAMS[need]):
            return None
        return f"needs {need}: no {' or '.join(PROGRAMS[need])} on the path"
    variable = f"DIPLOGRAPH_{need.upper()}"
    return None if os.environ.get(variable) else f"needs {need}: {variable} is not set"


def pytest_configure(config: pytest.Config) -> None:
    required = [need for need in os.environ.get("DIPLOGRAPH_REQUIRE", "").split(",") if need]
    if absent := [reason for need in required if (reason := _lacking(need.strip()))]:
        raise pytest.UsageError("DIPLOGRAPH_REQUIRE: " + "; ".join(absent))
    if os.environ.get("CI"):
        config.pluginmanager.register(_NoSkips(), "no-skips")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for need in (*PROGRAMS, "texts", "suites"):
            if item.get_closest_marker(need) and (reason := _lacking(need)):
                item.add_marker(pytest.mark.skip(reason=reason))


class _NoSkips:
    """Fails a run in which something was skipped for a reason that is not allowed."""

    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            skipped = report.longrepr  # (file, line, reason), a list once it went between processes
            reason = str(skipped[2] if isinstance(skipped, tuple | list) else skipped)
            if not any(allowed in reason for allowed in ALLOWED):
                self.skipped.append(f"{report.nodeid}: {reason}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.skipped:
            terminalreporter.section("skipped, which CI does not allow")
            for line in self.skipped:
                terminalreporter.line(line)


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    """The project's own sources; tests never build into its build folder."""
    return Workspace(ROOT, ROOT / "build")


@pytest.fixture(scope="session")
def texts_folder() -> Path:
    if reason := _lacking("texts"):
        pytest.skip(reason)
    return Path(os.environ["DIPLOGRAPH_TEXTS"])


@pytest.fixture(scope="session")
def texts(texts_folder: Path) -> dict[str, str]:
    return load_texts(texts_folder)


@pytest.fixture(scope="session")
def suites() -> Path:
    if reason := _lacking("suites"):
        pytest.skip(reason)
    return Path(os.environ["DIPLOGRAPH_SUITES"])


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    """The project's own graph, built once a run of the tests; with the texts where they are."""
    folder = tmp_path_factory.mktemp("build")
    return build(Workspace(ROOT, folder))


@pytest.fixture(scope="session")
def built(report: BuildReport) -> Path:
    """The folder of the project's own built graph."""
    assert report.location is not None, "\n".join(str(finding) for finding in report.findings)
    return report.location

"""The pages in a real browser, headless: they lay out, stay in the window of a telephone, and forms work."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from server.serving import Running, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.browser

PATHS = [
    "/",
    "/questions",
    "/id/laos",
    "/articles",
    "/sparql?" + urlencode({"query": "SELECT * { ?s ?p ?o } LIMIT 9"}),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("browser"), built) as running:
        yield running


def _chromium(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program is not None
    command = [
        program,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
    ]
    command += [f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr", "--v=0", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_shows_the_page_without_complaint(server: Running, tmp_path: Path, path: str) -> None:
    seen = _chromium(tmp_path, "--dump-dom", server.base + path)
    assert "<h1>" in seen.stdout
    assert "</main>" in seen.stdout
    assert "CONSOLE" not in seen.stderr, seen.stderr  # a refused style or script would be told of there


def test_a_page_fits_a_telephone(server: Running, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    _chromium(tmp_path, "--window-size=390,844", f"--screenshot={picture}", server.base + "/questions/states")
    assert picture.stat().st_size > 5_000

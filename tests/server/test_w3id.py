"""The redirect table for w3id.org: read as Apache reads it, and followed to the server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from server.serving import Running, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = Path(__file__).parents[2] / "docs" / "w3id" / ".htaccess"
SERVER = "https://diplograph.example.org"
_RULE = re.compile(r"RewriteRule (\S+) (\S+) \[R=(30[1237]),(?:NE,)?L\]")


def redirect(path: str) -> tuple[int, str] | None:
    """Returns where Apache sends `https://w3id.org/diplograph/` + path, as the table says."""
    for line in TABLE.read_text().splitlines():
        if line.startswith("RewriteRule"):
            rule = _RULE.fullmatch(line)
            assert rule is not None, line
            if match := re.search(rule[1], path):
                target = re.sub(r"\$(\d)", lambda group, match=match: match[int(group[1])], rule[2])  # type: ignore[misc]
                return int(rule[3]), target
    return None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("w3id"), built) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "status", "target"),
    [
        ("", 302, "/"),
        ("id/laos", 303, "/id/laos"),
        ("article/lao-army-delegation-visit", 303, "/article/lao-army-delegation-visit"),
        ("ontology", 303, "/ontology"),
        ("shapes", 303, "/shapes"),
        ("alignment", 303, "/alignment"),
        ("reference/actors", 303, "/reference/actors"),
        ("graph/inferred", 303, "/graph/inferred"),
        ("problem/deadline", 303, "/problem/deadline"),
        ("sparql", 307, "/sparql"),
        ("api/questions", 307, "/api/questions"),
        ("void", 303, "/.well-known/void"),
    ],
)
def test_redirects_lead_to_what_the_server_has(server: Running, path: str, status: int, target: str) -> None:
    assert redirect(path) == (status, SERVER + target)
    with server.client() as client:
        assert client.get(target).status_code == 200


@pytest.mark.parametrize("path", ["id", "id/", "nothing", "ontology/x", "../etc/passwd"])
def test_nothing_else_is_redirected(path: str) -> None:
    assert redirect(path) is None

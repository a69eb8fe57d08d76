"""The documentation is true: links lead somewhere, the picture is current, what can be run is run."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from pyoxigraph import NamedNode, RdfFormat, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diplograph.build import BuildReport

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]+)(#[^)]*)?\)")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PREFIXES = "".join(
    f"@prefix {prefix}: <{namespace}> .\n"
    for prefix, namespace in {
        "dct": "http://purl.org/dc/terms/",
        "dg": "https://w3id.org/diplograph/ontology#",
        "id": "https://w3id.org/diplograph/id/",
        "prov": "http://www.w3.org/ns/prov#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
    }.items()
)


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
            if found[1] == language:
                yield str(page.relative_to(ROOT)), found[2]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [found[1] for found in LINK.finditer(page.read_text(encoding="utf-8"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_picture_of_the_model_is_current() -> None:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        from picture import page  # type: ignore[import-not-found]  # a script beside the page
    finally:
        sys.path.pop(0)
    text = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    assert page(text) == text


def test_turtle_in_the_docs_is_turtle() -> None:
    found = [(page, text) for language in ("trig", "turtle") for page, text in blocks(language)]
    assert found
    for page, text in found:
        whole = PREFIXES + "@base <https://w3id.org/diplograph/article/a> .\n" + text.replace("…", "0")
        assert list(parse(whole, format=RdfFormat.TRIG)), page


def test_an_article_begun_as_the_guide_says_names_its_passages() -> None:
    guide = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    head, passage = re.findall(r"^   ```trig\n(.*?)^   ```", guide, re.MULTILINE | re.DOTALL)
    quads = list(parse(head + passage, format=RdfFormat.TRIG))
    article = "https://w3id.org/diplograph/article/some-slug"
    assert {each.graph_name.value for each in quads if isinstance(each.graph_name, NamedNode)} == {
        f"{article}#char=341,472"
    }
    assert article in {each.subject.value for each in quads}


def test_numbers_in_the_readme_are_the_graph_s(report: BuildReport) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(
        r"(\d+) passages, (\d+) editorial conclusions\s.*?some ([\d,]+) stated .*?([\d,]+) inferred",
        text,
        re.S,
    )
    assert found
    assert (int(found[1]), int(found[2])) == (report.evidence.passages, report.evidence.conclusions)
    assert round(report.inferred, -2) == int(found[4].replace(",", ""))


def test_python_in_the_readme_runs(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import diplograph

    real = diplograph.open
    monkeypatch.setattr(diplograph, "open", lambda location=None: real(location or built))
    found = [text for page, text in blocks("python") if page == "README.md"]
    assert found
    for text in found:
        exec(compile(text, "README.md", "exec"), {})


def test_commands_in_the_readme_exist(built: Path) -> None:
    from diplograph.cli.main import cli

    lines = [line[2:] for _, text in blocks("console") for line in text.splitlines() if line.startswith("$ ")]
    commands = [shlex.split(line.partition("  #")[0]) for line in lines if line.startswith("diplograph ")]
    assert len(commands) >= 5
    for name in sorted({command[1] for command in commands}):
        assert CliRunner().invoke(cli, [name, "--help"]).exit_code == 0, name


def test_answers_in_the_readme_are_the_graph_s(built: Path) -> None:
    from diplograph.cli.main import cli

    answer = CliRunner().invoke(
        cli, ["--store", str(built), "ask", "holders-on-a-date", "-p", "on=2023-11-22"]
    )
    shown = next(
        text for page, text in blocks("console") if page == "README.md" and "holders-on-a-date" in text
    )
    rows = [line.rstrip() for line in shown.splitlines() if line.startswith(" ") and "…" not in line]
    assert rows
    assert [row for row in rows if row not in [line.rstrip() for line in answer.output.splitlines()]] == []

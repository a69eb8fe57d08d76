"""Commands about the graph as a whole: build it, say what is in it, validate what might go into it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diplograph.cli.app import App, end_with_findings, pass_app
from diplograph.cli.output import format_option, grid, markdown, print_grid, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diplograph.errors import Finding


@click.command()
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="The folder for builds.")
@format_option("table", "json", "md")
@pass_app
def build(app: App, output: Path | None, form: str) -> None:
    """Build the graph: read, verify, reason, store, validate, write.

    The new build replaces the previous one when it is complete; an error leaves the previous one as it was.
    Exit code 1 if something needs mending.
    """
    from diplograph.build import build as run

    def progress(stage: str, number: int, count: int) -> None:
        if not app.quiet:
            click.echo(f"[{number}/{count}] {stage}", err=True)

    report = run(app.workspace, texts=app.texts, output=output, progress=progress)
    if form == "json":
        write(report.to_json())
    elif form == "md":
        write(report.to_markdown())
    else:
        _print_findings(report.findings, app)
        for contradiction in report.inconsistencies:
            click.echo(f"contradiction: {contradiction}")
        if report.location is None:
            click.echo("not published: the evidence does not hold")
        else:
            found = report.evidence
            click.echo(
                f"{report.triples} triples, {report.inferred} of them inferred, from"
                f" {found.articles} articles and {found.passages} passages; {found}"
            )
            click.echo(f"built: {report.location}")
    if not report.ok:
        end_with_findings()


@click.command()
@format_option("table", "json", "md")
@pass_app
def info(app: App, form: str) -> None:
    """Say what is in the graph: its digest, graphs by kind, entities by class, and whether it is verified.

    The same sources give the same digest.
    """
    location = app.graph.location
    build = location.parent if isinstance(location, Path) else None
    content: dict[str, Any] = {"version": _version(), "location": str(location)}
    if build is not None and (build / "report.json").is_file():
        content["digest"] = build.resolve().name
        content |= json.loads((build / "report.json").read_text(encoding="utf-8"))
    else:
        from diplograph.push import census

        content["graphs"] = census(app.graph)
    if form == "json":
        write(json.dumps(content, ensure_ascii=False, indent=2))
        return
    rows = [(key, str(value)) for key, value in content.items() if isinstance(value, str | int)]
    rows += [(f"evidence: {key}", str(value)) for key, value in content.get("evidence", {}).items()]
    rows += [(f"findings: {kind}", str(n)) for kind, n in _severities(content.get("findings", []))]
    kinds = [(kind, str(n["graphs"]), str(n["triples"])) for kind, n in content["graphs"].items()]
    classes = [(kind, str(n)) for kind, n in content.get("classes", {}).items()]
    for head, lines in (
        (("graph", ""), rows),
        (("kind", "graphs", "triples"), kinds),
        (("class", "members"), classes),
    ):
        if lines:
            _print_rows(head, lines, form)


@click.command()
@format_option("table", "json", "md")
@pass_app
def rules(app: App, form: str) -> None:
    """List the rules of reasoning: OWL 2 RL under the W3C's names, and the domain's own."""
    from diplograph.reasoning import domain
    from diplograph.reasoning.rules import TABLE

    listed = [*TABLE, *domain.load(sorted(app.workspace.rules.glob("*.rq")))]
    rows = [(rule.name, rule.gloss) for rule in listed]
    if form == "json":
        write(
            json.dumps([{"rule": name, "gloss": gloss} for name, gloss in rows], ensure_ascii=False, indent=2)
        )
    else:
        _print_rows(("rule", "what it says"), rows, form)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--alone", is_flag=True, help="Leave the workspace's own data out.")
@format_option("table", "json", "md")
@pass_app
def validate(app: App, files: tuple[Path, ...], alone: bool, form: str) -> None:
    """Validate Turtle or TriG FILES against the ontology, the shapes and the checks.

    The files are seen together with the workspace's own data. Exit code 1 if there is a violation.
    """
    from diplograph.build.files import validate as run

    findings = run(files, app.workspace, alone=alone)
    if form == "json":
        write(json.dumps([_finding(each) for each in findings], ensure_ascii=False, indent=2))
    elif form == "md":
        write(markdown(("Severity", "Where", "What"), (_row(each) for each in findings)))
    else:
        _print_findings(findings, app)
        click.echo(
            ", ".join(f"{n} {kind}" for kind, n in _severities(_finding(f) for f in findings)) or "valid"
        )
    if any(each.severity == "violation" for each in findings):
        end_with_findings()


def _print_findings(findings: Iterable[Finding], app: App) -> None:
    from diplograph.validation import grouped

    for each in grouped(findings):
        times = f" ({each.count} times)" if each.count > 1 else ""
        click.echo(f"{each}{times}")
        if app.verbose and each.rests_on:
            click.echo(f"  rests on {', '.join(each.rests_on)}")


def _print_rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], form: str) -> None:
    from rich.markup import escape

    if form == "md":
        write(markdown(head, rows) + "\n")
        return
    listed = grid(*head)
    for row in rows:
        listed.add_row(*(escape(cell) for cell in row))
    print_grid(listed)


def _finding(each: Finding) -> dict[str, Any]:
    place = {key: str(value) for key, value in asdict(each)["place"].items() if value} if each.place else {}
    return {**asdict(each), "place": place}


def _row(each: Finding) -> tuple[str, str, str]:
    return each.severity, str(each.place or each.focus or ""), each.message


def _severities(findings: Iterable[dict[str, Any]]) -> list[tuple[str, int]]:
    from collections import Counter

    return sorted(Counter(each["severity"] for each in findings).items())


def _version() -> str:
    from diplograph import __version__

    return f"{__version__}, Python {sys.version.split()[0]}"

"""Commands that speak HTTP: serve the graph, push it into another store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diplograph.cli.app import App, end_with_findings, pass_app
from diplograph.cli.output import format_option, grid, markdown, print_grid, write

if TYPE_CHECKING:
    from diplograph.push import Report
    from diplograph.push.endpoint import Method


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=7878, show_default=True, help="Where to listen."
)
@click.option("--public-url", help="The address that clients use, behind a proxy.")
@click.option(
    "--writable",
    type=click.Path(file_okay=False, path_type=Path),
    help="Take validated writes into this folder; they need DIPLOGRAPH_TOKEN.",
)
@click.option(
    "--allow", multiple=True, metavar="IRI", help="An address that SERVICE and LOAD may name; repeat it."
)
@click.option("--workers", type=click.IntRange(1), help="Query processes.")
@click.option("--deadline", type=click.FloatRange(min=0, min_open=True), help="Seconds that a query may run.")
@pass_app
def serve(
    app: App,
    host: str,
    port: int,
    public_url: str | None,
    writable: Path | None,
    allow: tuple[str, ...],
    workers: int | None,
    deadline: float | None,
) -> None:
    """Serve the graph: SPARQL, saved questions as a web API, pages for every IRI, and the explorer.

    Listens on this machine only unless told otherwise. The token for writers is taken from DIPLOGRAPH_TOKEN.
    """
    from diplograph.server.run import run

    limits = {"workers": workers, "deadline": deadline}
    given: dict[str, Any] = {name: value for name, value in limits.items() if value is not None}
    place = Path(app.store) if app.store else app.workspace.build
    run(
        place,
        host=host,
        port=port,
        writable=writable,
        access_log=not app.quiet,
        public_url=public_url,
        allow=frozenset(allow),
        **given,
    )


@click.command()
@click.argument("endpoint")
@click.option("--update", metavar="URL", help="The address for updates; found from ENDPOINT if not given.")
@click.option("--graphs", metavar="URL", help="The address of the Graph Store Protocol; found if not given.")
@click.option("--kinds", help="Only these kinds of graphs, with commas between; all if not given.")
@click.option(
    "--method",
    type=click.Choice(["auto", "gsp", "update"]),
    default="auto",
    show_default=True,
    help="How to write.",
)
@click.option(
    "--batch", type=click.IntRange(1), default=20_000, show_default=True, help="Triples a request at most."
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option(
    "--verify/--no-verify", default=True, show_default=True, help="Compare what arrived, graph by graph."
)
@format_option("table", "json", "md")
@pass_app
def push(
    app: App,
    endpoint: str,
    update: str | None,
    graphs: str | None,
    kinds: str | None,
    method: Method,
    batch: int,
    dry_run: bool,
    verify: bool,
    form: str,
) -> None:
    """Load the built graph into the triple store at ENDPOINT, and verify what arrived.

    ENDPOINT is the address for queries. Only graphs of ours are replaced; those that are there already are
    left alone, so that a run after a failure goes on where it stopped. Credentials: DIPLOGRAPH_USER and
    DIPLOGRAPH_PASSWORD, or DIPLOGRAPH_TOKEN. Exit code 1 if what arrived differs.
    """
    from diplograph.push import Endpoint
    from diplograph.push import push as run

    def progress(done: int, count: int, graph: str) -> None:
        if app.verbose:
            click.echo(f"[{done}/{count}] {graph}", err=True)

    if str(app.store or "").startswith(("http://", "https://")):
        raise click.UsageError("push takes a built graph: with it, --store names the folder of a build")
    with Endpoint(endpoint, update=update, graphs=graphs) as target:
        report = run(
            app.graph,
            target,
            kinds=kinds.split(",") if kinds else None,
            method=method,
            batch=batch,
            dry_run=dry_run,
            verify=verify,
            progress=progress,
        )
    _print_report(report, form, dry_run)
    if not report.ok and not dry_run:
        end_with_findings()


def _print_report(report: Report, form: str, dry_run: bool) -> None:
    if form == "json":
        write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        return
    rows = [
        (each.state, each.graph, str(each.triples), each.note)
        for each in report.graphs
        if each.state != "same"
    ]
    if form == "md":
        write(markdown(("State", "Graph", "Triples", "Note"), rows))
    elif rows:
        listed = grid("state", "graph", "triples", "note")
        for row in rows:
            listed.add_row(*row)
        print_grid(listed)
    click.echo(report.summary(dry_run), err=form == "md")

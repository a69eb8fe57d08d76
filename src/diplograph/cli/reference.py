"""The reference of the command line, made from the commands themselves: `docs/cli.md`."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING

import click

from diplograph.cli.main import COMMANDS, cli
from diplograph.cli.output import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """# The command line

Made from the commands by `python -m diplograph.cli.reference`; a test holds it to them.

| exit code | meaning |
| --- | --- |
| 0 | good |
| 1 | findings: a violation, a failed verification, nothing that states what was asked for |
| 2 | wrong use, or another error; the message begins with `error:` and says what to do |
| 130 | interrupted |
| 141 | whoever read the output has left (`| head`) |

Data goes to standard output, messages to standard error. On a terminal, tables fit its width; elsewhere they
are as wide as their words. Terms are a name in any spelling or script (`Laos`, `ລາວ`, `lao pdr`), a CURIE
(`id:laos`), or an IRI, in angle brackets or without; literals are written as in Turtle (`'"2016"'`).

Environment: `DIPLOGRAPH_TEXTS` (the folder of the article texts), `DIPLOGRAPH_BUILD` (the folder of builds),
`DIPLOGRAPH_USER` and `DIPLOGRAPH_PASSWORD`, or `DIPLOGRAPH_TOKEN` (for an endpoint; the token is also the one
that writers show to `serve --writable`)."""
EXAMPLES = {
    "build": ("diplograph build", "diplograph --texts ../texts build"),
    "info": ("diplograph info",),
    "rules": ("diplograph rules",),
    "validate": ("diplograph validate data/articles/*.trig",),
    "questions": ("diplograph questions --tag time", "diplograph questions holders-on-a-date"),
    "ask": (
        "diplograph ask holders-on-a-date -p on=2023-11-22",
        "diplograph ask posts-of-a-person -p person='saleumxay kommasith' --why",
        "diplograph ask neighbours --format csv",
    ),
    "query": (
        "diplograph query 'SELECT ?person WHERE { ?person a dg:Person } ORDER BY ?person'",
        "diplograph query --file queries/questions/neighbours.rq --format json",
        "echo 'DESCRIBE id:laos' | diplograph query -",
    ),
    "show": ("diplograph show ລາວ", "diplograph show id:laos --format ttl"),
    "evidence": ("diplograph evidence id:laos", "diplograph evidence Laos dg:neighbourOf Vietnam"),
    "explain": (
        "diplograph explain 'Saleumxay Kommasith' dg:represents Laos",
        "diplograph explain id:laos a dg:Actor --format mermaid",
    ),
    "what-if": ("diplograph what-if --without laos-foreign-affairs-meeting",),
    "passage": ("diplograph --texts ../texts passage an-article 'the exact words' --gloss 'in ours'",),
    "serve": ("diplograph serve --port 8000",),
    "push": ("diplograph push http://localhost:7878/query --dry-run",),
}
"""What each command is shown with; the tests run them."""
FUNCTIONS = {
    "build": "diplograph.build.build",
    "info": "diplograph.push.census",
    "rules": "diplograph.reasoning.rules.TABLE",
    "validate": "diplograph.build.validate",
    "questions": "diplograph.questions.load",
    "ask": "diplograph.questions.ask",
    "query": "diplograph.store.Store.query",
    "show": "diplograph.show.show",
    "evidence": "diplograph.evidence.evidence_of",
    "explain": "diplograph.reasoning.Closure.explain",
    "what-if": "diplograph.build.change.what_if",
    "passage": "diplograph.evidence.passage_block",
    "serve": "diplograph.server.run",
    "push": "diplograph.push.push",
}
"""The same verb from Python."""


def reference() -> str:
    """Returns the reference in Markdown: every command with its arguments, options, formats and examples."""
    context = click.Context(cli, info_name="diplograph")
    parts = [_HEAD, "\n## Options of all commands\n", _options(cli, context)]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        parts.append("\n".join(_section(name, command, click.Context(command, context, name))))
    return "\n".join(parts) + "\n"


def _section(name: str, command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"\n## {name}\n"
    yield f"    {' '.join(['diplograph', name, *command.collect_usage_pieces(context)])}\n"
    yield cleandoc(command.help or "")
    if options := _options(command, context):
        yield f"\n{options}"
    yield f"\nFrom Python: `{FUNCTIONS[name]}`"
    yield f"\n```sh\n{chr(10).join(EXAMPLES[name])}\n```"


def _options(command: click.Command, context: click.Context) -> str:
    rows = []
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if isinstance(parameter, click.Option) and record is not None:
            rows.append((f"`{record[0]}`", record[1].replace("  [", " [")))
    return markdown(("option", "what it does"), rows) if rows else ""


if __name__ == "__main__":
    click.echo(reference(), nl=False)

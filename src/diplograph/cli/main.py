"""The group of all commands, and what a process does with errors, signals and broken pipes."""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from diplograph.cli.app import App
from diplograph.errors import DiplographError

COMMANDS = {
    "build": "graph",
    "info": "graph",
    "rules": "graph",
    "validate": "graph",
    "questions": "asking",
    "ask": "asking",
    "query": "asking",
    "show": "entities",
    "evidence": "entities",
    "passage": "entities",
    "explain": "reasons",
    "what-if": "reasons",
    "serve": "network",
    "push": "network",
}
"""Every command, in the order of the help, and the module that holds it: loaded when it is called."""

USAGE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141


class _NobodyReads(Exception):  # no error
    """Whoever read standard output has left: `head`, say."""


class Commands(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # as click calls it
        """Returns the names, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Imports and returns a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"diplograph.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; a reader that has left is told apart from findings, which click would not do."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _NobodyReads from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Adds the nearest command to the message about an unknown one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from diplograph.errors import nearest

            found = nearest(args[0], COMMANDS)
            hint = f" Did you mean {' or '.join(found)}?" if found else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--store", metavar="PLACE", help="Ask this graph: the folder of a build, or the URL of a SPARQL endpoint."
)
@click.option(
    "--workspace",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder with ontology, data and queries; found from the current folder if not given.",
)
@click.option(
    "--texts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the article texts; DIPLOGRAPH_TEXTS if not given.",
)
@click.option("-v", "--verbose", count=True, help="Say more on standard error: -v progress, -vv everything.")
@click.option("-q", "--quiet", is_flag=True, help="Say only errors.")
@click.version_option(package_name="diplograph")
@click.pass_context
def cli(
    ctx: click.Context,
    store: str | None,
    workspace: Path | None,
    texts: Path | None,
    verbose: int,
    quiet: bool,
) -> None:
    """A knowledge graph of diplomacy that can prove what it says.

    Results go to standard output, messages to standard error. Exit codes: 0 good, 1 findings, 2 wrong use or
    another error.
    """
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for noisy in ("httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(max(level, logging.INFO if verbose > 1 else logging.WARNING))
    ctx.obj = App(store=store, place=workspace, texts=texts, verbose=bool(verbose), quiet=quiet)
    ctx.call_on_close(ctx.obj.close)


def main(args: list[str] | None = None) -> NoReturn:
    """Runs the command line and exits: 0 good, 1 findings, 2 an error, 130 interrupted, 141 nobody reads."""
    try:
        code = cli.main(args, prog_name="diplograph", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except (BrokenPipeError, _NobodyReads):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
    except (DiplographError, ImportError, OSError) as error:
        if logging.getLogger().isEnabledFor(logging.INFO):
            logging.getLogger(__name__).info("where it happened", exc_info=error)
        click.echo(f"error: {error}", err=True)
        sys.exit(USAGE)
    sys.exit(code if isinstance(code, int) else 0)

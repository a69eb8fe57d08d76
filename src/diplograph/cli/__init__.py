"""The command line: parse, call one function, print."""

from diplograph.cli.main import cli, main

__all__ = ["cli", "main"]

"""How answers are printed: readable tables for people, the W3C's formats for programs."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import click
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pyoxigraph import Quad, Triple
    from rich.table import Table as Grid
    from rich.text import Text

    from diplograph.sparql import Term
    from diplograph.store import Table

ROWS = {
    "csv": QueryResultsFormat.CSV,
    "json": QueryResultsFormat.JSON,
    "tsv": QueryResultsFormat.TSV,
    "xml": QueryResultsFormat.XML,
}
FACTS = {
    "jsonld": RdfFormat.JSON_LD,
    "nq": RdfFormat.N_QUADS,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "trig": RdfFormat.TRIG,
    "ttl": RdfFormat.TURTLE,
}
TABLES = ("table", *ROWS, "md")
WIDE = 100_000


def format_option(*allowed: str) -> Callable[[Any], Any]:
    """Returns the option `--format`; the first of those allowed is the default."""
    return click.option(
        "-f",
        "--format",
        "form",
        type=click.Choice(allowed),
        default=allowed[0],
        show_default=True,
        help="How to print.",
    )


def write(data: bytes | str) -> None:
    """Writes data to standard output, all of it, with a line end at the end."""
    raw = data.encode() if isinstance(data, str) else data
    left = memoryview(raw if raw.endswith(b"\n") else raw + b"\n")
    sys.stdout.flush()
    stream = sys.stdout.buffer
    while left:  # an unbuffered stream may take a part only
        left = left[stream.write(left) :]
    stream.flush()


def say(text: Text | str, indent: int = 0) -> None:
    """Prints a paragraph, indented; wrapped and styled on a terminal only."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    words = Text(text) if isinstance(text, str) else text
    if sys.stdout.isatty():
        Console(file=sys.stdout, highlight=False).print(Padding(words, (0, 0, 0, indent)))
    else:
        click.echo(" " * indent + words.plain)


def print_grid(grid: Grid) -> None:
    """Prints a table of words; into a pipe as wide as the words, without blanks at the ends of lines."""
    from rich.console import Console

    if sys.stdout.isatty():
        Console(file=sys.stdout, highlight=False).print(grid)
        return
    buffer = io.StringIO()
    Console(file=buffer, width=WIDE, highlight=False, no_color=True).print(grid)
    write("\n".join(line.rstrip() for line in buffer.getvalue().splitlines()).strip("\n"))


def grid(*columns: str) -> Grid:
    """Returns an empty table of words with a line under its head."""
    from rich import box
    from rich.table import Table as Grid

    table = Grid(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def print_table(table: Table, form: str, words: Callable[[Term | None], str]) -> None:
    """Prints the rows of a query.

    Args:
        table: The rows.
        form: One of `TABLES`.
        words: How a term is written for people.
    """
    if form in ROWS:
        write(rows_as(table, ROWS[form]))
        return
    rows = [[words(term) for term in row] for row in table.rows]
    if form == "md":
        write(markdown(table.variables, rows))
        return
    result = grid(*table.variables)
    for row in rows:
        result.add_row(*(_plain(cell) for cell in row))
    print_grid(result)
    click.echo(f"{len(rows)} row{'' if len(rows) == 1 else 's'}", err=True)


def markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Returns a Markdown table."""
    lines = [list(head)]
    lines += [["---"] * len(lines[0])]
    lines += [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def rows_as(table: Table, form: QueryResultsFormat) -> bytes:
    """Returns a table in one of the W3C's formats (SPARQL 1.1 Query Results JSON, XML, CSV and TSV)."""
    from pyoxigraph import QuerySolutions, parse_query_results

    bindings = [{name: _cell(term) for name, term in record.items()} for record in table.records()]
    document = {"head": {"vars": list(table.variables)}, "results": {"bindings": bindings}}
    data = json.dumps(document, ensure_ascii=False).encode()
    if form == QueryResultsFormat.JSON:
        return data
    solutions = parse_query_results(data, QueryResultsFormat.JSON)
    assert isinstance(solutions, QuerySolutions)
    return solutions.serialize(format=form) or b""


def facts_as(facts: Iterable[Quad] | Iterable[Triple], form: str, prefixes: Mapping[str, str]) -> bytes:
    """Returns triples or quads in an RDF format; only the prefixes that they use are declared."""
    from pyoxigraph import Quad, serialize

    kind = FACTS[form]
    listed: list[Any] = list(facts)
    if not kind.supports_datasets:
        listed = list(dict.fromkeys(each.triple if isinstance(each, Quad) else each for each in listed))
    text = "".join(str(each) for each in listed)
    used = {prefix: namespace for prefix, namespace in prefixes.items() if f"<{namespace}" in text}
    return serialize(listed, format=kind, prefixes=used) or b""


def short(term: Term | None, prefixes: Mapping[str, str]) -> str:
    """Returns a term as people write it: prefix and rest of an IRI, the text of a literal, or nothing."""
    if term is None:
        return ""
    if isinstance(term, Literal):
        return term.value
    if not isinstance(term, NamedNode):
        return str(term)
    fitting = [
        (namespace, prefix) for prefix, namespace in prefixes.items() if term.value.startswith(namespace)
    ]
    if not fitting:
        return str(term)
    namespace, prefix = max(fitting, key=lambda pair: len(pair[0]))
    return f"{prefix}:{term.value.removeprefix(namespace)}"


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _cell(term: Term) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if not isinstance(term, Literal):
        return {"type": "bnode", "value": term.value}
    if term.language:
        return {"type": "literal", "value": term.value, "xml:lang": term.language}
    if term.datatype.value.endswith("#string"):
        return {"type": "literal", "value": term.value}
    return {"type": "literal", "value": term.value, "datatype": term.datatype.value}

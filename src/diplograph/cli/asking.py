"""Commands that ask: saved questions and ad hoc SPARQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from diplograph.cli.app import App, pass_app
from diplograph.cli.output import (
    FACTS,
    ROWS,
    TABLES,
    facts_as,
    format_option,
    grid,
    print_grid,
    print_table,
    short,
    write,
)
from diplograph.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyoxigraph import Triple

    from diplograph.questions import Question
    from diplograph.sparql import Term
    from diplograph.store import Table

deadline_option = click.option(
    "--deadline", type=click.FloatRange(min=0, min_open=True), help="Seconds to wait."
)
language_option = click.option(
    "--lang", "language", default="en", show_default=True, help="The language of labels."
)


@click.command()
@click.argument("name")
@click.option(
    "-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="A parameter's value; repeat it."
)
@click.option("--why", "reasons", is_flag=True, help="Also what each row rests on; -v shows all of it.")
@language_option
@deadline_option
@format_option(*TABLES)
@pass_app
def ask(
    app: App,
    name: str,
    params: tuple[str, ...],
    reasons: bool,
    language: str,
    deadline: float | None,
    form: str,
) -> None:
    """Answer the saved question NAME.

    A parameter that is somebody or something is given by its name in any spelling or script, by a CURIE or an
    IRI. `diplograph questions NAME` says which parameters there are.
    """
    from diplograph import questions

    question = questions.named(app.workspace, name)
    values = _values(params)
    table = questions.ask(app.graph, question, values, app.prefixes, deadline=deadline)
    if reasons:
        from diplograph.cli.why import print_why

        print_why(app, question, values, table, form, _words(app, table, language))
        return
    print_table(table, form, _words(app, table, language) if form in ("table", "md") else str)


@click.command()
@click.argument("name", required=False)
@click.option("--tag", help="Only those with this tag.")
@format_option("table", "json", "md")
@pass_app
def questions(app: App, name: str | None, tag: str | None, form: str) -> None:
    """List the saved questions, or describe the question NAME."""
    from diplograph import questions as saved

    found = [saved.named(app.workspace, name)] if name else list(saved.load(app.workspace).values())
    chosen = [question for question in found if tag is None or tag in question.tags]
    if form == "json":
        import json

        described = [_described(question, app) for question in chosen]
        write(json.dumps(described[0] if name else described, ensure_ascii=False, indent=2))
    elif name:
        write(_page(chosen[0], app))
    elif form == "md":
        from diplograph.cli.output import markdown

        write(markdown(("Question", "What it asks"), ((each.name, each.summary) for each in chosen)))
    else:
        listed = grid("question", "what it asks", "parameters")
        for each in chosen:
            listed.add_row(
                each.name, each.summary, ", ".join(parameter.name for parameter in each.parameters)
            )
        print_grid(listed)


@click.command()
@click.argument("sparql", required=False)
@click.option(
    "--file",
    "file",
    type=click.File("r", encoding="utf-8"),
    help="Read the query from this file; - is standard input.",
)
@language_option
@deadline_option
@format_option("table", *ROWS, "md", *FACTS)
@pass_app
def query(
    app: App,
    sparql: str | None,
    file: TextIO | None,
    language: str,
    deadline: float | None,
    form: str,
) -> None:
    """Run a SPARQL query: the argument, a file, or standard input where the argument is `-` or missing.

    Prefixes of the registry need no declaration. The default graph is the merge of all graphs, and
    `GRAPH ?g { … }` reaches what single passages say. Triples are printed as Turtle if no format is given.
    """
    if sparql is not None and file is not None:
        raise click.UsageError("give the query as an argument or with --file, not both")
    text = sparql if sparql is not None and sparql != "-" else _read(file)
    answer = _answer(app, text, getattr(file, "name", None), deadline)
    if not app.quiet:
        _warn_of_typos(app, text)
    if isinstance(answer, bool):
        write(f'{{"head":{{}},"boolean":{str(answer).lower()}}}' if form == "json" else str(answer).lower())
    elif isinstance(answer, list):
        if form in ROWS and form != "table":
            raise InvalidValue(f"triples cannot be written as {form}", hint=f"one of {', '.join(FACTS)}")
        write(facts_as(answer, form if form in FACTS else "ttl", app.prefixes))
    else:
        if form in FACTS:
            raise InvalidValue(f"rows cannot be written as {form}", hint=f"one of {', '.join(TABLES)}")
        print_table(answer, form, _words(app, answer, language))


def _read(file: TextIO | None) -> str:
    from diplograph.errors import Place, SyntaxProblem

    if file is None and sys.stdin.isatty():
        raise click.UsageError("give a query: an argument, --file, or standard input")
    source = file or sys.stdin
    try:
        return source.read()
    except UnicodeDecodeError as error:
        raise SyntaxProblem("the query is not UTF-8", place=Place(getattr(source, "name", None))) from error


def _answer(app: App, text: str, file: str | None, deadline: float | None) -> Table | bool | list[Triple]:
    """Runs a query; an error in it points to the file, line and column as the person wrote it."""
    from diplograph import sparql
    from diplograph.errors import Place, SyntaxProblem, nearest

    sparql.form(text)
    declared = sparql.with_prefixes(text, app.prefixes)
    shift = len(declared) - len(text)
    try:
        return app.graph.query(declared, deadline=deadline)
    except SyntaxProblem as error:
        at = error.place or Place()
        column = at.column - shift if at.column is not None and at.line == 1 else at.column
        hint = error.hint
        if error.code == "unknown-prefix":
            unknown = sparql.used_prefixes(declared) - sparql.declared_prefixes(declared).keys()
            near = nearest(min(unknown), app.prefixes)
            hint = f"did you mean {' or '.join(near)}?" if near else "declare it: PREFIX …: <…>"
        place = Place(file, at.line, column)
        raise SyntaxProblem(error.message, place=place, hint=hint, code=error.code) from error


def _warn_of_typos(app: App, text: str) -> None:
    """Says which terms of our own that a query names are not declared: it can only miss what it is after."""
    from diplograph import sparql
    from diplograph.errors import nearest
    from diplograph.vocabulary import DG, compact

    known = app.prefixes | sparql.declared_prefixes(text)
    named = {token.text.partition(":") for token in sparql.tokens(text) if token.kind == "name"}
    terms = {DG[local] for prefix, _, local in named if local and known.get(prefix) == DG}
    if not terms:
        return
    asked = " ".join(sorted(map(str, terms)))
    undeclared = f"SELECT ?t {{ VALUES ?t {{ {asked} }} FILTER NOT EXISTS {{ ?t ?p ?o }} }} ORDER BY ?t"
    for (term,) in app.graph.select(undeclared).values():
        every = f'SELECT DISTINCT ?t {{ ?t a ?c FILTER (STRSTARTS(STR(?t), "{DG}")) }}'
        declared = [DG.local(str(each)) for (each,) in app.graph.select(every).values()]
        near = [compact(DG[each], app.prefixes) for each in nearest(DG.local(str(term)), declared, 2)]
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        click.echo(
            f"warning: {compact(str(term), app.prefixes)} is not declared in the ontology{hint}", err=True
        )


def _values(params: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for given in params:
        name, equals, value = given.partition("=")
        if not equals:
            raise click.UsageError(f"--param {given!r} is not of the form NAME=VALUE")
        if name.strip() in values:
            raise click.UsageError(f"--param {name.strip()} is given twice")
        values[name.strip()] = value
    return values


def _words(app: App, table: Table, language: str) -> Callable[[Term | None], str]:
    from pyoxigraph import NamedNode

    from diplograph.names import labels

    terms = {term for row in table.rows for term in row if isinstance(term, NamedNode)}
    named = labels(app.graph, terms, language) if terms else {}

    def words(term: Term | None) -> str:
        return (
            named.get(term) or short(term, app.prefixes) if isinstance(term, NamedNode) else short(term, {})
        )

    return words


def _described(question: Question, app: App) -> dict[str, object]:
    return {
        "name": question.name,
        "summary": question.summary,
        "description": question.description,
        "tags": list(question.tags),
        "params": [
            {
                "name": each.name,
                "type": each.kind,
                **({"class": short(each.cls, app.prefixes)} if each.cls else {}),
                "description": each.description,
                "example": each.example,
                **({} if each.default is None else {"default": each.default}),
            }
            for each in question.parameters
        ],
    }


def _page(question: Question, app: App) -> str:
    lines = [question.summary, ""]
    if question.description:
        lines += [question.description, ""]
    for each in question.parameters:
        kind = f"{each.kind}, {short(each.cls, app.prefixes)}" if each.cls else each.kind
        otherwise = "" if each.default is None else f"; {each.default} if not given"
        lines.append(f"  {each.name} ({kind}{otherwise}): {each.description}")
    example = " ".join(f"-p {each.name}={_quoted(each.example)}" for each in question.parameters)
    lines += [""] if question.parameters else []
    lines += [f"  diplograph ask {question.name} {example}".rstrip()]
    if question.tags:
        lines += [f"  tags: {', '.join(question.tags)}"]
    if question.path is not None:
        lines += [f"  {app.workspace.relative(Path(question.path))}"]
    return "\n".join(lines)


def _quoted(value: str) -> str:
    from shlex import quote

    return quote(value)

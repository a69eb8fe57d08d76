"""Commands about one thing: what is known of it, what vouches for it, how to cite it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from pyoxigraph import Literal, NamedNode

from diplograph.cli.app import App, end_with_findings, pass_app
from diplograph.cli.asking import language_option
from diplograph.cli.output import facts_as, format_option, grid, print_grid, say, short, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diplograph.evidence import Evidence
    from diplograph.show import Description, Fact, Source


@click.command()
@click.argument("name")
@click.option("--all", "everything", is_flag=True, help="Also what follows in other vocabularies than ours.")
@language_option
@format_option("table", "json", "ttl", "trig", "nt", "nq", "jsonld")
@pass_app
def show(app: App, name: str, everything: bool, language: str, form: str) -> None:
    """Show what is known of NAME: a name in any spelling or script, a CURIE or an IRI.

    Facts are grouped by property, incoming ones last, each with what vouches for it: a passage in our words,
    a conclusion with its reason, reference data, or inference.
    """
    from diplograph.show import show as describe

    found = describe(app.graph, name, language=language, prefixes=app.prefixes, everything=everything)
    if form == "table":
        _print(found, app)
    elif form == "json":
        write(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    else:
        write(facts_as(found.quads, form, app.prefixes))


@click.command()
@click.argument("terms", nargs=-1, required=True, metavar="NAME | SUBJECT PREDICATE OBJECT")
@format_option("table", "json", "trig", "nq")
@pass_app
def evidence(app: App, terms: tuple[str, ...], form: str) -> None:
    """Show the passages behind an entity, a triple, or a passage's own IRI.

    With the article texts at hand (--texts or DIPLOGRAPH_TEXTS) each passage is shown in its paragraph;
    without them, in our own words. Nothing stated: exit code 1.
    """
    from diplograph.evidence import evidence_of

    if len(terms) not in (1, 3):
        raise click.UsageError("give one name or IRI, or the three terms of a triple")
    what = app.resource(terms[0]) if len(terms) == 1 else app.triple(*terms)
    found = evidence_of(app.graph, what, app.articles())
    if form == "table":
        _print_evidence(found, app)
    elif form == "json":
        write(json.dumps([_evidence_json(each) for each in found], ensure_ascii=False, indent=2))
    else:
        from pyoxigraph import Quad

        quads = [
            Quad(triple.subject, triple.predicate, triple.object, NamedNode(each.graph))
            for each in found
            for triple in each.triples
        ]
        write(facts_as(quads, form, app.prefixes))
    if not found:
        click.echo("nothing states it", err=True)
        end_with_findings()
    if len(terms) == 3 and all(each.kind == "InferredGraph" for each in found):
        click.echo("no passage states it, it is inferred: `diplograph explain` proves it", err=True)


@click.command()
@click.argument("article")
@click.argument("quote", required=False)
@click.option("--start", type=int, help="The position of the first character, from 0.")
@click.option("--end", type=int, help="The position after the last character.")
@click.option("--gloss", default="", help="What the passage says, in your own words.")
@pass_app
def passage(
    app: App, article: str, quote: str | None, start: int | None, end: int | None, gloss: str
) -> None:
    """Print the TriG block that cites QUOTE, the exact characters of a passage, in ARTICLE.

    Needs the article texts (--texts or DIPLOGRAPH_TEXTS). ARTICLE is the name of its data file, or,
    to begin a new one, the path of its text.
    """
    from pathlib import Path

    from diplograph.evidence import article_block, passage_block, text_of
    from diplograph.text import read_text

    file = Path(article)
    if file.suffix == ".txt" and file.is_file():
        text = read_text(file)
        write(article_block(text, file.stem))
        if quote is None and start is None:
            return
    else:
        text = text_of(app.workspace, article, app.articles())
    if quote is None and (start is None or end is None):
        raise click.UsageError("give the quote, or --start and --end")
    write(passage_block(text, quote, start=start, end=end, gloss=gloss))


def _print(found: Description, app: App) -> None:
    from rich.text import Text

    named = found.labels
    say(Text.assemble((found.label, "bold"), "  ", (short(found.entity, app.prefixes), "dim")))
    classes = [kind for kind in found.types if str(kind.value) in {t.value for t in found.types}]
    known = [named.get(kind) or short(kind, app.prefixes) for kind in classes]
    if known:
        say(Text(f"a {', '.join(known)}"))
    if found.names:
        names = (f"{name.value} ({name.language})" if name.language else name.value for name in found.names)
        say(Text(f"names: {'; '.join(dict.fromkeys(names))}"))
    rows = grid("", "", "source")
    last = None
    for fact in found.facts:
        heading = ("← " if fact.inverse else "") + (
            named.get(fact.predicate) or short(fact.predicate, app.prefixes)
        )
        label = named.get(fact.value) if isinstance(fact.value, NamedNode) else None
        rows.add_row(
            Text("" if heading == last else heading, style="bold"),
            Text(label or short(fact.value, app.prefixes)),
            Text(_sources(fact, app), style="dim" if fact.inferred else ""),
        )
        last = heading
    print_grid(rows)


def _sources(fact: Fact, app: App) -> str:
    stated = [source for source in fact.sources if source.kind != "inferred"] or list(fact.sources)
    shown = stated if app.verbose else stated[:1]
    more = f" (+{len(stated) - len(shown)})" if len(stated) > len(shown) else ""
    return "\n".join(_source(source, app) for source in shown) + more


def _source(source: Source, app: App) -> str:
    if source.kind == "inferred":
        return "inferred"
    where = short(NamedNode(source.graph), app.prefixes)
    return f"{where}: {source.says}" if source.says else where


def _as_json(found: Description) -> dict[str, Any]:
    return {
        "iri": found.entity.value,
        "label": found.label,
        "names": [{"value": name.value, "language": name.language} for name in found.names],
        "types": [kind.value for kind in found.types],
        "facts": [
            {
                "property": fact.predicate.value,
                "value": fact.value.value,
                "kind": type(fact.value).__name__,
                "language": fact.value.language if isinstance(fact.value, Literal) else None,
                "inverse": fact.inverse,
                "inferred": fact.inferred,
                "sources": [
                    {"kind": source.kind, "graph": source.graph, "says": source.says}
                    for source in fact.sources
                ],
            }
            for fact in found.facts
        ],
    }


def _print_evidence(found: Iterable[Evidence], app: App) -> None:
    from rich.text import Text

    for each in found:
        head = Text.assemble((each.kind, "bold"), "  ", short(NamedNode(each.graph), app.prefixes))
        if each.title:
            head.append(f"  {each.title}")
        if each.paragraph is not None:
            head.append(f", paragraph {each.paragraph}")
        if each.voice:
            head.append(f", {each.voice}")
        say(head)
        if each.says:
            say(Text(each.says), 2)
        for passage in each.rests_on:
            say(Text(f"rests on {short(NamedNode(passage), app.prefixes)}"), 2)
        if each.excerpt is not None:
            cited = each.excerpt
            quote = Text.assemble(
                (cited.before, "dim"), (f"»{cited.passage}«", "bold yellow"), (cited.after, "dim")
            )
            say(quote, 2)
        for triple in each.triples:
            say(Text(" ".join(short(term, app.prefixes) for term in triple), style="cyan"), 4)


def _evidence_json(each: Evidence) -> dict[str, Any]:
    return {**asdict(each), "triples": [[str(term) for term in triple] for triple in each.triples]}

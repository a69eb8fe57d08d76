"""Commands about inference: why something follows, and what a change would do."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pyoxigraph import NamedNode

from diplograph.cli.app import App, end_with_findings, pass_app
from diplograph.cli.output import format_option, short, write
from diplograph.errors import NotFound, nearest
from diplograph.names import labels
from diplograph.vocabulary import ARTICLE, DG, RDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyoxigraph import Quad, Triple

    from diplograph.reasoning import Closure
    from diplograph.reasoning.change import Change
    from diplograph.reasoning.proof import Proof


@click.command()
@click.argument("subject")
@click.argument("predicate")
@click.argument("value", metavar="OBJECT")
@click.option("--alternatives", type=click.IntRange(0), default=0, help="How many other proofs to show.")
@click.option(
    "--check/--no-check", default=True, show_default=True, help="Have the proof checked independently."
)
@format_option("text", "json", "md", "dot", "mermaid", "ttl")
@pass_app
def explain(
    app: App, subject: str, predicate: str, value: str, alternatives: int, check: bool, form: str
) -> None:
    """Prove that SUBJECT PREDICATE OBJECT follows, down to the passages that state what it rests on.

    Terms are CURIEs, IRIs, names, or literals as in Turtle. Passages are quoted where the article texts are
    at hand (--texts or DIPLOGRAPH_TEXTS), else told in our words. `dot` and `mermaid` draw the proof, `ttl`
    is PROV-O. Exit code 1 if the proof does not hold.
    """
    if alternatives and form in ("dot", "mermaid", "ttl"):
        raise click.UsageError(f"{form} holds one proof: leave --alternatives out")
    triple = app.triple(subject, predicate, value)
    _known(app, triple)
    with app.closure() as closure:
        proofs = closure.explain(triple, alternatives)
        problems = [problem for proof in proofs for problem in _checked(closure, proof)] if check else []
        _print_proofs(proofs, form, app, closure)
    if check and not problems:
        click.echo("checked: every step follows by its rule", err=True)
    for problem in problems:
        click.echo(f"does not hold: {problem}", err=True)
    if problems:
        end_with_findings()


@click.command()
@click.option(
    "--without", multiple=True, metavar="ARTICLE", help="As if this article had never been read; repeat it."
)
@click.option(
    "--with",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="As if this Turtle or TriG file were part of the data; repeat it.",
)
@format_option("table", "json")
@pass_app
def what_if(app: App, without: tuple[str, ...], files: tuple[Path, ...], form: str) -> None:
    """Try a change without making it: what would no longer follow, what newly would, what would contradict.

    Exit code 1 if there would be new contradictions.
    """
    if not without and not files:
        raise click.UsageError("give --without ARTICLE, --with FILE, or both")
    from diplograph.build.change import what_if as change_of

    with app.closure() as closure, change_of(closure, _graphs_of(app, without), _read(app, files)) as change:
        if form == "json":
            write(json.dumps(_change_json(change), ensure_ascii=False, indent=2))
        else:
            _print_change(change, app)
        contradictions = bool(change.contradictions)
    if contradictions:
        end_with_findings()


def _known(app: App, triple: Triple) -> None:
    """Raises NotFound, with the nearest, for a term that is named wrongly: nothing at all is known of it."""
    from diplograph.vocabulary import compact

    for term in (triple.subject, triple.predicate, triple.object):
        if isinstance(term, NamedNode) and not app.graph.ask(
            f"ASK {{ {{ {term} ?p ?o }} UNION {{ ?s {term} ?o }} UNION {{ ?s ?p {term} }} }}"
        ):
            every = app.graph.select("SELECT DISTINCT ?s { ?s a ?c FILTER (ISIRI(?s)) }").values()
            known = [compact(str(iri), app.prefixes) for (iri,) in every]
            name = compact(term, app.prefixes)
            raise NotFound(
                f"nothing is known of {name}", suggestions=nearest(name, known), code="unknown-name"
            )


def _checked(closure: Closure, proof: Proof) -> list[str]:
    from pyoxigraph import DefaultGraph

    from diplograph.reasoning.check import check

    stated: dict[object, set[Any]] = {leaf.conclusion: set() for leaf in proof.leaves()}
    for quad in closure.stated():
        fact = (quad.subject, quad.predicate, quad.object)
        if fact in stated:
            stated[fact].add(None if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name)
    return check(proof, lambda fact: stated.get(fact, set()))


def _graphs_of(app: App, articles: Iterable[str]) -> list[NamedNode]:
    from diplograph.vocabulary import ARTICLE

    graphs = {
        quad.graph_name.value: quad.graph_name
        for quad in app.graph.quads()
        if hasattr(quad.graph_name, "value")
    }
    known = sorted({ARTICLE.local(iri).partition("#")[0] for iri in graphs if iri in ARTICLE})
    found: list[NamedNode] = []
    for article in articles:
        slug = ARTICLE.local(article.strip("<>").removeprefix("article:"))
        if slug not in known:
            raise NotFound(f"no article {article!r} in the graph", suggestions=nearest(slug, known) or known)
        found += [name for iri, name in graphs.items() if iri.partition("#")[0] == f"{ARTICLE}{slug}"]  # type: ignore[misc]
    return found


def _read(app: App, files: Iterable[Path]) -> list[Quad]:
    from diplograph.build import read_file
    from diplograph.vocabulary import ARTICLE

    return [quad for path in files for quad in read_file(path, ARTICLE[path.stem], app.prefixes)]


def _print_proofs(proofs: list[Proof], form: str, app: App, closure: Closure) -> None:
    from diplograph.reasoning import render

    quote = _quotes(app)
    if form == "json":
        dicts = [render.to_dict(proof, closure.name, quote) for proof in proofs]
        write(json.dumps(dicts, ensure_ascii=False, indent=2))
        return
    forms: dict[str, Callable[[Proof], str]] = {
        "text": lambda proof: render.tree(proof, closure.name, quote),
        "md": lambda proof: render.markdown(proof, closure.name, quote),
        "dot": lambda proof: render.dot(proof, closure.name),
        "mermaid": lambda proof: render.mermaid(proof, closure.name),
        "ttl": lambda proof: render.turtle(render.prov(proof)),
    }
    write("\n\n".join(forms[form](proof).rstrip("\n") for proof in proofs))


def _quotes(app: App) -> Callable[[NamedNode], str | None]:
    """Returns what gives the words of a passage: those of the text if it is at hand, else ours."""
    from diplograph.evidence import evidence_of
    from diplograph.vocabulary import ARTICLE

    texts = app.articles()

    @cache
    def quote(graph: NamedNode) -> str | None:
        if graph not in ARTICLE or "#" not in graph.value:
            return None
        found = next(iter(evidence_of(app.graph, graph, texts)), None)
        if found is None:
            return None
        return found.excerpt.passage if found.excerpt else found.says and f"in our words: {found.says}"

    return quote


def _change_json(change: Change) -> dict[str, Any]:
    from diplograph.reasoning.render import to_dict

    def written(triples: Iterable[Triple]) -> list[list[str]]:
        return [[str(term) for term in triple] for triple in triples]

    return {
        "fallen": written(change.fallen),
        "surviving": [
            {
                "triple": [str(term) for term in each.triple],
                "before": to_dict(each.before),
                "after": to_dict(each.after),
            }
            for each in change.surviving
        ],
        "added": written(change.added),
        "contradictions": [{"rule": each.rule, "gloss": each.gloss} for each in change.contradictions],
        "resolved": [{"rule": each.rule, "gloss": each.gloss} for each in change.resolved],
    }


def _print_change(change: Change, app: App) -> None:
    triples = {
        "would no longer follow": list(change.fallen),
        "would follow newly": list(change.added),
        "would still follow, from other sources": [each.triple for each in change.surviving],
    }
    clashes = {
        "would contradict": [f"{each.rule}: {each.gloss}" for each in change.contradictions],
        "would no longer contradict": [f"{each.rule}: {each.gloss}" for each in change.resolved],
    }
    for title, found in triples.items():
        shown = found if app.verbose else [triple for triple in found if _ours(triple)]
        left = len(found) - len(shown)
        more = (
            f", and {left} about passages or in other vocabularies: diplograph -v what-if … shows them"
            if left
            else ""
        )
        if found:
            write("\n".join([f"{title}: {len(shown)}{more}", *_in_words(shown, app)]))
    for title, lines in clashes.items():
        if lines:
            write("\n".join([f"{title}: {len(lines)}", *(f"  {line}" for line in lines)]))
    if not any([*triples.values(), *clashes.values()]):
        write("nothing would change")


def _ours(triple: Triple) -> bool:
    """Tells whether a triple speaks of the world, not of articles, and in our vocabulary."""
    if triple.subject in ARTICLE:
        return False
    return triple.predicate in DG or (triple.predicate == RDF.type and triple.object in DG)


def _in_words(triples: Sequence[Triple], app: App) -> Iterator[str]:
    """Yields triples by the labels of their terms, as far as the graph knows some."""
    mentioned = {term for triple in triples for term in triple if isinstance(term, NamedNode)}
    named = labels(app.graph, mentioned)
    for triple in triples:
        words = (named.get(term) if isinstance(term, NamedNode) else None for term in triple)
        yield "  " + " — ".join(
            word or short(term, app.prefixes) for word, term in zip(words, triple, strict=True)
        )

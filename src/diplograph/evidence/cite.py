"""What an author of data needs to cite a text: its article's block, and the block of each passage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse

from diplograph.errors import InvalidValue, NotFound, Place, SyntaxProblem, nearest
from diplograph.text import Passage, digest, paragraph_at
from diplograph.vocabulary import ARTICLE, DG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diplograph.workspace import Workspace


def text_of(workspace: Workspace, article: str, texts: Mapping[str, str]) -> str:
    """Returns the text of an article, by the digest that its data file gives.

    Args:
        workspace: Where the data files are.
        article: The slug or the IRI of the article.
        texts: Digest to text, as `text.load_texts` gives them.

    Raises:
        NotFound: No such article (with the nearest slugs), or its text is not among those at hand.
        SyntaxProblem: The data file cannot be parsed.
    """
    slug = ARTICLE.local(article)
    path = workspace.articles / f"{slug}.trig"
    if not path.is_file():
        known = [each.stem for each in workspace.articles.glob("*.trig")]
        near = nearest(slug, known)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise NotFound(
            f"no article {slug!r}",
            suggestions=near,
            hint=f"{hint}To begin a new one, give the path of its text, or write data/articles/<slug>.trig",
        )
    try:
        digests = [
            q.object.value for q in parse(path=path, format=RdfFormat.TRIG) if q.predicate == DG.textDigest
        ]
    except SyntaxError as error:
        raise SyntaxProblem(error.msg, place=Place(path, error.lineno, error.offset)) from error
    for each in digests:
        if each in texts:
            return texts[each]
    raise NotFound(
        f"the text of {slug} is not among the {len(texts)} at hand",
        place=Place(file=path),
        hint="point --texts or DIPLOGRAPH_TEXTS at the folder that holds it",
    )


def article_block(text: str, slug: str, *, language: str = "en") -> str:
    """Returns the head of a new data file: its base and the article, the title left to the author."""
    return (
        f"@base <{ARTICLE}{slug}> .\n\n<>\n    a dg:Article ;\n"
        f'    rdfs:label ""@en ;\n    dct:language "{language}" ;\n'
        f'    dg:textDigest "{digest(text)}" ;\n    dg:textLength {len(text)} ;\n    .\n'
    )


def passage_block(
    text: str, quote: str | None = None, *, start: int | None = None, end: int | None = None, gloss: str = ""
) -> str:
    """Returns the block of TriG for a passage and its graph, ready but for the gloss and the facts.

    Args:
        text: The text of the article.
        quote: The exact characters of the passage; or
        start: its first position, from which `quote` is searched if both are given, and
        end: the position after its last character.
        gloss: What the passage says, in your own words.

    Raises:
        NotFound: The quote does not occur.
        InvalidValue: It occurs more than once (the first positions are named), or the positions hold no text.
    """
    passage = _cited(text, quote, start, end)
    name = f"<#char={passage.start},{passage.end}>"
    said = gloss.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    cited = text[passage.start : passage.end]
    return (
        f"{name}\n    a dg:Passage ;\n    dg:paragraph {paragraph_at(text, passage.start)} ;\n"
        f'    dg:digest "{digest(cited)}" ;\n    dg:gloss "{said}"@en ;\n    .\n\n'
        f"GRAPH {name} {{\n}}\n"
    )


def _cited(text: str, quote: str | None, start: int | None, end: int | None) -> Passage:
    if quote is None:
        if start is None or end is None or end > len(text):
            raise InvalidValue(
                f"no passage from {start} to {end} in {len(text)} characters", hint="give both ends"
            )
        return Passage("", start, end)
    if not quote:
        raise InvalidValue("the quote is empty", hint="copy the characters of the passage")
    hits = [at for at in range(len(text)) if text.startswith(quote, at)]
    if start is not None:
        hits = [at for at in hits if at == start]
    if not hits:
        raise NotFound(f"the text does not have {quote!r}", hint=_near(text, quote))
    if len(hits) > 1:
        places = ", ".join(str(at) for at in hits[:10]) + (", …" if len(hits) > 10 else "")
        raise InvalidValue(
            f"{quote!r} occurs {len(hits)} times, at {places}",
            hint="quote more, or give the start",
            code="ambiguous",
        )
    return Passage("", hits[0], hits[0] + len(quote))


def _near(text: str, quote: str) -> str:
    plain = str.maketrans(
        {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\n": " "}
    )
    at = text.translate(plain).casefold().find(quote.translate(plain).casefold())
    if at < 0:
        return "copy the characters from the text; case, quotation marks and dashes count"
    return f"the text has {text[at : at + len(quote)]!r} at {at}"

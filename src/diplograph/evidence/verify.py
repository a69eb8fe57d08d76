"""Verification: whether what the data says of its passages is so.

A passage is the name of the graph of what it states. With the texts at hand every offset, paragraph number
and digest is held against them; without them only the form of the data is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from diplograph.errors import Finding, Place
from diplograph.locate import Locator
from diplograph.text import Passage, digest, is_passage, paragraph_at
from diplograph.vocabulary import DG, RDF, RDFS, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import Quad

    from diplograph.errors import Severity
    from diplograph.workspace import Workspace

COPIED_WORDS = 8
"""So many words in a row of an article are its wording, not a name."""
COPIED_CHARACTERS = 45
"""The same for a whole value, and for scripts that do not part words."""

_NAMES = (SKOS.altLabel, RDFS.label, DG.theme)


def verify(
    quads: Iterable[Quad], workspace: Workspace, texts: Mapping[str, str] | None = None
) -> list[Finding]:
    """Holds the passages of the articles against the texts, and against each other.

    With texts: the text of each article by its digest, its length, and of each passage the offsets, the
    digest and the paragraph number; that each name in a passage's graph occurs in the passage, verbatim;
    and that no value carries wording of the article. Always: a graph for each passage and each conclusion
    described, and a description for each graph; passages in reading order. An article whose text is not
    among those given is a warning, since nobody has to have them all; all else is a violation.

    Cost: proportional to the data; per mismatch, to the text.

    Args:
        quads: The data in the order of the files, with the description of each article in its own graph.
        workspace: Where the files are, for the lines in the findings.
        texts: Digest of a text's bytes to its characters, as `text.load_texts` gives them.

    Returns:
        The findings, article by article in the order of the data. None means that everything agrees.
    """
    articles: dict[str, list[_Row]] = {}
    described: dict[str, None] = {}
    for row in _rows(quads):
        articles.setdefault(row.graph.partition("#")[0], []).append(row)
        if row.predicate == DG.textDigest:
            described[row.subject] = None
    locator = Locator(workspace)
    return [
        finding
        for article in described
        for finding in _Verifier(article, articles.get(article, []), locator).findings(texts)
    ]


class _Row(NamedTuple):
    """A quad whose parts are the strings that texts are made of."""

    subject: str
    predicate: NamedNode
    value: str
    language: str | None
    graph: str


def _rows(quads: Iterable[Quad]) -> Iterator[_Row]:
    for quad in quads:
        subject, value, graph = quad.subject, quad.object, quad.graph_name
        if isinstance(subject, NamedNode) and isinstance(graph, NamedNode):
            if isinstance(value, Literal):
                yield _Row(subject.value, quad.predicate, value.value, value.language, graph.value)
            elif isinstance(value, NamedNode):
                yield _Row(subject.value, quad.predicate, value.value, None, graph.value)


class _Verifier:
    """Verifies one article, given the quads of its own graphs."""

    def __init__(self, article: str, rows: list[_Row], locator: Locator) -> None:
        self._article = article
        self._rows = rows
        self._locator = locator
        self._values: dict[tuple[str, NamedNode], str] = {}
        for row in rows:
            if row.graph == article:
                self._values.setdefault((row.subject, row.predicate), row.value)
        self._passages = self._of_type(DG.Passage)

    def findings(self, texts: Mapping[str, str] | None) -> Iterator[Finding]:
        """Yields what is wrong, form first."""
        yield from self._graphs()
        yield from self._order()
        if texts is None:
            return
        text = texts.get(self._value(self._article, DG.textDigest) or "")
        if text is None:
            text = self._likeliest(texts)
            yield self._missing(text, len(texts))
        elif (length := self._value(self._article, DG.textLength)) not in (None, str(len(text))):
            message = f"the text has {len(text)} characters, dg:textLength says {length}"
            yield self._finding(message, self._article, DG.textLength, length)
        if text is not None:
            for name in filter(is_passage, self._passages):
                yield from self._passage(name, text)
            yield from self._wording(text)

    def _graphs(self) -> Iterator[Finding]:
        described = [*self._passages, *self._of_type(DG.Conclusion)]
        graphs = dict.fromkeys(row.graph for row in self._rows if row.graph != self._article)
        for graph in graphs:
            if graph not in described:
                kind = "Passage" if is_passage(graph) else "Conclusion"
                yield self._finding(
                    "a graph that nothing describes", graph, hint=f"describe it as a dg:{kind}"
                )
        for name in described:
            if name not in graphs:
                yield self._finding("described, but without a graph of what it states", name)

    def _order(self) -> Iterator[Finding]:
        previous = (-1, 0)
        for name in self._passages:
            if not is_passage(name) or name.partition("#")[0] != self._article:
                hint = f"it is <{self._article}#char=START,END>"
                yield self._finding("not the IRI of a passage of this article", name, hint=hint)
                continue
            passage = Passage.of(name)
            if (passage.start, -passage.end) < previous:
                hint = "order passages by the first character, the longer one first"
                yield self._finding("the passage is not in reading order", name, hint=hint)
            previous = (passage.start, -passage.end)

    def _passage(self, name: str, text: str) -> Iterator[Finding]:
        passage = Passage.of(name)
        expected, cited = self._value(name, DG.digest), passage.within(text)
        if cited is None or digest(cited) != expected:
            length = passage.end - passage.start
            yield self._finding(
                _mismatch(passage, expected, text),
                name,
                DG.digest,
                expected,
                hint=_moved(text, expected, length),
            )
            return
        found, paragraph = str(paragraph_at(text, passage.start)), self._value(name, DG.paragraph)
        if paragraph != found:
            message = f"the passage stands in paragraph {found}, the data says {paragraph}"
            yield self._finding(message, name, DG.paragraph, paragraph)
        for row in self._rows:
            if row.graph == name and row.predicate in _NAMES and row.value not in cited:
                yield self._finding(
                    f"the name {row.value!r} does not occur in the passage",
                    row.subject,
                    row.predicate,
                    row.value,
                    graph=name,
                    hint="write the name exactly as the passage has it, or move it to the reference data",
                )

    def _wording(self, text: str) -> Iterator[Finding]:
        for row in self._rows:
            if not row.language or (row.predicate in _NAMES and is_passage(row.graph)):
                continue
            if run := _copied(row.value, text):
                yield self._finding(
                    f"wording of the article: {run!r}",
                    row.subject,
                    row.predicate,
                    row.value,
                    graph=row.graph,
                    hint="say it in your own words",
                )

    def _likeliest(self, texts: Mapping[str, str]) -> str | None:
        """The text in which most passages still stand, if there is one: a text that was changed."""
        spans = [Passage.of(name) for name in self._passages if is_passage(name)]

        def agreeing(text: str) -> int:
            cited = [(span.within(text), self._value(span.iri.value, DG.digest)) for span in spans]
            return sum(1 for found, expected in cited if found is not None and digest(found) == expected)

        best = max(texts.values(), key=agreeing, default=None)
        return best if best is not None and agreeing(best) else None

    def _missing(self, changed: str | None, count: int) -> Finding:
        wanted = self._value(self._article, DG.textDigest)
        length = self._value(self._article, DG.textLength) or "unknown"
        if changed is None:
            message = (
                f"none of the {count} texts is the text of the article, so its passages are not verified"
            )
        else:
            message = f"the text of the article was changed: found {len(changed)} characters"
        return self._finding(
            f"{message}, expected {length} characters with {wanted}",
            self._article,
            DG.textDigest,
            wanted,
            severity="warning" if changed is None else "violation",
            hint="use the text that the data was made from",
        )

    def _of_type(self, kind: NamedNode) -> list[str]:
        return [
            row.subject
            for row in self._rows
            if row.predicate == RDF.type and row.value == kind.value and row.graph == self._article
        ]

    def _value(self, subject: str, predicate: NamedNode) -> str | None:
        return self._values.get((subject, predicate))

    def _finding(
        self,
        message: str,
        focus: str,
        path: NamedNode | None = None,
        value: str | None = None,
        *,
        graph: str | None = None,
        severity: Severity = "violation",
        hint: str | None = None,
    ) -> Finding:
        place = self._locator.place(NamedNode(focus), graph or self._article)
        passage = next((each for each in (focus, graph or "") if is_passage(each)), None)
        return Finding(
            source="evidence",
            severity=severity,
            message=message,
            place=Place(place.file, place.line, None, focus, passage),
            focus=focus,
            path=None if path is None else path.value,
            value=value,
            hint=hint,
        )


def _mismatch(passage: Passage, expected: str | None, text: str) -> str:
    name, length, cited = (
        passage.iri.value.partition("#")[2],
        passage.end - passage.start,
        passage.within(text),
    )
    if cited is None:
        found = f"found {max(0, len(text) - passage.start)}, for the text ends at {len(text)}"
    else:
        found = f"found {len(cited)} characters with {digest(cited)}"
    return (
        f"the passage {name} does not match the text: expected {length} characters with {expected}, {found}"
    )


def _moved(text: str, expected: str | None, length: int) -> str:
    """Says where the characters of a digest stand now, by trying every offset."""
    for start in range(len(text) - length + 1):
        if digest(text[start : start + length]) == expected:
            return f"the characters that it means stand at char={start},{start + length}"
    return "cite the passage anew: `diplograph passage` prints its block"


def _copied(value: str, text: str) -> str | None:
    words = value.split()
    runs = (" ".join(words[i : i + COPIED_WORDS]) for i in range(len(words) - COPIED_WORDS + 1))
    if (run := next((run for run in runs if run in text), None)) is not None:
        return run
    return value if len(value) >= COPIED_CHARACTERS and value in text else None

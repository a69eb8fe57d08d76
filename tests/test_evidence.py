from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Store as Oxigraph
from pyoxigraph import Triple
from small import TEXT, create

from diplograph.build import read
from diplograph.errors import Finding, InvalidValue, NotFound
from diplograph.evidence import evidence_of, excerpt, passage_block, text_of, verify
from diplograph.text import Passage, digest, load_texts
from diplograph.vocabulary import ARTICLE, DG, ID

if TYPE_CHECKING:
    from pathlib import Path

    from diplograph.workspace import Workspace

WITH = {digest(TEXT): TEXT}


@pytest.fixture
def small(tmp_path: Path) -> Workspace:
    return create(tmp_path)


def change(workspace: Workspace, old: str, new: str) -> list[Finding]:
    path = workspace.articles / "a-visit.trig"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return verify(read(workspace).quads, workspace, WITH)


def test_data_that_agrees_with_its_text(small: Workspace) -> None:
    assert verify(read(small).quads, small, WITH) == []
    assert verify(read(small).quads, small) == []


def test_a_wrong_digest_says_which_passage_and_what_was_expected_and_found(small: Workspace) -> None:
    right = digest("Anna Berg visited Lagonia")
    (finding,) = change(small, right, "sha256-" + "0" * 64)
    assert "char=0,25" in finding.message
    assert "expected 25 characters with sha256-000" in finding.message
    assert f"found 25 characters with {right}" in finding.message
    assert finding.place is not None
    assert str(finding.place.file) == "data/articles/a-visit.trig"
    lines = (small.articles / "a-visit.trig").read_text().splitlines()
    assert lines[(finding.place.line or 0) - 1].startswith("<#char=0,25>")


def test_a_passage_that_moved_is_found_again(small: Workspace) -> None:
    findings = change(small, "char=28,55", "char=29,56")
    assert [finding.hint for finding in findings] == ["the characters that it means stand at char=28,55"]


def test_a_passage_beyond_the_end(small: Workspace) -> None:
    (finding,) = change(small, "char=28,55", "char=70,97")
    assert "expected 27 characters" in finding.message
    assert f"the text ends at {len(TEXT)}" in finding.message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("dg:paragraph 2", "dg:paragraph 3", "stands in paragraph 2, the data says 3"),
        ('skos:altLabel "Anna Berg"', 'skos:altLabel "Ana Berg"', "the name 'Ana Berg' does not occur"),
        (
            f"dg:textLength {len(TEXT)}",
            "dg:textLength 7",
            f"the text has {len(TEXT)} characters, dg:textLength says 7",
        ),
        ('"Its date"@en', f'"{TEXT[28:76]}"@en', "wording of the article"),
        ("GRAPH <#char=28,55>", "GRAPH <#char=28,56>", "a graph that nothing describes"),
        ("GRAPH <#conclusion-met> {", "GRAPH <#conclusion-mat> {", "without a graph of what it states"),
        ("<#char=0,25>\n    a dg:Passage", "<#line=1>\n    a dg:Passage", "not the IRI of a passage"),
    ],
)
def test_what_does_not_agree(small: Workspace, old: str, new: str, message: str) -> None:
    assert any(message in finding.message for finding in change(small, old, new))


def test_passages_out_of_reading_order(small: Workspace) -> None:
    path = small.articles / "a-visit.trig"
    first = passage_block(TEXT, "Otto Lind")
    path.write_text(
        path.read_text().replace(
            "<#char=0,25>\n", first.replace("{\n}", "{ id:a a dg:Visit }") + "<#char=0,25>\n"
        )
    )
    findings = verify(read(small).quads, small, WITH)
    assert [finding.message for finding in findings] == ["the passage is not in reading order"]


def test_a_changed_text_is_told_from_a_missing_one(small: Workspace) -> None:
    changed = TEXT.replace("Otto Lind", "Otto Linde")
    (finding,) = verify(read(small).quads, small, {digest(changed): changed})
    assert f"was changed: found {len(changed)} characters, expected {len(TEXT)} characters" in finding.message
    assert finding.severity == "violation"
    (finding,) = verify(read(small).quads, small, {"sha256-1": "Another text."})
    assert "none of the 1 texts" in finding.message
    assert finding.severity == "warning"


def test_a_passage_block_is_ready_to_paste(small: Workspace) -> None:
    block = passage_block(TEXT, "Lagonia", gloss='The "place"')
    assert block.startswith("<#char=18,25>\n    a dg:Passage ;\n    dg:paragraph 1 ;\n")
    assert f'dg:digest "{digest("Lagonia")}"' in block
    assert 'dg:gloss "The \\"place\\""@en' in block
    assert passage_block(TEXT, start=18, end=25) == passage_block(TEXT, "Lagonia")


def test_an_ambiguous_quote_lists_its_places() -> None:
    with pytest.raises(InvalidValue, match=r"occurs 2 times, at 0, 57") as caught:
        passage_block(TEXT, "Anna Berg")
    assert caught.value.code == "ambiguous"
    assert "<#char=57,66>" in passage_block(TEXT, "Anna Berg", start=57)


@pytest.mark.parametrize(
    ("quote", "hint"), [("anna berg met", "'Anna Berg met' at 57"), ("Nobody", "copy the characters")]
)
def test_a_quote_that_is_not_there(quote: str, hint: str) -> None:
    with pytest.raises(NotFound) as caught:
        passage_block(TEXT, quote)
    assert hint in (caught.value.hint or "")


def test_positions_that_hold_no_text() -> None:
    for start, end in ((0, 10_000), (5, 5), (None, 5)):
        with pytest.raises(InvalidValue):
            passage_block(TEXT, start=start, end=end)


def test_the_text_of_an_article(small: Workspace) -> None:
    assert text_of(small, "a-visit", WITH) == TEXT
    assert text_of(small, str(ARTICLE) + "a-visit", WITH) == TEXT
    with pytest.raises(NotFound) as caught:
        text_of(small, "a-visti", WITH)
    assert caught.value.suggestions == ("a-visit",)
    with pytest.raises(NotFound, match="not among the 0 at hand"):
        text_of(small, "a-visit", {})


class _Quads:
    def __init__(self, workspace: Workspace) -> None:
        self._store = Oxigraph()
        self._store.extend(read(workspace).quads)

    def quads(self, *pattern: object) -> object:
        return self._store.quads_for_pattern(*pattern)  # type: ignore[arg-type]


def test_the_evidence_of_an_entity_in_reading_order(small: Workspace) -> None:
    found = evidence_of(_Quads(small), ID["the-visit"], WITH)  # type: ignore[arg-type]
    assert [each.kind for each in found][:2] == ["Passage", "Passage"]
    first, second = found[:2]
    assert (first.says, second.says) == ("A visit", "Its date")
    assert first.title == "A visit"
    assert second.paragraph == 2
    assert second.excerpt is not None
    assert second.excerpt.passage == "The visit was on 3 May 2021"
    assert second.excerpt.after == ". Anna Berg met Otto Lind."


def test_the_evidence_of_a_triple_and_of_a_conclusion(small: Workspace) -> None:
    store = _Quads(small)
    (one,) = evidence_of(store, Triple(ID["the-visit"], DG.visitor, ID["anna-berg"]))  # type: ignore[arg-type]
    assert one.graph.endswith("a-visit#char=0,25")
    assert one.excerpt is None
    (conclusion,) = evidence_of(store, Triple(ID["anna-berg"], DG.met, ID["otto-lind"]))  # type: ignore[arg-type]
    assert (conclusion.kind, conclusion.says) == ("Conclusion", "Visitors meet.")
    assert [iri.partition("#")[2] for iri in conclusion.rests_on] == ["char=0,25"]
    assert evidence_of(store, Triple(ID["otto-lind"], DG.met, ID["anna-berg"])) == []  # type: ignore[arg-type]


def test_an_excerpt_is_the_paragraph() -> None:
    found = excerpt(TEXT, Passage("urn:a", 5, 9))
    assert found is not None
    assert (found.before, found.passage, found.after) == ("Anna ", "Berg", " visited Lagonia.")
    assert excerpt(TEXT, Passage("urn:a", 5, 999)) is None


@pytest.mark.texts
def test_the_articles_agree_with_their_texts(workspace: Workspace, texts_folder: Path) -> None:
    findings = verify(read(workspace).quads, workspace, load_texts(texts_folder))
    assert [str(finding) for finding in findings] == []

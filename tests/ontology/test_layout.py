"""How the ontology's files are laid out, so that diffs stay readable."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from ontology.cases import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

FILES = [*SOURCES, SOURCES[0].with_name("prefixes.ttl")]
OWN = ["align", "dg", "dgs", "id"]
LOGIC = ["a", "rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:domain", "rdfs:range", "owl:"]
PROSE = ["rdfs:label", "skos:definition", "skos:scopeNote", "skos:example", "rdfs:isDefinedBy"]
ORDER = [*LOGIC, *PROSE]


def sections(path: Path) -> dict[str, str]:
    """The text under each banner comment."""
    parts = re.split(r"^#\n# (.+)\n#\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """Subject and lines of every block that begins at the margin."""
    found = re.findall(r"^(dg:\w+)\n((?:    .*\n)+)", text, flags=re.MULTILINE)
    return [(subject, [line.strip() for line in body.splitlines()]) for subject, body in found]


TERM_SECTIONS = {name: blocks(text) for name, text in sections(SOURCES[0]).items() if blocks(text)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_prefixes_are_sorted_with_our_own_last_and_all_used(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    prefixes = re.findall(r"^@prefix (\w+):", text, flags=re.MULTILINE)
    assert prefixes == sorted(prefixes, key=lambda prefix: (prefix in OWN, prefix))
    body = re.sub(r"^@prefix.*$", "", text, flags=re.MULTILINE)
    assert [prefix for prefix in prefixes if not re.search(rf"\b{prefix}:|\^\^{prefix}:", body)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_ontology_header_comes_first(path: Path) -> None:
    body = re.sub(r"^(@prefix.*|#.*)?\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert re.match(r"<[^>]+>\n    a owl:Ontology ;\n", body)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_trailing_blanks_or_tabs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"[ \t]+$|\t", text, flags=re.MULTILINE)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", TERM_SECTIONS)
def test_terms_are_sorted_with_a_class_before_its_own_properties(name: str) -> None:
    classes, owned, current = [], [], None
    for subject, lines in TERM_SECTIONS[name]:
        if "a owl:Class ;" in lines:
            current = subject
            classes.append(subject)
        else:
            owned.append((current, subject, lines))
    assert classes == sorted(classes, key=str.lower)
    for (one, left, _), (other, right, _) in pairwise(owned):
        assert one != other or left.lower() < right.lower()
    for home, subject, lines in owned:
        domains = {line.split()[1] for line in lines if line.startswith("rdfs:domain")}
        assert home in domains or not domains & set(classes), (subject, home)


@pytest.mark.parametrize("name", TERM_SECTIONS)
def test_blocks_have_one_shape(name: str) -> None:
    for subject, lines in TERM_SECTIONS[name]:
        assert lines[-1] == ".", subject
        assert all(line.endswith(" ;") for line in lines[:-1]), subject
        starts = [line.split()[0] for line in lines[:-1]]
        places = [ORDER.index("owl:" if start.startswith("owl:") else start) for start in starts]
        assert places == sorted(places), (subject, starts)


@pytest.mark.parametrize("name", list(sections(SOURCES[1])))
def test_alignment_is_sorted_by_subject(name: str) -> None:
    subjects = re.findall(r"^(\w+:\w+)", sections(SOURCES[1])[name], flags=re.MULTILINE)
    order = [subject for subject in subjects if not subject.startswith("align:")]
    assert order == sorted(order, key=str.lower)
    assert len(order) == len(set(order))


def test_no_line_stands_between_blocks_of_terms() -> None:
    for name, text in sections(SOURCES[0]).items():
        if name in TERM_SECTIONS:
            rest = re.sub(r"^dg:\w+\n(?:    .*\n)+", "", text, flags=re.MULTILINE)
            assert rest.strip() == "", name

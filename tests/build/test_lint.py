from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from small import create

from diplograph.build import lint, read
from diplograph.build.lint import undescribed
from diplograph.errors import DiplographError, InvalidValue, NotFound, SyntaxProblem, UnknownTerm

if TYPE_CHECKING:
    from pathlib import Path

    from diplograph.workspace import Workspace

ARTICLE = "data/articles/a-visit.trig"


@pytest.fixture
def small(tmp_path: Path) -> Workspace:
    return create(tmp_path)


def refused(workspace: Workspace, old: str, new: str, file: str = ARTICLE) -> DiplographError:
    path = workspace.root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DiplographError) as caught:
        lint(read(workspace), workspace)
    return caught.value


def line_of(workspace: Workspace, part: str) -> int:
    lines = (workspace.root / ARTICLE).read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if part in line)


def test_sound_sources_pass(small: Workspace) -> None:
    lint(read(small), small)
    assert undescribed(read(small), small) == []


def test_a_syntax_error_has_file_line_and_column(small: Workspace) -> None:
    error = refused(small, 'dg:date "2021-05-03" .', 'dg:date "2021-05-03 .')
    assert isinstance(error, SyntaxProblem)
    assert error.place is not None
    assert str(error.place.file) == ARTICLE
    assert error.place.line == line_of(small, "dg:date")
    assert error.place.column


@pytest.mark.parametrize(
    ("data", "message"), [(b"\xef\xbb\xbf# fine", "a byte order mark"), (b'<a:a> <a:b> "\xe9" .', "UTF-8")]
)
def test_bytes_that_are_no_text(small: Workspace, data: bytes, message: str) -> None:
    (small.reference / "actors.ttl").write_bytes(data)
    with pytest.raises(SyntaxProblem, match=message) as caught:
        read(small)
    assert caught.value.place is not None
    assert caught.value.place.line == 1


def test_an_undeclared_prefix_is_told_how_to_declare(small: Workspace) -> None:
    error = refused(small, "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n", "")
    assert isinstance(error, UnknownTerm)
    assert error.code == "unknown-prefix"
    assert "@prefix skos: <http://www.w3.org/2004/02/skos/core#> ." in (error.hint or "")


def test_an_unknown_prefix_suggests_the_nearest(small: Workspace) -> None:
    error = refused(small, "a dg:Visit", "a dgg:Visit")
    assert isinstance(error, UnknownTerm)
    assert "dg" in error.suggestions
    assert error.place is not None
    assert error.place.line == line_of(small, "dgg:Visit")


def test_a_prefix_bound_otherwise_than_everywhere(small: Workspace) -> None:
    error = refused(
        small, "<https://w3id.org/diplograph/ontology#>", "<https://w3id.org/diplograph/ontolgy#>"
    )
    assert error.code == "prefix"
    assert error.place is not None
    assert error.place.line == line_of(small, "ontolgy")


def test_an_undeclared_term_of_ours_suggests_the_nearest(small: Workspace) -> None:
    error = refused(small, "dg:visitor", "dg:visiter")
    assert isinstance(error, UnknownTerm)
    assert error.message == "nothing declares dg:visiter"
    assert error.suggestions[0] == "dg:visitor"
    assert error.place is not None
    assert (str(error.place.file), error.place.line) == (ARTICLE, line_of(small, "dg:visiter"))


@pytest.mark.parametrize("value", ["2021-13", "2021-02-30", "3 May 2021", "2021/2020"])
def test_an_invalid_date_has_its_line(small: Workspace, value: str) -> None:
    error = refused(small, '"2021-05-03"', f'"{value}"')
    assert isinstance(error, InvalidValue)
    assert repr(value) in error.message
    assert error.place is not None
    assert error.place.line == line_of(small, f'"{value}"')


def test_an_open_interval_attests_nothing(small: Workspace) -> None:
    assert "witnesses no date" in refused(small, 'dg:date "2021-05-03"', 'dg:attestedOn "2021/.."').message


def test_a_literal_that_its_datatype_does_not_allow(small: Workspace) -> None:
    error = refused(small, "dg:paragraph 1", 'dg:paragraph "one"^^<http://www.w3.org/2001/XMLSchema#integer>')
    assert error.message == "'one' is no xsd:integer"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (
            "@base <https://w3id.org/diplograph/article/a-visit>",
            "@base <https://w3id.org/diplograph/article/b>",
            "article",
        ),
        ("GRAPH <#conclusion-met>", "GRAPH <https://w3id.org/diplograph/graph/inferred>", "graph"),
        ("dg:visitor id:anna-berg", 'dg:visitor [ rdfs:label "Anna"@en ]', "blank"),
    ],
)
def test_what_an_article_file_may_not_hold(small: Workspace, old: str, new: str, code: str) -> None:
    assert refused(small, old, new).code == code


def test_all_problems_are_told_at_once(small: Workspace) -> None:
    error = refused(small, "a dg:Visit ; dg:visitor id:anna-berg", "a dg:Vist ; dg:visiter id:anna-berg")
    assert error.message == "nothing declares dg:Vist"
    assert "nothing declares dg:visiter" in (error.hint or "")


def test_a_slip_in_the_name_of_an_entity(small: Workspace) -> None:
    path = small.root / ARTICLE
    path.write_text(path.read_text().replace("dg:visitor id:anna-berg", "dg:visitor id:ana-berg"))
    lint(read(small), small)
    (finding,) = undescribed(read(small), small)
    assert finding.focus == "id:ana-berg"
    assert finding.hint == "did you mean id:anna-berg?"
    assert finding.place is not None
    assert finding.place.line == line_of(small, "id:ana-berg")


def test_a_missing_ontology(small: Workspace) -> None:
    (small.ontology / "diplograph.ttl").unlink()
    with pytest.raises(NotFound, match="the ontology is missing"):
        read(small)


def test_the_sources_of_the_project_pass(workspace: Workspace) -> None:
    sources = read(workspace)
    lint(sources, workspace)
    assert [str(finding) for finding in undescribed(sources, workspace)] == []

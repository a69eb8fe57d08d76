"""A person's own files are validated beside the workspace's data, and nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diplograph.build import validate
from diplograph.errors import InvalidValue, NotFound, SyntaxProblem, UnknownTerm

if TYPE_CHECKING:
    from pathlib import Path

    from diplograph.errors import Finding
    from diplograph.workspace import Workspace

HEAD = """\
@prefix dg: <https://w3id.org/diplograph/ontology#> .
@prefix id: <https://w3id.org/diplograph/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.ttl"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def wrong(path: Path, workspace: Workspace) -> list[Finding]:
    """The findings but for notes: that no text mentions a thing is true of what a test makes up."""
    return [finding for finding in validate([path], workspace) if finding.severity != "info"]


def test_a_good_file_has_no_findings(tmp_path: Path, workspace: Workspace) -> None:
    path = write(
        tmp_path,
        'id:talks rdfs:label "Talks"@en ; a dg:Meeting ;\n'
        '    dg:status dg:Planned ; dg:participant id:laos ; dg:date "2026" .',
    )
    assert wrong(path, workspace) == []


def test_findings_are_about_the_file_alone(tmp_path: Path, workspace: Workspace) -> None:
    path = write(tmp_path, '\nid:talks rdfs:label "Talks"@en ;\n    a dg:Meeting .\n')
    (finding,) = wrong(path, workspace)
    assert finding.source == "dgs:status"
    assert finding.focus == "id:talks"
    assert finding.place is not None
    assert (finding.place.file, finding.place.line) == (path, 5)


def test_a_contradiction_with_the_graph_names_its_grounds(tmp_path: Path, workspace: Workspace) -> None:
    path = write(tmp_path, 'id:laos dg:isoCode "VN" .')
    contradictions = [each for each in validate([path], workspace) if each.source.startswith("eq-diff")]
    assert contradictions
    assert "https://w3id.org/diplograph/reference/actors" in contradictions[0].rests_on


def test_a_check_finds_a_sum(tmp_path: Path, workspace: Workspace) -> None:
    path = write(
        tmp_path,
        """
id:whole rdfs:label "All"@en ; a dg:Observation ; dg:countedFor id:laos ; dg:counts dg:Mission ; dg:value 5 ;
    dg:breakdownComplete true ; dg:component id:part .
id:part rdfs:label "Some"@en ; a dg:Observation ; dg:countedFor id:laos ; dg:counts dg:Embassy ; dg:value 4 .
""",
    )
    (finding,) = wrong(path, workspace)
    assert (finding.source, finding.value) == ("sums", '"5"^^<http://www.w3.org/2001/XMLSchema#integer>')
    assert finding.message == "The parts add up to 4, the whole is given as 5."


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("id:x a dg:Meeting ; .\nid:y dg:date", SyntaxProblem, r"mine\.ttl:\d+:\d+: "),
        ("id:x dg:particpant id:laos .", UnknownTerm, r"dg:particpant.*\n.*dg:participant"),
        ("id:x a dgg:Meeting .", UnknownTerm, "dgg"),
        ('id:x dg:date "2023-13" .', InvalidValue, "2023-13"),
    ],
)
def test_what_cannot_be_meant_stops(tmp_path, workspace, text, error, message) -> None:
    with pytest.raises(error, match=message):
        validate([write(tmp_path, text)], workspace)


def test_a_missing_file_is_said(tmp_path: Path, workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="no such file"):
        validate([tmp_path / "none.ttl"], workspace)

"""Every check has a good and a bad fixture, and tells the two apart; each is in the project's style."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import parse

from diplograph import sparql
from diplograph.errors import SyntaxProblem
from diplograph.questions import header
from diplograph.store import EmbeddedStore
from diplograph.validation import Validator, grouped
from diplograph.vocabulary import prefixes
from diplograph.workspace import Workspace

if TYPE_CHECKING:
    from diplograph.build import BuildReport
    from diplograph.errors import Finding

CASES = Path(__file__).parent / "checks"
WORKSPACE = Workspace.find(Path(__file__))
CHECKS = sorted(WORKSPACE.checks.glob("*.rq"))


def run(check: Path, case: Path) -> list[Finding]:
    quads = list(parse(path=case))
    return Validator(quads, WORKSPACE, files=[case]).check(EmbeddedStore.from_quads(quads), check)


def test_every_check_has_fixtures() -> None:
    assert {case.name for case in CASES.iterdir()} == {check.stem for check in CHECKS}
    assert len(CHECKS) >= 18


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.stem)
def test_check_tells_good_from_bad(check: Path) -> None:
    assert run(check, CASES / check.stem / "good.trig") == []
    found = run(check, CASES / check.stem / "bad.trig")
    assert found
    for finding in found:
        assert finding.source == check.stem
        assert finding.message.endswith(".")
        assert finding.focus
        assert finding.hint


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.stem)
def test_style(check: Path) -> None:
    query = check.read_text(encoding="utf-8")
    head = header(query, check)
    assert set(head) >= {"summary", "severity", "hint", "tags"}
    assert sparql.used_prefixes(query) == set(sparql.declared_prefixes(query))
    assert sparql.declared_prefixes(query).items() <= prefixes(WORKSPACE).items()
    assert re.search(r"^SELECT (DISTINCT )?\?focus \?path \?value \?message$", query, re.MULTILINE)
    assert re.search(r"^ORDER BY", query, re.MULTILINE)


def test_a_check_needs_a_severity_and_four_columns(tmp_path: Path) -> None:
    check = tmp_path / "odd.rq"
    store = EmbeddedStore.from_quads([])
    validator = Validator([], WORKSPACE)
    check.write_text("#+ summary: Odd\n#+ severity: grave\nSELECT ?focus { ?focus ?p ?o }", encoding="utf-8")
    with pytest.raises(SyntaxProblem, match="a check needs a severity, not 'grave'"):
        validator.check(store, check)
    check.write_text("#+ summary: Odd\n#+ severity: info\nSELECT ?focus { ?focus ?p ?o }", encoding="utf-8")
    with pytest.raises(SyntaxProblem, match=r"a check selects \?focus \?path \?value \?message"):
        validator.check(store, check)


def test_repeats_are_grouped() -> None:
    check = next(check for check in CHECKS if check.stem == "buddhist-year")
    found = run(check, CASES / check.stem / "bad.trig")
    assert [each.count for each in grouped([*found, *found])] == [2, 2]


def test_the_graph_is_clean(report: BuildReport) -> None:
    assert [str(finding) for finding in report.findings if finding.severity == "violation"] == []
    assert report.inconsistencies == ()
    assert {finding.source for finding in report.findings} <= {"dgs:statusAgreement", "dgs:tenureTime"}

"""The OWL 2 RL cases of the W3C's test suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from reasoning.support import entails

from diplograph.reasoning import check_all, materialise

FOLDER = Path(os.environ.get("DIPLOGRAPH_SUITES", "")) / "owl2-rl"
COLLECTED = 37
EXPECTED_FAILURES = {
    "DisjointClasses-001": "a complement would have to be made up: no rule concludes it",
    "New-Feature-DisjointObjectProperties-001": "no rule concludes owl:differentFrom",
    "New-Feature-ReflexiveProperty-001": "owl:ReflexiveProperty is not in the profile",
    "WebOnt-I5.8-006": "no rule concludes a range from the inclusion of one datatype in another",
    "WebOnt-I5.8-008": "no rule concludes a range from the intersection of two datatypes",
    "WebOnt-equivalentClass-008-Direct": "holds in the Direct Semantics alone: there annotations say nothing",
    "owl2-rl-rules-ifp-differentFrom": "no rule concludes owl:differentFrom",
}
CASES = sorted(path.name for path in FOLDER.iterdir()) if os.environ.get("DIPLOGRAPH_SUITES") else []

pytestmark = pytest.mark.suites


def read(path: Path):
    return list(parse(path=str(path), format=RdfFormat.N_TRIPLES))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=[pytest.mark.xfail(reason=EXPECTED_FAILURES[name], strict=True)]
            if name in EXPECTED_FAILURES
            else [],
        )
        for name in CASES
    ],
)
def test_case(name: str) -> None:
    folder = FOLDER / name
    closure = materialise(read(folder / "premise.nt"))
    for line in (folder / "expect.txt").read_text().splitlines():
        if line == "consistent":
            assert closure.inconsistencies() == []
        elif line == "inconsistent":
            assert closure.inconsistencies()
        elif line.startswith("entails"):
            assert entails(closure, [quad.triple for quad in read(folder / line.split()[-1])])
        elif line.startswith("does not entail"):
            assert not entails(closure, [quad.triple for quad in read(folder / line.split()[-1])])


@pytest.mark.parametrize("name", CASES)
def test_everything_is_proved(name: str) -> None:
    closure = materialise(read(FOLDER / name / "premise.nt"))
    assert check_all(closure).faults == ()


def test_all_cases_are_collected() -> None:
    assert len(CASES) == COLLECTED
    assert set(EXPECTED_FAILURES) <= set(CASES)

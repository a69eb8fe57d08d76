"""The ontology and its alignment are in OWL 2 RL and OWL 2 DL; what is not, the checker finds out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ontology.axioms import Ontology
from ontology.cases import HERE, SOURCES
from ontology.profile import problems

if TYPE_CHECKING:
    from pathlib import Path

BAD = sorted((HERE / "bad").glob("*.ttl"))


def test_ontology_and_alignment_are_in_the_profile() -> None:
    assert problems(Ontology(*SOURCES)) == []


def test_ontology_alone_is_in_the_profile() -> None:
    assert problems(Ontology(SOURCES[0])) == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_ontology_is_found_out(path: Path) -> None:
    expected = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    assert {problem.split(":")[0] for problem in problems(Ontology(path))} == {expected}


def test_every_code_has_a_bad_ontology() -> None:
    codes = {path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in BAD}
    assert codes == {
        "datatype", "dl-anonymous", "dl-declaration", "dl-punning", "dl-regular", "dl-simple", "rl-axiom",
        "rl-expression",
    }  # fmt: skip
    assert len(BAD) == 27

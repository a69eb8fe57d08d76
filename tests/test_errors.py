from __future__ import annotations

from pathlib import Path

import pytest

from diplograph import errors
from diplograph.errors import DiplographError, Finding, NotFound, Place, SyntaxProblem, nearest

KINDS = {
    "SyntaxProblem": ("syntax", ValueError),
    "InvalidValue": ("invalid-value", ValueError),
    "EvidenceMismatch": ("evidence", ValueError),
    "RuleProblem": ("rule", ValueError),
    "RemoteFailure": ("remote", ConnectionError),
    "ResourceLimit": ("limit", RuntimeError),
    "NotFound": ("not-found", LookupError),
    "UnknownTerm": ("unknown-term", LookupError),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_has_a_code_and_a_built_in_base(name: str) -> None:
    code, base = KINDS[name]
    kind = getattr(errors, name)
    assert kind.code == code
    assert issubclass(kind, DiplographError)
    assert issubclass(kind, base)


def test_every_kind_is_listed() -> None:
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, DiplographError) and kind is not DiplographError
    }
    assert kinds == set(KINDS)


def test_an_error_says_where_what_and_what_to_do() -> None:
    error = SyntaxProblem(
        "a dot is missing", place=Place(Path("a.ttl"), 3, 7), hint="end the block with a dot"
    )
    assert str(error) == "a.ttl:3:7: a dot is missing\n  end the block with a dot"
    assert str(SyntaxProblem("plain")) == "plain"


def test_what_is_not_found_suggests_what_is() -> None:
    error = NotFound("unknown term dg:hoost", suggestions=nearest("hoost", ["host", "ghost", "party"]))
    assert error.suggestions == ("host", "ghost")
    assert error.hint == "did you mean host or ghost?"
    assert NotFound("nothing alike").hint is None


def test_a_finding_reads_as_a_line() -> None:
    finding = Finding(
        "sums", "violation", "the parts do not add up", Place("a.trig", 4), hint="check the figures"
    )
    assert str(finding) == "violation: a.trig:4: the parts do not add up\n  check the figures"

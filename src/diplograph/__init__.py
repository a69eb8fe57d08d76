"""Diplograph: a knowledge graph of diplomacy that can prove what it says."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from diplograph.errors import (
    DiplographError,
    EvidenceMismatch,
    InvalidValue,
    NotFound,
    Place,
    RemoteFailure,
    ResourceLimit,
    RuleProblem,
    SyntaxProblem,
    UnknownTerm,
)
from diplograph.store import EmbeddedStore, Store, Table, open, open_store  # noqa: A004  # `diplograph.open()`
from diplograph.workspace import Workspace

if TYPE_CHECKING:
    from diplograph.build import BuildReport, validate
    from diplograph.evidence import Evidence, evidence_of, passage_block
    from diplograph.questions import Question, ask
    from diplograph.reasoning import Closure, materialise
    from diplograph.show import Description

try:
    __version__ = version("diplograph")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0.0.0"

_ON_DEMAND = {
    "BuildReport": "build",
    "Closure": "reasoning",
    "Description": "show",
    "Evidence": "evidence",
    "Question": "questions",
    "ask": "questions",
    "evidence_of": "evidence",
    "materialise": "reasoning",
    "passage_block": "evidence",
    "validate": "build",
}
"""Names whose modules are imported when they are first used: opening a graph needs none of them."""

__all__ = [
    "BuildReport",
    "Closure",
    "Description",
    "DiplographError",
    "EmbeddedStore",
    "Evidence",
    "EvidenceMismatch",
    "InvalidValue",
    "NotFound",
    "Place",
    "Question",
    "RemoteFailure",
    "ResourceLimit",
    "RuleProblem",
    "Store",
    "SyntaxProblem",
    "Table",
    "UnknownTerm",
    "Workspace",
    "__version__",
    "ask",
    "evidence_of",
    "materialise",
    "open",
    "open_store",
    "passage_block",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ON_DEMAND[name]}"), name)

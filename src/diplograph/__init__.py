"""Diplograph: a knowledge graph of diplomacy that can prove what it says."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

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

try:
    __version__ = version("diplograph")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0.0.0"

__all__ = [
    "DiplographError",
    "EmbeddedStore",
    "EvidenceMismatch",
    "InvalidValue",
    "NotFound",
    "Place",
    "RemoteFailure",
    "ResourceLimit",
    "RuleProblem",
    "Store",
    "SyntaxProblem",
    "Table",
    "UnknownTerm",
    "Workspace",
    "__version__",
    "open",
    "open_store",
]

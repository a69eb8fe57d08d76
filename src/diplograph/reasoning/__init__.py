"""Reasoning: OWL 2 RL and domain rules as data, closed by SQL.

With proofs that an independent checker verifies.
"""

from __future__ import annotations

from diplograph.reasoning.change import Change, Survivor
from diplograph.reasoning.check import Report, check, check_all
from diplograph.reasoning.closure import Closure, materialise
from diplograph.reasoning.files import materialise_files
from diplograph.reasoning.materialise import Progress
from diplograph.reasoning.outside import Notice
from diplograph.reasoning.patterns import Rule
from diplograph.reasoning.proof import Inconsistency, Leaf, Proof, Step
from diplograph.reasoning.rules import TABLE

__all__ = [
    "TABLE",
    "Change",
    "Closure",
    "Inconsistency",
    "Leaf",
    "Notice",
    "Progress",
    "Proof",
    "Report",
    "Rule",
    "Step",
    "Survivor",
    "check",
    "check_all",
    "materialise",
    "materialise_files",
]

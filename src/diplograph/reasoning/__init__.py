"""Reasoning: OWL 2 RL and domain rules as data, closed by SQL, with proofs that an independent checker verifies."""

from __future__ import annotations

from diplograph.reasoning.closure import Closure, materialise

__all__ = ["Closure", "materialise"]

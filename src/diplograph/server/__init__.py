"""Diplograph on the web: SPARQL, saved questions, and pages for every IRI."""

from __future__ import annotations

from diplograph.server.app import create_app
from diplograph.server.run import run
from diplograph.server.settings import Settings

__all__ = ["Settings", "create_app", "run"]

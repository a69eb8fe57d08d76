"""Pushing: the built graph into any SPARQL 1.1 store, resumable, and verified graph by graph."""

from diplograph.push.canonical import canonical, digest
from diplograph.push.endpoint import Endpoint
from diplograph.push.run import KINDS, GraphReport, Report, census, push

__all__ = ["KINDS", "Endpoint", "GraphReport", "Report", "canonical", "census", "digest", "push"]

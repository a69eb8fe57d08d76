"""Building: from ontology, reference data and articles to a verified, reasoned, validated graph."""

from diplograph.build.artefacts import merged
from diplograph.build.derive import derived
from diplograph.build.files import validate
from diplograph.build.lint import lint
from diplograph.build.report import BuildReport
from diplograph.build.run import STAGES, build
from diplograph.build.sources import Source, Sources, read, read_file

__all__ = [
    "STAGES",
    "BuildReport",
    "Source",
    "Sources",
    "build",
    "derived",
    "lint",
    "merged",
    "read",
    "read_file",
    "validate",
]

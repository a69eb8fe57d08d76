"""Evidence: whether data and texts agree, how to cite a passage, and what stands behind a triple."""

from diplograph.evidence.cite import article_block, passage_block, text_of
from diplograph.evidence.sources import Evidence, Excerpt, evidence_of, excerpt
from diplograph.evidence.verify import verify

__all__ = [
    "Evidence",
    "Excerpt",
    "article_block",
    "evidence_of",
    "excerpt",
    "passage_block",
    "text_of",
    "verify",
]

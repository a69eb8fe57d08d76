"""Content negotiation: which of the offered media types a client likes best (RFC 9110 section 12.5)."""

from __future__ import annotations

from functools import lru_cache

RESULTS = {
    "application/sparql-results+json": "application/sparql-results+json",
    "application/sparql-results+xml": "application/sparql-results+xml",
    "text/csv": "text/csv",
    "text/tab-separated-values": "text/tab-separated-values",
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
}
"""What SELECT and ASK are answered in, the server's preference first, with the format behind each name."""

GRAPHS = {
    "text/turtle": "text/turtle",
    "application/trig": "application/trig",
    "application/n-triples": "application/n-triples",
    "application/n-quads": "application/n-quads",
    "application/rdf+xml": "application/rdf+xml",
    "application/ld+json": "application/ld+json",
}
"""What graphs are answered in."""

DATASETS = {each: each for each in ("application/trig", "application/n-quads", "application/ld+json")}
"""What a dataset of several graphs is answered in."""

SHORT = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "turtle": "text/turtle",
    "trig": "application/trig",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "html": "text/html",
}
"""Names for a `format` parameter."""

_UTF8 = frozenset(
    {"text/turtle", "text/csv", "text/tab-separated-values", "text/html", "text/css", "text/plain"}
)


def content_type(media: str) -> str:
    """Returns the Content-Type of a body: text says that it is UTF-8."""
    return f"{media}; charset=utf-8" if media in _UTF8 else media


@lru_cache(maxsize=1024)
def best(accept: str, offered: tuple[str, ...]) -> str | None:
    """Returns the offered type that the client likes best; among equals, the first offered.

    Args:
        accept: The `Accept` header, empty when there is none: anything will do.
        offered: Media types, the server's preference first.

    Returns:
        One of the offered, or None when none is acceptable.

    >>> best("text/csv;q=0.5, application/json", ("text/csv", "application/json"))
    'application/json'
    """
    ranges = _ranges(accept)
    if not ranges:
        return offered[0]
    liked = [(_quality(media, ranges), -place, media) for place, media in enumerate(offered)]
    quality, _, media = max(liked)
    return media if quality > 0 else None


def accepts_gzip(accept_encoding: str) -> bool:
    """Tells whether a client takes gzip (RFC 9110 section 12.5.3)."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        name, _, parameters = part.partition(";")
        weights[name.strip()] = _weight(parameters)
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _ranges(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept.lower().split(","):
        media, _, parameters = part.partition(";")
        if media.strip():
            weight = _weight(parameters)
            found[media.strip()] = max(weight, found.get(media.strip(), 0.0))
    return found


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _quality(media: str, ranges: dict[str, float]) -> float:
    group = media.partition("/")[0]
    for spelling in (media, f"{group}/*", "*/*"):
        if spelling in ranges:
            return ranges[spelling]
    return 0.0

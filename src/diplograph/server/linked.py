"""How terms look on pages: names instead of IRIs, and links that stay on this server where they can."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from pyoxigraph import NamedNode

from diplograph.server.html import Markup, el
from diplograph.vocabulary import DCTERMS, RDFS, compact

if TYPE_CHECKING:
    from diplograph.server.engine import Engine, Row

SPACE = "https://w3id.org/diplograph/"
Cell = Mapping[str, str]

_MOST_LABELS = 2000
_MOST_KEPT = 100_000
_CHARACTERS = re.compile(r"char=(\d+),(\d+)$")


class Names:
    """The names of things, asked of the data once a generation, and the links to them."""

    def __init__(self, engine: Engine, known: Mapping[str, str]) -> None:
        self.engine, self.known = engine, dict(known)
        self._names: dict[str, str] = {}
        engine.on_change.append(self._names.clear)
        self.root = urlsplit(engine.settings.public_url or "").path.rstrip("/")

    async def learn(self, iris: Iterable[str], client: str) -> None:
        """Looks up the names of things that are about to be shown."""
        unknown = [iri for iri in dict.fromkeys(iris) if iri not in self._names][:_MOST_LABELS]
        if not unknown:
            return
        listed = " ".join(str(NamedNode(iri)) for iri in unknown if _is_iri(iri))
        query = (
            "SELECT ?x ?l { VALUES ?x { " + listed + " } ?x " + f"{RDFS.label}|{DCTERMS['title']} ?l "
            'FILTER (LANG(?l) IN ("en", "")) } ORDER BY ?x ?l'
        )
        if len(self._names) > _MOST_KEPT:
            self._names.clear()
        found = dict.fromkeys(unknown, "")
        for row in await self.engine.rows(query, client):
            found[row["x"]["value"]] = found[row["x"]["value"]] or row["l"]["value"]
        self._names |= found

    def name(self, iri: str) -> str:
        """Returns what people call a thing, else its compact name."""
        return self._names.get(iri) or _passage_name(iri) or compact(iri, self.known).strip("<>")

    def path(self, iri: str) -> str:
        """Returns the address of a thing: on this server if it is of ours, else its own."""
        if not iri.startswith(SPACE):
            return iri
        return f"{self.root}/{quote(iri.removeprefix(SPACE), safe='/#=,:;@!$&()*+~%-._')}"

    def link(self, iri: str) -> Markup:
        """Returns a link to a thing by its name."""
        outside = not iri.startswith(SPACE)
        return el("a", self.name(iri), href=self.path(iri), title=iri, rel="noreferrer" if outside else None)

    def cell(self, cell: Cell | None) -> Markup | str:
        """Returns a term of a result as it is shown."""
        if cell is None:
            return ""
        if cell["type"] == "uri":
            return self.link(cell["value"])
        if cell["type"] == "literal":
            language = cell.get("xml:lang")
            return el("span", cell["value"], lang=language) if language else cell["value"]
        return f"_:{cell['value']}"

    async def table(self, variables: list[str], rows: list[Row], client: str) -> Markup:
        """Returns a result as an HTML table."""
        await self.learn(iris_of(rows), client)
        head = el("tr", [el("th", each, scope="col") for each in variables])
        body = [el("tr", [el("td", self.cell(row.get(each))) for each in variables]) for row in rows]
        return el(
            "div", el("table", el("thead", head), el("tbody", list(body))), class_="scroll", tabindex="0"
        )


def iris_of(rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Returns all IRIs in rows."""
    return (cell["value"] for row in rows for cell in row.values() if cell["type"] == "uri")


def _is_iri(iri: str) -> bool:
    try:
        NamedNode(iri)
    except ValueError:
        return False
    return True


def _passage_name(iri: str) -> str:
    article, hash_, fragment = iri.partition("#")
    if not hash_ or not article.startswith(f"{SPACE}article/"):
        return ""
    slug = article.rpartition("/")[2]
    characters = _CHARACTERS.match(fragment)
    return f"{slug}, characters {characters[1]} to {characters[2]}" if characters else f"{slug}: {fragment}"

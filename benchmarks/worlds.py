"""Deterministic worlds of diplomacy in the shape of the ontology, as N-Quads, of any size.

    python benchmarks/worlds.py 100000 world.nq

States with governments, ministries and departments; posts, persons and tenures; mechanisms with sessions;
visits and meetings; instruments; each reported in passages of articles, which are the graphs. One person in
fifty is known by a second name (`owl:sameAs`), and some states come a second time from elsewhere with the
same ISO code, so that a key makes them equal. The same size gives the same bytes.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DG = "https://w3id.org/diplograph/ontology#"
ID = "https://w3id.org/diplograph/world/"
REFERENCE = f"<{ID}reference>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
SAME = "<http://www.w3.org/2002/07/owl#sameAs>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
DATE = "http://www.w3.org/2001/XMLSchema#date"
ONTOLOGY = Path(__file__).parents[1] / "ontology" / "diplograph.ttl"


class World:
    """A world of about `size` triples; the quads come in the order in which they would be reported."""

    def __init__(self, size: int, seed: int = 7) -> None:
        self._size = size
        self._random = random.Random(seed)
        self._count = 0
        self._states = max(4, min(180, size // 500))
        self._departments = max(1, min(12, size // 20_000))
        self._persons: list[tuple[str, str]] = []
        self._mechanisms: list[tuple[str, str, str]] = []

    def lines(self) -> Iterator[str]:
        """Returns the lines of N-Quads."""
        for line in self._quads():
            self._count += 1
            yield line

    def article(self, number: int) -> list[str]:
        """Returns what one more article would state, as N-Quads; the world must have been generated."""
        return list(self._article(number))

    def _quads(self) -> Iterator[str]:
        for number in range(self._states):
            yield from self._state(number)
        for number in range(self._states, self._states + self._states // 9):
            yield from self._double(number)
        article = 0
        while self._count < self._size:
            yield from self._article(article)
            article += 1

    # -- who and what there is -----------------------------------------------------------------------------

    def _state(self, number: int) -> Iterator[str]:
        state = f"state{number}"
        yield _type(state, "State", REFERENCE)
        yield _data(state, "isoCode", f"X{number:03}", REFERENCE)
        yield _label(state, f"State {number}", REFERENCE)
        yield _link(state, "neighbourOf", f"state{(number + 1) % self._states}", REFERENCE)
        yield _link(f"capital{number}", "locatedIn", f"region{number}", REFERENCE)
        yield _link(f"region{number}", "locatedIn", state, REFERENCE)
        government = f"government{number}"
        yield _type(government, "Government", REFERENCE)
        yield _link(government, "ofState", state, REFERENCE)
        for each in range(6):
            ministry = f"ministry{number}-{each}"
            yield _type(ministry, "Ministry", REFERENCE)
            yield _link(ministry, "partOf", government, REFERENCE)
            yield from self._office(ministry, "headPostOf")
            for part in range(self._departments):
                department = f"department{number}-{each}-{part}"
                yield _type(department, "Department", REFERENCE)
                yield _link(department, "partOf", ministry, REFERENCE)
                yield _link(f"division{number}-{each}-{part}", "partOf", department, REFERENCE)
                yield from self._office(f"division{number}-{each}-{part}", "postIn")
        for each in range(3):
            other = (number + each + 1) % self._states
            mechanism = f"mechanism{number}-{each}"
            kind = ("PoliticalConsultation", "IntergovernmentalCommittee", "SummitSeries")[each]
            yield _type(mechanism, kind, REFERENCE)
            yield _link(mechanism, "party", state, REFERENCE)
            yield _link(mechanism, "party", f"state{other}", REFERENCE)
            yield _link(mechanism, "level", f"level{each}", REFERENCE)
            self._mechanisms.append((mechanism, state, f"state{other}"))

    def _double(self, number: int) -> Iterator[str]:
        """A state again, under the identifier of somebody else: equal by its ISO code."""
        state = f"elsewhere{number}"
        yield _type(state, "State", REFERENCE)
        yield _data(state, "isoCode", f"X{number - self._states:03}", REFERENCE)

    def _office(self, body: str, relation: str) -> Iterator[str]:
        post, person, tenure = f"post-{body}", f"person{len(self._persons)}", f"tenure-{body}"
        yield _link(post, relation, body, REFERENCE)
        yield _type(person, "Person", REFERENCE)
        yield _label(person, f"Person {len(self._persons)}", REFERENCE)
        yield _link(tenure, "holder", person, REFERENCE)
        yield _link(tenure, "post", post, REFERENCE)
        yield _date(tenure, "latestStart", 2010 + len(self._persons) % 9, 1, REFERENCE)
        yield _date(tenure, "earliestEnd", 2021 + len(self._persons) % 4, 12, REFERENCE)
        if len(self._persons) % 50 == 0:
            yield f"<{ID}{person}> {SAME} <{ID}alias-{person}> {REFERENCE} .\n"
        self._persons.append((person, body))

    # -- what is reported ----------------------------------------------------------------------------------

    def _article(self, number: int) -> Iterator[str]:
        draw = self._random
        article = f"article{number}"
        about = f"<{ID}{article}>"
        yield _type(article, "Article", about)
        yield _data(article, "textDigest", f"sha256-{number:064x}", about)
        for part in range(3):
            graph = f"<{ID}{article}#char={part * 100},{part * 100 + 99}>"
            yield f"{graph} {TYPE} <{DG}Passage> {about} .\n"
            yield f"{graph} <{DG}inArticle> {about} {about} .\n"
            yield from self._event(f"event{number}-{part}", graph, draw)

    def _event(self, event: str, graph: str, draw: random.Random) -> Iterator[str]:
        people = [person for person, _ in draw.sample(self._persons, 3)]
        kind = draw.randrange(4)
        if kind < 2:
            mechanism, one, other = self._mechanisms[draw.randrange(len(self._mechanisms))]
            yield _link(event, "sessionOf", mechanism, graph)
            yield _link(event, "host", one, graph)
            yield _link(event, "guest", other, graph)
            yield _link(event, "coChair", people[0], graph)
            yield _link(event, "coChair", people[1], graph)
        else:
            yield _type(event, "Meeting" if kind == 2 else "OfficialVisit", graph)
            yield _link(event, "host", people[0], graph)
            yield _link(event, "guest" if kind == 2 else "visitor", people[1], graph)
        yield _link(event, "participant", people[2], graph)
        yield _link(event, "status", "held" if kind != 3 else "planned", graph)
        yield _link(event, "location", f"capital{draw.randrange(self._states)}", graph)
        year, month = 2005 + draw.randrange(20), 1 + draw.randrange(12)
        yield _date(event, "earliestStart", year, month, graph)
        yield _date(event, "latestEnd", year, month, graph)
        if kind == 1:
            yield from self._instrument(f"instrument-{event}", event, year, graph)
        statement = f"statement-{event}"
        yield _type(statement, ("Pledge", "Congratulation", "SupportStatement")[kind % 3], graph)
        yield _link(statement, "saidBy", people[0], graph)
        yield _link(statement, "madeAt", event, graph)

    @staticmethod
    def _instrument(instrument: str, event: str, year: int, graph: str) -> Iterator[str]:
        yield _type(instrument, "Agreement", graph)
        yield _link(f"signing-{event}", "signed", instrument, graph)
        yield _data(f"signing-{event}", "date", str(year), graph)
        yield _link(instrument, "adoptedAt", event, graph)


def _name(local: str) -> str:
    if local in ("held", "planned"):
        return f"<{DG}{local.capitalize()}>"
    return f"<{ID}{local}>"


def _type(s: str, c: str, g: str) -> str:
    return f"{_name(s)} {TYPE} <{DG}{c}> {g} .\n"


def _link(s: str, p: str, o: str, g: str) -> str:
    return f"{_name(s)} <{DG}{p}> {_name(o)} {g} .\n"


def _data(s: str, p: str, o: str, g: str) -> str:
    return f'{_name(s)} <{DG}{p}> "{o}" {g} .\n'


def _label(s: str, o: str, g: str) -> str:
    return f'{_name(s)} {LABEL} "{o}"@en {g} .\n'


def _date(s: str, p: str, year: int, month: int, g: str) -> str:
    return f'{_name(s)} <{DG}{p}> "{year}-{month:02}-15"^^<{DATE}> {g} .\n'


def write(size: int, path: Path) -> World:
    """Writes a world to a file and returns it."""
    world = World(size)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(world.lines())
    return world


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("size", type=int)
    parser.add_argument("path", type=Path)
    given = parser.parse_args()
    write(given.size, given.path)

"""Draws the model: writes the Mermaid picture of `docs/model.md` from the ontology.

Shown are the classes that have no super-class, or that a property starts from or leads to, with the object
properties between them that state both domain and range.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from pyoxigraph import NamedNode, parse

from diplograph.vocabulary import DG, OWL, RDF, RDFS

ROOT = Path(__file__).parents[1]
BEGIN, END = (
    "<!-- picture: made by `python docs/picture.py`, tested to be current -->",
    "<!-- end of picture -->",
)


def picture() -> str:
    """Returns the Mermaid flowchart of the ontology, the same for the same ontology."""
    facts: dict[NamedNode, dict[NamedNode, list[NamedNode]]] = defaultdict(lambda: defaultdict(list))
    for quad in parse(path=ROOT / "ontology" / "diplograph.ttl"):
        if quad.subject in DG and (quad.object in DG or quad.object == OWL.ObjectProperty):
            facts[quad.subject][quad.predicate].append(quad.object)
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for term, about in sorted(facts.items(), key=lambda item: item[0].value):
        if OWL.ObjectProperty in about[RDF.type] and about[RDFS.domain] and about[RDFS.range]:
            ends = DG.local(about[RDFS.domain][0]), DG.local(about[RDFS.range][0])
            arrows[ends].append(DG.local(term))
    shown = {end for ends in arrows for end in ends}
    lines = ["```mermaid", "flowchart LR"]
    lines += [
        f"    {start} -- {'<br>'.join(names)} --> {end}" for (start, end), names in sorted(arrows.items())
    ]
    for term, about in sorted(facts.items(), key=lambda item: item[0].value):
        parents = [DG.local(parent) for parent in about[RDFS.subClassOf]]
        if DG.local(term) in shown:
            lines += [f"    {DG.local(term)} -.-> {parent}" for parent in parents if parent in shown]
    return "\n".join([*lines, "```"])


def page(text: str) -> str:
    """Returns the page with its picture made anew."""
    return re.sub(f"(?s){BEGIN}.*{END}", lambda _: f"{BEGIN}\n{picture()}\n{END}", text)


if __name__ == "__main__":
    path = ROOT / "docs" / "model.md"
    path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")

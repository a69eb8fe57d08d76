"""Showing proofs: as a tree for the terminal, JSON, Markdown, Graphviz, Mermaid, and RDF (PROV-O.

SHACL 1.2 sources).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple, serialize
from pyoxigraph import RdfFormat as Format

from diplograph.reasoning.explain import short
from diplograph.reasoning.proof import Fact, Leaf, Node, Proof, Step
from diplograph.vocabulary import PROV, RDF, RDFS, SH, XSD, Namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from diplograph.reasoning.closure import Closure

    Name: TypeAlias = "Callable[[object], str]"
    Quote: TypeAlias = "Callable[[NamedNode], str | None]"

RULE = Namespace("https://w3id.org/diplograph/rule/")
"""The names of rules in RDF: `…/rule/prp-trp`."""
_WORDS = {
    str(RDF.type): "is a", str(RDFS.subClassOf): "is a kind of", str(RDFS.subPropertyOf): "is a kind of",
    "<http://www.w3.org/2002/07/owl#sameAs>": "is the same as",
    "<http://www.w3.org/2002/07/owl#differentFrom>": "differs from",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListPremise:
    """The cells of a list, shown as one: its members, and the graphs that state it."""

    members: tuple[object, ...]
    graphs: tuple[object, ...]


def words(fact: Fact | None, name: Name = short) -> str:
    """Returns a triple in words, by the names of its terms."""
    if fact is None:
        return "contradiction"
    s, p, o = fact
    return f"{name(s)} — {_WORDS.get(str(p)) or name(p)} — {name(o)}"


def grouped(premises: Sequence[Node]) -> Iterator[Node | ListPremise]:
    """Returns premises with the cells of each list taken together."""
    place = 0
    while place < len(premises):
        members: list[object] = []
        graphs: dict[object, None] = {}
        while place + 1 < len(premises) and _is_cell(premises[place], premises[place + 1]):
            members.append(_fact(premises[place])[2])
            graphs.update(
                dict.fromkeys(
                    graph
                    for node in premises[place : place + 2]
                    if isinstance(node, Leaf)
                    for graph in node.graphs
                )
            )
            place += 2
        if members:
            yield ListPremise(tuple(members), tuple(graphs))
        else:
            yield premises[place]
            place += 1


def _is_cell(first: Node, rest: Node) -> bool:
    one, other = first.conclusion, rest.conclusion
    if one is None or other is None:
        return False
    return one[0] == other[0] and one[1] == RDF.first and other[1] == RDF.rest


def _fact(node: Node) -> Fact:
    assert node.conclusion is not None
    return node.conclusion


# -- text ----------------------------------------------------------------------------------------------------


def tree(proof: Proof, name: Name = short, quote: Quote | None = None) -> str:
    """Returns a proof as a tree of lines: what follows, then why; a subtree that comes again is not repeated.

    Args:
        proof: The proof.
        name: Gives the name of a term for reading.
        quote: Gives the words of a passage, if they are at hand.
    """
    lines: list[str] = []
    shown: set[Fact] = set()

    def walk(node: Node | ListPremise, head: str, tail: str) -> None:
        if isinstance(node, ListPremise):
            lines.append(f"{head}list ( {' '.join(map(name, node.members))} )  [{_graphs(node.graphs)}]")
            return
        text = words(node.conclusion, name)
        if isinstance(node, Leaf):
            lines.append(f"{head}{text}  [{_graphs(node.graphs)}]")
            lines.extend(f"{tail}  “{said}”" for said in _quotes(node, quote))
            return
        if node.conclusion in shown:
            lines.append(f"{head}{text}  (as above)")
            return
        if node.conclusion is not None:
            shown.add(node.conclusion)
        lines.append(f"{head}{text}  ← {node.rule.name}: {node.gloss}")
        premises = list(grouped(node.premises))
        for place, premise in enumerate(premises):
            last = place == len(premises) - 1
            walk(premise, f"{tail}{'└─ ' if last else '├─ '}", f"{tail}{'   ' if last else '│  '}")

    walk(proof.root, "", "")
    return "\n".join(lines)


def _graphs(graphs: Iterable[object]) -> str:
    return ", ".join("default graph" if graph is None else _place(graph) for graph in graphs) or "stated"


def _place(graph: object) -> str:
    if isinstance(graph, NamedNode):
        return graph.value.rpartition("/")[2] or graph.value
    return str(graph)


def _quotes(leaf: Leaf, quote: Quote | None) -> list[str]:
    if quote is None:
        return []
    return [said for graph in leaf.graphs if isinstance(graph, NamedNode) and (said := quote(graph))]


def markdown(proof: Proof, name: Name = short, quote: Quote | None = None) -> str:
    """Returns a proof as nested Markdown lists, passages as links."""
    lines = [f"**{_escaped(words(proof.conclusion, name))}**", ""]

    def walk(node: Node | ListPremise, depth: int) -> None:
        indent = "  " * depth
        if isinstance(node, ListPremise):
            lines.append(f"{indent}- list ( {' '.join(_escaped(name(each)) for each in node.members)} )")
        elif isinstance(node, Leaf):
            places = ", ".join(
                f"[{_escaped(_place(graph))}](<{graph.value}>)"
                if isinstance(graph, NamedNode)
                else "default graph"
                for graph in node.graphs
            )
            said = "".join(f" “{_escaped(each)}”" for each in _quotes(node, quote))
            lines.append(f"{indent}- {_escaped(words(node.conclusion, name))} ({places}){said}")
        else:
            lines.append(
                f"{indent}- {_escaped(words(node.conclusion, name))}"
                f" — `{node.rule.name}`: {_escaped(node.gloss)}"
            )
            for premise in grouped(node.premises):
                walk(premise, depth + 1)

    walk(proof.root, 0)
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|" else letter for letter in text).replace("\n", " ")


# -- data ----------------------------------------------------------------------------------------------------


def to_dict(proof: Proof, name: Name = short, quote: Quote | None = None) -> dict[str, Any]:
    """Returns a proof as plain data for JSON; terms are N-Triples texts."""

    def node(each: Node) -> dict[str, Any]:
        fact = each.conclusion
        shown: dict[str, Any] = {
            "triple": None if fact is None else [str(term) for term in fact],
            "words": words(fact, name),
        }
        if isinstance(each, Leaf):
            shown["graphs"] = [None if graph is None else _bare(graph) for graph in each.graphs]
            said = _quotes(each, quote)
            return {**shown, "passages": said} if said else shown
        rule = {"name": each.rule.name, "gloss": each.gloss}
        return {**shown, "rule": rule, "premises": [node(premise) for premise in each.premises]}

    return {"round": proof.round, "size": proof.size, "proof": node(proof.root)}


def to_json(proof: Proof, name: Name = short, quote: Quote | None = None) -> str:
    """Returns a proof as JSON text."""
    return json.dumps(to_dict(proof, name, quote), ensure_ascii=False, indent=2)


def _bare(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


# -- drawings ------------------------------------------------------------------------------------------------


def dot(proof: Proof, name: Name = short) -> str:
    """Returns a proof as a Graphviz digraph: stated triples as boxes, rule applications as ellipses."""
    lines = ["digraph proof {", "  rankdir=BT;", '  node [fontname="sans-serif"];']
    for key, node, premises in _numbered(proof):
        text = _quoted(words(node.conclusion, name))
        if isinstance(node, Leaf):
            lines.append(f'  {key} [shape=box, label="{text}\\n{_quoted(_graphs(node.graphs))}"];')
        else:
            lines.append(f'  {key} [shape=ellipse, label="{text}\\n{_quoted(node.rule.name)}"];')
            lines += [f"  {premise} -> {key};" for premise in premises]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def mermaid(proof: Proof, name: Name = short) -> str:
    """Returns a proof as a Mermaid flowchart."""
    lines = ["flowchart BT"]
    for key, node, premises in _numbered(proof):
        text = _entities(words(node.conclusion, name))
        if isinstance(node, Leaf):
            lines.append(f'  {key}["{text}<br/>{_entities(_graphs(node.graphs))}"]')
        else:
            lines.append(f'  {key}(["{text}<br/>{_entities(node.rule.name)}"])')
            lines += [f"  {premise} --> {key}" for premise in premises]
    return "\n".join(lines) + "\n"


def _entities(text: str) -> str:
    for letter, entity in (
        ("#", "#35;"),
        ("&", "#amp;"),
        ('"', "#quot;"),
        ("<", "#lt;"),
        (">", "#gt;"),
        ("\n", " "),
    ):
        text = text.replace(letter, entity)
    return text


def _numbered(proof: Proof) -> Iterator[tuple[str, Node, list[str]]]:
    """Returns each different conclusion once with a key, and the keys of its premises."""
    keys: dict[tuple[bool, Fact | None], str] = {}
    for node in proof.nodes():
        identity = (isinstance(node, Leaf), node.conclusion)
        if identity not in keys:
            premises = (
                [keys[isinstance(each, Leaf), each.conclusion] for each in node.premises]
                if isinstance(node, Step)
                else []
            )
            keys[identity] = f"n{len(keys) + 1}"
            yield keys[identity], node, list(dict.fromkeys(premises))


# -- RDF -----------------------------------------------------------------------------------------------------


def prov(proof: Proof) -> list[Triple]:
    """Returns a proof in PROV-O: triples are entities, steps activities, passages primary sources.

    Every triple is a reified `rdf:Statement`, so that any RDF 1.1 store can hold the result.
    """
    triples: list[Triple] = []

    def say(s: NamedNode | BlankNode, p: NamedNode, o: NamedNode | BlankNode | Literal) -> None:
        triples.append(Triple(s, p, o))

    for key, node, premises in _numbered(proof):
        entity = BlankNode(key)
        say(entity, RDF.type, PROV.Entity)
        if node.conclusion is None:
            say(entity, RDFS.label, Literal("contradiction", language="en"))
        else:
            say(entity, RDF.type, RDF.Statement)
            for part, term in zip((RDF.subject, RDF.predicate, RDF.object), node.conclusion, strict=True):
                say(entity, part, term)
        if isinstance(node, Leaf):
            for graph in node.graphs:
                if graph is not None:
                    say(entity, PROV.hadPrimarySource, graph)
            continue
        activity = BlankNode(f"{key}step")
        say(entity, PROV.wasGeneratedBy, activity)
        say(activity, RDF.type, PROV.Activity)
        say(activity, RDFS.label, Literal(node.rule.name))
        say(activity, RDFS.comment, Literal(node.gloss, language="en"))
        say(activity, SH.sourceRule, RULE[node.rule.name])
        for premise in premises:
            say(activity, PROV.used, BlankNode(premise))
            say(entity, PROV.wasDerivedFrom, BlankNode(premise))
    return triples


def turtle(triples: Iterable[Triple]) -> str:
    """Returns triples as Turtle with the prefixes of proofs."""
    prefixes = {
        "prov": str(PROV),
        "rdf": str(RDF),
        "rdfs": str(RDFS),
        "sh": str(SH),
        "xsd": str(XSD),
        "rule": str(RULE),
    }
    data = serialize(list(triples), format=Format.TURTLE, prefixes=prefixes)
    assert data is not None
    return data.decode()


def source_rules(closure: Closure, facts: Iterable[Triple] | None = None) -> Iterator[Triple]:
    """Returns, for each inferred triple, a reifier with the rule that derives it (SHACL 1.2.

    `sh:sourceRule`; RDF 1.2).

    Args:
        closure: The closure.
        facts: The triples; all inferred ones if not given.
    """
    if facts is None:
        closure.explainer.load_all()
    for number, triple in enumerate(closure.inferred() if facts is None else facts, 1):
        root = closure.explain(triple)[0].root
        if isinstance(root, Step):
            reifier = BlankNode(f"r{number}")
            yield Triple(reifier, RDF.reifies, triple)
            yield Triple(reifier, SH.sourceRule, RULE[root.rule.name])

"""Proofs: what a triple rests on.

As a tree of rule applications that ends in stated triples and their graphs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import BlankNode, Literal, NamedNode

    from diplograph.reasoning.patterns import Rule

Fact: TypeAlias = "tuple[NamedNode | BlankNode | Literal, NamedNode, NamedNode | BlankNode | Literal]"
"""A triple of a proof. Within one, what a literal is or equals may be said: its subject may be a literal."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A stated triple and the graphs that state it; the default graph is None."""

    conclusion: Fact
    graphs: tuple[NamedNode | BlankNode | None, ...]

    @property
    def size(self) -> int:
        """Always 1."""
        return 1


@dataclass(frozen=True, slots=True)
class Step:
    """One application of a rule.

    Args:
        conclusion: The triple that follows; None for a contradiction.
        rule: The rule applied.
        gloss: The rule in plain words, with the names of what it is applied to.
        premises: What it is applied to, in the order of the rule's body; a list is given by the `rdf:first`
            and `rdf:rest` triples of its cells.
    """

    conclusion: Fact | None
    rule: Rule
    gloss: str
    premises: tuple[Step | Leaf, ...]

    @property
    def size(self) -> int:
        """The number of rule applications and stated triples of the tree."""
        return 1 + sum(premise.size for premise in self.premises)


Node: TypeAlias = "Step | Leaf"


@dataclass(frozen=True, slots=True)
class Proof:
    """A derivation of one triple, or of a contradiction, from stated triples.

    Args:
        root: The last step; a leaf where the triple itself is stated.
        round: The round in which it was first derived; 0 for what is stated.
    """

    root: Node
    round: int

    @property
    def conclusion(self) -> Fact | None:
        """What is proved; None for a contradiction."""
        return self.root.conclusion

    @property
    def size(self) -> int:
        """The number of rule applications and stated triples of the tree."""
        return self.root.size

    def nodes(self) -> Iterator[Node]:
        """Returns the steps and leaves, premises before what rests on them, each once."""
        seen: set[int] = set()
        stack: list[tuple[Node, bool]] = [(self.root, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                yield node
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                if isinstance(node, Step):
                    stack.extend((premise, False) for premise in reversed(node.premises))

    def leaves(self) -> list[Leaf]:
        """Returns the stated triples it rests on, each once, in the order of the tree."""
        return list({leaf.conclusion: leaf for leaf in self.nodes() if isinstance(leaf, Leaf)}.values())

    def steps(self) -> list[Step]:
        """Returns the rule applications, premises before what rests on them."""
        return [node for node in self.nodes() if isinstance(node, Step)]


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """A contradiction: the rule that finds it, in plain words, and its proof."""

    proof: Proof

    @property
    def step(self) -> Step:
        """The step that ends in a contradiction."""
        assert isinstance(self.proof.root, Step)
        return self.proof.root

    @property
    def rule(self) -> str:
        """The name of the rule, as the W3C gives it."""
        return self.step.rule.name

    @property
    def gloss(self) -> str:
        """What is contradictory, in plain words."""
        return self.step.gloss

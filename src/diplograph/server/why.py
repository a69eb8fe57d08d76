"""What each row of an answer rests on, asked of the query processes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from diplograph.why import Triple, everything, matched, note, says_query, stated_queries

if TYPE_CHECKING:
    from diplograph.server.engine import Engine, Row


async def why(engine: Engine, query: str, rows: list[Row], client: str) -> list[list[dict[str, Any]]]:
    """Returns for each row what it rests on.

    Args:
        engine: What answers.
        query: The question, bound.
        rows: The rows of its answer.
        client: Whose turn it takes.

    Returns:
        For each row its triples in order, each with the `graphs` that state it, and for those that are
        passages or conclusions what these `say` in the editors' words. A triple that only follows from
        others has the graph `…/graph/inferred`.
    """
    _, body = await engine.query(everything(query), client=client)
    triples = matched(query, rows, json.loads(body)["results"]["bindings"])
    stated: dict[Triple, list[str]] = {}
    for batch, asked in stated_queries(each for group in triples for each in group):
        note(stated, batch, await engine.rows(asked, client))
    wanted = says_query(graph for graphs in stated.values() for graph in graphs)
    said = await engine.rows(wanted, client) if wanted else []
    says = {row["g"]["value"]: row["says"]["value"] for row in said}
    return [
        [
            {
                "triple": list(triple),
                "graphs": [{"graph": graph, "says": says.get(graph)} for graph in stated[triple]],
            }
            for triple in group
            if triple in stated
        ]
        for group in triples
    ]

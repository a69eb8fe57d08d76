"""Saved questions over the web: reading their parameters strictly, binding them, and asking."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from diplograph.errors import DiplographError, InvalidValue, NotFound
from diplograph.questions import Question, load
from diplograph.server.problems import refuse
from diplograph.sparql import with_prefixes
from diplograph.store import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diplograph.server.engine import Answer, Engine
    from diplograph.workspace import Workspace

BIND_SECONDS = 10.0
LONGEST_VALUE = 500
PATTERNS = {
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "integer": r"^-?[0-9]{1,18}$",
    "iri": r"^[A-Za-z][A-Za-z0-9+.\-]*:\S+$",
    "entity": r"\S",
    "string": r"\S",
}
"""What a value of each kind of parameter looks like; the API's description says the same."""


class PoolStore:
    """The served data as a store for `questions` and `names`: each query runs in the server's pool.

    For use in threads other than the event loop's.
    """

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self.engine, self.loop = engine, loop

    def select(self, query: str, *, deadline: float | None = None) -> Table:
        """Runs a SELECT query."""
        asked = asyncio.run_coroutine_threadsafe(self.engine.query(query, client="names"), self.loop)
        _, body = asked.result(deadline or self.engine.settings.deadline + BIND_SECONDS)
        found = parse_query_results(body, QueryResultsFormat.JSON)
        assert isinstance(found, QuerySolutions)
        variables = tuple(variable.value for variable in found.variables)
        return Table(variables, [tuple(row) for row in found])


class Asking:
    """The saved questions of a workspace, asked of an engine.

    Args:
        engine: What answers.
        workspace: Where the questions are; None has none.
        known: The prefixes that values may use.
    """

    def __init__(self, engine: Engine, workspace: Workspace | None, known: Mapping[str, str]) -> None:
        self.engine, self.known = engine, known
        self.questions: dict[str, Question] = load(workspace) if workspace is not None else {}
        self._store: PoolStore | None = None
        engine.on_change.append(self._forget)

    def _forget(self) -> None:
        self._store = None

    def named(self, name: str) -> Question:
        """Returns a question.

        Raises:
            Refused: There is none of that name.
        """
        if name not in self.questions:
            raise refuse("not-found", "there is no question of that name")
        return self.questions[name]

    async def bound(self, question: Question, values: Mapping[str, str]) -> str:
        """Returns a question's query with values in it.

        Raises:
            Refused: A value is missing or is not of its parameter's kind, or nobody bears the name.
        """
        check(question, values)
        if self._store is None:
            self._store = PoolStore(self.engine, asyncio.get_running_loop())
        store: Any = self._store
        try:
            if any(parameter.kind == "entity" for parameter in question.parameters):
                query = await asyncio.to_thread(question.bind, values, store, self.known)
            else:
                query = question.bind(values, store, self.known)
        except NotFound as error:
            raise refuse("not-found", error.message, suggestions=list(error.suggestions)) from None
        except (InvalidValue, DiplographError) as error:
            raise refuse("bad-parameter", error.message, hint=error.hint) from None
        except (ValueError, TimeoutError) as error:
            raise refuse("bad-parameter", str(error)) from None
        return with_prefixes(query, self.known)

    async def ask(
        self, question: Question, values: Mapping[str, str], media: str, *, client: str, gzip: bool = False
    ) -> Answer:
        """Asks a question; the answer is in the format of `media`."""
        query = await self.bound(question, values)
        return await self.engine.query(query, client=client, results=media, gzip=gzip)


def check(question: Question, values: Mapping[str, str]) -> None:
    """Checks given values more strictly than Python's own readers do: one written form, one meaning.

    Raises:
        Refused: A value is not of its parameter's kind, or there is no such parameter.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    for name, value in values.items():
        if name not in known:
            raise refuse("bad-parameter", f"there is no parameter {name!r}", parameters=list(known))
        kind = known[name].kind
        if len(value) > LONGEST_VALUE or not re.search(PATTERNS[kind], value) or "\n" in value:
            example = known[name].example
            raise refuse("bad-parameter", f"the parameter {name!r} is of kind {kind}; for example {example}")

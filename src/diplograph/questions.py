"""Saved questions: one SPARQL file, four lives (tested competency question, command, web operation, form).

A file `queries/questions/NAME.rq` begins with header lines `#+ `, which together are YAML in the manner of
grlc: `summary` (the question in plain words), `description`, `tags`, and `params`, each with `name`, `type`,
`description`, `example` and, where it may be left out, `default`. A parameter `person` is the variable
`?_person` of the query. Values are bound as terms, never pasted in.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode

from diplograph import sparql
from diplograph.errors import InvalidValue, NotFound, Place, SyntaxProblem, nearest
from diplograph.names import names_of
from diplograph.vocabulary import XSD, expand, prefixes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from diplograph.sparql import Term
    from diplograph.store import Store, Table
    from diplograph.workspace import Workspace

Kind = OneOf["entity", "date", "string", "integer", "iri"]
_MARK = "#+"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a person may vary in a question.

    Args:
        name: The name, without the `?_` of its variable.
        kind: `entity` (a name in any spelling, a CURIE or an IRI), `date`, `string`, `integer` or `iri`.
        description: What it is, in a sentence.
        example: A value that has an answer.
        default: The value if none is given; None if one must be.
        cls: For an entity, the class it must be of.
    """

    name: str
    kind: Kind
    description: str
    example: str
    default: str | None = None
    cls: NamedNode | None = None

    def term(self, value: str, store: Store, known: Mapping[str, str]) -> Term:
        """Returns a given value as a term.

        Raises:
            InvalidValue: The value is not of the parameter's kind.
            NotFound: No entity, or more than one, bears the name.
            UnknownTerm: The prefix of a CURIE is unknown.
        """
        if self.kind == "entity":
            return names_of(store).resolve(value, self.cls, known)
        if self.kind == "iri":
            return expand(value, dict(known))
        if self.kind == "date":
            return Literal(self._checked(value, datetime.date.fromisoformat, "YYYY-MM-DD"), datatype=XSD.date)
        if self.kind == "integer":
            return Literal(self._checked(value, int, "a whole number"), datatype=XSD.integer)
        return Literal(value)

    def _checked(self, value: str, read: Any, form: str) -> str:
        try:
            return str(read(value))
        except ValueError as error:
            raise InvalidValue(
                f"{value!r} is no {self.kind} for the parameter {self.name!r}",
                hint=f"write {form}, such as {self.example}",
            ) from error


@dataclass(frozen=True, slots=True)
class Question:
    """A saved question.

    Args:
        name: The name of its file, without `.rq`.
        query: The text of the file.
        summary: The question in plain words.
        description: What a reader of the answer should know.
        tags: Words to sort questions by.
        parameters: What may be varied, in the order of the header.
        path: The file.
    """

    name: str
    query: str
    summary: str
    description: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    path: Path | None = field(default=None, compare=False)

    def bind(self, values: Mapping[str, str], store: Store, known: Mapping[str, str] | None = None) -> str:
        """Returns the query with its parameters bound.

        Args:
            values: Parameter name to value, as a person writes it.
            store: Where names are looked up.
            known: The prefixes that CURIEs may use.

        Raises:
            NotFound: A parameter does not exist (with the nearest), or a name is unknown or ambiguous.
            InvalidValue: A parameter is missing, or its value is not of its kind.
        """
        known = known or {}
        named = {parameter.name: parameter for parameter in self.parameters}
        for given in values:
            if given not in named:
                raise NotFound(
                    f"the question {self.name!r} has no parameter {given!r}",
                    code="unknown-parameter",
                    suggestions=nearest(given, named) or list(named),
                )
        bound: dict[str, Term] = {}
        for name, parameter in named.items():
            value = values.get(name, parameter.default)
            if value is None:
                raise InvalidValue(
                    f"the question {self.name!r} needs the parameter {name!r}: {parameter.description}",
                    code="missing-parameter",
                    hint=f"for example {name}={parameter.example!r}",
                )
            bound[f"_{name}"] = parameter.term(value, store, known)
        return sparql.bind(self.query, bound)


def load(workspace: Workspace) -> dict[str, Question]:
    """Reads all saved questions, by name.

    Raises:
        SyntaxProblem: A header is malformed: file, line and what is wrong.
    """
    known = prefixes(workspace)
    return {path.stem: read(path, known) for path in sorted(workspace.questions.glob("*.rq"))}


def named(workspace: Workspace, name: str) -> Question:
    """Returns one saved question.

    Raises:
        NotFound: There is none of that name; the nearest are suggested.
    """
    path = workspace.questions / f"{name}.rq"
    known = [each.stem for each in workspace.questions.glob("*.rq")]
    if name not in known:
        raise NotFound(
            f"no saved question is called {name!r}",
            code="unknown-question",
            suggestions=nearest(name, known),
            hint=None if nearest(name, known) else "`diplograph questions` lists them",
        )
    return read(path, prefixes(workspace))


def read(path: Path, known: Mapping[str, str]) -> Question:
    """Reads one question file.

    Raises:
        SyntaxProblem: The header is malformed, or a parameter is not used in the query.
    """
    query = path.read_text(encoding="utf-8")
    head = header(query, path)
    if not isinstance(head.get("summary"), str):
        raise SyntaxProblem("a question needs a summary", place=Place(path, 1), hint="write `#+ summary: …?`")
    parameters = tuple(_parameter(each, path, known) for each in head.get("params") or [])
    used = set(sparql.variables(query))
    for parameter in parameters:
        if f"_{parameter.name}" not in used:
            raise SyntaxProblem(
                f"the parameter {parameter.name!r} is not used: there is no ?_{parameter.name}",
                place=Place(path, 1),
            )
    return Question(
        path.stem,
        query,
        head["summary"],
        str(head.get("description") or ""),
        tuple(str(tag) for tag in head.get("tags") or []),
        parameters,
        path,
    )


def ask(
    store: Store,
    question: Question,
    values: Mapping[str, str] | None = None,
    known: Mapping[str, str] | None = None,
    *,
    deadline: float | None = None,
) -> Table:
    """Asks a saved question.

    Args:
        store: Whom to ask.
        question: The question.
        values: Parameter name to value, as a person writes it.
        known: The prefixes that CURIEs may use.
        deadline: Seconds after which to give up.

    Raises:
        NotFound, InvalidValue: As `Question.bind`.
    """
    return store.select(question.bind(values or {}, store, known), deadline=deadline)


def header(query: str, path: Path | None = None) -> dict[str, Any]:
    """Returns the YAML of the header lines of a query file.

    Raises:
        SyntaxProblem: The lines are not a YAML mapping.
    """
    import yaml

    lines = [line for line in query.splitlines() if line.startswith(_MARK)]
    try:
        found = yaml.safe_load("\n".join(line.removeprefix(_MARK).removeprefix(" ") for line in lines))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise SyntaxProblem(
            f"the header is not YAML: {getattr(error, 'problem', error)}",
            place=Place(path, line),
            hint="put a value that holds `: ` or begins with a special character in quotes",
        ) from error
    if not isinstance(found, dict):
        raise SyntaxProblem("the file has no header", place=Place(path, 1), hint="begin with `#+ summary: …`")
    return found


def _parameter(given: Any, path: Path, known: Mapping[str, str]) -> Parameter:
    place = Place(path, 1)
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        raise SyntaxProblem(
            "a parameter needs a name that is text", place=place, hint='quote YAML words: name: "on"'
        )
    missing = [key for key in ("type", "description", "example") if key not in given]
    if missing:
        raise SyntaxProblem(f"the parameter {given['name']!r} lacks {', '.join(missing)}", place=place)
    if given["type"] not in get_args(Kind):
        raise SyntaxProblem(
            f"the parameter {given['name']!r} has the unknown type {given['type']!r}",
            place=place,
            hint="one of " + ", ".join(get_args(Kind)),
        )
    default = given.get("default")
    return Parameter(
        given["name"],
        given["type"],
        str(given["description"]),
        str(given["example"]),
        None if default is None else str(default),
        expand(given["class"], dict(known)) if "class" in given else None,
    )

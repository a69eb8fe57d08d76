"""The description of the questions as a web API (OpenAPI 3.1), generated from their headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diplograph.server.asking import LONGEST_VALUE, PATTERNS
from diplograph.server.problems import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diplograph.questions import Parameter, Question

FORMATS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
_PROBLEMS = (
    "bad-parameter",
    "not-found",
    "not-acceptable",
    "too-large",
    "overloaded",
    "deadline",
    "result-too-large",
)
_SCHEMAS = {"date": {"format": "date"}, "integer": {}, "iri": {"format": "uri"}, "entity": {}, "string": {}}


def describe(questions: Mapping[str, Question], server: str, version: str) -> dict[str, Any]:
    """Returns the OpenAPI document.

    Args:
        questions: The saved questions by name.
        server: The address of the server.
        version: The version of the software.
    """
    paths: dict[str, Any] = {"/api/questions": {"get": _listing()}}
    for name, question in sorted(questions.items()):
        paths[f"/api/questions/{name}"] = {"get": _operation(question)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Diplograph: questions about diplomacy",
            "version": version,
            "description": "Each saved question is an operation. Each tells what it rests on (`why=true`).",
            "license": {"name": "CC BY 4.0", "identifier": "CC-BY-4.0"},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": _schemas(), "responses": _responses()},
    }


def _listing() -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Questions"}}}
    return {
        "operationId": "questions",
        "summary": "Which questions are there?",
        "responses": {
            "200": {"description": "The saved questions.", "content": content},
            **_failures(("not-acceptable",)),
        },
    }


def _operation(question: Question) -> dict[str, Any]:
    results = {"schema": {"$ref": "#/components/schemas/Results"}}
    content: dict[str, Any] = {FORMATS["json"]: results}
    content |= {FORMATS[name]: {"schema": {"type": "string"}} for name in ("xml", "csv", "tsv")}
    parameters = [_parameter(parameter) for parameter in question.parameters]
    return {
        "operationId": question.name,
        "summary": question.summary,
        **({"description": question.description} if question.description else {}),
        "tags": list(question.tags),
        "parameters": [*parameters, *_COMMON],
        "responses": {"200": {"description": "The rows.", "content": content}, **_failures(_PROBLEMS)},
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST_VALUE}
    schema |= {"pattern": PATTERNS[parameter.kind], **_SCHEMAS[parameter.kind]}
    if parameter.default is not None:
        schema["default"] = parameter.default
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.default is None,
        "description": parameter.description,
        "schema": schema,
        "example": parameter.example,
    }


_COMMON: list[dict[str, Any]] = [
    {
        "name": "format",
        "in": "query",
        "description": "The format of the answer; without it the Accept header decides.",
        "schema": {"type": "string", "enum": list(FORMATS)},
    },
    {
        "name": "why",
        "in": "query",
        "description": "Whether rows say what they rest on: in JSON with triples, else in a column.",
        "schema": {"type": "string", "enum": ["true", "false"], "default": "false"},
    },
]


def _failures(codes: tuple[str, ...]) -> dict[str, Any]:
    statuses = {KINDS[code].status for code in codes} | {400, 405, 500}
    return {str(status): {"$ref": "#/components/responses/Problem"} for status in sorted(statuses)}


def _responses() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "Problem": {
            "description": "What went wrong.",
            "content": {"application/problem+json": {"schema": schema}},
        }
    }


def _schemas() -> dict[str, Any]:
    text = {"type": "string"}
    term = {
        "type": "object",
        "required": ["type", "value"],
        "properties": {
            "type": {"enum": ["uri", "literal", "bnode"]},
            "value": text,
            "xml:lang": text,
            "datatype": text,
        },
    }
    graph = {
        "type": "object",
        "required": ["graph"],
        "properties": {"graph": text, "says": {"type": ["string", "null"]}},
    }
    reason = {
        "type": "object",
        "required": ["triple", "graphs"],
        "properties": {
            "triple": {"type": "array", "items": text, "minItems": 3, "maxItems": 3},
            "graphs": {"type": "array", "items": graph},
        },
    }
    parameter = {
        "type": "object",
        "required": ["name", "kind", "description", "example", "required"],
        "properties": {
            "name": text,
            "kind": text,
            "description": text,
            "example": text,
            "required": {"type": "boolean"},
        },
    }
    question = {
        "type": "object",
        "required": ["name", "summary", "href", "tags", "parameters"],
        "properties": {
            "name": text,
            "summary": text,
            "description": text,
            "href": text,
            "tags": {"type": "array", "items": text},
            "parameters": {"type": "array", "items": parameter},
        },
    }
    results = {
        "type": "object",
        "required": ["head", "results"],
        "properties": {
            "head": {"type": "object", "properties": {"vars": {"type": "array", "items": text}}},
            "results": {
                "type": "object",
                "required": ["bindings"],
                "properties": {
                    "bindings": {"type": "array", "items": {"type": "object", "additionalProperties": term}}
                },
            },
            "why": {"type": "array", "items": {"type": "array", "items": reason}},
        },
    }
    problem = {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "code": text,
        },
    }
    questions = {
        "type": "object",
        "required": ["questions"],
        "properties": {"questions": {"type": "array", "items": {"$ref": "#/components/schemas/Question"}}},
    }
    return {"Question": question, "Questions": questions, "Results": results, "Problem": problem}

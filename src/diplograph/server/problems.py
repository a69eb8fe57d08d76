"""Answers that say what went wrong, as `application/problem+json` (RFC 9457): no paths, no stack traces."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

BASE = "https://w3id.org/diplograph/problem/"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its HTTP status, its title, and what a client can do."""

    status: int
    title: str
    advice: str


KINDS = {
    "bad-request": Kind(400, "The request is not well-formed", "Correct the request."),
    "syntax": Kind(400, "The query or the data is not well-formed", "Line and column say where."),
    "bad-parameter": Kind(
        400, "A parameter has no acceptable value", "The API description lists the parameters."
    ),
    "dataset-conflict": Kind(
        400, "The update names its graphs twice", "Use either the protocol's parameters or USING and WITH."
    ),
    "unauthorised": Kind(
        401, "The token is missing or wrong", "Send `Authorization: Bearer` with the server's token."
    ),
    "read-only": Kind(
        403, "This server is read-only", "Ask whoever runs it; writing needs a writable server."
    ),
    "service-refused": Kind(403, "Calls to other servers are refused", "Query the other server yourself."),
    "not-found": Kind(404, "There is nothing by that name", "Check the address."),
    "method-not-allowed": Kind(
        405, "The method is not offered here", "The Allow header lists those that are."
    ),
    "not-acceptable": Kind(
        406, "None of the acceptable formats is offered", "The problem lists what is offered."
    ),
    "slow-body": Kind(408, "The request's body came too slowly", "Send it again, faster or in parts."),
    "conflict": Kind(409, "The store changed under the write", "Send it again."),
    "too-large": Kind(413, "The request is too large", "Send less, or send it in parts."),
    "media-type": Kind(415, "The body's media type is not supported", "The problem lists what is taken."),
    "invalid-data": Kind(
        422, "The data violates the shapes; nothing was written", "The report says what and where."
    ),
    "internal": Kind(500, "The server failed", "Whoever runs it finds the request id in the log."),
    "overloaded": Kind(503, "The server is busy", "Come back after the seconds that Retry-After says."),
    "deadline": Kind(504, "The query took too long and was stopped", "Ask for less at a time."),
    "result-too-large": Kind(
        507, "The answer is larger than this server gives", "Ask for less, or use LIMIT."
    ),
    "resources": Kind(
        507, "The query needed more memory or stack than it may", "Ask for less, or simplify the query."
    ),
}
"""All kinds, by their code; `docs/server.md` lists them."""


class Refused(Exception):
    """Ends a request with the response that it carries."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def problem(
    code: str, detail: str = "", *, headers: dict[str, str] | None = None, **members: Any
) -> Response:
    """Returns the response for a kind of problem.

    Args:
        code: One of `KINDS`.
        detail: What is wrong with this request.
        headers: Header fields to add.
        members: What a program may want to read: line, column, offered formats, a report.
    """
    kind = KINDS[code]
    content = {"type": BASE + code, "title": kind.title, "status": kind.status, "code": code}
    content |= {"detail": detail or kind.advice} | members
    fields = {"Cache-Control": "no-store", **(headers or {})}
    body = json.dumps(content, ensure_ascii=False, default=str).encode("utf-8", "replace")
    return Response(body, kind.status, fields, media_type="application/problem+json")


def refuse(code: str, detail: str = "", *, headers: dict[str, str] | None = None, **members: Any) -> Refused:
    """Returns the exception to raise for a kind of problem; the arguments are those of `problem`."""
    return Refused(problem(code, detail, headers=headers, **members))

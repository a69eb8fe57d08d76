"""Reading requests, within limits, and the small parts of HTTP that every endpoint shares."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect

from diplograph.server.problems import refuse

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

MOST_FIELDS = 1000
_HOST = re.compile(r"[A-Za-z0-9.\-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body with its media type, in lower case and without parameters."""

    data: bytes
    media: str
    parameters: dict[str, str]


def header(scope: Scope, name: bytes) -> str:
    """Returns a header field's value, its repetitions joined with commas; empty if absent."""
    values = [value.decode("latin-1") for field, value in scope["headers"] if field == name]
    return ", ".join(values)


def origin(scope: Scope, public_url: str | None = None) -> str:
    """Returns the scheme and authority under which the client sees this server, without a closing slash.

    Raises:
        Refused: The `Host` field is no host name.
    """
    if public_url is not None:
        return public_url.rstrip("/")
    host = header(scope, b"host")
    if not _HOST.fullmatch(host):
        raise refuse("bad-request", "the Host field is no host name")
    return f"{scope['scheme']}://{host}"


def fields(query_string: bytes) -> list[tuple[str, str]]:
    """Decodes a query string or a form; every octet must be UTF-8 after percent-decoding.

    Raises:
        Refused: It is not, or there are too many fields.
    """
    try:
        return parse_qsl(
            query_string.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except UnicodeDecodeError:
        raise refuse("bad-request", "the parameters are not percent-encoded UTF-8") from None
    except ValueError:
        raise refuse("bad-request", f"there are more than {MOST_FIELDS} parameters") from None


def values(found: list[tuple[str, str]], name: str) -> list[str]:
    """Returns all values of a field, in order."""
    return [value for key, value in found if key == name]


def content_type(scope: Scope) -> tuple[str, dict[str, str]]:
    """Returns the request's media type in lower case, empty if absent, and its parameters."""
    media, *rest = header(scope, b"content-type").split(";")
    pairs = [parameter.partition("=") for parameter in rest]
    return media.strip().lower(), {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


async def read_body(scope: Scope, receive: Receive, *, limit: int, seconds: float) -> Body:
    """Reads a request's body.

    Raises:
        Refused: It is larger than the limit (413, told from its head where that says so), or takes longer
            than
            the seconds (408), or is encoded (415).
        ClientDisconnect: The client has gone.
    """
    close = {"Connection": "close"}
    length = header(scope, b"content-length")
    if length.isdigit() and int(length) > limit:
        raise refuse("too-large", f"at most {limit} octets are taken", headers=close)
    if header(scope, b"content-encoding").lower() not in ("", "identity"):
        raise refuse("media-type", "encoded bodies are not taken", headers=close)
    data = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for part in _parts(receive):
                data += part
                if len(data) > limit:
                    raise refuse("too-large", f"at most {limit} octets are taken", headers=close)
    except TimeoutError:
        raise refuse("slow-body", f"it must arrive within {seconds:g} seconds", headers=close) from None
    media, parameters = content_type(scope)
    return Body(bytes(data), media, parameters)


async def _parts(receive: Receive) -> Any:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


def utf8(body: Body) -> str:
    """Returns a body as text.

    Raises:
        Refused: It is declared to be, or is, something else than UTF-8.
    """
    charset = body.parameters.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise refuse("media-type", "the body must be UTF-8")
    try:
        return body.data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refuse("bad-request", f"the body is not UTF-8 at octet {error.start}") from None

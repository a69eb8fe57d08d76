"""HTTP to an endpoint: who we are, one request at a time, and what an answer that is none means."""

from __future__ import annotations

import html
import os
import re
from typing import TYPE_CHECKING, Any

import httpx

from diplograph.errors import RemoteFailure, ResourceLimit, SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Generator

TIMEOUT = 60.0
"""Seconds to wait for an answer, if nothing else is said."""


class Credentials(httpx.Auth):
    """A token, or a user and a password by the scheme that the server asks for (Basic or Digest).

    Only a token is sent before the server asks.
    """

    def __init__(self, user: str | None = None, password: str = "", token: str | None = None) -> None:
        self._token = token
        self._pair = (user, password) if user and not token else None
        self._scheme: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Answers a challenge once, and keeps to the scheme found."""
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        if self._scheme is None:
            response = yield request
            if response.status_code != 401 or self._pair is None:
                return
            digest = response.headers.get("WWW-Authenticate", "").lower().startswith("digest")
            self._scheme = (httpx.DigestAuth if digest else httpx.BasicAuth)(*self._pair)
        yield from self._scheme.auth_flow(request)


def http_client() -> httpx.Client:
    """Returns a client with the credentials of the environment."""
    get = os.environ.get
    auth = Credentials(get("DIPLOGRAPH_USER"), get("DIPLOGRAPH_PASSWORD", ""), get("DIPLOGRAPH_TOKEN"))
    return httpx.Client(headers={"user-agent": "diplograph"}, auth=auth, follow_redirects=True)


def send(
    client: httpx.Client, method: str, url: str, *, timeout: float = TIMEOUT, **options: Any
) -> httpx.Response:
    """Sends one request and returns its answer, whole.

    Args:
        client: The client; its credentials go along.
        method: The HTTP method.
        url: Where to.
        timeout: Seconds to wait.
        options: As of `httpx.Client.request`.

    Raises:
        RemoteFailure: Not reached, refused, broken off, or failed, with the endpoint's own words.
        SyntaxProblem: The endpoint does not accept the query.
        ResourceLimit: No answer in time.
    """
    try:
        answer = client.request(method, url, timeout=timeout, **options)
    except httpx.TimeoutException as error:
        raise ResourceLimit(f"{url} did not answer within {timeout:g} s", code="deadline") from error
    except httpx.RemoteProtocolError as error:
        raise RemoteFailure(f"{url} broke off its answer: {error}", code="cut-short") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise RemoteFailure(
            f"{url} cannot be reached: {error}",
            hint="is the server running, and the URL right?",
            code="unreachable",
        ) from error
    raise_for_status(answer, url)
    return answer


def raise_for_status(answer: httpx.Response, endpoint: str) -> None:
    """Turns an HTTP error into ours, with the endpoint's own words.

    Raises:
        RemoteFailure: The status is 400 or more.
        SyntaxProblem: It is 400, which the Protocol gives to queries that cannot be parsed.
        ResourceLimit: The endpoint is too busy or too slow.
    """
    if answer.is_success:
        return
    status = answer.status_code
    if status in (401, 403):
        raise RemoteFailure(
            f"{endpoint} refused the credentials ({status})",
            hint="set DIPLOGRAPH_TOKEN, or DIPLOGRAPH_USER and DIPLOGRAPH_PASSWORD",
            code="unauthorised",
        )
    text = answer.text
    plain = html.unescape(re.sub(r"<[^>]*>", " ", text)) if "<html" in text.lower() else text
    said = " ".join(plain.split("SPARQL query:")[0].split())[:400]
    if status == 400:
        raise SyntaxProblem(f"{endpoint} does not accept the request: {said}", code="refused")
    if status in (408, 429, 503, 504):
        raise ResourceLimit(f"{endpoint} is too busy or too slow ({status}): {said}", code="deadline")
    raise RemoteFailure(f"{endpoint} answered {status}: {said}")

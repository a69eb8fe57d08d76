"""Connections that cannot be held open for nothing: limits that uvicorn itself does not have."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diplograph.server.settings import Settings

LARGEST_HEAD = 64 * 1024


def _answer(status: str, title: str, code: str) -> bytes:
    body = f'{{"title":"{title}","status":{status[:3]},"code":"{code}"}}'
    head = f"HTTP/1.1 {status}\r\nconnection: close\r\nretry-after: 2\r\n"
    head += "content-type: application/problem+json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n{body}".encode()


_BUSY = _answer("503 Service Unavailable", "Too many connections are open", "overloaded")
_LARGE = _answer("431 Request Header Fields Too Large", "The request's head is too large", "too-large")


def _fastest() -> type[Any]:
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol

        return H11Protocol
    return HttpToolsProtocol


def guarded(settings: Settings) -> type[asyncio.Protocol]:
    """Returns uvicorn's HTTP protocol with four more limits.

    A connection is closed when no whole request head has arrived within `header_seconds` of its opening, of
    the last answer's end or of the head's first octet; it is aborted when the client takes in nothing for
    `body_seconds`; it is refused when `connections` are open, and so is a head of more than 64 KiB. The
    body is the endpoints' matter.
    """
    inherited: Any = _fastest()

    class Guarded(inherited):  # type: ignore[misc]  # the base is chosen by what is installed
        head_octets = 0
        head_timer: asyncio.TimerHandle | None = None
        write_timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            if len(self.connections) > settings.connections:
                transport.write(_BUSY)
                transport.close()
            else:
                self._expect_head()

        def data_received(self, data: bytes) -> None:
            if self.transport.is_closing():
                return
            super().data_received(data)
            if self._in_request():
                self.head_octets = 0
                self._stop("head_timer")
                return
            self.head_octets += len(data)
            if self.head_octets > LARGEST_HEAD:
                self.transport.write(_LARGE)
                self.transport.close()
            elif self.head_timer is None and not self.transport.is_closing():
                self._expect_head()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self.head_octets = 0
            if not self._in_request() and not self.transport.is_closing():
                self._expect_head()

        def pause_writing(self) -> None:
            super().pause_writing()
            self.write_timer = asyncio.get_running_loop().call_later(
                settings.body_seconds, self.transport.abort
            )

        def resume_writing(self) -> None:
            super().resume_writing()
            self._stop("write_timer")

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop("head_timer")
            self._stop("write_timer")
            super().connection_lost(exc)

        def _in_request(self) -> bool:
            return self.cycle is not None and not self.cycle.response_complete

        def _expect_head(self) -> None:
            self._stop("head_timer")
            loop = asyncio.get_running_loop()
            self.head_timer = loop.call_later(settings.header_seconds, self.transport.close)

        def _stop(self, name: str) -> None:
            timer = getattr(self, name)
            if timer is not None:
                timer.cancel()
                setattr(self, name, None)

    return Guarded

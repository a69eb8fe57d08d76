"""Starting the server: the application under uvicorn, with its limits and its log."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import socket
import sys
from typing import TYPE_CHECKING, Any

import uvicorn

from diplograph.errors import InvalidValue
from diplograph.server.app import Application, workspace
from diplograph.server.connection import guarded
from diplograph.server.edge import JsonLines
from diplograph.server.settings import LOOPBACK, Settings

if TYPE_CHECKING:
    from pathlib import Path

KEEP_ALIVE_SECONDS = 15
SHUTDOWN_SECONDS = 10
FILES_BESIDE_CONNECTIONS = 128

log = logging.getLogger("diplograph.server")


def run(
    build_dir: Path,
    *,
    host: str = LOOPBACK,
    port: int = 7878,
    token: str | None = None,
    writable: Path | None = None,
    access_log: bool = True,
    **limits: Any,
) -> None:
    """Serves a build until the process is told to end (SIGINT or SIGTERM).

    Args:
        build_dir: The build folder, its `graph` link, or the folder of a store.
        host: Where to listen.
        port: Where to listen.
        token: What writers must send; else `DIPLOGRAPH_TOKEN`, which is not visible to other users of the
            machine.
        writable: The folder that writes go to; without it the server is read-only.
        access_log: Whether each request is logged, as a line of JSON on standard error.
        limits: Any other of the `Settings`.

    Raises:
        NotFound: There is no built store.
        InvalidValue: The settings contradict each other, or the address cannot be listened on.
    """
    token = token or os.environ.get("DIPLOGRAPH_TOKEN")
    settings = Settings(build_dir, host=host, port=port, token=token, writable=writable, **limits)
    _set_up_logging(access_log)
    _raise_file_limit(settings.connections)
    application = Application(settings, workspace())
    config = uvicorn.Config(
        application.asgi(),
        host=settings.host,
        port=settings.port,
        http=guarded(settings),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    with _listening(settings) as listening:
        host, port = listening.getsockname()[:2]
        log.info("serving http://%s:%d/", f"[{host}]" if ":" in host else host, port)
        _Server(config, application).run([listening])


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server(
            (settings.host, settings.port), family=family, backlog=settings.connections
        )
    except OSError as error:
        raise InvalidValue(
            f"cannot listen on {settings.host}:{settings.port}: {os.strerror(error.errno or 0)}",
            hint="another server may be there already: choose another --port, or --port 0 for a free one",
        ) from error


class _Server(uvicorn.Server):
    """Lets running queries finish for a while when told to end, then ends them with an honest answer."""

    def __init__(self, config: uvicorn.Config, application: Application) -> None:
        super().__init__(config)
        self.application = application

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        ending = asyncio.create_task(self.application.end())
        await super().shutdown(sockets)
        await ending


def _set_up_logging(access_log: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("diplograph", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("diplograph.server.access").setLevel(logging.INFO if access_log else logging.WARNING)


def _raise_file_limit(connections: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + FILES_BESIDE_CONNECTIONS
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))

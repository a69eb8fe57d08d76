"""The ASGI application: which address is answered by what."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from diplograph import __version__
from diplograph.errors import NotFound
from diplograph.server.api import Api, Forms
from diplograph.server.asking import Asking
from diplograph.server.describe import Description
from diplograph.server.edge import Edge, Metrics
from diplograph.server.engine import Engine
from diplograph.server.graphstore import GraphStore
from diplograph.server.linked import Names
from diplograph.server.messages import header, origin
from diplograph.server.negotiate import GRAPHS, best, content_type
from diplograph.server.pages import Pages
from diplograph.server.problems import refuse
from diplograph.server.protocol import REVALIDATE, Sparql, client_of
from diplograph.server.site import Site
from diplograph.server.vocabularies import Vocabularies
from diplograph.server.writes import Writes
from diplograph.vocabulary import prefixes
from diplograph.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from diplograph.server.settings import Settings

log = logging.getLogger(__name__)

VERSIONED = ("ontology", "alignment")
GRAPH_PAGES = ("/alignment", "/reference/{name}", "/graph/{name}")
SHUTDOWN_GRACE = 5.0


class Application:
    """The parts of one server, and their life."""

    def __init__(self, settings: Settings, workspace: Workspace | None = None) -> None:
        self.settings, self.workspace = settings, workspace
        known = prefixes(workspace) if workspace is not None else {}
        self.engine = Engine(settings, known)
        self.writes = Writes(self.engine, workspace)
        self.description = Description(self.engine)
        self.metrics = Metrics(self.engine)
        self.names = Names(self.engine, known)
        self.asking = Asking(self.engine, workspace, known)

    def asgi(self) -> ASGIApp:
        """Returns the application with everything that protects it."""
        graph_store = GraphStore(self.engine, self.writes)
        pages, site = Pages(self.engine, self.names), Site(self.engine, self.names)
        vocabularies = Vocabularies(self.engine, self.names, pages, self.workspace)
        api, forms = Api(self.asking, __version__), Forms(self.asking, self.names)
        routes = [
            Route("/", site.home),
            Route("/style.css", site.style),
            Route("/icon.svg", site.icon),
            Route("/problem/{code}", site.problem),
            Route("/api/questions", api.listing),
            Route("/api/questions/{name}", api.answer),
            Route("/api/openapi.json", api.openapi),
            Route("/questions", forms.listing),
            Route("/questions/{name}", forms.question),
            Route("/articles", pages.articles),
            Route("/article/{slug:path}", pages.article),
            Route("/id/{slug:path}", pages.entity),
            Route("/ontology", vocabularies.ontology),
            *(Route(f"/{each}/{{version}}", vocabularies.version, name=each) for each in VERSIONED),
            Route("/shapes", vocabularies.shapes),
            *(Route(path, pages.graph) for path in GRAPH_PAGES),
            Route("/health", self.health),
            Route("/metrics", self.prometheus),
            Route("/.well-known/void", self.void),
            Route("/graphs", graph_store),
            Route("/graphs/{path:path}", graph_store),
        ]
        app = Router(routes, redirect_slashes=False, default=_nothing, lifespan=self.life)
        sparql = Sparql(self.engine, self.description.service, self.writes.update, site.sparql)
        writing = ", PUT, POST, DELETE" if self.settings.writable is not None else ""
        methods = {"/sparql": "GET, HEAD, POST, OPTIONS", "/graphs": f"GET, HEAD{writing}, OPTIONS"}
        return Edge(app, sparql, self.metrics, methods, site.refusal)

    @contextlib.asynccontextmanager
    async def life(self, _app: Any) -> AsyncIterator[None]:
        """Starts the processes, follows new builds, and ends what runs when the server does."""
        await self.engine.pool.start()
        await self.writes.start()
        following = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            following.cancel()
            await self.end()

    async def end(self) -> None:
        """Waits for what runs, for a while, and ends it; whoever waits for an answer is told."""
        await asyncio.gather(self.writes.close(SHUTDOWN_GRACE), self.engine.pool.close(SHUTDOWN_GRACE))

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self.settings.follow_seconds)
            if self.engine.generations.refresh():
                self.engine.changed()

    async def health(self, _request: Request) -> Response:
        """Tells whether queries are answered, and from which data."""
        await self.engine.query("ASK {}", client="health")
        return JSONResponse(
            {"status": "ok", "dataset": self.engine.generations.current.digest},
            headers={"Cache-Control": "no-store"},
        )

    async def prometheus(self, _request: Request) -> Response:
        """Gives the metrics."""
        text = generate_latest(self.metrics.registry)
        return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})

    async def void(self, request: Request) -> Response:
        """Gives the VoID description."""
        media = best(header(request.scope, b"accept"), tuple(GRAPHS))
        if media is None:
            raise refuse("not-acceptable", offered=list(GRAPHS))
        where = origin(request.scope, self.settings.public_url)
        body = await self.description.void(where, media, client_of(request.scope))
        return Response(body, headers=REVALIDATE, media_type=content_type(media))


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise refuse("not-found")


def create_app(settings: Settings, given: Workspace | None = None) -> ASGIApp:
    """Returns the ASGI application of a server with these settings.

    Args:
        settings: Its settings.
        given: Where prefixes, saved questions and shapes are; the one around the current folder if not
            given.

    Raises:
        NotFound: There is no built store.
        InvalidValue: The writable folder holds something else.
    """
    return Application(settings, given or workspace()).asgi()


def workspace() -> Workspace | None:
    """Returns the workspace around the current folder, else the package's own; None without any."""
    try:
        return Workspace.find()
    except NotFound:
        return None

"""The outermost layer: request ids, logs, metrics, security headers, CORS, errors that give nothing away."""

from __future__ import annotations

import itertools
import json
import logging
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from diplograph.server.messages import header
from diplograph.server.negotiate import best
from diplograph.server.problems import Refused, problem, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from diplograph.server.engine import Engine

access = logging.getLogger("diplograph.server.access")
log = logging.getLogger(__name__)

CLIENT_GONE = 499
READING = "GET, HEAD, OPTIONS"
SECURITY = [
    (b"content-security-policy", b"default-src 'none'; style-src 'self'; img-src 'self' data:; "
     b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link, Location, Retry-After, X-Request-Id"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]  # fmt: skip
HTML = "text/html"
_PROBLEMS = ("application/problem+json", HTML)
_FOR_PROGRAMS = ("/sparql", "/graphs", "/api", "/.well-known", "/health", "/metrics")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ROUTES = frozenset({
    "sparql", "graphs", "api", "questions", "id", "article", "ontology", "alignment", "reference", "graph",
    "shapes", ".well-known", "health", "metrics", "problem", "style.css", "icon.svg", "articles", "",
})  # fmt: skip


class Metrics:
    """What Prometheus is told, in a registry of this server's own."""

    def __init__(self, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        labels = ("route", "status")
        self.requests = Counter("diplograph_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "diplograph_request_seconds",
            "Time from a request's head to its answer's end.",
            ("route",),
            buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
            registry=self.registry,
        )
        self._watch("diplograph_queries_running", "Queries that run.", lambda: engine.pool.running)
        self._watch("diplograph_queries_waiting", "Queries that wait.", lambda: engine.pool.queued)
        self._watch("diplograph_query_processes_ended", "Query processes ended.", lambda: engine.pool.ended)
        self._watch("diplograph_cache_hits", "Answers given from memory.", lambda: engine.cache.hits)
        self._watch("diplograph_cache_bytes", "Memory that answers take.", lambda: engine.cache.used)
        self._counts: dict[tuple[str, int], Any] = {}
        self._times: dict[str, Any] = {}

    def _watch(self, name: str, text: str, value: Any) -> None:
        Gauge(name, text, registry=self.registry).set_function(value)

    def note(self, route: str, status: int, seconds: float) -> None:
        """Counts an answered request."""
        count = self._counts.get((route, status))
        if count is None:
            count = self._counts[route, status] = self.requests.labels(route, str(status))
            self._times.setdefault(route, self.seconds.labels(route))
        count.inc()
        self._times[route].observe(seconds)


class Edge:
    """Wraps the application.

    Args:
        app: What answers everything but the SPARQL endpoint.
        sparql: The SPARQL endpoint, reached without the router as most requests are for it.
        metrics: Where requests are counted.
        methods: The methods that a route offers, where it is more than reading.
        show: Makes a page of a problem, for people.
    """

    def __init__(
        self,
        app: ASGIApp,
        sparql: ASGIApp,
        metrics: Metrics,
        methods: dict[str, str],
        show: Callable[[Refused], Response],
    ) -> None:
        self.app, self.sparql, self.metrics, self.methods, self.show = app, sparql, metrics, methods, show
        self._boot = secrets.token_hex(4)
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, whatever happens."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = self._request_id(scope)
        status, octets = 0, 0

        async def answer(message: Message) -> None:
            nonlocal status, octets
            if message["type"] == "http.response.start":
                status = message["status"]
                extra = [*SECURITY, (b"x-request-id", request_id.encode())]
                message = {**message, "headers": [*message["headers"], *extra]}
            else:
                octets += len(message.get("body", b""))
            await send(message)

        route = self._route(scope["path"])
        try:
            methods = self.methods.get(route, READING)
            if scope["method"] == "OPTIONS":
                await self._options(scope, methods)(scope, receive, answer)
            elif scope["method"] not in methods.split(", "):
                raise refuse("method-not-allowed", headers={"Allow": methods})
            elif scope["path"] in ("/sparql", "/sparql/"):
                await self.sparql(scope, receive, answer)
            else:
                await self.app(scope, receive, answer)
        except Refused as refused:
            for_people = route not in _FOR_PROGRAMS and best(header(scope, b"accept"), _PROBLEMS) == HTML
            response = self.show(refused) if for_people else refused.response
            await response(scope, receive, answer)
        except ClientDisconnect:
            status = CLIENT_GONE
        except Exception:
            log.exception("request %s failed", request_id)
            if status:
                raise  # the head is out: the connection is closed, so that nobody takes a part for the whole
            await problem("internal")(scope, receive, answer)
        finally:
            seconds = time.perf_counter() - started
            self.metrics.note(route, status, seconds)
            if access.isEnabledFor(logging.INFO):
                self._log(scope, request_id, status, octets, seconds)

    def _request_id(self, scope: Scope) -> str:
        given = header(scope, b"x-request-id")
        return given if _REQUEST_ID.fullmatch(given) else f"{self._boot}-{next(self._numbers)}"

    @staticmethod
    def _route(path: str) -> str:
        first = path[1:].partition("/")[0]
        return f"/{first}" if first in _ROUTES else "other"

    @staticmethod
    def _options(scope: Scope, methods: str) -> Response:
        headers = {"Allow": methods}
        if header(scope, b"access-control-request-method"):
            headers |= {
                "Access-Control-Allow-Methods": methods,
                "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-None-Match",
                "Access-Control-Max-Age": "86400",
            }
        return Response(status_code=204, headers=headers)

    @staticmethod
    def _log(scope: Scope, request_id: str, status: int, octets: int, seconds: float) -> None:
        access.info(
            "request",
            extra={
                "fields": {
                    "request_id": request_id,
                    "client": scope["client"][0] if scope.get("client") else None,
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "octets": octets,
                    "ms": round(seconds * 1000, 2),
                }
            },
        )


class JsonLines(logging.Formatter):
    """One JSON object a line: control characters and line ends of clients are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns a record as JSON, with its fields and, for errors, its stack."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return json.dumps(line)

"""The web door: builds the HTTP app and serves it."""

import logging
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from agent.models import open_model
from parstock.errors import SetupError
from parstock.settings import Settings
from web import problems, routes_chat, routes_data
from web.auth import OpenShop
from web.gate import Gate
from web.idempotency import Idempotency
from web.shop import Shop

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "web" / "static"
MOST_PORTS = 65535
SHUTDOWN_SECONDS = 1
"""How long running requests may go on after the server was told to stop."""


def create_app(settings: Settings | None = None, *, shop: Shop | None = None) -> FastAPI:
    """Build the app.

    Args:
        settings: What to serve; read from the environment where not given (`uvicorn --factory server:create_app`).
        shop: The shop, where it is open already; the app closes it in the end.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = shop if shop is not None else await run_in_threadpool(Shop.open, settings or Settings.load())
        app.state.shop = opened
        try:
            yield
        finally:
            await run_in_threadpool(opened.close)

    app = FastAPI(
        title="Parstock",
        version=version("parstock"),
        description="An inventory planning agent: forecasts, plans and explains restock decisions.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(Idempotency)
    app.add_middleware(Gate)  # added last, so it is outermost
    problems.install(app)
    app.include_router(routes_chat.router)
    app.include_router(routes_data.router)
    app.add_api_route("/healthz", healthz, tags=["health"])
    app.add_api_route("/readyz", readyz, tags=["health"])
    app.add_api_route("/", page("index.html"), include_in_schema=False)
    app.add_api_route("/docs", page("docs.html"), include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


async def healthz() -> dict[str, str]:
    """Say that the process is alive; waits for nothing."""
    return {"status": "alive"}


def readyz(shop: OpenShop) -> Response:
    """Say whether database, search index, chat model and forecasts are ready; 503 where one is not."""
    parts = shop.readiness()
    ready = all(part.state == "ready" for part in parts.values())
    shown = {name: {key: value for key, value in asdict(part).items() if value} for name, part in parts.items()}
    return JSONResponse({"status": "ready" if ready else "not ready", **shown}, status_code=200 if ready else 503)


def page(name: str) -> Callable[[], FileResponse]:
    """Return a route that sends a static page."""

    def send() -> FileResponse:
        return FileResponse(STATIC / name, headers={"Cache-Control": "no-cache"})

    return send


def run(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    announce: Callable[[str], None] | None = None,
    tell: Callable[[str], None] | None = None,
) -> bool:
    """Serve until told to stop.

    The end waits for no work in the background and for running requests only a moment: such work cannot be interrupted
    in the middle of native code, and writes nothing that would be missed.

    Args:
        settings: What to serve.
        host: Address to listen on.
        port: Port to listen on; 0 takes any free one.
        announce: Told the URL once requests are accepted.
        tell: Told what is still made in the background then, and when each part of that is ready.

    Returns:
        Whether all threads that were begun have ended; where not, the process should end by `os._exit`.

    Raises:
        SetupError: The address cannot be used, or the database or the chat model cannot.
    """
    earlier = set(threading.enumerate())
    with listen(host, port) as listening:
        shop = Shop.open(settings, model=open_model(settings))
        url = address(listening)
        log.info("serving %s at %s", settings.home, url)
        if announce is not None:
            announce(url)
        if tell is not None:
            names = shop.watch(lambda name, state: tell(f"{name}: {' '.join(filter(None, (state.state, state.reason)))}"))
            tell(f"getting ready: {', '.join(names)}")
        config = uvicorn.Config(
            create_app(settings, shop=shop),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])
    return set(threading.enumerate()) <= earlier


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        SetupError: The address is taken, unknown, or not this machine's.
    """
    if not 0 <= port <= MOST_PORTS:
        raise SetupError(f"cannot serve on host {host!r}, port {port}: ports go from 0 to {MOST_PORTS}")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise SetupError(f"cannot serve on host {host!r}, port {port}: {error}") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(socket.SOMAXCONN)
    except OSError as error:
        listening.close()
        why = os.strerror(error.errno) if error.errno else str(error)
        raise SetupError(f"cannot serve on host {host!r}, port {port}: {why}; choose another with --port or --host") from error
    return listening


def address(listening: socket.socket) -> str:
    """Return the URL that a browser on this machine opens."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - shown, not listened on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

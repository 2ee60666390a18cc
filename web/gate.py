"""What every request passes first and last: size limit, security headers, one log line, no bare traceback."""

import logging
import time
from http import HTTPStatus
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web import problems

log = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024
"""Largest request body."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class TooLarge(Exception):
    """The body has more than `MOST_BYTES`."""


class Gate:
    """ASGI middleware around everything else. Never logs headers, queries or bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body at hand, and its response back with the security headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-cache" if scope["path"].startswith("/static/") else "no-store")
            await send(message)

        try:
            scope["parstock.body"] = body = await read(scope, receive)
            await self._app(scope, replay(body, receive), guarded)
        except TooLarge:
            detail = f"the body is larger than {MOST_BYTES:,} bytes, the most that is read"
            large = problems.plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
            await problems.respond(large, {"Connection": "close"})(scope, receive, guarded)
        except Exception:
            stamp = uuid4().hex[:12]
            log.exception("request %s failed", stamp)
            if status:
                raise
            failed = problems.plain(HTTPStatus.INTERNAL_SERVER_ERROR, f"something went wrong; the log has it under {stamp}")
            await problems.respond(failed)(scope, receive, guarded)
        finally:
            log.info("%s %r %d %.0f ms", scope["method"], scope["path"], status, 1000 * (time.perf_counter() - begun))


async def read(scope: Scope, receive: Receive) -> bytes:
    """Return the whole body of a request.

    Raises:
        TooLarge: It is larger than it may be.
    """
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdigit() and int(declared) > MOST_BYTES:
        raise TooLarge
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise TooLarge
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return bytes(body)


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives `body` first, then whatever else comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again

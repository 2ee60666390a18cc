"""`Idempotency-Key`: an unsafe request that is sent twice is done once, and answered alike both times.

Replies are kept in memory, for the caller, the route and the key they were made for. Drafts are protected a second time
by the database, so that a restart in between does not double them.
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web import problems

KEPT_SECONDS = 24 * 3600
MOST_KEPT_BYTES = 64 * 1024 * 1024
LONGEST_KEY = 255
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
NOT_KEPT = frozenset({401, 403, 409, 429})
"""Client errors that the same request may not meet again; server errors are not kept either."""

Slot: TypeAlias = tuple[str, str, str, str]
"""Hash of the credentials, method, path, idempotency key."""


@dataclass(slots=True)
class Reply:
    """What was answered, message by message; unfinished while the first request runs."""

    request: str
    """Hash of query and body."""
    at: float
    messages: list[Message] = field(default_factory=list)
    finished: bool = False

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return sum(len(message.get("body", b"")) for message in self.messages)


class Idempotency:
    """ASGI middleware inside the gate, which hands it the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._replies: OrderedDict[Slot, Reply] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do a request, or answer it as it was answered before."""
        headers = Headers(scope=scope) if scope["type"] == "http" and scope["method"] in UNSAFE else Headers()
        key = headers.get("idempotency-key")
        if key is None:
            await self._app(scope, receive, send)
            return
        if not 0 < len(key) <= LONGEST_KEY:
            refused = problems.plain(HTTPStatus.BAD_REQUEST, f"Idempotency-Key must have 1 to {LONGEST_KEY} characters")
            await problems.respond(refused)(scope, receive, send)
            return
        slot = (_hash(headers.get("authorization", "").encode()), scope["method"], scope["path"], key)
        request = _hash(scope["query_string"] + b"\n" + scope["parstock.body"])
        self._expire()
        earlier = self._replies.get(slot)
        if earlier is None:
            await self._first(slot, request, (scope, receive, send))
        elif earlier.request != request:
            detail = "this Idempotency-Key was used for another request; use a new key"
            body = problems.problem(422, "idempotency-key-reused", "The key was used before", detail, field="Idempotency-Key")
            await problems.respond(body)(scope, receive, send)
        elif not earlier.finished:
            detail = "the first request with this Idempotency-Key is still running; try again when it is done"
            await problems.respond(problems.plain(HTTPStatus.CONFLICT, detail), {"Retry-After": "2"})(scope, receive, send)
        else:
            for message in earlier.messages:
                await send(message)

    async def _first(self, slot: Slot, request: str, passed: tuple[Scope, Receive, Send]) -> None:
        """Do the request and keep its reply where it may be given again."""
        scope, receive, send = passed
        reply = self._replies[slot] = Reply(request, time.monotonic())

        async def kept(message: Message) -> None:
            reply.messages.append({**message, "headers": list(message["headers"])} if "headers" in message else message)
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                status = reply.messages[0]["status"]
                reply.finished = status < 500 and status not in NOT_KEPT and not scope.get("parstock.failed", False)

        try:
            await self._app(scope, receive, kept)
        finally:
            if not reply.finished:
                del self._replies[slot]

    def _expire(self) -> None:
        """Forget replies that are too old, and the oldest finished ones where all together are too large."""
        oldest_kept = time.monotonic() - KEPT_SECONDS
        size = sum(reply.size for reply in self._replies.values())
        for slot, reply in list(self._replies.items()):
            if reply.at > oldest_kept and size <= MOST_KEPT_BYTES:
                return
            if reply.finished:
                size -= reply.size
                del self._replies[slot]


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

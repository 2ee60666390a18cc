"""The OpenAI-compatible routes: chat completions and the list of models."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse

from agent.answer import Event
from inventory.keys import ApiKey
from inventory.threads import append_turn
from parstock.errors import InputError, ParstockError
from web import problems
from web.auth import OpenShop, Reader
from web.completions import MODEL, ChatRequest, Completion, ThreadName, sse

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10.0
"""A stream that has nothing to say sends a comment this often, so that no proxy cuts it."""
LONGEST_THREAD_ID = 200

router = APIRouter(prefix="/v1", tags=["chat"])


@router.get("/models")
def list_models(_key: Reader) -> dict[str, Any]:
    """List the one model that clients may name."""
    return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}]}


@router.post("/chat/completions", response_model=None)
def complete(
    asked: ChatRequest,
    request: Request,
    shop: OpenShop,
    key: Reader,
    parstock_thread: Annotated[ThreadName | None, Header(description="Thread to go on with; wins over the body")] = None,
) -> Response:
    """Answer the last message. With a key that lacks `propose`, drafts and notes are declined in the conversation."""
    question = asked.question()
    named = parstock_thread or asked.parstock.thread or asked.user
    thread = named or uuid4().hex
    inside = _inside(key, thread)
    agent = shop.agent()
    if named is None:
        for role, text in asked.earlier():
            append_turn(shop.store, inside, {"role": role, "content": text})
    events = agent.stream(question, thread_id=inside, lang=asked.parstock.lang, actor=key.name, scopes=key.scopes)
    with_usage = asked.stream_options is not None and asked.stream_options.include_usage
    completion = Completion(question, thread, with_usage)
    if asked.stream:
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(_stream(completion, events, request), media_type="text/event-stream", headers=headers)
    answer = next(event.answer for event in events if event.answer is not None)
    return JSONResponse(completion.whole(answer))


def _inside(key: ApiKey, thread: str) -> str:
    """The thread's id in the database: callers cannot read each other's conversations.

    Raises:
        InputError: The name is too long to be kept.
    """
    inside = f"{key.name}/{thread}"
    if len(inside) > LONGEST_THREAD_ID:
        raise InputError(f"thread has {len(thread)} characters; {LONGEST_THREAD_ID - len(key.name) - 1} are kept", field="thread")
    return inside


async def _stream(completion: Completion, events: Iterator[Event], request: Request) -> AsyncIterator[str]:
    """Send events as they happen; the agent works in a thread meanwhile."""
    yield completion.opening()
    try:
        while True:
            following = asyncio.ensure_future(run_in_threadpool(next, events, None))
            while not (await asyncio.wait({following}, timeout=HEARTBEAT_SECONDS))[0]:
                yield ": still working\n\n"
            event = following.result()
            if event is None:
                return
            for chunk in completion.chunks(event):
                yield chunk
    except ParstockError as error:
        yield _failed(request, problems.describe(error))
    except Exception:
        log.exception("the stream %s failed", completion.id)
        yield _failed(request, problems.plain(problems.INTERNAL, f"something went wrong; the log has it under {completion.id}"))


def _failed(request: Request, problem: dict[str, Any]) -> str:
    """The last event of a stream that cannot go on, in the form that OpenAI's clients raise; it is not kept for a repetition."""
    request.scope["parstock.failed"] = True
    return sse({"error": problem})

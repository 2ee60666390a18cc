"""OpenAI's chat completions as data: what comes in, what goes out, whole or in chunks. Runs nothing."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from agent.answer import Answer, Event
from agent.texts import pieces
from parstock.domain import Json, Language
from parstock.errors import InputError

MODEL = "parstock"
"""Name under which the agent is listed, whatever chat model it runs."""
MOST_EARLIER = 16
"""Earlier messages of a conversation that are read where no thread is named."""

ThreadName = Annotated[str, Field(min_length=1, max_length=100)]


class Part(BaseModel):
    """One part of a message in OpenAI's list form."""

    type: str
    text: str = ""


class ChatMessage(BaseModel):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    def text(self) -> str:
        """Return the message as plain text.

        Raises:
            InputError: It holds something else than text.
        """
        if isinstance(self.content, str):
            return self.content
        parts = self.content or []
        other = next((part.type for part in parts if part.type != "text"), None)
        if other is not None:
            raise InputError(f"a message holds a part of type {other!r}; only 'text' is read", field="messages")
        return "\n".join(part.text for part in parts)


class StreamOptions(BaseModel):
    """How a stream ends."""

    include_usage: bool = False


class Extras(BaseModel):
    """What OpenAI's API has no word for."""

    model_config = ConfigDict(extra="forbid")

    thread: ThreadName | None = None
    """Conversation to go on with; its earlier turns are remembered by the server."""
    lang: Language | None = None
    """Language of the answer; that of the question by default."""


class ChatRequest(BaseModel):
    """A chat completion request. Other parameters of OpenAI's API are accepted and have no effect."""

    model: str = MODEL
    """Any name; there is one agent."""
    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None
    user: ThreadName | None = None
    """Names the thread where `parstock.thread` does not."""
    parstock: Extras = Field(default_factory=Extras)

    def question(self) -> str:
        """Return the last message.

        Raises:
            InputError: It is not the user's.
        """
        last = self.messages[-1]
        if last.role != "user":
            raise InputError(f"the last message has the role {last.role!r}; it must be 'user'", field="messages")
        return last.text()

    def earlier(self) -> list[tuple[str, str]]:
        """Return (role, text) of what user and assistant said before, the last `MOST_EARLIER` messages."""
        said: list[tuple[str, str]] = [
            (m.role, m.text()) for m in self.messages[:-1] if m.role in ("user", "assistant") and m.content
        ]
        return said[-MOST_EARLIER:]


def shown(answer: Answer, thread: str) -> dict[str, Json]:
    """Return what an answer rests on: the field `parstock` of a reply."""
    whole = answer.as_json()
    kept = ("lang", "behaviour", "calls", "facts", "citations", "proposals", "charts", "trace", "fallback", "waiting")
    return {"thread": thread, **{name: whole[name] for name in kept}}


def usage(question: str, text: str) -> dict[str, Json]:
    """Return lengths in OpenAI's form; what is counted are words and pieces of Chinese, as they are streamed."""
    asked, answered = len(pieces(question)), len(pieces(text))
    return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}


@dataclass(frozen=True, slots=True)
class Completion:
    """One reply on its way out; its chunks share id and time."""

    question: str
    thread: str
    with_usage: bool = False
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, answer: Answer) -> dict[str, Any]:
        """Return the reply that is not streamed."""
        message = {"role": "assistant", "content": answer.text, "refusal": None}
        return {
            **self._head("chat.completion"),
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": usage(self.question, answer.text),
            "parstock": shown(answer, self.thread),
        }

    def opening(self) -> str:
        """Return the first chunk of a stream."""
        return self._chunk({"role": "assistant", "content": ""}, parstock={"thread": self.thread})

    def chunks(self, event: Event) -> Iterator[str]:
        """Yield what is sent for one event of the agent."""
        if event.kind == "token":
            yield self._chunk({"content": event.data["text"]})
        elif event.answer is None:
            yield self._chunk({}, parstock={"event": event.kind, **event.data})
        else:
            yield self._chunk({}, "stop", parstock={"event": "done", **shown(event.answer, self.thread)})
            if self.with_usage:
                counted = usage(self.question, event.answer.text)
                yield sse({**self._head("chat.completion.chunk"), "choices": [], "usage": counted})
            yield "data: [DONE]\n\n"

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": MODEL}

    def _chunk(self, delta: Mapping[str, Json], finish: str | None = None, **more: object) -> str:
        choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": finish}
        none_yet = {"usage": None} if self.with_usage else {}
        return sse({**self._head("chat.completion.chunk"), "choices": [choice], **none_yet, **more})


def sse(data: Mapping[str, Any]) -> str:
    """Return one server-sent event."""
    return f"data: {json.dumps(data, ensure_ascii=False, allow_nan=False)}\n\n"

"""A chat model that says what a script says: for tests, documentation and trying the doors out. Understands nothing."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr

from agent.models import chat_models
from parstock.errors import SetupError
from parstock.settings import Settings

Reply: TypeAlias = str | AIMessage | Mapping[str, Any] | Sequence[tuple[str, Mapping[str, Any]]]
"""A text, a message, an OpenAI-form assistant message, or a list of calls as (tool, arguments)."""


class ScriptedChatModel(BaseChatModel):
    """Says the replies of a script one after the other, then nothing ("" leaves the wording to the facts).

    Args:
        replies: The script, or a function from the messages so far to the next reply.
    """

    replies: Sequence[Any] | Callable[[Sequence[BaseMessage]], Any] = ()
    _said: int = PrivateAttr(default=0)
    _heard: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def heard(self) -> list[list[BaseMessage]]:
        """The messages of every call so far."""
        return self._heard

    @property
    def _llm_type(self) -> str:
        return "scripted"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": "scripted"}

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: str | None = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Accept tools, as every chat model does; the script alone decides what is called."""
        return cast(Runnable[LanguageModelInput, AIMessage], self.bind(tools=[convert_to_openai_tool(tool) for tool in tools]))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        message = self._next(messages)
        chunk = AIMessageChunk(
            content=message.content,
            tool_calls=message.tool_calls,
            invalid_tool_calls=message.invalid_tool_calls,
            chunk_position="last",
        )
        yield ChatGenerationChunk(message=chunk)

    def _next(self, messages: list[BaseMessage]) -> AIMessage:
        with self._lock:
            self._heard.append(list(messages))
            position, self._said = self._said, self._said + 1
        if callable(self.replies):
            return _message(self.replies(messages), position)
        return _message(self.replies[position] if position < len(self.replies) else "", position)


def _message(reply: Reply, position: int) -> AIMessage:
    if isinstance(reply, AIMessage):
        return reply
    if isinstance(reply, str):
        return AIMessage(reply)
    if isinstance(reply, Mapping):
        return _from_openai(reply, position)
    calls = [
        {"name": name, "args": dict(args), "id": f"s{position}.{i}", "type": "tool_call"} for i, (name, args) in enumerate(reply)
    ]
    return AIMessage("", tool_calls=calls)


def _from_openai(reply: Mapping[str, Any], position: int) -> AIMessage:
    """Read an OpenAI-form message; arguments may be an object or its JSON text, which may be broken."""
    calls, broken = [], []
    for i, call in enumerate(reply.get("tool_calls") or ()):
        function, call_id = call["function"], call.get("id") or f"s{position}.{i}"
        try:
            given = function["arguments"]
            arguments = json.loads(given) if isinstance(given, str) else dict(given)
            calls.append({"name": function["name"], "args": arguments, "id": call_id, "type": "tool_call"})
        except json.JSONDecodeError as error:
            said = {"name": function["name"], "args": function["arguments"], "id": call_id, "error": str(error)}
            broken.append({**said, "type": "invalid_tool_call"})
    return AIMessage(reply.get("content") or "", tool_calls=calls, invalid_tool_calls=broken)


@chat_models.register("scripted")
def open_scripted(settings: Settings, spec: str) -> ScriptedChatModel:
    """Open a script: `spec` names a JSON file with a list of replies; without one the model says nothing.

    Raises:
        SetupError: The file is missing or not a list of texts and OpenAI-form messages.
    """
    if not spec:
        return ScriptedChatModel()
    try:
        script = json.loads(Path(spec).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError(f"cannot read the script {spec!r} of the chat model: {error}") from error
    if not isinstance(script, list) or not all(isinstance(reply, (str, dict)) for reply in script):
        raise SetupError(f"the script {spec!r} must be a JSON list of texts and OpenAI-form assistant messages")
    return ScriptedChatModel(replies=script)

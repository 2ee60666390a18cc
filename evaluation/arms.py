"""Chat models under test: those of the product by their settings, and the n-gram router as one."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import uuid4

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable

from agent import replies
from agent.language import detect
from evaluation.calls import Decided
from evaluation.cases import Message
from evaluation.router_arm import decide_by_router
from parstock.domain import Json
from parstock.settings import Settings

ROUTER = "router"
"""Name of the baseline wherever a suite takes a chat model."""


def open_arm(settings: Settings) -> BaseChatModel:
    """Open the chat model that the settings name, the router among them.

    Raises:
        SetupError: It cannot be opened.
    """
    from agent.models import open_model

    return RouterChatModel() if settings.model == ROUTER else open_model(settings)


class RouterChatModel(BaseChatModel):
    """The baseline as a chat model, so that it can hold a conversation; the facts word its answers."""

    @property
    def _llm_type(self) -> str:
        return ROUTER

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[LanguageModelInput, AIMessage]:
        """Take note of nothing: the router knows the catalogue that it was trained on."""
        return cast(Runnable[LanguageModelInput, AIMessage], self)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=_reply(messages))])


def _reply(messages: Sequence[BaseMessage]) -> AIMessage:
    """The first move, or "" after a tool's result."""
    talk = [m for m in messages if isinstance(m, (HumanMessage, AIMessage)) and str(m.text).strip()]
    if not talk or isinstance(messages[-1], ToolMessage):
        return AIMessage("")
    said = [Message(role="user" if isinstance(m, HumanMessage) else "assistant", content=str(m.text)) for m in talk]
    return _message(decide_by_router(said), said[-1].content)


def _message(decided: Decided, text: str) -> AIMessage:
    if decided.behaviour == "answer":
        return AIMessage(replies.small_talk(text, detect(text)))
    if decided.behaviour == "clarify":
        return AIMessage("", tool_calls=[_call(replies.ASK_USER, {"missing": ""})])
    if decided.behaviour == "refuse":
        return AIMessage("", tool_calls=[_call(replies.DECLINE, {"reason": "out_of_scope"})])
    return AIMessage("", tool_calls=[_call(call.name, dict(call.arguments)) for call in decided.calls])


def _call(name: str, arguments: dict[str, Json]) -> ToolCall:
    return ToolCall(name=name, args=arguments, id=f"call_{uuid4().hex[:12]}", type="tool_call")

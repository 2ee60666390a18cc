"""The embedded chat model behind LangChain's interface: offline, on any CPU, shipped with the package."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, InvalidToolCall, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr

from agent import replies
from agent.embedded.decode import WEIGHTS, EmbeddedModel
from agent.embedded.grammar import Reply
from agent.embedded.render import Mark, Utterance
from agent.embedded.vocabulary import Catalogue
from agent.language import detect
from agent.link import ENTITIES, points
from agent.models import chat_models
from agent.note_reading import NOTE, UNSURE
from parstock.settings import Settings
from tools.catalogue import catalogue, function
from tools.event_catalogue import event_catalogue

SURE_OF_CALLS, SURE_OF_EVENTS = 0.3, 0.5
"""A reply of less confidence is not acted on: the planner is asked, a note's events are left out. Set on the cases in
`evaluation/cases`, where calls below the bound are hardly ever right."""


class EmbeddedChatModel(BaseChatModel):
    """Chooses tools and copies their arguments from the planner's words; leaves the wording of answers to the facts.

    Args:
        folder: Model folder made by `finetune.pretrain`.
    """

    folder: Path = WEIGHTS
    _model: EmbeddedModel = PrivateAttr()

    def model_post_init(self, context: object, /) -> None:
        """Open the folder; the network itself is loaded on the first message."""
        self._model = EmbeddedModel(self.folder)

    @property
    def _llm_type(self) -> str:
        return "embedded"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": "embedded", "folder": str(self.folder)}

    def warm_up(self) -> None:
        """Load everything, so that the first planner does not wait."""
        self.invoke("hello")

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: str | None = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Offer tools; all must be of the catalogues that the model was trained on, `ask_user` and `decline` apart."""
        return cast(Runnable[LanguageModelInput, AIMessage], self.bind(tools=[convert_to_openai_tool(tool) for tool in tools]))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._reply(messages, kwargs.get("tools", ())))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        reply = self._reply(messages, kwargs.get("tools", ()))
        chunk = AIMessageChunk(content=reply.content, tool_calls=reply.tool_calls, chunk_position="last")
        yield ChatGenerationChunk(message=chunk)

    def _reply(self, messages: Sequence[BaseMessage], tools: Sequence[Mapping[str, Any]]) -> AIMessage:
        """The model's first move, or "" after a tool's result: then the facts speak."""
        talk = [m for m in messages if isinstance(m, (HumanMessage, AIMessage)) and str(m.text).strip()]
        if isinstance(messages[-1], ToolMessage) or not talk:
            return AIMessage("")
        if talk[-1].additional_kwargs.get(NOTE):
            return self._events(talk[-1], tools)
        offered = _offered(tools, catalogue())
        reply = self._model.say([_utterance(m) for m in talk], self._model.grammar(offered))
        if reply.kind == "call" and reply.confidence < SURE_OF_CALLS:
            reply = Reply("clarify")
        text = str(talk[-1].text)
        return _message(_pointing_at_nothing(reply, text, offered) if len(talk) == 1 else reply, text)

    def _events(self, note: BaseMessage, tools: Sequence[Mapping[str, Any]]) -> AIMessage:
        """What a note means: a call for each event, none where it has no effect."""
        grammar = self._model.grammar(_offered(tools, event_catalogue()))
        reply = self._model.say([_utterance(note)], grammar)
        if reply.confidence < SURE_OF_EVENTS:
            unsure = [
                InvalidToolCall(name=c.name, args=None, id=None, error=UNSURE, type="invalid_tool_call") for c in reply.calls
            ]
            return AIMessage("", invalid_tool_calls=unsure)
        return AIMessage("", tool_calls=[_call(call.name, call.arguments) for call in reply.calls])


def _offered(bound: Sequence[Mapping[str, Any]], known: Sequence[Mapping[str, Any]]) -> Catalogue:
    """The schemas, among those that the model was trained on, of the tools that are bound; all of them where none is."""
    names = {tool["function"]["name"] for tool in bound}
    return Catalogue.of([spec for spec in known if not names or function(spec)["name"] in names])


def _utterance(message: BaseMessage) -> Utterance:
    marks = tuple(Mark(**entity) for entity in message.additional_kwargs.get(ENTITIES, ()))
    role = "note" if message.additional_kwargs.get(NOTE) else "user" if isinstance(message, HumanMessage) else "assistant"
    return Utterance.of(role, str(message.text), marks)


def _pointing_at_nothing(reply: Reply, text: str, offered: Catalogue) -> Reply:
    """Ask which product is meant where a first message points at one and the call would go on without it."""
    for call in reply.calls if points(text) else ():
        if "item" not in call.arguments and any(argument.name == "item" for argument in offered.tools[call.name]):
            return Reply("clarify", (call,), "item")
    return reply


def _message(reply: Reply, text: str) -> AIMessage:
    """A reply in LangChain's form; `text` is what the planner said last."""
    if reply.kind == "talk":
        return AIMessage(replies.small_talk(text, detect(text)))
    if reply.kind == "decline":
        return AIMessage("", tool_calls=[_call(replies.DECLINE, {"reason": "out_of_scope"})])
    if reply.kind == "clarify":
        asked = {"tool": reply.calls[0].name} if reply.calls else {}
        return AIMessage("", tool_calls=[_call(replies.ASK_USER, {"missing": reply.missing, **asked})])
    return AIMessage("", tool_calls=[_call(call.name, call.arguments) for call in reply.calls])


def _call(name: str, arguments: Mapping[str, Any]) -> ToolCall:
    return ToolCall(name=name, args=dict(arguments), id=f"call_{uuid4().hex[:12]}", type="tool_call")


@chat_models.register("embedded")
def open_embedded(settings: Settings, spec: str) -> BaseChatModel:
    """Open the shipped model, or the model folder named after "embedded:".

    Raises:
        SetupError: The folder lacks a file or holds a damaged one.
    """
    return EmbeddedChatModel(folder=Path(spec).expanduser() if spec else WEIGHTS)

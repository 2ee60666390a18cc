"""The agent: runs a chat model over the tools and gives back an answer that rests on facts. Knows nothing about HTTP."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast
from uuid import uuid4

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, AgentState, hook_config
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.tool import ToolCall
from langgraph.runtime import Runtime

import prompts
from agent import audience, confirming, replies
from agent.answer import Answer, Event
from agent.compose import Composer, Draft, citations_of, facts_of
from agent.language import detect
from agent.memory import Memory
from agent.note_reading import ModelNoteReader
from agent.shop_names import ShopNames
from agent.texts import checked, pieces
from agent.trace import Trace
from agent.turn import Limits, Turn
from parstock.domain import Json, Language
from parstock.errors import InputError, InsufficientData, ParstockError, SetupError
from parstock.settings import Settings
from tools.base import tools
from tools.catalogue import offered
from tools.context import ToolContext
from tools.kept import Kept

log = logging.getLogger(__name__)


_MESSAGES: dict[str, type[HumanMessage] | type[AIMessage]] = {"user": HumanMessage, "assistant": AIMessage}


class TurnGuard(AgentMiddleware[AgentState[Any], Turn, Any]):
    """Lets the turn itself decide: whether the model speaks, what a tool call gives, when it is enough."""

    @hook_config(can_jump_to=["end"])
    def before_model(self, state: AgentState[Any], runtime: Runtime[Turn]) -> dict[str, Any] | None:
        """End the run where the turn is over or a limit is reached."""
        return None if runtime.context.admits_model_call() else {"jump_to": "end"}

    @hook_config(can_jump_to=["model"])
    def after_model(self, state: AgentState[Any], runtime: Runtime[Turn]) -> dict[str, Any] | None:
        """Ask once more where the model's calls cannot be read."""
        last = state["messages"][-1]
        return {"jump_to": "model"} if isinstance(last, AIMessage) and runtime.context.hears(last) else None

    def wrap_tool_call(self, request: ToolCallRequest, handler: object) -> ToolMessage:
        """Run the call through the turn; tools are known to the model by their schema alone."""
        return cast(Turn, request.runtime.context).run(request.tool_call)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the model chose to do first, without any tool being run."""

    behaviour: Literal["call", "clarify", "decline", "answer"]
    calls: tuple[tuple[str, Mapping[str, Json]], ...]
    """(tool, arguments) as the model gave them."""


class Agent:
    """Answers a planner's messages. Safe to share between threads.

    Args:
        settings: Names the model and the currency.
        context: The shop, as the tools see it.
        model: Any chat model that takes tools.
        limits: What one turn may use.
    """

    def __init__(self, settings: Settings, context: ToolContext, model: BaseChatModel, limits: Limits | None = None) -> None:
        self._settings = settings
        self.note_reader = ModelNoteReader(model, lambda: self._known().linker)
        """Reads notes with the same model."""
        self._context = replace(context, note_reader=self.note_reader)
        self._model = model
        self._limits = limits or Limits()
        self._memory = Memory(context.store)
        self._tools = [dict(spec) for spec in (*offered(), *replies.PSEUDO_TOOLS)]
        self._names: Kept[ShopNames] = Kept()
        self._graph = create_agent(model, self._tools, middleware=[TurnGuard()], context_schema=Turn)

    def ask(
        self,
        text: str,
        *,
        thread_id: str | None = None,
        lang: Language | None = None,
        actor: str = "planner",
        scopes: frozenset[str] | None = None,
    ) -> Answer:
        """Answer one message.

        Args:
            text: What the planner writes.
            thread_id: The conversation that it goes on with; None begins one.
            lang: Language of the answer; that of the message by default.
            actor: Who asks; drafts and notes carry the name.
            scopes: What they may do; all that the agent's context may by default.

        Raises:
            InputError: The message is empty or too long.
            SetupError: The chat model cannot be used.
        """
        for event in self.stream(text, thread_id=thread_id, lang=lang, actor=actor, scopes=scopes):
            if event.answer is not None:
                return event.answer
        raise AssertionError("a stream ends with `done`")

    def stream(
        self,
        text: str,
        *,
        thread_id: str | None = None,
        lang: Language | None = None,
        actor: str = "planner",
        scopes: frozenset[str] | None = None,
    ) -> Iterator[Event]:
        """Answer one message, telling each tool call and result as it happens, then the checked text in pieces.

        No piece of the text is sent before all of it is checked. Arguments and errors are those of `ask`.
        """
        text = checked(text)
        thread_id = thread_id or uuid4().hex
        history = self._memory.recall(thread_id)
        waiting = self._memory.waiting(thread_id)
        turn = Turn(self._context.acting(actor, scopes), lang or self._language(text, history if waiting else []), self._limits)
        return self._settled_or_run(turn, text, thread_id, history, waiting)

    def warm_up(self) -> None:
        """Let the chat model load what it loads on its first message, where it has a way to, so that no planner waits for it."""
        warm_up = getattr(self._model, "warm_up", None)
        if callable(warm_up):
            warm_up()

    def decide(self, messages: Sequence[Mapping[str, str]], lang: Language | None = None) -> Decision:
        """Return the model's first move in a conversation given as OpenAI-form messages; nothing is run or kept."""
        chosen = lang or detect(messages[-1]["content"], self._known().all)
        reply = self._model.bind_tools(self._tools).invoke(
            [self._system(chosen, messages[-1]["content"]), *self._as_heard(messages)]
        )
        names = {call["name"] for call in reply.tool_calls}
        calls = tuple(
            (call["name"], call["args"]) for call in reply.tool_calls if call["name"] not in (replies.ASK_USER, replies.DECLINE)
        )
        if calls:
            return Decision("call", calls)
        if replies.ASK_USER in names or reply.invalid_tool_calls:
            return Decision("clarify", ())
        return Decision("decline" if replies.DECLINE in names else "answer", ())

    def _language(self, text: str, history: Sequence[Mapping[str, str]]) -> Language:
        """The language of a message; of one that may be a mere "OK" that of the last answer, where there is one."""
        names = self._known().all
        said = detect(text, names)
        return detect(history[-1]["content"], names) if history and said == "en" and confirming.is_brief(text) else said

    def _settled_or_run(
        self, turn: Turn, text: str, thread_id: str, history: list[dict[str, str]], waiting: Sequence[str]
    ) -> Iterator[Event]:
        """Carry out a yes or a no to events that wait; anything else is the model's."""
        draft = confirming.settle(text, waiting, turn) if waiting else None
        if draft is None and audience.is_alone(text):
            draft = self._explained_again(turn, text, self._memory.last_calls(thread_id))
            while turn.events:
                yield turn.events.popleft()
        if draft is None:
            yield from self._run(turn, text, thread_id, history)
        else:
            yield from self._told(turn, draft, text, thread_id)

    def _explained_again(self, turn: Turn, text: str, calls: Sequence[tuple[str, Mapping[str, Json]]]) -> Draft | None:
        """The last answer told in another way, from its calls made again; None where it rests on none, or on one that writes."""
        if not calls or any(name not in tools or tools.get(name).scope != "read" for name, _ in calls):
            return None
        made = [ToolCall(name=name, args=dict(given), id=f"again.{i}", type="tool_call") for i, (name, given) in enumerate(calls)]
        turn.hears(AIMessage("", tool_calls=made))
        for call in made:
            turn.run(call)
        return Composer(turn, text, (), self._known().all, lambda problems, facts: "").compose("")

    def _run(self, turn: Turn, text: str, thread_id: str, history: list[dict[str, str]]) -> Iterator[Event]:
        asked = {"role": "user", "content": text}
        messages: list[BaseMessage] = [self._system(turn.lang, text), *self._as_heard([*history, asked])]
        said: list[BaseMessage] = []
        try:
            for update in self._graph.stream(
                cast(Any, {"messages": messages}), {"max_concurrency": 1}, context=turn, stream_mode="updates"
            ):
                said += [message for node in update.values() if node for message in node.get("messages", [])]
                while turn.events:
                    yield turn.events.popleft()
        except ParstockError:
            raise
        except Exception as error:
            self._model_failed(turn, error)
        last = said[-1] if said else None
        final = str(last.text) if isinstance(last, AIMessage) and not last.tool_calls else ""
        composer = Composer(
            turn,
            text,
            [message["content"] for message in history],
            self._known().all,
            lambda problems, facts: self._again(turn, [*messages, *said], problems, facts),
        )
        yield from self._told(turn, composer.compose(final), text, thread_id)

    def _told(self, turn: Turn, draft: Draft, text: str, thread_id: str) -> Iterator[Event]:
        """Keep the turn, then send its answer."""
        answer = self._answer(turn, draft, thread_id)
        self._memory.remember(thread_id, text, answer)
        for piece in pieces(answer.text):
            yield Event("token", {"text": piece})
        yield Event("done", answer.as_json(), answer)

    def _known(self) -> ShopNames:
        return self._names.get(self._context.records.fingerprint(), "names", lambda: ShopNames.of(self._context))

    def _as_heard(self, messages: Sequence[Mapping[str, str]]) -> list[BaseMessage]:
        """OpenAI-form messages as the model gets them, with the shop's names in them marked for models that use that."""
        linker = self._known().linker
        heard: list[BaseMessage] = []
        for message in messages:
            role, text = message["role"], message["content"]
            if role not in _MESSAGES:
                raise InputError(f"message role is {role!r}; it must be one of {', '.join(_MESSAGES)}", field="messages")
            asked = audience.request_of(text) if role == "user" else text
            heard.append(_MESSAGES[role](asked, additional_kwargs=linker.entities(asked)))
        return heard

    def _system(self, lang: Language, text: str) -> SystemMessage:
        try:
            as_of = self._context.as_of().isoformat()
        except InsufficientData:
            as_of = "未知（尚无销售记录）" if lang == "zh" else "not known, as no sales are recorded"
        rules = audience.rules(text, lang)
        return SystemMessage(prompts.load(f"system.{lang}", as_of=as_of, currency=self._settings.currency, explain=rules))

    def _again(self, turn: Turn, messages: Sequence[BaseMessage], problems: str, facts: str) -> str:
        """Ask the model once to write its text again; "" where it fails or no time is left."""
        if turn.seconds() > self._limits.seconds:
            return ""
        turn.model_calls += 1
        repair = prompts.load(f"repair.{turn.lang}", problems=problems, facts=facts)
        try:
            return str(self._model.invoke([*messages, HumanMessage(repair)]).text)
        except Exception as error:
            log.warning("the chat model failed to repair its answer: %s", error)
            return ""

    def _model_failed(self, turn: Turn, error: Exception) -> None:
        """Go on with what was found; without anything, say in one line that the model does not answer."""
        log.warning("the chat model failed: %s: %s", type(error).__name__, error)
        if not turn.calls:
            reason = str(error).strip().partition("\n")[0][:200] or type(error).__name__
            raise SetupError(f"the chat model {self._settings.model!r} did not answer: {reason}") from error
        turn.stopped = "model error"

    def _answer(self, turn: Turn, draft: Draft, thread_id: str) -> Answer:
        results = [result for _, result in turn.results]
        trace = Trace(
            self._settings.model,
            tuple(turn.calls),
            turn.model_calls,
            1000 * turn.seconds(),
            draft.by,
            draft.problems,
            turn.stopped,
        )
        return Answer(
            draft.text,
            turn.lang,
            draft.behaviour,
            facts_of(turn),
            citations_of(turn),
            tuple(proposal for result in results for proposal in result.proposals),
            tuple(result.chart for result in results if result.chart is not None),
            trace,
            thread_id,
            draft.fallback,
            confirming.waiting_of(turn),
        )

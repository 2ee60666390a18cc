"""One turn while it runs: tools called, limits kept, failures sorted by who can put them right. Writes no answer."""

import json
import logging
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.messages.tool import ToolCall

from agent import briefing, corrections, replies
from agent.answer import Event
from agent.explain import sentence_of
from agent.trace import Call
from parstock.domain import Json, Language
from parstock.errors import InputError, NotAllowed, ParstockError
from parstock.results import ToolResult
from tools.call import call_tool
from tools.catalogue import properties
from tools.context import ToolContext

log = logging.getLogger(__name__)

MOST_REJECTIONS = 2
"""An input is given back to the model this many times at most, the last of them only to be told."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one turn may use."""

    model_calls: int = 6
    tool_calls: int = 8
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that gave no result."""

    call: Call
    by_planner: bool
    """Whether the planner's words are at fault; otherwise it is the tool or the model."""
    by_model: bool = False
    """Whether the model called something that does not exist or does not fit its schema."""
    argument: str = ""
    """The argument at fault, where the planner's words are; it may be missing from the call."""
    error: InputError | None = None
    """What was wrong with it."""


@dataclass(eq=False, slots=True)
class Turn:
    """The state of one turn. Lives for one question, in one thread at a time."""

    context: ToolContext
    lang: Language
    limits: Limits = field(default_factory=Limits)
    begun: float = field(default_factory=time.monotonic)
    model_calls: int = 0
    calls: list[Call] = field(default_factory=list)
    results: list[tuple[Call, ToolResult]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    asked: str = ""
    """A question to the planner, "" while there is none."""
    asked_freely: str = ""
    """A question in the model's own words, to be checked before it is used."""
    declined: str = ""
    waiting: tuple[str, ...] = ()
    """Ids of planning events that were proposed before and still wait for the planner's word."""
    stopped: str = ""
    """The limit that ended the turn."""
    events: deque[Event] = field(default_factory=deque)
    _answered: dict[str, str] = field(default_factory=dict)
    _fresh: bool = True
    _garbled: int = 0

    def admits_model_call(self) -> bool:
        """Whether the model may speak (again); counts the call."""
        if self.asked or self.declined or self.stopped:
            return False
        if self.seconds() > self.limits.seconds:
            self.stopped = "time"
        elif self.model_calls >= self.limits.model_calls:
            self.stopped = "model calls"
        elif not self._fresh:
            self.stopped = "repeated calls"
        elif len(self.failures) >= MOST_REJECTIONS and all(failure.by_model for failure in self.failures):
            self.stopped = "wrong calls"
        else:
            self.model_calls += 1
            return True
        return False

    def hears(self, message: AIMessage) -> bool:
        """Take note of what the model said; True where it should be asked again because its calls cannot be read."""
        self._fresh = not message.tool_calls
        for call in message.tool_calls:
            if call["name"] not in (replies.ASK_USER, replies.DECLINE):
                self._tell("tool_call", {"id": call["id"] or "", "name": call["name"], "arguments": call["args"]})
        if message.invalid_tool_calls and not message.tool_calls:
            self._garbled += 1
            if self._garbled == 1:
                return True
            self.stopped = "unreadable calls"
        return False

    def run(self, call: ToolCall) -> ToolMessage:
        """Run one tool call of the model, once."""
        name, arguments = call["name"], call["args"]
        if name == replies.ASK_USER:
            if self.context.records.is_empty():
                self.declined = replies.decline("nothing_recorded", self.lang)
                return self._reply(call, "nothing is recorded")
            return self._reply(call, self._ask(str(arguments.get("missing", ""))))
        if name == replies.DECLINE:
            self.declined = replies.decline(str(arguments.get("reason", "")), self.lang)
            return self._reply(call, "declined")
        key = json.dumps([name, arguments], sort_keys=True, ensure_ascii=False, default=str)
        if key in self._answered:
            return self._reply(call, f"Already called with these arguments: {self._answered[key]}")
        self._fresh = True
        if len(self.calls) >= self.limits.tool_calls:
            self.stopped = "tool calls"
            return self._reply(call, f"Not called: at most {self.limits.tool_calls} calls a turn.", error=True)
        text, error = self._call(call, name, arguments)
        self._answered[key] = text
        return self._reply(call, text, error=error)

    def seconds(self) -> float:
        """Seconds since the turn began."""
        return time.monotonic() - self.begun

    def open_failures(self) -> list[Failure]:
        """Failures that no later call of the same tool made good."""
        succeeded = {call.name: position for position, call in enumerate(self.calls) if call.ok}
        return [f for f in self.failures if succeeded.get(f.call.name, -1) < self.calls.index(f.call)]

    def _ask(self, missing: str) -> str:
        self.asked = replies.question(missing, self.lang)
        if missing.rstrip().endswith(("?", "？")):
            self.asked_freely = missing.strip()
        return "asked"

    def _call(self, call: ToolCall, name: str, arguments: Mapping[str, Json]) -> tuple[str, bool]:
        begun = time.perf_counter()
        call_id = f"c{len(self.calls) + 1}"
        try:
            result = call_tool(name, arguments, self.context)
        except ParstockError as error:
            failed = Call(call_id, name, arguments, "", 1000 * (time.perf_counter() - begun), str(error))
            self.calls.append(failed)
            self._sort(failed, error)
            self._tell("tool_result", {"id": call["id"] or "", "name": name, "ok": False, "error": str(error), "facts": []})
            return briefing.of_error(error), True
        done = Call(call_id, name, arguments, result.id, 1000 * (time.perf_counter() - begun))
        self.calls.append(done)
        self.results.append((done, result))
        facts: list[Json] = [*dict.fromkeys(sentence_of(fact, self.lang) for fact in result.facts)]
        self._tell("tool_result", {"id": call["id"] or "", "name": name, "ok": True, "error": "", "facts": facts})
        return briefing.of_result(result, call_id, self.lang), False

    def _sort(self, call: Call, error: ParstockError) -> None:
        """Decide who hears of an error: the planner at once where there is something to choose, else the model first."""
        if isinstance(error, NotAllowed):
            self.declined = replies.decline("not_allowed", self.lang)
            return
        if isinstance(error, InputError) and self.context.records.is_empty():
            self.declined = replies.decline("nothing_recorded", self.lang)
            return
        if not isinstance(error, InputError):
            self.failures.append(Failure(call, by_planner=False))
            return
        argument = error.field or ""
        schema = _schema(call.name, argument)
        said = call.arguments.get(argument)
        if schema is None or not _is_of_type(said, schema):
            self.failures.append(Failure(call, by_planner=False, by_model=True))
            return
        self.failures.append(Failure(call, by_planner=True, argument=argument, error=error))
        if "enum" not in schema and error.choices and said is not None:
            self.asked = corrections.choose(str(said), argument, error.choices, self.lang, unknown=error.reason == "unknown_name")
        elif sum(failure.by_planner for failure in self.failures) >= MOST_REJECTIONS:
            self.stopped = "refused input"

    def _tell(self, kind: str, data: Mapping[str, Json]) -> None:
        self.events.append(Event("tool_call" if kind == "tool_call" else "tool_result", data))

    def _reply(self, call: ToolCall, text: str, *, error: bool = False) -> ToolMessage:
        status = "error" if error else "success"
        return ToolMessage(content=text, name=call["name"], tool_call_id=call["id"] or "", status=status)


def _schema(name: str, argument: str) -> Mapping[str, Json] | None:
    """The schema of an argument of a tool; None where there is no such tool or argument."""
    try:
        return properties(name).get(argument)
    except KeyError:
        return None


def _is_of_type(value: Json, schema: Mapping[str, Json]) -> bool:
    """Whether a value is missing or of the schema's type, so that the planner's words and not the model made it wrong."""
    if value is None:
        return True
    return (
        isinstance(value, str) if schema["type"] == "string" else isinstance(value, (int, float)) and not isinstance(value, bool)
    )

"""What a turn gives back, whole or as events. Knows nothing about how it came about."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from agent.trace import Call, Trace
from parstock.domain import Json, Language
from parstock.results import Chart, Citation, Fact, Proposal

Behaviour: TypeAlias = Literal["answer", "clarify", "decline"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply to the planner."""

    text: str
    lang: Language
    behaviour: Behaviour
    facts: tuple[Fact, ...]
    """Facts of all results; ids are prefixed by the call ("c1.f3")."""
    citations: tuple[Citation, ...]
    proposals: tuple[Proposal, ...]
    charts: tuple[Chart, ...]
    trace: Trace
    thread_id: str
    """Give it back with the next question to go on."""
    fallback: bool = False
    """Whether the model's own text was refused and the facts' sentences stand in for it."""
    waiting: tuple[str, ...] = ()
    """Ids of planning events that a "yes" to this answer confirms."""

    @property
    def calls(self) -> tuple[Call, ...]:
        """The tool calls, in order."""
        return self.trace.calls

    def as_json(self) -> dict[str, Json]:
        """Return the answer as plain JSON, `calls` included."""
        shown = {field.name: plain(getattr(self, field.name)) for field in dataclasses.fields(self)}
        return {**shown, "calls": plain(self.calls)}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened while an answer was made."""

    kind: Literal["tool_call", "tool_result", "token", "done"]
    data: Mapping[str, Json]
    """tool_call: id, name, arguments; tool_result: id, name, ok, error, facts; token: text; done: the answer as JSON."""
    answer: Answer | None = None
    """The whole answer, with `done` only."""


def plain(value: object) -> Json:
    """Return dataclasses, mappings and tuples as JSON objects and arrays."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return cast(Json, value)

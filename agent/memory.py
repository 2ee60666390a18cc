"""The memory of a conversation: what is kept of each turn, and what of it the model sees again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from agent.answer import Answer
from inventory.store import Store
from inventory.threads import append_turn, load_turns
from parstock.domain import Json

TURNS_SHOWN = 8
"""So many earlier turns (a question and its answer) are given to the model."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The threads of one shop, as OpenAI-form messages."""

    store: Store

    def recall(self, thread_id: str) -> list[dict[str, str]]:
        """Return the last turns of a thread as user and assistant texts; tool calls are kept, but not shown again."""
        messages = [
            {"role": str(message["role"]), "content": str(message["content"])}
            for message in load_turns(self.store, thread_id)
            if message.get("role") in ("user", "assistant") and message.get("content")
        ]
        return _last_turns(messages)

    def waiting(self, thread_id: str) -> tuple[str, ...]:
        """Return the ids of the planning events that the last answer of a thread left to be confirmed."""
        last = next(iter(load_turns(self.store, thread_id)[-1:]), {})
        events = last.get("events", [])
        return tuple(str(event) for event in events) if isinstance(events, list) else ()

    def last_calls(self, thread_id: str) -> tuple[tuple[str, Mapping[str, Json]], ...]:
        """Return the calls, as (tool, arguments), that the last answer of a thread rests on."""
        last = next(iter(load_turns(self.store, thread_id)[-1:]), {})
        made = cast(Sequence[Mapping[str, Mapping[str, str]]], last.get("tool_calls", ()))
        return tuple((call["function"]["name"], json.loads(call["function"]["arguments"])) for call in made)

    def remember(self, thread_id: str, question: str, answer: Answer) -> None:
        """Keep a turn: the question, then the answer with the calls that led to it."""
        append_turn(self.store, thread_id, {"role": "user", "content": question})
        append_turn(self.store, thread_id, _assistant_message(answer))


def _assistant_message(answer: Answer) -> Mapping[str, Json]:
    message: dict[str, Json] = {"role": "assistant", "content": answer.text, "behaviour": answer.behaviour}
    if answer.calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments), ensure_ascii=False)},
            }
            for call in answer.calls
        ]
    if answer.waiting:
        message["events"] = [*answer.waiting]
    return message


def _last_turns(messages: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    starts = [position for position, message in enumerate(messages) if message["role"] == "user"]
    first = starts[-TURNS_SHOWN] if len(starts) > TURNS_SHOWN else 0
    return [cast(dict[str, str], dict(message)) for message in messages[first:]]

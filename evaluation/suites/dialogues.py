"""The suite `dialogues`: whole conversations with the agent over a shop, each turn in the light of those before it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agent.answer import Answer
from agent.loop import Agent
from evaluation.arms import open_arm
from evaluation.base import Form, Options, Progress, Report, suites
from evaluation.calls import Decided, Score, score
from evaluation.cases import SHIPPED, Case, Expectation, Message, Wanted, read_lines
from evaluation.conversations import decided, without_lookups
from evaluation.report import INTERVALS, Shares, figures, grouped, spread
from evaluation.resolving import resolved_calls, resolved_case
from evaluation.shop import shop, write_sample_shop
from parstock.domain import Json
from parstock.errors import SetupError
from tools.base import tools
from tools.names import NameIndex

DEFINITIONS: Mapping[str, Json] = {
    "behaviour": "turns with the right kind of reply",
    "tool": "turns whose behaviour is right and whose calls are of the right tools, each as often as expected",
    "exact": "turns whose tools are right and whose every argument is equal, as the cases' conventions say",
    "resolved": "the same, where an item, warehouse, supplier or category counts as equal that is the same record of the shop",
    "whole_tool": "dialogues of which every turn is right in tool",
    "whole_exact": "dialogues of which every turn is exact",
    "whole_resolved": "dialogues of which every turn is right in resolved",
    "left_out": "dialogues that need a tool which is not installed here",
    "calls": "all calls of a turn but those that a later call of the same tool made good, and find_items beside another tool",
    "intervals": INTERVALS,
}
SAMPLE: Json = {
    "id": "s1",
    "lang": "en",
    "turns": [
        {
            "say": "How many Oak tray are there?",
            "expect": {"behaviour": "call", "calls": [{"name": "get_stock", "arguments": {"item": "Oak tray"}}]},
        },
        {"say": "Thanks!", "expect": {"behaviour": "answer"}},
    ],
}
"""A dialogue in the form that the suite reads."""


class Turn(BaseModel):
    """What the planner says next, and what is right to do then."""

    model_config = ConfigDict(frozen=True)

    say: str = Field(min_length=1)
    expect: Expectation
    alternatives: tuple[tuple[Wanted, ...], ...] = ()


class Dialogue(BaseModel):
    """A conversation of some turns; the agent answers each before the next is said."""

    model_config = ConfigDict(frozen=True)

    id: str
    lang: str
    turns: tuple[Turn, ...] = Field(min_length=1)

    def tools(self) -> set[str]:
        """The tools that are right to call in it."""
        return {call.name for turn in self.turns for call in turn.expect.calls}


class DialoguesForm(Form):
    """What the suite is given."""

    shop: Annotated[Path | None, Field(description="DIR: home of the shop to talk about; the demonstration shop by default")] = (
        None
    )
    n: Annotated[int | None, Field(ge=1, description="hold this many of the dialogues only")] = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn with what came of it."""

    turn: Turn
    done: Decided
    score: Score
    resolved: bool


@dataclass(frozen=True, slots=True)
class Held:
    """One dialogue with what came of it."""

    dialogue: Dialogue
    turns: tuple[Spoken, ...]

    def shares(self) -> Shares:
        """What it adds to each metric."""
        count = len(self.turns)
        told = {
            "behaviour": [turn.score.behaviour for turn in self.turns],
            "tool": [turn.score.tool for turn in self.turns],
            "exact": [turn.score.exact for turn in self.turns],
            "resolved": [turn.resolved for turn in self.turns],
        }
        whole = {f"whole_{name}": (float(all(told[name])), 1.0) for name in ("tool", "exact", "resolved")}
        return {**{name: (float(sum(right)), float(count)) for name, right in told.items()}, **whole}


@suites.register("dialogues")
class Dialogues:
    """Holds each dialogue through the agent, tools, memory and all, on a copy of a shop."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Say each turn and compare what the agent did."""
        form = options.read(DialoguesForm)
        read = read_lines(options.cases or SHIPPED / "dialogues.jsonl", Dialogue)
        dialogues = spread([one for one in read if one.tools() <= set(tools.names())], form.n)
        if not dialogues:
            raise SetupError("every dialogue needs a tool that is not installed here")
        model = open_arm(options.tested)
        with shop(options.tested, form.shop, progress) as context:
            agent, names = Agent(context.settings, context, model), context.names
            held = []
            for number, dialogue in enumerate(dialogues, 1):
                held.append(_held(dialogue, agent, names))
                if progress is not None:
                    progress(number / len(dialogues), options.tested.model)
        return {
            "suite": "dialogues",
            "model": options.tested.model,
            **figures([one.shares() for one in held]),
            "left_out": [one.id for one in read if not one.tools() <= set(tools.names())],
            "turns": sum(len(one.turns) for one in held),
            "by_lang": grouped(held, Held.shares, lambda one: one.dialogue.lang),
            "by_turn": _by_turn(held),
            "failures": [failure for one in held for failure in _failures(one)],
            "definitions": dict(DEFINITIONS),
        }

    def sample(self, folder: Path) -> Mapping[str, str]:
        """Write a dialogue about a tiny shop."""
        path, home = folder / "dialogues.jsonl", folder / "shop"
        path.write_text(json.dumps(SAMPLE) + "\n", encoding="utf-8")
        write_sample_shop(home)
        return {"cases": str(path), "shop": str(home)}


def _held(dialogue: Dialogue, agent: Agent, names: NameIndex) -> Held:
    thread: str | None = None
    turns = []
    for turn in dialogue.turns:
        answer = agent.ask(turn.say, thread_id=thread)
        thread = answer.thread_id
        turns.append(judged(turn, answer, names))
    return Held(dialogue, tuple(turns))


def judged(turn: Turn, answer: Answer, names: NameIndex) -> Spoken:
    """A turn with its scores, taken without lookups where that is better."""
    case = Case(messages=(Message(role="user", content=turn.say),), expect=turn.expect, alternatives=turn.alternatives)
    done = decided(answer, turn.expect.behaviour)
    scores = [score(case, reply) for reply in (done, without_lookups(done))]
    best = max(scores, key=lambda found: (found.tool, found.exact))
    meant = resolved_case(case, names)
    same = any(
        score(meant, Decided(reply.behaviour, resolved_calls(reply.calls, names))).exact
        for reply in (done, without_lookups(done))
    )
    return Spoken(turn, done, best, best.exact or same)


def _by_turn(held: Sequence[Held]) -> Report:
    """The figures of first turns, second turns and so on."""
    longest = max(len(one.turns) for one in held)
    return {
        str(place + 1): figures(
            [Held(one.dialogue, one.turns[place : place + 1]).shares() for one in held if len(one.turns) > place]
        )
        for place in range(longest)
    }


def _failures(held: Held) -> list[Report]:
    return [
        {
            "id": f"{held.dialogue.id}.{place}",
            "said": turn.turn.say,
            "expected": turn.turn.expect.model_dump(mode="json", exclude_unset=True),
            "got": {
                "behaviour": turn.done.behaviour,
                "calls": [{"name": call.name, "arguments": dict(call.arguments)} for call in turn.done.calls],
            },
        }
        for place, turn in enumerate(held.turns, 1)
        if not turn.resolved
    ]

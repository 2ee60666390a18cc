"""The tool-calls cases as a task of Inspect, the evaluation harness of the UK AI Security Institute.

Needs the extra `inspect`. Any model that Inspect knows can be measured, or one of the product's own:

    inspect eval evaluation/inspect_task.py --model openai/MODEL
    inspect eval evaluation/inspect_task.py --model none -T arm=embedded
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageSystem, ChatMessageUser, get_model
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolInfo

from agent import replies
from evaluation.arms import ROUTER
from evaluation.calls import Call, Decided, score
from evaluation.cases import SHIPPED, Case, Message, read_cases
from evaluation.router_arm import decide_by_router
from evaluation.suites.tool_calls import METRICS, decide_by_model, first_move, instructions
from parstock.domain import Json
from parstock.settings import Settings
from tools.catalogue import catalogue, function

_CASE, _DECIDED = "case", "decided"
_MESSAGES = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}


@task
def tool_calls(cases: str = "", arm: str = "") -> Task:
    """The first move in each case: the right tools with the right arguments, questions and refusals where they belong.

    Args:
        cases: File of cases; the project's own by default.
        arm: A chat model of the product ("embedded", "router", "openai:MODEL@URL" ...); by default the model of Inspect.
    """
    read = read_cases(Path(cases) if cases else SHIPPED / "tool-calls.jsonl")
    settings = Settings.load()
    samples = [
        Sample(
            input=_heard(case, settings), target=case.expect.behaviour, id=number, metadata={_CASE: case.model_dump(mode="json")}
        )
        for number, case in enumerate(read, 1)
    ]
    return Task(dataset=MemoryDataset(samples), solver=_of_product(arm) if arm else _of_inspect(), scorer=right_calls())


def _heard(case: Case, settings: Settings) -> list[ChatMessage]:
    told = (Message(role="system", content=instructions(case.messages, settings)), *case.messages)
    return [_MESSAGES[message.role](content=message.content) for message in told]


@solver
def _of_inspect() -> Solver:
    """Offers the whole catalogue and the two ways not to call to the model that Inspect runs; no tool is run."""
    offered = [_tool(spec) for spec in (*catalogue(), *replies.PSEUDO_TOOLS)]

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.output = await get_model().generate(state.messages, tools=offered)
        calls = state.output.message.tool_calls or []
        readable = [Call(call.function, call.arguments) for call in calls if not call.parse_error]
        return _noted(state, first_move(readable, unreadable=len(readable) < len(calls)))

    return solve


@solver
def _of_product(arm: str) -> Solver:
    """Asks a chat model of the product."""
    decide = decide_by_router if arm == ROUTER else decide_by_model(Settings.load(model=arm))

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        case = Case.model_validate(state.metadata[_CASE])
        return _noted(state, await asyncio.to_thread(decide, case.messages))

    return solve


@scorer(metrics={metric: [mean(), stderr()] for metric in METRICS})
def right_calls() -> Scorer:
    """Scores a first move as the suite `tool-calls` does."""

    async def scored(state: TaskState, target: Target) -> Score:
        case, told = Case.model_validate(state.metadata[_CASE]), state.metadata[_DECIDED]
        found = score(case, Decided(told["behaviour"], tuple(Call(call["name"], call["arguments"]) for call in told["calls"])))
        return Score(value={metric: float(getattr(found, metric)) for metric in METRICS}, answer=str(told))

    return scored


def _noted(state: TaskState, decided: Decided) -> TaskState:
    calls: list[Json] = [{"name": call.name, "arguments": dict(call.arguments)} for call in decided.calls]
    state.metadata[_DECIDED] = {"behaviour": decided.behaviour, "calls": calls}
    return state


def _tool(spec: Mapping[str, Any]) -> ToolInfo:
    described = function(spec)
    return ToolInfo.model_validate({key: described[key] for key in ("name", "description", "parameters")})

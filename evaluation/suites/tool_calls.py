"""The suite `tool-calls`: the right tools with the right arguments, and questions, refusals and small talk where they belong."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

import numpy as np

from evaluation.arms import ROUTER
from evaluation.base import Form, Options, Progress, Report, suites
from evaluation.calls import Call, Decided, Score, score
from evaluation.cases import Behaviour, Case, Message, read_cases
from evaluation.intervals import interval
from evaluation.router_arm import decide_by_router
from parstock.domain import Json
from parstock.settings import Settings

Decide: TypeAlias = Callable[[Sequence[Message]], Decided]
METRICS = ("behaviour", "tool", "exact", "wrong_call")
SAMPLE: tuple[Mapping[str, Json], ...] = (
    {
        "id": "s1",
        "kind": "single",
        "lang": "en",
        "messages": [{"role": "user", "content": "How many oak trays are on hand?"}],
        "expect": {"behaviour": "call", "calls": [{"name": "get_stock", "arguments": {"item": {"contains": ["oak tray"]}}}]},
    },
    {
        "id": "s2",
        "kind": "clarify",
        "lang": "zh",
        "messages": [{"role": "user", "content": "帮我下个单"}],
        "expect": {"behaviour": "clarify"},
    },
)
"""Two cases in the form that the suite reads."""
_PSEUDO: Mapping[str, Behaviour] = {"ask_user": "clarify", "decline": "refuse"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case with what came of it."""

    case: Case
    decided: Decided
    score: Score
    milliseconds: float


@suites.register("tool-calls")
class ToolCalls:
    """Scores a chat model on a file of cases, with all tools of the catalogue offered, and the n-gram router beside it."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Ask the model, and the router, for the first move of each case."""
        options.read(Form)
        cases = read_cases(options.cases)
        name = options.tested.model
        decide = decide_by_router if name == ROUTER else decide_by_model(options.tested)
        outcomes = _outcomes(cases, decide, name, progress)
        baseline = _outcomes(cases, decide_by_router, "router")
        return {
            "suite": "tool-calls",
            "model": name,
            **summary(outcomes),
            "baseline": {
                "model": "n-gram router with the same value parser",
                **_means(baseline),
                "by_lang": _groups(baseline, lambda outcome: outcome.case.lang),
            },
        }

    def sample(self, folder: Path) -> Mapping[str, str]:
        """Write `SAMPLE` as a file of cases."""
        path = folder / "tool-calls.jsonl"
        path.write_text("".join(f"{json.dumps(case, ensure_ascii=False)}\n" for case in SAMPLE), encoding="utf-8")
        return {"cases": str(path)}


def decide_by_model(settings: Settings) -> Decide:
    """How a chat model decides: the case's messages, the whole catalogue and the two ways not to call."""
    from langchain_core.messages import SystemMessage, convert_to_messages

    from agent import replies
    from agent.models import open_model
    from tools.catalogue import catalogue

    bound = open_model(settings).bind_tools([dict(spec) for spec in (*catalogue(), *replies.PSEUDO_TOOLS)])

    def decide(messages: Sequence[Message]) -> Decided:
        system = SystemMessage(instructions(messages, settings))
        reply = bound.invoke([system, *convert_to_messages([m.model_dump() for m in messages])])
        calls = [Call(call["name"], call["args"]) for call in reply.tool_calls]
        return first_move(calls, unreadable=bool(reply.invalid_tool_calls))

    return decide


def instructions(messages: Sequence[Message], settings: Settings) -> str:
    """What a chat model is told before the messages of a case, in their language."""
    import prompts
    from agent.language import detect

    lang, today = detect(messages[-1].content), settings.as_of or date.today()
    rules = prompts.load(f"explain.{lang}")
    return prompts.load(f"system.{lang}", as_of=today.isoformat(), currency=settings.currency, explain=rules)


def first_move(calls: Sequence[Call], *, unreadable: bool) -> Decided:
    """What a reply comes to: its real calls, else the way not to call that it chose; a broken call is met by a question."""
    if real := tuple(call for call in calls if call.name not in _PSEUDO):
        return Decided("call", real)
    return Decided(next((_PSEUDO[call.name] for call in calls), "clarify" if unreadable else "answer"))


def _outcomes(cases: Sequence[Case], decide: Decide, name: str, progress: Progress | None = None) -> list[Outcome]:
    """Decide each case; loading the model is not a planner's waiting time, so it is woken first."""
    decide([Message(role="user", content="hello")])
    outcomes = []
    for number, case in enumerate(cases, 1):
        began = time.perf_counter()
        decided = decide(case.messages)
        milliseconds = 1000 * (time.perf_counter() - began)
        outcomes.append(Outcome(case, decided, score(case, decided), milliseconds))
        if progress:
            progress(number / len(cases), name)
    return outcomes


def summary(outcomes: Sequence[Outcome]) -> Report:
    """The report on one arm."""
    waiting = [outcome.milliseconds for outcome in outcomes]
    return {
        **_figures(outcomes),
        "by_kind": _groups(outcomes, lambda outcome: outcome.case.kind),
        "by_lang": _groups(outcomes, lambda outcome: outcome.case.lang),
        "by_behaviour": _groups(outcomes, lambda outcome: outcome.case.expect.behaviour),
        "latency_ms": {"p50": round(float(np.median(waiting)), 1), "p95": round(float(np.quantile(waiting, 0.95)), 1)},
        "failures": [_failure(outcome) for outcome in outcomes if not outcome.score.exact],
    }


def _failure(outcome: Outcome) -> Report:
    calls: list[Json] = [{"name": call.name, "arguments": dict(call.arguments)} for call in outcome.decided.calls]
    return {
        "id": outcome.case.id,
        "expected": outcome.case.expect.model_dump(mode="json", exclude_unset=True),
        "got": {"behaviour": outcome.decided.behaviour, "calls": calls},
    }


def _groups(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> Report:
    """The figures of each group, by name."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    return {name: _figures(group) for name, group in sorted(groups.items())}


def _figures(outcomes: Sequence[Outcome]) -> Report:
    """How many there are, the mean of each metric, and its interval."""
    return {**_means(outcomes), "intervals": {metric: list(interval(_values(outcomes, metric))) for metric in METRICS}}


def _means(outcomes: Sequence[Outcome]) -> Report:
    return {"n": len(outcomes), **{metric: round(float(np.mean(_values(outcomes, metric))), 4) for metric in METRICS}}


def _values(outcomes: Sequence[Outcome], metric: str) -> list[bool]:
    return [getattr(outcome.score, metric) for outcome in outcomes]

"""The suite `tool-calls`: does the model choose the right tools with the right arguments, ask, decline and chat where it should?"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np

from evaluation.base import Options, Progress, read_cases, suites
from evaluation.calls import Score, score
from evaluation.intervals import interval
from evaluation.router_arm import router_decider
from parstock.domain import Json
from parstock.settings import Settings

Decide: TypeAlias = Callable[[Sequence[Mapping[str, str]]], "Decided"]
METRICS = ("behaviour", "tool", "exact", "wrong_call")
_BEHAVIOURS = {"ask_user": "clarify", "decline": "refuse"}


@dataclass(frozen=True, slots=True)
class Decided:
    """A model's first move."""

    behaviour: str
    calls: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case with what came of it."""

    case: Mapping[str, Any]
    decided: Decided
    score: Score
    milliseconds: float


@suites.register("tool-calls")
def tool_calls(options: Options, progress: Progress | None = None) -> dict[str, Json]:
    """Score a chat model on a file of cases, with all tools of the catalogue offered, and the n-gram router beside it."""
    cases = read_cases(options.cases)
    settings = options.settings.model_copy(update={"model": options.model}) if options.model else options.settings
    model = _run(cases, model_decider(settings), progress, settings.model)
    router = _run(cases, lambda messages: Decided(*router_decider(messages)), None, "router")
    report = {"suite": "tool-calls", "model": settings.model, **summarise(model)}
    report["baseline"] = {"model": "n-gram router with the same value parser", **_figures(router), "by_lang": _grouped(router, "lang")}
    return report


def model_decider(settings: Settings) -> Decide:
    """How a chat model decides: the case's messages, the whole catalogue and the two ways not to call."""
    from langchain_core.messages import SystemMessage, convert_to_messages

    import prompts
    from agent import replies
    from agent.language import detect
    from agent.models import open_model
    from tools.catalogue import catalogue

    bound = open_model(settings).bind_tools([dict(spec) for spec in (*catalogue(), *replies.PSEUDO_TOOLS)])

    def decide(messages: Sequence[Mapping[str, str]]) -> Decided:
        lang = detect(messages[-1]["content"])
        rules = prompts.load(f"explain.{lang}")
        system = prompts.load(f"system.{lang}", as_of=date.today().isoformat(), currency=settings.currency, explain=rules)
        reply = bound.invoke([SystemMessage(system), *convert_to_messages([dict(m) for m in messages])])
        calls = [call for call in reply.tool_calls if call["name"] not in _BEHAVIOURS]
        if calls:
            return Decided("call", tuple({"name": c["name"], "arguments": c["args"]} for c in calls))
        named = next((_BEHAVIOURS[c["name"]] for c in reply.tool_calls), "clarify" if reply.invalid_tool_calls else "answer")
        return Decided(named, ())

    return decide


def _run(cases: Sequence[Mapping[str, Any]], decide: Decide, progress: Progress | None, name: str) -> list[Outcome]:
    decide([{"role": "user", "content": "hello"}])  # loading the model is not a planner's waiting time
    outcomes = []
    for index, case in enumerate(cases):
        began = time.perf_counter()
        decided = decide(case["messages"])
        spent = 1000 * (time.perf_counter() - began)
        outcomes.append(Outcome(case, decided, score(case, decided.behaviour, decided.calls), spent))
        if progress:
            progress((index + 1) / len(cases), name)
    return outcomes


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Json]:
    """The report of one arm."""
    latency = [o.milliseconds for o in outcomes]
    return {
        **_figures(outcomes),
        "intervals": {m: list(interval([getattr(o.score, m) for o in outcomes])) for m in METRICS},
        "by_kind": _grouped(outcomes, "kind"),
        "by_lang": _grouped(outcomes, "lang"),
        "by_behaviour": _by(outcomes, lambda o: str(o.case["expect"]["behaviour"])),
        "latency_ms": {"p50": round(float(np.median(latency)), 1), "p95": round(float(np.quantile(latency, 0.95)), 1)},
        "failures": [
            {"id": o.case.get("id", ""), "expected": o.case["expect"], "got": {"behaviour": o.decided.behaviour, "calls": list(o.decided.calls)}}
            for o in outcomes
            if not o.score.exact
        ],
    }


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Json]:
    return {"n": len(outcomes), **{m: round(float(np.mean([getattr(o.score, m) for o in outcomes])), 4) for m in METRICS}}


def _grouped(outcomes: Sequence[Outcome], key: str) -> dict[str, Json]:
    return _by(outcomes, lambda o: str(o.case.get(key, "")))


def _by(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, Json]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    return {
        name: {**_figures(group), "intervals": {m: list(interval([getattr(o.score, m) for o in group])) for m in METRICS}}
        for name, group in sorted(groups.items())
    }

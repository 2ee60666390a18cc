"""Comparing tool calls with what a case expects, by the conventions of evaluation cases. Knows nothing about models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from agent.embedded.spots import normalise
from evaluation.cases import Behaviour, Case, Matcher, Wanted
from parstock.domain import Json


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a model made."""

    name: str
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Decided:
    """A model's first move."""

    behaviour: Behaviour
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """How one reply fared."""

    behaviour: bool
    """The right kind of reply."""
    tool: bool
    """Besides, the right tools, each as often as expected."""
    exact: bool
    """Besides, every argument equal."""
    wrong_call: bool
    """A call that would have misled the planner: where none was right, or with a wrong name or value."""


def score(case: Case, decided: Decided) -> Score:
    """Score a reply."""
    right_kind = decided.behaviour == case.expect.behaviour
    if case.expect.behaviour != "call":
        return Score(right_kind, right_kind, right_kind, decided.behaviour == "call")
    accepted = (case.expect.calls, *case.alternatives)
    tool = right_kind and any(_same_tools(decided.calls, expected) for expected in accepted)
    exact = tool and any(_same_calls(decided.calls, expected) for expected in accepted)
    return Score(right_kind, tool, exact, decided.behaviour == "call" and not exact)


def _same_tools(calls: Sequence[Call], expected: Sequence[Wanted]) -> bool:
    return sorted(call.name for call in calls) == sorted(call.name for call in expected)


def _same_calls(calls: Sequence[Call], expected: Sequence[Wanted]) -> bool:
    """Whether each call, in some order, is the expected one."""
    if not _same_tools(calls, expected):
        return False
    return any(all(_same(got, want) for got, want in zip(order, expected, strict=True)) for order in permutations(calls))


def _same(call: Call, want: Wanted) -> bool:
    return (
        call.name == want.name
        and call.arguments.keys() == want.arguments.keys()
        and all(equal(call.arguments[name], value) for name, value in want.arguments.items())
    )


def equal(got: Json, want: str | float | Matcher) -> bool:
    """Whether an argument is what was wanted: text without case and outer blanks, numbers by value, or a matcher."""
    if isinstance(want, Matcher):
        return any(equal(got, choice) for choice in want.any_of) or (bool(want.contains) and _has_all(got, want.contains))
    if isinstance(want, str):
        return normal_text(got) == normal_text(want)
    return isinstance(got, (int, float)) and not isinstance(got, bool) and abs(got - want) < 1e-9


def _has_all(got: Json, words: Sequence[str]) -> bool:
    return all(normal_text(word) in normal_text(got) for word in words)


def normal_text(value: Json) -> str:
    """A text without case, outer blanks, and the width of its characters."""
    return " ".join(normalise(str(value)).casefold().split())

"""Comparing tool calls with what a case expects, by the conventions of evaluation cases. Knows nothing about models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from agent.embedded.spots import normalise


@dataclass(frozen=True, slots=True)
class Score:
    """How one reply fared."""

    behaviour: bool
    tool: bool
    exact: bool
    wrong_call: bool


def score(case: Mapping[str, Any], behaviour: str, calls: Sequence[Mapping[str, Any]]) -> Score:
    """Score a reply: its behaviour and, for "call", its calls as `{"name", "arguments"}`."""
    wanted = case["expect"]["behaviour"]
    right_kind = behaviour == wanted
    if wanted != "call":
        return Score(right_kind, right_kind, right_kind, behaviour == "call")
    accepted = [case["expect"].get("calls", []), *case.get("alternatives", [])]
    tool = right_kind and any(_same_tools(calls, expected) for expected in accepted)
    exact = tool and any(_same_calls(calls, expected) for expected in accepted)
    return Score(right_kind, tool, exact, behaviour == "call" and not exact)


def _same_tools(calls: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]]) -> bool:
    return sorted(c["name"] for c in calls) == sorted(c["name"] for c in expected)


def _same_calls(calls: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]]) -> bool:
    if not _same_tools(calls, expected):
        return False
    return any(all(_same(got, want) for got, want in zip(order, expected, strict=True)) for order in permutations(calls))


def _same(call: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    got, want = call["arguments"], expected.get("arguments", {})
    return call["name"] == expected["name"] and got.keys() == want.keys() and all(equal(got[key], want[key]) for key in want)


def equal(got: Any, want: Any) -> bool:
    """Whether an argument is what was wanted: text without case and outer blanks, numbers by value, or a matcher."""
    if isinstance(want, Mapping):
        if "any_of" in want:
            return any(equal(got, choice) for choice in want["any_of"])
        return all(_text(word) in _text(got) for word in want["contains"])
    if isinstance(want, str):
        return _text(got) == _text(want)
    return isinstance(got, (int, float)) and not isinstance(got, bool) and abs(got - want) < 1e-9


def _text(value: Any) -> str:
    return " ".join(normalise(str(value)).casefold().split())

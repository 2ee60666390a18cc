"""Scoring of tool calls by the conventions of evaluation cases."""

from typing import Any

import pytest

from evaluation.calls import Call, Decided, equal, score
from evaluation.cases import Case, Matcher
from evaluation.intervals import interval


def case(behaviour: str, *calls: tuple[str, dict[str, Any]], alternatives: tuple[Any, ...] = ()) -> Case:
    """A case that expects some calls."""
    wanted = [{"name": name, "arguments": arguments} for name, arguments in calls]
    return Case.model_validate(
        {
            "messages": [{"role": "user", "content": "how many mugs in Leeds?"}],
            "expect": {"behaviour": behaviour, "calls": wanted},
            "alternatives": alternatives,
        }
    )


def called(*calls: tuple[str, dict[str, Any]]) -> Decided:
    """A reply with some calls."""
    return Decided("call", tuple(Call(name, arguments) for name, arguments in calls))


STOCK = case("call", ("get_stock", {"item": "Mug", "warehouse": "Leeds"}))


def test_case_and_blanks_do_not_count() -> None:
    """Names are compared without case and outer blanks, full-width forms folded."""
    assert score(STOCK, called(("get_stock", {"item": " mug ", "warehouse": "ＬＥＥＤＳ"}))).exact


def test_an_extra_argument_is_not_exact() -> None:
    """An optional argument that nobody asked for misleads."""
    scored = score(STOCK, called(("get_stock", {"item": "mug", "warehouse": "Leeds", "x": 1})))

    assert scored.tool
    assert not scored.exact
    assert scored.wrong_call


def test_another_tool_is_a_wrong_call() -> None:
    """The right kind of reply with the wrong tool gets behaviour, and nothing else."""
    scored = score(STOCK, called(("get_kpis", {})))

    assert (scored.behaviour, scored.tool, scored.exact, scored.wrong_call) == (True, False, False, True)


def test_an_alternative_is_as_good() -> None:
    """Other lists of calls are accepted too, with their matchers."""
    other = [{"name": "find_items", "arguments": {"query": {"contains": ["mug"]}}}]

    assert score(case("call", ("get_stock", {}), alternatives=(other,)), called(("find_items", {"query": "the MUG"}))).exact


def test_calls_in_another_order_are_the_same() -> None:
    """Several calls are compared as a set with repetition."""
    calls = [("get_stock", {"item": name}) for name in ("a", "b")]

    assert score(case("call", *calls), called(*calls[::-1])).exact
    assert not score(case("call", *calls), called(calls[0], calls[0])).exact


def test_calling_where_a_question_was_right_is_a_wrong_call() -> None:
    """A call that should not have been made counts against the model, a needless question does not."""
    assert score(case("clarify"), called(("get_stock", {}))).wrong_call
    assert not score(STOCK, Decided("clarify")).wrong_call
    assert score(case("clarify"), Decided("clarify")).exact


def test_numbers_are_equal_by_value() -> None:
    """30 and 30.0 are one number, true is none."""
    assert equal(30, 30.0)
    assert not equal(True, 1)
    assert not equal("30", 30)


@pytest.mark.parametrize(
    ("matcher", "right", "wrong"),
    [
        (Matcher(any_of=("mug", 3)), ("MUG", 3.0), ("mugs", 4)),
        (Matcher(contains=("late", "supplier")), ("Suppliers that are late",), ("late", "")),
    ],
)
def test_a_matcher_accepts_what_it_says(matcher: Matcher, right: tuple[Any, ...], wrong: tuple[Any, ...]) -> None:
    """One of several values, or a text with every one of some words."""
    assert all(equal(got, matcher) for got in right)
    assert not any(equal(got, matcher) for got in wrong)


def test_the_interval_holds_the_mean() -> None:
    """A bootstrap interval lies around the share it is of."""
    low, high = interval([True] * 70 + [False] * 30)

    assert low < 0.7 < high
    assert 0.15 < high - low < 0.22

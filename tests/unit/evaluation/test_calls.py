"""Scoring of tool calls by the conventions of evaluation cases."""

from evaluation.calls import equal, score
from evaluation.intervals import interval

CASE = {
    "expect": {"behaviour": "call", "calls": [{"name": "get_stock", "arguments": {"item": "Mug", "warehouse": "Leeds"}}]},
    "alternatives": [[{"name": "find_items", "arguments": {"query": {"contains": ["mug"]}}}]],
}


def test_case_and_blanks_do_not_count() -> None:
    """Names are compared without case and outer blanks, full-width forms folded."""
    assert score(CASE, "call", [{"name": "get_stock", "arguments": {"item": " mug ", "warehouse": "LEEDS"}}]).exact


def test_an_extra_argument_is_not_exact() -> None:
    """An optional argument that nobody asked for misleads."""
    result = score(CASE, "call", [{"name": "get_stock", "arguments": {"item": "mug", "warehouse": "Leeds", "x": 1}}])

    assert result.tool
    assert not result.exact
    assert result.wrong_call


def test_an_alternative_is_as_good() -> None:
    """Matchers in alternatives are honoured."""
    assert score(CASE, "call", [{"name": "find_items", "arguments": {"query": "the MUG with a dot"}}]).exact


def test_calls_in_another_order_are_the_same() -> None:
    """Several calls are compared as a set with repetition."""
    calls = [{"name": "get_stock", "arguments": {"item": name}} for name in ("a", "b")]
    case = {"expect": {"behaviour": "call", "calls": calls}}

    assert score(case, "call", calls[::-1]).exact
    assert not score(case, "call", [calls[0], calls[0]]).exact


def test_calling_where_a_question_was_right_is_a_wrong_call() -> None:
    """A call that should not have been made counts against the model, a needless question does not."""
    case = {"expect": {"behaviour": "clarify"}}

    assert score(case, "call", [{"name": "get_stock", "arguments": {}}]).wrong_call
    assert not score(CASE, "clarify", []).wrong_call
    assert score(case, "clarify", []).exact


def test_numbers_are_equal_by_value() -> None:
    """30 and 30.0 are one number, true is none."""
    assert equal(30, 30.0)
    assert not equal(True, 1)
    assert not equal("30", 30)


def test_the_interval_holds_the_mean() -> None:
    """A bootstrap interval lies around the share it is of."""
    low, high = interval([True] * 70 + [False] * 30)

    assert low < 0.7 < high
    assert 0.15 < high - low < 0.22

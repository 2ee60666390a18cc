"""Shares with intervals, and their groups."""

from typing import Any

from evaluation.report import Shares, figures, grouped, spread


def test_a_share_is_taken_over_all_cases_together() -> None:
    """A case with more to count weighs more, and the interval holds the share."""
    report: dict[str, Any] = figures([{"exact": (1, 4)}, {"exact": (1, 1)}])
    low, high = report["intervals"]["exact"]

    assert (report["n"], report["exact"]) == (2, 0.4)
    assert low <= 0.4 <= high


def test_the_parts_of_one_case_are_not_taken_for_independent() -> None:
    """Ten turns of two dialogues are as uncertain as two dialogues: the interval reaches from one to the other."""
    report: dict[str, Any] = figures([{"exact": (0, 5)}, {"exact": (5, 5)}])

    assert report["intervals"]["exact"] == [0.0, 1.0]


def test_a_metric_that_no_case_speaks_of_is_left_out() -> None:
    """Nothing out of nothing is no share."""
    report: dict[str, Any] = figures([{"polarity_errors": (0, 0), "exact": (1, 1)}])

    assert "polarity_errors" not in report
    assert report["exact"] == 1.0


def test_groups_have_their_own_figures() -> None:
    """Each group counts its cases alone."""
    things = [("en", 1.0), ("zh", 0.0), ("en", 0.0)]

    def shares(thing: tuple[str, float]) -> Shares:
        return {"exact": (thing[1], 1.0)}

    groups: dict[str, Any] = grouped(things, shares, lambda thing: thing[0])

    assert {name: (group["n"], group["exact"]) for name, group in groups.items()} == {"en": (2, 0.5), "zh": (1, 0.0)}


def test_a_smaller_run_takes_cases_from_everywhere() -> None:
    """Few cases are spread over the file, whose ends are in other languages; no count takes all."""
    assert spread(list(range(9)), 3) == [0, 4, 8]
    assert spread([1, 2], 5) == [1, 2]
    assert spread([1, 2], None) == [1, 2]

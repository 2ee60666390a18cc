"""Figures of a report: shares with bootstrap intervals, over all and by group. Knows nothing of what is counted."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

import numpy as np

from evaluation.base import Report
from evaluation.intervals import RESAMPLES, ratio_interval

Shares: TypeAlias = Mapping[str, tuple[float, float]]
"""Of one case: metric -> (what counts for it, out of how many); (0, 0) where the case says nothing of it."""
INTERVALS = f"95 % percentile bootstrap interval, whole cases drawn with replacement ({RESAMPLES:,} resamples)"
"""What `intervals` in a report are."""

T = TypeVar("T")


def figures(cases: Sequence[Shares]) -> Report:
    """How many cases there are, each metric over all of them, and its interval; a metric that no case speaks of is left out.

    Cases are drawn whole, so that the turns of one dialogue or the numbers of one answer are not taken for independent
    (Efron & Tibshirani 1993, section 8.3: resample the units that are independent).

    >>> figures([{"exact": (1, 2)}, {"exact": (2, 2)}])["exact"]
    0.75
    """
    report: Report = {"n": len(cases)}
    intervals: Report = {}
    for metric in dict.fromkeys(metric for case in cases for metric in case):
        hits, out_of = zip(*(case.get(metric, (0.0, 0.0)) for case in cases), strict=True)
        if sum(out_of):
            report[metric] = round(sum(hits) / sum(out_of), 4)
            intervals[metric] = list(ratio_interval(hits, out_of))
    return {**report, "intervals": intervals}


def grouped(things: Sequence[T], shares: Callable[[T], Shares], key: Callable[[T], str]) -> Report:
    """The figures of each group of things, by its name."""
    groups: dict[str, list[Shares]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(shares(thing))
    return {name: figures(group) for name, group in sorted(groups.items())}


def spread(things: Sequence[T], count: int | None) -> list[T]:
    """`count` of the things, evenly spread over their order; all of them where there are no more or no count is given.

    >>> spread([1, 2, 3, 4, 5], 3)
    [1, 3, 5]
    """
    if count is None or count >= len(things):
        return list(things)
    return [things[round(position)] for position in np.linspace(0, len(things) - 1, count)]

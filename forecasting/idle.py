"""Runs of days without a sale that are too long for chance: before a launch, in the middle, at the end. Decides nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, Floats

LAUNCH_CHANCE = 0.01
"""Days without a sale before the first one are days before the launch where so many are rarer than this."""
LAUNCH_DAYS = 14
"""Fewer such days are left alone."""
GAP_CHANCE = 1e-4
"""A run without a sale between two sales is a gap where the item would be expected to have fewer than this many so long."""
GAP_DAYS = 14
RESUMED_DAYS, RESUMED_SHARE = 28, 0.5
"""After a gap an item sells again: on at least this share of its usual selling days within so many days. Else it faded."""
RESUMED_LEAST_DAYS = 7
"""Fewer known days after a run do not tell."""
END_CHANCE = 0.01
END_DAYS = 14


@dataclass(frozen=True, eq=False, slots=True)
class Idle:
    """Runs without a sale of N items."""

    before: Bools
    """[N, T] days before the launch."""
    gap: Bools
    """[N, T] days between two sales on which the item can hardly have been on offer."""
    end_days: Floats
    """[N] known days since the last sale where they are too many for chance, else 0."""
    end_chance: Floats
    """[N] chance of so long a run at the item's own rate of selling."""


def idle_runs(demand: Floats) -> Idle:
    """Find the runs of [N, T] demand that chance does not explain.

    With k sales on L known days, all equally likely to sell, the chance that z given days hold none is
    C(L - z, k) / C(L, k), near ((L - z) / L)^k: a conditional test that needs no estimate of the rate
    (Przyborowski and Wilenski 1940, Biometrika 31). Demand that comes in bursts has longer runs, hence the strict limits.
    """
    if demand.shape[1] == 0:
        nothing, none = np.zeros(demand.shape, dtype=np.bool_), np.zeros(demand.shape[0])
        return Idle(nothing, nothing, none, none + 1.0)
    known, sold = np.isfinite(demand), demand > 0
    age = np.cumsum(known, axis=1)
    days, sales = age[:, -1:], sold.sum(axis=1, keepdims=True)
    some = sales[:, 0] > 0
    last_sold = np.maximum.accumulate(np.where(sold, age, 0), axis=1)
    next_sold = np.minimum.accumulate(np.where(sold, age, days + 1)[:, ::-1], axis=1)[:, ::-1]
    lead = np.where(some[:, None], next_sold[:, :1] - 1, 0)
    launched = (lead >= LAUNCH_DAYS) & (_log_chance(lead, days, sales) < np.log(LAUNCH_CHANCE))
    before = launched & (last_sold == 0) & ~sold
    lived = days - np.where(launched, lead, 0)
    end = np.where(some[:, None], days - last_sold[:, -1:], 0)
    end_log = _log_chance(end, lived, sales)
    ended = ((end >= END_DAYS) & (end_log < np.log(END_CHANCE)))[:, 0]
    run = next_sold - last_sold - 1
    inside = ~sold & (last_sold > 0) & (next_sold <= days)
    rare = _log_chance(run, lived - np.where(ended[:, None], end, 0), sales) + np.log(np.maximum(sales, 1)) < np.log(GAP_CHANCE)
    return Idle(
        before=before,
        gap=inside & (run >= GAP_DAYS) & rare & _resumes(sold, known),
        end_days=np.where(ended, end[:, 0], 0.0),
        end_chance=np.exp(end_log[:, 0]),
    )


def _resumes(sold: Bools, known: Bools) -> Bools:
    """[N, T] whether the item sells as usual after its next sale."""
    columns = np.arange(sold.shape[1])
    following = np.minimum.accumulate(np.where(sold, columns, columns.size)[:, ::-1], axis=1)[:, ::-1]
    until = np.minimum(following + RESUMED_DAYS, columns.size)
    sales, days = (np.pad(np.cumsum(flags, axis=1), ((0, 0), (1, 0))) for flags in (sold.astype(np.intp), known.astype(np.intp)))
    usual = sales[:, -1:] / np.maximum(days[:, -1:], 1)
    after_sales, after_days = (_taken(total, until) - _taken(total, following) for total in (sales, days))
    return np.asarray((after_days >= RESUMED_LEAST_DAYS) & (after_sales >= RESUMED_SHARE * usual * after_days))


def _taken(total: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.take_along_axis(total, columns, axis=1)


def _log_chance(run: Floats, days: Floats, sales: Floats) -> Floats:
    """Log of ((days - run) / days)^sales."""
    share = np.clip((days - run) / np.maximum(days, 1), 1e-12, 1.0)
    return np.asarray(sales * np.log(share))

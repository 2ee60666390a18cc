"""Permanent changes of an item's level: one batched likelihood-ratio test for a step. Changes no demand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats

WEEKS = 52
"""Weeks over which a change is looked for."""
LEAST_WEEKS = 6
"""Weeks that are needed on either side of a change."""
STRICT = 6.0
"""The step must be this many standard errors high: so strict that next to none of a thousand items at a constant rate passes."""
LEAST_CHANGE = 1.5
"""The level must change at least by this factor."""
SHOP_ITEMS = 20
"""Panels of this many items tell what the whole shop did, which is no change of an item's own level."""
LEAST_UNITS = 10.0
"""Units on the busier side, below which nothing is said."""


@dataclass(frozen=True, eq=False, slots=True)
class Shifts:
    """The clearest step of each of N items."""

    column: NDArray[np.intp]
    """[N] first day of the new level; -1 where the level did not change."""
    ratio: Floats
    """[N] new level over the old one; 1 where it did not change."""


def level_shifts(demand: Floats) -> Shifts:
    """Look for a step in [N, T] demand.

    Weekly means x are made even in variance by sqrt(x + 3/8) (Anscombe 1948, Biometrika 35), and the step of the place where the
    likelihood ratio of "two levels" against "one" is largest is measured in its standard errors, the variance being
    that around two levels, raised by (1 + r) / (1 - r) for the correlation r of neighbouring weeks: a level that drifts
    is no step. What moved all items of a large panel together is taken out first.
    """
    rows, days = demand.shape
    weeks = min(days // 7, WEEKS)
    none = Shifts(np.full(rows, -1, dtype=np.intp), np.ones(rows))
    if rows == 0 or weeks < 2 * LEAST_WEEKS:
        return none
    first = days - 7 * weeks
    week = demand[:, first:].reshape(rows, weeks, 7)
    open_days = np.isfinite(week).sum(axis=2)
    units = np.where(open_days > 0, np.nansum(week, axis=2) / np.maximum(open_days, 1), np.nan) * 7
    if rows >= SHOP_ITEMS:
        units = units / _shop(units)
    known = np.isfinite(units)
    x = np.where(known, np.sqrt(np.nan_to_num(units) + 0.375), 0.0)
    count = np.cumsum(known, axis=1)
    total, square = np.cumsum(x, axis=1), np.cumsum(x * x, axis=1)
    n, s, q = count[:, -1:], total[:, -1:], square[:, -1:]
    before, after = total / np.maximum(count, 1), (s - total) / np.maximum(n - count, 1)
    within = (q - count * before**2 - (n - count) * after**2) / np.maximum(n - 2, 1)
    possible = (count >= LEAST_WEEKS) & (n - count >= LEAST_WEEKS)
    within = np.where(possible, np.maximum(within, 1e-9), np.inf)
    best = within.argmin(axis=1)
    at = (np.arange(rows), best)
    left = np.arange(weeks) <= best[:, None]
    residual = np.where(known, x - np.where(left, before[at][:, None], after[at][:, None]), 0.0)
    together = (residual[:, 1:] * residual[:, :-1]).sum(axis=1) / np.maximum((residual**2).sum(axis=1), 1e-9)
    r = np.clip(together, 0.0, 0.9)
    error = np.sqrt(within[at] * (1 + r) / (1 - r) * (1 / np.maximum(count[at], 1) + 1 / np.maximum(n[:, 0] - count[at], 1)))
    height = np.abs(after[at] - before[at]) / error
    filled = np.nan_to_num(units)
    old = np.where(left, filled, 0).sum(axis=1) / np.maximum(count[at], 1)
    new = np.where(left, 0, filled).sum(axis=1) / np.maximum(n[:, 0] - count[at], 1)
    ratio = (new + 0.1) / (old + 0.1)
    shifted = possible[at] & (height >= STRICT) & (np.abs(np.log(ratio)) >= np.log(LEAST_CHANGE))
    shifted &= np.maximum(old * count[at], new * (n[:, 0] - count[at])) >= LEAST_UNITS
    return Shifts(np.where(shifted, first + 7 * (best + 1), -1), np.where(shifted, ratio, 1.0))


def _shop(units: Floats) -> Floats:
    """[1, W] what the items did together: the trimmed mean of each week's units over the item's own mean."""
    known = np.isfinite(units)
    mean = np.nansum(units, axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    scaled = np.where(known & (mean > 0), np.minimum(units / np.where(mean > 0, mean, 1.0), 3.0), np.nan)
    together = np.nansum(scaled, axis=0) / np.maximum(np.isfinite(scaled).sum(axis=0), 1)
    return np.where(together > 0.1, together, 1.0)[None]

"""How demand answers to price, learned from the shop's own price changes, few of them shrunk towards a prior. Prices nothing.

Each item's elasticity is the slope of log demand on log price, by quasi-likelihood of counts given the total of each half year
(conditional Poisson with fixed effects: Hausman, Hall and Griliches 1984): only prices within a half year are compared, and no
level has to be known; what week and weekday do to all items together is taken out first. Items with few price changes borrow
from the others (empirical Bayes: Paule and Mandel 1982 for the spread between items), and all borrow from `PRIOR_MEAN`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, DemandPanel, Floats

PRIOR_MEAN, PRIOR_SD = -2.0, 1.0
"""Elasticity expected before anything is seen: between the means of two meta-analyses, -1.76 (Tellis 1988) and -2.62 (Bijmolt,
van Heerde and Pieters 2005)."""
LEAST_SPREAD, USUAL_SPREAD = 0.3, 0.7
"""Standard deviation between the items of a category: at least, and where fewer than `FEW` items were learned from."""
FEW = 5
WEAKEST = -0.1
"""Demand is taken to fall at least this much with a higher price."""
LEAST_CHANGE = 0.03
"""A smaller step of the price, as a share, is none."""
LEAST_DAYS = 3
"""A price that held for fewer recorded days in a row tells nothing: it is a mixture of prices, or an offer to one customer."""
STRATUM_DAYS = 182
_SAME = 0.01
_WEEK = 7
_CALENDAR_WEIGHT = 20.0
_STEPS = 12
_STEEPEST = 10.0


@dataclass(frozen=True, eq=False, slots=True)
class Elasticities:
    """What is believed of the price elasticity of N items."""

    value: Floats
    """[N] percent by which demand changes with one percent of price, < 0."""
    standard_error: Floats
    """[N] standard deviation of that belief."""
    own_changes: NDArray[np.intp]
    """[N] price changes on record of each item."""
    pooled_items: int
    """Items with price changes that were learned from together."""
    pooled_changes: int
    """Price changes of all of them."""
    promoted: float
    """Share of the days at a lower price that were promotions; NaN where promotions are not recorded."""


@dataclass(frozen=True, eq=False, slots=True)
class _Days:
    """What counts of a panel, [N, T]."""

    units: Floats
    """0 where it does not count."""
    log_price: Floats
    """0 where it does not count."""
    counts: Bools


def learn_elasticities(panel: DemandPanel) -> Elasticities:
    """Return what the price changes of these items say, each by itself and all together.

    Days out of stock are left out. A day without a recorded price has that of the recorded days around it where both agree.

    Args:
        panel: N items of one category with their prices.
    """
    count = len(panel.items)
    if panel.price is None:
        return _pooled(np.full(count, np.nan), np.full(count, np.inf), np.zeros(count, dtype=np.intp), np.nan)
    price = steady_prices(panel.price)
    known = np.isfinite(price) & np.isfinite(panel.demand)
    if panel.in_stock is not None:
        known &= panel.in_stock
    days = _Days(np.where(known, panel.demand, 0.0), np.log(np.where(known, price, 1.0)), known)
    lower = _lower(days)
    changes = _changes(days)
    slope, error = _slopes(days, _calendar(days, panel.start.weekday()))
    unseen = changes == 0
    promoted = np.nan
    if panel.promotion is not None and (lower & known).any():
        promoted = float(panel.promotion[lower & known].mean())
    return _pooled(np.where(unseen, np.nan, slope), np.where(unseen, np.inf, error), changes, promoted)


def steady_prices(price: Floats) -> Floats:
    """Return [N, T] prices with gaps between equal ones filled; NaN where a price did not hold for `LEAST_DAYS` days.

    >>> nan = float("nan")
    >>> steady_prices(np.array([[5.0, nan, 5.0, 5.0, 3.0, 5.0, nan, 4.0, 4.0, 4.0]])).tolist()
    [[5.0, 5.0, 5.0, 5.0, nan, nan, nan, 4.0, 4.0, 4.0]]
    """
    usable = np.where(np.isfinite(price) & (price > 0), price, np.nan)
    before, after = _carried(usable), _carried(usable[:, ::-1])[:, ::-1]
    with np.errstate(invalid="ignore"):
        filled = np.where(np.abs(after / before - 1) < _SAME, before, usable)
        joins = np.abs(filled[:, 1:] / filled[:, :-1] - 1) < _SAME
    run = np.zeros(price.shape, dtype=np.intp)
    run[:, 1:] = np.cumsum(~joins, axis=1)
    offset = run + np.arange(len(price))[:, None] * price.shape[1]
    length = np.bincount(offset.ravel(), minlength=price.size)[offset]
    return np.where(length >= LEAST_DAYS, filled, np.nan)


def _carried(values: Floats) -> Floats:
    """[N, T] the last known value at or before each day."""
    last = np.maximum.accumulate(np.where(np.isfinite(values), np.arange(values.shape[1]), -1), axis=1)
    return np.where(last >= 0, np.take_along_axis(values, np.maximum(last, 0), axis=1), np.nan)


def _usual(days: _Days) -> Floats:
    """[N, T] log of the usual price: the highest that holds on at least a quarter of the half year's days."""
    strata = _strata(np.where(days.counts, days.log_price, np.nan))
    falling = -np.sort(-strata, axis=2)
    known = np.isfinite(strata).sum(axis=2, keepdims=True)
    usual = np.take_along_axis(falling, known // 4, axis=2)
    return np.repeat(usual, STRATUM_DAYS, axis=2).reshape(len(strata), -1)[:, : days.units.shape[1]]


def _lower(days: _Days) -> Bools:
    """[N, T] days below the usual price."""
    return np.asarray(days.counts & (days.log_price < np.nan_to_num(_usual(days), nan=-np.inf) - LEAST_CHANGE))


def _changes(days: _Days) -> NDArray[np.intp]:
    """[N] steps of the price."""
    held = _carried(np.where(days.counts, days.log_price, np.nan))
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(np.diff(held, axis=1)) > LEAST_CHANGE).sum(axis=1), dtype=np.intp)


def _strata(values: Floats) -> Floats:
    """[N, B, STRATUM_DAYS] half years, the last one filled up with NaN."""
    missing = -values.shape[1] % STRATUM_DAYS
    padded = np.concatenate([values, np.full((len(values), missing), np.nan)], axis=1)
    return padded.reshape(len(values), -1, STRATUM_DAYS)


def _calendar(days: _Days, first_weekday: int) -> Floats:
    """[T] what week and weekday do to all items together, from days at their usual prices; smoothed where little is sold."""
    count = days.units.shape[1]
    with np.errstate(invalid="ignore"):
        usual = days.counts & (np.abs(days.log_price - _usual(days)) <= LEAST_CHANGE)
    sold = np.where(usual, days.units, 0.0)
    week, weekday = np.arange(count) // _WEEK, (first_weekday + np.arange(count)) % _WEEK
    factor = np.ones(count)
    for _ in range(_STEPS):
        level = sold.sum(axis=1) / np.maximum((usual * factor).sum(axis=1), 1e-9)
        expected = (level[:, None] * usual).sum(axis=0)
        each_day = _ratio(np.bincount(weekday, sold.sum(axis=0)), np.bincount(weekday, expected * _weekly(factor, week)))
        by_week = np.bincount(week, sold.sum(axis=0)), np.bincount(week, expected * each_day[weekday])
        near = np.convolve(by_week[0], np.ones(9), "same") + 1.0, np.convolve(by_week[1], np.ones(9), "same") + 1.0
        of_week = (by_week[0] + _CALENDAR_WEIGHT * near[0] / near[1]) / (by_week[1] + _CALENDAR_WEIGHT)
        factor = of_week[week] * each_day[weekday]
    return factor


def _weekly(factor: Floats, week: NDArray[np.intp]) -> Floats:
    """[T] mean of the factor over each week."""
    return np.asarray((np.bincount(week, factor) / np.bincount(week))[week])


def _ratio(sold: NDArray[Any], expected: NDArray[Any]) -> Floats:
    return np.asarray((sold + _CALENDAR_WEIGHT) / (expected + _CALENDAR_WEIGHT), dtype=np.float64)


def _slopes(days: _Days, calendar: Floats) -> tuple[Floats, Floats]:
    """[N] slopes of log demand on log price and their standard errors, infinite where nothing can be told."""
    counts = np.nan_to_num(_strata(np.where(days.counts, 1.0, 0.0)))
    price, units = np.nan_to_num(_strata(days.log_price)), np.nan_to_num(_strata(days.units))
    price = price - (price * counts).sum(axis=2, keepdims=True) / np.maximum(counts.sum(axis=2, keepdims=True), 1.0)
    base = counts * np.nan_to_num(_strata(calendar[None, :]))
    total = units.sum(axis=2, keepdims=True)
    slope = np.full(len(units), PRIOR_MEAN)
    for _ in range(_STEPS):
        share, information, score = _likelihood(slope, price, units, base, total)
        step = np.divide(score, information, out=np.zeros_like(score), where=information > 1e-9)
        slope = np.clip(slope + np.clip(step, -1.0, 1.0), -_STEEPEST, _STEEPEST)
    share, information, _ = _likelihood(slope, price, units, base, total)
    dispersion = _dispersion(units, total * share, counts)
    error = np.sqrt(np.divide(dispersion, information, out=np.full_like(information, np.inf), where=information > 1e-9))
    return slope, error


def _likelihood(slope: Floats, price: Floats, units: Floats, base: Floats, total: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares [N, B, L] of each half year's units expected on each day, and [N] information and score of the slope."""
    weight = base * np.exp(np.clip(slope[:, None, None] * price, -50.0, 50.0))
    share = weight / np.maximum(weight.sum(axis=2, keepdims=True), 1e-300)
    mean = (share * price).sum(axis=2, keepdims=True)
    information = (total * share * (price - mean) ** 2).sum(axis=(1, 2))
    score = ((units - total * share) * price).sum(axis=(1, 2))
    return share, information, score


def _dispersion(units: Floats, expected: Floats, counts: Floats) -> Floats:
    """[N] variance over mean of what is not explained, by days or by weeks, whichever is larger; at least that of counts."""
    by_day = ((units - expected) ** 2 / np.maximum(expected, 0.05) * counts).sum(axis=(1, 2))
    free = np.maximum(counts.sum(axis=(1, 2)) - (counts.sum(axis=2) > 0).sum(axis=1) - 1, 1.0)
    weeks = (len(units), units.shape[1], -1, _WEEK)
    left, mean = (units - expected).reshape(weeks).sum(axis=3), expected.reshape(weeks).sum(axis=3)
    by_week = (left**2).sum(axis=(1, 2)) / np.maximum(mean.sum(axis=(1, 2)), 1e-9)
    return np.asarray(np.maximum.reduce([by_day / free, by_week, np.ones(len(units))]), dtype=np.float64)


def _pooled(slope: Floats, error: Floats, changes: NDArray[np.intp], promoted: float) -> Elasticities:
    """Shrink each item towards its category, and the category towards the prior."""
    seen = np.isfinite(slope) & np.isfinite(error)
    slopes, variances = slope[seen], error[seen] ** 2
    spread = max(_between(slopes, variances), LEAST_SPREAD if seen.sum() >= FEW else USUAL_SPREAD)
    weights = 1 / (variances + spread**2)
    certainty = weights.sum() + 1 / PRIOR_SD**2
    middle = ((weights * slopes).sum() + PRIOR_MEAN / PRIOR_SD**2) / certainty
    around = spread**2 + 1 / certainty if seen.any() else PRIOR_SD**2
    own = np.where(seen, 1 / error**2, 0.0)
    precision = own + 1 / around
    value = (own * np.where(seen, slope, 0.0) + middle / around) / precision
    return Elasticities(
        value=np.minimum(value, WEAKEST),
        standard_error=np.sqrt(1 / precision),
        own_changes=changes,
        pooled_items=int(seen.sum()),
        pooled_changes=int(changes[seen].sum()),
        promoted=promoted,
    )


def _between(slopes: Floats, variances: Floats) -> float:
    """Standard deviation between items beyond what their errors explain (Paule and Mandel 1982), by bisection."""
    if slopes.size < 2:
        return 0.0

    def excess(squared: float) -> float:
        weights = 1 / (variances + squared)
        mean = (weights * slopes).sum() / weights.sum()
        return float((weights * (slopes - mean) ** 2).sum()) - (slopes.size - 1)

    low, high = 0.0, _STEEPEST**2
    if excess(low) <= 0:
        return 0.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return float(np.sqrt(high))

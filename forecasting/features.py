"""What a model of many items is shown of an item on a day, and of a day ahead: its past, the calendar, its prices. Fits nothing.

All of it is known on the morning of the origin, the day a forecast is made on; demand of later days is never looked at.
Amounts are in units of the item's own scale, so that items of any pace can share one model.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from forecasting.covariates import Covariates
from forecasting.history import LEAST_UNITS, RECENT_DAYS, History
from parstock.domain import Bools, Floats

MEAN_DAYS = (7, 14, 28, 56, 91, 364)
SPREAD_DAYS = (28, 91)
WEEKS = (4, 8, 13)
"""Weeks over which a weekday's mean is taken."""
PROFILE_WEEKS = 26
PROFILE_PRIOR_WEEKS = 4.0
"""An item's weekday profile is shrunk to the panel's as if this many more weeks had followed it."""
SMOOTHING = (0.3, 0.1, 0.03)
QUANTILES = {28: (0.5, 0.9), 91: (0.25, 0.5, 0.75, 0.9, 0.97)}
"""Days back -> levels of the quantiles of demand over them."""
COVARIATE_DAYS = (7, 28)
NEAR_DAYS = 10
"""A special day farther away than this does not move demand."""
LEAST_SCALE = 0.05
"""Items that count in whole units have at least this scale: one sale in forty days."""
STEADIEST = 0.05
"""A scale is at least this share of the mean, so that an item that hardly changes is not infinitely far from zero."""
OLDEST_DAYS = 112
"""An item older than this, or longer without a sale, counts as this old: trees would read the date from a longer age."""


@dataclass(frozen=True, eq=False, slots=True)
class Past:
    """Running sums of N items over T days, from which the statistics as of any morning cost O(N)."""

    demand: Floats
    """[N, T] units a day; NaN where unknown."""
    unit: Floats
    """[N] 1 where demand comes in whole units, else 0."""
    covariates: Covariates
    known: Floats
    """[N, T + 1] number of known days before each column; those below likewise."""
    units: Floats
    squares: Floats
    sales: Floats
    """Days with a sale."""
    changes: Floats
    """Pairs of neighbouring known days since the first sale."""
    changed: Floats
    """Sum of the absolute changes from one to the other."""
    last_sale: NDArray[np.intp]
    """[N, T + 1] column of the last sale before each column; -1 where there is none."""
    first_known: NDArray[np.intp]
    """[N]"""
    smoothed: tuple[Floats, ...]
    """[N, T + 1] exponentially weighted mean of the known days before each column, one for each of `SMOOTHING`."""
    weekday_units: Floats
    """[N, T + 7] units of column c - 7 and every seventh before it."""
    weekday_known: Floats
    prices: Floats | None
    """[N, T + 1] running sum of `Covariates.price`."""
    promoted: Floats | None
    """[N, T + 1] promotion days, and below those on which demand is known, and their units."""
    promoted_known: Floats | None
    promoted_units: Floats | None

    @classmethod
    def of(cls, history: History, covariates: Covariates) -> "Past":
        """Sum up a history."""
        demand, days = history.demand, history.days
        known = np.isfinite(demand)
        units = np.where(known, demand, 0.0)
        sold = units > 0
        pairs = known[:, 1:] & known[:, :-1] & np.logical_or.accumulate(sold, axis=1)[:, :-1]
        change = np.where(pairs, np.abs(np.diff(units, axis=1)), 0.0)
        first = np.zeros((len(history.items), 1))
        promotion = None if covariates.promotion is None else covariates.promotion[:, :days]
        return cls(
            demand=demand,
            unit=history.whole.astype(np.float64),
            covariates=covariates,
            known=_running(known),
            units=_running(units),
            squares=_running(units**2),
            sales=_running(sold),
            changes=_running(np.hstack([first, pairs])),
            changed=_running(np.hstack([first, change])),
            last_sale=np.hstack(
                [-first - 1, np.maximum.accumulate(np.where(sold, np.arange(days), -1), axis=1)],
            ).astype(np.intp),
            first_known=np.where(known.any(axis=1), known.argmax(axis=1), days),
            smoothed=tuple(_smoothed(units, known, weight) for weight in SMOOTHING),
            weekday_units=_every_seventh(units),
            weekday_known=_every_seventh(known),
            prices=None if covariates.price is None else _running(covariates.price[:, :days]),
            promoted=None if promotion is None else _running(promotion),
            promoted_known=None if promotion is None else _running(promotion & known),
            promoted_units=None if promotion is None else _running(promotion * units),
        )

    def scale(self, origin: int) -> Floats:
        """[N] units: mean absolute day-to-day change since the first sale, the unit of M5's scaled pinball loss."""
        pairs = self.changes[:, origin]
        level = self.units[:, origin] / np.maximum(self.known[:, origin], 1)
        change = np.where(pairs > 0, self.changed[:, origin] / np.maximum(pairs, 1), 0.0)
        least = np.where(self.unit > 0, LEAST_SCALE, LEAST_UNITS)
        return np.asarray(np.maximum(np.maximum(change, STEADIEST * level), least))

    def can_learn(self, origin: int, least_days: int) -> Bools:
        """[N] True where an item would have been forecast on that morning."""
        earlier = max(origin - RECENT_DAYS, 0)
        return np.asarray((self.known[:, origin] >= least_days) & (self.sales[:, origin] > self.sales[:, earlier]))

    def statistics(self, origin: int) -> dict[str, Floats]:
        """Name -> [N] what the history before the origin says of each item, in units of its scale."""
        per = 1 / self.scale(origin)
        found = {f"mean{days}": self._mean(origin, days) * per for days in MEAN_DAYS}
        found |= {f"smooth{weight}": sums[:, origin] * per for weight, sums in zip(SMOOTHING, self.smoothed, strict=True)}
        for days in SPREAD_DAYS:
            known, sales = np.maximum(_over(self.known, origin, days), 1), _over(self.sales, origin, days)
            units = _over(self.units, origin, days)
            variance = _over(self.squares, origin, days) / known - (units / known) ** 2
            found[f"sold{days}"] = sales / known
            found[f"size{days}"] = units / np.maximum(sales, 1) * per
            found[f"deviation{days}"] = np.sqrt(np.maximum(variance, 0.0)) * per
        for days, levels in QUANTILES.items():
            values = _quantiles(self.demand[:, max(origin - days, 0) : origin], levels)
            found |= {f"quantile{days}_{level}": values[i] * per for i, level in enumerate(levels)}
        found["unit"] = self.unit * per
        found["since_sale"] = np.minimum(origin - 1.0 - self.last_sale[:, origin], OLDEST_DAYS)
        found["age"] = np.minimum(origin - self.first_known, OLDEST_DAYS).astype(np.float64)
        return found | self._of_covariates(origin, per)

    def weekdays(self, origin: int) -> dict[str, Floats]:
        """Name -> [N, 7] what the history says of the days ahead whose column is 0, 1, ... 6 modulo 7."""
        per = 1 / self.scale(origin)[:, None]
        stop = origin + 6 - (origin - 1 - np.arange(7)) % 7
        found = {}
        for weeks in WEEKS:
            units, known = self._over_weeks(stop, weeks)
            found[f"weekday{weeks}"] = np.where(known > 0, units / np.maximum(known, 1), np.nan) * per
        units, known = self._over_weeks(stop, PROFILE_WEEKS)
        level = units.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
        expected = (known * level * per).sum(axis=0)
        panel = np.where(expected > 0, (units * per).sum(axis=0) / np.where(expected > 0, expected, 1.0), 1.0)
        prior = PROFILE_PRIOR_WEEKS * level
        profile = np.where(level > 0, (units + prior * panel) / np.where(level > 0, known * level + prior, 1.0), 1.0)
        return found | {"profile": profile, "panel_profile": np.broadcast_to(panel, profile.shape)}

    def _mean(self, origin: int, days: int) -> Floats:
        known = _over(self.known, origin, days)
        return np.asarray(np.where(known > 0, _over(self.units, origin, days) / np.maximum(known, 1), np.nan))

    def _over_weeks(self, stop: NDArray[np.intp], weeks: int) -> tuple[Floats, Floats]:
        """[N, 7] units and known days of each weekday over the weeks before `stop`."""
        start = np.maximum(stop - 7 * weeks, stop % 7)
        return (
            self.weekday_units[:, stop] - self.weekday_units[:, start],
            self.weekday_known[:, stop] - self.weekday_known[:, start],
        )

    def _of_covariates(self, origin: int, per: Floats) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        if self.prices is not None:
            found |= {f"price{days}": _over(self.prices, origin, days) / days for days in COVARIATE_DAYS}
        if self.promoted is not None and self.promoted_known is not None and self.promoted_units is not None:
            found |= {f"promotion{days}": _over(self.promoted, origin, days) / days for days in COVARIATE_DAYS}
            known = self.promoted_known[:, origin]
            found["promoted"] = np.where(known > 0, self.promoted_units[:, origin] / np.maximum(known, 1), np.nan) * per
        return found


def sample(
    past: Past, covariates: Covariates, origin: int, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> dict[str, NDArray[np.float32]]:
    """Name -> [M] features of items on days ahead.

    Args:
        past: The history.
        covariates: What is known of the days; other than the history's own to ask what would be without a driver.
        origin: Column of the first day that is not known yet.
        rows: [M] item of each pair.
        columns: [M] day of each pair, `origin` or later.
    """
    found: dict[str, NDArray[Any]] = {name: values[rows] for name, values in past.statistics(origin).items()}
    found |= {name: values[rows, columns % 7] for name, values in past.weekdays(origin).items()}
    found["ahead"] = columns - origin + 1
    of_days: dict[str, NDArray[Any]] = {
        "weekday": covariates.weekday,
        "month_day": covariates.month_day,
        "to_special": np.minimum(covariates.to_special, NEAR_DAYS),
        "since_special": np.minimum(covariates.since_special, NEAR_DAYS),
        "holiday": covariates.holiday,
        "shopping": covariates.shopping,
    }
    found |= {name: values[columns] for name, values in of_days.items()}
    if covariates.price is not None:
        found["price"] = covariates.price[rows, columns]
    if covariates.promotion is not None:
        found["promotion"] = covariates.promotion[rows, columns]
    found |= {f"extra {name}": values[rows, columns] for name, values in covariates.extra.items()}
    return {name: np.asarray(values, dtype=np.float32) for name, values in found.items()}


def differ(known: Covariates, other: Covariates, items: int) -> Bools:
    """[N, D] item-days that `sample` shows in another way with the other covariates."""
    changed = np.zeros((items, known.weekday.size), dtype=np.bool_)
    changed |= (known.holiday != other.holiday) | (known.shopping != other.shopping)
    changed |= np.minimum(known.to_special, NEAR_DAYS) != np.minimum(other.to_special, NEAR_DAYS)
    changed |= np.minimum(known.since_special, NEAR_DAYS) != np.minimum(other.since_special, NEAR_DAYS)
    if known.price is not None and other.price is not None:
        changed |= known.price != other.price
    if known.promotion is not None and other.promotion is not None:
        changed |= known.promotion != other.promotion
    return changed


def _running(values: Floats | Bools) -> Floats:
    """[N, T + 1] sum of the columns before each."""
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def _over(sums: Floats, origin: int, days: int) -> Floats:
    """[N] sum over the days before the origin."""
    return np.asarray(sums[:, origin] - sums[:, max(origin - days, 0)])


def _every_seventh(values: Floats | Bools) -> Floats:
    """[N, T + 7] sum of column c - 7 and every seventh before it."""
    sums = np.zeros((values.shape[0], values.shape[1] + 7))
    for column in range(values.shape[1]):
        sums[:, column + 7] = sums[:, column] + values[:, column]
    return sums


def _smoothed(units: Floats, known: Bools, weight: float) -> Floats:
    """[N, T + 1] exponentially weighted mean of the known days before each column; 0 before the first."""
    recursion = ([weight], [1.0, weight - 1.0])
    total, count = lfilter(*recursion, units, axis=1), lfilter(*recursion, known.astype(np.float64), axis=1)
    means = np.zeros((units.shape[0], units.shape[1] + 1))
    np.divide(total, count, out=means[:, 1:], where=count > 0)
    return means


def _quantiles(values: Floats, levels: tuple[float, ...]) -> Floats:
    """[Q, N] quantiles of the known values of each row of [N, K], by linear interpolation; NaN where none is known."""
    if values.shape[1] == 0:
        return np.full((len(levels), values.shape[0]), np.nan)
    ordered, last = np.sort(values, axis=1), np.maximum(np.isfinite(values).sum(axis=1) - 1, 0)
    position = np.array(levels)[:, None] * last
    below = position.astype(np.intp)
    rows = np.arange(values.shape[0])
    low, high = ordered[rows, below], ordered[rows, np.minimum(below + 1, last)]
    return np.asarray(low + (position - below) * (high - low))

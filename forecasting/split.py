"""A forecast's mean split into parts that add up, whatever model made it. Fits no model and writes no words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, Driver, Floats, Forecast

DRIVERS: tuple[Driver, ...] = ("holiday", "promotion", "price", "event")
WEEK = 7
SELLS_DAILY = 0.1
"""An item that is expected to sell so many on a weekday is shut where nothing at all is; below it that is chance."""


@dataclass(frozen=True, eq=False, slots=True)
class Split:
    """The mean of N items over H days in parts, all [N, H] units a day. They add up to the mean exactly."""

    level: Floats
    """Where the item stands on the eve of the first day, with neither slope nor weekday; 0 on closed days."""
    trend: Floats
    """What the slope over the horizon has added to that by each day."""
    weekday: Floats
    """The pattern of the week; over whole weeks it adds nothing. In less than a week: how the days differ."""
    season: Floats
    """What remains: the time of year and whatever is no straight line, no weekday and no driver."""
    drivers: Mapping[Driver, Floats] = field(default_factory=dict)
    """Holiday, promotion, price and event, as far as the model gave their effects."""

    @property
    def parts(self) -> dict[str, Floats]:
        """All parts by name, in the order in which they are told."""
        told = {"level": self.level, "trend": self.trend, "weekday": self.weekday, "season": self.season}
        return told | {driver: self.drivers[driver] for driver in DRIVERS if driver in self.drivers}

    @property
    def mean(self) -> Floats:
        """[N, H] the sum of the parts: the forecast's mean."""
        return np.asarray(sum(self.parts.values()))

    def totals(self) -> dict[str, Floats]:
        """[N] units of each part over the horizon."""
        return {name: units.sum(axis=1) for name, units in self.parts.items()}


def split(forecast: Forecast) -> Split:
    """Split the mean of every item.

    The effects of drivers are the forecast's own. The rest, the base, has a slope (the median of those between any two of
    its weeks: Theil 1950, Sen 1968, J. Am. Statistical Association 63), a level (the median of its weeks when the slope is taken
    off) and a weekday pattern (mean deviation from the week, which adds up to nothing); what is left is the season. Medians
    leave a few high weeks to the season. Under two weeks there is no slope, under one the pattern is of the days there are.
    Closed days, on which nothing is expected though the item sells, are left out and have no part but zero.
    """
    mean, days = forecast.mean(), forecast.horizon_days
    drivers = {driver: np.asarray(units, dtype=np.float64) for driver, units in forecast.effects.items()}
    base = mean - sum(drivers.values())
    day = np.arange(days)
    open_days = _open_days(mean, drivers, day)
    span = min(days, WEEK)
    weeks = days // span
    whole = slice(0, weeks * span)
    slope = _slope(_week_means(base[:, whole], open_days[:, whole], weeks))
    steady = base - slope * (day + 1)
    by_week = _week_means(steady[:, whole], open_days[:, whole], weeks)
    shape = (len(mean), weeks, span)
    stands = open_days[:, whole].reshape(shape)
    deviation = (steady[:, whole].reshape(shape) - by_week[:, :, None]) * stands
    pattern = deviation.sum(axis=1) / np.maximum(stands.sum(axis=1), 1)
    level = np.median(by_week, axis=1, keepdims=True) * open_days
    trend = slope * (day + 1) * open_days
    weekday = pattern[:, day % span] * open_days
    return Split(level, trend, weekday, base - level - trend - weekday, drivers)


def _open_days(mean: Floats, drivers: Mapping[Driver, Floats], day: NDArray[np.intp]) -> Bools:
    """[N, H] False on weekdays without any demand or effect in the horizon, and on other days that are plainly shut."""
    member = np.eye(WEEK)[day % WEEK]
    moving = np.abs(mean) + sum(np.abs(units) for units in drivers.values())
    usual = (moving @ member / np.maximum(member.sum(axis=0), 1)) @ member.T
    return np.asarray((usual > 0) & ((moving > 0) | (usual < SELLS_DAILY)))


def _week_means(values: Floats, open_days: Bools, weeks: int) -> Floats:
    """[N, W] mean of the open days of each week of [N, W * days]; 0 where none is open."""
    shape = (values.shape[0], weeks, -1)
    total = (values * open_days).reshape(shape).sum(axis=2)
    return np.asarray(total / np.maximum(open_days.reshape(shape).sum(axis=2), 1))


def _slope(by_week: Floats) -> Floats:
    """[N, 1] median slope a day between any two of [N, W] weeks; 0 where there is one."""
    first, second = np.triu_indices(by_week.shape[1], k=1)
    if not first.size:
        return np.zeros((by_week.shape[0], 1))
    slopes = (by_week[:, second] - by_week[:, first]) / (WEEK * (second - first))
    return np.asarray(np.median(slopes, axis=1, keepdims=True))

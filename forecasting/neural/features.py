"""What a network is told of a panel: numbers of each day, of each forecast origin and of each day ahead. Learns no weights.

An origin o stands before day o: whatever is said of it uses days before o only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecasting.covariates import Covariates
from forecasting.history import History
from parstock.domain import Floats

SCALE_DAYS = 91
"""An item's unit at an origin is its mean demand over this many days before it (Salinas et al. 2020, section 3.3, by window)."""
SCALE_PRIOR_DAYS = 7.0
"""The unit is shrunk to the mean of all days before the origin as if this many more days had shown that."""
LEAST_COUNT_SCALE = 0.005
MOST_COUNT = 10_000.0
"""Items that ever sold more than this on a day are treated as continuous: whole units no longer show."""
SAME_WEEKDAYS = 8
"""Weeks over which the mean demand of a weekday is taken."""
WEEKDAY_PRIOR_WEEKS = 2.0
LEAST_SHARE = 0.05
"""Added to demand in units of its scale before the logarithm is taken."""
YEAR_FEATURES_DAYS = 730
"""Shorter histories say nothing of the time of year that is not also their trend."""
DAILY, ORIGIN = 3, 18
"""Numbers told of each day's demand, and of each origin."""

Array32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the training panel had, so that other panels are told to the network in the same words."""

    groups: tuple[str, ...]
    """Categories in the order of their embeddings; 0 stands for any other."""
    price: bool
    promotion: bool
    year: bool
    """Whether the time of year is told."""
    extra: Mapping[str, tuple[float, float]]
    """Name of a further covariate -> its mean and standard deviation in training."""

    @classmethod
    def of(cls, history: History, covariates: Covariates) -> "Vocabulary":
        """The words of a training panel."""
        return cls(
            groups=tuple(sorted(set(history.panel.groups))),
            price=covariates.price is not None,
            promotion=covariates.promotion is not None,
            year=history.days >= YEAR_FEATURES_DAYS,
            extra={
                name: (float(values.mean()), float(values.std()) or 1.0)
                for name, values in sorted(covariates.extra.items())
                if values.size
            },
        )

    @property
    def shared(self) -> int:
        """Numbers of a day that are the same for all items."""
        return 17 + 2 * self.year

    @property
    def own(self) -> int:
        """Numbers of a day that are an item's own."""
        return self.price + self.promotion + len(self.extra)


@dataclass(frozen=True, eq=False, slots=True)
class Features:
    """N items, T known days, D = T + H days with those ahead; ready for any origin 0..T."""

    demand: Array32
    """[N, T] units a day; 0 where unknown."""
    known: Array32
    """[N, T] 1 where demand is known, else 0."""
    daily: Array32
    """[N, T, DAILY] what is told of each day's demand once it is past."""
    scale: Array32
    """[N, T + 1] unit of demand at each origin."""
    origin: Array32
    """[N, T + 1, ORIGIN] what is told of the past at each origin."""
    weekday_total: Array32
    """[N, T] demand of the `SAME_WEEKDAYS` same weekdays up to and with this day."""
    weekday_count: Array32
    """[N, T] how many of them are known."""
    shared: Array32
    """[D, Vocabulary.shared]."""
    own: Array32
    """[N, D, Vocabulary.own]."""
    group: NDArray[np.int64]
    """[N] index into `Vocabulary.groups` from 1 on; 0 where the group is not among them."""
    counts: NDArray[np.bool_]
    """[N] True where demand is whole units, few enough to be counted."""
    first_origin: NDArray[np.int64]
    """[N] the first origin with enough known days and a sale before it; T + 1 where there is none."""


def features(history: History, covariates: Covariates, words: Vocabulary, least_days: int) -> Features:
    """Tell a panel in the words of a vocabulary.

    Args:
        history: Usable items.
        covariates: Of the history and the days ahead.
        words: Of the training panel.
        least_days: Known days before an origin without which it is none.
    """
    known = np.isfinite(history.demand)
    demand = np.where(known, history.demand, 0.0)
    counts = history.whole & (demand.max(axis=1, initial=0.0) <= MOST_COUNT)
    past = _Past(demand, known)
    scale = _scale(past, counts)
    selling = past.days > 0
    ready = (past.count(None) >= least_days) & (past.total(None) > 0)
    ratio = demand / scale[:, :-1]
    total, count = _same_weekday(demand), _same_weekday(known.astype(np.float64))
    index = {name: number for number, name in enumerate(words.groups, start=1)}
    groups = history.panel.groups or ("",) * len(history.items)
    return Features(
        demand=demand.astype(np.float32),
        known=known.astype(np.float32),
        daily=np.stack([np.log1p(ratio), known, selling], axis=2).astype(np.float32),
        scale=scale.astype(np.float32),
        origin=_origin(past, scale, counts),
        weekday_total=total.astype(np.float32),
        weekday_count=count.astype(np.float32),
        shared=shared_days(covariates, words),
        own=own_days(covariates, words, len(history.items)),
        group=np.array([index.get(name, 0) for name in groups], dtype=np.int64),
        counts=counts,
        first_origin=np.where(ready.any(axis=1), ready.argmax(axis=1), history.days + 1).astype(np.int64),
    )


def shared_days(covariates: Covariates, words: Vocabulary) -> Array32:
    """[D, Vocabulary.shared] calendar: weekday, day of month, nearness of special days, and with years of history the season."""
    turn = 2 * np.pi * (covariates.month_day - 1) / 31
    columns: list[NDArray[Any]] = [(covariates.weekday == weekday) for weekday in range(7)]
    columns += [wave(times * turn) for times in (1, 2) for wave in (np.sin, np.cos)]
    columns += [np.exp(-days / reach) for days in (covariates.to_special, covariates.since_special) for reach in (2.0, 7.0)]
    columns += [covariates.holiday, covariates.shopping]
    if words.year:
        columns += [np.sin(2 * np.pi * covariates.year_share), np.cos(2 * np.pi * covariates.year_share)]
    return np.stack(columns, axis=1).astype(np.float32)


def own_days(covariates: Covariates, words: Vocabulary, items: int) -> Array32:
    """[N, D, Vocabulary.own] price, promotion and further covariates; 0, the usual, where this panel does not have them."""
    shape = (items, covariates.weekday.size)
    nothing = np.zeros(shape)
    columns: list[NDArray[Any]] = []
    if words.price:
        columns.append(nothing if covariates.price is None else covariates.price)
    if words.promotion:
        columns.append(nothing if covariates.promotion is None else covariates.promotion)
    for name, (mean, deviation) in words.extra.items():
        values = covariates.extra.get(name)
        columns.append(nothing if values is None else (values - mean) / deviation)
    return np.stack(columns, axis=2).astype(np.float32) if columns else np.zeros((*shape, 0), dtype=np.float32)


class _Past:
    """Sums over the days before each origin: [N, T + 1] each."""

    def __init__(self, demand: Floats, known: NDArray[np.bool_]) -> None:
        self.days = demand
        self.known = known
        self._sums = {power: _cumulated(demand**power) for power in (1, 2)} | {0: _cumulated(known), -1: _cumulated(demand > 0)}
        log = np.log(np.where(demand > 0, demand, 1.0))
        self._log_sums = {power: _cumulated(log**power) for power in (1, 2)}

    def total(self, days: int | None, power: int = 1) -> Floats:
        """Sum of demand to a power over the last `days` days; all where None."""
        return _trailing(self._sums[power], days)

    def count(self, days: int | None) -> Floats:
        """Number of known days among them."""
        return self.total(days, 0)

    def sales(self, days: int | None) -> Floats:
        """Number of days with a sale among them."""
        return self.total(days, -1)

    def mean(self, days: int | None) -> Floats:
        """Mean demand of the known ones; 0 where there is none."""
        return np.asarray(self.total(days) / np.maximum(self.count(days), 1.0))

    def log_size(self, days: int | None) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the logarithm of demand on days with a sale; 0 where there is none."""
        count = np.maximum(self.sales(days), 1.0)
        mean = _trailing(self._log_sums[1], days) / count
        return mean, np.sqrt(np.maximum(_trailing(self._log_sums[2], days) / count - mean**2, 0.0))

    def since(self, marked: NDArray[np.bool_]) -> Floats:
        """Days since the last marked day; those since the panel's start where there was none."""
        columns = np.arange(1, marked.shape[1] + 1)
        last = np.maximum.accumulate(np.where(marked, columns, 0), axis=1)
        return np.asarray(np.arange(marked.shape[1] + 1) - np.pad(last, ((0, 0), (1, 0))), dtype=np.float64)


def _cumulated(values: NDArray[np.generic]) -> Floats:
    return np.pad(np.cumsum(values, axis=1, dtype=np.float64), ((0, 0), (1, 0)))


def _trailing(sums: Floats, days: int | None) -> Floats:
    """What was added to [N, T + 1] cumulated sums in the last `days` days; in all where None."""
    return sums if days is None else np.asarray(sums - sums[:, np.maximum(np.arange(sums.shape[1]) - days, 0)])


def _scale(past: _Past, counts: NDArray[np.bool_]) -> Floats:
    """[N, T + 1] mean demand before each origin, recent days foremost; 1 where nothing was sold yet."""
    ever = past.mean(None)
    scale = (past.total(SCALE_DAYS) + SCALE_PRIOR_DAYS * ever) / (past.count(SCALE_DAYS) + SCALE_PRIOR_DAYS)
    scale = np.where(counts[:, None], np.maximum(scale, LEAST_COUNT_SCALE), scale)
    return np.where(ever > 0, scale, 1.0)


def _origin(past: _Past, scale: Floats, counts: NDArray[np.bool_]) -> Array32:
    """[N, T + 1, ORIGIN] level, trend, frequency, size and spread of the past in units of the scale."""
    spread = np.sqrt(past.total(SCALE_DAYS, 2) / np.maximum(past.count(SCALE_DAYS), 1.0)) / scale
    size = past.total(SCALE_DAYS) / np.maximum(past.sales(SCALE_DAYS), 1.0) / scale
    started = past.count(None) > 0
    recent_size, recent_spread = past.log_size(SCALE_DAYS)
    usual_size, usual_spread = past.log_size(364)
    columns = [np.log(past.mean(days) / scale + LEAST_SHARE) for days in (7, 14, 28, 56, 364)]
    columns += [past.sales(days) / np.maximum(past.count(days), 1.0) for days in (14, 28, SCALE_DAYS)]
    columns += [
        np.log1p(size),
        np.log1p(spread),
        np.where(past.sales(SCALE_DAYS) > 0, recent_size - np.log(scale), 0.0),
        np.where(past.sales(364) > 0, usual_size - np.log(scale), 0.0),
        recent_spread,
        usual_spread,
        np.log1p(past.since(past.days > 0)) / 3,
        np.log1p(np.where(started, past.count(None), 0.0)) / 6,
        np.broadcast_to(counts[:, None], scale.shape),
        np.where(counts[:, None], np.log(scale), 0.0),
    ]
    return np.stack(columns, axis=2).astype(np.float32)


def _same_weekday(values: Floats) -> Floats:
    """[N, T] sum of each day and the `SAME_WEEKDAYS` - 1 same weekdays before it."""
    total = values.copy()
    for week in range(1, SAME_WEEKDAYS):
        if values.shape[1] > 7 * week:
            total[:, 7 * week :] += values[:, : -7 * week]
    return total

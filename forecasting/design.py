"""The columns of a demand regression: trend, time of year, weekday, named special days, promotion, price, other covariates.

Columns that all items share and columns of each item's own are kept apart, so that normal equations of thousands of
items are a few matrix products. Fits nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from forecasting.covariates import Covariates
from forecasting.history import History
from parstock.domain import Driver, Floats
from parstock.special_days import special_days

Kind: TypeAlias = Literal["trend", "yearly", "weekday", "holiday", "promotion", "price", "event"]
DRIVER_OF: dict[Kind, Driver] = {"holiday": "holiday", "promotion": "promotion", "price": "price", "event": "event"}
"""Kinds of columns that are told as drivers; the others are level, trend and season."""
YEAR_DAYS = 365.25
HARMONICS = 3
"""Sine waves of a year and its half and third: what changes within a month is left to special days."""
LEAD_DAYS = 7
"""Demand may climb, or sink, for this many days towards a special day."""
TREND_REACH_DAYS = 90.0
"""A trend is followed less and less: beyond this many days' worth of it nothing is added (damping, Gardner 1985)."""


@dataclass(frozen=True, eq=False, slots=True)
class Design:
    """What moves demand on D days: K columns shared by all items, J columns of each of N items."""

    shared: Floats
    """[D, K]."""
    shared_kinds: tuple[Kind, ...]
    own: Floats
    """[J, N, D]."""
    own_kinds: tuple[Kind, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """[K + J] kinds of all columns, the shared ones first: the order of coefficients."""
        return self.shared_kinds + self.own_kinds

    def only(self, *kinds: Kind) -> "Design":
        """The columns of some kinds."""
        shared = [k for k, kind in enumerate(self.shared_kinds) if kind in kinds]
        own = [j for j, kind in enumerate(self.own_kinds) if kind in kinds]
        return Design(
            self.shared[:, shared],
            tuple(self.shared_kinds[k] for k in shared),
            self.own[own],
            tuple(self.own_kinds[j] for j in own),
        )

    def days(self, days: slice) -> "Design":
        """The columns on some days."""
        return Design(self.shared[days], self.shared_kinds, self.own[:, :, days], self.own_kinds)

    def times(self, coefficients: Floats) -> Floats:
        """[N, D] the sum of columns times [N, K + J] coefficients: logarithms of factors on demand."""
        count = len(self.shared_kinds)
        total = coefficients[:, :count] @ self.shared.T
        for j, values in enumerate(self.own):
            total += coefficients[:, count + j, None] * values
        return total


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns a regression has; fixed when it is fitted, so that the days ahead get the same ones."""

    start: date
    """First day of the history."""
    known_days: int
    """T days of history."""
    yearly: bool
    """Whether a year is known, and so whether the time of year is learned."""
    specials: tuple[str, ...]
    """Names of the special days that the history saw."""
    countries: tuple[str, ...]

    @classmethod
    def of(cls, history: History) -> "Layout":
        """Choose the columns that a history can say something about."""
        countries = history.panel.countries
        seen = special_days(countries, history.start, history.end - timedelta(days=1)) if history.days else ()
        names = sorted({day.name_en for day in seen})
        return cls(history.start, history.days, history.days >= YEAR_DAYS, tuple(names), countries)

    def columns(self, covariates: Covariates) -> Design:
        """Lay out T days of history and those ahead."""
        days = covariates.weekday.size
        blocks: list[tuple[Kind, Floats]] = [("trend", self._trend(days)[:, None]), ("weekday", _weekdays(covariates.weekday))]
        if self.yearly:
            blocks.append(("yearly", self._waves(days)))
        blocks.append(("holiday", self._special(days)))
        own: list[tuple[Kind, Floats]] = []
        if covariates.promotion is not None:
            own.append(("promotion", covariates.promotion.astype(np.float64)))
        if covariates.price is not None:
            own.append(("price", covariates.price))
        own += [("event", _standardised(values, self.known_days)) for values in covariates.extra.values()]
        return Design(
            np.concatenate([values for _, values in blocks], axis=1),
            tuple(kind for kind, values in blocks for _ in range(values.shape[1])),
            np.stack([values for _, values in own]) if own else np.zeros((0, 0, days)),
            tuple(kind for kind, _ in own),
        )

    def _trend(self, days: int) -> Floats:
        """[D] years since the last known day, negative before it; damped ahead."""
        since = np.arange(days) - (self.known_days - 1.0)
        damped = TREND_REACH_DAYS * -np.expm1(-np.maximum(since, 0.0) / TREND_REACH_DAYS)
        return np.where(since > 0, damped, since) / YEAR_DAYS

    def _waves(self, days: int) -> Floats:
        """[D, 2 * HARMONICS] sines and cosines of the time of year."""
        new_year = np.datetime64(self.start, "Y").astype("datetime64[D]")
        day_of_year = (np.datetime64(self.start, "D") - new_year).astype(np.int64) + np.arange(days)
        angle = 2 * np.pi * day_of_year[:, None] / YEAR_DAYS * np.arange(1, HARMONICS + 1)
        return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)

    def _special(self, days: int) -> Floats:
        """[D, 2 * names]: whether the day is the special one, and how near ahead it is, from 0 to 1."""
        position = {name: 2 * i for i, name in enumerate(self.specials)}
        values = np.zeros((days, 2 * len(position)))
        on_the_day = np.zeros(values.shape, dtype=np.bool_)
        last = self.start + timedelta(days=days - 1 + LEAD_DAYS)
        for special in special_days(self.countries, self.start, last):
            column = position.get(special.name_en)
            if column is None:
                continue
            day = (special.day - self.start).days
            if day < days:
                values[day, column], on_the_day[day, column + 1] = 1.0, True
            for before in range(1, LEAD_DAYS + 1):
                if 0 <= day - before < days:
                    near = 1 - before / (LEAD_DAYS + 1)
                    values[day - before, column + 1] = max(values[day - before, column + 1], near)
        return np.where(on_the_day, 0.0, values)


def _weekdays(weekday: NDArray[np.int8]) -> Floats:
    """[D, 7] indicators, centred: what they say of a whole week is nothing."""
    return np.eye(7)[weekday] - 1 / 7


def _standardised(values: Floats, known_days: int) -> Floats:
    """[N, D] in standard deviations of the history's known days; zero where it never changes."""
    past: Sequence[Floats] | Floats = values[:, :known_days]
    mean = np.mean(past, axis=1, keepdims=True) if known_days else np.zeros((values.shape[0], 1))
    spread = np.std(past, axis=1, keepdims=True) if known_days else np.zeros((values.shape[0], 1))
    varies = spread > 1e-9 * np.maximum(np.abs(mean), 1.0)
    return np.asarray(np.divide(values - mean, spread, out=np.zeros_like(values), where=varies), dtype=np.float64)

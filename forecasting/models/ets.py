"""Exponential smoothing of level, damped trend and weekday season, all items side by side."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from forecasting.base import PanelForecaster, Paths, forecasters
from forecasting.history import History
from forecasting.resample import draw_weeks
from parstock.domain import Floats

LEVEL_WEIGHTS = (0.02, 0.05, 0.1, 0.2, 0.4)
TREND_WEIGHTS = (0.0, 0.1)
"""Share of the level's correction that also corrects the trend."""
SEASON_WEIGHTS = (0.0, 0.05, 0.15)
DAMPING = 0.95
"""What is left of the trend after a day."""
LEVEL_DAYS = 28
SEASON_DAYS = 84
"""Days after launch from which the first level and the first season are taken."""
SEASON_PRIOR_DAYS = 3.0
"""A weekday's first season is shrunk as if this many more days had shown none."""
ROWS_AT_ONCE = 256
"""Items smoothed together: candidates x items then fit in the processor's cache."""


@dataclass(frozen=True, eq=False, slots=True)
class _Weights:
    """Smoothing weights, [G, 1] for candidates or [N] for the chosen ones."""

    level: Floats
    trend: Floats
    season: Floats

    def pick(self, index: NDArray[np.intp]) -> "_Weights":
        """The weights of the chosen candidate of each item."""
        return _Weights(self.level[index, 0], self.trend[index, 0], self.season[index, 0])


@dataclass(eq=False, slots=True)
class _State:
    """Level and trend [..., N] and season [7, ..., N], by weekday, moved on day by day."""

    level: Floats
    trend: Floats
    season: Floats

    def expected(self, weekday: int) -> Floats:
        """Demand expected on the next day."""
        return np.asarray(self.level + DAMPING * self.trend + self.season[weekday])

    def move(self, error: Floats, weekday: int, weights: _Weights) -> None:
        """Take in the error of a day."""
        damped = DAMPING * self.trend
        self.level = self.level + damped + weights.level * error
        self.trend = damped + weights.trend * error
        self.season[weekday] += weights.season * error


@forecasters.register("ets")
class Ets(PanelForecaster):
    """Additive-error exponential smoothing: y = level + damped trend + weekday season + error.

    The weights are chosen per item from a grid by squared one-step error; futures run the same recursion on
    bootstrapped weeks of one-step errors. Source: Hyndman, Koehler, Ord, Snyder, "Forecasting with Exponential
    Smoothing", 2008, section 2.5 (AAdA) and 6.1 (simulation).
    """

    name: ClassVar[str] = "ets"

    def __init__(self) -> None:
        super().__init__()
        self._weights = _Weights(np.zeros(0), np.zeros(0), np.zeros(0))
        self._state = _State(np.zeros(0), np.zeros(0), np.zeros((7, 0)))
        self._errors: Floats = np.zeros((0, 7))
        self._next_weekday = 0

    def _learn(self, history: History) -> None:
        grid = _grid()
        weekdays = history.weekdays()
        self._next_weekday = history.end.weekday()
        parts = []
        for first in range(0, len(history.items), ROWS_AT_ONCE):
            demand = history.demand[first : first + ROWS_AT_ONCE]
            chosen = grid.pick(_squared_errors(demand, weekdays, grid).argmin(axis=0))
            state = _first_state(demand, weekdays)
            parts.append((chosen, state, _one_step_errors(demand, weekdays, state, chosen)))
        self._weights = _Weights(
            np.concatenate([weights.level for weights, _, _ in parts]),
            np.concatenate([weights.trend for weights, _, _ in parts]),
            np.concatenate([weights.season for weights, _, _ in parts]),
        )
        self._state = _State(
            np.concatenate([state.level for _, state, _ in parts]),
            np.concatenate([state.trend for _, state, _ in parts]),
            np.concatenate([state.season for _, state, _ in parts], axis=1),
        )
        self._errors = np.concatenate([errors for _, _, errors in parts])

    def _sample(self, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
        futures = draw_weeks(self._errors, horizon_days, paths, rng)
        for first in range(0, futures.shape[0], ROWS_AT_ONCE):
            self._run(futures[first : first + ROWS_AT_ONCE], slice(first, first + ROWS_AT_ONCE))
        return futures

    def _run(self, futures: Paths, rows: slice) -> None:
        """Turn the errors in `futures` [n, S, H] into demand, in place."""
        weights = _Weights(self._weights.level[rows, None], self._weights.trend[rows, None], self._weights.season[rows, None])
        shape = futures.shape[:2]
        state = _State(
            np.broadcast_to(self._state.level[rows, None], shape),
            np.broadcast_to(self._state.trend[rows, None], shape),
            np.repeat(self._state.season[:, rows, None], shape[1], axis=2),
        )
        for day in range(futures.shape[2]):
            weekday = (self._next_weekday + day) % 7
            error = futures[:, :, day].astype(np.float64)
            futures[:, :, day] = state.expected(weekday) + error
            state.move(error, weekday, weights)


def _grid() -> _Weights:
    combinations = [
        (level, level * trend, season) for level in LEVEL_WEIGHTS for trend in TREND_WEIGHTS for season in SEASON_WEIGHTS
    ]
    level, trend, season = np.array(combinations).T[:, :, None]
    return _Weights(level, trend, season)


def _first_state(demand: Floats, weekdays: NDArray[np.intp]) -> _State:
    """Level and season of the first weeks after each item's launch; no trend."""
    known = np.isfinite(demand)
    age = np.cumsum(known, axis=1)
    young = known & (age <= LEVEL_DAYS)
    level = np.where(young, demand, 0.0).sum(axis=1) / np.maximum(young.sum(axis=1), 1)
    teen = known & (age <= SEASON_DAYS)
    mean = np.where(teen, demand, 0.0).sum(axis=1) / np.maximum(teen.sum(axis=1), 1)
    season = np.zeros((7, demand.shape[0]))
    for weekday in range(7):
        here = teen & (weekdays == weekday)
        season[weekday] = np.where(here, demand - mean[:, None], 0.0).sum(axis=1) / (here.sum(axis=1) + SEASON_PRIOR_DAYS)
    return _State(level, np.zeros_like(level), season)


def _squared_errors(demand: Floats, weekdays: NDArray[np.intp], grid: _Weights) -> Floats:
    """Sum of squared one-step errors of every candidate: [G, N]."""
    first = _first_state(demand, weekdays)
    shape = (grid.level.shape[0], demand.shape[0])
    state = _State(
        np.broadcast_to(first.level, shape),
        np.zeros(shape),
        np.repeat(first.season[:, None, :], shape[0], axis=1),
    )
    total = np.zeros(shape)
    known, filled = np.isfinite(demand), np.nan_to_num(demand)
    for day, weekday in enumerate(weekdays.tolist()):
        error = (filled[:, day] - state.expected(weekday)) * known[:, day]
        total += error * error
        state.move(error, weekday, grid)
    return total


def _one_step_errors(demand: Floats, weekdays: NDArray[np.intp], state: _State, weights: _Weights) -> Floats:
    """Run the chosen weights over the history; return [N, T] errors and leave `state` at its end."""
    errors = np.full(demand.shape, np.nan)
    known, filled = np.isfinite(demand), np.nan_to_num(demand)
    for day, weekday in enumerate(weekdays.tolist()):
        error = (filled[:, day] - state.expected(weekday)) * known[:, day]
        errors[:, day] = np.where(known[:, day], error, np.nan)
        state.move(error, weekday, weights)
    return errors

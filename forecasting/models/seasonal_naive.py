"""Seasonal naive: next week is like the last one, give or take the changes seen from week to week."""

from typing import ClassVar

import numpy as np

from forecasting.base import PanelForecaster, Paths, forecasters
from forecasting.history import History
from forecasting.resample import draw_weeks
from parstock.domain import Floats


@forecasters.register("seasonal_naive")
class SeasonalNaive(PanelForecaster):
    """Repeats each weekday's last known demand; errors are a random walk of bootstrapped week-to-week changes."""

    name: ClassVar[str] = "seasonal_naive"

    def __init__(self) -> None:
        super().__init__()
        self._last_week: Floats = np.zeros((0, 7))
        self._changes: Floats = np.zeros((0, 7))

    def _learn(self, history: History) -> None:
        carried = _carry_forward(history.demand)
        self._last_week = np.nan_to_num(carried[:, -7:])
        self._changes = history.demand[:, 7:] - carried[:, :-7]

    def _sample(self, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
        weeks = -(-horizon_days // 7)
        changes = draw_weeks(self._changes, 7 * weeks, paths, rng).reshape(-1, paths, weeks, 7)
        futures = self._last_week[:, None, None, :].astype(np.float32) + changes.cumsum(axis=2)
        return np.asarray(futures.reshape(-1, paths, 7 * weeks)[:, :, :horizon_days])


def _carry_forward(demand: Floats) -> Floats:
    """Fill each unknown day of [N, T] with the last known day of the same weekday, where there is one."""
    filled = demand.copy()
    for day in range(7, filled.shape[1]):
        filled[:, day] = np.where(np.isfinite(filled[:, day]), filled[:, day], filled[:, day - 7])
    return filled

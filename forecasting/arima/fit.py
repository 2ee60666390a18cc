"""The rows of a history, fitted: from calendar days to the items' own days and back."""

from dataclasses import dataclass

import numpy as np
import torch

from forecasting.arima.orders import Order
from forecasting.arima.search import conclude, search
from forecasting.arima.series import Series, own_days
from forecasting.arima.simulate import Model, sample
from forecasting.base import Paths
from forecasting.history import History
from parstock.domain import Floats
from parstock.errors import InputError

LEAST_DAYS, LEAST_SALES = 28, 10
"""Known days, and days with a sale, without which no order is chosen."""


@dataclass(frozen=True, eq=False, slots=True)
class Fitted:
    """n items with the same number of open weekdays, each with its model."""

    series: Series
    model: Model
    orders: tuple[Order, ...]
    log_likelihood: Floats
    """[n] of demand in its own units."""
    aicc: Floats
    competed: tuple[int, ...]
    """[n] orders that competed."""

    @property
    def reasons(self) -> list[str]:
        """One sentence an item."""
        return [
            f"arima: order {order} had the lowest AICc ({aicc:.1f}) of {competed}"
            for order, aicc, competed in zip(self.orders, self.aicc.tolist(), self.competed, strict=True)
        ]

    def sample(self, history: History, horizon_days: int, paths: int, rng: np.random.Generator) -> Paths:
        """Draw futures of calendar days, zero on closed ones: [n, S, H]."""
        rows = self.series.rows
        weekdays = (history.end.weekday() + np.arange(horizon_days)) % 7
        is_open = ~history.closed[rows][:, weekdays]
        own = np.maximum(self.series.waited[:, None] + np.cumsum(is_open, axis=1) - 1, 0)
        drawn = sample(self.model, history.whole[rows], int(own.max(initial=0)) + 1, paths, rng)
        return np.take_along_axis(drawn, own[:, None, :], axis=2) * is_open[:, None, :]


def fit(history: History, device: str = "auto") -> tuple[Fitted, ...]:
    """Search and fit the orders of all items that have enough demand, and change in it, to choose one.

    Args:
        history: Demand as prepared for fitting.
        device: "cpu", "cuda" or another of torch's names; "auto" is a GPU where there is one.

    Returns:
        One part for each number of open weekdays; what `lacking` says of items that are in none.

    Raises:
        InputError: The device is not to be had.
    """
    parts = []
    rows = np.flatnonzero([not what for what in lacking(history)])
    for series in own_days(history, rows, _device(device)):
        known = (series.days - (series.gaps >= 0).sum(dim=1)).cpu().numpy()
        kept = series.take(np.flatnonzero(known >= LEAST_DAYS))
        if kept.rows.size:
            fitted = _fit(kept)
            finite = np.isfinite(fitted.aicc)
            if finite.any():
                parts.append(fitted if finite.all() else _fit(kept.take(np.flatnonzero(finite))))
    return tuple(parts)


def lacking(history: History) -> list[str]:
    """What each item lacks for an order to be chosen; empty where it lacks nothing."""
    known, sales = np.isfinite(history.demand).sum(axis=1), (history.demand > 0).sum(axis=1)
    highest = np.nan_to_num(history.demand, nan=-np.inf).max(axis=1, initial=-np.inf)
    lowest = np.nan_to_num(history.demand, nan=np.inf).min(axis=1, initial=np.inf)
    return [
        f"{days} open days are known, {LEAST_DAYS} are needed to choose an order"
        if days < LEAST_DAYS
        else f"{sold} days with a sale are known, {LEAST_SALES} are needed to choose an order"
        if sold < LEAST_SALES
        else ""
        if changes
        else "demand never changes, so there is no order to choose"
        for days, sold, changes in zip(known.tolist(), sales.tolist(), (highest > lowest).tolist(), strict=True)
    ]


def _fit(series: Series) -> Fitted:
    data, chosen, aicc, competed = search(series)
    orders = tuple(
        Order(p, d, q, seasonal_p, seasonal_d, seasonal_q, series.season, constant > 0)
        for (p, q, seasonal_p, seasonal_q), d, seasonal_d, constant in zip(
            chosen.orders.tolist(), data.differences.tolist(), data.seasonal.tolist(), chosen.constant.tolist(), strict=True
        )
    )
    return Fitted(
        series=series,
        model=conclude(data, chosen),
        orders=orders,
        log_likelihood=(chosen.log_likelihood - data.observed * torch.log(data.scale)).cpu().numpy(),
        aicc=aicc.cpu().numpy(),
        competed=tuple(competed.tolist()),
    )


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError) as error:
        raise InputError(f"device {name!r} is not to be had: {error}; give 'auto', 'cpu' or 'cuda'", field="device") from error

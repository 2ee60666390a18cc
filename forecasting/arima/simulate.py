"""Futures of fitted models: the expected path, and what drawn innovations add to it. All items side by side."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from forecasting.arima.filters import divide, multiply
from forecasting.arima.polynomials import Polynomials
from forecasting.base import Paths
from parstock.domain import Bools

ROWS_AT_ONCE = 128
HALVINGS = 18
"""Rounds of bisection for the level of the futures: to a millionth of the widest one."""


@dataclass(frozen=True, eq=False, slots=True)
class Model:
    """One fitted model an item, with its history on the item's own days."""

    shape: Polynomials
    differences: Tensor
    """[N] d"""
    seasonal: Tensor
    """[N] D"""
    mean: Tensor
    """[N] of the differenced series."""
    values: Tensor
    """[N, T] demand with gaps filled by what the model expects there; zeros from each row's end on."""
    innovations: Tensor
    """[N, T] zeros on days lost to differencing and from each row's end on."""
    first: Tensor
    """[N] day of the first innovation."""
    days: Tensor
    """[N] length of each row."""

    def rows(self, part: slice) -> "Model":
        """Some items only."""
        shape = self.shape
        return Model(
            Polynomials(shape.ar[part], shape.ma[part], shape.sar[part], shape.sma[part], shape.season),
            self.differences[part],
            self.seasonal[part],
            self.mean[part],
            self.values[part],
            self.innovations[part],
            self.first[part],
            self.days[part],
        )

    def unit_roots(self) -> list[tuple[int, Tensor]]:
        """Lag and [N, 1] coefficient of each factor of (1 - B)^d (1 - B^s)^D."""
        season = self.shape.season
        taken = [(season, self.seasonal > 0), (1, self.differences > 0), (1, self.differences > 1)]
        return [(lag, -has.to(self.mean.dtype).unsqueeze(1)) for lag, has in taken if bool(has.any())]


def expected(model: Model, horizon: int) -> Tensor:
    """[N, H] expected demand on the days after the last: the difference equation with innovations of zero."""
    shape = model.shape
    p, q, seasonal_p, seasonal_q = shape.places
    memory = max(p + shape.season * seasonal_p, q + shape.season * seasonal_q)
    reach = memory + sum(lag for lag, _ in model.unit_roots())
    ar, ma = shape.expanded(reach + 1)
    level = model.mean * ar.sum(dim=1)
    for lag, coefficient in model.unit_roots():
        ar = multiply(ar, coefficient, lag)
    past = _latest(model.values, model.days, reach)
    errors = _latest(model.innovations, model.days, reach)
    path = torch.cat([past, past.new_zeros(past.shape[0], horizon)], dim=1)
    errors = torch.cat([errors, errors.new_zeros(past.shape[0], horizon)], dim=1)
    weights, moving = -ar[:, 1:].flip(1), ma[:, 1:].flip(1)
    for day in range(horizon):
        window = slice(day, day + reach)
        path[:, reach + day] = level + (weights * path[:, window] + moving * errors[:, window]).sum(dim=1)
    return path[:, reach:]


def response(model: Model, horizon: int) -> Tensor:
    """[N, H] what an innovation adds to demand j days later: psi weights, unit roots included."""
    weights = model.shape.response(horizon)
    for lag, coefficient in model.unit_roots():
        weights = divide(weights, coefficient, lag)
    return weights


def sample(model: Model, whole: Bools, horizon: int, paths: int, rng: np.random.Generator) -> Paths:
    """Draw futures: the expected path plus past innovations drawn anew and passed on by the model, none below zero.

    Drawing what happened keeps the skewness of counts: the bootstrap of Thombs and Schucany 1990, JASA 85. Cutting at zero
    lifts the mean, so each day of all futures is lowered until their mean is again the model's.

    Args:
        model: Fitted models of N items.
        whole: [N] items that sell in whole units.
        horizon: Days H, on the items' own days.
        paths: Futures S.
        rng: Source of chance.

    Returns:
        [N, S, H] units a day.
    """
    count = model.mean.shape[0]
    futures = np.empty((count, paths, horizon), dtype=np.float32)
    day = torch.arange(horizon, device=model.mean.device)
    delay = day[None, :] - day[:, None]
    for start in range(0, count, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        part = model.rows(rows)
        weights = response(part, horizon)[:, delay.clamp_min(0)] * (delay >= 0)
        around = _drawn(part, horizon, paths, rng) @ weights.to(torch.float32)
        raw = expected(part, horizon).to(torch.float32).unsqueeze(1) + around
        units = torch.as_tensor(whole[rows], device=raw.device)[:, None, None]
        futures[rows] = _levelled(raw, units).cpu().numpy()
    return futures


def _drawn(model: Model, horizon: int, paths: int, rng: np.random.Generator) -> Tensor:
    """[N, S, H] innovations drawn with replacement from each item's own, around their mean."""
    errors, device = model.innovations, model.mean.device
    day = torch.arange(errors.shape[1], device=device)
    there = (day >= model.first.unsqueeze(1)) & (day < model.days.unsqueeze(1))
    number = there.sum(dim=1)
    mean = errors.sum(dim=1) / number.clamp_min(1)
    chance = torch.as_tensor(rng.random((errors.shape[0], paths * horizon), dtype=np.float32), device=device)
    pick = torch.minimum((chance * number.unsqueeze(1)).long(), number.unsqueeze(1) - 1) + model.first.unsqueeze(1)
    centred = (errors - mean.unsqueeze(1)).to(torch.float32)
    return torch.gather(centred, 1, pick).reshape(-1, paths, horizon)


def _levelled(raw: Tensor, whole: Tensor) -> Tensor:
    """Cut futures [N, S, H] at zero, round whole units, and lower or raise each day so that the mean stays as it was."""
    wanted = raw.mean(dim=1).clamp_min(0)
    highest = raw.amax(dim=1).clamp_min(0)
    low, high = torch.where(whole[:, 0], -0.5, 0.0).expand_as(highest), highest
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = _units(raw - middle.unsqueeze(1), whole).mean(dim=1) > wanted
        low, high = torch.where(above, middle, low), torch.where(above, high, middle)
    return _units(raw - high.unsqueeze(1), whole)


def _units(demand: Tensor, whole: Tensor) -> Tensor:
    demand = demand.clamp_min(0)
    return torch.where(whole, demand.round(), demand)


def _latest(series: Tensor, days: Tensor, reach: int) -> Tensor:
    """[N, reach] last values of each row before its end; zeros before its start."""
    column = days.unsqueeze(1) - reach + torch.arange(reach, device=days.device)
    return torch.gather(series, 1, column.clamp_min(0)) * (column >= 0)

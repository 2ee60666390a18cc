"""The cost of a serial base-stock policy by following the stock downstream, from the outside supply to the customer."""

import math

import numpy as np
from scipy.stats import norm, poisson

from evaluation.optimum import Answer, Params
from evaluation.optimum.given import array, number, text
from parstock.domain import Floats

_CELLS_PER_SD = 300


def serial_cost(params: Params, answer: Answer) -> dict[str, float]:
    """Return the expected cost of echelon base-stock levels.

    The top stage's echelon stock is S_N - D_N; each stage below has the position min(S_j, what is above), and the stock that
    the demand of its own lead time leaves of it. Those distributions are propagated; holding is charged on every stage's
    mean, backorders on the last one's negative part. The solver takes the other way, costs up the chain.
    """
    levels = array(answer, "echelon_base_stock_downstream_first")
    holding, times = array(params, "echelon_holding_costs_downstream_first"), array(params, "lead_times")
    mean = number(params, "demand_mean")
    spread = number(params, "demand_sd") if text(params, "demand") == "normal" else 0.0
    step = spread / _CELLS_PER_SD if spread else 1.0
    places, chances = np.array([math.inf]), np.ones(1)
    cost, stock = 0.0, np.zeros(1)
    for level, rate, time in reversed(list(zip(levels.tolist(), holding.tolist(), times.tolist(), strict=True))):
        places, chances = _capped(places, chances, level)
        demand, weights = _demand(mean * time, spread * math.sqrt(time), step)
        first = places[0] - demand[-1]
        chances = np.convolve(chances, weights[::-1]) if len(weights) < 200 else _long(chances, weights[::-1])
        places = first + step * np.arange(len(chances))
        stock = places
        cost += rate * float(places @ chances)
    owed = float(np.maximum(-stock, 0.0) @ chances)
    return {"cost": cost + (number(params, "stockout_cost") + float(holding.sum())) * owed}


def _capped(places: Floats, chances: Floats, level: float) -> tuple[Floats, Floats]:
    """Put what lies above the level on it; the chance of the cell that the level cuts is split between its neighbours' mean."""
    if not math.isfinite(places[0]) or level <= places[0]:
        return np.array([level]), np.array([1.0])
    if level >= places[-1]:
        return places, chances
    step = places[1] - places[0]
    inside = int((level - places[0]) / step + 1e-9)
    kept, grid = chances[: inside + 2].copy(), places[: inside + 2]
    above = float(chances[inside + 1 :].sum())
    share = (level - grid[inside]) / step
    kept[inside + 1] = above * share
    kept[inside] += above * (1 - share)
    return grid, kept


def _demand(mean: float, sd: float, step: float) -> tuple[Floats, Floats]:
    """Return evenly spaced amounts and their chances."""
    if mean == 0 or (sd == 0 and mean < 1e-12):
        return np.zeros(1), np.ones(1)
    if sd == 0:
        counts = np.arange(int(poisson.isf(1e-14, mean)) + 2)
        return counts.astype(np.float64), poisson.pmf(counts, mean)
    count = int(16 * sd / step) + 1
    amounts = mean - 8 * sd + step * np.arange(count + 1)
    weights = norm.pdf(amounts, mean, sd) * step
    return amounts.astype(np.float64), np.asarray(weights / weights.sum())


def _long(one: Floats, other: Floats) -> Floats:
    size = len(one) + len(other) - 1
    return np.fft.irfft(np.fft.rfft(one, size) * np.fft.rfft(other, size), size)

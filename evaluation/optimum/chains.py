"""Markov chains of given policies: what an (s, S), a lost-sales policy or a finite plan costs, by following the stock itself."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from parstock.domain import Floats

Orders: TypeAlias = Callable[[NDArray[np.intp]], NDArray[np.intp]]
"""[M, L] states, on hand and on the way, to [M] units ordered."""
_STEPS = 100_000


def min_max_cost(low: int, high: int, costs: Sequence[float], pmf: Floats, exposed: Floats) -> float:
    """Return the long-run money per period of an (s, S) policy, from the stationary distribution of the position after ordering.

    Args:
        low: s.
        high: S.
        costs: h, p, K.
        pmf: [D + 1] demand of a period.
        exposed: [D' + 1] demand of lead time and one period.
    """
    positions = np.arange(low + 1, high + 1)
    gap = positions[:, None] - positions
    move = np.where((gap >= 0) & (gap < pmf.size), pmf[np.clip(gap, 0, pmf.size - 1)], 0.0)
    orders = 1 - move.sum(axis=1)
    move[:, -1] += orders
    balance = np.vstack([move.T - np.eye(positions.size), np.ones(positions.size)])
    share = np.linalg.lstsq(balance, np.append(np.zeros(positions.size), 1.0), rcond=None)[0]
    left = positions[:, None] - np.arange(exposed.size)
    money = np.where(left > 0, costs[0] * left, -costs[1] * left) @ exposed
    return float(share @ (costs[2] * orders + money))


def lost_sales_cost(costs: Sequence[float], pmf: Floats, lead_time: int, orders: Orders) -> float:
    """Return the long-run money per period of a policy under lost sales, over the states that it reaches from an empty shop.

    Args:
        costs: h for a unit left, p for a unit lost.
        pmf: [D + 1] demand of a period.
        lead_time: L.
        orders: The policy; a state is what is on hand and the L - 1 orders on their way, the next to arrive first.
    """
    demand = np.arange(pmf.size)
    states = np.zeros((1, max(lead_time, 1)), dtype=np.intp)
    while True:
        reached = _after(states, orders(states), demand, lead_time)
        grown = np.unique(np.concatenate([states, reached.reshape(-1, states.shape[1])]), axis=0)
        if grown.shape[0] == states.shape[0]:
            break
        states = grown
    order = orders(states)
    digits = int(states.max()) + 1
    weights = digits ** np.arange(states.shape[1])[::-1]
    target = np.searchsorted(states @ weights, _after(states, order, demand, lead_time) @ weights)
    rows = np.repeat(np.arange(states.shape[0]), pmf.size)
    move = csr_array((np.tile(pmf, states.shape[0]), (target.ravel(), rows)), shape=(states.shape[0],) * 2)
    share = np.full(states.shape[0], 1 / states.shape[0])
    for _ in range(_STEPS):
        before, share = share, move @ share
        share /= share.sum()
        if np.abs(share - before).sum() < 1e-12:
            break
    stock = states[:, 0] + (order if lead_time == 0 else 0)
    gap = stock[:, None] - demand
    money: Floats = np.where(gap > 0, costs[0] * gap, -costs[1] * gap) @ pmf
    return float(share @ money)


def _after(states: NDArray[np.intp], order: NDArray[np.intp], demand: NDArray[np.intp], lead_time: int) -> NDArray[np.intp]:
    """[M, D + 1, L] the states after each demand."""
    if lead_time == 0:
        return np.asarray(np.maximum(states[:, :1] + order[:, None] - demand, 0)[..., None])
    pipeline = np.column_stack([states[:, 1:], order])
    stock = np.maximum(states[:, :1] - demand, 0) + pipeline[:, :1]
    rest = np.broadcast_to(pipeline[:, None, 1:], (*stock.shape, lead_time - 1))
    return np.concatenate([stock[..., None], rest], axis=2)


def horizon_cost(
    levels: Sequence[tuple[float, float]],
    pmfs: Sequence[Floats],
    costs: Sequence[Sequence[float]],
    terminal: tuple[float, float],
    start: int,
    discount: float,
) -> float:
    """Return the expected discounted money of (s_t, S_t) levels, by carrying the distribution of stock forward.

    Args:
        levels: T pairs of s and S.
        pmfs: T distributions of demand.
        costs: h, p, c and K, each of T periods.
        terminal: Money for a unit left and for one backordered in the end.
        start: Stock before the first order.
        discount: What money of the next period is worth in this one.
    """
    stock: Floats = np.array([float(start)])
    share: Floats = np.ones(1)
    total, worth = 0.0, 1.0
    for (low, high), pmf, holding, stockout, purchase, fixed in zip(levels, pmfs, *costs, strict=True):
        ordered = np.where(stock <= low, np.maximum(high - stock, 0), 0.0)
        total += worth * float(share @ (fixed * (ordered > 0) + purchase * ordered))
        left = (stock + ordered)[:, None] - np.arange(pmf.size)
        stock, place = np.unique(left, return_inverse=True)
        share = np.bincount(place.ravel(), weights=(share[:, None] * pmf).ravel()).astype(np.float64)
        total += worth * float(share @ np.where(stock > 0, holding * stock, -stockout * stock))
        worth *= discount
    return total + worth * float(share @ np.where(stock > 0, terminal[0] * stock, -terminal[1] * stock))

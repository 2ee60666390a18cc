"""Sharing out too little money over orders: a vectorised marginal greedy. Knows nothing of policies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats

_STEPS = 48  # steps that one order is cut into
_EPS = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class Orders:
    """What N items would be ordered if there were money enough, and what it is worth."""

    quantity: Floats
    """[N] units wanted, in whole packs."""
    position: Floats
    """[N] units already there or coming in time."""
    demand: Floats
    """[N, S] units demanded over the interval to be covered."""
    minimum: Floats
    """[N] least order, units."""
    pack: Floats
    """[N] units in a pack."""
    unit_cost: Floats
    """[N] money for a unit."""
    shortage_cost: Floats
    """[N] money lost for a unit short."""


def expected_short(demand: Floats, supply: Floats) -> Floats:
    """Return [N, K] the mean units short of [N, S] demand at each of [N, K] levels of supply.

    >>> expected_short(np.array([[0.0, 10.0]]), np.array([[0.0, 4.0, 20.0]]))
    array([[5., 3., 0.]])
    """
    rising = np.sort(demand, axis=1)
    count = rising.shape[1]
    above = np.stack([(rising > supply[:, column, None]).sum(axis=1) for column in range(supply.shape[1])], axis=1)
    largest = np.concatenate([np.zeros((rising.shape[0], 1)), np.cumsum(rising[:, ::-1], axis=1)], axis=1)
    return np.asarray((np.take_along_axis(largest, above, axis=1) - above * supply) / count)


def within_budget(orders: Orders, budget: float) -> Floats:
    """Return [N] quantities that cost no more than the budget, spent where money avoids most stockout cost.

    A greedy heuristic, not a proven optimum. Each order is cut into steps, the minimum order first and then whole
    packs; steps are taken by expected stockout cost avoided per unit of money. That is optimal for the relaxation in
    which the last step may be split; what is left of the money then buys single packs in the same order.
    """
    if float(orders.quantity @ orders.unit_cost) <= budget + _EPS:
        return orders.quantity
    rows = np.flatnonzero(orders.quantity > 0)
    wanted, pack, price = orders.quantity[rows], orders.pack[rows], orders.unit_cost[rows]
    least = np.minimum(np.ceil(orders.minimum[rows] / pack) * pack, wanted)
    least = np.maximum(least, np.minimum(pack, wanted))
    more = np.floor((wanted - least)[:, None] * np.linspace(0.0, 1.0, _STEPS) / pack[:, None] + _EPS) * pack[:, None]
    levels = np.concatenate([np.zeros((rows.size, 1)), least[:, None] + more], axis=1)
    saved = -np.diff(expected_short(orders.demand[rows], orders.position[rows, None] + levels), axis=1)
    spent = np.diff(levels, axis=1) * price[:, None]
    worth = np.divide(saved * orders.shortage_cost[rows, None], spent, out=np.full_like(saved, np.inf), where=spent > 0)
    worth = np.minimum.accumulate(worth, axis=1)
    taken = _take_steps(worth, spent, budget)
    bought = levels[np.arange(rows.size), taken]
    next_worth = worth[np.arange(rows.size), np.minimum(taken, worth.shape[1] - 1)]
    chosen = np.zeros_like(orders.quantity)
    chosen[rows] = _spend_rest(bought, wanted, least, pack, price, budget, np.argsort(-next_worth, kind="stable"))
    return chosen


def _take_steps(worth: Floats, spent: Floats, budget: float) -> NDArray[np.intp]:
    """Return [N] how many steps of each order are bought, best worth first; an order stops at its first step not affordable.

    Args:
        worth: [N, K] stockout cost avoided per unit of money, not rising along a row.
        spent: [N, K] money for each step.
        budget: Money.
    """
    queue = np.argsort(-worth, axis=None, kind="stable")
    price, row = spent.ravel()[queue], queue // worth.shape[1]
    taken, left = np.zeros(worth.shape[0], dtype=np.intp), budget
    while row.size:
        total = np.cumsum(price)
        affordable = int(np.searchsorted(total, left + _EPS, side="right"))
        np.add.at(taken, row[:affordable], 1)
        left -= float(total[affordable - 1]) if affordable else 0.0
        row, price = row[affordable:], price[affordable:]
        stops = np.full(worth.shape[0], row.size, dtype=np.intp)
        too_dear = np.flatnonzero(price > left + _EPS)
        np.minimum.at(stops, row[too_dear], too_dear)
        keep = np.arange(row.size) < stops[row]
        row, price = row[keep], price[keep]
    return taken


def _spend_rest(
    bought: Floats, wanted: Floats, least: Floats, pack: Floats, price: Floats, budget: float, order: NDArray[np.intp]
) -> Floats:
    """Return [N] the quantities after the rest of the money has bought single packs, item after item in `order`."""
    quantity = bought.copy()
    left = budget - float(quantity @ price)
    for row in order[(wanted > bought)[order]]:
        if quantity[row] == 0 and least[row] * price[row] > left + _EPS:
            continue
        packs = np.floor((left + _EPS) / (pack[row] * price[row])) if price[row] > 0 else np.inf
        target = min(wanted[row], quantity[row] + packs * pack[row])
        left -= (target - quantity[row]) * price[row]
        quantity[row] = target
    return quantity

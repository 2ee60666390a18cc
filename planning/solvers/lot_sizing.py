"""Dynamic lot sizing with packs, a minimum order and a capacity: known demand by period, for all items at once."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts
from planning.solvers.wagner_whitin import LotCosts, LotPlan, by_period, lot_terms, plan_of

MOST_STATES = 30_000_000
"""Items x periods x packs held in memory at once: items are taken in groups, one item that needs more is refused."""
_EPS = 1e-9


def lot_sizing(
    demand: ArrayLike,
    fixed_cost: ArrayLike,
    holding_cost: ArrayLike,
    purchase_cost: ArrayLike = 0.0,
    *,
    pack_size: ArrayLike = 1.0,
    minimum_order: ArrayLike = 0.0,
    capacity: ArrayLike = math.inf,
    initial_inventory: ArrayLike = 0.0,
) -> LotPlan:
    """Return the orders that meet all demand at least cost, without backlog, each 0 or whole packs from minimum to capacity.

    Exact dynamic programming over the number of packs ordered so far. What an order costs is a fixed cost and a price a
    pack, so the best order that leads to a state is a minimum over a sliding window of states, and a period takes time
    proportional to the states (after Florian & Klein 1971; Shaw & Wagelmans 1998).

    Args:
        demand: [T] or [N, T] units.
        fixed_cost: One number, [T], [N, 1] or [N, T] money for an order.
        holding_cost: Of the same shapes: money for a unit in stock at the end of a period.
        purchase_cost: Of the same shapes: money for a unit.
        pack_size: One number or [N] units; an order is whole packs.
        minimum_order: One number or [N] least units of an order.
        capacity: One number, [T], [N, 1] or [N, T] most units of an order; infinite for no limit.
        initial_inventory: One number or [N] units there before the first period.

    Raises:
        InputError: A value is negative or not finite, shapes do not fit, the problem is too large for memory, or the demand
            cannot be met within the capacity; the message then names item and period.

    >>> plan = lot_sizing([16, 24, 17, 12], 40, 0.8, 5, pack_size=12, minimum_order=48, initial_inventory=15)
    >>> plan.quantity[0].astype(int).tolist(), plan.cost
    ([60, 0, 0, 0], array([434.4]))
    """
    needed, costs, initial = lot_terms(demand, fixed_cost, holding_cost, purchase_cost, initial_inventory)
    items = len(needed)
    pack = _by_item("pack_size", amounts("pack_size", pack_size, above=0), items)
    least = _by_item("minimum_order", amounts("minimum_order", minimum_order), items)
    most = by_period("capacity", amounts("capacity", capacity, infinite=True), needed)
    lows = np.maximum(np.ceil(least / pack - _EPS), 1.0)
    total = np.maximum(np.ceil((needed.sum(axis=1) - initial) / pack - _EPS), 0.0)
    highs = np.floor(np.minimum(most / pack[:, None], (total + lows)[:, None]) + _EPS)
    wanted = np.ceil((np.cumsum(needed, axis=1) - initial[:, None]) / pack[:, None] - _EPS)
    states = int((total + lows).max()) + 1
    at_once = MOST_STATES // (states * needed.shape[1])
    if at_once < 1:
        message = f"demand takes up to {states - 1} packs over {needed.shape[1]} periods, more states than fit; use larger packs"
        raise InputError(message, field="pack_size")
    packs = np.zeros_like(needed)
    for first in range(0, items, at_once):
        rows = slice(first, first + at_once)
        task = _Task(first, pack[rows], lows[rows], highs[rows], wanted[rows], needed[rows], _rows(costs, rows), initial[rows])
        packs[rows] = _ordered(task, states)
    return plan_of(packs * pack[:, None], needed, costs, initial)


@dataclass(frozen=True, eq=False, slots=True)
class _Task:
    """Some of the items, quantities in packs."""

    first: int
    """Position of the first among all."""
    pack: Floats
    low: Floats
    """[N] least packs of an order."""
    high: Floats
    """[N, T] most packs of an order."""
    wanted: Floats
    """[N, T] packs that must have been ordered by the end of each period."""
    demand: Floats
    costs: LotCosts
    initial: Floats


def _ordered(task: _Task, states: int) -> Floats:
    """Return [N, T] packs to order."""
    items, periods = task.wanted.shape
    count = np.arange(states, dtype=np.float64)
    values = np.full((periods + 1, items, states), np.inf)
    values[0, :, 0] = 0.0
    prices = task.costs.purchase * task.pack[:, None]
    needed = np.cumsum(task.demand, axis=1)
    for now in range(periods):
        price = prices[:, now, None] * count
        order = _window_least(values[now] - price, task.low, task.high[:, now]) + price + task.costs.fixed[:, now, None]
        stock = np.maximum(task.initial[:, None] + task.pack[:, None] * count - needed[:, now, None], 0.0)
        cost = np.minimum(values[now], order) + task.costs.holding[:, now, None] * stock
        values[now + 1] = np.where(count < task.wanted[:, now, None], np.inf, cost)
        _refuse_short(task, now, values[now + 1])
    return _traced(task, values, prices)


def _refuse_short(task: _Task, now: int, values: Floats) -> None:
    short = np.flatnonzero(~np.isfinite(values).any(axis=1))
    if short.size:
        row = int(short[0])
        message = (
            f"capacity of item {task.first + row} cannot meet its demand up to period {now} "
            f"({float(task.demand[row, : now + 1].sum()):g} units with {float(task.initial[row]):g} there); raise capacity"
        )
        raise InputError(message, field="capacity")


def _traced(task: _Task, values: Floats, prices: Floats) -> Floats:
    """Return [N, T] packs, going back from each item's cheapest last state."""
    periods, items, states = values.shape[0] - 1, values.shape[1], values.shape[2]
    packs, rows, count = np.zeros((items, periods)), np.arange(items), np.arange(states)
    state = np.argmin(values[-1], axis=1)
    for now in range(periods - 1, -1, -1):
        lot = state[:, None] - count
        allowed = (lot >= task.low[:, None]) & (lot <= task.high[:, now, None])
        costs = np.where(allowed, values[now] + prices[:, now, None] * lot + task.costs.fixed[:, now, None], np.inf)
        best = np.argmin(costs, axis=1)
        order = costs[rows, best] < values[now, rows, state]
        packs[:, now] = np.where(order, lot[rows, best], 0)
        state = np.where(order, best, state)
    return packs


def _window_least(values: Floats, low: Floats, high: Floats) -> Floats:
    """Return [N, K] the least of each row's values from k - high to k - low, infinite where there are none.

    Minima over windows of 1, 2, 4 ... values; two of them that overlap make any window.

    >>> _window_least(np.array([[5.0, 3.0, 4.0, 9.0]]), np.array([1.0]), np.array([2.0]))
    array([[inf,  5.,  3.,  3.]])
    """
    states = values.shape[1]
    width = np.minimum(high - low + 1, states).astype(np.intp)
    span = _shifted(values, np.minimum(low, states).astype(np.intp))
    least = np.full_like(values, np.inf)
    size = 1
    while size <= width.max():
        rows = np.flatnonzero((width >= size) & (width < 2 * size))
        if rows.size:
            least[rows] = np.minimum(span[rows], _shifted(span[rows], width[rows] - size))
        span = np.minimum(span, _shifted(span, np.full(len(span), min(size, states))))
        size *= 2
    return least


def _shifted(values: Floats, by: NDArray[np.intp]) -> Floats:
    """Return each row moved to the right by its own number of places, infinity moving in."""
    places = np.arange(values.shape[1]) - by[:, None]
    return np.where(places < 0, np.inf, np.take_along_axis(values, np.maximum(places, 0), axis=1))


def _rows(costs: LotCosts, rows: slice) -> LotCosts:
    return LotCosts(costs.fixed[rows], costs.holding[rows], costs.purchase[rows])


def _by_item(name: str, values: Floats, items: int) -> Floats:
    if values.shape not in {(), (1,), (items,)}:
        raise InputError(
            f"{name} has shape {list(values.shape)}; it must be one number, or one for each of {items} items", field=name
        )
    return np.broadcast_to(values, (items,))

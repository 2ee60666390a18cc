"""What couples a shop's orders - budget, room, least order values of suppliers - and the plan that keeps to it all.

Where nothing couples them, the policy's orders are the plan. Where a supplier takes no order below a value, its orders are raised
to it, with what is cheapest to hold, or all left out, whichever is expected to cost less.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, Floats
from parstock.errors import InputError
from planning.base import PlanInputs, checked
from planning.curves import Curves
from planning.portfolio import Limits, choose
from planning.situation import Situation

TOP_UP_DAYS = 180.0
"""Most days of demand that an order is raised by to reach a supplier's least order value."""
_EPS = 1e-6


@dataclass(frozen=True, eq=False, slots=True)
class Wanted:
    """What the policy would order of N items, each for itself."""

    quantity: Floats
    """[N] units, within holds and limits on cover."""
    room: Floats
    """[N] most units that may be ordered; 0 for what is held, infinite without a limit."""
    least_value: Floats
    """[N] money below which the item's supplier takes no order; 0 where it takes any."""


@dataclass(frozen=True, eq=False, slots=True)
class Shared:
    """What is ordered of N items once limits are shared."""

    quantity: Floats
    """[N] units."""
    curves: Curves
    lower_bound: float
    """Expected cost that no plan within the limits goes below, money."""
    budget_price: float | None
    """Expected cost saved by one more unit of money; None without a budget."""
    by_budget: Bools
    """[N] whether the budget, rather than room, is what cuts the item."""
    supplier: NDArray[np.intp]
    """[N] number of the supplier."""
    reachable: Floats
    """[N] most money that the plan could have ordered from the item's supplier."""


def share(now: Situation, inputs: PlanInputs, wanted: Wanted, *, budget: float | None, capacity: float | None) -> Shared:
    """Return the orders that keep to all limits at the least expected cost.

    Args:
        now: The N items.
        inputs: What the policy looked at, for its costs.
        wanted: What it would order.
        budget: Most money; None for no limit.
        capacity: Most units of all items, with what is there and on order; None for no limit.

    Raises:
        InputError: More than the capacity is there already.
    """
    need = now.demand.to_cover - now.position[:, None]
    slow = np.divide(
        inputs.holding_cost, 365.0 * now.daily_demand, out=np.zeros_like(now.daily_demand), where=now.daily_demand > 0
    )
    curves = Curves.of(
        need, inputs.shortage_cost, inputs.overage_cost, slow, wanted.quantity, np.maximum(now.minimum, 0.0), now.pack
    )
    _, supplier = np.unique(np.array([item.supplier for item in now.items], dtype=np.str_), return_inverse=True)
    supplier = supplier.reshape(-1).astype(np.intp)
    uses, room = _rows(now, budget, capacity)
    alone = _offer(now, curves, wanted, supplier, limited=False)
    found = choose(alone.curves, Limits(uses[:0], room[:0], now.unit_cost, alone.group, alone.least_value))
    offer, quantity = alone, found.quantity
    if np.any(uses @ quantity > room + _EPS):
        offer = _offer(now, curves, wanted, supplier, limited=True)
        found = choose(offer.curves, Limits(uses, room, now.unit_cost, offer.group, offer.least_value))
        free = np.where(offer.group < 0, wanted.quantity, found.quantity)
        quantity = _filled(curves, found.quantity, free, uses, room)
    prices = found.prices if found.prices.size else np.zeros(room.size)
    rows = [row for row, limit in enumerate((budget, capacity)) if limit is not None]
    price = dict(zip(rows, prices, strict=True))
    most = np.bincount(supplier, offer.curves.last * now.unit_cost).astype(np.float64)
    return Shared(
        quantity=quantity,
        curves=offer.curves,
        lower_bound=found.lower_bound,
        budget_price=None if budget is None else float(price[0]),
        by_budget=np.asarray(price.get(0, 0.0) * now.unit_cost >= price.get(1, 0.0)) & (budget is not None),
        supplier=supplier,
        reachable=np.asarray(most[supplier], dtype=np.float64),
    )


def _rows(now: Situation, budget: float | None, capacity: float | None) -> tuple[Floats, Floats]:
    """Return [M, N] what a unit takes of each limit that there is, and [M] the limits."""
    uses, room = [], []
    if budget is not None:
        uses.append(now.unit_cost)
        room.append(budget)
    if capacity is not None:
        there = float(sum(max(position.on_hand, 0) + position.on_order for position in now.stock))
        checked("capacity", capacity, low=0)
        if there > capacity:
            raise InputError(
                f"capacity is {capacity:g} units, but {there:g} are there or on order already; it must be at least {there:g}",
                field="capacity",
            )
        uses.append(np.ones(len(now.items)))
        room.append(capacity - there)
    return np.array(uses, dtype=np.float64).reshape(len(room), len(now.items)), np.array(room, dtype=np.float64)


@dataclass(frozen=True, eq=False, slots=True)
class _Offer:
    """What may be ordered, and from which suppliers only in one piece."""

    curves: Curves
    group: NDArray[np.intp]
    least_value: Floats


def _offer(now: Situation, curves: Curves, wanted: Wanted, supplier: NDArray[np.intp], *, limited: bool) -> _Offer:
    """Return what may be ordered of N items.

    Args:
        now: The items.
        curves: Their costs.
        wanted: What the policy would order.
        supplier: [N] number of the supplier.
        limited: Whether money or room may be too little; else a supplier's orders are the policy's, or more, or none.
    """
    count = int(supplier.max(initial=-1)) + 1
    due = wanted.quantity > 0
    total = np.bincount(supplier, wanted.quantity * now.unit_cost, count)
    least = np.zeros(count)
    np.maximum.at(least, supplier[due], wanted.least_value[due])
    short = total < least - _EPS
    joined = (least > 0) & (total > 0) if limited else short
    number = np.where(joined, np.cumsum(joined) - 1, -1)
    group = number[supplier] if count else np.zeros(0, dtype=np.intp)
    raisable = short[supplier] & (now.unit_cost > 0) & (now.daily_demand > 0) if count else np.zeros(0, dtype=np.bool_)
    value = np.divide(least[supplier], now.unit_cost, out=np.zeros_like(now.unit_cost), where=now.unit_cost > 0)
    more = np.minimum(np.ceil(value), np.maximum(TOP_UP_DAYS * now.daily_demand, now.pack))
    most = np.floor(np.minimum(wanted.quantity + more, wanted.room) / now.pack + _EPS) * now.pack
    last = np.where(raisable, np.maximum(most, wanted.quantity), wanted.quantity)
    must = due & (group >= 0) & (not limited)
    first = np.where(must, wanted.quantity, np.where(due, np.minimum(curves.first, wanted.quantity), curves.first))
    return _Offer(replace(curves, last=np.where(last < first, 0.0, last), first=first, must=must), group, least[joined])


def _filled(curves: Curves, quantity: Floats, wanted: Floats, uses: Floats, room: Floats) -> Floats:
    """Return the orders with what is left spent on what the policy wants although it saves nothing, cheapest first."""
    missing = np.flatnonzero(wanted > quantity)
    after = np.where(wanted > quantity, wanted, quantity)
    worthless = curves.cost(after[:, None])[:, 0] >= curves.cost(quantity[:, None])[:, 0] - _EPS
    left, filled = room - uses @ quantity, quantity.copy()
    takes = uses * (wanted - quantity)
    for row in sorted(missing[worthless[missing]], key=lambda row: float(takes[0, row])):
        if np.all(takes[:, row] <= left + _EPS):
            left = left - takes[:, row]
            filled[row] = wanted[row]
    return filled

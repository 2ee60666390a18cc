"""Dynamic lot sizing without limits on a lot: known demand by period, for all items at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts


@dataclass(frozen=True, eq=False, slots=True)
class LotPlan:
    """Orders of N items over T periods."""

    quantity: Floats
    """[N, T] units ordered at the start of each period, there at once."""
    stock: Floats
    """[N, T] units left at the end of each period."""
    cost: Floats
    """[N] money: orders, purchases and holding of the stock at each period's end."""


@dataclass(frozen=True, eq=False, slots=True)
class LotCosts:
    """What orders and stock cost, each [N, T] money."""

    fixed: Floats
    """For an order."""
    holding: Floats
    """For a unit in stock at the period's end."""
    purchase: Floats
    """For a unit bought."""


def wagner_whitin(
    demand: ArrayLike,
    fixed_cost: ArrayLike,
    holding_cost: ArrayLike,
    purchase_cost: ArrayLike = 0.0,
    initial_inventory: ArrayLike = 0.0,
) -> LotPlan:
    """Return the orders that meet all demand at least cost, without backlog.

    Wagner & Whitin (1958), Management Science 5(1); Snyder & Shen, 2nd ed., sec. 3.7. Stock is used before anything is
    ordered, and an order then serves whole periods. A unit bought in period j and used in u costs a_j + H_u, where H is the
    holding cost summed up to u and a_j = c_j - H_j; so the least cost to t is a minimum over lines in the demand up to t, and
    a period takes one array operation over all items and order periods.

    Args:
        demand: [T] or [N, T] units.
        fixed_cost: One number, [T], [N, 1] or [N, T] money for an order.
        holding_cost: Of the same shapes: money for a unit in stock at the end of a period, which may differ by period.
        purchase_cost: Of the same shapes: money for a unit.
        initial_inventory: One number or [N] units there before the first period.

    Raises:
        InputError: A value is negative or not finite, or shapes do not fit.

    The example of 1958:

    >>> demand = [69, 29, 36, 61, 61, 26, 34, 67, 45, 67, 79, 56]
    >>> plan = wagner_whitin(demand, [85, 102, 102, 101, 98, 114, 105, 86, 119, 110, 98, 114], 1)
    >>> plan.cost, plan.quantity[0].astype(int).tolist()
    (array([864.]), [98, 0, 97, 0, 121, 0, 0, 112, 0, 67, 135, 0])
    """
    needed, costs, initial = lot_terms(demand, fixed_cost, holding_cost, purchase_cost, initial_inventory)
    net = net_demand(needed, initial)
    return plan_of(_orders(net, costs), needed, costs, initial)


def _orders(net: Floats, costs: LotCosts) -> Floats:
    """Return [N, T] lots, each the net demand of whole periods."""
    items, periods = net.shape
    rates = np.cumsum(costs.holding, axis=1) - costs.holding
    slope = costs.purchase - rates
    total = np.cumsum(net, axis=1)
    valued = np.cumsum(net * rates, axis=1)
    intercept = np.empty((items, periods))
    source = np.empty((items, periods), dtype=np.intp)
    before, bought, held = np.zeros(items), np.zeros(items), np.zeros(items)
    for now in range(periods):
        intercept[:, now] = before + costs.fixed[:, now] - slope[:, now] * bought - held
        lines = intercept[:, : now + 1] + slope[:, : now + 1] * total[:, now, None]
        best = np.argmin(lines, axis=1)
        nothing = net[:, now] == 0
        least = np.take_along_axis(lines, best[:, None], axis=1)[:, 0] + valued[:, now]
        before = np.where(nothing, before, least)
        source[:, now] = np.where(nothing, -1, best)
        bought, held = total[:, now], valued[:, now]
    return _traced(source, total)


def _traced(source: NDArray[np.intp], total: Floats) -> Floats:
    """Return [N, T] lots from where each period's demand is best ordered (-1: it has none), last period first."""
    items, periods = total.shape
    lots = np.zeros((items, periods))
    upto = np.full(items, periods - 1)
    earlier = np.concatenate([np.zeros((items, 1)), total[:, :-1]], axis=1)
    for now in range(periods - 1, -1, -1):
        rows = np.flatnonzero((upto == now) & (source[:, now] >= 0))
        first = source[rows, now]
        lots[rows, first] = total[rows, now] - earlier[rows, first]
        upto[upto == now] = now - 1
        upto[rows] = first - 1
    return lots


def lot_terms(
    demand: ArrayLike, fixed_cost: ArrayLike, holding_cost: ArrayLike, purchase_cost: ArrayLike, initial_inventory: ArrayLike
) -> tuple[Floats, LotCosts, Floats]:
    """Return [N, T] demand, the costs and [N] stock, checked and spread over items and periods.

    Raises:
        InputError: A value is negative or not finite, or shapes do not fit.
    """
    needed = np.atleast_2d(amounts("demand", demand))
    if needed.ndim != 2:
        raise InputError(f"demand has shape {list(needed.shape)}; it must be periods, or items x periods", field="demand")
    spread = [
        by_period(name, amounts(name, values), needed)
        for name, values in (("fixed_cost", fixed_cost), ("holding_cost", holding_cost), ("purchase_cost", purchase_cost))
    ]
    initial = amounts("initial_inventory", initial_inventory)
    if initial.shape not in {(), (1,), needed.shape[:1]}:
        raise InputError(
            f"initial_inventory has shape {list(initial.shape)}; it must be one number an item", field="initial_inventory"
        )
    return needed, LotCosts(*spread), np.broadcast_to(initial, needed.shape[:1])


def by_period(name: str, values: Floats, demand: Floats) -> Floats:
    """Return the values spread to the shape of [N, T] demand.

    Raises:
        InputError: They cannot be.
    """
    try:
        return np.broadcast_to(values, demand.shape)
    except ValueError as error:
        message = f"{name} has shape {list(values.shape)}; for demand of shape {list(demand.shape)} give one, or one a period"
        raise InputError(message, field=name) from error


def net_demand(demand: Floats, initial: Floats) -> Floats:
    """Return [N, T] what is left to order when the [N] stock is used first.

    >>> net_demand(np.array([[5.0, 5.0, 5.0]]), np.array([7.0]))
    array([[0., 3., 5.]])
    """
    return np.asarray(np.diff(np.maximum(np.cumsum(demand, axis=1) - initial[:, None], 0.0), axis=1, prepend=0.0))


def plan_of(lots: Floats, demand: Floats, costs: LotCosts, initial: Floats) -> LotPlan:
    """Return the plan with its stock and cost: sum of K_t [q_t > 0] + c_t q_t + h_t I_t."""
    stock = initial[:, None] + np.cumsum(lots - demand, axis=1)
    stock = np.where(np.abs(stock) <= 1e-9 * (1 + np.cumsum(demand, axis=1)), 0.0, stock)
    cost = np.sum(costs.fixed * (lots > 0) + costs.purchase * lots + costs.holding * stock, axis=1)
    return LotPlan(lots, stock, cost)

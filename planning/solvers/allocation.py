"""Allocation of scarce stock: many items, warehouses and regions, shared throughput, a penalty for demand left unmet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts
from planning.solvers.programs import minimise


@dataclass(frozen=True, eq=False, slots=True)
class Allocation:
    """What goes where, of N items from W warehouses to R regions."""

    shipped: Floats
    """[N, W, R] units."""
    unmet: Floats
    """[N, R] units of demand left."""
    cost: float
    """Money: shipping and penalties."""
    lower_bound: float
    """Money that no allocation goes below, proven by the dual prices."""
    supply_prices: Floats
    """[N, W] what one more unit of the item there would save, money."""
    throughput_prices: Floats
    """[W] what one more unit through the warehouse would save, money; 0 where it has no limit."""


def allocate(
    supply: ArrayLike,
    demand: ArrayLike,
    unit_cost: ArrayLike,
    unmet_penalty: ArrayLike,
    *,
    lane_capacity: ArrayLike = np.inf,
    throughput: ArrayLike = np.inf,
) -> Allocation:
    """Return the allocation of least shipping cost and penalty.

    A linear program in the shipments alone: a unit shipped saves its penalty, so min sum (c - pi) x + sum pi d with
    shipments <= supply, demand, lane capacity and throughput. Lanes that cost more than the penalty, or have no supply or no
    demand, are left out, which no optimum notices.

    Args:
        supply: [N, W] units of each item in each warehouse; [W] for one item.
        demand: [N, R] units of each item wanted in each region; [R] for one item.
        unit_cost: [W, R] or [N, W, R] money for moving a unit.
        unmet_penalty: One number, [R], [N, 1] or [N, R] money for a unit of demand left unmet.
        lane_capacity: One number, [W, R] or [N, W, R] most units of an item on a lane; infinite for no limit.
        throughput: One number or [W] most units of all items out of a warehouse; infinite for no limit.

    Raises:
        InputError: A value is negative or not finite, or shapes do not fit.

    >>> plan = allocate([10, 5], [8, 9], [[1, 4], [3, 2]], 20)
    >>> plan.shipped[0].tolist(), plan.unmet[0].tolist(), plan.cost
    ([[8.0, 2.0], [0.0, 5.0]], [0.0, 2.0], 66.0)
    """
    there, wanted = np.atleast_2d(amounts("supply", supply)), np.atleast_2d(amounts("demand", demand))
    if there.ndim != 2 or wanted.ndim != 2 or len(there) != len(wanted):
        message = f"demand has shape {list(wanted.shape)} for supply of shape {list(there.shape)}; both need a row for each item"
        raise InputError(message, field="demand")
    items, warehouses, regions = len(there), there.shape[1], wanted.shape[1]
    shape = (items, warehouses, regions)
    costs = _spread("unit_cost", amounts("unit_cost", unit_cost), shape)
    penalty = _spread("unmet_penalty", amounts("unmet_penalty", unmet_penalty), (items, regions))
    lane = _spread("lane_capacity", amounts("lane_capacity", lane_capacity, infinite=True), shape)
    through = _spread("throughput", amounts("throughput", throughput, infinite=True), (warehouses,))
    saves = costs - penalty[:, None, :]
    item, warehouse, region = np.nonzero((saves < 0) & (there > 0)[:, :, None] & (wanted > 0)[:, None, :] & (lane > 0))
    limited = np.flatnonzero(through < there.sum(axis=0))
    rows, limits = _rows(item, warehouse, region, there, wanted, through, limited)
    none = InputError("supply allows no allocation", field="supply")  # shipping nothing always does
    most = np.where(
        lane[item, warehouse, region] < np.minimum(there[item, warehouse], wanted[item, region]),
        lane[item, warehouse, region],
        np.inf,
    )
    found = minimise(saves[item, warehouse, region], rows, limits, most, none, coupled=limited.size > 0)
    shipped = np.zeros(shape)
    shipped[item, warehouse, region] = found.values
    fixed = float(np.sum(penalty * wanted))
    prices, of_throughput = -found.row_prices, np.zeros(warehouses)
    of_throughput[limited] = prices[there.size + wanted.size :]
    return Allocation(
        shipped,
        np.maximum(wanted - shipped.sum(axis=1), 0.0),
        fixed + found.objective,
        fixed + found.lower_bound,
        prices[: there.size].reshape(there.shape),
        of_throughput,
    )


def _rows(
    item: np.ndarray,
    warehouse: np.ndarray,
    region: np.ndarray,
    there: Floats,
    wanted: Floats,
    through: Floats,
    limited: np.ndarray,
) -> tuple[csr_array, Floats]:
    """Return the rows of supply, demand and limited throughput, and their limits."""
    lanes = np.arange(item.size)
    of_supply = item * there.shape[1] + warehouse
    of_demand = there.size + item * wanted.shape[1] + region
    coupled = np.isin(warehouse, limited)
    of_throughput = there.size + wanted.size + np.searchsorted(limited, warehouse[coupled])
    row, column = np.concatenate([of_supply, of_demand, of_throughput]), np.concatenate([lanes, lanes, lanes[coupled]])
    limits = np.concatenate([there.ravel(), wanted.ravel(), through[limited]])
    return csr_array((np.ones(row.size), (row, column)), shape=(limits.size, item.size)), limits


def _spread(name: str, values: Floats, shape: tuple[int, ...]) -> Floats:
    try:
        return np.broadcast_to(values, shape)
    except ValueError as error:
        message = f"{name} has shape {list(values.shape)}, which does not spread to {' x '.join(map(str, shape))}"
        raise InputError(message, field=name) from error

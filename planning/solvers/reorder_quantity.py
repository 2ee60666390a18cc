"""The exact (r, Q) policy, arrays over items: order Q when the inventory position falls to r, stock watched all the time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, pdtr

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts, together
from planning.solvers.loss import unit_loss, unit_loss_second
from planning.solvers.newsvendor import unit_costs
from planning.solvers.newsvendor_units import newsvendor_poisson
from planning.solvers.pieces import pieces

_STEPS = 200


@dataclass(frozen=True, eq=False, slots=True)
class ReorderQuantity:
    """An (r, Q) policy for each item."""

    reorder_point: Floats
    """r, units of inventory position at which an order is placed."""
    quantity: Floats
    """Q, units in each order."""
    cost: Floats
    """Expected money per unit of time."""


@dataclass(frozen=True, eq=False, slots=True)
class _LeadTimeCost:
    """G(y) = h E(y - D)+ + p E(D - y)+ under normal lead-time demand D: convex in y."""

    holding: Floats
    stockout: Floats
    mean: Floats
    sd: Floats

    def at(self, level: Floats) -> Floats:
        gap = level - self.mean
        return np.asarray(self.holding * gap + (self.holding + self.stockout) * self.sd * unit_loss(gap / self.sd))

    def slope(self, level: Floats) -> Floats:
        return np.asarray((self.holding + self.stockout) * ndtr((level - self.mean) / self.sd) - self.stockout)

    def integral(self, low: Floats, high: Floats) -> Floats:
        from_low, from_high = low - self.mean, high - self.mean
        second = unit_loss_second(from_low / self.sd) - unit_loss_second(from_high / self.sd)
        return np.asarray(self.holding * (from_high**2 - from_low**2) / 2 + (self.holding + self.stockout) * self.sd**2 * second)

    def reach(self, start: Floats, value: Floats) -> Floats:
        """Where G is `value`, by Newton's steps from a start where it is no less: convex, so they come from one side."""
        level = start
        for _ in range(_STEPS):
            slope = self.slope(level)
            excess = np.maximum(self.at(level) - value, 0.0)
            step = np.divide(excess, slope, out=np.zeros_like(excess), where=np.abs(slope) > 1e-14)
            level = level - step
            if np.all(np.abs(step) <= 1e-12 * (self.sd + np.abs(level - self.mean))):
                break
        return np.asarray(level)


def rq_normal(
    holding_cost: ArrayLike,
    stockout_cost: ArrayLike,
    fixed_cost: ArrayLike,
    demand_mean: ArrayLike,
    demand_sd: ArrayLike,
    lead_time: ArrayLike,
) -> ReorderQuantity:
    r"""Return the (r, Q) with the least (K lambda + int_r^{r+Q} G(y) dy) / Q under normal lead-time demand.

    At the optimum G(r) = G(r + Q) = the cost (Zheng, Management Science 38, 1992): the cost c* solves
    int (c - G(y))+ dy = K lambda, whose left side is convex in c with slope Q, so Newton's steps fall to it.

    Args:
        holding_cost: h, money for a unit held for a unit of time.
        stockout_cost: p, money for a unit backordered for a unit of time.
        fixed_cost: K, money for an order.
        demand_mean: lambda, units per unit of time.
        demand_sd: Units, of one unit of time.
        lead_time: In the same unit of time.

    Raises:
        InputError: A cost, demand's mean or sd, or the lead time is not above zero, or shapes differ. (Without doubt in the
            lead-time demand the answer is the EOQ with backorders.)

    Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed., Example 5.1:

    >>> best = rq_normal(0.225, 7.5, 8, 1300, 150, 1 / 12)
    >>> round(float(best.reorder_point), 2), round(float(best.quantity), 2), round(float(best.cost), 4)
    (126.87, 328.45, 78.0711)
    """
    holding, stockout, ratio = unit_costs(holding_cost, stockout_cost)
    order, rate = amounts("fixed_cost", fixed_cost, above=0), amounts("demand_mean", demand_mean, above=0)
    sd, lead = amounts("demand_sd", demand_sd, above=0), amounts("lead_time", lead_time, above=0)
    together(holding_cost=holding, stockout_cost=stockout, fixed_cost=order, demand_mean=rate, demand_sd=sd, lead_time=lead)
    holding, stockout, ratio, ordering, mean, spread = np.broadcast_arrays(
        holding, stockout, ratio, order * rate, rate * lead, sd * np.sqrt(lead)
    )
    terms = _LeadTimeCost(holding, stockout, mean, spread)
    # any policy's cost is a start above c*: the lot of known demand with backorders, its stock centred on the newsvendor's level
    quantity = np.sqrt(2 * ordering / (holding * ratio))
    low = mean + spread * ndtri(ratio) - quantity * (1 - ratio)
    cost = (ordering + terms.integral(low, low + quantity)) / quantity
    low, high = mean - cost / stockout, mean + cost / holding  # G lies above both its asymptotes
    for _ in range(_STEPS):
        low, high = terms.reach(low, cost), terms.reach(high, cost)
        step = (cost * (high - low) - terms.integral(low, high) - ordering) / (high - low)
        cost = cost - step
        if np.all(np.abs(step) <= 1e-13 * cost):
            break
    low, high = terms.reach(low, cost), terms.reach(high, cost)
    quantity = np.asarray(high - low)
    return ReorderQuantity(low, quantity, (ordering + terms.integral(low, high)) / quantity)


def rq_poisson(
    holding_cost: ArrayLike,
    stockout_cost: ArrayLike,
    fixed_cost: ArrayLike,
    demand_mean: ArrayLike,
    lead_time: ArrayLike,
) -> ReorderQuantity:
    r"""Return the whole (r, Q) with the least (K lambda + sum_{y=r+1}^{r+Q} G(y)) / Q under Poisson demand.

    G is convex, so the best Q positions are those with the least G, and they adjoin each other (Federgruen & Zheng, Operations
    Research 40, 1992): the cost of every Q is a running mean of the sorted G.

    Args:
        holding_cost: h, money for a unit held for a unit of time.
        stockout_cost: p, money for a unit backordered for a unit of time.
        fixed_cost: K, money for an order.
        demand_mean: lambda, units per unit of time.
        lead_time: In the same unit of time.

    Raises:
        InputError: A cost or demand is not above zero, another value is negative or not finite, or shapes differ.

    Snyder & Shen, Example 5.8:

    >>> best = rq_poisson(20, 150, 100, 1.5, 2)
    >>> float(best.reorder_point), float(best.quantity), round(float(best.cost), 4)
    (3.0, 5.0, 107.9236)
    """
    holding, stockout, _ = unit_costs(holding_cost, stockout_cost)
    order, rate = amounts("fixed_cost", fixed_cost), amounts("demand_mean", demand_mean, above=0)
    lead = amounts("lead_time", lead_time)
    together(holding_cost=holding, stockout_cost=stockout, fixed_cost=order, demand_mean=rate, lead_time=lead)
    spread = np.broadcast_arrays(holding, stockout, order * rate, rate * lead)
    shape = spread[0].shape
    found = _cheapest_positions(*(np.ravel(array) for array in spread))
    return ReorderQuantity(*(array.reshape(shape) for array in found))


def _cheapest_positions(holding: Floats, stockout: Floats, ordering: Floats, mean: Floats) -> tuple[Floats, Floats, Floats]:
    """Return r, Q and the cost, all [N]."""
    best = newsvendor_poisson(holding, stockout, mean)
    # E(y - D)+ is at most (y - mu)+ + sqrt(mu) / 2: the cost of known demand's lot bounds c*, and G lies above its asymptotes
    lot = np.sqrt(2 * ordering * holding * stockout / (holding + stockout))
    bound = np.minimum(lot + (holding + stockout) * (np.sqrt(mean) / 2 + 1), ordering + best.cost)
    low = np.minimum(np.floor(mean - bound / stockout), best.level - 1)
    widths = np.maximum(np.ceil(mean + bound / holding), best.level + 1) - low + 1
    below, quantity, cost = np.empty_like(mean), np.empty_like(mean), np.empty_like(mean)
    for rows in pieces(widths):
        h, p, rate = holding[rows, None], stockout[rows, None], mean[rows, None]
        level = low[rows, None] + np.arange(widths[rows].max())
        at_most = np.where(level >= 0, pdtr(np.maximum(level, 0), rate), 0.0)
        # G(y + 1) - G(y) = (h + p) P(D <= y) - p, and G is known at the newsvendor's level
        cost_at = np.cumsum((h + p) * at_most - p, axis=1) - ((h + p) * at_most - p)
        start = (best.level - low)[rows, None].astype(np.intp)
        cost_at += best.cost[rows, None] - np.take_along_axis(cost_at, start, axis=1)
        cheapest = np.argsort(cost_at, axis=1, kind="stable")
        lots = np.arange(1, cost_at.shape[1] + 1)
        mean_cost = (ordering[rows, None] + np.cumsum(np.take_along_axis(cost_at, cheapest, axis=1), axis=1)) / lots
        chosen = mean_cost.argmin(axis=1)
        cost[rows], quantity[rows] = mean_cost[np.arange(rows.size), chosen], chosen + 1
        below[rows] = low[rows] + np.minimum.accumulate(cheapest, axis=1)[np.arange(rows.size), chosen] - 1
    return below, quantity, cost


def rq_unit_shortage(
    holding_cost: ArrayLike,
    stockout_cost_per_unit: ArrayLike,
    fixed_cost: ArrayLike,
    demand_rate: ArrayLike,
    leadtime_demand_mean: ArrayLike,
    leadtime_demand_sd: ArrayLike,
) -> ReorderQuantity:
    r"""Return the (r, Q) with the least h (Q / 2 + r - mu) + K lambda / Q + p lambda n(r) / Q, p money for each unit short.

    n(r) = sigma L((r - mu) / sigma) is the shortage of a cycle. Q^2 = 2 lambda (K + p n(r)) / h and P(D > r) = h Q / (p lambda)
    are solved in turn from the EOQ, from which both move one way (Hadley & Whitin 1963, sec. 4-2).

    Args:
        holding_cost: h, money for a unit held for a unit of time.
        stockout_cost_per_unit: p, money for each unit short, however long.
        fixed_cost: K, money for an order.
        demand_rate: lambda, units per unit of time.
        leadtime_demand_mean: mu, units in a lead time.
        leadtime_demand_sd: sigma, units.

    Raises:
        InputError: A value is not above zero, shapes differ, or a shortage is so cheap that stock does not pay.

    Nahmias & Olsen, Production and Operations Analysis, 7th ed., Example 5.4:

    >>> best = rq_unit_shortage(2, 25, 50, 200, 100, 25)
    >>> round(float(best.reorder_point), 2), round(float(best.quantity), 2), round(float(best.cost), 3)
    (142.57, 110.77, 306.684)
    """
    holding, stockout, _ = unit_costs(holding_cost, stockout_cost_per_unit)
    order, rate = amounts("fixed_cost", fixed_cost, above=0), amounts("demand_rate", demand_rate, above=0)
    mean = amounts("leadtime_demand_mean", leadtime_demand_mean)
    sd = amounts("leadtime_demand_sd", leadtime_demand_sd, above=0)
    together(holding_cost=holding, stockout_cost=stockout, fixed_cost=order, demand_rate=rate, demand_mean=mean, demand_sd=sd)
    quantity = np.sqrt(2 * order * rate / holding)
    for _ in range(_STEPS):
        out = holding * quantity / (stockout * rate)
        if np.any(out >= 1):
            message = f"stockout_cost_per_unit is {stockout_cost_per_unit!r}; below h Q / lambda it never pays to hold stock"
            raise InputError(message, field="stockout_cost_per_unit")
        z = -ndtri(out)
        before, quantity = quantity, np.sqrt(2 * rate * (order + stockout * sd * unit_loss(z)) / holding)
        if np.all(np.abs(quantity - before) <= 1e-13 * quantity):
            break
    short = sd * unit_loss(z)
    cost = holding * (quantity / 2 + z * sd) + rate * (order + stockout * short) / quantity
    return ReorderQuantity(np.asarray(mean + z * sd), quantity, np.asarray(cost))

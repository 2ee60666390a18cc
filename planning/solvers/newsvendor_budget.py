"""Newsvendors that share one budget: N items, normal demand, continuous quantities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import ndtri

from parstock.domain import Floats
from planning.solvers.amounts import amounts, together
from planning.solvers.newsvendor import normal_cost


@dataclass(frozen=True, eq=False, slots=True)
class SharedStock:
    """Base-stock levels of N items under one budget."""

    level: Floats
    """[N] S, units, at least 0."""
    cost: float
    """Expected money per period of all items together."""
    shadow_price: float
    """Expected money that one more of the budget would save; 0 where it does not bind."""
    unconstrained_spend: float
    """What the items' own newsvendor levels would take."""


def newsvendor_budget(
    holding_costs: ArrayLike,
    stockout_costs: ArrayLike,
    demand_means: ArrayLike,
    demand_sds: ArrayLike,
    unit_costs: ArrayLike,
    budget: float,
) -> SharedStock:
    r"""Return the levels that cost least with sum c_i S_i <= budget and S_i >= 0.

    Each level is the fractile (p_i - theta c_i) / (p_i + h_i) with the multiplier theta that spends the budget exactly (Hadley
    & Whitin, Analysis of Inventory Systems, 1963, sec. 6-3). Spending falls in theta, to nothing at the largest p_i / c_i.

    Args:
        holding_costs: [N] h, money for a unit left over.
        stockout_costs: [N] p, money for a unit short.
        demand_means: [N] units.
        demand_sds: [N] units.
        unit_costs: [N] c, what a unit takes of the budget.
        budget: What there is.

    Raises:
        InputError: A cost is not above zero, another value is negative or not finite, or lengths differ.

    >>> stock = newsvendor_budget([2, 1, 4], [9, 6, 15], [100, 200, 60], [30, 50, 15], [10, 5, 20], 2900)
    >>> stock.level.round(1), round(stock.cost, 3), round(stock.shadow_price, 4)
    (array([ 89.4, 199.8,  50.4]), 506.538, 0.5025)
    """
    holding, stockout = amounts("holding_costs", holding_costs, above=0), amounts("stockout_costs", stockout_costs, above=0)
    mean, sd = amounts("demand_means", demand_means), amounts("demand_sds", demand_sds)
    price, money = amounts("unit_costs", unit_costs, above=0), float(amounts("budget", budget))
    together(holding_costs=holding, stockout_costs=stockout, demand_means=mean, demand_sds=sd, unit_costs=price)
    holding, stockout, mean, sd, price = np.broadcast_arrays(*map(np.atleast_1d, (holding, stockout, mean, sd, price)))

    def levels(theta: float) -> Floats:
        ratio = (stockout - theta * price) / (stockout + holding)
        z = ndtri(np.clip(ratio, 0.0, 1.0))
        known = np.where(ratio > 0, mean, 0.0)  # without any doubt the fractile is the demand itself
        return np.asarray(
            np.maximum(np.where(sd > 0, mean + np.multiply(sd, z, where=sd > 0, out=np.zeros_like(mean)), known), 0.0)
        )

    def excess(theta: float) -> float:
        return float(price @ levels(theta)) - money

    free, theta = levels(0.0), 0.0
    chosen = free
    if excess(0.0) > 0:
        theta = float(brentq(excess, 0.0, float(np.max(stockout / price)), xtol=1e-15, rtol=1e-14, maxiter=500))
        step = 1e-9 * theta
        # between a price just too low and one just too high: exactly the budget, also where spending jumps (demand without doubt)
        more, less = levels(max(theta - step, 0.0)), levels(theta + step)
        gap = float(price @ (more - less))
        share = float(np.clip((money - price @ less) / gap, 0.0, 1.0)) if gap > 0 else 0.0
        chosen = less + share * (more - less)
    cost = float(normal_cost(chosen, holding, stockout, mean, sd).sum())
    return SharedStock(np.asarray(chosen), cost, theta, float(price @ free))

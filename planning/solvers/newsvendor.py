"""One order for an uncertain period, arrays over items: what is left over costs h a unit, what is short costs p a unit.

All functions take h > 0 and p > 0 and give the base-stock level S with the least h E(S - D)+ + p E(D - S)+, and that cost.
Where an order arrives `lead_time` periods later, D is the demand of lead_time + 1 periods.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaincinv, ndtr, ndtri

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts, together
from planning.solvers.loss import normal_density, unit_loss


@dataclass(frozen=True, eq=False, slots=True)
class BaseStock:
    """A base-stock level for each item."""

    level: Floats
    """S, units."""
    cost: Floats
    """Expected money per period at that level."""
    critical_ratio: Floats
    """p / (p + h), the probability of meeting all demand."""


@dataclass(frozen=True, eq=False, slots=True)
class BestProfit:
    """A stock level for each item that is sold for a profit."""

    level: Floats
    """S, units."""
    profit: Floats
    """Expected money per period."""
    critical_ratio: Floats
    """(price - cost) / (price - salvage)."""


@dataclass(frozen=True, eq=False, slots=True)
class MinimumOrder:
    """An order, or none, for each item."""

    quantity: Floats
    """Units: 0, or at least the minimum."""
    cost: Floats
    """Expected money per period with that order."""
    cost_without: Floats
    """The same when nothing is ordered."""
    cost_with: Floats
    """The same with the best order that is allowed."""


def unit_costs(holding_cost: ArrayLike, stockout_cost: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return h, p and the critical ratio p / (p + h).

    Raises:
        InputError: A cost is not above zero or not finite, or shapes differ.
    """
    holding, stockout = amounts("holding_cost", holding_cost, above=0), amounts("stockout_cost", stockout_cost, above=0)
    together(holding_cost=holding, stockout_cost=stockout)
    return holding, stockout, stockout / (stockout + holding)


def normal_cost(level: Floats, holding: Floats, stockout: Floats, mean: Floats, sd: Floats) -> Floats:
    """Return h E(S - D)+ + p E(D - S)+ at any level S for normal demand, elementwise; sd = 0 is demand that is known."""
    gap = level - mean
    short = np.where(sd > 0, sd * unit_loss(gap / np.where(sd > 0, sd, 1.0)), np.maximum(-gap, 0.0))
    return np.asarray(holding * (gap + short) + stockout * short)


def newsvendor_normal(
    holding_cost: ArrayLike, stockout_cost: ArrayLike, demand_mean: ArrayLike, demand_sd: ArrayLike, lead_time: ArrayLike = 0
) -> BaseStock:
    r"""Return the best level under normal demand, S = mu + z sigma; cost (h + p) sigma phi(z).

    Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed., eqs. (4.24), (4.30).

    Args:
        holding_cost: h, money for a unit left over.
        stockout_cost: p, money for a unit short.
        demand_mean: Units in one period.
        demand_sd: Units, of one period.
        lead_time: Periods.

    Raises:
        InputError: A cost is not above zero, another value is negative or not finite, or shapes differ.

    Examples 4.3 and 4.4 of the book:

    >>> best = newsvendor_normal(0.18, 0.70, 50, 8, lead_time=[0, 4])
    >>> best.level.round(4), best.cost.round(4)
    (array([ 56.604 , 264.7669]), array([1.9976, 4.4668]))
    """
    holding, stockout, ratio = unit_costs(holding_cost, stockout_cost)
    mean, sd = amounts("demand_mean", demand_mean), amounts("demand_sd", demand_sd)
    periods = amounts("lead_time", lead_time) + 1
    together(holding_cost=holding, stockout_cost=stockout, demand_mean=mean, demand_sd=sd, lead_time=periods)
    z, spread = ndtri(ratio), sd * np.sqrt(periods)
    return BaseStock(
        np.asarray(mean * periods + z * spread), np.asarray((holding + stockout) * spread * normal_density(z)), ratio
    )


def newsvendor_lognormal(holding_cost: ArrayLike, stockout_cost: ArrayLike, mu: ArrayLike, sigma: ArrayLike) -> BaseStock:
    r"""Return the best level where the logarithm of demand is normal, S = exp(mu + z sigma).

    Args:
        holding_cost: h, money for a unit left over.
        stockout_cost: p, money for a unit short.
        mu: Mean of the logarithm.
        sigma: Standard deviation of the logarithm.

    Raises:
        InputError: A cost is not above zero, sigma is negative, or a value is not finite.

    Snyder & Shen, Problem 4.8(b):

    >>> best = newsvendor_lognormal(1, 0.1765, 6, 0.3)
    >>> round(float(best.level), 3), round(float(best.cost), 4)
    (295.627, 29.4425)
    """
    holding, stockout, ratio = unit_costs(holding_cost, stockout_cost)
    centre, spread = amounts("mu", mu, low=-np.inf), amounts("sigma", sigma)
    together(holding_cost=holding, stockout_cost=stockout, mu=centre, sigma=spread)
    z = ndtri(ratio)
    mean = np.exp(centre + spread**2 / 2)
    # at the critical ratio h E(S - D)+ + p E(D - S)+ is p E D - (h + p) E[D; D <= S]
    return BaseStock(np.asarray(np.exp(centre + z * spread)), mean * (stockout - (holding + stockout) * ndtr(z - spread)), ratio)


def newsvendor_gamma(holding_cost: ArrayLike, stockout_cost: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> BaseStock:
    r"""Return the best level under gamma demand (exponential with shape 1), of mean shape * scale.

    Args:
        holding_cost: h, money for a unit left over.
        stockout_cost: p, money for a unit short.
        shape: > 0.
        scale: Units, > 0.

    Raises:
        InputError: A value is not above zero.

    >>> best = newsvendor_gamma(1, 1, 1, 10)
    >>> round(float(best.level), 4)
    6.9315
    """
    holding, stockout, ratio = unit_costs(holding_cost, stockout_cost)
    form, unit = amounts("shape", shape, above=0), amounts("scale", scale, above=0)
    together(holding_cost=holding, stockout_cost=stockout, shape=form, scale=unit)
    level = gammaincinv(form, ratio)
    return BaseStock(unit * level, unit * form * (stockout - (holding + stockout) * gammainc(form + 1, level)), ratio)


def newsvendor_profit(
    price: ArrayLike, purchase_cost: ArrayLike, salvage_value: ArrayLike, demand_mean: ArrayLike, demand_sd: ArrayLike
) -> BestProfit:
    """Return the level with the greatest expected profit under normal demand; a customer who finds nothing costs the margin.

    Args:
        price: Money for a unit sold.
        purchase_cost: Money for a unit bought, below the price.
        salvage_value: Money for a unit left over, below the purchase cost.
        demand_mean: Units.
        demand_sd: Units.

    Raises:
        InputError: The price does not exceed the cost, or the cost the salvage value, or a value is negative or not finite.

    Snyder & Shen, Example 4.2:

    >>> best = newsvendor_profit(1, 0.3, 0.12, 50, 8)
    >>> round(float(best.level), 4), round(float(best.profit), 4)
    (56.604, 33.0024)
    """
    income, paid, salvage = (
        amounts("price", price),
        amounts("purchase_cost", purchase_cost),
        amounts("salvage_value", salvage_value),
    )
    together(price=income, purchase_cost=paid, salvage_value=salvage)
    if np.any(income <= paid):
        raise InputError(f"price is {price!r}; it must exceed the purchase_cost {purchase_cost!r}", field="price")
    if np.any(paid <= salvage):
        message = f"salvage_value is {salvage_value!r}; it must be below the purchase_cost {purchase_cost!r}"
        raise InputError(message, field="salvage_value")
    best = newsvendor_normal(paid - salvage, income - paid, demand_mean, demand_sd)
    return BestProfit(best.level, (income - paid) * amounts("demand_mean", demand_mean) - best.cost, best.critical_ratio)


def newsvendor_minimum_order(
    holding_cost: ArrayLike,
    stockout_cost: ArrayLike,
    demand_mean: ArrayLike,
    demand_sd: ArrayLike,
    minimum_order_quantity: ArrayLike,
    initial_inventory: ArrayLike = 0,
) -> MinimumOrder:
    """Return the best order that is either nothing or at least the minimum, under normal demand.

    The cost is convex in the level, so the best allowed order raises stock to S or, where that is too little, is the minimum.

    Args:
        holding_cost: h, money for a unit left over.
        stockout_cost: p, money for a unit short.
        demand_mean: Units.
        demand_sd: Units.
        minimum_order_quantity: Units.
        initial_inventory: Units in stock before the order; below 0 where customers wait.

    Raises:
        InputError: A cost is not above zero, another value is negative or not finite, or shapes differ.

    >>> newsvendor_minimum_order(1.5, 9, 40, 12, 70, [10, 48]).quantity
    array([70.,  0.])
    """
    best = newsvendor_normal(holding_cost, stockout_cost, demand_mean, demand_sd)
    least = amounts("minimum_order_quantity", minimum_order_quantity)
    stock = amounts("initial_inventory", initial_inventory, low=-np.inf)
    together(demand_mean=best.level, minimum_order_quantity=least, initial_inventory=stock)
    terms = [np.asarray(terms, dtype=np.float64) for terms in (holding_cost, stockout_cost, demand_mean, demand_sd)]
    order = np.maximum(best.level - stock, least)
    without, with_order = normal_cost(stock, *terms), normal_cost(stock + order, *terms)
    ordered = with_order < without
    return MinimumOrder(np.where(ordered, order, 0.0), np.where(ordered, with_order, without), without, with_order)

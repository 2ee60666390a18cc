"""Lot sizes with quantity discounts, one item a row: all units at the lower price, or only those beyond the break."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts


@dataclass(frozen=True, eq=False, slots=True)
class PriceBreaks:
    """A supplier's prices by quantity, for N items."""

    breakpoints: Floats
    """[N, J] units from which each tier's price holds; the first is 0, then ascending."""
    unit_costs: Floats
    """[N, J] money for a unit in each tier, never rising."""


@dataclass(frozen=True, eq=False, slots=True)
class DiscountedLot:
    """A lot size for each of N items."""

    quantity: Floats
    """[N] units in each order."""
    tier: NDArray[np.intp]
    """[N] position of the price paid for the last unit, from 0."""
    cost: Floats
    """[N] money per unit of time, purchases included."""


def price_breaks(breakpoints: ArrayLike, unit_costs: ArrayLike) -> PriceBreaks:
    """Return the checked price list.

    Args:
        breakpoints: [J] for all items, or [N, J].
        unit_costs: [J] for all items, or [N, J].

    Raises:
        InputError: Break points do not begin with 0 or do not ascend, or prices rise, are not above zero or fit no break point.
    """
    starts, prices = np.atleast_2d(amounts("breakpoints", breakpoints)), np.atleast_2d(amounts("unit_costs", unit_costs, above=0))
    if starts.shape[1] != prices.shape[1]:
        message = f"unit_costs has {prices.shape[1]} prices for {starts.shape[1]} breakpoints; it must have one for each"
        raise InputError(message, field="unit_costs")
    if np.any(starts[:, 0] != 0) or np.any(np.diff(starts, axis=1) <= 0):
        raise InputError(f"breakpoints is {breakpoints!r}; it must begin with 0 and ascend", field="breakpoints")
    if np.any(np.diff(prices, axis=1) > 0):
        raise InputError(f"unit_costs is {unit_costs!r}; a larger quantity's price must not be higher", field="unit_costs")
    return PriceBreaks(starts, prices)


def eoq_all_units(
    fixed_cost: ArrayLike, holding_cost_rate: ArrayLike, demand_rate: ArrayLike, breaks: PriceBreaks
) -> DiscountedLot:
    """Return the best lot when the whole order gets its tier's price.

    Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed., sec. 3.4.1: c lambda + K lambda / Q + i c Q / 2 is least at
    a tier's EOQ or at a break point.

    Args:
        fixed_cost: [N] K, money for an order.
        holding_cost_rate: [N] i, money for a unit of money in stock for a unit of time.
        demand_rate: [N] lambda, units per unit of time.
        breaks: The price list.

    Raises:
        InputError: A value is not finite, negative, or zero where a lot size would have no meaning.

    Nahmias & Olsen, Production and Operations Analysis, 7th ed., Example 4.4:

    >>> lot = eoq_all_units(8, 0.2, 600, price_breaks([0, 500, 1000], [0.30, 0.29, 0.28]))
    >>> lot.quantity, lot.tier, lot.cost.round(2)
    (array([500.]), array([1]), array([198.1]))
    """
    fixed, interest, rate = _terms(fixed_cost, holding_cost_rate, demand_rate)
    starts, prices = np.broadcast_arrays(breaks.breakpoints, breaks.unit_costs)
    lots = np.maximum(np.sqrt(2 * fixed * rate / (interest * prices)), starts)
    tiers = (lots[:, :, None] >= starts[:, None, :]).sum(axis=2) - 1
    paid = np.take_along_axis(np.broadcast_to(prices, tiers.shape), tiers, axis=1)
    return _least(lots, tiers, paid * rate + fixed * rate / lots + interest * paid * lots / 2)


def eoq_incremental(
    fixed_cost: ArrayLike, holding_cost_rate: ArrayLike, demand_rate: ArrayLike, breaks: PriceBreaks
) -> DiscountedLot:
    """Return the best lot when only units beyond a break point get its price.

    Snyder & Shen, 2nd ed., sec. 3.4.2: in tier j an order of Q costs R_j + c_j Q, so that R_j acts as a further fixed cost;
    stock is valued at the order's mean price.

    Args:
        fixed_cost: [N] K, money for an order.
        holding_cost_rate: [N] i, money for a unit of money in stock for a unit of time.
        demand_rate: [N] lambda, units per unit of time.
        breaks: The price list.

    Raises:
        InputError: A value is not finite, negative, or zero where a lot size would have no meaning.

    Example 3.7 of the book:

    >>> lot = eoq_incremental(8, 0.3, 1300, price_breaks([0, 400, 800], [0.75, 0.72, 0.68]))
    >>> lot.quantity.round(3), lot.tier, lot.cost.round(3)
    (array([304.047]), array([0]), array([1043.411]))
    """
    fixed, interest, rate = _terms(fixed_cost, holding_cost_rate, demand_rate)
    starts, prices = np.broadcast_arrays(breaks.breakpoints, breaks.unit_costs)
    spent = np.cumsum(np.diff(starts, axis=1) * prices[:, :-1], axis=1)
    extra = np.concatenate([np.zeros((len(starts), 1)), spent], axis=1) - prices * starts
    ends = np.concatenate([starts[:, 1:], np.full((len(starts), 1), np.inf)], axis=1)
    lots = np.clip(np.sqrt(2 * (fixed + extra) * rate / (interest * prices)), starts, ends)
    with np.errstate(divide="ignore", invalid="ignore"):  # a free order of nothing
        ordering = np.where(lots > 0, (fixed + extra) * rate / lots, 0.0)
    costs = prices * rate + ordering + interest * (extra + prices * lots) / 2
    return _least(lots, np.broadcast_to(np.arange(starts.shape[1]), lots.shape), costs)


def _terms(fixed_cost: ArrayLike, holding_cost_rate: ArrayLike, demand_rate: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return [N, 1] columns of the checked terms."""
    found = (
        amounts("fixed_cost", fixed_cost, above=0),
        amounts("holding_cost_rate", holding_cost_rate, above=0),
        amounts("demand_rate", demand_rate, above=0),
    )
    fixed, interest, rate = (np.atleast_1d(values)[:, None] for values in found)
    return fixed, interest, rate


def _least(lots: Floats, tiers: NDArray[np.intp], costs: Floats) -> DiscountedLot:
    """Pick each row's cheapest candidate."""
    best = np.argmin(costs, axis=1)[:, None]
    tier = np.take_along_axis(tiers, best, axis=1)[:, 0]
    quantity, cost = (np.take_along_axis(values, best, axis=1)[:, 0] for values in (lots, costs))
    return DiscountedLot(quantity, tier, cost)

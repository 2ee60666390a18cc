"""The economic order quantity and its relatives without discounts: constant demand, one item a row, no chance but supply's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts, together

_HALVINGS = 200  # more than a double has bits between the two ends of any bracket


@dataclass(frozen=True, eq=False, slots=True)
class Lot:
    """A lot size for each item; shapes are those that the inputs spread to."""

    quantity: Floats
    """Units in each order."""
    cost: Floats
    """Money per unit of time, without the purchases."""


@dataclass(frozen=True, eq=False, slots=True)
class BackorderedLot(Lot):
    """A lot size that lets customers wait on purpose."""

    stockout_fraction: Floats
    """Share of demand that is backordered."""


@dataclass(frozen=True, eq=False, slots=True)
class Cycle:
    """A power-of-two order interval for each item."""

    interval: Floats
    """Time between orders: the base period times a power of two."""
    cost: Floats
    """Money per unit of time."""
    unrestricted_interval: Floats
    """The best interval without the restriction."""
    unrestricted_cost: Floats
    """Money per unit of time at that interval; `cost` is at most 1.0607 times this (Roundy 1985)."""


def eoq(fixed_cost: ArrayLike, holding_cost: ArrayLike, demand_rate: ArrayLike) -> Lot:
    """Return the economic order quantity, Q* = sqrt(2 K lambda / h).

    Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed., eq. (3.4); cost K lambda / Q + h Q / 2.

    Args:
        fixed_cost: K, money for an order.
        holding_cost: h, money for a unit held for a unit of time.
        demand_rate: lambda, units per unit of time.

    Raises:
        InputError: A cost or rate is negative or not finite, or holding costs nothing.

    Example 3.1 of the book:

    >>> eoq(8, 0.225, 1300).quantity.round(3), eoq(8, 0.225, 1300).cost.round(4)
    (np.float64(304.047), np.float64(68.4105))
    """
    fixed, holding, rate = _basics(fixed_cost, holding_cost, demand_rate)
    return Lot(np.sqrt(2 * fixed * rate / holding), np.sqrt(2 * fixed * rate * holding))


def eoq_cost(quantity: ArrayLike, fixed_cost: ArrayLike, holding_cost: ArrayLike, demand_rate: ArrayLike) -> Floats:
    """Return the cost per unit of time of ordering `quantity` units each time, K lambda / Q + h Q / 2.

    Raises:
        InputError: A quantity is not above zero, or see `eoq`.

    >>> eoq_cost(250, 8, 0.225, 1300)
    np.float64(69.725)
    """
    fixed, holding, rate = _basics(fixed_cost, holding_cost, demand_rate)
    lot = amounts("order_quantity", quantity, above=0)
    together(order_quantity=lot, fixed_cost=fixed, holding_cost=holding, demand_rate=rate)
    return np.asarray(fixed * rate / lot + holding * lot / 2)[()]


def eoq_backorders(
    fixed_cost: ArrayLike, holding_cost: ArrayLike, stockout_cost: ArrayLike, demand_rate: ArrayLike
) -> BackorderedLot:
    """Return the lot size with planned backorders, Q* = sqrt(2 K lambda (h + p) / (h p)), x* = h / (h + p).

    Snyder & Shen, 2nd ed., eq. (3.27)-(3.29).

    Args:
        fixed_cost: K, money for an order.
        holding_cost: h, money for a unit held for a unit of time.
        stockout_cost: p, money for a unit backordered for a unit of time.
        demand_rate: lambda, units per unit of time.

    Raises:
        InputError: A cost or rate is negative or not finite, or holding or waiting costs nothing.

    Example 3.8:

    >>> lot = eoq_backorders(8, 0.225, 5, 1300)
    >>> lot.quantity.round(3), lot.stockout_fraction.round(5), lot.cost.round(4)
    (np.float64(310.813), np.float64(0.04306), np.float64(66.9214))
    """
    fixed, holding, rate = _basics(fixed_cost, holding_cost, demand_rate)
    waiting = amounts("stockout_cost", stockout_cost, above=0)
    together(fixed_cost=fixed, holding_cost=holding, stockout_cost=waiting, demand_rate=rate)
    both = holding * waiting / (holding + waiting)
    waits = np.broadcast_to(holding / (holding + waiting), (fixed * rate * both).shape)[()]
    return BackorderedLot(np.sqrt(2 * fixed * rate / both), np.sqrt(2 * fixed * rate * both), waits)


def epq(fixed_cost: ArrayLike, holding_cost: ArrayLike, demand_rate: ArrayLike, production_rate: ArrayLike) -> Lot:
    """Return the economic production quantity: the EOQ with h (1 - lambda / mu), as stock builds while demand runs.

    Snyder & Shen, 2nd ed., eq. (3.33).

    Args:
        fixed_cost: K, money for a run.
        holding_cost: h, money for a unit held for a unit of time.
        demand_rate: lambda, units per unit of time.
        production_rate: mu, units per unit of time, above the demand rate.

    Raises:
        InputError: Production is not faster than demand, or see `eoq`.

    Problem 3.22:

    >>> epq(4, 0.08, 80, 110).quantity.round(3)
    np.float64(171.27)
    """
    fixed, holding, rate = _basics(fixed_cost, holding_cost, demand_rate)
    made = amounts("production_rate", production_rate, above=0)
    together(fixed_cost=fixed, holding_cost=holding, demand_rate=rate, production_rate=made)
    if np.any(made <= rate):
        raise InputError(
            f"production_rate is {production_rate!r}; it must be above the demand rate {demand_rate!r}", field="production_rate"
        )
    return eoq(fixed, holding * (1 - rate / made), rate)


def power_of_two(fixed_cost: ArrayLike, holding_cost: ArrayLike, demand_rate: ArrayLike, base_period: ArrayLike) -> Cycle:
    """Return the best order interval of the form base_period * 2^k, k any integer.

    The cost K / T + h lambda T / 2 is convex in T, so the best power is next to the unrestricted interval's; never more than
    6.07 % dearer (Roundy 1985; Snyder & Shen, 2nd ed., sec. 3.3).

    Raises:
        InputError: The base period, a fixed cost or a rate is not above zero, or see `eoq`.

    >>> cycle = power_of_two(8, 0.225, 1300, 1 / 52)
    >>> (cycle.interval * 52).round(6), cycle.cost.round(4)
    (np.float64(16.0), np.float64(71.0))
    """
    fixed, holding, rate = _basics(fixed_cost, holding_cost, demand_rate)
    fixed, rate = amounts("fixed_cost", fixed, above=0), amounts("demand_rate", rate, above=0)
    base = amounts("base_period", base_period, above=0)
    together(fixed_cost=fixed, holding_cost=holding, demand_rate=rate, base_period=base)
    free = np.sqrt(2 * fixed / (holding * rate))
    below = base * 2.0 ** np.floor(np.log2(free / base))
    costs = [fixed / interval + holding * rate * interval / 2 for interval in (below, 2 * below)]
    shorter = costs[0] <= costs[1]
    return Cycle(np.where(shorter, below, 2 * below)[()], np.minimum(*costs), free, np.sqrt(2 * fixed * rate * holding))


def eoq_disruptions(
    fixed_cost: ArrayLike,
    holding_cost: ArrayLike,
    stockout_cost: ArrayLike,
    demand_rate: ArrayLike,
    disruption_rate: ArrayLike,
    recovery_rate: ArrayLike,
) -> Lot:
    """Return the lot size when the supplier fails and recovers at random and demand meanwhile is lost.

    Berk & Arreola-Risa (1994); Snyder & Shen, 2nd ed., eq. (9.4). The supplier's working and failed times are exponential;
    orders are placed at zero stock. With psi = a / (a + b) (1 - exp(-(a + b) Q / lambda)), the chance to find it failed, the
    cost is (K + h Q^2 / (2 lambda) + p lambda psi / b) / (Q / lambda + psi / b), quasiconvex in Q; its slope's sign is bisected.

    Args:
        fixed_cost: K, money for an order.
        holding_cost: h, money for a unit held for a unit of time.
        stockout_cost: p, money for a unit of demand lost.
        demand_rate: lambda, units per unit of time.
        disruption_rate: a, failures per unit of working time.
        recovery_rate: b, recoveries per unit of failed time.

    Raises:
        InputError: A value is negative, not finite, or zero where that makes no sense.

    Example 9.1:

    >>> lot = eoq_disruptions(8, 0.225, 5, 1300, 1.5, 14)
    >>> lot.quantity.round(2), lot.cost.round(3)
    (np.float64(772.81), np.float64(173.95))
    """
    fixed, holding, rate = (
        amounts(name, value, above=0)
        for name, value in (("fixed_cost", fixed_cost), ("holding_cost", holding_cost), ("demand_rate", demand_rate))
    )
    lost, fails, heals = (
        amounts("stockout_cost", stockout_cost),
        amounts("disruption_rate", disruption_rate),
        amounts("recovery_rate", recovery_rate, above=0),
    )
    named = {"fixed_cost": fixed, "holding_cost": holding, "demand_rate": rate}
    together(**named, stockout_cost=lost, disruption_rate=fails, recovery_rate=heals)
    share = fails / (fails + heals)

    def ratio(lot: Floats) -> tuple[Floats, Floats]:
        """Return the cost and a number of the same sign as its slope."""
        decay = np.exp(-(fails + heals) * lot / rate)
        waits, waits_slope = share * (1 - decay) / heals, fails / rate * decay / heals
        money, time = fixed + holding * lot**2 / (2 * rate) + lost * rate * waits, lot / rate + waits
        slope = (holding * lot / rate + lost * rate * waits_slope) * time - money * (1 / rate + waits_slope)
        return money / time, slope

    low = np.zeros(np.broadcast_shapes(*(np.shape(a) for a in (fixed, holding, rate, lost, fails, heals))))
    high = low + np.sqrt(2 * fixed * rate / holding)
    while np.any(rising := ratio(high)[1] < 0):
        high = np.where(rising, 2 * high, high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        falls = ratio(middle)[1] < 0
        low, high = np.where(falls, middle, low), np.where(falls, high, middle)
    return Lot(high[()], ratio(high)[0])


def _basics(fixed_cost: ArrayLike, holding_cost: ArrayLike, demand_rate: ArrayLike) -> tuple[Floats, Floats, Floats]:
    fixed, rate = amounts("fixed_cost", fixed_cost), amounts("demand_rate", demand_rate)
    holding = amounts("holding_cost", holding_cost, above=0)
    together(fixed_cost=fixed, holding_cost=holding, demand_rate=rate)
    return fixed, holding, rate

"""Safety stock for a service target, arrays over items: normal demand, lead times known or not, continuous or periodic review."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from parstock.domain import Floats
from planning.solvers.amounts import amounts, together
from planning.solvers.loss import inverse_unit_loss, unit_loss
from planning.solvers.probabilities import probabilities


@dataclass(frozen=True, eq=False, slots=True)
class ExposedDemand:
    """Demand over the time that stock must last: the lead time, and the review period before it."""

    mean: Floats
    """Units."""
    sd: Floats
    """Units."""


@dataclass(frozen=True, eq=False, slots=True)
class SafetyStock:
    """What keeps a service target."""

    z: Floats
    """Standard deviations of safety."""
    safety_stock: Floats
    """Units, z times the standard deviation; negative where the target is met by less than mean demand."""
    level: Floats
    """Units: the reorder point, or with a review period the order-up-to level."""


@dataclass(frozen=True, eq=False, slots=True)
class Service:
    """What a reorder point achieves."""

    expected_shortage: Floats
    """Units short in each order cycle."""
    fill_rate: Floats
    """Share of demand met from stock, 1 - shortage / quantity; negative where more than a lot is short."""
    cycle_service: Floats
    """Probability of no stockout in an order cycle."""


def exposed_demand(
    demand_mean: ArrayLike,
    demand_sd: ArrayLike,
    lead_time: ArrayLike,
    lead_time_sd: ArrayLike = 0,
    review_period: ArrayLike = 0,
) -> ExposedDemand:
    r"""Return demand over lead time and review period, sigma = sqrt((R + L) sd^2 + mean^2 sd_L^2).

    Chopra & Meindl, Supply Chain Management, ch. 12, eqs. (12.2), (12.11), (12.18).

    Args:
        demand_mean: Units in one period.
        demand_sd: Units, of one period.
        lead_time: L, periods.
        lead_time_sd: sd_L, periods.
        review_period: R, periods between two occasions to order; 0 is continuous review.

    Raises:
        InputError: A value is negative or not finite, or shapes differ.

    >>> float(exposed_demand(2500, 500, 7, 7).sd.round(1))
    17549.9
    """
    mean, sd = amounts("demand_mean", demand_mean), amounts("demand_sd", demand_sd)
    lead, lead_sd = amounts("lead_time", lead_time), amounts("lead_time_sd", lead_time_sd)
    review = amounts("review_period", review_period)
    together(demand_mean=mean, demand_sd=sd, lead_time=lead, lead_time_sd=lead_sd, review_period=review)
    return ExposedDemand(np.asarray(mean * (lead + review)), np.sqrt((lead + review) * sd**2 + (mean * lead_sd) ** 2))


def for_cycle_service(demand: ExposedDemand, cycle_service_level: ArrayLike) -> SafetyStock:
    """Return what meets all demand of an order cycle with the given probability (type 1 service).

    Args:
        demand: Over the exposed time.
        cycle_service_level: In (0, 1).

    Raises:
        InputError: The level is not strictly between 0 and 1, or shapes differ.

    >>> round(float(for_cycle_service(exposed_demand(2500, 500, 2), 0.9).level))
    5906
    """
    target = probabilities("cycle_service_level", cycle_service_level)
    together(demand=demand.mean, cycle_service_level=target)
    z = ndtri(target)
    return SafetyStock(z, z * demand.sd, demand.mean + z * demand.sd)


def for_fill_rate(demand: ExposedDemand, fill_rate: ArrayLike, order_quantity: ArrayLike) -> SafetyStock:
    r"""Return what meets the given share of demand from stock (type 2 service): sigma L(z) = (1 - fill rate) Q.

    Nahmias & Olsen, Production and Operations Analysis, 7th ed., sec. 5.5.

    Args:
        demand: Over the exposed time.
        fill_rate: In (0, 1).
        order_quantity: Q, units in an order cycle, > 0: the lot, or with a review period the mean demand of it.

    Raises:
        InputError: The fill rate is not strictly between 0 and 1, the quantity is not above zero, or shapes differ.

    Example 5.5 of the book:

    >>> round(float(for_fill_rate(exposed_demand(100, 25, 1), 0.98, 100).level))
    126
    """
    target, quantity = probabilities("fill_rate", fill_rate), amounts("order_quantity", order_quantity, above=0)
    together(demand=demand.mean, fill_rate=target, order_quantity=quantity)
    mean, sd, short = np.broadcast_arrays(demand.mean, demand.sd, (1 - target) * quantity)
    uncertain = sd > 0
    z = np.zeros(sd.shape)
    z[uncertain] = inverse_unit_loss(short[uncertain] / sd[uncertain])
    safety = np.where(uncertain, z * sd, -short)
    return SafetyStock(z, safety, mean + safety)


def service_of(demand: ExposedDemand, reorder_point: ArrayLike, order_quantity: ArrayLike) -> Service:
    r"""Return what a reorder point with a lot achieves, shortage sigma L(z).

    Args:
        demand: Over the exposed time.
        reorder_point: Units; the order-up-to level with a review period.
        order_quantity: Q, units in an order cycle, > 0.

    Raises:
        InputError: The quantity is not above zero, a value is not finite, or shapes differ.

    >>> round(float(service_of(exposed_demand(2500, 500, 2), 6000, 10000).fill_rate), 4)
    0.9975
    """
    point, quantity = amounts("reorder_point", reorder_point, low=-np.inf), amounts("order_quantity", order_quantity, above=0)
    together(demand=demand.mean, reorder_point=point, order_quantity=quantity)
    gap = point - demand.mean
    uncertain = demand.sd > 0
    z = np.where(uncertain, gap / np.where(uncertain, demand.sd, 1.0), np.where(gap >= 0, np.inf, -np.inf))
    finite = np.where(uncertain, z, 0.0)
    short = np.where(uncertain, demand.sd * unit_loss(finite), np.maximum(-gap, 0.0))
    return Service(np.asarray(short), np.asarray(1 - short / quantity), np.asarray(ndtr(z)))

"""One order for an uncertain interval: balance the cost of being short against the cost of being left over."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from parstock.domain import Floats
from planning.base import Levels, PlanInputs, checked, empirical_quantile, policies, whole_units


def critical_ratio(shortage_cost: Floats, overage_cost: Floats) -> Floats:
    r"""Return the probability of meeting all demand that costs least, p / (p + h), elementwise.

    Where both costs are zero the ratio is one half; it is kept inside (0, 1).

    >>> critical_ratio(np.array([0.7]), np.array([0.18])).round(4)
    array([0.7955])
    """
    total = shortage_cost + overage_cost
    ratio = np.divide(shortage_cost, total, out=np.full_like(total, 0.5), where=total > 0)
    return np.asarray(np.clip(ratio, 1e-6, 1 - 1e-6))


def newsvendor_normal(holding_cost: float, stockout_cost: float, demand_mean: float, demand_sd: float) -> float:
    r"""Return the base-stock level that minimises expected cost under normal demand.

    S* = mu + sigma * Phi^-1(p / (p + h)), Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed., eq. (4.24).

    Args:
        holding_cost: h, money for a unit left over.
        stockout_cost: p, money for a unit short.
        demand_mean: mu, units.
        demand_sd: sigma, units.

    Raises:
        InputError: A cost or sigma is negative, or a value is not finite.

    Example 4.3 of the book:

    >>> round(newsvendor_normal(0.18, 0.70, 50, 8), 6)
    56.603956
    """
    checked("holding_cost", holding_cost, low=0)
    checked("stockout_cost", stockout_cost, low=0)
    checked("demand_mean", demand_mean)
    checked("demand_sd", demand_sd, low=0)
    ratio = critical_ratio(np.array([stockout_cost]), np.array([holding_cost]))
    return float(demand_mean + demand_sd * ndtri(ratio)[0])


def newsvendor_empirical(samples: Floats, shortage_cost: Floats, overage_cost: Floats) -> Floats:
    """Return [N] the sample quantile at the critical ratio: the least expected cost over the samples themselves.

    Args:
        samples: [N, S] units demanded in equally likely futures.
        shortage_cost: [N] money for a unit short.
        overage_cost: [N] money for a unit left over.

    >>> newsvendor_empirical(np.array([[10.0, 20.0, 30.0, 40.0]]), np.array([3.0]), np.array([1.0]))
    array([30.])
    """
    return empirical_quantile(samples, critical_ratio(shortage_cost, overage_cost))


@dataclass(frozen=True, slots=True)
class Newsvendor:
    """Order up to the critical ratio of demand over the interval; the service level follows from the costs."""

    name: str = "newsvendor"

    def levels(self, inputs: PlanInputs) -> Levels:
        """Return levels that ignore the service-level target and balance margin against the cost of leftovers."""
        ratio = critical_ratio(inputs.shortage_cost, inputs.overage_cost)
        up_to = whole_units(newsvendor_empirical(inputs.interval_demand, inputs.shortage_cost, inputs.overage_cost))
        reorder_point = whole_units(empirical_quantile(inputs.lead_time_demand, ratio))
        return Levels(reorder_point, up_to, up_to, ratio, from_costs=True)


policies.register("newsvendor")(Newsvendor())

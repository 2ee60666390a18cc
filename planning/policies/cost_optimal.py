"""Periodic review, order up to the level at which holding and lost margin together cost least, whatever the service."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincinv

from parstock.domain import Floats
from planning.base import Levels, PlanInputs, policies, whole_units
from planning.policies.newsvendor import critical_ratio

_HALVINGS = 50
_LEAST_SHARE = 0.01  # where a cycle asks for less, level and service no longer change


def least_cost_level(mean: Floats, variance: Floats, cycle_share: Floats, ratio: Floats) -> Floats:
    r"""Return [N] the level S with the least cost of a replenishment cycle, under demand that is a gamma process.

    What runs short between two arrivals is what is short at the end of the interval less what was short before it began
    (Hadley & Whitin 1963, Analysis of Inventory Systems, chapter 5), so that a cycle costs

        C(S) = h E(S - D_I)+ + p [E(D_I - S)+ - E(D_L - S)+],    C'(S) = 0  <=>  F_I(S) / F_L(S) = p / (p + h),

    with D_L the demand over the lead time and D_I over lead time + review: the newsvendor's ratio, but of the cycles that begin
    with stock. A slow or lumpy item is out of stock for much of the time that it is short anyway; one more unit saves
    less there than the newsvendor reckons. Under a gamma process (Burgin 1975, Operational Research Quarterly 26, 507-525) both
    demands have one scale, F_I / F_L rises from 0 to 1, and the level is the only one; a dearer shortage never lowers it.

    Args:
        mean: [N] of D_I, units.
        variance: [N] of D_I; at least the mean is taken, as of units that are asked for one by one.
        cycle_share: [N] share of D_I's mean that the review period asks for, 0 to 1.
        ratio: [N] p / (p + h), between 0 and 1; h is for a unit left at the end of a cycle, p for a unit short in it.

    Without lead time it is the newsvendor: exponential demand with mean 50 and the costs of Example 4.3 of Snyder & Shen give
    -50 ln(0.18 / 0.88) = 79.35. With one period of lead time the newsvendor of two periods would take 148.2 units:

    >>> ratio = np.array([0.70 / 0.88])
    >>> least_cost_level(np.array([50.0]), np.array([2500.0]), np.array([1.0]), ratio).round(4)
    array([79.3483])
    >>> least_cost_level(np.array([100.0]), np.array([5000.0]), np.array([0.5]), ratio).round(4)
    array([131.4109])
    """
    scale = np.maximum(np.divide(variance, mean, out=np.ones_like(mean), where=mean > 0), 1.0)
    shape = mean / scale
    before = shape * (1.0 - np.clip(cycle_share, _LEAST_SHARE, 1.0))
    # above the newsvendor's own level, where F_I alone reaches the ratio, no cycle is worth more
    low, high = np.zeros_like(mean), np.where(mean > 0, gammaincinv(shape, ratio), 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        covered = gammainc(shape, middle)
        enough = (covered > 0) & (covered >= ratio * gammainc(before, middle))
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.asarray(high * scale)


@dataclass(frozen=True, slots=True)
class CostOptimal:
    """S costs least over a replenishment cycle, on gamma demand with mean and variance of the sample paths.

    The ratio is about 99 % where a week's holding is small beside the margin: more than a few hundred paths can show, so the
    tail is the gamma's and not the largest path. Holding is charged for the review period, the part of the interval that an
    order answers for.
    """

    name: str = "cost_optimal"

    def levels(self, inputs: PlanInputs) -> Levels:
        """Return levels that ignore the service-level target; the level aimed at is that of cycles that begin with stock."""
        mean, variance = inputs.interval_demand.mean(axis=1), inputs.interval_demand.var(axis=1)
        lead = np.minimum(inputs.lead_time_demand.mean(axis=1), mean)
        share = np.clip(1.0 - np.divide(lead, mean, out=np.zeros_like(mean), where=mean > 0), _LEAST_SHARE, 1.0)
        ratio = critical_ratio(inputs.shortage_cost, inputs.overage_cost * share)
        up_to = whole_units(least_cost_level(mean, variance, share, ratio))
        return Levels(np.minimum(_reorder_point(inputs.lead_time_demand, ratio), up_to), up_to, up_to, ratio, from_costs=True)


def _reorder_point(demand: Floats, ratio: Floats) -> Floats:
    """[N] what covers demand over the lead time with the same probability."""
    mean = demand.mean(axis=1)
    scale = np.maximum(np.divide(demand.var(axis=1), mean, out=np.ones_like(mean), where=mean > 0), 1.0)
    return whole_units(np.where(mean > 0, gammaincinv(mean / scale, ratio) * scale, 0.0))


policies.register("cost_optimal")(CostOptimal())

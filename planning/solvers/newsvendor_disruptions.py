"""A base-stock level when the supplier sometimes delivers nothing for a while; demand is known, one item a row."""

import numpy as np
from numpy.typing import ArrayLike

from parstock.domain import Floats
from planning.solvers.amounts import amounts, together
from planning.solvers.newsvendor import BaseStock, unit_costs
from planning.solvers.probabilities import probabilities


def newsvendor_disruptions(
    holding_cost: ArrayLike,
    stockout_cost: ArrayLike,
    demand: ArrayLike,
    disruption_prob: ArrayLike,
    recovery_prob: ArrayLike,
) -> BaseStock:
    r"""Return the best level, S = d + d F^-1(p / (p + h)), F the distribution of how long supply has been down.

    Supply that is up fails before the next period with probability alpha, supply that is down recovers with probability beta:
    P(down for more than n periods) = alpha / (alpha + beta) (1 - beta)^n. Snyder & Shen, 2nd ed., sec. 9.2.3, eq. (9.11).

    Args:
        holding_cost: h, money for a unit left at the end of a period.
        stockout_cost: p, money for a unit backordered at the end of a period.
        demand: d, units in every period.
        disruption_prob: alpha.
        recovery_prob: beta.

    Raises:
        InputError: A cost is not above zero, a probability is not in (0, 1], demand is negative, or shapes differ.

    Example 9.3 of the book:

    >>> best = newsvendor_disruptions(0.25, 3, 2000, 0.04, 0.25)
    >>> float(best.level), round(float(best.cost), 4)
    (8000.0, 2737.069)
    """
    holding, stockout, ratio = unit_costs(holding_cost, stockout_cost)
    units = amounts("demand", demand)
    fails = probabilities("disruption_prob", disruption_prob, certain=True)
    recovers = probabilities("recovery_prob", recovery_prob, certain=True)
    together(holding_cost=holding, stockout_cost=stockout, demand=units, disruption_prob=fails, recovery_prob=recovers)
    ratio, down, stays = np.broadcast_arrays(ratio, fails / (fails + recovers), 1 - recovers)
    covered = _periods_covered(ratio, down, stays)
    mean = down / recovers
    short = down * stays**covered / recovers
    cost = units * (holding * (covered - mean + short) + stockout * short)
    return BaseStock(np.asarray(units * (1 + covered)), np.asarray(cost), np.asarray(ratio))


def _periods_covered(ratio: Floats, down: Floats, stays: Floats) -> Floats:
    """The least n with 1 - down stays^n >= ratio: whole periods of a disruption for which there is stock."""
    allowed = (1 - ratio) / down
    periods = np.log(np.minimum(allowed, 1.0)) / np.log(np.clip(stays, 1e-300, 1 - 1e-16))
    return np.asarray(np.where(allowed >= 1, 0.0, np.maximum(np.ceil(periods - 1e-12), 1.0)))

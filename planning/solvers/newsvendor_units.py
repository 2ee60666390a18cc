"""The newsvendor in whole units, arrays over items: Poisson and negative binomial demand, any distribution, sample paths.

Costs and lead times are those of `planning.solvers.newsvendor`; S is the smallest level with the least expected cost.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaln, ndtri, pdtr, xlogy

from parstock.domain import Floats
from planning.solvers.amounts import amounts, together
from planning.solvers.loss import shortfall_table
from planning.solvers.newsvendor import BaseStock, unit_costs
from planning.solvers.probabilities import checked_pmf, probabilities

Rows: TypeAlias = slice | NDArray[np.intp]
_Distribution: TypeAlias = Callable[[Floats, Rows], Floats]
_SAME = 1e-12
"""Probabilities this near are one: the critical ratio of round costs is often exactly a value of the distribution."""


def _smallest(at_most: _Distribution, exactly: _Distribution, start: Floats, ratio: Floats) -> tuple[Floats, Floats, Floats]:
    """Walk from a guess to the smallest whole level with P(D <= level) >= ratio.

    Returns:
        The level, P(D <= level) and P(D = level), all [N].
    """
    level, target = np.maximum(np.round(start), 0.0), ratio - _SAME
    below, here = at_most(level, slice(None)), exactly(level, slice(None))
    rows = np.arange(level.size)
    while rows.size:
        up = below[rows] < target[rows]
        down = ~up & (below[rows] - here[rows] >= target[rows]) & (level[rows] > 0)
        rows = rows[up | down]
        level[rows] += np.where(up[up | down], 1.0, -1.0)
        below[rows], here[rows] = at_most(level[rows], rows), exactly(level[rows], rows)
    return level, below, here


def _spread(*arrays: Floats) -> tuple[tuple[int, ...], list[Floats]]:
    """The common shape, and the arrays of it as flat rows."""
    spread = np.broadcast_arrays(*arrays)
    return spread[0].shape, [np.ravel(array) for array in spread]


def _cornish_fisher(ratio: Floats, mean: Floats, sd: Floats, skewness: Floats) -> Floats:
    """A quantile's first guess from three moments."""
    z = ndtri(ratio)
    return np.asarray(mean + sd * (z + skewness * (z * z - 1) / 6) - 0.5)


def newsvendor_poisson(
    holding_cost: ArrayLike, stockout_cost: ArrayLike, demand_mean: ArrayLike, lead_time: ArrayLike = 0
) -> BaseStock:
    r"""Return the best whole level under Poisson demand: the smallest S with P(D <= S) >= p / (p + h).

    Args:
        holding_cost: h, money for a unit left over.
        stockout_cost: p, money for a unit short.
        demand_mean: Units in one period.
        lead_time: Periods.

    Raises:
        InputError: A cost is not above zero, another value is negative or not finite, or shapes differ.

    Snyder & Shen, Example 4.7 without its fixed cost:

    >>> best = newsvendor_poisson(1, 4, 6)
    >>> int(best.level), round(float(best.cost), 5)
    (8, 3.57011)
    """
    costs = unit_costs(holding_cost, stockout_cost)
    mean, periods = amounts("demand_mean", demand_mean), amounts("lead_time", lead_time) + 1
    together(holding_cost=costs[0], stockout_cost=costs[1], demand_mean=mean, lead_time=periods)
    shape, (holding, stockout, ratio, rate) = _spread(*costs, mean * periods)

    def exactly(level: Floats, rows: Rows) -> Floats:
        return np.asarray(np.exp(xlogy(level, rate[rows]) - rate[rows] - gammaln(level + 1)))

    root = np.sqrt(rate)
    start = _cornish_fisher(ratio, rate, root, 1 / np.maximum(root, 1e-6)) + 0.5
    start = np.clip(start, 0.0, rate + 40 * root + 40)
    level, below, here = _smallest(lambda x, rows: np.asarray(pdtr(x, rate[rows])), exactly, start, ratio)
    short = np.maximum(rate * here - (level - rate) * (1 - below), 0.0)
    cost = holding * (level - rate + short) + stockout * short
    return BaseStock(level.reshape(shape), cost.reshape(shape), ratio.reshape(shape))


def newsvendor_negative_binomial(
    holding_cost: ArrayLike, stockout_cost: ArrayLike, r: ArrayLike, p: ArrayLike, lead_time: ArrayLike = 0
) -> BaseStock:
    r"""Return the best whole level under negative binomial demand, of mean r (1 - p) / p and variance r (1 - p) / p^2.

    Args:
        holding_cost: Money for a unit left over.
        stockout_cost: Money for a unit short.
        r: > 0, of one period; that of several periods is the sum.
        p: In (0, 1].
        lead_time: Periods.

    Raises:
        InputError: A value is out of range or not finite, or shapes differ.

    >>> best = newsvendor_negative_binomial(1, 1, 1, 0.5)
    >>> int(best.level), round(float(best.cost), 4)
    (0, 1.0)
    """
    costs = unit_costs(holding_cost, stockout_cost)
    wins, chance = amounts("nbinom_r", r, above=0), probabilities("nbinom_p", p, certain=True)
    periods = amounts("lead_time", lead_time) + 1
    together(holding_cost=costs[0], stockout_cost=costs[1], nbinom_r=wins, nbinom_p=chance, lead_time=periods)
    shape, (holding, stockout, ratio, total, success) = _spread(*costs, wins * periods, chance)

    def exactly(level: Floats, rows: Rows) -> Floats:
        failures, size = xlogy(level, 1 - success[rows]), total[rows]
        ways = gammaln(level + size) - gammaln(size) - gammaln(level + 1)
        return np.asarray(np.exp(ways + size * np.log(success[rows]) + failures))

    mean = total * (1 - success) / success
    sd = np.sqrt(mean / success)
    guess = _cornish_fisher(ratio, mean, sd, (2 - success) / np.sqrt(np.maximum(total * (1 - success), 1e-12)))
    start = np.clip(guess, 0.0, mean + 20 * sd + 1)
    level, below, _ = _smallest(lambda x, rows: np.asarray(betainc(total[rows], x + 1, success[rows])), exactly, start, ratio)
    # sum of d P(D = d) up to S is the mean times P(D' <= S - 1), D' with one success more
    partial = np.where(level > 0, mean * betainc(total + 1, np.maximum(level, 1.0), success), 0.0)
    left = level * below - partial
    return BaseStock(
        level.reshape(shape), (holding * left + stockout * (mean - level + left)).reshape(shape), ratio.reshape(shape)
    )


def newsvendor_pmf(holding_cost: ArrayLike, stockout_cost: ArrayLike, demand_pmf: ArrayLike) -> BaseStock:
    """Return [N] the best whole level for any distribution of whole-unit demand.

    Args:
        holding_cost: h, money for a unit left over; one for all or [N].
        stockout_cost: p, money for a unit short; one for all or [N].
        demand_pmf: [N, D + 1] probabilities of 0, 1 ... D units.

    Raises:
        InputError: A cost is not above zero, or probabilities are negative or do not sum to one.

    >>> best = newsvendor_pmf(1, 3, [[0.25, 0.25, 0.25, 0.25]])
    >>> best.level, best.cost
    (array([2.]), array([1.5]))
    """
    pmf = checked_pmf(demand_pmf)
    costs = unit_costs(holding_cost, stockout_cost)
    together(holding_cost=costs[0], stockout_cost=costs[1], demand_pmf=pmf[:, 0])
    _, (holding, stockout, ratio, rows) = _spread(*costs, np.arange(float(pmf.shape[0])))
    pmf = pmf[rows.astype(np.intp)]
    level = np.argmax(np.cumsum(pmf, axis=1) >= ratio[:, None] - _SAME, axis=1)
    short = np.take_along_axis(shortfall_table(pmf), level[:, None], axis=1)[:, 0]
    over = level - pmf @ np.arange(pmf.shape[1]) + short
    return BaseStock(level.astype(np.float64), holding * over + stockout * short, ratio)


def newsvendor_samples(holding_cost: ArrayLike, stockout_cost: ArrayLike, samples: ArrayLike) -> BaseStock:
    """Return [N] the smallest level with the least mean cost over equally likely demands, such as a forecast's paths.

    Args:
        holding_cost: h, money for a unit left over; one for all or [N].
        stockout_cost: p, money for a unit short; one for all or [N].
        samples: [N, S] units demanded.

    Raises:
        InputError: A cost is not above zero, or a demand is negative or not finite.

    >>> best = newsvendor_samples(1, 3, [[10, 20, 30, 40]])
    >>> best.level, best.cost
    (array([30.]), array([15.]))
    """
    demand = np.sort(np.atleast_2d(amounts("samples", samples)), axis=1)
    costs = unit_costs(holding_cost, stockout_cost)
    together(holding_cost=costs[0], stockout_cost=costs[1], samples=demand[:, 0])
    _, (holding, stockout, ratio, rows) = _spread(*costs, np.arange(float(demand.shape[0])))
    demand = demand[rows.astype(np.intp)]
    rank = np.ceil(ratio * demand.shape[1] - _SAME * demand.shape[1]).astype(np.intp) - 1
    level = np.take_along_axis(demand, np.maximum(rank, 0)[:, None], axis=1)
    gap = level - demand
    cost = holding * np.maximum(gap, 0).mean(axis=1) + stockout * np.maximum(-gap, 0).mean(axis=1)
    return BaseStock(level[:, 0], cost, ratio)

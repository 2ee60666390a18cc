"""The exact (s, S) policy, arrays over items: periodic review, backorders, up to S when the inventory position is s or less."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts, together
from planning.solvers.loss import shortfall_at, shortfall_table
from planning.solvers.newsvendor import unit_costs
from planning.solvers.pieces import pieces
from planning.solvers.probabilities import checked_pmf, poisson_pmf, rounded_normal_pmf, several_periods

_STEPS = 100


@dataclass(frozen=True, eq=False, slots=True)
class MinMax:
    """An (s, S) policy for each item."""

    reorder_point: Floats
    """[N] s: at this inventory position or below, an order is placed."""
    order_up_to: Floats
    """[N] S: what it raises the position to."""
    cost: Floats
    """[N] expected money per period, in the long run."""


@dataclass(frozen=True, eq=False, slots=True)
class _Items:
    """Some items with their distributions."""

    holding: Floats
    stockout: Floats
    fixed: Floats
    pmf: Floats
    """[N, D + 1] demand of one period: how the position moves."""
    exposed: Floats
    """[N, D' + 1] demand of lead time and one period: what the position must last for."""

    def newsvendor(self) -> tuple[Floats, Floats]:
        """[N] the level with the least one-period cost G, and that cost."""
        ratio = self.stockout / (self.stockout + self.holding)
        level = np.argmax(np.cumsum(self.exposed, axis=1) >= ratio[:, None] - 1e-12, axis=1).astype(np.float64)
        return level, self.cost_at(level[:, None])[:, 0]

    def cost_at(self, level: Floats) -> Floats:
        """[N, Y] G(y) = h E(y - D)+ + p E(D - y)+."""
        mean = self.exposed @ np.arange(self.exposed.shape[1])
        short = shortfall_at(shortfall_table(self.exposed), mean, level)
        return np.asarray(self.holding[:, None] * (level - mean[:, None] + short) + self.stockout[:, None] * short)


def ss_exact(
    holding_cost: ArrayLike, stockout_cost: ArrayLike, fixed_cost: ArrayLike, demand_pmf: ArrayLike, lead_time: ArrayLike = 0
) -> MinMax:
    r"""Return the best (s, S) for any distribution of whole-unit demand.

    The cost of a policy is that of a cycle per period of it, c(s, S) = (K + sum_{j=0}^{S-s-1} m(j) G(S - j)) / sum_j m(j), m the
    renewal density of demand (Zheng & Federgruen, Operations Research 39, 1991). A position joins the cycle from below exactly
    where G is under the cost, so a bound c gives the best s for every S at once: the last position under the newsvendor's level
    with G(s) >= c. The best S for that s gives the next bound, until it stands still (Dinkelbach's steps, which end exactly).

    Args:
        holding_cost: h, money for a unit left at the end of a period; one for all or [N].
        stockout_cost: p, money for a unit backordered at the end of a period; one for all or [N].
        fixed_cost: K, money for an order; one for all or [N].
        demand_pmf: [N, D + 1] probabilities of 0, 1 ... D units in a period.
        lead_time: Whole periods; one for all or [N]. s and S are inventory positions then.

    Raises:
        InputError: A cost is not above zero (K: negative), probabilities are wrong, a lead time is not whole, or shapes differ.

    >>> best = ss_exact(1, 3, 0, [[0.25, 0.25, 0.25, 0.25]])
    >>> best.reorder_point, best.order_up_to, best.cost
    (array([1.]), array([2.]), array([1.5]))
    """
    pmf = checked_pmf(demand_pmf)
    if np.any(pmf[:, 0] >= 1 - 1e-12):
        raise InputError(
            f"demand_pmf[{int(np.argmax(pmf[:, 0]))}] is certain to be 0; demand must be possible", field="demand_pmf"
        )
    columns = _columns(holding_cost, stockout_cost, fixed_cost, lead_time, pmf[:, 0])
    periods = whole_periods(columns[3]) + 1
    pmf = np.broadcast_to(pmf, (columns[0].size, pmf.shape[1]))
    mean = pmf @ np.arange(pmf.shape[1])

    def some(rows: NDArray[np.intp]) -> _Items:
        used = _trimmed(pmf[rows])
        return _Items(columns[0][rows], columns[1][rows], columns[2][rows], used, several_periods(used, periods[rows]))

    sd = np.sqrt(np.maximum(pmf @ np.arange(float(pmf.shape[1])) ** 2 - mean**2, 0.0) * periods)
    return _solved(columns, mean, sd, some)


def ss_poisson(
    holding_cost: ArrayLike, stockout_cost: ArrayLike, fixed_cost: ArrayLike, demand_mean: ArrayLike, lead_time: ArrayLike = 0
) -> MinMax:
    """Return the best (s, S) under Poisson demand; arguments and errors as `ss_exact`, with the mean of a period > 0.

    Zheng & Federgruen (1991), Table 1:

    >>> best = ss_poisson(1, 9, 64, [10, 20])
    >>> best.reorder_point, best.order_up_to, best.cost.round(3)
    (array([ 6., 14.]), array([40., 62.]), array([35.022, 49.173]))
    """
    mean = np.atleast_1d(amounts("demand_mean", demand_mean, above=0))
    columns = _columns(holding_cost, stockout_cost, fixed_cost, lead_time, mean)
    periods, mean = whole_periods(columns[3]) + 1, columns[4]

    def some(rows: NDArray[np.intp]) -> _Items:
        pmf, exposed = poisson_pmf(mean[rows]), poisson_pmf(mean[rows] * periods[rows])
        return _Items(columns[0][rows], columns[1][rows], columns[2][rows], pmf, exposed)

    return _solved(columns, mean, np.sqrt(mean * periods), some)


def ss_normal(
    holding_cost: ArrayLike,
    stockout_cost: ArrayLike,
    fixed_cost: ArrayLike,
    demand_mean: ArrayLike,
    demand_sd: ArrayLike,
    lead_time: ArrayLike = 0,
) -> MinMax:
    """Return the best (s, S) where demand is normal, rounded to whole units; arguments and errors as `ss_exact`.

    >>> best = ss_normal(0.18, 0.7, 2.5, [50], [8])
    >>> best.reorder_point, best.order_up_to, best.cost.round(4)
    (array([45.]), array([57.]), array([4.4988]))
    """
    pmf = rounded_normal_pmf(np.atleast_1d(amounts("demand_mean", demand_mean, above=0)), demand_sd)
    return ss_exact(holding_cost, stockout_cost, fixed_cost, pmf, lead_time)


def ss_power_approximation(
    holding_cost: ArrayLike,
    stockout_cost: ArrayLike,
    fixed_cost: ArrayLike,
    demand_mean: ArrayLike,
    demand_sd: ArrayLike,
    lead_time: ArrayLike = 0,
) -> tuple[Floats, Floats]:
    """Return s and S of the power approximation of Ehrhardt & Mosier (Management Science 30, 1984): a heuristic in closed form.

    Their correction for lots under one and a half periods of demand is left out.

    Args and errors as `ss_exact`, with mean, sd and K above zero.

    Snyder & Shen, 2nd ed., Example 4.8:

    >>> s, S = ss_power_approximation(0.18, 0.7, 2.5, 50, 8)
    >>> round(float(s), 2), round(float(S), 2)
    (40.19, 74.29)
    """
    holding, stockout, _ = unit_costs(holding_cost, stockout_cost)
    fixed, mean = amounts("fixed_cost", fixed_cost, above=0), amounts("demand_mean", demand_mean, above=0)
    sd, periods = amounts("demand_sd", demand_sd, above=0), amounts("lead_time", lead_time) + 1
    together(holding_cost=holding, stockout_cost=stockout, fixed_cost=fixed, demand_mean=mean, demand_sd=sd, lead_time=periods)
    exposed, spread = mean * periods, sd * np.sqrt(periods)
    quantity = 1.30 * mean**0.494 * (fixed / holding) ** 0.506 * (1 + (spread / mean) ** 2) ** 0.116
    z = np.sqrt(quantity * holding / (spread * stockout))
    low = 0.973 * exposed + spread * (0.183 / z + 1.063 - 2.192 * z)
    return np.asarray(low), np.asarray(low + quantity)


def whole_periods(lead_time: Floats) -> Floats:
    """Return the lead times.

    Raises:
        InputError: One is not a whole number of periods.
    """
    parts = lead_time != np.round(lead_time)
    if parts.any():
        raise InputError(f"lead_time is {float(lead_time[parts].flat[0])!r}; it must be whole periods", field="lead_time")
    return lead_time


def _columns(
    holding_cost: ArrayLike, stockout_cost: ArrayLike, fixed_cost: ArrayLike, lead_time: ArrayLike, items: Floats
) -> list[Floats]:
    """h, p, K, lead time and what else there is of each item, all [N]."""
    holding, stockout, _ = unit_costs(holding_cost, stockout_cost)
    fixed, lead = amounts("fixed_cost", fixed_cost), amounts("lead_time", lead_time)
    together(holding_cost=holding, stockout_cost=stockout, fixed_cost=fixed, lead_time=lead, demand=items)
    return [np.atleast_1d(array) for array in np.broadcast_arrays(holding, stockout, fixed, lead, items)]


def _trimmed(pmf: Floats) -> Floats:
    """Without the last columns that hold nothing."""
    return pmf[:, : np.flatnonzero(pmf.any(axis=0))[-1] + 1]


def _solved(columns: list[Floats], mean: Floats, sd: Floats, some: Callable[[NDArray[np.intp]], _Items]) -> MinMax:
    """Solve in pieces of items that need tables of like width."""
    holding, stockout, fixed = columns[:3]
    lot = np.sqrt(2 * fixed * mean * (holding + stockout) / (holding * stockout))
    # about twice the lot and the spread of demand: how far apart s and S may be
    widths = np.ceil(2 * lot + 6 * sd + mean + 16)
    found = MinMax(*(np.empty(holding.size) for _ in range(3)))
    for rows in pieces(widths):
        found.reorder_point[rows], found.order_up_to[rows], found.cost[rows] = _best(some(rows), lot[rows])
    return found


def _best(items: _Items, lot: Floats) -> tuple[Floats, Floats, Floats]:
    """Return s, S and the cost of each item of a piece."""
    middle, least = items.newsvendor()
    bound = np.minimum(_cost_of_lot(items, middle, lot), items.fixed + least)
    mean = items.exposed @ np.arange(items.exposed.shape[1])
    # G lies above its asymptotes p (mean - y) and h (y - mean): beyond these positions it exceeds the bound
    low = np.minimum(np.floor(mean - bound / items.stockout), middle) - 1
    high = np.maximum(np.ceil(mean + bound / items.holding), middle) + 1
    level = low[:, None] + np.arange(float((high - low).max()) + 1)
    cost_at = items.cost_at(level)
    density = _renewal_density(items.pmf, int(_reach(cost_at, level, middle, bound)[1].max()))
    periods = np.cumsum(density, axis=1)
    s, up_to, cost = middle - 1, middle.copy(), bound
    rows = np.arange(middle.size)
    for _ in range(_STEPS):
        at = cost_at[rows]
        below, reach = _reach(at, level[rows], middle[rows], cost[rows])
        total = _cycle_costs(density[rows], at, below, int(reach.max()))
        mean_cost = (items.fixed[rows, None] + total) / periods[rows, : total.shape[1]]
        gap = np.where(np.arange(total.shape[1]) < reach[:, None], mean_cost, np.inf).argmin(axis=1)
        better = mean_cost[np.arange(rows.size), gap]
        falls = better < cost[rows] * (1 - 1e-14)
        s[rows], up_to[rows] = low[rows] + below - 1, low[rows] + below + gap
        cost[rows] = np.where(falls, better, cost[rows])
        rows = rows[falls]
        if not rows.size:
            break
    return s, up_to, cost


def _reach(cost_at: Floats, level: Floats, middle: Floats, bound: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """[N] how many of the table's positions are s(bound) or below, and how many above those may hold S: G <= bound there."""
    below = ((cost_at >= bound[:, None]) & (level < middle[:, None])).sum(axis=1)
    until = ((cost_at <= bound[:, None]) | (level <= middle[:, None])).sum(axis=1)
    return below, until - below


def _renewal_density(pmf: Floats, length: int) -> Floats:
    """[N, J] m(j): how many periods of a cycle begin j units below S, expected."""
    backwards = pmf[:, :0:-1]
    most = backwards.shape[1]
    density = np.empty((pmf.shape[0], length))
    again = 1 / (1 - pmf[:, 0])
    density[:, 0] = again
    for j in range(1, length):
        width = min(j, most)
        density[:, j] = np.vecdot(backwards[:, most - width :], density[:, j - width : j]) * again
    return density


def _cycle_costs(density: Floats, cost_at: Floats, below: NDArray[np.intp], width: int) -> Floats:
    """[N, width] the one-period costs of a cycle from S = s + 1, s + 2 ... down to s, expected."""
    places = np.minimum(below[:, None] + np.arange(width)[::-1], cost_at.shape[1] - 1)
    downwards = np.take_along_axis(cost_at, places, axis=1)
    total = np.empty((density.shape[0], width))
    for count in range(1, width + 1):
        total[:, count - 1] = np.vecdot(density[:, :count], downwards[:, width - count :])
    return total


def _cost_of_lot(items: _Items, middle: Floats, lot: Floats) -> Floats:
    """[N] cost of the policy whose S - s is the lot of known demand, about the newsvendor's level: no less than the best."""
    gap = np.maximum(np.round(lot), 1)
    s = middle - np.ceil(gap * items.holding / (items.holding + items.stockout))
    width = int(gap.max())
    density = _renewal_density(items.pmf, width)
    cost_at = items.cost_at(s[:, None] + 1 + np.arange(float(width)))
    left = gap[:, None] - 1 - np.arange(width)
    weight = np.where(left >= 0, np.take_along_axis(density, np.maximum(left, 0).astype(np.intp), axis=1), 0.0)
    return np.asarray((items.fixed + np.vecdot(weight, cost_at)) / weight.sum(axis=1))

"""Orders of many items that share a budget, room and other limits, in whole packs with minimum orders; returns a certificate.

One level of order is chosen for each item (a multiple-choice knapsack). Prices on the shared limits make the items
independent; the best prices prove a bound, the levels they leave undecided go to a small integer program.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack
from scipy.special import ndtr, ndtri

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts, together
from planning.solvers.programs import minimise_integer

_EPS = 1e-9
_CUTS = 200
_FILLS = 200
MOST_LEVELS = 30_000_000
"""Items x levels held in memory; more is refused."""
CORE = 3000
"""Levels that the integer program may choose from; beyond, those that the prices like least are left out."""


@dataclass(frozen=True, eq=False, slots=True)
class Levels:
    """What could be ordered of each of N items, and what it is worth."""

    quantity: Floats
    """[N, K] units; the first level is 0 and always allowed, the others ascend; where an item has fewer, its value is -inf."""
    value: Floats
    """[N, K] expected profit, money."""


@dataclass(frozen=True, eq=False, slots=True)
class Portfolio:
    """What to order of each of N items, and how good that surely is."""

    quantity: Floats
    """[N] units."""
    value: float
    """Expected profit of all items together, money."""
    upper_bound: float
    """Profit that no choice exceeds, proven."""
    gap: float
    """(upper_bound - value) over the value."""
    prices: Floats
    """[M] what one more unit of each limit is worth, about."""


def profit_levels(
    demand_mean: ArrayLike,
    demand_sd: ArrayLike,
    unit_cost: ArrayLike,
    margin: ArrayLike,
    salvage_value: ArrayLike,
    pack_size: ArrayLike,
    minimum_order: ArrayLike,
    initial_inventory: ArrayLike,
) -> Levels:
    """Return every order worth considering, with its expected profit for one period of normal demand.

    With S = inventory + q: margin E[min(D, S)] - (cost - salvage) E[(S - D)+] (Snyder & Shen, 2nd ed., sec. 4.3). The profit is
    concave in S, so nothing beyond the first whole pack past its peak, or the minimum order, is worth considering.

    Args:
        demand_mean: [N] units.
        demand_sd: [N] units, the negative tail of the normal kept.
        unit_cost: [N] money for a unit.
        margin: [N] money earned with a unit sold.
        salvage_value: [N] money for a unit left over, less than it cost.
        pack_size: [N] units; orders are whole packs.
        minimum_order: [N] least units of an order, 0 for none.
        initial_inventory: [N] units already there.

    Raises:
        InputError: A value is negative or not finite, a pack is nothing, or a leftover is worth its cost or more.
    """
    named = {
        "demand_mean": amounts("demand_mean", demand_mean),
        "demand_sd": amounts("demand_sd", demand_sd, above=0),
        "unit_cost": amounts("unit_cost", unit_cost),
        "margin": amounts("margin", margin),
        "salvage_value": amounts("salvage_value", salvage_value),
        "pack_size": amounts("pack_size", pack_size, above=0),
        "minimum_order": amounts("minimum_order", minimum_order),
        "initial_inventory": amounts("initial_inventory", initial_inventory),
    }
    together(**named)
    mean, sd, cost, gain, salvage, pack, least, initial = np.broadcast_arrays(*named.values())
    if mean.ndim != 1:
        raise InputError(f"demand_mean has shape {list(mean.shape)}; it must be a list, one for each item", field="demand_mean")
    loss = cost - salvage
    if np.any(loss <= 0):
        at = int(np.argmin(loss))
        message = f"salvage_value[{at}] is {float(salvage[at])!r}; it must be less than the unit cost {float(cost[at])!r}"
        raise InputError(message, field="salvage_value")
    first = np.where(gain > 0, np.maximum(np.ceil(least / pack - _EPS), 1.0), 0.0)
    peak = mean + sd * ndtri(np.clip(gain / (gain + loss), 1e-12, 1.0))
    last = np.where(gain > 0, np.maximum(np.ceil((peak - initial) / pack), first), 0.0)
    if mean.size * (np.max(last - first) + 2) > MOST_LEVELS:
        at = int(np.argmax(last - first))
        message = f"pack_size[{at}] is {float(pack[at])!r}, which makes {int(last[at])} packs to choose from; use larger packs"
        raise InputError(message, field="pack_size")
    steps = first[:, None] + np.arange(int(np.max(last - first)) + 1)
    packs = np.concatenate([np.zeros((mean.size, 1)), steps], axis=1)
    stock = initial[:, None] + packs * pack[:, None]
    z = (stock - mean[:, None]) / sd[:, None]
    left = sd[:, None] * (z * ndtr(z) + np.exp(-z * z / 2) / math.sqrt(2 * math.pi))
    value = gain[:, None] * (stock - left) - loss[:, None] * left
    value[:, 1:][(steps > last[:, None]) | (steps == 0)] = -np.inf
    return Levels(packs * pack[:, None], value)


def order_portfolio(
    levels: Levels, uses: ArrayLike, limits: ArrayLike, *, wanted_gap: float = 1e-7, seconds: float = 20.0
) -> Portfolio:
    """Return the orders of greatest expected profit within the limits.

    A Lagrangian bound by cutting planes (Kelley 1960) in the prices of the limits, a greedy plan from the prices, then an exact
    integer program over the levels whose loss at these prices is within the gap: no better plan holds any other (Pisinger 1995).

    Args:
        levels: What could be ordered.
        uses: [M, N] what a unit of each item takes of each limit: its price of a budget, its volume of a room.
        limits: [M] what there is.
        wanted_gap: A plan proven to be within this share of the best ends the search.
        seconds: Most time for the integer program; the best plan so far counts then, with the bound proven so far.

    Raises:
        InputError: A value is negative or not finite, or shapes do not fit.

    >>> levels = Levels(np.array([[0.0, 2.0, 4.0], [0.0, 3.0, 6.0]]), np.array([[0.0, 8.0, 12.0], [0.0, 9.0, 14.0]]))
    >>> found = order_portfolio(levels, [[1.0, 1.0]], [7.0])
    >>> found.quantity, found.value, found.gap
    (array([4., 3.]), 21.0, 0.0)
    """
    taken, room = np.atleast_2d(amounts("uses", uses)), np.atleast_1d(amounts("limits", limits))
    if taken.shape != (room.size, len(levels.quantity)):
        message = f"uses has shape {list(taken.shape)}; it must be {room.size} x {len(levels.quantity)}, limits x items"
        raise InputError(message, field="uses")
    scale = np.where(room > _EPS, room, 1.0)
    task = _Task(levels.quantity, levels.value, taken / scale[:, None], room / scale)
    prices, bound = task.best_prices()
    chosen = task.filled(task.feasible(prices), prices)
    if task.gap(chosen, bound) > wanted_gap:
        chosen, bound = task.improved(chosen, prices, bound, seconds)
    return Portfolio(task.units(chosen), task.worth(chosen), bound, task.gap(chosen, bound), prices / scale)


@dataclass(frozen=True, eq=False, slots=True)
class _Task:
    """Levels, and limits scaled to 1; a choice is [N] positions of levels."""

    quantity: Floats
    value: Floats
    uses: Floats
    limits: Floats

    def units(self, choice: NDArray[np.intp]) -> Floats:
        return np.asarray(np.take_along_axis(self.quantity, choice[:, None], axis=1)[:, 0])

    def worth(self, choice: NDArray[np.intp]) -> float:
        return float(np.sum(np.take_along_axis(self.value, choice[:, None], axis=1)))

    def slack(self, choice: NDArray[np.intp]) -> Floats:
        return np.asarray(self.limits - self.uses @ self.units(choice))

    def gap(self, choice: NDArray[np.intp], bound: float) -> float:
        worth = self.worth(choice)
        return max(bound - worth, 0.0) / max(abs(worth), _EPS)

    def net(self, prices: Floats) -> Floats:
        """Return [N, K] profit less what the limits' use would cost."""
        return np.asarray(self.value - self.quantity * (prices @ self.uses)[:, None])

    def best_prices(self) -> tuple[Floats, float]:
        """Return the prices of least bound, and that bound.

        Each choice that is best at some prices gives a plane below the bound; the least point over all planes is tried next.
        """
        count = self.limits.size
        nothing = np.zeros(len(self.quantity), dtype=np.intp)
        planes, heights = [self.slack(nothing)], [self.worth(nothing)]
        prices, best, least = np.zeros(count), np.zeros(count), math.inf
        for _ in range(_CUTS):
            choice = np.argmax(self.net(prices), axis=1)
            slack, worth = self.slack(choice), self.worth(choice)
            bound = worth + float(prices @ slack)
            if bound < least:
                least, best = bound, prices
            planes.append(slack)
            heights.append(worth)
            rows = np.column_stack([-np.ones(len(planes)), np.array(planes)])
            lows = [(None, None), *[(0, None)] * count]
            found = linprog(np.eye(1 + count)[0], A_ub=rows, b_ub=-np.array(heights), bounds=lows, method="highs")
            if found.x is None or least - found.fun <= 1e-10 * max(abs(least), 1.0):
                break
            prices = np.maximum(found.x[1:], 0.0)
        return best, least

    def feasible(self, prices: Floats) -> NDArray[np.intp]:
        """Return the best choice at prices raised just enough to keep to the limits."""
        for rise in np.geomspace(1e-6, 1e6, 49):
            choice = np.argmax(self.net(prices * (1 + rise)), axis=1)
            if np.all(self.slack(choice) >= 0):
                return np.asarray(choice)
        return np.zeros(len(self.quantity), dtype=np.intp)

    def filled(self, choice: NDArray[np.intp], prices: Floats) -> NDArray[np.intp]:
        """Return the choice with what is left of the limits spent, the most profit for its price first."""
        rows, price = np.arange(len(choice)), np.maximum(prices, _EPS) @ self.uses
        for _ in range(_FILLS):
            more = np.maximum(self.quantity - self.units(choice)[:, None], 0.0)
            most = np.min(np.where(self.uses > 0, self.slack(choice)[:, None] / np.maximum(self.uses, 1e-300), np.inf), axis=0)
            gain = self.value - self.value[rows, choice][:, None]
            better = (more <= most[:, None]) & (more > 0) & (gain > _EPS)
            score = np.where(better, gain / np.maximum(more * price[:, None], 1e-300), -np.inf)
            row, level = np.unravel_index(int(np.argmax(score)), score.shape)
            if not better[row, level]:
                break
            choice = choice.copy()
            choice[row] = level
        return choice

    def improved(self, choice: NDArray[np.intp], prices: Floats, bound: float, seconds: float) -> tuple[NDArray[np.intp], float]:
        """Return the best choice among levels that could still be part of a better one, and what is proven by then."""
        net = self.net(prices)
        loss = net.max(axis=1)[:, None] - net
        missing = bound - self.worth(choice)
        within = np.partition(loss, CORE, axis=None)[CORE] if loss.size > CORE else math.inf
        rows, levels = np.nonzero(
            (loss <= min(missing * (1 + 1e-9) + _EPS, within)) & (np.arange(loss.shape[1]) != choice[:, None])
        )
        extra = self.quantity[rows, levels] - self.units(choice)[rows]
        gain = self.value[rows, levels] - self.value[np.arange(len(choice)), choice][rows]
        items, item = np.unique(rows, return_inverse=True)
        once = csr_array((np.ones(rows.size), (item, np.arange(rows.size))), shape=(items.size, rows.size))
        table = vstack([once, csr_array(self.uses[:, rows] * extra)])
        limits = np.concatenate([np.ones(items.size), self.slack(choice)])
        none = InputError("no better orders were found in time; allow more seconds", field="seconds")
        whole = np.ones(rows.size, dtype=bool)
        try:
            found = minimise_integer(-gain, csr_array(table), limits, whole.astype(np.float64), whole, none, seconds=seconds)
        except InputError:
            return choice, bound
        picked = np.flatnonzero(found.values > 0.5)
        better = choice.copy()
        better[rows[picked]] = levels[picked]
        if within >= missing:  # nothing was left out
            bound = min(bound, max(self.worth(choice) - found.lower_bound, self.worth(better)))
        return (better if np.all(self.slack(better) >= -_EPS) else choice), bound

"""Joint replenishment: items that share an order's fixed cost, constant demand, a base cycle and whole multiples of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts, together

MOST_BREAKS = 20_000_000
"""Changes of a multiple that a search may look at; a shared cost that is next to nothing beside the items' own needs more."""


@dataclass(frozen=True, eq=False, slots=True)
class JointCycle:
    """A cyclic order plan of N items."""

    base_cycle: float
    """Time between joint orders."""
    multiples: NDArray[np.intp]
    """[N] each item is part of every m-th order."""
    cost: float
    """Money per unit of time: (K0 + sum k_i / m_i) / T + T / 2 sum h_i lambda_i m_i."""
    optimal: bool
    """Whether it is proven best of its kind, or a heuristic's."""


@dataclass(frozen=True, eq=False, slots=True)
class JointItems:
    """What a joint order costs."""

    shared_fixed_cost: float
    """Money for an order, whatever it holds."""
    fixed_costs: Floats
    """[N] money for having the item in an order."""
    holding: Floats
    """[N] money for holding a unit of time's demand for a unit of time: h_i lambda_i."""

    def cycle(self, multiples: NDArray[np.intp], *, optimal: bool = False) -> JointCycle:
        """Return these multiples with their best base cycle."""
        ordering = self.shared_fixed_cost + float(np.sum(self.fixed_costs / multiples))
        holding = float(np.sum(self.holding * multiples))
        return JointCycle(float(np.sqrt(2 * ordering / holding)), multiples, float(np.sqrt(2 * ordering * holding)), optimal)


def joint_items(
    shared_fixed_cost: float, individual_fixed_costs: ArrayLike, holding_costs: ArrayLike, demand_rates: ArrayLike
) -> JointItems:
    """Return the checked items.

    Args:
        shared_fixed_cost: K0, money for an order, whatever it holds.
        individual_fixed_costs: [N] k, money for having the item in an order.
        holding_costs: [N] h, money for a unit held for a unit of time.
        demand_rates: [N] lambda, units per unit of time.

    Raises:
        InputError: A value is not finite, negative, or zero where a cycle would have no meaning, or lengths differ.
    """
    shared = float(amounts("shared_fixed_cost", shared_fixed_cost, above=0))
    fixed = amounts("individual_fixed_costs", individual_fixed_costs)
    holding, rate = amounts("holding_costs", holding_costs, above=0), amounts("demand_rates", demand_rates, above=0)
    together(individual_fixed_costs=fixed, holding_costs=holding, demand_rates=rate)
    if fixed.ndim != 1:
        message = f"individual_fixed_costs is {individual_fixed_costs!r}; it must be a list, one for each item"
        raise InputError(message, field="individual_fixed_costs")
    return JointItems(shared, fixed, np.broadcast_to(holding * rate, fixed.shape))


def optimal_cycle(items: JointItems) -> JointCycle:
    """Return the best base cycle and whole multiples, proven.

    For a given base cycle each item's best multiple stands alone and changes from m + 1 to m at
    T = sqrt(2 k / (h lambda m (m + 1))); between two changes of any item the best cycle is closed form. So all changes are
    sorted once and the cost of every set of multiples is two running sums, down to the T below which K0 / T alone is dearer
    than what is found (Goyal 1974).

    Raises:
        InputError: The shared cost is so small beside the items' own that there are more changes than can be looked at.

    Silver (1976), Management Science 22(12):

    >>> items = joint_items(10, [1.87, 5.27, 7.94, 8.19, 8.87], [0.2] * 5, [1736, 656, 558, 170, 142])
    >>> best = optimal_cycle(items)
    >>> best.multiples.tolist(), round(best.cost, 4)
    ([1, 1, 2, 3, 3], 218.2516)
    """
    shortest = _shortest_cycle(items)
    steps = np.floor(np.sqrt(2 * items.fixed_costs / items.holding) / shortest).astype(np.intp)
    if steps.sum() > MOST_BREAKS:
        message = f"shared_fixed_cost is {items.shared_fixed_cost!r}, next to nothing; plan each item by its own EOQ"
        raise InputError(message, field="shared_fixed_cost")
    item = np.repeat(np.arange(steps.size), steps)
    multiple = 1 + np.arange(item.size) - np.repeat(np.cumsum(steps) - steps, steps)
    return _best(items, item, multiple, multiple + 1)


def power_of_two_cycle(items: JointItems) -> JointCycle:
    """Return the best base cycle when every multiple is 1, 2, 4, 8 ..., proven; at most 6 % above the best (Roundy 1985).

    >>> items = joint_items(10, [1.87, 5.27, 7.94, 8.19, 8.87], [0.2] * 5, [1736, 656, 558, 170, 142])
    >>> best = power_of_two_cycle(items)
    >>> best.multiples.tolist(), round(best.cost, 4)
    ([1, 1, 1, 2, 2], 219.2005)
    """
    reach = np.sqrt(2 * items.fixed_costs / items.holding) / _shortest_cycle(items)
    steps = np.ceil(np.log2(np.maximum(reach, 1.0))).astype(np.intp)
    item = np.repeat(np.arange(steps.size), steps)
    multiple = 2 ** (np.arange(item.size) - np.repeat(np.cumsum(steps) - steps, steps))
    return _best(items, item, multiple, 2 * multiple)


def silver_cycle(items: JointItems) -> JointCycle:
    """Return Silver's (1976) heuristic: the item of least k / (h lambda) is in every order, the others by a square-root rule.

    >>> items = joint_items(10, [1.87, 5.27, 7.94, 8.19, 8.87], [0.2] * 5, [1736, 656, 558, 170, 142])
    >>> found = silver_cycle(items)
    >>> found.multiples.tolist(), round(found.cost, 4)
    ([1, 1, 1, 3, 3], 218.6863)
    """
    ratio = items.fixed_costs / items.holding
    often = int(np.argmin(ratio))
    target = np.sqrt(ratio * items.holding[often] / (items.shared_fixed_cost + items.fixed_costs[often]))
    multiples = np.maximum(np.floor(target + 0.5), 1).astype(np.intp)
    multiples[often] = 1
    return items.cycle(multiples)


def _shortest_cycle(items: JointItems) -> float:
    """Return a base cycle below which none is best: K0 / T and the items' own EOQ costs alone are dearer than a known plan."""
    known = min(silver_cycle(items).cost, items.cycle(np.ones(items.holding.size, dtype=np.intp)).cost)
    alone = float(np.sum(np.sqrt(2 * items.fixed_costs * items.holding)))
    return items.shared_fixed_cost / max(known - alone, items.shared_fixed_cost * 1e-12) * (1 - 1e-12)


def _best(items: JointItems, item: NDArray[np.intp], lower: NDArray[np.intp], upper: NDArray[np.intp]) -> JointCycle:
    """Return the best plan over all base cycles; `item` goes from multiple `lower` to `upper` as the cycle shrinks."""
    where = np.sqrt(2 * items.fixed_costs[item] / (items.holding[item] * lower * upper))
    order = np.argsort(-where, kind="stable")
    item, lower, upper = item[order], lower[order], upper[order]
    ordering = np.cumsum(items.fixed_costs[item] * (1 / upper - 1 / lower), dtype=np.float64)
    holding = np.cumsum(items.holding[item] * (upper - lower))
    first = items.shared_fixed_cost + items.fixed_costs.sum(), items.holding.sum()
    products = np.concatenate([[first[0] * first[1]], (first[0] + ordering) * (first[1] + holding)])
    taken = int(np.argmin(products))
    multiples = np.ones(items.holding.size, dtype=np.intp)
    np.maximum.at(multiples, item[:taken], upper[:taken])
    return items.cycle(multiples, optimal=True)

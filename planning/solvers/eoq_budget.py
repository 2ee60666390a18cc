"""Lot sizes of several items that share one budget or one space; continuous quantities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts, together

_STEPS = 200


@dataclass(frozen=True, eq=False, slots=True)
class SharedLots:
    """Lot sizes of N items under one limit."""

    quantity: Floats
    """[N] units in each order."""
    cost: float
    """Money per unit of time of all items together."""
    shadow_price: float
    """What one more unit of capacity would save, money per unit of time; 0 where the limit does not bind."""
    unconstrained_quantity: Floats
    """[N] the items' own EOQs."""


def eoq_budget(
    fixed_costs: ArrayLike, holding_costs: ArrayLike, demand_rates: ArrayLike, weights: ArrayLike, capacity: float
) -> SharedLots:
    """Return the lots that cost least with sum w_i Q_i <= capacity.

    Q_i = sqrt(2 K_i lambda_i / (h_i + 2 theta w_i)) with the multiplier theta that uses the capacity up (Nahmias & Olsen,
    Production and Operations Analysis, 7th ed., sec. 4.8). What the lots need is convex and falling in theta, so Newton's
    steps from theta = 0 rise to it.

    Args:
        fixed_costs: [N] K, money for an order.
        holding_costs: [N] h, money for a unit held for a unit of time.
        demand_rates: [N] lambda, units per unit of time.
        weights: [N] w, what one unit of the lot takes of the capacity (its price, its volume).
        capacity: What there is.

    Raises:
        InputError: A value is not finite, negative, or zero where a lot size would have no meaning, or lengths differ.

    Example 4.6:

    >>> lots = eoq_budget([100, 150, 50], [12.5, 87.5, 21.25], [1850, 1150, 800], [50, 350, 85], 30000)
    >>> lots.quantity.round(1), round(lots.cost, 2), round(lots.shadow_price, 5)
    (array([144.2,  52.6,  51.4]), 9088.66, 0.05296)
    """
    fixed, rate, weight = (
        amounts("fixed_costs", fixed_costs),
        amounts("demand_rates", demand_rates),
        amounts("weights", weights),
    )
    holding = amounts("holding_costs", holding_costs, above=0)
    limit = float(amounts("capacity", capacity, above=0))
    together(fixed_costs=fixed, holding_costs=holding, demand_rates=rate, weights=weight)
    if fixed.ndim != 1:
        raise InputError(f"fixed_costs is {fixed_costs!r}; it must be a list, one for each item", field="fixed_costs")
    free = np.sqrt(2 * fixed * rate / holding)
    quantity, theta = free, 0.0
    for _ in range(_STEPS):
        excess = float(weight @ quantity) - limit
        if excess <= 1e-13 * limit:
            break
        slope = float(np.sum(weight**2 * quantity / (holding + 2 * theta * weight)))
        theta += excess / slope
        quantity = np.sqrt(2 * fixed * rate / (holding + 2 * theta * weight))
    with np.errstate(divide="ignore", invalid="ignore"):
        ordering = np.where(quantity > 0, fixed * rate / quantity, 0.0)
    return SharedLots(quantity, float(np.sum(ordering + holding * quantity / 2)), theta, free)

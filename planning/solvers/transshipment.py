"""Lateral transshipment: even out stock among places that sell, once, before demand comes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.allocation import allocate
from planning.solvers.amounts import amounts


@dataclass(frozen=True, eq=False, slots=True)
class Rebalancing:
    """Transfers of N items among L places."""

    moved: Floats
    """[N, L, L] units from the place of the row to that of the column; nothing on the diagonal."""
    unmet: Floats
    """[N, L] units of demand left."""
    cost: float
    """Money: transfers and lost margin."""
    lower_bound: float
    """Money that no transfers go below, proven."""
    gain: float
    """Money better than without any transfer."""


def transship(inventory: ArrayLike, demand: ArrayLike, transship_cost: ArrayLike, lost_margin: ArrayLike) -> Rebalancing:
    """Return the transfers that cost least together with the margin of demand left unmet.

    The allocation problem with the places as warehouses and regions and serving one's own demand for nothing.

    Args:
        inventory: [L] or [N, L] units at each place.
        demand: [L] or [N, L] units wanted at each place.
        transship_cost: [L, L] or [N, L, L] money for moving a unit; the diagonal is not looked at.
        lost_margin: One number, [L], [N, 1] or [N, L] money lost for a unit of demand unmet.

    Raises:
        InputError: A value is negative or not finite, or shapes do not fit.

    >>> plan = transship([10, 0], [4, 5], [[0, 2], [2, 0]], [3, 9])
    >>> plan.moved[0].tolist(), plan.cost, plan.gain
    ([[0.0, 5.0], [0.0, 0.0]], 10.0, 35.0)
    """
    there, wanted = np.atleast_2d(amounts("inventory", inventory)), np.atleast_2d(amounts("demand", demand))
    costs = amounts("transship_cost", transship_cost)
    places = there.shape[-1]
    if there.shape != wanted.shape or costs.shape[-2:] != (places, places):
        message = (
            f"transship_cost has shape {list(costs.shape)}; it must be {places} x {places}, as many as in inventory and demand"
        )
        raise InputError(message, field="transship_cost")
    own = np.eye(places, dtype=bool)
    found = allocate(there, wanted, np.where(own, 0.0, costs), lost_margin)
    alone = float(np.sum(np.maximum(wanted - there, 0.0) * amounts("lost_margin", lost_margin)))
    return Rebalancing(np.where(own, 0.0, found.shipped), found.unmet, found.cost, found.lower_bound, alone - found.cost)

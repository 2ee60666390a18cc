"""Which warehouses to run and which of them serves whom: capacitated facility location."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, eye_array, hstack, kron, vstack

from parstock.domain import Bools, Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts
from planning.solvers.programs import minimise_integer
from planning.solvers.transport import lanes, transport


@dataclass(frozen=True, eq=False, slots=True)
class Sites:
    """Which of W sites are open and what they ship to R customers."""

    open: Bools
    """[W]."""
    shipped: Floats
    """[W, R] units."""
    cost: float
    """Money: open sites and shipping."""
    lower_bound: float
    """Money that no choice goes below, proven."""


def locate(
    capacity: ArrayLike, fixed_cost_open: ArrayLike, demand: ArrayLike, unit_cost: ArrayLike, *, seconds: float = math.inf
) -> Sites:
    """Return the sites to open and the shipments of least cost that meet all demand.

    Snyder & Shen, 2nd ed., sec. 8.3 (capacitated): a mixed-integer program in its strong form, where a customer's
    shipments from a site are at most its demand and only from open sites; shipments are then solved again for the sites chosen.

    Args:
        capacity: [W] most units through each site.
        fixed_cost_open: [W] money for running it.
        demand: [R] units wanted.
        unit_cost: [W, R] money for moving a unit.
        seconds: Most time to search.

    Raises:
        InputError: A value is negative or not finite, shapes do not fit, or the demand is more than all capacity.

    >>> sites = locate([10, 10], [9, 1], [4, 3], [[1, 1], [2, 1]])
    >>> sites.open.tolist(), sites.cost
    ([False, True], 12.0)
    """
    room, wanted, costs = lanes(capacity, demand, unit_cost)
    fixed = amounts("fixed_cost_open", fixed_cost_open)
    if fixed.shape != room.shape:
        raise InputError(
            f"fixed_cost_open is {fixed_cost_open!r}; it must have one cost for each of {room.size} sites",
            field="fixed_cost_open",
        )
    if wanted.sum() > room.sum():
        message = f"demand is {float(wanted.sum()):g} in all but capacity only {float(room.sum()):g}; raise capacity"
        raise InputError(message, field="capacity")
    sites, places = costs.shape
    by_site = kron(eye_array(sites), np.ones((1, places)))
    by_place = kron(np.ones((1, sites)), eye_array(places))
    # shares of each customer's demand are the variables, so that the rows are of one size
    lane_rows = hstack([eye_array(sites * places), kron(-eye_array(sites), np.ones((places, 1)))])
    room_rows = hstack([by_site.multiply(np.tile(wanted, sites)), -eye_array(sites).multiply(room)])
    need_rows = hstack([-by_place, csr_array((places, sites))])
    rows = csr_array(vstack([lane_rows, room_rows, need_rows]))
    limits = np.concatenate([np.zeros(sites * places + sites), -np.ones(places)])
    whole = np.concatenate([np.zeros(sites * places, dtype=bool), np.ones(sites, dtype=bool)])
    money = np.concatenate([(costs * wanted).ravel(), fixed])
    conflict = InputError(f"no choice of sites was found in {seconds!r} seconds; allow more", field="seconds")
    found = minimise_integer(money, rows, limits, np.ones(money.size), whole, conflict, seconds=seconds)
    chosen = found.values[sites * places :] > 0.5
    shipments = transport(np.where(chosen, room, 0.0), wanted, costs)
    return Sites(chosen, shipments.shipped, float(fixed[chosen].sum()) + shipments.cost, found.lower_bound)

"""The transport problem: ship from sources to destinations at least cost, all demand met."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, eye_array, kron, vstack

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts
from planning.solvers.programs import minimise

_EPS = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class Shipments:
    """What goes where."""

    shipped: Floats
    """[W, R] units."""
    cost: float
    """Money."""
    lower_bound: float
    """Money that no shipment of all demand goes below, proven."""
    supply_prices: Floats
    """[W] what one more unit at each source would save, money."""


def transport(supply: ArrayLike, demand: ArrayLike, unit_cost: ArrayLike) -> Shipments:
    """Return the shipments of least cost that meet all demand.

    Dantzig (1963), Linear Programming and Extensions, ch. 3: min sum c x with row sums <= supply and column sums >= demand.

    Args:
        supply: [W] units at each source.
        demand: [R] units wanted at each destination.
        unit_cost: [W, R] money for moving a unit.

    Raises:
        InputError: A value is negative or not finite, shapes do not fit, or the demand is more than the supply.

    Dantzig's example (GAMS `trnsport`):

    >>> cost = [[0.225, 0.153, 0.162], [0.225, 0.162, 0.126]]
    >>> round(transport([350, 600], [325, 300, 275], cost).cost, 3)
    153.675
    """
    there, wanted, costs = lanes(supply, demand, unit_cost)
    if wanted.sum() > there.sum() * (1 + _EPS):
        message = f"demand is {float(wanted.sum()):g} but supply only {float(there.sum()):g}; raise supply, or allow unmet demand"
        raise InputError(message, field="supply")
    sources, places = costs.shape
    by_source = kron(eye_array(sources), np.ones((1, places)))
    by_place = kron(np.ones((1, sources)), eye_array(places))
    limits = np.concatenate([there, -np.minimum(wanted, wanted * (there.sum() / max(float(wanted.sum()), _EPS)))])
    conflict = InputError("supply does not reach all demand", field="supply")
    found = minimise(costs.ravel(), csr_array(vstack([by_source, -by_place])), limits, np.full(costs.size, np.inf), conflict)
    return Shipments(found.values.reshape(costs.shape), found.objective, found.lower_bound, -found.row_prices[:sources])


def lanes(supply: ArrayLike, demand: ArrayLike, unit_cost: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return [W] supply, [R] demand and [W, R] unit cost, checked.

    Raises:
        InputError: A value is negative or not finite, or shapes do not fit.
    """
    there, wanted, costs = amounts("supply", supply), amounts("demand", demand), amounts("unit_cost", unit_cost)
    if there.ndim != 1 or wanted.ndim != 1 or costs.shape != (there.size, wanted.size):
        message = f"unit_cost has shape {list(costs.shape)}; it must be {there.size} x {wanted.size}, sources x destinations"
        raise InputError(message, field="unit_cost")
    return there, wanted, costs

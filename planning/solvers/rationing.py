"""One scarce supply among those who want it: equal shares of what each wants, or the most valuable first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts


@dataclass(frozen=True, eq=False, slots=True)
class Rations:
    """What each of R gets of each of N supplies; a single supply has N = 1."""

    units: Floats
    """[N, R]."""
    fill_rate: Floats
    """[N] least share of its demand that anybody gets; 1 where nothing is wanted."""
    value: Floats
    """[N] sum of weight x units."""


def fair_rations(supply: ArrayLike, demand: ArrayLike, weight: ArrayLike = 1.0) -> Rations:
    """Return the rations whose least fill rate is greatest: everybody gets the share supply / demand.

    Args:
        supply: One number or [N] units there.
        demand: [R] or [N, R] units wanted.
        weight: One number, [R] or [N, R] worth of a unit, only for `value`.

    Raises:
        InputError: A value is negative or not finite, or shapes do not fit.

    >>> fair_rations(430, [120, 90, 200, 60, 150]).fill_rate.round(4)
    array([0.6935])
    """
    there, wanted, worth = _terms(supply, demand, weight)
    total = wanted.sum(axis=1)
    share = np.minimum(np.divide(there, total, out=np.ones_like(total), where=total > 0), 1.0)
    return _rations(wanted * share[:, None], wanted, worth)


def valued_rations(supply: ArrayLike, demand: ArrayLike, weight: ArrayLike) -> Rations:
    """Return the rations of greatest sum of weight x units: all of what is worth most, then the next (a continuous knapsack).

    Args:
        supply: One number or [N] units there.
        demand: [R] or [N, R] units wanted.
        weight: One number, [R] or [N, R] worth of a unit.

    Raises:
        InputError: A value is negative or not finite, or shapes do not fit.

    >>> plan = valued_rations(430, [120, 90, 200, 60, 150], [4, 9, 2.5, 7, 5])
    >>> plan.units[0].astype(int).tolist(), plan.value
    ([120, 90, 10, 60, 150], array([2485.]))
    """
    there, wanted, worth = _terms(supply, demand, weight)
    order = np.argsort(-worth, axis=1, kind="stable")
    queue = np.take_along_axis(wanted, order, axis=1)
    before = np.cumsum(queue, axis=1) - queue
    given = np.clip(there[:, None] - before, 0.0, queue)
    units = np.empty_like(given)
    np.put_along_axis(units, order, given, axis=1)
    return _rations(units, wanted, worth)


def _terms(supply: ArrayLike, demand: ArrayLike, weight: ArrayLike) -> tuple[Floats, Floats, Floats]:
    there, wanted = np.atleast_1d(amounts("supply", supply)), np.atleast_2d(amounts("demand", demand))
    worth = amounts("weight", weight)
    try:
        return np.broadcast_to(there, wanted.shape[:1]), wanted, np.broadcast_to(worth, wanted.shape)
    except ValueError as error:
        shapes = f"supply {list(there.shape)}, demand {list(wanted.shape)}, weight {list(worth.shape)}"
        raise InputError(
            f"shapes do not fit together: {shapes}; give one supply, and for each who wants it one demand and weight",
            field="weight",
        ) from error


def _rations(units: Floats, wanted: Floats, worth: Floats) -> Rations:
    rates = np.divide(units, wanted, out=np.ones_like(units), where=wanted > 0)
    return Rations(units, rates.min(axis=1), np.sum(worth * units, axis=1))

"""How much to order now, by what one more unit earns and costs: lost sales, any lead times, arrays of items. Knows no forecaster.

Marginal cost accounting (Levi, Janakiraman and Nagarajan 2008, "A 2-approximation algorithm for stochastic inventory control
models with lost sales"): an order answers for the sales lost from its own arrival until the next order could arrive, and for
holding its units until they are sold although nothing more is ordered. Where both balance for the last unit, the order ends. With
one period to live this is the newsvendor.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats


@dataclass(frozen=True, eq=False, slots=True)
class Futures:
    """S equally likely futures of N items over H periods, of which the first is the one that begins."""

    demand: Floats
    """[N, S, H] units asked for."""
    arrivals: Floats
    """[N, S, H] units that come of orders placed before."""
    arrives: NDArray[np.intp]
    """[N, S] period in which an order placed now comes; H or later where it is of no use."""
    covers_until: NDArray[np.intp]
    """[N, S] last period before an order placed later can come; one before `arrives` where that overtakes."""


def order_quantity(on_hand: Floats, futures: Futures, unit_profit: Floats, holding_cost: Floats) -> Floats:
    """Return [N] whole units to order now.

    Args:
        on_hand: [N] units on the shelf.
        futures: What may come.
        unit_profit: [N] money lost with a sale, > 0.
        holding_cost: [N] money for a unit left at the end of a period, > 0.

    Newsvendor with demand 1 ... 10 and a critical ratio of 0.8: the eighth.

    >>> demand = np.arange(1.0, 11.0).reshape(1, 10, 1)
    >>> at_once = np.zeros((1, 10), dtype=np.intp)
    >>> order_quantity(np.zeros(1), Futures(demand, 0 * demand, at_once, at_once), np.array([4.0]), np.array([1.0]))
    array([8.])
    """
    sold_with, credited = _last_unit(on_hand, futures)
    items, samples, periods = sold_with.shape
    quantities = np.concatenate([sold_with.reshape(items, -1), credited], axis=1)
    costs = np.concatenate(
        [
            np.broadcast_to(holding_cost[:, None], (items, samples * periods)),
            np.broadcast_to(unit_profit[:, None], credited.shape),
        ],
        axis=1,
    )
    order = np.argsort(quantities, axis=1)
    quantities = np.take_along_axis(quantities, order, axis=1)
    costs = np.where(np.isfinite(quantities), np.take_along_axis(costs, order, axis=1), 0.0)
    chances = np.isfinite(credited).sum(axis=1)
    balanced = np.argmax(np.cumsum(costs, axis=1) >= (unit_profit * chances)[:, None] - 1e-9, axis=1)
    best = quantities[np.arange(items), balanced]
    return np.where((chances > 0) & np.isfinite(best), np.maximum(np.ceil(best), 0.0), 0.0)


def _last_unit(on_hand: Floats, futures: Futures) -> tuple[Floats, Floats]:
    """[N, S, H] and [N, S] orders so large that the last unit is not sold until the end of a period, or of the cover.

    Infinite where the order is not there yet, or covers nothing. The last unit is sold once all others and all that came
    before are: when net demand since the arrival has been that high in some period.
    """
    items, samples, periods = futures.demand.shape
    stock = np.repeat(on_hand[:, None], samples, axis=1)
    needed = np.full((items, samples), -np.inf)
    unsold, credited = np.full((items, samples, periods), np.inf), np.full((items, samples), np.inf)
    for period in range(periods):
        here = futures.arrives <= period
        stock = stock + futures.arrivals[:, :, period] - futures.demand[:, :, period]
        needed = np.where(here, np.maximum(needed, -stock), needed)
        unsold[:, :, period] = np.where(here, needed, np.inf)
        credited = np.where(here & (period <= futures.covers_until), needed, credited)
        stock = np.where(here, stock, np.maximum(stock, 0.0))
    return unsold, credited

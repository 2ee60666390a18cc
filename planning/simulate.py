"""Stock lived through day by day under any way of ordering: rows are items, futures of an item, or both. Knows no forecast.

In the morning of every review day an order may be placed, then what is due arrives, then demand comes. Whoever orders sees only
the days before. Lead times may differ from order to order, but an order never overtakes an earlier one: it arrives on its own day
or with the order before, whichever is later (a supplier who works in sequence; Kaplan 1970, Management Science 16, 491-507).
"""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, Floats
from parstock.errors import InputError
from planning.base import checked

Steps: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, eq=False, slots=True)
class Past:
    """What whoever orders may look at on the morning of a review day."""

    day: int
    """Days since the start."""
    demand: Floats
    """[R, day] units asked for on the days before."""
    on_hand: Floats
    """[R] units on the shelf; below 0 where demand waits for stock."""
    on_order: Floats
    """[R] units on the way."""

    @property
    def position(self) -> Floats:
        """[R] on hand + on order."""
        return self.on_hand + self.on_order


class Ordering(Protocol):
    """Decides on a review day."""

    def __call__(self, past: Past) -> Floats:
        """Return [R] units to order."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Start:
    """The first morning of R rows."""

    on_hand: Floats
    """[R]"""
    coming: Floats
    """[R, W] units on the way, by the day on which they come; W may go beyond the days simulated."""

    @classmethod
    def of(cls, on_hand: Floats) -> "Start":
        """Some stock and nothing on the way."""
        return cls(on_hand, np.zeros((on_hand.size, 1)))


@dataclass(frozen=True, eq=False, slots=True)
class Flow:
    """What happened to R rows on T days."""

    demand: Floats
    """[R, T] units asked for."""
    short: Floats
    """[R, T] units of them that were not on the shelf: lost, or late where demand waits."""
    stock: Floats
    """[R, T] units at the end of each day; below 0 where demand waits."""
    ordered: Floats
    """[R, O] units ordered on each review day."""
    arrives: Steps
    """[R, O] day on which an order placed then arrives."""
    position: Floats
    """[R] on hand + on order after the last day."""

    @property
    def fill_rate(self) -> float:
        """Share of all demand that was served from the shelf at once; 1 without demand."""
        total = float(self.demand.sum())
        return 1.0 - float(self.short.sum()) / total if total > 0 else 1.0

    def cycles(self, first_day: int = 0) -> Bools:
        """[R, O - 1] True for the replenishment cycles that are judged: from one arrival to the next, within the days."""
        begins, ends = self.arrives[:, :-1], self.arrives[:, 1:]
        return np.asarray((begins >= first_day) & (ends <= self.demand.shape[1]) & (ends > begins))

    def cycle_service(self, first_day: int = 0) -> Floats:
        """[R] share of the replenishment cycles that begin on or after a day without a shortage; NaN where there is no cycle."""
        judged = self.cycles(first_day)
        total = np.concatenate([np.zeros((len(self.short), 1)), np.cumsum(self.short, axis=1)], axis=1)
        inside = np.minimum(self.arrives, self.demand.shape[1])
        missed = np.diff(np.take_along_axis(total, inside, axis=1), axis=1)
        good = (judged & (missed <= 1e-6)).sum(axis=1)
        count = judged.sum(axis=1)
        return np.asarray(np.divide(good, count, out=np.full(count.size, np.nan), where=count > 0))


def simulate(
    demand: Floats,
    start: Start,
    order: Ordering,
    lead_days: Steps | int,
    *,
    review_days: int = 7,
    backorders: bool = False,
) -> Flow:
    """Return what happens to the stock.

    Args:
        demand: [R, T] units a day, such as actual sales of R items, or R sampled futures.
        start: The first morning.
        order: Asked on the days 0, review_days, 2 review_days ...
        lead_days: Whole days from order to arrival: one for all, or [R, O] for each of the O review days.
        review_days: Days between two of them.
        backorders: Whether unmet demand waits for stock; else it is lost.

    Raises:
        InputError: Arrays do not fit together, or a number makes no sense.

    Order up to 3 every day with stock of 2, nothing on the way and orders that come at once:

    >>> flow = simulate(np.array([[2.0, 4.0]]), Start.of(np.array([2.0])), lambda past: 3 - past.position, 0, review_days=1)
    >>> flow.short.tolist(), flow.ordered.tolist()
    ([[0.0, 1.0]], [[1.0, 2.0]])
    """
    rows, days = demand.shape
    occasions = np.arange(0, days, int(checked("review_days", review_days, low=1)))
    if start.on_hand.shape != (rows,) or len(start.coming) != rows:
        raise InputError(f"demand has {rows} rows, on_hand {start.on_hand.shape}, coming {start.coming.shape}", field="start")
    arrives = _arrivals(lead_days, occasions, rows)
    shelf, on_order = start.on_hand.astype(np.float64), start.coming.sum(axis=1)
    coming = np.zeros((rows, days + 1))  # the last column is what comes after the last day
    width = min(days, start.coming.shape[1])
    coming[:, :width] = start.coming[:, :width]
    short, stock, ordered = np.zeros((rows, days)), np.zeros((rows, days)), np.zeros((rows, occasions.size))
    for day in range(days):
        if day % review_days == 0:
            occasion = day // review_days
            units = _checked_order(order(Past(day, demand[:, :day], shelf.copy(), on_order.copy())), rows, day)
            ordered[:, occasion] = units
            on_order = on_order + units
            coming[np.arange(rows), np.minimum(arrives[:, occasion], days)] += units
        shelf = shelf + coming[:, day]
        on_order = on_order - coming[:, day]
        short[:, day] = np.maximum(demand[:, day] - np.maximum(shelf, 0.0), 0.0)
        shelf = shelf - demand[:, day] if backorders else shelf - (demand[:, day] - short[:, day])
        stock[:, day] = shelf
    return Flow(demand, short, stock, ordered, arrives, shelf + on_order)


def _arrivals(lead_days: Steps | int, occasions: Steps, rows: int) -> Steps:
    """[R, O] day of arrival of each order, none before the one placed earlier."""
    lead = np.broadcast_to(np.asarray(lead_days, dtype=np.intp), (rows, occasions.size))
    if lead.size and lead.min() < 0:
        raise InputError(f"lead_days holds {int(lead.min())}; it must be at least 0", field="lead_days")
    return np.maximum.accumulate(occasions + lead, axis=1)


def _checked_order(units: Floats, rows: int, day: int) -> Floats:
    if units.shape != (rows,) or not (np.isfinite(units) & (units >= 0)).all():
        raise InputError(
            f"the order of day {day} has shape {units.shape} and least value {np.min(units, initial=0)!r}; "
            f"it must be {rows} finite numbers of at least 0",
            field="order",
        )
    return units

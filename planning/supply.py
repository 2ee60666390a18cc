"""What a supplier's deliveries so far say of its lead time, and of orders that are late: when each comes, or whether it is lost.

Lead times are learned as hazards: of the orders still open at an age, the share that arrives at that age. An order that is not
here yet counts for every age that it has lived through, so that lost ones need no label (Kaplan and Meier 1958); each hazard has
a Beta prior around the promised lead time (Susarla and Van Ryzin 1976). Knows no demand and decides nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats
from parstock.errors import InputError
from planning.base import checked

NEVER = 1_000_000
"""Lead time of an order that is lost, in periods."""
EARLY, ON_TIME, LATE = 0.05, 0.8, 0.3
"""Hazards expected before the first delivery is seen: at each age before the promised one, at it, and at each after it."""
PRIOR_ORDERS = 1.0
"""How many orders that expectation weighs."""


@dataclass(frozen=True, eq=False, slots=True)
class OrderBook:
    """Every order of N items in the t periods so far, and when it came."""

    placed: Floats
    """[N, t] units ordered at the start of each period; 0 where nothing was."""
    arrived: Floats
    """[N, t] period, counted from 0, in which that order came; infinite while it has not."""

    def __post_init__(self) -> None:
        if self.placed.ndim != 2 or self.arrived.shape != self.placed.shape:
            shapes = f"{self.placed.shape} and {self.arrived.shape}"
            raise InputError(f"placed and arrived have the shapes {shapes}; both must be [N, t]", field="arrived")
        if not (np.isfinite(self.placed) & (self.placed >= 0)).all():
            wrong = float(self.placed[~(np.isfinite(self.placed) & (self.placed >= 0))][0])
            raise InputError(f"placed holds {wrong!r}; an order is a finite number of at least 0 units", field="placed")
        known = self.arrived < np.inf
        if not ((self.arrived >= np.arange(self.now)) & (~known | (self.arrived < self.now))).all():
            raise InputError(
                f"arrived holds a period before its order or after the {self.now} seen; it must be neither", field="arrived"
            )

    @property
    def now(self) -> int:
        """Periods seen, which is also the number of the period that begins."""
        return int(self.placed.shape[1])

    @property
    def on_order(self) -> Floats:
        """[N, t] units of the orders that have not come, lost ones among them."""
        return np.where(np.isinf(self.arrived), self.placed, 0.0)


@dataclass(frozen=True, eq=False, slots=True)
class LeadTimeBelief:
    """What is believed of the lead times of N items."""

    survival: Floats
    """[N, A + 1] probability that an order takes longer than 0, 1 ... A periods; what takes longer than A is lost."""

    @property
    def longest(self) -> int:
        """A: the greatest lead time thought possible, in periods."""
        return int(self.survival.shape[1]) - 1

    def lost(self, age: int = 0) -> Floats:
        """[N] probability that an order of that age which has not come never will: P(lost | age), by Bayes.

        >>> LeadTimeBelief(np.array([[1.0, 0.5, 0.25, 0.25]])).lost(2)
        array([0.5])
        """
        if age > self.longest:
            return np.ones(len(self.survival))
        return np.asarray(self.survival[:, -1] / self._alive(age))

    def draw(self, uniform: Floats, age: int = 0) -> NDArray[np.intp]:
        """[N, S] lead times of an order that has not come before that age, by inversion; `NEVER` where it is lost.

        Args:
            uniform: [S] numbers between 0 and 1, the same for all items.
            age: Periods since it was placed; what would have come at that age is not known yet.
        """
        alive, lead_times = self._alive(age), np.full((len(self.survival), uniform.size), age)
        for at in range(age, self.longest + 1):
            lead_times += uniform > (1 - self.survival[:, at] / alive)[:, None]
        return np.where(lead_times > self.longest, NEVER, lead_times)

    def arrivals(self, book: OrderBook, uniforms: Floats, horizon: int) -> Floats:
        """[N, S, horizon] sampled units that arrive in this and the next periods: what is on the way, by time.

        Args:
            book: The orders so far.
            uniforms: [S, >= t] numbers between 0 and 1, a column for each period's order.
            horizon: Periods ahead.
        """
        items, samples = len(self.survival), len(uniforms)
        coming = np.zeros((items, samples, horizon + 1))
        item, path = np.ogrid[:items, :samples]
        for placed in range(max(0, book.now - self.longest), book.now):
            units, age = book.on_order[:, placed], book.now - placed
            if units.any():
                ahead = np.minimum(self.draw(uniforms[:, placed], age) - age, horizon)
                coming[item, path, ahead] += units[:, None]
        return coming[:, :, :horizon]

    def _alive(self, age: int) -> Floats:
        """[N] probability that an order takes at least that long."""
        return np.maximum(self.survival[:, age - 1], 1e-12) if age else np.ones(len(self.survival))


def learn_lead_times(book: OrderBook, promised: int) -> LeadTimeBelief:
    """Return what the orders so far say of N items' lead times.

    Args:
        book: The orders so far.
        promised: Lead time that the supplier states, in periods; an order older than twice that and three is thought lost.

    Raises:
        InputError: The promise is negative.

    >>> none = np.zeros((1, 0))
    >>> learn_lead_times(OrderBook(none, none), promised=0).lost().round(3)
    array([0.069])
    """
    checked("promised", promised, low=0)
    ages = np.arange(2 * promised + 4)
    prior = np.where(ages < promised, EARLY, np.where(ages == promised, ON_TIME, LATE))
    periods = np.arange(book.now)
    lead_times, seen_until = book.arrived - periods, book.now - 1 - periods
    hazards = np.empty((len(book.placed), ages.size))
    for age in ages:
        at_risk = (book.placed > 0) & (lead_times >= age) & (seen_until >= age)
        came = (at_risk & (lead_times == age)).sum(axis=1)
        hazards[:, age] = (came + PRIOR_ORDERS * prior[age]) / (at_risk.sum(axis=1) + PRIOR_ORDERS)
    return LeadTimeBelief(np.cumprod(1 - hazards, axis=1, dtype=np.float64))

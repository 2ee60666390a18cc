"""Ordering period by period while demand and the supplier are being learned: lost sales, orders that may be late or lost.

Each period the policy samples demand (`online_demand`), what is on the way and when an order placed now or later would come
(`supply`), and orders what balances the marginal costs in those futures (`marginal`). Items do not learn from each other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats
from parstock.errors import InputError
from planning.base import checked
from planning.marginal import Futures, order_quantity
from planning.online_demand import LONGEST, Draws, Learning, OnlineDemand
from planning.supply import NEVER, LeadTimeBelief, OrderBook, learn_lead_times

SAMPLES = 64
"""Futures behind a decision."""


@dataclass(frozen=True, eq=False, slots=True)
class OnlineTerms:
    """What is known of N items from the start."""

    unit_profit: Floats
    """[N] money lost with each unit short, > 0."""
    holding_cost: Floats
    """[N] money for each unit left at the end of a period, > 0."""
    promised_lead_time: int
    """Periods until an order comes, as the supplier states it; 0: in time for this period's demand."""
    periods: int
    """Periods to be lived through; what is left then is worth nothing."""
    seed: int = 0
    """Of the futures."""

    def __post_init__(self) -> None:
        for name, values in (("unit_profit", self.unit_profit), ("holding_cost", self.holding_cost)):
            for value in values[~((values > 0) & np.isfinite(values))][:1]:
                raise InputError(f"{name} is {float(value)!r}; it must be a finite number above 0", field=name)
        checked("promised_lead_time", self.promised_lead_time, low=0, high=(LONGEST - 4) // 2)
        checked("periods", self.periods, low=1)


class OnlinePolicy:
    """Orders for N items, a period after the other.

    Args:
        terms: What is known from the start.
        first: [N, k] units asked for in the k >= 1 periods before.
        learning: How demand is learned.
    """

    def __init__(self, terms: OnlineTerms, first: Floats, learning: Learning | None = None) -> None:
        if not len(first) == terms.unit_profit.size == terms.holding_cost.size:
            raise InputError(
                f"first has {len(first)} rows for {terms.unit_profit.size} profits; one a row is needed", field="first"
            )
        self._terms = terms
        self._demand = OnlineDemand(first, learning)
        rng = np.random.default_rng(terms.seed)
        self._draws = Draws.of(SAMPLES, rng)
        strata = (np.arange(SAMPLES) + 0.5) / SAMPLES
        ahead = terms.periods + 2 * terms.promised_lead_time + 5
        self._on_the_way, self._new = (np.stack([rng.permutation(strata) for _ in range(ahead)], axis=1) for _ in range(2))

    def observe(self, demand: Floats) -> None:
        """Learn from the [N] units asked for in the period that ended, sold or not."""
        self._demand.observe(demand)

    def order(self, on_hand: Floats, book: OrderBook) -> Floats:
        """Return [N] whole units to order at the start of period `book.now`.

        Args:
            on_hand: [N] units on the shelf.
            book: All orders before, and which of them came.

        Raises:
            InputError: The last period is over.
        """
        left = self._terms.periods - book.now
        if left < 1:
            raise InputError(
                f"the book has {book.now} periods, but the terms are for {self._terms.periods}; none is left", field="book"
            )
        supplier = learn_lead_times(book, self._terms.promised_lead_time)
        horizon = min(left, supplier.longest + 1)
        arrives = supplier.draw(self._new[:, book.now])
        futures = Futures(
            self._demand.sample(horizon, self._draws),
            supplier.arrivals(book, self._on_the_way, horizon),
            arrives,
            self._covered_until(supplier, book.now),
        )
        return order_quantity(on_hand, futures, self._terms.unit_profit, self._terms.holding_cost)

    def _covered_until(self, supplier: LeadTimeBelief, now: int) -> NDArray[np.intp]:
        """[N, S] the last period before one of the orders of the next periods comes."""
        next_arrival = np.full((len(supplier.survival), SAMPLES), NEVER)
        for later in range(1, supplier.longest + 2):
            next_arrival = np.minimum(next_arrival, later + supplier.draw(self._new[:, now + later]))
        return next_arrival - 1

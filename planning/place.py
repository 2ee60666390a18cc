"""What N items have in one place and what comes there when, as single numbers, by the terms of plans. Decides nothing.

Allocation and transfers look at one future of supply where the plan looks at many: an open order comes on the median day of the
plan's, with the units that the plan's stock position counts of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, Floats, InboundOrder, Item, StockPosition, Supplier
from planning.base import PlanTerms
from planning.coverage import expected_lead_days, on_the_way
from planning.deliveries import learn_suppliers
from planning.events import lay_out
from planning.supply import NEVER

_SAMPLES = 201  # odd, so that there is a day in the middle


@dataclass(frozen=True, eq=False, slots=True)
class Place:
    """N items in one warehouse, or in all together."""

    stock: tuple[StockPosition, ...]
    """[N] with what events keep back as reserved."""
    held: Bools
    """[N] items that an event forbids to order."""
    lead_days: Floats
    """[N] mean days until an order placed today arrives."""
    until_days: Floats
    """[N] mean days until an order placed at the next occasion arrives, `lead_days` or more."""
    row: NDArray[np.intp]
    """[A] item of each arrival."""
    day: NDArray[np.intp]
    """[A] days from today on which it is expected; `planning.supply.NEVER` where it is lost."""
    units: Floats
    """[A] units counted of it."""
    ordered: Bools
    """[A] whether it is on order; else it is stock that is kept back until then."""

    @classmethod
    def of(
        cls,
        items: Sequence[Item],
        suppliers: Sequence[Supplier],
        stock: Sequence[StockPosition],
        inbound: Sequence[InboundOrder],
        terms: PlanTerms,
        warehouse: str = "",
    ) -> "Place":
        """Return the items' place as records, confirmed events and past orders have it.

        Args:
            items: N items.
            suppliers: [N] theirs.
            stock: [N] as recorded.
            inbound: Open orders of any items.
            terms: With today, events and past orders.
            warehouse: Code; "" for all together.

        Raises:
            InputError: A past order took negative or no finite time.
        """
        usual = np.array([supplier.lead_time_days for supplier in suppliers], dtype=np.float64)
        happening = lay_out(items, stock, inbound, usual, terms, warehouse=warehouse, days_ahead=0)
        beliefs = learn_suppliers({supplier.code: supplier for supplier in suppliers}, terms.deliveries)
        today, following = (expected_lead_days(suppliers, beliefs, t) for t in (happening.today, happening.following))
        coming = on_the_way(happening.stock, happening, beliefs, _SAMPLES, terms, warehouse)
        at_once = np.flatnonzero(coming.undated)
        counted = np.where(coming.ordered, coming.counted, coming.units)
        return cls(
            stock=happening.stock,
            held=happening.held,
            lead_days=today,
            until_days=np.maximum(following + terms.review_days, today),
            row=np.concatenate([coming.row, at_once]),
            day=np.concatenate([_median_day(coming.day), np.zeros(at_once.size, dtype=np.intp)]),
            units=np.concatenate([counted, coming.undated[at_once]]),
            ordered=np.concatenate([coming.ordered, np.ones(at_once.size, dtype=np.bool_)]),
        )

    def on_order(self, days: int) -> float:
        """Units that orders are expected to bring on the next days."""
        return float(self.units[self.ordered & (self.day < days)].sum())

    @property
    def free(self) -> Floats:
        """[N] units on hand that nobody has reserved, 0 or more."""
        return np.array([max(0, position.available) for position in self.stock], dtype=np.float64)

    def arrivals(self, days: int) -> Floats:
        """[N, days] units that become free to sell each morning; where more is reserved than there is, that is met first."""
        coming = np.zeros((len(self.stock), days))
        soon = self.day < days
        np.add.at(coming, (self.row[soon], self.day[soon]), self.units[soon])
        owed = np.array([max(0, -position.available) for position in self.stock], dtype=np.float64)
        free = np.maximum(np.cumsum(coming, axis=1) - owed[:, None], 0.0)
        return np.diff(free, axis=1, prepend=0.0)


def _median_day(day: NDArray[np.intp]) -> NDArray[np.intp]:
    """[A] the middle one of the [A, S] days on which something comes that is not lost."""
    come = (day < NEVER).sum(axis=1)
    middle = np.sort(day, axis=1)[np.arange(len(day)), np.maximum(come - 1, 0) // 2]
    return np.asarray(middle, dtype=np.intp)

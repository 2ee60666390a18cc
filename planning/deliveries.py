"""Lead times in days as each supplier's past orders show them, and when, or whether, open orders come. Decides nothing.

What a supplier states is worth `PRIOR_ORDERS` orders of its own: a Dirichlet prior around the stated distribution, with some
weight on being late and on being lost, updated by what came and by how long the others have been missing (Susarla and Van Ryzin
1976; with no weight on the prior this is Kaplan and Meier 1958). `planning.supply` does the same in periods, item by item.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from parstock.domain import Floats, Supplier
from planning.base import Deliveries, checked
from planning.supply import NEVER, LeadTimeBelief

PRIOR_ORDERS = 5.0
"""How many orders the stated lead time weighs."""
LATE, LOST = 0.1, 0.02
"""Share of orders expected to be late beyond the stated spread, and never to come, before the first is seen."""
_LEAST_DELAY_DAYS = 7.0
_CERTAIN = 0.01  # a smaller spread, in proportion, is taken as none


@dataclass(frozen=True, eq=False, slots=True)
class SupplierBelief:
    """What is believed of one supplier's lead time, in days."""

    belief: LeadTimeBelief
    """Of one row."""
    orders: int
    """Past orders that it was learned from, open ones too; 0 where none has come yet, so that it is what the supplier states."""
    stated_days: float
    """Mean that the supplier states."""
    mean_days: float
    """Mean days until an order comes that is not lost ..."""
    spread_days: float
    """... and their standard deviation."""

    @classmethod
    def of(cls, belief: LeadTimeBelief, orders: int, stated_days: float) -> "SupplierBelief":
        """Return a belief with its mean and spread."""
        chance = np.diff(1.0 - belief.survival[0], prepend=0.0) / (1.0 - belief.survival[0, -1])
        days = np.arange(chance.size)
        mean = float(chance @ days)
        spread = float(np.sqrt(max(chance @ (days - mean) ** 2, 0.0)))
        return cls(belief, orders, stated_days, mean, spread)

    @property
    def cumulative(self) -> Floats:
        """[A + 1] probability that an order comes within 0, 1 ... A days."""
        return np.asarray(1.0 - self.belief.survival[0])

    def draw(self, uniform: Floats) -> NDArray[np.intp]:
        """[S] days until an order placed now comes, given that it is not lost."""
        return np.asarray(np.searchsorted(self.cumulative, uniform * self.cumulative[-1] * (1 - 1e-12)))

    def draw_open(self, uniform: Floats, due_in_days: int) -> NDArray[np.intp]:
        """[S] days from today until an open order comes; `NEVER` where it is lost.

        Args:
            uniform: [S] numbers between 0 and 1.
            due_in_days: Days until it is due; negative where it is late. An order due at another time than the stated lead time
                after it was placed is as early or late, by the day, as any.
        """
        age = max(round(self.stated_days) - due_in_days, 0)
        if age > self.belief.longest:
            return np.full(uniform.size, NEVER)
        alive = 1.0 - (self.cumulative[age - 1] if age else 0.0)
        days = np.searchsorted(self.cumulative, 1.0 - alive * (1.0 - uniform) - 1e-12)
        later = max(due_in_days - round(self.stated_days), 0)
        return np.where(days > self.belief.longest, NEVER, np.maximum(days - age, 0) + later)

    def lost(self, due_in_days: int) -> float:
        """Probability that an open order never comes."""
        return float(self.belief.lost(max(round(self.stated_days) - due_in_days, 0))[0])


def learn_suppliers(suppliers: Mapping[str, Supplier], deliveries: Deliveries | None) -> dict[str, SupplierBelief]:
    """Return what is believed of each supplier's lead time, by code.

    Args:
        suppliers: By code, with a checked lead time.
        deliveries: Their past orders; None where none are recorded.

    Raises:
        InputError: A past order took negative or no finite time.
    """
    found = {}
    for code, supplier in suppliers.items():
        days, came = np.zeros(0), np.zeros(0, dtype=np.bool_)
        if deliveries is not None:
            mine = deliveries.supplier == code
            days, came = (deliveries.days[mine], deliveries.came[mine]) if deliveries.came[mine].any() else (days, came)
        for wrong in days[~(np.isfinite(days) & (days >= 0))][:1]:
            checked("received_on", float(wrong), low=0, of=f"an order from {code!r}, as days after it was placed,")
        found[code] = _learned(supplier, np.rint(days), came)
    return found


def _learned(supplier: Supplier, days: Floats, came: NDArray[np.bool_]) -> SupplierBelief:
    """Return the belief after orders that took so many days, or are missing for so many."""
    delay = max(_LEAST_DELAY_DAYS, supplier.lead_time_days / 2)
    far = supplier.lead_time_days + 4 * max(supplier.lead_time_sd_days, delay)
    longest = int(np.ceil(max(far, days[came].max(initial=0.0)))) + 1
    ages = np.arange(longest + 1)
    prior = (1 - LOST) * _stated(supplier, delay, ages)
    weight_here = PRIOR_ORDERS * np.diff(prior, prepend=0.0)
    weight_left = PRIOR_ORDERS * (1.0 - np.concatenate([[0.0], prior[:-1]]))
    came_at = np.bincount(days[came].astype(np.intp), minlength=longest + 1)[: longest + 1]
    missing_at = np.bincount(np.minimum(days[~came], longest + 1).astype(np.intp), minlength=longest + 2)
    still_there = (came_at.sum() + missing_at.sum()) - np.cumsum(np.concatenate([[0], came_at + missing_at[:-1]]))[:-1]
    still_there = still_there - missing_at[:-1]  # who has been missing for a days has not lived through the a-th to its end
    hazards = (weight_here + came_at) / np.maximum(weight_left + still_there, 1e-12)
    survival = np.cumprod(1.0 - np.clip(hazards, 0.0, 1.0))
    return SupplierBelief.of(LeadTimeBelief(survival[None]), int(days.size), supplier.lead_time_days)


def _stated(supplier: Supplier, delay: float, ages: NDArray[np.intp]) -> Floats:
    """Return the probability that an order which is not lost comes within so many days, as far as the supplier's record tells."""
    mean, sd = supplier.lead_time_days, supplier.lead_time_sd_days
    if sd > _CERTAIN * mean and mean > _CERTAIN:
        shape = (mean / sd) ** 2
        stated = gammainc(shape, (ages + 0.5) * shape / mean)
    else:
        stated = (ages >= np.floor(mean + 0.5)).astype(np.float64)
    late = np.where(ages >= mean, 1.0 - np.exp(-np.maximum(ages - mean, 0.0) / delay), 0.0)
    return np.asarray((1 - LATE) * stated + LATE * late)

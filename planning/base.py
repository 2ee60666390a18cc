"""What a replenishment policy is given and gives back, the terms of a planning run, and the registry of policies."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, Floats, PlanningEvent
from parstock.errors import InputError
from parstock.registry import Registry


@dataclass(frozen=True, eq=False, slots=True)
class Deliveries:
    """M past orders, each with all its lines, that came or have not come yet."""

    supplier: NDArray[np.str_]
    """[M] codes."""
    days: Floats
    """[M] days from order to receipt; of one that has not come its age."""
    came: Bools
    """[M]"""


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """The shop's terms that hold for a whole planning run."""

    as_of: date
    """Today: orders are placed on this day, before its demand."""
    service_level: float = 0.95
    """Target where neither the caller nor a clause names one."""
    review_days: int = 7
    """Days between two ordering occasions."""
    holding_rate: float = 0.25
    """Yearly cost of holding one unit of money in stock."""
    order_cost: float = 25.0
    """Fixed cost of one order line, money."""
    currency: str = "GBP"
    policy: str = "base_stock"
    """Name of the replenishment policy."""
    seed: int = 0
    """Seed of the sampled lead times and of demand beyond the forecast's horizon."""
    events: tuple[PlanningEvent, ...] = ()
    """What is to happen; only confirmed events count (`planning.events`)."""
    deliveries: Deliveries | None = None
    """Past orders, from which lead times are learned (`planning.deliveries`); None: they are as the suppliers state."""

    def __post_init__(self) -> None:
        checked("service_level", self.service_level, low=0, high=1, open_ends=True)
        checked("review_days", self.review_days, low=1)
        checked("holding_rate", self.holding_rate, low=0)
        checked("order_cost", self.order_cost, low=0)


@dataclass(frozen=True, eq=False, slots=True)
class PlanInputs:
    """What a policy may look at: arrays over N items and S equally likely futures."""

    lead_time_demand: Floats
    """[N, S] units demanded until an order placed today arrives."""
    interval_demand: Floats
    """[N, S] units demanded until an order placed at the next occasion arrives (lead time + review period)."""
    service_level: Floats
    """[N] target probability of no stockout per cycle."""
    daily_demand: Floats
    """[N] mean units a day."""
    shortage_cost: Floats
    """[N] money lost for each unit short (the margin)."""
    overage_cost: Floats
    """[N] money lost for each unit left over at the end of the interval."""
    holding_cost: Floats
    """[N] money for holding one unit for a year."""
    order_cost: float
    """Money for each order line."""


@dataclass(frozen=True, eq=False, slots=True)
class Levels:
    """What a policy decides for N items, in whole units."""

    reorder_point: Floats
    """[N] stock that covers demand until an order placed today arrives, at the service level."""
    order_up_to: Floats
    """[N] what the inventory position is raised to."""
    order_below: Floats
    """[N] an order is placed when the inventory position is below this."""
    service_level: Floats
    """[N] the level aimed at."""
    from_costs: bool = False
    """Whether the policy derived that level from costs and ignored the target."""


class ReplenishmentPolicy(Protocol):
    """Decides for all items at once when to order and up to what."""

    name: str

    def levels(self, inputs: PlanInputs) -> Levels:
        """Return the levels of every item; `order_up_to` never falls when `service_level` or `shortage_cost` rises."""
        ...


policies: Registry[ReplenishmentPolicy] = Registry("replenishment policy", "planning.policies")


def empirical_quantile(samples: Floats, level: Floats | float) -> Floats:
    """Return the smallest sample that at least `level` of each row's samples do not exceed.

    Args:
        samples: [N, S].
        level: [N] or one probability for all.

    >>> empirical_quantile(np.array([[3.0, 1.0, 2.0, 4.0]]), 0.75)
    array([3.])
    """
    count = samples.shape[1]
    rank = np.ceil(np.broadcast_to(level, samples.shape[:1]) * count - 1e-9).astype(np.intp) - 1
    return np.asarray(np.take_along_axis(np.sort(samples, axis=1), np.clip(rank, 0, count - 1)[:, None], axis=1)[:, 0])


def whole_units(values: Floats) -> Floats:
    """Return the values rounded up to whole units, forgiving rounding noise."""
    return np.ceil(values - 1e-6)


MOST_MONEY = 1e12
"""A larger amount is a slip of the pen."""


def checked(
    field: str, value: float, *, low: float = -math.inf, high: float = math.inf, open_ends: bool = False, of: str = ""
) -> float:
    """Return the value if it is a finite number in range.

    Args:
        field: Name of the value, for the message and for `InputError.field`.
        value: What was given.
        low: Least accepted value.
        high: Greatest accepted value.
        open_ends: Whether the ends themselves are refused.
        of: What the value belongs to, such as "item 'A1'".

    Raises:
        InputError: It is not.
    """
    inside = low < value < high if open_ends else low <= value <= high
    if math.isfinite(value) and inside:
        return value
    if high < math.inf:
        wanted = f"{'strictly ' if open_ends else ''}between {low:g} and {high:g}"
    else:
        wanted = f"a finite number of at least {low:g}"
    raise InputError(f"{field}{' of ' if of else ''}{of} is {value!r}; it must be {wanted}", field=field)


def checked_array(field: str, values: Floats, names: tuple[str, ...], *, low: float, high: float = math.inf) -> Floats:
    """Return the values if all are finite and in range.

    Raises:
        InputError: One is not; the message names the first.
    """
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= low) & (values <= high)))
    if wrong.size:
        checked(field, float(values[wrong[0]]), low=low, high=high, of=repr(names[wrong[0]]))
    return values

"""The decision itself, as array functions over items: need, lots, limits, budget, and what to expect afterwards."""

from dataclasses import dataclass

import numpy as np

from parstock.domain import Bools, Floats
from parstock.results import Binding
from planning.base import Levels, PlanInputs, PlanTerms, policies
from planning.constraints import cap, to_lots
from planning.coupling import Shared, Wanted, share
from planning.rules import Rules
from planning.situation import Situation


@dataclass(frozen=True, eq=False, slots=True)
class Decision:
    """What is ordered of N items, and why that much."""

    levels: Levels
    need: Floats
    """[N] units missing to the order-up-to level; 0 where no order is due."""
    wanted: Floats
    """[N] units in whole packs, before holds, limits and budget."""
    quantity: Floats
    """[N] units to order."""
    cover_days: Floats
    """[N] most days of cover allowed by clause or shelf life; infinite where there is no limit."""
    alone: Floats
    """[N] units that the policy orders of each item for itself, within holds and limits on cover."""
    shared: Shared
    """What the limits that items share make of it."""
    supplier_total: Floats
    """[N] money that the plan orders from the item's supplier."""
    binding: tuple[Binding, ...]
    """[N] what limited or shaped the quantity most."""


@dataclass(frozen=True, eq=False, slots=True)
class Outlook:
    """What to expect after ordering, [N] each, on the same sample paths."""

    fill_rate: Floats
    """Share of demand over the interval that is served from stock; demand is lost while there is none."""
    cycle_service: Floats
    """Probability that what is there or comes in time covers the whole interval."""
    early_stockout: Floats
    """Probability of running out before an order placed today would arrive."""
    holding_cost: Floats
    """Money for holding the average stock from that arrival to the end of the interval."""


@dataclass(frozen=True, eq=False, slots=True)
class Decided:
    """A planned catalogue as arrays over N items, from which lines and facts are written."""

    now: Situation
    rules: Rules
    decision: Decision
    outlook: Outlook
    terms: PlanTerms
    level_asked: bool
    """Whether the caller named the service level, so that no clause did."""

    @property
    def cost(self) -> Floats:
        """[N] money for each order."""
        return np.asarray((self.decision.quantity * self.now.unit_cost).round(2))

    @property
    def needs_approval(self) -> Bools:
        """[N] whether the order costs more than its approval limit."""
        return np.asarray(self.cost > np.nan_to_num(self.rules.approval_limit.value, nan=np.inf))

    @property
    def least_value(self) -> Floats:
        """[N] money below which the item's supplier takes no order; 0 where it takes any."""
        return np.asarray(np.nan_to_num(self.rules.min_order_value.value, nan=0.0))

    @property
    def for_order_value(self) -> Bools:
        """[N] whether the supplier's least order value made the order larger, or left it out."""
        return np.array([binding == "min_order_value" for binding in self.decision.binding], dtype=np.bool_)

    @property
    def clause_limits_cover(self) -> Bools:
        """[N] whether a clause, not shelf life, sets the limit that cut the order."""
        cut = np.array([binding == "max_days_of_cover" for binding in self.decision.binding], dtype=np.bool_)
        return np.asarray(cut & (self.decision.cover_days == self.rules.max_days_of_cover.value))

    def level_source(self, row: int) -> str:
        """Where the service level of one item comes from: "request", "costs", a clause id, or "settings"."""
        if self.level_asked:
            return "request"
        if self.decision.levels.from_costs:
            return "costs"
        return next(iter(self.rules.service_level.ids(row)), "settings")


def decide(
    now: Situation,
    rules: Rules,
    terms: PlanTerms,
    *,
    budget: float | None = None,
    capacity: float | None = None,
    service_level: float | None = None,
) -> Decision:
    """Return the order quantity of every item.

    An order is due when the position is below the policy's `order_below`. It raises the position to the order-up-to level,
    in whole packs and not below the minimum order; holds stop it, cover limits cut it. Budget, room and suppliers' least order
    values are kept to last, by all items together (`planning.coupling`).

    Raises:
        InputError: More units than the capacity are there already.
    """
    inputs = policy_inputs(now, rules, terms, service_level)
    levels = policies.get(terms.policy).levels(inputs)
    position = now.position
    need = np.where(position < levels.order_below, np.maximum(levels.order_up_to - position, 0.0), 0.0)
    lots = to_lots(need, now.minimum, now.pack)
    active = np.array([item.active for item in now.items], dtype=np.bool_)
    held = (rules.order_hold.clause >= 0) | ~active | now.held
    cover = cover_limit(now, rules)
    limited = np.isfinite(cover)
    room = np.where(limited, np.where(limited, cover, 0.0) * now.daily_demand - now.inventory_position, np.inf)
    capped = cap(np.where(held, 0.0, lots.quantity), room, now.minimum, now.pack)
    least_value = np.nan_to_num(rules.min_order_value.value, nan=0.0)
    shared = share(
        now, inputs, Wanted(capped, np.where(held, 0.0, np.maximum(room, 0.0)), least_value), budget=budget, capacity=capacity
    )
    quantity = shared.quantity
    cost = quantity * now.unit_cost
    total = np.bincount(shared.supplier, weights=cost).astype(np.float64)[shared.supplier] if cost.size else cost
    raised = quantity > capped
    left_out = (quantity < capped) & (total == 0) & (least_value > 0)
    reasons: tuple[tuple[Binding, Bools], ...] = (
        ("min_order_value", raised | (left_out & (budget is None) & (capacity is None))),
        ("no_need", need <= 0),
        ("order_hold", held),
        ("budget", (quantity < capped) & shared.by_budget),
        ("capacity", (quantity < capped) & (capacity is not None)),
        ("min_order_value", quantity < capped),
        ("max_days_of_cover", capped < lots.quantity),
        ("approval_limit", cost > np.nan_to_num(rules.approval_limit.value, nan=np.inf)),
        ("min_order_quantity", lots.raised_to_minimum),
        ("pack_size", lots.rounded_to_packs),
    )
    first = np.argmax([*(holds for _, holds in reasons), np.ones_like(held)], axis=0)
    names: tuple[Binding, ...] = (*(name for name, _ in reasons), "")
    return Decision(
        levels=levels,
        need=need,
        wanted=lots.quantity,
        quantity=quantity,
        cover_days=cover,
        alone=capped,
        shared=shared,
        supplier_total=total,
        binding=tuple(names[index] for index in first),
    )


def expect(now: Situation, quantity: Floats, terms: PlanTerms) -> Outlook:
    """Return what to expect when the quantities are ordered today.

    Time is taken in two stretches: until the order arrives, and from then to the end of the interval. Stock that comes in the
    second stretch cannot serve the first.
    """
    first = now.demand.lead_time
    second = now.demand.interval - first
    shelf = now.on_shelf[:, None] + now.come_first
    sold_first = np.minimum(first, np.maximum(shelf, 0.0))
    arrived = shelf - sold_first + quantity[:, None] + now.come_in_time - now.come_first
    sold_second = np.minimum(second, np.maximum(arrived, 0.0))
    total = now.demand.interval.sum(axis=1)
    sold = (sold_first + sold_second).sum(axis=1)
    stock = np.maximum(arrived, 0.0).mean(axis=1) - 0.5 * sold_second.mean(axis=1)
    days = np.maximum(now.interval_days - np.array([s.lead_time_days for s in now.suppliers]), 1.0)
    return Outlook(
        fill_rate=np.divide(sold, total, out=np.ones_like(total), where=total > 0),
        cycle_service=((now.position + quantity)[:, None] >= now.demand.to_cover - 1e-6).mean(axis=1),
        early_stockout=(first > np.maximum(shelf, 0.0)).mean(axis=1),
        holding_cost=stock * now.unit_cost * terms.holding_rate * days / 365.0,
    )


def policy_inputs(now: Situation, rules: Rules, terms: PlanTerms, service_level: float | None) -> PlanInputs:
    """Return what the policy may look at; the target comes from the caller, else from a clause, else from the terms."""
    stated = rules.service_level.value
    target = np.where(np.isnan(stated), terms.service_level, stated)
    holding = now.unit_cost * terms.holding_rate
    life = np.array([item.shelf_life_days or np.inf for item in now.items])
    return PlanInputs(
        lead_time_demand=now.demand.lead_time,
        interval_demand=now.demand.to_cover,
        service_level=target if service_level is None else np.full_like(target, service_level),
        daily_demand=now.daily_demand,
        shortage_cost=now.margin,
        overage_cost=np.where(life <= now.interval_days, now.unit_cost, holding * now.interval_days / 365.0),
        holding_cost=holding,
        order_cost=terms.order_cost,
    )


def cover_limit(now: Situation, rules: Rules) -> Floats:
    """Return [N] the most days of cover that a clause or shelf life allows; infinite where neither limits it."""
    life = np.array([np.inf if item.shelf_life_days is None else item.shelf_life_days for item in now.items], dtype=np.float64)
    return np.asarray(np.fmin(life, rules.max_days_of_cover.value))

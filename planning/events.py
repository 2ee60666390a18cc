"""Confirmed planning events laid out over items: which terms each changes, for an order placed today and for the next one.

An event holds for what is ordered on the days of its window, and for nothing else. A supplier that ships nothing lets an order
wait until the day after the window; what was ordered before has left. Changes of demand are
in the forecast already. Decides nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, EventType, Floats, InboundOrder, Item, PlanningEvent, StockPosition
from planning.base import PlanTerms

OPEN_END_DAYS = 28
"""How long a stop without an end is expected to last where the next order falls into it."""
Days: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, eq=False, slots=True)
class LeadTerms:
    """How long an order of each of N items takes that is placed on one day."""

    waits: Days
    """[N] days until it can leave."""
    days: Floats
    """[N] new mean lead time from then on; NaN where the usual one holds."""
    delta: Floats
    """[N] days on top of it."""


@dataclass(frozen=True, eq=False, slots=True)
class Happening:
    """The events over N items, and what has become of the items' terms."""

    items: tuple[Item, ...]
    """With minimum order and purchase price as of today."""
    stock: tuple[StockPosition, ...]
    """With what is kept back as reserved."""
    inbound: tuple[InboundOrder, ...]
    """With orders that wait at the supplier as late as they leave."""
    released: tuple[tuple[int, int, int], ...]
    """Row, days from today, units: what is kept back and becomes free again."""
    held: Bools
    """[N] nothing may be ordered today."""
    today: LeadTerms
    following: LeadTerms
    """Of the order at the next occasion."""
    moved: tuple[tuple[PlanningEvent, ...], ...]
    """[N] the events that change something of each item's plan today."""


@dataclass(frozen=True, eq=False, slots=True)
class _Scene:
    """N items and the events that may be about them."""

    items: tuple[Item, ...]
    events: tuple[PlanningEvent, ...]
    today: date
    codes: Mapping[str, NDArray[np.str_]]

    @classmethod
    def of(cls, items: Sequence[Item], terms: PlanTerms, warehouse: str) -> "_Scene":
        confirmed = sorted(
            (event for event in terms.events if event.status == "confirmed"),
            key=lambda event: (event.decided_at, event.created_at, event.id),
        )
        here = (event for event in confirmed if not (warehouse and event.warehouse not in ("", warehouse)))
        names = ("sku", "category", "supplier")
        codes = {name: np.array([getattr(item, name) for item in items], dtype=np.str_) for name in names}
        return cls(tuple(items), tuple(here), terms.as_of, codes)

    def all(self, *types: EventType) -> list[PlanningEvent]:
        return [event for event in self.events if event.type in types]

    def meant(self, event: PlanningEvent) -> Bools:
        """[N] True for the items that fit all that the event names."""
        fits = np.ones(len(self.items), dtype=np.bool_)
        for name, codes in (
            (event.item, self.codes["sku"]),
            (event.category, self.codes["category"]),
            (event.supplier, self.codes["supplier"]),
        ):
            if name:
                fits &= codes == name
        return fits

    def in_force(self, event: PlanningEvent, ahead: Days | int = 0) -> Bools:
        """Whether the days that lie so many days ahead are in the event's window."""
        first = -np.inf if event.start is None else (event.start - self.today).days
        last = np.inf if event.end is None else (event.end - self.today).days
        return np.asarray((np.asarray(ahead) >= first) & (np.asarray(ahead) <= last))


def lay_out(
    items: Sequence[Item],
    stock: Sequence[StockPosition],
    inbound: Sequence[InboundOrder],
    lead_days: Floats,
    terms: PlanTerms,
    *,
    warehouse: str = "",
    days_ahead: int,
) -> Happening:
    """Return what the confirmed events among the terms make of N items, their stock and what is on the way.

    Of several events on one thing the one confirmed last holds; added days add up, and so do percentages, one upon the other.

    Args:
        items: N items.
        stock: [N] their stock.
        inbound: Open orders of any items.
        lead_days: [N] usual mean lead time.
        terms: With today and the events.
        warehouse: Code of the warehouse planned for; "" for all together.
        days_ahead: Days from today that the plan looks at, for the changes of demand that are worth naming.
    """
    scene = _Scene.of(items, terms, warehouse)
    moved: list[list[PlanningEvent]] = [[] for _ in items]

    def note(event: PlanningEvent, where: Bools) -> None:
        for row in np.flatnonzero(where):
            if event not in moved[row]:
                moved[row].append(event)

    held = np.zeros(len(items), dtype=np.bool_)
    if scene.events and items:
        held = _held(scene, note)
    following = np.full(len(items), terms.review_days, dtype=np.intp)
    lead_today = _lead_terms(scene, np.zeros_like(following), note)
    lead_next = _lead_terms(scene, following, note)
    kept, released = _kept_back(scene, stock, note)
    changed = _terms_of_purchase(scene, note)
    for event in scene.all("demand_change"):
        if event.pct and (event.start is None or (event.start - terms.as_of).days < days_ahead) and _not_over(scene, event):
            note(event, scene.meant(event))
    return Happening(
        items=changed,
        stock=kept,
        inbound=_waiting(scene, inbound, lead_days),
        released=released,
        held=held,
        today=lead_today,
        following=lead_next,
        moved=tuple(tuple(events) for events in moved),
    )


def forbids(event: PlanningEvent) -> bool:
    """Whether nothing may be ordered while the event is in force; where a supplier ships again, orders wait instead."""
    return event.type in ("order_hold", "discontinue") or (event.type == "supply_hold" and event.end is None)


_Note: TypeAlias = Callable[[PlanningEvent, Bools], None]


def _not_over(scene: _Scene, event: PlanningEvent) -> bool:
    return event.end is None or event.end >= scene.today


def _held(scene: _Scene, note: _Note) -> Bools:
    """[N] what must not be ordered today: a hold, something that is sold off, a supplier that ships nothing without an end."""
    held = np.zeros(len(scene.items), dtype=np.bool_)
    for event in scene.events:
        if forbids(event) and (event.type == "discontinue" or scene.in_force(event)):
            held |= scene.meant(event)
            note(event, scene.meant(event))
    return held


def _lead_terms(scene: _Scene, placed: Days, note: _Note) -> LeadTerms:
    """Return the terms of orders placed so many days ahead, [N]."""
    count = len(scene.items)
    leaves, days, delta = placed.copy(), np.full(count, np.nan), np.zeros(count)
    for event in sorted(scene.all("supply_hold"), key=lambda event: event.start or date.min):
        if event.end is None and scene.in_force(event):
            continue  # nothing is ordered at all
        stuck = scene.meant(event) & scene.in_force(event, leaves)
        last = int(placed.max(initial=0)) + OPEN_END_DAYS if event.end is None else (event.end - scene.today).days
        leaves = np.where(stuck, last + 1, leaves)
        note(event, stuck)
    for event in scene.all("lead_time_change"):
        slower = scene.meant(event) & scene.in_force(event, placed)
        if event.days is not None:
            days, delta = np.where(slower, event.days, days), np.where(slower, 0.0, delta)
        delta = delta + slower * (event.delta_days or 0.0)
        note(event, slower)
    return LeadTerms(leaves - placed, days, delta)


def _kept_back(
    scene: _Scene, stock: Sequence[StockPosition], note: _Note
) -> tuple[tuple[StockPosition, ...], tuple[tuple[int, int, int], ...]]:
    """Return stock with what is kept back, and what becomes free again and when."""
    kept, released = list(stock), []
    for event in scene.all("reserve_stock"):
        if not scene.in_force(event):
            continue
        note(event, scene.meant(event))
        for row in np.flatnonzero(scene.meant(event)):
            units = event.quantity or 0
            kept[row] = replace(kept[row], reserved=kept[row].reserved + units)
            if event.end is not None:
                released.append((int(row), (event.end - scene.today).days + 1, units))
    return tuple(kept), tuple(released)


def _terms_of_purchase(scene: _Scene, note: _Note) -> tuple[Item, ...]:
    """Return the items with today's minimum order and price."""
    items = list(scene.items)
    for event in scene.all("min_order_quantity", "unit_cost_change"):
        if not scene.in_force(event):
            continue
        note(event, scene.meant(event))
        for row in np.flatnonzero(scene.meant(event)):
            if event.type == "min_order_quantity":
                items[row] = replace(items[row], min_order_quantity=event.quantity or 0)
                continue
            cost = items[row].unit_cost * (1 + (event.pct or 0.0) / 100.0) if event.unit_cost is None else event.unit_cost
            items[row] = replace(items[row], unit_cost=round(cost, 6))
    return tuple(items)


def _waiting(scene: _Scene, inbound: Sequence[InboundOrder], lead_days: Floats) -> tuple[InboundOrder, ...]:
    """Return the open orders; one placed while nothing left the supplier comes no sooner than a lead time after it can leave."""
    holds = sorted((event for event in scene.all("supply_hold") if event.end), key=lambda event: event.start or date.min)
    if not holds:
        return tuple(inbound)
    usual = dict(zip((item.sku for item in scene.items), lead_days, strict=True))
    found = []
    for order in inbound:
        left = order.ordered_on
        for event in holds:
            named = event.item in ("", order.item) and event.supplier in ("", order.supplier)
            begun = event.start or _said_on(event, scene.today)
            if named and event.end is not None and begun <= left <= event.end:
                left = event.end + timedelta(days=1)
        if left > order.ordered_on:
            soonest = left + timedelta(days=round(usual.get(order.item, 0.0)))
            order = replace(order, due_on=max(order.due_on, soonest))
        found.append(order)
    return tuple(found)


def _said_on(event: PlanningEvent, today: date) -> date:
    """The first day of an event that is "from now on"."""
    return date.fromisoformat(event.created_at[:10]) if event.created_at else today

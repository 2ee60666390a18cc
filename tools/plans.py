"""Replenishment plans made from the shop's records, and their lines as JSON."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forecasting.base import Progress
from parstock.domain import Forecast, Item, Json, PlanningEvent, StockPosition
from parstock.errors import InputError
from parstock.results import Plan, PlanLine
from planning.base import Deliveries, PlanTerms
from planning.place import Place
from planning.replenish import plan_replenishment
from planning.rules import Rules
from tools.context import ToolContext
from tools.forecasts import SHOP_DAYS

FORECAST_DAYS = SHOP_DAYS
"""Days of forecast that a plan is made from; demand beyond them repeats their weeks."""


def plan_items(
    context: ToolContext,
    items: Sequence[Item],
    warehouse: str,
    *,
    budget: float | None = None,
    capacity: float | None = None,
    service_level: float | None = None,
    horizon_days: int | None = None,
    facts: bool = True,
    progress: Progress | None = None,
) -> Plan:
    """Plan what to order of some items.

    Items whose supplier takes no order below a value are planned together with all others of that supplier, so that an item asked
    for alone is planned as in the whole plan; only what was asked for is in the plan that comes back.

    Args:
        context: The shop.
        items: What to plan.
        warehouse: Code of one warehouse; "" for all together.
        budget: Most money to spend.
        capacity: Most units of all items there may be, on order included; what is there of other items takes its room.
        service_level: Target of this run; wins over policies and settings.
        horizon_days: Days that an order shall last, instead of lead time + review period.
        facts: Whether lines carry their facts.
        progress: Told the share done, where the whole shop has to be forecast first.

    Raises:
        InputError: A number makes no sense, or more than the capacity is there already.
        InsufficientData: No sales are recorded.
        ToolFailed: A policy rule cannot be read.
    """
    limited = budget is not None or capacity is not None
    planned = tuple(items) if limited else with_companions(context, items)
    skus = tuple(item.sku for item in planned)
    plan = plan_replenishment(
        planned,
        context.shelf().suppliers,
        demand_ahead(context, skus, warehouse, progress),
        {position.item: position for position in context.records.stock(skus, warehouse)},
        context.records.inbound(skus, warehouse),
        context.clauses(),
        plan_terms(context, warehouse),
        warehouse=warehouse,
        budget=budget,
        capacity=None if capacity is None else _room_left(context, capacity, frozenset(skus), warehouse),
        service_level=service_level,
        horizon_days=horizon_days,
        facts=facts,
    )
    others = frozenset(skus) - {item.sku for item in items}
    return replace(
        plan,
        capacity=capacity,
        lines=tuple(line for line in plan.lines if line.item not in others),
        conflicts=tuple(clash for clash in plan.conflicts if clash.about not in others),
        facts=tuple(fact for fact in plan.facts if fact.source.removeprefix("plan:") not in others),
    )


def with_companions(context: ToolContext, items: Sequence[Item]) -> tuple[Item, ...]:
    """The items, and all that come from a supplier of theirs whose orders must reach a value."""
    if not any(clause.kind == "min_order_value" for clause in context.clauses()):
        return tuple(items)
    suppliers = context.shelf().suppliers
    known = [item for item in items if item.supplier in suppliers]
    rules = Rules.of(context.clauses(), known, [suppliers[item.supplier] for item in known], plan_terms(context))
    together = {item.supplier for item, least in zip(known, rules.min_order_value.value, strict=True) if least > 0}
    asked = {item.sku for item in items}
    others = (item for item in context.shelf().items.values() if item.active and item.supplier in together)
    return (*items, *(item for item in others if item.sku not in asked))


def _room_left(context: ToolContext, capacity: float, skus: frozenset[str], warehouse: str) -> float:
    """What the stock and the orders of other items leave of a capacity."""
    others = (position for position in context.records.stock(None, warehouse) if position.item not in skus)
    taken = sum(max(position.on_hand, 0) + position.on_order for position in others)
    if taken > capacity:
        raise InputError(
            f"capacity is {capacity:g} units, but {taken:g} of other items are there or on order; it must be at least that",
            field="capacity",
        )
    return capacity - taken


def plan_terms(context: ToolContext, warehouse: str = "") -> PlanTerms:
    """Return the shop's terms as they hold today, with confirmed events and past orders.

    Args:
        context: The shop.
        warehouse: Of several only this one is looked at: what is kept back without a word on where is kept where most lies.

    Raises:
        InsufficientData: No sales are recorded.
    """
    revision = f"{context.records.fingerprint()} {context.as_of()}"
    terms = context.caches.terms.get(revision, "terms", lambda: _read_terms(context))
    if not warehouse or all(event.warehouse for event in terms.events if event.type == "reserve_stock"):
        return terms
    return replace(terms, events=tuple(event for event in terms.events if _is_about(context, event, warehouse)))


def _is_about(context: ToolContext, event: PlanningEvent, warehouse: str) -> bool:
    """Whether an event counts in a warehouse as far as it does not say so itself."""
    if event.type != "reserve_stock" or event.warehouse:
        return True
    held = context.records.stock_by_warehouse(event.item)
    most = max(held, key=lambda position: position.available, default=None)
    return most is None or most.warehouse == warehouse


def place_of(context: ToolContext, items: Sequence[Item], warehouse: str, without_order: str = "") -> Place:
    """Return what items have in one warehouse, or in all (""), and what comes there, as plans count it.

    Args:
        context: The shop.
        items: Whose suppliers are all recorded. A stock that was never counted is none.
        warehouse: Code, or "".
        without_order: Number of an open order that is left out.

    Raises:
        InsufficientData: No sales are recorded.
    """
    terms, skus = plan_terms(context, warehouse), tuple(item.sku for item in items)
    counted = {position.item: position for position in context.records.stock(skus, warehouse)}
    inbound = [order for order in context.records.inbound(skus, warehouse) if order.order_id != without_order]
    coming = {sku: sum(order.quantity for order in inbound if order.item == sku) for sku in skus} if without_order else {}
    none = (StockPosition(sku, warehouse, 0, 0, 0, terms.as_of) for sku in skus)
    stock = [counted.get(position.item, position) for position in none]
    stock = [replace(position, on_order=coming.get(position.item, position.on_order)) for position in stock]
    return Place.of(items, [context.supplier_of(item) for item in items], stock, inbound, terms, warehouse)


def _read_terms(context: ToolContext) -> PlanTerms:
    settings = context.settings
    return PlanTerms(
        as_of=context.as_of(),
        service_level=settings.service_level,
        review_days=settings.review_days,
        holding_rate=settings.holding_rate,
        order_cost=settings.order_cost,
        currency=settings.currency,
        policy=settings.policy,
        events=context.records.events("confirmed"),
        deliveries=_deliveries(context),
    )


def _deliveries(context: ToolContext) -> Deliveries | None:
    """Past orders as arrays; None where none is recorded."""
    today, orders = context.as_of(), context.records.past_orders()
    if not orders:
        return None
    supplier, ordered_on, received_on = zip(*orders, strict=True)
    days = [((today if came is None else came) - placed).days for placed, came in zip(ordered_on, received_on, strict=True)]
    came = [day is not None for day in received_on]
    return Deliveries(np.array(supplier, dtype=np.str_), np.array(days, dtype=np.float64), np.array(came, dtype=np.bool_))


def demand_ahead(context: ToolContext, skus: tuple[str, ...], warehouse: str, progress: Progress | None = None) -> Forecast:
    """Return the forecast that plans rest on: the items' rows of the whole shop's run."""
    return context.forecasts.of_items(skus, warehouse, FORECAST_DAYS, progress=progress or context.progress)


def proof_json(plan: Plan) -> dict[str, Json]:
    """Return a plan's certificate and conflicts as JSON."""
    proof = plan.certificate
    certificate: dict[str, Json] | None = None
    if proof is not None:
        certificate = {
            "expected_cost": round(proof.expected_cost, 4),
            "recomputed_cost": round(proof.recomputed_cost, 4),
            "lower_bound": round(proof.lower_bound, 4),
            "gap": round(proof.gap, 4),
            "gap_pct": round(100 * proof.gap_share, 6),
            "binding": list(proof.binding),
            "budget_price": None if proof.budget_price is None else round(proof.budget_price, 6),
        }
    clashes: list[Json] = [
        {"constraints": list(clash.constraints), "about": clash.about, "relax": clash.relax, "to": clash.to}
        for clash in plan.conflicts
    ]
    return {"capacity": plan.capacity, "certificate": certificate, "conflicts": clashes}


def line_json(line: PlanLine) -> dict[str, Json]:
    """Return a plan line as JSON, without its facts."""
    return {
        "item": line.item,
        "warehouse": line.warehouse,
        "supplier": line.supplier,
        "quantity": line.quantity,
        "order_by": None if line.order_by is None else line.order_by.isoformat(),
        "reorder_point": round(line.reorder_point, 2),
        "order_up_to": round(line.order_up_to, 2),
        "safety_stock": round(line.safety_stock, 2),
        "expected_lead_time_demand": round(line.expected_lead_time_demand, 2),
        "lead_time_days": line.lead_time_days,
        "review_days": line.review_days,
        "service_level": line.service_level,
        "on_hand": line.on_hand,
        "reserved": line.reserved,
        "on_order": line.on_order,
        "days_of_cover": None if line.days_of_cover is None else round(line.days_of_cover, 1),
        "unit_cost": line.unit_cost,
        "cost": round(line.cost, 2),
        "expected_holding_cost": round(line.expected_holding_cost, 2),
        "expected_fill_rate": round(line.expected_fill_rate, 4),
        "expected_cycle_service": round(line.expected_cycle_service, 4),
        "binding": line.binding,
        "clauses": list(line.clauses),
        "status": line.status,
        "model": line.model,
    }


def with_names(row: dict[str, Json], item: Item) -> dict[str, Json]:
    """Return a line's JSON with what a person calls the item."""
    return {**row, "name": item.name, "name_zh": item.name_zh}

"""Replenishment plans made from the shop's records, and their lines as JSON."""

from collections.abc import Sequence

from forecasting.base import Progress
from parstock.domain import Forecast, Item, Json
from parstock.results import Plan, PlanLine
from planning.base import PlanTerms
from planning.replenish import plan_replenishment
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
    service_level: float | None = None,
    horizon_days: int | None = None,
    facts: bool = True,
    progress: Progress | None = None,
) -> Plan:
    """Plan what to order of some items.

    Args:
        context: The shop.
        items: What to plan.
        warehouse: Code of one warehouse; "" for all together.
        budget: Most money to spend.
        service_level: Target of this run; wins over policies and settings.
        horizon_days: Days that an order shall last, instead of lead time + review period.
        facts: Whether lines carry their facts.
        progress: Told the share done, where the whole shop has to be forecast first.

    Raises:
        InsufficientData: No sales are recorded.
        ToolFailed: A policy rule cannot be read.
    """
    skus = tuple(item.sku for item in items)
    return plan_replenishment(
        items,
        context.shelf().suppliers,
        demand_ahead(context, skus, warehouse, progress),
        {position.item: position for position in context.records.stock(skus, warehouse)},
        context.records.inbound(skus, warehouse),
        context.clauses(),
        plan_terms(context),
        warehouse=warehouse,
        budget=budget,
        service_level=service_level,
        horizon_days=horizon_days,
        facts=facts,
    )


def plan_terms(context: ToolContext) -> PlanTerms:
    """Return the shop's terms as they hold today. Raises InsufficientData where no sales are recorded."""
    settings = context.settings
    return PlanTerms(
        as_of=context.as_of(),
        service_level=settings.service_level,
        review_days=settings.review_days,
        holding_rate=settings.holding_rate,
        order_cost=settings.order_cost,
        currency=settings.currency,
    )


def demand_ahead(context: ToolContext, skus: tuple[str, ...], warehouse: str, progress: Progress | None = None) -> Forecast:
    """Return the forecast that plans rest on: the items' rows of the whole shop's run."""
    return context.forecasts.of_items(skus, warehouse, FORECAST_DAYS, progress=progress or context.progress)


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

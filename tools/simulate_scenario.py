"""The tool `simulate_scenario`: today's plan against one with something changed."""

from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from parstock.domain import Floats, Forecast, Item, Json
from parstock.errors import InputError, InsufficientData
from parstock.results import Chart, ToolResult
from parstock.wording import days
from planning.demand import extend
from planning.place import Place
from planning.scenario import MOST_UNITS, Change, Outcome
from planning.what_if import ScenarioResult, simulate_scenario
from tools.base import HorizonDays, LeadTimeDays, Scope, ServiceLevel, ToolArguments, tools
from tools.charts import days_shown, projected_stock, stock_chart
from tools.context import ToolContext
from tools.factbook import FactBook
from tools.plans import demand_ahead, line_json, place_of, plan_terms, with_companions

CHANGES = ("demand_change_pct", "lead_time_days", "service_level", "unit_cost_change_pct", "order_quantity")
MOST_DEMAND_CHANGE = 1000
"""Percent; the catalogue's bound."""


@tools.register("simulate_scenario")
class SimulateScenario:
    """Lives through the same futures with today's terms and with changed ones."""

    name: ClassVar[str] = "simulate_scenario"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """Which item, and what changes."""

        item: str
        demand_change_pct: float | None = None
        lead_time_days: LeadTimeDays | None = None
        service_level: ServiceLevel | None = None
        unit_cost_change_pct: float | None = None
        horizon_days: HorizonDays | None = None
        order_quantity: Annotated[int, Field(ge=0)] | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Simulate both plans on common sample paths."""
        change = _change(args)
        item = context.names.resolve_item(args.item)
        position = next(iter(context.records.stock([item.sku])), None)
        if position is None:
            raise InsufficientData(f"no stock of {item.name!r} is recorded, so there is no plan to compare")
        planned = with_companions(context, [item])
        skus = tuple(other.sku for other in planned)
        stock = {other.item: other for other in context.records.stock(skus)}
        inbound, forecast = context.records.inbound(skus), demand_ahead(context, skus, "")
        result = simulate_scenario(
            item,
            context.supplier_of(item),
            forecast,
            position,
            inbound,
            context.clauses(),
            plan_terms(context),
            change,
            horizon_days=args.horizon_days,
            companions=[(other, stock[other.sku]) for other in planned[1:] if other.sku in stock],
        )
        book = FactBook(context)
        book.take(result.facts)
        broken = (breach.source for breach in result.breaches)
        citations = context.citations((*result.base.line.clauses, *result.changed.line.clauses, *broken))
        book.cited(citations)
        book.item(item)
        book.warehouse("")
        if args.horizon_days is None:
            simulated = result.horizon_days
            book.default(
                "horizon_days",
                simulated,
                f"{days(simulated).capitalize()} simulated.",
                f"模拟{simulated}天。",
                shown=simulated,
                unit="days",
            )
        return ToolResult(
            self.name,
            _data(result, args),
            book.facts(),
            _chart(context, item, forecast.rows([forecast.items.index(item.sku)]), result, change),
            citations,
            defaults=book.defaults(),
        )


def _change(args: SimulateScenario.Arguments) -> Change:
    """What differs from today.

    Raises:
        InputError: Nothing does, or by more than makes sense.
    """
    if all(getattr(args, name) is None for name in CHANGES):
        raise InputError(f"nothing changes; give at least one of {', '.join(CHANGES)}", field=CHANGES[0], choices=CHANGES)
    demand = args.demand_change_pct or 0.0
    if not -100 <= demand <= MOST_DEMAND_CHANGE:
        raise InputError(
            f"demand_change_pct is {demand:g}; it must be from -100 (no demand) to {MOST_DEMAND_CHANGE}",
            field=CHANGES[0],
            reason="out_of_bounds",
            bounds={"minimum": -100, "maximum": MOST_DEMAND_CHANGE},
        )
    if args.order_quantity is not None and args.order_quantity > MOST_UNITS:
        raise InputError(
            f"order_quantity is {args.order_quantity}; it must be at most {MOST_UNITS}",
            field="order_quantity",
            reason="out_of_bounds",
            bounds={"minimum": 0, "maximum": MOST_UNITS},
        )
    return Change(
        demand_pct=demand,
        lead_time_days=None if args.lead_time_days is None else float(args.lead_time_days),
        service_level=args.service_level,
        unit_cost_pct=args.unit_cost_change_pct or 0.0,
        order_quantity=args.order_quantity,
    )


def _data(result: ScenarioResult, args: SimulateScenario.Arguments) -> dict[str, Json]:
    changed: dict[str, Json] = {name: getattr(args, name) for name in CHANGES if getattr(args, name) is not None}
    return {
        "item": result.item,
        "horizon_days": result.horizon_days,
        "change": changed,
        "today": _outcome(result.base),
        "changed": _outcome(result.changed),
        "standard_error_of_difference": {measure: round(error, 4) for measure, error in result.errors.items()},
        "broken_rules": [{"rule": breach.rule, "limit": breach.value, "source": breach.source} for breach in result.breaches],
    }


def _outcome(outcome: Outcome) -> dict[str, Json]:
    return {
        "order": line_json(outcome.line),
        "stockout_probability": round(outcome.stockout_probability, 4),
        "later_stockout_probability": round(outcome.later_stockout_probability, 4),
        "fill_rate": round(outcome.fill_rate, 4),
        "average_stock": round(outcome.average_stock, 2),
        "units_ordered": round(outcome.units_ordered, 2),
        "purchase_cost": round(outcome.purchase_cost, 2),
        "goods_cost": round(outcome.goods_cost, 2),
        "holding_cost": round(outcome.holding_cost, 2),
        "ordering_cost": round(outcome.ordering_cost, 2),
        "lost_margin": round(outcome.lost_margin, 2),
        "total_cost": outcome.total_cost,
    }


def _chart(context: ToolContext, item: Item, forecast: Forecast, result: ScenarioResult, change: Change) -> Chart:
    """Expected stock under both, with today's order of each and none after it."""
    ahead = days_shown(max(outcome.line.lead_time_days for outcome in (result.base, result.changed)))
    place = place_of(context, [item], "")
    paths = extend(forecast.paths, ahead, plan_terms(context).seed)[0, :, :ahead]
    base = _levels(place, paths, result.base)
    changed = _levels(place, paths * np.float32(1 + change.demand_pct / 100), result.changed)
    return stock_chart(item, forecast.start, {"projected_stock": base, "changed": changed}, result.base.line.reorder_point)


def _levels(place: Place, paths: NDArray[np.float32], outcome: Outcome) -> Floats:
    """[H] mean units at the end of each day."""
    arriving = place.arrivals(paths.shape[1])[0]
    arriving[round(outcome.line.lead_time_days)] += outcome.line.quantity
    return np.asarray(projected_stock(float(place.free[0]), paths, arriving).mean(axis=0))

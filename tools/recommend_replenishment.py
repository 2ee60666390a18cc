"""The tool `recommend_replenishment`: what to order now, how much, and why."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from parstock.domain import Item, Json
from parstock.errors import InputError
from parstock.results import Chart, Plan, PlanLine, ToolResult
from parstock.wording import days
from planning.demand import extend
from tools import plan_facts
from tools.base import HorizonDays, Scope, ServiceLevel, ToolArguments, tools
from tools.charts import days_shown, projected_stock, stock_chart
from tools.context import ToolContext
from tools.event_facts import cited_notes
from tools.factbook import FactBook
from tools.plans import demand_ahead, line_json, place_of, plan_items, plan_terms, proof_json, with_names


@tools.register("recommend_replenishment")
class RecommendReplenishment:
    """Plans the orders of one product, a category, or everything."""

    name: ClassVar[str] = "recommend_replenishment"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """What to plan, for where, and within which bounds."""

        item: str | None = None
        category: str | None = None
        warehouse: str | None = None
        service_level: ServiceLevel | None = None
        horizon_days: HorizonDays | None = None
        budget: Annotated[float, Field(ge=0)] | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Plan the items that are meant."""
        items = _meant(args, context)
        warehouse = context.warehouse_code(args.warehouse)
        plan = plan_items(
            context,
            items,
            warehouse,
            budget=args.budget,
            service_level=args.service_level,
            horizon_days=args.horizon_days,
            facts=len(items) == 1,
        )
        book = FactBook(context)
        chart = None
        if len(items) == 1:
            book.take(plan.lines[0].facts)
            book.item(items[0])
            chart = _chart(context, items[0], plan.lines[0], warehouse)
        else:
            plan_facts.tell_plan(book, plan, {item.sku: item for item in items}, context.settings.currency)
        book.take(plan.facts)
        if args.budget is not None:
            plan_facts.tell_budget(book, args.budget, context.settings.currency)
        clauses = tuple(dict.fromkeys(clause for line in plan.lines for clause in line.clauses))
        notes = cited_notes(context, (fact.source for line in plan.lines for fact in line.facts))
        citations = (*notes, *context.citations(clauses))
        book.cited(citations)
        self._tell_bounds(book, args, warehouse, context, alone=len(items) == 1)
        return ToolResult(self.name, _data(plan, items, warehouse), book.facts(), chart, citations, defaults=book.defaults())

    @staticmethod
    def _tell_bounds(book: FactBook, args: Arguments, warehouse: str, context: ToolContext, *, alone: bool) -> None:
        """State where the plan is for, and the defaults used; the lines of single items say theirs themselves."""
        book.warehouse(warehouse)
        if args.service_level is None:
            book.default_service_level(context.settings.service_level, detail=alone)
        if args.horizon_days is None:
            review = context.settings.review_days
            book.default(
                "horizon_days",
                review,
                f"An order lasts for the lead time and the {days(review)} to the next order by default.",
                f"默认每次订货覆盖交货期加{review}天的订货间隔。",
                shown=review,
                unit="days",
                detail=True,
            )


def _meant(args: RecommendReplenishment.Arguments, context: ToolContext) -> tuple[Item, ...]:
    """The items to plan: the one named, those of the category, or all that are sold.

    Raises:
        InputError: A name is unknown or ambiguous, the item is not of the category, or nothing is left.
    """
    category = None if args.category is None else context.names.resolve_category(args.category)
    if args.item is not None:
        item = context.names.resolve_item(args.item)
        if category is not None and item.category != category:
            raise InputError(
                f"category is {category!r}, but {item.name!r} is in {item.category!r}; give an item or a category",
                field="category",
                choices=(item.category,),
            )
        return (item,)
    items = tuple(i for i in context.shelf().items.values() if i.active and category in (None, i.category))
    if not items:
        of = "" if category is None else f" in the category {category!r}"
        raise InputError(f"no item{of} is sold at present, so there is nothing to plan", field="category")
    return items


def _data(plan: Plan, items: Sequence[Item], warehouse: str) -> dict[str, Json]:
    """The lines that order something first; a plan of one item is one line."""
    by_sku = {item.sku: item for item in items}
    lines = plan_facts.by_urgency(plan.lines)
    rows: list[Json] = [with_names(line_json(line), by_sku[line.item]) for line in lines if line.quantity or len(items) == 1]
    return {
        "as_of": plan.as_of.isoformat(),
        "warehouse": warehouse,
        "budget": plan.budget,
        "planned_items": len(plan.lines),
        "orders": sum(line.quantity > 0 for line in plan.lines),
        "total_cost": round(plan.total_cost, 2),
        **proof_json(plan),
        "lines": rows,
    }


def _chart(context: ToolContext, item: Item, line: PlanLine, warehouse: str) -> Chart | None:
    """Expected stock with and without the order, on the paths that the plan was made from."""
    if line.status != "ok":
        return None
    forecast = demand_ahead(context, (item.sku,), warehouse)
    ahead = days_shown(line.lead_time_days)
    demand = extend(forecast.paths, ahead, plan_terms(context).seed)[0, :, :ahead]
    place = place_of(context, [item], warehouse)
    arriving, available = place.arrivals(ahead)[0], float(place.free[0])
    ordered = arriving.copy()
    ordered[round(line.lead_time_days)] += line.quantity
    levels = projected_stock(available, demand, ordered)
    series = {"projected_stock": levels.mean(axis=0), "p10": np.quantile(levels, 0.1, axis=0)}
    if line.quantity:
        series["without_order"] = projected_stock(available, demand, arriving).mean(axis=0)
    return stock_chart(item, forecast.start, series, line.reorder_point)

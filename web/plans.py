"""Explained plans: which items, what to order, and why, as one JSON document. Plans nothing itself."""

from typing import Annotated, cast

from pydantic import BaseModel, ConfigDict, Field

from agent.answer import plain
from agent.explain import explain
from parstock.domain import Item, Json, Language
from parstock.errors import InputError, InsufficientData
from parstock.results import Fact, Plan, ToolResult
from tools import plan_facts
from tools.base import HorizonDays, ServiceLevel
from tools.context import ToolContext
from tools.event_facts import cited_notes
from tools.factbook import FactBook
from tools.plans import line_json, plan_items, proof_json, with_names

TOOL = "recommend_replenishment"
"""The tool that answers the same question in a conversation."""


class PlanRequest(BaseModel):
    """What to plan, for where, and within which bounds. Everything is optional: without anything, the whole shop is planned."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)

    items: Annotated[list[str], Field(min_length=1, max_length=5000)] | None = None
    """Codes or names."""
    category: str | None = None
    """Only items of this category."""
    warehouse: str | None = None
    """One warehouse; all together by default."""
    budget: Annotated[float, Field(ge=0)] | None = None
    """Most money to spend, in the shop's currency."""
    capacity: Annotated[float, Field(ge=0)] | None = None
    """Most units of all items there may be, with what is there and on order."""
    service_level: ServiceLevel | None = None
    """Probability of no stockout per cycle; wins over policies."""
    horizon_days: HorizonDays | None = None
    """Days that an order shall last; lead time + review period by default."""
    lang: Language = "en"
    """Language of the explanation."""
    facts: bool = True
    """Whether each line carries its facts."""


def explained_plan(asked: PlanRequest, context: ToolContext) -> dict[str, Json]:
    """Plan and explain.

    Args:
        asked: What to plan.
        context: The shop.

    Returns:
        `as_of`, `warehouse`, `budget`, `capacity`, `currency`, `totals`, `certificate` (expected cost computed twice, lower
        bound, gap, binding limits, worth of one more unit of budget), `conflicts`, `lines` (urgent first, each with its facts),
        `explanation`, `facts` of the plan as a whole, `citations`, `label` of simulated records.

    Raises:
        InputError: A name is unknown or ambiguous, or nothing is left to plan.
        InsufficientData: No sales are recorded.
        ToolFailed: A policy rule cannot be read.
    """
    items = _meant(asked, context)
    warehouse = context.warehouse_code(asked.warehouse)
    plan = plan_items(
        context,
        items,
        warehouse,
        budget=asked.budget,
        capacity=asked.capacity,
        service_level=asked.service_level,
        horizon_days=asked.horizon_days,
        facts=asked.facts or len(items) == 1,
    )
    notes = cited_notes(context, (fact.source for line in plan.lines for fact in line.facts))
    citations = (*notes, *context.citations([clause for line in plan.lines for clause in line.clauses]))
    told = _facts(asked, plan, {item.sku: item for item in items}, warehouse, context)
    result = ToolResult(TOOL, {}, told, citations=citations)
    return {
        "as_of": plan.as_of.isoformat(),
        "warehouse": warehouse,
        "budget": plan.budget,
        "currency": context.settings.currency,
        "lang": asked.lang,
        "totals": _totals(plan),
        **proof_json(plan),
        "lines": _lines(asked, plan, {item.sku: item for item in items}),
        "explanation": explain([result], asked.lang),
        "facts": plain(told),
        "citations": plain(citations),
        "label": context.records.label(),
    }


def _meant(asked: PlanRequest, context: ToolContext) -> tuple[Item, ...]:
    """The items to plan, each once."""
    if context.records.is_empty():
        raise InsufficientData("no item is recorded yet, so there is nothing to plan; import items and sales first")
    category = None if asked.category is None else context.names.resolve_category(asked.category)
    if asked.items is None:
        items = tuple(item for item in context.shelf().items.values() if item.active and category in (None, item.category))
    else:
        named = {item.sku: item for item in (context.names.resolve_item(text, field="items") for text in asked.items)}
        items = tuple(item for item in named.values() if category in (None, item.category))
    if not items:
        of = "" if category is None else f" of the category {category!r}"
        raise InputError(f"there is no item{of} to plan", field="items" if category is None else "category")
    return items


def _facts(asked: PlanRequest, plan: Plan, items: dict[str, Item], warehouse: str, context: ToolContext) -> tuple[Fact, ...]:
    """What is said of the plan as a whole; a plan of one item is its line."""
    book = FactBook(context)
    if len(plan.lines) == 1:
        book.take(plan.lines[0].facts)
    else:
        plan_facts.tell_plan(book, plan, items, context.settings.currency)
    book.take(plan.facts)
    book.warehouse(warehouse)
    if asked.budget is not None:
        plan_facts.tell_budget(book, asked.budget, context.settings.currency)
    if asked.service_level is None:
        book.default_service_level(context.settings.service_level)
    return book.facts()


def _totals(plan: Plan) -> dict[str, Json]:
    return {
        "items": len(plan.lines),
        "orders": sum(line.quantity > 0 for line in plan.lines),
        "units": sum(line.quantity for line in plan.lines),
        "cost": round(plan.total_cost, 2),
        "expected_holding_cost": round(sum(line.expected_holding_cost for line in plan.lines), 2),
    }


def _lines(asked: PlanRequest, plan: Plan, items: dict[str, Item]) -> list[Json]:
    rows: list[Json] = []
    for line in plan_facts.by_urgency(plan.lines):
        row = with_names(line_json(line), items[line.item])
        rows.append(cast(Json, {**row, "facts": plain(line.facts)} if asked.facts else row))
    return rows

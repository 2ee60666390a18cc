"""Sentences about plans, in English and Chinese: the arithmetic that a planner can redo by hand. Computes nothing new.

Numbers are the rounded ones of the lines, so that the sums that are shown add up as they are shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from parstock.domain import Fact, Item, Plan

Direction: TypeAlias = Literal["up", "down", "flat", "enough", "short", ""]

_GAPS = {
    "insufficient_data": ("there is too little sales history for a forecast", "销售历史太少，无法预测"),
    "no_recent_demand": ("it has not sold recently", "近期没有销售"),
    "no_forecast": ("there is no forecast for it", "没有该商品的预测"),
    "no_supplier": ("its supplier is not on record", "没有其供应商的记录"),
    "no_stock_record": ("there is no stock record for it", "没有其库存记录"),
}


class Notebook:
    """Collects facts and numbers them f1, f2 ..."""

    def __init__(self) -> None:
        self._facts: list[Fact] = []

    def add(
        self,
        what: str,
        value: float | int | str,
        unit: str,
        en: str,
        zh: str,
        source: str,
        *,
        required: bool = False,
        direction: Direction = "",
    ) -> None:
        """File one fact."""
        fact_id = f"f{len(self._facts) + 1}"
        self._facts.append(Fact(fact_id, what, value, unit, en, zh, source, required, direction))

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts so far."""
        return tuple(self._facts)


def numbered(*groups: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return the facts of several groups as one, renumbered f1, f2 ... so that ids stay unique."""
    return tuple(replace(fact, id=f"f{n}") for n, fact in enumerate((fact for group in groups for fact in group), start=1))


def count(value: float) -> str:
    """Return a quantity as shown: thousands separated, at most one decimal.

    >>> count(1234.0), count(24.75)
    ('1,234', '24.8')
    """
    return f"{value:,.1f}".removesuffix(".0")


def units(value: float) -> str:
    """Return a quantity with its unit.

    >>> units(1), units(2000)
    ('1 unit', '2,000 units')
    """
    return f"{count(value)} unit{'' if value == 1 else 's'}"


def days(value: float) -> str:
    """Return a length of time with its unit.

    >>> days(1), days(9.5)
    ('1 day', '9.5 days')
    """
    return f"{count(value)} day{'' if value == 1 else 's'}"


def percent(share: float) -> str:
    """Return a share as shown: percent with at most one decimal.

    >>> percent(0.975), percent(0.9)
    ('97.5%', '90%')
    """
    return f"{100 * share:.1f}".removesuffix(".0") + "%"


def money(value: float, currency: str) -> str:
    """Return money as shown: cents, and up to four decimals for a price that has them.

    >>> money(1234.5, "GBP"), money(0.0125, "GBP")
    ('GBP 1,234.50', 'GBP 0.0125')
    """
    exact = f"{value:,.2f}" if abs(value - round(value, 2)) < 5e-5 else f"{value:,.4f}"
    return f"{currency} {exact}"


def gap_facts(item: Item, gap: str) -> tuple[Fact, ...]:
    """Return the one fact on an item that cannot be planned."""
    book = Notebook()
    en, zh = _GAPS[gap]
    name_zh = item.name_zh or item.name
    book.add(
        "status",
        gap,
        "",
        f"No order is planned for {item.name}: {en}.",
        f"未给{name_zh}制定订货计划：{zh}。",
        f"item:{item.sku}",
        required=True,
    )
    return book.facts


def plan_facts(plan: Plan, items: Iterable[Item], currency: str, limit: int = 10) -> tuple[Fact, ...]:
    """Return the totals of a plan and its largest orders.

    Args:
        plan: The plan.
        items: Items of the plan, for their names.
        currency: ISO code.
        limit: Most orders that are named.
    """
    book = Notebook()
    named = {item.sku: item for item in items}
    ordered = sorted((line for line in plan.lines if line.quantity > 0), key=lambda line: (-line.cost, line.item))
    total = money(plan.total_cost, currency)
    n, many = len(ordered), len(plan.lines)
    en = f"{n:,} of {many:,} items get an order now." if n else f"None of the {many:,} items gets an order now."
    zh = f"{many:,}个商品中有{n:,}个现在需要订货。" if n else f"{many:,}个商品现在都不订货。"
    book.add("plan.items_to_order", n, "items", en, zh, "plan", required=True)
    book.add(
        "plan.total_cost",
        round(plan.total_cost, 2),
        currency,
        f"Together the orders cost {total}.",
        f"订货总金额为{total}。",
        "plan",
        required=True,
    )
    if plan.budget is not None:
        _budget(book, plan, currency)
    unplanned = sum(line.binding == "insufficient_data" for line in plan.lines)
    if unplanned:
        book.add(
            "plan.items_without_data",
            unplanned,
            "items",
            f"{unplanned:,} items could not be planned for lack of data.",
            f"{unplanned:,}个商品因数据不足未能制定计划。",
            "plan",
        )
    for line in ordered[:limit]:
        item = named[line.item]
        cost = money(line.cost, currency)
        book.add(
            "quantity",
            line.quantity,
            "units",
            f"Order {units(line.quantity)} of {item.name} ({line.item}) for {cost}.",
            f"订购{count(line.quantity)}件{item.name_zh or item.name}（{line.item}），金额{cost}。",
            f"plan:{line.item}",
        )
    return book.facts


def _budget(book: Notebook, plan: Plan, currency: str) -> None:
    budget = plan.budget or 0.0
    cut = sum(line.binding == "budget" for line in plan.lines)
    shown = money(budget, currency)
    book.add("plan.budget", budget, currency, f"The budget is {shown}.", f"预算为{shown}。", "request")
    if cut:
        book.add(
            "plan.items_cut_by_budget",
            cut,
            "items",
            f"The budget cuts the orders of {cut:,} items; the money goes where it avoids most stockout cost.",
            f"预算使{cut:,}个商品的订货被削减；资金优先用于最能减少缺货损失的商品。",
            "plan",
            required=True,
            direction="short",
        )

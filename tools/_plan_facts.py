"""Sentences on a plan of many items. Plans nothing."""

from collections.abc import Mapping, Sequence
from datetime import date

from parstock.domain import Item, Plan, PlanLine
from tools.factbook import FactBook
from tools.wording import day, money, named, number, units

MOST_TOLD = 8
"""Orders that are facts of their own; all are in the data."""


def by_urgency(lines: Sequence[PlanLine]) -> tuple[PlanLine, ...]:
    """Return the lines that order something first, the earliest day to order before later ones, dear ones before cheap ones."""
    return tuple(sorted(lines, key=lambda line: (not line.quantity, line.order_by or date.max, -line.cost, line.item)))


def tell_plan(book: FactBook, plan: Plan, items: Mapping[str, Item], currency: str) -> None:
    """Add what the plan orders in all, the most urgent orders, and what could not be planned."""
    orders = [line for line in by_urgency(plan.lines) if line.quantity]
    planned = len(plan.lines)
    book.add(
        "plan.orders",
        len(orders),
        "orders",
        f"{number(len(orders))} of {number(planned)} items {'needs' if len(orders) == 1 else 'need'} an order now.",
        f"{number(planned)}种商品中，有{number(len(orders))}种需要现在订货。",
        source="plan",
        required=True,
    )
    if orders:
        cost = money(plan.total_cost, currency)
        book.add(
            "plan.total_cost",
            round(plan.total_cost, 2),
            currency,
            f"The orders cost {cost} in all.",
            f"订货总金额{cost}。",
            source="plan",
            required=True,
        )
    for line in orders[:MOST_TOLD]:
        _tell_order(book, line, items[line.item], currency)
    if len(orders) > MOST_TOLD:
        book.add(
            "plan.told",
            MOST_TOLD,
            "orders",
            f"The {number(MOST_TOLD)} most urgent are named; the table holds all.",
            f"列出最紧急的{number(MOST_TOLD)}项，其余见表。",
            source="plan",
        )
    _tell_shortfalls(book, plan)


def tell_budget(book: FactBook, budget: float, currency: str) -> None:
    """Add the money that the plan had to keep to."""
    shown = money(budget, currency)
    book.add("budget", budget, currency, f"The budget is {shown}.", f"预算为{shown}。", source="question", required=True)


def _tell_order(book: FactBook, line: PlanLine, item: Item, currency: str) -> None:
    source = f"plan/{line.item}"
    by_en = f" by {day(line.order_by, 'en')}" if line.order_by else ""
    by_zh = f"，最迟{day(line.order_by, 'zh')}下单" if line.order_by else ""
    cost = money(line.cost, currency)
    book.add(
        "order.quantity",
        line.quantity,
        "units",
        f"Order {units(line.quantity)} of {item.name}{by_en} for {cost}.",
        f"订购{number(line.quantity)}件{named(item, 'zh')}，金额{cost}{by_zh}。",
        source=source,
        required=True,
    )


def _tell_shortfalls(book: FactBook, plan: Plan) -> None:
    """Add how many items were cut back, held or left out, by reason."""
    reasons = (
        ("budget", "because the budget does not reach", "因预算不足而减量或取消"),
        ("order_hold", "because ordering is on hold", "因暂停订货而未订"),
        ("max_days_of_cover", "by a limit on days of cover", "因可售天数上限而减量"),
        ("insufficient_data", "because too little is known", "因数据不足而未计算"),
    )
    for binding, en, zh in reasons:
        count = sum(line.binding == binding for line in plan.lines)
        if count:
            what = "left out" if binding == "insufficient_data" else "ordered less or not at all"
            book.add(
                f"plan.{binding}",
                count,
                "items",
                f"{number(count)} {'item is' if count == 1 else 'items are'} {what} {en}.",
                f"有{number(count)}种商品{zh}。",
                source="plan",
                required=binding == "budget",
            )

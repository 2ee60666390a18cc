"""Sentences on a plan of many items. Plans nothing."""

from collections.abc import Mapping, Sequence
from datetime import date

from parstock.domain import Item
from parstock.results import Plan, PlanLine
from parstock.wording import day, money, named, number, units
from tools.factbook import FactBook, Figure

MOST_TOLD = 8
"""Orders that are facts of their own; all are in the data."""


def by_urgency(lines: Sequence[PlanLine]) -> tuple[PlanLine, ...]:
    """Return the lines that order something first, the earliest day to order before later ones, dear ones before cheap ones."""
    return tuple(sorted(lines, key=lambda line: (not line.quantity, line.order_by or date.max, -line.cost, line.item)))


def tell_plan(book: FactBook, plan: Plan, items: Mapping[str, Item], currency: str) -> None:
    """Add what the plan orders in all, the most urgent orders, and what could not be planned."""
    orders = [line for line in by_urgency(plan.lines) if line.quantity]
    count, planned, cost = len(orders), len(plan.lines), money(plan.total_cost, currency)
    figures = [Figure("plan.orders", count, "orders"), Figure("plan.items", planned, "items")]
    if count:
        figures.append(Figure("plan.total_cost", round(plan.total_cost, 2), currency))
        en = f"{number(count)} of {number(planned)} items {'needs' if count == 1 else 'need'} an order now, for {cost} in all"
        en += ":" if count <= MOST_TOLD else "; the most urgent:"
        zh = f"{number(planned)}种商品中有{number(count)}种现在需要订货，总金额{cost}"
        zh += "：" if count <= MOST_TOLD else "，最紧急的是："
    else:
        en, zh = f"None of the {number(planned)} items needs an order now.", f"{number(planned)}种商品现在都不用订货。"
    book.tell(en, zh, *figures, source="plan", required=True)
    for line in orders[:MOST_TOLD]:
        _tell_order(book, line, items[line.item], currency, plan.as_of)
    if count > MOST_TOLD:
        left = count - MOST_TOLD
        en, zh = (
            f"And {number(left)} more; `parstock plan --out FILE` writes them all.",
            f"另有{number(left)}种，可用 `parstock plan --out FILE` 导出。",
        )
        book.add("plan.more", left, "orders", en, zh, source="plan", required=True)
    _tell_shortfalls(book, plan)


def tell_budget(book: FactBook, budget: float, currency: str) -> None:
    """Add the money that the plan had to keep to."""
    shown = money(budget, currency)
    book.add("budget", budget, currency, f"The budget is {shown}.", f"预算为{shown}。", source="question", required=True)


def _tell_order(book: FactBook, line: PlanLine, item: Item, currency: str, today: date) -> None:
    when_en, when_zh = "", ""
    figures = [Figure("plan.order", line.quantity, "units"), Figure("order.cost", round(line.cost, 2), currency)]
    if line.order_by is not None:
        urgent = line.order_by <= today
        when_en = " today" if urgent else f" by {day(line.order_by, 'en')}"
        when_zh = "今天" if urgent else f"{day(line.order_by, 'zh')}前"
        figures.append(Figure("order.by", line.order_by, "date"))
    cost = money(line.cost, currency)
    book.tell(
        f"{units(line.quantity)} of {item.name}{when_en} ({cost}).",
        f"{named(item, 'zh')}：{when_zh}订{number(line.quantity)}件，{cost}。",
        *figures,
        source=f"plan/{line.item}",
        required=True,
    )


def _tell_shortfalls(book: FactBook, plan: Plan) -> None:
    """Add how many items were cut back, held or left out, by reason."""
    reasons = (
        ("budget", "ordered less or not at all for lack of budget", "因预算不足而减量或取消"),
        ("capacity", "ordered less or not at all for lack of room", "因容量不足而减量或取消"),
        ("min_order_value", "changed because of a supplier's least order value", "因供应商最低订货金额而调整"),
        ("order_hold", "not ordered because of a hold", "因暂停订货而未订"),
        ("max_days_of_cover", "ordered less because of a limit on days of cover", "因可售天数上限而减量"),
        ("insufficient_data", "left out because too little is known", "因数据不足而未计算"),
    )
    for binding, en, zh in reasons:
        count = sum(line.binding == binding for line in plan.lines)
        if count:
            book.add(
                f"plan.{binding}",
                count,
                "items",
                f"{number(count)} {'item is' if count == 1 else 'items are'} {en}.",
                f"有{number(count)}种商品{zh}。",
                source="plan",
                required=binding in {"budget", "capacity", "min_order_value"},
            )

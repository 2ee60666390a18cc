"""A purchase order before it is placed: its cost, its day of arrival, and what speaks against it. Stores nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from parstock.domain import Clause, Item, PlanningEvent, StockPosition, Supplier
from parstock.event_sentences import event_sentence
from parstock.wording import day, days, money, named, number, units
from planning.coverage import lead_times
from planning.deliveries import learn_suppliers
from planning.events import forbids, lay_out
from planning.rules import Applied, Rules
from tools.context import ToolContext
from tools.factbook import FactBook, Figure
from tools.plans import plan_terms


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase order as it would be placed."""

    item: Item
    """With the minimum order and the price that hold today."""
    supplier: Supplier
    """With the lead time of an order placed today."""
    warehouse: str
    """Code of the receiving warehouse; "" where a person has yet to name one."""
    quantity: int
    placed_on: date
    cover_days: float | None
    """Days that stock, what is on order, and this order last at the rate of late; None where that is not known."""
    stops: tuple[PlanningEvent, ...] = ()
    """Confirmed events that forbid it."""

    @property
    def cost(self) -> float:
        """Money: quantity x unit cost."""
        return self.quantity * self.item.unit_cost

    @property
    def due_on(self) -> date:
        """The day on which it arrives after the supplier's mean lead time."""
        return self.placed_on + timedelta(days=round(self.supplier.lead_time_days))


def terms_today(context: ToolContext, item: Item, supplier: Supplier) -> tuple[Item, Supplier, tuple[PlanningEvent, ...]]:
    """Return item and supplier as confirmed events and past orders leave them today, and the events that forbid an order."""
    terms = plan_terms(context)
    nothing = StockPosition(item.sku, "", 0, 0, 0, terms.as_of)
    usual = np.array([supplier.lead_time_days])
    found = lay_out([replace(item, supplier=supplier.code)], [nothing], (), usual, terms, days_ahead=0)
    beliefs = learn_suppliers({supplier.code: supplier}, terms.deliveries)
    days = float(lead_times([supplier], beliefs, found.today, 1, terms.seed).mean[0])
    stops = tuple(event for event in found.moved[0] if forbids(event)) if found.held[0] else ()
    return replace(found.items[0], supplier=item.supplier), replace(supplier, lead_time_days=float(round(days))), stops


def broken_clauses(context: ToolContext, order: Order) -> tuple[Clause, ...]:
    """Return the policy clauses in force that the order does not keep to."""
    rules = Rules.of(context.clauses(), [order.item], [order.supplier], plan_terms(context))
    clauses = (
        _in_force(rules.approval_limit, lambda limit: order.cost > limit),
        _in_force(rules.min_order_value, lambda least: order.cost < least),
        _in_force(rules.max_days_of_cover, lambda most: order.cover_days is not None and order.cover_days > most),
        _in_force(rules.order_hold, lambda _: True),
    )
    return tuple(clause for clause in clauses if clause is not None)


def _in_force(applied: Applied, breaks: Callable[[float], bool]) -> Clause | None:
    """The clause of one kind that holds for the order, where the order breaks it."""
    row = int(applied.clause[0])
    return applied.clauses[row] if row >= 0 and breaks(applied.clauses[row].value) else None


def tell_order(book: FactBook, order: Order, currency: str) -> None:
    """Say what is ordered, what it costs, when it arrives and how long it lasts."""
    item, supplier = order.item, order.supplier
    cost = money(order.cost, currency)
    book.tell(
        f"Draft: {units(order.quantity)} of {item.name} from {supplier.name} for {cost}.",
        f"草稿：向{named(supplier, 'zh')}订购{number(order.quantity)}件{named(item, 'zh')}，金额{cost}。",
        Figure("order.quantity", order.quantity, "units"),
        Figure("order.cost", round(order.cost, 2), currency, f"items/{item.sku}"),
        source="question",
        required=True,
    )
    due = order.due_on
    book.tell(
        f"Placed today it would arrive about {day(due, 'en')}, after {days(supplier.lead_time_days)}.",
        f"今天下单，约{number(supplier.lead_time_days)}天后（{day(due, 'zh')}）到货。",
        Figure("order.due", due, "date"),
        Figure("supplier.lead_time", supplier.lead_time_days, "days"),
        source=f"suppliers/{supplier.code}",
    )
    if order.cover_days is not None:
        lasts = round(order.cover_days)
        en, zh = f"With it, stock and orders last about {days(lasts)}", f"按近期销量，连同库存与在途可卖约{number(lasts)}天"
        shown = Figure("order.covers", lasts, "days")
        book.tell(f"{en} at the recent rate.", f"{zh}。", shown, source=f"demand/{item.sku}")
    price = money(item.unit_cost, currency)
    en, zh = f"A unit costs {price}.", f"单价为{price}。"
    book.add("item.unit_cost", item.unit_cost, currency, en, zh, source=f"items/{item.sku}", detail=True)
    book.item(item)


def tell_terms(book: FactBook, order: Order) -> list[str]:
    """State where the quantity does not keep to the supplier's terms; return which of them."""
    item, broken = order.item, []
    source = f"items/{item.sku}"
    if order.quantity < item.min_order_quantity:
        broken.append("min_order_quantity")
        book.add(
            "warning.min_order_quantity",
            item.min_order_quantity,
            "units",
            f"It is below the supplier's minimum order of {units(item.min_order_quantity)}.",
            f"低于供应商的最小起订量{number(item.min_order_quantity)}件。",
            source=source,
            required=True,
            direction="short",
        )
    if order.quantity % item.pack_size:
        broken.append("pack_size")
        book.add(
            "warning.pack_size",
            item.pack_size,
            "units",
            f"It is not in whole packs of {units(item.pack_size)}.",
            f"不是整箱数量，每箱{number(item.pack_size)}件。",
            source=source,
            required=True,
        )
    if item.supplier != order.supplier.code:
        broken.append("supplier")
        book.add(
            "warning.supplier",
            item.supplier,
            "name",
            f"The item usually comes from {item.supplier}.",
            f"该商品通常由{item.supplier}供应。",
            source=source,
            required=True,
        )
    return broken


def tell_stops(book: FactBook, context: ToolContext, order: Order) -> list[str]:
    """State the confirmed events that forbid the order; return their types."""
    for event in order.stops:
        source = event.note or event.id
        en, zh = (event_sentence(event, lang, context.shelf(), context.settings.currency) for lang in ("en", "zh"))
        shown = [Figure(f"warning.{event.type}", source, "name")]
        shown += [Figure(f"event.{name}", day, "date") for name, day in (("start", event.start), ("end", event.end)) if day]
        book.tell(f"{en[:-1]} [{source}].", f"{zh[:-1]} [{source}]。", *shown, source=source, required=True)
    return [event.type for event in order.stops]


def tell_clause(book: FactBook, order: Order, clause: Clause, currency: str) -> None:
    """Say which rule of a policy the order does not keep to."""
    limit = money(clause.value, currency)
    en, zh = {
        "approval_limit": (f"It is above the approval limit of {limit}", f"超过审批限额{limit}"),
        "min_order_value": (f"It is below the least order value of {limit}", f"低于最低订货金额{limit}"),
        "max_days_of_cover": (
            f"That is more than the {days(clause.value)} of cover allowed",
            f"超过可售天数上限{number(clause.value)}天",
        ),
        "order_hold": (f"Ordering {order.item.name} is on hold", f"{named(order.item, 'zh')}暂停订货"),
    }[clause.kind]
    value: float | str = clause.id if clause.kind == "order_hold" else clause.value
    unit = {"order_hold": "name", "max_days_of_cover": "days"}.get(clause.kind, currency)
    book.add(
        f"warning.{clause.kind}",
        value,
        unit,
        f"{en} [{clause.id}].",
        f"{zh} [{clause.id}]。",
        source=clause.id,
        required=True,
    )

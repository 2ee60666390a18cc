"""The facts on what moves one plan line from outside: confirmed events, past deliveries, overdue orders. Computes nothing new."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from parstock.domain import Item, PlanningEvent, Supplier, Warehouse
from parstock.event_sentences import event_sentence
from parstock.wording import days, named, number, shown_percent, units, whole_percent
from planning.decide import Decided
from planning.events import forbids
from planning.facts import Figure, Notebook
from planning.situation import Situation


@dataclass(frozen=True, slots=True)
class _Directory:
    """What the codes in events are called, as far as a line knows."""

    items: Mapping[str, Item]
    suppliers: Mapping[str, Supplier]
    warehouses: Mapping[str, Warehouse]


STOPPED = {
    "order_hold": ("ordering is on hold", "该商品已暂停订货"),
    "discontinue": ("it is sold off and not reordered", "该商品售完为止，不再补货"),
    "supply_hold": ("its supplier ships nothing", "供应商停止发货"),
}
"""Type of event -> why nothing is ordered."""


def stopping_event(now: Situation, row: int) -> PlanningEvent | None:
    """Return the event that forbids ordering the item, confirmed last; None where none does."""
    if not now.held[row]:
        return None
    return [event for event in now.events[row] if forbids(event)][-1]


def source_of(event: PlanningEvent) -> str:
    """The note that an event was read from, else its own id."""
    return event.note or event.id


def tell_events(book: Notebook, decided: Decided, row: int) -> None:
    """Say each confirmed event that bears on the line, with its days and its source."""
    now, currency = decided.now, decided.terms.currency
    item, supplier = now.items[row], now.suppliers[row]
    known = _Directory({item.sku: item}, {supplier.code: supplier}, {})
    for event in now.events[row]:
        source = source_of(event)
        en, zh = (event_sentence(event, lang, known, currency) for lang in ("en", "zh"))
        book.tell(
            f"{en[:-1]} [{source}].",
            f"{zh[:-1]} [{source}]。",
            Figure(f"event.{event.type}", *_size(event, currency)),
            *_window(event),
            source=source,
            required=True,
        )


def _size(event: PlanningEvent, currency: str) -> tuple[float | str, str]:
    """What an event says, as a value and its unit; its type where it says no number."""
    for value, unit in (
        (event.pct, "%"),
        (event.days, "days"),
        (event.delta_days, "days"),
        (event.quantity, "units"),
        (event.unit_cost, currency),
    ):
        if value is not None:
            return (abs(value) if unit in {"%", "days"} else value), unit
    return event.type, ""


def _window(event: PlanningEvent) -> tuple[Figure, ...]:
    named_days = (("event.start", event.start), ("event.end", event.end))
    return tuple(Figure(what, day, "date") for what, day in named_days if day is not None)


def tell_supplier(book: Notebook, decided: Decided, row: int) -> None:
    """Say in detail where the lead time comes from, where that is past orders."""
    supplier = decided.now.suppliers[row]
    belief = decided.now.beliefs[supplier.code]
    if not belief.orders:
        return
    mean, spread = belief.mean_days, belief.spread_days
    orders, stated = number(belief.orders), number(belief.stated_days, 1)
    book.tell(
        f"By {orders} past {'order' if belief.orders == 1 else 'orders'}, {supplier.name} takes {number(mean, 1)} days, "
        f"give or take {number(spread, 1)} days; it states {stated} days.",
        f"根据{orders}张历史订单，{named(supplier, 'zh')}的交货期为{number(mean, 1)}天，上下浮动{number(spread, 1)}天；"
        f"其承诺为{stated}天。",
        Figure("supplier.learned_lead_time", round(mean, 1), "days"),
        Figure("supplier.lead_time_spread", round(spread, 1), "days"),
        Figure("supplier.stated_lead_time", round(belief.stated_days, 1), "days"),
        Figure("supplier.past_orders", belief.orders, "orders"),
        source=f"orders:{supplier.code}",
        detail=True,
    )


def tell_overdue(book: Notebook, decided: Decided, row: int) -> None:
    """Say what is overdue, how surely it is lost, and how much of it the stock position counts."""
    coming = decided.now.coming
    late = np.flatnonzero((coming.row == row) & coming.ordered & (coming.due_in_days < 0))
    if not late.size:
        return
    ordered, counted = float(coming.units[late].sum()), float(coming.counted[late].sum())
    lost = float(coming.lost[late] @ coming.units[late]) / max(ordered, 1.0)
    longest = int(-coming.due_in_days[late].min())
    more_en, more_zh = ("", "") if late.size == 1 else ("up to ", "最多")
    book.tell(
        f"{units(ordered)} on order {'is' if ordered == 1 else 'are'} {more_en}{days(longest)} late and may never come "
        f"(a chance of {whole_percent(lost)}), so {number(counted)} of them {'is' if round(counted) == 1 else 'are'} counted.",
        f"在途{number(ordered)}件已逾期{more_zh}{longest}天，有{whole_percent(lost)}的可能不再到货，因此只计入{number(counted)}件。",
        Figure("orders.overdue", ordered, "units"),
        Figure("orders.days_late", longest, "days"),
        Figure("orders.lost", shown_percent(lost), "%"),
        Figure("orders.counted", counted, "units"),
        source=f"orders:{decided.now.items[row].sku}",
    )

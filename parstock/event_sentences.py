"""A planning event in one sentence, English and Chinese, as it is shown back to whoever is to confirm it."""

from collections.abc import Mapping
from typing import Protocol

from parstock.domain import Item, Language, PlanningEvent, Supplier, Warehouse
from parstock.wording import day, days, money, named, number, spaced

_SENTENCES: Mapping[str, tuple[str, str]] = {
    "demand_change up": ("Demand for {about} is {pct}% higher than forecast {when}", "{about}的需求比预测高{pct}%"),
    "demand_change down": ("Demand for {about} is {pct}% lower than forecast {when}", "{about}的需求比预测低{pct}%"),
    "lead_time_change to": ("The lead time of {about} is {days} {when}", "{about}的交货期为{days_zh}天"),
    "lead_time_change up": ("The lead time of {about} is {days} longer {when}", "{about}的交货期延长{days_zh}天"),
    "lead_time_change down": ("The lead time of {about} is {days} shorter {when}", "{about}的交货期缩短{days_zh}天"),
    "supply_hold": ("No {about} is shipped {when}", "{about}不发货"),
    "supply_hold by": ("{about} ships nothing {when}", "{about}不发货"),
    "order_hold": ("No {about} is ordered {when}", "暂停订购{about}"),
    "order_hold by": ("Nothing is ordered from {about} {when}", "暂停向{about}订货"),
    "min_order_quantity": ("The minimum order of {about} is {quantity} {when}", "{about}的最小起订量为{quantity}件"),
    "unit_cost_change to": ("The purchase price of {about} is {money} a unit {when}", "{about}的采购价为每件{money}"),
    "unit_cost_change up": ("The purchase price of {about} is {pct}% higher {when}", "{about}的采购价上涨{pct}%"),
    "unit_cost_change down": ("The purchase price of {about} is {pct}% lower {when}", "{about}的采购价下降{pct}%"),
    "discontinue": ("{about} is sold off {when} and not reordered", "{about}售完为止，不再补货"),
    "discontinue for": (
        "{about} is sold off {when} and not reordered; {replacement} takes its place",
        "{about}售完为止，不再补货，由{replacement}替代",
    ),
    "reserve_stock": ("{quantity} of {about} are kept back {when}", "{about}保留{quantity}件不卖"),
}
"""Kind of event -> its sentence in both languages; the Chinese one follows the days."""
_OF_SUPPLIERS = frozenset({"lead_time_change", "supply_hold", "order_hold", "min_order_quantity"})
"""Types that are about the supplier, not its items, where no item is named."""


class Directory(Protocol):
    """The things that an event may be about, by code."""

    @property
    def items(self) -> Mapping[str, Item]:
        """Items by code."""
        ...

    @property
    def suppliers(self) -> Mapping[str, Supplier]:
        """Suppliers by code."""
        ...

    @property
    def warehouses(self) -> Mapping[str, Warehouse]:
        """Warehouses by code."""
        ...


def event_sentence(event: PlanningEvent, lang: Language, shop: Directory, currency: str) -> str:
    """Say what will happen if the event is confirmed, in one sentence with its days.

    Args:
        event: As it is kept, by codes; a code that the shop does not know is shown as it is.
        lang: Language of the sentence.
        shop: What the codes are called.
        currency: ISO code of the shop's currency.
    """
    english, chinese = _SENTENCES[_kind(event)]
    length = abs(event.delta_days or 0.0) if event.days is None else event.days
    values = {
        "about": _about_zh(event, shop) if lang == "zh" else _about_en(event, shop),
        "pct": number(abs(event.pct or 0.0), 1),
        "days": days(length),
        "days_zh": number(length),
        "quantity": number(event.quantity or 0),
        "money": money(event.unit_cost or 0.0, currency),
        "replacement": _called(event.replacement, shop.items, lang),
        "when": _when_en(event),
    }
    if lang == "zh":
        return spaced(f"{_when_zh(event)}{chinese.format(**values)}。")
    said = english.format(**values)
    return f"{said[0].upper()}{said[1:]}."


def _kind(event: PlanningEvent) -> str:
    """The key of the event's sentence."""
    if event.type == "discontinue" and event.replacement:
        return "discontinue for"
    if event.type in ("supply_hold", "order_hold"):
        return event.type if event.item else f"{event.type} by"
    if event.type not in ("demand_change", "lead_time_change", "unit_cost_change"):
        return event.type
    if event.days is not None or event.unit_cost is not None:
        return f"{event.type} to"
    return f"{event.type} {'up' if (event.pct or event.delta_days or 0.0) >= 0 else 'down'}"


def _about_en(event: PlanningEvent, shop: Directory) -> str:
    """What the event is about: "Mug", "all Kitchen items from Yiwu Bright in London DC", "all items"."""
    said = f"all {event.category} items" if event.category else "all items"
    if event.item:
        said = _called(event.item, shop.items, "en")
    elif event.type in _OF_SUPPLIERS:
        return _called(event.supplier, shop.suppliers, "en")
    if event.supplier:
        said += f" from {_called(event.supplier, shop.suppliers, 'en')}"
    return f"{said} in {_called(event.warehouse, shop.warehouses, 'en')}" if event.warehouse else said


def _about_zh(event: PlanningEvent, shop: Directory) -> str:
    said = f"全部{event.category}类商品" if event.category else "全部商品"
    if event.item:
        said = _called(event.item, shop.items, "zh")
    elif event.type in _OF_SUPPLIERS:
        return _called(event.supplier, shop.suppliers, "zh")
    if event.supplier:
        said = f"{_called(event.supplier, shop.suppliers, 'zh')}供应的{said}"
    return f"{_called(event.warehouse, shop.warehouses, 'zh')}的{said}" if event.warehouse else said


def _when_en(event: PlanningEvent) -> str:
    if event.start and event.end:
        return f"from {day(event.start, 'en')} to {day(event.end, 'en')}"
    if event.start:
        return f"from {day(event.start, 'en')} on"
    return f"until {day(event.end, 'en')}" if event.end else "from now on"


def _when_zh(event: PlanningEvent) -> str:
    if event.start and event.end:
        return f"{day(event.start, 'zh')}至{day(event.end, 'zh')}，"
    if event.start:
        return f"自{day(event.start, 'zh')}起，"
    return f"截至{day(event.end, 'zh')}，" if event.end else "即日起，"


def _called(code: str, things: Mapping[str, Item] | Mapping[str, Supplier] | Mapping[str, Warehouse], lang: Language) -> str:
    thing = things.get(code)
    return code if thing is None else named(thing, lang)

"""Sentences on planning events: as they are proposed and decided, and on what in a note became none. Changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from parstock.domain import Item, Language, PlanningEvent
from parstock.event_sentences import event_sentence
from parstock.results import Citation
from tools.context import ToolContext
from tools.factbook import FactBook, Figure
from tools.note_reader import Unclear

_LANGUAGES: tuple[Language, Language] = ("en", "zh")
MOST_CHOICES = 3
"""Names that are offered where one is not known."""
_EVENTS: Mapping[str, tuple[str, str]] = {
    "demand_change": ("a change of demand", "需求变化"),
    "lead_time_change": ("a change of lead time", "交货期变化"),
    "supply_hold": ("a stop of supply", "停止发货"),
    "order_hold": ("a stop of ordering", "暂停订货"),
    "min_order_quantity": ("a new minimum order", "最小起订量"),
    "unit_cost_change": ("a new purchase price", "采购价变化"),
    "discontinue": ("an item that is sold off", "商品停售"),
    "reserve_stock": ("stock that is kept back", "预留库存"),
}
_FIELDS: Mapping[str, tuple[str, str]] = {
    "item": ("product", "商品"),
    "category": ("category", "品类"),
    "supplier": ("supplier", "供应商"),
    "warehouse": ("warehouse", "仓库"),
    "replacement": ("replacement", "替代商品"),
    "start": ("first day", "开始日期"),
    "end": ("last day", "结束日期"),
    "pct": ("percentage", "百分比"),
    "days": ("lead time", "交货期"),
    "delta_days": ("number of days", "天数"),
    "quantity": ("quantity", "数量"),
    "unit_cost": ("price", "价格"),
}
_WHY: Mapping[str, tuple[str, str]] = {
    "missing": ("the note does not say the {field}", "备注没有说明{field}"),
    "unsaid": ("the {field} “{said}” does not stand in the note", "备注里找不到{field}“{said}”"),
    "unknown": ("the {field} “{said}” is not understood{hint}", "看不懂{field}“{said}”{hint}"),
    "unreadable": ("the chat model's reading of it cannot be used", "模型的解读无法使用"),
    "unsure": ("it is not clear enough; say it in a sentence of its own", "说得不够明确，请单独用一句话说明"),
}


def tell_events(book: FactBook, events: Sequence[PlanningEvent], context: ToolContext, *, cited: bool = False) -> None:
    """Say each event by its own sentence; `cited` where the note that it was read from is its source."""
    for event in events:
        en, zh = (event_sentence(event, lang, context.shelf(), context.settings.currency) for lang in _LANGUAGES)
        source = event.note if cited and event.note else event.id
        book.tell(en, zh, Figure("event", event.id, "name"), *_figures(event, context), source=source, required=True)


def demand_events(context: ToolContext, item: Item, warehouse: str, start: date, days: int) -> tuple[PlanningEvent, ...]:
    """Return the confirmed changes of demand that bear on an item's forecast.

    Args:
        context: The shop.
        item: What is forecast.
        warehouse: Where; "" for all together.
        start: First day of the forecast.
        days: Its length.
    """
    end = start + timedelta(days=days - 1)
    return tuple(
        event
        for event in context.records.events("confirmed")
        if event.type == "demand_change"
        and event.pct
        and event.item in ("", item.sku)
        and event.category in ("", item.category)
        and event.supplier in ("", item.supplier)
        and not (warehouse and event.warehouse not in ("", warehouse))
        and (event.start is None or event.start <= end)
        and (event.end is None or event.end >= start)
    )


def cited_notes(context: ToolContext, sources: Iterable[str]) -> tuple[Citation, ...]:
    """Return the notes among the sources of some facts as citations, each once."""
    wanted = set(sources)
    return tuple(Citation(note.id, note.author, note.text, note.id) for note in context.records.notes() if note.id in wanted)


def tell_unclear(book: FactBook, unclear: Unclear) -> None:
    """Say what in a note was not understood, and why."""
    shown = unclear.choices[:MOST_CHOICES]
    hint_en, hint_zh = (f"; perhaps {' or '.join(shown)}", f"，可能是{'、'.join(shown)}") if shown else ("", "")
    field_en, field_zh = _FIELDS.get(unclear.field, ("value", "内容"))
    (why_en, why_zh), (en, zh) = _WHY[unclear.why], _EVENTS.get(unclear.type, ("something", "某项内容"))
    why_en = why_en.format(field=field_en, said=unclear.said, hint=hint_en)
    why_zh = why_zh.format(field=field_zh, said=unclear.said, hint=hint_zh)
    book.tell(
        f"One part was not understood and changes nothing: {en}, as {why_en}.",
        f"有一部分没有看懂，不影响计划：{zh}，{why_zh}。",
        Figure("note.unclear", unclear.said or unclear.type, "quote"),
        *(Figure("note.choice", choice, "name") for choice in shown),
        source="notes",
        required=True,
    )


def tell_choice(book: FactBook, events: Sequence[PlanningEvent]) -> None:
    """Say how the events are decided on: in the conversation, or at the command line."""
    ids = [event.id for event in events]
    commands = [f"`parstock events confirm {event_id}`" for event_id in ids]
    book.tell(
        f"Nothing changes until it is confirmed: say “yes”, or run {' and '.join(commands)}; “no” drops it.",
        f"确认之前不会有任何变化：回复“确认”，或运行 {'、'.join(commands)}；回复“不要”则作废。",
        *(Figure("event.id", event_id, "name") for event_id in ids),
        source=ids[0],
        required=True,
    )


def _figures(event: PlanningEvent, context: ToolContext) -> tuple[Figure, ...]:
    """What the event's sentence shows: its size, its days, and the names in it."""
    sizes = (
        ("pct", event.pct, "%"),
        ("days", event.days, "days"),
        ("delta_days", event.delta_days, "days"),
        ("quantity", event.quantity, "units"),
        ("unit_cost", event.unit_cost, context.settings.currency),
    )
    found = [Figure(f"event.{name}", abs(value), unit) for name, value, unit in sizes if value is not None]
    days = (("event.start", event.start), ("event.end", event.end))
    found += [Figure(what, day, "date") for what, day in days if day is not None]
    return tuple(found)

"""Planning events between people's words and the shop's codes: names and days resolved one way, told as JSON the other."""

from dataclasses import asdict, dataclass
from datetime import date

from parstock.calendar import resolve_day
from parstock.domain import EventType, Json, PlanningEvent
from parstock.errors import InputError
from parstock.event_sentences import event_sentence
from tools.context import ToolContext


@dataclass(frozen=True, slots=True)
class EventWords:
    """An event as somebody says it: things by what they are called, days by phrases."""

    type: EventType
    item: str | None = None
    category: str | None = None
    supplier: str | None = None
    warehouse: str | None = None
    start: str | None = None
    end: str | None = None
    pct: float | None = None
    days: float | None = None
    delta_days: float | None = None
    quantity: int | None = None
    unit_cost: float | None = None
    replacement: str | None = None
    note: str | None = None
    """Id of the note it was read from."""


def event_from_words(words: EventWords, context: ToolContext) -> PlanningEvent:
    """Return the event by codes and days, ready to be proposed.

    Raises:
        InputError: A name or a phrase is not understood; names the field.
        InsufficientData: No item or no sale is recorded.
    """
    names = context.names
    start, end = event_days(words.start, words.end, context.as_of()) if words.start or words.end else (None, None)
    return PlanningEvent(
        words.type,
        item="" if words.item is None else names.resolve_item(words.item).sku,
        category="" if words.category is None else names.resolve_category(words.category),
        supplier="" if words.supplier is None else names.resolve_supplier(words.supplier).code,
        warehouse=context.warehouse_code(words.warehouse),
        start=start,
        end=end,
        pct=words.pct,
        days=words.days,
        delta_days=words.delta_days,
        quantity=words.quantity,
        unit_cost=words.unit_cost,
        replacement="" if words.replacement is None else names.resolve_item(words.replacement, field="replacement").sku,
        note=words.note or "",
    )


def event_days(start: str | None, end: str | None, as_of: date) -> tuple[date | None, date | None]:
    """Return the first and last day of an event, None where no phrase is given.

    Days without a year are the next ones, save that an event whose end comes first has begun already: on 12 February,
    "10 Feb" to "24 Feb" is of this year.

    Raises:
        InputError: A phrase is not understood, or the end is before the start.

    >>> event_days("20 Dec", "5 Jan", date(2025, 12, 28))
    (datetime.date(2025, 12, 20), datetime.date(2026, 1, 5))
    """
    first = resolve_day(start, as_of, field="start") if start else None
    last = resolve_day(end, as_of, last=True, field="end") if end else None
    if start and end and first and last and last < first:
        begun = resolve_day(start, as_of, prefer="past", field="start")
        first = begun if begun <= last else first
        if last < first:
            message = f"end {end!r} is {last}, before the start {first}; give a later day"
            raise InputError(message, field="end", reason="wrong_order")
    return first, last


def event_json(event: PlanningEvent, context: ToolContext) -> dict[str, Json]:
    """Return an event as JSON: what it says, its state, and one sentence in each language."""
    shelf, currency = context.shelf(), context.settings.currency
    told: dict[str, Json] = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(event).items()
        if value not in ("", None)
    }
    return told | {
        "text_en": event_sentence(event, "en", shelf, currency),
        "text_zh": event_sentence(event, "zh", shelf, currency),
    }

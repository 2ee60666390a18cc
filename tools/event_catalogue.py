"""The planning events as functions that a chat model may call: how a note's meaning is asked for and given back."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from inventory.events import DETAILS, ONE_OF, SCOPES
from parstock.domain import EventType

EventSpec = Mapping[str, Any]
"""`{"type": "function", "function": {"name", "description", "parameters"}}`."""

_MEANINGS: Mapping[EventType, str] = {
    "demand_change": "Demand will be higher or lower than usual for a while.",
    "lead_time_change": "Supply will take longer or shorter.",
    "supply_hold": "Nothing is shipped in the window.",
    "order_hold": "Nothing may be ordered in the window.",
    "min_order_quantity": "There is a new minimum order quantity.",
    "unit_cost_change": "There is a new purchase price.",
    "discontinue": "The product is sold off and not reordered.",
    "reserve_stock": "Units are kept back.",
}
_FIELDS: Mapping[str, tuple[str, str]] = {
    "item": ("string", "product as the note names it"),
    "category": ("string", "product category as the note names it"),
    "supplier": ("string", "supplier as the note names it"),
    "warehouse": ("string", "warehouse as the note names it"),
    "pct": ("number", "signed change in percent: +40 is 40, doubles is 100, halves is -50"),
    "days": ("number", "new lead time in days"),
    "delta_days": ("number", "signed change of the lead time in days"),
    "quantity": ("integer", "units"),
    "unit_cost": ("number", "new purchase price of one unit"),
    "start": ("string", "first day, in the note's words"),
    "end": ("string", "last day, in the note's words"),
    "replacement": ("string", "product that takes its place"),
}
"""Type and description of each field, in the order in which a reader says them."""


@cache
def event_catalogue() -> tuple[EventSpec, ...]:
    """One function for each type of event; a note without effect calls none."""
    return tuple(_function(name, meaning) for name, meaning in _MEANINGS.items())


def _function(name: EventType, meaning: str) -> EventSpec:
    allowed = {*SCOPES[name], *DETAILS[name]}
    fields = {field: {"type": kind, "description": text} for field, (kind, text) in _FIELDS.items() if field in allowed}
    one_of = ONE_OF.get(name, ())
    parameters = {
        "type": "object",
        "properties": fields,
        "required": list(one_of) if len(one_of) == 1 else [],
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": meaning, "parameters": parameters}}

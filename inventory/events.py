"""Planning events: proposing, confirming and withdrawing them. Applies none; `Records.events` reads them.

An event is proposed, by a person or from a note, and changes nothing until somebody confirms it. It is never deleted: one that
does not hold any more is withdrawn. Every step is in the audit log.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import get_args

from sqlalchemy import ColumnElement, Connection, select, update

from inventory import audit, meta
from inventory._stamps import checked, new_id, now
from inventory.schema import items, notes, planning_events, suppliers, warehouses
from inventory.store import Store
from parstock.domain import LONGEST_LEAD_TIME_DAYS, EventStatus, EventType, PlanningEvent
from parstock.errors import InputError

SCOPES: Mapping[EventType, tuple[str, ...]] = {
    "demand_change": ("item", "category", "supplier", "warehouse"),
    "lead_time_change": ("supplier", "item"),
    "supply_hold": ("supplier", "item"),
    "order_hold": ("item", "supplier"),
    "min_order_quantity": ("item", "supplier"),
    "unit_cost_change": ("item", "supplier"),
    "discontinue": ("item",),
    "reserve_stock": ("item", "warehouse"),
}
"""What each type may be about; all but a change of demand need the item or the supplier."""
DETAILS: Mapping[EventType, tuple[str, ...]] = {
    "demand_change": ("pct", "start", "end"),
    "lead_time_change": ("days", "delta_days", "start", "end"),
    "supply_hold": ("start", "end"),
    "order_hold": ("start", "end"),
    "min_order_quantity": ("quantity", "start"),
    "unit_cost_change": ("pct", "unit_cost", "start"),
    "discontinue": ("end", "replacement"),
    "reserve_stock": ("quantity", "end"),
}
ONE_OF: Mapping[EventType, tuple[str, ...]] = {
    "demand_change": ("pct",),
    "lead_time_change": ("days", "delta_days"),
    "min_order_quantity": ("quantity",),
    "unit_cost_change": ("pct", "unit_cost"),
    "reserve_stock": ("quantity",),
}
"""Of these details a type has exactly one."""
_BOUNDS: Mapping[str, tuple[float, float]] = {
    "pct": (-100.0, 10_000.0),
    "days": (0.0, float(LONGEST_LEAD_TIME_DAYS)),
    "delta_days": (-float(LONGEST_LEAD_TIME_DAYS), float(LONGEST_LEAD_TIME_DAYS)),
    "quantity": (1.0, 1e9),
    "unit_cost": (0.0, 1e9),
}
_FIELDS = ("item", "category", "supplier", "warehouse", *dict.fromkeys(name for names in DETAILS.values() for name in names))


def propose(store: Store, event: PlanningEvent, *, actor: str) -> PlanningEvent:
    """Keep an event that waits for somebody to confirm it.

    Args:
        store: The database.
        event: What is to happen, by codes; its id, status and stamps are given here.
        actor: Who proposes it.

    Returns:
        The event as it is kept.

    Raises:
        InputError: A field does not fit the type, is out of bounds, or names what is not recorded; names the field.
    """
    check_event(event)
    kept = replace(
        event,
        id=new_id("ev"),
        status="proposed",
        created_at=now(),
        created_by=checked("actor", actor, longest=200),
        decided_at="",
        decided_by="",
    )
    with store.writing() as connection:
        _check_names(connection, kept)
        connection.execute(planning_events.insert().values(**asdict(kept)))
        _note(connection, kept, actor=kept.created_by, action="event.proposed")
    return kept


def confirm(store: Store, event_id: str, *, actor: str) -> PlanningEvent:
    """Let an event take effect; one that has already is left as it is.

    Raises:
        InputError: No event has that id, or it was withdrawn.
    """
    return _decide(store, event_id, "confirmed", actor)


def withdraw(store: Store, event_id: str, *, actor: str) -> PlanningEvent:
    """Take an event back, whether it was confirmed or not; one that was withdrawn is left as it is.

    Raises:
        InputError: No event has that id.
    """
    return _decide(store, event_id, "withdrawn", actor)


def read_events(connection: Connection, status: EventStatus | None = None) -> tuple[PlanningEvent, ...]:
    """Events, oldest first: all, or those of one status.

    Raises:
        InputError: Unknown status.
    """
    known = get_args(EventStatus)
    if status is not None and status not in known:
        raise InputError(f"no event is ever {status!r}; known: {', '.join(known)}", field="status", choices=known)
    query = select(planning_events).order_by(planning_events.c.created_at, planning_events.c.id)
    rows = connection.execute(query if status is None else query.where(planning_events.c.status == status)).mappings()
    return tuple(PlanningEvent(**row) for row in rows)


def check_event(event: PlanningEvent) -> None:
    """Refuse an event whose fields do not fit together; knows nothing of the shop.

    Raises:
        InputError: Names the field.
    """
    if event.type not in DETAILS:
        types = tuple(DETAILS)
        raise InputError(f"no event is a {event.type!r}; known: {', '.join(types)}", field="type", choices=types)
    allowed = (*SCOPES[event.type], *DETAILS[event.type])
    for name in _FIELDS:
        value = getattr(event, name)
        if value not in ("", None) and name not in allowed:
            raise InputError(f"{name} is {value!r}, but a {event.type} has only {', '.join(allowed)}", field=name)
    _check_scope(event)
    _check_values(event)
    if event.start and event.end and event.end < event.start:
        message = f"end is {event.end}, before the start {event.start}; give a later day"
        raise InputError(message, field="end", reason="wrong_order")


def _check_scope(event: PlanningEvent) -> None:
    needed = [name for name in SCOPES[event.type] if name in ("item", "supplier")]
    if event.type != "demand_change" and not any(getattr(event, name) for name in needed):
        raise InputError(f"a {event.type} must say which {' or '.join(needed)} it is about", field=needed[0])
    if event.type == "discontinue" and event.replacement == event.item:
        raise InputError(f"replacement is {event.replacement!r}, the item itself; name another or none", field="replacement")


def _check_values(event: PlanningEvent) -> None:
    one_of = ONE_OF.get(event.type, ())
    given = [name for name in one_of if getattr(event, name) is not None]
    if one_of and len(given) != 1:
        field = given[1] if given else one_of[0]
        raise InputError(f"a {event.type} needs {' or '.join(one_of)}, and {'not both' if given else 'has none'}", field=field)
    for name in given:
        value, (least, most) = getattr(event, name), _BOUNDS[name]
        if not (math.isfinite(value) and least <= value <= most):
            bounds = {"minimum": least, "maximum": most}
            message = f"{name} is {value!r}; it must lie between {least:g} and {most:g}"
            raise InputError(message, field=name, reason="out_of_bounds", bounds=bounds)


def _check_names(connection: Connection, event: PlanningEvent) -> None:
    """Refuse codes that nobody has."""
    _check_code(connection, "item", event.item, items.c.sku)
    _check_code(connection, "replacement", event.replacement, items.c.sku)
    _check_code(connection, "category", event.category, items.c.category, shown=True)
    _check_code(connection, "supplier", event.supplier, suppliers.c.code, shown=True)
    _check_code(connection, "warehouse", event.warehouse, warehouses.c.code, shown=True)
    _check_code(connection, "note", event.note, notes.c.id)


def _check_code(connection: Connection, field: str, code: str, column: ColumnElement[str], *, shown: bool = False) -> None:
    """Refuse a code that is not in the column; `shown` where there are few enough to list."""
    if not code or connection.scalar(select(column).where(column == code).limit(1)) is not None:
        return
    known = tuple(connection.scalars(select(column).distinct().order_by(column))) if shown else ()
    hint = f"; known: {', '.join(known)}" if known else ""
    raise InputError(f"{field} is {code!r}, which is not recorded{hint}", field=field, choices=known, reason="unknown_name")


def _decide(store: Store, event_id: str, status: EventStatus, actor: str) -> PlanningEvent:
    who = checked("actor", actor, longest=200)
    with store.writing() as connection:
        audit.lock(connection)  # two deciders wait for each other
        query = select(planning_events).where(planning_events.c.id == event_id)
        row = connection.execute(query).mappings().one_or_none()
        if row is None:
            raise InputError(f"no planning event has the id {event_id!r}", field="id")
        event = PlanningEvent(**row)
        if event.status == status:
            return event
        if event.status == "withdrawn":
            raise InputError(f"the event {event_id!r} was withdrawn; propose it anew", field="id")
        decided = replace(event, status=status, decided_at=now(), decided_by=who)
        stamps = {"status": status, "decided_at": decided.decided_at, "decided_by": who}
        connection.execute(update(planning_events).where(planning_events.c.id == event_id).values(**stamps))
        _note(connection, decided, actor=who, action=f"event.{status}")
    return decided


def _note(connection: Connection, event: PlanningEvent, *, actor: str, action: str) -> None:
    """Say so to whoever caches by revision, and to the audit log."""
    meta.bump_revision(connection)
    told = {name: _plain(value) for name, value in _given(event) if name not in ("id", "status")}
    audit.append(connection, actor=actor, action=action, subject=event.id, detail=told)


def _given(event: PlanningEvent) -> Iterable[tuple[str, str | int | float | date]]:
    return ((name, value) for name, value in asdict(event).items() if value not in ("", None))


def _plain(value: str | int | float | date) -> str | int | float:
    return value.isoformat() if isinstance(value, date) else value

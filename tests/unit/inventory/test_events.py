"""Planning events: proposing, confirming, withdrawing, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from inventory import audit, schema
from inventory.events import check_event, confirm, propose, withdraw
from inventory.notebook import add_note
from inventory.records import Records
from inventory.store import Store
from parstock.domain import PlanningEvent
from parstock.errors import InputError

FIRST, LAST = date(2024, 2, 10), date(2024, 2, 24)
EVENTS = (
    PlanningEvent("demand_change", item="A", warehouse="M", start=FIRST, end=LAST, pct=40.0),
    PlanningEvent("demand_change", category="uncategorised", supplier="S", pct=-100.0),
    PlanningEvent("lead_time_change", supplier="S", delta_days=14.0, end=LAST),
    PlanningEvent("lead_time_change", item="B", days=0.0),
    PlanningEvent("supply_hold", supplier="S", start=FIRST, end=FIRST),
    PlanningEvent("order_hold", item="B", start=FIRST),
    PlanningEvent("min_order_quantity", supplier="S", quantity=500, start=LAST),
    PlanningEvent("unit_cost_change", item="C", unit_cost=0.0),
    PlanningEvent("unit_cost_change", supplier="S", pct=-3.5, start=FIRST),
    PlanningEvent("discontinue", item="A", end=LAST, replacement="B"),
    PlanningEvent("reserve_stock", item="A", quantity=12, warehouse="N", end=LAST),
)
"""Every type, with each of its fields somewhere."""


def _actions(store: Store) -> list[tuple[str, str, str]]:
    with store.reading() as connection:
        columns = (schema.audit.c.actor, schema.audit.c.action, schema.audit.c.subject)
        return [(row.actor, row.action, row.subject) for row in connection.execute(select(*columns).order_by(schema.audit.c.id))]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_every_type_is_kept_as_it_was_said(small_shop: Store, records: Records, event: PlanningEvent) -> None:
    """What is proposed comes back with its fields, an id, who proposed it and when; it is not confirmed."""
    kept = propose(small_shop, event, actor="Ann")

    assert records.events() == (kept,)
    assert kept == replace(event, id=kept.id, created_at=kept.created_at, created_by="Ann")
    assert kept.id.startswith("ev-")
    assert (kept.status, records.events("confirmed")) == ("proposed", ())


def test_an_event_goes_from_proposed_to_confirmed_to_withdrawn(small_shop: Store, records: Records) -> None:
    """Each step is stamped and in the audit log, which stays whole; every step changes the fingerprint."""
    seen = [records.fingerprint()]
    event = propose(small_shop, EVENTS[0], actor="Ann")
    seen.append(records.fingerprint())
    confirmed = confirm(small_shop, event.id, actor="Ben")
    seen.append(records.fingerprint())
    assert records.events("confirmed") == (confirmed,)
    withdrawn = withdraw(small_shop, event.id, actor="Cy")
    seen.append(records.fingerprint())

    assert (confirmed.status, confirmed.decided_by, confirmed.created_by) == ("confirmed", "Ben", "Ann")
    assert (withdrawn.status, withdrawn.decided_by) == ("withdrawn", "Cy")
    assert confirmed.created_at <= confirmed.decided_at <= withdrawn.decided_at
    assert records.events("confirmed") == ()
    assert records.events("withdrawn") == (withdrawn,)
    assert len(set(seen)) == 4
    assert _actions(small_shop) == [
        ("Ann", "event.proposed", event.id),
        ("Ben", "event.confirmed", event.id),
        ("Cy", "event.withdrawn", event.id),
    ]
    assert audit.verify(small_shop) == 3


def test_deciding_twice_is_harmless(small_shop: Store, records: Records) -> None:
    """The first decision stands with its stamp, and the log has it once."""
    event = propose(small_shop, EVENTS[0], actor="Ann")
    first = confirm(small_shop, event.id, actor="Ben")

    assert confirm(small_shop, event.id, actor="Cy") == first
    gone = withdraw(small_shop, event.id, actor="Ben")
    assert withdraw(small_shop, event.id, actor="Cy") == gone
    assert [action for _, action, _ in _actions(small_shop)] == ["event.proposed", "event.confirmed", "event.withdrawn"]
    assert len(records.events()) == 1


def test_what_was_withdrawn_is_not_confirmed(small_shop: Store) -> None:
    """A withdrawn event has to be proposed anew."""
    event = propose(small_shop, EVENTS[0], actor="Ann")
    withdraw(small_shop, event.id, actor="Ann")

    with pytest.raises(InputError, match="was withdrawn; propose it anew") as caught:
        confirm(small_shop, event.id, actor="Ann")
    assert caught.value.field == "id"


def test_many_confirm_at_once(small_shop: Store, records: Records) -> None:
    """Eight people confirm one event: one does, and the log says who."""
    event = propose(small_shop, EVENTS[0], actor="Ann")
    with ThreadPoolExecutor(8) as pool:
        decided = set(pool.map(lambda i: confirm(small_shop, event.id, actor=f"person {i}"), range(8)))

    assert len(decided) == 1
    assert records.events() == tuple(decided)
    assert audit.verify(small_shop) == 2


@pytest.mark.parametrize("decide", [confirm, withdraw])
def test_an_unknown_event_is_refused(small_shop: Store, decide: Any) -> None:
    """An id that nobody has is an input error with its field, and nothing is logged."""
    with pytest.raises(InputError, match="'ev-0'") as caught:
        decide(small_shop, "ev-0", actor="Ann")
    assert caught.value.field == "id"
    assert _actions(small_shop) == []


WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"type": "party"}, "type", "known: demand_change"),
    ({"type": "demand_change", "pct": -101.0}, "pct", "-101.*between -100"),
    ({"type": "demand_change", "pct": float("nan")}, "pct", "nan"),
    ({"type": "demand_change", "pct": 1e9}, "pct", "between"),
    ({"type": "demand_change"}, "pct", "needs pct"),
    ({"type": "demand_change", "pct": 1.0, "quantity": 3}, "quantity", "only item, category"),
    ({"type": "demand_change", "pct": 1.0, "start": LAST, "end": FIRST}, "end", "before the start"),
    ({"type": "lead_time_change", "delta_days": 3.0}, "supplier", "supplier or item"),
    ({"type": "lead_time_change", "item": "A"}, "days", "days or delta_days"),
    ({"type": "lead_time_change", "item": "A", "days": 3.0, "delta_days": 1.0}, "delta_days", "not both"),
    ({"type": "lead_time_change", "item": "A", "days": -1.0}, "days", "between 0"),
    ({"type": "lead_time_change", "item": "A", "days": 9999.0}, "days", "730"),
    ({"type": "supply_hold", "warehouse": "M", "supplier": "S"}, "warehouse", "supply_hold has only"),
    ({"type": "order_hold"}, "item", "item or supplier"),
    ({"type": "min_order_quantity", "item": "A", "quantity": 0}, "quantity", "between 1"),
    ({"type": "unit_cost_change", "item": "A", "pct": 3.0, "unit_cost": 2.0}, "unit_cost", "not both"),
    ({"type": "unit_cost_change", "item": "A", "unit_cost": -2.0}, "unit_cost", "between 0"),
    ({"type": "discontinue", "item": "A", "replacement": "A"}, "replacement", "the item itself"),
    ({"type": "discontinue", "item": "A", "start": FIRST}, "start", "only item, end, replacement"),
    ({"type": "reserve_stock", "quantity": 3}, "item", "which item"),
)


@pytest.mark.parametrize(("fields", "field", "said"), WRONG)
def test_fields_that_do_not_fit_are_refused(fields: dict[str, Any], field: str, said: str) -> None:
    """The message names the field, the value and what would be right."""
    with pytest.raises(InputError, match=said) as caught:
        check_event(PlanningEvent(**fields))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"item": "Z"}, "item"),
        ({"category": "Toys"}, "category"),
        ({"supplier": "Z"}, "supplier"),
        ({"warehouse": "Z"}, "warehouse"),
        ({"note": "note-0"}, "note"),
        ({"type": "discontinue", "item": "A", "replacement": "Z", "pct": None}, "replacement"),
    ],
)
def test_what_nobody_has_is_refused(small_shop: Store, records: Records, fields: dict[str, Any], field: str) -> None:
    """Items, categories, suppliers, warehouses and notes must be recorded, and nothing is kept of what is refused."""
    with pytest.raises(InputError, match="which is not recorded") as caught:
        propose(small_shop, PlanningEvent(**{"type": "demand_change", "pct": 5.0, **fields}), actor="Ann")

    assert caught.value.field == field
    assert (records.events(), _actions(small_shop)) == ((), [])


def test_an_event_says_which_note_it_was_read_from(small_shop: Store, records: Records) -> None:
    """The note's id is kept with the event."""
    note = add_note(small_shop, "Yiwu shut for the New Year", author="Ann")
    propose(small_shop, replace(EVENTS[4], note=note.id), actor="Ann")

    assert [event.note for event in records.events()] == [note.id]


def test_an_unknown_status_is_refused(records: Records) -> None:
    """The message lists the three there are."""
    with pytest.raises(InputError, match="proposed, confirmed, withdrawn"):
        records.events("done")  # type: ignore[arg-type]
    assert records.events() == ()

"""Confirmed events and past orders of the records reach plans, drafts and answers; a plan's proof reaches every door."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from inventory.events import confirm, propose, withdraw
from inventory.schema import purchase_orders
from parstock.domain import PlanningEvent
from tools.call import call_tool
from tools.context import ToolContext
from tools.plans import plan_terms

TODAY = date(2025, 6, 2)
EVENTS = (
    PlanningEvent("order_hold", item="22423", note="note-2"),
    PlanningEvent("supply_hold", supplier="YB", end=TODAY + timedelta(days=12), note="note-1"),
    PlanningEvent("lead_time_change", supplier="YB", delta_days=14.0, note="note-1"),
    PlanningEvent("min_order_quantity", item="22423", quantity=900),
    PlanningEvent("unit_cost_change", supplier="YB", pct=25.0),
    PlanningEvent("discontinue", item="22423", replacement="22424"),
    PlanningEvent("reserve_stock", item="22423", quantity=40, warehouse="LON"),
)


def planned(shop: ToolContext, **arguments: Any) -> dict[str, dict[str, Any]]:
    """The plan's lines by item."""
    lines: Any = call_tool("recommend_replenishment", arguments, shop).data["lines"]
    return {line["item"]: line for line in lines}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: str(event.type))
def test_a_confirmed_event_of_the_records_moves_its_item_alone(own_shop: Callable[[], ToolContext], event: PlanningEvent) -> None:
    """Proposed it changes nothing, confirmed its item's line, withdrawn all is as before; the answer names its source."""
    shop = own_shop()
    before = planned(shop)
    kept = propose(shop.store, event, actor="tester")
    assert planned(shop) == before
    confirm(shop.store, kept.id, actor="tester")
    after, alone = planned(shop), call_tool("recommend_replenishment", {"item": "22423"}, shop)
    facts = [fact for fact in alone.facts if fact.what == f"event.{event.type}"]
    withdraw(shop.store, kept.id, actor="tester")

    assert after.get("22423") != before["22423"]
    assert {sku for sku in before if after.get(sku) != before[sku]} <= {"22423", "22424"}
    assert [fact.source for fact in facts] == [event.note or kept.id]
    assert planned(shop) == before


def test_a_draft_warns_of_a_hold_and_has_todays_terms(own_shop: Callable[[], ToolContext]) -> None:
    """A purchase order of a held item names the event; its price and its day of arrival are those that the events leave."""
    shop = own_shop()
    order: dict[str, Any] = {"item": "22423", "quantity": 48, "warehouse": "LON"}
    before = call_tool("propose_purchase_order", order, shop).data
    for event in EVENTS[:3]:
        confirm(shop.store, propose(shop.store, event, actor="tester").id, actor="tester")
    result = call_tool("propose_purchase_order", order, shop)

    assert result.data["warnings"] == ["order_hold", *before["warnings"]]  # type: ignore[misc]
    assert date.fromisoformat(str(result.data["due_on"])) - date.fromisoformat(str(before["due_on"])) == timedelta(days=13 + 14)
    assert any("[note-2]" in fact.en for fact in result.facts)


def test_past_orders_of_the_records_teach_lead_times(own_shop: Callable[[], ToolContext]) -> None:
    """An order that came is learned from, one that was cancelled is not, and open ones count by their age."""
    shop = own_shop()
    with shop.store.writing() as connection:
        came = {"status": "received", "received_on": TODAY - timedelta(days=2)}
        connection.execute(update(purchase_orders).where(purchase_orders.c.order_id == "PO-5").values(**came))
    past = plan_terms(shop).deliveries

    assert past is not None
    assert list(zip(past.supplier, past.days, past.came, strict=True)) == [("LC", 10.0, True), ("YB", 18.0, False)]


def test_the_proof_of_a_plan_is_in_data_and_facts(tiny_shop: ToolContext) -> None:
    """A plan with a budget carries its certificate and what more money is worth, in data and in both languages."""
    result = call_tool("recommend_replenishment", {"budget": 300}, tiny_shop)
    proof: Any = json.loads(json.dumps(result.data["certificate"]))
    whats = {fact.what for fact in result.facts}

    assert proof["recomputed_cost"] == pytest.approx(proof["expected_cost"])
    assert proof["gap"] == pytest.approx(proof["recomputed_cost"] - proof["lower_bound"], abs=1e-3)
    assert proof["budget_price"] > 0
    assert {"certificate.expected_cost", "certificate.gap", "budget.price"} <= whats

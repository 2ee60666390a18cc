"""Confirmed planning events change the plans of what they are about, inside their window, and say so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from parstock.domain import InboundOrder, PlanningEvent
from parstock.results import PlanLine
from planning.base import PlanTerms

Maker = Callable[..., Any]
TODAY = date(2025, 6, 2)


def in_days(days: int) -> date:
    """A day that lies so many days ahead."""
    return TODAY + timedelta(days=days)


def planned(make_shop: Maker, *events: PlanningEvent, **options: Any) -> list[PlanLine]:
    """Lines of A0 (Yiwu Bright, nine days) and A1 (Delft Clay): 10 a day for certain, 35 free, an order of 125 of A0 due."""
    shop = make_shop(2, constant=True)
    confirmed = tuple(replace(event, status="confirmed", id=f"ev-{n}") for n, event in enumerate(events))
    shop.terms = PlanTerms(as_of=TODAY, events=confirmed)
    return list(shop.plan(**options).lines)


BEFORE: dict[str, Any] = {"quantity": 125, "unit_cost": 2.0, "lead_time_days": 9.0, "reserved": 5}
OPEN = [
    (PlanningEvent("order_hold", item="A0"), {"quantity": 0}),
    (PlanningEvent("order_hold", supplier="S0"), {"quantity": 0}),
    (PlanningEvent("supply_hold", supplier="S0"), {"quantity": 0}),
    (PlanningEvent("discontinue", item="A0"), {"quantity": 0}),
    (PlanningEvent("lead_time_change", supplier="S0", days=12.0), {"quantity": 155, "lead_time_days": 12.0}),
    (PlanningEvent("lead_time_change", item="A0", delta_days=14.0), {"quantity": 265, "lead_time_days": 23.0}),
    (PlanningEvent("lead_time_change", item="A0", delta_days=-20.0), {"quantity": 35, "lead_time_days": 0.0}),
    (PlanningEvent("min_order_quantity", supplier="S0", quantity=500), {"quantity": 500}),
    (PlanningEvent("unit_cost_change", item="A0", pct=10.0), {"unit_cost": 2.2}),
    (PlanningEvent("unit_cost_change", item="A0", unit_cost=1.5), {"unit_cost": 1.5}),
    (PlanningEvent("reserve_stock", item="A0", quantity=30), {"quantity": 155, "reserved": 35}),
]


@pytest.mark.parametrize(("event", "changed"), OPEN)
def test_an_event_in_force_changes_its_line_and_is_named(make_shop: Maker, event: PlanningEvent, changed: dict[str, Any]) -> None:
    """The plan follows a confirmed event, the other item keeps its line, and the line cites the note in both languages."""
    line, other = planned(make_shop, replace(event, note="note-7"))
    told = [fact for fact in line.facts if fact.what == f"event.{event.type}"]

    assert {name: getattr(line, name) for name in BEFORE} == BEFORE | changed
    assert other == planned(make_shop)[1]
    assert len(told) == 1
    assert (told[0].source, told[0].required) == ("note-7", True)
    assert "[note-7]" in told[0].en
    assert "[note-7]" in told[0].zh


@pytest.mark.parametrize("event", [event for event, _ in OPEN if event.type != "discontinue"])
def test_an_event_is_without_effect_outside_its_window(make_shop: Maker, event: PlanningEvent) -> None:
    """What begins after the next order, ended yesterday, or is not confirmed leaves every line as it was."""
    untouched = planned(make_shop)
    ended = replace(event, start=in_days(-20), end=in_days(-1))

    assert planned(make_shop, replace(event, start=in_days(8))) == untouched
    assert event.type in {"min_order_quantity", "unit_cost_change"} or planned(make_shop, ended) == untouched
    shop = make_shop(2, constant=True)
    shop.terms = PlanTerms(as_of=TODAY, events=(event, replace(event, status="withdrawn")))
    assert list(shop.plan().lines) == untouched


def test_an_order_during_a_supply_hold_leaves_after_it(make_shop: Maker) -> None:
    """With nothing shipped for five more days, the order takes 6 + 9 days and has to last until the next one comes."""
    line, other = planned(make_shop, PlanningEvent("supply_hold", supplier="S0", start=in_days(-3), end=in_days(5)))

    assert line.lead_time_days == 15.0
    assert line.quantity == 10 * (7 + 9 + 7) - 10 * 7 - 35  # the next order, in a week, is not held any more
    assert other == planned(make_shop)[1]


def test_an_order_before_a_supply_hold_lasts_over_it(make_shop: Maker) -> None:
    """Where the next order would fall into a closure of two weeks, today's leaves at once and lasts until one placed after it."""
    (line, _) = planned(make_shop, PlanningEvent("supply_hold", supplier="S0", start=in_days(5), end=in_days(18)))

    assert line.lead_time_days == 9.0
    assert line.quantity == 10 * (19 + 9) - 35


def test_an_open_order_placed_in_a_hold_waits_with_it(make_shop: Maker) -> None:
    """What was ordered two days ago, while nothing left, comes a lead time after the hold's end; an older order is on its way."""
    shop = make_shop(1, constant=True)
    shop.stock["A0"] = replace(shop.stock["A0"], on_order=60)
    hold = PlanningEvent("supply_hold", supplier="S0", start=in_days(-3), end=in_days(9), status="confirmed", id="ev-1")
    quantities = []
    for ordered_on in (in_days(-5), in_days(-2)):
        shop.inbound = [InboundOrder("P1", "A0", "", "S0", 60, ordered_on, in_days(7))]
        shop.terms = PlanTerms(as_of=TODAY, events=(hold,))
        quantities.append(shop.plan().lines[0].quantity)

    assert quantities == [190 - 35 - 60, 190 - 35]  # today's order and the next leave on day 10 and come on day 19


def test_kept_back_stock_is_free_again_after_the_window(make_shop: Maker) -> None:
    """Thirty units kept back until before today's order comes change nothing that an order can change."""
    assert planned(make_shop, PlanningEvent("reserve_stock", item="A0", quantity=30, end=in_days(4)))[0].quantity == 125


def test_several_events_add_up_and_the_last_word_holds(make_shop: Maker) -> None:
    """Percentages and days add to each other; a new minimum order replaces the one confirmed before it."""
    line, _ = planned(
        make_shop,
        PlanningEvent("unit_cost_change", supplier="S0", pct=10.0, decided_at="2025-05-01"),
        PlanningEvent("unit_cost_change", item="A0", pct=10.0, decided_at="2025-05-02"),
        PlanningEvent("lead_time_change", item="A0", days=10.0, decided_at="2025-05-01"),
        PlanningEvent("lead_time_change", supplier="S0", delta_days=2.0, decided_at="2025-05-02"),
        PlanningEvent("min_order_quantity", item="A0", quantity=400, decided_at="2025-05-02"),
        PlanningEvent("min_order_quantity", supplier="S0", quantity=300, decided_at="2025-05-01"),
    )

    assert (round(line.unit_cost, 6), line.lead_time_days, line.quantity) == (2.42, 12.0, 400)


def test_an_event_of_one_warehouse_leaves_the_others_alone(make_shop: Maker) -> None:
    """Stock kept back in Manchester is not kept back in London, and is part of all warehouses together."""
    event = PlanningEvent("reserve_stock", item="A0", quantity=30, warehouse="MAN")

    assert planned(make_shop, event, warehouse="LON")[0].reserved == 5
    assert planned(make_shop, event, warehouse="MAN")[0].reserved == planned(make_shop, event)[0].reserved == 35


def test_a_change_of_demand_is_named_where_the_order_covers_its_days(make_shop: Maker) -> None:
    """The forecast holds the change already; the line says so while the window is ahead, and not of what lies beyond."""
    event = PlanningEvent("demand_change", category="kitchen", pct=40.0, start=in_days(3), end=in_days(9))
    near, far = planned(make_shop, event)[0], planned(make_shop, replace(event, start=in_days(90), end=None))[0]

    assert near.quantity == far.quantity == 125
    assert [fact.value for fact in near.facts if fact.what == "event.demand_change"] == [40.0]
    assert not [fact for fact in far.facts if fact.what == "event.demand_change"]

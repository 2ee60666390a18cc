"""What-if simulation: lost sales on common futures."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from parstock.domain import Clause, PlanningEvent
from parstock.errors import InputError, InsufficientData
from planning.base import Deliveries
from planning.scenario import Change
from planning.what_if import ScenarioResult, simulate_scenario


def run(shop: Any, change: Change, **options: Any) -> ScenarioResult:
    """Simulate the first item of a shop."""
    item = shop.items[0]
    records = item, shop.suppliers[item.supplier], shop.forecast, shop.stock[item.sku], shop.inbound
    return simulate_scenario(*records, shop.clauses, shop.terms, change, **options)


def test_certain_demand_loses_what_the_shelf_lacks(make_shop: Callable[..., Any]) -> None:
    """With 35 on the shelf, 10 a day and 9 days to wait, 55 units are lost and nothing afterwards."""
    result = run(make_shop(1, constant=True), Change(), horizon_days=28)

    assert result.base.line.quantity == 125
    assert result.base.fill_rate == pytest.approx(1 - 55 / 280)
    assert result.base.stockout_probability == 1.0
    assert result.base.lost_margin == pytest.approx(55 * 3.0)


def test_no_change_is_no_difference(make_shop: Callable[..., Any]) -> None:
    """The empty change gives the same outcome twice, and every difference is flat."""
    result = run(make_shop(1), Change())

    assert result.base == result.changed
    assert {fact.direction for fact in result.facts if fact.what.startswith("difference")} == {"flat"}


@pytest.mark.parametrize(
    ("change", "measure", "direction"),
    [
        (Change(demand_pct=30), "quantity", "up"),
        (Change(demand_pct=-40), "quantity", "down"),
        (Change(lead_time_days=20), "quantity", "up"),
        (Change(lead_time_days=20), "fill_rate", "down"),
        (Change(service_level=0.999), "quantity", "up"),
        (Change(unit_cost_pct=10), "total_cost", "up"),
    ],
)
def test_a_change_moves_what_it_should(make_shop: Callable[..., Any], change: Change, measure: str, direction: str) -> None:
    """More demand, slower supply and a higher target order more; slower supply serves less; a dearer item costs more."""
    facts = {fact.what: fact for fact in run(make_shop(1), change).facts}

    assert facts[f"difference.{measure}"].direction == direction
    assert facts[f"difference.{measure}"].value == pytest.approx(
        facts[f"changed.{measure}"].value - facts[f"base.{measure}"].value
    )


def test_a_difference_within_chance_is_called_unclear(make_shop: Callable[..., Any]) -> None:
    """A change so small that two standard errors of the paired difference hide it is said to make no clear difference."""
    facts = [fact for fact in run(make_shop(1, on_hand=140), Change(service_level=0.955)).facts if fact.what.startswith("error.")]
    unclear = [fact.en for fact in facts]

    assert unclear
    assert all("no clear difference" in sentence and "standard error" in sentence for sentence in unclear)


def test_a_clear_difference_is_one_of_more_than_two_standard_errors(make_shop: Callable[..., Any]) -> None:
    """What is told as rising or falling exceeds twice its error; what changes nothing has an error of nothing."""
    result = run(make_shop(1), Change(demand_pct=30))
    for fact in result.facts:
        measure = fact.what.removeprefix("difference.")
        if fact.what.startswith("difference.") and measure in result.errors and fact.direction in ("up", "down"):
            scale = 100 if fact.unit == "percentage points" else 1
            assert abs(float(fact.value)) + 0.5 >= 2 * scale * result.errors[measure]
    assert set(run(make_shop(1), Change()).errors.values()) == {0.0}


def test_a_changed_lead_time_holds_before_what_past_orders_say(make_shop: Callable[..., Any]) -> None:
    """Learned lead times do not hide the planner's what-if."""
    shop = make_shop(1)
    past = Deliveries(np.full(40, "S0"), np.full(40, 9.0), np.ones(40, dtype=np.bool_))
    shop.terms = replace(shop.terms, deliveries=past)
    result = run(shop, Change(lead_time_days=25))

    assert result.base.line.lead_time_days == pytest.approx(9.0, abs=1.5)
    assert result.changed.line.lead_time_days == pytest.approx(25.0)
    assert result.changed.line.quantity > result.base.line.quantity


def test_the_policy_reaches_its_target_in_the_long_run(make_shop: Callable[..., Any]) -> None:
    """Simulated from a full shelf with dependable supply, few days of a year are short at a 95 % cycle target."""
    shop = make_shop(1, on_hand=200)
    result = run(shop, Change(), horizon_days=180)

    assert result.base.fill_rate > 0.98


def test_orders_arriving_within_a_day_are_sold_that_day(make_shop: Callable[..., Any]) -> None:
    """With a lead time of zero the first order serves the first day's demand."""
    shop = make_shop(1, constant=True, on_hand=5)
    shop.suppliers["S0"] = replace(shop.suppliers["S0"], lead_time_days=0.0)

    assert run(shop, Change(), horizon_days=14).base.fill_rate == 1.0


def test_what_cannot_be_simulated_says_so(make_shop: Callable[..., Any]) -> None:
    """An item without a usable forecast is insufficient data; impossible changes are input errors."""
    shop = make_shop(1)
    with pytest.raises(InsufficientData, match="no_recent_demand"):
        run(replace(shop, forecast=replace(shop.forecast, status=("no_recent_demand",))), Change())
    with pytest.raises(InsufficientData, match="no forecast"):
        run(replace(shop, forecast=replace(shop.forecast, items=("other",))), Change())
    with pytest.raises(InputError, match="demand_change_pct"):
        Change(demand_pct=-101)
    with pytest.raises(InputError, match="lead_time_days"):
        Change(lead_time_days=np.nan)
    with pytest.raises(InputError, match="service_level"):
        Change(service_level=1.0)


def test_what_may_not_be_ordered_is_not_ordered_later_either(make_shop: Callable[..., Any]) -> None:
    """Sold off, nothing is bought on any day; on hold for ten days, the review day after them buys again."""
    shop = make_shop(1, constant=True)
    bought = []
    for event in (
        PlanningEvent("discontinue", item="A0", status="confirmed"),
        PlanningEvent("order_hold", item="A0", status="confirmed"),
        PlanningEvent("order_hold", item="A0", status="confirmed", end=shop.terms.as_of + timedelta(days=10)),
        PlanningEvent("order_hold", item="A0", status="confirmed", end=shop.terms.as_of + timedelta(days=2)),
    ):
        shop.terms = replace(shop.terms, events=(event,))
        bought.append(run(shop, Change(demand_pct=10)).base.units_ordered)

    assert bought[:2] == [0.0, 0.0]
    assert bought[3] > bought[2] > 0


def test_a_rule_that_holds_orders_holds_later_ones(make_shop: Callable[..., Any]) -> None:
    """Under an order hold of a policy the simulation buys nothing, and in season only."""
    shop = make_shop(1, constant=True)
    shop.clauses = [Clause("r#1", "order_hold", 1.0, item="A0")]
    assert run(shop, Change()).base.units_ordered == 0
    shop.clauses = [Clause("r#1", "order_hold", 1.0, item="A0", season=("05-01", "06-05"))]
    assert run(shop, Change()).base.units_ordered > 0


def test_later_orders_keep_to_limits_on_cover(make_shop: Callable[..., Any]) -> None:
    """What keeps ten days is never bought for more than ten days."""
    shop = make_shop(1, constant=True, on_hand=5)
    fresh, lasting = shop, make_shop(1, constant=True, on_hand=5)
    fresh.change("A0", shelf_life_days=10)

    assert run(fresh, Change()).base.average_stock <= 100
    assert run(fresh, Change()).base.units_ordered < run(lasting, Change()).base.units_ordered


def test_a_what_if_starts_from_the_plan_of_all_its_suppliers_items(make_shop: Callable[..., Any]) -> None:
    """With a least order value, today's order is the one of the whole plan, and the others count in what is broken."""
    shop = make_shop(3)
    shop.clauses = [Clause("r#1", "min_order_value", 700.0, supplier="S0")]
    companions = [(shop.items[2], shop.stock["A2"])]
    planned = shop.plan().lines[0].quantity
    result = run(shop, Change(demand_pct=10), companions=companions)
    forced = run(shop, Change(order_quantity=10), companions=companions)
    alone = run(shop, Change(order_quantity=10))

    assert result.base.line.quantity == planned != alone.base.line.quantity
    assert "With the other orders" in next(f.en for f in forced.facts if f.what == "breach.min_order_value")
    assert "By itself" in next(f.en for f in alone.facts if f.what == "breach.min_order_value")

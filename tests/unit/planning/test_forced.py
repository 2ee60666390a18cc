"""A planner's own number beside ours: what differs, which rules it breaks, what a binding rule is worth."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from parstock.domain import Clause, PlanningEvent
from parstock.errors import InputError
from parstock.results import Fact
from planning.scenario import Change
from planning.what_if import ScenarioResult, simulate_scenario

Maker = Callable[..., Any]


def force(shop: Any, quantity: int | None, **other: Any) -> ScenarioResult:
    """Order so many of the first item instead of what is recommended."""
    item = shop.items[0]
    records = item, shop.suppliers[item.supplier], shop.forecast, shop.stock[item.sku], shop.inbound
    return simulate_scenario(*records, shop.clauses, shop.terms, Change(order_quantity=quantity, **other))


def fact(result: ScenarioResult, what: str) -> Fact:
    """The first fact of a kind."""
    return next(fact for fact in result.facts if fact.what == what)


def rules(result: ScenarioResult) -> list[str]:
    """The rules broken."""
    return [breach.rule for breach in result.breaches]


def test_more_than_needed_ties_up_money_and_costs_more(make_shop: Maker) -> None:
    """500 instead of some 185: the money is the extra units at cost, cover is longer, and the total cost is higher for sure."""
    shop = make_shop(1)
    shop.terms = replace(shop.terms, order_cost=0.0)
    result = force(shop, 500)
    ours = result.base.line.quantity

    assert result.changed.line.quantity == 500
    assert fact(result, "difference.tied_up").value == pytest.approx((500 - ours) * 2.0)
    assert fact(result, "changed.cover").value > fact(result, "base.cover").value  # type: ignore[operator]
    assert fact(result, "difference.total_cost").direction == "up"
    assert fact(result, "changed.quantity").required
    assert rules(result) == []


def test_a_large_order_costs_its_holding_until_it_is_sold(make_shop: Maker) -> None:
    """3,000 more at ten a day: held for the 22.5 days until an order would be due, and 150 on average after that."""
    shop = make_shop(1, constant=True, on_hand=200)
    shop.suppliers["S0"] = replace(shop.suppliers["S0"], lead_time_days=0.0)
    some, many = force(shop, 100), force(shop, 3_100)

    extra = many.changed.holding_cost - some.changed.holding_cost
    assert some.base.line.order_up_to == 70
    assert extra == pytest.approx(3000 * (22.5 + 150) * 2.0 * 0.25 / 365, rel=0.03)
    assert many.changed.goods_cost == some.changed.goods_cost


def test_less_than_needed_misses_the_target(make_shop: Maker) -> None:
    """Half of what is needed is short of the level aimed at, and that is said with the clause that sets it."""
    shop = make_shop(1, on_hand=200)
    shop.clauses = [Clause("levels#1", "service_level", 0.98, text="98 %")]
    ours = force(shop, None, demand_pct=1.0).base.line.quantity
    assert ours == 0
    shop = replace(make_shop(1, on_hand=60), clauses=shop.clauses)
    result = force(shop, 20)

    short = fact(result, "changed.cycle_service")
    assert (short.direction, short.required, short.source) == ("short", True, "levels#1")
    assert result.changed.later_stockout_probability > result.base.later_stockout_probability


@pytest.mark.parametrize(
    ("quantity", "terms", "clause", "broken"),
    [
        (20, {"min_order_quantity": 48}, None, ["min_order_quantity"]),
        (50, {"pack_size": 12}, None, ["pack_size"]),
        (5, {"min_order_quantity": 24, "pack_size": 12}, None, ["min_order_quantity", "pack_size"]),
        (400, {}, Clause("excess#1", "max_days_of_cover", 30.0), ["max_days_of_cover"]),
        (400, {"shelf_life_days": 20}, Clause("excess#1", "max_days_of_cover", 30.0), ["max_days_of_cover"]),
        (400, {}, Clause("limits#1", "approval_limit", 500.0), ["approval_limit"]),
        (20, {}, Clause("least#1", "min_order_value", 100.0), ["min_order_value"]),
        (20, {}, Clause("hold#1", "order_hold", 0.0), ["order_hold"]),
        (20, {"active": False}, None, ["order_hold"]),
        (0, {"min_order_quantity": 48}, Clause("hold#1", "order_hold", 0.0), []),
        (120, {"min_order_quantity": 48, "pack_size": 12}, Clause("limits#1", "approval_limit", 500.0), []),
    ],
)
def test_each_rule_that_a_number_breaks_is_named(
    make_shop: Maker, quantity: int, terms: dict[str, Any], clause: Clause | None, broken: list[str]
) -> None:
    """Terms of the item and clauses are checked, each breach is a required fact with its source, and none means none."""
    shop = make_shop(1)
    shop.change("A0", **terms)
    shop.clauses = [clause] if clause else []
    result = force(shop, quantity)

    assert rules(result) == broken
    told = {found.what: found for found in result.facts if found.what.startswith("breach.")}
    for breach in result.breaches:
        assert told[f"breach.{breach.rule}"].required
        assert told[f"breach.{breach.rule}"].source == breach.source
        assert clause is None or breach.source in (clause.id, "item:A0")
    assert ("breach.none" in told) == (not broken and quantity > 0)


def test_the_recommended_number_is_called_so(make_shop: Maker) -> None:
    """Forcing what is recommended anyway changes nothing."""
    shop = make_shop(1)
    ours = force(shop, 1).base.line.quantity
    result = force(shop, ours)

    assert "is what is recommended" in result.facts[0].en
    assert replace(result.changed, line=result.base.line) == result.base


def test_the_other_changes_hold_for_the_planners_number_too(make_shop: Maker) -> None:
    """What if demand rises and I order 300: the order is forced, demand is scaled."""
    result = force(make_shop(1), 300, demand_pct=50.0)

    assert result.changed.line.quantity == 300
    assert result.changed.goods_cost == pytest.approx(1.5 * result.base.goods_cost, rel=1e-5)
    assert result.facts[0].en.startswith("If demand rises by 50% and 300 units of Mug A0 are ordered instead of")


@pytest.mark.parametrize(
    ("terms", "clause", "what", "step"),
    [
        ({"min_order_quantity": 400}, None, "binding.min_order_quantity", 1),
        ({"min_order_quantity": 400, "pack_size": 20}, None, "binding.min_order_quantity", 20),
        ({"pack_size": 250}, None, "binding.pack_size", None),
        ({}, Clause("excess#1", "max_days_of_cover", 10.0), "binding.max_days_of_cover", 1),
        ({}, Clause("least#1", "min_order_value", 900.0), "binding.min_order_value", None),
    ],
)
def test_the_binding_rule_and_what_it_is_worth(
    make_shop: Maker, terms: dict[str, Any], clause: Clause | None, what: str, step: int | None
) -> None:
    """The rule that shapes our order is named, with what a step beyond it saves or costs: the difference of two simulations."""
    shop = make_shop(1)
    shop.change("A0", **terms)
    shop.clauses = [clause] if clause else []
    result = force(shop, 100)

    assert fact(result, what).source == (clause.id if clause else "item:A0")
    units = int(fact(result, "binding.step").value)
    assert step in (None, units)
    sign = 1 if what == "binding.max_days_of_cover" else -1
    other = force(shop, result.base.line.quantity + sign * units)
    worth = abs(other.changed.total_cost - result.base.total_cost)
    assert fact(result, "binding.worth").value == pytest.approx(worth, abs=0.011)


def test_an_unshaped_order_names_no_binding_rule(make_shop: Maker) -> None:
    """Where nothing rounds or cuts the order, no rule is said to bind."""
    assert not any(found.what.startswith("binding.") for found in force(make_shop(1), 100).facts)


@pytest.mark.parametrize("quantity", [-1, 10**9])
def test_impossible_quantities_are_refused(quantity: int) -> None:
    """Negative and absurd orders are input errors of that argument."""
    with pytest.raises(InputError) as caught:
        Change(order_quantity=quantity)
    assert caught.value.field == "order_quantity"


def test_a_confirmed_stop_is_named_with_its_note(make_shop: Maker) -> None:
    """A quantity of what is sold off breaks the stop, in the plan's words and with the note that says so."""
    shop = make_shop(1)
    event = PlanningEvent("discontinue", item="A0", status="confirmed", note="note-4")
    shop.terms = replace(shop.terms, events=(event,))
    breach = fact(force(shop, 50), "breach.order_hold")

    assert (breach.value, breach.source) == ("note-4", "note-4")
    assert "it is sold off and not reordered [note-4]" in breach.en

"""Plans of a small shop: the arithmetic, the clauses, the limits, and what is said about them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from parstock.domain import Clause, ClauseKind, InboundOrder, Item, StockPosition, Supplier
from parstock.errors import InputError
from parstock.results import PlanLine

Maker = Callable[..., Any]


def said(line: PlanLine, what: str) -> Any:
    """Value of the fact of that kind."""
    return next(fact.value for fact in line.facts if fact.what == what)


def test_certain_demand_gives_the_arithmetic_by_hand(make_shop: Maker) -> None:
    """With 10 a day for certain, lead time 9 and review 7: cover 160, have 35, order 125, reorder point 90, no safety stock."""
    line = make_shop(1, constant=True).plan().lines[0]

    assert (line.order_up_to, line.reorder_point, line.safety_stock, line.expected_lead_time_demand) == (160, 90, 0, 160)
    assert (line.quantity, line.cost, line.days_of_cover, line.binding) == (125, 250.0, 3.5, "")
    assert line.order_by == make_shop().terms.as_of


def test_enough_stock_orders_nothing_and_names_the_day(make_shop: Maker) -> None:
    """A position above the order-up-to level orders nothing; order-by is the day the position meets the reorder point."""
    shop = make_shop(1, constant=True, on_hand=215)
    line = shop.plan().lines[0]

    assert (line.quantity, line.binding) == (0, "no_need")
    assert line.order_by == shop.terms.as_of + timedelta(days=12)  # (210 - 90) / 10


@pytest.mark.parametrize(("due", "quantity"), [(0, 65), (9, 65), (12, 85), (15, 115), (16, 125), (70, 125)])
def test_stock_on_order_counts_from_the_day_it_comes(make_shop: Maker, due: int, quantity: int) -> None:
    """With 10 a day, an order today to last from day 9 to 16 is 125; 60 on order save only what is sold after they come.

    Due by day 9 they save all 60. Due on day 12, the 120 sold by then have to be there without them. What comes in ten weeks
    is no stock for these two.
    """
    shop = make_shop(1, constant=True)
    shop.stock["A0"] = replace(shop.stock["A0"], on_order=60)
    today = shop.terms.as_of
    shop.inbound = [InboundOrder("P1", "A0", "", "S0", 60, today, today + timedelta(days=due))]
    line = shop.plan().lines[0]

    assert line.quantity == quantity
    assert due < 16 or said(line, "stock.on_order_late") == 60


def test_stock_on_order_cannot_serve_demand_before_it_comes(make_shop: Maker) -> None:
    """The fill rate counts the days before the order arrives, even though the order covers the cycle."""
    line = make_shop(1, constant=True).plan().lines[0]

    assert line.expected_cycle_service == 1.0
    assert line.expected_fill_rate == pytest.approx((35 + 70) / 160, abs=1e-4)
    assert said(line, "early_stockout") == 100.0


def test_lead_time_spread_raises_safety_stock(make_shop: Maker) -> None:
    """The same demand with an unreliable supplier needs more safety stock."""
    shop = make_shop(1, constant=True)
    steady = shop.plan().lines[0]
    shop.suppliers["S0"] = Supplier("S0", "Yiwu Bright", 9.0, 4.0)

    assert shop.plan().lines[0].safety_stock > steady.safety_stock + 20


def test_the_most_specific_service_level_holds(make_shop: Maker) -> None:
    """Item before supplier before category with season before category before all; the caller before every clause."""
    shop = make_shop(1)
    levels = [
        Clause("sl#1", "service_level", 0.90),
        Clause("sl#2", "service_level", 0.91, category="Kitchen"),
        Clause("sl#3", "service_level", 0.92, category="kitchen", season=("05-01", "07-31")),
        Clause("sl#4", "service_level", 0.93, supplier="yiwu bright"),
        Clause("sl#5", "service_level", 0.94, item="a0"),
    ]
    chosen = []
    for count in range(len(levels) + 1):
        shop.clauses = levels[:count]
        line = shop.plan().lines[0]
        chosen.append((line.service_level, line.clauses))
    asked = shop.plan(service_level=0.99).lines[0]

    assert chosen == [(0.95, ())] + [(clause.value, (clause.id,)) for clause in levels]
    assert (asked.service_level, asked.clauses) == (0.99, ())


def test_a_clause_out_of_season_does_not_bind(make_shop: Maker) -> None:
    """In June a winter clause changes nothing and is not cited."""
    shop = make_shop(1)
    shop.clauses = [Clause("sl#1", "service_level", 0.5, season=("11-01", "01-15"))]

    assert shop.plan().lines[0].clauses == ()


@pytest.mark.parametrize(
    ("season", "kind", "binds"),
    [
        (("06-11", "06-11"), "service_level", True),  # an order placed on 2 June arrives nine days later
        (("06-02", "06-10"), "service_level", False),
        (("06-11", "06-11"), "order_hold", False),
        (("06-02", "06-02"), "order_hold", True),
    ],
)
def test_a_season_means_the_goods_or_the_ordering(
    make_shop: Maker, season: tuple[str, str], kind: ClauseKind, binds: bool
) -> None:
    """A level holds for what arrives in the season, a hold for what is ordered in it."""
    shop = make_shop(1)
    shop.clauses = [Clause("spring#1", kind, 0.9 if kind == "service_level" else 0.0, season=season)]

    assert shop.plan().lines[0].clauses == (("spring#1",) if binds else ())


def test_a_season_to_the_end_of_february_includes_the_leap_day() -> None:
    """Who writes 28 February as the last day means the end of the month, in a leap year too."""
    winter = Clause("w#1", "order_hold", 0.0, season=("12-01", "02-28"))

    assert winter.in_season(date(2024, 2, 29))
    assert not winter.in_season(date(2024, 3, 1))


def test_minimum_order_and_packs_round_up(make_shop: Maker) -> None:
    """A need of 125 becomes 132 in dozens, and 204 where at least 200 must be bought."""
    shop = make_shop(1, constant=True)
    shop.change("A0", pack_size=12)
    packs = shop.plan().lines[0]
    shop.change("A0", min_order_quantity=200)
    minimum = shop.plan().lines[0]

    assert (packs.quantity, packs.binding) == (132, "pack_size")
    assert (minimum.quantity, minimum.binding) == (204, "min_order_quantity")


def test_cover_limit_cuts_to_packs_and_is_cited(make_shop: Maker) -> None:
    """A limit of 14 days of cover leaves room for 105 units: 96 in dozens."""
    shop = make_shop(1, constant=True)
    shop.change("A0", pack_size=12)
    shop.clauses = [Clause("fresh#2", "max_days_of_cover", 14.0, category="kitchen")]
    line = shop.plan().lines[0]

    assert (line.quantity, line.binding, line.clauses) == (96, "max_days_of_cover", ("fresh#2",))


def test_a_minimum_order_that_breaks_the_cover_limit_is_named(make_shop: Maker) -> None:
    """Where not even one minimum order fits under the limit nothing is ordered and both numbers are said."""
    shop = make_shop(1, constant=True)
    shop.change("A0", min_order_quantity=150, pack_size=100, shelf_life_days=10)
    line = shop.plan().lines[0]
    sentence = next(fact.en for fact in line.facts if fact.what == "binding")

    assert (line.quantity, line.binding, line.clauses) == (0, "max_days_of_cover", ())
    assert "200 units" in sentence
    assert "shelf life of 10 days" in sentence


def test_approval_is_flagged_and_nothing_cut(make_shop: Maker) -> None:
    """An order above the approval limit keeps its quantity and says that it needs approval."""
    shop = make_shop(1, constant=True)
    shop.clauses = [Clause("buy#3", "approval_limit", 200.0), Clause("buy#4", "approval_limit", 300.0)]
    line = shop.plan().lines[0]

    assert (line.quantity, line.binding, line.clauses) == (125, "approval_limit", ("buy#3",))
    assert said(line, "approval_limit") == 200.0


def test_orders_are_raised_to_a_suppliers_least_value(make_shop: Maker) -> None:
    """Two orders of 250 each become just more than 501 in all, and the line that grew cites the clause; 500 changes nothing."""
    shop = make_shop(3, constant=True)
    untouched = shop.plan().lines
    shop.clauses = [Clause("buy#5", "min_order_value", 501.0, supplier="S0")]
    raised = shop.plan().lines
    (grown,) = (line for line in raised if line.binding == "min_order_value")
    shop.clauses = [Clause("buy#5", "min_order_value", 500.0, supplier="S0")]

    assert [line.quantity for line in raised] in ([126, 125, 125], [125, 125, 126])
    assert (grown.clauses, said(grown, "min_order_value"), said(grown, "needed")) == (("buy#5",), 501.0, 125)
    assert raised[1] == untouched[1]
    assert shop.plan().lines == untouched


def test_a_supplier_is_left_out_where_its_least_value_is_not_worth_it(make_shop: Maker) -> None:
    """An order of 8 is not raised to 2,000; the line says what was wanted, and the other supplier's keeps its order."""
    shop = make_shop(2, constant=True)
    shop.change("A0", unit_price=2.01)
    shop.stock["A0"] = replace(shop.stock["A0"], on_hand=161)
    before = shop.plan().lines
    shop.clauses = [Clause("buy#5", "min_order_value", 2000.0, supplier="S0")]
    plan = shop.plan()
    line = plan.lines[0]

    assert (before[0].quantity, line.quantity, line.binding, line.clauses) == (4, 0, "min_order_value", ("buy#5",))
    assert said(line, "supplier_total") == 8.0
    assert plan.lines[1] == before[1]


def test_a_least_value_out_of_reach_is_a_conflict_with_its_way_out(make_shop: Maker) -> None:
    """Where a limit on cover keeps all that may be ordered below the supplier's least value, the value that would do is named."""
    shop = make_shop(1, constant=True)
    shop.clauses = [
        Clause("buy#5", "min_order_value", 5000.0),
        Clause("fresh#1", "max_days_of_cover", 20.0),
    ]
    plan = shop.plan()

    assert plan.lines[0].quantity == 0
    assert [(c.constraints, c.about, c.relax, c.to) for c in plan.conflicts] == [
        (("min_order_value", "max_days_of_cover"), "S0", "min_order_value", 330.0)
    ]
    assert any("GBP 330.00" in fact.en and "GBP 330.00" in fact.zh for fact in plan.facts)


def test_holds_and_discontinued_items_order_nothing(make_shop: Maker) -> None:
    """An order hold stops the order and is cited; an item that is no longer bought is not ordered."""
    shop = make_shop(2, constant=True)
    shop.clauses = [Clause("hold#1", "order_hold", 1.0, item="A0")]
    shop.change("A1", active=False)
    held, inactive = shop.plan().lines

    assert (held.quantity, held.binding, held.clauses) == (0, "order_hold", ("hold#1",))
    assert (inactive.quantity, inactive.binding, inactive.clauses) == (0, "order_hold", ())


def test_the_budget_goes_where_it_avoids_most_cost(make_shop: Maker) -> None:
    """Of two equal items the one with the larger margin gets more of the money, and no more than there is is spent."""
    shop = make_shop(2)
    shop.change("A0", unit_price=2.5, supplier="S1")
    shop.change("A1", unit_price=9.0)
    free = shop.plan()
    plan = shop.plan(budget=free.lines[1].cost + 1.0)

    assert plan.total_cost <= plan.budget
    assert plan.lines[1].quantity > 0.9 * free.lines[1].quantity > plan.lines[0].quantity
    assert {line.binding for line in plan.lines} == {"budget"}


def test_missing_records_are_a_status_and_not_a_guess(make_shop: Maker) -> None:
    """Items without forecast, stock record or supplier order nothing and say why; the others are planned."""
    shop = make_shop(5, constant=True)
    shop.forecast = replace(shop.forecast, status=("ok", "insufficient_data", "no_recent_demand", "ok", "ok"))
    del shop.stock["A3"]
    shop.change("A4", supplier="nobody")
    shop.items.append(Item("Z9", "New", "kitchen", "S0", 1.0, 2.0))
    plan = shop.plan()

    assert [line.item for line in plan.lines] == [item.sku for item in shop.items]
    assert [line.quantity > 0 for line in plan.lines] == [True] + [False] * 5
    assert {line.binding for line in plan.lines[1:]} == {"insufficient_data"}
    assert plan.lines[2].status == "no_recent_demand"
    assert all(len(line.facts) == 1 and line.facts[0].required for line in plan.lines[1:])


def test_nothing_to_plan_is_an_empty_plan(make_shop: Maker) -> None:
    """No items give a plan without lines, within any budget."""
    shop = make_shop(1)
    shop.items = []

    assert shop.plan(budget=0.0).lines == ()


def test_no_demand_needs_no_order_and_no_date(make_shop: Maker) -> None:
    """An item with zero demand has no days of cover and no order-by date."""
    line = make_shop(1, constant=True, rate=0.0).plan().lines[0]

    assert (line.quantity, line.days_of_cover, line.order_by, line.expected_fill_rate) == (0, None, None, 1.0)


def test_days_to_cover_replace_lead_time_and_review(make_shop: Maker) -> None:
    """Asked to last 42 days, the order raises the position to 42 days of demand, past the forecast's horizon."""
    assert make_shop(1, constant=True).plan(horizon_days=42).lines[0].order_up_to == 420


@pytest.mark.parametrize(("policy", "expected"), [("base_stock", 125), ("reorder_point", 90 + 605 - 35), ("newsvendor", 125)])
def test_the_policy_is_chosen_by_name(make_shop: Maker, policy: str, expected: int) -> None:
    """Each registered policy can plan; (s, Q) adds the economic quantity to the reorder point."""
    shop = make_shop(1, constant=True)
    shop.terms = replace(shop.terms, policy=policy)

    assert shop.plan().lines[0].quantity == expected


@pytest.mark.parametrize(
    ("spoil", "options", "field"),
    [
        ({}, {"budget": -1.0}, "budget"),
        ({}, {"budget": float("nan")}, "budget"),
        ({}, {"service_level": 1.0}, "service_level"),
        ({}, {"service_level": 0.0}, "service_level"),
        ({}, {"horizon_days": 0}, "horizon_days"),
        ({"unit_cost": -2.0}, {}, "unit_cost"),
        ({"unit_cost": float("nan")}, {}, "unit_cost"),
        ({"pack_size": 0}, {}, "pack_size"),
        ({"min_order_quantity": -5}, {}, "min_order_quantity"),
    ],
)
def test_nonsense_is_refused_by_name(make_shop: Maker, spoil: dict[str, Any], options: dict[str, Any], field: str) -> None:
    """Impossible numbers are an input error that names the field and the value."""
    shop = make_shop(1)
    shop.change("A0", **spoil)
    with pytest.raises(InputError, match=field) as error:
        shop.plan(**options)

    assert error.value.field == field


def test_nonsense_in_records_terms_and_clauses_is_refused(make_shop: Maker) -> None:
    """A NaN forecast, a negative lead time, an impossible clause, a stale forecast and bad terms are refused."""
    shop = make_shop(1)
    with pytest.raises(InputError, match="strictly between 0 and 1"):
        replace(shop.terms, service_level=1.5)
    for name, value in (
        ("suppliers", {"S0": Supplier("S0", "X", -1.0, 0.0)}),
        ("clauses", [Clause("sl#1", "service_level", 95.0)]),
        ("forecast", replace(shop.forecast, paths=np.full_like(shop.forecast.paths, np.nan))),
        ("terms", replace(shop.terms, as_of=shop.terms.as_of + timedelta(days=1))),
        ("terms", replace(shop.terms, policy="magic")),
    ):
        with pytest.raises(InputError):
            replace(shop, **{name: value}).plan()


def test_shown_numbers_add_up(make_shop: Maker) -> None:
    """Position, reorder point and need equal the sums of the numbers in their own sentences, in both languages."""
    shop = make_shop(8, on_hand=57)
    shop.stock["A1"] = StockPosition("A1", "", 20, 33, 40, shop.terms.as_of)
    for line in shop.plan().lines:
        facts = {fact.what: fact for fact in line.facts}
        for lang in ("en", "zh"):
            shown = {what: getattr(fact, lang) for what, fact in facts.items()}
            hand, held, coming = (facts[f"stock.{what}"].value for what in ("on_hand", "reserved", "on_order"))
            assert hand - held + coming == facts["stock.position"].value
            for value in (hand, *(value for value in (held, coming) if value)):
                assert f"{value:,}" in shown["stock.position"]
            parts = facts["lead_time_demand"].value, facts["safety_stock"].value
            assert sum(parts) == facts["reorder_point"].value
            assert all(f"{abs(part):,}" in shown["reorder_point"] for part in parts)
            if "need" in facts:
                assert facts["order_up_to"].value - facts["stock.position"].value == facts["need"].value
                assert f"{facts['need'].value:,}" in shown["need"]
                assert f"{facts['order_up_to'].value:,}" in shown["need"]


def test_every_value_stands_in_its_sentences(make_shop: Maker) -> None:
    """A number that a fact carries is written in its English and its Chinese sentence; nothing and none are zero."""
    shop = make_shop(3)
    shop.clauses = [Clause("a#1", "approval_limit", 100.0), Clause("c#1", "max_days_of_cover", 12.0)]
    facts = [fact for line in shop.plan().lines for fact in line.facts if not isinstance(fact.value, str) and fact.value]

    for fact in facts:
        exact = f"{abs(float(fact.value)):,.2f}".rstrip("0").rstrip(".")
        ways = {exact, f"{abs(float(fact.value)):,.1f}".rstrip("0").rstrip(".")}
        assert any(way in fact.en for way in ways), fact
        assert any(way in fact.zh for way in ways), fact


def test_facts_can_be_left_out(make_shop: Maker) -> None:
    """A plan for machines alone carries no sentences and the same numbers."""
    shop = make_shop(3)

    assert [replace(line, facts=()) for line in shop.plan().lines] == list(shop.plan(facts=False).lines)

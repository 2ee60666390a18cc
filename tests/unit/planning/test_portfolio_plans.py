"""Whole-shop plans: what is shared out, what is proven about it, and what cannot be had together."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from parstock.domain import Clause
from parstock.errors import InputError, ToolFailed
from parstock.results import Plan
from planning.base import PlanTerms
from planning.certificate import certify
from planning.decide import Decided, decide, expect
from planning.rules import Rules
from planning.situation import gather

Maker = Callable[..., Any]


def told(plan: Plan, what: str) -> str:
    """English sentence of the plan's fact of that kind."""
    return next(fact.en for fact in plan.facts if fact.what == what)


def test_a_plan_that_nothing_couples_is_proven_as_it_is(make_shop: Maker) -> None:
    """The certificate of the policy's own orders has no gap, no price, and the cost that both ways of computing give."""
    proof = make_shop(4).plan().certificate

    assert proof is not None
    assert proof.gap == pytest.approx(0.0, abs=1e-4)
    assert proof.recomputed_cost == pytest.approx(proof.expected_cost)
    assert (proof.budget_price, "budget" in proof.binding) == (None, False)


def test_a_budget_that_suffices_changes_nothing_and_is_worth_nothing(make_shop: Maker) -> None:
    """With as much money as the plan takes, every line stays and more money would save nothing."""
    shop = make_shop(4)
    free = shop.plan()
    same = shop.plan(budget=free.total_cost)

    assert same.lines == free.lines
    assert same.certificate is not None
    assert same.certificate.budget_price == 0.0
    assert "would save nothing" in told(same, "budget.price")


def test_the_price_of_the_budget_is_what_more_money_saves(make_shop: Maker) -> None:
    """Twenty more pounds lower the expected cost by about twenty times the price; the certificate closes and is told."""
    shop = make_shop(4)
    budget = 0.5 * shop.plan().total_cost
    plan, richer = shop.plan(budget=budget), shop.plan(budget=budget + 20)
    proof, after = plan.certificate, richer.certificate

    assert proof is not None
    assert after is not None
    assert plan.total_cost <= budget
    assert proof.gap_share < 0.005
    assert proof.recomputed_cost - after.recomputed_cost == pytest.approx(20 * (proof.budget_price or 0.0), rel=0.35)
    assert "budget" in proof.binding
    assert "at most" in told(plan, "certificate.expected_cost")


def test_room_is_shared_out_like_money(make_shop: Maker) -> None:
    """With room for half of the units the plan keeps to it and says so; stock and orders on the way take their place."""
    shop = make_shop(3)
    there = 3 * 40
    wanted = sum(line.quantity for line in shop.plan().lines)
    plan = shop.plan(capacity=there + wanted // 2)

    assert sum(line.quantity for line in plan.lines) <= wanted // 2
    assert {line.binding for line in plan.lines if line.binding == "capacity"} == {"capacity"}
    assert any("room" in fact.en for line in plan.lines for fact in line.facts)
    assert [(c.constraints, c.to) for c in plan.conflicts] == [(("capacity", "service_level"), float(there + wanted))]


def test_less_room_than_is_taken_is_refused(make_shop: Maker) -> None:
    """A capacity below what is there already is an error that names it and the least that would do."""
    with pytest.raises(InputError, match="at least 120") as caught:
        make_shop(3).plan(capacity=100.0)
    assert caught.value.field == "capacity"


def test_a_budget_for_no_order_names_the_cheapest_way_out(make_shop: Maker) -> None:
    """Where the smallest order costs 48 and there are 20, both are said, in both languages."""
    shop = make_shop(2, constant=True)
    shop.change("A0", min_order_quantity=24)
    shop.change("A1", min_order_quantity=60)
    plan = shop.plan(budget=20.0)
    (clash,) = plan.conflicts

    assert (clash.constraints, clash.about, clash.relax, clash.to) == (("budget", "min_order_quantity"), "A0", "budget", 48.0)
    assert all("GBP 48.00" in text and "GBP 20.00" in text for fact in plan.facts[-1:] for text in (fact.en, fact.zh))


def test_a_suppliers_least_value_above_the_budget_is_a_conflict(make_shop: Maker) -> None:
    """A supplier that takes no order below 200 is left out of a plan of 150, which goes to the other one."""
    shop = make_shop(2, constant=True)
    shop.clauses = [Clause("buy#1", "min_order_value", 200.0, supplier="S0")]
    plan = shop.plan(budget=150.0)

    assert [line.quantity > 0 for line in plan.lines] == [False, True]
    assert [(c.constraints, c.about, c.to) for c in plan.conflicts] == [
        (("budget", "service_level"), "", 250.0 + 2.0 * shop.plan().lines[1].quantity),
        (("budget", "min_order_value"), "S0", 200.0),
    ]


def test_a_minimum_above_the_cover_limit_names_the_limit_that_would_do(make_shop: Maker) -> None:
    """With 10 a day, 35 there and a minimum of 200, a limit of 23.5 days would do."""
    shop = make_shop(1, constant=True)
    shop.change("A0", min_order_quantity=200)
    shop.clauses = [Clause("fresh#1", "max_days_of_cover", 20.0)]
    (clash,) = shop.plan().conflicts

    assert (clash.about, clash.relax, clash.to) == ("A0", "max_days_of_cover", 23.5)


def decided(shop: Any) -> Decided:
    """The shop as planned, as arrays."""
    now = gather(shop.items, shop.suppliers, shop.forecast, shop.stock, shop.inbound, shop.terms)
    rules = Rules.of(shop.clauses, now.items, now.suppliers, shop.terms)
    decision = decide(now, rules, shop.terms)
    return Decided(now, rules, decision, expect(now, decision.quantity, shop.terms), shop.terms, level_asked=False)


@pytest.mark.parametrize(
    ("units", "broken"),
    [(-1.0, "non-negativity"), (7.0, "pack_size"), (5.0, "min_order_quantity"), (1000.0, "max_days_of_cover")],
)
def test_a_plan_that_breaks_a_limit_is_not_handed_out(make_shop: Maker, units: float, broken: str) -> None:
    """Whatever the optimizer did, quantities that break a term are refused by name."""
    shop = make_shop(1, constant=True)
    shop.change("A0", pack_size=5, min_order_quantity=10)
    shop.clauses = [Clause("fresh#1", "max_days_of_cover", 20.0)]
    plan = decided(shop)
    spoilt = replace(plan, decision=replace(plan.decision, quantity=np.array([units])))

    certify(plan, budget=None, capacity=None)
    with pytest.raises(ToolFailed, match=broken):
        certify(spoilt, budget=None, capacity=None)


def test_every_value_stands_in_the_plans_sentences(make_shop: Maker) -> None:
    """A number that a fact of the plan carries is written in its English and its Chinese sentence."""
    shop = make_shop(4)
    shop.clauses = [Clause("buy#1", "min_order_value", 5000.0, supplier="S1"), Clause("fresh#1", "max_days_of_cover", 30.0)]
    plans = [shop.plan(), shop.plan(budget=200.0), shop.plan(budget=1.0)]

    for fact in (fact for plan in plans for fact in plan.facts if fact.value):
        exact = f"{float(fact.value):,.2f}"
        assert exact in fact.en or exact.rstrip("0").rstrip(".") in fact.en, fact
        assert exact in fact.zh or exact.rstrip("0").rstrip(".") in fact.zh, fact


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        ({"service_level": 1.0}, "service_level"),
        ({"service_level": float("nan")}, "service_level"),
        ({"review_days": 0}, "review_days"),
        ({"holding_rate": -0.1}, "holding_rate"),
        ({"order_cost": float("inf")}, "order_cost"),
    ],
)
def test_impossible_terms_are_refused_by_name(spoil: dict[str, Any], field: str) -> None:
    """A target of 1, no time between orders, or a negative or endless cost is an error that names the field."""
    with pytest.raises(InputError, match=field) as caught:
        PlanTerms(**{"as_of": None, **spoil})
    assert caught.value.field == field


def test_a_forecast_without_days_is_refused(make_shop: Maker) -> None:
    """Demand that is empty is an error that names the forecast, not a plan of nothing."""
    shop = make_shop(1)
    shop.forecast = replace(shop.forecast, paths=shop.forecast.paths[:, :, :0])
    with pytest.raises(InputError, match="forecast") as caught:
        shop.plan()
    assert caught.value.field == "forecast"


@pytest.mark.parametrize("share", [0.15, 0.4, 0.65, 0.9])
@pytest.mark.parametrize("least", [0.0, 150.0])
def test_small_shops_have_the_best_plan_and_the_proof_of_it(make_shop: Maker, share: float, least: float) -> None:
    """Against every combination of whole packs: none within budget and least order value costs less, and the gap is none."""
    shop = make_shop(3)
    for sku, pack in (("A0", 24), ("A1", 60), ("A2", 36)):
        shop.change(sku, pack_size=pack, min_order_quantity=pack)
    if least:
        shop.clauses = [Clause("buy#1", "min_order_value", least, supplier="S0")]
    free = decided(shop)
    budget = share * float(free.decision.alone @ free.now.unit_cost)
    plan = shop.plan(budget=budget)
    curves, cost = free.decision.shared.curves, free.now.unit_cost
    choices = [np.arange(0, most + 1, pack) for most, pack in zip(free.decision.alone, free.now.pack, strict=True)]
    fitting = []
    for units in product(*choices):
        spent = np.array(units) * cost
        if spent.sum() <= budget and (spent[0] + spent[2] == 0 or spent[0] + spent[2] >= least):
            fitting.append(float(curves.cost(np.array(units)[:, None]).sum()))

    assert plan.certificate is not None
    assert plan.certificate.recomputed_cost == pytest.approx(min(fitting), abs=1e-3)
    assert plan.certificate.gap_share < 1e-3


def test_a_least_value_out_of_reach_is_said_to_be(make_shop: Maker) -> None:
    """Where limits on cover keep the orders below the least value, the line says how far they go, not that it would not pay."""
    shop = make_shop(1, constant=True)
    shop.clauses = [Clause("buy#1", "min_order_value", 9000.0, supplier="S0"), Clause("c#1", "max_days_of_cover", 30.0)]
    (line,) = shop.plan().lines
    fact = next(fact for fact in line.facts if fact.what == "supplier_most")

    assert (line.quantity, line.binding) == (0, "min_order_value")
    assert fact.value == 2.0 * (30 * 10 - 35)
    assert "is below its least order value of GBP 9,000.00" in fact.en

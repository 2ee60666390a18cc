"""Invariants of planning on random shops."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parstock.domain import Clause, Forecast, InboundOrder, Item, StockPosition, Supplier
from parstock.results import Plan
from planning.base import PlanTerms
from planning.policies.newsvendor import newsvendor_empirical, newsvendor_normal
from planning.replenish import plan_replenishment

TODAY = date(2025, 6, 2)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
POLICIES = st.sampled_from(["base_stock", "reorder_point", "newsvendor"])


@st.composite
def shops(draw: st.DrawFn) -> tuple[Any, ...]:
    """Arguments of `plan_replenishment` for up to five items with odd terms."""
    count = draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    codes = tuple(f"A{n}" for n in range(count))
    rates = np.array(draw(st.lists(st.floats(0, 30), min_size=count, max_size=count)))
    paths = rng.poisson(rates[:, None, None], size=(count, 40, 10)).astype(np.float32)
    cost = st.floats(0.01, 80).map(lambda value: round(value, 2))
    items = [
        Item(
            code,
            code,
            draw(st.sampled_from(["cups", "lamps"])),
            draw(st.sampled_from(["S0", "S1"])),
            unit_cost=draw(cost),
            unit_price=draw(cost),
            min_order_quantity=draw(st.integers(0, 120)),
            pack_size=draw(st.integers(1, 24)),
            shelf_life_days=draw(st.none() | st.integers(1, 90)),
        )
        for code in codes
    ]
    stock = {
        code: StockPosition(code, "", draw(st.integers(0, 300)), draw(st.integers(0, 40)), draw(st.integers(0, 50)), TODAY)
        for code in codes
    }
    suppliers = {
        code: Supplier(code, code, draw(st.floats(0, 40)), draw(st.sampled_from([0.0, 1.5, 12.0]))) for code in ("S0", "S1")
    }
    inbound = [InboundOrder("P", codes[0], "", "S0", 30, TODAY, date(2025, 6, draw(st.integers(1, 30))))]
    clauses = [Clause("c#1", "max_days_of_cover", draw(st.floats(0, 120)), category="cups")] if draw(st.booleans()) else []
    terms = PlanTerms(TODAY, policy=draw(POLICIES), review_days=draw(st.integers(1, 30)))
    return items, suppliers, Forecast(codes, TODAY, paths, ("m",) * count, ("ok",) * count), stock, inbound, clauses, terms


@given(shop=shops(), budget=st.none() | st.floats(0, 5000))
@QUICK
def test_no_line_breaks_a_constraint(shop: tuple[Any, ...], budget: float | None) -> None:
    """Quantities are whole packs, zero or at least the minimum order, within cover limits; the plan is within the budget."""
    items, _, forecast, stock, _, clauses, _ = shop
    plan: Plan = plan_replenishment(*shop, budget=budget)
    daily = forecast.mean().mean(axis=1)

    for row, (item, line) in enumerate(zip(items, plan.lines, strict=True)):
        assert line.quantity >= 0
        assert line.quantity % item.pack_size == 0
        assert line.quantity == 0 or line.quantity >= item.min_order_quantity
        limits = [clause.value for clause in clauses if clause.category == item.category]
        limits += [item.shelf_life_days] if item.shelf_life_days is not None else []
        if limits and line.quantity:
            assert line.quantity + stock[item.sku].inventory_position <= min(limits) * daily[row] + 1e-6
        if line.quantity == 0 and line.order_up_to > line.on_hand - line.reserved + line.on_order:
            assert line.binding != ""
        assert 0 <= line.expected_fill_rate <= 1
        assert 0 <= line.expected_cycle_service <= 1
        assert np.isfinite([line.cost, line.expected_holding_cost, line.safety_stock]).all()
    assert budget is None or plan.total_cost <= budget + 0.01 * len(items)


@given(shop=shops(), low=st.floats(0.01, 0.98), more=st.floats(0, 0.5))
@QUICK
def test_a_higher_service_level_never_lowers_levels(shop: tuple[Any, ...], low: float, more: float) -> None:
    """Raising the target never lowers the order-up-to level, the reorder point, or the cycle service without limits."""
    high = min(low + more, 0.99)
    before = plan_replenishment(*shop, service_level=low, facts=False)
    after = plan_replenishment(*shop, service_level=high, facts=False)

    for line, higher in zip(before.lines, after.lines, strict=True):
        assert higher.order_up_to >= line.order_up_to
        assert higher.reorder_point >= line.reorder_point


@given(shop=shops(), level=st.floats(0.05, 0.99))
@QUICK
def test_an_unlimited_order_reaches_its_target(shop: tuple[Any, ...], level: float) -> None:
    """Where nothing limits a base-stock order, the sampled cycle service meets the target."""
    *rest, terms = shop
    plan = plan_replenishment(*rest, replace(terms, policy="base_stock"), service_level=level, facts=False)

    for line in plan.lines:
        if line.binding in {"", "no_need", "pack_size", "min_order_quantity"}:
            assert line.expected_cycle_service >= level - 1e-4


@given(
    samples=st.lists(st.floats(0, 1000), min_size=1, max_size=50),
    shortage=st.floats(0, 100),
    dearer=st.floats(0, 100),
    overage=st.floats(0.01, 100),
)
@settings(max_examples=200, deadline=None)
def test_a_dearer_shortage_never_lowers_the_newsvendor(
    samples: list[float], shortage: float, dearer: float, overage: float
) -> None:
    """The newsvendor's level rises with the shortage cost and falls with the overage cost, sampled or normal."""
    demand = np.array([samples])

    def level(short: float, over: float) -> float:
        return float(newsvendor_empirical(demand, np.array([short]), np.array([over]))[0])

    assert level(shortage + dearer, overage) >= level(shortage, overage)
    assert level(shortage, overage + dearer) <= level(shortage, overage)
    assert newsvendor_normal(overage, shortage + dearer, 50, 8) >= newsvendor_normal(overage, shortage, 50, 8)

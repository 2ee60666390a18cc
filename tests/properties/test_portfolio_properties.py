"""Invariants of whole-shop plans: limits are kept, the certificate is honest, and levels move the way they must."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parstock.domain import Clause, Floats, Forecast, ForecastStatus, InboundOrder, Item, PlanningEvent, StockPosition, Supplier
from parstock.results import Plan
from planning.base import Deliveries, PlanInputs, PlanTerms, policies
from planning.curves import Curves
from planning.portfolio import Limits, choose
from planning.replenish import plan_replenishment

TODAY = date(2025, 6, 2)
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
"""With 1,000 items an example: 100,000 instances."""


def shop(seed: int, count: int) -> dict[str, Any]:
    """Arguments of `plan_replenishment` for many items with odd terms, past orders, events and every kind of clause."""
    rng = np.random.default_rng(seed)
    codes = tuple(f"A{n}" for n in range(count))
    rates = rng.choice([0.0, 0.2, 3.0, 20.0], count) * rng.uniform(0.5, 2, count)
    paths = rng.poisson(rates[:, None, None], size=(count, 24, 10)).astype(np.float32)
    cost, price = rng.lognormal(1, 1, count).round(2), rng.lognormal(1.5, 1, count).round(2)
    sold_in, packs, life = rng.integers(0, 60, count), rng.integers(1, 25, count), rng.choice([0, 5, 30, 400], count)
    items = [
        Item(
            code,
            code,
            f"c{n % 3}",
            f"S{n % 5}",
            float(cost[n]),
            float(price[n]),
            int(sold_in[n]),
            int(packs[n]),
            shelf_life_days=int(life[n]) or None,
            active=bool(rng.random() < 0.95),
        )
        for n, code in enumerate(codes)
    ]
    coming = rng.integers(0, 60, count) * (rng.random(count) < 0.4)
    stock = {
        code: StockPosition(code, "", int(rng.integers(0, 200)), int(rng.integers(0, 20)), int(coming[n]), TODAY)
        for n, code in enumerate(codes)
    }
    inbound = [
        InboundOrder(f"P{n % 9}", code, "", items[n].supplier, int(coming[n]), TODAY - timedelta(days=20), in_days(rng, -15, 60))
        for n, code in enumerate(codes)
        if coming[n]
    ]
    suppliers = {f"S{n}": Supplier(f"S{n}", f"S{n}", float(rng.integers(0, 40)), float(rng.integers(0, 9))) for n in range(5)}
    kinds = (
        PlanningEvent("supply_hold", supplier="S1", start=in_days(rng, -9, 9), end=in_days(rng, 10, 20)),
        PlanningEvent("min_order_quantity", supplier="S2", quantity=int(rng.integers(1, 90))),
        PlanningEvent("reserve_stock", item="A0", quantity=int(rng.integers(1, 90)), end=in_days(rng, 0, 30)),
        PlanningEvent("unit_cost_change", supplier="S3", pct=float(rng.integers(-50, 90))),
        PlanningEvent("lead_time_change", supplier="S4", delta_days=float(rng.integers(-20, 20))),
        PlanningEvent("order_hold", supplier="S0", end=in_days(rng, 0, 20)),
    )
    events = tuple(replace(e, id=e.type, status="confirmed") for e in kinds if rng.random() < 0.4)
    clauses = [
        Clause("cover#1", "max_days_of_cover", float(rng.integers(0, 120)), category="c0"),
        Clause("value#1", "min_order_value", float(rng.integers(1, 3000)), supplier="S2"),
        Clause("value#2", "min_order_value", float(rng.integers(1, 300)), supplier="S3"),
        Clause("approve#1", "approval_limit", float(rng.integers(1, 300))),
    ]
    past = Deliveries(np.array(["S1", "S4"] * 6), rng.integers(0, 50, 12).astype(float), rng.random(12) < 0.8)
    terms = PlanTerms(TODAY, review_days=int(rng.integers(1, 30)), events=events, deliveries=past if rng.random() < 0.7 else None)
    ok: ForecastStatus = "ok"
    forecast = Forecast(codes, TODAY, paths, ("m",) * count, (ok,) * count)
    records = {"items": items, "suppliers": suppliers, "forecast": forecast, "stock": stock, "inbound": inbound}
    return records | {"clauses": [clause for clause in clauses if rng.random() < 0.6], "terms": terms}


def in_days(rng: np.random.Generator, low: int, high: int) -> date:
    """A random day around today."""
    return TODAY + timedelta(days=int(rng.integers(low, high)))


def assert_limits(made: dict[str, Any], plan: Plan) -> None:
    """Every line keeps to packs, minimum orders, holds, shelf life and cover; the plan to money, room and least order values."""
    daily = made["forecast"].paths.mean(axis=(1, 2), dtype=np.float64)
    kinds = {event.type: event for event in made["terms"].events}
    spent: dict[str, float] = {}
    there = units = 0.0
    for row, (item, line) in enumerate(zip(made["items"], plan.lines, strict=True)):
        position = made["stock"][item.sku]
        there += position.on_hand + position.on_order
        units += line.quantity
        assert line.quantity >= 0
        assert line.quantity % item.pack_size == 0
        if not line.quantity:
            continue
        least = item.min_order_quantity
        if "min_order_quantity" in kinds and item.supplier == "S2":
            least = kinds["min_order_quantity"].quantity
        assert line.quantity >= least
        assert item.active
        assert not ("order_hold" in kinds and item.supplier == "S0")
        limits = [item.shelf_life_days or np.inf]
        limits += [c.value for c in made["clauses"] if c.kind == "max_days_of_cover" and c.category == item.category]
        kept = (kinds["reserve_stock"].quantity or 0) * (item.sku == "A0") if "reserve_stock" in kinds else 0
        if min(limits) < np.inf:
            assert line.quantity + position.inventory_position - kept <= min(limits) * daily[row] + 1e-6
        spent[item.supplier] = spent.get(item.supplier, 0.0) + line.quantity * line.unit_cost
    for clause in made["clauses"]:
        if clause.kind == "min_order_value" and spent.get(clause.supplier):
            assert spent[clause.supplier] >= clause.value - 1e-6
    assert plan.budget is None or sum(spent.values()) <= plan.budget + 1e-6
    assert plan.capacity is None or there + units <= plan.capacity + 1e-6


def assert_proven(plan: Plan) -> None:
    """Both ways of computing the cost agree, and the bound is not above it."""
    proof = plan.certificate
    assert proof is not None
    assert proof.recomputed_cost == pytest.approx(proof.expected_cost, rel=1e-9, abs=1e-6)
    assert proof.lower_bound <= proof.recomputed_cost + 1e-6 * max(1.0, abs(proof.recomputed_cost))


def check_shop(seed: int, count: int, share: float, room: float) -> None:
    """Plan one shop free, and within a share of the money and of the room that it would take."""
    made = shop(seed, count)
    free = plan_replenishment(**made, facts=False)
    there = sum(position.on_hand + position.on_order for position in made["stock"].values())
    units = sum(line.quantity for line in free.lines)
    tight = plan_replenishment(**made, budget=share * free.total_cost, capacity=there + room * units, facts=False)
    for plan in (free, tight):
        assert_limits(made, plan)
        assert_proven(plan)
    assert free.certificate is not None
    assert tight.certificate is not None
    same = plan_replenishment(**made, budget=free.total_cost + 1.0, facts=False)
    assert [line.quantity for line in same.lines] == [line.quantity for line in free.lines]


@given(seed=st.integers(0, 10**6), count=st.integers(1, 40), share=st.floats(0, 1), room=st.floats(0, 1))
@QUICK
def test_no_plan_breaks_a_limit(seed: int, count: int, share: float, room: float) -> None:
    """Packs, minimum orders, budget, room, shelf life, holds, least order values: none is ever broken, nor is a bound."""
    check_shop(seed, count, share, room)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@given(seed=st.integers(0, 10**6), share=st.floats(0, 1), room=st.floats(0, 1))
@MANY
def test_no_plan_breaks_a_limit_on_100_000_items(seed: int, share: float, room: float) -> None:
    """The same on a hundred shops of a thousand items each."""
    check_shop(seed, 1000, share, room)


def portfolio(seed: int) -> tuple[Curves, Limits]:
    """Four random items: with a budget or without, free or with a supplier that takes no order below a value."""
    rng = np.random.default_rng(seed)
    pack, minimum = rng.integers(1, 4, 4).astype(np.float64), rng.integers(0, 6, 4).astype(np.float64)
    cost = rng.uniform(1, 9, 4).round(2)
    need = rng.poisson(rng.uniform(1, 10, 4)[:, None], size=(4, 30)) - rng.integers(0, 5, (4, 1)) * 1.0
    level = np.maximum(np.quantile(need, 0.9, axis=1), 0.0)
    wanted = np.where(level > 0, np.ceil(np.maximum(level, minimum) / pack) * pack, 0.0)
    margin, overage, slow = (np.array(rng.uniform(low, high, 4), np.float64) for low, high in ((0.5, 9), (0.01, 1), (0.01, 0.2)))
    curves = Curves.of(need, margin, overage, slow, wanted, minimum, pack)
    group, least = np.full(4, -1), np.zeros(0)
    if seed % 3:
        group[:2], least = 0, np.array([rng.uniform(5, 80)])
        last = np.where(group >= 0, wanted + 6 * pack, wanted)
        curves = replace(curves, last=np.where(last < curves.first, 0.0, last))
    limited = seed % 2 == 0
    if not limited:
        must = (group >= 0) & (wanted > 0)
        curves = replace(curves, must=must, first=np.where(must, wanted, curves.first))
    uses, room = (np.array([cost]), rng.uniform(0, 1, 1) * (wanted @ cost)) if limited else (np.zeros((0, 4)), np.zeros(0))
    return curves, Limits(uses, room, cost, group, least)


def cheapest(curves: Curves, limits: Limits) -> float:
    """The least expected cost of all quantities that may be ordered, by trying every one."""
    options = [
        [0.0, *np.arange(first, last + 1e-9, pack)]
        for first, last, pack in zip(curves.first, curves.last, curves.pack, strict=True)
    ]
    costs = [
        dict(zip(some, curves.rows(np.array([row])).cost(np.array([some]))[0], strict=True)) for row, some in enumerate(options)
    ]
    best, joined = np.inf, limits.group >= 0
    for chosen in itertools.product(*options):
        quantity = np.array(chosen)
        value = float((quantity * limits.unit_cost)[joined].sum())
        some = value > 0 and (value < limits.least_value[0] - 1e-9 or bool(np.any(curves.must & (quantity == 0))))
        free = bool(np.any(~joined & (limits.room.size == 0) & (quantity != curves.wanted)))
        if not (some or free or np.any(limits.uses @ quantity > limits.room + 1e-9)):
            best = min(best, sum(costs[row][units] for row, units in enumerate(chosen)))
    return best


@given(seed=st.integers(0, 10**6))
@QUICK
def test_no_portfolio_is_better_than_the_one_chosen(seed: int) -> None:
    """On four items the plan costs what the best of all combinations costs, and the bound is not above it."""
    curves, limits = portfolio(seed)
    found, best = choose(curves, limits), cheapest(curves, limits)

    assert float(curves.cost(found.quantity[:, None]).sum()) == pytest.approx(best, abs=1e-6)
    assert found.lower_bound <= best + 1e-6


@given(seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_the_policys_order_is_the_best_up_to_itself(seed: int) -> None:
    """Nothing that a limit may cut an order down to is expected to cost less than the order."""
    curves, _ = portfolio(2 * 3 * seed)
    costs = curves.cost(np.linspace(0.0, 1.0, 9) * curves.wanted[:, None])

    assert np.all(costs[:, -1] <= costs[:, 0] + 1e-9)
    assert np.all(
        costs[:, -1]
        <= curves.cost(np.where(curves.wanted > curves.first, curves.wanted - curves.pack, 0.0)[:, None])[:, 0] + 1e-9
    )


COUNT = 500
"""Random items an example; 20 examples are 10,000 cases."""


def inputs(seed: int) -> PlanInputs:
    """What a policy sees of many random items."""
    rng = np.random.default_rng(seed)
    lead = rng.gamma(2.0, rng.uniform(0.1, 30, (COUNT, 1)), size=(COUNT, 60))
    more = rng.gamma(2.0, rng.uniform(0.1, 30, (COUNT, 1)), size=(COUNT, 60))
    money: Callable[[], Floats] = lambda: rng.uniform(0.01, 20, COUNT)  # noqa: E731 - four columns of the same kind
    daily = (lead + more).mean(axis=1) / 14
    return PlanInputs(
        lead, lead + more, rng.uniform(0.05, 0.98, COUNT), daily, money(), money(), money(), float(rng.uniform(0, 50))
    )


@given(seed=st.integers(0, 10**6), policy=st.sampled_from(["base_stock", "reorder_point", "newsvendor"]), more=st.floats(1, 5))
@settings(max_examples=20, deadline=None)
def test_levels_rise_with_shortage_cost_and_target_and_fall_with_holding(seed: int, policy: str, more: float) -> None:
    """No policy's order-up-to level falls with a dearer shortage or a higher target, nor rises with dearer stock."""
    seen = inputs(seed)
    levels = policies.get(policy).levels
    up_to = levels(seen).order_up_to

    assert np.all(levels(replace(seen, shortage_cost=more * seen.shortage_cost)).order_up_to >= up_to)
    assert np.all(levels(replace(seen, service_level=1 - (1 - seen.service_level) / more)).order_up_to >= up_to)
    dearer = replace(seen, overage_cost=more * seen.overage_cost, holding_cost=more * seen.holding_cost)
    assert np.all(levels(dearer).order_up_to <= up_to)


@given(seed=st.integers(0, 10**6), wider=st.floats(1, 3))
@settings(max_examples=20, deadline=None)
def test_expected_cost_rises_with_lead_time_and_variance(seed: int, wider: float) -> None:
    """The least expected cost never falls where demand spreads more around its mean, or where there is more of it to cover."""
    rng = np.random.default_rng(seed)
    demand = rng.gamma(2.0, rng.uniform(0.1, 30, (COUNT, 1)), size=(COUNT, 60))
    short, left, none, one = rng.uniform(0.1, 9, COUNT), rng.uniform(0.1, 9, COUNT), np.zeros(COUNT), np.ones(COUNT)

    def least_cost(need: Floats) -> Floats:
        curves = Curves(np.sort(need, axis=1), short, left, none, np.full(COUNT, 1e6), one, np.full(COUNT, 1e6), one, none > 0)
        best = np.floor(np.take_along_axis(curves.rising, _rank(short, left)[:, None], axis=1)[:, 0])
        return np.asarray(curves.cost(np.maximum(best[:, None] + np.array([0.0, 1.0]), 0.0)).min(axis=1))

    middle = demand.mean(axis=1, keepdims=True)
    longer = demand + rng.permuted(demand, axis=1)
    assert np.all(least_cost(middle + wider * (demand - middle) + 100) >= least_cost(demand + 100) - short - left)
    assert np.mean(least_cost(longer + 100) >= least_cost(demand + 100) - 1e-6) > 0.9


def _rank(short: Floats, left: Floats) -> np.ndarray:
    """[N] which of 60 samples in order is the critical quantile."""
    return np.clip(np.ceil(60 * short / (short + left)).astype(np.intp) - 1, 0, 59)

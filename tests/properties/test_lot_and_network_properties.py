"""The mathematics of lots and networks: against brute force, bounds and monotonicity."""

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from planning.solvers.allocation import allocate
from planning.solvers.eoq import eoq_cost, eoq_disruptions, power_of_two
from planning.solvers.eoq_budget import eoq_budget
from planning.solvers.guaranteed_service import Stage, network, place_safety_stock
from planning.solvers.lot_sizing import lot_sizing
from planning.solvers.order_portfolio import Levels, order_portfolio
from planning.solvers.serial import clark_scarf, serial_system
from planning.solvers.wagner_whitin import wagner_whitin

seeds = st.integers(0, 2**32 - 1)


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_dynamic_lots_are_the_best_of_all_sets_of_order_periods(seed: int) -> None:
    """No choice of order periods is cheaper, whatever costs and demand do from period to period."""
    rng = np.random.default_rng(seed)
    demand, fixed = rng.integers(0, 30, 6) * rng.integers(0, 2, 6), rng.uniform(0, 60, 6)
    holding, price = rng.uniform(0, 2, 6), rng.uniform(0, 3, 6)
    plan = wagner_whitin(demand, fixed, holding, price)
    unit = np.array([[price[j] + holding[j:u].sum() if j <= u else np.inf for j in range(6)] for u in range(6)])
    best = np.inf
    for size in range(7):
        for chosen in itertools.combinations(range(6), size):
            at = np.where(demand > 0, unit[:, chosen].min(axis=1, initial=np.inf), 0.0)
            best = min(best, float(fixed[list(chosen)].sum() + np.sum(np.where(demand > 0, at * demand, 0.0))))

    assert plan.cost[0] == pytest.approx(best)
    assert np.all(plan.stock >= 0)


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_constrained_lots_without_constraints_are_free_lots(seed: int) -> None:
    """With packs of one, no minimum and no capacity the constrained solver finds the same cost, for all items at once."""
    rng = np.random.default_rng(seed)
    demand, fixed, stock = rng.integers(0, 12, (3, 7)), rng.uniform(0, 40, (3, 1)), rng.integers(0, 9, 3)
    holding = rng.uniform(0, 2, (3, 7))
    free = wagner_whitin(demand, fixed, holding, 1.0, stock)
    held = lot_sizing(demand, fixed, holding, 1.0, initial_inventory=stock)

    np.testing.assert_allclose(held.cost, free.cost)


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_constrained_lots_keep_to_every_constraint_and_are_best(seed: int) -> None:
    """Packs, minimum, capacity and demand hold; no plan of four periods found by trying all is cheaper."""
    rng = np.random.default_rng(seed)
    pack, least, most = int(rng.integers(1, 4)), int(rng.integers(0, 9)), int(rng.integers(12, 24))
    demand, holding = rng.integers(0, 12, 4), rng.uniform(0, 2, 4)
    fixed = float(rng.uniform(0, 30))
    plan = lot_sizing(demand, fixed, holding, 1.0, pack_size=pack, minimum_order=least, capacity=most)
    allowed = [0] + [lot for lot in range(pack, most + 1, pack) if lot >= least]
    lots = np.array(list(itertools.product(allowed, repeat=4)))
    stock = np.cumsum(lots - demand, axis=1)
    costs = fixed * (lots > 0).sum(axis=1) + lots.sum(axis=1) + stock @ holding

    assert plan.cost[0] == pytest.approx(costs[(stock >= 0).all(axis=1)].min())
    assert set(plan.quantity[0].tolist()) <= set(map(float, allowed))
    assert np.all(plan.stock >= 0)


@given(seeds)
@settings(max_examples=100, deadline=None)
def test_lots_cost_more_on_either_side(seed: int) -> None:
    """The lot under disruptions is a minimum, powers of two stay within 6.07 %, and a budget is obeyed at least cost."""
    rng = np.random.default_rng(seed)
    fixed, holding, rate = rng.uniform(1, 90, 4), rng.uniform(0.1, 5, 4), rng.uniform(10, 999, 4)
    lot = eoq_disruptions(fixed, holding, 8.0, rate, 1.5, 14.0)
    cycle = power_of_two(fixed, holding, rate, 0.02)
    tight = eoq_budget(fixed, holding, rate, np.ones(4), 50.0)
    loose = eoq_budget(fixed, holding, rate, np.ones(4), 50.5)

    assert np.all(lot.cost >= eoq_disruptions(fixed, holding, 7.0, rate, 1.5, 14.0).cost)
    assert np.all(cycle.cost <= 1.0607 * cycle.unrestricted_cost)
    assert tight.quantity.sum() <= 50 * (1 + 1e-9)
    assert tight.cost == pytest.approx(float(np.sum(eoq_cost(tight.quantity, fixed, holding, rate))))
    assert loose.cost <= tight.cost + 1e-9
    assert tight.cost - loose.cost <= 0.5 * tight.shadow_price + 1e-9


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_chains_cost_more_when_shortage_does(seed: int) -> None:
    """Cost and the last stage's base stock rise with the cost of a backorder."""
    rng = np.random.default_rng(seed)
    holding, times, mean = rng.uniform(0.1, 2, 3), rng.uniform(0, 3, 3), float(rng.uniform(0.5, 20))
    dear, cheap = (clark_scarf(serial_system(holding, times, cost, mean)) for cost in (30.0, 5.0))

    assert dear.cost >= cheap.cost - 1e-9
    assert dear.echelon_base_stock[0] >= cheap.echelon_base_stock[0]


@given(seeds)
@example(628)
@settings(max_examples=40, deadline=None)
def test_service_times_are_the_best_of_all(seed: int) -> None:
    """On random trees of four stages no whole service times cost less."""
    rng = np.random.default_rng(seed)
    stages = {
        name: Stage(float(rng.uniform(1, 9)), int(rng.integers(0, 4)), 1.0, 1.0, int(rng.integers(0, 3)), int(rng.integers(0, 3)))
        for name in "abcd"
    }
    names = list(stages)
    pairs = [(names[int(rng.integers(0, at))], names[at]) for at in range(1, 4)]
    links = [pair if rng.integers(0, 2) else (pair[1], pair[0]) for pair in pairs]
    tree = network(stages, links)
    best = np.inf
    for times in itertools.product(range(3), repeat=4):
        at = dict(zip(names, times, strict=True))
        cost = 0.0
        for place, (name, stage) in enumerate(stages.items()):
            inbound = max([stage.inbound_service, *(at[above] for above, below in links if below == name)])
            net = inbound + stage.processing_time - at[name]
            allowed = net >= 0 and at[name] <= (stage.longest_service or 0)
            cost += stage.holding_cost * tree.sd[place] * np.sqrt(net) if allowed else np.inf
        best = min(best, cost)

    assert place_safety_stock(tree).cost == pytest.approx(best)


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_more_supply_never_costs_and_saves_less_and_less(seed: int) -> None:
    """The cost of an allocation falls and is convex in the supply."""
    rng = np.random.default_rng(seed)
    stock, more, wanted = rng.integers(0, 30, 3), rng.integers(0, 20, 3), rng.integers(0, 30, 4)
    costs, penalty = rng.uniform(0, 9, (3, 4)), rng.uniform(0, 15, 4)
    first, middle, last = (allocate(stock + share * more, wanted, costs, penalty).cost for share in (0.0, 0.5, 1.0))

    assert first >= middle - 1e-6
    assert middle >= last - 1e-6
    assert middle <= (first + last) / 2 + 1e-6


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_portfolios_are_the_best_of_all(seed: int) -> None:
    """With two limits and levels of any worth no feasible choice is better, and the bound holds."""
    rng = np.random.default_rng(seed)
    quantity = np.concatenate([np.zeros((5, 1)), np.cumsum(rng.integers(1, 9, (5, 3)), axis=1)], axis=1)
    value, uses = rng.uniform(-5, 40, (5, 4)), rng.uniform(0, 3, (2, 5))
    limits = rng.uniform(0, 40, 2)
    found = order_portfolio(Levels(quantity, value), uses, limits)
    choices = np.array(list(itertools.product(range(4), repeat=5)))
    used = np.take_along_axis(quantity, choices.T, axis=1).T @ uses.T
    worth = np.take_along_axis(value, choices.T, axis=1).sum(axis=0)

    assert found.value == pytest.approx(worth[(used <= limits + 1e-12).all(axis=1)].max())
    assert found.upper_bound >= found.value - 1e-9
    assert np.all(uses @ found.quantity <= limits * (1 + 1e-9) + 1e-9)

"""Chains, trees, allocations and portfolios: certificates, conflicts and refusals."""

from typing import Any

import numpy as np
import pytest

from parstock.errors import InputError
from planning.solvers.allocation import allocate
from planning.solvers.facilities import locate
from planning.solvers.guaranteed_service import Stage, network, place_safety_stock
from planning.solvers.order_portfolio import Levels, order_portfolio, profit_levels
from planning.solvers.rationing import fair_rations, valued_rations
from planning.solvers.serial import clark_scarf, serial_system
from planning.solvers.transport import transport
from planning.solvers.transshipment import transship


def portfolio(items: int, seed: int) -> tuple[Levels, np.ndarray, np.ndarray]:
    """Levels of random items, with what they take of a budget and of room for a third of the demand."""
    rng = np.random.default_rng(seed)
    mean, cost = rng.lognormal(3, 0.8, items), rng.lognormal(2, 0.8, items)
    levels = profit_levels(
        mean, 0.5 * mean, cost, cost * rng.uniform(0.2, 0.8, items), 0.3 * cost,
        rng.choice([1, 6, 12], items), rng.choice([0, 12, 24], items), rng.uniform(0, 1, items) * mean,
    )  # fmt: skip
    uses = np.stack([cost, rng.uniform(0.1, 2, items)])
    return levels, uses, uses @ mean / 3


def test_prices_prove_an_allocation() -> None:
    """The bound that the dual prices give is the cost itself, and throughput is kept to."""
    rng = np.random.default_rng(3)
    stock, wanted = rng.integers(0, 60, (40, 5)), rng.integers(0, 40, (40, 8))
    through = 0.7 * stock.sum(axis=0)
    plan = allocate(stock, wanted, rng.uniform(1, 6, (5, 8)), 12.0, throughput=through)

    assert plan.cost == pytest.approx(plan.lower_bound, rel=1e-9)
    assert np.all(plan.shipped.sum(axis=(0, 2)) <= through + 1e-6)
    assert np.all(plan.shipped.sum(axis=2) <= stock + 1e-6)
    np.testing.assert_allclose(plan.shipped.sum(axis=1) + plan.unmet, wanted, atol=1e-6)
    assert plan.throughput_prices.max() > 0


def test_many_coupled_items_are_solved_to_the_same_corner() -> None:
    """The method for large coupled programs proves its answer too."""
    rng = np.random.default_rng(4)
    stock, wanted = rng.integers(1, 60, (200, 5)), rng.integers(1, 40, (200, 8))
    plan = allocate(stock, wanted, rng.uniform(1, 6, (200, 5, 8)), 20.0, throughput=0.8 * stock.sum(axis=0))

    assert plan.cost == pytest.approx(plan.lower_bound, rel=1e-7)


def test_a_portfolio_carries_its_proof() -> None:
    """Five hundred items within a budget and a room: no limit is broken and the gap is next to nothing."""
    levels, uses, limits = portfolio(500, 1)
    found = order_portfolio(levels, uses, limits)

    assert np.all(uses @ found.quantity <= limits * (1 + 1e-9))
    assert found.value <= found.upper_bound
    assert found.gap < 1e-4
    assert np.all((found.quantity[:, None] == levels.quantity).any(axis=1))


def test_nothing_is_bought_without_money() -> None:
    """A budget of zero is obeyed and proven best."""
    levels, uses, _ = portfolio(20, 2)
    found = order_portfolio(levels, uses, [0.0, 0.0])

    assert not found.quantity.any()
    assert found.gap < 1e-9


def test_demand_beyond_supply_is_a_conflict() -> None:
    """Transport and locations say how much is missing."""
    with pytest.raises(InputError, match="demand is 9 but supply only 8"):
        transport([4, 4], [9], [[1], [1]])
    with pytest.raises(InputError, match="demand is 9 in all but capacity only 8"):
        locate([4, 4], [1, 1], [9], [[1], [1]])


def test_service_times_of_several_trees() -> None:
    """Stages that share no link are planned side by side; one alone covers its own processing time."""
    stages = {"a": Stage(2, 4, 1, 3), "b": Stage(5, 9, 2, 1, longest_service=9)}
    found = place_safety_stock(network(stages, []))

    assert found.cost == pytest.approx(2 * 3 * 2)
    assert found.safety_stock["b"] == 0


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: serial_system([1, 1], [1], 9, 5), "lead_times"),
        (lambda: serial_system([1, -1], [1, 1], 9, 5), "echelon_holding_costs"),
        (lambda: serial_system([1], [1], 0, 5), "stockout_cost"),
        (lambda: clark_scarf(serial_system([1], [1], 9, 1e9)), "demand_mean"),
        (lambda: network({}, []), "stages"),
        (lambda: network({"a": Stage(1, 1, 1)}, []), "demand_sd"),
        (lambda: network({"a": Stage(1, 1, 1, 1)}, [("a", "b")]), "links"),
        (lambda: network({"a": Stage(1, 1, 1, 1)}, [("a", "a")]), "links"),
        (lambda: network({"a": Stage(1, 9999, 1, 1)}, []), "stages"),
        (lambda: transport([1], [1], [[1, 2]]), "unit_cost"),
        (lambda: transport([1], [-1], [[1]]), "demand"),
        (lambda: allocate([1], [1], [[1]], -1), "unmet_penalty"),
        (lambda: allocate([1], [[1], [2]], [[1]], 1), "demand"),
        (lambda: allocate([1], [1], [[1]], [1, 2]), "unmet_penalty"),
        (lambda: transship([1, 2], [1, 2], [[0, 1]], 1), "transship_cost"),
        (lambda: locate([9], [1, 2], [1], [[1]]), "fixed_cost_open"),
        (lambda: fair_rations(-1, [1]), "supply"),
        (lambda: valued_rations(1, [1, 2], [1, 2, 3]), "weight"),
        (lambda: profit_levels([1], [1], [2], [1], [2], [1], [0], [0]), "salvage_value"),
        (lambda: profit_levels([1e12], [1], [2], [1], [1], [1], [0], [0]), "pack_size"),
        (lambda: order_portfolio(portfolio(3, 1)[0], [[1.0]], [1.0]), "uses"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_name(call: Any, field: str) -> None:
    """An impossible value is an input error that names the field."""
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field

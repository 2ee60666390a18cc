"""Lot sizes: textbook values, arrays over items, and refusal of nonsense."""

import doctest
import importlib
from typing import Any

import numpy as np
import pytest

from parstock.errors import InputError
from planning.solvers import discounts, eoq
from planning.solvers.eoq_budget import eoq_budget
from planning.solvers.joint_replenishment import joint_items, optimal_cycle, power_of_two_cycle, silver_cycle
from planning.solvers.lot_sizing import lot_sizing
from planning.solvers.wagner_whitin import wagner_whitin

MODULES = (
    "amounts", "eoq", "discounts", "eoq_budget", "wagner_whitin", "lot_sizing", "joint_replenishment", "serial", "programs",
    "guaranteed_service", "transport", "allocation", "transshipment", "rationing", "facilities", "order_portfolio",
)  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_textbook_examples_hold(module: str) -> None:
    """The numbers printed in the docstrings are what the functions return."""
    assert doctest.testmod(importlib.import_module(f"planning.solvers.{module}")).failed == 0


def test_many_items_are_planned_in_one_call() -> None:
    """Arrays over items give each item what it gets alone."""
    rng = np.random.default_rng(1)
    fixed, holding, waiting, rate = rng.uniform(1, 9, (4, 50))
    together = eoq.eoq_backorders(fixed, holding, waiting, rate)
    alone = [eoq.eoq_backorders(*terms).quantity for terms in zip(fixed, holding, waiting, rate, strict=True)]

    np.testing.assert_allclose(together.quantity, alone)
    np.testing.assert_allclose(eoq.eoq_disruptions(fixed, holding, waiting, rate, 1.0, 2.0).quantity.shape, 50)


def test_an_incremental_discount_of_nothing_is_no_discount() -> None:
    """With one price for all quantities both kinds of discount give the EOQ."""
    breaks = discounts.price_breaks([0, 100, 300], [2, 2, 2])
    expected = eoq.eoq(8, 0.6, 1300)

    for solve in (discounts.eoq_all_units, discounts.eoq_incremental):
        found = solve(8, 0.3, 1300, breaks)
        np.testing.assert_allclose(found.quantity, expected.quantity)
        np.testing.assert_allclose(found.cost, expected.cost + 2600)


def test_holding_costs_that_change_are_charged_by_the_period_they_are_held_in() -> None:
    """The instance on which a known library pays 360.5 costs 259."""
    plan = wagner_whitin([40, 25, 60, 10, 35, 50], 60, [2, 0.2, 1.5, 0.2, 1, 0.5])

    np.testing.assert_allclose(plan.cost, 259.0)


def test_nothing_is_ordered_where_nothing_is_wanted() -> None:
    """Without demand, or with enough in stock, no order is paid for."""
    plan = wagner_whitin([[0, 0, 0], [5, 0, 5]], 10, 1, initial_inventory=[0, 10])

    assert not plan.quantity.any()
    np.testing.assert_allclose(plan.cost, [0, 10])


def test_a_capacity_that_is_too_small_is_named() -> None:
    """Demand beyond capacity is a conflict that names item and period, never a plan that is short."""
    with pytest.raises(InputError, match=r"item 1 cannot meet its demand up to period 1 \(30 units with 5 there\)") as caught:
        lot_sizing([[5, 5, 5], [10, 20, 5]], 10, 1, capacity=12, initial_inventory=5)
    assert caught.value.field == "capacity"


def test_silver_is_no_better_than_the_optimum() -> None:
    """Every kind of cycle costs at least the proven optimum, powers of two at most 6.07 % more."""
    rng = np.random.default_rng(5)
    for _ in range(50):
        items = joint_items(rng.uniform(1, 50), rng.uniform(0, 40, 6), rng.uniform(0.1, 3, 6), rng.uniform(5, 900, 6))
        best = optimal_cycle(items)
        assert best.cost <= silver_cycle(items).cost * (1 + 1e-12)
        assert best.cost <= power_of_two_cycle(items).cost * (1 + 1e-12) <= best.cost * 1.0607


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: eoq.eoq(-8, 0.2, 1300), "fixed_cost"),
        (lambda: eoq.eoq(8, 0, 1300), "holding_cost"),
        (lambda: eoq.eoq([8, 9], 0.2, [1, 2, 3]), "fixed_cost"),
        (lambda: eoq.eoq([], 0.2, 1), "fixed_cost"),
        (lambda: eoq.eoq("much", 0.2, 1), "fixed_cost"),
        (lambda: eoq.eoq_cost(0, 8, 0.2, 1300), "order_quantity"),
        (lambda: eoq.epq(4, 0.1, 80, 80), "production_rate"),
        (lambda: eoq.power_of_two(4, 0.1, 80, 0), "base_period"),
        (lambda: eoq.eoq_disruptions(4, 0.1, 5, 80, 1, 0), "recovery_rate"),
        (lambda: discounts.price_breaks([0, 50, 40], [3, 2, 1]), "breakpoints"),
        (lambda: discounts.price_breaks([5, 50], [3, 2]), "breakpoints"),
        (lambda: discounts.price_breaks([0, 50], [2, 3]), "unit_costs"),
        (lambda: discounts.price_breaks([0, 50], [2]), "unit_costs"),
        (lambda: eoq_budget([1], [1], [1], [1], -3), "capacity"),
        (lambda: eoq_budget(1, [1], [1], [1], 3), "fixed_costs"),
        (lambda: wagner_whitin([], 1, 1), "demand"),
        (lambda: wagner_whitin([1, float("nan")], 1, 1), "demand"),
        (lambda: wagner_whitin([1, 2], [1, 2, 3], 1), "fixed_cost"),
        (lambda: wagner_whitin([1, 2], 1, 1, initial_inventory=[1, 2]), "initial_inventory"),
        (lambda: lot_sizing([1, 2], 1, 1, pack_size=0), "pack_size"),
        (lambda: lot_sizing([1, 2], 1, 1, pack_size=1e-9), "pack_size"),
        (lambda: lot_sizing([1, 2], 1, 1, minimum_order=[1, 2, 3]), "minimum_order"),
        (lambda: joint_items(0, [1], [1], [1]), "shared_fixed_cost"),
        (lambda: optimal_cycle(joint_items(1e-9, [9, 9], [1, 1.7], [1, 1])), "shared_fixed_cost"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_name(call: Any, field: str) -> None:
    """An impossible value is an input error that names the field."""
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.field == field

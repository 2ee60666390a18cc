"""Conformance of every replenishment policy that the registry finds."""

from dataclasses import replace

import numpy as np
import pytest

from planning.base import PlanInputs, policies


def inputs(items: int = 6, samples: int = 80) -> PlanInputs:
    """Inputs of items with rising demand."""
    rng = np.random.default_rng(3)
    rate = np.linspace(0, 20, items)[:, None]
    lead = rng.poisson(rate * 9, size=(items, samples)).astype(float)
    return PlanInputs(
        lead_time_demand=lead,
        interval_demand=lead + rng.poisson(rate * 7, size=(items, samples)),
        service_level=np.full(items, 0.9),
        daily_demand=rate[:, 0],
        shortage_cost=np.full(items, 3.0),
        overage_cost=np.full(items, 0.5),
        holding_cost=np.full(items, 0.5),
        order_cost=25.0,
    )


@pytest.mark.parametrize("name", policies.names())
def test_levels_are_whole_finite_and_one_for_each_item(name: str) -> None:
    """A policy gives whole, finite, non-negative levels, one for every item, ordering up to at least the reorder point."""
    given = inputs()
    levels = policies.get(name).levels(given)

    for array in (levels.reorder_point, levels.order_up_to, levels.order_below):
        assert array.shape == given.daily_demand.shape
        assert np.all(np.isfinite(array) & (array >= 0) & (array == np.round(array)))
    assert np.all(levels.order_up_to >= levels.reorder_point)
    assert np.all((levels.service_level > 0) & (levels.service_level < 1))


@pytest.mark.parametrize("name", policies.names())
def test_items_without_demand_are_never_ordered(name: str) -> None:
    """Where nothing is demanded and nothing is in stock, the level to order up to is zero."""
    assert policies.get(name).levels(inputs()).order_up_to[0] == 0


@pytest.mark.parametrize("name", policies.names())
@pytest.mark.parametrize("field", ["service_level", "shortage_cost"])
def test_levels_never_fall_when_service_is_worth_more(name: str, field: str) -> None:
    """A higher target or a dearer shortage never lowers a level."""
    low = inputs()
    high = replace(low, **{field: getattr(low, field) * 1.08})
    before, after = policies.get(name).levels(low), policies.get(name).levels(high)

    assert np.all(after.order_up_to >= before.order_up_to)
    assert np.all(after.reorder_point >= before.reorder_point)


@pytest.mark.parametrize("name", policies.names())
def test_items_are_planned_independently(name: str) -> None:
    """An item's levels do not depend on which other items are in the array, and the input is left as it was."""
    given = inputs()
    kept = {field: np.array(getattr(given, field), copy=True) for field in PlanInputs.__dataclass_fields__}
    together = policies.get(name).levels(given)
    alone = policies.get(name).levels(
        replace(given, **{f: getattr(given, f)[2:3] for f in PlanInputs.__dataclass_fields__ if f != "order_cost"})
    )

    assert together.order_up_to[2] == alone.order_up_to[0]
    assert all(np.array_equal(kept[field], getattr(given, field)) for field in kept)


@pytest.mark.parametrize("name", policies.names())
def test_a_policy_knows_its_name(name: str) -> None:
    """The name under which a policy is registered is its own."""
    assert policies.get(name).name == name

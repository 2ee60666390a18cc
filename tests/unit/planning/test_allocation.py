"""A delivery split over warehouses."""

from itertools import product

import numpy as np
import pytest

from parstock.errors import InputError
from planning.allocation import MOST_PACKS, Receivers, costs_of, proportional, split


def receivers(**changes: object) -> Receivers:
    """Three warehouses; the goods are at the first."""
    need = np.array([[10.0, 20.0, 30.0], [0.0, 6.0, 12.0], [-5.0, 8.0, 9.0]])
    values = {
        "need": need,
        "cost": np.array([0.0, 4.0, 9.0]),
        "unit_cost": np.array([0.0, 0.5, 1.0]),
        "room": np.full(3, np.inf),
        "at": 0,
        "margin": 6.0,
        "pack": 2,
    }
    return Receivers(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("quantity", [1, 2, 9, 24, 40])
@pytest.mark.parametrize("room", [np.inf, 5.0])
def test_no_other_split_is_cheaper(quantity: int, room: float) -> None:
    """The split costs what the best of all splits in whole packs costs, and its bound proves it."""
    there = receivers(room=np.array([np.inf, room, np.inf]))
    packs = quantity // 2
    every = [
        sum(costs_of(np.array([quantity - 2 * (a + b), 2 * a, 2 * b]), there))
        for a, b in product(range(packs + 1), repeat=2)
        if a + b <= packs and 2 * a <= room
    ]
    found = split(quantity, there)

    assert found.cost == pytest.approx(min(every))
    assert found.lower_bound == pytest.approx(found.cost)
    assert found.units.sum() == quantity
    assert found.units[1] <= room


def test_a_line_that_does_not_earn_its_cost_is_not_sent() -> None:
    """With dear lines everything stays where it is."""
    found = split(30, receivers(cost=np.array([0.0, 1000.0, 1000.0])))
    assert found.units.tolist() == [30, 0, 0]
    assert found.transport == 0


def test_the_split_by_sales_keeps_to_whole_packs_and_room() -> None:
    """Shares are rounded to packs that fit; what is left stays with the goods."""
    found = proportional(21, np.array([1.0, 1.0, 1.0]), receivers(room=np.array([np.inf, 3.0, np.inf])))
    assert found.units.tolist() == [13, 2, 6]


def test_many_warehouses_have_an_honest_bound() -> None:
    """Where not all sets of lines can be tried, the bound stays below the cost and says how far it may be off."""
    rng = np.random.default_rng(1)
    count = 14
    away = (np.arange(count) > 0).astype(np.float64)
    there = Receivers(rng.uniform(0, 60, (count, 40)), 5.0 * away, 0.2 * away, np.full(count, np.inf), 0, 5.0, 6)
    found = split(300, there)
    assert found.lower_bound <= found.cost <= proportional(300, np.ones(count), there).cost


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"at": 3}, "at"), ({"pack": 0}, "pack"), ({"margin": -1.0}, "margin"), ({"room": np.array([0, 0, -1])}, "room")],
)
def test_nonsense_is_named(changes: dict[str, object], field: str) -> None:
    """A value that makes no sense goes back with its name."""
    with pytest.raises(InputError) as caught:
        receivers(**changes)
    assert caught.value.field == field


@pytest.mark.parametrize("quantity", [0, -4, 2 * MOST_PACKS + 2])
def test_a_quantity_out_of_bounds_is_refused(quantity: int) -> None:
    """Nothing, and more packs than can be meant, are not split."""
    with pytest.raises(InputError, match="quantity is") as caught:
        split(quantity, receivers())
    assert caught.value.bounds["minimum"] == 1

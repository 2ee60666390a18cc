"""What holds for every split of a delivery and every set of transfers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.allocation import Receivers, proportional, split
from planning.lanes import Lanes
from planning.shortage import lost_by_day
from planning.solvers import allocation
from planning.solvers.allocation import allocate
from planning.transfers import Network, best_moves

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=150, deadline=None)
@given(SEEDS, st.integers(1, 6), st.integers(1, 300), st.integers(1, 12))
def test_a_split_is_whole_complete_and_never_worse_than_by_sales(seed: int, places: int, quantity: int, pack: int) -> None:
    """All units are given out, none negative, sent ones in packs that fit; no dearer than by sales, no cheaper than proven."""
    rng = np.random.default_rng(seed)
    away = np.arange(places) > 0
    room = np.where(rng.random(places) < 0.5, np.inf, rng.integers(0, 100, places))
    there = Receivers(
        rng.normal(20, 30, (places, 12)), rng.uniform(0, 40, places) * away, rng.uniform(0, 2, places) * away, room, 0, 5.0, pack
    )
    found, plain = split(quantity, there), proportional(quantity, rng.random(places), there)

    assert found.units.sum() == plain.units.sum() == quantity
    assert (found.units >= 0).all()
    assert not (found.units[1:] % pack).any()
    assert (found.units[1:] <= room[1:]).all()
    assert found.lower_bound <= found.cost + 1e-9
    assert found.cost <= plain.cost + 1e-9
    assert found.lower_bound == pytest.approx(found.cost)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_transfers_take_what_is_there_and_earn_what_is_said(seed: int) -> None:
    """No sender goes negative or below what it keeps, packs are whole, and living through all days finds the same gain."""
    rng = np.random.default_rng(seed)
    count, places, until = 3, int(rng.integers(2, 4)), 12
    pack = rng.integers(1, 5, count).astype(np.float64)
    shop = Network(
        free=rng.integers(0, 60, (count, places)).astype(np.float64),
        arrivals=np.where(rng.random((count, places, until + 1)) < 0.1, 8.0, 0.0),
        paths=tuple(rng.poisson(rng.uniform(0, 5, (count, 1, 1)), (count, 8, until)).astype(np.float32) for _ in range(places)),
        lead_days=rng.integers(0, until, count).astype(np.intp),
        until=np.full(count, until, dtype=np.intp),
        margin=rng.uniform(0, 9, count),
        unit_cost=rng.uniform(0.5, 5, count),
        pack=pack,
        most_cover=np.full(count, np.inf),
        order_cost=float(rng.uniform(0, 30)),
        may_buy=rng.random(count) < 0.8,
        seed=0,
    )
    shape = (count, places, places)
    lanes = Lanes(
        codes=tuple("ABC"[:places]),
        days=rng.integers(0, 15, shape).astype(np.float64),
        cost=rng.uniform(0, 20, shape),
        unit_cost=rng.uniform(0, 1, shape),
        keep_days=rng.integers(0, 4, shape).astype(np.float64),
        least_value=rng.uniform(0, 20, shape),
        held=rng.random(shape) < 0.1,
        rules={},
    )
    moves, left = best_moves(shop, lanes)

    free, arrivals, paid = shop.free.copy(), shop.arrivals.copy(), 0.0
    for move in moves:
        free[move.row, move.source] -= move.quantity
        arrivals[move.row, move.target, move.days] += move.quantity
        paid += move.transport
        assert move.gain > 0
        assert not move.quantity % pack[move.row]
        assert not lanes.held[move.row, move.source, move.target]
        keeps = lanes.keep_days[move.row, move.source, move.target] * shop.daily[move.row, move.source]
        assert move.kept >= keeps - 1e-6
    assert (free >= 0).all()
    assert all(option.hindrance for option in left)

    def lost(stock: np.ndarray, coming: np.ndarray) -> float:
        return sum(
            float(shop.margin[row]) * lost_by_day(shop.paths[place][row], stock[row, place], coming[row, place])
            for row in range(count)
            for place in range(places)
        )

    gained = lost(shop.free, shop.arrivals) - lost(free, arrivals) - paid
    assert gained == pytest.approx(sum(move.gain for move in moves), abs=1e-2)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.floats(0.1, 0.9))
def test_sifting_finds_the_optimum_of_the_whole_program(seed: int, share: float) -> None:
    """The allocation over the lanes that matter costs what it does over all, is proven, and keeps to all limits."""
    rng = np.random.default_rng(seed)
    supply, demand = rng.integers(0, 30, (12, 3)), rng.integers(0, 30, (12, 4))
    cost, penalty = rng.uniform(1, 9, (3, 4)), rng.uniform(2, 20, (12, 1))
    through = share * supply.sum(axis=0)
    lane = np.where(rng.random((12, 3, 4)) < 0.2, rng.integers(0, 9, (12, 3, 4)), np.inf)
    whole = allocate(supply, demand, cost, penalty, throughput=through, lane_capacity=lane)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(allocation, "SIFTED_FROM", 1)
        patch.setattr(allocation, "SAMPLED_ITEMS", 4)
        sifted = allocate(supply, demand, cost, penalty, throughput=through, lane_capacity=lane)

    assert sifted.cost == pytest.approx(whole.cost)
    assert sifted.lower_bound == pytest.approx(sifted.cost)
    assert (sifted.shipped.sum(axis=(0, 2)) <= through + 1e-6).all()
    assert (sifted.shipped <= lane + 1e-6).all()

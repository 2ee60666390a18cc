"""What an item has seen often it is believed on; what it has seen seldom it takes from its group, and a group from the panel."""

import numpy as np
import pytest

from forecasting.design import Design
from forecasting.pooled import regress
from parstock.domain import Floats

DAYS = 400


def promotions(items: int, share: float, rng: np.random.Generator) -> Floats:
    """[1, N, T] days of promotion."""
    return (rng.random((1, items, DAYS)) < share).astype(float)


def fitted(own: Floats, factor: Floats, groups: tuple[str, ...] = (), base: float = 20.0) -> Floats:
    """[N] factors found where demand of `base` a day was multiplied by [N] factors on the days of `own`."""
    demand = np.random.default_rng(9).poisson(base * np.where(own[0] > 0, factor[:, None], 1.0)).astype(float)
    design = Design(np.zeros((DAYS, 0)), (), own, ("promotion",))
    return np.exp(regress(demand, design, groups, window_days=None, common_shock=0.1)[:, 0])


def test_often_seen_effects_are_the_items_own() -> None:
    """Forty days of promotion outweigh a group that reacts otherwise."""
    own = promotions(10, 0.1, np.random.default_rng(0))
    factor = np.full(10, 1.5)
    factor[0] = 2.5
    assert fitted(own, factor)[0] == pytest.approx(2.5, rel=0.1)


def test_effects_never_seen_are_the_groups() -> None:
    """An item without any promotion has the factor of its group, not that of the other group."""
    own = promotions(20, 0.1, np.random.default_rng(1))
    own[0, [0, 10]] = 0.0
    factor = np.repeat([1.5, 3.0], 10)
    found = fitted(own, factor, ("a",) * 10 + ("b",) * 10)
    assert found[0] == pytest.approx(1.5, rel=0.07)
    assert found[10] == pytest.approx(3.0, rel=0.07)


def test_one_day_of_a_slow_item_is_hardly_evidence() -> None:
    """A single promoted day on which an item of one unit a day sold none does not undo what its group says."""
    own = promotions(20, 0.1, np.random.default_rng(2))
    own[0, 0] = 0.0
    own[0, 0, 200] = 1.0
    found = fitted(own, np.r_[0.01, np.full(19, 2.0)], base=1.0)
    assert found[0] > 1.5


def test_a_day_that_all_items_share_is_one_witness() -> None:
    """What a hundred items did together on one day is believed less where days are known to move together."""
    demand = np.random.default_rng(3).poisson(50.0, size=(100, DAYS)).astype(float)
    demand[:, 100] *= 3.0
    shared = np.zeros((DAYS, 1))
    shared[100] = 1.0
    design = Design(shared, ("holiday",), np.zeros((0, 0, DAYS)), ())
    alone, together = (np.exp(regress(demand, design, (), window_days=None, common_shock=shock)[0, 0]) for shock in (0.0, 1.0))
    assert alone == pytest.approx(3.0, rel=0.15)
    assert 1.0 < together < 0.8 * alone


def test_no_columns_have_no_coefficients() -> None:
    """A design without columns is fitted as such."""
    design = Design(np.zeros((DAYS, 0)), (), np.zeros((0, 0, DAYS)), ())
    assert regress(np.ones((3, DAYS)), design, (), window_days=42.0, common_shock=0.1).shape == (3, 0)

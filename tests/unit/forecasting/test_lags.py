"""The level of an item is a blend of its lags, chosen by what would have forecast its last weeks."""

import numpy as np
import pytest

from forecasting.lags import Levels

DAYS = 300


def test_a_constant_item_stands_where_it_always_stood() -> None:
    """Without noise and effects every blend is the constant, on the first day as on the last."""
    levels = Levels.of(np.full((2, DAYS), 4.0), np.ones((2, DAYS)))
    np.testing.assert_allclose(levels.daily, 4.0)


def test_effects_are_no_part_of_the_level() -> None:
    """Demand that a known factor doubled leaves the level as it was."""
    factors = np.where(np.arange(DAYS) >= DAYS - 10, 2.0, 1.0)[None]
    levels = Levels.of(5.0 * factors, factors)
    np.testing.assert_allclose(levels.daily[:, -1], 5.0)


def test_a_drifting_item_forgets_faster_than_a_noisy_one() -> None:
    """Of two panels, the one whose level wanders keeps more of each week's surprise."""
    rng = np.random.default_rng(0)
    wandering = rng.poisson(30.0 * np.exp(np.cumsum(rng.normal(0, 0.05, (20, DAYS)), axis=1))).astype(float)
    steady = rng.poisson(30.0, (20, DAYS)).astype(float)
    ones = np.ones((20, DAYS))
    quick, slow = Levels.of(wandering, ones).weekly_gain.mean(), Levels.of(steady, ones).weekly_gain.mean()
    assert quick > 2 * slow


def test_unknown_days_are_passed_over() -> None:
    """Days of which nothing is known neither lower the level nor age it."""
    demand = np.full((1, DAYS), 6.0)
    demand[0, -50:-10] = np.nan
    assert Levels.of(demand, np.ones((1, DAYS))).daily[0, -1] == pytest.approx(6.0)


def test_a_level_does_not_know_its_own_day() -> None:
    """Changing a day's demand changes no level up to that morning."""
    first = np.random.default_rng(1).poisson(5.0, (3, DAYS)).astype(float)
    second = first.copy()
    second[:, -1] += 100.0
    before, after = (Levels.of(demand, np.ones((3, DAYS))) for demand in (first, second))
    assert (after.daily[:, -1] > before.daily[:, -1]).all()

"""Recalibration: what is learned from coverage, how futures are moved, and what is left alone."""

import numpy as np
import pytest
from scipy.special import ndtri

from forecasting.calibrate import (
    LEVELS,
    MOST_FACTOR,
    SAFETY_LEVELS,
    Calibration,
    conformal_factors,
    demand_classes,
    reach,
    recalibrate,
    stretch,
)
from forecasting.margins import expected_quantiles
from forecasting.mixture import mix

PLACES = ndtri((np.arange(2000) + 0.5) / 2000)
"""Evenly spaced draws of a standard normal distribution."""
NORMAL = np.random.default_rng(0).normal(100.0, 10.0, (400, 5, 199))


def margins() -> np.ndarray:
    """Sorted normal samples of 400 items on 5 days, mean 100 and deviation 10."""
    return np.sort(NORMAL, axis=2).astype(np.float32)


def test_classes_by_interval_and_evenness() -> None:
    """The four Syntetos-Boylan classes, one example each."""
    often, seldom = np.ones(12), np.tile([1.0, 0.0, 0.0], 4)
    wild = np.tile([1.0, 1.0, 1.0, 20.0], 3)
    uneven = np.where(seldom > 0, np.repeat([1.0, 1.0, 1.0, 20.0], 3), 0.0)
    demand = np.stack([often, wild, seldom, uneven])
    assert demand_classes(demand) == ("smooth", "erratic", "intermittent", "lumpy")


def test_reach_is_above_one_exactly_where_the_quantile_was_on_the_wrong_side() -> None:
    """Reach says how much further from the median a quantile should have been; unknown days have none."""
    samples = np.linspace(0.0, 100.0, 201)[None, None].astype(np.float32)
    ninety = LEVELS.index(0.9)
    reaches = [reach(samples, np.array([[value]]))[0, 0] for value in (70.0, 130.0, 10.0, np.nan)]
    quantile = expected_quantiles(samples, (0.9,))[0, 0, 0]
    assert reaches[0][ninety] == pytest.approx(20 / (quantile - 50))
    assert reaches[1][ninety] > 1 > reaches[0][ninety]
    assert reaches[2][0] < 1 < reaches[2][LEVELS.index(0.2)]
    assert np.isnan(reaches[3]).all()


def test_a_distribution_without_spread_is_reached_or_not() -> None:
    """Where all samples are equal, demand at or under them is covered and demand above never is."""
    flat = np.full((1, 1, 50), 3.0, dtype=np.float32)
    upper = len(LEVELS) - 1
    assert reach(flat, np.array([[3.0]]))[0, 0, upper] == 0.0
    assert reach(flat, np.array([[3.5]]))[0, 0, upper] == np.inf


@pytest.mark.parametrize(("deviation", "factor"), [(20.0, 2.0), (7.0, 0.7), (10.0, 1.0)])
def test_factors_are_those_by_which_the_spread_was_wrong(deviation: float, factor: float) -> None:
    """Demand twice as wide as forecast gives factors near 2, narrower demand narrows, and a right forecast is left alone."""
    reaches = reach(margins(), 100 + deviation * np.random.default_rng(1).permutation(PLACES).reshape(400, 5))
    np.testing.assert_allclose(conformal_factors(reaches, reaches), factor, rtol=0.15)
    if factor == 1:
        assert (conformal_factors(reaches, reaches)[1:-1] == 1).all()


def test_few_days_teach_little_and_wild_ones_are_bounded() -> None:
    """Without days beyond a level its factor is that of the next; without any nothing changes; an infinite reach is capped."""
    shape = (10, 6, len(LEVELS))
    assert (conformal_factors(np.full((1, 6, len(LEVELS)), 9.0), np.full((1, 6, len(LEVELS)), 9.0)) == 1).all()
    some = np.full(shape, 1.5)
    assert conformal_factors(some, some)[LEVELS.index(0.8)] == conformal_factors(some, some)[LEVELS.index(0.99)] == 1.5
    many = np.full((200, 6, len(LEVELS)), np.inf)
    assert conformal_factors(many, many)[-1] == MOST_FACTOR


def test_stretching_moves_each_level_by_its_own_factor() -> None:
    """The 95 % quantile gets twice as far from the median, the lower ones stay where they were."""
    factors = np.ones((400, len(LEVELS)))
    factors[:, LEVELS.index(0.95)] = 2.0
    before, after = (expected_quantiles(m, (0.2, 0.5, 0.95)) for m in (margins(), stretch(margins(), factors)))
    np.testing.assert_allclose(after[:, :, :2], before[:, :, :2], rtol=1e-5)
    np.testing.assert_allclose(after[:, :, 2] - after[:, :, 1], 2 * (before[:, :, 2] - before[:, :, 1]), rtol=0.02)


def test_recalibrated_futures_cover_what_they_say() -> None:
    """Factors learned on some items put the coverage of others right, at every level."""
    rng = np.random.default_rng(2)
    learned = reach(margins(), 100 + 17 * np.random.default_rng(12).permutation(PLACES).reshape(400, 5))
    factors = conformal_factors(learned, learned)
    futures = stretch(margins(), np.repeat(factors[None], 400, axis=0))
    actual = 100 + 17 * rng.permutation(PLACES).reshape(400, 5)
    covered = (actual[:, :, None] <= expected_quantiles(futures, SAFETY_LEVELS)).mean(axis=(0, 1))
    np.testing.assert_allclose(covered, SAFETY_LEVELS, atol=0.02)


def test_no_calibration_gives_back_the_futures() -> None:
    """Factors of one and no tie leave every path as it was, in whole units."""
    rng = np.random.default_rng(3)
    futures = rng.poisson(3.0, (4, 50, 7)).astype(np.float32)
    whole, nothing = np.ones(4, dtype=bool), Calibration.none()
    mixed = mix([futures + rng.random(futures.shape, dtype=np.float32)], np.ones((4, 1)))
    made = recalibrate(mixed, np.repeat(nothing.factors[None], 4, axis=0), np.zeros(4), whole, rng)
    np.testing.assert_array_equal(made.swapaxes(1, 2), futures)

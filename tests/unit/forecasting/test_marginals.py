"""The distribution of a day from its quantiles."""

import numpy as np
import pytest

from forecasting.marginals import LEVELS, chance_below, interpolation, values_at
from forecasting.quantile_regression import linear_quantiles


def test_known_levels_are_kept() -> None:
    """At the levels themselves the quantiles come back."""
    np.testing.assert_allclose(interpolation(np.array(LEVELS)), np.eye(len(LEVELS)), atol=1e-6)


def test_tails_fall_off_exponentially() -> None:
    """Of an exponential distribution the quantile far above the last level is the true one."""
    quantiles = -np.log1p(-np.array(LEVELS))
    assert quantiles @ interpolation(np.array([0.999]))[:, 0] == pytest.approx(-np.log(0.001), rel=1e-5)


def test_counts_come_back_from_jittered_quantiles() -> None:
    """Drawing at evenly spaced levels gives counts their own chances."""
    rng = np.random.default_rng(0)
    count = rng.poisson(0.8, 200_000)
    quantiles = np.quantile(count + rng.random(count.size), LEVELS)[None, None].astype(np.float32)
    drawn = values_at(quantiles, (np.arange(1000) + 0.5) / 1000, np.array([True]))
    for units in range(4):
        assert (drawn == units).mean() == pytest.approx((count == units).mean(), abs=0.02)


def test_the_chance_below_undoes_the_quantile() -> None:
    """The level of a quantile is found again, between levels too."""
    quantiles = np.sort(np.random.default_rng(1).gamma(2.0, 2.0, (4, 5, len(LEVELS))), axis=2)
    between = (quantiles[:, :, 4] + quantiles[:, :, 5]) / 2
    np.testing.assert_allclose(chance_below(quantiles, between), (LEVELS[4] + LEVELS[5]) / 2, rtol=1e-9)


def test_linear_quantiles_of_a_known_line() -> None:
    """With noise that grows with x, the slope of each quantile is the noise's own quantile."""
    rng = np.random.default_rng(2)
    x = rng.uniform(1, 5, 20_000)
    y = 2 + x * rng.exponential(1.0, x.size)
    found = linear_quantiles(np.column_stack([x, np.ones_like(x)]), y, LEVELS)
    for level in (0.2, 0.5, 0.9):
        slope, constant = found[:, LEVELS.index(level)]
        assert slope == pytest.approx(-np.log1p(-level), abs=0.08)
        assert constant == pytest.approx(2.0, abs=0.15)


def test_linear_quantiles_cover_their_share_far_out() -> None:
    """The highest level is reached as well: 99 % of the sample lie below it."""
    rng = np.random.default_rng(3)
    inputs = np.column_stack([rng.uniform(1, 5, 20_000), np.ones(20_000)])
    target = inputs[:, 0] * rng.exponential(1.0, 20_000)
    below = (target[:, None] <= inputs @ linear_quantiles(inputs, target, LEVELS)).mean(axis=0)
    np.testing.assert_allclose(below, LEVELS, atol=0.01)

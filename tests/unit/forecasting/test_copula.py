"""How the days of a path hang together."""

import numpy as np
import pytest

from forecasting.copula import Dependence, dependence, expected_scores, join, path_levels


def simulated(common: float, daily: float, seed: int = 0, items: int = 2000) -> np.ndarray:
    """[items, 3, 28] normal scores of that dependence."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(items, 3, 28))
    for day in range(1, 28):
        own[:, :, day] = daily * own[:, :, day - 1] + np.sqrt(1 - daily**2) * own[:, :, day]
    return np.asarray(np.sqrt(common) * rng.normal(size=(items, 3, 1)) + np.sqrt(1 - common) * own)


@pytest.mark.parametrize(("common", "daily"), [(0.0, 0.0), (0.15, 0.3), (0.3, 0.5)])
def test_dependence_is_recovered(common: float, daily: float) -> None:
    """Scores simulated with a common share and a daily correlation give both back."""
    found = dependence(simulated(common, daily))
    assert found.common == pytest.approx(common, abs=0.04)
    assert found.daily == pytest.approx(daily, abs=0.06)


def test_dependence_of_coarse_scores_is_not_understated() -> None:
    """Of scores known only as sale or no sale, the correlation behind them is found all the same."""
    sold = simulated(0.2, 0.0, items=3000) > 0.8
    chance = 0.7881446
    coarse = expected_scores(np.where(sold, chance, 0.0), np.where(sold, 1.0, chance))
    assert dependence(coarse).common == pytest.approx(0.2, abs=0.05)


def test_unknown_days_say_nothing() -> None:
    """With a third of the days unknown the same dependence is found; with all of them none is."""
    scores = simulated(0.3, 0.2)
    scores[np.random.default_rng(1).random(scores.shape) < 0.33] = np.nan
    assert dependence(scores).common == pytest.approx(0.3, abs=0.05)
    assert dependence(np.full((5, 3, 28), np.nan)) == Dependence(0.0, 0.0)


def test_each_day_keeps_its_distribution() -> None:
    """Joining only reorders: every day's samples are the quantiles it was given."""
    values = np.sort(np.random.default_rng(2).gamma(2.0, 3.0, (7, 10, 50)), axis=2).astype(np.float32)
    joined = join(values, [Dependence(0.3, 0.4)], np.zeros(7, dtype=np.intp), np.random.default_rng(0))
    np.testing.assert_array_equal(np.sort(joined.swapaxes(1, 2), axis=2), values)


def test_totals_spread_as_the_dependence_says() -> None:
    """The variance of a path's total of standard normals is the sum of the correlations of its days."""
    from scipy.special import ndtri

    days, common, daily = 20, 0.2, 0.5
    values = np.broadcast_to(ndtri(path_levels(500)), (60, days, 500)).astype(np.float32)
    joined = join(values, [Dependence(common, daily)], np.zeros(60, dtype=np.intp), np.random.default_rng(0))
    apart = np.abs(np.subtract.outer(np.arange(days), np.arange(days)))
    assert joined.sum(axis=2).var() == pytest.approx((common + (1 - common) * daily**apart).sum(), rel=0.05)

"""What each model is for, on data where the truth is known."""

import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from forecasting.base import forecasters
from parstock.domain import DemandPanel, Floats

MONDAY = date(2023, 1, 2)


def panel(demand: Floats) -> DemandPanel:
    """A panel starting on a Monday."""
    return DemandPanel(items=tuple(f"i{i}" for i in range(demand.shape[0])), start=MONDAY, demand=demand)


def negative_binomial(items: int, days: int, mean: float, size: float, seed: int) -> Floats:
    """Overdispersed demand: [items, days]."""
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(size, mean / size, (items, days))).astype(float)


@pytest.mark.parametrize(("name", "mean", "size"), [("ets", 40.0, 6.0), ("ets", 8.0, 2.0), ("croston", 0.4, 0.4)])
def test_lead_time_totals_are_calibrated(name: str, mean: float, size: float) -> None:
    """The 95 % quantile of a 21-day total covers 95 % of items, give or take the chance of 400 items."""
    demand = negative_binomial(400, 385, mean, size, seed=11)
    totals = forecasters.get(name)().fit(panel(demand[:, :-21])).predict(21).total()
    covered = (demand[:, -21:].sum(axis=1) <= np.quantile(totals, 0.95, axis=1)).mean()
    assert 0.91 <= covered <= 0.985


def test_seasonal_naive_repeats_the_last_week() -> None:
    """Without change from week to week the last one is repeated exactly, from the right weekday."""
    weeks = np.tile([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 6)[None, :-2]
    made = forecasters.get("seasonal_naive")().fit(panel(weeks)).predict(9, paths=5)
    np.testing.assert_array_equal(made.paths[0, 0], [6, 7, 1, 2, 3, 4, 5, 6, 7])


def test_ets_learns_weekdays_and_level() -> None:
    """Level and weekday pattern come back within a few per cent."""
    rng = np.random.default_rng(3)
    pattern = np.array([10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0])
    demand = np.tile(pattern, 40)[None] + rng.normal(0, 2, (1, 280))
    made = forecasters.get("ets")().fit(panel(demand)).predict(14)
    np.testing.assert_allclose(made.mean()[0], np.tile(pattern, 2), rtol=0.12)


def test_ets_follows_a_trend_but_dampens_it() -> None:
    """A rising item is forecast above its last weeks, and not for ever further."""
    demand = 20 + 0.5 * np.arange(200.0)[None]
    mean = forecasters.get("ets")().fit(panel(demand)).predict(56).mean()[0]
    assert mean[0] == pytest.approx(120, rel=0.03)
    assert 120 < mean[-1] < 148


def test_croston_keeps_zero_days_and_real_sizes() -> None:
    """Forecast days are zero or a size that was sold, at the right rate."""
    rng = np.random.default_rng(4)
    demand = np.where(rng.random((1, 364)) < 0.1, rng.choice([6.0, 12.0], (1, 364)), 0.0)
    made = forecasters.get("croston")().fit(panel(demand)).predict(28, paths=500)
    assert set(np.unique(made.paths)) == {0.0, 6.0, 12.0}
    assert (made.paths > 0).mean() == pytest.approx(0.1, abs=0.04)


def test_croston_is_unsure_of_its_own_chance() -> None:
    """Totals spread more than coin tosses of a known chance would, because the chance is estimated."""
    demand = (np.random.default_rng(10).random((60, 200)) < 0.4).astype(float)
    totals = forecasters.get("croston")().fit(panel(demand)).predict(28).total()
    chance = totals.mean(axis=1) / 28
    assert (totals.var(axis=1) / (28 * chance * (1 - chance))).mean() > 1.1


def test_croston_fades_where_sales_stopped() -> None:
    """An item that sold daily and then hardly at all is not forecast at its old rate."""
    rng = np.random.default_rng(5)
    demand = np.r_[rng.poisson(3.0, 200), (rng.random(120) < 0.02)].astype(float)[None]
    assert forecasters.get("croston")().fit(panel(demand)).predict(28).mean().mean() < 0.3


def test_listing_the_forecasters_imports_no_statsmodels() -> None:
    """Statsmodels is loaded when an ARIMA is fitted, not before."""
    code = "import sys; from forecasting.base import forecasters; forecasters.names(); assert 'statsmodels' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)

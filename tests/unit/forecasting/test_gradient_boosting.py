"""The model of many items: what it learns, what it keeps, and when it steps back."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecasting.base import forecasters
from forecasting.models.gradient_boosting import GradientBoosting
from parstock.domain import DemandPanel, Floats, Forecast, KnownAhead
from parstock.errors import NotFitted

MONDAY = date(2023, 1, 2)
HORIZON = 14


def shop(items: int = 60, days: int = 220, seed: int = 0) -> DemandPanel:
    """Items of different pace with a weekend peak, and promotions that double demand."""
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.uniform(np.log(0.3), np.log(20.0), items))[:, None]
    weekday = np.array([0.8, 0.8, 0.8, 0.9, 1.1, 1.4, 1.2])[np.arange(days + HORIZON) % 7]
    promotion = rng.random((items, days + HORIZON)) < 0.08
    demand = rng.poisson(rng.gamma(3.0, rate / 3.0, (items, days + HORIZON)) * weekday * np.where(promotion, 2.5, 1.0))
    return DemandPanel(
        items=tuple(f"i{i}" for i in range(items)),
        start=MONDAY,
        demand=demand[:, :days].astype(float),
        promotion=promotion[:, :days],
        ahead=KnownAhead(promotion=promotion[:, days:]),
    )


@pytest.fixture(scope="module")
def fitted() -> GradientBoosting:
    """The model of the shop."""
    return GradientBoosting().fit(shop())


@pytest.fixture(scope="module")
def made(fitted: GradientBoosting) -> Forecast:
    """Its forecast."""
    return fitted.predict(HORIZON)


def test_it_follows_weekdays(made: Forecast) -> None:
    """Saturdays are forecast well above Mondays, as they sell."""
    plain = made.mean() - made.effects["promotion"]
    weekday = (made.start.weekday() + np.arange(HORIZON)) % 7
    assert plain[:, weekday == 5].sum() / plain[:, weekday == 0].sum() == pytest.approx(1.4 / 0.8, rel=0.2)


def test_promotions_are_an_effect_where_they_are_planned_and_nowhere_else(made: Forecast) -> None:
    """Promotion days gain about the 2.5-fold they are simulated with, other days exactly nothing."""
    ahead = shop().ahead
    assert ahead is not None
    assert ahead.promotion is not None
    effect, mean = made.effects["promotion"], made.mean()
    assert (effect[~ahead.promotion] == 0).all()
    with_, without = mean[ahead.promotion].sum(), (mean - effect)[ahead.promotion].sum()
    assert with_ / without == pytest.approx(2.5, rel=0.25)


def test_the_price_of_a_day_moves_its_forecast_and_only_its_own() -> None:
    """Cheap days are forecast higher where cheap days sold more; the effect is zero at the usual price."""
    panel, rng = shop(), np.random.default_rng(1)
    price = np.where(rng.random((60, 220 + HORIZON)) < 0.1, 7.0, 10.0)
    demand = rng.poisson(6.0 * (price / 10.0) ** -3.0)[:, :220].astype(float)
    priced = replace(panel, demand=demand, price=price[:, :220], promotion=None, ahead=KnownAhead(price=price[:, 220:]))
    effect = GradientBoosting().fit(priced).predict(HORIZON).effects["price"]
    cheap = price[:, 220:] < 10
    assert effect[cheap].mean() > 4
    assert (effect[~cheap] == 0).all()


def test_whole_items_are_forecast_in_whole_units(made: Forecast) -> None:
    """No path holds a part of a unit, and the mean is not lost in rounding."""
    assert (made.paths == np.floor(made.paths)).all()
    assert made.mean().sum() == pytest.approx(shop().demand[:, -56:].mean(axis=1).sum() * HORIZON, rel=0.1)


def test_days_and_totals_are_calibrated() -> None:
    """The 80 and 95 % quantiles cover their share of jittered days, and of two-week totals."""
    panel = shop(items=200, seed=5)
    now = panel.as_of - timedelta(days=HORIZON)
    made = GradientBoosting().fit(panel.until(now)).predict(HORIZON)
    actual, rng = panel.demand[:, -HORIZON:], np.random.default_rng(0)
    total = actual.sum(axis=1)
    for level in (0.8, 0.95):
        quantile = np.quantile(made.paths + rng.random(made.paths.shape), level, axis=1)
        assert (actual + rng.random(actual.shape) <= quantile).mean() == pytest.approx(level, abs=0.04)
        assert (total <= np.quantile(made.total(), level, axis=1)).mean() == pytest.approx(level, abs=0.06)


def test_learning_twice_gives_the_same_model(fitted: GradientBoosting, made: Forecast) -> None:
    """The same panel and seed give the same paths in another run of the fit."""
    np.testing.assert_array_equal(GradientBoosting().fit(shop()).predict(HORIZON).paths, made.paths)


@pytest.mark.slow
def test_the_number_of_threads_changes_nothing() -> None:
    """One thread and three give the same paths, bit for bit."""
    code = (
        "import sys; sys.path.insert(0, 'tests/unit/forecasting'); import zlib; import test_gradient_boosting as t;"
        "print(zlib.crc32(t.GradientBoosting().fit(t.shop(items=30, days=120)).predict(9).paths.tobytes()))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={**os.environ, **_threads(count)}
        ).stdout
        for count in ("1", "3")
    }
    assert len(found) == 1


def _threads(count: str) -> dict[str, str]:
    return dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), count)


def test_condition_keeps_the_trees_and_takes_the_new_history(fitted: GradientBoosting) -> None:
    """After conditioning on some items whose level tripled, they alone are forecast, at the new level."""
    panel = shop()
    model = GradientBoosting().fit(panel)
    learned = model._learned
    raised = panel.demand.copy()
    raised[:, -100:] *= 3
    before = fitted.predict(HORIZON).mean()[:10].sum()
    after = model.condition(replace(panel, demand=raised).rows(list(range(10)))).predict(HORIZON)
    assert model._learned is learned
    assert after.items == panel.items[:10]
    assert after.mean().sum() > 2 * before


def test_condition_needs_a_fit() -> None:
    """There is nothing to condition before a fit."""
    with pytest.raises(NotFitted, match="fit"):
        GradientBoosting().condition(shop())


def test_a_single_item_is_answered_at_once_by_a_simpler_model_that_is_named() -> None:
    """One item is too little to learn from: croston's paths, said so, in a fraction of a second."""
    one = shop().rows([7])
    started = time.process_time()
    made = GradientBoosting().fit(one).predict(HORIZON)
    assert time.process_time() - started < 0.3
    assert "croston stands in" in made.reasons[0]
    np.testing.assert_array_equal(made.paths, forecasters.get("croston")().fit(one).predict(HORIZON).paths)


def test_unknown_days_are_not_read_as_zeros() -> None:
    """Days out of stock in the last weeks do not pull the forecast down."""
    panel = shop()
    in_stock = np.ones(panel.demand.shape, dtype=np.bool_)
    in_stock[:30, -20::2] = False
    demand: Floats = np.where(in_stock, panel.demand, 0.0)
    censored = GradientBoosting().fit(replace(panel, demand=demand, in_stock=in_stock)).predict(HORIZON)
    whole = GradientBoosting().fit(panel).predict(HORIZON)
    assert censored.mean()[:30].sum() == pytest.approx(whole.mean()[:30].sum(), rel=0.15)


def test_listing_the_forecasters_imports_no_lightgbm() -> None:
    """LightGBM is loaded when trees are grown, not before."""
    code = "import sys; from forecasting.base import forecasters; forecasters.names(); assert 'lightgbm' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)

"""The forecaster that plans rest on: who competes, what it says, and that it covers."""

from collections.abc import Mapping
from datetime import date
from typing import Self

import numpy as np
import pytest

from forecasting.base import forecasters
from forecasting.models import auto
from forecasting.models.auto import Auto
from parstock.domain import DemandPanel, Driver, Floats, Forecast, ForecastStatus

START = date(2023, 1, 2)
FAST = ("seasonal_naive", "croston", "ets")


@pytest.fixture(autouse=True)
def _fast_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only models that fit in milliseconds compete, unless a test says otherwise."""
    monkeypatch.setattr(auto, "FAST", FAST)
    monkeypatch.setattr(auto, "GLOBAL", ())


def panel(demand: np.ndarray) -> DemandPanel:
    """Items named by number."""
    return DemandPanel(tuple(f"i{i}" for i in range(demand.shape[0])), START, np.asarray(demand, dtype=float))


def noisy(items: int, days: int, mean: float = 6.0, seed: int = 0) -> np.ndarray:
    """Overdispersed counts."""
    return np.random.default_rng(seed).negative_binomial(2.0, 2.0 / (2.0 + mean), (items, days)).astype(float)


def test_who_competes_depends_on_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models of all items compete on panels of many, and models of the year on long ones."""
    monkeypatch.setattr(auto, "GLOBAL", ("gradient_boosting",))
    assert auto._competitors(panel(noisy(1, 200))) == FAST
    assert auto._competitors(panel(noisy(auto.LEAST_GLOBAL_ITEMS, 200))) == (*FAST, "gradient_boosting")
    assert "ets_yearly" in auto._competitors(panel(noisy(1, 800)))


def test_a_mixture_is_named_scored_and_explained() -> None:
    """Each item has the models that make it, their losses, and one sentence in each language."""
    made = Auto().fit(panel(noisy(25, 250))).predict(14, paths=50)
    assert set(made.scores) == set(FAST)
    assert all(np.isfinite(score).all() for score in made.scores.values())
    assert all(set(names.split("+")) <= set(FAST) for names in made.models)
    assert all("8 backtest windows of 28 days" in reason for reason in made.reasons)
    assert all("8个28天的回测窗口" in reason for reason in made.reasons_zh)


def test_short_histories_get_fewer_windows_and_shorter_ones_none() -> None:
    """The reason counts the windows there were; without any the fallback is used and says why."""
    few = Auto().fit(panel(noisy(3, 60))).predict(7, paths=20)
    none = Auto().fit(panel(noisy(3, 18))).predict(7, paths=20)
    assert all("2 backtest windows of 28 days" in reason and "too few windows" in reason for reason in few.reasons)
    assert set(none.models) == {"croston"}
    assert all("too little history for a backtest" in reason for reason in none.reasons)
    assert all("历史太短" in reason for reason in none.reasons_zh)


def test_items_that_cannot_be_forecast_say_so_in_both_languages() -> None:
    """Nothing is claimed of a backtest where there is no forecast."""
    demand = noisy(3, 250)
    demand[1] = 0.0
    made = Auto().fit(panel(demand)).predict(7, paths=20)
    assert made.status[1] == "no_recent_demand"
    assert "backtest" not in made.reasons[1]
    assert "没有销售记录" in made.reasons_zh[1]
    assert not made.paths[1].any()


def test_jumping_levels_are_covered_as_the_quantiles_say() -> None:
    """Where no model expects the level to jump, days are covered near nominal all the same, and totals far better."""
    rng = np.random.default_rng(8)
    level = np.repeat(np.exp(rng.normal(3.0, 0.5, (30, 13))), 28, axis=1)
    demand = rng.poisson(level).astype(float)
    known, actual = demand[:, :336], demand[:, 336:]
    made = Auto().fit(panel(known)).predict(28)
    plain = forecasters.get("croston")().fit(panel(known)).predict(28)
    q95, plain_q95 = (np.quantile(f.total(), 0.95, axis=1) for f in (made, plain))
    assert (actual <= made.quantiles((0.95,))[:, :, 0]).mean() > 0.9
    assert (actual.sum(axis=1) <= q95).mean() > (actual.sum(axis=1) <= plain_q95).mean() + 0.1


def test_whole_units_stay_whole_and_closed_days_closed() -> None:
    """Mixing and stretching invent neither halves of a unit nor sales on a closed day."""
    demand = noisy(25, 252)
    demand[:, 5::7] = 0.0
    made = Auto().fit(panel(demand)).predict(14, paths=50)
    assert (made.paths == np.rint(made.paths)).all()
    saturday = (made.start.weekday() + np.arange(14)) % 7 == 5
    assert not made.paths[:, :, saturday].any()
    assert made.paths[:, :, ~saturday].any()


def test_following_last_year_wins_where_years_repeat() -> None:
    """With a peak at the same time last year, models that follow the year carry the forecast, and it shows the peak."""
    rng = np.random.default_rng(9)
    days = np.arange(3 * 364)
    year = 1 + 2.0 * np.exp(-(((days % 364) - 330) ** 2) / 1500)
    demand = rng.poisson(10 * year, (30, days.size)).astype(float)
    stop = 2 * 364 + 290
    made = Auto().fit(panel(demand[:, :stop])).predict(28)
    plain = forecasters.get("croston")().fit(panel(demand[:, :stop])).predict(28)
    actual = demand[:, stop : stop + 28].mean()
    assert sum("_yearly" in names.split("+")[0] for names in made.models) >= 27
    assert abs(made.mean().mean() - actual) < 0.6 * abs(plain.mean().mean() - actual)


class Promoted:
    """A forecaster of a constant, half of which is due to a promotion."""

    units: float = 0.0
    share: float = 0.0
    status: tuple[ForecastStatus, ...] = ("ok",)

    def fit(self, panel: DemandPanel) -> Self:
        """Remember the items."""
        self.panel = panel
        return self

    def predict(self, horizon_days: int, *, paths: int = 200, seed: int = 0) -> Forecast:
        """The constant, give or take Poisson noise."""
        count = len(self.panel.items)
        futures = np.random.default_rng(seed).poisson(self.units, (count, paths, horizon_days)).astype(np.float32)
        effects: Mapping[Driver, Floats] = {"promotion": np.full((count, horizon_days), self.share)} if self.share else {}
        return Forecast(self.panel.items, self.panel.as_of, futures, ("x",) * count, self.status * count, effects=effects)


def test_effects_are_mixed_in_the_same_shares_and_on_the_same_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    """A promotion that is half of one part is as much of the mixture as that part is, of the mean that is forecast."""
    parts = {"low": (20.0, 10.0), "high": (40.0, 0.0)}
    made = {name: type(name, (Promoted,), {"units": units, "share": share}) for name, (units, share) in parts.items()}
    monkeypatch.setattr(auto, "FAST", ("low", "high"))
    monkeypatch.setattr(type(forecasters), "__contains__", lambda self, name: True)
    monkeypatch.setattr(forecasters, "get", made.__getitem__)
    demand = np.random.default_rng(1).poisson(30.0, (25, 250)).astype(float)
    model = Auto().fit(panel(demand))
    shares = model.recipes.weights[0]
    forecast = model.predict(7, paths=400)
    part = 10 * shares[0] / (20 * shares[0] + 40 * shares[1])
    assert 0.3 < shares[0] < 0.7
    np.testing.assert_allclose(forecast.effects["promotion"], part * forecast.mean(), rtol=0.03)

"""The ARIMA forecaster: what it finds where the truth is known, and what it says."""

import re
import time
from datetime import date

import numpy as np
import pytest

from forecasting.arima.diagnose import diagnose
from forecasting.base import forecasters
from parstock.domain import DemandPanel, Floats
from parstock.errors import InputError, InsufficientData

MONDAY = date(2023, 1, 2)


def panel(demand: Floats) -> DemandPanel:
    """A panel starting on a Monday."""
    return DemandPanel(items=tuple(f"i{i}" for i in range(demand.shape[0])), start=MONDAY, demand=demand)


def counts(items: int, days: int, mean: float, size: float, seed: int) -> Floats:
    """Overdispersed demand around a constant mean: [items, days]."""
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(size, mean / size, (items, days))).astype(float)


def wandering(items: int, days: int, seed: int) -> Floats:
    """Demand whose level is a random walk, so that a moving average of differences fits it: [items, days]."""
    rng = np.random.default_rng(seed)
    return np.maximum(100.0 + rng.normal(0.0, 1.5, (items, days)).cumsum(axis=1) + rng.normal(0.0, 3.0, (items, days)), 0.0)


def test_the_reason_states_order_and_criterion() -> None:
    """Every item's reason names its order, its AICc and how many orders competed."""
    made = forecasters.get("arima")().fit(panel(counts(3, 200, 30.0, 8.0, seed=6))).predict(14)
    pattern = r"arima: order \(\d,\d,\d\)\(\d,\d,\d\)\[7\]( with (mean|drift))? had the lowest AICc \(-?\d+\.\d\) of \d+"
    assert all(re.fullmatch(pattern, reason) for reason in made.reasons)
    np.testing.assert_allclose(made.mean().mean(axis=1), 30.0, rtol=0.2)


def test_a_wandering_level_is_differenced_and_noise_is_not() -> None:
    """Random walks are differenced once and forecast from where they are; white noise keeps its mean."""
    walks, noise = wandering(8, 300, seed=1), counts(8, 300, 20.0, 50.0, seed=2)
    made = forecasters.get("arima")().fit(panel(np.concatenate([walks, noise]))).predict(7)
    differenced = [int(re.findall(r"\(\d,(\d),\d\)", reason)[0]) for reason in made.reasons]
    assert sum(differenced[:8]) >= 7
    assert sum(differenced[8:]) <= 1
    np.testing.assert_allclose(made.mean()[:8].mean(axis=1), walks[:, -10:].mean(axis=1), rtol=0.15)


def test_a_weekly_pattern_comes_back() -> None:
    """Strong weekdays are differenced at lag 7 and forecast within a tenth."""
    pattern = np.array([10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0])
    demand = np.tile(pattern, 30)[None] + np.random.default_rng(3).normal(0, 2, (4, 210))
    made = forecasters.get("arima")().fit(panel(demand)).predict(14)
    np.testing.assert_allclose(made.mean(), np.tile(pattern, (4, 2)), rtol=0.15)
    assert all(re.search(r"\(\d,1,\d\)\[7\]", reason) for reason in made.reasons)


def test_closed_weekdays_shorten_the_season() -> None:
    """An item sold on five days a week has a season of five, and its pattern falls on the right weekdays."""
    week = np.array([10.0, 20.0, 30.0, 40.0, 50.0, 0.0, 0.0])
    noise = np.random.default_rng(4).normal(0, 1.5, (1, 203)) * (np.tile(week, 29) > 0)
    made = forecasters.get("arima")().fit(panel(np.tile(week, 29)[None] + noise)).predict(14)
    assert "[5]" in made.reasons[0]
    np.testing.assert_allclose(made.mean()[0], np.tile(week, 2), rtol=0.15, atol=1e-9)


def test_days_after_the_last_known_one_are_bridged() -> None:
    """An item out of stock for its last days is forecast on the right weekdays, with a spread that grew meanwhile."""
    demand = wandering(1, 210, seed=5)
    known = forecasters.get("arima")().fit(panel(demand)).predict(14, paths=400)
    in_stock = np.ones_like(demand, dtype=bool)
    in_stock[:, -14:] = False
    gone = DemandPanel(items=("i0",), start=MONDAY, demand=np.where(in_stock, demand, 0.0), in_stock=in_stock)
    made = forecasters.get("arima")().fit(gone).predict(14, paths=400)
    assert made.mean().mean() == pytest.approx(demand[:, -28:-14].mean(), rel=0.15)
    assert made.paths[0, :, 0].std() > known.paths[0, :, 0].std()


def test_lead_time_totals_are_calibrated() -> None:
    """The 95 % quantile of a 21-day total covers 95 % of items, give or take the chance of 200 items."""
    demand = counts(200, 322, 8.0, 2.0, seed=11)
    totals = forecasters.get("arima")().fit(panel(demand[:, :-21])).predict(21).total()
    covered = (demand[:, -21:].sum(axis=1) <= np.quantile(totals, 0.95, axis=1)).mean()
    assert 0.89 <= covered <= 0.985


def test_too_little_demand_is_drawn_again_and_said() -> None:
    """A rarely sold item, a young one and an unchanging one repeat their past, each for its own reason."""
    days = 120
    rare = np.where(np.isin(np.arange(days), [30, 60, 90, 110]), 6.0, 0.0)
    young = np.r_[np.full(days - 20, np.nan), counts(1, 20, 5.0, 5.0, seed=7)[0]]
    same = np.full(days, 3.0)
    made = forecasters.get("arima")().fit(panel(np.stack([rare, young, same]))).predict(14)
    assert "4 days with a sale are known, 10 are needed" in made.reasons[0]
    assert "20 open days are known, 28 are needed" in made.reasons[1]
    assert "demand never changes" in made.reasons[2]
    assert set(np.unique(made.paths[0])) <= {0.0, 6.0}
    assert (made.paths[2] == 3.0).all()


def test_counts_stay_counts_around_the_expected_mean() -> None:
    """Futures of whole units are whole and never negative, and cutting at zero does not lift their mean."""
    demand = counts(20, 300, 0.7, 0.5, seed=8)
    made = forecasters.get("arima")().fit(panel(demand)).predict(28, paths=400)
    assert (made.paths == np.rint(made.paths)).all()
    assert made.mean().mean() == pytest.approx(demand.mean(), rel=0.1)


def test_an_item_is_the_same_alone_and_in_company() -> None:
    """Fitting side by side changes no item's order, and its mean by no more than the chance of drawing."""
    demand = np.concatenate([wandering(3, 250, seed=9), counts(3, 250, 12.0, 6.0, seed=10)])
    together = forecasters.get("arima")().fit(panel(demand)).predict(7, paths=400)
    alone = forecasters.get("arima")().fit(panel(demand[4:5])).predict(7, paths=400)
    assert alone.reasons[0] == together.reasons[4]
    np.testing.assert_allclose(alone.mean()[0], together.mean()[4], rtol=0.15)


def test_one_item_takes_less_than_a_third_of_a_second() -> None:
    """A single item, searched and sampled, is ready while a person waits."""
    demand = wandering(1, 391, seed=12)
    forecasters.get("arima")().fit(panel(demand)).predict(28)
    seconds = []
    for _ in range(3):
        began = time.process_time()
        forecasters.get("arima")().fit(panel(demand)).predict(28)
        seconds.append(time.process_time() - began)
    assert min(seconds) < 0.3


def test_an_unknown_device_is_refused() -> None:
    """A device that torch does not have is named, with the ones that would do."""
    from forecasting.models.arima import Arima

    with pytest.raises(InputError, match="'abacus' is not to be had"):
        Arima(device="abacus").fit(panel(counts(1, 60, 9.0, 9.0, seed=13)))


def test_a_diagnosis_tells_order_coefficients_and_residuals() -> None:
    """Of a moving average of differences the lasting share of a shock and its variance come back, and clean residuals."""
    shocks = np.random.default_rng(21).normal(0.0, 3.0, 401)
    demand = (500.0 + np.cumsum(shocks - 0.6 * np.r_[0.0, shocks[:-1]]))[None]
    found = diagnose(panel(demand))
    moving = sum(coefficient.value for coefficient in found.coefficients if coefficient.name.startswith("ma.L"))
    own = sum(coefficient.value for coefficient in found.coefficients if coefficient.name.startswith("ar.L"))
    assert found.order.d == 1
    assert (1 + moving) / (1 - own) == pytest.approx(0.4, abs=0.15)
    assert all(coefficient.standard_error > 0 for coefficient in found.coefficients)
    assert found.variance == pytest.approx(9.0, rel=0.25)
    assert found.autocorrelation_p > 0.01
    assert found.normality_p > 0.01
    count = found.order.parameters
    assert found.aicc == pytest.approx(2 * count - 2 * found.log_likelihood + 2 * count * (count + 1) / (400 - count - 1))
    assert (found.days, found.gaps) == (401, 0)


def test_a_diagnosis_with_gaps_sees_the_demand_itself() -> None:
    """With days out of stock statsmodels' filter estimates the same coefficients that the search found."""
    demand = wandering(1, 250, seed=16)
    in_stock = np.random.default_rng(17).random(demand.shape) > 0.06
    gone = DemandPanel(items=("i0",), start=MONDAY, demand=np.where(in_stock, demand, 0.0), in_stock=in_stock)
    found = diagnose(gone)
    assert found.gaps == pytest.approx((~in_stock).sum(), abs=2)
    assert all(np.isfinite(coefficient.value) for coefficient in found.coefficients)


def test_a_diagnosis_needs_one_item_with_demand() -> None:
    """Two items are refused, and so is one that no order can be chosen for."""
    with pytest.raises(InputError, match="2 items"):
        diagnose(panel(counts(2, 60, 5.0, 5.0, seed=18)))
    with pytest.raises(InsufficientData, match="too little demand"):
        diagnose(panel(np.full((1, 60), 3.0)))


@pytest.mark.gpu
def test_a_gpu_finds_what_the_processor_finds() -> None:
    """The same recursions on a GPU choose the same orders and expect the same demand."""
    import torch

    from forecasting.models.arima import Arima

    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    given = panel(np.concatenate([wandering(6, 250, seed=19), counts(6, 250, 6.0, 3.0, seed=20)]))
    here, there = (Arima(device=name).fit(given).predict(14, paths=400) for name in ("cpu", "cuda"))
    assert here.reasons == there.reasons
    np.testing.assert_allclose(there.mean(), here.mean(), rtol=1e-2, atol=0.05)

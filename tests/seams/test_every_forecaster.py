"""What every registered forecaster keeps, whatever it is."""

from datetime import date

import numpy as np
import pytest

from forecasting.base import Forecaster, forecasters
from parstock.domain import QUANTILE_LEVELS, DemandPanel
from parstock.errors import InputError, NotFitted

START = date(2024, 1, 3)
PATHS, HORIZON = 40, 10


def ordinary(days: int = 120, seed: int = 0) -> DemandPanel:
    """Four items of different pace, closed on Saturdays."""
    rng = np.random.default_rng(seed)
    demand = rng.poisson([[30.0], [4.0], [0.6], [0.2]], size=(4, days)).astype(float)
    demand[:, (START.weekday() + np.arange(days)) % 7 == 5] = 0.0
    return DemandPanel(items=("fast", "slow", "rare", "lump"), start=START, demand=demand)


def strange() -> DemandPanel:
    """Histories that break careless arithmetic, one a row."""
    days = 100
    rng = np.random.default_rng(1)
    rows = {
        "zeros": np.zeros(days),
        "unknown": np.full(days, np.nan),
        "one_point": np.r_[np.full(days - 1, np.nan), 5.0],
        "one_sale": np.r_[np.zeros(days - 3), 7.0, 0.0, 0.0],
        "constant": np.full(days, 3.0),
        "spike": np.where(np.arange(days) == 60, 5000.0, 5.0),
        "huge": np.full(days, float(2**63)) * (1 + np.arange(days) % 3),
        "infinite": np.where(np.arange(days) % 9 == 4, np.inf, 2.0),
        "negative": rng.poisson(2.0, days) - 1.0,
        "gaps": np.where(rng.random(days) < 0.6, np.nan, rng.poisson(4.0, days)),
        "launched": np.r_[np.full(days - 15, np.nan), rng.poisson(4.0, 15)],
        "fractions": rng.gamma(2.0, 0.3, days),
        "ended": np.r_[rng.poisson(9.0, 60), np.zeros(40)],
    }
    return DemandPanel(items=tuple(rows), start=START, demand=np.stack(list(rows.values())).astype(float))


@pytest.fixture(params=forecasters.names())
def forecaster(request: pytest.FixtureRequest) -> Forecaster:
    """A fresh forecaster of each name."""
    return forecasters.get(request.param)()


def test_refuses_to_predict_before_fit(forecaster: Forecaster) -> None:
    """Predicting without fitting is the caller's error, and named as such."""
    with pytest.raises(NotFitted, match="fit"):
        forecaster.predict(HORIZON)


@pytest.mark.parametrize(("horizon_days", "paths"), [(0, PATHS), (HORIZON, 0), (-1, PATHS)])
def test_refuses_sizes_that_are_not_positive(forecaster: Forecaster, horizon_days: int, paths: int) -> None:
    """A horizon or a number of paths below one is refused with the field's name."""
    forecaster.fit(ordinary())
    with pytest.raises(InputError, match="must be 1 or more"):
        forecaster.predict(horizon_days, paths=paths)


def test_forecast_has_the_promised_shape(forecaster: Forecaster) -> None:
    """Items, first day, paths, models, status and reasons line up with the panel."""
    panel = ordinary()
    made = forecaster.fit(panel).predict(HORIZON, paths=PATHS)
    assert made.items == panel.items
    assert made.start == panel.as_of
    assert made.paths.shape == (4, PATHS, HORIZON)
    assert made.paths.dtype == np.float32
    assert len(made.models) == len(made.status) == len(made.reasons) == 4
    assert all(name in forecasters for names in made.models for name in names.split("+"))
    assert all(made.reasons)


def test_same_seed_same_paths(forecaster: Forecaster) -> None:
    """Equal inputs and seeds give equal paths; another seed gives others."""
    forecaster.fit(ordinary())
    first, again = (forecaster.predict(HORIZON, paths=PATHS, seed=3).paths for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, forecaster.predict(HORIZON, paths=PATHS, seed=4).paths)


def test_strange_histories_give_finite_non_negative_paths(forecaster: Forecaster) -> None:
    """No history, however odd, brings an exception, a warning, a NaN or a negative unit."""
    made = forecaster.fit(strange()).predict(HORIZON, paths=PATHS)
    assert np.isfinite(made.paths).all()
    assert (made.paths >= 0).all()
    status = dict(zip(made.items, made.status, strict=True))
    assert status["zeros"] == "no_recent_demand"
    assert status["unknown"] == status["one_point"] == "insufficient_data"
    assert status["constant"] == status["spike"] == status["launched"] == "ok"


def test_each_strange_history_alone(forecaster: Forecaster) -> None:
    """A panel of one row is served like any other."""
    panel = strange()
    for row, name in enumerate(panel.items):
        made = forecaster.fit(panel.rows([row])).predict(HORIZON, paths=PATHS)
        assert np.isfinite(made.paths).all(), name
        assert (made.paths >= 0).all(), name


def test_items_without_a_forecast_have_zero_paths_and_a_reason(forecaster: Forecaster) -> None:
    """What cannot be forecast is a status with a reason, never a guess."""
    made = forecaster.fit(strange()).predict(HORIZON, paths=PATHS)
    for row, status in enumerate(made.status):
        if status != "ok":
            assert not made.paths[row].any()
            assert ("days of demand are known" in made.reasons[row]) or ("no sale on a day in stock" in made.reasons[row])


def test_a_spike_does_not_become_the_level(forecaster: Forecaster) -> None:
    """One day a thousand times the usual leaves the forecast of a constant item near its constant."""
    panel = strange()
    made = forecaster.fit(panel).predict(HORIZON, paths=PATHS)
    assert made.mean()[panel.items.index("spike")].mean() == pytest.approx(5.0, rel=0.4)


def test_a_closed_weekday_stays_closed(forecaster: Forecaster) -> None:
    """A weekday on which the shop never sells is forecast as zero, and the others are not."""
    panel = ordinary()
    made = forecaster.fit(panel).predict(14, paths=PATHS)
    saturday = (panel.as_of.weekday() + np.arange(14)) % 7 == 5
    assert not made.paths[:, :, saturday].any()
    assert (made.mean()[0, ~saturday] > 10).all()


def test_days_out_of_stock_are_not_read_as_no_demand(forecaster: Forecaster) -> None:
    """Zero sales without stock do not lower the forecast."""
    demand = np.random.default_rng(2).poisson(20.0, size=(1, 150)).astype(float)
    in_stock = np.ones_like(demand, dtype=bool)
    in_stock[:, 100::2] = False
    censored = DemandPanel(items=("a",), start=START, demand=np.where(in_stock, demand, 0.0), in_stock=in_stock)
    made = forecaster.fit(censored).predict(HORIZON, paths=PATHS)
    assert made.mean().mean() == pytest.approx(20.0, rel=0.25)


def test_quantiles_never_cross(forecaster: Forecaster) -> None:
    """A higher level never has a lower quantile."""
    quantiles = forecaster.fit(ordinary()).predict(HORIZON, paths=PATHS).quantiles(QUANTILE_LEVELS)
    assert (np.diff(quantiles, axis=2) >= 0).all()


@pytest.mark.parametrize("days", [0, 1, 6, 7, 13, 14, 20, 27])
def test_short_panels(forecaster: Forecaster, days: int) -> None:
    """A panel of any length is served, from no day at all."""
    made = forecaster.fit(ordinary(120).until(date.fromordinal(START.toordinal() + days))).predict(HORIZON, paths=PATHS)
    assert np.isfinite(made.paths).all()
    assert ("ok" in made.status) == (days >= 14)


def test_a_panel_without_items(forecaster: Forecaster) -> None:
    """No items in, no items out."""
    empty = DemandPanel(items=(), start=START, demand=np.zeros((0, 60)))
    assert forecaster.fit(empty).predict(HORIZON, paths=PATHS).paths.shape == (0, PATHS, HORIZON)


def test_fitting_leaves_the_panel_alone(forecaster: Forecaster) -> None:
    """A forecaster never writes into the caller's arrays."""
    panel = strange()
    before = panel.demand.copy()
    forecaster.fit(panel).predict(HORIZON, paths=PATHS)
    np.testing.assert_array_equal(panel.demand, before)

"""The one entry: pieces joined, progress told, mistakes named."""

from datetime import date

import numpy as np
import pytest

from forecasting import run
from forecasting.run import forecast
from parstock.domain import DemandPanel
from parstock.errors import InputError


def panel() -> DemandPanel:
    """Seven items, one of them unknown."""
    demand = np.random.default_rng(1).poisson(3.0, size=(7, 90)).astype(float)
    demand[6] = np.nan
    return DemandPanel(items=tuple("abcdefg"), start=date(2024, 1, 1), demand=demand)


def test_a_big_panel_is_forecast_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces come back in the order of the items, with every field as long as the panel."""
    monkeypatch.setattr(run, "ITEMS_AT_ONCE", 3)
    made = forecast(panel(), horizon_days=7, paths=20)
    assert made.items == panel().items
    assert made.paths.shape == (7, 20, 7)
    assert len(made.models) == len(made.reasons) == 7
    assert made.status == ("ok",) * 6 + ("insufficient_data",)
    assert all(score.shape == (7,) for score in made.scores.values())


def stale(days: int) -> DemandPanel:
    """The same items, with that many days after the last record."""
    known = panel()
    unknown = np.full((7, days), np.nan)
    return DemandPanel(items=known.items, start=known.start, demand=np.concatenate([known.demand, unknown], axis=1))


@pytest.mark.parametrize("model", ["auto", "croston", "seasonal_naive"])
def test_missing_last_days_are_forecast_through(model: str) -> None:
    """Records that end early give the days after the gap, as a forecast from the last record would, and the reason says so."""
    made = forecast(stale(9), model=model, horizon_days=5, paths=20)
    through = forecast(panel(), model=model, horizon_days=14, paths=20)

    assert made.start == date(2024, 4, 9)
    np.testing.assert_array_equal(made.paths, through.paths[:, :, 9:])
    assert made.reasons[0].endswith("; sales are recorded only until 2024-03-30 (days missing: 9)")
    assert made.status == through.status


def test_nothing_is_forecast_from_records_long_out_of_date() -> None:
    """A gap of more than a quarter is a stated status, not a guess."""
    made = forecast(stale(91), horizon_days=5, paths=20)

    assert set(made.status) == {"insufficient_data"}
    assert made.paths.shape == (7, 20, 5)
    assert "days missing: 91" in made.reasons[0]


def test_progress_rises_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The callback hears rising shares that end at one."""
    monkeypatch.setattr(run, "ITEMS_AT_ONCE", 4)
    heard: list[float] = []
    forecast(panel(), horizon_days=7, paths=20, progress=lambda done, what: heard.append(done))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) > 6


def test_an_unknown_model_is_named_with_the_known_ones() -> None:
    """The error lists what could have been asked for."""
    with pytest.raises(InputError, match=r"unknown forecaster 'prophet'; known: arima, auto, croston"):
        forecast(panel(), model="prophet")


def test_a_horizon_of_nothing_is_refused() -> None:
    """The message names the field and the value."""
    with pytest.raises(InputError, match="horizon_days is 0"):
        forecast(panel(), horizon_days=0)


def test_no_items_at_all() -> None:
    """An empty panel gives an empty forecast."""
    empty = DemandPanel(items=(), start=date(2024, 1, 1), demand=np.zeros((0, 90)))
    assert forecast(empty, paths=5).paths.shape == (0, 5, 28)

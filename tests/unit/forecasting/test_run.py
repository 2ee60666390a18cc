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

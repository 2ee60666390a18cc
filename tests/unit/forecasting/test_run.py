"""The one entry: pieces joined, progress told, mistakes named."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forecasting import run
from forecasting.base import forecasters
from forecasting.models.seasonal_naive import SeasonalNaive
from forecasting.pieces import Piece
from forecasting.run import forecast
from parstock.domain import DemandPanel, Driver, Floats
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


def test_pieces_on_disk_are_taken_up_and_change_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A second run over the same panel forecasts nothing; the numbers are those of a run without a folder."""
    monkeypatch.setattr(run, "ITEMS_AT_ONCE", 3)
    plain = forecast(stale(2), model="croston", horizon_days=7, paths=20)
    first = forecast(stale(2), model="croston", horizon_days=7, paths=20, folder=tmp_path)
    monkeypatch.setattr(Piece, "forecast", lambda *_: pytest.fail("a finished piece was forecast again"))
    second = forecast(stale(2), model="croston", horizon_days=7, paths=20, folder=tmp_path)

    for made in (first, second):
        np.testing.assert_array_equal(made.paths, plain.paths)
        assert (made.start, made.reasons, made.reasons_zh) == (plain.start, plain.reasons, plain.reasons_zh)
    with pytest.raises(pytest.fail.Exception):
        forecast(stale(2), model="croston", horizon_days=7, paths=20, seed=1, folder=tmp_path)


def test_effects_of_pieces_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that moves one piece only has no effect in the others, and all effects reach over the horizon."""

    class Promoted(SeasonalNaive):
        """Sees a promotion for the item a."""

        def _effects(self, horizon_days: int) -> dict[Driver, Floats]:
            assert self._history is not None
            rows = np.array([item == "a" for item in self._history.usable().items], dtype=float)
            return {"promotion": rows[:, None].repeat(horizon_days, axis=1)} if rows.any() else {}

    forecasters.names()
    monkeypatch.setitem(forecasters._entries, "promoted", Promoted)
    monkeypatch.setattr(run, "ITEMS_AT_ONCE", 3)
    made = forecast(stale(4), model="promoted", horizon_days=5, paths=10)

    assert made.effects["promotion"].shape == (7, 5)
    np.testing.assert_array_equal(made.effects["promotion"].sum(axis=1), [5.0, 0, 0, 0, 0, 0, 0])

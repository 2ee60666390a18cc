"""The backtest replays the past without looking ahead."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Self

import numpy as np
import pytest

from forecasting.backtest import backtest
from forecasting.base import forecasters
from parstock.domain import DemandPanel, Forecast
from parstock.errors import InputError, InsufficientData

START = date(2024, 1, 1)


def panel(days: int = 120) -> DemandPanel:
    """Three items of Poisson demand."""
    demand = np.random.default_rng(5).poisson([[9.0], [2.0], [0.5]], size=(3, days)).astype(float)
    return DemandPanel(items=("a", "b", "c"), start=START, demand=demand, in_stock=np.ones_like(demand, dtype=bool))


class Spy:
    """A forecaster that remembers what it was shown and forecasts ones."""

    name = "spy"
    shown: list[DemandPanel]

    def __init__(self, shown: list[DemandPanel]) -> None:
        self.shown = shown

    def fit(self, panel: DemandPanel) -> Self:
        """Remember the panel."""
        self.shown.append(panel)
        return self

    def predict(self, horizon_days: int, *, paths: int = 200, seed: int = 0) -> Forecast:
        """Forecast one unit a day."""
        known = self.shown[-1]
        ones = np.ones((len(known.items), paths, horizon_days), dtype=np.float32)
        return Forecast(known.items, known.as_of, ones, ("spy",) * 3, ("ok",) * 3)


def test_a_model_never_sees_its_horizon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a model is fitted on ends the day before each origin, in every array."""
    shown: list[DemandPanel] = []
    monkeypatch.setattr(forecasters, "get", lambda name: lambda: Spy(shown))
    tested = backtest(panel(), ["spy"], horizon_days=14, windows=3)
    assert tested.origins == tuple(START + timedelta(days=days) for days in (78, 92, 106))
    assert [seen.as_of for seen in shown] == list(tested.origins)
    assert all(seen.in_stock is not None and seen.in_stock.shape == seen.demand.shape for seen in shown)


def test_days_without_a_record_are_no_window() -> None:
    """The last window ends with the records, not with days of which nothing is known."""
    known = panel()
    demand = np.concatenate([known.demand, np.full((3, 30), np.nan)], axis=1)
    tested = backtest(DemandPanel(items=known.items, start=START, demand=demand), ["croston"], horizon_days=14, windows=3)

    assert tested.origins == tuple(START + timedelta(days=days) for days in (78, 92, 106))
    assert np.isfinite(tested.score("scaled_pinball", "croston")).all()


def test_changing_the_future_changes_no_forecast() -> None:
    """Forecast totals from an origin are the same whatever happens after it."""
    truth = panel()
    altered = truth.demand.copy()
    altered[:, -14:] += 1000.0
    other = DemandPanel(items=truth.items, start=START, demand=altered)
    for name in ("croston", "ets", "auto"):
        first, second = (backtest(p, [name], horizon_days=14, windows=1) for p in (truth, other))
        np.testing.assert_array_equal(first.measures["total_mean"], second.measures["total_mean"])


def test_measures_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """With ones forecast, totals, bias and coverage are what counting gives."""
    monkeypatch.setattr(forecasters, "get", lambda name: lambda: Spy([]))
    truth = panel()
    tested = backtest(truth, ["spy"], horizon_days=14, windows=1)
    actual = truth.demand[:, -14:]
    np.testing.assert_allclose(tested.score("bias", "spy"), 14 / actual.sum(axis=1) - 1)
    np.testing.assert_allclose(tested.score("coverage_95", "spy"), (actual <= 1).mean(axis=1))
    np.testing.assert_allclose(tested.measures["total_actual"][0, 0], actual.sum(axis=1))
    summary = tested.summary("spy")
    assert summary["wape"] == pytest.approx(np.abs(actual - 1).sum() / actual.sum())
    assert summary["bias"] == pytest.approx(42 / actual.sum() - 1)


def test_items_that_could_not_be_forecast_are_not_scored() -> None:
    """An item launched after an origin has NaN there and a score from later windows."""
    truth = panel()
    demand = truth.demand.copy()
    demand[1, :95] = np.nan
    tested = backtest(DemandPanel(items=truth.items, start=START, demand=demand), ["croston"], horizon_days=10, windows=3)
    cells = tested.measures["scaled_pinball"][0, :, 1]
    assert np.isnan(cells[:2]).all()
    assert np.isfinite(cells[2])
    assert tested.score("scaled_pinball", "croston")[1] == pytest.approx(cells[2])


def test_a_short_panel_has_fewer_windows_or_none() -> None:
    """Windows that leave too little to fit are dropped; where none is left the panel is refused."""
    assert len(backtest(panel(50), ["croston"], horizon_days=14, windows=5).origins) == 2
    with pytest.raises(InsufficientData, match="27 days"):
        backtest(panel(27), ["croston"], horizon_days=14, windows=1)


@pytest.mark.parametrize(("windows", "step_days"), [(0, 7), (1, 0)])
def test_sizes_must_be_positive(windows: int, step_days: int) -> None:
    """A backtest of nothing is refused."""
    with pytest.raises(InputError, match="1 or more"):
        backtest(panel(), ["croston"], horizon_days=14, windows=windows, step_days=step_days)


def test_progress_rises_and_names_the_model() -> None:
    """The callback hears each model of each window."""
    heard: list[tuple[float, str]] = []
    backtest(panel(), ["croston", "ets"], horizon_days=14, windows=2, progress=lambda done, what: heard.append((done, what)))
    assert [done for done, _ in heard] == [0.0, 0.25, 0.5, 0.75]
    assert "ets" in heard[1][1]


class Learner:
    """A model of many items that learns once and is shown other histories afterwards."""

    def __init__(self, log: list[tuple[str, date]]) -> None:
        self.log = log
        self.known = panel()

    def fit(self, known: DemandPanel) -> Self:
        """Learn, and remember from what."""
        self.log.append(("fit", known.as_of))
        self.known = known
        return self

    def condition(self, known: DemandPanel) -> Self:
        """Take in another history."""
        self.log.append(("condition", known.as_of))
        self.known = known
        return self

    def predict(self, horizon_days: int, *, paths: int = 200, seed: int = 0) -> Forecast:
        """Forecast the mean of all days known."""
        mean = self.known.demand.mean(axis=1).astype(np.float32)
        futures = np.broadcast_to(mean[:, None, None], (3, paths, horizon_days)).copy()
        return Forecast(self.known.items, self.known.as_of, futures, ("learner",) * 3, ("ok",) * 3)


def test_a_conditional_model_learns_once_and_at_the_first_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Later origins only show it their histories, none of which reaches its origin."""
    log: list[tuple[str, date]] = []
    monkeypatch.setattr(forecasters, "get", lambda name: lambda: Learner(log))
    tested = backtest(panel(), ["learner"], horizon_days=14, windows=3)
    assert log == [("fit", tested.origins[0]), ("condition", tested.origins[1]), ("condition", tested.origins[2])]


def test_a_conditional_model_does_not_look_ahead_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """Demand on and after an origin changes nothing of what is forecast there or before."""
    monkeypatch.setattr(forecasters, "get", lambda name: lambda: Learner([]))
    truth = panel()
    altered = truth.demand.copy()
    altered[:, 92:] += 50.0
    rows = np.arange(3)
    first, second = (
        backtest(replace(truth, demand=demand), ["learner"], horizon_days=14, windows=3, keep=rows).replay
        for demand in (truth.demand, altered)
    )
    assert first is not None
    assert second is not None
    for window in (0, 1):
        np.testing.assert_array_equal(first.paths[0][window], second.paths[0][window])
    assert (second.paths[0][2] > first.paths[0][2]).all()


def test_other_items_are_forecast_in_some_windows_only() -> None:
    """Kept items have a loss in every window and the others in every second one, the same as if all had been forecast."""
    truth, kept = panel(), np.array([0, 2])
    part, whole = (
        backtest(truth, ["croston"], horizon_days=14, windows=4, paths=20, keep=kept, others_every=every) for every in (2, 1)
    )
    losses, all_losses = part.measures["scaled_pinball"][0], whole.measures["scaled_pinball"][0]
    assert np.isfinite(losses[:, kept]).all()
    assert np.isfinite(losses[:, 1]).tolist() == [True, False, True, False]
    np.testing.assert_array_equal(losses[::2], all_losses[::2])
    assert part.replay is not None
    assert [paths.shape for paths in part.replay.paths[0]] == [(2, 20, 14)] * 4
    assert np.isfinite(part.replay.actual).all()


def test_a_replay_holds_the_items_to_be_kept_alone() -> None:
    """Futures are kept of those items, beside the demand that came and the scale before each origin."""
    truth = panel()
    tested = backtest(truth, ["croston", "ets"], horizon_days=14, windows=3, step_days=7, paths=20, keep=np.array([0, 2]))
    replay = tested.replay
    assert replay is not None
    assert [len(windows) for windows in replay.paths] == [3, 3]
    assert replay.paths[1][2].shape == (2, 20, 14)
    np.testing.assert_array_equal(replay.actual[2], truth.demand[[0, 2], -14:])
    assert replay.scale[2, 0] == pytest.approx(np.abs(np.diff(truth.demand[0, :-14])).mean())
    assert backtest(truth, ["croston"], horizon_days=14, windows=1).replay is None

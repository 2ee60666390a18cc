"""Rolling-origin backtest: forecast from past days as they were known then, compare with what followed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from forecasting import metrics
from forecasting.base import Conditional, Forecaster, Paths, Progress, Samples, check_sizes, fitted
from forecasting.history import MIN_KNOWN_DAYS, observed, recorded
from forecasting.margins import ascending, quantiles
from parstock.domain import QUANTILE_LEVELS, DemandPanel, Floats, Forecast
from parstock.errors import InputError, InsufficientData

_P80, _P95 = QUANTILE_LEVELS.index(0.8), QUANTILE_LEVELS.index(0.95)


@dataclass(frozen=True, eq=False, slots=True)
class Replay:
    """The futures of n of the items as each of M models saw them from W origins, and what came."""

    rows: NDArray[np.intp]
    """[n] positions of the items in the panel."""
    paths: Sequence[Sequence[Paths]]
    """[M][W] of [n, S, H] units a day."""
    actual: Floats
    """[W, n, H] units a day; NaN where unknown, or where an item could not be forecast."""
    scale: Floats
    """[W, n] mean absolute day-to-day change before each origin: the unit of the scaled pinball loss."""


@dataclass(frozen=True, eq=False, slots=True)
class Backtest:
    """How M models did on N items from W origins.

    A cell is NaN where the item could not be forecast at that origin, or the measure is not defined.
    """

    items: tuple[str, ...]
    models: tuple[str, ...]
    origins: tuple[date, ...]
    """First day of each window, oldest first."""
    horizon_days: int
    measures: Mapping[str, Floats]
    """Name -> [M, W, N]: scaled_pinball, rmsse, mase, wape, bias, coverage_80, coverage_95, total_coverage_95,
    absolute_error, total_mean, total_q95, total_actual (the last four in units over the horizon)."""
    replay: Replay | None = None
    """The futures of the items that were to be kept."""

    def score(self, measure: str, model: str) -> Floats:
        """[N] mean of a measure over the windows; NaN where no window has it."""
        cells = self._cells(measure, model)
        count = np.isfinite(cells).sum(axis=0)
        return np.asarray(np.where(count > 0, np.nansum(cells, axis=0) / np.maximum(count, 1), np.nan), dtype=np.float64)

    def summary(self, model: str) -> dict[str, float]:
        """Mean of each measure over items and windows; wape and bias are of all units together."""
        wanted = ("scaled_pinball", "rmsse", "mase", "coverage_80", "coverage_95", "total_coverage_95")
        means = {name: _mean(self._cells(name, model)) for name in wanted}
        units = float(np.nansum(self._cells("total_actual", model))) or float("nan")
        error = float(np.nansum(self._cells("absolute_error", model)))
        forecast = float(np.nansum(self._cells("total_mean", model)))
        return means | {"wape": error / units, "bias": forecast / units - 1}

    def _cells(self, measure: str, model: str) -> Floats:
        return np.asarray(self.measures[measure][self.models.index(model)], dtype=np.float64)


def backtest(
    panel: DemandPanel,
    models: Sequence[str],
    *,
    horizon_days: int,
    windows: int,
    step_days: int | None = None,
    paths: int = 100,
    seed: int = 0,
    keep: NDArray[np.intp] | None = None,
    others_every: int = 1,
    progress: Progress | None = None,
) -> Backtest:
    """Forecast `windows` past horizons with each model; no model sees a day on or after its origin.

    A model that can be conditioned learns once, at the first origin, and is shown the later histories; the others learn
    anew at each. Futures are measured and dropped, but for those of the items in `keep`.

    Args:
        panel: Demand to replay; last days of which nothing is known are left out.
        models: Names of registered forecasters.
        horizon_days: Days H of each window.
        windows: Number of windows wanted; fewer where the panel is too short.
        step_days: Days between origins; a horizon by default. With fewer the windows overlap.
        paths: Sample paths of each forecast.
        seed: Seed of the sampling.
        keep: Positions, ascending, of the items whose futures `Backtest.replay` holds.
        others_every: Items that are not kept are forecast in every so-manieth window only, the oldest among them; a model
            learns from all items in those and from the kept ones in the others.
        progress: Told the share done.

    Raises:
        InsufficientData: The panel is too short for one window.
        InputError: A size is not positive, or a model is unknown.
    """
    check_sizes(horizon_days, paths)
    step = horizon_days if step_days is None else step_days
    if windows < 1 or step < 1:
        raise InputError(f"windows is {windows!r} and step_days {step!r}; both must be 1 or more", field="windows")
    panel = recorded(panel)
    ends = [panel.days - i * step for i in range(windows) if panel.days - i * step - horizon_days >= MIN_KNOWN_DAYS]
    if not ends:
        need = horizon_days + MIN_KNOWN_DAYS
        raise InsufficientData(f"{panel.days} days are recorded; a backtest of {horizon_days} days needs {need}")
    origins = [panel.start + timedelta(days=end - horizon_days) for end in sorted(ends)]
    everything, demand = np.arange(len(panel.items)), observed(panel)
    learned: dict[str, Forecaster] = {}
    cells: list[dict[str, Floats]] = []
    kept: list[_Kept] = []
    for number, origin in enumerate(origins):
        rows = everything if keep is None or number % others_every == 0 else keep
        known, column = panel.until(origin), (origin - panel.start).days
        if rows.size < everything.size:
            known = known.rows(rows)
        actual, history = demand[rows, column : column + horizon_days], demand[rows, :column]
        ready: dict[str, Forecaster] = {}
        for position, name in enumerate(models):
            if progress is not None:
                progress((number * len(models) + position) / (len(origins) * len(models)), f"{name} from {origin}")
            model = ready[name] = _ready(name, known, learned, ready)
            said = model.sample if isinstance(model, Samples) else model.predict
            forecast = said(horizon_days, paths=paths, seed=seed + number)
            measured = _measure(forecast, actual, history)
            cells.append({measure: _spread(values, rows, everything.size) for measure, values in measured.items()})
            if keep is not None:
                here = np.searchsorted(rows, keep)
                kept.append(_Kept.of(forecast.rows(here), actual[here], history[here]))
    stacked = {name: _stack([cell[name] for cell in cells], len(models)) for name in cells[0]}
    replay = None if keep is None else _replay(keep, kept, len(models))
    return Backtest(panel.items, tuple(models), tuple(origins), horizon_days, stacked, replay)


def _ready(name: str, known: DemandPanel, learned: dict[str, Forecaster], others: Mapping[str, Forecaster]) -> Forecaster:
    """The model, having seen `known` as the others did; one that can be conditioned is left in `learned` for the next origin."""
    model = learned.get(name)
    if isinstance(model, Conditional):
        model.condition(known)
        return model
    model = fitted(name, known, others)
    if isinstance(model, Conditional):
        learned[name] = model
    return model


@dataclass(frozen=True, eq=False, slots=True)
class _Kept:
    """What a replay keeps of one forecast of n items."""

    paths: Paths
    actual: Floats
    scale: Floats

    @classmethod
    def of(cls, forecast: Forecast, actual: Floats, history: Floats) -> "_Kept":
        failed = np.array([status != "ok" for status in forecast.status], dtype=np.bool_)
        return cls(forecast.paths, np.where(failed[:, None], np.nan, actual), metrics.change_scale(history))


def _replay(rows: NDArray[np.intp], kept: list[_Kept], models: int) -> Replay:
    """Put what was kept, window by window and model by model, in the order of models."""
    first = kept[::models]
    forecast_by_all = np.stack([np.isfinite(part.actual) for part in kept]).reshape(len(first), models, *first[0].actual.shape)
    actual = np.stack([part.actual for part in first])
    return Replay(
        rows=rows,
        paths=[[part.paths for part in kept[m::models]] for m in range(models)],
        actual=np.where(forecast_by_all.all(axis=1), actual, np.nan),
        scale=np.stack([part.scale for part in first]),
    )


def _measure(forecast: Forecast, actual: Floats, history: Floats) -> dict[str, Floats]:
    """Every measure of one forecast: [N] each."""
    failed = np.array([status != "ok" for status in forecast.status], dtype=np.bool_)
    actual = np.where(failed[:, None], np.nan, actual)
    levels, expected = quantiles(ascending(forecast.paths), QUANTILE_LEVELS), forecast.mean()
    known = np.isfinite(actual)
    absent = ~known.any(axis=1)
    totals = np.einsum("nsh,nh->ns", forecast.paths, known.astype(np.float32)).astype(np.float64)
    total_mean, total_q95 = totals.mean(axis=1), np.quantile(totals, 0.95, axis=1)
    total = np.where(known, actual, 0.0).sum(axis=1)
    measured = {
        "scaled_pinball": metrics.scaled_pinball(actual, levels, QUANTILE_LEVELS, history),
        "rmsse": metrics.rmsse(actual, expected, history),
        "mase": metrics.mase(actual, expected, history),
        "wape": metrics.wape(actual, expected),
        "bias": metrics.bias(actual, expected),
        "coverage_80": metrics.coverage(actual, levels[:, :, _P80]),
        "coverage_95": metrics.coverage(actual, levels[:, :, _P95]),
        "total_coverage_95": (total <= total_q95).astype(np.float64),
        "absolute_error": np.where(known, np.abs(actual - expected), 0.0).sum(axis=1),
        "total_mean": total_mean,
        "total_q95": total_q95,
        "total_actual": total,
    }
    for cells in measured.values():
        cells[absent] = np.nan
    return measured


def _spread(values: Floats, rows: NDArray[np.intp], count: int) -> Floats:
    """[N] values of some rows as those of all; NaN elsewhere."""
    spread = np.full(count, np.nan)
    spread[rows] = values
    return spread


def _stack(cells: list[Floats], models: int) -> Floats:
    """Turn window-major cells into [M, W, ...]."""
    stacked = np.stack(cells)
    return np.moveaxis(stacked.reshape(-1, models, *stacked.shape[1:]), 0, 1)


def _mean(cells: Floats) -> float:
    known = cells[np.isfinite(cells)]
    return float(known.mean()) if known.size else float("nan")

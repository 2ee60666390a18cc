"""Rolling-origin backtest: forecast from past days as they were known then, compare with what followed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forecasting import metrics
from forecasting.base import Progress, check_sizes, forecasters
from forecasting.history import MIN_KNOWN_DAYS, observed, recorded
from parstock.domain import QUANTILE_LEVELS, DemandPanel, Floats, Forecast
from parstock.errors import InputError, InsufficientData

_P80, _P95 = QUANTILE_LEVELS.index(0.8), QUANTILE_LEVELS.index(0.95)


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
    day_reach: Floats
    """[M, W, N, H] (demand - mean) / (95 % quantile - mean) of each day: above 1 where the quantile did not cover."""
    total_reach: Floats
    """[M, W, N] the same of the horizon's total demand."""

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
    progress: Progress | None = None,
) -> Backtest:
    """Forecast `windows` past horizons with each model; no model sees a day on or after its origin.

    Args:
        panel: Demand to replay; last days of which nothing is known are left out.
        models: Names of registered forecasters.
        horizon_days: Days H of each window.
        windows: Number of windows wanted; fewer where the panel is too short.
        step_days: Days between origins; a horizon by default.
        paths: Sample paths of each forecast.
        seed: Seed of the sampling.
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
    demand = observed(panel)
    cells = []
    for number, origin in enumerate(origins):
        known, column = panel.until(origin), (origin - panel.start).days
        for position, name in enumerate(models):
            if progress is not None:
                progress((number * len(models) + position) / (len(origins) * len(models)), f"{name} from {origin}")
            forecast = forecasters.get(name)().fit(known).predict(horizon_days, paths=paths, seed=seed + number)
            cells.append(_measure(forecast, demand[:, column : column + horizon_days], demand[:, :column]))
    stacked = {name: _stack([cell[name] for cell in cells], len(models)) for name in cells[0]}
    return Backtest(
        items=panel.items,
        models=tuple(models),
        origins=tuple(origins),
        horizon_days=horizon_days,
        day_reach=stacked.pop("day_reach"),
        total_reach=stacked.pop("total_reach"),
        measures=stacked,
    )


def _measure(forecast: Forecast, actual: Floats, history: Floats) -> dict[str, Floats]:
    """Every measure of one forecast: [N] each, reach of days [N, H]."""
    failed = np.array([status != "ok" for status in forecast.status], dtype=np.bool_)
    actual = np.where(failed[:, None], np.nan, actual)
    quantiles, expected = forecast.quantiles(), forecast.mean()
    known = np.isfinite(actual)
    absent = ~known.any(axis=1)
    totals = np.einsum("nsh,nh->ns", forecast.paths, known.astype(np.float32)).astype(np.float64)
    total_mean, total_q95 = totals.mean(axis=1), np.quantile(totals, 0.95, axis=1)
    total = np.where(known, actual, 0.0).sum(axis=1)
    measured = {
        "scaled_pinball": metrics.scaled_pinball(actual, quantiles, QUANTILE_LEVELS, history),
        "rmsse": metrics.rmsse(actual, expected, history),
        "mase": metrics.mase(actual, expected, history),
        "wape": metrics.wape(actual, expected),
        "bias": metrics.bias(actual, expected),
        "coverage_80": metrics.coverage(actual, quantiles[:, :, _P80]),
        "coverage_95": metrics.coverage(actual, quantiles[:, :, _P95]),
        "total_coverage_95": (total <= total_q95).astype(np.float64),
        "absolute_error": np.where(known, np.abs(actual - expected), 0.0).sum(axis=1),
        "total_mean": total_mean,
        "total_q95": total_q95,
        "total_actual": total,
        "total_reach": reach(total, total_mean, total_q95),
        "day_reach": reach(actual, expected, quantiles[:, :, _P95]),
    }
    for cells in measured.values():
        cells[absent] = np.nan
    return measured


def reach(actual: Floats, expected: Floats, quantile: Floats) -> Floats:
    """How far demand went beyond the mean, in units of the way from the mean to the quantile.

    At most 1 where the quantile covered and above 1 (perhaps infinite) where it did not; NaN where demand is unknown.
    """
    way = quantile - expected
    ratio = np.divide(actual - expected, way, out=np.full(actual.shape, np.inf), where=way > 0)
    covered = np.where(actual <= quantile, np.minimum(ratio, 1.0), np.maximum(ratio, np.nextafter(1.0, 2.0)))
    return np.where(np.isfinite(actual), covered, np.nan)


def _stack(cells: list[Floats], models: int) -> Floats:
    """Turn window-major cells into [M, W, ...]."""
    stacked = np.stack(cells)
    return np.moveaxis(stacked.reshape(-1, models, *stacked.shape[1:]), 0, 1)


def _mean(cells: Floats) -> float:
    known = cells[np.isfinite(cells)]
    return float(known.mean()) if known.size else float("nan")

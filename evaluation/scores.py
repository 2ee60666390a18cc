"""How a forecast of many items did: the measures of each item, and of all together. Scores for the suite and the benchmark."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forecasting import metrics
from parstock.domain import QUANTILE_LEVELS, Floats, Forecast

ItemScores: TypeAlias = Mapping[str, Floats]
"""Measure -> [N], NaN where it is not defined."""
WQL_LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Levels of the weighted quantile loss, as the field reports it."""
MEANS = ("pinball", "rmsse", "mase", "coverage_80", "coverage_95", "total_coverage_95")
"""Measures of which the mean over items is told."""
DEFINITIONS: Mapping[str, str] = {
    "pinball": "scaled pinball loss (SPL): mean over items of the pinball loss, averaged over the days and the levels "
    f"{', '.join(map(str, QUANTILE_LEVELS))}, divided by the item's mean absolute day-to-day change since its first sale",
    "rmsse": "mean over items of the root mean squared error of the mean forecast, scaled by the item's root mean squared "
    "day-to-day change since its first sale",
    "mase": "mean over items of the mean absolute error of the mean forecast, scaled by the item's mean absolute change from "
    "week to week",
    "wape": "sum of absolute errors of the mean forecast over sum of demand, of all items and days together",
    "bias": "sum of mean forecasts over sum of demand, less 1: above 0 when too much was forecast",
    "wql": f"weighted quantile loss: mean over the levels {', '.join(map(str, WQL_LEVELS))} of twice the sum of pinball losses "
    "over the sum of demand",
    "coverage_80": "share of days on which demand was at most the 80 % quantile, mean over items; 0.8 is ideal, and where "
    "demand is mostly zero more is unavoidable",
    "coverage_95": "the same of the 95 % quantile",
    "coverage_95_by_class": "the same by demand class (Syntetos, Boylan, Croston 2005): smooth, erratic, intermittent, lumpy",
    "total_coverage_95": "share of items whose total demand over the horizon was at most the 95 % quantile of its forecast; "
    "null for a model that forecasts days only and not their sums",
}
"""What each figure is."""


_SORTED_AT_ONCE = 2048
"""Items whose sample paths are sorted together: sorting copies them."""


@dataclass(frozen=True, eq=False, slots=True)
class Prediction:
    """What a model said of N items on H days; zeros where it said nothing."""

    mean: Floats
    """[N, H] expected units."""
    quantiles: Floats
    """[N, H, 13] at `QUANTILE_LEVELS`."""
    total_q95: Floats | None
    """[N] 95 % quantile of the sum over the known days; None where the model does not forecast sums."""

    @classmethod
    def of(cls, forecast: Forecast, actual: Floats) -> "Prediction":
        """What a forecast says; sums are over the days on which [N, H] `actual` is known."""
        known = np.isfinite(actual).astype(np.float32)
        totals = np.einsum("nsh,nh->ns", forecast.paths, known)
        pieces = np.array_split(np.arange(len(forecast.items)), len(forecast.items) // _SORTED_AT_ONCE + 1)
        quantiles = np.concatenate([forecast.rows(rows).quantiles() for rows in pieces])
        return cls(forecast.mean(), quantiles, np.quantile(totals, 0.95, axis=1).astype(np.float64))


def item_scores(predicted: Prediction, actual: Floats, history: Floats) -> dict[str, Floats]:
    """Measure each item.

    Args:
        predicted: The forecast of N items on H days.
        actual: [N, H] units a day; NaN where unknown, which does not count.
        history: [N, T] units a day before the horizon, for the scales.

    Returns:
        [N] of each of `MEANS`, and absolute_error, surplus (forecast less demand), units and quantile_loss summed over the days.
    """
    known = np.isfinite(actual)
    quantiles, levels = predicted.quantiles, np.array(QUANTILE_LEVELS)
    at = {level: quantiles[:, :, QUANTILE_LEVELS.index(level)] for level in (0.8, 0.95)}
    middle = np.isin(levels, WQL_LEVELS)
    days = known.sum(axis=1)
    error = np.where(known, predicted.mean - actual, 0.0)
    loss = 2 * metrics.pinball(actual, quantiles[:, :, middle], WQL_LEVELS) * days
    total = np.where(known, actual, 0.0).sum(axis=1)
    return {
        "pinball": metrics.scaled_pinball(actual, quantiles, QUANTILE_LEVELS, history),
        "rmsse": metrics.rmsse(actual, predicted.mean, history),
        "mase": metrics.mase(actual, predicted.mean, history),
        "coverage_80": metrics.coverage(actual, at[0.8]),
        "coverage_95": metrics.coverage(actual, at[0.95]),
        "total_coverage_95": np.full(total.shape, np.nan)
        if predicted.total_q95 is None
        else np.where(days > 0, total <= predicted.total_q95, np.nan),
        "absolute_error": np.abs(error).sum(axis=1),
        "surplus": error.sum(axis=1),
        "units": total,
        "quantile_loss": np.where(days > 0, loss, 0.0),
    }


def summary(scores: ItemScores) -> dict[str, float | None]:
    """The figures of all items together: each item counts alike, or each unit (wape, bias, wql). None where not defined."""
    units = float(scores["units"].sum())
    sums = {"wape": "absolute_error", "bias": "surplus", "wql": "quantile_loss"}
    ratios = {name: float(scores[part].sum()) / units if units > 0 else None for name, part in sums.items()}
    return {name: mean(scores[name]) for name in MEANS} | ratios


def by_class(values: Floats, classes: NDArray[np.str_]) -> dict[str, float | None]:
    """The mean of [N] values in each class."""
    return {str(name): mean(values[classes == name]) for name in np.unique(classes)}


def mean(values: Floats) -> float | None:
    """Mean of the known values; None where there is none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None

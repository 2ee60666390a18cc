"""A forecast as rows for people and tables for files. Computes quantiles and nothing else.

Where an item was not forecast there is its status and no number: its paths are no guess.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from parstock.domain import QUANTILE_LEVELS, Bools, Floats, Forecast

if TYPE_CHECKING:
    import pandas as pd

SPREAD = ("mean", "p10", "p50", "p90")
"""What is told of each distribution."""
_SPREAD_LEVELS = (0.1, 0.5, 0.9)
ITEMS_AT_ONCE = 512
"""Items whose quantiles are taken at once, so that memory stays bounded."""
Row: TypeAlias = dict[str, str | float | dict[str, list[float]] | None]


def item_rows(forecast: Forecast) -> list[Row]:
    """Return one row an item: model, status, the total over the horizon, and each day under "daily".

    An item that was not forecast has None for each total and no days.
    """
    total, daily = forecast.total(), _daily(forecast, _SPREAD_LEVELS)
    spread = np.column_stack([total.mean(axis=1), *np.quantile(total, _SPREAD_LEVELS, axis=1)]).round(2).tolist()
    reasons, reasons_zh = _reasons(forecast)
    return [
        {
            "item": item,
            "model": forecast.models[i],
            "status": forecast.status[i],
            "reason": reasons[i],
            "reason_zh": reasons_zh[i],
            **dict(zip(SPREAD, spread[i] if ok else [None] * len(SPREAD), strict=True)),
            "daily": {name: values[i].tolist() for name, values in daily.items()} if ok else {},
        }
        for i, (item, ok) in enumerate(zip(forecast.items, _is_forecast(forecast).tolist(), strict=True))
    ]


def daily_table(forecast: Forecast) -> "pd.DataFrame":
    """Return one row an item and day.

    Columns: item, date (ISO), mean and the quantiles p5 to p99 in units (NaN where not forecast), model, status, reason,
    reason_zh.
    """
    import pandas as pd

    days = np.datetime_as_string(np.datetime64(forecast.start, "D") + np.arange(forecast.horizon_days))
    reasons, reasons_zh = _reasons(forecast)
    of_items = {"model": forecast.models, "status": forecast.status, "reason": reasons, "reason_zh": reasons_zh}
    return pd.DataFrame(
        {"item": np.repeat(forecast.items, len(days)), "date": np.tile(days, len(forecast.items))}
        | {name: values.ravel() for name, values in _daily(forecast, QUANTILE_LEVELS).items()}
        | {name: pd.Categorical(np.array(values, dtype=object)).repeat(len(days)) for name, values in of_items.items()}
    )


def _reasons(forecast: Forecast) -> tuple[Sequence[str], Sequence[str]]:
    """[N] reasons in English and in Chinese, "" where there are none."""
    none = ("",) * len(forecast.items)
    return forecast.reasons or none, forecast.reasons_zh or none


def _daily(forecast: Forecast, levels: Sequence[float]) -> dict[str, Floats]:
    """[N, H] of the mean and each quantile (p10 = the 10 % quantile), units a day; NaN where an item was not forecast."""
    count = len(forecast.items)
    found = np.full((1 + len(levels), count, forecast.horizon_days), np.nan)
    known = _is_forecast(forecast)
    for first in range(0, count, ITEMS_AT_ONCE):
        rows = np.arange(first, min(first + ITEMS_AT_ONCE, count))[known[first : first + ITEMS_AT_ONCE]]
        paths = forecast.paths[rows]
        found[0, rows] = paths.mean(axis=1, dtype=np.float64)
        found[1:, rows] = np.quantile(paths, levels, axis=1)
    return dict(zip(("mean", *(f"p{100 * level:g}" for level in levels)), found.round(3), strict=True))


def _is_forecast(forecast: Forecast) -> Bools:
    """[N] whether the item was forecast."""
    return np.array([status == "ok" for status in forecast.status], dtype=np.bool_)

"""A forecast as rows for people and tables for files. Computes quantiles and nothing else.

Where an item was not forecast there is its status and no number: its paths are no guess.
"""

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from parstock.domain import Bools, Floats, Forecast

if TYPE_CHECKING:
    import pandas as pd

SPREAD = ("mean", "p10", "p50", "p90")
"""What is told of each distribution."""
Row: TypeAlias = dict[str, str | float | dict[str, list[float]] | None]


def item_rows(forecast: Forecast) -> list[Row]:
    """Return one row an item: model, status, the total over the horizon, and each day under "daily".

    An item that was not forecast has None for each total and no days.
    """
    total, daily = forecast.total(), _daily(forecast)
    spread = np.column_stack([total.mean(axis=1), *np.quantile(total, (0.1, 0.5, 0.9), axis=1)]).round(2).tolist()
    reasons = forecast.reasons or ("",) * len(forecast.items)
    return [
        {
            "item": item,
            "model": forecast.models[i],
            "status": forecast.status[i],
            "reason": reasons[i],
            **dict(zip(SPREAD, spread[i] if ok else [None] * len(SPREAD), strict=True)),
            "daily": {name: values[i].tolist() for name, values in daily.items()} if ok else {},
        }
        for i, (item, ok) in enumerate(zip(forecast.items, _is_forecast(forecast).tolist(), strict=True))
    ]


def daily_table(forecast: Forecast) -> "pd.DataFrame":
    """Return one row an item and day: item, date (ISO), mean, p10, p50, p90 in units (NaN where not forecast), model, status."""
    import pandas as pd

    days = np.datetime_as_string(np.datetime64(forecast.start, "D") + np.arange(forecast.horizon_days))
    of_items = {"model": forecast.models, "status": forecast.status}
    return pd.DataFrame(
        {"item": np.repeat(forecast.items, len(days)), "date": np.tile(days, len(forecast.items))}
        | {name: values.ravel() for name, values in _daily(forecast).items()}
        | {name: np.repeat(values, len(days)) for name, values in of_items.items()}
    )


def _daily(forecast: Forecast) -> dict[str, Floats]:
    """[N, H] of each of `SPREAD`, units a day; NaN where an item was not forecast."""
    p10, p50, p90 = np.quantile(forecast.paths, (0.1, 0.5, 0.9), axis=1)
    columns = zip(SPREAD, (forecast.mean(), p10, p50, p90), strict=True)
    known = _is_forecast(forecast)[:, None]
    return {name: np.where(known, np.asarray(values, dtype=np.float64).round(3), np.nan) for name, values in columns}


def _is_forecast(forecast: Forecast) -> Bools:
    """[N] whether the item was forecast."""
    return np.array([status == "ok" for status in forecast.status], dtype=np.bool_)

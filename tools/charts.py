"""Pictures as data: sales bars, a forecast cone, stock running down towards the reorder point."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from forecasting.split import Split
from parstock.domain import DemandPanel, Floats, Forecast, InboundOrder, Item
from parstock.results import Chart
from parstock.wording import named

HISTORY_DAYS = 84
"""Days of history shown before a forecast."""
QUANTILES = {"p2_5": 0.025, "p10": 0.1, "p50": 0.5, "p90": 0.9, "p97_5": 0.975}
"""Lines of a forecast's cone: the edges of its 95 % and 80 % bands, and the median."""
LEAST_SHOWN = 0.005
"""Units a day that a part must have on some day to be drawn."""
LEAST_DAYS = 56
"""Days ahead that a picture of stock shows at least ..."""
AFTER_ARRIVAL_DAYS = 14
"""... and after an order placed today has arrived."""


def history_chart(item: Item, buckets: Sequence[date], units: Sequence[float]) -> Chart:
    """Return units sold in each bucket, by the bucket's first day."""
    return Chart(
        f"Sales of {item.name}",
        f"{named(item, 'zh')}的销量",
        "units",
        tuple(day.isoformat() for day in buckets),
        {"history": tuple(_plain(units))},
    )


def forecast_chart(item: Item, panel: DemandPanel, forecast: Forecast, split: Split) -> Chart:
    """Return the last weeks of one item's demand, the cone of its forecast, and what its mean is made of, day by day."""
    past = panel.demand[0, -HISTORY_DAYS:]
    start = forecast.start - timedelta(days=len(past))
    horizon = forecast.horizon_days
    quantiles = np.quantile(forecast.paths[0], tuple(QUANTILES.values()), axis=0)
    ahead = {"mean": forecast.mean()[0], **dict(zip(QUANTILES, quantiles, strict=True))}
    before = [None] * len(past)
    return Chart(
        f"Demand forecast of {item.name}",
        f"{named(item, 'zh')}的需求预测",
        "units a day",
        _days(start, len(past) + horizon),
        {
            "history": (*_plain(past), *([None] * horizon)),
            **{name: (*before, *_plain(values)) for name, values in ahead.items()},
        },
        {name: (*before, *_plain(values)) for name, values in _parts(split).items()},
    )


def stock_chart(item: Item, start: date, projected: Mapping[str, Floats], reorder_point: float | None = None) -> Chart:
    """Return stock lines over the days ahead, with the reorder point as a level line where there is one.

    Args:
        item: The item.
        start: First day of the lines.
        projected: Name of the line -> [H] units at the end of each day.
        reorder_point: Units.
    """
    length = max(len(values) for values in projected.values())
    series = {name: tuple(_plain(values)) for name, values in projected.items()}
    if reorder_point is not None:
        series["reorder_point"] = (round(reorder_point, 1),) * length
    return Chart(f"Projected stock of {item.name}", f"{named(item, 'zh')}的预计库存", "units", _days(start, length), series)


def projected_stock(available: float, demand: Floats | NDArray[np.float32], receipts: Floats) -> Floats:
    """Return the stock at the end of each day where what is not there is not sold.

    Args:
        available: Units free to sell this morning.
        demand: [S, H] units a day on S paths.
        receipts: [H] units that arrive in the morning of each day.

    Returns:
        [S, H] units, never negative.

    >>> projected_stock(5, np.array([[3.0, 3.0, 1.0]]), np.array([0.0, 0.0, 4.0])).tolist()
    [[2.0, 0.0, 3.0]]
    """
    stock = np.full(demand.shape[0], float(available))
    levels = np.empty(demand.shape)
    for day in range(demand.shape[1]):
        stock = np.maximum(stock + receipts[day] - demand[:, day], 0.0)
        levels[:, day] = stock
    return levels


def days_shown(lead_time_days: float) -> int:
    """Return how many days ahead a picture shows, so that an order placed today is seen to arrive.

    >>> days_shown(20), days_shown(60)
    (56, 74)
    """
    return max(LEAST_DAYS, math.ceil(lead_time_days) + AFTER_ARRIVAL_DAYS)


def receipts(inbound: Sequence[InboundOrder], today: date, horizon_days: int) -> Floats:
    """Return [H] units that open orders bring on each day from today; what is late is taken to come today."""
    arriving = np.zeros(horizon_days)
    for order in inbound:
        offset = max(0, (order.due_on - today).days)
        if offset < horizon_days:
            arriving[offset] += order.quantity
    return arriving


def _parts(split: Split) -> dict[str, Floats]:
    """[H] of each part of one item's mean that is seen; level and weekday together are the usual."""
    told = {name: units[0] for name, units in split.parts.items()}
    usual = told.pop("level") + told.pop("weekday")
    return {"usual": usual} | {name: units for name, units in told.items() if np.abs(units).max(initial=0.0) >= LEAST_SHOWN}


def _days(start: date, count: int) -> tuple[str, ...]:
    return tuple((start + timedelta(days=offset)).isoformat() for offset in range(count))


def _plain(values: Sequence[float] | Floats) -> list[float | None]:
    """Numbers as JSON has them: two places, None for not known."""
    return [round(float(value), 2) if np.isfinite(value) else None for value in values]

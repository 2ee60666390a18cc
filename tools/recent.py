"""How much of an item sold lately: the plain rate that stock figures and alerts are measured by."""

import numpy as np

from parstock.domain import DemandPanel, Floats
from parstock.errors import InsufficientData
from tools.context import ToolContext

RECENT_DAYS = 56
"""Eight whole weeks, so that every weekday counts alike."""


def mean_daily_demand(panel: DemandPanel, days: int = RECENT_DAYS) -> Floats:
    """Return the mean demand of the last days on which an item could be sold.

    Args:
        panel: Demand [N, T].
        days: Look at this many last days.

    Returns:
        [N] units a day; NaN where no such day is known.

    >>> from datetime import date
    >>> mean_daily_demand(DemandPanel(("a",), date(2025, 1, 1), np.array([[np.nan, 2.0, 4.0]]))).tolist()
    [3.0]
    """
    demand = panel.demand[:, -days:]
    if panel.in_stock is not None:
        demand = np.where(panel.in_stock[:, -days:], demand, np.nan)
    known = np.isfinite(demand)
    count = known.sum(axis=1)
    total = np.where(known, demand, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(len(panel.items), np.nan), where=count > 0))


def recent_demand(context: ToolContext, sku: str, warehouse: str) -> float | None:
    """Return what one item sold a day lately; None where no sales are recorded."""
    try:
        sold = float(mean_daily_demand(context.panel([sku], warehouse, RECENT_DAYS))[0])
    except InsufficientData:
        return None
    return round(sold, 4) if np.isfinite(sold) else None

"""Sales lines into daily demand, and what looks odd about it: spikes and days without a sale."""

from typing import Any

import numpy as np
import pandas as pd

from inventory.importing.ledger import Ledger
from inventory.importing.report import Count

LARGEST_QUANTITY = 1e9
"""A quantity beyond is taken for damage, not for a sale."""
SPIKE_SPREADS = 5.0
"""Robust standard deviations of log units above the item's median that make a day a spike."""
SPIKE_LEAST_SPREAD = 0.5
"""The spread is at least this, so that an item which always sells 6 is not flagged for 8."""
SPIKE_LEAST_DAYS = 10
"""Days with sales that an item needs before a day of it can be called a spike."""
_MAD_TO_SD = 1.4826
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def daily_totals(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per (item, warehouse, date) with sales.

    Args:
        lines: Columns item, warehouse, date (datetime64), units, and any of price, promotion, in_stock.

    Returns:
        Units summed; price as the mean weighted by units; promotion and in_stock true where they are in any line.
    """
    key = ["item", "warehouse", "date"]
    work = lines[[*key, "units"]].copy()
    aggregations: dict[str, str] = {"units": "sum"}
    if "price" in lines:
        priced = lines["price"].notna()
        work["_weight"] = np.where(priced, np.maximum(lines["units"], 1e-9), 0.0)  # a price without a sale still counts
        work["_value"] = work["_weight"] * lines["price"].fillna(0.0)
        aggregations |= {"_weight": "sum", "_value": "sum"}
    for flag in ("promotion", "in_stock"):
        if flag in lines:
            work[flag] = lines[flag].astype("boolean").astype("Float64").astype(float)
            aggregations[flag] = "max"
    daily = work.groupby(key, sort=True, observed=True).agg(aggregations).reset_index()
    if "price" in lines:
        weight = daily.pop("_weight")
        daily["price"] = (daily.pop("_value") / weight.where(weight > 0)).round(4)
    for flag in ("promotion", "in_stock"):
        if flag in daily:
            daily[flag] = daily[flag].astype("Float64").astype("boolean")
    return daily


def flag_oddities(daily: pd.DataFrame, ledger: Ledger) -> None:
    """Book spikes and days without any sale as flags; nothing is changed."""
    _flag_spikes(daily, ledger)
    _flag_gaps(daily, ledger)


def _flag_spikes(daily: pd.DataFrame, ledger: Ledger) -> None:
    """A day is a spike where log units > median + 5 robust standard deviations (1.4826 MAD, at least 0.5) of its item."""
    sold = daily[daily["units"] > 0]
    logs = np.log(sold["units"])
    middle = logs.groupby(sold["item"]).transform("median")
    spread = (logs - middle).abs().groupby(sold["item"]).transform("median") * _MAD_TO_SD
    limit = middle + SPIKE_SPREADS * spread.clip(lower=SPIKE_LEAST_SPREAD)
    often = sold.groupby("item")["units"].transform("size") >= SPIKE_LEAST_DAYS
    spikes = sold.assign(limit=np.exp(limit))[(logs > limit) & often].sort_values("units", ascending=False)
    if len(spikes):
        examples = tuple(
            f"{row.item} on {row.date:%Y-%m-%d}: {row.units:,.0f} units, limit {row.limit:,.0f}"
            for row in spikes.head(3).itertuples()
        )
        reason = f"days of an item above its robust limit (median x exp({SPIKE_SPREADS:g} robust spreads of log units))"
        ledger.flags.append(Count(reason, len(spikes), len(spikes), examples))


def _flag_gaps(daily: pd.DataFrame, ledger: Ledger) -> None:
    """Days between the first and the last on which nothing was sold at all."""
    open_days = pd.DatetimeIndex(daily["date"].unique())
    if not len(open_days):
        return
    all_days = pd.date_range(open_days.min(), open_days.max())
    closed = all_days.difference(open_days)
    if not len(closed):
        return
    totals = np.bincount(all_days.dayofweek, minlength=7)
    shut = np.bincount(closed.dayofweek, minlength=7)
    usual = [f"{shut[i]} of {totals[i]} {_WEEKDAYS[i]}" for i in np.argsort(-shut, kind="stable") if shut[i]][:3]
    runs = np.split(closed, np.flatnonzero(np.diff(closed.to_numpy()).astype("timedelta64[D]").astype(int) > 1) + 1)
    longest = max(runs, key=len)
    span = f"longest run {longest[0]:%Y-%m-%d} to {longest[-1]:%Y-%m-%d} ({len(longest)} days)"
    ledger.flags.append(Count("days on which nothing at all was sold", len(closed), len(closed), (*usual, span)))


def median_by_item(lines: pd.DataFrame, column: str) -> "pd.Series[Any]":
    """Item code -> median of a column over its lines; an item without a value is left out."""
    known = lines[lines[column].notna()]
    return known.groupby("item")[column].median()

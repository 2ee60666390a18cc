"""Plain sales: rows of item, date and units, one or many for a day."""

from typing import Any

import numpy as np
import pandas as pd

from inventory.importing.dates import as_days
from inventory.importing.demand import LARGEST_QUANTITY, daily_totals, flag_oddities, median_by_item
from inventory.importing.known import Cleaned, Known, match_codes, new_items, new_warehouses, warehouse_of
from inventory.importing.ledger import Ledger
from inventory.importing.values import as_flags, as_numbers, as_text


def clean_sales(frame: pd.DataFrame, known: Known, ledger: Ledger) -> Cleaned:
    """Clean rows with the fields of `sales` and add them up to daily totals.

    Dropped, in this order: rows without an item, a date or units, negative units (returns and corrections are
    no demand), more than 1e9 units. A price that is zero or negative becomes unknown. Zero units are kept: a known day
    without a sale.

    Raises:
        InputError: A cell cannot be read, or a row names no warehouse and the shop has several.
    """
    written = as_text(frame["item"])
    item, respelled = match_codes(written, known.items)
    ledger.drop(item.isna().to_numpy(), "no item code")
    day = as_days(frame["date"], "date")
    ledger.drop(np.isnat(day), "no date")
    units = as_numbers(frame["units"], "units")
    ledger.drop(np.isnan(units), "no units")
    ledger.drop(units < 0, "negative units: a return or a correction, not demand", frame["units"])
    ledger.drop(units > LARGEST_QUANTITY, f"more than {LARGEST_QUANTITY:,.0f} units: damage, not a sale", frame["units"])
    ledger.change(respelled, "item code in another spelling than the shop's", written)
    warehouse, moved = match_codes(_column(frame, "warehouse"), known.warehouses)
    ledger.change(moved, "warehouse code in another spelling than the shop's")
    columns: dict[str, object] = {"item": item, "warehouse": warehouse, "date": day, "units": units}
    if "price" in frame:
        price = as_numbers(frame["price"], "price")
        worthless = (price <= 0) | np.isinf(price)
        ledger.change(worthless, "price zero, negative or infinite: taken as unknown", frame["price"])
        columns["price"] = np.where(worthless, np.nan, price)
    for flag in ("promotion", "in_stock"):
        if flag in frame:
            columns[flag] = as_flags(frame[flag], flag)
    lines = pd.DataFrame(columns)[ledger.alive]
    return to_demand(lines.assign(name=lines["item"]), known, ledger)


def to_demand(lines: pd.DataFrame, known: Known, ledger: Ledger) -> Cleaned:
    """Clean lines into daily totals, with records for the items and warehouses that are new.

    Args:
        lines: Columns item, name, warehouse, date, units, and any of price, promotion, in_stock, category.
        known: The shop before.
        ledger: Takes flags.
    """
    if not len(lines):
        return Cleaned({}, ())
    lines = lines.assign(warehouse=warehouse_of(lines["warehouse"], known, "sales"))
    daily = daily_totals(lines)
    flag_oddities(daily, ledger)
    by_item = lines.drop_duplicates("item").set_index("item")
    prices = median_by_item(lines, "price") if "price" in lines else pd.Series(dtype=float)
    categories = by_item["category"] if "category" in lines else None
    places = new_warehouses(lines["warehouse"], known)
    items = new_items(by_item["name"], prices, categories, known)
    return Cleaned({**places.frames, **items.frames, "sales": daily}, (*places.assumptions, *items.assumptions))


def _column(frame: pd.DataFrame, name: str) -> "pd.Series[Any]":
    """The column as text, all blank where the file has none."""
    return as_text(frame[name]) if name in frame else pd.Series(None, index=frame.index, dtype=object)

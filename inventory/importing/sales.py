"""Plain sales: rows of item, date and units, one or many for a day; rows of days to come without units are plans."""

from typing import Any

import numpy as np
import pandas as pd

from inventory.importing.dates import as_days
from inventory.importing.demand import LARGEST_QUANTITY, daily_totals, flag_oddities, median_by_item
from inventory.importing.known import Cleaned, Known, match_codes, new_items, new_warehouses, warehouse_of
from inventory.importing.ledger import Ledger
from inventory.importing.tables import UNKNOWN_ITEM
from inventory.importing.values import as_flags, as_numbers, as_text
from inventory.kinds import PLANNED
from parstock.domain import Bools, Floats


def clean_sales(frame: pd.DataFrame, known: Known, ledger: Ledger) -> Cleaned:
    """Clean rows with the fields of `sales`, add them up to daily totals, and set plans of days to come apart.

    A row without units is a plan where it has a price or says of a promotion whether there is one, and its day is after the
    last one that the shop or the file has units of. A plan without a warehouse is one of all warehouses.

    Dropped, in this order: rows without an item, a date or units, negative units (returns and corrections are
    no demand), more than 1e9 units, plans of items or warehouses that nobody knows. A price that is zero or negative becomes
    unknown. Zero units are kept: a known day without a sale.

    Raises:
        InputError: A cell cannot be read, or a row names no warehouse and the shop has several.
    """
    written = as_text(frame["item"])
    item, respelled = match_codes(written, known.items)
    ledger.drop(item.isna().to_numpy(), "no item code")
    day = as_days(frame["date"], "date")
    ledger.drop(np.isnat(day), "no date")
    ledger.change(respelled, "item code in another spelling than the shop's", written)
    warehouse, moved = match_codes(_column(frame, "warehouse"), known.warehouses)
    ledger.change(moved, "warehouse code in another spelling than the shop's")
    units, said = as_numbers(frame["units"], "units"), _prices_and_flags(frame, ledger)
    last = _last_day(day[~np.isnan(units)], known)
    ahead = np.isnan(units) & _is_told(said, len(frame)) & (day > last)
    ledger.plan(ahead)
    ledger.drop(np.isnan(units) & ~ahead, "no units")
    ledger.drop(units < 0, "negative units: a return or a correction, not demand", frame["units"])
    ledger.drop(units > LARGEST_QUANTITY, f"more than {LARGEST_QUANTITY:,.0f} units: damage, not a sale", frame["units"])
    rows = pd.DataFrame({"item": item, "warehouse": warehouse, "date": day, "units": units, **said})
    lines = rows[ledger.alive & ~ahead]
    demand = to_demand(lines.assign(name=lines["item"]), known, ledger)
    plans = _plans(rows, lines, known, ledger)
    if not len(plans):
        return demand
    told = f"{ledger.planned:,} rows of days after {last} have no units: they are taken as planned prices and promotions."
    return Cleaned({**demand.frames, PLANNED: plans}, (*demand.assumptions, told))


def _prices_and_flags(frame: pd.DataFrame, ledger: Ledger) -> dict[str, "Floats | pd.Series[Any]"]:
    """What the file says besides units, by field."""
    columns: dict[str, Floats | pd.Series[Any]] = {}
    if "price" in frame:
        price = as_numbers(frame["price"], "price")
        worthless = (price <= 0) | np.isinf(price)
        ledger.change(worthless, "price zero, negative or infinite: taken as unknown", frame["price"])
        columns["price"] = np.where(worthless, np.nan, price)
    for flag in ("promotion", "in_stock"):
        if flag in frame:
            columns[flag] = as_flags(frame[flag], flag)
    return columns


def _is_told(said: dict[str, "Floats | pd.Series[Any]"], rows: int) -> Bools:
    """[n] True where a price is known, or whether there is a promotion."""
    told = np.zeros(rows, dtype=np.bool_)
    for name in ("price", "promotion"):
        if name in said:
            told |= pd.notna(said[name])
    return told


def _last_day(sold: "np.ndarray[Any, np.dtype[np.datetime64]]", known: Known) -> np.datetime64:
    """The last day that the shop or the file has units of; NaT, which no day is after, where there is none."""
    days = [] if known.last_day is None else [np.datetime64(known.last_day, "D")]
    return max((*days, *np.unique(sold[~np.isnat(sold)])), default=np.datetime64("NaT", "D"))


def _plans(rows: pd.DataFrame, lines: pd.DataFrame, known: Known, ledger: Ledger) -> pd.DataFrame:
    """Records of the kind "planned": one row per item, warehouse and day.

    Args:
        rows: All rows of the file.
        lines: Those of them that are sales, which may make items and warehouses known.
        known: The shop before.
        ledger: Takes the drops.
    """
    ahead = ledger.ahead
    nobodys = ahead & ~rows["item"].isin({*known.items, *lines["item"]}).to_numpy()
    ledger.drop(nobodys, UNKNOWN_ITEM, rows["item"])
    warehouse = rows["warehouse"].fillna("")
    nowhere = ahead & ~warehouse.isin({"", *known.warehouses, *lines["warehouse"].dropna()}).to_numpy()
    ledger.drop(nowhere, "plan of a warehouse that is not recorded", warehouse)
    key = ["item", "warehouse", "date"]
    columns = [*key, *(name for name in ("price", "promotion") if name in rows)]
    plans = rows.assign(warehouse=warehouse)[ledger.alive & ahead]
    return plans[columns].drop_duplicates(key, keep="last", ignore_index=True)


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

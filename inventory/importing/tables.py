"""Cleaning of every kind but sales: each row is one record, found by its key."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from inventory.importing.dates import as_days, as_moments
from inventory.importing.demand import LARGEST_QUANTITY
from inventory.importing.known import Cleaned, Known, default_supplier, match_codes, new_suppliers, new_warehouses, warehouse_of
from inventory.importing.ledger import Ledger, row_number
from inventory.importing.values import as_flags, as_numbers, as_text
from inventory.kinds import Field, Kind
from parstock.domain import LONGEST_LEAD_TIME_DAYS
from parstock.errors import InputError

UNKNOWN_ITEM = "the item is not known: import items or sales first"
"""Why rows of stock and purchase orders are dropped that a later import of the same file may take."""
_STATUSES = ("open", "received", "cancelled")
_LANGUAGES = ("en", "zh")
_AT_LEAST: Mapping[str, Mapping[str, float]] = {
    "items": {"unit_cost": 0, "unit_price": 0, "min_order_quantity": 1, "pack_size": 1, "shelf_life_days": 1},
    "suppliers": {"lead_time_days": 0, "lead_time_sd_days": 0},
    "stock": {"reserved": 0},
    "purchase-orders": {"quantity": 1},
}
"""Kind -> field -> smallest value that makes sense."""
_AT_MOST: Mapping[str, Mapping[str, float]] = {
    "suppliers": {"lead_time_days": LONGEST_LEAD_TIME_DAYS, "lead_time_sd_days": LONGEST_LEAD_TIME_DAYS},
}
"""Kind -> field -> largest value that makes sense, where that is not `LARGEST_QUANTITY`."""


def clean_table(kind: Kind, frame: pd.DataFrame, known: Known, ledger: Ledger) -> Cleaned:
    """Clean the rows of a kind.

    Dropped, in this order: rows without a required value, numbers out of range, unknown items (stock and
    purchase orders), rows whose key comes again further down (the last one wins).

    Raises:
        InputError: A cell cannot be read, a status or language is unknown, or a row names no warehouse and the shop has several.
    """
    fields = [field for field in kind.fields if field.name in frame]
    records = pd.DataFrame({field.name: _read(field, frame[field.name]) for field in fields})
    for field in fields:
        if field.required:
            ledger.drop(records[field.name].isna().to_numpy(), f"no {field.name}")
    _drop_out_of_range(kind, records, ledger)
    _check_words(records)
    records = _refer(kind, records, known, ledger)
    key = [column.name for column in kind.table.primary_key]
    repeated = records[key].where(pd.Series(ledger.alive, index=records.index)).duplicated(keep="last").to_numpy() & ledger.alive
    ledger.drop(repeated, f"the same {' and '.join(key)} comes again further down: the last row wins", records[key[0]])
    _flag(kind, records, ledger)
    return _complete(kind, records[ledger.alive], known)


def _read(field: Field, series: "pd.Series[Any]") -> "pd.Series[Any]":
    """The column in its type; blank cells are missing."""
    if field.type == "text":
        return as_text(series)
    if field.type == "flag":
        return as_flags(series, field.name)
    if field.type == "moment":
        return as_moments(series, field.name)
    if field.type == "day":
        return pd.Series(as_days(series, field.name), index=series.index)
    numbers = as_numbers(series, field.name)
    broken = (numbers != np.round(numbers)) & ~np.isnan(numbers)
    if field.type == "integer" and broken.any():
        position = int(broken.argmax())
        raise InputError(
            f"row {row_number(position)}: {field.name} is {series.iloc[position]!r}, not a whole number", field=field.name
        )
    return pd.Series(numbers, index=series.index)


def _drop_out_of_range(kind: Kind, records: pd.DataFrame, ledger: Ledger) -> None:
    for field in kind.fields:
        if field.type in {"number", "integer"} and field.name in records:
            values = records[field.name].to_numpy(dtype=np.float64)
            least = _AT_LEAST.get(kind.name, {}).get(field.name)
            if least is not None:
                ledger.drop(values < least, f"{field.name} below {least:g}", records[field.name])
            most = _AT_MOST.get(kind.name, {}).get(field.name, LARGEST_QUANTITY)
            ledger.drop(np.abs(values) > most, f"{field.name} beyond {most:,.0f}", records[field.name])


def _check_words(records: pd.DataFrame) -> None:
    """Refuse a status or language that means nothing; both are taken in any case."""
    for name, words in (("status", _STATUSES), ("lang", _LANGUAGES)):
        if name in records:
            records[name] = records[name].str.lower().fillna(words[0])
            wrong = ~records[name].isin(words).to_numpy()
            if wrong.any():
                position = int(wrong.argmax())
                value = records[name].iloc[position]
                message = f"row {row_number(position)}: {name} is {value!r}, not one of {', '.join(words)}"
                raise InputError(message, field=name, choices=words)


def _refer(kind: Kind, records: pd.DataFrame, known: Known, ledger: Ledger) -> pd.DataFrame:
    """The records with codes in the shop's spelling; stock and orders of unknown items are dropped."""
    columns: dict[str, Iterable[str]] = {"item": known.items, "warehouse": known.warehouses, "supplier": known.suppliers}
    own = {"items": ("sku", known.items), "warehouses": ("code", known.warehouses), "suppliers": ("code", known.suppliers)}
    columns |= dict([own[kind.name]] if kind.name in own else [])
    if kind.name in {"stock", "purchase-orders"} and "warehouse" not in records:
        records = records.assign(warehouse=pd.Series(None, index=records.index, dtype=object))
    for name, codes in columns.items():
        if name in records:
            spelled, changed = match_codes(records[name], codes)
            ledger.change(changed, f"{name} in another spelling than the shop's", records[name])
            records = records.assign(**{name: spelled})
    if kind.name in {"stock", "purchase-orders"}:
        unknown = ~records["item"].isin(list(known.items)).to_numpy()
        ledger.drop(unknown, UNKNOWN_ITEM, records["item"])
        records = records.assign(warehouse=warehouse_of(records["warehouse"], known, kind.name))
    return records


def _flag(kind: Kind, records: pd.DataFrame, ledger: Ledger) -> None:
    if kind.name == "stock":
        ledger.flag((records["on_hand"] < 0).to_numpy(), "rows with negative stock on hand", records["on_hand"])
    if kind.name == "purchase-orders":
        ledger.flag(
            (records["due_on"] < records["ordered_on"]).to_numpy(), "rows due before they were ordered", records["due_on"]
        )
    if kind.name == "items":
        dear = (records["unit_cost"] > records["unit_price"]).to_numpy()
        ledger.flag(dear, "rows that cost more than they sell for", records["unit_cost"])


def _complete(kind: Kind, records: pd.DataFrame, known: Known) -> Cleaned:
    """The records with what the file left open, after the suppliers and warehouses that they name.

    A blank supplier is the item's own, else the default.
    """
    made: list[Cleaned] = []
    if not len(records):
        return Cleaned({}, ())
    if kind.name in {"items", "purchase-orders"}:
        given = records["supplier"] if "supplier" in records else pd.Series(None, index=records.index, dtype=object)
        default = default_supplier(known)
        usual = records["sku" if kind.name == "items" else "item"].map(lambda code: known.items.get(code, default))
        records = records.assign(supplier=given.where(given.notna(), usual))
        made.append(new_suppliers(records["supplier"], known))
    if kind.name in {"stock", "purchase-orders"}:
        made.append(new_warehouses(records["warehouse"], known))
    if kind.name == "stock":
        records, said = _dated(records, known)
        made.append(Cleaned({}, said))
    frames = {name: frame for cleaned in made for name, frame in cleaned.frames.items()}
    return Cleaned({**frames, kind.name: records}, tuple(text for cleaned in made for text in cleaned.assumptions))


def _dated(records: pd.DataFrame, known: Known) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Stock with a day for every count: the day after the last recorded sale where the file says none."""
    given = records["as_of"] if "as_of" in records else pd.Series(np.datetime64("NaT", "D"), index=records.index)
    if not given.isna().any():
        return records, ()
    day = known.last_day + timedelta(days=1) if known.last_day else date.today()
    filled = given.fillna(pd.Timestamp(day))
    return records.assign(as_of=filled), (f"Stock without a date is taken as counted on {day.isoformat()}.",)

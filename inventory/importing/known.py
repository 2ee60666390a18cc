"""What the shop knows before an import, and what an import assumes where the shop knows too little."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import select

from inventory._panel import last_day
from inventory.schema import items, suppliers, warehouses
from inventory.store import Store
from parstock.domain import Bools
from parstock.errors import InputError

DEFAULT_WAREHOUSE = "MAIN"
DEFAULT_SUPPLIER = "DEFAULT"
ASSUMED_LEAD_TIME_DAYS = 14.0
ASSUMED_LEAD_TIME_SD_DAYS = 4.0
ASSUMED_COST_SHARE = 0.6
"""Purchase cost as a share of the selling price, where only the price is known."""


@dataclass(frozen=True, slots=True)
class Known:
    """Codes that records may refer to."""

    items: Mapping[str, str]
    """Item code -> code of its supplier."""
    suppliers: tuple[str, ...]
    warehouses: tuple[str, ...]
    last_day: date | None
    """Last day of recorded demand."""


@dataclass(frozen=True, eq=False, slots=True)
class Cleaned:
    """What an import will load."""

    frames: Mapping[str, pd.DataFrame]
    """Kind -> records, in the order of loading."""
    assumptions: tuple[str, ...]
    """What the file did not say, one sentence each."""


def read_known(store: Store) -> Known:
    """The codes that the database has now."""
    with store.reading() as connection:
        return Known(
            items=dict(iter(connection.execute(select(items.c.sku, items.c.supplier)))),
            suppliers=tuple(connection.scalars(select(suppliers.c.code).order_by(suppliers.c.code))),
            warehouses=tuple(connection.scalars(select(warehouses.c.code).order_by(warehouses.c.code))),
            last_day=last_day(connection),
        )


def match_codes(codes: "pd.Series[Any]", known: Iterable[str]) -> tuple["pd.Series[Any]", Bools]:
    """Codes in the spelling that the shop knows, and [n] True where the spelling was changed.

    A code that differs from exactly one known code in upper and lower case only is that code.
    """
    exact = set(known)
    by_fold: dict[str, list[str]] = {}
    for code in exact:
        by_fold.setdefault(code.casefold(), []).append(code)
    spelling = {}
    for code in codes.dropna().unique():
        same = by_fold.get(code.casefold(), [])
        if code not in exact and len(same) == 1:
            spelling[code] = same[0]
    if not spelling:
        return codes, codes.isna().to_numpy() & False
    return codes.map(lambda code: spelling.get(code, code)), codes.isin(list(spelling)).to_numpy()


def warehouse_of(codes: "pd.Series[Any]", known: Known, noun: str) -> "pd.Series[Any]":
    """Warehouse codes with the blanks filled: by the only warehouse, by MAIN where there is one or none at all.

    Raises:
        InputError: A row names no warehouse and the shop has several.
    """
    if not codes.isna().any():
        return codes
    if DEFAULT_WAREHOUSE in known.warehouses or not known.warehouses:
        return codes.fillna(DEFAULT_WAREHOUSE)
    if len(known.warehouses) > 1:
        raise InputError(
            f"these {noun} name no warehouse and the shop has several ({', '.join(known.warehouses)}); "
            'add a column and name it with --map "COLUMN=warehouse"',
            field="warehouse",
            choices=known.warehouses,
        )
    return codes.fillna(known.warehouses[0])


def new_warehouses(codes: "pd.Series[Any]", known: Known) -> Cleaned:
    """Records for the warehouses that a file names and the shop does not know."""
    new = sorted(set(codes.unique()) - set(known.warehouses))
    if not new:
        return Cleaned({}, ())
    names = ["Main warehouse" if code == DEFAULT_WAREHOUSE else code for code in new]
    return Cleaned(
        {"warehouses": pd.DataFrame({"code": new, "name": names})},
        (f"Created the {_counted(new, 'warehouse')}: the file or the shop named none else.",),
    )


def new_suppliers(codes: "pd.Series[Any]", known: Known) -> Cleaned:
    """Records for the suppliers that a file names and the shop does not know, with an assumed lead time."""
    new = sorted(set(codes.unique()) - set(known.suppliers))
    if not new:
        return Cleaned({}, ())
    frame = pd.DataFrame(
        {
            "code": new,
            "name": ["Default supplier" if code == DEFAULT_SUPPLIER else code for code in new],
            "lead_time_days": ASSUMED_LEAD_TIME_DAYS,
            "lead_time_sd_days": ASSUMED_LEAD_TIME_SD_DAYS,
        }
    )
    said = (
        f"Created the {_counted(new, 'supplier')} with an assumed lead time of {ASSUMED_LEAD_TIME_DAYS:g} days, "
        f"standard deviation {ASSUMED_LEAD_TIME_SD_DAYS:g}; import suppliers to replace it."
    )
    return Cleaned({"suppliers": frame}, (said,))


def default_supplier(known: Known) -> str:
    """The supplier of whatever names none: the only one, else DEFAULT."""
    return known.suppliers[0] if len(known.suppliers) == 1 else DEFAULT_SUPPLIER


def new_items(names: "pd.Series[Any]", prices: "pd.Series[Any]", categories: "pd.Series[Any] | None", known: Known) -> Cleaned:
    """Records for the items that sales name and the shop does not know.

    Args:
        names: Item code -> name.
        prices: Item code -> median selling price; missing where unknown.
        categories: Item code -> category, where the file says one.
        known: The shop before.
    """
    new = names.index.difference(pd.Index(list(known.items), dtype=object))
    if not len(new):
        return Cleaned({}, ())
    supplier = default_supplier(known)
    price = prices.reindex(new).astype(float)
    unpriced = int(price.isna().sum())
    price = price.fillna(0.0).round(2)
    frame = pd.DataFrame(
        {
            "sku": new.to_numpy(dtype=object),
            "name": names.reindex(new).to_numpy(),
            "supplier": supplier,
            "unit_cost": (ASSUMED_COST_SHARE * price).round(4).to_numpy(),
            "unit_price": price.to_numpy(),
        }
    )
    if categories is not None:
        frame["category"] = categories.reindex(new).fillna("uncategorised").to_numpy()
    suppliers_made = new_suppliers(pd.Series([supplier]), known)
    said = [
        f"Created {len(new):,} items from the sales: the price is the median selling price, the cost is assumed to be "
        f"{ASSUMED_COST_SHARE:.0%} of it, the supplier is {supplier!r}; import items to replace this."
    ]
    if unpriced:
        said.append(f"{unpriced:,} of them have no known price: price and cost are 0 until items are imported.")
    return Cleaned({**suppliers_made.frames, "items": frame}, (*suppliers_made.assumptions, *said))


def _counted(codes: Sequence[str], noun: str) -> str:
    shown = ", ".join(codes[:5]) + (", ..." if len(codes) > 5 else "")
    return f"{noun} {shown}" if len(codes) == 1 else f"{len(codes):,} {noun}s {shown}"

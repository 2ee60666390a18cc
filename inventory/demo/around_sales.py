"""Gives somebody's real sales a simulated shop around them, so that planning can be tried on real demand."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import Connection, delete, func, select

from inventory import schema
from inventory.demo import happenings, supply
from inventory.demo.catalogue import SUPPLIERS, WAREHOUSE_SHARES, WAREHOUSES, categorise
from inventory.demo.notes import write_notes
from inventory.demo.shop import order_records, orders_around, policies, refuse_unless_empty, stock_records, write
from inventory.demo.supply import Level
from inventory.importing.run import Progress, prepare
from inventory.importing.run import write as write_import
from inventory.store import Store
from parstock.domain import Floats
from parstock.errors import InputError

RECENT_DAYS = 56
"""Days whose mean is the level of demand that stock and orders are made around."""


def make_demo_around_sales(store: Store, path: Path, preset: str, *, seed: int = 7, progress: Progress | None = None) -> None:
    """Import real sales into an empty store and simulate what they lack around their level of demand, all or nothing.

    Real stay the items' codes, names and prices and every unit of demand, booked to the warehouse MAIN. Simulated are
    categories and suppliers (by words in the names), unit costs, order minimums, stock and purchase orders in three
    warehouses, policies and notes; the label says so.

    Args:
        store: Without any records.
        path: File of sales.
        preset: How to read it, such as "online-retail".
        seed: The same file and seed make the same shop.
        progress: Told how far it is.

    Raises:
        SetupError: The store holds records already; nothing was changed.
        InputError: The file cannot be imported, or holds no sale.
    """
    refuse_unless_empty(store)
    say = progress or (lambda doing, share: None)
    sales = prepare(store, "sales", path, preset=preset, progress=lambda doing, share: say(f"{doing} sales", share))
    if "sales" not in sales.cleaned.frames:
        said = f"{path.name!r} holds no sale that could be taken: {sales.report.dropped:,} rows were dropped"
        raise InputError(said, field="sales")
    say("writing sales", 0.5)
    with store.writing() as connection:
        write_import(connection, sales, "operator")
        say("simulating stock and orders", 0.8)
        frames = _simulated(connection, np.random.default_rng(seed))
        write(connection, frames, label(path), lambda doing, share: say(doing, 0.85 + 0.15 * share))
        standing_in = schema.suppliers.c.code.not_in(SUPPLIERS["code"].tolist())
        connection.execute(delete(schema.suppliers).where(standing_in))  # made by the import, bought from no more
    say("done", 1.0)


def label(path: Path) -> str:
    """What is real and what is simulated in a shop made around the sales in `path`."""
    return (
        f"real: items, prices and sales from {path.name}; simulated: suppliers, categories, unit costs, order minimums, "
        "stock, purchase orders, warehouses, policies and notes"
    )


def _simulated(connection: Connection, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Everything around the sales that the transaction has imported: kind of records -> rows."""
    items, as_of = _sold_items(connection)
    items = items.join(categorise(items["name"]))
    items["unit_cost"] = np.maximum(0.01, items["unit_price"] * rng.uniform(0.35, 0.6, len(items))).round(2)
    lead = items["supplier"].map(SUPPLIERS.set_index("code")["lead_time_days"]).to_numpy()
    level = _level(items.pop("daily").to_numpy(), lead, rng)
    items = items.join(supply.order_terms(level.daily[0], lead, rng))
    empty = level.stocked & (rng.random(level.stocked.shape) < 0.03)
    stock, cover = supply.stock(level, empty, rng)
    orders = orders_around(items, SUPPLIERS, level, cover, as_of, rng)
    happened = happenings.of_orders(orders, as_of) + happenings.of_stock(stock, level, cover, as_of)
    happened += happenings.of_suppliers(SUPPLIERS, as_of, rng)
    return {
        "warehouses": WAREHOUSES,
        "suppliers": SUPPLIERS,
        "items": items,
        "stock": stock_records(stock, items, as_of),
        "purchase-orders": order_records(orders, items),
        "policies": policies(),
        "notes": write_notes(happened, items.assign(name_zh=None), SUPPLIERS, rng),
    }


def _sold_items(connection: Connection) -> tuple[pd.DataFrame, date]:
    """Items with their mean units a day of late, and the day after the last sale."""
    last = connection.execute(select(func.max(schema.demand.c.day))).scalar_one()
    as_of = date.fromisoformat(str(last)) + timedelta(days=1)
    recent = (
        select(schema.demand.c.item, func.sum(schema.demand.c.units).label("units"))
        .where(schema.demand.c.day >= as_of - timedelta(days=RECENT_DAYS))
        .group_by(schema.demand.c.item)
        .subquery()
    )
    columns = (schema.items.c.sku, schema.items.c.name, schema.items.c.unit_price, recent.c.units)
    rows: Sequence[tuple[object, ...]] = [
        tuple(row)
        for row in connection.execute(select(*columns).join_from(schema.items, recent, isouter=True).order_by(schema.items.c.sku))
    ]
    items = pd.DataFrame(rows, columns=["sku", "name", "unit_price", "daily"])
    items["daily"] = items["daily"].astype(float).fillna(0.0) / RECENT_DAYS
    return items, as_of


def _level(daily: Floats, lead: Floats, rng: np.random.Generator) -> Level:
    """The real level in the main warehouse; the others hold a fifth of the items for a simulated share of it."""
    elsewhere = rng.random((len(WAREHOUSE_SHARES) - 1, len(daily))) < 0.2
    stocked = np.vstack([np.ones((1, len(daily)), bool), elsewhere])
    share = (WAREHOUSE_SHARES / WAREHOUSE_SHARES[0])[:, None]
    return Level(daily * share * stocked, stocked, lead, np.full(len(daily), np.inf))

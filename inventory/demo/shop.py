"""Makes the demonstration shop: all of it simulated, the same for the same seed."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from inventory import schema
from inventory.demo import happenings, supply
from inventory.demo.catalogue import SUPPLIERS, WAREHOUSE_SHARES, WAREHOUSES, catalogue
from inventory.demo.demand import simulate
from inventory.demo.notes import write_notes
from inventory.demo.supply import Level
from inventory.importing.run import Progress
from inventory.kinds import PLANNED
from inventory.loading import load, set_label
from inventory.store import Store
from parstock.domain import Floats
from parstock.errors import SetupError

AS_OF = date(2026, 6, 1)
"""The shop's today: its history ends on the day before."""
LABEL = "simulated demonstration shop"
_PROMOTIONS_AHEAD = 12
"""Items with a promotion planned for the weeks to come."""
RECENT_DAYS = 56
"""Days whose mean, while in stock, is the level of demand that stock and orders are made around."""


def make_demo(store: Store, *, seed: int = 7, progress: Progress | None = None) -> None:
    """Fill an empty store with the demonstration shop.

    408 items in 8 categories, 14 suppliers, 3 warehouses, two years of daily demand, stock, open and received purchase orders,
    policies and notes.

    Args:
        store: Without any records.
        seed: The same seed makes the same shop.
        progress: Told how far it is.

    Raises:
        SetupError: The store holds records already; nothing was changed.
    """
    refuse_unless_empty(store)
    say = progress or (lambda doing, share: None)
    say("simulating the shop", 0.0)
    frames = demo_records(seed)
    with store.writing() as connection:
        write(connection, frames, LABEL, lambda doing, share: say(doing, 0.1 + 0.9 * share))
    say("done", 1.0)


def demo_records(seed: int) -> dict[str, pd.DataFrame]:
    """Simulate the shop: kind of records -> rows, in the order in which they refer to each other."""
    rng = np.random.default_rng(seed)
    items = catalogue(rng)
    lead = items["supplier"].map(SUPPLIERS.set_index("code")["lead_time_days"]).to_numpy()
    history = simulate(items, WAREHOUSE_SHARES, AS_OF, rng)
    keeps = np.asarray(0.6 * items["shelf_life_days"].astype("Float64").fillna(np.inf), dtype=np.float64)
    recent = history.units[:, :, -RECENT_DAYS:].sum(axis=2) / np.maximum(1, history.in_stock[:, :, -RECENT_DAYS:].sum(axis=2))
    level = Level(recent, history.stocked, lead, keeps)
    items = items.join(supply.order_terms(level.daily.sum(axis=0), lead, rng))
    stock, cover = supply.stock(level, ~history.in_stock[:, :, -1], rng)
    orders = orders_around(items, SUPPLIERS, level, cover, AS_OF, rng)
    happened = happenings.of_history(history) + happenings.of_orders(orders, AS_OF)
    happened += happenings.of_stock(stock, level, cover, AS_OF) + happenings.of_suppliers(SUPPLIERS, AS_OF, rng)
    return {
        "warehouses": WAREHOUSES,
        "suppliers": SUPPLIERS,
        "items": items,
        "sales": history.sales(items["sku"].tolist(), WAREHOUSES["code"].tolist()),
        PLANNED: promotions_ahead(items, np.random.default_rng([seed, 1])),
        "stock": stock_records(stock, items, AS_OF),
        "purchase-orders": order_records(orders, items),
        "policies": policies(),
        "notes": write_notes(happened, items, SUPPLIERS, rng),
    }


def promotions_ahead(items: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Rows of the kind "planned": promotions of a week or so, a fifth off, everywhere, in the month from `AS_OF` on."""
    chosen = np.sort(rng.choice(len(items), _PROMOTIONS_AHEAD, replace=False))
    first, days = rng.integers(3, 24, chosen.size), rng.integers(6, 11, chosen.size)
    rows = np.repeat(chosen, days)
    ahead = np.concatenate([begin + np.arange(length) for begin, length in zip(first, days, strict=True)])
    return pd.DataFrame(
        {
            "item": items["sku"].to_numpy()[rows],
            "date": (np.datetime64(AS_OF, "D") + ahead).astype("datetime64[s]"),
            "price": (0.8 * items["unit_price"].to_numpy()[rows]).round(2),
            "promotion": True,
        }
    )


def refuse_unless_empty(store: Store) -> None:
    """Keep simulated records from being mixed into real ones.

    Raises:
        SetupError: The store holds items.
    """
    with store.reading() as connection:
        if connection.execute(select(schema.items.c.sku).limit(1)).first():
            raise SetupError("the home already holds items, and a demonstration would be mixed into them; choose an empty home")


def orders_around(
    items: pd.DataFrame, suppliers: pd.DataFrame, level: Level, cover: Floats, as_of: date, rng: np.random.Generator
) -> pd.DataFrame:
    """Return received and open purchase-order lines, numbered by day."""
    received = supply.past_orders(items, suppliers, level, as_of, rng)
    under_way = supply.open_orders(items, level, cover, as_of, rng).assign(received_on=np.datetime64("NaT", "s"))
    return supply.numbered(pd.concat([received, under_way], ignore_index=True))


def stock_records(stock: pd.DataFrame, items: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Rows of the kind "stock"."""
    return pd.DataFrame(
        {
            "item": items["sku"].to_numpy()[stock["row"]],
            "warehouse": WAREHOUSES["code"].to_numpy()[stock["site"]],
            "on_hand": stock["on_hand"],
            "reserved": stock["reserved"],
            "as_of": pd.Timestamp(as_of),
        }
    )


def order_records(orders: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Rows of the kind "purchase-orders"."""
    return pd.DataFrame(
        {
            "order_id": orders["order_id"],
            "item": items["sku"].to_numpy()[orders["row"]],
            "warehouse": WAREHOUSES["code"].to_numpy()[orders["site"]],
            "supplier": orders["supplier"],
            "quantity": orders["quantity"],
            "ordered_on": orders["ordered_on"],
            "due_on": orders["due_on"],
            "status": np.where(orders["received_on"].isna(), "open", "received"),
            "received_on": orders["received_on"],
        }
    )


def policies() -> pd.DataFrame:
    """The policy documents of the shop, rows of the kind "policies"; the id is the file's stem."""
    rows = []
    for path in sorted((Path(__file__).parent / "policies").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        title = text.splitlines()[0].removeprefix("# ")
        rows.append({"id": path.stem, "title": title, "text": text, "lang": "zh" if path.stem.endswith(".zh") else "en"})
    return pd.DataFrame(rows)


def write(connection: Connection, frames: dict[str, pd.DataFrame], label: str, progress: Progress) -> None:
    """Write all frames and the label in the caller's transaction."""
    total = sum(map(len, frames.values()))
    done = 0
    for kind, frame in frames.items():
        progress(f"writing {kind}", done / total)
        done += load(connection, kind, frame)
    set_label(connection, label)

"""Simulated terms, stock and purchase orders around a level of demand, the same for invented and for real sales."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from parstock.domain import Bools, Floats

_PACKS = np.array([1, 6, 10, 12, 24])
_SHORT, _EXCESS = 0.03, 0.06
"""Share of the positions with far too little and with far too much on hand."""
_OVERDUE_ORDERS = 5
"""Open orders whose due day has passed."""
_PAST_ORDERS = 10
"""Received orders of each supplier, which show how reliable it is."""


@dataclass(frozen=True, eq=False, slots=True)
class Level:
    """How fast N items sell in W warehouses, and how long their supply takes."""

    daily: Floats
    """[W, N] mean units a day of late."""
    stocked: Bools
    """[W, N] whether the warehouse holds the item."""
    lead_time_days: Floats
    """[N]"""
    longest_cover_days: Floats
    """[N] days of sales beyond which the item would spoil; inf where it keeps."""


def order_terms(daily: Floats, lead_time_days: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """Give items pack sizes and minimum order quantities that fit their demand; far suppliers want more.

    Args:
        daily: [N] mean units a day, all warehouses.
        lead_time_days: [N]
        rng: Source of all chance.

    Returns:
        [N] rows with `pack_size` and `min_order_quantity`, the second a multiple of the first.
    """
    brisk = np.clip(np.searchsorted([0.3, 1.0, 3.0, 8.0], daily), 0, len(_PACKS) - 1)
    pack = _PACKS[np.maximum(0, brisk - rng.integers(0, 2, len(daily)))]
    days = np.where(lead_time_days > 30, rng.uniform(10, 40, len(daily)), rng.uniform(2, 10, len(daily)))
    return pd.DataFrame({"pack_size": pack, "min_order_quantity": pack * np.maximum(1, np.ceil(daily * days / pack)).astype(int)})


def stock(level: Level, empty: Bools, rng: np.random.Generator) -> tuple[pd.DataFrame, Floats]:
    """Put stock into the warehouses: most items are fine together with what is under way, a few short, some in excess.

    Args:
        level: Demand and lead times.
        empty: [W, N] warehouses that have run out of an item.
        rng: Source of all chance.

    Returns:
        Rows with `site`, `row` (of the item), `on_hand` and `reserved`; and [W, N] days of cover on hand.
    """
    shape = level.daily.shape
    lead = np.broadcast_to(level.lead_time_days, shape)
    kind = rng.random(shape)
    cover = 0.6 * lead + rng.uniform(15, 45, shape)
    cover = np.where(kind < _SHORT, lead * rng.uniform(0.1, 0.4, shape), cover)
    cover = np.where(kind > 1 - _EXCESS, lead + rng.uniform(90, 220, shape), cover)
    cover = np.where(empty, 0.0, np.minimum(cover, level.longest_cover_days))
    on_hand = np.round(level.daily * cover).astype(int)
    on_hand += (level.stocked & ~empty & (on_hand == 0)) * rng.integers(1, 6, shape)
    reserved = np.minimum(on_hand // 2, rng.poisson(level.daily))
    site, row = np.nonzero(level.stocked)
    frame = pd.DataFrame({"site": site, "row": row, "on_hand": on_hand[site, row], "reserved": reserved[site, row]})
    return frame, cover


def open_orders(items: pd.DataFrame, level: Level, cover: Floats, as_of: date, rng: np.random.Generator) -> pd.DataFrame:
    """Place the purchase orders that are under way, for most of what does not last until the next; some are overdue.

    Args:
        items: N rows with `sku`, `supplier`, `pack_size` and `min_order_quantity`.
        level: Demand and lead times.
        cover: [W, N] days of cover on hand.
        as_of: Today.
        rng: Source of all chance.

    Returns:
        Lines with `site`, `row`, `supplier`, `quantity`, `ordered_on`, `due_on`; lines of one order share the last three.
    """
    wanted = level.lead_time_days + rng.uniform(12, 42, cover.shape)
    forgotten = cover < 0.45 * level.lead_time_days
    chance = np.where(cover >= wanted, 0.02, np.where(forgotten, 0.7, 0.99))
    ordered = level.stocked & (level.daily > 0) & (rng.random(cover.shape) < chance)
    site, row = np.nonzero(ordered)
    chosen = items.iloc[row]
    days = np.maximum(15.0, (wanted - cover)[site, row])
    quantity = whole_packs(level.daily[site, row] * days, chosen)
    lines = pd.DataFrame({"site": site, "row": row, "supplier": chosen["supplier"].to_numpy(), "quantity": quantity})
    lines["batch"] = rng.integers(0, 2, len(lines))
    lines["lead"] = level.lead_time_days[row]
    order = lines.groupby(["site", "supplier", "batch"], sort=True).ngroup().to_numpy()
    count = int(order.max(initial=-1)) + 1
    age = rng.uniform(0.4, 0.95, count)[order]
    late = np.zeros(count)
    overdue = rng.permutation(count)[:_OVERDUE_ORDERS]
    late[overdue] = rng.integers(3, 14, len(overdue))
    days_ago = np.where(late[order] > 0, lines["lead"] + late[order], np.ceil(lines["lead"] * age)).round()
    lines["ordered_on"] = _day(as_of, -days_ago)
    lines["due_on"] = _day(as_of, lines["lead"].round() - days_ago)
    return lines.drop(columns=["batch", "lead"])


def past_orders(
    items: pd.DataFrame, suppliers: pd.DataFrame, level: Level, as_of: date, rng: np.random.Generator
) -> pd.DataFrame:
    """Give each supplier received orders, whose lead times scatter as its record says.

    Returns:
        Lines as from `open_orders`, with `received_on`; all went to the main warehouse.
    """
    rows = items.assign(row=np.arange(len(items)), daily=level.daily[0])
    mine = rows[rows["daily"] > 0].groupby("supplier")["row"].apply(np.asarray)
    known = suppliers[suppliers["code"].isin(mine.index)]
    orders = known.loc[known.index.repeat(_PAST_ORDERS)].reset_index(drop=True)
    actual = np.maximum(1, rng.normal(orders["lead_time_days"], orders["lead_time_sd_days"])).round()
    days_ago = (actual + rng.uniform(3, 330, len(orders))).round()
    row = np.concatenate([rng.choice(mine[code], size=3) for code in orders["code"]])
    lines = orders.loc[orders.index.repeat(3)].reset_index(drop=True)
    actual, days_ago = np.repeat(actual, 3), np.repeat(days_ago, 3)
    frame = pd.DataFrame(
        {
            "site": 0,
            "row": row,
            "supplier": lines["code"],
            "quantity": whole_packs(level.daily[0, row] * rng.uniform(20, 45, len(row)), items.iloc[row]),
            "ordered_on": _day(as_of, -days_ago),
            "due_on": _day(as_of, lines["lead_time_days"].round().to_numpy() - days_ago),
            "received_on": _day(as_of, actual - days_ago),
        }
    )
    return frame.drop_duplicates(["supplier", "ordered_on", "row"])


def numbered(lines: pd.DataFrame) -> pd.DataFrame:
    """Number the orders in the order of their days: lines of one supplier, warehouse and days are one order."""
    lines = lines.sort_values(["ordered_on", "supplier", "site", "row"], kind="stable", ignore_index=True)
    number = lines.groupby(["ordered_on", "supplier", "site", "received_on"], sort=True, dropna=False).ngroup()
    return lines.assign(order_id=(10001 + number).map("PO-{}".format))


def whole_packs(wanted: Floats, items: pd.DataFrame) -> Floats:
    """Raise wanted units to the minimum order and to full packs: [n]."""
    pack = items["pack_size"].to_numpy()
    return np.asarray(np.ceil(np.maximum(wanted, items["min_order_quantity"].to_numpy()) / pack) * pack, dtype=np.float64)


def _day(as_of: date, offset: "Floats | pd.Series[float]") -> "pd.Series[pd.Timestamp]":
    return pd.Series(pd.Timestamp(as_of) + pd.to_timedelta(np.asarray(offset), unit="D"))

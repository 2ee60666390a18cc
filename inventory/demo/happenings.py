"""What a planner of the simulated shop would write about: facts drawn from its history, stock and orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from inventory.demo.demand import DAYS, History
from inventory.demo.supply import Level
from parstock.domain import Bools, Floats

HappeningKind: TypeAlias = Literal[
    "overdue", "under_way", "late_receipt", "excess", "shortage", "stockout", "promotion", "launch", "supplier", "nothing"
]

Value: TypeAlias = "int | str | date"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something worth a note, with the values that the note may mention."""

    kind: HappeningKind
    day: date
    """When it would be noted."""
    row: int = -1
    """Row of the item; -1 where it is about none."""
    site: int = -1
    """Row of the warehouse; -1 where it is about none."""
    supplier: str = ""
    """Code of the supplier, where it is about one."""
    values: Mapping[str, Value] | None = None
    """Name of a placeholder -> value."""


def of_orders(lines: pd.DataFrame, as_of: date) -> list[Happening]:
    """Orders that are overdue, under way, or came late.

    Args:
        lines: Numbered lines; `received_on` empty means open.
        as_of: Today.
    """
    found: list[Happening] = []
    first = lines.drop_duplicates("order_id")
    days = first[["ordered_on", "due_on", "received_on"]].apply(lambda column: column.dt.date)
    whole = zip(first["row"].tolist(), first["site"].tolist(), first["quantity"].astype(int).tolist(), strict=True)
    words = zip(first["order_id"].tolist(), first["supplier"].tolist(), strict=True)
    for (row, site, units), (order, supplier), (ordered, due, received) in zip(whole, words, days.to_numpy(), strict=True):
        values: dict[str, Value] = {"order": order, "due": due, "units": units}
        if not pd.isna(received):
            kind: HappeningKind = "late_receipt"
            noted, values["days"] = received, (received - due).days
        elif due < as_of:
            kind, noted = "overdue", as_of - timedelta(days=1)
            values["days"] = (noted - due).days
        else:
            kind, noted = "under_way", min(as_of - timedelta(days=1), ordered + timedelta(days=2))
        if kind != "late_receipt" or (received - due).days > 2:
            found.append(Happening(kind, noted, row, site, supplier, values))
    return found


def of_stock(stock: pd.DataFrame, level: Level, cover: Floats, as_of: date) -> list[Happening]:
    """Items with far too much or too little stock, seen in the last days."""
    site, row = stock["site"].to_numpy(), stock["row"].to_numpy()
    lead = level.lead_time_days[row]
    days = cover[site, row]
    on_hand = stock["on_hand"].to_numpy()
    brisk = level.daily[site, row] > 0.5
    found: list[Happening] = []
    kinds: tuple[tuple[HappeningKind, Bools], ...] = (
        ("excess", brisk & (days > lead + 90)),
        ("shortage", brisk & (days > 0) & (days < 0.5 * lead)),
    )
    for kind, chosen in kinds:
        for i in np.flatnonzero(chosen).tolist():
            values: dict[str, Value] = {"units": int(on_hand[i]), "days": round(days[i]), "lead": round(lead[i])}
            noted = as_of - timedelta(days=1 + i % 4)
            found.append(Happening(kind, noted, int(row[i]), int(site[i]), "", values))
    return found


def of_history(history: History) -> list[Happening]:
    """Stockouts, promotions and launches of the last year."""
    found: list[Happening] = []
    for spell in history.stockouts:
        if spell.first > DAYS - 365 and spell.first + spell.days < DAYS:
            over = history.day(spell.first + spell.days)
            values: dict[str, Value] = {"days": spell.days, "first": history.day(spell.first)}
            found.append(Happening("stockout", over, spell.item, spell.warehouse, "", values))
    for spell in history.promotions:
        if spell.first > DAYS - 365 and spell.first + spell.days < DAYS:
            units = history.units[:, spell.item, spell.first : spell.first + spell.days].sum()
            values = {"days": spell.days, "first": history.day(spell.first), "units": int(units)}
            found.append(Happening("promotion", history.day(spell.first + spell.days), spell.item, -1, "", values))
    for row in np.flatnonzero((history.launch > DAYS - 400) & (history.launch < DAYS - 28)):
        first = int(history.launch[row])
        values = {"first": history.day(first), "units": int(history.units[:, row, first : first + 28].sum())}
        found.append(Happening("launch", history.day(first + 28), int(row), -1, "", values))
    return found


def of_suppliers(suppliers: pd.DataFrame, as_of: date, rng: np.random.Generator) -> list[Happening]:
    """What suppliers announce, and days on which nothing happens; these rest on no record."""
    found: list[Happening] = []
    for code in suppliers["code"].repeat(2):
        day = as_of - timedelta(days=int(rng.integers(2, 150)))
        start = day + timedelta(days=int(rng.integers(10, 60)))
        values: dict[str, Value] = {
            "pct": int(rng.integers(2, 9)),
            "days": int(rng.choice([3, 5, 7, 10])),
            "first": start,
            "last": start + timedelta(days=int(rng.integers(4, 15))),
            "units": int(rng.choice([50, 100, 200, 250, 500])),
        }
        found.append(Happening("supplier", day, -1, -1, str(code), values))
        found.append(Happening("nothing", day + timedelta(days=1), -1, -1, str(code)))
    return found

"""Simulated daily demand of the demonstration shop. Knows nothing about stock on hand, orders or the database.

expected units = base x weekday x season x holiday x promotion x trend
units ~ negative binomial around it, 0 while out of stock, unknown before launch
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parstock.domain import Bools, Floats

DAYS = 730
"""Days of history: two years."""

_WEEKDAYS = np.array([1.12, 1.02, 0.98, 0.97, 0.94, 0.90, 1.07])
"""Monday to Sunday."""
_SEASONS: Mapping[str, tuple[float, int]] = {
    "Garden": (0.75, 140),
    "Kitchen": (0.12, 335),
    "Toys": (0.45, 340),
    "Home Decor": (0.22, 320),
    "Electronics": (0.25, 340),
    "Outdoor": (0.65, 185),
    "Beauty": (0.10, 60),
    "Grocery": (0.12, 345),
}
"""Category -> swing of the yearly wave and the day of the year of its top."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days of a year on which demand is multiplied; `categories` empty means all."""

    first: date
    days: int
    factor: float
    categories: tuple[str, ...] = ()


HOLIDAYS: tuple[Holiday, ...] = (
    Holiday(date(2024, 11, 25), 8, 1.7, ("Electronics", "Kitchen", "Toys")),
    Holiday(date(2025, 11, 24), 8, 1.7, ("Electronics", "Kitchen", "Toys")),
    Holiday(date(2024, 12, 1), 20, 1.5),
    Holiday(date(2025, 12, 1), 20, 1.5),
    Holiday(date(2024, 12, 24), 3, 0.3),
    Holiday(date(2025, 12, 24), 3, 0.3),
    Holiday(date(2025, 2, 8), 7, 1.4, ("Beauty", "Home Decor", "Grocery")),
    Holiday(date(2026, 2, 8), 7, 1.4, ("Beauty", "Home Decor", "Grocery")),
    Holiday(date(2025, 3, 23), 7, 1.6, ("Beauty", "Home Decor", "Kitchen")),
    Holiday(date(2026, 3, 8), 7, 1.6, ("Beauty", "Home Decor", "Kitchen")),
    Holiday(date(2025, 4, 11), 10, 1.35, ("Garden", "Toys", "Grocery")),
    Holiday(date(2026, 3, 27), 10, 1.35, ("Garden", "Toys", "Grocery")),
)
"""Black Friday, Advent, Christmas, Valentine's Day, Mothering Sunday and Easter of the two years."""


@dataclass(frozen=True, slots=True)
class Spell:
    """Some days in the history of an item: a promotion or a stockout."""

    item: int
    """Row of the item."""
    warehouse: int
    """Row of the warehouse; -1 for all."""
    first: int
    """Column of the first day."""
    days: int


@dataclass(frozen=True, eq=False, slots=True)
class History:
    """What happened: W warehouses, N items, T days, the last of them the day before `as_of`."""

    start: date
    units: NDArray[np.int64]
    """[W, N, T] units sold."""
    in_stock: Bools
    """[W, N, T] False on days when the warehouse had none."""
    promotion: Bools
    """[N, T]"""
    price: Floats
    """[N, T]"""
    launch: NDArray[np.int64]
    """[N] column of the first day on sale; 0 where the item is older than the history."""
    stocked: Bools
    """[W, N] whether the warehouse holds the item at all."""
    promotions: tuple[Spell, ...]
    stockouts: tuple[Spell, ...]

    def day(self, column: int) -> date:
        """The date of a column."""
        return self.start + timedelta(days=column)

    def sales(self, skus: Sequence[str], warehouses: Sequence[str]) -> pd.DataFrame:
        """Return the rows of the kind "sales": every stocked day from launch on which something is to be recorded.

        Days with no sale, no promotion and stock on the shelf are left out, save the day of launch and the last one.
        """
        columns = np.arange(self.units.shape[2])
        on_sale = self.stocked[:, :, None] & (columns >= self.launch[:, None])[None]
        telling = (self.units > 0) | ~self.in_stock | self.promotion[None]
        telling |= (columns == self.launch[:, None])[None] | (columns == columns[-1])
        w, n, t = np.nonzero(on_sale & telling)
        return pd.DataFrame(
            {
                "item": np.asarray(skus)[n],
                "warehouse": np.asarray(warehouses)[w],
                "date": (np.datetime64(self.start, "D") + t).astype("datetime64[s]"),
                "units": self.units[w, n, t],
                "price": self.price[n, t],
                "promotion": self.promotion[n, t],
                "in_stock": self.in_stock[w, n, t],
            }
        )


def simulate(items: pd.DataFrame, shares: Floats, as_of: date, rng: np.random.Generator) -> History:
    """Simulate the demand of all items in all warehouses.

    Args:
        items: N rows with `category`, `unit_cost` and `unit_price`.
        shares: [W] share of the demand that each warehouse serves, the first being the main one.
        as_of: First day that is not simulated.
        rng: Source of all chance.
    """
    n_items, n_sites = len(items), len(shares)
    start = as_of - timedelta(days=DAYS)
    stocked = np.vstack([np.ones((1, n_items), bool), rng.random((n_sites - 1, n_items)) < 0.6])
    launch = np.where(rng.random(n_items) < 0.12, rng.integers(60, DAYS - 30, n_items), 0)
    promotions = _spells(rng, rng.poisson(3.0, n_items)[None], days=(6, 15), margin=0)
    stockouts = _spells(rng, rng.poisson(0.8, (n_sites, n_items)) * stocked, days=(3, 16), margin=21)
    stockouts += _spells(rng, (rng.random((n_sites, n_items)) < 0.03) & stocked, days=(2, 10), margin=None)

    lift = np.ones((n_items, DAYS))
    promotion = np.zeros((n_items, DAYS), bool)
    for spell, factor in zip(promotions, rng.uniform(1.4, 2.4, len(promotions)), strict=True):
        promotion[spell.item, spell.first : spell.first + spell.days] = True
        lift[spell.item, spell.first : spell.first + spell.days] = factor
    in_stock = np.ones((n_sites, n_items, DAYS), bool)
    for spell in stockouts:
        in_stock[spell.warehouse, spell.item, spell.first : spell.first + spell.days] = False

    growth = rng.normal(0.08, 0.22, n_items)[:, None]
    trend = np.exp(growth * (np.arange(DAYS) / 365 - 1))
    cheap = (8.0 / items["unit_price"].to_numpy()) ** 0.35
    base = np.exp(rng.normal(0.9, 0.75, n_items)) * cheap
    mean = base[:, None] * calendar_factors(items["category"].tolist(), start) * lift * trend
    site = shares[:, None] * rng.uniform(0.8, 1.2, (n_sites, n_items)) * stocked
    units = _draw(mean[None] * site[:, :, None], rng)
    units[~in_stock] = 0
    units[:, np.arange(DAYS) < launch[:, None]] = 0
    price = np.where(promotion, 0.8, 1.0) * items["unit_price"].to_numpy()[:, None]
    sold_anywhere = tuple(spell for spell in promotions if spell.first >= launch[spell.item])
    noticed = tuple(spell for spell in stockouts if spell.first >= launch[spell.item])
    return History(start, units, in_stock, promotion, price.round(2), launch, stocked, sold_anywhere, noticed)


def calendar_factors(categories: Sequence[str], start: date) -> Floats:
    """Return weekday x season x holiday of each item and day: [N, T]."""
    days = np.datetime64(start, "D") + np.arange(DAYS)
    of_year = (days - days.astype("datetime64[Y]")).astype(int)
    weekday = _WEEKDAYS[(days.astype(int) + 3) % 7]
    rows: dict[str, Floats] = {}
    for category, (swing, top) in _SEASONS.items():
        factor: Floats = weekday * np.exp(swing * np.cos(2 * np.pi * (of_year - top) / 365.25))
        for holiday in HOLIDAYS:
            if not holiday.categories or category in holiday.categories:
                first = (holiday.first - start).days
                factor[max(0, first) : max(0, first + holiday.days)] *= holiday.factor
        rows[category] = factor
    return np.stack([rows[category] for category in categories])


def _draw(mean: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw negative-binomial units around [W, N, T] means; every seventh item sells in rare, larger lots."""
    each = (1, mean.shape[1], 1)
    shape = rng.uniform(1.5, 9.0, each)
    rare = rng.random(each) < 1 / 7
    chance = np.where(rare, rng.uniform(0.04, 0.15, each), 1.0)
    sold = rng.random(mean.shape, dtype=np.float32) < chance
    lot = np.where(rare, 0.45, 1.0) / chance
    rate: Floats = mean * lot * rng.gamma(shape, 1 / shape, mean.shape)
    return np.asarray(rng.poisson(rate) * sold)


def _spells(
    rng: np.random.Generator, counts: NDArray[np.int64] | Bools, days: tuple[int, int], margin: int | None
) -> tuple[Spell, ...]:
    """Place [W, N] numbers of spells at random, none within `margin` days of the end; None puts them at the very end."""
    site, item = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    length = rng.integers(*days, len(item))
    first = DAYS - length if margin is None else rng.integers(0, DAYS - margin - length)
    site = site if counts.shape[0] > 1 else np.full_like(site, -1)
    return tuple(Spell(*map(int, row)) for row in zip(item, site, first, length, strict=True))

"""Long tables into what a forecaster gets and what is to come: a replay. Knows no forecaster.

A table has one row an item and day: `item`, `date`, `demand`, and whatever else is known. The history ends before the first day
of the test, which is the first day to forecast. `price`, `promotion` and every other column of numbers that both tables have is
taken as known ahead; `in_stock` says on which days sales do not tell demand, in both. A `category` (or group, department, store,
brand) that is the same on all days of an item makes its group.

Days without a row, from an item's first to the end of the history, are read by what the history itself shows: where no row says
0, the table is a ledger of sales and such a day sold nothing; where rows say 0, the table writes what it knows and the day is
unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.longtable import GROUPS, LongTable, read_table
from forecasting.pieces import MOST_MISSING_DAYS
from parstock.domain import Bools, DemandPanel, Floats, Json, KnownAhead
from parstock.errors import InputError
from parstock.special_days import check_countries

MissingDays: TypeAlias = Literal["auto", "zero", "unknown"]
LONGEST_DAYS = 7305
"""A table of more than twenty years is taken for one with a wrong date."""


@dataclass(frozen=True, eq=False, slots=True)
class Replay:
    """A forecast to be made of N items on H days, and what then happened."""

    panel: DemandPanel
    """What was known before the first day to forecast."""
    actual: Floats
    """[N, H] units a day; NaN where unknown."""
    missing_days: dict[str, Json]
    """How many days had no row, and how they were read."""
    columns: dict[str, Json] = field(default_factory=dict)
    """What was made of each column besides item, date and demand."""


def read_replay(
    history: Path,
    test: Path,
    horizon_days: int,
    *,
    missing: MissingDays = "auto",
    countries: Sequence[str] = (),
    usual: Sequence[str] = (),
) -> Replay:
    """Read two tables, each CSV, Parquet or XLSX.

    Args:
        history: What is known.
        test: The days to forecast; days after the horizon are not used.
        horizon_days: Days H to forecast.
        missing: How days without a row are read; "auto" decides as the module says.
        countries: Countries whose holidays count, by ISO code or name; by default those of a column `country`.
        usual: Countries where neither says one.

    Raises:
        InputError: A file, a column or a value is not what it must be; names the option, the file, and what would be right.
    """
    past, future = read_table(history, "history"), read_table(test, "test")
    origin = _check_days(past, future, horizon_days)
    grid = _Grid.of(past, future, origin, horizon_days)
    if missing == "auto":
        missing = "unknown" if (past.demand == 0).any() else "zero"
    demand, absent = grid.demand(past, future, zero=missing == "zero")
    columns: dict[str, Json] = {}
    known = {name: grid.values(past, future, name) for name in _known_ahead(past, future, columns)}
    in_stock = None
    if "in_stock" in past.numbers or "in_stock" in future.numbers:
        columns["in_stock"] = "days out of stock say nothing of demand"
        in_stock = grid.values(past, future, "in_stock", otherwise=1.0) > 0
        demand[:, grid.days :][~in_stock[:, grid.days :]] = np.nan
    return Replay(
        panel=_panel(grid, demand, known, in_stock, _groups(grid, past, columns), _countries(past, countries, usual, columns)),
        actual=demand[:, grid.days :],
        missing_days={"count": absent, "read_as": missing},
        columns=dict(sorted(columns.items())),
    )


def _check_days(past: LongTable, future: LongTable, horizon_days: int) -> date:
    """The first day to forecast."""
    for table in (past, future):
        _check_daily(table)
    last: date = past.days.max().item()
    origin: date = future.days.min().item()
    if origin <= last:
        raise future.error(f"its first day is {origin}, but the history goes on until {last}; the test must begin after it")
    until = future.days.max().item()
    given = (until - origin).days + 1
    if given < horizon_days:
        raise InputError(
            f"horizon_days is {horizon_days}, but the test {future.name} has the {given} days {origin} to {until}; "
            f"give at most {given}",
            field="horizon_days",
        )
    gap = (origin - last).days - 1
    if gap > MOST_MISSING_DAYS:
        raise future.error(f"it begins {gap} days after the history ends on {last}; at most {MOST_MISSING_DAYS} may be missing")
    if (origin - past.days.min().item()).days > LONGEST_DAYS:
        raise past.error(f"its first day is {past.days.min()}, more than twenty years before {origin}; is that date right?")
    return origin


def _check_daily(table: LongTable) -> None:
    """Refuse weeks and months: their demand would be read as that of single days."""
    gaps = np.diff(np.unique(table.days)).astype(np.int64)
    if gaps.size > 1 and (gaps >= 7).all() and ((gaps % 7 == 0).all() or (gaps >= 28).all()):
        raise table.error(f"its dates are {int(np.median(gaps))} days apart, so it holds weeks or months; give demand by day")


@dataclass(frozen=True, eq=False, slots=True)
class _Grid:
    """Items by days: where each row of the two tables goes."""

    items: tuple[str, ...]
    start: date
    days: int
    """T: days before the first to forecast."""
    horizon_days: int
    last: int
    """Column of the history's last day."""
    rows: dict[str, NDArray[np.intp]]
    """Option of a table -> row of each of its lines."""
    columns: dict[str, NDArray[np.intp]]
    """Option of a table -> column of each of its lines; those after the horizon are too large."""

    @classmethod
    def of(cls, past: LongTable, future: LongTable, origin: date, horizon_days: int) -> "_Grid":
        """Lay out both tables."""
        codes, items = pd.factorize(np.concatenate([past.items, future.items]), sort=True)
        start = past.days.min()
        return cls(
            items=tuple(str(item) for item in items),
            start=start.item(),
            days=(origin - start.item()).days,
            horizon_days=horizon_days,
            last=int((past.days.max() - start).astype(np.int64)),
            rows={"history": codes[: past.items.size], "test": codes[past.items.size :]},
            columns={table.option: (table.days - start).astype(np.intp) for table in (past, future)},
        )

    def values(self, past: LongTable, future: LongTable, name: str, otherwise: float = np.nan) -> Floats:
        """[N, T + H] of a column of numbers, `otherwise` where there is no row or no value."""
        return self._fill({table.option: table.numbers[name] for table in (past, future) if name in table.numbers}, otherwise)

    def demand(self, past: LongTable, future: LongTable, *, zero: bool) -> tuple[Floats, int]:
        """[N, T + H] units a day, and on how many days of the history there was no row.

        Nothing is known before an item's first row, nor between the end of the history and the first day to forecast.
        """
        units = self._fill({"history": past.demand, "test": future.demand}, np.nan)
        begun = np.logical_or.accumulate(np.isfinite(units), axis=1)
        absent = begun & np.isnan(units)
        absent[:, self.last + 1 : self.days] = False
        if zero:
            units[absent] = 0.0
        return units, int(absent[:, : self.days].sum())

    def _fill(self, lines: dict[str, Floats], otherwise: float) -> Floats:
        filled = np.full((len(self.items), self.days + self.horizon_days), otherwise)
        for option, values in lines.items():
            inside = (self.columns[option] < filled.shape[1]) & np.isfinite(values)
            filled[self.rows[option][inside], self.columns[option][inside]] = values[inside]
        return filled


def _known_ahead(past: LongTable, future: LongTable, columns: dict[str, Json]) -> list[str]:
    """The columns of numbers that both tables have; what becomes of the others is written into `columns`."""
    of_both = []
    for name in sorted((past.numbers.keys() | future.numbers.keys()) - {"in_stock"}):
        if name in past.numbers and name in future.numbers:
            of_both.append(name)
            columns[name] = "known ahead"
        else:
            columns[name] = f"left out: only in the {'history' if name in past.numbers else 'test'}"
    for name in past.texts.keys() | future.texts.keys():
        columns[name] = "left out: text"
    return of_both


def _groups(grid: _Grid, past: LongTable, columns: dict[str, Json]) -> tuple[str, ...]:
    """[N] the first grouping that is the same on all days of each item; "" for items without a history."""
    for name in (name for name in GROUPS if name in past.texts):
        codes, names = pd.factorize(past.texts[name])
        first = np.full(len(grid.items), -1, dtype=np.intp)
        rows = grid.rows["history"]
        first[rows[::-1]] = codes[::-1]
        if (first[rows] == codes).all():
            columns[name] = "group of the item"
            return tuple(str(names[code]) if code >= 0 else "" for code in first.tolist())
        columns[name] = "left out: it changes within an item"
    return ()


def _countries(past: LongTable, given: Sequence[str], usual: Sequence[str], columns: dict[str, Json]) -> tuple[str, ...]:
    if given or "country" not in past.texts:
        return check_countries(given or usual)
    found = sorted({str(name) for name in past.texts["country"] if name is not None})
    try:
        codes = check_countries(found)
    except InputError:
        columns["country"] = "left out: it names countries that are not known"
        return check_countries(usual)
    columns["country"] = "countries whose holidays count"
    return codes


def _panel(
    grid: _Grid,
    demand: Floats,
    known: dict[str, Floats],
    in_stock: Bools | None,
    groups: tuple[str, ...],
    countries: tuple[str, ...],
) -> DemandPanel:
    """What was known before the first day to forecast."""
    days = grid.days
    others = {name: values for name, values in known.items() if name not in {"price", "promotion"}}
    price, promotion = known.get("price"), known.get("promotion")
    planned = None if promotion is None else promotion > 0
    return DemandPanel(
        items=grid.items,
        start=grid.start,
        demand=demand[:, :days].copy(),
        in_stock=None if in_stock is None else in_stock[:, :days],
        price=None if price is None else price[:, :days],
        promotion=None if planned is None else planned[:, :days],
        covariates={name: values[:, :days] for name, values in others.items()},
        ahead=KnownAhead(
            price=None if price is None else price[:, days:],
            promotion=None if planned is None else planned[:, days:],
            covariates={name: values[:, days:] for name, values in others.items()},
        )
        if known
        else None,
        groups=groups,
        countries=countries,
    )

"""Demand rows of the database as one dense panel. Chooses no rows itself; see `records.py`."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Row, func, select

from inventory.schema import demand
from parstock.domain import Bools, DemandPanel, Floats
from parstock.errors import InsufficientData

_ROWS_AT_ONCE = 100_000
_DemandRow: TypeAlias = "Row[str, date, float, float | None, bool | None, bool | None]"


def read_panel(
    connection: Connection, skus: tuple[str, ...], chosen: Sequence[ColumnElement[bool]], as_of: date, days: int | None
) -> DemandPanel:
    """Read the demand of `skus` into a panel that ends the day before `as_of`.

    Args:
        connection: Open for reading.
        skus: Item codes of the N rows.
        chosen: Conditions on the demand table; rows of other items and of later days are left out.
        as_of: First day after the panel.
        days: At most this many days; None from the first recorded day on.

    Returns:
        The panel [N, T] with T >= 1.

    Raises:
        InsufficientData: No row is chosen.
    """
    wanted = set(skus)
    launches = [launch for launch in _launches(connection, chosen, as_of) if launch[0] in wanted]
    if not launches:
        raise InsufficientData(f"no sales of {_some(skus)} are recorded before {as_of.isoformat()}; import sales first")
    start = min(day for _, day in launches)
    if days is not None and start < as_of - timedelta(days=days):
        start = as_of - timedelta(days=days)
        chosen = [*chosen, demand.c.day >= start]
    sums = _Sums(skus, start, (as_of - start).days)
    for rows in _rows(connection, chosen):
        sums.add(rows)
    return sums.panel(launches, last_day(connection))


def last_day(connection: Connection) -> date | None:
    """The last day on which the shop recorded any demand; None where there is none."""
    last = connection.scalar(select(func.max(demand.c.day)))
    return None if last is None else date.fromisoformat(str(last))


def _launches(connection: Connection, chosen: Sequence[ColumnElement[bool]], as_of: date) -> list[tuple[str, date]]:
    """The first recorded day of each item in each warehouse, where that is before `as_of`."""
    first = func.min(demand.c.day)
    query = select(demand.c.item, first).where(*chosen).group_by(demand.c.item, demand.c.warehouse).having(first < as_of)
    return [(item, date.fromisoformat(str(day))) for item, day in connection.execute(query)]


def _rows(connection: Connection, chosen: Sequence[ColumnElement[bool]]) -> Iterator[Sequence[_DemandRow]]:
    columns = (demand.c.item, demand.c.day, demand.c.units, demand.c.price, demand.c.promotion, demand.c.in_stock)
    query = select(*columns).where(*chosen).execution_options(yield_per=_ROWS_AT_ONCE)
    with connection.execute(query) as result:
        yield from result.partitions()


class _Sums:
    """Running sums over warehouses, flat arrays of N x T cells."""

    def __init__(self, skus: tuple[str, ...], start: date, days: int) -> None:
        cells = len(skus) * days
        self.skus, self.start, self.days = skus, start, days
        self.row_of = {sku: row for row, sku in enumerate(skus)}
        self.units = np.zeros(cells)
        self.prices: Floats | None = None
        self.weights: Floats | None = None
        self.promoted: Bools | None = None
        self.sold_out: NDArray[np.int64] | None = None

    def add(self, rows: Sequence[_DemandRow]) -> None:
        """Add rows of (item, day, units, price, promotion, in_stock)."""
        item, day, units, price, promotion, in_stock = zip(*rows, strict=True)
        row = np.fromiter((self.row_of.get(sku, -1) for sku in item), dtype=np.int64, count=len(rows))
        column = (np.array(day, dtype="datetime64[D]") - np.datetime64(self.start, "D")).astype(np.int64)
        known = (row >= 0) & (column >= 0) & (column < self.days)
        cell = (row * self.days + column)[known]
        sold = np.array(units, dtype=np.float64)[known]
        np.add.at(self.units, cell, sold)
        self._add_prices(cell, np.array(price, dtype=np.float64)[known], sold)
        self._add_flags(cell, np.array(promotion, dtype=object)[known], np.array(in_stock, dtype=object)[known])

    def _add_prices(self, cell: NDArray[np.int64], price: Floats, sold: Floats) -> None:
        priced = ~np.isnan(price)
        if not priced.any():
            return
        if self.prices is None or self.weights is None:
            self.prices, self.weights = np.zeros_like(self.units), np.zeros_like(self.units)
        weight = np.maximum(sold[priced], 1e-9)  # a price without a sale counts where nothing else does
        np.add.at(self.prices, cell[priced], price[priced] * weight)
        np.add.at(self.weights, cell[priced], weight)

    def _add_flags(self, cell: NDArray[np.int64], promotion: NDArray[np.object_], in_stock: NDArray[np.object_]) -> None:
        if any(flag is not None for flag in promotion):
            if self.promoted is None:
                self.promoted = np.zeros(self.units.size, dtype=np.bool_)
            self.promoted[cell[promotion == True]] = True  # noqa: E712 - elementwise over True, False and None
        if any(flag is not None for flag in in_stock):
            if self.sold_out is None:
                self.sold_out = np.zeros(self.units.size, dtype=np.int64)
            np.add.at(self.sold_out, cell[in_stock == False], 1)  # noqa: E712

    def panel(self, launches: Sequence[tuple[str, date]], last: date | None) -> DemandPanel:
        """The panel, with NaN before each item's first recorded day and after the last day recorded at all.

        Args:
            launches: First recorded day of each item in each warehouse.
            last: Last day on which the shop recorded anything.
        """
        shape = (len(self.skus), self.days)
        sellers = np.zeros(shape, dtype=np.int64)
        for sku, day in launches:
            sellers[self.row_of[sku], max(0, (day - self.start).days)] += 1
        sellers = sellers.cumsum(axis=1)
        units = self.units.reshape(shape)
        units[sellers == 0] = np.nan
        if last is not None:
            units[:, max(0, (last - self.start).days + 1) :] = np.nan
        price = None
        if self.prices is not None and self.weights is not None:
            unknown = np.full_like(self.prices, np.nan)
            price = np.divide(self.prices, self.weights, out=unknown, where=self.weights > 0).reshape(shape)
        in_stock = None
        if self.sold_out is not None:
            out = self.sold_out.reshape(shape)
            in_stock = (out == 0) | (out < sellers)
        promotion = None if self.promoted is None else self.promoted.reshape(shape)
        return DemandPanel(self.skus, self.start, units, in_stock=in_stock, price=price, promotion=promotion)


def _some(skus: tuple[str, ...]) -> str:
    """The items as a sentence names them."""
    return repr(skus[0]) if len(skus) == 1 else f"these {len(skus)} items" if skus else "any item"

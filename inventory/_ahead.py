"""Prices and promotions planned for days to come, put beside a panel of demand. Never counts as demand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, select

from inventory._panel import last_day
from inventory.schema import planned_days
from parstock.domain import Bools, DemandPanel, Floats, KnownAhead

MOST_DAYS_AHEAD = 366
"""Plans of days farther ahead are left for later."""
_MOST_ITEMS_IN_A_STATEMENT = 500
_PlanRow: TypeAlias = "Row[str, str, date, float | None, bool | None]"


def plan_days(connection: Connection, panel: DemandPanel, warehouse: str) -> DemandPanel:
    """Put the plans of days without recorded sales into a panel.

    Those of days before its end go into its prices and promotions, those from its end on into `ahead`. A plan of one
    warehouse goes before one of all of them. Over all warehouses a price is the mean of those planned, and a promotion
    anywhere is one.

    Args:
        connection: Open for reading.
        panel: N items on T days.
        warehouse: Code of the panel's warehouse; "" for all together.

    Returns:
        The panel as it is where nothing is planned; `ahead` reaches to the last planned day.
    """
    rows = _rows(connection, panel, warehouse)
    if not rows:
        return panel
    price, promotion = _arrays(rows, panel, one_place=bool(warehouse))
    return replace(
        panel,
        price=None if panel.price is None else _filled(panel.price, price[:, : panel.days]),
        promotion=None if panel.promotion is None else panel.promotion | (promotion[:, : panel.days] == 1.0),
        ahead=_ahead(price[:, panel.days :], promotion[:, panel.days :]),
    )


def _rows(connection: Connection, panel: DemandPanel, warehouse: str) -> Sequence[_PlanRow]:
    """Plans of the panel's items for the days that no sale is recorded of, those of all warehouses first."""
    last = last_day(connection)
    first = panel.as_of if last is None else min(panel.as_of, last + timedelta(days=1))
    table = planned_days.c
    chosen = [table.day >= max(first, panel.start), table.day < panel.as_of + timedelta(days=MOST_DAYS_AHEAD)]
    if warehouse:
        chosen.append(table.warehouse.in_(["", warehouse]))
    if len(panel.items) <= _MOST_ITEMS_IN_A_STATEMENT:
        chosen.append(table.item.in_(list(panel.items)))
    columns = (table.item, table.warehouse, table.day, table.price, table.promotion)
    rows = connection.execute(select(*columns).where(*chosen).order_by(table.warehouse, table.day)).all()
    known = set(panel.items)
    return [row for row in rows if row.item in known]


def _arrays(rows: Sequence[_PlanRow], panel: DemandPanel, *, one_place: bool) -> tuple[Floats, Floats]:
    """[N, T + K] planned prices, and promotions as 0 and 1; NaN where nothing is planned."""
    row_of = {sku: row for row, sku in enumerate(panel.items)}
    item, _, day, price, promotion = zip(*rows, strict=True)
    row = np.fromiter((row_of[sku] for sku in item), dtype=np.intp, count=len(rows))
    column = (np.array(day, dtype="datetime64[D]") - np.datetime64(panel.start, "D")).astype(np.intp)
    shape = (len(panel.items), max(panel.days, int(column.max()) + 1))
    values = (np.array(price, dtype=np.float64), np.array(promotion, dtype=np.float64))
    prices, promotions = (_placed(shape, row, column, value, one_place=one_place) for value in values)
    return prices, np.where(promotions > 0, 1.0, promotions)


def _placed(shape: tuple[int, int], row: NDArray[np.intp], column: NDArray[np.intp], value: Floats, *, one_place: bool) -> Floats:
    """The values in their cells: of several the last where the panel is of one place, else their mean."""
    known = np.isfinite(value)
    row, column, value = row[known], column[known], value[known]
    placed = np.full(shape, np.nan)
    if one_place:
        placed[row, column] = value
        return placed
    total, count = np.zeros(shape), np.zeros(shape)
    np.add.at(total, (row, column), value)
    np.add.at(count, (row, column), 1.0)
    return np.asarray(np.divide(total, count, out=placed, where=count > 0))


def _filled(recorded: Floats, planned: Floats) -> Floats:
    return np.asarray(np.where(np.isfinite(recorded), recorded, planned), dtype=np.float64)


def _ahead(price: Floats, promotion: Floats) -> KnownAhead | None:
    """What is planned from the panel's end on; None where that is nothing."""
    prices = price if np.isfinite(price).any() else None
    promotions: Bools | None = promotion == 1.0 if np.isfinite(promotion).any() else None
    return None if prices is None and promotions is None else KnownAhead(price=prices, promotion=promotions)

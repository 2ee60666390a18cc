"""What daily totals of a file replace among those recorded before. Writes nothing."""

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import select

from inventory.importing.known import Known
from inventory.schema import demand
from inventory.store import Store

_KEY = ["item", "warehouse", "date"]


def replaced_days(store: Store, daily: pd.DataFrame, known: Known) -> tuple[str, ...]:
    """Say how many recorded totals will be replaced by other ones; nothing where none is.

    A total is replaced and never added to, so a file that holds only part of a day must not pass unnoticed.

    Args:
        store: The shop before the import.
        daily: Columns item, warehouse, date, units: one row a key.
        known: The shop before the import.
    """
    first, last = daily["date"].min(), daily["date"].max()
    if known.last_day is None or first.date() > known.last_day:
        return ()
    query = select(demand.c.item, demand.c.warehouse, demand.c.day, demand.c.units)
    with store.reading() as connection:
        rows: Sequence[tuple[object, ...]] = [
            tuple(row) for row in connection.execute(query.where(demand.c.day.between(first.date(), last.date())))
        ]
    before = pd.DataFrame(rows, columns=[*_KEY, "before"]).astype({"date": daily["date"].dtype})
    both = daily[[*_KEY, "units"]].merge(before, on=_KEY)
    other = both[both["units"] != both["before"]]
    if not len(other):
        return ()
    return (
        f"The file holds whole days: {len(other):,} daily totals recorded before, {other['before'].sum():,.0f} units together, "
        f"are replaced by its own, {other['units'].sum():,.0f} units. Where it holds only part of a day, import that day whole.",
    )

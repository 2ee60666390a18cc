"""One long table of demand, read and checked: item, date, demand, and the other columns as numbers or text. Lays out no grid."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inventory.base import read_records
from inventory.importing.dates import as_days
from inventory.importing.ledger import row_number
from inventory.importing.values import as_flags, as_numbers, as_text
from parstock.domain import Bools, Floats
from parstock.errors import InputError

Column: TypeAlias = "pd.Series[Any]"
T = TypeVar("T")
NEEDED = ("item", "date", "demand")
FLAGS = ("promotion", "in_stock")
GROUPS = ("category", "group", "department", "store", "brand")
"""Columns that may say which items belong together, best first; read as text whatever they hold."""


@dataclass(frozen=True, eq=False, slots=True)
class LongTable:
    """A table of n rows, one an item and day."""

    path: Path
    option: str
    """The option that named the file: history or test."""
    items: NDArray[np.object_]
    """[n] codes."""
    days: NDArray[np.datetime64]
    """[n]."""
    demand: Floats
    """[n] units, finite and not negative."""
    numbers: dict[str, Floats] = field(default_factory=dict)
    """Name -> [n] of every other column of numbers, NaN where blank; flags are 0 and 1."""
    texts: dict[str, NDArray[np.object_]] = field(default_factory=dict)
    """Name -> [n] of every other column, None where blank."""

    @property
    def name(self) -> str:
        """The file's name as messages quote it."""
        return repr(self.path.name)

    def error(self, what: str) -> InputError:
        """What is wrong with this table."""
        return InputError(f"--{self.option} {self.name}: {what}", field=self.option)


def read_table(path: Path, option: str) -> LongTable:
    """Read and check a table: CSV, Parquet or XLSX.

    Raises:
        InputError: No such file, nothing in it, a column is missing, a value cannot be read or be true, an item has a day twice.
    """
    frame = _named(option, path, lambda: read_records(path).frame)
    if missing := [name for name in NEEDED if name not in frame]:
        has = ", ".join(repr(str(name)) for name in frame.columns)
        message = f"--{option} {path.name!r} has no column {missing[0]!r}; it needs {', '.join(NEEDED)} and has {has}"
        raise InputError(message, field=option)
    items = as_text(frame["item"]).to_numpy(dtype=object)
    table = LongTable(
        path,
        option,
        items=items,
        days=_named(option, path, lambda: as_days(frame["date"], "date")),
        demand=_named(option, path, lambda: as_numbers(frame["demand"], "demand")),
    )
    _check(table, pd.isna(items), "item is blank; every row needs an item's code", frame["item"])
    _check(table, np.isnat(table.days), "date is {value}; every row needs a date such as 2024-03-31", frame["date"])
    wanted = "demand is {value}; it must be a number of units, 0 or more"
    _check(
        table,
        ~(np.isfinite(table.demand) & (table.demand >= 0)),
        f"{wanted} (leave out days of which nothing is known)",
        frame["demand"],
    )
    _check_once(table)
    _other_columns(table, frame)
    return table


def _named(option: str, path: Path, read: Callable[[], T]) -> T:
    """What `read` gives; an error of it names the option and the file too."""
    try:
        return read()
    except InputError as error:
        raise InputError(f"--{option} {path.name!r}: {error}", field=option, choices=error.choices) from error


def _check(table: LongTable, wrong: Bools, what: str, values: Column) -> None:
    if wrong.any():
        position = int(wrong.argmax())
        raise table.error(f"row {row_number(position)}: {what.format(value=repr(values.iloc[position]))}")


def _check_once(table: LongTable) -> None:
    """Refuse an item that has a day twice."""
    repeated = pd.DataFrame({"item": pd.factorize(table.items)[0], "day": table.days}).duplicated().to_numpy()
    if repeated.any():
        position = int(repeated.argmax())
        raise table.error(
            f"row {row_number(position)}: item {table.items[position]!r} has the date {table.days[position]} twice; "
            "give one row an item and day, with the day's sum"
        )


def _other_columns(table: LongTable, frame: pd.DataFrame) -> None:
    for name in (str(column) for column in frame.columns if column not in NEEDED):
        values = frame[name]
        if name in FLAGS:
            flags = _named(table.option, table.path, lambda values=values, name=name: as_flags(values, name))  # type: ignore[misc]
            table.numbers[name] = np.asarray(flags.map({True: 1.0, False: 0.0}).to_numpy(dtype=np.float64))
        elif name not in GROUPS and (numbers := _numbers(values, name)) is not None:
            _check(table, np.isinf(numbers), f"{name} is {{value}}; it must be a number, or blank where unknown", values)
            table.numbers[name] = numbers
        else:
            table.texts[name] = as_text(values).to_numpy(dtype=object)


def _numbers(values: Column, name: str) -> Floats | None:
    """The column as numbers; None where it is text."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    try:
        return as_numbers(values, name)
    except InputError:
        return None

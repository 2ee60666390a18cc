"""The fate of every row of a file, so that the counts of a report always add up. Knows no rule itself."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inventory.importing.report import Count
from parstock.domain import Bools

_EXAMPLES = 3


def row_number(position: int) -> int:
    """The row as a spreadsheet shows it: the heading is row 1."""
    return int(position) + 2


@dataclass(eq=False)
class Ledger:
    """Books each of n rows once: dropped by the first rule that met it, else planned, else changed by the first, else kept."""

    rows: int
    drops: list[Count] = field(default_factory=list)
    _changes: list[tuple[str, Bools, "pd.Series[Any] | None"]] = field(default_factory=list)
    flags: list[Count] = field(default_factory=list)
    alive: Bools = field(init=False)
    """[n] True where no rule has dropped the row."""
    ahead: Bools = field(init=False)
    """[n] True where the row is a plan of a day to come."""

    def __post_init__(self) -> None:
        self.alive = np.ones(self.rows, dtype=np.bool_)
        self.ahead = np.zeros(self.rows, dtype=np.bool_)

    def drop(self, where: Bools, reason: str, show: "pd.Series[Any] | None" = None) -> None:
        """Drop the rows [n] where `where` holds; `show` has the values to give as examples."""
        decided = where & self.alive
        if where.any():
            self.drops.append(Count(reason, int(decided.sum()), int(where.sum()), _examples(decided, show)))
        self.alive &= ~where

    def plan(self, where: Bools) -> None:
        """Take the rows where `where` holds as plans of days to come, not as something that happened."""
        self.ahead |= where

    @property
    def planned(self) -> int:
        """Number of rows taken as plans."""
        return int((self.alive & self.ahead).sum())

    def change(self, where: Bools, reason: str, show: "pd.Series[Any] | None" = None) -> None:
        """Note that the rows where `where` holds are taken after a repair; `show` has the values before it."""
        if where.any():
            self._changes.append((reason, where.copy(), show))

    def flag(self, where: Bools, reason: str, show: "pd.Series[Any] | None" = None) -> None:
        """Note that the rows where `where` holds deserve a look; they are booked as before."""
        found = where & self.alive
        if found.any():
            self.flags.append(Count(reason, int(found.sum()), int(found.sum()), _examples(found, show)))

    def changes(self) -> tuple[Count, ...]:
        """The changes among rows that were not dropped; they decide no plan."""
        left = self.alive & ~self.ahead
        counts = []
        for reason, where, show in self._changes:
            found = where & self.alive
            decided = where & left
            left &= ~where
            if found.any():
                counts.append(Count(reason, int(decided.sum()), int(found.sum()), _examples(decided, show)))
        return tuple(counts)


def _examples(where: Bools, show: "pd.Series[Any] | None") -> tuple[str, ...]:
    """The first few distinct values of `show` where `where` holds."""
    if show is None:
        return ()
    positions: NDArray[np.intp] = np.flatnonzero(where)[:1000]
    values = show.iloc[positions].map(_plain)
    first = ~values.duplicated().to_numpy()
    chosen = [(positions[i], values.iloc[i]) for i in np.flatnonzero(first)[:_EXAMPLES]]
    return tuple(f"row {row_number(position)}: {value}" for position, value in chosen)


def _plain(value: object) -> str:
    """A value as a message shows it."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return "nothing"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return repr(value.item() if isinstance(value, np.generic) else value)

"""Items on their own days: closed weekdays left out, so that a week has as many days as the item sells on. Fits nothing."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from forecasting.history import History
from parstock.domain import Floats

MOST_DAYS, MOST_GAPS = 730, 32
"""Days, and missing days among them, that an item is fitted with; one with more is fitted on its latest days only."""


@dataclass(frozen=True, eq=False, slots=True)
class Series:
    """N items with the same number of open weekdays, each from its first known day to its last."""

    rows: NDArray[np.intp]
    """[N] row of each item in the history."""
    values: Tensor
    """[N, T] demand, gaps filled; zeros from each row's end on."""
    days: Tensor
    """[N] length of each row."""
    gaps: Tensor
    """[N, m] columns of missing days, -1 where a row has fewer."""
    season: int
    """Open days a week; 1 where there is no season."""
    waited: NDArray[np.intp]
    """[N] open days between the last known day and the end of the history."""

    def take(self, index: NDArray[np.intp]) -> "Series":
        """Some items only."""
        chosen = torch.as_tensor(index, device=self.values.device)
        gaps = self.gaps[chosen]
        return Series(self.rows[index], self.values[chosen], self.days[chosen], gaps, self.season, self.waited[index])


def own_days(history: History, rows: NDArray[np.intp], device: torch.device) -> list[Series]:
    """Gather the rows of a history by their number of open weekdays.

    Args:
        history: Demand of which a closed weekday is NaN, as is every unknown day.
        rows: Items wanted, each with a known day.
        device: Where the tensors go.
    """
    open_weekdays = 7 - history.closed[rows].sum(axis=1)
    return [_gathered(history, rows[open_weekdays == season], int(season), device) for season in np.unique(open_weekdays)]


def _gathered(history: History, rows: NDArray[np.intp], season: int, device: torch.device) -> Series:
    is_open = ~history.closed[rows][:, history.weekdays()]
    demand = history.demand[rows]
    known = np.isfinite(demand)
    later_gaps = np.cumsum((is_open & ~known)[:, ::-1], axis=1)[:, ::-1]
    columns = np.arange(history.days)
    last = history.days - 1 - known[:, ::-1].argmax(axis=1)
    trailing = np.take_along_axis(later_gaps, last[:, None], axis=1)
    eligible = known & (later_gaps - trailing <= MOST_GAPS) & (columns >= last[:, None] - MOST_DAYS)
    first = eligible.argmax(axis=1)
    kept = is_open & (columns >= first[:, None]) & (columns <= last[:, None])
    days = kept.sum(axis=1)
    order = np.argsort(~kept, axis=1, kind="stable")[:, : int(days.max())]
    values = np.take_along_axis(demand, order, axis=1)
    inside = np.arange(values.shape[1]) < days[:, None]
    missing = inside & ~np.isfinite(values)
    count = int(missing.sum(axis=1).max(initial=0))
    gaps = np.argsort(~missing, axis=1, kind="stable")[:, :count]
    gaps = np.where(np.take_along_axis(missing, gaps, axis=1), gaps, -1)
    filled = np.where(inside, _filled(values, season), 0.0)
    return Series(
        rows=rows,
        values=torch.as_tensor(filled, dtype=torch.float64, device=device),
        days=torch.as_tensor(days, device=device),
        gaps=torch.as_tensor(gaps, device=device),
        season=season,
        waited=trailing[:, 0].astype(np.intp),
    )


def _filled(values: Floats, season: int) -> Floats:
    """Fill each NaN of [N, T] with the mean of the same place in the nearest known seasons before and after, else of the row."""
    rows, width = values.shape
    padded = np.full((rows, -(-width // season) * season), np.nan)
    padded[:, :width] = values
    by_place = padded.reshape(rows, -1, season)
    before, after = _carried(by_place), _carried(by_place[:, ::-1])[:, ::-1]
    known = np.isfinite(values)
    mean = np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    both = np.stack([before, after])
    there = np.isfinite(both)
    around = np.where(there, both, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    around = np.where(there.any(axis=0), around, mean[:, None, None]).reshape(rows, -1)[:, :width]
    return np.where(known, values, around)


def _carried(seasons: Floats) -> Floats:
    """Carry the last known value of each place in [N, seasons, places] forward."""
    index = np.arange(seasons.shape[1])[:, None]
    latest = np.maximum.accumulate(np.where(np.isfinite(seasons), index, 0), axis=1)
    return np.take_along_axis(seasons, latest, axis=1)

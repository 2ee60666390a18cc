"""A panel made ready for fitting: censored days, wild days and closed weekdays put right. Fits nothing itself."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from parstock.domain import Bools, DemandPanel, Floats, ForecastStatus

MIN_KNOWN_DAYS = 14
"""Fewer known days than this and an item gets no forecast."""
RECENT_DAYS = 180
"""An item that sold nothing for this long gets no forecast."""
LEAST_UNITS, MOST_UNITS = 1e-6, 1e12
"""Fewer units a day than the first are read as none, more than the second as that many: squares and ratios stay finite."""
WILD_FACTOR = 5.0
"""A day above this many times the item's 95 % quantile of selling days counts as that much when fitting."""
CLOSED_LOOKBACK_WEEKS = (8, 26)
CLOSED_CHANCE = 1e-5
"""A weekday is closed when so long a run without a sale would be rarer than this on any other weekday."""


@dataclass(frozen=True, eq=False, slots=True)
class History:
    """What a forecaster fits on: N items x T days."""

    items: tuple[str, ...]
    start: date
    """Day of the first column."""
    demand: Floats
    """[N, T] units a day with wild days capped; NaN where unknown, censored, or on a closed weekday."""
    closed: Bools
    """[N, 7] True where nothing is ever sold on that weekday (0 = Monday)."""
    status: tuple[ForecastStatus, ...]
    """[N] whether the item can be forecast."""
    known_days: Floats
    """[N] days on which demand is known, closed weekdays included."""
    whole: Bools
    """[N] True where every known demand is a whole number."""
    panel: DemandPanel
    """The N items as they were given: their prices, promotions, groups and what is known ahead."""

    @property
    def days(self) -> int:
        """Number of days T."""
        return int(self.demand.shape[1])

    @property
    def end(self) -> date:
        """The day after the last column: the first to forecast."""
        return self.start + timedelta(days=self.days)

    def weekdays(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """[T] weekday of each column, 0 = Monday."""
        return (self.start.weekday() + np.arange(self.days)) % 7

    def usable(self) -> "History":
        """The rows with status "ok" only."""
        rows = np.flatnonzero([status == "ok" for status in self.status])
        return History(
            items=tuple(self.items[i] for i in rows),
            start=self.start,
            demand=self.demand[rows],
            closed=self.closed[rows],
            status=tuple(self.status[i] for i in rows),
            known_days=self.known_days[rows],
            whole=self.whole[rows],
            panel=self.panel.rows(rows),
        )

    @classmethod
    def of(cls, panel: DemandPanel) -> "History":
        """Prepare a panel for fitting."""
        demand = observed(panel)
        known_days = np.isfinite(demand).sum(axis=1).astype(np.float64)
        sold_recently = np.asarray((demand[:, -RECENT_DAYS:] > 0).any(axis=1))
        closed = closed_weekdays(demand, panel.start)
        weekdays = (panel.start.weekday() + np.arange(panel.days)) % 7
        return cls(
            items=panel.items,
            start=panel.start,
            demand=np.where(closed[:, weekdays], np.nan, cap_wild_days(demand)),
            closed=closed,
            status=tuple(_status(known, sold) for known, sold in zip(known_days.tolist(), sold_recently.tolist(), strict=True)),
            known_days=known_days,
            whole=(np.isnan(demand) | (demand == np.floor(demand))).all(axis=1),
            panel=panel,
        )


def recorded(panel: DemandPanel) -> DemandPanel:
    """The panel without the last days on which nothing is known of any item; as it is where nothing is known at all."""
    known = np.flatnonzero(np.isfinite(panel.demand).any(axis=0))
    return panel.until(panel.start + timedelta(days=int(known[-1]) + 1)) if known.size else panel


def observed(panel: DemandPanel) -> Floats:
    """Return [N, T] demand as far as it was observed.

    NaN where unknown and on days out of stock, when sales say little about demand. Negative days
    (returns) count as zero.
    """
    demand = np.where(np.isfinite(panel.demand), panel.demand, np.nan).astype(np.float64)
    demand = np.minimum(demand, MOST_UNITS)
    demand[demand < LEAST_UNITS] = 0.0
    if panel.in_stock is not None:
        demand[~panel.in_stock] = np.nan
    return demand


def cap_wild_days(demand: Floats) -> Floats:
    """Return [N, T] demand with single wild days capped, so that one typing error does not become a level.

    The cap is `WILD_FACTOR` times the item's 95 % quantile of days with a sale, taken from below: with
    few such days it is the second largest.
    """
    if demand.shape[1] == 0:
        return demand
    positive = np.sort(np.where(demand > 0, demand, np.nan), axis=1)
    count = np.isfinite(positive).sum(axis=1)
    position = np.floor(0.95 * np.maximum(count - 1, 0)).astype(np.intp)
    level = np.take_along_axis(positive, position[:, None], axis=1)
    cap = np.where(count[:, None] > 0, WILD_FACTOR * level, np.inf)
    return np.asarray(np.minimum(demand, cap), dtype=np.float64)


def closed_weekdays(demand: Floats, start: date) -> Bools:
    """Return [N, 7] weekdays on which nothing is sold: by the whole panel, or by the item itself.

    Args:
        demand: [N, T] observed units a day.
        start: Day of the first column.
    """
    known, sold = np.isfinite(demand), demand > 0
    anything = np.stack([known.any(axis=0), sold.any(axis=0)])
    closed = np.zeros((demand.shape[0], 7), dtype=np.bool_)
    for weeks in CLOSED_LOOKBACK_WEEKS:
        if demand.shape[1] < 7 * weeks:
            weeks = demand.shape[1] // 7
        if weeks == 0:
            continue
        first_weekday = start.weekday() + demand.shape[1] - 7 * weeks
        closed |= _never_sells(known, sold, weeks, first_weekday)
        closed |= _never_sells(anything[:1], anything[1:], weeks, first_weekday)
    return closed


def _never_sells(known: Bools, sold: Bools, weeks: int, first_weekday: int) -> Bools:
    """Test each weekday of the last `weeks` weeks of [n, T] days; return [n, 7]."""
    shape = (known.shape[0], weeks, 7)
    tried = known[:, -7 * weeks :].reshape(shape).sum(axis=1)
    hits = sold[:, -7 * weeks :].reshape(shape).sum(axis=1)
    other_tried = tried.sum(axis=1, keepdims=True) - tried
    other_hits = hits.sum(axis=1, keepdims=True) - hits
    rate = np.clip(other_hits / np.maximum(other_tried, 1), 0.0, 0.999)
    closed = (hits == 0) & (tried * np.log1p(-rate) < np.log(CLOSED_CHANCE))
    return np.roll(closed, first_weekday % 7, axis=1)


def _status(known_days: float, sold_recently: bool) -> ForecastStatus:
    if known_days < MIN_KNOWN_DAYS:
        return "insufficient_data"
    return "ok" if sold_recently else "no_recent_demand"

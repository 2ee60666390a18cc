"""A panel made ready for fitting: what sales do not say about demand is left out, and stated. Fits nothing itself.

Left out (NaN) are days out of stock, days before the launch, days on which the shop was shut, and runs without a sale between
two sales that are too long for chance. A day far above the item's best is capped. A change of level and a run of zeros at the end
are stated and otherwise left to the models: cutting or scaling the days before a change made forecasts worse.

How to read what was found: `History.of(panel).remarks()` has for each item a tuple of `Remark`s, each with `kind`, its
numbers, and sentences in `en` and `zh`. A whole shop's panel tells more than one item's (days on which the shop was shut).
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from forecasting.closures import closed_ahead, closed_weekdays, shut_days
from forecasting.idle import Idle, idle_runs
from forecasting.remarks import Findings, Remark
from forecasting.shifts import level_shifts
from parstock.domain import Bools, DemandPanel, Floats, ForecastStatus

MIN_KNOWN_DAYS = 14
"""Fewer known days than this and an item gets no forecast."""
RECENT_DAYS = 180
"""An item that sold nothing for this long gets no forecast."""
LEAST_UNITS, MOST_UNITS = 1e-6, 1e12
"""Fewer units a day than the first are read as none, more than the second as that many: squares and ratios stay finite."""
WILD_FACTOR = 5.0
"""A day above this many times the item's 95 % quantile of selling days counts as that much when fitting."""
DOUBTED_SALES = 5
"""On so many days at least must an item have sold though recorded as out of stock, for the record to be doubted ..."""
DOUBTED_SHARE = 0.5
"""... and at least this many times as often as on its other days."""


@dataclass(frozen=True, eq=False, slots=True)
class History:
    """What a forecaster fits on: N items x T days."""

    items: tuple[str, ...]
    start: date
    """Day of the first column."""
    demand: Floats
    """[N, T] units a day with wild days capped; NaN where unknown, left out, or on a closed weekday."""
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
    findings: Findings
    """What was found and done, of each item."""

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

    def shut_ahead(self, horizon_days: int) -> Bools:
        """[H] days of the horizon on which the whole shop will be shut, as it was on the same holiday or date before."""
        every = np.asarray(self.closed.all(axis=0))
        return closed_ahead(self.findings.shut, every, self.start, horizon_days, self.panel.countries)

    def remarks(self) -> tuple[tuple[Remark, ...], ...]:
        """[N] what was found in the history of each item and done about it; empty where there is nothing to say."""
        return self.findings.remarks(self.start, level_shifts(self.demand))

    def usable(self) -> "History":
        """The rows with status "ok" only."""
        rows = np.flatnonzero([status == "ok" for status in self.status])
        return replace(
            self,
            items=tuple(self.items[i] for i in rows),
            demand=self.demand[rows],
            closed=self.closed[rows],
            status=tuple(self.status[i] for i in rows),
            known_days=self.known_days[rows],
            whole=self.whole[rows],
            panel=self.panel.rows(rows),
            findings=self.findings.rows(rows),
        )

    @classmethod
    def of(cls, panel: DemandPanel) -> "History":
        """Prepare a panel for fitting."""
        seen = observed(panel)
        weekdays = (panel.start.weekday() + np.arange(panel.days)) % 7
        closed = closed_weekdays(seen, panel.start)
        shut = shut_days(seen, weekdays, closed)
        cap = wild_cap(seen)
        demand = np.minimum(seen, cap[:, None])
        demand[closed[:, weekdays] | shut] = np.nan
        idle = _without_the_last_days(idle_runs(demand), demand)
        left_out = idle.before | idle.gap
        demand[left_out] = np.nan
        known = np.isfinite(seen)
        known_days = (known & ~left_out).sum(axis=1).astype(np.float64)
        sold_recently = np.asarray((seen[:, -RECENT_DAYS:] > 0).any(axis=1))
        return cls(
            items=panel.items,
            start=panel.start,
            demand=demand,
            closed=closed,
            status=tuple(_status(known, sold) for known, sold in zip(known_days.tolist(), sold_recently.tolist(), strict=True)),
            known_days=known_days,
            whole=(~known | (seen == np.floor(seen))).all(axis=1),
            panel=panel,
            findings=_findings(panel, seen, cap, idle, shut),
        )


def recorded(panel: DemandPanel) -> DemandPanel:
    """The panel without the last days on which nothing is known of any item; as it is where nothing is known at all."""
    known = np.flatnonzero(np.isfinite(panel.demand).any(axis=0))
    return panel.until(panel.start + timedelta(days=int(known[-1]) + 1)) if known.size else panel


def observed(panel: DemandPanel) -> Floats:
    """Return [N, T] demand as far as it was observed.

    NaN where unknown and on days out of stock, when sales say little about demand. Negative days
    (returns) count as zero. A stock record that sales contradict is not followed: see `doubted`.
    """
    demand = _plausible(panel)
    if panel.in_stock is not None:
        demand[~panel.in_stock & ~doubted(panel)[:, None]] = np.nan
    return demand


def doubted(panel: DemandPanel) -> Bools:
    """Return [N] items that sold, on days recorded as out of stock, about as often as on others.

    Their stock was never counted, or goods are sold before they arrive; leaving the days out would leave nothing.
    """
    if panel.in_stock is None:
        return np.zeros(len(panel.items), dtype=np.bool_)
    demand = _plausible(panel)
    known, sold = np.isfinite(demand), demand > 0
    without = known & ~panel.in_stock
    sales = (sold & without).sum(axis=1)
    share = sales / np.maximum(without.sum(axis=1), 1)
    usual = (sold & panel.in_stock).sum(axis=1) / np.maximum((known & panel.in_stock).sum(axis=1), 1)
    return np.asarray((sales >= DOUBTED_SALES) & (share >= DOUBTED_SHARE * usual))


def _plausible(panel: DemandPanel) -> Floats:
    """[N, T] units that can have been sold; NaN where unknown."""
    demand = np.where(np.isfinite(panel.demand), panel.demand, np.nan).astype(np.float64)
    demand = np.minimum(demand, MOST_UNITS)
    demand[demand < LEAST_UNITS] = 0.0
    return demand


def wild_cap(demand: Floats) -> Floats:
    """Return [N] the most units that a day counts for; infinite where nothing was sold.

    The cap is `WILD_FACTOR` times the item's 95 % quantile of days with a sale, taken from below: with
    few such days it is the second largest. Orders of single customers are not visible here, only the sum of a day.
    """
    if demand.shape[1] == 0:
        return np.full(demand.shape[0], np.inf)
    positive = np.sort(np.where(demand > 0, demand, np.nan), axis=1)
    count = np.isfinite(positive).sum(axis=1)
    position = np.floor(0.95 * np.maximum(count - 1, 0)).astype(np.intp)
    level = np.take_along_axis(positive, position[:, None], axis=1)[:, 0]
    return np.where(count > 0, WILD_FACTOR * level, np.inf)


def _without_the_last_days(idle: Idle, demand: Floats) -> Idle:
    """The same, but nothing is left out of an item of which too little would be left."""
    left = (np.isfinite(demand) & ~idle.before & ~idle.gap).sum(axis=1, keepdims=True) >= MIN_KNOWN_DAYS
    return replace(idle, before=idle.before & left, gap=idle.gap & left)


def _findings(panel: DemandPanel, seen: Floats, cap: Floats, idle: Idle, shut: Bools) -> Findings:
    """Count what was found; a day before the launch counts for nothing else."""
    alive = np.isfinite(panel.demand) & ~idle.before
    out = np.zeros_like(alive) if panel.in_stock is None else alive & ~panel.in_stock
    believed = ~doubted(panel)
    return Findings(
        launch=np.where(alive.any(axis=1), alive.argmax(axis=1) if panel.days else 0, 0),
        out_of_stock_days=np.where(believed, out.sum(axis=1), 0),
        doubted_days=np.where(believed, 0, out.sum(axis=1)),
        gap_days=idle.gap.sum(axis=1),
        capped_days=(seen > cap[:, None]).sum(axis=1),
        cap=cap,
        end_days=idle.end_days.astype(np.int64),
        end_chance=idle.end_chance,
        shut=shut,
    )


def _status(known_days: float, sold_recently: bool) -> ForecastStatus:
    if known_days < MIN_KNOWN_DAYS:
        return "insufficient_data"
    return "ok" if sold_recently else "no_recent_demand"

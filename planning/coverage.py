"""When today's order and the next arrive, when what is on the way does, and what has to be there until then. Decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, Floats, StockPosition, Supplier
from planning.base import PlanTerms
from planning.deliveries import SupplierBelief
from planning.demand import IntervalDemand, extend, sample_lead_times
from planning.events import Happening, LeadTerms

_CELLS = 8_000_000  # cumulative demand held at once: 64 MB


@dataclass(frozen=True, eq=False, slots=True)
class LeadTimes:
    """How long an order of N items takes that is placed on one day."""

    mean: Floats
    """[N] days, waiting included."""
    sd: Floats
    """[N] days."""
    days: NDArray[np.intp]
    """[N, S] whole days in each future."""


def lead_times(
    suppliers: Sequence[Supplier],
    beliefs: Mapping[str, SupplierBelief],
    changed: LeadTerms,
    samples: int,
    seed: int,
) -> LeadTimes:
    """Return the lead times of orders placed on one day: as learned from past orders, else as stated, then as events change them.

    Args:
        suppliers: [N] with a checked lead time.
        beliefs: By supplier code; one without past orders is as stated.
        changed: What events make of them.
        samples: S.
        seed: Of the order in which the strata meet the demand paths.
    """
    learned = [beliefs[supplier.code].orders > 0 for supplier in suppliers]
    mean, sd = _usual(suppliers, beliefs)
    wanted = _changed(mean, changed)
    days = sample_lead_times(wanted, sd, samples, seed)
    uniform = np.random.default_rng([seed, 1]).permutation((np.arange(samples) + 0.5) / samples)
    codes = np.array([supplier.code if known else "" for supplier, known in zip(suppliers, learned, strict=True)], dtype=np.str_)
    for code in set(codes.tolist()) - {""}:
        rows = np.flatnonzero(codes == code)
        shift = np.rint(wanted[rows] - mean[rows]).astype(np.intp)
        days[rows] = np.maximum(beliefs[code].draw(uniform)[None] + shift[:, None], 0)
    return LeadTimes(wanted + changed.waits, sd, days + changed.waits[:, None])


def expected_lead_days(suppliers: Sequence[Supplier], beliefs: Mapping[str, SupplierBelief], changed: LeadTerms) -> Floats:
    """Return [N] the mean of `lead_times` alone, waiting included."""
    return _changed(_usual(suppliers, beliefs)[0], changed) + changed.waits


def _usual(suppliers: Sequence[Supplier], beliefs: Mapping[str, SupplierBelief]) -> tuple[Floats, Floats]:
    """Return [N] mean and spread of lead times as learned from past orders, else as stated."""
    moments = {code: (belief.mean_days, belief.spread_days) for code, belief in beliefs.items() if belief.orders}
    usual = [moments.get(supplier.code, (supplier.lead_time_days, supplier.lead_time_sd_days)) for supplier in suppliers]
    mean, sd = np.array(usual, dtype=np.float64).reshape(-1, 2).T
    return mean, sd


def _changed(mean: Floats, changed: LeadTerms) -> Floats:
    """Return [N] mean lead times as events change them, without waiting."""
    return np.maximum(np.where(np.isnan(changed.days), mean, changed.days) + changed.delta, 0.0)


@dataclass(frozen=True, eq=False, slots=True)
class OnTheWay:
    """What comes of orders placed before, as single arrivals."""

    row: NDArray[np.intp]
    """[A] item."""
    units: Floats
    """[A]"""
    day: NDArray[np.intp]
    """[A, S] days from today; `planning.supply.NEVER` where it is lost."""
    lost: Floats
    """[A] probability that it never comes."""
    due_in_days: NDArray[np.intp]
    """[A] days until it is due; negative by as many as it is overdue."""
    ordered: Bools
    """[A] whether it is on order; else it is stock that is kept back for a while."""
    undated: Floats
    """[N] units on order without a due date; counted as there."""

    @property
    def counted(self) -> Floats:
        """[A] whole units that a stock position counts of what is on order: less, the surer it is lost."""
        return np.asarray(np.rint(self.units * (1.0 - self.lost)) * self.ordered)

    def in_time(self, days: Floats) -> Floats:
        """[N] units that a stock position counts of what is due before so many days, [N], are over."""
        soon = self.due_in_days < days[self.row]
        return np.asarray(self.undated + np.bincount(self.row, self.counted * soon, self.undated.size))

    def until(self, day: NDArray[np.intp]) -> Floats:
        """[N, S] units that have come on the days before `day` [N, S] ends, or begins."""
        total = np.repeat(self.undated[:, None], day.shape[1], axis=1)
        np.add.at(total, self.row, np.where(self.day < day[self.row], self.units[:, None], 0.0))
        return total


def on_the_way(
    stock: Sequence[StockPosition],
    happening: Happening,
    beliefs: Mapping[str, SupplierBelief],
    samples: int,
    terms: PlanTerms,
    warehouse: str,
) -> OnTheWay:
    """Return when what is on order comes in each future.

    An order that is not overdue, of a supplier without past orders on record, comes on its day. All others come as that
    supplier's orders do, given how long they have been missing. What is kept back for a while comes back on the day after.

    Args:
        stock: [N] as recorded.
        happening: The events laid out.
        beliefs: By supplier code.
        samples: S.
        terms: With today and the seed.
        warehouse: Code, or "" for all together.
    """
    row_of = {position.item: row for row, position in enumerate(stock)}
    rows, units, days, lost, due_in = [], [], [], [], []
    dated = np.zeros(len(stock))
    draws: dict[str, Floats] = {}
    strata = (np.arange(samples) + 0.5) / samples
    for order in happening.inbound:
        row = row_of.get(order.item)
        if row is None or (warehouse and order.warehouse != warehouse):
            continue
        due, belief = (order.due_on - terms.as_of).days, beliefs.get(order.supplier)
        dated[row] += order.quantity
        rows.append(row)
        units.append(float(order.quantity))
        due_in.append(due)
        if belief is None or (due >= 0 and not belief.orders):
            days.append(np.full(samples, max(due, 0)))
            lost.append(0.0)
            continue
        if order.order_id not in draws:  # the lines of one order come together, whatever else is planned
            draws[order.order_id] = np.random.default_rng([terms.seed, 3, crc32(order.order_id.encode())]).permutation(strata)
        days.append(belief.draw_open(draws[order.order_id], due))
        lost.append(belief.lost(due))
    for row, day, count in happening.released:
        rows.append(row)
        units.append(float(count))
        days.append(np.full(samples, day))
        lost.append(0.0)
        due_in.append(day)
    undated = np.maximum(np.array([position.on_order for position in stock], dtype=np.float64) - dated, 0.0)
    return OnTheWay(
        row=np.array(rows, dtype=np.intp),
        units=np.array(units, dtype=np.float64),
        day=np.array(days, dtype=np.intp).reshape(-1, samples),
        lost=np.array(lost, dtype=np.float64),
        due_in_days=np.array(due_in, dtype=np.intp),
        ordered=np.arange(len(rows)) < len(rows) - len(happening.released),
        undated=undated,
    )


def with_arrivals(
    demand: IntervalDemand,
    coming: OnTheWay,
    in_time: Floats,
    paths: NDArray[np.float32],
    first: NDArray[np.intp],
    ends: NDArray[np.intp],
    seed: int,
) -> IntervalDemand:
    """Return the demand with what is needed in all, [N, S]: what must be there or come so that no day of the interval is short.

    From the arrival of today's order to the end of the interval, the greatest excess of demand so far over what has come so far,
    with what comes in time put on top, so that it compares with a stock position. Where everything comes before today's order, or
    nothing comes at all, that is the demand of the interval.

    Args:
        demand: Over lead time and interval.
        coming: What is on the way.
        in_time: [N] units of it that the stock position counts.
        paths: [N, S, H] units a day.
        first: [N, S] days until today's order comes.
        ends: [N, S] days to be covered.
        seed: Of demand beyond the horizon.
    """
    needed = demand.interval - coming.until(ends) + in_time[:, None]
    between = (coming.day > first[coming.row]) & (coming.day < ends[coming.row])
    affected = np.unique(coming.row[between.any(axis=1)])
    start = 0
    while start < affected.size:
        longest = int(ends[affected[start:]].max())
        rows = affected[start : start + max(1, _CELLS // (paths.shape[1] * (longest + 1)))]
        start += rows.size
        needed[rows] = np.maximum(
            needed[rows], _peak(coming, rows, paths[rows], first[rows], ends[rows], seed) + in_time[rows, None]
        )
    return replace(demand, needed=needed)


def _peak(
    coming: OnTheWay,
    rows: NDArray[np.intp],
    paths: NDArray[np.float32],
    first: NDArray[np.intp],
    ends: NDArray[np.intp],
    seed: int,
) -> Floats:
    """Return [n, S] the greatest excess of demand over arrivals at the end of a day after today's order came."""
    days, samples = int(ends.max()), paths.shape[1]
    excess = np.cumsum(extend(paths, days, seed), axis=2, dtype=np.float64) - coming.undated[rows, None, None]
    place = np.full(coming.undated.size, -1)
    place[rows] = np.arange(rows.size)
    mine = np.flatnonzero(place[coming.row] >= 0)
    come = np.zeros((rows.size, samples, days + 1))
    here = np.minimum(coming.day[mine], days)
    np.add.at(come, (place[coming.row[mine]][:, None], np.arange(samples)[None], here), coming.units[mine, None])
    excess -= np.cumsum(come[:, :, :days], axis=2)
    at = np.arange(days)
    inside = (at >= first[:, :, None]) & (at < ends[:, :, None])
    return np.asarray(np.where(inside, excess, -np.inf).max(axis=2))

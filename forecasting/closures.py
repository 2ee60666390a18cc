"""Days on which nothing could be sold: closed weekdays, and days on which the whole shop was shut. Caps and fits nothing."""

from collections import defaultdict
from datetime import date, timedelta

import numpy as np

from parstock.domain import Bools, Floats
from parstock.special_days import special_days

LOOKBACK_WEEKS = (8, 26)
"""Closed weekdays are looked for over each of these many last weeks."""
CHANCE = 1e-5
"""A weekday is closed when so long a run without a sale would be rarer than this on any other weekday."""
USUAL_DAYS = 28
"""Days on either side of a day that say how many items usually sell on it."""
LEAST_SELLERS = 20.0
"""Fewer items than this that usually sell say nothing of a day without a sale: exp(-20) is the chance of that by Poisson."""
SHUT_SHARE = 0.01
"""The shop is shut on a day with fewer than this share of the usual sellers; slips of the records excuse the odd sale."""


def closed_weekdays(demand: Floats, start: date) -> Bools:
    """Return [N, 7] weekdays on which nothing is sold: by the whole panel, or by the item itself.

    Args:
        demand: [N, T] observed units a day.
        start: Day of the first column.
    """
    known, sold = np.isfinite(demand), demand > 0
    anything = np.stack([known.any(axis=0), sold.any(axis=0)])
    closed = np.zeros((demand.shape[0], 7), dtype=np.bool_)
    for weeks in LOOKBACK_WEEKS:
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
    closed = (hits == 0) & (tried * np.log1p(-rate) < np.log(CHANCE))
    return np.roll(closed, first_weekday % 7, axis=1)


def shut_days(demand: Floats, weekdays: np.ndarray[tuple[int], np.dtype[np.intp]], closed: Bools) -> Bools:
    """Return [T] days on which the whole shop was shut, such as Christmas Day, though the weekday is an open one.

    A day counts as shut where next to none of the items sold that usually do so within four weeks of it. A panel of few or slow
    items cannot tell, and has no such day.

    Args:
        demand: [N, T] observed units a day, NaN where unknown.
        weekdays: [T] weekday of each column, 0 = Monday.
        closed: [N, 7] weekdays on which an item is never sold.
    """
    if demand.shape[1] == 0 or demand.shape[0] < LEAST_SELLERS:
        return np.zeros(demand.shape[1], dtype=np.bool_)
    possible = np.isfinite(demand) & ~closed[:, weekdays]
    known = possible.sum(axis=0)
    sellers = ((demand > 0) & possible).sum(axis=0).astype(np.float64)
    share = np.where(known > 0, sellers / np.maximum(known, 1), np.nan)
    padded = np.pad(share, USUAL_DAYS, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * USUAL_DAYS + 1)
    some = np.isfinite(around).any(axis=1)
    usual = np.zeros(known.shape)
    usual[some] = np.nanmedian(around[some], axis=1)
    return np.asarray((usual * known >= LEAST_SELLERS) & (sellers < SHUT_SHARE * usual * known))


def closed_ahead(shut: Bools, closed: Bools, start: date, horizon_days: int, countries: tuple[str, ...]) -> Bools:
    """Return [H] days after the history on which the whole shop will be shut.

    A public holiday is shut where the shop was shut on every one of that name. Another day is shut where it was so on that
    date in every year, at least two of them, or in one where that belonged to a closure over Christmas or New Year.

    Args:
        shut: [T] days on which the whole shop was shut.
        closed: [7] weekdays on which it always is, 0 = Monday; they do not end a closure.
        start: Day of the first column.
        horizon_days: Days H ahead.
        countries: ISO codes of the countries whose holidays are known by name.
    """
    ahead = np.zeros(horizon_days, dtype=np.bool_)
    if not shut.any():
        return ahead
    feast = _feasts(shut, closed, start)
    end = start + timedelta(days=shut.size)
    names = {
        special.day: special.name_en
        for special in special_days(countries, start, end + timedelta(days=horizon_days - 1))
        if special.kind == "holiday"
    }
    on_name: dict[str, list[bool]] = defaultdict(list)
    on_date: dict[tuple[int, int], list[bool]] = defaultdict(list)
    in_feast: dict[tuple[int, int], bool] = defaultdict(bool)
    for column, (was_shut, in_run) in enumerate(zip(shut.tolist(), feast.tolist(), strict=True)):
        day = start + timedelta(days=column)
        if day in names:
            on_name[names[day]].append(was_shut)
        on_date[day.month, day.day].append(was_shut or in_run)
        in_feast[day.month, day.day] |= in_run
    for column in range(horizon_days):
        day = end + timedelta(days=column)
        same_name = on_name[names[day]] if day in names else []
        same_date = on_date[day.month, day.day]
        enough = len(same_date) > 1 or in_feast[day.month, day.day]
        ahead[column] = _always(same_name) or (enough and _always(same_date))
    return ahead


def _always(was_shut: list[bool]) -> bool:
    return bool(was_shut) and all(was_shut)


def _feasts(shut: Bools, closed: Bools, start: date) -> Bools:
    """[T] True in each run of shut days, closed weekdays among them, that holds Christmas or New Year's Day."""
    days = [start + timedelta(days=column) for column in range(shut.size)]
    resting = shut | closed[[day.weekday() for day in days]]
    run = np.cumsum(~resting)
    feast = np.array([(day.month, day.day) in ((12, 25), (1, 1)) for day in days], dtype=np.bool_) & resting
    return np.asarray(resting & np.isin(run, run[feast]))

"""What is known of every day, past and ahead, besides demand: the calendar, prices, promotions. Fits nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from forecasting.history import MOST_UNITS, History
from parstock.domain import Bools, DemandPanel, Driver, Floats
from parstock.special_days import special_days

FAR_DAYS = 28
"""A special day this far away, or farther, is as good as none."""
USUAL_PRICE_WEEKS = 8
"""The usual price of a day is the median of the same weekday's in so many weeks before."""
LEAST_PRICE_CHANGE = 0.001
"""A smaller log ratio to the usual price is the noise of averages over warehouses, and counts as none."""
MOST_PRICE_CHANGE = 2.0
"""Prices count as at most e^2 times, and at least e^-2 times, the usual one."""


@dataclass(frozen=True, eq=False, slots=True)
class Covariates:
    """N items on D = T + H days: the T of the history and the H ahead."""

    start: date
    """Day of the first column."""
    known_days: int
    """T: columns from here on are ahead."""
    weekday: NDArray[np.int8]
    """[D] 0 = Monday."""
    month_day: NDArray[np.int8]
    """[D] 1 to 31."""
    year_share: Floats
    """[D] share of the year gone, 0 to 1."""
    to_special: Floats
    """[D] days to the next holiday or shopping day, 0 on the day, at most `FAR_DAYS`."""
    since_special: Floats
    """[D] days since the last one, 0 on the day, at most `FAR_DAYS`."""
    holiday: Bools
    """[D] True on public holidays."""
    shopping: Bools
    """[D] True on shopping days."""
    price: Floats | None
    """[N, D] log of the price over the usual one of the weeks before (`USUAL_PRICE_WEEKS`); 0 at the usual price and where
    either is unknown. None where prices ahead are not known: what sold at which price does not say what will be asked."""
    promotion: Bools | None
    """[N, D] True on promotion days; none ahead where none are planned. None where no promotion was ever recorded."""
    extra: Mapping[str, Floats]
    """Name -> [N, D] of the panel's other covariates that are known ahead; the last known value fills gaps, 0 stands where
    there is none."""

    @property
    def drivers(self) -> tuple[Driver, ...]:
        """What moves demand ahead: the drivers that `without` changes anything of."""
        ahead = slice(self.known_days, None)
        moving: list[Driver] = []
        if (np.minimum(self.to_special, self.since_special)[ahead] < FAR_DAYS).any():
            moving.append("holiday")
        if self.promotion is not None and self.promotion[:, ahead].any():
            moving.append("promotion")
        if self.price is not None and self.price[:, ahead].any():
            moving.append("price")
        return tuple(moving)

    def without(self, driver: Driver) -> "Covariates":
        """The same, as if the days ahead were ordinary in this respect: no holiday, no promotion, or the usual price."""
        ahead = slice(self.known_days, None)
        if driver == "holiday":
            to_special, since_special = self.to_special.copy(), self.since_special.copy()
            holiday, shopping = self.holiday.copy(), self.shopping.copy()
            to_special[ahead], since_special[ahead] = FAR_DAYS, FAR_DAYS
            holiday[ahead], shopping[ahead] = False, False
            return replace(self, to_special=to_special, since_special=since_special, holiday=holiday, shopping=shopping)
        if driver == "promotion" and self.promotion is not None:
            promotion = self.promotion.copy()
            promotion[:, ahead] = False
            return replace(self, promotion=promotion)
        if driver == "price" and self.price is not None:
            price = self.price.copy()
            price[:, ahead] = 0.0
            return replace(self, price=price)
        return self

    @classmethod
    def of(cls, panel: DemandPanel, horizon_days: int) -> "Covariates":
        """Gather what the panel knows of its days and of the `horizon_days` after them.

        Args:
            panel: N items on T days, with what is known of the K days ahead; K may be less or more than the horizon.
            horizon_days: H. Beyond K days no promotion is known, and prices and other covariates keep their last value.
        """
        days = np.datetime64(panel.start, "D") + np.arange(panel.days + horizon_days)
        years = days.astype("datetime64[Y]")
        to_special, since_special, holiday, shopping = _special(panel, days.size)
        ahead, promotion = panel.ahead, _promotion(panel, horizon_days)
        return cls(
            start=panel.start,
            known_days=panel.days,
            weekday=((panel.start.weekday() + np.arange(days.size)) % 7).astype(np.int8),
            month_day=((days - days.astype("datetime64[M]")).astype(np.int64) + 1).astype(np.int8),
            year_share=(days - years).astype(np.float64) / 366.0,
            to_special=to_special,
            since_special=since_special,
            holiday=holiday,
            shopping=shopping,
            price=None
            if panel.price is None or ahead is None or ahead.price is None
            else _price_ratio(_extended(panel.price, ahead.price, horizon_days), promotion),
            promotion=promotion,
            extra={}
            if ahead is None
            else {
                name: np.clip(
                    np.nan_to_num(_filled(_extended(panel.covariates[name], planned, horizon_days))), -MOST_UNITS, MOST_UNITS
                )
                for name, planned in ahead.covariates.items()
                if name in panel.covariates
            },
        )

    @classmethod
    def of_history(cls, history: History, horizon_days: int) -> "Covariates":
        """The same of a prepared history."""
        return cls.of(history.panel, horizon_days)


def _special(panel: DemandPanel, days: int) -> tuple[Floats, Floats, Bools, Bools]:
    """Days to and since special days, and their kinds: [D] each."""
    holiday, shopping = np.zeros(days, dtype=np.bool_), np.zeros(days, dtype=np.bool_)
    near, margin = np.zeros(days + 2 * FAR_DAYS, dtype=np.bool_), timedelta(days=FAR_DAYS)
    last = panel.start + timedelta(days=days - 1)
    for special in special_days(panel.countries, panel.start - margin, last + margin):
        column = (special.day - panel.start).days
        near[column + FAR_DAYS] = True
        if 0 <= column < days:
            (holiday if special.kind == "holiday" else shopping)[column] = True
    columns = np.arange(near.size)
    before = np.maximum.accumulate(np.where(near, columns, -FAR_DAYS))
    after = np.minimum.accumulate(np.where(near, columns, near.size + FAR_DAYS)[::-1])[::-1]
    inside = slice(FAR_DAYS, FAR_DAYS + days)
    to_special = np.minimum(after - columns, FAR_DAYS)[inside].astype(np.float64)
    return to_special, np.minimum(columns - before, FAR_DAYS)[inside].astype(np.float64), holiday, shopping


def _extended(past: Floats, planned: Floats, horizon_days: int) -> Floats:
    """[N, T + H]: the past, then the plan as far as it reaches; NaN where neither knows."""
    days, reach = past.shape[1], min(horizon_days, planned.shape[1])
    whole = np.full((past.shape[0], days + horizon_days), np.nan)
    whole[:, :days] = past
    whole[:, days : days + reach] = planned[:, :reach]
    return whole


def _filled(values: Floats) -> Floats:
    """Carry the last known value of each row forward; NaN before the first."""
    latest = np.maximum.accumulate(np.where(np.isfinite(values), np.arange(values.shape[1]), 0), axis=1)
    return np.take_along_axis(values, latest, axis=1)


def _price_ratio(price: Floats, promotion: Bools | None) -> Floats:
    """[N, D] log of each price over the usual one, which is read off the days before without a promotion.

    A price without a promotion holds until the next one, a promotion's price on its own days only. The usual price is the
    median over the same weekday of the weeks before, the upper one of two, so that it is a price that was asked.
    """
    price = np.where((price > 0) & np.isfinite(price), price, np.nan)
    regular = _filled(price if promotion is None else np.where(promotion, np.nan, price))
    price = np.where(np.isfinite(price), price, regular)
    ratio = np.zeros_like(price)
    moving = np.flatnonzero(np.fmax.reduce(price, axis=1, initial=0.0) > np.fmin.reduce(price, axis=1, initial=np.inf))
    usual = _usual(regular[moving])
    np.subtract(np.log(price[moving]), np.log(usual), out=usual)  # their ratio may be beyond the largest number
    usual[~(np.abs(usual) >= LEAST_PRICE_CHANGE)] = 0.0  # NaN too: either is unknown
    ratio[moving] = np.clip(usual, -MOST_PRICE_CHANGE, MOST_PRICE_CHANGE)
    return ratio


def _usual(price: Floats) -> Floats:
    """[N, D] upper median of each row's values 1, 2, ... `USUAL_PRICE_WEEKS` weeks before; NaN where none is known."""
    earlier = np.full((USUAL_PRICE_WEEKS, *price.shape), np.nan)
    for week in range(1, USUAL_PRICE_WEEKS + 1):
        earlier[week - 1, :, 7 * week :] = price[:, : -7 * week]
    earlier.sort(axis=0)  # NaN last
    middle = np.isfinite(earlier).sum(axis=0) // 2
    return np.asarray(np.take_along_axis(earlier, middle[None], axis=0)[0], dtype=np.float64)


def _promotion(panel: DemandPanel, horizon_days: int) -> Bools | None:
    if panel.promotion is None:
        return None
    whole = np.zeros((len(panel.items), panel.days + horizon_days), dtype=np.bool_)
    whole[:, : panel.days] = panel.promotion
    if panel.ahead is not None and panel.ahead.promotion is not None:
        reach = min(horizon_days, panel.ahead.promotion.shape[1])
        whole[:, panel.days : panel.days + reach] = panel.ahead.promotion[:, :reach]
    return whole

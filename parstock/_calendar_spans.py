"""Arithmetic of spans of days. Knows nothing about words."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from parstock._calendar_words import Amount, Unit

Prefer: TypeAlias = Literal["future", "past"]
Cycle: TypeAlias = Literal["", "week", "month", "year"]
_REACH = 9  # cycles looked through on either side: 29 February comes round within 8 years


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1


def one_day(day: date) -> Span:
    """The span of a single day."""
    return Span(day, day)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phrase means: one span, or one span in every week, month or year."""

    at: Callable[[int], Span | None]
    """Span of the cycle `k` away from the current one (0 = the cycle of today); None where that cycle has none."""
    cycle: Cycle = ""

    def mapped(self, change: Callable[[Span], Span]) -> "Reading":
        """The reading with every span changed."""

        def at(k: int) -> Span | None:
            span = self.at(k)
            return None if span is None else change(span)

        return Reading(at, self.cycle)

    def _spans(self) -> list[Span]:
        reach = range(-_REACH, _REACH + 1) if self.cycle else range(1)
        return [span for span in map(self.at, reach) if span is not None]

    def nearest(self, today: date, prefer: Prefer) -> Span | None:
        """The span not over before `today` (future), or the latest one begun by `today` (past)."""
        spans = self._spans()
        if not self.cycle:
            return spans[0] if spans else None
        if prefer == "future":
            return next((span for span in spans if span.last >= today), None)
        return next((span for span in reversed(spans) if span.first <= today), None)

    def before(self, today: date) -> Span | None:
        """The latest span over before `today`."""
        return next((span for span in reversed(self._spans()) if span.last < today), None)

    def after(self, today: date) -> Span | None:
        """The earliest span that begins after `today`."""
        return next((span for span in self._spans() if span.first > today), None)


def fixed(span: Span) -> Reading:
    """A reading that means one span only."""
    return Reading(lambda _: span)


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def shift(day: date, by: Amount, sign: int) -> date:
    """The day `by` later (`sign` 1) or earlier (-1); months and years keep the day of the month."""
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}.get(by.unit, 0) * by.count
    if months and months == int(months):
        return add_months(day, sign * int(months))
    return day + timedelta(days=sign * by.days)


def unit_span(unit: Unit, today: date, offset: int) -> Span:
    """The calendar day, week (from Monday), month, quarter, half year or year that lies `offset` from today's."""
    if unit == "day":
        return one_day(today + timedelta(days=offset))
    if unit == "week":
        monday = today + timedelta(days=7 * offset - today.weekday())
        return Span(monday, monday + timedelta(days=6))
    length = {"month": 1, "quarter": 3, "half": 6, "year": 12}[unit]
    first = add_months(date(today.year, (today.month - 1) // length * length + 1, 1), offset * length)
    return Span(first, add_months(first, length) - timedelta(days=1))


def months_span(year: int, month: int, length: int = 1) -> Span:
    """The `length` months from `month` of `year`; month 13 is January of the next year."""
    first = add_months(date(year, 1, 1), month - 1)
    return Span(first, add_months(first, length) - timedelta(days=1))


def day_of(year: int, month: int, day: int) -> Span | None:
    """The day, or None where that month has no such day."""
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return one_day(date(year, month, day))


def middle(span: Span) -> Span:
    """The 15th of a month, the middle day of anything else."""
    if 28 <= span.days <= 31:
        return one_day(span.first + timedelta(days=14))
    return one_day(span.first + timedelta(days=span.days // 2))


def half(span: Span, which: int) -> Span:
    """The first (0) or second (1) half; a year is split at the end of June."""
    first_days = 181 + calendar.isleap(span.first.year) if span.days > 360 else span.days // 2
    cut = span.first + timedelta(days=first_days)
    return Span(cut, span.last) if which else Span(span.first, cut - timedelta(days=1))


def third(span: Span, which: int) -> Span:
    """The first, second or last third; of a month the days 1-10, 11-20 and 21 to the end."""
    step = timedelta(days=span.days // 3)
    cuts = (span.first, span.first + step, span.first + 2 * step)
    return Span(cuts[which], span.last if which == 2 else cuts[which + 1] - timedelta(days=1))

"""What the simple day phrases mean: dates, months, quarters, weekdays, amounts. Phrases within phrases: _calendar_grammar."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeAlias

from parstock._calendar_festivals import FESTIVALS
from parstock._calendar_spans import Reading, Span, add_months, day_of, fixed, months_span, one_day, shift, unit_span
from parstock._calendar_words import MONTHS, SEASONS, UNITS, WEEKDAYS, Unit, amount, number

Handler: TypeAlias = Callable[[re.Match[str], date], Reading | None]

DAY = timedelta(days=1)
OFFSETS = {
    "last": -1, "previous": -1, "past": -1, "prior": -1, "this": 0, "current": 0, "the": 0, "": 0,
    "next": 1, "coming": 1, "following": 1, "this coming": 1,
    "上上": -2, "上": -1, "去": -1, "前": -2, "本": 0, "这": 0, "当": 0, "今": 0, "下": 1, "明": 1, "下下": 2, "后": 2,
}  # fmt: skip
"""Which one: cycles away from the current one."""
_TODAY = {
    "today": 0, "now": 0, "immediately": 0, "asap": 0, "right now": 0, "right away": 0, "今天": 0, "今日": 0, "现在": 0,
    "即日": 0, "马上": 0, "立即": 0, "tomorrow": 1, "tmrw": 1, "明天": 1, "明日": 1, "the day after tomorrow": 2,
    "day after tomorrow": 2, "后天": 2, "大后天": 3, "yesterday": -1, "昨天": -1, "昨日": -1,
    "the day before yesterday": -2, "day before yesterday": -2, "前天": -2,
}  # fmt: skip
_TO_DATE: dict[str, Unit] = {
    "this year so far": "year", "so far this year": "year", "this month so far": "month", "so far this month": "month",
    "year to date": "year", "ytd": "year", "今年以来": "year", "今年至今": "year", "month to date": "month", "mtd": "month",
    "本月以来": "month", "本月至今": "month", "quarter to date": "quarter", "qtd": "quarter", "本季度以来": "quarter",
    "week to date": "week", "wtd": "week", "本周以来": "week", "本周至今": "week",
}  # fmt: skip
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def literal(match: re.Match[str], today: date) -> Reading | None:
    """Read "today", "year to date", "Easter", "双十一"."""
    text = match[0]
    if text in _TODAY:
        return fixed(one_day(today + _TODAY[text] * DAY))
    if text in _TO_DATE:
        first = unit_span(_TO_DATE[text], today, 0).first
        return fixed(Span(first, max(first, today - DAY)))
    rule = FESTIVALS.get(text.removeprefix("the "))
    if rule is None:
        return None

    def at(k: int) -> Span | None:
        day = rule(today.year + k)
        return None if day is None else one_day(day)

    return Reading(at, "year")


def numeric_day(match: re.Match[str], today: date) -> Reading | None:
    """Read "2025-03-01", "1/3/2025", "21/8", "3月1日": groups d, m and perhaps y; a month above 12 is taken for the day."""
    groups = match.groupdict()
    day, month = number(groups["d"]), number(groups["m"])
    if day is None or month is None:
        return None
    if month > 12 >= day:
        day, month = month, day
    return _dated(groups.get("y"), int(month), int(day), today)


def named_day(match: re.Match[str], today: date) -> Reading | None:
    """Read "1 March", "March 1st, 2025"."""
    return _dated(match["y"], MONTHS[match["m"]], int(match["d"]), today)


def _dated(year: str | None, month: int, day: int, today: date) -> Reading | None:
    if year is None:
        return Reading(lambda k: day_of(today.year + k, month, day), "year")
    span = day_of(int(year) + 2000 * (len(year) == 2), month, day)
    return None if span is None else fixed(span)


def month_name(match: re.Match[str], today: date) -> Reading | None:
    """Read "March", "三月"."""
    month = MONTHS.get(match["m"]) or int(number(match["m"]) or 0)
    return Reading(lambda k: months_span(today.year + k, month), "year") if 1 <= month <= 12 else None


def season(match: re.Match[str], today: date) -> Reading:
    """Read "summer", "夏天"."""
    month = SEASONS[match["s"]]
    return Reading(lambda k: months_span(today.year + k, month, 3), "year")


def quarter(match: re.Match[str], today: date) -> Reading:
    """Read "Q3", "the third quarter", "第三季度"."""
    which = _ORDINALS.get(match["n"]) or int(number(match["n"]) or 1)
    return Reading(lambda k: months_span(today.year + k, 3 * which - 2, 3), "year")


def half_year(match: re.Match[str], today: date) -> Reading:
    """Read "H1", "下半年"."""
    first = 1 if match["n"] in {"1", "上"} else 7
    return Reading(lambda k: months_span(today.year + k, first, 6), "year")


def year(match: re.Match[str], today: date) -> Reading:
    """Read "2024", "2024年"."""
    return fixed(months_span(int(match["y"]), 1, 12))


def day_of_month(match: re.Match[str], today: date) -> Reading | None:
    """Read "the 12th", "12号"."""
    day = int(number(match["n"]) or 0)

    def at(k: int) -> Span | None:
        month = add_months(today.replace(day=1), k)
        return day_of(month.year, month.month, day)

    return Reading(at, "month") if 1 <= day <= 31 else None


def weekday(match: re.Match[str], today: date) -> Reading:
    """Read "Friday"; "next Friday" and "下周五" are the Friday of next week; "last Friday" is the latest one gone by."""
    wanted = unit_span("week", today, 0).first + WEEKDAYS[match["w"]] * DAY
    every = Reading(lambda k: one_day(wanted + 7 * k * DAY), "week")
    which = match["which"] or ""
    if which in {"", "the"}:
        return every
    if which in {"last", "past", "previous"}:
        return fixed(every.before(today) or one_day(wanted))
    if which in {"coming", "this coming", "following"}:
        return fixed(every.after(today) or one_day(wanted))
    return fixed(one_day(wanted + 7 * OFFSETS[which] * DAY))


def weekend(match: re.Match[str], today: date) -> Reading:
    """Read "this weekend", "周末"."""
    week = unit_span("week", today, OFFSETS[match["which"] or ""])
    return fixed(Span(week.last - DAY, week.last))


def calendar_unit(match: re.Match[str], today: date) -> Reading:
    """Read "last month", "the quarter", "上个月", "去年"."""
    return fixed(unit_span(UNITS[match["unit"]][0], today, OFFSETS[match["which"] or ""]))


def moved(sign: int) -> Handler:
    """Return the handler of "in two weeks" (1) or "3 days ago" (-1)."""

    def handler(match: re.Match[str], today: date) -> Reading | None:
        by = amount(match["amount"])
        return None if by is None else fixed(one_day(shift(today, by, sign)))

    return handler


def rolling(sign: int) -> Handler:
    """Return the handler of "next 4 weeks" (1, from today on) or "past 6 weeks" (-1, up to yesterday)."""

    def handler(match: re.Match[str], today: date) -> Reading | None:
        by = amount(match["amount"])
        if by is None or by.days < 1:
            return None
        return fixed(Span(shift(today, by, -1), today - DAY) if sign < 0 else Span(today, shift(today, by, 1) - DAY))

    return handler

"""Days and periods as planners say them, in English and Chinese, against a given "today". Never looks at a clock.

Names of days come round: without a year, "1 March" is the nearest one not before today, or with
`prefer="past"` the latest one that has begun. Weeks begin on Monday. "next Friday" and "下周五" are the Friday of
next week. "before the end of May" is a deadline and means 31 May; "before Easter" is the day before.
Two numbers are day/month with a slash ("1/8" is 1 August) and month.day with a dot ("7.10" is 10 July).
"""

import re
from datetime import date, timedelta

from parstock._calendar_grammar import read
from parstock._calendar_spans import Prefer, Reading, Span
from parstock._calendar_words import MONTHS, amount, tidy
from parstock.errors import InputError

__all__ = ["Prefer", "duration_days", "resolve_day", "resolve_period"]

_DAYS_UNDERSTOOD = "'1 March', 'the 12th', 'next Friday', 'end of November', 'in two weeks', 'Easter', '3月1日', '下周五'"
_PERIODS_UNDERSTOOD = "'last quarter', 'Q3', 'past 6 weeks', 'March to May', '2024', 'since 1 March', '上个月', '最近30天'"
_SINCE = re.compile(r"(?:ever )?since (.+)|(?:自|自从)(.+?)(?:起|以来)?|(.+)以来")
_UNTIL = re.compile(r"(?:until|till|til|up to) (.+)|(?:截至|截止|直到|到)(.+)")
_DAY_RANGE = re.compile(
    rf"(?:from )?(\d{{1,2}})(?:st|nd|rd|th)? ?(?:-|–|to) ?(\d{{1,2}}(?:st|nd|rd|th)? ({'|'.join(MONTHS)})\b.*)"
)
_SPLITS = tuple(
    re.compile(pattern)
    for pattern in (
        r"between (.+) and (.+)",
        r"(?:from )?(.+?) (?:to|until|till|through|-|–) (.+)",
        r"从?(.+?)(?:到|至|~|–|—)(.+)",
        r"(.+?)-(.+)",
    )
)
_WHICH = "next|coming|following|last|past"
_ONE_UNIT = re.compile(rf"(?:the )?(?:{_WHICH}|this) (week|month|quarter|year|fortnight)|[上下本这]个?(周|星期|月|季度)")
_DURATION_EDGES = re.compile(
    rf"^(?:(?:for|over|within|in) )?(?:the )?(?:(?:{_WHICH}) )?|^(?:未来|接下来|今后|过去|最近|近)的?|[内的]$"
)


def resolve_day(phrase: str, as_of: date, *, last: bool = False, prefer: Prefer = "future", field: str | None = None) -> date:
    """Return the day that a phrase names.

    Args:
        phrase: A date or a phrase such as "end of November", "since 1 March", "下周五".
        as_of: Today.
        last: Take the last day of a span ("March" -> 31 March) instead of the first.
        prefer: Where the phrase names no year: the nearest one ahead, or behind. "since ..." always looks behind.
        field: Name of the argument, for the message.

    Raises:
        InputError: The phrase is not understood.

    >>> resolve_day("end of November", date(2025, 6, 2)), resolve_day("March", date(2025, 6, 2), last=True, prefer="past")
    (datetime.date(2025, 11, 30), datetime.date(2025, 3, 31))
    """
    text = tidy(phrase)
    span = _span(text, as_of, "past" if _SINCE.fullmatch(text) else prefer)
    if span is None:
        message = f"cannot read {phrase!r} as a day; understood are for example {_DAYS_UNDERSTOOD}"
        raise InputError(message, field=field, reason="bad_date")
    return span.last if last else span.first


def resolve_period(phrase: str, as_of: date, *, prefer: Prefer = "past", field: str | None = None) -> tuple[date, date]:
    """Return the first and last day of a period.

    Args:
        phrase: A phrase such as "last quarter", "past 6 weeks", "March to May", "去年下半年". "since X" ends yesterday.
        as_of: Today.
        prefer: Where the phrase names no year: the nearest one behind (periods are mostly of history), or ahead.
        field: Name of the argument, for the message.

    Raises:
        InputError: The phrase is not understood, or the period ends before it begins.

    >>> resolve_period("last quarter", date(2025, 6, 2))
    (datetime.date(2025, 1, 1), datetime.date(2025, 3, 31))
    """
    span = _period(tidy(phrase), as_of, prefer)
    if span is None:
        message = f"cannot read {phrase!r} as a period; understood are for example {_PERIODS_UNDERSTOOD}"
        raise InputError(message, field=field, reason="bad_date")
    if span.last < span.first:
        raise InputError(f"the period {phrase!r} would end on {span.last}, before it begins on {span.first}", field=field)
    return span.first, span.last


def duration_days(text: str) -> int | None:
    """Return the days that a length of time stands for, or None where the text names none.

    >>> [duration_days(text) for text in ("two weeks", "a quarter", "next month", "三周", "半年", "soon")]
    [14, 90, 30, 21, 182, None]
    """
    tidied = tidy(text)
    if match := _ONE_UNIT.fullmatch(tidied):
        unit = match[1] or match[2]
        length = amount(f"a {unit}") if match[1] else amount(f"一个{unit}")
    else:
        length = amount(_DURATION_EDGES.sub("", tidied))
    return length.days if length and length.days >= 1 else None


def _reading(text: str, as_of: date) -> Reading | None:
    try:
        return read(text, as_of) if text else None
    except (OverflowError, ValueError):  # a day beyond the calendar's years
        return None


def _span(text: str, as_of: date, prefer: Prefer) -> Span | None:
    reading = _reading(text, as_of)
    try:
        return reading.nearest(as_of, prefer) if reading else None
    except (OverflowError, ValueError):
        return None


def _period(text: str, as_of: date, prefer: Prefer) -> Span | None:
    if match := _SINCE.fullmatch(text):
        begun = _span(next(filter(None, match.groups())), as_of, "past")
        return begun and Span(begun.first, max(begun.first, as_of - timedelta(days=1)))
    if (match := _UNTIL.fullmatch(text)) and (end := _span(next(filter(None, match.groups())), as_of, "future")):
        return Span(as_of, end.last)
    return _span(text, as_of, prefer) or _range(text, as_of, prefer)


def _range(text: str, as_of: date, prefer: Prefer) -> Span | None:
    """Read "March to May", "10-24 Feb": the end is the first one not before the start."""
    if match := _DAY_RANGE.fullmatch(text):
        text = f"{match[1]} {match[3]} to {match[2]}"
    for pattern in _SPLITS:
        if (match := pattern.fullmatch(text)) and (start := _span(match[1], as_of, prefer)):
            end = _reading(match[2], as_of)
            if end and (until := end.nearest(start.first, "future")):
                return Span(start.first, until.last)
    return None

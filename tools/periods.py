"""Past periods as tools take them: two optional phrases, a default, never beyond yesterday."""

from dataclasses import dataclass
from datetime import date, timedelta

from parstock.calendar import resolve_day, resolve_period
from parstock.errors import InputError

DEFAULT_DAYS = 84
"""Twelve whole weeks."""


@dataclass(frozen=True, slots=True)
class PastSpan:
    """Some days that are over, both ends included."""

    first: date
    last: date
    given: bool
    """Whether somebody asked for them, rather than the default."""


def past_span(start: str | None, end: str | None, as_of: date) -> PastSpan:
    """Return the days between two phrases.

    Args:
        start: Phrase for the first day; the default length before the end where it is not given.
        end: Phrase for the last day; yesterday where it is not given.
        as_of: Today.

    Raises:
        InputError: A phrase is not understood, or the days are not in the past or in the wrong order.
    """
    yesterday = as_of - timedelta(days=1)
    last = yesterday if end is None else _edge(end, as_of, "end")
    if start is None:
        return PastSpan(min(last, yesterday) - timedelta(days=DEFAULT_DAYS - 1), min(last, yesterday), given=end is not None)
    first = _edge(start, as_of, "start")
    if first > yesterday:
        raise InputError(
            f"start {start!r} is {first}; sales are known up to {yesterday}, give a day not after it",
            field="start",
            reason="not_past",
        )
    if last < first:
        message = f"end {end!r} is {last}, before the start {first}; give a later day"
        raise InputError(message, field="end", reason="wrong_order")
    return PastSpan(first, min(last, yesterday), given=True)


def _edge(phrase: str, as_of: date, field: str) -> date:
    """The day that a phrase names; of a period its first day for a start, its last for an end."""
    try:
        return resolve_day(phrase, as_of, last=field == "end", prefer="past", field=field)
    except InputError as not_a_day:
        try:
            period = resolve_period(phrase, as_of, prefer="past")
        except InputError:
            raise not_a_day from None
        return period[1] if field == "end" else period[0]

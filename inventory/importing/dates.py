"""Cells into days. A date that can be read in two ways is refused unless the column itself settles it.

Read alike everywhere: 2024-03-01, 2024/3/1, 20240301, 2024年3月1日, 1 March 2024, 01-Mar-2024, each with a time behind it or
not. Dates of the form 03/04/2024 (or with `.` or `-`) are day first or month first for the whole column, as its unambiguous
dates show.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from inventory.importing.ledger import row_number
from inventory.importing.values import as_text
from parstock.errors import InputError

FIRST_YEAR, LAST_YEAR = 1980, 2100
"""Years outside are taken for slips of the pen and refused."""

_TIME = r"(?:[T\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp][Mm])?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}$")
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}}){_TIME}$")
_CHINESE = re.compile(rf"(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})日{_TIME}$")
_NAMED = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[-\s/]([A-Za-z]{{3,9}})\.?[-\s/,]+(\d{{4}}){_TIME}$")
_NAMED_FIRST = re.compile(rf"([A-Za-z]{{3,9}})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}){_TIME}$")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}$")
_MONTHS = {
    name: i + 1 for i, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
}


@dataclass(frozen=True, slots=True)
class _Readings:
    """The days that one text may mean."""

    certain: date | None = None
    day_first: date | None = None
    month_first: date | None = None

    @property
    def is_ambiguous(self) -> bool:
        return self.day_first is not None and self.month_first is not None and self.day_first != self.month_first


def as_days(series: "pd.Series[Any]", field: str) -> NDArray[np.datetime64]:
    """[n] days, NaT where the cell is blank. The time of day, if any, is cut off; a time zone is not converted.

    Raises:
        InputError: A cell is no date, or a column of several forms has one that can be read in two ways; names the row.
    """
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        local = series.dt.tz_localize(None) if isinstance(series.dtype, pd.DatetimeTZDtype) else series
        days = local.to_numpy(dtype="datetime64[D]")
    else:
        codes, distinct = pd.factorize(as_text(series.map(_written)))
        known = _settle({str(text): _readings(str(text)) for text in distinct}, codes, distinct, field)
        days = np.array([*(known[str(text)] for text in distinct), None], dtype="datetime64[D]")[codes]
    _check_years(days, field)
    return days


def as_moments(series: "pd.Series[Any]", field: str) -> "pd.Series[Any]":
    """ISO texts that sort by time, None where the cell is blank; a time of day is kept where the date is written year first.

    Raises:
        InputError: As `as_days`.
    """
    days = pd.Series(as_days(series, field).astype(str), index=series.index)
    text = as_text(series.map(_written))
    return text.where(text.isna() | text.str.match(r"\d{4}-\d\d-\d\d").fillna(False).astype(bool), days)


def _written(value: object) -> object:
    """Dates and times of spreadsheets as ISO text."""
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat() if isinstance(value, date) else value


def _settle(readings: Mapping[str, _Readings], codes: NDArray[np.intp], distinct: "pd.Index[Any]", field: str) -> dict[str, date]:
    """One day for each text, by what the whole column shows."""

    def row_of(text: str) -> int:
        return row_number(int(np.argmax(codes == distinct.get_loc(text))))

    slashed = {text: r for text, r in readings.items() if r.certain is None}
    unreadable = next((text for text, r in slashed.items() if r.day_first is None and r.month_first is None), None)
    if unreadable is not None:
        raise InputError(f"row {row_of(unreadable)}: {field} is {unreadable!r}, not a date such as 2024-03-31", field=field)
    only_day_first = next((text for text, r in slashed.items() if r.month_first is None), None)
    only_month_first = next((text for text, r in slashed.items() if r.day_first is None), None)
    mixed = len(slashed) < len(readings) or (only_day_first is not None and only_month_first is not None)
    ambiguous = next((text for text, r in slashed.items() if r.is_ambiguous), None)
    if ambiguous is not None and (mixed or (only_day_first is None and only_month_first is None)):
        one, other = readings[ambiguous].day_first, readings[ambiguous].month_first
        why = "the column holds several forms of dates" if mixed else "no other date of the column settles it"
        raise InputError(
            f"row {row_of(ambiguous)}: {field} {ambiguous!r} may be {one} (day first) or {other} (month first), and {why}; "
            "write dates as YYYY-MM-DD",
            field=field,
            choices=(str(one), str(other)),
        )
    first: Callable[[_Readings], date | None] = (lambda r: r.day_first) if only_month_first is None else (lambda r: r.month_first)
    settled = {text: r.certain or first(r) or r.day_first or r.month_first for text, r in readings.items()}
    return {text: day for text, day in settled.items() if day is not None}


def _readings(text: str) -> _Readings:
    for pattern in (_YEAR_FIRST, _COMPACT, _CHINESE):
        if found := pattern.match(text):
            return _Readings(certain=_day(*found.groups()))
    if found := _NAMED.match(text):
        return _Readings(certain=_day(found[3], _MONTHS.get(found[2][:3].lower(), 0), found[1]))
    if found := _NAMED_FIRST.match(text):
        return _Readings(certain=_day(found[3], _MONTHS.get(found[1][:3].lower(), 0), found[2]))
    if found := _YEAR_LAST.match(text):
        one, two, year = found.groups()
        return _Readings(day_first=_day(year, two, one), month_first=_day(year, one, two))
    return _Readings()


def _day(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _check_years(days: NDArray[np.datetime64], field: str) -> None:
    outside = (days < np.datetime64(f"{FIRST_YEAR}-01-01")) | (days > np.datetime64(f"{LAST_YEAR}-12-31"))
    if outside.any():
        position = int(outside.argmax())
        raise InputError(
            f"row {row_number(position)}: {field} is {days[position]}, outside the years {FIRST_YEAR} to {LAST_YEAR}", field=field
        )

"""Phrases for days, periods and lengths of time, read against Wednesday 4 June 2025."""

import contextlib
import doctest
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parstock import _calendar_words, calendar
from parstock.calendar import duration_days, resolve_day, resolve_period
from parstock.errors import InputError

TODAY = date(2025, 6, 4)

FUTURE = {
    "2025-06-30": "2025-06-30", "2025-06-30T08:00:00Z": "2025-06-30", "30/06/2025": "2025-06-30", "30.6.2025": "2025-06-30",
    "1/8": "2025-08-01", "21/8": "2025-08-21", "7.25": "2025-07-25", "today": "2025-06-04", "TOMOROW": "2025-06-05",
    "tomorrow's": "2025-06-05", "the day after tomorrow": "2025-06-06", "yesterday": "2025-06-03", "ASAP": "2025-06-04",
    "1 March": "2026-03-01", "March 1st": "2026-03-01", "1st of March": "2026-03-01", "1 March 2024": "2024-03-01",
    "Sat 3 May 2025": "2025-05-03", "Mar 5, 2025": "2025-03-05", "mid March": "2026-03-15", "mid-August": "2025-08-15",
    "early July": "2025-07-01", "late November": "2025-11-21", "end of Nov": "2025-11-30",
    "by end of September": "2025-09-30", "b4 end of june": "2025-06-30", "the 12th": "2025-06-12", "the 31st": "2025-07-31",
    "29 Feb": "2028-02-29", "Wednesday": "2025-06-04", "Friday": "2025-06-06", "this Friday": "2025-06-06",
    "next Friday": "2025-06-13", "last Friday": "2025-05-30", "wendesday": "2025-06-04", "next week": "2025-06-09",
    "end of next month": "2025-07-31", "month end": "2025-06-30", "end of the year": "2025-12-31", "end of Q3": "2025-09-30",
    "March": "2026-03-01", "in two weeks": "2025-06-18", "3 days ago": "2025-06-01", "a fortnight ago": "2025-05-21",
    "in 3 months": "2025-09-04", "Easter": "2026-04-05", "Good Friday": "2026-04-03", "Whitsun": "2025-06-08",
    "Black Friday": "2025-11-28", "Christmas 2024": "2024-12-25", "last Christmas": "2024-12-25",
    "before Christmas": "2025-12-24", "Valentine's Day": "2026-02-14", "two weeks before Christmas": "2025-12-11",
    "until after Easter": "2026-04-06", "after CNY": "2026-02-18", "Black Friday week": "2025-11-24",
    "singles' day": "2025-11-11", "since 1 March": "2025-03-01", "last summer": "2024-06-01", "今天": "2025-06-04",
    "明天": "2025-06-05", "下周五": "2025-06-13", "上周五": "2025-05-30", "周五": "2025-06-06", "周末": "2025-06-07",
    "3月1日": "2026-03-01", "十一月三号": "2025-11-03", "2025年7月1日": "2025-07-01", "12号": "2025-06-12",
    "从3月1号": "2026-03-01", "9月中旬": "2025-09-11", "3月底前": "2026-03-31", "月底": "2025-06-30", "下月底": "2025-07-31",
    "年底": "2025-12-31", "两周后": "2025-06-18", "三天前": "2025-06-01", "10天内": "2025-06-14", "春节": "2026-02-17",
    "春节前": "2026-02-16", "春节前两周": "2026-02-03", "今年春节": "2025-01-29", "去年双十一": "2024-11-11",
    "双十一": "2025-11-11", "618": "2025-06-18", "中秋": "2025-10-06", "国庆之前": "2025-09-30", "端午": "2026-06-19",
    "清明": "2026-04-05", "元宵节": "2026-03-03", "下个月": "2025-07-01",
}  # fmt: skip
PAST = {
    "1 March": "2025-03-01", "December": "2024-12-01", "the 12th": "2025-05-12", "Friday": "2025-05-30",
    "today": "2025-06-04", "Easter": "2025-04-20", "春节": "2025-01-29", "双十一": "2024-11-11", "Whitsun": "2024-05-19",
    "Wednesday": "2025-06-04",
}  # fmt: skip
PERIODS = {
    "last quarter": ("2025-01-01", "2025-03-31"), "Q1": ("2025-01-01", "2025-03-31"), "Q3": ("2024-07-01", "2024-09-30"),
    "Q3 2023": ("2023-07-01", "2023-09-30"), "last month": ("2025-05-01", "2025-05-31"),
    "last week's": ("2025-05-26", "2025-06-01"), "past 6 weeks": ("2025-04-23", "2025-06-03"),
    "last 30 days": ("2025-05-05", "2025-06-03"), "2024": ("2024-01-01", "2024-12-31"),
    "the second half of last year": ("2024-07-01", "2024-12-31"), "year to date": ("2025-01-01", "2025-06-03"),
    "March to May": ("2025-03-01", "2025-05-31"), "10-24 Feb": ("2025-02-10", "2025-02-24"),
    "since 1 March": ("2025-03-01", "2025-06-03"), "between Easter and Whitsun": ("2025-04-20", "2025-06-08"),
    "next 4 weeks": ("2025-06-04", "2025-07-01"), "until end of July": ("2025-06-04", "2025-07-31"),
    "November to February": ("2024-11-01", "2025-02-28"), "上个月": ("2025-05-01", "2025-05-31"),
    "上个季度": ("2025-01-01", "2025-03-31"), "最近30天": ("2025-05-05", "2025-06-03"),
    "去年下半年": ("2024-07-01", "2024-12-31"), "今年以来": ("2025-01-01", "2025-06-03"),
    "2024年第三季度": ("2024-07-01", "2024-09-30"), "3月1日到4月15日": ("2025-03-01", "2025-04-15"),
    "2月10日至24日": ("2025-02-10", "2025-02-24"), "未来两周": ("2025-06-04", "2025-06-17"),
}  # fmt: skip
DURATIONS = {
    "two weeks": 14, "6 weeks": 42, "a quarter": 90, "next month": 30, "三周": 21, "半年": 182, "30天": 30,
    "for the next 4 weeks": 28, "一个半月": 45, "12 months": 365, "fortnight": 14, "下个月": 30, "10-day": 10, "soon": None,
    "": None, "0 days": None, "March": None,
}  # fmt: skip


@pytest.mark.parametrize(("phrase", "expected"), FUTURE.items())
def test_a_phrase_names_the_nearest_day_ahead(phrase: str, expected: str) -> None:
    """A phrase without a year means the nearest such day that is not before today."""
    assert resolve_day(phrase, TODAY).isoformat() == expected


@pytest.mark.parametrize(("phrase", "expected"), PAST.items())
def test_past_fields_look_behind(phrase: str, expected: str) -> None:
    """With prefer="past" the same phrase means the latest such day that has begun."""
    assert resolve_day(phrase, TODAY, prefer="past").isoformat() == expected


@pytest.mark.parametrize(
    ("phrase", "expected"), [("March", "2026-03-31"), ("Q3", "2025-09-30"), ("9月中旬", "2025-09-20"), ("summer", "2025-08-31")]
)
def test_last_takes_the_end_of_a_span(phrase: str, expected: str) -> None:
    """last=True gives the last day of what is longer than a day."""
    assert resolve_day(phrase, TODAY, last=True).isoformat() == expected


@pytest.mark.parametrize(("phrase", "expected"), PERIODS.items())
def test_a_period_has_both_ends(phrase: str, expected: tuple[str, str]) -> None:
    """A period phrase gives its first and last day, in history unless it says otherwise."""
    first, last = resolve_period(phrase, TODAY)

    assert (first.isoformat(), last.isoformat()) == expected


@pytest.mark.parametrize(("text", "expected"), DURATIONS.items())
def test_a_length_of_time_is_counted_in_days(text: str, expected: int | None) -> None:
    """A length of time becomes days; what names none becomes None."""
    assert duration_days(text) == expected


@pytest.mark.parametrize(
    "phrase", ["foo", "", "   ", "32 May", "99999 years ago", "Q5", "31/13", "before foo", "the 40th", "9999-99-99"]
)
def test_an_unknown_phrase_is_named_with_examples(phrase: str) -> None:
    """What cannot be read is an InputError that quotes the phrase, names the field, and shows what is understood."""
    with pytest.raises(InputError, match="end of November") as error:
        resolve_day(phrase, TODAY, field="clear_by")

    assert repr(phrase) in str(error.value)
    assert error.value.field == "clear_by"


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    """A range given backwards is an input error, not an empty period."""
    with pytest.raises(InputError, match="before it begins"):
        resolve_period("2025-05-01 to 2025-04-01", TODAY)


@given(day=st.dates(date(2010, 1, 1), date(2090, 12, 31)), today=st.dates(date(2010, 1, 1), date(2090, 12, 31)))
@settings(max_examples=100, deadline=None)
def test_an_iso_date_is_itself(day: date, today: date) -> None:
    """A full date means itself, whatever today is, in every way of writing it."""
    written = (day.isoformat(), f"{day:%d/%m/%Y}", f"{day.day} {day:%B} {day.year}", f"{day.year}年{day.month}月{day.day}日")

    assert {resolve_day(text, today) for text in written} == {day}


@given(
    today=st.dates(date(2010, 1, 1), date(2090, 12, 31)),
    phrase=st.sampled_from(["3 March", "Friday", "the 12th", "Easter", "中秋", "Q2"]),
)
@settings(max_examples=150, deadline=None)
def test_future_and_past_lie_on_their_sides(today: date, phrase: str) -> None:
    """The future reading is not over before today; the past reading has begun by today."""
    assert resolve_day(phrase, today, last=True) >= today
    assert resolve_day(phrase, today, prefer="past") <= today


@given(today=st.dates(date(2010, 1, 1), date(2090, 12, 31)), weeks=st.integers(1, 60))
@settings(max_examples=50, deadline=None)
def test_rolling_periods_have_the_length_they_say(today: date, weeks: int) -> None:
    """The period "past n weeks" ends yesterday and holds 7 n days."""
    first, last = resolve_period(f"past {weeks} weeks", today)

    assert last == today - timedelta(days=1)
    assert (last - first).days + 1 == 7 * weeks


@given(phrase=st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(phrase: str) -> None:
    """No text makes the reader fail in any way but InputError."""
    with contextlib.suppress(InputError):
        assert isinstance(resolve_day(phrase, TODAY), date)


def test_the_examples_in_the_docstrings_hold() -> None:
    """Every doctest of the calendar gives what it prints."""
    assert sum(doctest.testmod(module).failed for module in (calendar, _calendar_words)) == 0

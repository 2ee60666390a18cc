"""Holidays and shopping days, against dates that almanacs print."""

import re
import time
from datetime import date

import pytest

from parstock.errors import InputError
from parstock.special_days import SpecialDay, check_countries, country_code, special_days

COUNTRIES = ("GB", "US", "CN", "DE", "FR", "IE", "HK", "JP", "NL")
KNOWN = {
    "GB": {
        "2025-03-30": "Mothering Sunday", "2025-04-20": "Easter Sunday", "2025-04-21": "Easter Monday",
        "2025-08-25": "Late Summer Bank Holiday", "2025-11-28": "Black Friday", "2025-12-01": "Cyber Monday",
        "2025-12-26": "Boxing Day", "2022-12-27": "Christmas Day (observed)", "2026-03-15": "Mothering Sunday",
    },
    "US": {
        "2025-05-11": "Mother's Day", "2025-06-19": "Juneteenth National Independence Day", "2025-11-27": "Thanksgiving Day",
        "2025-11-28": "Black Friday", "2021-12-31": "New Year's Day (observed)", "2016-03-27": "Easter Sunday",
    },
    "CN": {
        "2024-02-09": "Chinese New Year's Eve", "2024-02-10": "Chinese New Year", "2025-01-29": "Chinese New Year",
        "2026-02-17": "Chinese New Year", "2025-02-12": "Lantern Festival", "2025-05-31": "Dragon Boat Festival",
        "2024-06-10": "Dragon Boat Festival", "2025-10-06": "Mid-Autumn Festival", "2024-09-17": "Mid-Autumn Festival",
        "2024-08-10": "Qixi Festival", "2025-08-29": "Qixi Festival", "2026-08-19": "Qixi Festival", "2025-06-18": "618",
        "2025-11-11": "Singles' Day", "2025-12-12": "Double 12", "2025-04-04": "Tomb-Sweeping Day",
    },
    "DE": {"2025-05-11": "Mother's Day", "2025-06-09": "Pentecost Monday", "2025-10-03": "German Unity Day"},
    "FR": {"2025-05-25": "Mother's Day", "2020-06-07": "Mother's Day", "2025-07-14": "National Day"},
    "IE": {"2025-03-30": "Mothering Sunday", "2025-02-03": "Saint Brigid's Day", "2025-12-26": "Saint Stephen's Day"},
    "HK": {"2025-01-29": "Chinese New Year", "2025-04-18": "Good Friday", "2025-10-29": "Double Ninth Festival"},
    "JP": {"2025-03-14": "White Day", "2025-05-11": "Mother's Day", "2025-11-23": "Labor Thanksgiving Day"},
}  # fmt: skip


def _on(country: str, day: str) -> dict[str, SpecialDay]:
    when = date.fromisoformat(day)
    return {special.name_en: special for special in special_days((country,), when, when)}


@pytest.mark.parametrize(
    ("country", "day", "name"), [(country, day, name) for country, days in KNOWN.items() for day, name in days.items()]
)
def test_known_days_fall_where_almanacs_have_them(country: str, day: str, name: str) -> None:
    """Public holidays, lunar festivals, movable feasts and shopping days are on their days."""
    assert name in _on(country, day)


@pytest.mark.parametrize(
    ("country", "day"),
    [("US", "2025-03-30"), ("FR", "2025-05-11"), ("DE", "2025-06-15"), ("CN", "2025-11-28"), ("GB", "2025-11-11")],
)
def test_a_country_has_no_days_of_others(country: str, day: str) -> None:
    """Mother's and Father's Day differ by country; China has no Black Friday, Britain no Singles' Day."""
    assert not {special.kind for special in _on(country, day).values()} & {"shopping"}


@pytest.mark.parametrize("country", COUNTRIES)
def test_no_name_stands_twice_on_a_day(country: str) -> None:
    """What is both a holiday and a shopping day is a holiday; days come in order."""
    days = special_days((country,), date(2018, 1, 1), date(2032, 12, 31))

    assert len({(special.day, special.name_en) for special in days}) == len(days)
    assert list(days) == sorted(days)


def test_a_holiday_somewhere_is_no_shopping_day_besides() -> None:
    """Christmas Day is a holiday in Britain and a shopping day in China; for a shop in both it is one day."""
    christmas = date(2025, 12, 25)

    assert [day.kind for day in special_days(("CN",), christmas, christmas)] == ["shopping"]
    assert [(day.kind, day.name_en) for day in special_days(("CN", "GB"), christmas, christmas)] == [("holiday", "Christmas Day")]


@pytest.mark.parametrize("country", COUNTRIES)
def test_common_days_have_chinese_names(country: str) -> None:
    """No day of these countries keeps a name in Latin letters, save numbers such as 618."""
    days = special_days((country,), date(2019, 1, 1), date(2032, 12, 31))

    assert {day.name_zh for day in days if re.search("[A-Za-z]", day.name_zh)} == set()


def test_chinese_names_are_those_of_the_days() -> None:
    """A name is looked up whole: New Year is not Chinese New Year, and a day moved to Monday says so."""
    assert _on("HK", "2025-01-29")["Chinese New Year"].name_zh == "春节"
    assert _on("US", "2025-06-19")["Juneteenth National Independence Day"].name_zh == "六月节"
    assert _on("GB", "2022-12-27")["Christmas Day (observed)"].name_zh == "圣诞节补假"
    assert _on("HK", "2021-04-05")["The day following Tomb-Sweeping Day"].name_zh == "清明节次日"


def test_a_span_is_cut_at_both_ends() -> None:
    """Only days of the span are given, over the turn of a year too."""
    days = special_days(("GB",), date(2025, 12, 26), date(2026, 1, 1))

    assert [(day.day.isoformat(), day.name_en) for day in days] == [
        ("2025-12-26", "Boxing Day"),
        ("2025-12-31", "New Year's Eve"),
        ("2026-01-01", "New Year's Day"),
    ]
    assert special_days((), date(2025, 1, 1), date(2025, 12, 31)) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [("GB", "GB"), (" uk ", "GB"), ("GBR", "GB"), ("United Kingdom", "GB"), ("England", "GB"), ("英国", "GB"),
     ("Hong Kong", "HK"), ("netherlands", "NL"), ("荷兰", "NL"), ("China", "CN"), ("USA", "US"), ("", None), ("Narnia", None)],
)  # fmt: skip
def test_countries_are_known_by_code_and_by_name(text: str, code: str | None) -> None:
    """Codes of two and three letters and names in English and Chinese give the ISO code."""
    assert country_code(text) == code


def test_an_unknown_country_is_refused() -> None:
    """The message names the value and what would be right."""
    assert check_countries(["uk", "GB", "cn"]) == ("GB", "CN")
    with pytest.raises(InputError, match=r"'XX' is not known.*'GB'") as caught:
        special_days(("GB", "XX"), date(2025, 1, 1), date(2025, 1, 2))
    assert caught.value.field == "countries"


def test_days_are_found_once() -> None:
    """Spans that overlap share the days of their years, so that a backtest of many origins costs next to nothing."""
    special_days(COUNTRIES, date(2022, 1, 1), date(2026, 12, 31))
    begun = time.process_time()
    for month in range(1, 13):
        special_days(COUNTRIES, date(2023, month, 1), date(2025, month, 1))
    assert time.process_time() - begun < 0.2

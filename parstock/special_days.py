"""Holidays and shopping days by country: which days of the year people buy differently. Never looks at a clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

from parstock._calendar_festivals import FESTIVALS
from parstock.errors import InputError

DayKind: TypeAlias = Literal["holiday", "shopping"]

_EVERYWHERE = ("valentine", "christmas eve", "new year eve")
_WEST = ("black friday", "cyber monday", "halloween")
_CHINA = ("520", "618", "singles day", "double 12", "教师节", "元宵", "cny", "除夕")
_SHOPPING: dict[str, tuple[str, ...]] = {
    "CN": _CHINA,
    "HK": (*_WEST, *_CHINA),
    "TW": (*_WEST, *_CHINA),
    "SG": (*_WEST, "singles day", "double 12"),
    "GB": (*_WEST, "mothering sunday", "fathers day", "shrove tuesday"),
    "IE": (*_WEST, "mothering sunday", "fathers day"),
}
"""Shopping days by country, by their names in the calendar; countries not named have those of the west."""
_OTHER = (*_WEST, "母亲节", "fathers day")
_NAMES: dict[str, tuple[str, str]] = {
    "valentine": ("Valentine's Day", "情人节"),
    "christmas eve": ("Christmas Eve", "平安夜"),
    "new year eve": ("New Year's Eve", "跨年夜"),
    "black friday": ("Black Friday", "黑色星期五"),
    "cyber monday": ("Cyber Monday", "网络星期一"),
    "halloween": ("Halloween", "万圣节"),
    "520": ("520", "520"),
    "618": ("618", "618"),
    "singles day": ("Singles' Day", "双十一"),
    "double 12": ("Double 12", "双十二"),
    "教师节": ("Teachers' Day", "教师节"),
    "元宵": ("Lantern Festival", "元宵节"),
    "cny": ("Chinese New Year", "春节"),
    "除夕": ("Chinese New Year's Eve", "除夕"),
    "mothering sunday": ("Mothering Sunday", "英国母亲节"),
    "fathers day": ("Father's Day", "父亲节"),
    "shrove tuesday": ("Shrove Tuesday", "忏悔星期二"),
    "母亲节": ("Mother's Day", "母亲节"),
}
_CHINESE: dict[str, str] = {
    "Day off": "调休",
    "Chinese New Year's Eve": "除夕",
    "Spring Festival": "春节",
    "New Year": "元旦",
    "Good Friday": "耶稣受难日",
    "Easter": "复活节",
    "Christmas": "圣诞节",
    "Boxing Day": "节礼日",
    "Thanksgiving": "感恩节",
    "Independence Day": "独立日",
    "Labor Day": "劳动节",
    "Memorial Day": "阵亡将士纪念日",
    "Tomb-Sweeping": "清明节",
    "Dragon Boat": "端午节",
    "Mid-Autumn": "中秋节",
    "National Day": "国庆节",
    "May Day": "五一假期",
    "Bank Holiday": "公共假日",
}
"""Chinese names of public holidays by a part of the English one; others keep the English name."""


@dataclass(frozen=True, slots=True, order=True)
class SpecialDay:
    """One day that people buy differently on."""

    day: date
    kind: DayKind
    name_en: str
    name_zh: str


@lru_cache(maxsize=256)
def special_days(countries: tuple[str, ...], first: date, last: date) -> tuple[SpecialDay, ...]:
    """Return the public holidays and shopping days of some countries, in order.

    Args:
        countries: ISO codes of two letters.
        first: First day.
        last: Last day, included.

    Raises:
        InputError: A country is not known.

    >>> [day.name_en for day in special_days(("GB",), date(2025, 12, 24), date(2025, 12, 26))]
    ['Christmas Eve', 'Christmas Day', 'Boxing Day']
    """
    years = range(first.year, last.year + 1)
    found = {day for country in countries for day in (*_public(country, years), *_shopping(country, years))}
    return tuple(sorted(day for day in found if first <= day.day <= last))


def check_countries(countries: Sequence[str]) -> tuple[str, ...]:
    """Return the codes in capitals.

    Raises:
        InputError: A country is not known.
    """
    import holidays

    known = holidays.list_supported_countries()
    chosen = tuple(code.strip().upper() for code in countries if code.strip())
    for code in chosen:
        if code not in known:
            message = f"country {code!r} is not known; give ISO codes of two letters such as 'GB', 'US', 'CN'"
            raise InputError(message, field="countries")
    return chosen


def _public(country: str, years: range) -> Iterator[SpecialDay]:
    import holidays

    try:
        found = holidays.country_holidays(country, years=years, language="en_US")
    except NotImplementedError as error:
        message = f"country {country!r} is not known; give ISO codes of two letters such as 'GB', 'US', 'CN'"
        raise InputError(message, field="countries") from error
    for day, names in found.items():
        name = str(names).split("; ")[0]
        chinese = next((zh for part, zh in _CHINESE.items() if part in name), name)
        yield SpecialDay(day, "holiday", name, chinese)


def _shopping(country: str, years: range) -> Iterator[SpecialDay]:
    for name in (*_EVERYWHERE, *_SHOPPING.get(country, _OTHER)):
        for year in years:
            day = FESTIVALS[name](year)
            if day is not None:
                yield SpecialDay(day, "shopping", *_NAMES[name])

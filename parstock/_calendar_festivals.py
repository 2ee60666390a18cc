"""Festivals and shopping days by name, English and Chinese: name -> the day in a year."""

import math
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import TypeAlias

DayOfYear: TypeAlias = Callable[[int], date | None]


def _fixed(month: int, day: int, year: int) -> date:
    return date(year, month, day)


def _nth_weekday(month: int, weekday: int, nth: int, offset_days: int, year: int) -> date:
    """The nth (1 = first, -1 = last) weekday of the month, moved by some days."""
    if nth > 0:
        first = date(year, month, 1)
        day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    else:
        end = date(year, month + 1, 1) - timedelta(days=1)
        day = end - timedelta(days=(end.weekday() - weekday) % 7)
    return day + timedelta(days=offset_days)


@lru_cache(maxsize=512)
def _national(country: str, name: str, year: int) -> date | None:
    """First day of that name among the country's public holidays, as they fall (not as moved to a working day)."""
    import holidays

    found = holidays.country_holidays(country, years=year, observed=False, language="en_US").get_named(name)
    return min(found) if found else None


def _easter(offset_days: int, year: int) -> date | None:
    good_friday = _national("GB", "Good Friday", year)
    return good_friday and good_friday + timedelta(days=2 + offset_days)


def _lunar(name: str, offset_days: int, year: int) -> date | None:
    day = _national("CN", name, year)
    return day and day + timedelta(days=offset_days)


def _mothers_day_in_france(year: int) -> date | None:
    """Last Sunday of May; the first of June where that is Pentecost (Code de l'action sociale et des familles, D215-1)."""
    day, pentecost = _nth_weekday(5, 6, -1, 0, year), _easter(49, year)
    return day + timedelta(days=7) if day == pentecost else day


def _qixi(year: int) -> date | None:
    """Seventh day of the seventh lunar month, counted from the new moon before the month of Mid-Autumn.

    None before 2008, when Mid-Autumn became a public holiday, and from 2044 on, which has the seventh month twice.
    """
    mid_autumn = _national("CN", "Mid-Autumn", year)
    if mid_autumn is None or year >= 2044:
        return None
    eighth_month = mid_autumn - timedelta(days=14)
    latest = round((eighth_month - date(2000, 1, 7)).days / _LUNATION)
    return _new_moon_in_china(latest - 1) + timedelta(days=6)


_LUNATION = 29.530588861
"""Mean days from new moon to new moon."""


def _new_moon_in_china(lunation: int) -> date:
    """Day of a new moon by Chinese time, exact to some ten minutes; lunation 0 is that of January 2000.

    Source: Meeus, Astronomical Algorithms, 2nd edition, chapter 49, the terms above 0.001 days.
    """
    sun = math.radians(2.5534 + 29.10535670 * lunation)
    moon = math.radians(201.5643 + 385.81693528 * lunation)
    latitude = math.radians(160.7108 + 390.67050284 * lunation)
    terms = [(-0.40720, moon), (0.17241, sun), (0.01608, 2 * moon), (0.01039, 2 * latitude), (0.00739, moon - sun)]
    terms += [(-0.00514, moon + sun), (0.00208, 2 * sun), (-0.00111, moon - 2 * latitude)]
    days = 5.59766 + _LUNATION * lunation + sum(size * math.sin(angle) for size, angle in terms)  # after 1 January 2000, 0 h
    return date(2000, 1, 1) + timedelta(days=math.floor(days + 8 / 24))


_NEW_YEAR = "Chinese New Year (Spring Festival)"
_RULES: tuple[tuple[str, DayOfYear], ...] = (
    ("new year|new year day|元旦", partial(_fixed, 1, 1)),
    ("valentine|valentine day|valentines|valentines day|情人节", partial(_fixed, 2, 14)),
    ("white day|白色情人节", partial(_fixed, 3, 14)),
    ("women day|international women day|妇女节|三八|三八节|女神节", partial(_fixed, 3, 8)),
    ("st patrick day|st patricks day|st. patrick day", partial(_fixed, 3, 17)),
    ("劳动节|五一|may day", partial(_fixed, 5, 1)),
    ("520", partial(_fixed, 5, 20)),
    ("children day|儿童节|六一", partial(_fixed, 6, 1)),
    ("618|六一八", partial(_fixed, 6, 18)),
    ("independence day|4th of july|fourth of july", partial(_fixed, 7, 4)),
    ("教师节", partial(_fixed, 9, 10)),
    ("国庆|国庆节|十一国庆|chinese national day", partial(_fixed, 10, 1)),
    ("halloween|万圣节", partial(_fixed, 10, 31)),
    ("bonfire night|guy fawkes night", partial(_fixed, 11, 5)),
    ("singles day|single day|double 11|double eleven|11.11|双十一|双11|光棍节", partial(_fixed, 11, 11)),
    ("double 12|double twelve|12.12|双十二|双12", partial(_fixed, 12, 12)),
    ("sinterklaas", partial(_fixed, 12, 5)),
    ("christmas eve|xmas eve|平安夜", partial(_fixed, 12, 24)),
    ("christmas|christmas day|xmas|圣诞|圣诞节", partial(_fixed, 12, 25)),
    ("boxing day|节礼日", partial(_fixed, 12, 26)),
    ("new year eve|nye|跨年|跨年夜", partial(_fixed, 12, 31)),
    ("early may bank holiday", partial(_nth_weekday, 5, 0, 1, 0)),
    ("mothering sunday|mother day|mothers day", partial(_easter, -21)),
    ("母亲节", partial(_nth_weekday, 5, 6, 2, 0)),
    ("fête des mères", _mothers_day_in_france),
    ("spring bank holiday", partial(_nth_weekday, 5, 0, -1, 0)),
    ("father day|fathers day|父亲节", partial(_nth_weekday, 6, 6, 3, 0)),
    ("summer bank holiday|august bank holiday", partial(_nth_weekday, 8, 0, -1, 0)),
    ("thanksgiving|thanksgiving day|感恩节", partial(_nth_weekday, 11, 3, 4, 0)),
    ("black friday|黑五|黑色星期五", partial(_nth_weekday, 11, 3, 4, 1)),
    ("cyber monday|网络星期一", partial(_nth_weekday, 11, 3, 4, 4)),
    ("shrove tuesday|pancake day", partial(_easter, -47)),
    ("good friday|耶稣受难日", partial(_easter, -2)),
    ("easter|easter sunday|复活节", partial(_easter, 0)),
    ("easter monday", partial(_easter, 1)),
    ("whitsun|whit sunday|pentecost|五旬节|圣灵降临节", partial(_easter, 49)),
    ("whit monday", partial(_easter, 50)),
    ("除夕|大年三十|chinese new year eve|lunar new year eve", partial(_lunar, _NEW_YEAR, -1)),
    ("cny|chinese new year|lunar new year|spring festival|春节|农历新年|过年|大年初一", partial(_lunar, _NEW_YEAR, 0)),
    ("元宵|元宵节|lantern festival", partial(_lunar, _NEW_YEAR, 14)),
    ("清明|清明节|qingming|tomb sweeping day|tomb-sweeping day", partial(_lunar, "Tomb-Sweeping Day", 0)),
    ("端午|端午节|dragon boat festival|dragon boat", partial(_lunar, "Dragon Boat Festival", 0)),
    ("七夕|七夕节|qixi|qixi festival", _qixi),
    ("中秋|中秋节|mid-autumn|mid autumn|mid-autumn festival|mid autumn festival|moon festival", partial(_lunar, "Mid-Autumn", 0)),
)
FESTIVALS: dict[str, DayOfYear] = {name: rule for names, rule in _RULES for name in names.split("|")}
"""Name in lower case without "'s" -> the day in a given year, None where it is not known."""

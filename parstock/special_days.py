"""Holidays and shopping days by country: which days of the year people buy differently. Never looks at a clock."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

from parstock._calendar_festivals import FESTIVALS
from parstock.errors import InputError

DayKind: TypeAlias = Literal["holiday", "shopping"]

_EVERYWHERE = ("valentine", "christmas eve", "christmas", "new year eve")
_WEST = ("easter", "halloween", "black friday", "cyber monday")
_PARENTS = ("母亲节", "父亲节")
_NEW_YEAR = ("除夕", "cny", "元宵")
_SALES = ("618", "singles day", "double 12")
_SHOPPING: Mapping[str, tuple[str, ...]] = {
    "CN": ("妇女节", "520", "儿童节", "七夕", "教师节", *_PARENTS, *_NEW_YEAR, *_SALES),
    "HK": (*_WEST, *_PARENTS, *_NEW_YEAR, *_SALES),
    "MO": (*_WEST, *_PARENTS, *_NEW_YEAR, *_SALES),
    "TW": (*_WEST, "母亲节", "七夕", *_NEW_YEAR, *_SALES),
    "SG": (*_WEST, *_PARENTS, *_NEW_YEAR, *_SALES),
    "MY": (*_WEST, *_PARENTS, *_NEW_YEAR, *_SALES),
    "JP": ("white day", "halloween", "black friday", "cyber monday", *_PARENTS),
    "GB": (*_WEST, "shrove tuesday", "mothering sunday", "父亲节"),
    "IE": (*_WEST, "shrove tuesday", "mothering sunday", "父亲节"),
    "FR": (*_WEST, "fête des mères", "父亲节"),
    "DE": (*_WEST, "母亲节"),  # its Father's Day is Ascension Day, a public holiday
    "NL": (*_WEST, *_PARENTS, "sinterklaas"),
}
"""Shopping days by country, by their names in the calendar; countries not named have `_OTHER`."""
_OTHER = (*_WEST, *_PARENTS)
_NAMES: Mapping[str, tuple[str, str]] = {
    "valentine": ("Valentine's Day", "情人节"),
    "christmas eve": ("Christmas Eve", "平安夜"),
    "christmas": ("Christmas Day", "圣诞节"),
    "new year eve": ("New Year's Eve", "跨年夜"),
    "easter": ("Easter Sunday", "复活节"),
    "halloween": ("Halloween", "万圣节"),
    "black friday": ("Black Friday", "黑色星期五"),
    "cyber monday": ("Cyber Monday", "网络星期一"),
    "妇女节": ("Women's Day", "妇女节"),
    "520": ("520", "520"),
    "儿童节": ("Children's Day", "儿童节"),
    "七夕": ("Qixi Festival", "七夕节"),
    "教师节": ("Teachers' Day", "教师节"),
    "母亲节": ("Mother's Day", "母亲节"),
    "父亲节": ("Father's Day", "父亲节"),
    "除夕": ("Chinese New Year's Eve", "除夕"),
    "cny": ("Chinese New Year", "春节"),
    "元宵": ("Lantern Festival", "元宵节"),
    "618": ("618", "618"),
    "singles day": ("Singles' Day", "双十一"),
    "double 12": ("Double 12", "双十二"),
    "white day": ("White Day", "白色情人节"),
    "shrove tuesday": ("Shrove Tuesday", "忏悔星期二"),
    "mothering sunday": ("Mothering Sunday", "英国母亲节"),
    "fête des mères": ("Mother's Day", "母亲节"),
    "sinterklaas": ("Sinterklaas", "荷兰圣尼古拉斯节"),
}
_CHINESE: Mapping[str, str] = {
    "All Saints' Day": "诸圣节",
    "Armistice Day": "一战停战日",
    "Ascension Day": "耶稣升天节",
    "Assumption Day": "圣母升天节",
    "August Bank Holiday": "八月公共假日",
    "Autumnal Equinox Day": "秋分日",
    "Boxing Day": "节礼日",
    "Children's Day": "儿童节",
    "Chinese New Year": "春节",
    "Chinese New Year's Eve": "除夕",
    "Chinese New Year Extended Holiday": "春节延长假期",
    "Christmas Day": "圣诞节",
    "Columbus Day": "哥伦布日",
    "Coming of Age Day": "成人节",
    "Constitution Day": "宪法纪念日",
    "Coronation of Charles III": "查尔斯三世加冕日",
    "Culture Day": "文化日",
    "Day of Remembrance and Recognition": "纪念与致谢日",
    "Day off": "调休",
    "Double Ninth Festival": "重阳节",
    "Dragon Boat Festival": "端午节",
    "Easter Monday": "复活节星期一",
    "Easter Sunday": "复活节",
    "Emperor's Birthday": "天皇诞生日",
    "Emperor's Enthronement Day": "天皇即位日",
    "Foundation Day": "建国纪念日",
    "German Unity Day": "德国统一日",
    "Good Friday": "耶稣受难日",
    "Greenery Day": "绿之日",
    "Hong Kong S.A.R. Establishment Day": "香港特区成立纪念日",
    "Independence Day": "独立日",
    "June Bank Holiday": "六月公共假日",
    "Juneteenth National Independence Day": "六月节",
    "King's Day": "国王节",
    "Labor Day": "劳动节",
    "Labor Thanksgiving Day": "勤劳感谢日",
    "Late Summer Bank Holiday": "夏末公共假日",
    "Liberation Day": "解放日",
    "Marine Day": "海之日",
    "Martin Luther King Jr. Day": "马丁·路德·金纪念日",
    "May Bank Holiday": "五月公共假日",
    "May Day": "五一公共假日",
    "Memorial Day": "阵亡将士纪念日",
    "Mid-Autumn Festival": "中秋节",
    "Mountain Day": "山之日",
    "National Day": "国庆节",
    "National Holiday": "国民休日",
    "New Year's Day": "元旦",
    "October Bank Holiday": "十月公共假日",
    "Pentecost": "五旬节",
    "Pentecost Monday": "五旬节星期一",
    "Physical Education Day": "体育日",
    "Platinum Jubilee of Elizabeth II": "伊丽莎白二世登基七十周年",
    "Respect for the Aged Day": "敬老日",
    "Saint Brigid's Day": "圣布里吉德节",
    "Saint Patrick's Day": "圣帕特里克节",
    "Saint Stephen's Day": "圣斯德望日",
    "Second Day of Christmas": "圣诞节次日",
    "Showa Day": "昭和日",
    "Sports Day": "体育日",
    "Spring Bank Holiday": "春季公共假日",
    "State Funeral of Queen Elizabeth II": "伊丽莎白二世国葬日",
    "Substitute Holiday": "补休",
    "Thanksgiving Day": "感恩节",
    "The Buddha's Birthday": "佛诞",
    "The Second Day following Mid-Autumn Festival": "中秋节后第二日",
    "The first weekday after Christmas Day": "圣诞节后首个工作日",
    "The fourth day of Chinese New Year": "年初四",
    "The second weekday after Christmas Day": "圣诞节后第二个工作日",
    "The second day of Chinese New Year": "年初二",
    "The third day of Chinese New Year": "年初三",
    "Tomb-Sweeping Day": "清明节",
    "Vernal Equinox Day": "春分日",
    "Veterans Day": "退伍军人节",
    "Victory Day": "欧战胜利日",
    "Washington's Birthday": "总统日",
}
"""Public holidays in Chinese; one that is not here keeps its English name."""
_CHINESE_COUNTRIES: Mapping[str, str] = {
    "中国": "CN", "中国大陆": "CN", "香港": "HK", "中国香港": "HK", "澳门": "MO", "台湾": "TW", "英国": "GB", "美国": "US",
    "德国": "DE", "法国": "FR", "爱尔兰": "IE", "荷兰": "NL", "比利时": "BE", "西班牙": "ES", "意大利": "IT", "波兰": "PL",
    "奥地利": "AT", "瑞士": "CH", "瑞典": "SE", "丹麦": "DK", "挪威": "NO", "日本": "JP", "韩国": "KR", "新加坡": "SG",
    "马来西亚": "MY", "泰国": "TH", "越南": "VN", "印度": "IN", "澳大利亚": "AU", "新西兰": "NZ", "加拿大": "CA", "墨西哥": "MX",
}  # fmt: skip
_ENGLISH_COUNTRIES: Mapping[str, str] = {
    "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "united states of america": "US", "eire": "IE",
    "republic of ireland": "IE", "holland": "NL", "the netherlands": "NL", "czech republic": "CZ", "hong kong": "HK",
    "mainland china": "CN",
}  # fmt: skip
"""Names that the holidays library does not know a country by."""
_REGIONS: Mapping[str, str] = {"GB": "ENG"}
"""Where the holidays of all regions together leave out what most of the people have: Easter Monday, the summer bank holiday."""
_CATEGORIES: Mapping[str, tuple[str, ...]] = {"HK": ("public", "optional")}
"""Where shops go by more than the days that the law gives every employee: Hong Kong's general holidays."""
_MOVED = re.compile(r" \((?:observed|substituted).*\)$")
_FOLLOWING = re.compile(r"The [dD]ay following (.+)")


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

    A name stands once on a day: what is a public holiday somewhere is no shopping day besides.

    Args:
        countries: ISO codes of two letters, as `check_countries` gives them.
        first: First day.
        last: Last day, included.

    Raises:
        InputError: A country is not known.

    >>> [day.name_en for day in special_days(("GB",), date(2025, 12, 24), date(2025, 12, 26))]
    ['Christmas Eve', 'Christmas Day', 'Boxing Day']
    """
    found: dict[tuple[date, str], SpecialDay] = {}
    for country in check_countries(countries):
        for year in range(first.year, last.year + 1):
            for special in _of_year(country, year):
                key = (special.day, special.name_en)
                if first <= special.day <= last and (special.kind == "holiday" or key not in found):
                    found[key] = special
    return tuple(sorted(found.values()))


def check_countries(countries: Sequence[str]) -> tuple[str, ...]:
    """Return the ISO codes of some countries, each once.

    Args:
        countries: ISO codes of two or three letters, or names in English or Chinese.

    Raises:
        InputError: A country is not known.

    >>> check_countries(["gb", "UK", "中国"])
    ('GB', 'CN')
    """
    codes = []
    for text in countries:
        code = country_code(text)
        if code is None:
            message = f"country {text!r} is not known; give ISO codes of two letters such as 'GB', 'US', 'CN'"
            raise InputError(message, field="countries")
        codes.append(code)
    return tuple(dict.fromkeys(codes))


def country_code(text: str) -> str | None:
    """Return the ISO code of a country by its code or name, None where it is not known.

    >>> country_code("United Kingdom"), country_code("荷兰"), country_code("Atlantis")
    ('GB', 'NL', None)
    """
    name = " ".join(text.split()).casefold()
    return _codes().get(name) if name else None


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, str]:
    """What countries are called, in lower case -> ISO code."""
    from holidays.registry import COUNTRIES

    known = {**_CHINESE_COUNTRIES, **_ENGLISH_COUNTRIES}
    for name, (_, code, *others) in COUNTRIES.items():
        known |= {called.casefold(): code for called in (name.replace("_", " "), code, *others)}
    return known


@lru_cache(maxsize=1024)
def _of_year(country: str, year: int) -> tuple[SpecialDay, ...]:
    """The days of one country in one year; a public holiday before the shopping day of the same name."""
    return (*_public(country, year), *_shopping(country, year))


def _public(country: str, year: int) -> Iterator[SpecialDay]:
    import holidays

    found = holidays.country_holidays(
        country,
        years=year,
        language="en_US",
        subdiv=_REGIONS.get(country),
        categories=_CATEGORIES.get(country, ("public",)),
    )
    for day, names in sorted(found.items()):
        if day.year == year:  # some holidays fall into the year before
            yield SpecialDay(day, "holiday", *_named(str(names).split("; ")[0]))


def _named(said: str) -> tuple[str, str]:
    """A public holiday in English and Chinese; one that was moved to another day is said to be."""
    name = said.replace(" (Spring Festival)", "").replace(" (estimated)", "").replace(", estimated", "")
    kept = _MOVED.sub("", name)
    if kept in (name, "Day off"):
        return kept, _chinese(kept)
    return f"{kept} (observed)", f"{_chinese(kept)}补假"


def _chinese(name: str) -> str:
    if following := _FOLLOWING.fullmatch(name):
        return f"{_chinese(following[1][0].upper() + following[1][1:])}次日"
    return _CHINESE.get(name, name)


def _shopping(country: str, year: int) -> Iterator[SpecialDay]:
    for name in (*_EVERYWHERE, *_SHOPPING.get(country, _OTHER)):
        day = FESTIVALS[name](year)
        if day is not None:
            yield SpecialDay(day, "shopping", *_NAMES[name])

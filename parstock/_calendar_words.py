"""Words of dates and durations in English and Chinese, as tables. Knows nothing about any particular day."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["day", "week", "month", "quarter", "half", "year"]

MONTHS: dict[str, int] = {
    name: index
    for index, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
WEEKDAYS: dict[str, int] = {
    name: index
    for index, names in enumerate(
        (
            ("monday", "mon", "一"),
            ("tuesday", "tues", "tue", "二"),
            ("wednesday", "weds", "wed", "三"),
            ("thursday", "thurs", "thur", "thu", "四"),
            ("friday", "fri", "五"),
            ("saturday", "sat", "六"),
            ("sunday", "sun", "日", "天"),
        )
    )
    for name in names
}
SEASONS: dict[str, int] = {
    "spring": 3, "春天": 3, "春季": 3, "summer": 6, "夏天": 6, "夏季": 6,
    "autumn": 9, "fall": 9, "秋天": 9, "秋季": 9, "winter": 12, "冬天": 12, "冬季": 12,
}  # fmt: skip
"""Season -> its first month; three months each, as north of the equator."""
UNITS: dict[str, tuple[Unit, int]] = {
    "day": ("day", 1), "d": ("day", 1), "天": ("day", 1), "日": ("day", 1),
    "week": ("week", 1), "wk": ("week", 1), "w": ("week", 1), "周": ("week", 1), "星期": ("week", 1), "礼拜": ("week", 1),
    "fortnight": ("week", 2), "month": ("month", 1), "月": ("month", 1), "quarter": ("quarter", 1), "季度": ("quarter", 1),
    "季": ("quarter", 1), "half year": ("half", 1), "half-year": ("half", 1), "半年": ("half", 1),
    "year": ("year", 1), "yr": ("year", 1), "年": ("year", 1),
}  # fmt: skip
"""Unit word -> the unit and how many of it the word stands for."""
DAYS: dict[Unit, int] = {"day": 1, "week": 7, "month": 30, "quarter": 90, "half": 182, "year": 365}
"""Days that a unit stands for where no calendar date fixes them."""

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_NUMBER_WORDS: dict[str, float] = {
    word: float(value)
    for value, words in (
        (0.5, "half a"), (1, "a|an|one"), (2, "two|a couple of|couple of"), (3, "three"), (4, "four"), (5, "five"),
        (6, "six"), (7, "seven"), (8, "eight"), (9, "nine"), (10, "ten"), (11, "eleven"), (12, "twelve"), (14, "fourteen"),
        (15, "fifteen"), (18, "eighteen"), (20, "twenty"), (30, "thirty"), (40, "forty"), (45, "forty-five"),
        (50, "fifty"), (60, "sixty"), (90, "ninety"), (100, "a hundred"),
    )
    for word in words.split("|")
}  # fmt: skip
_AMOUNT_EN = re.compile(
    r"(?P<count>\d+(?:\.\d+)?|" + "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True)) + r")[\s-]*"
    r"(?P<unit>day|week|wk|fortnight|month|quarter|half[ -]year|year|yr|d|w)s?(?: time)?"
)
_AMOUNT_ZH = re.compile(
    r"(?P<count>\d+(?:\.\d+)?|[零一二三四五六七八九十两百]+)?个?(?P<half>半)?个?(?P<unit>天|日|周|星期|礼拜|月|季度|季|年)(?P<more>半)?"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A length of time as said: "two weeks", "三个月"."""

    count: float
    unit: Unit

    @property
    def days(self) -> int:
        """Whole days; months count 30, a quarter 90, half a year 182, a year (and 12 months) 365."""
        if self.unit == "month":
            years, months = divmod(self.count, 12)
            return round(years * DAYS["year"] + months * DAYS["month"])
        return int(self.count * DAYS[self.unit])


_WHOLE = {
    "半年": Amount(1.0, "half"),
    "half a year": Amount(1.0, "half"),
    "half year": Amount(1.0, "half"),
    "fortnight": Amount(2.0, "week"),
}
"""Amounts that need no number."""


def tidy(phrase: str) -> str:
    """Return the phrase in lower case, half-width, without stray punctuation and double spaces."""
    text = unicodedata.normalize("NFKC", phrase.replace("’", "'")).lower().strip(" \t\n.,;:!?。，；：！？\"'()")
    text = re.sub(r"[之以]([前后内])", r"\1", text)
    return re.sub(r"\s+", " ", re.sub(r"'s\b", "", text).replace("'", ""))


def number(text: str) -> float | None:
    """Return the value of digits, an English number word, or a Chinese numeral below 1,000; None where it is none.

    >>> number("6"), number("a couple of"), number("二十五"), number("many")
    (6.0, 2.0, 25.0, None)
    """
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if text in _NUMBER_WORDS:
        return _NUMBER_WORDS[text]
    if not text or any(char not in _DIGITS and char not in "十百" for char in text):
        return None
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return float(total + digit)


def amount(text: str) -> Amount | None:
    """Return the length of time that the whole text names, or None.

    >>> amount("two weeks"), amount("一个半月")
    (Amount(count=2.0, unit='week'), Amount(count=1.5, unit='month'))
    """
    text = text.strip()
    if text in _WHOLE:
        return _WHOLE[text]
    if match := _AMOUNT_EN.fullmatch(text):
        count = number(match["count"])
    elif (match := _AMOUNT_ZH.fullmatch(text)) and (match["count"] or match["half"]):
        whole = number(match["count"]) if match["count"] else 0.0
        count = None if whole is None else whole + 0.5 * bool(match["half"] or match["more"])
    else:
        return None
    if count is None:
        return None
    unit, times = UNITS[match["unit"]]
    return Amount(count * times, unit)

"""How values are said: one table of patterns for each kind of value, English and Chinese. Earlier rules win."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from agent.embedded.numerals import ENGLISH, FIGURES, HAN, english_number, figures, han_number, number

Reader: TypeAlias = Callable[[re.Match[str]], float]


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to say a value."""

    pattern: re.Pattern[str]
    read: Reader
    """Value of a match."""


def _rule(pattern: str, read: Reader) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), read)


def _words(value: float, english: str, han: str) -> Rule:
    """Words that always mean the same value."""
    return _rule(rf"\b(?:{english})\b|{han}", lambda _: float(value))


_START = r"(?<![A-Za-z0-9_.\-/])"
"""A number does not begin inside a code, a date or a fraction."""
_HAN_START = r"(?<![A-Za-z\d.])"
"""The same before a Chinese unit, which no code has: 2-3天 ends in three days."""

# Percent, as points: 20 % is 20, "doubles" is 100 more.

PERCENT = (
    _rule(rf"({FIGURES})\s?(?:%|percent\b|per cent\b|pct\b|个?百分点)", lambda m: figures(m[1])),
    _rule(rf"\b({ENGLISH})\s(?:percent|per cent)\b", lambda m: english_number(m[1])),
    _rule(rf"百分之({HAN}|{FIGURES})", lambda m: number(m[1])),
    _rule(r"([一二两三四五六七八九\d])成(半)?(?![本功为交品立绩员了都熟])", lambda m: number(m[1]) * 10 + (5 if m[2] else 0)),
    _words(100, r"doubl(?:e[sd]?|ing)|twice(?: as (?:much|many))?", "翻一?[倍番]|一倍"),
    _words(200, r"tripl(?:e[sd]?|ing)|trebl(?:e[sd]?|ing)|three times(?: as (?:much|many))?", "翻?两倍"),
    _words(300, r"quadrupl(?:e[sd]?|ing)|four times(?: as (?:much|many))?", "翻?三倍"),
    _words(50, r"(?:a )?half(?= of what)|half(?! (?:a|an|of)\b)|halv(?:e[sd]?|ing)|in half", "一半|减半|砍半|腰斩|对半"),
    _words(33, "(?:a|one) third", "三分之一"),
    _words(
        25,
        "(?:(?<=by |up )|(?<=down ))a quarter|a quarter(?= (?:more|less|higher|lower|up|down|off|fewer))",
        "四分之一",
    ),
    _words(20, "(?:a|one) fifth", "五分之一"),
    _words(10, "(?:a|one) tenth", "十分之一"),
)

# Money, in whatever currency was said.

_CODE = "USD|EUR|GBP|RMB|CNY"
_COIN = "euros?|dollars?|pounds?|quid|bucks|yuan|grand"
_HAN_COIN = "块钱?|元|美金|美元|欧元|英镑"


def _grand(match: re.Match[str]) -> str | None:
    """A grand is a thousand."""
    return "k" if match[0].lower().endswith("grand") else None


MONEY = (
    _rule(rf"(?:[£$€¥]|(?:{_CODE}|US\$)\s?)\s?({FIGURES})\s?(k|m|万)?(?!\w)", lambda m: figures(m[1], m[2])),
    _rule(
        rf"{_START}({FIGURES})\s?(k|m|百|千|万|w)?\s?(?:{_CODE}|{_COIN}|{_HAN_COIN}|人民币)(?![a-z])",
        lambda m: figures(m[1], m[2] or _grand(m)),
    ),
    _rule(rf"(?<!\d)(?<!\d )({HAN})(?:{_HAN_COIN})", lambda m: han_number(m[1])),
    _rule(rf"\b({ENGLISH})\s(?:{_COIN})\b", lambda m: english_number(m[1]) * (1000 if _grand(m) else 1)),
)

# Lengths of time, in days: a month is 30, a quarter 90, a year 365.

_DAYS = {
    "day": 1, "d": 1, "week": 7, "wk": 7, "w": 7, "fortnight": 14, "month": 30, "mth": 30, "mo": 30, "quarter": 90,
    "year": 365, "yr": 365,
}  # fmt: skip
_HAN_DAYS = {"天": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "季度": 90, "年": 365}
_FEW = {
    "a": 1, "an": 1, "one": 1, "a full": 1, "next": 1, "the next": 1, "coming": 1, "the coming": 1, "a couple of": 2, "a few": 3,
}  # fmt: skip
_UNIT = r"(?:days?|d|weeks?|wks?|w|fortnights?|months?|mths?|mo|quarters?|years?|yrs?)"
_MORE = "(?:extra|more|additional|further|full|whole|calendar)"
_WHOLE_UNIT = "(?:day|week|fortnight|month|quarter|year|days|weeks|months)"


def _days(unit: str) -> int:
    return _DAYS[unit.lower().rstrip("s")]


DURATION = (
    _rule(rf"{_START}({FIGURES})[\s-]?({_UNIT})(?!\w)", lambda m: figures(m[1]) * _days(m[2])),
    _rule(rf"{_START}({FIGURES})\s{_MORE}\s({_UNIT})(?!\w)", lambda m: figures(m[1]) * _days(m[2])),
    _rule(rf"\b({ENGLISH})\s{_MORE}\s({_UNIT})\b", lambda m: english_number(m[1]) * _days(m[2])),
    _rule(rf"\b({ENGLISH})[\s-]({_UNIT})\b", lambda m: english_number(m[1]) * _days(m[2])),
    _rule(r"\bhalf a\s(year|month|week)\b", lambda m: 0.5 * _days(m[1])),
    _rule(rf"\b({'|'.join(_FEW)})\s({_WHOLE_UNIT})\b", lambda m: float(_FEW[m[1].lower()] * _days(m[2]))),
    _words(1, "tomorrow", "明天|次日"),
    _rule(rf"{_HAN_START}({FIGURES}|{HAN}|半)个?(天|周(?!年)|星期|礼拜)", lambda m: number(m[1]) * _HAN_DAYS[m[2]]),
    _rule(r"(?<![月\d一二三四五六七八九十])([二三四五六七八九]?十[一二三四五六七八九]?)日", lambda m: han_number(m[1])),
    _rule(rf"{_HAN_START}({FIGURES}|{HAN}|半)个(月|季度)半?", lambda m: number(m[1]) * _HAN_DAYS[m[2]]),
    _rule(r"(?<!\d)(\d{1,2}|[一二两三四五]|半)年(?![底初中末前货])", lambda m: number(m[1]) * _HAN_DAYS["年"]),
    _rule(
        r"(?:下|未来一|接下来一)个?(周|星期|礼拜|月|季度)(?![一二三四五六日天末初中底\d])",
        lambda m: float(_HAN_DAYS[m[1]]),
    ),
)

# Plain numbers, whatever they count.

_DOZENS = {"a dozen": 12.0, "half a dozen": 6.0, "two dozen": 24.0, "three dozen": 36.0, "a couple": 2.0}
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_REST_OF_CODE = r"[A-Za-z0-9_\-/.]*[A-Za-z0-9_/]"
_HAN_COUNTER = "[十百千万个件台箱条只辆套双瓶包支盒张把块组类车部枚罐袋卷家款片根桶本串粒]"

COUNT = (
    _rule(rf"{_START}({FIGURES})\s?k\b(?!-)", lambda m: figures(m[1], "k")),
    _rule(rf"{_START}({FIGURES})(?=(?:pcs?|pieces|units?|ea|x)\b)", lambda m: figures(m[1])),
    _rule(rf"{_START}({FIGURES})\s?(百|千|万|w)(?![A-Za-z0-9])", lambda m: figures(m[1], m[2])),
    _rule(rf"(?<!#){_START}({FIGURES})(?!{_REST_OF_CODE}|%|\s?{_MONTH}\b|[月日号年])", lambda m: figures(m[1])),
    _rule(
        rf"\b(?!(?:two|three|four)-)({'|'.join(_DOZENS)}|{ENGLISH})\b(?!-)",
        lambda m: _DOZENS.get(m[1].lower()) or english_number(m[1]),
    ),
    # A numeral that counts something or ends there, then one that has a unit; 一 alone is seldom a number, 周三 never is.
    _rule(
        rf"(?<![第周期礼\d])(?<!\d )(?:(?=[^一]|一[十百千万]){HAN}(?={_HAN_COUNTER}|\b)"
        r"|[二两三四五六七八九十百千]*[十百千万][一二三四五六七八九十百千万]*)",
        lambda m: han_number(m[0]),
    ),
)

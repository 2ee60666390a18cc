"""Values that code reads out of a planner's words: numbers, durations, percentages, money; English and Chinese.

The language model never writes a digit. It sees a typed placeholder where a value stood and points at it; the value
itself is the one computed here.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["num", "dur", "pct", "money"]
KINDS: tuple[Kind, ...] = ("num", "dur", "pct", "money")

_ONES = {
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_UNIT_DAYS = {"day": 1, "d": 1, "week": 7, "wk": 7, "w": 7, "fortnight": 14, "month": 30, "mth": 30, "mo": 30, "quarter": 90, "year": 365, "yr": 365}
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2, "〇": 0}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_HAN_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "季度": 90, "季": 90, "年": 365}

_DIGITS = r"(?:\d{1,3}(?:[,  ]\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_NUMBER = rf"(?<![A-Za-z0-9_.\-/]){_DIGITS}"
_HAN_NUMBER = r"[零〇一二两三四五六七八九十百千万亿]+"
_WORDS = "|".join(sorted([*_ONES, "hundred", "thousand"], key=len, reverse=True))
_ENGLISH = rf"(?:(?:a|one)\s+(?:hundred|thousand)|(?:{_WORDS}))(?:(?:\s+and\s+|[\s-]+)(?:{_WORDS}))*"
_UNITS = r"(?:days?|d|weeks?|wks?|w|fortnights?|months?|mths?|mo|quarters?|years?|yrs?)"
_CURRENCY = r"(?:[£$€¥]|(?:USD|EUR|GBP|RMB|CNY|US\$)\s?)"
_CURRENCY_AFTER = r"(?:\s?(?:USD|EUR|GBP|RMB|CNY|euros?|dollars?|pounds?|quid|bucks|yuan|grand|块钱?|元|美金|美元|欧元|英镑|人民币))"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"


@dataclass(frozen=True, slots=True)
class Spot:
    """A value found in a text: `text[start:end]` says `value`."""

    start: int
    end: int
    kind: Kind
    value: float
    """A count, days, percent, or money."""


def normalise(text: str) -> str:
    """Fold full-width forms (NFKC) and odd blanks, so that offsets and digits are plain."""
    return unicodedata.normalize("NFKC", text).replace("\u00a0", " ").replace("\t", " ")


def _plain(text: str, factor: str | None = None) -> float:
    value = float(re.sub(r"[,\s]", "", text))
    return value * {"k": 1e3, "m": 1e6, "百": 1e2, "千": 1e3, "万": 1e4, "w": 1e4, "亿": 1e8}.get((factor or "").lower(), 1)


def _english(text: str) -> float:
    total, part = 0, 0
    for word in re.split(r"[\s-]+", text.lower()):
        if word in ("a", "one"):
            part = 1
        elif word == "hundred":
            part = max(part, 1) * 100
        elif word == "thousand":
            total, part = total + max(part, 1) * 1000, 0
        elif word != "and":
            part += _ONES[word]
    return float(total + part)


def han_number(text: str) -> float:
    """Value of Chinese numerals: `han_number("三百二十") == 320`."""
    total, section, digit = 0, 0, 0
    for char in text:
        if char in _HAN_DIGITS:
            digit = digit * 10 + _HAN_DIGITS[char] if digit and len(text) > 1 and not any(c in _HAN_UNITS for c in text) else _HAN_DIGITS[char]
        elif _HAN_UNITS[char] >= 10_000:
            total, section, digit = (total + section + digit) * _HAN_UNITS[char], 0, 0
        else:
            section, digit = section + (digit or 1) * _HAN_UNITS[char], 0
    if len(text) > 2 and digit and text[-2] in "百千万":  # colloquial: 一千二 is 1,200
        digit *= _HAN_UNITS[text[-2]] // 10
    return float(total + section + digit)


def _count(text: str) -> float:
    if re.fullmatch(_HAN_NUMBER, text):
        return han_number(text)
    if re.match(r"\d", text):
        return _plain(text)
    if text.lower() in ("a", "an", "one", "the", "next", "coming", "a full", "one more", "this coming", "the next", "the coming"):
        return 1.0
    if text.lower().startswith(("a couple", "a few")):
        return 2.0 if "couple" in text.lower() else 3.0
    if text.lower() in ("half a", "半", "半个"):
        return 0.5
    return _english(text)


def _unit(word: str) -> int:
    word = word.lower()
    return _UNIT_DAYS.get(word) or _UNIT_DAYS[word.rstrip("s")]


Reader: TypeAlias = Callable[[re.Match[str]], float]
_RULES: tuple[tuple[Kind, re.Pattern[str], Reader], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE), read)
    for kind, pattern, read in (
        ("pct", rf"({_DIGITS})\s?(?:%|percent\b|per cent\b|pct\b|个?百分点)", lambda m: _plain(m[1])),
        ("pct", rf"\b({_ENGLISH})\s(?:percent|per cent)\b", lambda m: _english(m[1])),
        ("pct", rf"百分之({_HAN_NUMBER}|{_DIGITS})", lambda m: _count(m[1])),
        ("pct", r"([一二两三四五六七八九\d])成(半)?(?!本|功|为|交|品|立|绩|员|了|都|熟)", lambda m: _count(m[1]) * 10 + (5 if m[2] else 0)),
        ("pct", r"\b(?:doubl(?:e[sd]?|ing)|twice(?: as (?:much|many))?)\b|翻(?:一)?[倍番]|一倍", lambda m: 100.0),
        ("pct", r"\b(?:tripl(?:e[sd]?|ing)|three times(?: as (?:much|many))?)\b|翻两倍|两倍", lambda m: 200.0),
        ("pct", r"\bhalf(?! (?:a|an|of)\b)\b|\bhalv(?:e[sd]?|ing)\b|\bin half\b|一半|减半|腰斩|对半", lambda m: 50.0),
        ("pct", r"\b(?:a|one) (?:third)\b|三分之一", lambda m: 33.0),
        ("pct", r"(?:(?<=by )|(?<=up )|(?<=down ))a quarter\b|\ba quarter(?= (?:more|less|higher|lower|up|down|off|fewer))|四分之一", lambda m: 25.0),
        ("pct", r"\b(?:a|one) fifth\b|五分之一", lambda m: 20.0),
        ("pct", r"\b(?:a|one) tenth\b|十分之一", lambda m: 10.0),
        ("money", rf"{_CURRENCY}\s?({_DIGITS})\s?(k|m|万)?(?![\w])", lambda m: _plain(m[1], m[2])),
        ("money", rf"(?<![A-Za-z0-9_.\-/])({_DIGITS})\s?(k|m|百|千|万|w)?{_CURRENCY_AFTER}(?![a-z])", lambda m: _plain(m[1], m[2] or ("k" if "grand" in m[0].lower() else None))),
        ("money", rf"(?<!\d)(?<!\d )({_HAN_NUMBER})(?:块钱?|元|美金|美元|欧元|英镑)", lambda m: han_number(m[1])),
        ("money", rf"\b({_ENGLISH})\s(?:euros?|dollars?|pounds?|quid|bucks|yuan|grand)\b", lambda m: _english(m[1]) * (1000 if "grand" in m[0].lower() else 1)),
        ("dur", rf"(?<![A-Za-z0-9_.\-/])({_DIGITS})[\s-]?({_UNITS})(?![\w])", lambda m: _plain(m[1]) * _unit(m[2])),
        ("dur", rf"\b({_ENGLISH})[\s-]({_UNITS[:-1]}))\b", lambda m: _english(m[1]) * _unit(m[2])),
        ("dur", r"\b(half a)\s(year|month|week)\b", lambda m: 0.5 * _unit(m[2])),
        ("dur", r"\b((?:the )?(?:next|coming)|a full|one|an?|a couple of|a few)\s(day|week|fortnight|month|quarter|year|days|weeks|months)\b", lambda m: _count(m[1].lower()) * _unit(m[2])),
        ("dur", r"\btomorrow\b|(?:明天|次日)", lambda m: 1.0),
        ("dur", rf"(?<![A-Za-z\d.])({_DIGITS}|{_HAN_NUMBER}|半)个?(天|周(?!年)|星期|礼拜)", lambda m: _count(m[1]) * _HAN_DAYS[m[2]]),
        ("dur", rf"(?<![A-Za-z\d.])({_DIGITS}|{_HAN_NUMBER}|半)个(月|季度)(?:半)?", lambda m: _count(m[1]) * _HAN_DAYS[m[2]]),
        ("dur", r"(?<!\d)(\d{1,2}|[一二两三四五]|半)年(?!底|初|中|末|前|货)", lambda m: _count(m[1]) * 365),
        ("dur", r"(?:下|未来一|接下来一)个?(周|星期|礼拜|月|季度)(?![一二三四五六日天末初中底\d])", lambda m: float(_HAN_DAYS[m[1]])),
        ("num", rf"{_NUMBER}\s?k\b(?!-)", lambda m: _plain(m[0][:-1]) * 1000),
        ("num", rf"{_NUMBER}(?=(?:pcs?|pieces|units?|ea|x)\b)", lambda m: _plain(m[0])),
        ("num", rf"(?<![A-Za-z0-9.\-/])({_DIGITS})\s?(百|千|万|w)(?![A-Za-z0-9])", lambda m: _plain(m[1], m[2])),
        ("num", rf"(?<![A-Za-z0-9.\-/#_])({_DIGITS})(?![A-Za-z0-9_\-/.]*[A-Za-z0-9_/]|(?:st|nd|rd|th)\b|%|\s?{_MONTH}\b|[月日号年])", lambda m: _plain(m[1])),
        ("num", rf"\b(?!(?:two|three|four)-)(a dozen|half a dozen|two dozen|three dozen|a couple|{_ENGLISH})\b(?!-)", lambda m: _dozens(m[1])),
        ("num", rf"(?<![第周期礼\d])(?<!\d )((?=[^一]|一[十百千万]){_HAN_NUMBER}(?=[十百千万个件台箱条只辆套双瓶包支盒张把块组类车部枚罐袋卷家款]|\b)|[二两三四五六七八九十百千]*[十百千万][一二三四五六七八九十百千万]*)", lambda m: han_number(m[1])),
    )
)  # fmt: skip


def _dozens(text: str) -> float:
    words = {"a dozen": 12.0, "half a dozen": 6.0, "two dozen": 24.0, "three dozen": 36.0, "a couple": 2.0}
    return words.get(text.lower()) or _english(text)


def _found(text: str) -> Iterator[Spot]:
    for kind, pattern, read in _RULES:
        for match in pattern.finditer(text):
            if not match[0].strip():
                continue
            yield Spot(match.start(), match.end(), kind, read(match))


def spot(text: str) -> tuple[Spot, ...]:
    """Find the values in `text` (already normalised), in order; overlaps go to the earlier rule.

    >>> [(s.kind, s.value) for s in spot("order 1.5k for the next 6 weeks, up 20 %")]
    [('num', 1500.0), ('dur', 42.0), ('pct', 20.0)]
    """
    taken = [False] * len(text)
    kept: list[Spot] = []
    for found in _found(text):
        if any(taken[found.start : found.end]):
            continue
        taken[found.start : found.end] = [True] * (found.end - found.start)
        kept.append(found)
    return tuple(sorted(kept, key=lambda s: s.start))

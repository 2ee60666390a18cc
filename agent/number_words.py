"""Numbers written as words: "twenty-one", "half", "三百二十", "两成". Only those that can only be numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.embedded.numerals import han_number

_SMALL = {
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12,
}  # fmt: skip
_SPECIAL = {"double": 2.0, "doubled": 2.0, "twice": 2.0, "triple": 3.0, "tripled": 3.0}
_MULTIPLIERS = {"thousand": 1000, "million": 1_000_000}
_WORD = "|".join([*_SMALL, "one"])
_ENGLISH = re.compile(
    rf"\b(?:(?:{_WORD}|a)\s+(?:hundred|thousand|million)|{_WORD})(?:(?:[\s-]+(?:and\s+)?)(?:{_WORD}|hundred|thousand|million))*\b"
    rf"|\b(?:half|{'|'.join(_SPECIAL)})\b",
    re.IGNORECASE,
)

_NUMERAL = "[零〇一二两三四五六七八九十百千万]"
_CHINESE = re.compile(
    rf"(?P<half>一半|半数)|(?P<share>[一二两三四五六七八九])成(?![本品熟])|(?P<twice>翻倍|翻番)|百分之(?P<percent>{_NUMERAL}+)"
    rf"|(?P<long>{_NUMERAL}*[十百千万]{_NUMERAL}*)(?![分])"
    r"|(?P<short>[二两三四五六七八九])(?=个|件|天|日|周|月|台|盒|瓶|只|条|双|倍|箱|号|家|种|批|次)"
)
_IDIOMS = frozenset({"万一", "千万", "百", "千", "万"})


@dataclass(frozen=True, slots=True)
class NumberWord:
    """A number written as a word."""

    start: int
    """Offset of the first character."""
    end: int
    value: float
    """In percent points where `percent`."""
    percent: bool = False


def find_words(text: str) -> Iterator[NumberWord]:
    """Yield each number written as a word; "one", "a" and "quarter" alone are no numbers, "half" is 50 %."""
    for match in _ENGLISH.finditer(text):
        if match[0].lower() == "half":
            yield NumberWord(match.start(), match.end(), 50.0, percent=True)
        elif (value := english_number(match[0])) is not None:
            yield NumberWord(match.start(), match.end(), value)
    for match in _CHINESE.finditer(text):
        if (word := _chinese_word(match, text)) is not None:
            yield word


def _chinese_word(match: re.Match[str], text: str) -> NumberWord | None:
    start, end = match.span()
    if match["half"]:
        return NumberWord(start, end, 50.0, percent=True)
    if match["twice"]:
        return NumberWord(start, end, 2.0)
    if match["share"]:
        return NumberWord(start, end, 10 * han_number(match["share"]), percent=True)
    if match["percent"]:
        return NumberWord(start, end, han_number(match["percent"]), percent=True)
    if match["short"]:
        return NumberWord(start, end, han_number(match["short"]))
    if match["long"] in _IDIOMS or text[start - 1 : start].isdigit():
        return None
    return NumberWord(start, end, han_number(match["long"]))


def english_number(words: str) -> float | None:
    """Return the value of number words, None where they are no number.

    >>> english_number("two hundred and twenty-one")
    221.0
    """
    tokens = [token for token in re.split(r"[\s-]+", words.lower()) if token not in ("and", "")]
    if tokens == ["one"]:
        return None
    if len(tokens) == 1 and tokens[0] in _SPECIAL:
        return _SPECIAL[tokens[0]]
    total = current = 0
    for word in tokens:
        if word in ("a", "one"):
            current += 1
        elif word in _SMALL:
            current += _SMALL[word]
        elif word in _MULTIPLIERS:
            total += max(current, 1) * _MULTIPLIERS[word]
            current = 0
        else:
            current = max(current, 1) * 100
    return float(total + current)

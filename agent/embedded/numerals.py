"""Numbers as people write and say them: figures, English number words, Chinese numerals. Knows nothing about units."""

import re

_ONES = {
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_FACTORS = {"k": 1e3, "m": 1e6, "百": 1e2, "千": 1e3, "万": 1e4, "w": 1e4}
_HAN_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_WORDS = "|".join(sorted([*_ONES, "hundred", "thousand"], key=len, reverse=True))

FIGURES = r"(?:\d{1,3}(?:[, ]\d{3})+(?!\d)|\d+)(?:\.\d+)?"
"""Pattern of a number in figures: 1200, 1,200, 1 200, 0.95."""
ENGLISH = rf"(?:(?:a|one)\s+(?:hundred|thousand)|(?:{_WORDS}))(?:(?:\s+and\s+|[\s-]+)(?:{_WORDS}))*"
"""Pattern of English number words; "one" alone is no number ("which one")."""
HAN = "[零〇一二两三四五六七八九十百千万亿]+"
"""Pattern of a Chinese numeral."""


def figures(text: str, factor: str | None = None) -> float:
    """Value of a number in figures, times what stands behind it.

    >>> figures("1,200"), figures("1.5", "k"), figures("3", "万")
    (1200.0, 1500.0, 30000.0)
    """
    value = float(re.sub(r"[,\s]", "", text))
    return value * _FACTORS[factor.lower()] if factor else value


def english_number(text: str) -> float:
    """Value of English number words.

    >>> english_number("two hundred and forty"), english_number("a thousand")
    (240.0, 1000.0)
    """
    total = part = 0
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
    """Value of a Chinese numeral: units, digits one by one, or the spoken form that leaves the last unit out.

    >>> han_number("三百二十"), han_number("二零二五"), han_number("一千二")
    (320.0, 2025.0, 1200.0)
    """
    if not any(char in _HAN_UNITS for char in text):
        return float("".join(str(_HAN_DIGITS[char]) for char in text))
    total = section = digit = 0
    for char in text:
        unit = _HAN_UNITS.get(char)
        if unit is None:
            digit = _HAN_DIGITS[char]
        elif unit >= 10_000:
            total, section, digit = max(total + section + digit, 1) * unit, 0, 0
        else:
            section, digit = section + (digit or 1) * unit, 0
    if len(text) > 2 and digit and text[-2] in "百千万":
        digit *= _HAN_UNITS[text[-2]] // 10
    return float(total + section + digit)


def number(text: str) -> float:
    """Value of a number in figures or of a Chinese numeral, whichever it is; 半 is a half."""
    if text == "半":
        return 0.5
    return figures(text) if text[0].isdecimal() else han_number(text)

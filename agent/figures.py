"""Numbers and dates as a text shows them, in English and Chinese, and when two agree. Knows nothing about facts."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from agent.number_words import find_words

Unit: TypeAlias = Literal["", "days", "weeks", "months", "units", "money", "percent", "points"]

ROUNDING_SHARE = 0.2
"""A rounded number may differ from the exact one by half its last digit, but never by more than this share of it."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<{0}>\d{{1,2}})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d-])(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})(?![\d-])",
        r"(?:(?P<y>\d{4})\s*年)?\s*(?<!\d)(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号]",
        r"(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月",
        rf"(?<![\w]){_DAY.format('d')}\s+(?:of\s+)?{_MONTH.format('m')}(?:,?\s+(?P<y>\d{{4}}))?(?![A-Za-z\d])",
        rf"(?<![\w]){_MONTH.format('m')}\s+{_DAY.format('d')}(?:,?\s+(?P<y>\d{{4}}))?(?![A-Za-z\d])",
        rf"(?<![\w]){_MONTH.format('m')}\s+(?P<y>\d{{4}})(?!\d)",
    )
)

_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "百": 1e2,
    "千": 1e3,
    "万": 1e4,
    "十万": 1e5,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
}
_UNITS: tuple[tuple[Unit, str], ...] = (
    ("points", r"个百分点|percentage points?|points?|pp"),
    ("percent", r"%|％|per\s?cent|pct"),
    ("days", r"days?|天|日(?!元)"),
    ("weeks", r"weeks?|个?星期|周"),
    ("months", r"months?|个月|月"),
    ("units", r"units?|pieces?|pcs|件|个(?!月|星期|百分点)|台|盒|瓶|只|条|双"),
    ("money", r"GBP|USD|EUR|CNY|RMB|pounds?|dollars?|euros?|元|英镑|美元|欧元"),
)
_UNIT_AFTER = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS), re.IGNORECASE)
_MONEY_BEFORE = re.compile(r"(?:[£$€¥￥]|\b[A-Z]{3})\s?$")
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])(?P<digits>\d{1,3}(?:[,，\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s?(?P<scale>十万|百万|千万|[千万亿百]|k(?![A-Za-z])|thousand|million|billion))?",
    re.IGNORECASE,
)
_KINDS: dict[str, Unit] = {
    "units": "units", "days": "days", "weeks": "weeks", "%": "percent", "percentage points": "points"
}  # fmt: skip
_ABOUT = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|almost|nearly|some|close to)|~|约|大约|大概|近|将近)\s*(?:[A-Z]{3}\s)?$", re.I
)
_REACH = 30
"""What belongs to a number stands at most this many characters from it."""
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．％", "0123456789.%")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a text."""

    text: str
    """As written, with its scale word: "1.2万"."""
    value: float
    """Magnitude in plain units (12000.0); percent are in points (95 % is 95.0)."""
    step: float
    """What one more in the last digit shown would add (1000.0)."""
    unit: Unit
    start: int
    """Offset of the first character."""
    end: int


@dataclass(frozen=True, slots=True)
class Day:
    """A date in a text, as far as it says it."""

    text: str
    year: int | None
    month: int
    day: int | None
    start: int
    end: int

    def agrees(self, other: "Day") -> bool:
        """Whether both can be the same day: what both say is equal."""
        return (
            self.month == other.month
            and (self.year is None or other.year is None or self.year == other.year)
            and (self.day is None or other.day is None or self.day == other.day)
        )


def normalise(text: str) -> str:
    """Return `text` with full-width digits made plain; offsets stay the same."""
    return text.translate(_FULL_WIDTH)


def find_days(text: str) -> list[Day]:
    """Return the dates that `text` mentions, in order."""
    found: list[Day] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if any(match.start() < day.end and day.start < match.end() for day in found):
                continue
            groups = match.groupdict()
            month = _MONTHS.index(groups["m"][:3].lower()) + 1 if groups["m"][0].isalpha() else int(groups["m"])
            year, day = groups.get("y"), groups.get("d")
            found.append(Day(match[0], int(year) if year else None, month, int(day) if day else None, match.start(), match.end()))
    return sorted(found, key=lambda day: day.start)


def find_figures(text: str) -> list[Figure]:
    """Return the numbers that `text` shows in digits or words, in order; call it on text without dates and codes."""
    figures = list(_in_digits(text))
    for word in find_words(text):
        if not any(word.start < figure.end and figure.start < word.end for figure in figures):
            unit = "percent" if word.percent else _unit_after(text, word.end)
            figures.append(Figure(text[word.start : word.end], word.value, 0.0, unit, word.start, word.end))
    return sorted(figures, key=lambda figure: figure.start)


def _in_digits(text: str) -> Iterator[Figure]:
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"[,，\u202f]", "", match["digits"])
        scale = _SCALES[match["scale"].lower()] if match["scale"] else 1.0
        decimals = len(digits.partition(".")[2])
        if not decimals and _ABOUT.search(text[max(0, match.start() - _REACH) : match.start()]):
            decimals = len(digits.rstrip("0")) - len(digits)
        unit = _unit_after(text, match.end())
        if not unit and _MONEY_BEFORE.search(text[max(0, match.start() - _REACH) : match.start()]):
            unit = "money"
        yield Figure(match[0], float(digits) * scale, scale * 10.0**-decimals, unit, match.start(), match.end())


def _unit_after(text: str, end: int) -> Unit:
    rest = text[end : end + _REACH]
    lead = len(rest) - len(rest.lstrip(" -"))
    match = _UNIT_AFTER.match(rest[lead:]) if lead <= 1 else None
    if match is None or (match[0].isascii() and match[0][0].isalpha() and rest[lead + match.end() :][:1].isalpha()):
        return ""
    return next(name for name, _ in _UNITS if match[name])


def of_value(value: float, unit: str) -> list[Figure]:
    """Return the ways in which a fact's number may be written: as it is, a share also as percent and percent as a share."""
    magnitude = abs(float(value))
    kind = _KINDS.get(unit, "money" if re.fullmatch(r"[A-Z]{3}", unit) else "")

    def figure(amount: float, written: Unit) -> Figure:
        return Figure(str(value), amount, 0.0, written, 0, 0)

    figures = [figure(magnitude, kind)]
    if kind == "percent":
        figures.append(figure(magnitude / 100 if magnitude > 1 else magnitude, ""))
    if kind in ("", "percent") and 0 < magnitude <= 1:
        figures.append(figure(magnitude * 100, "percent"))
    return figures


def agrees(said: Figure, known: Figure) -> bool:
    """Whether `said` is `known`, rounded to the digits that it shows."""
    if said.unit == "weeks" and known.unit == "days":
        return said.value * 7 == known.value
    if said.unit and known.unit and said.unit != known.unit:
        return False
    if (said.unit == "percent") != (known.unit == "percent"):
        return False
    gap = abs(said.value - known.value)
    return gap <= 1e-9 * max(1.0, known.value) or (
        gap <= said.step / 2 * (1 + 1e-9) and gap <= ROUNDING_SHARE * known.value and said.value != 0
    )


def days_of(values: Iterable[object]) -> list[Day]:
    """Return the values that are ISO dates, as days."""
    days = []
    for value in values:
        try:
            day = date.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            continue
        if day is not None:
            days.append(Day(day.isoformat(), day.year, day.month, day.day, 0, 0))
    return days

"""The grammar of day phrases: patterns in order, and the phrases that contain another phrase ("two weeks before Easter")."""

import difflib
import re
from collections.abc import Callable
from datetime import date

from parstock import _calendar_rules as rules
from parstock._calendar_rules import DAY, OFFSETS, Handler
from parstock._calendar_spans import Reading, Span, fixed, half, middle, one_day, shift, third, unit_span
from parstock._calendar_words import MONTHS, SEASONS, UNITS, WEEKDAYS, amount

_PARTS: dict[str, Callable[[Span], Span]] = {
    **dict.fromkeys(("end", "底", "末"), lambda span: one_day(span.last)),
    **dict.fromkeys(("start", "beginning", "初"), lambda span: one_day(span.first)),
    **dict.fromkeys(("mid", "middle", "中"), middle),
    **dict.fromkeys(("early", "上旬"), lambda span: third(span, 0)),
    "中旬": lambda span: third(span, 1),
    **dict.fromkeys(("late", "下旬"), lambda span: third(span, 2)),
    **dict.fromkeys(("first half", "上半"), lambda span: half(span, 0)),
    **dict.fromkeys(("second half", "下半"), lambda span: half(span, 1)),
}
_EDGES = re.compile(
    r"^(?:(?:on|by|untill?|till?|up to|from|ever since|since|starting|as of|as from|during|in|over|for|around|about|no later than"
    r"|with effect from|to|the) |从|自从|自|到|至|截至|截止|直到|在)|(?:开始|以来|为止|左右|那天|当天|起|止| onwards?| on)$"
)
_SPELLING = (*(word for word in (*MONTHS, *WEEKDAYS) if len(word) > 4 and word.isascii()), "today", "tomorrow", "yesterday",
             "christmas", "easter", "halloween", "quarter", "month", "week", "before", "after", "beginning")  # fmt: skip


def read(text: str, today: date) -> Reading | None:
    """Return what a tidy phrase means, or None; prepositions round it and small slips of spelling are forgiven."""
    if reading := _read(text, today):
        return reading
    bare = _EDGES.sub("", text, count=1).strip()
    if bare and bare != text:
        return read(bare, today)
    respelt = re.sub(r"[a-z]{4,}", lambda word: (difflib.get_close_matches(word[0], _SPELLING, 1, 0.84) or [word[0]])[0], text)
    return _read(respelt, today) if respelt != text else None


def _read(text: str, today: date) -> Reading | None:
    for pattern, handler in _RULES:
        if (match := pattern.fullmatch(text)) and (reading := handler(match, today)):
            return reading
    return None


def _beside(match: re.Match[str], today: date) -> Reading | None:
    """Read "before X", "two weeks before X", "after X"; "before the end of X" is a deadline and means that end itself."""
    inner, said = read(match["x"], today), match.groupdict().get("amount")
    by = (amount(said) or amount(f"a {said}")) if said else None
    if inner is None or (said and by is None):
        return None
    sign = 1 if match["side"] in {"after", "后"} else -1
    if by:
        return inner.mapped(lambda span: one_day(shift(span.first if sign < 0 else span.last, by, sign)))
    if sign < 0 and re.search(r"^(the )?end\b|[底末]$", match["x"]):
        return inner
    return inner.mapped(lambda span: one_day(span.first - DAY if sign < 0 else span.last + DAY))


def _week_of(match: re.Match[str], today: date) -> Reading | None:
    inner = read(match["x"], today)
    return inner and inner.mapped(lambda span: unit_span("week", span.first, 0))


def _part(match: re.Match[str], today: date) -> Reading | None:
    """Read "end of X", "mid X", "X中旬"."""
    whole = match["x"]
    inner = fixed(unit_span(UNITS[whole][0], today, 0)) if whole in {"月", "年", "季"} else read(whole, today)
    return inner and inner.mapped(_PARTS[match["part"]])


def _in_year(match: re.Match[str], today: date) -> Reading | None:
    """Read "X 2024", "X last year", "去年X"."""
    inner, named = read(match["x"], today), match["y"].removesuffix(" year").removesuffix("年")
    if inner is None or inner.cycle != "year":
        return None
    span = inner.at(int(named) - today.year if named.isdigit() else OFFSETS[named])
    return None if span is None else fixed(span)


def _which(match: re.Match[str], today: date) -> Reading | None:
    """Read "last summer", "next March", "this Christmas"."""
    inner, offset = read(match["x"], today), OFFSETS[match["which"]]
    if inner is None or inner.cycle != "year":
        return None
    span = inner.before(today) if offset < 0 else inner.after(today) if offset else inner.at(0)
    return None if span is None else fixed(span)


def _words(*words: str) -> str:
    return "|".join(sorted((re.escape(word) for word in words if word), key=len, reverse=True))


_MONTH, _SEASON = _words(*MONTHS), _words(*SEASONS)
_WEEKDAY = _words(*(word for word in WEEKDAYS if word.isascii()))
_WHICH = _words(*(word for word in OFFSETS if word.isascii() and word != "the"))
_N = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
_D = r"(?:the )?(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_RULES: tuple[tuple[re.Pattern[str], Handler], ...] = tuple(
    (re.compile(pattern), handler)
    for pattern, handler in (
        (r".+", rules.literal),
        (r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?(?:[t ][\d:.]+z?)?", rules.numeric_day),
        (r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)", rules.numeric_day),
        (r"(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4}|\d\d)", rules.numeric_day),
        (r"(?P<d>\d{1,2})/(?P<m>\d{1,2})", rules.numeric_day),
        (r"(?P<m>\d{1,2})\.(?P<d>\d{1,2})", rules.numeric_day),
        (rf"(?P<m>{_N})月(?P<d>{_N})[日号]?", rules.numeric_day),
        (rf"(?:(?:{_WEEKDAY}),? )?{_D}[ -]?(?:of )?(?P<m>{_MONTH})\.?(?:,?[ -](?P<y>\d{{4}}))?", rules.named_day),
        (rf"(?:(?:{_WEEKDAY}),? )?(?P<m>{_MONTH})\.? ?{_D}(?:,? (?P<y>\d{{4}}))?", rules.named_day),
        (rf"(?P<m>{_MONTH})\.?", rules.month_name),
        (rf"(?P<m>{_N})月份?", rules.month_name),
        (rf"(?P<s>{_SEASON})", rules.season),
        (r"q(?P<n>[1-4])", rules.quarter),
        (r"(?P<n>first|second|third|fourth) quarter", rules.quarter),
        (r"第?(?P<n>[1-4一二三四])季度?", rules.quarter),
        (r"h(?P<n>[12])", rules.half_year),
        (r"(?P<n>[上下])半年", rules.half_year),
        (r"(?:the year )?(?P<y>(?:19|20)\d\d)年?", rules.year),
        (r"(?P<n>\d{1,2})(?:st|nd|rd|th)(?: of the month)?", rules.day_of_month),
        (rf"(?P<n>{_N})[日号]", rules.day_of_month),
        (rf"(?:(?P<which>the|{_WHICH}) )?(?P<w>{_WEEKDAY})s?", rules.weekday),
        (r"(?P<which>上上|上|本|这|下下|下)?个?(?:周|星期|礼拜)(?P<w>[一二三四五六日天])", rules.weekday),
        (rf"(?:(?P<which>the|{_WHICH}) )?weekend", rules.weekend),
        (r"(?P<which>上上|上|本|这|下下|下)?个?周末", rules.weekend),
        (rf"(?:(?P<which>the|{_WHICH}) )?(?P<unit>week|month|quarter|year)", rules.calendar_unit),
        (r"(?P<which>上上|上|本|这|当|下下|下)一?个?(?P<unit>周|星期|礼拜|月|季度|季)", rules.calendar_unit),
        (r"(?P<which>去|今|明|前|后|本)(?P<unit>年)", rules.calendar_unit),
        (r"(?:with)?in (?P<amount>.+)", rules.moved(1)),
        (r"(?P<amount>.+) (?:from now|from today|later)", rules.moved(1)),
        (r"(?P<amount>.+)[后内]", rules.moved(1)),
        (r"(?P<amount>.+) ago", rules.moved(-1)),
        (r"(?P<amount>.+)前", rules.moved(-1)),
        (r"(?:the )?(?:last|past|previous|recent) (?P<amount>.+)", rules.rolling(-1)),
        (r"(?:过去|最近|近)的?(?P<amount>.+?)[内来]?", rules.rolling(-1)),
        (r"(?:the )?(?:next|coming|following) (?P<amount>.+)", rules.rolling(1)),
        (r"(?:未来|接下来|今后|后)的?(?P<amount>.+?)内?", rules.rolling(1)),
        (r"(?:(?:the )?(?P<amount>.+?) )?(?P<side>before|ahead of|b4|after) (?P<x>.+)", _beside),
        (r"(?P<x>.+?)(?P<side>[前后])(?P<amount>.+)", _beside),
        (r"(?P<x>.+)(?P<side>[前后])", _beside),
        (r"(?:the )?(?:week|w/c|week commencing|week beginning|week of) (?P<x>.+)", _week_of),
        (r"(?P<x>.+) week", _week_of),
        (r"(?P<x>.+)那周", _week_of),
        (r"(?:the )?(?P<part>end|start|beginning|middle|first half|second half)(?: of)? (?P<x>.+)", _part),
        (r"(?P<x>week|month|quarter|year)[ -](?P<part>end|start)", _part),
        (r"(?P<part>mid|early|late)[ -](?P<x>.+)", _part),
        (r"(?P<x>.+?)的?(?P<part>上旬|中旬|下旬|底|末|初|中)", _part),
        (r"(?P<x>.+?月)(?P<part>[上下]半)月", _part),
        (r"(?P<x>.+?),? (?:of |in )?(?P<y>\d{4}|(?:last|this|next) year)", _in_year),
        (r"(?P<y>\d{4}年|去年|今年|明年|前年|后年|本年)的?(?P<x>.+)", _in_year),
        (r"(?P<y>\d{4}) (?P<x>.+)", _in_year),
        (rf"(?P<which>{_WHICH}) (?P<x>.+)", _which),
    )
)

"""How figures stand to each other in a text: from and to, instead of, between, above and below, a day or a week."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from agent.figures import Figure, agrees
from agent.ground import Reading

_FROM = re.compile(r"(?:\bfrom\b|从|由)\s*(?:[A-Z]{3}|[£$€¥])?\s*$", re.IGNORECASE)
_TO = re.compile(r"\bto\b|升至|升到|降至|降到|增至|减至|变为|[至到]", re.IGNORECASE)
_INSTEAD = re.compile(r"\b(?:instead of|rather than|and not)\b|而不是|而非", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[。！？；\n]")
_BELOW = re.compile(r"\b(?:below|under|lower than|falls? short of)\b|低于|不到", re.IGNORECASE)
_ABOVE = re.compile(r"\b(?:above|over|higher than|exceed(?:s|ing)?)\b|高于|超过|超出", re.IGNORECASE)
_NOT = re.compile(r"(?:\bnot|n't|\bno longer|不)\s*$", re.IGNORECASE)
_BETWEEN = re.compile(r"\b(?:between|range (?:is|of|from)|ranges from)\s+(?:[A-Z]{3}\s)?$", re.IGNORECASE)
_REACH = 60
_PERIODS = (("day", "天日"), ("week", "周"), ("month", "月"), ("year", "年"))
_RATE_AFTER = tuple(
    re.compile(
        rf"\s*(?:units?|pieces?|件|个)?\s*(?:(?:a|an|per|each|every|/)\s*{en}\b|{'dai' if en == 'day' else en}ly\b|/[{zh}])", re.I
    )
    for en, zh in _PERIODS
)
_RATE_BEFORE = tuple(re.compile(rf"(?:每[{zh}]|[{zh}]均)[^\d，。；]{{0,8}}$") for _, zh in _PERIODS)


def wrong_relations(reading: Reading, told: Sequence[Reading]) -> Iterator[str]:
    """Yield a problem for each pair turned round, range mixed up, comparison that does not hold, and rate of another period.

    Args:
        reading: The text to check.
        told: The facts' own sentences and the question.
    """
    yield from _turned_round(reading, told)
    yield from _mixed_ranges(reading, told)
    yield from _false_comparisons(reading)
    yield from _other_periods(reading, told)


def _pairs(reading: Reading) -> Iterator[tuple[Figure, Figure]]:
    """(from, to) of each "from A to B" and each "B instead of A"."""
    for first, second in pairwise(reading.figures):
        between = reading.text[first.end : second.start]
        if len(between) > _REACH or _SENTENCE_END.search(between):
            continue
        if _INSTEAD.search(between):
            yield second, first
        elif _TO.search(between) and _FROM.search(_before(reading, first)):
            yield first, second


def _turned_round(reading: Reading, told: Iterable[Reading]) -> Iterator[str]:
    said = list(_pairs(reading))
    known = [pair for sentence in told for pair in _pairs(sentence)] if said else []
    for one, other in said:
        right = any(agrees(one, a) and agrees(other, b) for a, b in known)
        if not right and any(agrees(one, b) and agrees(other, a) for a, b in known):
            yield f"{one.text!r} and {other.text!r} are the wrong way round."


def _before(reading: Reading, figure: Figure) -> str:
    return reading.text[max(0, figure.start - _REACH) : figure.start]


def _after(reading: Reading, figure: Figure) -> str:
    return reading.text[figure.end : figure.end + _REACH]


def _ranges(reading: Reading) -> Iterator[tuple[Figure, Figure]]:
    """(least, most) of each "between A and B", "range is A to B" and "A至B之间"."""
    for first, second in pairwise(reading.figures):
        between, before = reading.text[first.end : second.start], _before(reading, first)
        spoken = _BETWEEN.search(before) and re.fullmatch(r"\s*(?:units?\s*)?(?:and|to|-|–)\s*(?:[A-Z]{3}\s)?", between)
        written = re.fullmatch(r"件?\s*[至到~-]\s*", between) and re.match(r"[件天\s]*之间", _after(reading, second))
        if len(between) <= _REACH and (spoken or written):
            yield first, second


def _mixed_ranges(reading: Reading, told: Iterable[Reading]) -> Iterator[str]:
    said = list(_ranges(reading))
    known = [pair for sentence in told for pair in _ranges(sentence)] if said else []
    for least, most in said:
        ends = [(agrees(least, one), agrees(most, other)) for one, other in known]
        if (True, True) not in ends and any(map(any, ends)):
            yield f"{least.text!r} to {most.text!r} is no range of the facts."


def _false_comparisons(reading: Reading) -> Iterator[str]:
    for first, second in pairwise(reading.figures):
        between = reading.text[first.end : second.start]
        if len(between) > _REACH or _SENTENCE_END.search(between) or (first.unit and second.unit and first.unit != second.unit):
            continue
        for pattern, sign in ((_BELOW, 1), (_ABOVE, -1)):
            if match := pattern.search(between):
                gap = sign * (first.value - second.value)
                if gap < 0 if _NOT.search(between[: match.start()]) else gap > 0:
                    yield f"{first.text!r} is not {match[0]} {second.text!r}."


def _period(reading: Reading, figure: Figure) -> int | None:
    left, right = _before(reading, figure), _after(reading, figure)
    for index, (after, before) in enumerate(zip(_RATE_AFTER, _RATE_BEFORE, strict=True)):
        if after.match(right) or before.search(left):
            return index
    return None


def _other_periods(reading: Reading, told: Iterable[Reading]) -> Iterator[str]:
    said = [(figure, period) for figure in reading.figures if (period := _period(reading, figure)) is not None]
    known = [(f, p) for sentence in told for f in sentence.figures if (p := _period(sentence, f)) is not None] if said else []
    for figure, period in said:
        if any(p == period and agrees(figure, other) for other, p in known):
            continue
        if any(p == period or agrees(figure, other) for other, p in known):
            yield f"{figure.text!r} is no such rate in the facts, or one of another period."

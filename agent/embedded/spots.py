"""Values that code reads out of a planner's words: numbers, durations, percentages, money; English and Chinese.

The language model never writes a digit. It sees a typed placeholder where a value stood and points at it; the value
itself is the one computed here. How values are said stands in `_spot_rules`.
"""

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.embedded._spot_rules import COUNT, DURATION, MONEY, PERCENT, Rule

Kind: TypeAlias = Literal["num", "dur", "pct", "money"]
KINDS: tuple[Kind, ...] = ("num", "dur", "pct", "money")
_RULES: tuple[tuple[Kind, tuple[Rule, ...]], ...] = (("pct", PERCENT), ("money", MONEY), ("dur", DURATION), ("num", COUNT))
"""By falling claim: "20 %" is no count, "5 days" no money."""


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


def spot(text: str) -> tuple[Spot, ...]:
    """Find the values in `text` (already normalised), in order; overlaps go to the earlier rule.

    >>> [(s.kind, s.value) for s in spot("order 1.5k for the next 6 weeks, up 20 %")]
    [('num', 1500.0), ('dur', 42.0), ('pct', 20.0)]
    """
    taken = [False] * len(text)
    kept: list[Spot] = []
    for found in _candidates(text):
        if any(taken[found.start : found.end]):
            continue
        taken[found.start : found.end] = [True] * (found.end - found.start)
        kept.append(found)
    return tuple(sorted(kept, key=lambda s: s.start))


def _candidates(text: str) -> Iterator[Spot]:
    for kind, rules in _RULES:
        for rule in rules:
            for match in rule.pattern.finditer(text):
                value = _value(rule, match)
                if math.isfinite(value):
                    yield Spot(match.start(), match.end(), kind, value)


def _value(rule: Rule, match: re.Match[str]) -> float:
    """What a match says; infinite where that is more than a float holds."""
    try:
        return rule.read(match)
    except OverflowError:
        return math.inf

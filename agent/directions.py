"""What direction a clause claims: up or down, enough or short, in English and Chinese. Knows nothing about facts."""

import itertools
import re
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["up", "down", "flat", "enough", "short"]

_WORDS: tuple[tuple[Direction, str], ...] = (
    (
        "flat",
        r"\b(?:no (?:change|increase|decrease|growth)|unchanged|flat|steady|stable|level with)\b|持平|不变|平稳|没有变化",
    ),
    ("enough", r"\b(?:no shortage|not short|no stock-?out|won't run out|will not run out)\b|不缺|不会断货|不会缺货"),
    (
        "short",
        r"\b(?:not enough|n't enough|insufficient|inadequate|too (?:little|few)|short(?:age|fall)?|under-?stocked|runs? out|"
        r"run(?:ning)? out|stock(?:s|ed|ing)? ?out|(?:does not|doesn't|won't|will not) (?:cover|last)|not sufficient|"
        r"enough for only|only enough|lacks?)\b"
        r"|不够|[只仅]够|不足|短缺|缺货|断货|缺口|差了?\d|撑不到|不充足",
    ),
    (
        "enough",
        r"\b(?:enough|sufficient(?:ly)?|adequate|ample|plenty|well (?:stocked|covered))\b"
        r"|足够|充足|够用|够(?![卖用约\s]*[\d一二两三四五六七八九十])|充裕",
    ),
    (
        "down",
        r"\b(?:down|fall(?:s|en|ing)?|fell|drop(?:s|ped|ping)?|declin(?:e[sd]?|ing)|decreas(?:e[sd]?|ing)|lower(?:ed)?|less|fewer|"
        r"below|shrinks?|shr[au]nk|slow(?:s|ed|ing)?|weak(?:er|ened)?|reduced?|sav(?:e[sd]?|ings?))\b|节省|下降|下跌|下滑|减少|降低|降至|降到|降了|减|低于|更低|走低|少于|比[^，。；]{0,16}少",
    ),
    (
        "up",
        r"\b(?:up(?!\s+to)|ris(?:e[sn]?|ing)|rose|grow(?:s|n|ing|th)?|grew|increas(?:e[sd]?|ing)|higher|more than|above|"
        r"exceed(?:s|ed)?|climb(?:s|ed|ing)?|stronger|raised?)\b|%\s+more\b|上升|上涨|增长|增加|提高|升至|升到|涨|增|高于|超过|更高|走高|多于|比[^，。；]{0,16}(?<![最至])多",
    ),
)
_LEXICON = tuple((direction, re.compile(pattern, re.IGNORECASE)) for direction, pattern in _WORDS)
_CONTRARY: dict[str, frozenset[str]] = {
    "up": frozenset({"down", "flat"}),
    "down": frozenset({"up", "flat"}),
    "flat": frozenset({"up", "down"}),
    "enough": frozenset({"short"}),
    "short": frozenset({"enough"}),
}
_CLAUSE = re.compile(r"[.!?](?=\s|$)|[。！？；;\n，、]|,(?=\s)|\b(?:but|while|whereas|although)\b|但|而")


def clauses(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each clause of `text`: what stands between stops, commas and "but"."""
    cuts = [0, *(match.end() for match in _CLAUSE.finditer(text)), len(text)]
    return [(start, end) for start, end in itertools.pairwise(cuts) if text[start:end].strip()]


def claimed(clause: str) -> frozenset[Direction]:
    """Return the directions that the words of `clause` claim; "not enough" is short, not enough.

    >>> sorted(claimed("not enough stock, although demand rose"))
    ['short', 'up']
    """
    found: set[Direction] = set()
    rest = clause
    for direction, pattern in _LEXICON:
        rest, hits = pattern.subn(" ", rest)
        if hits:
            found.add(direction)
    return frozenset(found)


def contradicts(clause: str, direction: str) -> bool:
    """Whether `clause` claims the contrary of `direction` and not `direction` itself."""
    words = claimed(clause)
    return bool(words & _CONTRARY.get(direction, frozenset())) and direction not in words

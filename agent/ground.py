"""What an answer may say: the numbers, dates, codes and sentences of the facts it rests on. Judges nothing."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.figures import Day, Figure, agrees, days_of, find_days, find_figures, normalise, of_value
from parstock.results import Citation, Fact

_TOKEN = re.compile(r"[A-Za-z0-9_]+(?:[-/.#][A-Za-z0-9_]+)*")
_COUNTED = re.compile(
    r"(?:[A-Z]{3})?\d+(?:[.-]\d+)*"
    r"(?:-?(?:days?|weeks?|months?|years?|units?|packs?|pcs|pieces?|items?|fold|st|nd|rd|th|k|x|d|GBP|EUR|USD|CNY|pp))?",
    re.IGNORECASE,
)
_CITED = re.compile(r"\[([^\[\]\s][^\[\]\n]{0,80})\]")
_NUMBERED = re.compile(r"^[ \t]*(\d{1,2})[.)、](?=\s)", re.MULTILINE)
_BLANK = "\u25a1"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text shows, sorted by kind."""

    text: str
    """The text with dates and codes blanked out; offsets are those of the original."""
    figures: tuple[Figure, ...]
    days: tuple[Day, ...]
    codes: tuple[str, ...]
    """Words made of letters and digits, such as "HW-LED-03", which are names and not numbers."""


def read(text: str, names: Iterable[str] = ()) -> Reading:
    """Read the numbers, dates and codes that `text` shows.

    Args:
        text: Any text.
        names: Names with digits in them that are not numbers here ("Cakestand 3 tier"); they are blanked out first.
    """
    rest = normalise(text)
    for name in sorted(names, key=len, reverse=True):
        rest = re.sub(re.escape(name), lambda match: _BLANK * len(match[0]), rest, flags=re.IGNORECASE)
    days = find_days(rest)
    for day in days:
        rest = _blanked(rest, day.start, day.end)
    codes = []
    for match in _TOKEN.finditer(rest):
        if _is_code(match[0]):
            codes.append(match[0])
            rest = _blanked(rest, match.start(), match.end())
    return Reading(rest, tuple(find_figures(rest)), tuple(days), tuple(codes))


def _is_code(token: str) -> bool:
    mixed = any(c.isdigit() for c in token) and any(c.isalpha() for c in token)
    return mixed and not _COUNTED.fullmatch(token)


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + _BLANK * (end - start) + text[end:]


def citations_in(text: str) -> list[str]:
    """Return the ids that `text` cites in square brackets."""
    return [match[1] for match in _CITED.finditer(text)]


def without_citations(text: str, ids: Iterable[str]) -> str:
    """Return `text` without the bracketed citations of `ids`."""
    known = set(ids)
    return _CITED.sub(lambda match: " " if match[1] in known else match[0], text)


def without_list_numbers(text: str) -> str:
    """Return `text` without list numbers, as long as they count 1, 2, 3."""
    expected = 0

    def drop(match: re.Match[str]) -> str:
        nonlocal expected
        if int(match[1]) == expected + 1:
            expected += 1
            return ""
        expected = 1 if match[1] == "1" else expected
        return "" if match[1] == "1" else match[0]

    return _NUMBERED.sub(drop, text)


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything that an answer may rest on, read once."""

    facts: tuple[Fact, ...]
    sentences: tuple[str, ...]
    """Both sentences of every fact without their citations, longest first."""
    text: str
    """All of it as one lower-case text, to look names up in."""
    figures: tuple[Figure, ...]
    days: tuple[Day, ...]
    codes: frozenset[str]
    """Lower case."""
    citations: frozenset[str]
    """Ids that may be cited."""
    names: tuple[str, ...]
    """Names with digits that the facts or the question mention."""

    @classmethod
    def of(cls, facts: Sequence[Fact], question: str, citations: Sequence[Citation] = (), names: Iterable[str] = ()) -> "Ground":
        """Read facts, cited passages and the question; `names` are the shop's names of things."""
        sentences = {sentence for fact in facts for sentence in (fact.en, fact.zh) if sentence}
        parts = [*sentences, question, *(f"{c.id} {c.title}\n{c.text}" for c in citations)]
        parts += [str(fact.value) for fact in facts if isinstance(fact.value, str)]
        everything = "\n".join(parts)
        lower = everything.lower()
        cited = frozenset({c.id for c in citations} | {fact.source for fact in facts if "#" in fact.source})
        digit_names = tuple(name for name in names if any(c.isdigit() for c in name) and name.lower() in lower)
        reading = read(everything, digit_names)
        return cls(
            facts=tuple(facts),
            sentences=tuple(sorted({without_citations(text, cited) for text in sentences}, key=len, reverse=True)),
            text=lower,
            figures=(*reading.figures, *(figure for fact in facts for figure in values_of(fact))),
            days=(*reading.days, *days_of(fact.value for fact in facts)),
            codes=frozenset(code.lower() for code in reading.codes),
            citations=cited,
            names=digit_names,
        )

    def allows(self, figure: Figure) -> bool:
        """Whether some fact, citation or the question says this number."""
        return any(agrees(figure, known) for known in self.figures) or self._is_part_of_a_day(figure)

    def _is_part_of_a_day(self, figure: Figure) -> bool:
        whole = not figure.unit and figure.step == 1.0
        return whole and any(figure.value == day.year for day in self.days)


def values_of(fact: Fact) -> tuple[Figure, ...]:
    """Return the ways in which the value of `fact` may be written; percent only as its own sentence means it."""
    if isinstance(fact.value, str):
        return ()
    shown = [figure for sentence in (fact.en, fact.zh) for figure in read(sentence).figures if figure.unit == "percent"]
    return tuple(
        figure
        for figure in of_value(fact.value, fact.unit)
        if figure.unit != "percent" or not shown or any(agrees(percent, figure) for percent in shown)
    )

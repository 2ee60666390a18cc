"""Whether a text says what its facts say. Judges by the facts' typed values, not by the sentences made for them.

The verifier of the agent lets every sentence of a fact pass as it stands. Here such a sentence is read like any other,
so that a number which a tool wrote into a sentence without filing it as a fact is found too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.directions import clauses, contradicts
from agent.explain import sentence_of
from agent.figures import Figure, agrees, days_of
from agent.ground import read, values_of, without_citations, without_list_numbers
from parstock.domain import Language
from parstock.results import Citation, Fact

_SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+|(?<=[。！？；：])\s*|\n+")
_DIRECTED = ("up", "down", "flat", "enough", "short")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in one answer."""

    numbers: int
    """Numbers and dates that the text shows, codes and list numbers apart."""
    untraced: tuple[str, ...]
    """Those that are the value of no fact, in no quotation and not in the question."""
    required: int
    """Required facts."""
    left_out: tuple[str, ...]
    """Sentences of those that the text does not say."""
    claims: int
    """Numbers with a direction that stand in a clause of the text."""
    contradicted: tuple[str, ...]
    """Clauses that say the contrary of the direction."""


def judge(
    text: str, facts: Sequence[Fact], question: str, lang: Language, citations: Sequence[Citation], names: Iterable[str]
) -> Judgement:
    """Read a text and compare it with the facts.

    Args:
        text: The answer.
        facts: What the tools found.
        question: What was asked; its numbers may be repeated.
        lang: The answer's language.
        citations: Passages that may be cited and quoted.
        names: Names of the shop's things, so that a number in a name is not taken for one.
    """
    cited = {citation.id for citation in citations} | {fact.source for fact in facts if "#" in fact.source}
    body = without_list_numbers(without_citations(text, cited))
    here = tuple(name for name in names if any(c.isdigit() for c in name) and name.lower() in body.lower())
    reading = read(body, here)
    quoted = "\n".join([question, *(c.text for c in citations), *(f.value for f in facts if isinstance(f.value, str))])
    said = read(quoted, here)
    values = [(fact, values_of(fact)) for fact in facts]
    known = (*said.figures, *(figure for _, figures in values for figure in figures))
    days = (*said.days, *days_of(fact.value for fact in facts))
    untraced = [f.text for f in reading.figures if not any(agrees(f, one) for one in known)]
    untraced += [day.text for day in reading.days if not any(day.agrees(one) for one in days)]
    required = [fact for fact in facts if fact.required]
    left_out = [sentence_of(f, lang) for f in required if not _told(f, body, reading.figures, values_of(f), cited)]
    claims, contradicted = _directions(reading.text, reading.figures, values)
    return Judgement(
        numbers=len(reading.figures) + len(reading.days),
        untraced=tuple(untraced),
        required=len(required),
        left_out=tuple(left_out),
        claims=claims,
        contradicted=contradicted,
    )


def _told(fact: Fact, body: str, shown: Sequence[Figure], values: Sequence[Figure], cited: set[str]) -> bool:
    """Whether the text says a fact: in its own sentence, or by its value."""
    if any(own and without_citations(own, cited) in body for own in (fact.en, fact.zh)):
        return True
    if isinstance(fact.value, str):
        return bool(fact.value) and fact.value.casefold() in body.casefold()
    return any(agrees(figure, value) for figure in shown for value in values)


def _directions(
    text: str, shown: Sequence[Figure], values: Sequence[tuple[Fact, Sequence[Figure]]]
) -> tuple[int, tuple[str, ...]]:
    """How many numbers with a direction the text tells, and the clauses that turn one round."""
    directed = [(fact, figures) for fact, figures in values if fact.direction in _DIRECTED]
    claims, wrong = 0, []
    for start, end in clauses(text):
        for figure in (figure for figure in shown if start <= figure.start < end):
            meant = [fact for fact, figures in directed if any(agrees(figure, value) for value in figures)]
            claims += bool(meant)
            if meant and all(contradicts(text[start:end], fact.direction) for fact in meant):
                wrong.append(text[start:end].strip())
    return claims, tuple(wrong)


def changed_sentences(before: str, after: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sentences of `before` that `after` has not, and those that it has instead.

    >>> changed_sentences("On hand are 40 units. It sells well.", "On hand are 47 units. It sells well.")
    (('On hand are 40 units.',), ('On hand are 47 units.',))
    """
    old, new = (Counter(part.strip() for part in _SENTENCE_END.split(text) if part.strip()) for text in (before, after))
    return tuple((old - new).elements()), tuple((new - old).elements())

"""Checks an answer against the facts it rests on: numbers, dates, names, directions, citations, and what must not be left out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agent.audience import Audience, audience_of, needed
from agent.claims import wrong_claims
from agent.directions import claimed, clauses, contradicts
from agent.explain import sentence_of
from agent.figures import Figure, agrees, days_of, find_days
from agent.ground import Ground, Reading, citations_in, read, values_of, without_citations, without_list_numbers
from agent.language import han_share
from agent.owners import Owners, misattributed, swapped_places
from agent.relations import wrong_relations
from agent.roles import misplaced
from parstock.domain import Language
from parstock.results import Citation, Fact

MOST_CHARACTERS = 4000
"""Free text (beside the facts' own sentences) longer than this is no explanation."""
HAN_IN_CHINESE, HAN_IN_ENGLISH = 0.15, 0.4
"""A Chinese answer has at least, an English one at most, this share of Han characters among its letters."""
OVERLAP = 0.5
"""A required fact without a number counts as said when this share of its words is there."""

_MARKUP = re.compile(r"</?tool_call>|</?think>|<\|[^|]*\|>|```|^\s*\{\s*\"", re.MULTILINE)
_NUMERAL = re.compile(r"\d+(?:[,.]\d+)*")
_NONE = re.compile(r"\b(?:no|none|nothing|zero|not)\b|没有|无需|不需|不必|不用|不[订补调]|为零|无", re.IGNORECASE)
_ENDS = ("up", "down", "flat", "enough", "short")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an answer may be sent."""

    problems: tuple[str, ...]
    """One plain sentence each on what does not agree, for the model that has to repair it."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(
    text: str,
    facts: Sequence[Fact],
    question: str,
    lang: Language,
    *,
    citations: Sequence[Citation] = (),
    names: Iterable[str] = (),
) -> Verdict:
    """Check `text` against the facts.

    Sentences copied from a fact are right by definition; everything else is checked number by number. The
    question's own numbers and names may be repeated.

    Args:
        text: The answer.
        facts: What the tools found.
        question: What the user wrote.
        lang: The language that was asked for.
        citations: Passages that may be cited.
        names: Names of all items, warehouses and suppliers of the shop, so that a wrong one is noticed.
    """
    known_names = tuple(names)
    ground = Ground.of(facts, question, citations, known_names)
    body = without_list_numbers(without_citations(text, ground.citations))
    free = body
    for sentence in ground.sentences:
        free = free.replace(sentence, "\n")
    reading = read(free, ground.names)
    owners = Owners.of(ground, known_names)
    problems = [
        *_form(text, free, lang),
        *_altered(free, ground),
        *_strangers(reading, ground),
        *_wrong_names(free, ground, known_names),
        *_wrong_directions(replace(reading, text=owners.without_names(reading.text)), ground),
        *_twisted(free, reading, ground, owners, question),
        *_left_out(body, ground, lang, audience_of(question)),
        *(f"It cites [{cited}], which no tool gave." for cited in citations_in(free) if not cited.isdigit()),
    ]
    return Verdict(tuple(dict.fromkeys(problems)))


def _form(text: str, free: str, lang: Language) -> Iterable[str]:
    if not text.strip():
        yield "It is empty."
    if len(free) > MOST_CHARACTERS:
        yield f"It has {len(free)} characters besides the facts; keep it under {MOST_CHARACTERS}."
    if _MARKUP.search(free):
        yield "It shows machine markup; write plain sentences."
    letters = sum(character.isalpha() for character in free)
    if lang == "zh" and letters >= 20 and han_share(free) < HAN_IN_CHINESE:
        yield "It is not in Chinese."
    if lang == "en" and letters >= 20 and han_share(free) > HAN_IN_ENGLISH:
        yield "It is not in English."


def _altered(free: str, ground: Ground) -> Iterable[str]:
    """A fact's sentence with one of its numbers changed, even to a number that another fact has."""
    for sentence in ground.sentences:
        numerals = _NUMERAL.findall(sentence)
        if not numerals:
            continue
        pattern = r"(\d+(?:[,.]\d+)*)(?![,.]?\d)".join(re.escape(part) for part in _NUMERAL.split(sentence))
        for match in re.finditer(pattern, free):
            pairs = zip(match.groups(), numerals, strict=True)
            if wrong := [f"{said} instead of {right}" for said, right in pairs if not _same_numeral(said, right)]:
                yield f"It changes the fact {sentence!r}: {', '.join(wrong)}."


def _same_numeral(said: str, right: str) -> bool:
    if said == right:
        return True
    ours, theirs = read(said).figures, read(right).figures
    return len(ours) == len(theirs) == 1 and "." in right and agrees(ours[0], theirs[0])


def _strangers(reading: Reading, ground: Ground) -> Iterable[str]:
    for figure in reading.figures:
        if not ground.allows(figure):
            yield f"The number {figure.text!r} is in no fact."
    for day in reading.days:
        if not any(day.agrees(known) for known in ground.days):
            yield f"The date {day.text!r} is in no fact."
    for code in reading.codes:
        if code.lower() not in ground.codes and code.lower() not in ground.text:
            yield f"{code!r} is in no fact."


def _wrong_names(free: str, ground: Ground, names: Sequence[str]) -> Iterable[str]:
    lower = free.lower()
    for name in names:
        if len(name) < 2 or name.lower() not in lower or name.lower() in ground.text:
            continue
        plain_word = name.isascii() and name.isalpha() and name.islower()
        edge = r"(?![A-Za-z0-9])" if name.isascii() else ""
        start = r"(?<![A-Za-z0-9])" if name.isascii() else ""
        if not plain_word and re.search(f"{start}{re.escape(name)}{edge}", free, 0 if " " not in name else re.IGNORECASE):
            yield f"{name!r} is in no fact."


def _twisted(free: str, reading: Reading, ground: Ground, owners: Owners, question: str) -> Iterable[str]:
    """True numbers and names that are put together as no fact does, and what words alone claim."""
    if not free.strip() or len(free) > MOST_CHARACTERS:
        return
    asked = read(question, ground.names)
    told = [asked, *(read(sentence, ground.names) for sentence in ground.sentences)]
    yield from misplaced(reading, ground, told)
    yield from wrong_relations(reading, told)
    yield from misattributed(free, reading, owners, asked)
    yield from swapped_places(free, owners)
    yield from wrong_claims(free, reading, ground, owners)


def _wrong_directions(reading: Reading, ground: Ground) -> Iterable[str]:
    directed = [(fact, values_of(fact)) for fact in _directed(ground.facts)]
    for start, end in clauses(reading.text):
        clause = reading.text[start:end]
        figures = [figure for figure in reading.figures if start <= figure.start < end]
        for figure in figures:
            meant = [fact for fact, values in directed if any(agrees(figure, value) for value in values)]
            if meant and all(contradicts(clause, fact.direction) for fact in meant):
                yield f"{figure.text!r} is said with the wrong direction: the fact is {sentence_of(meant[0], 'en')!r}."
        if not figures:
            yield from _wrong_sufficiency(clause, directed)


def _directed(facts: Sequence[Fact]) -> Iterator[Fact]:
    """The facts with a direction, and those that such a fact leads to: "up by 8" also says how to speak of the new value."""
    ways = {(fact.id.rpartition(".")[0], fact.what): fact.direction for fact in facts}
    for fact in facts:
        result, (stem, _, rest) = fact.id.rpartition(".")[0], fact.what.partition(".")
        cause = f"difference.{rest}" if stem == "changed" else "forecast.change" if fact.what == "forecast.total" else fact.what
        direction = fact.direction or ways.get((result, cause), "")
        if direction in _ENDS:
            yield replace(fact, direction=direction)


def _wrong_sufficiency(clause: str, directed: Sequence[tuple[Fact, tuple[Figure, ...]]]) -> Iterable[str]:
    """Claims of enough or short without a number, where every fact on it says the contrary."""
    about = [fact for fact, _ in directed if fact.direction in ("enough", "short")]
    agreed = {fact.direction for fact in about}
    if len(agreed) == 1 and contradicts(clause, about[0].direction) and not claimed(clause) & {"up", "down"}:
        yield f"{clause.strip()!r} contradicts the fact {sentence_of(about[0], 'en')!r}."


def _left_out(body: str, ground: Ground, lang: Language, audience: Audience) -> Iterable[str]:
    reading = read(body, ground.names)
    for fact in needed(ground.facts, audience):
        if not _says(body, reading, fact, ground, lang):
            yield f"It leaves out the required fact: {sentence_of(fact, lang)}"


def _says(body: str, reading: Reading, fact: Fact, ground: Ground, lang: Language) -> bool:
    sentence = sentence_of(fact, lang)
    if any(own and without_citations(own, ground.citations) in body for own in (fact.en, fact.zh)):
        return True
    if not isinstance(fact.value, str):
        values = values_of(fact)
        if any(agrees(figure, value) for figure in reading.figures for value in values):
            return True
        return fact.value == 0 and (bool(_NONE.search(body)) or any(figure.value == 0 for figure in reading.figures))
    if days := days_of([fact.value]):
        return any(day.day is not None and day.agrees(days[0]) for day in find_days(body))
    if fact.value and fact.value.lower() in sentence.lower() and " " not in fact.value:
        return fact.value.lower() in body.lower()
    return max(_overlap(sentence, body), _overlap(fact.value, body) if " " in fact.value else 0.0) >= OVERLAP


def _overlap(sentence: str, body: str) -> float:
    """Share of the words (Chinese: pairs of characters) of `sentence` that `body` has too."""
    words = {word.lower() for word in re.findall(r"[A-Za-z]{4,}", sentence)}
    han = re.sub(r"[^\u4e00-\u9fff]", "", sentence)
    words |= {han[i : i + 2] for i in range(len(han) - 1)}
    return sum(word in body.lower() for word in words) / len(words) if words else 1.0

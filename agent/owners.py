"""Whose figure a number is: items, suppliers and places that facts and texts name. Knows nothing about shops."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from agent.figures import Figure, agrees
from agent.ground import Ground, Reading, read, values_of
from parstock.results import Fact

_SENTENCE = re.compile(r"[.!?](?=\s|$)|[。！？；\n]")
_OF = re.compile(r"\s*(?:units?|pieces?|pcs|件|个|台)?\s*(?:of\s+|的)?(?:the\s+)?$", re.IGNORECASE)
_FROM_TO = (
    re.compile(r"(?:\bfrom|从|由)\s*(?:the\s+)?$", re.IGNORECASE),
    re.compile(r"\s*(?:to(?:\s+the)?|into|调?[到往至])\s*$", re.IGNORECASE),
)


_REACH = 30


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text."""

    name: str
    """Lower case."""
    start: int
    end: int


@dataclass(frozen=True)
class Owners:
    """Which names each fact is about."""

    facts: tuple[Fact, ...]
    names: tuple[str, ...]
    """Names that the facts mention, longest first."""

    @classmethod
    def of(cls, ground: Ground, names: Iterable[str]) -> "Owners":
        """Read the facts; only names that they mention count."""
        told = "\n".join(f"{fact.en}\n{fact.zh}\n{fact.value}" for fact in ground.facts).lower()
        known = {name.lower() for name in names if len(name) > 1 and name.lower() in told}
        return cls(ground.facts, tuple(sorted(known, key=len, reverse=True)))

    @cached_property
    def of_facts(self) -> tuple[frozenset[str], ...]:
        """[facts] the names that each is about: its own, and those of its result where that is about one thing."""
        own = [frozenset(m.name for m in self.mentions(f"{fact.en}\n{fact.zh}\n{fact.value}")) for fact in self.facts]
        groups: dict[str, list[int]] = {}
        for index, fact in enumerate(self.facts):
            groups.setdefault(fact.id.rpartition(".")[0], []).append(index)
        shared: dict[str, frozenset[str]] = {}
        listing: set[str] = set()
        for group, members in groups.items():
            shared[group] = frozenset().union(*(own[index] for index in members))
            if _is_list([(self.facts[index].what, own[index]) for index in members]):
                listing.add(group)
        return tuple(
            own[index] if own[index] and group in listing else shared[group]
            for index, group in ((index, fact.id.rpartition(".")[0]) for index, fact in enumerate(self.facts))
        )

    @cached_property
    def figures(self) -> tuple[tuple[Figure, ...], ...]:
        """[facts] the numbers that each says."""
        readings = {text: read(text, self.names).figures for fact in self.facts for text in (fact.en, fact.zh)}
        return tuple((*values_of(fact), *readings[fact.en], *readings[fact.zh]) for fact in self.facts)

    def mentions(self, text: str) -> list[Mention]:
        """Return the names in a text, in order; of overlapping ones the longest."""
        lower, taken = text.lower(), [False] * len(text)
        found: list[Mention] = []
        for name in self.names:
            for match in re.finditer(_bounded(name), lower):
                if not any(taken[match.start() : match.end()]):
                    taken[match.start() : match.end()] = [True] * len(name)
                    found.append(Mention(name, match.start(), match.end()))
        return sorted(found, key=lambda mention: mention.start)

    def without_names(self, text: str) -> str:
        """Return a text with its names blanked out ("Soap, rose" says nothing of a rise); offsets stay the same."""
        for mention in self.mentions(text):
            text = text[: mention.start] + "\u25a1" * (mention.end - mention.start) + text[mention.end :]
        return text

    def about(self, names: Iterable[str]) -> tuple[Fact, ...]:
        """Return the facts about any of `names`; all where there are none of these."""
        wanted = set(names)
        chosen = tuple(fact for fact, whose in zip(self.facts, self.of_facts, strict=True) if whose & wanted)
        return chosen or self.facts


def misattributed(free: str, reading: Reading, owners: Owners, question: Reading) -> Iterator[str]:
    """Yield a problem for each figure that a text gives to a name whose facts do not say it."""
    if len({whose for whose in owners.of_facts if whose}) < 2:
        return
    for figure, names in _given(free, reading, owners):
        if any(agrees(figure, asked) for asked in question.figures):
            continue
        whose = [
            owned for owned, said in zip(owners.of_facts, owners.figures, strict=True) if any(agrees(figure, own) for own in said)
        ]
        if whose and all(owned and not owned & names for owned in whose):
            yield f"{figure.text!r} is said of {sorted(names)[0]!r}, but the facts say it of another."


def _given(free: str, reading: Reading, owners: Owners) -> Iterator[tuple[Figure, frozenset[str]]]:
    """Each figure with the name or names that its sentence gives it to: those right before it, or the first after it."""
    cuts = [0, *(match.end() for match in _SENTENCE.finditer(free)), len(free)]
    mentions = owners.mentions(free)
    for start, end in pairwise(cuts):
        here = [mention for mention in mentions if start <= mention.start < end]
        for figure in reading.figures:
            if here and start <= figure.start < end and not any(m.start <= figure.start < m.end for m in here):
                yield figure, _names_for(free, figure, here, [f for f in reading.figures if start <= f.start < end])


def _names_for(free: str, figure: Figure, here: Sequence[Mention], figures: Sequence[Figure]) -> frozenset[str]:
    if bound := [
        m.name for m in here if figure.end <= m.start <= figure.end + _REACH and _OF.fullmatch(free[figure.end : m.start])
    ]:
        return frozenset(bound[:1])
    before = [mention for mention in here if mention.end <= figure.start]
    if not before:
        return frozenset({here[0].name})
    since = max((other.end for other in figures if other.end <= before[-1].start), default=0)
    return frozenset(mention.name for mention in before if mention.start >= since)


def swapped_places(free: str, owners: Owners) -> Iterator[str]:
    """Yield a problem for each "from A to B" where the facts say "from B to A"."""
    said = set(_ways(free, owners))
    if said:
        known = {way for fact in owners.facts for text in (fact.en, fact.zh) for way in _ways(text, owners)}
        for one, other in sorted(said - known):
            if (other, one) in known:
                yield f"It goes from {other!r} to {one!r}, not the other way."


def _ways(text: str, owners: Owners) -> Iterator[tuple[str, str]]:
    mentions = owners.mentions(text)
    for first, second in pairwise(mentions):
        if _FROM_TO[0].search(text[max(0, first.start - _REACH) : first.start]) and _FROM_TO[1].fullmatch(
            text[first.end : second.start]
        ):
            yield first.name, second.name


def _is_list(members: Iterable[tuple[str, frozenset[str]]]) -> bool:
    """Whether facts of one key are about different things."""
    first: dict[str, frozenset[str]] = {}
    return any(names and not first.setdefault(what, names) & names for what, names in members)


def _bounded(name: str) -> str:
    edge = name.isascii()
    return rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" if edge else re.escape(name)

"""Notes and what they mean: cases, and how a reading of one compares with what is right. Knows nothing about models."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import permutations
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from agent.embedded.spots import normalise
from evaluation.calls import equal
from parstock.domain import EventType
from tools.note_reader import NoteReading

SCOPE = ("item", "category", "supplier", "warehouse")
"""What an event may be about."""
FEW = 6
"""So many events of one type about one thing are paired in every order; of more, in the order in which they stand."""


class _Part(BaseModel):
    """A part of a case; what it holds besides the known fields is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class Heading(_Part):
    """What a note is filed under."""

    item: str = ""
    supplier: str = ""


class EventSaid(_Part):
    """A planning event in the words of its note."""

    type: EventType
    item: str | None = None
    category: str | None = None
    supplier: str | None = None
    warehouse: str | None = None
    pct: float | None = None
    days: float | None = None
    delta_days: float | None = None
    quantity: float | None = None
    unit_cost: float | None = None
    start: str | None = None
    end: str | None = None
    replacement: str | None = None

    @property
    def about(self) -> tuple[str, ...]:
        """Type and scope, whatever their case."""
        return (self.type, *(" ".join(normalise(getattr(self, name) or "").casefold().split()) for name in SCOPE))

    @property
    def details(self) -> dict[str, str | float]:
        """All else that it says."""
        said = self.model_dump(exclude_none=True)
        return {name: value for name, value in said.items() if name not in ("type", *SCOPE)}


class NoteCase(_Part):
    """A note and the events that it means."""

    id: str = ""
    lang: str = ""
    note: str = Field(min_length=1)
    context: Heading = Heading()
    events: tuple[EventSaid, ...]


@dataclass(frozen=True, slots=True)
class NoteScore:
    """How the reading of one note fared, as counts."""

    matched: int
    """Events that are right in type and scope."""
    said: int
    """Events that were read."""
    right: int
    """Events that are in the note."""
    fields_right: int
    """Fields of matched events that are equal."""
    fields: int
    """Fields that a matched event has on either side."""
    exact: bool
    """Nothing is wrong, missing or too much."""
    harm: bool
    """An event was read whose type and scope the note does not mean."""
    any_wrong: bool
    """An event was read that is not, to the last field, in the note."""


def events_of(reading: NoteReading) -> tuple[EventSaid, ...]:
    """The events of a reading in the form of a case."""
    found = []
    for words in reading.events:
        given = {field.name: getattr(words, field.name) for field in fields(words)}
        found.append(EventSaid(**{name: value for name, value in given.items() if name != "note" and value is not None}))
    return tuple(found)


def score(case: NoteCase, said: Sequence[EventSaid]) -> NoteScore:
    """Score a reading: events pair by type and scope, those of the same pair so that most fields agree."""
    wanted, got = _by_about(case.events), _by_about(said)
    pairs = [pair for about, events in got.items() for pair in _paired(events, wanted.get(about, []))]
    counts = [_agreement(one, other) for one, other in pairs]
    exact_pairs = sum(right == of for right, of in counts)
    return NoteScore(
        matched=len(pairs),
        said=len(said),
        right=len(case.events),
        fields_right=sum(right for right, _ in counts),
        fields=sum(of for _, of in counts),
        exact=exact_pairs == len(said) == len(case.events),
        harm=len(said) > len(pairs),
        any_wrong=len(said) > exact_pairs,
    )


def _by_about(events: Sequence[EventSaid]) -> dict[tuple[str, ...], list[EventSaid]]:
    found: dict[tuple[str, ...], list[EventSaid]] = {}
    for event in events:
        found.setdefault(event.about, []).append(event)
    return found


def _paired(said: Sequence[EventSaid], wanted: Sequence[EventSaid]) -> list[tuple[EventSaid, EventSaid]]:
    """As many pairs as there can be, those in which most fields agree."""
    few, many = sorted((said, wanted), key=len)
    orders = permutations(many, len(few)) if len(many) <= FEW else [tuple(many[: len(few)])]
    best = max(orders, key=lambda order: sum(_agreement(a, b)[0] for a, b in zip(few, order, strict=True)))
    return list(zip(few, best, strict=True))


def _agreement(one: EventSaid, other: EventSaid) -> tuple[int, int]:
    """Fields that are equal, and fields that either has."""
    ours, theirs = one.details, other.details
    names = {**ours, **theirs}
    return sum(name in ours and name in theirs and equal(ours[name], theirs[name]) for name in names), len(names)


Count: TypeAlias = Callable[[NoteScore], float]
RATIOS: Mapping[str, tuple[Count, Count]] = {
    "event_f1": (lambda s: 2.0 * s.matched, lambda s: float(s.said + s.right)),
    "field_accuracy": (lambda s: float(s.fields_right), lambda s: float(s.fields)),
    "exact": (lambda s: float(s.exact), lambda s: 1.0),
    "harm": (lambda s: float(s.harm), lambda s: 1.0),
    "any_wrong": (lambda s: float(s.any_wrong), lambda s: 1.0),
}
"""Metric -> what it is a ratio of, for each note: F1 is twice the matched events over those read and those meant."""

"""Inventory notes with what they mean for the plan, to learn from and to test on. Knows no model.

They come from a file, or from the shop's records where a person has decided; personal data is taken out of them.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast, get_args

from agent.language import detect
from agent.shop_names import ShopNames
from finetune.note_words import words_of
from finetune.scrub import scrub
from inventory.events import DETAILS, SCOPES
from parstock.domain import EventType, Json, Note, PlanningEvent
from parstock.errors import InputError
from tools.context import ToolContext

TEST_SHARE = 0.2
"""Of the notes, the latest so many are kept for the test."""


@dataclass(frozen=True, slots=True)
class LabelledNote:
    """A note and what it means."""

    id: str
    lang: str
    """"en" or "zh"."""
    text: str
    events: tuple[Mapping[str, str | float], ...] | None
    """Planning events in the note's words (`type` and fields); None where nobody has said what it means."""
    context: Mapping[str, str]
    """What it is filed under: `item`, `supplier`."""
    written_at: str = ""
    """ISO time, or whatever sorts like it; "" where a file's order is the order in time."""
    document: str = ""
    """Notes of one document are never on both sides of a split; by default each is its own, save for those of the same words."""

    def as_case(self) -> dict[str, Json]:
        """The note as a line of a file of cases (`parstock evaluate notes --cases`)."""
        told: dict[str, Json] = {"id": self.id, "lang": self.lang, "note": self.text}
        if self.context:
            told["context"] = dict(self.context)
        return told | {"events": [dict(event) for event in self.events or ()]}


@dataclass(frozen=True, slots=True)
class Split:
    """Notes to learn from, and later ones to test on."""

    train: tuple[LabelledNote, ...]
    test: tuple[LabelledNote, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The shop's notes, and how many have events that cannot be said in their words."""

    notes: tuple[LabelledNote, ...]
    unsayable: int


def read_notes(path: Path) -> tuple[LabelledNote, ...]:
    """Read a JSONL file: `note`, `events`, and optionally `id`, `lang`, `context`, `written_at`, `document` on each line.

    Raises:
        InputError: The file is missing or empty, or a line is no such note; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the notes {str(path)!r} cannot be read: {error}", field="notes") from error
    found = [_entry(line, number, path) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise InputError(f"the notes {str(path)!r} are empty; expected one JSON object a line", field="notes")
    return tuple(found)


def recorded_notes(context: ToolContext) -> Recorded:
    """Read the shop's notes. What one means is what was confirmed of it; where nothing was, it is not known."""
    confirmed: dict[str, list[PlanningEvent]] = {}
    for event in context.records.events("confirmed"):
        confirmed.setdefault(event.note, []).append(event)
    made = [_of_record(note, confirmed.get(note.id, ()), context) for note in context.records.notes()]
    return Recorded(tuple(note for note in made if note is not None), sum(note is None for note in made))


def things(context: ToolContext) -> tuple[str, ...]:
    """Return all names and codes that the shop knows, which are no personal data."""
    shelf = context.shelf()
    items, warehouses, suppliers = shelf.items.values(), shelf.warehouses.values(), shelf.suppliers.values()
    others = [name for item in items for name in (item.category, *item.aliases)]
    others += [alias for one in warehouses for alias in one.aliases] + [alias for one in suppliers for alias in one.aliases]
    return tuple(dict.fromkeys((*ShopNames.of(context).all, *others)))


def scrubbed(notes: Iterable[LabelledNote], names: Iterable[str] = ()) -> tuple[LabelledNote, ...]:
    """Take personal data out; names of things, those in a note's own events and heading among them, stay."""
    known = tuple(names)
    return tuple(replace(note, text=scrub(note.text, (*known, *_names(note)))) for note in notes)


def split(notes: Sequence[LabelledNote], test_share: float = TEST_SHARE) -> Split:
    """Keep the latest notes for the test, whole documents only: nothing that is tested on was written before what is learnt from.

    Raises:
        InputError: `test_share` is not between 0 and 1.
    """
    if not 0 <= test_share < 1:
        raise InputError(f"test_share is {test_share!r}; it must be at least 0 and below 1", field="test_share")
    documents: dict[str, list[LabelledNote]] = {}
    for note in notes:
        documents.setdefault(note.document or _key(note.text), []).append(note)
    # sorted is stable: without times, the order of the file stays
    ordered = sorted(documents.values(), key=lambda several: max(note.written_at for note in several))
    wanted, test = round(len(notes) * test_share), 0
    while test < len(ordered) and sum(map(len, ordered[len(ordered) - test :])) < wanted:
        test += 1
    cut = len(ordered) - test
    first = min((note.written_at for several in ordered[cut:] for note in several), default="")
    flat = [note for several in ordered[:cut] for note in several]
    # a long document of the test may begin before others end: those notes would look ahead
    train = [note for note in flat if not first or note.written_at <= first]
    return Split(tuple(train), tuple(note for several in ordered[cut:] for note in several))


def _entry(line: str, number: int, path: Path) -> LabelledNote:
    try:
        given = json.loads(line)
        text, events = given["note"], given["events"]
        if not isinstance(text, str) or not text.strip() or not isinstance(events, list):
            raise ValueError("note must be a text and events a list")
        return LabelledNote(
            id=str(given.get("id") or f"{path.stem}:{number}"),
            lang=str(given.get("lang") or detect(text)),
            text=text,
            events=tuple(_checked(event) for event in events),
            context={key: str(value) for key, value in (given.get("context") or {}).items() if key in ("item", "supplier")},
            written_at=str(given.get("written_at") or ""),
            document=str(given.get("document") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        message = (
            f'line {number} of {str(path)!r} is no note with events: {why}; right would be {{"note": "...", "events": [...]}}'
        )
        raise InputError(message, field="notes") from error


def _checked(event: Mapping[str, Any]) -> dict[str, str | float]:
    """An event of a file, with the fields that its type has."""
    kind = event["type"]
    if kind not in get_args(EventType):
        raise ValueError(f"no event is a {kind!r}; known: {', '.join(get_args(EventType))}")
    allowed = {"type", *SCOPES[cast(EventType, kind)], *DETAILS[cast(EventType, kind)]}
    if unknown := event.keys() - allowed:
        raise ValueError(f"a {kind} has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(allowed))}")
    return {name: value for name, value in event.items() if value is not None}


def _of_record(note: Note, events: Sequence[PlanningEvent], context: ToolContext) -> LabelledNote | None:
    """A note of the records; None where one of its events cannot be said in its words."""
    said = [words_of(event, note, context) for event in events]
    if any(one is None for one in said):
        return None
    shelf = context.shelf()
    heading = {"item": shelf.items.get(note.item), "supplier": shelf.suppliers.get(note.supplier)}
    return LabelledNote(
        id=note.id,
        lang=detect(note.text),
        text=note.text,
        events=tuple(one for one in said if one is not None) if events else None,
        context={name: thing.name for name, thing in heading.items() if thing},
        written_at=note.written_at,
    )


def _names(note: LabelledNote) -> list[str]:
    """The values of a note's events and heading that are words of it."""
    said = [*note.context.values(), *(value for event in note.events or () for value in event.values())]
    return [value for value in said if isinstance(value, str)]


def _key(text: str) -> str:
    """The same for notes that differ in case, blanks and figures alone."""
    return re.sub(r"\d+", "0", " ".join(text.casefold().split()))

"""The tool `search_notes`: what planners wrote down."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from parstock.domain import Item, Json, Language, Note, PlanningEvent
from parstock.results import ToolResult
from parstock.wording import day, named, spaced
from retrieval.base import Passage
from retrieval.chunk import note_passage
from tools import _passages
from tools.base import Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.event_facts import tell_events
from tools.factbook import FactBook
from tools.planning_events import event_json
from tools.words import compact

MOST_NOTES = 5
DEPTH = 50
"""Notes looked at before those of other items are left out."""


@tools.register("search_notes")
class SearchNotes:
    """Finds planners' notes, on one item or on anything."""

    name: ClassVar[str] = "search_notes"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """What to look for, and on which item."""

        query: str
        item: str | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Search the notes as they stand now."""
        item = None if args.item is None else context.names.resolve_item(args.item)
        notes = {note.id: note for note in context.records.notes()}
        hits = context.index().search(args.query, kind="note", limit=DEPTH if item else MOST_NOTES)
        found = tuple(hit.passage for hit in hits)
        if item:
            found = _about(item, found, notes)
        found = found[:MOST_NOTES]
        book = FactBook(context)
        if not found:
            en, zh = (f" on {item.name}", f"关于{named(item, 'zh')}的") if item else ("", "相符的")
            book.add("notes.found", 0, "notes", f"No note{en} fits that.", f"没有{zh}备注。", source="notes", required=True)
        _passages.tell(book, found, lambda passage, lang: _title(passage, notes.get(passage.id), context, lang))
        ids = {passage.id for passage in found}
        events = [event for event in context.records.events() if event.note in ids and event.status != "withdrawn"]
        _tell_effect(book, events, context)
        if item:
            book.item(item)
        rows: list[Json] = [_row(notes[passage.id], events, context) for passage in found if passage.id in notes]
        return ToolResult(self.name, {"notes": rows}, book.facts(), citations=tuple(_passages.cite(p) for p in found))


def _about(item: Item, found: tuple[Passage, ...], notes: dict[str, Note]) -> tuple[Passage, ...]:
    """Those found that are filed under the item or name it, else the item's latest notes."""
    named = compact(item.name)
    about = [p for p in found if p.id in notes and (notes[p.id].item == item.sku or named in compact(p.text))]
    latest = sorted((note for note in notes.values() if note.item == item.sku), key=lambda n: n.written_at, reverse=True)
    return tuple(about) or tuple(note_passage(note) for note in latest)


def _tell_effect(book: FactBook, events: Sequence[PlanningEvent], context: ToolContext) -> None:
    """Say what of the notes is part of the plan, and what waits to be."""
    for status, en, zh in (
        ("confirmed", "Part of the plan because of this:", "计划已因此调整："),
        ("proposed", "Proposed because of this, but not confirmed:", "已据此提出、尚未确认："),
    ):
        told = [event for event in events if event.status == status]
        if told:
            book.add(f"events.{status}", status, "name", en, zh, source="notes", required=True)
            tell_events(book, told, context)


def _row(note: Note, events: Sequence[PlanningEvent], context: ToolContext) -> Json:
    return {
        "events": [event_json(event, context) for event in events if event.note == note.id],
        "id": note.id,
        "text": note.text,
        "written_at": note.written_at,
        "author": note.author,
        "item": note.item,
        "supplier": note.supplier,
    }


def _title(passage: Passage, note: Note | None, context: ToolContext, lang: Language) -> str:
    """Who wrote the note when, and on what."""
    if note is None:
        return passage.title
    shelf = context.shelf()
    about = [named(thing, lang) for thing in (shelf.items.get(note.item), shelf.suppliers.get(note.supplier)) if thing]
    written = day(datetime.fromisoformat(note.written_at).date(), lang)
    head, on = (f"{note.author}，{written}", "，关于") if lang == "zh" else (f"{note.author}, {written}", ", on ")
    title = f"{head}{on}{('、' if lang == 'zh' else ' and ').join(about)}" if about else head
    return spaced(title) if lang == "zh" else title

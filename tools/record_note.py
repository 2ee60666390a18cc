"""The tool `record_note`: keeps what a planner wants remembered, and proposes the planning events that it means."""

from dataclasses import replace
from typing import ClassVar

from inventory.events import propose
from inventory.notebook import add_note
from parstock.domain import Item, Note, PlanningEvent, Supplier
from parstock.errors import InputError, InsufficientData, ParstockError
from parstock.results import Citation, ToolResult
from parstock.wording import named
from tools.base import Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.event_facts import tell_choice, tell_events, tell_unclear
from tools.factbook import FactBook, Figure
from tools.note_reader import NoteReading, Unclear
from tools.planning_events import EventWords, event_from_words, event_json

_ENDINGS = {
    "events": ("; it is taken to mean:", "，理解为："),
    "nothing": ("; it changes nothing in the plan.", "，不影响计划。"),
    "open": (".", "。"),
}
"""How the sentence ends that says that a note is stored, by what comes of it."""


@tools.register("record_note")
class RecordNote:
    """Stores a note; what it means for the plan is proposed and waits for a person's confirmation."""

    name: ClassVar[str] = "record_note"
    scope: ClassVar[Scope] = "propose"

    class Arguments(ToolArguments):
        """The note, and what to file it under."""

        text: str
        item: str | None = None
        supplier: str | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Store the note under the caller's name, then read it; whatever goes wrong there, the note is kept."""
        if not args.text:
            raise InputError("text is empty; give the words of the note", field="text")
        item = None if args.item is None else context.names.resolve_item(args.item)
        supplier = None if args.supplier is None else context.names.resolve_supplier(args.supplier)
        note = add_note(
            context.store,
            args.text,
            item=item.sku if item else "",
            supplier=supplier.code if supplier else "",
            author=context.actor,
        )
        reading, failure = _read(note, context)
        events, unclear = _propose(reading, note, context)
        book = FactBook(context)
        _tell_note(book, note, _ENDINGS["events" if events else "open" if unclear or failure else "nothing"])
        tell_events(book, events, context)
        for part in unclear:
            tell_unclear(book, part)
        if failure:
            _tell_unread(book, note, failure)
        if events:
            tell_choice(book, events)
        _tell_heading(book, item, supplier)
        title = item.name if item else supplier.name if supplier else note.author
        return ToolResult(
            self.name,
            {
                "id": note.id,
                "text": note.text,
                "item": note.item,
                "supplier": note.supplier,
                "author": note.author,
                "events": [event_json(event, context) for event in events],
                "unclear": [{"type": part.type, "field": part.field, "said": part.said, "why": part.why} for part in unclear],
                "unread": failure,
            },
            book.facts(),
            citations=(Citation(note.id, title, note.text, note.id),),
        )


def _read(note: Note, context: ToolContext) -> tuple[NoteReading, str]:
    """What the note means, and why it could not be read where that is so."""
    if context.note_reader is None:
        return NoteReading(), "no chat model is at hand"
    try:
        return context.note_reader.read(note.text, item=note.item, supplier=note.supplier), ""
    except ParstockError as error:
        return NoteReading(), str(error).rstrip(".")


def _propose(reading: NoteReading, note: Note, context: ToolContext) -> tuple[list[PlanningEvent], list[Unclear]]:
    """Propose each event of which every name and day is understood; the others are left out."""
    events, unclear = [], list(reading.unclear)
    for words in reading.events:
        try:
            event = event_from_words(replace(words, note=note.id), context)
            events.append(propose(context.store, event, actor=context.actor))
        except (InputError, InsufficientData) as error:
            unclear.append(_unclear(words, error))
    return events, unclear


def _unclear(words: EventWords, error: InputError | InsufficientData) -> Unclear:
    field = (error.field or "") if isinstance(error, InputError) else "start"
    said = getattr(words, field, None)
    choices = error.choices if isinstance(error, InputError) else ()
    if said is None:
        return Unclear(words.type, "missing", field)
    return Unclear(words.type, "unknown", field, f"{said:g}" if isinstance(said, (int, float)) else said, choices)


def _tell_note(book: FactBook, note: Note, ending: tuple[str, str]) -> None:
    book.tell(
        f"The note “{note.text}” is stored [{note.id}]{ending[0]}",
        f"备注“{note.text}”已保存 [{note.id}]{ending[1]}",
        Figure("note.id", note.id, "name"),
        Figure("note.text", note.text, "quote"),
        source=note.id,
        required=True,
    )


def _tell_unread(book: FactBook, note: Note, failure: str) -> None:
    """Say that nobody looked what the note means for the plan."""
    book.add(
        "note.unread",
        failure,
        "quote",
        f"It was not read for what it changes in the plan: {failure}. `parstock events add` proposes a change.",
        "尚未解读它对计划的影响；可用 `parstock events add` 手工提出。",
        source=note.id,
        required=True,
    )


def _tell_heading(book: FactBook, item: Item | None, supplier: Supplier | None) -> None:
    """Say what the note is filed under."""
    if item:
        book.item(item)
    if supplier:
        book.add(
            "supplier",
            supplier.name,
            "name",
            f"It is filed under the supplier {supplier.name}.",
            f"归入供应商{named(supplier, 'zh')}。",
            source=f"suppliers/{supplier.code}",
        )

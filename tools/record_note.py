"""The tool `record_note`: keeps what a planner wants remembered."""

from typing import ClassVar

from inventory.notebook import add_note
from parstock.errors import InputError
from parstock.results import Citation, ToolResult
from parstock.wording import named
from tools.base import Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.factbook import FactBook, Figure


@tools.register("record_note")
class RecordNote:
    """Stores a note; it can be searched from then on and changes no plan."""

    name: ClassVar[str] = "record_note"
    scope: ClassVar[Scope] = "propose"

    class Arguments(ToolArguments):
        """The note, and what to file it under."""

        text: str
        item: str | None = None
        supplier: str | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Store the note under the caller's name."""
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
        book = FactBook(context)
        book.tell(
            f"The note “{note.text}” is stored [{note.id}]; nothing in the plan was changed.",
            f"备注“{note.text}”已保存 [{note.id}]，计划未作任何改动。",
            Figure("note.id", note.id, "name"),
            Figure("note.text", note.text, "quote"),
            source=note.id,
            required=True,
        )
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
        title = item.name if item else supplier.name if supplier else note.author
        return ToolResult(
            self.name,
            {"id": note.id, "text": note.text, "item": note.item, "supplier": note.supplier, "author": note.author},
            book.facts(),
            citations=(Citation(note.id, title, note.text, note.id),),
        )

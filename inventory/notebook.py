"""Planners' notes: writing them. `Records.notes` reads them."""

from inventory import audit, meta
from inventory._stamps import checked, new_id, now
from inventory.schema import notes
from inventory.store import Store
from parstock.domain import Note


def add_note(store: Store, text: str, *, item: str = "", supplier: str = "", author: str) -> Note:
    """Keep a note, and record in the audit log who wrote it.

    Args:
        store: The database.
        text: What the planner wrote, at most 100,000 characters.
        item: Code of the item it is about, if any.
        supplier: Code of the supplier it is about, if any.
        author: Who wrote it.

    Raises:
        InputError: The text or the author is empty or cannot be stored.
    """
    note = Note(new_id("note"), checked("text", text), now(), checked("author", author, longest=200), item, supplier)
    with store.writing() as connection:
        connection.execute(
            notes.insert().values(
                id=note.id, text=note.text, written_at=note.written_at, author=note.author, item=item, supplier=supplier
            )
        )
        meta.bump_revision(connection)
        audit.append(
            connection, actor=note.author, action="note.added", subject=note.id, detail={"item": item, "supplier": supplier}
        )
    return note

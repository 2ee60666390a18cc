"""What reading a note comes to: the events that its words mean, and what in it was not understood. Reads nothing itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from tools.planning_events import EventWords

Why: TypeAlias = Literal["missing", "unsaid", "unknown", "unreadable", "unsure"]
"""What keeps a part of a note from becoming an event: the note does not say a field that is needed, it does not hold the words or
the number that the model gave, the shop knows nothing of that name or day, the model's call cannot be used at all, or the model
is not sure of it."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """A part of a note that becomes no event."""

    type: str
    """Type of event, as the model named it."""
    why: Why
    field: str = ""
    """The field at fault."""
    said: str = ""
    """Its value."""
    choices: tuple[str, ...] = ()
    """What may have been meant."""


@dataclass(frozen=True, slots=True)
class NoteReading:
    """What a note means for the plan."""

    events: tuple[EventWords, ...] = ()
    """Each by the note's own words; none where the note changes nothing."""
    unclear: tuple[Unclear, ...] = ()


class NoteReader(Protocol):
    """Whoever can read notes; the doors give one to `ToolContext`."""

    def read(self, note: str, *, item: str = "", supplier: str = "") -> NoteReading:
        """Read a note; keeps and resolves nothing.

        Args:
            note: Its text.
            item: What the item that it is filed under is called; an event that names nothing is about it.
            supplier: The same of a supplier.

        Raises:
            SetupError: The chat model cannot be used.
            ToolFailed: It did not answer, or the note is too long.
        """
        ...


@dataclass(frozen=True, eq=False, slots=True)
class LateNoteReader:
    """Reads notes with a reader that is opened only when there is one to read: opening a chat model takes a while."""

    open: Callable[[], NoteReader]

    def read(self, note: str, *, item: str = "", supplier: str = "") -> NoteReading:
        """Open the reader, and read."""
        return self.open().read(note, item=item, supplier=supplier)

"""A planning event that the shop keeps by codes and days, said again in the words of the note it was read from."""

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import date

from parstock.calendar import resolve_day
from parstock.domain import Note, PlanningEvent
from parstock.errors import ParstockError
from tools.context import ToolContext

LONGEST_WORDS = 6
"""Words, or Han characters twice over, of a name or a day in a note."""
_PIECE = re.compile(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+")
_EDGES = " \t.,;:!?()[]\"'“”‘’、，。；：！？（）"
_SMALL = re.compile(r"^(?:from|until|till|til|by|on|before|after|since|to|the|for|through|从|自|到|至|截至)\s*", re.IGNORECASE)
_NUMBERS = ("pct", "days", "delta_days", "quantity", "unit_cost")


def words_of(event: PlanningEvent, note: Note, context: ToolContext) -> dict[str, str | float] | None:
    """Return the event in the note's words; None where a name or a day of it is not in them.

    What the note is filed under need not be said.
    """
    found: dict[str, str | float] = {"type": event.type}
    names = context.names
    resolvers: dict[str, Callable[[str], str]] = {
        "item": lambda text: names.resolve_item(text).sku,
        "category": names.resolve_category,
        "supplier": lambda text: names.resolve_supplier(text).code,
        "warehouse": lambda text: context.warehouse_code(text),
        "replacement": lambda text: names.resolve_item(text).sku,
    }
    for field, resolve in resolvers.items():
        code = getattr(event, field)
        if not code or code == getattr(note, field, ""):
            continue
        said = _said(note.text, code, resolve)
        if said is None:
            return None
        found[field] = said
    found |= {field: value for field in _NUMBERS if (value := getattr(event, field)) is not None}
    for field, day in (("start", event.start), ("end", event.end)):
        if day is not None:
            said = _day_said(note, day, context, last=field == "end")
            if said is None:
                return None
            found[field] = said
    return found


def _said(text: str, code: str, resolve: Callable[[str], str]) -> str | None:
    """The longest words of a text that mean a code."""
    for words in _spans(text):
        try:
            if resolve(words) == code:
                return words
        except ParstockError:
            continue
    return None


def _day_said(note: Note, day: date, context: ToolContext, *, last: bool) -> str | None:
    """The longest words that mean a day, on the day of writing or on the shop's today."""
    bases = {context.as_of()}
    with contextlib.suppress(ValueError):
        bases.add(date.fromisoformat(note.written_at[:10]))
    for words in _spans(note.text):
        for base in bases:
            try:
                if resolve_day(words, base, last=last) == day:
                    return _SMALL.sub("", words) or words
            except ParstockError:
                continue
    return None


def _spans(text: str) -> Iterator[str]:
    """Runs of words, the longer first."""
    pieces = [(match.start(), match.end()) for match in _PIECE.finditer(text)]
    for length in range(min(2 * LONGEST_WORDS, len(pieces)), 0, -1):
        for first in range(len(pieces) - length + 1):
            words = text[pieces[first][0] : pieces[first + length - 1][1]].strip(_EDGES)
            if words and (length <= LONGEST_WORDS or "\u3400" <= words[0] <= "\u9fff"):
                yield words

"""Reading notes with a chat model: the events are its calls, and no word or number in them that the note does not hold."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

import prompts
from agent.embedded.grammar import number_value
from agent.embedded.spots import Spot, normalise, spot
from agent.embedded.vocabulary import Argument, Catalogue
from agent.language import detect
from agent.link import Linker
from inventory.events import ONE_OF, SCOPES
from parstock.domain import EventType
from parstock.errors import ParstockError, ToolFailed
from tools.event_catalogue import event_catalogue
from tools.note_reader import NoteReading, Unclear
from tools.planning_events import EventWords
from tools.words import compact

NOTE = "parstock_note"
"""Key of a message's `additional_kwargs` that says that it is a note and not talk."""
UNSURE = "unsure"
"""Error of a call that a model would make but is not sure of."""
MOST_CHARACTERS = 4000
"""A longer note is kept, but not read."""
SAME = 0.02
"""A number within this share of one that the note says is that one: 33.3 is a third."""
_LATIN = re.compile("[A-Za-z0-9]")
_SUBJECTS = ("item", "supplier")
"""What a note may be filed under."""


class ModelNoteReader:
    """Reads notes with any chat model that takes tools. Safe to share between threads.

    Args:
        model: The chat model.
        linker: Gives the names that the shop knows now; None where there is no shop.
    """

    def __init__(self, model: BaseChatModel, linker: Callable[[], Linker] | None = None) -> None:
        self._model = model
        self._linker = linker or (lambda: Linker({}, {}))

    def read(self, note: str, *, item: str = "", supplier: str = "") -> NoteReading:
        """Read a note; see `tools.note_reader.NoteReader`.

        Raises:
            SetupError: The chat model cannot be used.
            ToolFailed: It did not answer, or the note has more than `MOST_CHARACTERS` characters.
        """
        if len(note) > MOST_CHARACTERS:
            raise ToolFailed(f"it has {len(note):,} characters, and at most {MOST_CHARACTERS:,} are read")
        linker, heading = self._linker(), {"item": item, "supplier": supplier}
        reply = self._ask(note, heading, linker)
        events: list[EventWords] = []
        unclear = [
            Unclear(str(call["name"] or ""), "unsure" if call["error"] == UNSURE else "unreadable")
            for call in reply.invalid_tool_calls
        ]
        for call in reply.tool_calls:
            found = event_of(call["name"], call["args"], normalise(note), heading, linker)
            if isinstance(found, Unclear):
                unclear.append(found)
            elif found not in events:
                events.append(found)
        return NoteReading(tuple(events), tuple(dict.fromkeys(unclear)))

    def _ask(self, note: str, heading: Mapping[str, str], linker: Linker) -> AIMessage:
        """The model's calls.

        Raises:
            ToolFailed: The model failed in a way of its own.
        """
        filed = ", ".join(f"{kind} {name}" for kind, name in heading.items() if name) or "-"
        asked = [
            SystemMessage(prompts.load(f"read_note.{detect(note)}", heading=filed)),
            HumanMessage(note, additional_kwargs={NOTE: True, **linker.entities(note)}),
        ]
        try:
            return self._model.bind_tools([dict(spec) for spec in event_catalogue()]).invoke(asked)
        except ParstockError:
            raise
        except Exception as error:
            reason = str(error).strip().partition("\n")[0][:200] or type(error).__name__
            raise ToolFailed(f"the chat model did not answer: {reason}") from error


def event_of(name: str, given: Mapping[str, Any], note: str, heading: Mapping[str, str], linker: Linker) -> EventWords | Unclear:
    """Return the event that a call means, with the note's own values, or what is wrong with it.

    Args:
        name: The function that the model called.
        given: Its arguments.
        note: Normalised text of the note.
        heading: What the note is filed under, by kind; "" for nothing.
        linker: Knows the shop's names.
    """
    arguments = {argument.name: argument for argument in events_by_name().get(name, ())}
    said = {key: value for key, value in given.items() if value not in (None, "")}
    unknown = next((key for key in said if key not in arguments), None)
    if not arguments or unknown is not None:
        return Unclear(name, "unreadable", unknown or "")
    fields: dict[str, str | int | float] = {}
    spots = spot(note)
    for key, raw in said.items():
        argument = arguments[key]
        value = _number(argument, raw, spots) if argument.type == "number" else _words(key, raw, note, linker)
        if value is None:
            return Unclear(name, "unsaid", key, str(raw))
        fields[key] = value
    type_ = cast(EventType, name)
    fields |= inherited(type_, fields, heading)
    if lacking := _lacking(type_, fields):
        return Unclear(name, "missing", lacking)
    return EventWords(type_, **cast(Any, fields))


@cache
def events_by_name() -> Mapping[str, tuple[Argument, ...]]:
    """The arguments of each type of event."""
    return Catalogue.of(event_catalogue()).tools


def inherited(type_: EventType, fields: Mapping[str, object], heading: Mapping[str, str]) -> dict[str, str]:
    """Return the item or the supplier that an event is about because the note is filed under it.

    That is so where its words name nothing; of all types but a change of demand, where they name neither item nor supplier.
    """
    naming = SCOPES[type_] if type_ == "demand_change" else _SUBJECTS
    if any(key in fields for key in naming):
        return {}
    return next(({key: heading[key]} for key in _SUBJECTS if key in SCOPES[type_] and heading.get(key)), {})


def _lacking(type_: EventType, fields: Mapping[str, object]) -> str:
    """The field that an event cannot do without and has not got, "" where it has all."""
    needed = SCOPES[type_] if type_ == "demand_change" else [key for key in SCOPES[type_] if key in _SUBJECTS]
    if not any(key in fields for key in needed):
        return needed[0]
    one_of = ONE_OF.get(type_, ())
    return one_of[0] if one_of and sum(key in fields for key in one_of) != 1 else ""


def _number(argument: Argument, raw: object, spots: Sequence[Spot]) -> int | float | None:
    """The note's own value that a number stands for, with the number's sign; None where the note says no such value."""
    try:
        number = float(str(raw).strip().rstrip("%"))
    except ValueError:
        return None
    if isinstance(raw, bool) or not math.isfinite(number) or (number < 0 and not argument.signed):
        return None
    fitting = [s.value for s in spots if s.kind in argument.choices and math.isclose(s.value, abs(number), rel_tol=SAME)]
    if not fitting:
        return None
    value = min(fitting, key=lambda value: abs(value - abs(number)))
    return cast("int | float", number_value(argument, math.copysign(value, number)))


def _words(key: str, raw: object, note: str, linker: Linker) -> str | None:
    """The words of a string argument; None where neither the note holds them nor, as a name, the shop knows them."""
    if not isinstance(raw, str) or not (text := normalise(raw).strip()):
        return None
    if stands_in(text, note):
        return text
    known = compact(text) in linker.latin or text in linker.han
    return text if known and key not in ("start", "end") else None


def stands_in(words: str, note: str) -> bool:
    """Whether `words` stand in `note` as whole words, whatever their case.

    >>> [stands_in(words, "Maybe the red Mug, 冰垫9月") for words in ("red mug", "May", "冰垫")]
    [True, False, True]
    """
    before = "(?<![A-Za-z0-9])" if _LATIN.match(words[0]) else ""
    after = "(?![A-Za-z0-9])" if _LATIN.match(words[-1]) else ""
    return re.search(f"{before}{re.escape(words)}{after}", note, re.IGNORECASE) is not None

"""What the writers wrote: planners' sentences with placeholders, beside the calls that they mean."""

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NotRequired, TypedDict

from agent.embedded.grammar import NAMED

FOLDER = Path(__file__).parent / "phrasings"
"""Lines and values of all writers."""
NOTES = Path(__file__).parent / "notes"
"""What the writers jotted down, with the planning events that it means."""


class Meant(TypedDict):
    """A call that a sentence asks for."""

    name: str
    args: dict[str, str | float]
    """`{placeholder}`, `-{placeholder}` for a fall, or a plain value."""


class Turn(TypedDict):
    """What the planner says, and what is right to do."""

    text: str
    calls: NotRequired[list[Meant]]
    behaviour: NotRequired[str]
    """Where nothing is to be called: "clarify", "refuse" or "answer"; "nothing" for a note without effect."""
    ask: NotRequired[str]
    """For clarify: the argument to ask for."""
    bot: NotRequired[str]
    """What the assistant said to that, where the next turn leans on it."""


FOLDS = 5
"""Parts of the corpus that are kept from one router each."""


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One line of a writer's file, up to one of its turns."""

    id: str
    """Writer and a digest of the line, so that editing one line moves no other to another fold."""
    lang: str
    """"en", "zh" or "mixed"."""
    turns: tuple[Turn, ...]
    follows: str = ""
    """For a lone follow-up: the tool of the turn before it."""
    inherit: tuple[str, ...] = ()
    """Arguments that the follow-up takes over from that turn."""
    note: bool = False
    """Whether this is an inventory note, and its calls are planning events."""
    as_typed: bool = False
    """Whether the words hold names and not placeholders, so that no slip of the keyboard may be put into them."""

    @property
    def last(self) -> Turn:
        """The turn to answer."""
        return self.turns[-1]


def kind_of(placeholder: str) -> str:
    """What a placeholder stands for; the second, third ... of a kind have a number behind.

    >>> kind_of("item2")
    'item'
    """
    return placeholder.rstrip("23456789")


def fold_of(phrasing_id: str) -> int:
    """Which fold a phrasing (with all its turns) belongs to."""
    return zlib.crc32(phrasing_id.encode()) % FOLDS


@cache
def phrasings(folder: Path = FOLDER) -> tuple[Phrasing, ...]:
    """All writers' phrasings.

    A line of n turns gives n phrasings, one for each turn that is answered; one that is marked `only_last` gives one. A line with
    names instead of placeholders is used twice: as it stands, and with its names made placeholders.
    """
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            name = f"{path.stem}:{zlib.crc32(line.encode()):08x}"
            about = (entry.get("follows", ""), tuple(entry.get("inherit", ())))
            turns = tuple(entry["turns"])
            ways = {json.dumps(way): way for way in (turns, slotted(turns))}
            for way in ways.values():
                lengths = range(len(turns) if entry.get("only_last") else 1, len(turns) + 1)
                as_typed = len(ways) > 1 and way is turns
                found += [Phrasing(name, entry.get("lang", "en"), way[:length], *about, as_typed=as_typed) for length in lengths]
    return tuple(found)


@cache
def notes(folder: Path = NOTES) -> tuple[Phrasing, ...]:
    """All writers' notes, each as it stands and with its names and days made placeholders."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            name = f"{path.stem}:{zlib.crc32(line.encode()):08x}"
            events = [_event(event, entry["note"]) for event in entry["events"]]
            turn = Turn(text=entry["note"], calls=events) if events else Turn(text=entry["note"], behaviour="nothing")
            [slots] = slotted([turn])
            ways = {json.dumps(way): way for way in (turn, _with_days(slots))}
            found += [Phrasing(name, entry["lang"], (way,), note=True, as_typed=way is turn) for way in ways.values()]
    return tuple(found)


def _event(event: Mapping[str, str | float], note: str) -> Meant:
    """An event as a call; what it inherits from the note's heading is not said."""
    said = {key: raw for key, raw in event.items() if key != "type" and (not isinstance(raw, str) or raw.lower() in note.lower())}
    return Meant(name=str(event["type"]), args=said)


def _with_days(turn: Turn) -> Turn:
    """A note with its days made placeholders, where each is said once."""
    filled = Turn(text=turn["text"])
    if "behaviour" in turn:
        filled["behaviour"] = turn["behaviour"]
        return filled
    phrases = {str(call["args"][key]): None for call in turn["calls"] for key in ("start", "end") if key in call["args"]}
    places: dict[str, str] = {}
    for phrase in phrases:
        if filled["text"].count(phrase) == 1 and "{" not in phrase:
            places[phrase] = f"date{len(places) + 1}" if places else "date"
            filled["text"] = filled["text"].replace(phrase, f"{{{places[phrase]}}}")
    filled["calls"] = [
        Meant(name=call["name"], args={key: f"{{{places[raw]}}}" if raw in places else raw for key, raw in call["args"].items()})
        for call in turn["calls"]
    ]
    return filled


def slotted(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns with the names that their calls copy made placeholders, so that any name can stand there.

    >>> slotted([Turn(text="Got Red Mugs? And red mugs in Leeds?", calls=[Meant(name="get_stock", args={"item": "red mugs"})])])
    ({'text': 'Got {item}? And {item} in Leeds?', 'calls': [{'name': 'get_stock', 'args': {'item': '{item}'}}]},)
    """
    names: dict[str, str] = {}
    for turn in turns:
        for call in turn.get("calls", ()):
            for argument, value in call["args"].items():
                if argument in NAMED and isinstance(value, str) and "{" not in value:
                    names.setdefault(value.lower(), NAMED[argument])
    places: dict[str, str] = {}
    for name, kind in names.items():
        taken = sum(kind_of(place) == kind for place in places.values())
        places[name] = f"{kind}{taken + 1}" if taken else kind
    return tuple(_with_places(turn, places) for turn in turns) if places else tuple(turns)


def _with_places(turn: Turn, places: Mapping[str, str]) -> Turn:
    """One turn with `{place}` for each name in its words and its calls; of two names, the longer first."""
    names = "|".join(re.escape(name) for name in sorted(places, key=len, reverse=True))
    spoken = re.compile(rf"(?<![A-Za-z0-9])(?:{names})(?![A-Za-z0-9])", re.IGNORECASE)
    filled = turn.copy()
    filled["text"] = spoken.sub(lambda found: f"{{{places[found[0].lower()]}}}", turn["text"])
    if "bot" in turn:
        filled["bot"] = spoken.sub(lambda found: f"{{{places[found[0].lower()]}}}", turn["bot"])
    if "calls" in turn:
        filled["calls"] = [
            Meant(
                name=call["name"],
                args={
                    key: f"{{{places[raw.lower()]}}}" if key in NAMED and isinstance(raw, str) and raw.lower() in places else raw
                    for key, raw in call["args"].items()
                },
            )
            for call in turn["calls"]
        ]
    return filled

"""What the writers wrote: planners' sentences with placeholders, beside the calls that they mean."""

import json
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NotRequired, TypedDict

FOLDER = Path(__file__).parent / "phrasings"
"""Lines and values of all writers."""


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
    """Where nothing is to be called: "clarify", "refuse" or "answer"."""
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

    @property
    def last(self) -> Turn:
        """The turn to answer."""
        return self.turns[-1]


def fold_of(phrasing_id: str) -> int:
    """Which fold a phrasing (with all its turns) belongs to."""
    return zlib.crc32(phrasing_id.encode()) % FOLDS


@cache
def phrasings(folder: Path = FOLDER) -> tuple[Phrasing, ...]:
    """All writers' phrasings.

    A line of n turns gives n phrasings, one for each turn that is answered; one that is marked `only_last` gives one.
    """
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            name = f"{path.stem}:{zlib.crc32(line.encode()):08x}"
            turns = tuple(entry["turns"])
            about = (entry.get("follows", ""), tuple(entry.get("inherit", ())))
            lengths = range(len(turns) if entry.get("only_last") else 1, len(turns) + 1)
            found += [Phrasing(name, entry.get("lang", "en"), turns[:length], *about) for length in lengths]
    return tuple(found)

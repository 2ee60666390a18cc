"""What the writers wrote: planners' sentences with placeholders, beside the calls that they mean."""

import json
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


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One line of a writer's file, up to one of its turns."""

    id: str
    """Writer and line number."""
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


@cache
def phrasings(folder: Path = FOLDER) -> tuple[Phrasing, ...]:
    """All writers' phrasings.

    A line of n turns gives n phrasings, one for each turn that is answered; one that is marked `only_last` gives one.
    """
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            entry = json.loads(line)
            turns = tuple(entry["turns"])
            about = (entry.get("follows", ""), tuple(entry.get("inherit", ())))
            lengths = range(len(turns) if entry.get("only_last") else 1, len(turns) + 1)
            found += [Phrasing(f"{path.stem}:{number}", entry.get("lang", "en"), turns[:length], *about) for length in lengths]
    return tuple(found)

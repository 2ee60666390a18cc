"""From phrasings to conversations with their exact answers: a synchronous grammar, deterministic from a seed.

A phrasing is a planner's sentence with placeholders beside the calls it asks for. Filling the placeholders gives a
conversation and, by construction, the characters of each argument in it. The same conversation can be written in OpenAI form
(`finetune/cases.py`) for any model and in the embedded model's tokens (`finetune/examples.py`).
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agent.embedded.render import Mark, Utterance
from agent.embedded.spots import normalise
from finetune.joining import join, joinable
from finetune.noise import chatter, distort
from finetune.phrasing import Phrasing, Turn, fold_of, kind_of
from finetune.summaries import question, summary
from finetune.values import value
from parstock.domain import Language
from parstock.errors import InputError

LINKED_SHARE, MARKED_SHARE = 0.35, 0.9
"""Share of conversations with a linker that knows names, and of the names that it knows."""
OPENER_TRIES = 12
JOINED_SHARE = 0.14
"""Share of single requests that are joined to another (`finetune/joining.py`)."""
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ARGUMENT = re.compile(r"(-?)\{(\w+)\}")
_MARKED = ("item", "warehouse", "supplier", "category")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of one utterance."""

    utterance: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Gold:
    """The right call, each argument with where it stands in the conversation."""

    name: str
    arguments: Mapping[str, Span | str | float]
    """Span of a copied string or of a number's words; plain values for enums and for numbers that the words imply."""
    signs: Mapping[str, int] = field(default_factory=dict)
    """1, or -1 for a fall, for every span."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Utterances, the last one the planner's, and what a good colleague would do."""

    source: str
    """The phrasing's id."""
    lang: str
    utterances: tuple[Utterance, ...]
    behaviour: str
    """"call", "clarify", "refuse" or "answer"; "nothing" for a note without effect."""
    calls: tuple[Gold, ...] = ()
    missing: str = ""
    """For clarify: the argument to ask for."""

    @property
    def is_note(self) -> bool:
        """Whether this is an inventory note and not talk."""
        return self.utterances[-1].role == "note"


class Grammar:
    """Fills phrasings with values.

    Args:
        chosen: Phrasings to draw from; follow-ups without a first turn borrow one from here.
    """

    def __init__(self, chosen: Sequence[Phrasing]) -> None:
        self.chosen = tuple(chosen)
        self._openers: dict[tuple[str, str], list[Phrasing]] = {}
        """(tool, language) -> requests with one call, which a follow-up may follow."""
        self._singles: dict[tuple[str, int], list[Phrasing]] = {}
        """Language -> requests that may be joined to another."""
        for phrasing in chosen:
            calls = phrasing.turns[0].get("calls", ())
            if len(phrasing.turns) == 1 and len(calls) == 1 and not (phrasing.follows or phrasing.note):
                self._openers.setdefault((calls[0]["name"], phrasing.lang), []).append(phrasing)
            if joinable(phrasing):
                self._singles.setdefault((phrasing.lang, fold_of(phrasing.id)), []).append(phrasing)

    def fill(self, phrasing: Phrasing, rng: random.Random) -> Conversation | None:
        """One conversation from `phrasing`; None where no fitting first turn or value was found."""
        if not phrasing.follows:
            return _Filling(phrasing, phrasing.turns, {}, rng).conversation()
        opener = self._opener(phrasing, rng)
        if opener is None:
            return None
        inherited = {key: raw for key, raw in opener["calls"][0]["args"].items() if key in phrasing.inherit}
        return _Filling(phrasing, (opener, *phrasing.turns), inherited, rng).conversation()

    def _opener(self, phrasing: Phrasing, rng: random.Random) -> Turn | None:
        """A first turn of the right tool that has the item to inherit and shares no placeholder with the follow-up."""
        pool = self._openers.get((phrasing.follows, phrasing.lang)) or self._openers.get((phrasing.follows, "en"))
        if not pool:
            return None
        own = set(_PLACEHOLDER.findall(phrasing.last["text"]))
        for _ in range(OPENER_TRIES):
            turn = rng.choice(pool).last
            named = "item" not in phrasing.inherit or "item" in turn["calls"][0]["args"]
            if named and own.isdisjoint(_PLACEHOLDER.findall(turn["text"])):
                return turn
        return None

    def stream(self, seed: int) -> Iterator[Conversation]:
        """Endless conversations, every phrasing in turn in a new random order each round, the hard ones more often.

        Raises:
            InputError: A whole round gave no conversation.
        """
        rng = random.Random(seed)  # noqa: S311
        order = [phrasing for phrasing in self.chosen for _ in range(_weight(phrasing))]
        while True:
            rng.shuffle(order)
            made = 0
            for made, conversation in enumerate(self._round(order, rng), 1):  # noqa: B007
                yield conversation
            if not made:
                raise InputError(f"none of {len(self.chosen)} phrasings can be filled; give some that follow no other")

    def _round(self, order: Sequence[Phrasing], rng: random.Random) -> Iterator[Conversation]:
        """Conversations of phrasings in order, some of the single requests joined to another."""
        for phrasing in order:
            said: Phrasing | None = phrasing
            if joinable(phrasing) and rng.random() < JOINED_SHARE:
                said = join(phrasing, rng.choice(self._singles[phrasing.lang, fold_of(phrasing.id)]), rng)
            conversation = self.fill(said, rng) if said else None
            if conversation is not None:
                yield conversation


def _weight(phrasing: Phrasing) -> int:
    """How often a phrasing comes in a round: requests with many arguments or several calls are rare and hard."""
    calls = phrasing.last.get("calls", ())
    return 1 + (len(calls) > 1) + (max((len(call["args"]) for call in calls), default=0) > 2)


class _Filling:
    """One filling of one phrasing: values, texts, and where each value stands.

    Args:
        phrasing: What is filled.
        turns: Its turns, a borrowed one before them where it is a lone follow-up.
        inherited: Arguments taken over from the borrowed turn.
        rng: Where chance comes from.
    """

    def __init__(
        self, phrasing: Phrasing, turns: Sequence[Turn], inherited: Mapping[str, str | float], rng: random.Random
    ) -> None:
        self.phrasing, self.turns, self.inherited, self.rng = phrasing, turns, inherited, rng
        self.values: dict[str, str] = {}
        self.spans: dict[str, Span] = {}
        """Placeholder -> where its value was said last."""
        self.utterances: list[Utterance] = []
        self.linked = rng.random() < LINKED_SHARE

    def conversation(self) -> Conversation | None:
        """The conversation; None where an argument was said by nobody."""
        for turn in self.turns[:-1]:
            self._planner(turn["text"], last=False)
            self._say("assistant", _PLACEHOLDER.split(turn.get("bot") or self._reply(turn)))
        last = self.turns[-1]
        self._planner(last["text"], last=not self.phrasing.note)
        if "behaviour" in last:
            return self._done(last["behaviour"], missing=last.get("ask", ""))
        calls = [self._gold(call["name"], {**self.inherited, **call["args"]}) for call in last["calls"]]
        known = tuple(call for call in calls if call is not None)
        return self._done("call", known) if len(known) == len(calls) else None

    def _done(self, behaviour: str, calls: tuple[Gold, ...] = (), missing: str = "") -> Conversation:
        return Conversation(self.phrasing.id, self.phrasing.lang, tuple(self.utterances), behaviour, calls, missing)

    def _reply(self, turn: Turn) -> str:
        lang: Language = "zh" if self.phrasing.lang == "zh" else "en"
        if "behaviour" in turn:
            return question(turn["behaviour"], turn.get("ask", ""), lang, self.rng)
        return " ".join(summary(call["name"], call["args"], lang, self.rng) for call in turn["calls"])

    def _planner(self, text: str, *, last: bool) -> None:
        """Say a planner's words as they are typed."""
        pieces = _PLACEHOLDER.split(text)
        if not self.phrasing.as_typed:
            mistyped = distort(pieces[::2], self.rng, self.phrasing.lang)
            pieces[::2] = [old if self._copied(old) else new for old, new in zip(pieces[::2], mistyped, strict=True)]
        if last:
            pieces = chatter(pieces, self.rng, self.phrasing.lang)
        self._say("note" if self.phrasing.note else "user", pieces)

    def _copied(self, piece: str) -> bool:
        """Whether an argument is copied from these words, so that no slip of the keyboard may be put into them."""
        calls = (call for turn in self.turns for call in turn.get("calls", ()))
        literal = {raw.lower() for call in calls for raw in call["args"].values() if isinstance(raw, str) and "{" not in raw}
        return any(words in piece.lower() for words in literal)

    def _say(self, role: str, pieces: Sequence[str]) -> None:
        """Put words (even pieces) and values of placeholders (odd pieces) together."""
        text = ""
        marks = []
        for index, piece in enumerate(pieces):
            said = normalise(self._value(piece) if index % 2 else piece)
            if index % 2:
                span = self.spans[piece] = Span(len(self.utterances), len(text), len(text) + len(said))
                kind = kind_of(piece)
                if self.linked and kind in _MARKED and self.rng.random() < MARKED_SHARE:
                    marks.append(Mark(span.start, span.end, kind))
            text += said
        self.utterances.append(Utterance(role, text, tuple(marks)))

    def _value(self, placeholder: str) -> str:
        if placeholder not in self.values:
            self.values[placeholder] = value(placeholder, self.rng, self.phrasing.lang).strip()
        return self.values[placeholder]

    def _gold(self, name: str, args: Mapping[str, str | float]) -> Gold | None:
        arguments: dict[str, Span | str | float] = {}
        signs: dict[str, int] = {}
        for key, raw in args.items():
            place = _ARGUMENT.fullmatch(raw) if isinstance(raw, str) else None
            if place is None:
                arguments[key] = raw
                continue
            if place[2] not in self.spans:
                return None
            arguments[key] = self.spans[place[2]]
            signs[key] = -1 if place[1] else 1
        return Gold(name, arguments, signs)

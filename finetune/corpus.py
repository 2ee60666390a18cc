"""From phrasings to conversations with their exact answers: a synchronous grammar, deterministic from a seed.

A phrasing is a planner's sentence with placeholders beside the calls it asks for. Filling the placeholders gives a
conversation and, by construction, the characters of each argument in it. The same conversation can be written in OpenAI form
(`to_openai`) for any model and in the embedded model's tokens (`finetune/examples.py`).
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from agent.embedded.render import Mark, Utterance
from agent.embedded.spots import normalise
from finetune.noise import chatter, distort
from finetune.summaries import question, summary
from finetune.values import FOLDER, value

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_MARKED = ("item", "warehouse", "supplier", "category")


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One line of a writer's file."""

    id: str
    """Writer and line number."""
    lang: str
    turns: tuple[Mapping[str, Any], ...]
    follows: str = ""
    """For a lone follow-up: the tool of the turn before it."""
    inherit: tuple[str, ...] = ()
    """Arguments that the follow-up takes over from that turn."""

    @property
    def last(self) -> Mapping[str, Any]:
        """The turn to answer."""
        return self.turns[-1]


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
    arguments: Mapping[str, "Span | str | float"]
    """Span of a copied string or of a number's words (then `signs` has the sign); plain values for enums and numbers said in words."""
    signs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Utterances, the last one the planner's, and what a good colleague would do."""

    source: str
    lang: str
    utterances: tuple[Utterance, ...]
    behaviour: str
    """"call", "clarify", "refuse" or "answer"."""
    calls: tuple[Gold, ...] = ()
    missing: str = ""


@cache
def phrasings(folder: Path = FOLDER) -> tuple[Phrasing, ...]:
    """All writers' phrasings; a conversation of n turns counts n times, once for each turn that is answered, unless it is marked `only_last`."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            entry = json.loads(line)
            turns = tuple(entry["turns"])
            for length in range(len(turns) if entry.get("only_last") else 1, len(turns) + 1):
                source = f"{path.stem}:{number}"
                found.append(Phrasing(source, entry.get("lang", "en"), turns[:length], entry.get("follows", ""), tuple(entry.get("inherit", ()))))
    return tuple(found)


class Grammar:
    """Fills phrasings with values.

    Args:
        chosen: Phrasings to draw from; follow-ups without a first turn borrow one from here.
    """

    def __init__(self, chosen: Sequence[Phrasing]) -> None:
        self.chosen = tuple(chosen)
        self._openers: dict[tuple[str, str], list[Phrasing]] = {}
        for phrasing in chosen:
            calls = phrasing.turns[0].get("calls", ())
            if len(phrasing.turns) == 1 and len(calls) == 1 and not phrasing.follows:
                self._openers.setdefault((calls[0]["name"], phrasing.lang), []).append(phrasing)

    def fill(self, phrasing: Phrasing, rng: random.Random) -> Conversation | None:
        """One conversation from `phrasing`; None where no fitting first turn or value was found."""
        turns = list(phrasing.turns)
        inherited: dict[str, Any] = {}
        if phrasing.follows:
            opener = self._opener(phrasing, rng)
            if opener is None:
                return None
            turns.insert(0, opener)
            inherited = {k: v for k, v in opener["calls"][0]["args"].items() if k in phrasing.inherit}
        return _Filling(phrasing, turns, inherited, rng).conversation()

    def _opener(self, phrasing: Phrasing, rng: random.Random) -> Mapping[str, Any] | None:
        pool = self._openers.get((phrasing.follows, phrasing.lang)) or self._openers.get((phrasing.follows, "en"), [])
        own = set(_PLACEHOLDER.findall(phrasing.last["text"]))
        for _ in range(12):
            turn = rng.choice(pool).last if pool else None
            if turn is None:
                return None
            args = turn["calls"][0]["args"]
            said = set(_PLACEHOLDER.findall(turn["text"]))
            if ("item" not in phrasing.inherit or "item" in args) and not (own & said):
                return turn
        return None

    def stream(self, seed: int) -> Iterator[Conversation]:
        """Endless conversations, every phrasing in turn in a new random order each round."""
        rng = random.Random(seed)  # noqa: S311
        order = list(self.chosen)
        while True:
            rng.shuffle(order)
            for phrasing in order:
                conversation = self.fill(phrasing, rng)
                if conversation is not None:
                    yield conversation


class _Filling:
    """One filling of one phrasing: values, texts, and where each value stands."""

    def __init__(self, phrasing: Phrasing, turns: list[Mapping[str, Any]], inherited: Mapping[str, Any], rng: random.Random) -> None:
        self.phrasing, self.turns, self.inherited, self.rng = phrasing, turns, inherited, rng
        self.values: dict[str, str] = {}
        self.spans: dict[str, list[Span]] = {}
        self.utterances: list[Utterance] = []
        self.linked = rng.random() < 0.35

    def conversation(self) -> Conversation | None:
        for number, turn in enumerate(self.turns):
            self._say("user", turn["text"], last=number == len(self.turns) - 1)
            if number < len(self.turns) - 1:
                self._say("assistant", turn.get("bot") or self._reply(turn), last=False)
        last = self.turns[-1]
        if "behaviour" in last:
            return self._done(last["behaviour"], (), last.get("ask", ""))
        calls = []
        for call in last["calls"]:
            gold = self._gold(call["name"], {**self.inherited, **call["args"]})
            if gold is None:
                return None
            calls.append(gold)
        return self._done("call", tuple(calls), "")

    def _done(self, behaviour: str, calls: tuple[Gold, ...], missing: str) -> Conversation:
        return Conversation(self.phrasing.id, self.phrasing.lang, tuple(self.utterances), behaviour, calls, missing)

    def _reply(self, turn: Mapping[str, Any]) -> str:
        lang = "zh" if self.phrasing.lang == "zh" else "en"
        if "behaviour" in turn:
            return question(turn["behaviour"], turn.get("ask", ""), lang, self.rng)
        return " ".join(summary(call["name"], call["args"], lang, self.rng) for call in turn["calls"])

    def _say(self, role: str, text: str, *, last: bool) -> None:
        pieces = _PLACEHOLDER.split(text)
        if role == "user":
            pieces[::2] = distort(pieces[::2], self.rng, self.phrasing.lang)
            if last:
                pieces = chatter(pieces, self.rng, self.phrasing.lang)
        out, marks = "", []
        for index, piece in enumerate(pieces):
            said = normalise(piece) if index % 2 == 0 else normalise(self._value(piece))
            if index % 2:
                span = Span(len(self.utterances), len(out), len(out) + len(said))
                self.spans.setdefault(piece, []).append(span)
                kind = piece.rstrip("2")
                if self.linked and kind in _MARKED and self.rng.random() < 0.9:
                    marks.append(Mark(span.start, span.end, kind))
            out += said
        self.utterances.append(Utterance(role, out, tuple(marks)))

    def _value(self, placeholder: str) -> str:
        if placeholder not in self.values:
            self.values[placeholder] = value(placeholder, self.rng, self.phrasing.lang).strip()
        return self.values[placeholder]

    def _gold(self, name: str, args: Mapping[str, Any]) -> Gold | None:
        arguments: dict[str, Span | str | float] = {}
        signs: dict[str, int] = {}
        for key, raw in args.items():
            match = re.fullmatch(r"(-?)\{(\w+)\}", raw) if isinstance(raw, str) else None
            if match:
                if match[2] not in self.spans:
                    return None
                arguments[key] = self.spans[match[2]][-1]
                signs[key] = -1 if match[1] else 1
            else:
                arguments[key] = raw
        return Gold(name, arguments, signs)


def to_openai(conversation: Conversation) -> dict[str, Any]:
    """The conversation in the form of an evaluation case: `messages` and `expect`."""
    from agent.embedded.spots import spot

    def plain(gold: Gold, key: str) -> object:
        found = gold.arguments[key]
        if not isinstance(found, Span):
            return found
        text = conversation.utterances[found.utterance].text
        if key not in gold.signs or not _numeric(key):
            return text[found.start : found.end]
        values = [s.value for s in spot(text) if s.start < found.end and s.end > found.start]
        return gold.signs[key] * values[0] if values else text[found.start : found.end]

    calls = [{"name": gold.name, "arguments": {key: plain(gold, key) for key in gold.arguments}} for gold in conversation.calls]
    return {
        "id": conversation.source,
        "lang": conversation.lang,
        "messages": [{"role": u.role, "content": u.text} for u in conversation.utterances],
        "expect": {"behaviour": conversation.behaviour, "calls": calls},
    }


def _numeric(key: str) -> bool:
    return key.endswith(("_days", "_pct")) or key in {"quantity", "limit", "clusters", "vehicles", "target_stock", "budget", "service_level"}

"""Two requests in one breath: joins single requests to requests with several calls, which writers write too few of."""

import random
import re

from finetune.phrasing import Meant, Phrasing, Turn, kind_of

LONGEST = 110
"""Characters of a request that is still joined to another."""
SAME_ITEM_SHARE = 0.35
"""Share of pairs about products where the second says "it" of the first's."""
_CONNECTORS = {
    "en": (
        *(" and ", ", and ", ", also ", ", plus ", "; ", ". Also, ", ". Then "),
        *(". Second thing: ", " - and ", ", and while you are at it, ", " as well as ", " & "),
    ),
    "zh": ("，另外", "，顺便", "；还有", "，再", "，同时", "。还有，", "，以及", "，然后", "，对了"),
}
_PRONOUNS = {"en": ("it", "that one", "the same item"), "zh": ("它", "这个", "这款")}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def joinable(phrasing: Phrasing) -> bool:
    """Whether a phrasing is one short request with one call."""
    last = phrasing.last
    alone = len(phrasing.turns) == 1 and not (phrasing.follows or phrasing.note)
    return alone and len(last.get("calls", ())) == 1 and len(last["text"]) <= LONGEST


def join(first: Phrasing, second: Phrasing, rng: random.Random) -> Phrasing | None:
    """Both requests in one sentence; None where their placeholders cannot be told apart."""
    lang = "zh" if first.lang == "zh" else "en"
    opening, closing = first.last, second.last
    if "{item}" in opening["text"] and closing["text"].count("{item}") == 1 and rng.random() < SAME_ITEM_SHARE:
        said = closing["text"].replace("{item}", rng.choice(_PRONOUNS[lang]))
        closing = Turn(text=said, calls=closing["calls"])
    taken = set(_PLACEHOLDER.findall(opening["text"]))
    clashing = taken & set(_PLACEHOLDER.findall(closing["text"]))
    if any(kind_of(name) != name or f"{{{name}2}}" in opening["text"] + closing["text"] for name in clashing):
        return None
    for name in clashing:
        closing = _renamed(closing, name)
    text = opening["text"].rstrip(" .?!。？！") + rng.choice(_CONNECTORS[lang]) + _small(closing["text"])
    turn = Turn(text=text, calls=[*opening["calls"], *closing["calls"]])
    return Phrasing(first.id, first.lang, (turn,))


def _renamed(turn: Turn, name: str) -> Turn:
    """The turn with `{name}` called `{name2}`."""
    old, new = f"{{{name}}}", f"{{{name}2}}"
    calls = []
    for call in turn["calls"]:
        args = {key: raw.replace(old, new) if isinstance(raw, str) else raw for key, raw in call["args"].items()}
        calls.append(Meant(name=call["name"], args=args))
    return Turn(text=turn["text"].replace(old, new), calls=calls)


def _small(text: str) -> str:
    """A sentence that goes on: its first letter small, acronyms and "I" apart."""
    return text if text[:2].isupper() or text[:2] in ("I ", "I'") else text[:1].lower() + text[1:]

"""How people really type: typos, lost capitals and punctuation, a word before and after. Values are never touched."""

import json
import random
from collections.abc import Sequence
from importlib.resources import files

_WORDS = json.loads(files("finetune").joinpath("noise.json").read_text(encoding="utf-8"))
_STOPS = ".?!。？！"


def _typo(text: str, rng: random.Random) -> str:
    """Drop, double or swap a letter inside a word, or hit the key beside it."""
    inside = [i for i in range(1, len(text) - 1) if text[i].isascii() and text[i - 1 : i + 2].isalpha()]
    if not inside:
        return text
    at = rng.choice(inside)
    before, letter, after = text[:at], text[at], text[at + 1 :]
    match rng.randrange(4):
        case 0:
            return before + after
        case 1:
            return before + letter + letter + after
        case 2:
            return before[:-1] + letter + before[-1] + after
    near = _WORDS["near"].get(letter.lower())
    return before + rng.choice(near) + after if near else text


def distort(pieces: Sequence[str], rng: random.Random, lang: str) -> list[str]:
    """The words between values as a hurried person types them."""
    out = list(pieces) if lang == "zh" else _mistyped(pieces, rng)
    if rng.random() < 0.2:
        out[-1] = out[-1].rstrip(_STOPS)
    elif rng.random() < 0.1:
        out[-1] = out[-1].rstrip(_STOPS) + rng.choice(("?", "??", "...", "!", "？" if lang == "zh" else "?"))
    return out


def _mistyped(pieces: Sequence[str], rng: random.Random) -> list[str]:
    out = list(pieces)
    if rng.random() < 0.2:
        out = [piece.lower() for piece in out]
    elif rng.random() < 0.03:
        out = [piece.upper() for piece in out]
    if rng.random() < 0.2:
        for _ in range(rng.choice((1, 1, 2, 2, 4, 7))):
            index = rng.randrange(len(out))
            out[index] = _typo(out[index], rng)
    return out


def chatter(pieces: Sequence[str], rng: random.Random, lang: str) -> list[str]:
    """Now and then a word before or after."""
    words = "zh" if lang == "zh" else "en"
    out = list(pieces)
    if rng.random() < 0.1:
        opener = rng.choice(_WORDS["openers"][words])
        out[0] = opener + _going_on(out[0], opener)
    if rng.random() < 0.07 and not out[-1].rstrip().endswith((".", "。", "!")):
        body = out[-1].rstrip("?？")
        out[-1] = body + rng.choice(_WORDS["closers"][words]) + out[-1][len(body) :]
    return out


def _going_on(text: str, opener: str) -> str:
    """A sentence after an opener: small where the opener does not end one, acronyms apart."""
    if opener.endswith((", ", " ")) and not text[:2].isupper():
        return text[:1].lower() + text[1:]
    return text

"""A small grammar of made-up names and amounts: words and patterns in `lexicon.json`. Knows nothing about sentences.

A symbol such as "date" has patterns, either a list (all as likely) or an object from pattern to weight. In a pattern, braces hold

- a symbol: `{month}`; what Chinese has no symbol for is said in English,
- words to choose from: `{two|three|five} hundred`,
- a number between two, in steps where a third is given: `{5..99}`, `{50..2000..50}`,
- a mask, A for a capital, 0 for a digit, ? for either, 汉 for a Chinese character: `{AA}-{0000}`, `{汉汉}`,

and after a colon the form in which it is written (`FORMS`): `{place:lower}`, `{number:,}`.
"""

import json
import random
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TypeAlias

Patterns: TypeAlias = Mapping[str, float] | Sequence[str]

_PLACE = re.compile(r"\{([^{}:]+)(?::([^{}]+))?\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)(?:\.\.(\d+))?")
_HAN = bytes(b for row in range(0xB0, 0xD7) for column in range(0xA1, 0xFF) for b in (row, column)).decode("gb2312")
"""The 3,666 commonest Chinese characters (rows 16 to 54 of GB 2312), so that any of them can be copied."""
_MASK = {"A": string.ascii_uppercase, "0": string.digits, "?": string.ascii_uppercase + string.digits, "汉": _HAN}


def _plural(name: str) -> str:
    return name if name.endswith(("s", "x")) else f"{name}s"


FORMS: Mapping[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "plural": _plural,
    "short": lambda name: name[:3].upper(),
    ",": lambda number: f"{int(number):,}",
    "02": lambda number: number.zfill(2),
}
"""Ways to write what a place says."""


class Lexicon:
    """Symbols of each language with their patterns.

    Args:
        symbols: Language -> symbol -> patterns; English is complete, the others fall back on it.
    """

    def __init__(self, symbols: Mapping[str, Mapping[str, Patterns]]) -> None:
        self._symbols = symbols

    def say(self, symbol: str, lang: str, rng: random.Random) -> str:
        """Make up something that `symbol` stands for."""
        lang = lang if symbol in self._symbols[lang] else "en"
        patterns = self._symbols[lang][symbol]
        weights = tuple(patterns.values()) if isinstance(patterns, Mapping) else None
        [pattern] = rng.choices(tuple(patterns), weights)
        return _PLACE.sub(lambda place: self._fill(place[1], place[2], lang, rng), pattern)

    def symbols(self, lang: str) -> tuple[str, ...]:
        """Everything that `lang` has patterns of its own for."""
        return tuple(self._symbols[lang])

    def places(self) -> Iterator[tuple[str, str]]:
        """What stands in the braces of each pattern, with its form ("" for none)."""
        for symbols in self._symbols.values():
            for patterns in symbols.values():
                for pattern in patterns:
                    yield from ((place[1], place[2] or "") for place in _PLACE.finditer(pattern))

    def _fill(self, place: str, form: str | None, lang: str, rng: random.Random) -> str:
        said = self._said(place, lang, rng)
        return FORMS[form](said) if form else said

    def _said(self, place: str, lang: str, rng: random.Random) -> str:
        if "|" in place:
            return rng.choice(place.split("|"))
        if limits := _RANGE.fullmatch(place):
            return str(rng.randrange(int(limits[1]), int(limits[2]) + 1, int(limits[3] or 1)))
        if set(place) <= _MASK.keys():
            return "".join(rng.choice(_MASK[char]) for char in place)
        return self.say(place, lang, rng)


@cache
def lexicon() -> Lexicon:
    """The words and patterns of `lexicon.json`."""
    return Lexicon(json.loads(files("finetune").joinpath("lexicon.json").read_text(encoding="utf-8")))

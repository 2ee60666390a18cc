"""Words of names and questions in one comparable form, English and Chinese. Knows nothing about the shop."""

import re
import unicodedata

_TOKEN = re.compile(r"\d+\.\d+|\d+|[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+")
_APOSTROPHE = re.compile(r"['`’‘]")
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=2)
}
_SHORTEST_FUZZY = 4
"""Words shorter than this, and all numbers, match only exactly."""


def normalise(text: str) -> str:
    """Return `text` folded for comparison: compatibility form, no case, accents or apostrophes.

    >>> normalise("Ｃａｆé  Children's")
    'cafe childrens'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(c for c in unicodedata.normalize("NFD", folded) if unicodedata.category(c) != "Mn")
    return " ".join(_APOSTROPHE.sub("", unicodedata.normalize("NFC", plain)).split())


def compact(text: str) -> str:
    """Return the letters and digits of `text` alone, for codes written with or without hyphens.

    >>> compact("HM-20417 b")
    'hm20417b'
    """
    return "".join(c for c in normalise(text) if c.isalnum())


def singular(word: str) -> str:
    """Return an English plural without its ending.

    >>> [singular(w) for w in ("boxes", "candles", "glass", "berries", "bus")]
    ['box', 'candle', 'glass', 'berry', 'bus']
    """
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")):
        return word[:-1]
    return word


def tokens(text: str) -> tuple[str, ...]:
    """Return the comparable words of `text`: singular words, numbers, single Chinese characters.

    >>> tokens("Regency CAKESTANDS, three-tier 1.8米")
    ('regency', 'cakestand', '3', 'tier', '1.8', '米')
    """
    return tuple(singular(_NUMBER_WORDS.get(word, word)) for word in _TOKEN.findall(normalise(text)))


def edits(a: str, b: str, limit: int) -> int:
    """Return the edit distance of two words (a swap of neighbours counts one), or `limit + 1` if it is above `limit`.

    >>> edits("cakestand", "cakestnad", 2), edits("red", "pink", 2)
    (1, 3)
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    older: list[int] = []
    previous = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        current = [i]
        for j, right in enumerate(b, start=1):
            cost = min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, older[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        older, previous = previous, current
    return min(previous[-1], limit + 1)


def likeness(asked: str, known: str) -> float:
    """Return how well the word `asked` stands for the word `known`, 0 to 1.

    1 for the same word, 0.9 for the start of a longer one, 0.85 for a part of one, 0.7 to 0.85 for a slip of the keyboard.

    >>> likeness("cake", "cakestand"), likeness("cakstand", "cakestand"), likeness("3", "4")
    (0.9, 0.85, 0.0)
    """
    if asked == known:
        return 1.0
    if len(asked) < _SHORTEST_FUZZY or not asked.isalpha() or not known.isalpha():
        return 0.9 if len(asked) == 3 and asked.isalpha() and known.startswith(asked) and asked.isascii() else 0.0
    if asked in known:
        return 0.9 if known.startswith(asked) else 0.85
    allowed = 1 if len(asked) < 8 else 2
    if not _shares_an_end(asked, known):
        return 0.0
    distance = edits(asked, known, allowed)
    return 0.0 if distance > allowed else 1.0 - 0.15 * distance


def _shares_an_end(a: str, b: str) -> bool:
    """Whether two words begin or end alike: a cheap sieve before counting edits."""
    return a[:2] == b[:2] or a[-2:] == b[-2:] or (a[0] == b[0] and a[-1] == b[-1])

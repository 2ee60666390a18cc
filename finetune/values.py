"""Values that fill a phrasing's placeholders: the writers' own lists and names made up by the lexicon.

Copying must work for names nobody has seen, so half of all names are put together at random.
"""

import json
import random
import re
from functools import cache

from agent.embedded.grammar import NAMED
from finetune.lexicon import lexicon
from finetune.phrasing import FOLDER, kind_of

CHINESE = frozenset({"lina", "laozhou", "chengdu"})
"""Writers whose values are Chinese."""
HAN = re.compile(r"[\u3400-\u9fff]")
MADE_UP = {"note": 0.0, "topic": 0.3}
"""Share of made-up values by kind."""
MADE_UP_NAMES = 0.5
"""Share of made-up values of all other kinds that the writers gave lists of."""


@cache
def _written(lang: str) -> dict[str, list[str]]:
    """All writers' values of one language, by kind."""
    merged: dict[str, list[str]] = {}
    for path in sorted(FOLDER.glob("*.values.json")):
        writer = path.name.split(".")[0]
        if (writer in CHINESE) == (lang == "zh"):
            for kind, values in json.loads(path.read_text(encoding="utf-8")).items():
                merged.setdefault(kind, []).extend(values)
    for kind, name in _said():
        if (HAN.search(name) is not None) == (lang == "zh"):
            merged.setdefault(kind, []).append(name)
    return merged


@cache
def _said() -> tuple[tuple[str, str], ...]:
    """Kind and name of everything that the writers' whole utterances name, each once."""
    found: dict[tuple[str, str], None] = {}
    for path in sorted(FOLDER.glob("*.whole.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            for turn in json.loads(line)["turns"]:
                for call in turn.get("calls", ()):
                    found |= {(NAMED[key], str(raw)): None for key, raw in call["args"].items() if key in NAMED}
    return tuple(found)


def value(placeholder: str, rng: random.Random, lang: str) -> str:
    """A value for `{placeholder}` in the words of somebody writing `lang` ("en", "zh", "mixed").

    The second value of a kind has a 2 behind its name: `{item2}`.
    """
    kind = kind_of(placeholder)
    language = rng.choice(("en", "zh")) if lang == "mixed" else lang
    written = _written(language).get(kind)
    if not written or rng.random() < MADE_UP.get(kind, MADE_UP_NAMES):
        return lexicon().say(kind, language, rng)
    return rng.choice(written)

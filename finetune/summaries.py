"""What the assistant may have said before a follow-up: short texts with the values of its calls, as the service writes them."""

import json
import random
import re
from collections.abc import Mapping
from importlib.resources import files

from parstock.domain import Json, Language

_TEXTS = json.loads(files("finetune").joinpath("summaries.json").read_text(encoding="utf-8"))
_PLACE = re.compile(r"\{(\w+)\}")
_FIGURES = {"n": (20, 2000), "m": (5, 900)}
"""Places in a summary that hold a made-up figure, and its limits."""


def summary(tool: str, args: Mapping[str, Json], lang: Language, rng: random.Random) -> str:
    """A text about a call's result; argument values stay placeholders, figures are made up, other names are left out."""
    shown = {key: raw for key, raw in args.items() if isinstance(raw, str) and raw.startswith("{")}
    said = {*shown, *_FIGURES}
    fitting = [text for text in _TEXTS[lang]["summaries"][tool] if said.issuperset(_PLACE.findall(text))]
    text = rng.choice(fitting) if fitting else _TEXTS[lang]["no_summary"]
    made_up = {name: str(rng.randint(*limits)) for name, limits in _FIGURES.items()}
    return _PLACE.sub(lambda place: made_up.get(place[1]) or shown[place[1]], text)


def question(behaviour: str, missing: str, lang: Language, rng: random.Random) -> str:
    """What the assistant asks ("clarify"), or how it declines ("refuse") or chats ("answer")."""
    texts = _TEXTS[lang]
    if behaviour == "clarify":
        return str(rng.choice(texts["questions"].get(missing) or texts["questions"][""]))
    return str(texts[behaviour])

"""The baseline arm: the n-gram router chooses, rules copy what looks like a name, the same parser reads the values."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from agent.embedded.decode import EmbeddedModel
from agent.embedded.grammar import Value, number_value
from agent.embedded.render import Utterance
from agent.embedded.spots import Spot, spot
from agent.embedded.vocabulary import Argument, Catalogue
from evaluation.calls import Call, Decided
from evaluation.cases import Behaviour, Message
from tools.catalogue import catalogue

_BEHAVIOURS: Mapping[str, Behaviour] = {"clarify": "clarify", "decline": "refuse", "talk": "answer"}
_CODE = r"\b(?=[\w.\-/]*\d)(?=[\w.\-/]*[A-Za-z])[\w.\-/]{4,}\b"
_TITLE = r"(?:[A-Z][\w&'\-]*|\d\w*)(?:\s[A-Z0-9][\w&'\-]*)+"
_CAPITALISED = r"\b[A-Z]\w+\b"
_NAME = re.compile("|".join((_CODE, _TITLE, _CAPITALISED)))


@cache
def _parts() -> tuple[EmbeddedModel, Catalogue]:
    return EmbeddedModel(), Catalogue.of(catalogue())


def decide_by_router(messages: Sequence[Message]) -> Decided:
    """What the router's best label comes to.

    Raises:
        SetupError: The shipped model folder is missing or damaged.
    """
    model, tools = _parts()
    utterances = [Utterance.of(message.role, message.content) for message in messages]
    label = model.router.shortlist(model.router.scores(utterances), 1)[0]
    if label in _BEHAVIOURS:
        return Decided(_BEHAVIOURS[label])
    return Decided("call", (Call(label, _arguments(tools.tools[label], utterances[-1].text)),))


def _arguments(wanted: Sequence[Argument], text: str) -> dict[str, Value]:
    """Numbers of the right kind, and required texts: names in their order, else the whole message."""
    values, names = list(spot(text)), _names(text)
    found: dict[str, Value] = {}
    for argument in wanted:
        if argument.type == "number":
            number = _taken(argument, values)
            found |= {} if number is None else {argument.name: number}
        elif argument.type == "text" and argument.required:
            found[argument.name] = names.pop(0) if names else text
    return found


def _names(text: str) -> list[str]:
    """What looks like a name; the capital of a sentence's first word does not."""
    found = _NAME.finditer(text)
    return [m[0] for m in found if m.start() > 0 or " " in m[0] or any(char.isdigit() for char in m[0])]


def _taken(argument: Argument, values: list[Spot]) -> Value | None:
    """Take the first value of the argument's own kind out of `values`."""
    for found in values:
        if found.kind == argument.choices[0]:
            values.remove(found)
            return number_value(argument, found.value)
    return None

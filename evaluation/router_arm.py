"""The baseline arm: the n-gram router chooses, rules copy what looks like a name, the same parser reads the values."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from agent.embedded.decode import EmbeddedModel
from agent.embedded.grammar import number_value
from agent.embedded.render import Utterance
from agent.embedded.spots import spot
from agent.embedded.vocabulary import Argument, Catalogue
from tools.catalogue import catalogue

_KINDS = {"clarify": "clarify", "decline": "refuse", "talk": "answer"}
_NAME = re.compile(r"\b(?=[\w.\-/]*\d)(?=[\w.\-/]*[A-Za-z])[\w.\-/]{4,}\b|(?:[A-Z][\w&'\-]*|\d\w*)(?:\s(?:[A-Z0-9][\w&'\-]*))+|\b[A-Z]\w+\b")


@cache
def _parts() -> tuple[EmbeddedModel, Catalogue]:
    return EmbeddedModel(), Catalogue.of(catalogue())


def router_decider(messages: Sequence[Mapping[str, str]]) -> tuple[str, tuple[Mapping[str, Any], ...]]:
    """(behaviour, calls) by the router's best label."""
    model, tools = _parts()
    utterances = [Utterance.of(m["role"], m["content"]) for m in messages]
    label = model.router.shortlist(model.router.scores(utterances), 1)[0]
    if label in _KINDS:
        return _KINDS[label], ()
    text = utterances[-1].text
    names = [m[0] for m in _NAME.finditer(text) if m.start() > 0 or " " in m[0] or any(c.isdigit() for c in m[0])]
    values = list(spot(text))
    arguments: dict[str, Any] = {}
    for argument in tools.tools[label]:
        if argument.type == "number":
            _take_number(argument, values, arguments)
        elif argument.type == "text" and argument.required and names:
            arguments[argument.name] = names.pop(0)
        elif argument.type == "text" and argument.required:
            arguments[argument.name] = text
    return "call", ({"name": label, "arguments": arguments},)


def _take_number(argument: Argument, values: list[Any], arguments: dict[str, Any]) -> None:
    for found in values:
        if found.kind == argument.choices[0]:
            arguments[argument.name] = number_value(argument, found.value)
            values.remove(found)
            return

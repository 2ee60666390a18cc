"""The public catalogue of tools (`catalogue.json`), in the form OpenAI-compatible chat models take."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from parstock.domain import Json
from tools.base import tools

ToolSpec = Mapping[str, Json]
"""`{"type": "function", "function": {"name", "description", "parameters"}}`."""


@cache
def catalogue() -> tuple[ToolSpec, ...]:
    """All tools of the contract, whether this installation has them or not."""
    text = files("tools").joinpath("catalogue.json").read_text(encoding="utf-8")
    return tuple(json.loads(text)["tools"])


def offered() -> tuple[ToolSpec, ...]:
    """The tools that are registered, in the catalogue's order."""
    registered = set(tools.names())
    return tuple(spec for spec in catalogue() if function(spec)["name"] in registered)


def function(spec: ToolSpec) -> dict[str, Json]:
    """The `function` part of one entry: name, description, parameters."""
    return cast(dict[str, Json], spec["function"])


@cache
def properties(name: str) -> Mapping[str, Mapping[str, Json]]:
    """The arguments of tool `name`: argument -> its JSON schema with its description."""
    for spec in catalogue():
        if function(spec)["name"] == name:
            parameters = cast(dict[str, Json], function(spec)["parameters"])
            return cast(Mapping[str, Mapping[str, Json]], parameters["properties"])
    raise KeyError(name)

"""Calling a tool by name: arguments are checked, results are stamped, failures say who can put them right."""

import difflib
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from pydantic import ValidationError

from parstock.domain import Json
from parstock.errors import InputError, InsufficientData, NotAllowed, ParstockError, ToolFailed
from parstock.results import Fact, ToolResult
from tools.base import Tool, ToolArguments, tools
from tools.catalogue import properties
from tools.context import ToolContext

log = logging.getLogger(__name__)

BOUNDS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
"""Keywords of a JSON schema that bound a number, in words."""


def call_tool(name: str, arguments: Mapping[str, Json], context: ToolContext) -> ToolResult:
    """Run one tool.

    Args:
        name: Its name in the catalogue.
        arguments: As the catalogue describes them; `None` counts as not given.
        context: The shop, and who is asking.

    Returns:
        The result, stamped with an id of its own. Too little data is a result that says so.

    Raises:
        NotAllowed: Whoever is asking lacks the tool's scope.
        InputError: The name, an argument, or something that an argument names is wrong; `field` says which.
        ToolFailed: The tool could not do its work.
    """
    tool = find_tool(name)
    if tool.scope not in context.scopes:
        held = ", ".join(sorted(context.scopes)) or "nothing"
        raise NotAllowed(f"{name} needs the scope {tool.scope!r}; {context.actor!r} holds {held}")
    args = checked(tool, arguments)
    stamp = f"{name}-{uuid4().hex[:12]}"
    begun = time.perf_counter()
    try:
        result = tool.run(args, context)
    except InsufficientData as error:
        result = _too_little_data(name, error)
    except ParstockError as error:
        log.info("%s refused: %s", stamp, error)
        raise
    except Exception as error:
        log.exception("%s failed", stamp)
        raise ToolFailed(f"{name} failed on {type(error).__name__}; the log has it under {stamp}") from error
    log.info("%s took %.0f ms", stamp, 1000 * (time.perf_counter() - begun))
    return replace(result, id=stamp)


def find_tool(name: str) -> Tool:
    """Return the tool called `name`.

    Raises:
        InputError: There is none; `choices` names those that are written alike, or all.
    """
    if name in tools:
        return tools.get(name)()
    near = tuple(difflib.get_close_matches(name, tools.names(), n=3, cutoff=0.5))
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(tools.names())}"
    raise InputError(f"there is no tool {name!r}; {hint}", field="name", choices=near or tools.names())


def checked(tool: Tool, arguments: Mapping[str, Json]) -> ToolArguments:
    """Return the arguments of a tool as its own type.

    Raises:
        InputError: One is missing, unknown, of the wrong type or out of bounds.
    """
    given = {key: value for key, value in arguments.items() if value is not None}
    try:
        return tool.Arguments.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else "arguments"
        raise _wrong(tool.name, field, str(first["type"]), first.get("input")) from error


def _wrong(tool: str, field: str, problem: str, value: object) -> InputError:
    known = properties(tool)
    if problem == "extra_forbidden":
        return InputError(f"{tool} has no argument {field!r}; it takes {', '.join(known)}", field=field, choices=tuple(known))
    schema = known[field]
    if problem == "missing":
        return InputError(f"{tool} needs {field!r}: {schema['description']}", field=field)
    values = schema.get("enum", [])
    choices = tuple(str(choice) for choice in values) if isinstance(values, list) else ()
    limits = {bound: float(str(schema[bound])) for bound in BOUNDS if bound in schema}
    beyond = bool(limits) and isinstance(value, (int, float)) and not isinstance(value, bool)
    message = f"{field} is {value!r}; it must be {allowed(schema)}"
    return InputError(message, field=field, choices=choices, reason="out_of_bounds" if beyond else "", bounds=limits)


def allowed(schema: Mapping[str, Json]) -> str:
    """Say in words what a property of the catalogue may be.

    >>> allowed({"type": "integer", "minimum": 1, "maximum": 365})
    'a whole number, at least 1, at most 365'
    """
    values = schema.get("enum")
    if isinstance(values, list):
        return f"one of {', '.join(str(value) for value in values)}"
    words = {"integer": "a whole number", "number": "a number", "string": "a text"}[str(schema["type"])]
    return ", ".join((words, *(f"{text} {schema[bound]}" for bound, text in BOUNDS.items() if bound in schema)))


def _too_little_data(name: str, error: InsufficientData) -> ToolResult:
    """The result of a question that the records cannot answer."""
    fact = Fact(
        "f1",
        "status",
        "insufficient_data",
        "",
        f"The records do not hold enough to answer: {error}.",
        "现有数据不足，无法回答。",
        "records",
        required=True,
    )
    return ToolResult(name, {"status": "insufficient_data", "message": str(error)}, (fact,))

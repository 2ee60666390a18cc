"""Instances with known optimum, and how they are read from a file."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from parstock.errors import InputError

LONGEST_SHOWN = 80
"""Characters of a wrong value that an error quotes."""


class Instance(BaseModel):
    """A problem, its optimum, and how close an answer must come; what else it holds is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    family: str
    params: dict[str, JsonValue]
    expected: dict[str, JsonValue]
    tolerance: dict[str, float] = {}


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    default_tolerance: dict[str, float] = {}
    cases: tuple[Instance, ...]


def read_instances(path: Path | None) -> list[Instance]:
    """Read a JSON file `{"default_tolerance": {...}, "cases": [...]}`.

    Raises:
        InputError: The file is missing, no JSON or holds no case; the message names file, place and value.
    """
    if path is None:
        raise InputError('this suite needs --cases FILE.json, an object with a list of "cases"', field="cases")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = _File.model_validate(content)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in problem["loc"]) or "the object"
        shown = repr(problem["input"])
        shown = shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}..."
        raise InputError(f"the cases {str(path)!r}: {name} is {shown}; {problem['msg']}", field="cases") from error
    except (OSError, ValueError) as error:
        raise InputError(f"the cases {str(path)!r} cannot be read: {error}", field="cases") from error
    if not found.cases:
        raise InputError(f"the cases {str(path)!r} are empty; expected at least one", field="cases")
    own = found.default_tolerance
    return [case if case.tolerance else case.model_copy(update={"tolerance": own}) for case in found.cases]

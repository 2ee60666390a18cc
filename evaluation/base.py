"""What a suite is, and how one is run and reported."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from parstock.domain import Json
from parstock.errors import InputError
from parstock.registry import Registry
from parstock.settings import Settings

Progress: TypeAlias = Callable[[float, str], None]
"""Told the share done (0-1) and what is being done."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a suite may be given on the command line."""

    settings: Settings
    cases: Path | None = None
    """File of cases, where the suite takes one."""
    model: str | None = None
    """Chat model under test; the settings' model by default."""


class Suite(Protocol):
    """A set of measurements that gives one report."""

    def __call__(self, options: Options, progress: Progress | None = None) -> dict[str, Json]:
        """Run and return the report. Raises InputError where the cases cannot be read."""


suites: Registry[Suite] = Registry("suite", "evaluation.suites")
"""Every suite, by its name on the command line."""


def run_suite(name: str, options: Options, progress: Progress | None = None) -> dict[str, Json]:
    """Run the suite called `name`.

    Raises:
        InputError: There is no such suite, or its cases cannot be read.
    """
    return suites.get(name)(options, progress)


def read_cases(path: Path | None) -> list[Mapping[str, Json]]:
    """Read a JSONL file of cases.

    Raises:
        InputError: The file is missing, empty, or a line is not a JSON object; the message names the line.
    """
    if path is None:
        raise InputError("this suite needs --cases FILE.jsonl, one JSON object a line", field="cases")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the cases {str(path)!r} cannot be read: {error}", field="cases") from error
    cases: list[Mapping[str, Json]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"line {number} of {str(path)!r} is not JSON: {error.msg}", field="cases") from error
        if not isinstance(case, dict) or "messages" not in case or "expect" not in case:
            raise InputError(f"line {number} of {str(path)!r} must be an object with `messages` and `expect`", field="cases")
        cases.append(case)
    if not cases:
        raise InputError(f"the cases {str(path)!r} are empty", field="cases")
    return cases

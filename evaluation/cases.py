"""Evaluation cases of conversations: what was said, what is right to do, and how they are read from a file."""

from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator

from parstock.errors import InputError

Behaviour: TypeAlias = Literal["call", "clarify", "refuse", "answer"]
"""Call tools, ask for what is missing, decline what is out of scope or unsafe, or chat."""
SHIPPED = Path(__file__).parent / "cases"
"""The project's own files of cases."""
LONGEST_SHOWN = 80
"""Characters of a wrong value that an error quotes."""


class _Part(BaseModel):
    """A part of a case; what it holds besides the known fields is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Message(_Part):
    """One chat message in OpenAI form."""

    role: Literal["system", "user", "assistant"]
    content: str


class Matcher(_Part):
    """More than one right value of an argument: one of several, or any text with certain words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    any_of: tuple[str | int | float, ...] = ()
    contains: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.any_of) == bool(self.contains):
            raise ValueError("a matcher has either any_of or contains, with at least one entry")
        return self


Value: TypeAlias = Annotated[
    Annotated[str | int | float, Tag("value")] | Annotated[Matcher, Tag("matcher")],
    Discriminator(lambda given: "matcher" if isinstance(given, (dict, Matcher)) else "value"),
]
"""What an argument should be."""


class Wanted(_Part):
    """A call that is expected."""

    name: str
    arguments: dict[str, Value] = {}


class Expectation(_Part):
    """What is right to do."""

    behaviour: Behaviour
    calls: tuple[Wanted, ...] = ()


class Case(_Part):
    """A conversation and what is right to do next."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str = ""
    kind: str = ""
    """A label for the report."""
    lang: str = ""
    messages: tuple[Message, ...] = Field(min_length=1)
    expect: Expectation
    alternatives: tuple[tuple[Wanted, ...], ...] = ()
    """Other lists of calls that are as good."""

    @model_validator(mode="after")
    def _planner_speaks_last(self) -> Self:
        if self.messages[-1].role != "user":
            raise ValueError("the last message must be the user's")
        return self


F = TypeVar("F", bound=BaseModel)


def read_cases(path: Path | None) -> list[Case]:
    """Read a JSONL file of cases.

    Raises:
        InputError: The file is missing or empty, or a line is no case; the message names the line and the field.
    """
    if path is None:
        raise InputError("this suite needs --cases FILE.jsonl, one JSON object a line", field="cases")
    return read_lines(path, Case)


def read_lines(path: Path, form: type[F]) -> list[F]:
    """Read a JSONL file whose lines have the form of `form`.

    Raises:
        InputError: The file is missing or empty, or a line has another form; the message names the line and the field.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the cases {str(path)!r} cannot be read: {error}", field="cases") from error
    read = [_line(line, form, f"line {number} of {str(path)!r}") for number, line in enumerate(lines, 1) if line.strip()]
    if not read:
        raise InputError(f"the cases {str(path)!r} are empty; expected one JSON object a line", field="cases")
    return read


def _line(line: str, form: type[F], where: str) -> F:
    try:
        return form.model_validate_json(line)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in problem["loc"]) or "the object"
        shown = repr(problem["input"])
        shown = shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}..."
        raise InputError(f"{where}: {name} is {shown}; {problem['msg']}", field="cases") from error

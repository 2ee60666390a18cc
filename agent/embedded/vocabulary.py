"""The embedded model's own words: one token for each tool, argument, enum value, reply kind and typed placeholder.

A call of forty JSON tokens is four to ten of these, which is what makes a tool turn cheap on a CPU. Nothing here is
trained; the names come from the tool catalogue.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Literal, TypeAlias

from agent.embedded.spots import KINDS, Kind

PAD, USER, BOT, NOTE, HINT, GO, END = "<|pad|>", "<|user|>", "<|bot|>", "<|note|>", "<|hint|>", "<|go|>", "<|end|>"
NEGATIVE = "<|neg|>"
ASK, DECLINE, TALK = "<|ask|>", "<|decline|>", "<|talk|>"
REPLIES: Mapping[str, str] = {"clarify": ASK, "decline": DECLINE, "talk": TALK}
"""Kind of reply without a call -> its token."""
MARKS: Mapping[str, str] = {"item": "<|i|>", "warehouse": "<|w|>", "supplier": "<|s|>", "category": "<|c|>"}
"""Kind of a known name -> the token before it; `UNMARK` stands behind."""
UNMARK = "<|/|>"
SLOTS: Mapping[Kind, int] = {"num": 10, "dur": 6, "pct": 6, "money": 4}
"""Placeholders of each kind in one prompt; values beyond them stay words."""
RESERVED = 16
"""Tokens kept free, so that a word can be added without retraining the tokenizer."""

ArgumentType: TypeAlias = Literal["text", "enum", "number"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a tool, as the grammar sees it."""

    name: str
    type: ArgumentType
    choices: tuple[str, ...]
    """Enum values, or the kinds of placeholder that a number may come from."""
    required: bool
    signed: bool
    """Whether a number may be negative: a change in percent or in days."""
    integer: bool
    minimum: float | None
    maximum: float | None

    @property
    def token(self) -> str:
        """The token that opens this argument."""
        return argument_token(self.name)


@dataclass(frozen=True)
class Catalogue:
    """The tools of the catalogue, or the events that a note may mean, in the grammar's terms."""

    tools: Mapping[str, tuple[Argument, ...]]

    @classmethod
    def of(cls, functions: Sequence[Mapping[str, Any]]) -> "Catalogue":
        """Read OpenAI function schemas (`{"type": "function", "function": {...}}`)."""
        tools = {}
        for entry in functions:
            function = entry["function"]
            parameters = function["parameters"]
            required = set(parameters.get("required", ()))
            tools[function["name"]] = tuple(
                _argument(name, schema, name in required) for name, schema in parameters["properties"].items()
            )
        return cls(tools)

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """Names of all arguments, each once."""
        return tuple(dict.fromkeys(argument.name for argument in self._each_argument()))

    @cached_property
    def enum_values(self) -> tuple[str, ...]:
        """All enum values, each once."""
        enums = (argument for argument in self._each_argument() if argument.type == "enum")
        return tuple(dict.fromkeys(choice for argument in enums for choice in argument.choices))

    def _each_argument(self) -> Iterator[Argument]:
        return chain.from_iterable(self.tools.values())

    def special_tokens(self) -> tuple[str, ...]:
        """Every special token of a vocabulary over this catalogue, in a fixed order."""
        slots = tuple(slot_token(kind, i) for kind in KINDS for i in range(SLOTS[kind]))
        return (
            *(PAD, USER, BOT, NOTE, HINT, GO, END, NEGATIVE, *REPLIES.values(), *MARKS.values(), UNMARK),
            *slots,
            *(tool_token(name) for name in self.tools),
            *(argument_token(name) for name in self.arguments),
            *(enum_token(value) for value in self.enum_values),
            *(f"<|reserved{i}|>" for i in range(RESERVED)),
        )


def tool_token(name: str) -> str:
    """The token that starts a call of `name`."""
    return f"<|{name}|>"


def argument_token(name: str) -> str:
    """The token that opens the argument `name`, whichever tool it is of."""
    return f"<|{name}=|>"


def label_token(label: str) -> str:
    """The token of one of the router's labels: a tool or a kind of reply."""
    return REPLIES.get(label) or tool_token(label)


def enum_token(value: str) -> str:
    """The token of an enum value."""
    return f"<|={value}|>"


def slot_token(kind: Kind, index: int) -> str:
    """The placeholder of the `index`-th value of a kind."""
    return f"<|{kind}{index}|>"


def _kinds(name: str) -> tuple[Kind, ...]:
    """Kinds of placeholder that a number called `name` may come from, the likelier first."""
    if name.endswith("days"):
        return ("dur", "num")
    if name.endswith("pct") or name == "service_level":
        return ("pct", "num")
    return ("money", "num") if name in ("budget", "unit_cost") else ("num",)


def _type(name: str, schema: Mapping[str, Any]) -> tuple[ArgumentType, tuple[str, ...]]:
    if "enum" in schema:
        return "enum", tuple(schema["enum"])
    if schema["type"] in ("integer", "number"):
        return "number", _kinds(name)
    return "text", ()


def _argument(name: str, schema: Mapping[str, Any], required: bool) -> Argument:
    kind, choices = _type(name, schema)
    return Argument(
        name=name,
        type=kind,
        choices=choices,
        required=required,
        signed=name.endswith("pct") or name.startswith("delta"),
        integer=schema["type"] == "integer",
        minimum=schema.get("minimum", schema.get("exclusiveMinimum")),
        maximum=schema.get("maximum", schema.get("exclusiveMaximum")),
    )

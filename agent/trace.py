"""What one turn did: every call with its arguments, result and time. Decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from parstock.domain import Json

TextBy: TypeAlias = Literal["model", "repaired model", "facts", "fixed"]
"""Who wrote the answer: the model, the model at its second try, the facts' own sentences, or a fixed text."""


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call."""

    id: str
    """"c1", "c2" ... in the order of the turn; the facts of its result carry it as a prefix ("c1.f3")."""
    name: str
    arguments: Mapping[str, Json]
    """As the model gave them."""
    result_id: str
    """Id of the tool result, "" where the call failed."""
    milliseconds: float
    error: str = ""
    """Why it failed, "" where it did not."""

    @property
    def ok(self) -> bool:
        """Whether there is a result."""
        return not self.error


@dataclass(frozen=True, slots=True)
class Trace:
    """The record of one turn."""

    model: str
    """The setting that names the chat model."""
    calls: tuple[Call, ...]
    model_calls: int
    milliseconds: float
    text_by: TextBy
    problems: tuple[str, ...] = ()
    """What the verifier objected to in the model's first text."""
    stopped: str = ""
    """Which limit ended the turn, "" where the model did."""

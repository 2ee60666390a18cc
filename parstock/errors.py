"""The error tree, by who can fix it. Knows nothing about HTTP or exit codes.

ParstockError
├── SetupError        the operator: a setting, a file, a server; shown without a traceback
├── InputError        the person or the model: goes back to them with the field's name
├── NotAllowed        whoever runs the shop: the caller holds no key for this
├── ToolFailed        nobody at once: final, the model says so and goes on
├── NotFitted         the caller forgot `fit`
└── InsufficientData  the data: a status that the answer states, never a silent guess
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

Reason: TypeAlias = Literal["", "unknown_name", "ambiguous_name", "bad_date", "not_past", "wrong_order", "out_of_bounds"]
"""What is wrong with an input, where it is so common that it is said in the planner's own language."""


class ParstockError(Exception):
    """Anything that Parstock raises on purpose."""


class SetupError(ParstockError):
    """The installation, a setting or a file is wrong; the operator can put it right."""


class InputError(ParstockError):
    """An input is wrong and whoever gave it may correct it.

    Args:
        message: What was wrong, the value with `!r`, and what would be right.
        field: Name of the argument or column at fault, where there is one.
        choices: Values that would have been accepted or are meant, best first.
        reason: What is wrong, for whoever says it in another language.
        bounds: With "out_of_bounds": "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum" -> number, where there is one.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        choices: tuple[str, ...] = (),
        reason: Reason = "",
        bounds: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(message)
        self.field = field
        self.choices = choices
        self.reason: Reason = reason
        self.bounds: Mapping[str, float] = bounds or {}


class NotAllowed(ParstockError):
    """Whoever asks may not do this; a key with the scope that the message names can."""


class ToolFailed(ParstockError):
    """A tool could not do its work and trying again will not help."""


class NotFitted(ParstockError):
    """`predict` was called before `fit`."""


class InsufficientData(ParstockError):
    """The history is too short or empty for what was asked."""

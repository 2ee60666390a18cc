"""Reading an instance's parameters as numbers, arrays and text; says what is missing or of the wrong kind, no more."""

from collections.abc import Mapping

import numpy as np

from parstock.domain import Floats, Json
from parstock.errors import InputError


def given(params: Mapping[str, Json], name: str) -> Json:
    """Return the parameter.

    Raises:
        InputError: It is missing or null.
    """
    if params.get(name) is None:
        raise InputError(f"{name} is missing; given are {', '.join(sorted(params)) or 'none'}", field=name)
    return params[name]


def number(params: Mapping[str, Json], name: str, default: float | None = None) -> float:
    """Return one number; the default, where there is one, for a parameter that is missing or null.

    Raises:
        InputError: It is missing or not a number.
    """
    if default is not None and params.get(name) is None:
        return default
    value = given(params, name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"{name} is {value!r}; it must be a number", field=name)
    return float(value)


def array(params: Mapping[str, Json], name: str, dimensions: int = 1) -> Floats:
    """Return a list of numbers, or a table with `dimensions=2`; 0 stands for a number or a list, as given.

    Raises:
        InputError: It is missing, empty, ragged, or holds something else than numbers.
    """
    value = given(params, name)
    try:
        found = np.array(value)
    except ValueError as error:
        raise InputError(f"{name} is {value!r}; its rows must be of one length", field=name) from error
    if found.dtype.kind not in "iuf" or found.size == 0 or (found.ndim != dimensions if dimensions else found.ndim > 1):
        wanted = {0: "a number or a list of numbers", 1: "a list of numbers"}.get(dimensions, "a table of numbers")
        raise InputError(f"{name} is {value!r}; it must be {wanted}, not empty", field=name)
    return found.astype(np.float64)


def text(params: Mapping[str, Json], name: str) -> str:
    """Return a word.

    Raises:
        InputError: It is missing or not text.
    """
    value = given(params, name)
    if not isinstance(value, str):
        raise InputError(f"{name} is {value!r}; it must be text", field=name)
    return value

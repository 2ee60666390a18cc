"""Amounts that a solver is given: arrays of money, units and rates, checked once at the door of each solver."""

import numpy as np
from numpy.typing import ArrayLike

from parstock.domain import Floats
from parstock.errors import InputError


def amounts(field: str, values: ArrayLike, *, above: float | None = None, low: float = 0.0, infinite: bool = False) -> Floats:
    """Return the values as an array of floats.

    Args:
        field: Their name, for the message.
        values: Any shape.
        above: Every value must be greater than this; `low` is ignored then.
        low: Every value must be at least this.
        infinite: Whether infinity is accepted, for "no limit".

    Raises:
        InputError: There are none, or one is not a number, not finite or too low; the message names the first and its place.

    >>> amounts("unit_cost", [1, 2.5])
    array([1. , 2.5])
    >>> amounts("unit_cost", [1, -2])
    Traceback (most recent call last):
    ...
    parstock.errors.InputError: unit_cost[1] is -2.0; it must be a finite number of at least 0
    """
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{field} is {values!r}; it must be numbers, in rows of one length", field=field) from error
    if found.size == 0:
        raise InputError(f"{field} is empty; at least one number is needed", field=field)
    right = (found > above) if above is not None else (found >= low)
    right &= ~np.isnan(found) if infinite else np.isfinite(found)
    if not right.all():
        place = tuple(int(axis[0]) for axis in np.nonzero(~right)) if found.ndim else ()
        where = f"[{', '.join(map(str, place))}]" if place else ""
        wanted = f"above {above:g}" if above is not None else f"of at least {low:g}"
        raise InputError(f"{field}{where} is {float(found[place])!r}; it must be a finite number {wanted}", field=field)
    return found


def together(**arrays: Floats) -> None:
    """Check that the named arrays are of one shape once single numbers are spread.

    Raises:
        InputError: They are not; the message names each with its shape.
    """
    try:
        np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError as error:
        shapes = ", ".join(f"{name} {list(array.shape)}" for name, array in arrays.items())
        raise InputError(
            f"shapes do not fit together: {shapes}; give one value for all, or one for each", field=next(iter(arrays))
        ) from error

"""Pieces of items with tables of like width, so that arrays of unequal items waste little and stay in the processor's cache."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats
from parstock.errors import InputError

CELLS = 250_000
"""Cells of one piece's table, which is 2 MB."""
WIDEST = 4_000_000
"""A wider table is taken for a slip of the pen: costs or demand some thousand times too large."""


def pieces(widths: Floats) -> Iterator[NDArray[np.intp]]:
    """Give the rows of N items in pieces, those with the narrowest tables first.

    Args:
        widths: [N] cells that an item's table needs.

    Raises:
        InputError: A table would not fit into memory.

    >>> [rows.tolist() for rows in pieces(np.array([200_000.0, 100.0, 90.0, 240_000.0]))]
    [[2, 1], [0], [3]]
    """
    if not widths.max() <= WIDEST:
        message = f"demand_mean or fixed_cost asks for a table of {widths.max():.3g} whole units; at most {WIDEST} are searched"
        raise InputError(f"{message}: count in larger units, such as packs", field="demand_mean")
    order = np.argsort(widths, kind="stable")
    first = 0
    while first < order.size:
        count = np.arange(1, order.size - first + 1)
        fits = count * widths[order[first:]] <= CELLS
        last = first + max(int(fits.argmin()) if not fits.all() else fits.size, 1)
        yield order[first:last]
        first = last

"""From units needed to units that can be ordered: minimum order, packs, cover limits. Array functions over items."""

from dataclasses import dataclass

import numpy as np

from parstock.domain import Bools, Floats


@dataclass(frozen=True, eq=False, slots=True)
class Lots:
    """Order quantities of N items that keep to minimum order and packs."""

    quantity: Floats
    """[N] units, a multiple of the pack."""
    raised_to_minimum: Bools
    """[N] True where the minimum order made it larger."""
    rounded_to_packs: Bools
    """[N] True where whole packs made it larger."""


def to_lots(need: Floats, minimum: Floats, pack: Floats) -> Lots:
    """Return the least quantity that meets the need in whole packs and is not below the minimum order.

    Args:
        need: [N] units; nothing is ordered where it is 0 or less.
        minimum: [N] least order, units.
        pack: [N] units in a pack.

    >>> to_lots(np.array([37.0, 5.0, -2.0]), np.array([1.0, 20.0, 20.0]), np.array([12.0, 12.0, 12.0])).quantity
    array([48., 24.,  0.])
    """
    wanted = np.where(need > 0, np.maximum(need, minimum), 0.0)
    quantity = np.ceil(wanted / pack) * pack
    return Lots(quantity, (need > 0) & (wanted > need), quantity > wanted)


def cap(quantity: Floats, room: Floats, minimum: Floats, pack: Floats) -> Floats:
    """Return the quantities cut down to whole packs that fit in `room`; 0 where not even the minimum order fits.

    Args:
        quantity: [N] units wanted.
        room: [N] units that may be added at most (infinite where there is no limit).
        minimum: [N] least order, units.
        pack: [N] units in a pack.

    >>> cap(np.array([48.0, 48.0]), np.array([30.0, 30.0]), np.array([1.0, 40.0]), np.array([12.0, 12.0]))
    array([24.,  0.])
    """
    fits = np.where(np.isfinite(room), np.floor(np.maximum(np.where(np.isfinite(room), room, 0.0), 0.0) / pack) * pack, np.inf)
    cut = np.minimum(quantity, fits)
    return np.where(cut >= np.minimum(minimum, quantity), cut, 0.0)

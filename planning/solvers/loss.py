"""Loss functions: the expected shortfall below a level, and its integral, for standard normal and for whole-unit demand."""

import math

import numpy as np
from scipy.special import ndtr

from parstock.domain import Floats

_PDF_AT_0 = 1 / math.sqrt(2 * math.pi)
_NEWTON_STEPS = 60


def normal_density(z: Floats) -> Floats:
    """Return the standard normal density phi(z), elementwise."""
    return np.asarray(_PDF_AT_0 * np.exp(-0.5 * z * z))


def unit_loss(z: Floats) -> Floats:
    r"""Return L(z) = E(Z - z)+ = phi(z) - z (1 - Phi(z)), elementwise (Snyder & Shen, 2nd ed., eq. (C.22)).

    >>> unit_loss(np.array([0.0, 1.0])).round(4)
    array([0.3989, 0.0833])
    """
    return np.asarray(np.maximum(normal_density(z) - z * ndtr(-z), 0.0))


def unit_loss_second(z: Floats) -> Floats:
    r"""Return the second-order loss, the integral of L from z to infinity: ((z^2 + 1)(1 - Phi(z)) - z phi(z)) / 2.

    >>> unit_loss_second(np.array([0.0])).round(4)
    array([0.25])
    """
    return np.asarray(np.maximum(0.5 * ((z * z + 1) * ndtr(-z) - z * normal_density(z)), 0.0))


def inverse_unit_loss(loss: Floats) -> Floats:
    """Return z with L(z) = loss, for loss > 0, elementwise.

    Newton's steps on the logarithm of L, which is concave and falling: begun above the root (L <= phi there, and L(0) = phi(0))
    they fall to it.

    >>> inverse_unit_loss(np.array([0.08])).round(4)
    array([1.0212])
    """
    z = np.sqrt(np.maximum(-2 * np.log(loss / _PDF_AT_0), 0.0))
    for _ in range(_NEWTON_STEPS):
        reached = unit_loss(z)
        step = np.log(reached / loss) * reached / ndtr(-z)
        z = z + step
        if np.all(np.abs(step) <= 1e-12 * (1 + np.abs(z))):
            break
    return np.asarray(z)


def shortfall_table(pmf: Floats) -> Floats:
    """Return [N, D + 1] E(D - y)+ at y = 0, 1 ... D.

    Args:
        pmf: [N, D + 1] demand of whole units.

    >>> shortfall_table(np.array([[0.5, 0.25, 0.25]]))
    array([[0.75, 0.25, 0.  ]])
    """
    beyond = np.cumsum(pmf[:, :0:-1], axis=1)  # P(D > y) at y = D - 1 ... 0, small ones first
    shortfall = np.zeros_like(pmf)
    shortfall[:, :-1] = np.cumsum(beyond, axis=1)[:, ::-1]
    return shortfall


def shortfall_at(table: Floats, mean: Floats, levels: Floats) -> Floats:
    """Return E(D - y)+ at any whole levels, below no stock as well.

    Args:
        table: [N, D + 1] of `shortfall_table`.
        mean: [N] mean demand, units.
        levels: [N, Y] y, whole units.
    """
    last = table.shape[1] - 1
    inside = np.take_along_axis(table, np.clip(levels, 0, last).astype(np.intp), axis=1)
    return np.asarray(np.where(levels < 0, mean[:, None] - levels, inside))

"""Linear quantile regression at several levels. Knows nothing of demand."""

import numpy as np

from parstock.domain import Floats

STEPS = 25
SMOOTHING = 0.02
"""Errors smaller than this are not told apart from zero."""
RIDGE = 1e-4
"""Shrinkage of standardised coefficients, as a share of the number of examples."""
DIGITS = 6
"""Coefficients are rounded to as many: threads that add up in another order then give the same ones."""


def linear_quantiles(inputs: Floats, target: Floats, levels: tuple[float, ...]) -> Floats:
    """Fit target quantiles that are linear in the inputs.

    Minimises the pinball loss by majorisation: each step solves a least-squares problem weighted by 1 / |error|.
    Source: Hunter and Lange 2000, "Quantile regression via an MM algorithm", J. Comput. Graph. Stat. 9.

    Args:
        inputs: [M, P], a column of ones among them where a constant is wanted; finite.
        target: [M]
        levels: Q levels in (0, 1), ascending.

    Returns:
        [P, Q] coefficients.
    """
    size = np.sqrt(np.mean(inputs**2, axis=0))
    size = np.where(size > 0, size, 1.0)
    standard = inputs / size
    ridge = RIDGE * target.size * np.eye(size.size)
    fitted = np.linalg.solve(standard.T @ standard + ridge, standard.T @ target)
    found = []
    for level in levels:
        for _ in range(STEPS):
            weight = 1 / (SMOOTHING + np.abs(target - standard @ fitted))
            weighted = standard * weight[:, None]
            pull = weighted.T @ target + (2 * level - 1) * standard.sum(axis=0)
            fitted = np.linalg.solve(weighted.T @ standard + ridge, pull)
        found.append(fitted / size)
    return np.stack(found, axis=1).round(DIGITS)

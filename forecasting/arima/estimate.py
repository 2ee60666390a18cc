"""Maximising a likelihood of many models at once, each row with its own damping. Knows no likelihood."""

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

from forecasting.arima.likelihood import Batch

Measure: TypeAlias = Callable[[Batch, Tensor], tuple[Tensor, Tensor, Tensor]]
"""Batch and parameters [R, k] -> minus log-likelihood [R], gradient [R, k], expected Hessian [R, k, k]."""

FIRST_DAMPING, MOST_DAMPING = 1e-3, 1e6
EASED, STIFFENED = 0.2, 8.0
"""What the damping is multiplied by after a step that helped, and after one that did not."""
LONGEST_STEP = 0.2
"""Of one parameter; from no correlation to full correlation it is pi / 2."""
LEAST_RISE = 1e-3
"""A step along which the gradient rises less than this share of what was expected tells nothing of the curvature."""
LEAST_CURVATURE = 0.02
"""A parameter's curvature is taken to be at least this share of the largest one: theory has them all alike."""


def minimise(batch: Batch, start: Tensor, measure: Measure, rounds: int, tolerance: float) -> tuple[Tensor, Tensor]:
    """Take damped quasi-Newton steps until no row gains `tolerance`.

    The expected Hessian gives the first steps their size, and gradients correct it from then on (Broyden, Fletcher, Goldfarb,
    Shanno; Nocedal and Wright, "Numerical Optimization", section 6.1), those of refused steps too: near a unit root the
    expectation is far from what the likelihood does. Damping after Marquardt 1963, J. SIAM 11.

    Args:
        batch: R models.
        start: [R, k] first parameters.
        measure: What to minimise.
        rounds: Most steps.
        tolerance: A row that gained less than this in log-likelihood with its last step is done.

    Returns:
        [R, k] parameters and [R] minus their log-likelihood.
    """
    best, (value, gradient, expected) = start.clone(), measure(batch, start)
    if not start.shape[1]:
        return best, value
    curvature = _first_curvature(expected, batch.used)
    damping = torch.full_like(value, FIRST_DAMPING)
    active = torch.arange(value.shape[0], device=value.device)
    for _ in range(rounds):
        part = batch.rows(active)
        step = _step(curvature[active], gradient[active], damping[active]) * part.used
        tried, slope, _ = measure(part, best[active] + step)
        curvature[active] = _corrected(curvature[active], step, slope - gradient[active])
        gain = value[active] - tried
        better = gain > 0
        rows = active[better]
        best[rows] += step[better]
        value[rows], gradient[rows] = tried[better], slope[better]
        damping[active] *= torch.where(better, EASED, STIFFENED)
        active = active[~(better & (gain < tolerance)) & (damping[active] < MOST_DAMPING)]
        if not active.numel():
            break
    return best, value


def _first_curvature(expected: Tensor, used: Tensor) -> Tensor:
    """[R, k, k] expected Hessian with no direction left flat; ones on the diagonal of places not used."""
    diagonal = expected.diagonal(dim1=1, dim2=2)
    least = LEAST_CURVATURE * diagonal.amax(dim=1, keepdim=True) + 1e-9
    return expected + torch.diag_embed((least - diagonal).clamp_min(0) * used + (1 - used))


def _step(curvature: Tensor, gradient: Tensor, damping: Tensor) -> Tensor:
    """[R, k] damped step."""
    ridge = damping.unsqueeze(1) * curvature.diagonal(dim1=1, dim2=2)
    step: Tensor = torch.linalg.solve_ex(curvature + torch.diag_embed(ridge), -gradient)[0]
    return step.clamp(-LONGEST_STEP, LONGEST_STEP)


def _corrected(curvature: Tensor, step: Tensor, change: Tensor) -> Tensor:
    """[R, k, k] with the change of the gradient along the step built in; as it was where that is not upwards."""
    along = (curvature @ step.unsqueeze(2)).squeeze(2)
    bend, rise = (step * along).sum(dim=1), (step * change).sum(dim=1)
    upwards = (rise > LEAST_RISE * bend) & (bend > 0)
    taken = along.unsqueeze(2) * along.unsqueeze(1) / bend[:, None, None]
    given = change.unsqueeze(2) * change.unsqueeze(1) / rise[:, None, None]
    return torch.where(upwards[:, None, None], curvature - taken + given, curvature)

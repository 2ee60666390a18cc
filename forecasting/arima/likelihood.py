"""The exact Gaussian likelihood of differenced series with gaps, many at a time, by least squares on innovations.

Running the recursion from zeros gives innovations e0; the true ones are e = e0 - X b, linear in what the recursion does not
know: the influence of the r days before the first, which is normal with a covariance that the polynomials determine, and the
demand of missing days, on which nothing is known beforehand. Integrating b out leaves a quadratic form and a determinant of
size r + gaps in place of a Kalman filter over T days; the two give the same number. Source: the likelihood of Ansley 1979,
Biometrika 66, in the form of de Jong 1991, Annals of Statistics 19 (augmented recursions, diffuse parameters).
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from forecasting.arima.filters import divide, impulse
from forecasting.arima.polynomials import Degrees, Polynomials, jacobian, polynomials

TINY = 1e-300
"""In place of a variance of zero."""


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """R models to fit, each of one order to one series; rows may repeat a series under other orders."""

    series: Tensor
    """[R, T] differenced demand, gaps filled with any number; zeros from each row's end on."""
    inside: Tensor
    """[R, T] 1 before the row's end, 0 from there on."""
    used: Tensor
    """[R, k] 1 for each parameter that the row's order has."""
    constant: Tensor
    """[R] 1 where the order has a mean, 0 where it has none."""
    gaps: Tensor
    """[R, m] column from which on a missing day acts; -1 where the row has fewer gaps."""
    differencing: Tensor
    """[R, T] what differencing makes of a one on the first day."""
    degrees: Degrees

    @property
    def days(self) -> Tensor:
        """[R] days n of each row that were observed."""
        return self.inside.sum(dim=1) - (self.gaps >= 0).sum(dim=1)

    def rows(self, index: Tensor) -> "Batch":
        """Some rows only."""
        return Batch(
            self.series[index],
            self.inside[index],
            self.used[index],
            self.constant[index],
            self.gaps[index],
            self.differencing[index],
            self.degrees,
        )


@dataclass(frozen=True, eq=False, slots=True)
class Fitted:
    """What a parameter vector makes of each row."""

    log_likelihood: Tensor
    """[R] at the best mean and variance for these parameters."""
    mean: Tensor
    """[R] of the differenced series; 0 without a constant."""
    variance: Tensor
    """[R] of the innovations."""
    innovations: Tensor
    """[R, T] e(t) given everything observed, zero from the row's end on."""
    missing: Tensor
    """[R, m] what the filled value of each gap is too much by."""


@dataclass(frozen=True, eq=False, slots=True)
class _Unknown:
    """What the recursion does not know: r influences from before the first day, and m missing days."""

    effects: Tensor
    """[R, r + m, T] what each takes from the innovations."""
    prior: Tensor
    """[R, r + m, r + m] covariance over the variance of the innovations; the identity in place of infinity."""
    proper: Tensor
    """[R, r + m, r + m] ones on the diagonal where the prior is no infinity."""
    inverse: Tensor
    """[R, T] coefficients of 1 / (ma sma): the first influence's effect."""
    acting: Tensor | None
    """[R, T] effect of a missing first day; None without gaps."""


@dataclass(frozen=True, eq=False, slots=True)
class _Solved:
    fitted: Fitted
    unknown: _Unknown
    products: Tensor
    """[R, r + m, r + m] of the effects."""
    system: Tensor
    """[R, r + m, r + m] prior x products + proper: its determinant is the likelihood's."""
    weights: Tensor
    """[R, r + m] the unknowns given everything observed."""


def exact(batch: Batch, parameters: Tensor) -> Fitted:
    """Evaluate the likelihood, concentrated over mean and variance, at parameters [R, k]."""
    return _solve(batch, polynomials(parameters, batch.used, batch.degrees)).fitted


def scores(batch: Batch, parameters: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Minus the exact log-likelihood [R], its gradient [R, k], and its expected Hessian about [R, k, k].

    At the minimum of the quadratic form the unknowns and the mean may be held fixed, so that its gradient needs no more than
    the derivatives of the innovations; those of the determinant are products with the same filters.
    """
    shape = polynomials(parameters, batch.used, batch.degrees)
    solved = _solve(batch, shape)
    fitted, unknown, memory = solved.fitted, solved.unknown, batch.degrees.memory
    before = (solved.weights[:, :memory].unsqueeze(1) @ unknown.effects[:, :memory]).squeeze(1)
    own, held, inverse = shape.sensitivities(torch.stack([fitted.innovations, before, unknown.inverse], dim=1)).unbind(1)
    autoregressive, within = _autoregressive(batch), batch.inside.unsqueeze(1)
    innovations, precision = fitted.innovations.unsqueeze(2), (1 / fitted.variance)[:, None, None]
    by_quadratic = (own + held * autoregressive) * within @ innovations * precision
    spread = _linear(solved.system, unknown.prior) @ unknown.effects
    by_determinant = inverse @ _advanced(spread[:, :memory]).unsqueeze(2) * (1 - autoregressive)
    if unknown.acting is not None:
        acting = shape.sensitivities(unknown.acting.unsqueeze(1)).squeeze(1)
        by_determinant = by_determinant + acting @ _gathered(spread[:, memory:], batch.gaps).unsqueeze(2)
    by_parameter = jacobian(parameters, batch.used, batch.degrees).mT
    gradient = (by_parameter @ (by_quadratic + by_determinant)).squeeze(2)
    if memory:
        reached = unknown.effects[:, :memory] @ innovations
        leverage = _linear(solved.system.mT, solved.products[:, :, :memory]).mT[:, :, :memory]
        gradient = gradient + 0.5 * _through_prior(batch, parameters, leverage - reached @ reached.mT * precision)
    slopes = by_parameter @ (own * within)
    return -fitted.log_likelihood, gradient, slopes @ slopes.mT * precision


def conditional(batch: Batch, parameters: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The same three of the likelihood given zeros before the first day, gaps as filled and the mean as it is in `series`."""
    shape = polynomials(parameters, batch.used, batch.degrees)
    innovations = shape.innovations(batch.series.unsqueeze(1)).squeeze(1) * batch.inside
    days = batch.days
    variance = innovations.square().sum(dim=1).clamp_min(TINY) / days
    by_coefficient = shape.sensitivities(innovations.unsqueeze(1)).squeeze(1) * batch.inside.unsqueeze(1)
    slopes = jacobian(parameters, batch.used, batch.degrees).mT @ by_coefficient
    gradient = (slopes @ innovations.unsqueeze(2)).squeeze(2) / variance.unsqueeze(1)
    return 0.5 * days * torch.log(variance), gradient, slopes @ slopes.mT / variance[:, None, None]


def _solve(batch: Batch, shape: Polynomials) -> _Solved:
    """Estimate unknowns, mean and variance for given polynomials."""
    unknown = _unknown(batch, shape)
    known = shape.innovations(torch.stack([batch.series, batch.inside], dim=1)) * batch.inside.unsqueeze(1)
    cross, products = unknown.effects @ known.mT, unknown.effects @ unknown.effects.mT
    system = unknown.prior @ products + unknown.proper
    solved = _linear(system, unknown.prior @ cross)
    _, log_determinant = torch.linalg.slogdet(system)
    square = known @ known.mT - cross.mT @ solved
    mean = batch.constant * square[:, 0, 1] / square[:, 1, 1].clamp_min(TINY)
    days = batch.days
    variance = (square[:, 0, 0] - mean * square[:, 0, 1]).clamp_min(TINY) / days
    likelihood = -0.5 * (days * (torch.log(2 * torch.pi * variance) + 1) + log_determinant)
    weights = solved[:, :, 0] - mean.unsqueeze(1) * solved[:, :, 1]
    taken = (weights.unsqueeze(1) @ unknown.effects).squeeze(1)
    innovations = known[:, 0] - mean.unsqueeze(1) * known[:, 1] - taken
    missing = weights[:, batch.degrees.memory :]
    return _Solved(Fitted(likelihood, mean, variance, innovations, missing), unknown, products, system, weights)


def _unknown(batch: Batch, shape: Polynomials) -> _Unknown:
    memory, (rows, gaps) = batch.degrees.memory, batch.gaps.shape
    one = impulse(rows, batch.series.shape[1], batch.series)
    inverse = divide(divide(one, shape.sma, shape.season), shape.ma)
    effects = one.new_zeros(rows, memory + gaps, one.shape[1])
    for lag in range(min(memory, one.shape[1])):
        effects[:, lag, lag:] = inverse[:, : one.shape[1] - lag]
    acting = shape.innovations(batch.differencing.unsqueeze(1)).squeeze(1) if gaps else None
    if acting is not None:
        since = torch.arange(one.shape[1], device=one.device) - batch.gaps.unsqueeze(2)
        there = (since >= 0) & (batch.gaps >= 0).unsqueeze(2)
        effects[:, memory:] = torch.gather(acting.unsqueeze(1).expand(-1, gaps, -1), 2, since * there) * there
    prior = torch.eye(memory + gaps, dtype=one.dtype, device=one.device).repeat(rows, 1, 1)
    if memory:
        prior[:, :memory, :memory] = presample_covariance(shape, memory)
    proper = torch.diag_embed(torch.cat([one.new_ones(rows, memory), (batch.gaps < 0).to(one.dtype)], dim=1))
    return _Unknown(effects.mul_(batch.inside.unsqueeze(1)), prior, proper, inverse, acting)


def _autoregressive(batch: Batch) -> Tensor:
    """[k, 1] 1 for parameters of ar and sar, 0 for those of ma and sma."""
    p, q, seasonal_p, seasonal_q = batch.degrees.places
    return batch.series.new_tensor([1.0] * p + [0.0] * q + [1.0] * seasonal_p + [0.0] * seasonal_q).unsqueeze(1)


def _advanced(series: Tensor) -> Tensor:
    """[R, T] sum over j of [R, j, T], each moved j days earlier."""
    total = series.new_zeros(series.shape[0], series.shape[2])
    for lag in range(min(series.shape[1], series.shape[2])):
        total[:, : series.shape[2] - lag] += series[:, lag, lag:]
    return total


def _gathered(series: Tensor, gaps: Tensor) -> Tensor:
    """[R, T] sum over j of [R, j, T], each moved earlier by its gap's column; gaps of -1 count for nothing."""
    column = torch.arange(series.shape[2], device=series.device) + gaps.unsqueeze(2)
    there = (column < series.shape[2]) & (gaps.unsqueeze(2) >= 0)
    return (torch.gather(series, 2, column * there) * there).sum(dim=1)


def _through_prior(batch: Batch, parameters: Tensor, change: Tensor) -> Tensor:
    """[R, k] derivative by the parameters of the presample covariance, contracted with [R, r, r]."""
    with torch.enable_grad():
        variable = parameters.detach().requires_grad_()
        covariance = presample_covariance(polynomials(variable, batch.used, batch.degrees), batch.degrees.memory)
        (gradient,) = torch.autograd.grad(covariance, variable, change)
    return gradient


def presample_covariance(shape: Polynomials, memory: int) -> Tensor:
    """[R, r, r] covariance, over the variance of the innovations, of what the days before the first add to the first r.

    b(j) = sum_{i >= j} phi_i w(j - i) + theta_i e(j - i): autocovariances of w from the Yule-Walker equations of a mixed
    model (McLeod 1975, Applied Statistics 24), those of w with e from the psi weights.
    """
    ar, ma = shape.expanded(memory + 1)
    psi = shape.response(memory + 1)
    index = _indices(memory, ar.device)
    padded_ar, padded_ma = _padded(ar), _padded(ma)
    equations = _padded(ar, front=True)[:, index.difference] + padded_ar[:, index.sum] * index.not_first
    autocovariance = _linear(equations, (padded_ma[:, index.sum] @ psi.unsqueeze(2)).squeeze(2))
    by_demand, by_innovation = -padded_ar[:, index.later], padded_ma[:, index.later]
    both = by_demand @ _padded(psi, front=True)[:, index.difference[:-1, :-1].mT] @ by_innovation.mT
    own = by_demand @ autocovariance[:, index.distance] @ by_demand.mT
    return own + both + both.mT + by_innovation @ by_innovation.mT


def _linear(system: Tensor, target: Tensor) -> Tensor:
    """The solution of each system; not finite, rather than an exception for the whole batch, where one has none."""
    solution: Tensor = torch.linalg.solve_ex(system, target)[0]
    return solution


@dataclass(frozen=True, eq=False, slots=True)
class _Indices:
    """Places in coefficient vectors that matrices of the Yule-Walker equations are gathered from."""

    sum: Tensor
    """[r + 1, r + 1] i + j, into a vector with zeros after it."""
    difference: Tensor
    """[r + 1, r + 1] i - j, into a vector with r + 1 zeros before it."""
    distance: Tensor
    """[r, r] |i - j|."""
    later: Tensor
    """[r, r] i + j + 1, into a vector with zeros after it."""
    not_first: Tensor
    """[r + 1] 0, then ones."""


@lru_cache(maxsize=64)
def _indices(memory: int, device: torch.device) -> _Indices:
    i = torch.arange(memory + 1, device=device)
    step = i[:, None] - i[None, :]
    return _Indices(
        sum=i[:, None] + i[None, :],
        difference=step + memory + 1,
        distance=step.abs()[:-1, :-1],
        later=i[:-1, None] + i[None, :-1] + 1,
        not_first=(i > 0).to(torch.float64),
    )


def _padded(coefficients: Tensor, front: bool = False) -> Tensor:
    """[R, 2 size]: as many zeros after the coefficients, or before them."""
    zeros = torch.zeros_like(coefficients)
    return torch.cat([zeros, coefficients] if front else [coefficients, zeros], dim=1)

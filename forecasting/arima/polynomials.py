"""The four polynomials of a seasonal ARMA model, from parameters that may take any value. Knows no data."""

from dataclasses import dataclass

import torch
from torch import Tensor

from forecasting.arima.filters import divide, impulse, multiply


@dataclass(frozen=True, slots=True)
class Degrees:
    """Degrees of the polynomials that a batch has room for; an order with fewer has zeros in the other places."""

    p: int
    q: int
    P: int
    Q: int
    season: int

    @property
    def places(self) -> tuple[int, int, int, int]:
        """Number of parameters of each polynomial, in the order in which a parameter vector holds them."""
        return (self.p, self.q, self.P, self.Q)

    @property
    def memory(self) -> int:
        """r: days before the first that still act on it and those after it."""
        return max(self.p + self.season * self.P, self.q + self.season * self.Q)


@dataclass(frozen=True, eq=False, slots=True)
class Polynomials:
    """ar(B) sar(B^s) (w(t) - mean) = ma(B) sma(B^s) e(t); each is 1 + c_1 B + ..., so that ar holds the negative of phi."""

    ar: Tensor
    """[R, p]"""
    ma: Tensor
    """[R, q]"""
    sar: Tensor
    """[R, P]"""
    sma: Tensor
    """[R, Q]"""
    season: int

    @property
    def places(self) -> tuple[int, int, int, int]:
        """Number of coefficients of ar, ma, sar and sma."""
        return self.ar.shape[1], self.ma.shape[1], self.sar.shape[1], self.sma.shape[1]

    def innovations(self, series: Tensor) -> Tensor:
        """e(t) of w(t), [R, C, T], when everything before the first day is zero."""
        ar, ma, sar, sma = (coefficients.unsqueeze(1) for coefficients in (self.ar, self.ma, self.sar, self.sma))
        series = multiply(multiply(series, ar), sar, self.season)
        return divide(divide(series, sma, self.season), ma)

    def sensitivities(self, innovations: Tensor) -> Tensor:
        """[R, C, k, T] derivatives of e(t), [R, C, T], by each coefficient.

        Source: Box and Jenkins, "Time Series Analysis", section 7.2: by one of ar they are e / ar, delayed, by one of ma
        they are -e / ma.
        """
        columns = innovations.new_zeros(*innovations.shape[:2], sum(self.places), innovations.shape[2])
        place = 0
        for sign, coefficients, step in (
            (1.0, self.ar, 1),
            (-1.0, self.ma, 1),
            (1.0, self.sar, self.season),
            (-1.0, self.sma, self.season),
        ):
            filtered = sign * divide(innovations, coefficients.unsqueeze(1), step) if coefficients.shape[1] else innovations
            for lag in range(step, step * (coefficients.shape[1] + 1), step):
                columns[:, :, place, lag:] = filtered[..., : max(innovations.shape[2] - lag, 0)]
                place += 1
        return columns

    def expanded(self, length: int) -> tuple[Tensor, Tensor]:
        """[R, length] coefficients of ar(B) sar(B^s) and of ma(B) sma(B^s), the leading one included."""
        one = impulse(self.ar.shape[0], length, self.ar)
        return multiply(multiply(one, self.ar), self.sar, self.season), multiply(multiply(one, self.ma), self.sma, self.season)

    def response(self, length: int) -> Tensor:
        """[R, length] psi(j): what an innovation adds to w j days later."""
        one = impulse(self.ar.shape[0], length, self.ar)
        moving = multiply(multiply(one, self.ma), self.sma, self.season)
        return divide(divide(moving, self.sar, self.season), self.ar)


def polynomials(parameters: Tensor, used: Tensor, degrees: Degrees) -> Polynomials:
    """Turn any [R, k] parameters into stationary and invertible polynomials; places not `used` [R, k] get zeros."""
    blocks = torch.split(partial_correlations(parameters) * used, list(degrees.places), dim=1)
    ar, ma, sar, sma = (-_predictor(block) for block in blocks)
    return Polynomials(ar, ma, sar, sma, degrees.season)


def jacobian(parameters: Tensor, used: Tensor, degrees: Degrees) -> Tensor:
    """[R, k, k] derivative of each coefficient (first k) by each parameter (second k); zero where not `used`."""
    partial = partial_correlations(parameters) * used
    slope = parameters.cos() * used
    blocks = [-_predictor_jacobian(block) for block in torch.split(partial, list(degrees.places), dim=1)]
    return _block_diagonal(blocks) * slope.unsqueeze(1)


def parameters_of(coefficients: Tensor, used: Tensor, degrees: Degrees, most: float = 0.95) -> Tensor:
    """[R, k] parameters whose polynomials are these [R, k] coefficients, or the nearest with roots away from the circle.

    Durbin-Levinson backwards; a partial correlation beyond `most` is brought back to it.
    """
    blocks = [_partials(-block, most) for block in torch.split(coefficients * used, list(degrees.places), dim=1)]
    partial = torch.cat(blocks, dim=1)
    return partial.asin()


def partial_correlations(parameters: Tensor) -> Tensor:
    """Map the real line to [-1, 1] by the sine.

    A partial correlation r has a variance of about (1 - r^2) / n, its arcsine one of about 1 / n wherever it is: steps are of
    one size everywhere, and a moving average that is best at a unit root is a smooth maximum instead of a way to infinity.
    """
    return parameters.sin()


def delayed(series: Tensor, lag: int) -> Tensor:
    """[..., T] of `lag` days before; zeros where there is none."""
    moved = torch.zeros_like(series)
    if lag < series.shape[-1]:
        moved[..., lag:] = series[..., : series.shape[-1] - lag]
    return moved


def _predictor(partial: Tensor) -> Tensor:
    """[R, k] autoregression with these partial correlations: Durbin-Levinson; Monahan 1984, Biometrika 71."""
    coefficients = partial[:, :0]
    for i in range(partial.shape[1]):
        last = partial[:, i : i + 1]
        coefficients = torch.cat([coefficients - last * coefficients.flip(1), last], dim=1)
    return coefficients


def _predictor_jacobian(partial: Tensor) -> Tensor:
    """[R, k, k] derivative of `_predictor`: coefficient by partial correlation."""
    rows, size = partial.shape
    coefficients, slopes = partial[:, :0], partial.new_zeros(rows, 0, 0)
    for i in range(size):
        last = partial[:, i : i + 1]
        by_last = torch.cat([-coefficients.flip(1), torch.ones_like(last)], dim=1)
        grown = torch.cat([slopes - last.unsqueeze(1) * slopes.flip(1), slopes.new_zeros(rows, 1, i)], dim=1)
        slopes = torch.cat([grown, by_last.unsqueeze(2)], dim=2)
        coefficients = torch.cat([coefficients - last * coefficients.flip(1), last], dim=1)
    return slopes


def _partials(coefficients: Tensor, most: float) -> Tensor:
    """[R, k] partial correlations of an autoregression, each brought into [-most, most]."""
    found: list[Tensor] = []
    for i in range(coefficients.shape[1], 0, -1):
        last = coefficients[:, i - 1 : i].clamp(-most, most)
        found.append(last)
        shorter = coefficients[:, : i - 1]
        coefficients = (shorter + last * shorter.flip(1)) / (1 - last**2)
    return torch.cat(found[::-1], dim=1) if found else coefficients


def _block_diagonal(blocks: list[Tensor]) -> Tensor:
    """[R, k, k] with each block in its place and zeros elsewhere."""
    size = sum(block.shape[1] for block in blocks)
    whole = blocks[0].new_zeros(blocks[0].shape[0], size, size)
    first = 0
    for block in blocks:
        last = first + block.shape[1]
        whole[:, first:last, first:last] = block
        first = last
    return whole

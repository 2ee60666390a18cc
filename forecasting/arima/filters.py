"""Polynomials in the backshift operator, applied to many series at once and without a loop over days.

A polynomial is 1 + c_1 B^s + ... + c_k B^{ks}; each row has its own coefficients. Series are [..., T], coefficients [..., k] with
the same leading dimensions, or ones that broadcast against them. Values before the first day count as zero.
"""

from functools import lru_cache

import torch
from torch import Tensor


def multiply(series: Tensor, coefficients: Tensor, step: int = 1) -> Tensor:
    """Apply the polynomial: y(t) + sum_i c_i y(t - i s)."""
    product = series.clone()
    for i in range(coefficients.shape[-1]):
        lag = (i + 1) * step
        if lag < series.shape[-1]:
            product[..., lag:].addcmul_(coefficients[..., i : i + 1], series[..., :-lag])
    return product


def divide(series: Tensor, coefficients: Tensor, step: int = 1) -> Tensor:
    """Apply the inverse of the polynomial: the x with x(t) + sum_i c_i x(t - i s) = y(t).

    Since c(B) c(-B) is a polynomial c'(B^2), 1 / c(B) = c(-B) / c'(B^2): each round doubles the step, and when it
    passes T what is left is 1. That is exact, and takes log2(T) rounds where the recursion takes T; Graeffe's method of
    squaring roots (Householder 1959, American Mathematical Monthly 66). Roots on or outside the unit circle keep the
    coefficients bounded.
    """
    if not coefficients.shape[-1]:
        return series
    while step < series.shape[-1]:
        mirrored = coefficients * _signs(coefficients.shape[-1], coefficients.device)
        series = multiply(series, mirrored, step)
        coefficients = _squared(coefficients)
        step *= 2
    return series


def impulse(rows: int, days: int, like: Tensor) -> Tensor:
    """[rows, days] one on the first day, then zeros: what a polynomial turns into its own coefficients."""
    series = like.new_zeros(rows, days)
    series[:, 0] = 1.0
    return series


def _squared(coefficients: Tensor) -> Tensor:
    """Coefficients of c(B) c(-B) as a polynomial in B^2."""
    whole = torch.cat([torch.ones_like(coefficients[..., :1]), coefficients], dim=-1)
    pairs = (whole.unsqueeze(-1) * whole.unsqueeze(-2)).flatten(-2)
    return pairs @ _pairing(coefficients.shape[-1], coefficients.device)


@lru_cache(maxsize=64)
def _signs(degree: int, device: torch.device) -> Tensor:
    """[k] what turns the coefficients of c(B) into those of c(-B)."""
    return (-1.0) ** torch.arange(1, degree + 1, dtype=torch.float64, device=device)


@lru_cache(maxsize=64)
def _pairing(degree: int, device: torch.device) -> Tensor:
    """[(k + 1)^2, k] that adds (-1)^i c_i c_j to the coefficient of B^{i + j}, for even i + j above zero."""
    size = degree + 1
    pairing = torch.zeros(size, size, degree, dtype=torch.float64)
    for i in range(size):
        for j in range(size):
            if (i + j) % 2 == 0 and i + j > 0:
                pairing[i, j, (i + j) // 2 - 1] = (-1.0) ** i
    return pairing.reshape(size * size, degree).to(device)

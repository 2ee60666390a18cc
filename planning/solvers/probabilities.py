"""Probabilities that a solver is given or needs: service levels, and distributions of whole-unit demand."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, ndtr, xlogy

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts, together

_TAIL_SDS = 8.5
"""Standard deviations beyond which a normal tail holds less than 1e-16."""


def probabilities(field: str, values: ArrayLike, *, certain: bool = False) -> Floats:
    """Return the values as an array of probabilities above 0 and below 1.

    Args:
        field: Their name, for the message.
        values: Any shape.
        certain: Whether 1 is accepted.

    Raises:
        InputError: A value is out of range, or not a number.

    >>> probabilities("service_level", [0.9])
    array([0.9])
    """
    found = amounts(field, values, above=0)
    wrong = found > 1 if certain else found >= 1
    if wrong.any():
        limit = "above 0 and at most 1" if certain else "strictly between 0 and 1"
        raise InputError(f"{field} is {float(found[wrong].flat[0])!r}; it must be {limit}", field=field)
    return found


def checked_pmf(pmf: ArrayLike, field: str = "demand_pmf") -> Floats:
    """Return [N, D + 1] probabilities of a demand of 0, 1 ... D units, scaled to sum to exactly one; one row may be given flat.

    Raises:
        InputError: A probability is negative or not finite, or a row does not sum to one within 1e-6.
    """
    rows = np.atleast_2d(amounts(field, pmf))
    total = rows.sum(axis=-1, keepdims=True)
    wrong = np.abs(total - 1) > 1e-6
    if wrong.any():
        raise InputError(f"{field} sums to {float(total[wrong][0])!r}; probabilities must sum to 1", field=field)
    return np.asarray(rows / total)


def poisson_pmf(mean: ArrayLike) -> Floats:
    """Return [..., D + 1] Poisson probabilities, cut where the tail of the largest mean holds less than 1e-14.

    Args:
        mean: [...] units, at least 0.

    Raises:
        InputError: A mean is negative or not finite.

    >>> poisson_pmf([1.0])[0, :3].round(4)
    array([0.3679, 0.3679, 0.1839])
    """
    rate = amounts("demand_mean", mean)[..., None]
    most = float(rate.max())
    units = np.arange(np.ceil(most + _TAIL_SDS * np.sqrt(most)) + 12)
    pmf = np.exp(xlogy(units, rate) - rate - gammaln(units + 1))
    return np.asarray(pmf / pmf.sum(axis=-1, keepdims=True))


def negative_binomial_pmf(r: ArrayLike, p: ArrayLike) -> Floats:
    """Return [..., D + 1] probabilities of as many failures before the r-th success, cut at a tail of 1e-12.

    Args:
        r: [...] successes, > 0, not necessarily whole. Mean r (1 - p) / p, variance r (1 - p) / p^2.
        p: [...] probability of success, in (0, 1].

    Raises:
        InputError: A parameter is out of range.

    >>> negative_binomial_pmf([1.0], [0.5])[0, :3].round(4)
    array([0.5  , 0.25 , 0.125])
    """
    wins, chance = np.broadcast_arrays(amounts("nbinom_r", r, above=0), probabilities("nbinom_p", p, certain=True))
    # a sum of r geometric demands: its tail falls as (1 - p)^d, times a polynomial
    mean, decay = wins * (1 - chance) / chance, -np.log(np.minimum(np.maximum(1 - chance, 1e-12), 1 - 1e-12))
    most = float(np.max(mean + 10 * np.sqrt(mean / chance) + 30 / decay * (1 + np.log1p(wins))))
    units = np.arange(np.ceil(most) + 2)
    wins, chance = wins[..., None], chance[..., None]
    pmf = np.exp(gammaln(units + wins) - gammaln(wins) - gammaln(units + 1) + wins * np.log(chance) + xlogy(units, 1 - chance))
    return np.asarray(pmf / pmf.sum(axis=-1, keepdims=True))


def rounded_normal_pmf(mean: ArrayLike, sd: ArrayLike) -> Floats:
    """Return [..., D + 1] probabilities of normal demand rounded to whole units; what is below one half counts as no demand.

    P(D = d) = F(d + 1/2) - F(d - 1/2), and P(D = 0) = F(1/2).

    Args:
        mean: [...] units, at least 0.
        sd: [...] units, at least 0.

    Raises:
        InputError: A value is negative or not finite.

    >>> rounded_normal_pmf([2.0], [1.0])[0, :3].round(4)
    array([0.0668, 0.2417, 0.3829])
    """
    centre, spread = amounts("demand_mean", mean)[..., None], amounts("demand_sd", sd)[..., None]
    together(demand_mean=centre, demand_sd=spread)
    edges = np.arange(np.ceil(float(np.max(centre + _TAIL_SDS * spread))) + 2) + 0.5
    below = ndtr((edges - centre) / np.maximum(spread, 1e-12))
    pmf = np.diff(below, axis=-1, prepend=0.0)
    return np.asarray(pmf / pmf.sum(axis=-1, keepdims=True))


def intermittent_pmf(demand_probability: ArrayLike, geometric_p: ArrayLike, most: int | None = None) -> Floats:
    """Return [..., D + 1] probabilities of demand that is mostly zero and otherwise geometric on 1, 2, ...

    Args:
        demand_probability: [...] probability that there is any demand.
        geometric_p: [...] q: P(D = d | D > 0) = q (1 - q)^(d - 1).
        most: D, the largest demand kept; by default the tail holds less than 1e-14.

    Raises:
        InputError: A probability is out of range.

    >>> intermittent_pmf([0.3], [0.25])[0, :3]
    array([0.7    , 0.075  , 0.05625])
    """
    any_demand = probabilities("demand_probability", demand_probability, certain=True)[..., None]
    success = probabilities("geometric_p", geometric_p, certain=True)[..., None]
    if most is None:
        most = int(np.ceil(32 / -np.log1p(-np.minimum(success, 1 - 1e-14)).min())) + 1
    units = np.arange(1, most + 1)
    some = any_demand * success * (1 - success) ** (units - 1)
    pmf = np.concatenate([np.broadcast_to(1 - any_demand, (*some.shape[:-1], 1)), some], axis=-1)
    return np.asarray(pmf / pmf.sum(axis=-1, keepdims=True))


def several_periods(pmf: Floats, periods: Floats) -> Floats:
    """Return [N, D' + 1] the distribution of demand over `periods` independent periods.

    Args:
        pmf: [N, D + 1] demand of one period.
        periods: [N] whole numbers, at least 1.

    >>> several_periods(np.array([[0.5, 0.5]]), np.array([2]))
    array([[0.25, 0.5 , 0.25]])
    """
    most = int(periods.max())
    if most == 1:
        return pmf
    width = (pmf.shape[1] - 1) * most + 1
    sums = np.fft.irfft(np.fft.rfft(pmf, n=width, axis=1) ** periods[:, None], n=width, axis=1)
    sums = np.where(sums > 1e-15, sums, 0.0)  # the transform's rounding noise is no demand
    used = np.flatnonzero(sums.any(axis=0))[-1] + 1
    return np.asarray(sums[:, :used] / sums[:, :used].sum(axis=1, keepdims=True))

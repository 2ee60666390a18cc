"""Demand of the next periods, learned as it comes: smoothers, each trusted as far as it has foretold. Orders nothing.

Every smoother is exponential smoothing with its own speed, pull to the long-run mean, damped trend and growth of the spread with
the level (Hyndman et al. 2008, chapter 3). They are weighed by the likelihood of what came, older evidence fading, so that a
change of regime moves the weight within a few periods (dynamic model averaging: Raftery, Karny and Ettler 2010). The spread of
each is not known but learned as well, which gives Student's t. There is no season: the few dozen periods that an item is ordered
in seldom hold two of them.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, gammaln

from parstock.domain import Floats
from parstock.errors import InputError
from planning.base import checked

FIRST_SPREAD, FIRST_WEIGHT = 0.3, 2.0
"""Spread expected before anything is seen, as a share of the level, and how many observations that weighs."""
UNJUDGED = 2
"""First periods, from which no smoother can be told from another."""
LONGEST = 64
"""Periods ahead that can be sampled."""


@dataclass(frozen=True, slots=True)
class Learning:
    """Which smoothers there are, and how fast evidence fades."""

    speeds: tuple[float, ...] = (0.0, 0.1, 0.3, 0.6, 1.0)
    """Weights of the newest period in the level; 0 is the mean of everything."""
    pulls: tuple[float, ...] = (0.4, 0.75)
    """Of smoothers whose level is the last period's demand: the share of its distance to the mean that remains (AR(1))."""
    trends: tuple[float, ...] = ()
    """Weights of the newest period in a damped trend, of as many further smoothers of each speed."""
    powers: tuple[float, ...] = (0.0, 0.5)
    """Powers of the level that the spread grows with: 0 constant, 1/2 as of counts, 1 in proportion."""
    evidence_kept: float = 0.95
    """Share of a smoother's log weight kept each period."""
    spread_kept: float = 0.95
    """Share of what is known of the spread kept each period."""
    damping: float = 0.9
    """Share of the trend kept each period ahead."""

    def __post_init__(self) -> None:
        if not self.speeds or not self.powers:
            raise InputError(
                "speeds or powers is (); at least one of each is needed", field="speeds" if self.powers else "powers"
            )
        for name in (field.name for field in fields(self)):
            values = getattr(self, name)
            for value in values if isinstance(values, tuple) else (values,):
                checked(name, value, low=0, high=1)

    def smoothers(self) -> Floats:
        """[M, 4] speed, pull, trend and power of each."""
        kinds = [(speed, 1.0, 0.0) for speed in self.speeds]
        kinds += [(1.0, pull, 0.0) for pull in self.pulls]
        kinds += [(speed, 1.0, trend) for trend in self.trends for speed in self.speeds if speed]
        return np.array([(*kind, power) for power in self.powers for kind in kinds])


class OnlineDemand:
    """Demand of N items, a period after the other; each item is learned from its own demand only.

    Args:
        first: [N, k] units in the periods known at the start, k >= 1.
        learning: The smoothers.

    Raises:
        InputError: There is no period, or demand is negative or not finite.
    """

    def __init__(self, first: Floats, learning: Learning | None = None) -> None:
        if first.ndim != 2 or not first.shape[1]:
            raise InputError(f"first has the shape {first.shape}; it must be [N, k] with at least one period", field="first")
        self._learning = learning or Learning()
        self._speed, self._pull, self._trend_weight, self._power = self._learning.smoothers().T
        level = np.maximum(_demand(first).mean(axis=1, keepdims=True), 1.0)
        self._level = np.repeat(level, self._speed.size, axis=1)
        self._mean, self._trend = self._level.copy(), np.zeros_like(self._level)
        self._evidence = np.zeros_like(self._level)
        self._weight, self._squares = FIRST_WEIGHT, FIRST_WEIGHT * (FIRST_SPREAD * level / level**self._power) ** 2
        self._seen = 0
        for demand in first.T:
            self.observe(demand)

    def observe(self, demand: Floats) -> None:
        """Learn from the [N] units of the period that ended.

        Raises:
            InputError: A number is negative or not finite.
        """
        units = _demand(demand)[:, None]
        expected = _expected(self._level, self._mean, self._trend, self._pull, self._learning.damping)
        scale = np.maximum(expected, 1.0) ** self._power
        error = units - expected
        if self._seen >= UNJUDGED:
            self._evidence = self._learning.evidence_kept * self._evidence + self._log_likelihood(error / scale) - np.log(scale)
            self._evidence -= self._evidence.max(axis=1, keepdims=True)
        self._seen += 1
        speed = np.maximum(self._speed, 1 / self._seen)
        self._level = np.maximum(expected + speed * error, 0.0)
        self._trend = self._learning.damping * self._trend + self._trend_weight * speed * error * (self._seen > UNJUDGED)
        self._mean += (units - self._mean) / self._seen
        self._weight = self._learning.spread_kept * self._weight + 1
        self._squares = self._learning.spread_kept * self._squares + (error / scale) ** 2

    @property
    def weights(self) -> Floats:
        """[N, M] trust in each smoother; the sum is 1."""
        trust = np.exp(self._evidence)
        return np.asarray(trust / trust.sum(axis=1, keepdims=True))

    def sample(self, periods: int, draws: "Draws") -> Floats:
        """[N, S, periods] whole units asked for in the next periods; a path has one smoother and one spread."""
        ends = np.cumsum(self.weights, axis=1)
        chosen = (draws.smoother[None, :, None] > ends[:, None, :-1]).sum(axis=2)
        level, mean, trend, squares = (
            np.take_along_axis(state, chosen, axis=1) for state in (self._level, self._mean, self._trend, self._squares)
        )
        spread = np.sqrt(squares / (2 * gammaincinv(self._weight / 2, draws.spread)))
        speed = np.maximum(self._speed, 1 / (self._seen + 1))[chosen]
        pull, trend_weight, power = self._pull[chosen], self._trend_weight[chosen], self._power[chosen]
        paths = np.empty((*chosen.shape, periods))
        for period in range(periods):
            expected = _expected(level, mean, trend, pull, self._learning.damping)
            noise = spread * np.maximum(expected, 1.0) ** power * draws.noise[:, period]
            paths[:, :, period] = np.maximum(expected + noise, 0.0)
            error = paths[:, :, period] - expected
            level = np.maximum(expected + speed * error, 0.0)
            trend = self._learning.damping * trend + trend_weight * speed * error
        return np.rint(paths)

    def _log_likelihood(self, error: Floats) -> Floats:
        """[N, M] log density of the scaled errors, which are Student's t."""
        freedom = self._weight
        constant = gammaln((freedom + 1) / 2) - gammaln(freedom / 2) - 0.5 * np.log(np.pi * self._squares)
        return np.asarray(constant - (freedom + 1) / 2 * np.log1p(error**2 / self._squares))


@dataclass(frozen=True, eq=False, slots=True)
class Draws:
    """Chance of S futures, the same for all items and periods, so that two decisions differ by what is known and not by luck."""

    smoother: Floats
    """[S] between 0 and 1: which smoother a future follows."""
    spread: Floats
    """[S] between 0 and 1: how wide its spread is."""
    noise: NDArray[np.float64]
    """[S, LONGEST] standard normal, in pairs of opposite sign."""

    @classmethod
    def of(cls, samples: int, rng: np.random.Generator) -> "Draws":
        """Draw an even number of futures."""
        strata, half = (np.arange(samples) + 0.5) / samples, rng.standard_normal((samples // 2, LONGEST))
        noise = np.concatenate([half, -half])[rng.permutation(samples)]
        return cls(strata, rng.permutation(strata), noise)


def _expected(level: Floats, mean: Floats, trend: Floats, pull: Floats, damping: float) -> Floats:
    return np.asarray(mean + pull * (level - mean) + damping * trend)


def _demand(units: Floats) -> Floats:
    """The units, if demand can be that."""
    wrong = units[~(np.isfinite(units) & (units >= 0))]
    if wrong.size:
        raise InputError(f"demand is {float(wrong[0])!r}; it must be a finite number of at least 0 units", field="demand")
    return units

"""The distribution of a horizon's demand: its likelihood, its mean, and paths drawn from it. Knows no network.

A path has one level for all its days; given the level, days are independent:

    level       L_t = exp(s_t z - s_t^2 / 2), z ~ N(0, 1) once a path, so that its mean is 1
    demand      0 with weight w_0, else negative binomial (whole units) or gamma (fractions)
                with mean m_jt L_t and shape r_jt, with weight w_jt, j = 1, 2

The common z is what makes the days of a horizon move together; it is integrated out by Gauss-Hermite quadrature.
The negative binomial with mean m and shape r has variance m + m^2 / r (Salinas et al. 2020, Int. J. Forecasting 36, with
r = 1 / alpha); a mixture over whole horizons after Olivares et al. 2024, Int. J. Forecasting 40.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

PARAMETERS = 7
"""Numbers that a network gives for a day."""
FIRST = (-2.0, -1.0, -0.2, 0.8, 0.5, 0.5, -1.5)
"""Where a network starts: few zeros besides the count's own, one component at the usual level, a rarer one above it."""
NODES = 9
"""Quadrature nodes of the level."""
MOST_SPREAD = 1.5
LOG_MEAN_REACH, LOG_SHAPE_REACH = 8.0, 6.0
"""Means and shapes stay within these many powers of e of the usual demand, and of 1."""


@dataclass(frozen=True, eq=False, slots=True)
class Demand:
    """Distribution of W windows of H days; see the module."""

    log_weights: Tensor
    """[W, H, 3] of zero and of the two components."""
    log_means: Tensor
    """[W, H, 2] log of units a day."""
    log_shapes: Tensor
    """[W, H, 2]."""
    spread: Tensor
    """[W, H] standard deviation s of the log level."""

    @classmethod
    def of(cls, raw: Tensor, log_usual: Tensor) -> "Demand":
        """Read the numbers of a network.

        Args:
            raw: [W, H, PARAMETERS] log odds of zero and of the second component against the first, log means over
                the usual demand, log shapes, and the spread before it is made positive.
            log_usual: [W, H] log of the usual demand, units a day.
        """
        raw = raw + raw.new_tensor(FIRST)
        log_odds = torch.stack([raw[..., 0], torch.zeros_like(raw[..., 0]), raw[..., 1]], dim=-1)
        return cls(
            log_weights=torch.log_softmax(log_odds, dim=-1),
            log_means=log_usual[..., None] + raw[..., 2:4].clamp(-LOG_MEAN_REACH, LOG_MEAN_REACH),
            log_shapes=raw[..., 4:6].clamp(-LOG_SHAPE_REACH, LOG_SHAPE_REACH),
            spread=MOST_SPREAD * torch.sigmoid(raw[..., 6]),
        )

    def without_spread(self) -> "Demand":
        """The same with a level that is sure, for models that have another reason for days to move together."""
        return Demand(self.log_weights, self.log_means, self.log_shapes, torch.zeros_like(self.spread))

    def mean(self) -> Tensor:
        """[W, H] expected units a day."""
        return torch.exp(self.log_weights[..., 1:] + self.log_means).sum(dim=-1)

    def log_likelihood(self, demand: Tensor, known: Tensor, counts: Tensor, scale: Tensor) -> Tensor:
        """Log probability (for fractions: density of demand over scale) of the known days of each window together.

        Args:
            demand: [W, H] units a day, anything where unknown.
            known: [W, H] 1 where demand is known, else 0; unknown days do not count.
            counts: [W] True where demand is whole units.
            scale: [W] units a day in which fractions are measured.

        Returns:
            [W] nats.
        """
        nodes, log_chances = _nodes(self.spread.device) if bool(self.spread.any()) else _one_node(self.spread.device)
        level = self.spread[..., None] * nodes - 0.5 * self.spread[..., None] ** 2
        whole, total = counts[:, None, None], torch.zeros_like(level)
        if bool(counts.any()):
            total = total + torch.where(whole, self._log_count(demand, level), 0.0)
        if not bool(counts.all()):
            total = total + torch.where(whole, 0.0, self._log_density(demand, level, scale))
        return torch.logsumexp((total * known[..., None]).sum(dim=1) + log_chances, dim=-1)

    def _log_count(self, demand: Tensor, level: Tensor) -> Tensor:
        """[W, H, K] log probability of each day given each level."""
        units = demand[..., None]
        shape = self.log_shapes.exp()
        ways = torch.lgamma(units + shape) - torch.lgamma(shape) - torch.lgamma(units + 1)
        log_mean = self.log_means[..., None] + level[..., None, :]
        log_shape = self.log_shapes[..., None]
        of_component = (
            ways[..., None]
            + shape[..., None] * log_shape
            + units[..., None] * log_mean
            - (shape + units)[..., None] * torch.logaddexp(log_shape, log_mean)
        )
        sold = torch.logsumexp(of_component + self.log_weights[..., 1:, None], dim=-2)
        zero = torch.logaddexp(sold, self.log_weights[..., :1].expand_as(sold))
        return torch.where(units > 0, sold, zero)

    def _log_density(self, demand: Tensor, level: Tensor, scale: Tensor) -> Tensor:
        """[W, H, K] log density of each day's demand over the scale, given each level; log probability of a day without any."""
        sold = demand > 0
        log_share = torch.where(sold, demand, 1.0).log() - torch.where(sold, scale[:, None].log(), 0.0)
        log_share, shape = log_share[..., None, None], self.log_shapes.exp()[..., None]
        log_mean = (self.log_means - scale.log()[:, None, None])[..., None] + level[..., None, :]
        of_component = (
            shape * (self.log_shapes[..., None] - log_mean)
            - torch.lgamma(shape)
            + (shape - 1) * log_share
            - shape * (log_share - log_mean).clamp(max=20).exp()
        )
        positive = torch.logsumexp(of_component + self.log_weights[..., 1:, None], dim=-2)
        return torch.where(sold[..., None], positive, self.log_weights[..., :1])

    def sample(self, paths: int, counts: Tensor, chance: torch.Generator) -> Tensor:
        """[W, S, H] demand along S paths of each window; arguments as in `log_likelihood`."""
        shape = (self.spread.shape[0], paths, self.spread.shape[1])
        device = self.spread.device
        z = torch.randn(shape[:2], generator=chance, device=device)[..., None]
        spread = self.spread[:, None]
        return self._days(torch.exp(spread * z - 0.5 * spread**2), counts, chance)

    def _days(self, level: Tensor, counts: Tensor, chance: torch.Generator) -> Tensor:
        """[W, S, H] demand of independent days given levels of that shape."""
        drawn = torch.rand(level.shape, generator=chance, device=level.device)
        weights = self.log_weights.exp()[:, None]
        sold, second = drawn >= weights[..., 0], drawn >= weights[..., 0] + weights[..., 1]
        mean, concentration = self.log_means.exp()[:, None], self.log_shapes.exp()[:, None]
        mean = torch.where(second, mean[..., 1], mean[..., 0]) * level * sold
        concentration = torch.where(second, concentration[..., 1], concentration[..., 0])
        rate = mean * torch._standard_gamma(concentration, generator=chance) / concentration
        whole = counts[:, None, None]
        if not bool(counts.any()):
            return rate
        return torch.where(whole, torch.poisson(torch.where(whole, rate, 0.0), generator=chance), rate)


@lru_cache(maxsize=8)
def _nodes(device: torch.device) -> tuple[Tensor, Tensor]:
    """Nodes and log weights of the expectation over a standard normal: [NODES] each."""
    places, weights = np.polynomial.hermite_e.hermegauss(NODES)
    log_weights = np.log(weights) - 0.5 * math.log(2 * math.pi)
    return torch.tensor(places, dtype=torch.float32, device=device), torch.tensor(log_weights, dtype=torch.float32, device=device)


@lru_cache(maxsize=8)
def _one_node(device: torch.device) -> tuple[Tensor, Tensor]:
    return torch.zeros(1, device=device), torch.zeros(1, device=device)

"""Several models' futures as one: their quantiles averaged day by day, tied into paths by the order of one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forecasting.base import Paths
from forecasting.margins import placed
from parstock.domain import Floats

ROWS_AT_ONCE = 32
"""Items worked on together, so that their samples stay in the processor's cache."""


@dataclass(frozen=True, eq=False, slots=True)
class Mixture:
    """Sample paths taken apart into what each day brings and how the days hang together."""

    margins: Paths
    """[N, H, S] samples of each day in rising order."""
    ranks: NDArray[np.intp]
    """[N, H, S] place in `margins` of the value that path s takes on day h."""

    def paths(self) -> Paths:
        """[N, S, H] the paths."""
        return np.ascontiguousarray(np.take_along_axis(self.margins, self.ranks, axis=2).swapaxes(1, 2))


def mix(parts: Sequence[Paths], weights: Floats) -> Mixture:
    """Average the quantile functions of the parts, and order the days as the heaviest part does.

    The average keeps the parts' shape, where pooling their samples would be too wide. Source: Vincent 1912; Lichtendahl,
    Grushka-Cockayne, Winkler 2013, Management Science 59. The order is ensemble copula coupling: Schefzik, Thorarinsdottir,
    Gneiting 2013, Statistical Science 28.

    Args:
        parts: M forecasts of the same items, [N, S, H] amounts each, free of ties.
        weights: [N, M] shares of each item; a row sums to 1.
    """
    rows, samples, days = parts[0].shape
    margins = np.zeros((rows, days, samples), dtype=np.float32)
    ranks = np.zeros(margins.shape, dtype=np.intp)
    main = weights.argmax(axis=1)
    for some in blocks(rows):
        for position, part in enumerate(parts):
            used = some[weights[some, position] > 0]
            if not used.size:
                continue
            by_day = np.ascontiguousarray(part[used].swapaxes(1, 2))
            led = main[used] == position
            ranks[used[led]] = rank(by_day[led])
            by_day.sort(axis=2)
            by_day *= weights[used, position, None, None].astype(np.float32)
            margins[used] += by_day
    return Mixture(margins, ranks)


def blocks(rows: int) -> Iterator[NDArray[np.intp]]:
    """Positions of `ROWS_AT_ONCE` of so many rows at a time."""
    return (np.arange(first, min(first + ROWS_AT_ONCE, rows)) for first in range(0, rows, ROWS_AT_ONCE))


def rank(values: NDArray[np.float32]) -> NDArray[np.intp]:
    """Place of each value of [..., S] among them, 0 for the lowest."""
    places = np.broadcast_to(np.arange(values.shape[-1]), values.shape)
    return placed(places, np.argsort(values, axis=-1))


@dataclass(frozen=True, eq=False, slots=True)
class Order:
    """How the days of paths hang together, in normal scores, so that it can be made stronger or weaker."""

    own: NDArray[np.float32]
    """[N, H, S] score of each path on each day."""
    common: NDArray[np.float32]
    """[N, 1, S] score of each path's sum of scores."""

    @classmethod
    def of(cls, ranks: NDArray[np.intp]) -> "Order":
        """Read the order of [N, H, S] ranks."""
        samples = ranks.shape[2]
        scores = ndtri((np.arange(samples) + 0.5) / samples).astype(np.float32)
        own = scores[ranks]
        return cls(own, scores[rank(own.sum(axis=1))][:, None, :])

    def tied(self, margins: Paths, strength: Floats, rng: np.random.Generator) -> Paths:
        """Let a path that is high on most days be higher on all of them, or loosen its days; each day's samples stay the same.

        A day's score becomes sqrt(1 - |a|) of itself and sqrt(|a|) of the path's common one (a > 0) or of chance (a < 0): a
        one-factor Gaussian copula on top of the order given.

        Args:
            margins: [N, H, S] samples of each day in rising order.
            strength: [N] a between -1 and 1; at 0 nothing changes.
            rng: Source of chance.

        Returns:
            [N, H, S] the samples, S paths.
        """
        share = np.abs(strength)[:, None, None].astype(np.float32)
        paths = np.empty_like(margins)
        for some in blocks(margins.shape[0]):
            scores = np.sqrt(1 - share[some]) * self.own[some]
            closer, looser = strength[some] > 0, strength[some] < 0
            scores[closer] += np.sqrt(share[some][closer]) * self.common[some][closer]
            if looser.any():
                chance = rng.standard_normal((int(looser.sum()), *scores.shape[1:]), dtype=np.float32)
                scores[looser] += np.sqrt(share[some][looser]) * chance
            paths[some] = placed(margins[some], np.argsort(scores, axis=2))
        return paths

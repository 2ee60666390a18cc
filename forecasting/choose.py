"""Which models a group of items should be forecast with, and in what shares, from a replay of the past. Fits nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.base import Paths
from forecasting.evidence import Evidence
from forecasting.margins import ascending, units
from forecasting.metrics import pinball
from parstock.domain import QUANTILE_LEVELS, Bools, Floats

TIE = 0.005
"""A model must beat every simpler one by this share to displace it."""
MIXTURE_GAIN = 0.0025
"""A mixture must beat the best model by this share to be worth its trouble."""
MOST_SAY = 3.0
"""An item's losses count as at most so many times those of the median item: no odd one decides for all."""
STEPS = 10
"""Models are added to a mixture so many times: shares are tenths and coarser."""
CLEARLY = 0.1
"""An item leaves its group for a model that beats all parts of the group's mixture by this share in every window.
A mixture seldom gains half as much over its best part."""
LEAST_WINDOWS = 4
"""Windows of an item without which it does not leave its group."""


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """A model, or a mixture of some, and how it did."""

    weights: Floats
    """[M] shares that sum to 1."""
    loss: float
    """Mean scaled pinball loss of the group over the windows; NaN where nothing could be measured."""
    compared: float
    """The same with the say of items that are hard for all models limited: what is compared."""


def candidates(evidence: Evidence, cells: Floats) -> list[Candidate]:
    """Order what could be used by preference: a mixture where it pays, the best single model, and the others by loss.

    The mixture is built greedily with replacement: Caruana et al. 2004, "Ensemble selection from libraries of models", ICML.

    Args:
        evidence: Futures of some items of the group.
        cells: [M, W, N] scaled pinball losses of all of them; NaN where there is none.
    """
    judged = _Judged(evidence, cells)
    single = [judged.candidate(unit) for unit in np.eye(len(evidence.parts))]
    first = int(simplest_best(np.array([[one.compared] for one in single]))[0])
    others = sorted((one for m, one in enumerate(single) if m != first), key=lambda one: one.compared)
    mixture = _greedy(judged, len(single))
    ranked = [single[first], *others]
    pays = mixture.weights.max() < 1 and mixture.compared < single[first].compared * (1 - MIXTURE_GAIN)
    return [mixture, *ranked] if pays else ranked


def simplest_best(losses: Floats) -> NDArray[np.intp]:
    """Position of the lowest of [M, N] losses; a later model must be better than the one held by `TIE`."""
    losses = np.where(np.isfinite(losses), losses, np.inf)
    kept = np.zeros(losses.shape[1], dtype=np.intp)
    for challenger in range(1, losses.shape[0]):
        held = np.take_along_axis(losses, kept[None], axis=0)[0]
        kept = np.where(losses[challenger] < held * (1 - TIE), challenger, kept)
    return kept


def own_winners(cells: Floats, used: Floats) -> NDArray[np.intp]:
    """[N] the model that an item should have to itself; -1 where it should stay with its group.

    A few windows of one item are mostly noise, so the group has the first word, and an item leaves it only for a model
    that beats by `CLEARLY`, in every window, all the models that the group uses.

    Args:
        cells: [M, W, N] scaled pinball losses; NaN where there is none.
        used: [N, M] shares of the models in the item's group.
    """
    known = np.isfinite(cells).all(axis=0)
    losses = np.where(np.isfinite(cells), cells, np.inf)
    own = simplest_best(np.where(known, cells, 0.0).sum(axis=1))
    items = np.arange(own.size)
    rivals = np.where((used.T > 0) & (np.arange(len(cells))[:, None] != own), 1.0, np.inf)[:, None, :]
    nearest = np.where(np.isfinite(rivals), losses, np.inf).min(axis=0)
    better = ((1 - CLEARLY) * nearest > losses[own, :, items].T) | ~known
    alone = used[items, own] == 1
    return np.where(better.all(axis=0) & (known.sum(axis=0) >= LEAST_WINDOWS) & ~alone, own, -1)


def whole_windows(cells: Floats) -> Bools:
    """[W] windows of [M, W, N] losses that show the whole group, not only the items that were kept."""
    known = np.isfinite(cells).any(axis=0).sum(axis=1)
    return np.asarray(2 * known > known.max())


class _Judged:
    """Losses of mixtures on the evidence, put on the level of the whole group.

    What a single model loses is known of all items, and the evidence's items are some of them: by how much they differ is
    taken off mixtures in proportion to the shares (a control variate).
    """

    def __init__(self, evidence: Evidence, cells: Floats) -> None:
        samples = evidence.parts[0].shape[1]
        place = np.asarray(QUANTILE_LEVELS) * (samples - 1)
        self._low = np.floor(place).astype(np.intp)
        self._high = np.minimum(self._low + 1, samples - 1)
        self._share = (place - self._low).astype(np.float32)
        self._evidence = evidence
        self._corners = [self._corners_of(part) for part in evidence.parts]
        alone = [self._losses(unit) for unit in np.eye(len(self._corners))]
        here = np.stack([losses.reshape(evidence.windows, -1) for losses in alone])
        most = MOST_SAY * _known_median(_by_item(cells))
        self._say = np.tile(_say(here, most), evidence.windows)
        everywhere, limited = cells * _say(cells, most), here * self._say.reshape(evidence.windows, -1)
        whole = whole_windows(cells)
        self._off = np.array([_known_mean(c[whole]) - _known_mean(h[whole]) for c, h in zip(cells, here, strict=True)])
        self._off_compared = np.array(
            [_known_mean(c[whole]) - _known_mean(h[whole]) for c, h in zip(everywhere, limited, strict=True)]
        )

    def candidate(self, weights: Floats) -> Candidate:
        """Measure the mixture with these [M] shares."""
        losses = self._losses(weights)
        return Candidate(
            weights,
            _known_mean(losses) + float(weights @ self._off),
            _known_mean(losses * self._say) + float(weights @ self._off_compared),
        )

    def _corners_of(self, part: Paths) -> NDArray[np.float32]:
        """[R, H, 2, Q] the samples on either side of each quantile level: averages of these give quantiles of averages."""
        margins = ascending(part)
        return np.stack([margins[:, :, self._low], margins[:, :, self._high]], axis=2)

    def _losses(self, weights: Floats) -> Floats:
        """[R] scaled pinball loss; NaN where nothing is known."""
        mixed = np.zeros_like(self._corners[0])
        for weight, corner in zip(weights.tolist(), self._corners, strict=True):
            if weight:
                mixed += np.float32(weight) * corner
        units(mixed, self._evidence.whole)
        forecast = (1 - self._share) * mixed[:, :, 0] + self._share * mixed[:, :, 1]
        return np.asarray(pinball(self._evidence.actual, forecast, QUANTILE_LEVELS) / self._evidence.scale)


def _greedy(judged: _Judged, models: int) -> Candidate:
    """Add, `STEPS` times, the model that helps the average most; return the best average met."""
    counts = np.zeros(models)
    met: list[Candidate] = []
    for step in range(1, STEPS + 1):
        best = min((judged.candidate((counts + unit) / step) for unit in np.eye(models)), key=lambda tried: tried.compared)
        counts = best.weights * step
        met.append(best)
    return min(met, key=lambda candidate: candidate.compared)


def _by_item(cells: Floats) -> Floats:
    """[N] mean of [M, W, N] losses over models and windows; NaN where there is none."""
    known = np.isfinite(cells)
    count = known.sum(axis=(0, 1))
    return np.where(count > 0, np.where(known, cells, 0.0).sum(axis=(0, 1)) / np.maximum(count, 1), np.nan)


def _say(cells: Floats, most: float) -> Floats:
    """[N] factors that bring the mean losses of items down to `most`; 1 where they are not above it."""
    mean = _by_item(cells)
    return np.where(mean > most, most / np.where(mean > 0, mean, 1.0), 1.0)


def _known_median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else 0.0


def _known_mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")

"""The gate: what a recalibrated forecast covers in windows that its calibration has not seen, and whether that is near enough."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from forecasting.base import Paths
from forecasting.calibrate import (
    LOW_LEVELS,
    MOST_FACTOR,
    SAFETY_LEVELS,
    Calibration,
    conformal_factors,
    reach,
    recalibrate,
    stretch,
    tie,
)
from forecasting.choose import Candidate
from forecasting.evidence import Evidence
from forecasting.margins import units
from forecasting.mixture import Order, mix
from parstock.domain import Bools, Floats

TOTAL_DAYS = (7, 14, 28)
"""Lead times whose totals are judged, as far as the windows reach."""
STRENGTHS = (0.0, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.3)
"""How strongly days may be tied to make totals cover more; see `forecasting.mixture.Order`."""
TRIED = (0.0, 0.02, 0.1, 0.3)
"""Those that are tried out; what totals cover at the others is read off between them."""
LOOSER = -0.3
"""The strength tried where more of them would not help."""
STRENGTH_GAIN = 0.002
"""Coverage of totals must come this much nearer to nominal for a strength to displace an earlier one."""
LEAST_TOTALS = 40
"""Totals without which the tie between days is left as it is."""
TOLERANCE = 0.02
"""Coverage may be this far from nominal."""
ERRORS = 2.0
"""A deviation counts beyond the tolerance only as far as it exceeds so many standard errors of the coverage."""
WIDER = (1.1, 1.25, 1.5, 2.0)
"""Factors tried on the upper distances of a forecast that is used although it was refused."""


@dataclass(frozen=True, eq=False, slots=True)
class Verdict:
    """What a candidate covers: rows are days and then totals of `TOTAL_DAYS`, columns `SAFETY_LEVELS`."""

    candidate: Candidate
    calibration: Calibration
    before: Floats
    """[1 + T, L] coverage without calibration."""
    coverage: Floats
    """[1 + T, L] coverage in each window with what was learned from windows that share no day with it."""
    error: Floats
    """[1 + T, L] standard error of `coverage`, from its spread over the windows."""
    tested: bool
    """Whether there were windows apart enough to be judged."""

    @property
    def excess(self) -> Floats:
        """[1 + T, L] how far coverage is from nominal beyond tolerance and sampling error; positive = refused."""
        deviation = np.abs(self.coverage - np.asarray(SAFETY_LEVELS))
        return np.asarray(np.nan_to_num(deviation - TOLERANCE - ERRORS * self.error, nan=-1.0))

    @property
    def refused(self) -> bool:
        """Whether some quantile does not cover what it says."""
        return self.tested and bool((self.excess > 0).any())

    @property
    def too_low(self) -> bool:
        """Whether some quantile covers too little."""
        return bool(((self.excess > 0) & (self.coverage < np.asarray(SAFETY_LEVELS))).any())


def judge(evidence: Evidence, candidate: Candidate, widening: float = 1.0) -> Verdict:
    """Calibrate a candidate and measure what it covers in windows that the calibration did not see.

    Coverage is that of the randomised probability integral transform, which is uniform for a perfect forecast of counts too,
    where the plain share of days under a quantile is above nominal. Source: Czado, Gneiting, Held 2009, Biometrics 65.

    Args:
        evidence: What the group's replay shows.
        candidate: Shares of the models.
        widening: Extra factor of the upper distances.
    """
    rows, windows = evidence.scale.size, evidence.window
    mixed = mix(evidence.parts, np.repeat(candidate.weights[None], rows, axis=0))
    reaches, plain = reach(mixed.margins, evidence.amount), reach(mixed.margins, evidence.actual)
    factors, order = _widened(conformal_factors(reaches, plain), widening), Order.of(mixed.ranks)
    stretched = stretch(mixed.margins, np.repeat(factors[None], rows, axis=0))

    def places(strength: float) -> Floats:
        tied = tie(stretched, order, np.full(rows, strength), evidence.whole, np.random.default_rng(0))
        return _total_places(tied, evidence)

    folds = [evidence.far_from(window) for window in range(evidence.windows)]
    tested = all(fold.any() for fold in folds)
    *strengths, strength = _strengths(places, [*folds, np.ones(rows, dtype=np.bool_)])
    learned = [
        Calibration(_widened(conformal_factors(reaches[fold], plain[fold]), widening), found)
        for fold, found in zip(folds, strengths, strict=True)
    ]
    unseen = recalibrate(
        mixed,
        np.stack([one.factors for one in learned])[windows],
        np.array([one.strength for one in learned])[windows],
        evidence.whole,
        np.random.default_rng(0),
    )
    as_made = units(np.take_along_axis(mixed.margins, mixed.ranks, axis=2), evidence.whole)
    covered = _covered(unseen, evidence)
    return Verdict(
        candidate=candidate,
        calibration=Calibration(factors, strength),
        before=_mean(_covered(as_made, evidence)),
        coverage=_mean(covered),
        error=_standard_error(covered, evidence),
        tested=tested,
    )


def admit(evidence: Evidence, preferred: Sequence[Candidate]) -> tuple[Verdict, list[Verdict]]:
    """The first candidate that covers what it says, and those refused before it.

    Where all are refused, the one nearest to nominal is taken, spread further until none of its quantiles covers too little.
    """
    refused: list[Verdict] = []
    for candidate in preferred:
        verdict = judge(evidence, candidate)
        if not verdict.refused:
            return verdict, refused
        refused.append(verdict)
    nearest = min(refused, key=lambda verdict: float(verdict.excess.max()))
    for widening in WIDER:
        if not nearest.too_low:
            break
        nearest = judge(evidence, nearest.candidate, widening)
    return nearest, refused


def _widened(factors: Floats, widening: float) -> Floats:
    upper = np.arange(factors.size) >= len(LOW_LEVELS)
    return np.where(upper, np.minimum(factors * widening, MOST_FACTOR), factors)


def _total_places(daily: Paths, evidence: Evidence) -> Floats:
    """[R, T] place of each known total among the sampled ones; NaN where unknown."""
    known = np.isfinite(evidence.actual)
    chance = np.random.default_rng(1).random((len(TOTAL_DAYS), known.shape[0]))
    sampled, total = np.zeros((daily.shape[0], daily.shape[2]), dtype=np.float32), np.zeros(known.shape[0])
    places = []
    for (begin, end), share in zip(pairwise((0, *TOTAL_DAYS)), chance, strict=True):
        if end <= known.shape[1]:
            sampled += np.einsum("rhs,rh->rs", daily[:, begin:end], known[:, begin:end].astype(np.float32))
            total += np.where(known, evidence.actual, 0.0)[:, begin:end].sum(axis=1)
            places.append(_place(sampled, np.where(known[:, :end].any(axis=1), total, np.nan), share))
    return np.stack(places, axis=1)


def _place(samples: NDArray[np.float32], value: Floats, share: Floats) -> Floats:
    """[...] place, 0 to 1, of each value among its [..., S] samples and itself, at random between equals; NaN where unknown."""
    gap = samples - value[..., None].astype(np.float32)
    near = (1e-5 * np.fmax(value, 1.0))[..., None].astype(np.float32)
    below, within = (gap < -near).sum(axis=-1), (gap <= near).sum(axis=-1)
    place = (below + share * (within - below + 1)) / (samples.shape[-1] + 1)
    return np.where(np.isfinite(value), place, np.nan)


def _strengths(places: Callable[[float], Floats], folds: Sequence[Bools]) -> list[float]:
    """For each fold the strength whose totals come nearest to nominal coverage; the first unless another gains enough.

    Args:
        places: Gives the [R, T] places of totals at a strength.
        folds: [R] rows to learn from, of each fold.
    """
    found = np.stack([_coverage(places(strength), folds) for strength in TRIED])
    roots = np.sqrt(np.asarray(TRIED))
    between = np.stack([np.interp(np.sqrt(np.asarray(STRENGTHS)), roots, unit) for unit in np.eye(roots.size)])
    off = _off(np.tensordot(between.T, found, axes=1))
    best, least = np.zeros(len(folds)), off[0]
    for strength, now in zip(STRENGTHS, off, strict=True):
        best, least = _nearer(best, least, strength, now)
    if not best.all():
        best, least = _nearer(best, least, LOOSER, _off(_coverage(places(LOOSER), folds)))
    return [float(strength) for strength in best]


def _nearer(best: Floats, least: Floats, strength: float, now: Floats) -> tuple[Floats, Floats]:
    """[F] strengths and their distances, with another where it gains enough."""
    gains = now < least - STRENGTH_GAIN
    return np.where(gains, strength, best), np.where(gains, now, least)


def _coverage(places: Floats, folds: Sequence[Bools]) -> Floats:
    """[F, T, L] share of the [R, T] totals of each fold at or under each level; NaN where there are too few to tell."""
    levels, known = np.asarray(SAFETY_LEVELS), np.isfinite(places).all(axis=1)
    under = places[:, :, None] <= levels
    counts = [int((known & fold).sum()) for fold in folds]
    nothing = np.full((places.shape[1], levels.size), np.nan)
    return np.stack(
        [
            under[known & fold].mean(axis=0) if count >= LEAST_TOTALS else nothing
            for fold, count in zip(folds, counts, strict=True)
        ]
    )


def _off(coverage: Floats) -> Floats:
    """[...] mean distance from nominal of [..., T, L] coverage."""
    return np.asarray(np.abs(coverage - np.asarray(SAFETY_LEVELS)).mean(axis=(-2, -1)))


def _covered(daily: Paths, evidence: Evidence) -> Floats:
    """[W, 1 + T, L] share of days, and of totals, under each quantile of [R, H, S] units, window by window."""
    days = _place(daily, evidence.actual, np.random.default_rng(3).random(evidence.actual.shape))
    totals = _total_places(daily, evidence)
    return np.concatenate([_under(days[:, :, None], evidence.windows), _under(totals[:, None], evidence.windows)], axis=1)


def _under(places: Floats, windows: int) -> Floats:
    """[W, T, L] share of known [R, K, T] places at or under each level, window by window."""
    by_window = places.reshape(windows, -1, places.shape[2])[..., None]
    under = np.where(np.isfinite(by_window), by_window <= np.asarray(SAFETY_LEVELS), np.nan)
    return _mean(under.swapaxes(0, 1))


def _standard_error(covered: Floats, evidence: Evidence) -> Floats:
    """[1 + T, L] error of the mean over windows that overlap, at least that of as many independent draws as item-windows."""
    count = np.isfinite(covered).sum(axis=0)
    independent = np.maximum(count / evidence.apart, 1)
    center = _mean(covered)
    spread = np.sqrt(np.nansum((covered - center) ** 2, axis=0) / np.maximum(count - 1, 1))
    levels = np.asarray(SAFETY_LEVELS)
    draws = np.sqrt(levels * (1 - levels) / np.maximum(independent[:, 0] * (evidence.scale.size // evidence.windows), 1)[:, None])
    return np.asarray(np.maximum(spread / np.sqrt(independent), draws))


def _mean(values: Floats) -> Floats:
    """Mean over the first axis of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)

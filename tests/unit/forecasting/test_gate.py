"""What passes the gate and what does not."""

import numpy as np
from scipy.special import ndtr, ndtri

from forecasting.calibrate import SAFETY_LEVELS
from forecasting.choose import Candidate
from forecasting.evidence import Evidence
from forecasting.gate import TOTAL_DAYS, _strengths, admit, judge

WINDOWS, ITEMS, DAYS, PATHS = 8, 40, 28, 100
FIRST, SECOND = Candidate(np.array([1.0, 0.0]), 0.3, 1.0), Candidate(np.array([0.0, 1.0]), 0.4, 1.3)
P95 = SAFETY_LEVELS.index(0.95)


def evidence(actual: np.ndarray, *parts: np.ndarray, whole: bool = False, apart: int = 2) -> Evidence:
    """Rows of windows that overlap with one neighbour."""
    rng = np.random.default_rng(9)
    rows = actual.shape[0]
    share = rng.random(actual.shape) * whole
    spread = [(part + rng.random(part.shape) * whole).astype(np.float32) for part in parts]
    names = ("first", "second")[: len(parts)]
    return Evidence(names, spread, actual, actual + share, np.ones(rows), np.full(rows, whole), WINDOWS, apart)


def normal(deviation: float, level: float = 0.0, seed: int = 0, paths: int = PATHS) -> np.ndarray:
    """[R, S, H] normal futures around 100; `level` is the deviation of what the days of a path share."""
    rng = np.random.default_rng(seed)
    shape = (WINDOWS * ITEMS, paths, DAYS)
    return (
        100 + rng.normal(0, deviation, shape) + rng.normal(0, level, (*shape[:2], 1))
        if level
        else 100 + rng.normal(0, deviation, shape)
    )


def test_a_forecast_of_the_wrong_width_is_put_right_and_passes() -> None:
    """Days half as wide as they should be cover 67 % before calibration and 95 % after it in windows it did not see."""
    verdict = judge(evidence(normal(10.0, seed=1, paths=1)[:, 0], normal(5.0)), Candidate(np.ones(1), 0.3, 1.0))
    assert verdict.before[0, P95] < 0.85
    assert abs(verdict.coverage[0, P95] - 0.95) < 0.02
    assert verdict.tested
    assert not verdict.refused
    assert verdict.calibration.factors[-3] > 1.7


def test_totals_are_put_right_by_tying_days() -> None:
    """Demand whose days share a level, forecast day by day: totals cover too little before, and about enough after."""
    truth = normal(10.0, level=2.0, seed=1, paths=1)[:, 0]
    verdict = judge(evidence(truth, normal(10.2)), Candidate(np.ones(1), 0.3, 1.0))
    last = len(TOTAL_DAYS)
    assert verdict.before[last, P95] < 0.9
    assert abs(verdict.coverage[last, P95] - 0.95) < 0.04
    assert verdict.calibration.strength > 0
    np.testing.assert_allclose(verdict.coverage[0], SAFETY_LEVELS, atol=0.02)


def test_strengths_between_those_tried_are_found() -> None:
    """Where totals would cover as they say at a strength that is not tried, it is chosen, for each part of the rows alone."""
    wanted = np.repeat([0.04, 0.16], 200)

    def places(strength: float) -> np.ndarray:
        spread = 1 + np.sqrt(max(strength, 0.0)) - np.sqrt(wanted) if strength >= 0 else np.full(400, 0.5)
        level = np.tile((np.arange(200) + 0.5) / 200, 2)
        return np.repeat(ndtr(ndtri(level) / spread)[:, None], len(TOTAL_DAYS), axis=1)

    first = np.arange(400) < 200
    assert _strengths(places, [first, ~first]) == [0.04, 0.16]


def test_a_handful_of_totals_ties_nothing() -> None:
    """One item's eight totals are no ground for changing how its days hang together."""
    rows = np.arange(WINDOWS) * ITEMS
    truth = normal(10.0, level=8.0, seed=1, paths=1)[rows, 0]
    assert judge(evidence(truth, normal(10.0)[rows]), Candidate(np.ones(1), 0.3, 1.0)).calibration.strength == 0


def test_counts_are_judged_without_their_discreteness() -> None:
    """A perfect forecast of rare sales covers 95 % in the randomised sense, though more days are at or under the quantile."""
    rng = np.random.default_rng(3)
    shape = (WINDOWS * ITEMS, PATHS, DAYS)
    verdict = judge(
        evidence(rng.poisson(0.3, (shape[0], DAYS)).astype(float), rng.poisson(0.3, shape), whole=True),
        Candidate(np.ones(1), 0.3, 1.0),
    )
    np.testing.assert_allclose(verdict.before[0], SAFETY_LEVELS, atol=0.01)
    assert not verdict.refused


def swinging() -> np.ndarray:
    """Demand that is in half of the windows far above what anybody forecast, so that no calibration can hold."""
    rng = np.random.default_rng(4)
    up = np.repeat(np.arange(WINDOWS) >= WINDOWS // 2, ITEMS)[:, None]
    return rng.normal(100.0, 10.0, (WINDOWS * ITEMS, DAYS)) + 60 * up


def test_a_model_that_does_not_cover_is_refused_and_the_next_one_used() -> None:
    """The better loss does not help a model whose level is wrong for some items in a way that stretching cannot mend."""
    truth = normal(10.0, seed=1, paths=1)[:, 0]
    biased = normal(10.0) - 60.0
    chosen, refused = admit(evidence(truth, biased, normal(10.0, seed=5)), [FIRST, SECOND])
    assert chosen.candidate is SECOND
    assert [verdict.candidate for verdict in refused] == [FIRST]
    assert refused[0].excess.max() > 0


def test_where_all_are_refused_the_nearest_is_used_and_widened() -> None:
    """Nobody is silently trusted: the nearest to nominal is taken, wider than its calibration alone would have it."""
    shifted = [normal(3.0, seed=6) - 120, normal(3.0, seed=7) - 40]
    sample = evidence(swinging(), *shifted)
    chosen, refused = admit(sample, [FIRST, SECOND])
    assert len(refused) == 2
    nearest = min(refused, key=lambda verdict: verdict.excess.max())
    assert chosen.candidate is nearest.candidate
    assert (chosen.calibration.factors >= nearest.calibration.factors).all()


def test_what_cannot_be_tested_is_not_refused() -> None:
    """With windows that all share days nothing is unseen, and the verdict says that it was not tested."""
    verdict = judge(evidence(swinging(), normal(3.0), apart=WINDOWS), Candidate(np.ones(1), 0.3, 1.0))
    assert not verdict.tested
    assert not verdict.refused


def test_the_error_is_that_of_windows_that_move_together() -> None:
    """When whole windows are up or down, the standard error is far above that of independent days."""
    rng = np.random.default_rng(8)
    shift = np.repeat(rng.normal(0.0, 10.0, WINDOWS), ITEMS)[:, None]
    together = judge(evidence(normal(10.0, seed=1, paths=1)[:, 0] + shift, normal(14.0)), Candidate(np.ones(1), 0.3, 1.0))
    alone = judge(evidence(normal(14.0, seed=1, paths=1)[:, 0], normal(14.0)), Candidate(np.ones(1), 0.3, 1.0))
    assert together.error[0, 0] > 2 * alone.error[0, 0]

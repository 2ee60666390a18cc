"""Which models and shares are preferred, and which items go their own way."""

import numpy as np
import pytest

from forecasting import choose
from forecasting.choose import Candidate, own_winners
from forecasting.evidence import Evidence
from forecasting.metrics import pinball
from parstock.domain import QUANTILE_LEVELS

WINDOWS, ITEMS, DAYS, PATHS = 4, 30, 7, 60


def evidence(*shifts: float) -> Evidence:
    """Demand normal around 100, and models that differ in how far their mean is from that."""
    rng = np.random.default_rng(0)
    rows = WINDOWS * ITEMS
    actual = rng.normal(100.0, 10.0, (rows, DAYS))
    futures = rng.normal(100.0, 10.0, (rows, PATHS, DAYS)).astype(np.float32)
    parts = [futures + np.float32(shift) for shift in shifts]
    names = tuple("abcdef"[: len(shifts)])
    return Evidence(names, parts, actual, actual, np.full(rows, 10.0), np.zeros(rows, dtype=bool), WINDOWS, 1)


def cells_of(sample: Evidence) -> np.ndarray:
    """[M, W, N] losses of the items of the evidence themselves."""
    levels = np.array(QUANTILE_LEVELS)
    losses = [
        pinball(sample.actual, np.moveaxis(np.quantile(part, levels, axis=1), 0, -1), QUANTILE_LEVELS) / sample.scale
        for part in sample.parts
    ]
    return np.stack(losses).reshape(len(losses), WINDOWS, ITEMS)


def candidates(sample: Evidence) -> list[Candidate]:
    """What is preferred when the evidence is the whole group."""
    return choose.candidates(sample, cells_of(sample))


def test_the_lower_loss_comes_first() -> None:
    """A model without bias is preferred to one with, and the others follow by loss."""
    ranked = candidates(evidence(30.0, 0.0, 8.0))
    assert [int(one.weights.argmax()) for one in ranked] == [1, 2, 0]
    assert [one.loss for one in ranked] == sorted(one.loss for one in ranked)


def test_ties_go_to_the_simpler() -> None:
    """A later model that is a hair better does not displace the first."""
    ranked = candidates(evidence(0.8, 0.0))
    assert ranked[0].weights.tolist() == [1.0, 0.0]


def test_errors_that_cancel_make_a_mixture() -> None:
    """One model too high and one too low are mixed in about equal parts; their mixture beats both."""
    ranked = candidates(evidence(10.0, -10.0))
    np.testing.assert_allclose(ranked[0].weights, 0.5, atol=0.1)
    assert ranked[0].loss < 0.9 * min(one.loss for one in ranked[1:])


def test_models_that_err_alike_are_not_mixed() -> None:
    """Where a mixture brings less than a quarter of a per cent the single model stays."""
    assert candidates(evidence(0.0, 20.0))[0].weights.tolist() == [1.0, 0.0]


def test_items_that_are_not_in_the_evidence_count_too() -> None:
    """Where the rest of the group is better served by another model than the sample is, that one is preferred."""
    sample = evidence(0.0, 3.0)
    group = np.concatenate([cells_of(sample), np.full((2, WINDOWS, 5 * ITEMS), 0.4)], axis=2)
    group[0, :, ITEMS:] = 0.6
    assert candidates(sample)[0].weights.argmax() == 0
    assert choose.candidates(sample, group)[0].weights.argmax() == 1


def test_windows_that_show_the_sample_alone_do_not_speak_for_the_others() -> None:
    """By how much the group differs from the sample is read off the windows that show both."""
    sample = evidence(0.0, 3.0)
    group = np.concatenate([cells_of(sample), np.full((2, WINDOWS, 5 * ITEMS), 0.4)], axis=2)
    group[0, :, ITEMS:] = 0.6
    everything = choose.candidates(sample, group)
    group[:, 1::2, ITEMS:] = np.nan
    assert choose.whole_windows(group).tolist() == [True, False] * (WINDOWS // 2)
    for one, other in zip(choose.candidates(sample, group), everything, strict=True):
        assert one.weights.tolist() == other.weights.tolist()
        assert abs(one.loss - other.loss) < 0.02


def test_no_item_decides_alone() -> None:
    """An item whose losses are a thousand times those of the others has no more than its say."""
    plain = evidence(0.0, 15.0)
    outlier = np.arange(plain.scale.size) % ITEMS == 0
    parts = [part.copy() for part in plain.parts]
    parts[0][outlier] += 500.0
    scale = np.where(outlier, 0.01, plain.scale)
    ranked = candidates(Evidence(plain.models, parts, plain.actual, plain.amount, scale, plain.whole, WINDOWS, 1))
    assert ranked[0].weights[0] > 0.5


def cells(own: list[float], group: list[float]) -> np.ndarray:
    """[2, W, 1] losses of the group's model and of another."""
    return np.array([group, own])[:, :, None]


@pytest.mark.parametrize(
    ("own", "winner"),
    [
        ([0.4, 0.4, 0.4, 0.4], 1),
        ([0.4, 0.4, 0.4, 0.55], -1),
        ([0.47, 0.47, 0.47, 0.47], -1),
        ([0.4, 0.4, np.nan, np.nan], -1),
        ([0.4, 0.4, 0.4, 0.4, np.nan], 1),
    ],
)
def test_an_item_leaves_its_group_only_when_clearly_better_in_every_window(own: list[float], winner: int) -> None:
    """A lost window, a narrow lead, or too few windows keep an item with its group."""
    group = np.where(np.isnan(own), np.nan, 0.5).tolist()
    assert own_winners(cells(own, group), np.array([[1.0, 0.0]])).tolist() == [winner]

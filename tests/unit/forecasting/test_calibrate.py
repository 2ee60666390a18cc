"""Widening: when it happens, how much, and what it leaves alone."""

import numpy as np
import pytest

from forecasting.calibrate import MOST_WIDENING, Widening, demand_classes, learn, stretch, widen


def test_classes_by_interval_and_evenness() -> None:
    """The four Syntetos-Boylan classes, one example each."""
    often, seldom = np.ones(12), np.tile([1.0, 0.0, 0.0], 4)
    wild = np.tile([1.0, 1.0, 1.0, 20.0], 3)
    uneven = np.where(seldom > 0, np.repeat([1.0, 1.0, 1.0, 20.0], 3), 0.0)
    demand = np.stack([often, wild, seldom, uneven])
    assert demand_classes(demand) == ("smooth", "erratic", "intermittent", "lumpy")


def test_enough_coverage_changes_nothing() -> None:
    """Where the quantile covered, the factors are one and nothing is said."""
    learned = learn(np.full((3, 10, 28), 0.8), np.full((3, 10), 0.8), ("smooth",) * 10)["smooth"]
    assert (learned.day, learned.total, learned.sentence) == (1.0, 1.0, "")


def test_too_little_coverage_is_widened_to_the_conformal_quantile() -> None:
    """With totals reaching evenly up to 1.5, the factor is their 95 % quantile."""
    reaches = np.linspace(0.0, 1.5, 100).reshape(5, 20)
    learned = learn(np.full((5, 20, 28), 0.5), reaches, ("lumpy",) * 20)["lumpy"]
    assert learned.total == pytest.approx(np.sort(reaches.ravel())[95])
    assert learned.total_coverage == pytest.approx(0.67)
    assert "67%" in learned.sentence


def test_few_observations_teach_nothing_and_wild_ones_are_bounded() -> None:
    """A handful of totals gives no factor, an infinite reach gives the greatest."""
    assert learn(np.full((3, 1, 7), 9.0), np.full((3, 1), 9.0), ("smooth",))["smooth"].total == 1.0
    learned = learn(np.full((3, 10, 28), np.inf), np.full((3, 10), np.inf), ("smooth",) * 10)["smooth"]
    assert learned.day == MOST_WIDENING


def test_stretch_keeps_mean_and_zeros() -> None:
    """Spread grows around the same mean; a zero stays zero."""
    values = np.array([[[0.0], [2.0], [4.0], [10.0]]], dtype=np.float32)
    wider = stretch(values, 1.25)
    assert wider.mean() == pytest.approx(4.0)
    assert wider[0, 0, 0] == 0.0
    assert wider[0, 3, 0] == pytest.approx(4 + 1.25 * 6)


def test_widen_touches_only_its_class() -> None:
    """Totals of the class spread out, other items keep their paths."""
    futures = np.random.default_rng(0).gamma(4.0, 2.0, size=(2, 400, 7)).astype(np.float32)
    before = futures.copy()
    widen(futures, ("smooth", "lumpy"), {"smooth": Widening(1.0, 1.5, 0.95, 0.8)})
    np.testing.assert_array_equal(futures[1], before[1])
    totals, old = futures[0].sum(axis=1), before[0].sum(axis=1)
    assert np.quantile(totals, 0.95) - totals.mean() == pytest.approx(1.5 * (np.quantile(old, 0.95) - old.mean()), rel=0.02)
    assert totals.mean() == pytest.approx(old.mean(), rel=0.001)

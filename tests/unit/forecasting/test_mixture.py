"""Mixing models: averaged quantiles, kept order, and ties between days."""

import numpy as np
import pytest

from forecasting.margins import ascending
from forecasting.mixture import Order, mix


def walk(seed: int, level: float) -> np.ndarray:
    """[3, 100, 10] random walks: days of a path hang together."""
    return (level + np.random.default_rng(seed).normal(size=(3, 100, 10)).cumsum(axis=2)).astype(np.float32)


def test_one_model_alone_stays_as_it_is() -> None:
    """A share of one gives back the model's paths."""
    paths = walk(0, 50.0)
    np.testing.assert_array_equal(mix([paths, walk(1, 80.0)], np.tile([1.0, 0.0], (3, 1))).paths(), paths)


def test_quantiles_are_averaged_and_not_pooled() -> None:
    """Half and half of two equal shapes 30 apart is the same shape in the middle, no wider than either."""
    first = walk(0, 50.0)
    mixed = mix([first, first + 30], np.full((3, 2), 0.5)).paths()
    np.testing.assert_allclose(ascending(mixed), ascending(first) + 15, rtol=1e-5)


def test_the_heaviest_model_orders_the_paths() -> None:
    """Path 7 of the mixture has on each day the rank it has in the heaviest model, so totals stay joint."""
    first, second = walk(0, 50.0), walk(1, 80.0)
    mixed = mix([first, second], np.array([[0.7, 0.3], [0.3, 0.7], [0.6, 0.4]]))
    for item, leader in enumerate((first, second, first)):
        np.testing.assert_array_equal(mixed.ranks[item], leader[item].T.argsort(axis=1).argsort(axis=1))
    spread = mixed.paths().sum(axis=2).std(axis=1)
    apart = np.random.default_rng(2).permuted(mixed.margins, axis=2).sum(axis=1).std(axis=1)
    assert (spread > 1.5 * apart).all()


@pytest.mark.parametrize(("strength", "wider"), [(0.3, True), (-0.5, False)])
def test_tying_days_moves_totals_and_no_day(strength: float, wider: bool) -> None:
    """Stronger ties spread the totals and looser ones draw them in, while each day keeps its samples."""
    independent = np.random.default_rng(4).gamma(2.0, 2.0, (3, 400, 14)).astype(np.float32)
    paths = independent + 2 * independent.mean(axis=2, keepdims=True)
    mixed = mix([paths], np.ones((3, 1)))
    made = Order.of(mixed.ranks).tied(mixed.margins, np.full(3, strength), np.random.default_rng(5))
    tied = made.swapaxes(1, 2)
    np.testing.assert_array_equal(ascending(tied), ascending(paths))
    assert ((tied.sum(axis=2).std(axis=1) > paths.sum(axis=2).std(axis=1)) == wider).all()


def test_no_strength_changes_nothing() -> None:
    """At zero the order is as it was."""
    paths = walk(0, 50.0)
    mixed = mix([paths], np.ones((3, 1)))
    made = Order.of(mixed.ranks).tied(mixed.margins, np.zeros(3), np.random.default_rng(6))
    np.testing.assert_array_equal(made.swapaxes(1, 2), paths)

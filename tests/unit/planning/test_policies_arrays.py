"""Textbook numbers and the array functions behind the policies."""

import doctest
import importlib

import numpy as np
import pytest

from parstock.errors import InputError
from planning.base import empirical_quantile
from planning.policies.newsvendor import critical_ratio, newsvendor_empirical, newsvendor_normal
from planning.policies.reorder_point import economic_order_quantity

DOCUMENTED = (
    "planning.base",
    "planning.curves",
    "planning.supply",
    "planning.constraints",
    "planning.demand",
    "planning.policies.cost_optimal",
    "planning.policies.newsvendor",
    "planning.policies.reorder_point",
)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_worked_examples_hold(name: str) -> None:
    """Every doctest, textbook examples among them, gives what it prints."""
    result = doctest.testmod(importlib.import_module(name))

    assert result.attempted > 0
    assert result.failed == 0


def test_empirical_newsvendor_costs_least_over_its_samples() -> None:
    """No other level costs less over the samples than the empirical newsvendor's."""
    samples = np.random.default_rng(0).gamma(2.0, 10.0, size=(1, 200))
    short, over = np.array([3.0]), np.array([1.0])
    best = newsvendor_empirical(samples, short, over)[0]

    def cost(level: float) -> float:
        return float((3.0 * np.maximum(samples - level, 0) + np.maximum(level - samples, 0)).mean())

    assert cost(best) <= min(cost(level) for level in np.linspace(0, samples.max(), 500)) + 1e-9


def test_sampled_and_normal_newsvendor_agree() -> None:
    """On many normal samples the empirical level approaches the normal formula."""
    samples = np.random.default_rng(1).normal(50, 8, size=(1, 200_000))

    assert newsvendor_empirical(samples, np.array([0.7]), np.array([0.18]))[0] == pytest.approx(
        newsvendor_normal(0.18, 0.7, 50, 8), abs=0.1
    )


def test_quantile_covers_at_least_the_level() -> None:
    """At least the asked share of samples lies at or below the quantile, and fewer below the next smaller sample."""
    samples = np.random.default_rng(2).poisson(7, size=(20, 37)).astype(float)
    levels = np.linspace(0.01, 0.99, 20)
    quantile = empirical_quantile(samples, levels)

    assert np.all((samples <= quantile[:, None]).mean(axis=1) >= levels)
    assert np.all((samples < quantile[:, None]).mean(axis=1) < levels)


def test_costs_of_zero_are_no_division_error() -> None:
    """Items that cost nothing and earn nothing get a ratio of one half; holding that costs nothing gives no lot size."""
    assert critical_ratio(np.zeros(1), np.zeros(1))[0] == 0.5
    assert economic_order_quantity(8, 0.0, 1300) == 0.0


@pytest.mark.parametrize("arguments", [(-1, 1, 50, 8), (1, float("nan"), 50, 8), (1, 1, 50, -8), (1, 1, float("inf"), 8)])
def test_newsvendor_refuses_nonsense(arguments: tuple[float, float, float, float]) -> None:
    """Negative or non-finite costs and demand are refused by name."""
    with pytest.raises(InputError, match="must be"):
        newsvendor_normal(*arguments)

"""Metrics against numbers worked by hand."""

import numpy as np
import pytest

from forecasting import metrics

HISTORY = np.array([[0.0, 0.0, 2.0, 4.0, 1.0, 1.0, 3.0, 5.0, 2.0]])
ACTUAL = np.array([[4.0, np.nan, 2.0]])


def test_pinball_by_hand() -> None:
    """Under-forecasting costs q a unit, over-forecasting 1 - q; unknown days do not count."""
    quantiles = np.array([[[3.0, 5.0], [9.0, 9.0], [2.0, 4.0]]])
    # day 1: 0.5 x 1 and 0.1 x 1; day 3: 0 and 0.1 x 2; mean of (0.5, 0.1, 0, 0.2)
    assert metrics.pinball(ACTUAL, quantiles, (0.5, 0.9)) == pytest.approx([0.2])


def test_change_scale_starts_at_the_first_sale() -> None:
    """Zeros before the first sale do not make the scale smaller."""
    # |4-2|, |1-4|, |1-1|, |3-1|, |5-3|, |2-5|
    assert metrics.change_scale(HISTORY) == pytest.approx([12 / 6])


def test_scaled_pinball_divides_by_the_scale() -> None:
    """The scaled loss is the loss over the mean day-to-day change."""
    quantiles = np.array([[[3.0], [9.0], [2.0]]])
    assert metrics.scaled_pinball(ACTUAL, quantiles, (0.5,), HISTORY) == pytest.approx([0.25 / 2])


def test_a_constant_history_is_scaled_by_its_mean() -> None:
    """An item that always sells the same is scored in shares of that; one that never sells is not scored."""
    assert metrics.change_scale(np.full((1, 9), 4.0)) == pytest.approx([4.0])
    assert np.isnan(metrics.change_scale(np.zeros((1, 9))))


def test_rmsse_by_hand() -> None:
    """Mean squared error over the mean squared day-to-day change, under a root."""
    expected = np.array([[2.0, 0.0, 1.0]])
    assert metrics.rmsse(ACTUAL, expected, HISTORY) == pytest.approx([np.sqrt(2.5 / (30 / 6))])


def test_mase_uses_the_week() -> None:
    """The scale is the mean change from the same weekday of the week before."""
    expected = np.array([[2.0, 0.0, 1.0]])
    assert metrics.mase(ACTUAL, expected, HISTORY) == pytest.approx([1.5 / ((5 + 2) / 2)])


def test_wape_and_bias_by_hand() -> None:
    """Errors are relative to all units sold on known days."""
    expected = np.array([[2.0, 100.0, 3.0]])
    assert metrics.wape(ACTUAL, expected) == pytest.approx([3 / 6])
    assert metrics.bias(ACTUAL, expected) == pytest.approx([-1 / 6])


def test_coverage_counts_known_days_at_or_under() -> None:
    """Demand equal to the quantile is covered."""
    assert metrics.coverage(ACTUAL, np.array([[4.0, 0.0, 1.0]])) == pytest.approx([0.5])


def test_nothing_known_is_nan_without_a_warning() -> None:
    """A measure without data is NaN, not an exception."""
    unknown = np.full((1, 3), np.nan)
    for value in (
        metrics.rmsse(unknown, unknown, HISTORY),
        metrics.wape(unknown, unknown),
        metrics.coverage(unknown, unknown),
        metrics.mase(ACTUAL, ACTUAL, np.zeros((1, 3))),
    ):
        assert np.isnan(value)


def test_smape_by_hand() -> None:
    """Each day's error is in percent of half the sum of both; days when both are zero are exact, unknown ones do not count."""
    actual = np.array([[4.0, 0.0, np.nan, 3.0]])
    # 200 x 2/6, 0, and 200 x 3/3
    assert metrics.smape(actual, np.array([[2.0, 0.0, 9.0, 0.0]])) == pytest.approx([(200 / 3 + 0 + 200) / 3])

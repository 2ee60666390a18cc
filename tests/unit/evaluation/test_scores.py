"""The scorer of the suite and the benchmark against numbers worked by hand."""

from datetime import date

import numpy as np
import pytest

from evaluation.cost import Cost
from evaluation.scores import Prediction, by_class, item_scores, mean, summary
from parstock.domain import QUANTILE_LEVELS, Forecast

HISTORY = np.array([[1.0, 3.0, 1.0, 3.0, 1.0, 3.0, 1.0, 3.0, 1.0], [0.0] * 9])
ACTUAL = np.array([[2.0, 4.0, np.nan], [0.0, 1.0, 1.0]])


def always(units: float, *, total: float | None) -> Prediction:
    """The same number for every day, mean and quantile."""
    flat = np.full((2, 3), units)
    return Prediction(
        flat, np.repeat(flat[:, :, None], len(QUANTILE_LEVELS), axis=2), None if total is None else np.full(2, total)
    )


def test_sums_are_over_known_days_and_all_items() -> None:
    """WAPE, bias and weighted quantile loss are of all units together, unknown days left out."""
    figures = summary(item_scores(always(2.0, total=5.0), ACTUAL, HISTORY))

    assert figures["wape"] == pytest.approx((0 + 2 + 2 + 1 + 1) / 8)
    assert figures["bias"] == pytest.approx((4 + 6) / 8 - 1)
    # at one number for all levels q, the mean over .1 to .9 of twice q (y - f) or (1 - q) (f - y) is the absolute error
    assert figures["wql"] == pytest.approx(figures["wape"])


def test_scaled_measures_leave_out_items_without_a_scale() -> None:
    """An item that never sold before has no scale: it counts in the sums and in coverage, not in the scaled means."""
    scores = item_scores(always(2.0, total=5.0), ACTUAL, HISTORY)

    assert np.isnan(scores["pinball"]).tolist() == [False, True]
    assert scores["rmsse"][0] == pytest.approx(np.sqrt((0 + 4) / 2) / 2)
    assert scores["coverage_95"].tolist() == [0.5, 1.0]
    assert summary(scores)["rmsse"] == pytest.approx(scores["rmsse"][0])


def test_totals_are_covered_or_not_forecast() -> None:
    """Coverage of totals is told where a model forecasts totals, and is None where it does not."""
    assert summary(item_scores(always(2.0, total=5.0), ACTUAL, HISTORY))["total_coverage_95"] == 0.5
    assert summary(item_scores(always(2.0, total=None), ACTUAL, HISTORY))["total_coverage_95"] is None


def test_a_forecast_is_read_along_its_paths() -> None:
    """The quantile of a total is that of sums along paths over the known days, not the sum of the days' quantiles."""
    paths = np.zeros((2, 20, 3), dtype=np.float32)
    paths[:, :10, 0], paths[:, 10:, 1] = 10, 10
    forecast = Forecast(("a", "b"), date(2026, 1, 1), paths, ("m", "m"), ("ok", "ok"))
    read = Prediction.of(forecast, ACTUAL)

    assert read.total_q95 is not None
    assert read.total_q95.tolist() == [10.0, 10.0]
    assert read.quantiles[0, :, QUANTILE_LEVELS.index(0.95)].tolist() == [10.0, 10.0, 0.0]


def test_means_by_class_and_of_nothing() -> None:
    """Each class has the mean of its known items; None where none is known."""
    values, classes = np.array([1.0, np.nan, 3.0, np.nan]), np.array(["a", "a", "a", "b"])

    assert by_class(values, classes) == {"a": 2.0, "b": None}
    assert mean(np.array([])) is None


def test_cost_sees_memory_that_was_held_only_inside() -> None:
    """The peak is that of the block: what was freed before it does not count, what was held within does."""
    big = np.ones(80 * 2**17)
    del big
    with Cost() as small:
        sum(range(1000))
    with Cost() as large:
        held = np.ones(80 * 2**17)
    assert held.size

    assert large.peak_mib > small.peak_mib + 40
    assert 0 < large.cpu_seconds <= large.seconds * 4

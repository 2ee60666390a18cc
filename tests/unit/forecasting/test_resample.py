"""Drawing from the past keeps what it promises."""

import numpy as np
import pytest

from forecasting.resample import SPAN_WEEKS, draw_sizes, draw_spans, draw_weeks, fill_gaps, latest_positive


def test_blocks_keep_weekdays_and_stay_whole() -> None:
    """Each drawn week is a week of the past, in order."""
    errors = np.arange(28.0)[None]
    drawn = draw_weeks(errors, 10, 50, np.random.default_rng(0))
    assert drawn.shape == (1, 50, 10)
    assert (drawn[0] % 7 == np.arange(10) % 7).all()
    assert (np.diff(drawn[0, :, :7], axis=1) == 1).all()


def test_gaps_are_filled_from_the_same_row() -> None:
    """Unknown errors are drawn from the row's known ones; a row without any gives zero."""
    values = np.array([[1.0, np.nan, 2.0, np.nan], [np.nan] * 4])
    filled = fill_gaps(values, np.random.default_rng(0))
    assert set(filled[0]) <= {1.0, 2.0}
    assert (filled[0, [0, 2]] == [1.0, 2.0]).all()
    assert (filled[1] == 0).all()


def test_sizes_come_newest_first() -> None:
    """Positive days are gathered from the end backwards."""
    sizes, counts = latest_positive(np.array([[0.0, 5.0, np.nan, 3.0], [0.0, 0.0, 0.0, 1.0]]))
    np.testing.assert_array_equal(sizes, [[3.0, 5.0], [1.0, 0.0]])
    np.testing.assert_array_equal(counts, [2, 1])


def test_drawn_sizes_have_the_smoothed_mean() -> None:
    """The mean of the draws is the exponentially weighted mean of the sizes."""
    sizes = np.array([[10.0, 4.0, 1.0]])
    sold = np.random.default_rng(1).random((1, 200, 200)) < 0.7
    drawn = draw_sizes(sizes, np.array([3.0]), 0.5, sold, np.random.default_rng(0))
    weights = np.array([1, 0.5, 0.25]) / 1.75
    assert not drawn[~sold].any()
    drawn = drawn[sold]
    assert drawn.mean() == pytest.approx(float(sizes[0] @ weights), rel=0.02)
    assert set(np.unique(drawn)) == {1.0, 4.0, 10.0}


def test_spans_are_weeks_of_the_past_from_any_day() -> None:
    """Each drawn week is seven days in a row, newest year only, and all starting days come up."""
    errors = np.arange(500.0)[None]
    drawn = draw_spans(errors, 14, 400, np.random.default_rng(0))[0].reshape(-1, 7)
    assert (np.diff(drawn, axis=1) == 1).all()
    assert drawn.min() >= 500 - 7 * SPAN_WEEKS
    assert set(drawn[:, 0].astype(int) % 7) == set(range(7))

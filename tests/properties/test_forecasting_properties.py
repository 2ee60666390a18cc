"""Laws that hold for any history."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from forecasting import metrics
from forecasting.base import forecasters
from forecasting.calibrate import LEAST_FACTOR, LEVELS, MOST_FACTOR, stretch
from parstock.domain import QUANTILE_LEVELS, DemandPanel

DEMAND = st.one_of(st.floats(0, 1e6), st.integers(0, 5).map(float), st.just(float("nan")), st.just(0.0), st.just(1e-300))
HISTORIES = arrays.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(14, 70)), elements=DEMAND)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(demand=HISTORIES, name=st.sampled_from(["seasonal_naive", "croston", "ets", "ets_yearly", "auto"]))
def test_any_history_gives_finite_non_negative_paths(demand: np.ndarray, name: str) -> None:
    """Whatever the history, a forecast is finite and non-negative or has a status."""
    panel = DemandPanel(items=tuple(str(i) for i in range(demand.shape[0])), start=date(2024, 2, 1), demand=demand)
    made = forecasters.get(name)().fit(panel).predict(9, paths=10)
    assert np.isfinite(made.paths).all()
    assert (made.paths >= 0).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    demand=arrays.arrays(np.float64, (2, 10), elements=st.floats(0, 1e4)),
    shift=st.floats(0.5, 100),
)
def test_pinball_is_least_at_the_truth(demand: np.ndarray, shift: float) -> None:
    """The loss is zero at the truth and positive elsewhere."""
    exact = np.repeat(demand[:, :, None], len(QUANTILE_LEVELS), axis=2)
    assert (metrics.pinball(demand, exact, QUANTILE_LEVELS) == 0).all()
    assert (metrics.pinball(demand, exact + shift, QUANTILE_LEVELS) > 0).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    actual=arrays.arrays(np.float64, (1, 10), elements=st.floats(0, 1e4)),
    history=arrays.arrays(np.float64, (1, 20), elements=st.floats(1, 1e4)),
    factor=st.floats(0.01, 100),
)
def test_scaled_measures_do_not_depend_on_the_unit(actual: np.ndarray, history: np.ndarray, factor: float) -> None:
    """Counting in dozens changes neither RMSSE, MASE nor scaled pinball loss."""
    expected = np.full_like(actual, 7.0)
    for measure in (metrics.rmsse, metrics.mase):
        np.testing.assert_allclose(
            measure(actual, expected, history), measure(actual * factor, expected * factor, history * factor), rtol=1e-6
        )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    values=arrays.arrays(np.float32, (1, 3, 20), elements=st.floats(0, 1000, width=32)),
    factors=arrays.arrays(np.float64, (1, len(LEVELS)), elements=st.floats(LEAST_FACTOR, MOST_FACTOR)),
)
def test_stretching_keeps_order_and_sign(values: np.ndarray, factors: np.ndarray) -> None:
    """Whatever the factors, samples stay in order and non-negative; factors of one change nothing."""
    margins = np.sort(values, axis=2)
    stretched = stretch(margins, factors)
    assert (stretched >= 0).all()
    assert (np.diff(stretched, axis=2) >= 0).all()
    np.testing.assert_array_equal(stretch(margins, np.ones_like(factors)), margins)

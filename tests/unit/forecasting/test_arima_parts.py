"""The parts of the ARIMA search: filters, differences, orders, own days."""

import warnings
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import torch

from forecasting.arima.differences import choose_differences, difference, kpss
from forecasting.arima.filters import divide, multiply
from forecasting.arima.orders import Order, candidates
from forecasting.arima.polynomials import Degrees, jacobian, parameters_of, polynomials
from forecasting.arima.series import MOST_GAPS, own_days
from forecasting.arima.simulate import Model, expected, response
from forecasting.history import History
from parstock.domain import DemandPanel

MONDAY = date(2023, 1, 2)


def test_dividing_undoes_multiplying() -> None:
    """Dividing by a polynomial is the recursion day by day, and multiplying by it again gives the series back."""
    torch.manual_seed(0)
    series, coefficients = torch.randn(4, 100).double(), torch.tensor([[0.5, -0.2, 0.1]] * 4).double()
    divided = divide(series, coefficients, step=3)
    slowly = series.clone()
    for day in range(100):
        for lag in range(1, 4):
            if day >= 3 * lag:
                slowly[:, day] -= coefficients[:, lag - 1] * slowly[:, day - 3 * lag]
    torch.testing.assert_close(divided, slowly)
    torch.testing.assert_close(multiply(divided, coefficients, step=3), series)


def test_dividing_by_a_unit_root_is_a_running_sum() -> None:
    """1 / (1 - B) adds up, without loss of digits over a thousand days."""
    series = torch.randn(2, 1000, generator=torch.Generator().manual_seed(1)).double()
    torch.testing.assert_close(divide(series, -torch.ones(2, 1).double()), series.cumsum(dim=1))


def test_any_parameters_give_stationary_and_invertible_polynomials() -> None:
    """No root lies inside the unit circle, the parameters come back from the coefficients, the Jacobian is autograd's."""
    degrees = Degrees(3, 3, 2, 2, 7)
    parameters = (torch.rand(50, 10, generator=torch.Generator().manual_seed(2)).double() - 0.5) * 2.4
    used = torch.ones(50, 10).double()
    shape = polynomials(parameters, used, degrees)
    for coefficients in (shape.ar, shape.ma, shape.sar, shape.sma):
        for row in coefficients.numpy():
            assert np.abs(np.roots(np.r_[1.0, row])).max() < 1.0
    together = torch.cat([shape.ar, shape.ma, shape.sar, shape.sma], dim=1)
    torch.testing.assert_close(parameters_of(together, used, degrees, most=1.0), parameters)

    def coefficients_of(variable: torch.Tensor) -> torch.Tensor:
        found = polynomials(variable, used[:1], degrees)
        return torch.cat([found.ar, found.ma, found.sar, found.sma], dim=1)

    wanted = torch.autograd.functional.jacobian(coefficients_of, parameters[:1])[0, :, 0]
    torch.testing.assert_close(jacobian(parameters[:1], used[:1], degrees)[0], wanted)


def test_kpss_is_statsmodels() -> None:
    """The statistic is that of statsmodels with the same number of lags, for rows of different lengths."""
    from statsmodels.tsa.stattools import kpss as reference

    rng = np.random.default_rng(3)
    series = rng.normal(size=(3, 200)).cumsum(axis=1)
    days = [200, 150, 80]
    found = kpss(torch.tensor(series), torch.tensor(days))
    for row, count in enumerate(days):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = reference(series[row, :count], "c", nlags=int(3 * np.sqrt(count) / 13))[0]
        assert float(found[row]) == pytest.approx(wanted, rel=1e-9)


def test_differences_are_chosen_as_the_series_needs() -> None:
    """Noise needs none, a random walk one, an integrated random walk two, a fixed week one of lag 7."""
    rng = np.random.default_rng(4)
    walk = rng.normal(size=(2, 300)).cumsum(axis=1)
    week = np.tile([0.0, 5.0, 9.0, 2.0, 7.0, 1.0, 4.0], 43)[:300]
    rows = np.stack([rng.normal(size=300), walk[0], walk[1].cumsum(), week + 0.3 * rng.normal(size=300)])
    orders, seasonal = choose_differences(torch.tensor(rows), torch.full((4,), 300), 7)
    assert orders.tolist() == [0, 1, 2, 0]
    assert seasonal.tolist() == [0, 0, 0, 1]


def test_differencing_starts_at_the_first_day() -> None:
    """A difference of lag k moves to the front and leaves k days fewer, zeros behind each row's end."""
    moved, left = difference(torch.tensor([[1.0, 4.0, 9.0, 16.0], [2.0, 4.0, 0.0, 0.0]]).double(), torch.tensor([4, 2]), 1)
    assert moved.tolist() == [[3.0, 5.0, 7.0, 0.0], [2.0, 0.0, 0.0, 0.0]]
    assert left.tolist() == [3, 1]


def test_candidates_cover_hyndman_and_khandakars_start() -> None:
    """Their four first orders compete, none twice, and an item without a season has no seasonal terms."""
    found = candidates(7)
    assert {(2, 2, 1, 1), (0, 0, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1)} <= set(found)
    assert len(found) == len(set(found))
    assert all(order[2:] == (0, 0) for order in candidates(1))


def test_an_order_reads_as_textbooks_write_it() -> None:
    """Both halves, the season, and what the constant means."""
    assert str(Order(1, 0, 1, 0, 1, 1, 7, constant=True)) == "(1,0,1)(0,1,1)[7] with drift"
    assert str(Order(2, 0, 0, 0, 0, 0, 1, constant=True)) == "(2,0,0) with mean"
    assert str(Order(0, 1, 1, 0, 0, 0, 6, constant=False)) == "(0,1,1)(0,0,0)[6]"


def test_own_days_leave_out_what_is_closed_or_before_the_launch() -> None:
    """A row starts with its first known day, skips its closed weekdays, and marks what is missing in between."""
    demand = np.random.default_rng(5).poisson(9.0, (2, 140)).astype(float) + 1
    demand[0, :30] = np.nan
    demand[0, 70] = np.nan
    demand[1, np.arange(140) % 7 == 6] = 0.0
    history = History.of(DemandPanel(items=("a", "b"), start=MONDAY, demand=demand))
    series = {part.season: part for part in own_days(history, np.arange(2), torch.device("cpu"))}
    assert sorted(series) == [6, 7]
    assert series[7].days.tolist() == [110]
    assert series[7].gaps.tolist() == [[40]]
    assert series[6].days.tolist() == [120]
    np.testing.assert_array_equal(series[6].values[0].numpy(), demand[1, np.arange(140) % 7 != 6])


def test_a_history_full_of_holes_is_cut_to_its_latest_days() -> None:
    """No row is fitted with more missing days than are affordable."""
    rng = np.random.default_rng(6)
    demand = np.where(rng.random((1, 400)) < 0.4, np.nan, rng.poisson(9.0, (1, 400)) + 1.0)
    history = History.of(DemandPanel(items=("a",), start=MONDAY, demand=demand))
    (series,) = own_days(history, np.arange(1), torch.device("cpu"))
    assert int((series.gaps >= 0).sum()) == MOST_GAPS
    assert int(series.days[0]) < 120


def test_expectation_and_response_are_statsmodels() -> None:
    """The mean path and the psi weights of an integrated seasonal model are those of statsmodels at the same parameters."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    rng = np.random.default_rng(7)
    values = 50.0 + rng.normal(size=160).cumsum()
    model = SARIMAX(values, order=(1, 1, 1), seasonal_order=(0, 1, 1, 7), simple_differencing=True)
    parameters = np.array([0.4, -0.3, -0.5, 1.0])
    innovations = np.asarray(model.smooth(parameters).filter_results.standardized_forecasts_error[0])
    shape = polynomials(torch.zeros(1, 3).double(), torch.ones(1, 3).double(), Degrees(1, 1, 0, 1, 7))
    shape = replace(shape, ar=torch.tensor([[-0.4]]), ma=torch.tensor([[-0.3]]), sma=torch.tensor([[-0.5]]))
    found = Model(
        replace(shape, ar=shape.ar.double(), ma=shape.ma.double(), sma=shape.sma.double()),
        differences=torch.tensor([1]),
        seasonal=torch.tensor([1]),
        mean=torch.zeros(1).double(),
        values=torch.tensor(values)[None],
        innovations=torch.tensor(np.r_[np.zeros(8), innovations])[None],
        first=torch.tensor([8]),
        days=torch.tensor([160]),
    )
    level = SARIMAX(values, order=(1, 1, 1), seasonal_order=(0, 1, 1, 7))
    results = level.smooth(parameters)
    np.testing.assert_allclose(expected(found, 20)[0].numpy(), results.forecast(20), rtol=1e-3)
    np.testing.assert_allclose(response(found, 20)[0].numpy(), results.impulse_responses(19), rtol=1e-5)

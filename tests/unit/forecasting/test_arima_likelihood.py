"""The batched likelihood and its estimates against statsmodels, the reference."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pytest
import torch

from forecasting.arima.estimate import minimise
from forecasting.arima.filters import impulse, multiply
from forecasting.arima.likelihood import Batch, exact, scores
from forecasting.arima.polynomials import Degrees, polynomials
from forecasting.arima.search import Fits, Stationary, conclude, estimate, regressed
from forecasting.arima.series import Series
from forecasting.arima.simulate import expected
from parstock.domain import Floats

SEASON = 7
Numbers: TypeAlias = tuple[int, int, int, int, int, int]
"""(p, d, q, P, D, Q)"""
ORDERS = (
    (1, 0, 0, 0, 0, 0),
    (0, 1, 1, 0, 0, 0),
    (1, 0, 1, 0, 0, 1),
    (0, 1, 2, 1, 0, 0),
    (2, 0, 0, 1, 0, 1),
    (0, 1, 1, 0, 1, 1),
    (1, 1, 1, 0, 0, 2),
    (1, 0, 0, 0, 1, 1),
)


@dataclass(frozen=True)
class Reference:
    """What statsmodels makes of one series."""

    log_likelihood: float
    coefficients: Floats
    """Statsmodels' `params`."""
    forecast: Floats


def shop_like(items: int, days: int, seed: int) -> Floats:
    """Counts with a weekly pattern, a wandering level and more variance than Poisson: [items, days]."""
    rng = np.random.default_rng(seed)
    week = np.exp(rng.normal(0.0, 0.35, (items, 7)))[:, np.arange(days) % 7]
    level = np.exp(rng.normal(1.5, 1.2, (items, 1)) + rng.normal(0.0, 0.03, (items, days)).cumsum(axis=1))
    return rng.poisson(rng.gamma(3.0, level * week / 3.0)).astype(np.float64)


def simulated(items: int, days: int, seed: int) -> Floats:
    """Gaussian ARMA(1,1) with seasonal moving average, integrated for every other item: [items, days]."""
    rng = np.random.default_rng(seed)
    errors = rng.normal(size=(items, days + 50))
    demand = np.zeros_like(errors)
    phi, theta, seasonal = rng.uniform(-0.7, 0.9, items), rng.uniform(-0.6, 0.6, items), rng.uniform(-0.6, 0.4, items)
    for day in range(8, days + 50):
        moving = errors[:, day] + theta * errors[:, day - 1]
        moving += seasonal * (errors[:, day - 7] + theta * errors[:, day - 8])
        demand[:, day] = phi * demand[:, day - 1] + moving
    demand[::2] = demand[::2].cumsum(axis=1)
    return 20.0 + demand[:, 50:]


def series_of(demand: Floats) -> Series:
    """All items known on all days."""
    items, days = demand.shape
    gaps = torch.full((items, 0), -1)
    return Series(
        np.arange(items), torch.tensor(demand), torch.full((items,), days), gaps, SEASON, np.zeros(items, dtype=np.intp)
    )


def fit_order(demand: Floats, order: Numbers, tolerance: float = 1e-9) -> tuple[Stationary, Fits]:
    """The exact fit of one order to every item."""
    p, d, q, seasonal_p, seasonal_d, seasonal_q = order
    items = demand.shape[0]
    data = Stationary.of(series_of(demand), torch.full((items,), d), torch.full((items,), seasonal_d))
    started, _ = regressed(data, torch.tensor([[p, q, seasonal_p, seasonal_q]]))
    return data, estimate(data, started, scores, 200, tolerance)


def refer(values: Floats, order: Numbers, start: Floats, horizon: int) -> Reference:
    """Statsmodels' estimate of the differenced series, and the forecast in units of demand.

    The better of two runs, from the given parameters and from nine tenths of them: its optimiser often stops short.
    """
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    p, d, q, seasonal_p, seasonal_d, seasonal_q = order
    options = {
        "order": (p, d, q),
        "seasonal_order": (seasonal_p, seasonal_d, seasonal_q, SEASON),
        "trend": "c" if d + seasonal_d == 0 else None,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SARIMAX(values, simple_differencing=True, **options)
        found = [model.fit(start_params=first, disp=False, maxiter=500, pgtol=1e-7) for first in (start * 0.9, start)]
        results = max(found, key=lambda result: float(result.llf))
        forecast = np.asarray(SARIMAX(values, **options).smooth(results.params).forecast(horizon))
    return Reference(float(results.llf), np.asarray(results.params), forecast)


def statsmodels_parameters(data: Stationary, fits: Fits, order: Numbers, row: int) -> Floats:
    """The fitted parameters of one item in statsmodels' order and units."""
    p, d, q, seasonal_p, seasonal_d, seasonal_q = order
    model = conclude(data, fits)
    ar, ma = -model.shape.ar[row, :p].numpy(), model.shape.ma[row, :q].numpy()
    sar, sma = -model.shape.sar[row, :seasonal_p].numpy(), model.shape.sma[row, :seasonal_q].numpy()
    batch, columns = data.batch(fits, gaps=True)
    variance = float(exact(batch, fits.parameters[:, columns]).variance[row] * data.scale[row] ** 2)
    constant = [float(model.mean[row]) * (1 - ar.sum()) * (1 - sar.sum())] if d + seasonal_d == 0 else []
    return np.r_[constant, ar, ma, sar, sma, variance]


def compare(demand: Floats, order: Numbers) -> Floats:
    """[items, 3] by how much ours differs: log-likelihood (ours - reference), largest coefficient, forecast over its scale."""
    data, fits = fit_order(demand, order)
    own = (fits.log_likelihood - data.days * torch.log(data.scale)).numpy()
    path = expected(conclude(data, fits), 14).numpy()
    rows = []
    for row in range(demand.shape[0]):
        ours = statsmodels_parameters(data, fits, order, row)
        reference = refer(demand[row], order, ours, 14)
        scale = max(float(demand[row].std()), 1e-9)
        constant = int(order[1] + order[4] == 0)
        coefficients = np.abs(ours - reference.coefficients)[constant:-1].max(initial=0.0)
        rows.append((own[row] - reference.log_likelihood, coefficients, np.abs(path[row] - reference.forecast).max() / scale))
    return np.array(rows)


def random_batch(degrees: Degrees, gaps: int, seed: int) -> tuple[Batch, torch.Tensor]:
    """Five rows of noise of different lengths, differenced once, with gaps, and parameters for them."""
    torch.manual_seed(seed)
    rows, days, places = 5, 120, sum(degrees.places)
    inside = (torch.arange(days) < torch.tensor([120, 90, 120, 100, 120]).unsqueeze(1)).double()
    missing = torch.stack([torch.randperm(70)[:gaps] for _ in range(rows)]).sort(dim=1).values
    if gaps:
        missing[0, -1] = -1
    used = torch.ones(rows, places).double()
    used[1, :1] = 0.0
    noise = torch.randn(rows, days).double()
    differencing = multiply(impulse(rows, days, noise), -torch.ones(rows, 1).double())
    constant = torch.tensor([1.0, 0.0, 1.0, 0.0, 1.0]).double()
    return Batch(noise * inside, inside, used, constant, missing, differencing, degrees), 0.8 * torch.randn(rows, places).double()


@pytest.mark.parametrize(
    "degrees", [Degrees(2, 2, 1, 1, 7), Degrees(2, 0, 1, 0, 7), Degrees(0, 2, 0, 2, 6), Degrees(1, 1, 0, 0, 1)]
)
def test_the_likelihood_is_statsmodels_own_at_any_parameters(degrees: Degrees) -> None:
    """At given parameters the log-likelihood is that of SARIMAX to eight digits, gaps and short rows included."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    batch, parameters = random_batch(degrees, gaps=3, seed=1)
    batch = replace(batch, differencing=impulse(5, 120, batch.series))
    found, shape = exact(batch, parameters), polynomials(parameters, batch.used, degrees)
    for row in range(5):
        values = batch.series[row, : int(batch.inside[row].sum())].numpy() - float(found.mean[row])
        values[batch.gaps[row][batch.gaps[row] >= 0].numpy()] = np.nan
        seasonal = (degrees.P, 0, degrees.Q, degrees.season) if degrees.season > 1 else (0, 0, 0, 0)
        model = SARIMAX(values, order=(degrees.p, 0, degrees.q), seasonal_order=seasonal)
        coefficients = [-shape.ar[row], shape.ma[row], -shape.sar[row], shape.sma[row], found.variance[row : row + 1]]
        expected_value = model.loglike(torch.cat(coefficients).numpy())
        assert float(found.log_likelihood[row]) == pytest.approx(expected_value, rel=1e-8)


@pytest.mark.parametrize("gaps", [0, 4])
@pytest.mark.parametrize(
    "degrees", [Degrees(2, 2, 1, 1, 7), Degrees(2, 0, 1, 0, 7), Degrees(0, 1, 0, 1, 7), Degrees(1, 1, 0, 0, 1)]
)
def test_the_gradient_is_that_of_the_likelihood(degrees: Degrees, gaps: int) -> None:
    """The gradient by filters is the one that autograd finds in the likelihood."""
    batch, parameters = random_batch(degrees, gaps, seed=2)
    variable = parameters.clone().requires_grad_()
    (wanted,) = torch.autograd.grad(-exact(batch, variable).log_likelihood.sum(), variable)
    _, gradient, _ = scores(batch, parameters)
    torch.testing.assert_close(gradient, wanted, rtol=1e-6, atol=1e-6)


def test_scoring_ends_where_the_gradient_vanishes() -> None:
    """After the last step no parameter can raise the likelihood any more."""
    batch, parameters = random_batch(Degrees(1, 1, 1, 0, 7), gaps=2, seed=3)
    found, value = minimise(batch, parameters * 0.1, scores, rounds=200, tolerance=1e-12)
    before, _, _ = scores(batch, parameters * 0.1)
    _, gradient, _ = scores(batch, found)
    assert (value <= before).all()
    assert float(gradient.abs().max()) < 1e-3


@pytest.mark.parametrize("order", [(1, 0, 1, 0, 0, 1), (0, 1, 1, 0, 1, 1)])
def test_a_few_fits_agree_with_statsmodels(order: Numbers) -> None:
    """Log-likelihood to 1e-3, coefficients and two weeks of mean forecasts (over the demand's deviation) to 1e-2."""
    off = compare(simulated(2, 150, seed=4), order)
    assert (np.abs(off[:, 0]) < 1e-3).all()
    assert (off[:, 1:] < 1e-2).all()


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("make", [simulated, shop_like])
def test_hundreds_of_fits_agree_with_statsmodels(make: Callable[[int, int, int], Floats], order: Numbers) -> None:
    """Of 20 series of each kind and order, 320 in all, none has a log-likelihood 1e-4 away from statsmodels' best.

    The reference is SARIMAX with simple_differencing=True: the exact likelihood of the differenced series, as here. Coefficients
    agree to 1e-3, and mean forecasts of two weeks to 1e-3 of the demand's standard deviation.
    """
    off = compare(make(20, 220, 5), order)
    assert (np.abs(off[:, 0]) < 1e-4).all()
    assert (off[:, 1:] < 1e-3).all()

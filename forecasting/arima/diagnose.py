"""One item's ARIMA, looked at closely: standard errors and what the residuals say, by statsmodels."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.arima.fit import Fitted, fit
from forecasting.arima.orders import Order
from forecasting.history import History
from parstock.domain import DemandPanel
from parstock.errors import InputError, InsufficientData

MOST_ITERATIONS = 50
"""Of statsmodels' optimiser, which starts from the fitted parameters."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One estimated number."""

    name: str
    """As statsmodels calls it: "ar.L1", "ma.S.L7", "intercept"."""
    value: float
    standard_error: float
    """NaN where the likelihood is too flat to tell."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is known of one item's model."""

    item: str
    order: Order
    competed: int
    """Orders that competed."""
    days: int
    """Open days fitted, gaps included."""
    gaps: int
    """Days of these on which demand is not known."""
    coefficients: tuple[Coefficient, ...]
    variance: float
    """Of the innovations, squared units a day."""
    log_likelihood: float
    aicc: float
    autocorrelation_p: float
    """p-value of Ljung and Box's test that no autocorrelation is left: below 0.05 the model misses something."""
    autocorrelation_lags: int
    normality_p: float
    """p-value of Jarque and Bera's test that residuals are normal: counts seldom are, which is why futures are bootstrapped."""
    skewness: float
    kurtosis: float
    """3 for the normal distribution."""


def diagnose(panel: DemandPanel) -> Diagnosis:
    """Fit the one item of a panel as the forecaster does, then estimate its order again with statsmodels.

    Log-likelihood and AICc are those by which the order was chosen. Sources: Ljung and Box 1978, Biometrika 65; Jarque and
    Bera 1980, Economics Letters 6.

    Raises:
        InputError: The panel has not exactly one item.
        InsufficientData: No order can be chosen.
    """
    if len(panel.items) != 1:
        raise InputError(f"the panel has {len(panel.items)} items; one is diagnosed at a time", field="item")
    history = History.of(panel).usable()
    fitted = fit(history, "cpu") if history.items else ()
    if not fitted:
        raise InsufficientData(f"item {panel.items[0]!r} has too little demand to choose an ARIMA order")
    return _diagnosis(panel.items[0], fitted[0])


def _diagnosis(item: str, fitted: Fitted) -> Diagnosis:
    from statsmodels.stats.diagnostic import acorr_ljungbox
    from statsmodels.stats.stattools import jarque_bera

    order, series = fitted.orders[0], fitted.series
    days, gaps = int(series.days[0]), int((series.gaps[0] >= 0).sum())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels warns of flat likelihoods; NaN standard errors say so
        results = _statsmodels(fitted)
        errors = np.asarray(results.bse, dtype=np.float64)
    residuals = np.asarray(results.standardized_forecasts_error[0], dtype=np.float64)
    residuals = residuals[np.isfinite(residuals)][0 if not gaps else order.lost_days :]
    lags = max(min(2 * series.season, residuals.size // 5), order.parameters + 1)
    dependence = acorr_ljungbox(residuals, lags=[lags], model_df=order.parameters - 1 - order.constant)
    _, normality, skewness, kurtosis = jarque_bera(residuals)
    values = np.asarray(results.params, dtype=np.float64)
    named = zip(results.param_names, values.tolist(), errors.tolist(), strict=True)
    return Diagnosis(
        item=item,
        order=order,
        competed=fitted.competed[0],
        days=days,
        gaps=gaps,
        coefficients=tuple(Coefficient(name, value, error) for name, value, error in named if name != "sigma2"),
        variance=float(values[-1]),
        log_likelihood=float(fitted.log_likelihood[0]),
        aicc=float(fitted.aicc[0]),
        autocorrelation_p=float(dependence["lb_pvalue"].iloc[0]),
        autocorrelation_lags=lags,
        normality_p=float(normality),
        skewness=float(skewness),
        kurtosis=float(kurtosis),
    )


def _statsmodels(fitted: Fitted) -> Any:
    """The order estimated again by statsmodels, from the fitted parameters on.

    Without gaps the differenced series is modelled, as here; with gaps statsmodels' diffuse Kalman filter sees the demand
    itself, since a difference with an unknown day would be unknown too.
    """
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    order, series, model = fitted.orders[0], fitted.series, fitted.model
    values = series.values[0, : int(series.days[0])].numpy().copy()
    missing = series.gaps[0][series.gaps[0] >= 0].numpy()
    values[missing] = np.nan
    shape = model.shape
    phi, theta = -shape.ar[0, : order.p].numpy(), shape.ma[0, : order.q].numpy()
    seasonal_phi, seasonal_theta = -shape.sar[0, : order.P].numpy(), shape.sma[0, : order.Q].numpy()
    intercept = [float(model.mean[0]) * (1 - phi.sum()) * (1 - seasonal_phi.sum())] if order.constant else []
    variance = float(model.innovations[0].square().sum()) / (values.size - order.lost_days)
    start = np.r_[intercept, phi, theta, seasonal_phi, seasonal_theta, variance]
    seasonal = (order.P, order.D, order.Q, order.season) if order.season > 1 else (0, 0, 0, 0)
    sarimax = SARIMAX(
        values,
        order=(order.p, order.d, order.q),
        seasonal_order=seasonal,
        trend="c" if order.constant else None,
        simple_differencing=not missing.size,
    )
    return sarimax.fit(start_params=start, disp=False, maxiter=MOST_ITERATIONS)

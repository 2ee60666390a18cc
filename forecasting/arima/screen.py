"""Which orders are worth fitting: Hannan and Rissanen's regressions, for all candidates of all items at once."""

import torch
from torch import Tensor

from forecasting.arima.filters import multiply
from forecasting.arima.orders import MOST_NON_SEASONAL, MOST_SEASONAL
from forecasting.arima.polynomials import Degrees, delayed

SHRINKAGE = 1e-6
"""Ridge of the regressions, over the variance of the series: collinear lags share a coefficient."""


def room(season: int) -> Degrees:
    """Degrees that hold every candidate."""
    return Degrees(MOST_NON_SEASONAL, MOST_NON_SEASONAL, MOST_SEASONAL, MOST_SEASONAL, season)


def regress(series: Tensor, inside: Tensor, used: Tensor, season: int) -> tuple[Tensor, Tensor]:
    """Regress each series on its own lags and on those of the errors of a long autoregression.

    The second stage of Hannan and Rissanen 1982, Biometrika 69; products of seasonal and other lags are left out.

    Args:
        series: [N, T] stationary series around zero, zeros from each row's end on.
        inside: [N, T] 1 before the row's end.
        used: [K, k] places of each candidate's coefficients, laid out as in `room`.
        season: Days of a season.

    Returns:
        [N, K, k] coefficients and [N, K] sums of squared errors.
    """
    errors = multiply(series, -_long_autoregression(series, 2 * season + 1)) * inside
    degrees = room(season)
    lags = [(-series, i + 1) for i in range(degrees.p)] + [(errors, i + 1) for i in range(degrees.q)]
    lags += [(-series, season * (i + 1)) for i in range(degrees.P)] + [(errors, season * (i + 1)) for i in range(degrees.Q)]
    columns = torch.stack([delayed(what, lag) for what, lag in lags], dim=1) * inside.unsqueeze(1)
    products, targets = columns @ columns.mT, (columns @ series.unsqueeze(2)).squeeze(2)
    size = series.square().sum(dim=1)
    ridge = torch.diag_embed((1 - used) + SHRINKAGE) * size[:, None, None, None].clamp_min(1e-300)
    kept = used.unsqueeze(2) * used.unsqueeze(1)
    coefficients = torch.linalg.solve(products.unsqueeze(1) * kept + ridge, targets.unsqueeze(1) * used)
    explained = (coefficients * targets.unsqueeze(1)).sum(dim=2)
    return coefficients, (size.unsqueeze(1) - explained).clamp_min(1e-12 * size.unsqueeze(1))


def _long_autoregression(series: Tensor, order: int) -> Tensor:
    """[N, order] phi of a long autoregression, by Yule and Walker's equations and Durbin-Levinson, hence stationary."""
    lags = range(min(order, series.shape[1] - 1) + 1)
    moments = torch.stack([(series[:, lag:] * series[:, : series.shape[1] - lag]).sum(dim=1) for lag in lags], dim=1)
    variance = moments[:, :1] * (1 + SHRINKAGE) + 1e-300
    phi = moments[:, :0]
    for lag in lags[1:]:
        last = (moments[:, lag : lag + 1] - (phi * moments[:, 1:lag].flip(1)).sum(dim=1, keepdim=True)) / variance
        phi = torch.cat([phi - last * phi.flip(1), last], dim=1)
        variance = variance * (1 - last**2)
    return phi

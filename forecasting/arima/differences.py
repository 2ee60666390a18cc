"""How often a series must be differenced, and the differencing. Series are [N, T] from each row's first day on."""

import torch
from torch import Tensor

STRONG_SEASON = 0.64
"""Seasonal strength above which a seasonal difference is taken."""
KPSS_CRITICAL = 0.463
"""Critical value of the test at 5 %."""
MOST_DIFFERENCES = 2


def choose_differences(series: Tensor, days: Tensor, season: int) -> tuple[Tensor, Tensor]:
    """Choose d and D of each row as Hyndman and Khandakar 2008, J. Statistical Software 27, with their later D.

    D is 1 where the season explains more than `STRONG_SEASON` of what is not trend, d the number of differences after
    which the KPSS test no longer rejects stationarity.

    Args:
        series: [N, T] demand without gaps.
        days: [N] length of each row; what comes after counts for nothing.
        season: Days of a season; 1 for none.

    Returns:
        [N] d and [N] D.
    """
    seasonal = torch.zeros_like(days)
    if season > 1 and series.shape[1] > season:
        strong = seasonal_strength(series, days, season) > STRONG_SEASON
        seasonal = (strong & (days > 3 * season)).to(days.dtype)
        moved, left = difference(series, days, season)
        series = torch.where(seasonal.unsqueeze(1) > 0, moved, series)
        days = torch.where(seasonal > 0, left, days)
    order = torch.zeros_like(days)
    moving = torch.ones_like(days, dtype=torch.bool)
    for _ in range(MOST_DIFFERENCES):
        moving = moving & (kpss(series, days) > KPSS_CRITICAL)
        order = order + moving
        moved, left = difference(series, days, 1)
        series, days = torch.where(moving.unsqueeze(1), moved, series), torch.where(moving, left, days)
    return order, seasonal


def difference(series: Tensor, days: Tensor, lag: int) -> tuple[Tensor, Tensor]:
    """y(t) - y(t - lag) from day `lag` on, moved to the first column: [N, T] with zeros at the end, and [N] days left."""
    moved = torch.zeros_like(series)
    if lag < series.shape[1]:
        moved[:, :-lag] = series[:, lag:] - series[:, :-lag]
    left = (days - lag).clamp_min(0)
    return moved * inside(left, series.shape[1]), left


def differenced(series: Tensor, days: Tensor, orders: Tensor, seasonal: Tensor, season: int) -> tuple[Tensor, Tensor]:
    """Difference each row d and D times: [N, T] with zeros at the end, and [N] days left."""
    for lag, wanted in [(season, seasonal > 0)] + [(1, orders > taken) for taken in range(MOST_DIFFERENCES)]:
        moved, left = difference(series, days, lag)
        series, days = torch.where(wanted.unsqueeze(1), moved, series), torch.where(wanted, left, days)
    return series, days


def kpss(series: Tensor, days: Tensor) -> Tensor:
    """[N] statistic of the test that the level is stationary: Kwiatkowski et al. 1992, J. Econometrics 54, Bartlett window.

    The window has trunc(3 sqrt(T) / 13) lags, as in Hyndman and Khandakar's search. 0 for a constant row.
    """
    within = inside(days, series.shape[1])
    count = days.clamp_min(1).to(series.dtype)
    error = (series - (series * within).sum(dim=1, keepdim=True) / count.unsqueeze(1)) * within
    lags = torch.floor(3 * count.sqrt() / 13)
    long_run = error.square().sum(dim=1)
    for lag in range(1, int(lags.max()) + 1):
        weight = (1 - lag / (lags + 1)).clamp_min(0)
        long_run = long_run + 2 * weight * (error[:, lag:] * error[:, :-lag]).sum(dim=1)
    partial = (error.cumsum(dim=1) * within).square().sum(dim=1)
    return torch.where(long_run > 0, partial / (count * long_run.clamp_min(1e-300)), 0.0)


def seasonal_strength(series: Tensor, days: Tensor, season: int) -> Tensor:
    """[N] share of the variance around a moving mean that means by place in the season explain.

    Source: Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", section 4.3; the trend here is the mean
    over a whole season around each day, the season the same throughout.
    """
    half, width = season // 2, series.shape[1]
    within = inside(days, width)
    totals = torch.nn.functional.pad(torch.cumsum(series * within, dim=1), (1, 0))
    counts = torch.nn.functional.pad(torch.cumsum(within, dim=1), (1, 0))
    first = (torch.arange(width, device=series.device) - half).clamp_min(0)
    last = (torch.arange(width, device=series.device) - half + season).clamp_max(width)
    trend = (totals[:, last] - totals[:, first]) / (counts[:, last] - counts[:, first]).clamp_min(1)
    around = (series - trend) * within
    place = torch.arange(width, device=series.device) % season
    member = torch.nn.functional.one_hot(place, season).to(series.dtype)
    profile = (around @ member) / (within @ member).clamp_min(1)
    left = (around - profile[:, place]) * within
    return 1 - left.square().sum(dim=1) / around.square().sum(dim=1).clamp_min(1e-300)


def inside(days: Tensor, width: int) -> Tensor:
    """[N, width] 1 on each row's days, 0 from its end on."""
    return (torch.arange(width, device=days.device) < days.unsqueeze(1)).to(torch.float64)

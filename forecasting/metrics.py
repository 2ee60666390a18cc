"""Measures of a forecast against what happened: arrays in, one value an item out. Unknown (NaN) days do not count.

A value is NaN where it is not defined: no known day, or a history that never changes and never sells.
Everywhere N is items, H days of the horizon, T days of history, Q quantile levels.
"""

from collections.abc import Sequence

import numpy as np

from parstock.domain import Floats


def pinball(actual: Floats, quantiles: Floats, levels: Sequence[float]) -> Floats:
    """Mean pinball loss over days and levels: max(q (y - f), (q - 1) (y - f)).

    Source: Koenker and Bassett 1978, Econometrica 46; averaged over levels as in Makridakis et al. 2022,
    "The M5 uncertainty competition", Int. J. Forecasting 38.

    Args:
        actual: [N, H] units a day.
        quantiles: [N, H, Q] forecast quantiles.
        levels: Q levels in (0, 1).

    Returns:
        [N] units a day.
    """
    level = np.asarray(levels, dtype=np.float64)
    error = actual[:, :, None] - quantiles
    loss = np.maximum(level * error, (level - 1) * error).mean(axis=2)
    return _mean(loss)


def scaled_pinball(actual: Floats, quantiles: Floats, levels: Sequence[float], history: Floats) -> Floats:
    """Pinball loss over the mean absolute day-to-day change of the history: the SPL of M5. Returns [N]."""
    return _ratio(pinball(actual, quantiles, levels), change_scale(history))


def change_scale(history: Floats) -> Floats:
    """Mean |y(t) - y(t-1)| of [N, T] from the first sale on: M5's scale of the pinball loss.

    Where demand never changes the mean demand stands in, so that a constant item can still be scored.
    """
    active = _since_first_sale(history)
    change = _mean(np.abs(np.diff(active, axis=1)))
    return np.where(change > 0, change, _positive_or_nan(_mean(active)))


def rmsse(actual: Floats, expected: Floats, history: Floats) -> Floats:
    """Root mean squared scaled error: sqrt(mean (y - f)^2 / mean (y(t) - y(t-1))^2), the latter since the first sale.

    Source: Makridakis et al. 2022, "M5 accuracy competition", Int. J. Forecasting 38.

    Args:
        actual: [N, H] units a day.
        expected: [N, H] forecast means.
        history: [N, T] units a day before the horizon.
    """
    scale = _mean(np.diff(_since_first_sale(history), axis=1) ** 2)
    return np.sqrt(_ratio(_mean((actual - expected) ** 2), scale))


def mase(actual: Floats, expected: Floats, history: Floats, lag_days: int = 7) -> Floats:
    """Mean absolute scaled error: mean |y - f| / mean |y(t) - y(t - lag)|.

    Source: Hyndman and Koehler 2006, Int. J. Forecasting 22; the lag is the week. Shapes as in `rmsse`.
    """
    scale = _mean(np.abs(history[:, lag_days:] - history[:, : max(history.shape[1] - lag_days, 0)]))
    return _ratio(_mean(np.abs(actual - expected)), scale)


def wape(actual: Floats, expected: Floats) -> Floats:
    """Weighted absolute percentage error: sum |y - f| / sum y.

    Source: Kolassa and Schütz 2007, Foresight 6 ("MAD/mean ratio"). Shapes as in `rmsse`.
    """
    return _ratio(_mean(np.abs(actual - expected)), _mean(actual))


def smape(actual: Floats, expected: Floats) -> Floats:
    """Symmetric mean absolute percentage error: mean of 200 |y - f| / (|y| + |f|), in percent; 0 on days when both are zero.

    Source: Makridakis and Hibon 2000, Int. J. Forecasting 16 (the M3 competition). Shapes as in `rmsse`.
    """
    size = np.abs(actual) + np.abs(expected)
    return _mean(200 * np.abs(actual - expected) / np.where(size == 0, 1.0, size))


def bias(actual: Floats, expected: Floats) -> Floats:
    """Relative bias: sum (f - y) / sum y; above 0 when too much is forecast. Shapes as in `rmsse`."""
    return _ratio(_mean(expected - actual), _mean(actual))


def coverage(actual: Floats, quantile: Floats) -> Floats:
    """Share of known days on which demand was at most the quantile; ideal is the quantile's level.

    Source: unconditional coverage, Christoffersen 1998, Int. Economic Review 39.

    Args:
        actual: [N, H] units a day.
        quantile: [N, H] forecasts of one quantile.
    """
    return _mean(np.where(np.isfinite(actual), actual <= quantile, np.nan))


def _since_first_sale(history: Floats) -> Floats:
    started = np.logical_or.accumulate(history > 0, axis=1)
    return np.where(started, history, np.nan)


def _mean(values: Floats) -> Floats:
    """[N] mean of the known values of each row of [N, K]; NaN where there is none."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _positive_or_nan(values: Floats) -> Floats:
    return np.where(values > 0, values, np.nan)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide; NaN where the denominator is not positive."""
    return np.asarray(numerator / _positive_or_nan(denominator), dtype=np.float64)

"""The peers: statsforecast's automatic models, LightGBM through mlforecast; each asked for the same quantiles. Scores nothing."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from evaluation.scores import Prediction
from forecasting.covariates import Covariates
from forecasting.history import MIN_KNOWN_DAYS, observed
from forecasting.metrics import change_scale
from parstock.domain import QUANTILE_LEVELS, DemandPanel, Floats

WEEK_DAYS = 7
CONFORMAL_WINDOWS = (8, 4, 2)
"""Windows of the Croston family's conformal intervals: the first for which a series is long enough."""
TREES: Mapping[str, Any] = {
    "n_estimators": 300,
    "learning_rate": 0.05,
    "num_leaves": 63,
    "min_child_samples": 100,
    "subsample": 0.8,
    "subsample_freq": 1,
    "colsample_bytree": 0.8,
    "num_threads": 1,
    "verbose": -1,
    "seed": 0,
}
"""LightGBM's settings."""


@dataclass(frozen=True)
class Peer:
    """One peer model."""

    predict: Callable[[DemandPanel, int], Prediction]
    """A panel and a horizon in days -> what the model says."""
    whole: bool
    """Learns from all items together, so that they cannot be forecast in pieces."""


def require() -> None:
    """Say what to install where a peer is missing."""
    missing = [name for name in ("statsforecast", "mlforecast", "lightgbm") if find_spec(name) is None]
    if missing:
        sys.exit(f"{missing[0]} is not installed; the peers come with: pip install '.[bench]'")


def _statistical(name: str) -> Callable[[DemandPanel, int], Prediction]:
    """A model of statsforecast, its quantiles from its own central intervals."""

    def predict(panel: DemandPanel, horizon_days: int) -> Prediction:
        demand = observed(panel)
        lengths = np.isfinite(demand).sum(axis=1)
        mean = np.zeros((len(panel.items), horizon_days))
        quantiles = np.zeros((*mean.shape, len(QUANTILE_LEVELS)))
        for windows, rows in _by_length(lengths, horizon_days, conformal=name == "CrostonSBA"):
            mean[rows], quantiles[rows] = _forecast(name, panel, demand, rows, horizon_days, windows)
        return Prediction(mean, quantiles, None)

    return predict


def _by_length(lengths: np.ndarray, horizon_days: int, *, conformal: bool) -> Iterator[tuple[int, np.ndarray]]:
    """Rows that are forecast together, and how many windows their conformal intervals take (0 = own intervals or none)."""
    left = lengths >= MIN_KNOWN_DAYS
    for windows in CONFORMAL_WINDOWS if conformal else ():
        enough = left & (lengths > windows * horizon_days + WEEK_DAYS)
        left &= ~enough
        if enough.any():
            yield windows, np.flatnonzero(enough)
    if left.any():
        yield 0, np.flatnonzero(left)


def _forecast(
    name: str, panel: DemandPanel, demand: Floats, rows: np.ndarray, horizon_days: int, windows: int
) -> tuple[Floats, Floats]:
    """Mean [n, H] and quantiles [n, H, Q] of some rows; where a series is too short for intervals its mean is every quantile."""
    from statsforecast import StatsForecast, models
    from statsforecast.utils import ConformalIntervals

    conformal = ConformalIntervals(n_windows=windows, h=horizon_days) if windows else None
    season = {} if name == "CrostonSBA" else {"season_length": WEEK_DAYS}
    model = getattr(models, name)(alias="peer", prediction_intervals=conformal, **season)
    engine = StatsForecast([model], freq="D", n_jobs=1, fallback_model=models.SeasonalNaive(WEEK_DAYS, alias="peer"))
    has_intervals = name != "CrostonSBA" or windows > 0
    levels = sorted({round(100 * abs(2 * q - 1)) for q in QUANTILE_LEVELS if q != 0.5}) if has_intervals else None
    made = engine.forecast(h=horizon_days, df=long_frame(panel, demand, rows), level=levels).sort_values(["unique_id", "ds"])
    mean = made["peer"].to_numpy(dtype=np.float64).reshape(rows.size, horizon_days)
    if levels is None:
        return np.maximum(mean, 0), np.repeat(np.maximum(mean, 0)[:, :, None], len(QUANTILE_LEVELS), axis=2)
    columns = ["peer" if q == 0.5 else f"peer-{'lo' if q < 0.5 else 'hi'}-{round(100 * abs(2 * q - 1))}" for q in QUANTILE_LEVELS]
    quantiles = made[columns].to_numpy(dtype=np.float64).reshape(rows.size, horizon_days, len(QUANTILE_LEVELS))
    quantiles = np.where(np.isfinite(quantiles), quantiles, mean[:, :, None])
    return np.maximum(mean, 0), np.sort(np.maximum(quantiles, 0), axis=2)


def long_frame(panel: DemandPanel, demand: Floats, rows: np.ndarray) -> pd.DataFrame:
    """The known days of some rows as the peers read them: unique_id (the row's position), ds, y."""
    known = np.isfinite(demand[rows])
    row, day = np.nonzero(known)
    dates = panel.dates().astype("datetime64[ns]")
    return pd.DataFrame({"unique_id": rows[row], "ds": dates[day], "y": demand[rows][row, day]})


def _lightgbm(offsets: tuple[int, ...]) -> Callable[[DemandPanel, int], Prediction]:
    """LightGBM, one model for each level and one (Tweedie) for the mean; direct, no forecast is fed back.

    Args:
        offsets: For each run the last day ahead that it forecasts: its features are at least so many days old.
    """

    def predict(panel: DemandPanel, horizon_days: int) -> Prediction:
        demand = observed(panel)
        rows = np.flatnonzero(np.isfinite(demand).sum(axis=1) >= MIN_KNOWN_DAYS)
        scale = np.nan_to_num(change_scale(demand), nan=1.0)
        mean = np.zeros((len(panel.items), horizon_days))
        quantiles = np.zeros((*mean.shape, len(QUANTILE_LEVELS)))
        past, ahead = _frames(panel, demand / scale[:, None], scale, rows, horizon_days)
        first = 0
        for last in [min(offset, horizon_days) for offset in offsets]:
            made = _learn_and_predict(past, ahead, last)
            mean[rows, first:last] = made[:, first:, -1]
            quantiles[rows, first:last] = made[:, first:, :-1]
            first = last
        mean *= scale[:, None]
        quantiles *= scale[:, None, None]
        return Prediction(np.maximum(mean, 0), np.sort(np.maximum(quantiles, 0), axis=2), None)

    return predict


def _frames(
    panel: DemandPanel, scaled: Floats, scale: Floats, rows: np.ndarray, horizon_days: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The past with demand, and the days ahead without, both with what is known of their days: the same that our models know."""
    known = Covariates.of(panel, horizon_days)
    of_days = {name: getattr(known, name) for name in ("to_special", "since_special", "holiday", "shopping")}
    of_cells: dict[str, Floats] = dict(known.extra)
    if known.price is not None and panel.price is not None and panel.ahead is not None and panel.ahead.price is not None:
        of_cells |= {"price_change": known.price, "price": np.concatenate([panel.price, panel.ahead.price], axis=1)}
    if known.promotion is not None:
        of_cells["promotion"] = known.promotion.astype(np.float64)
    group = np.unique(panel.groups, return_inverse=True)[1] if panel.groups else np.zeros(len(panel.items), dtype=np.intp)
    dates = (np.datetime64(panel.start, "D") + np.arange(panel.days + horizon_days)).astype("datetime64[ns]")

    def frame(row: np.ndarray, day: np.ndarray) -> pd.DataFrame:
        columns = {"unique_id": rows[row], "ds": dates[day]}
        columns |= {name: values[day].astype(np.float32) for name, values in of_days.items()}
        columns |= {name: values[rows[row], day].astype(np.float32) for name, values in of_cells.items()}
        return pd.DataFrame(columns)

    row, day = np.nonzero(np.isfinite(scaled[rows]))
    fixed = {"group": group[rows[row]], "log_scale": np.log(scale[rows[row]]).astype(np.float32)}
    past = frame(row, day).assign(y=scaled[rows[row], day], **fixed)
    grid = np.indices((rows.size, horizon_days))
    return past, frame(grid[0].ravel(), panel.days + grid[1].ravel())


def _learn_and_predict(past: pd.DataFrame, ahead: pd.DataFrame, offset: int) -> np.ndarray:
    """[n, offset, Q + 1] scaled quantiles and mean of the first `offset` days, from features at least so old."""
    import lightgbm
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import ExpandingMean, RollingMean, RollingStd, SeasonalRollingMean

    quantile = {
        f"q{i:02d}": lightgbm.LGBMRegressor(objective="quantile", alpha=q, **TREES) for i, q in enumerate(QUANTILE_LEVELS)
    }
    engine = MLForecast(
        models={**quantile, "mean": lightgbm.LGBMRegressor(objective="tweedie", **TREES)},
        freq="D",
        lags=[offset + lag for lag in (0, 1, 2, 3, 4, 5, 6, 7, 14, 21)],
        lag_transforms={
            offset: [
                *(RollingMean(days, min_samples=1) for days in (7, 14, 28, 56, 112)),
                *(RollingStd(days, min_samples=2) for days in (7, 28, 56)),
                *(SeasonalRollingMean(WEEK_DAYS, weeks, min_samples=1) for weeks in (4, 8)),
                ExpandingMean(),
            ]
        },
        date_features=["dayofweek", "day", "week"],
        num_threads=1,
    )
    engine.fit(past, static_features=["group", "log_scale"], dropna=False)
    days = np.sort(ahead["ds"].unique())[:offset]
    made = engine.predict(offset, X_df=ahead[ahead["ds"].isin(days)]).sort_values(["unique_id", "ds"])
    return made[[*quantile, "mean"]].to_numpy(dtype=np.float64).reshape(-1, offset, len(quantile) + 1)


VARIANT = "LightGBM, 28 days ahead"
"""The lesser of two ways to use LightGBM on the development window; run only where it is named."""
PEERS: Mapping[str, Peer] = {
    "SeasonalNaive": Peer(_statistical("SeasonalNaive"), whole=False),
    "CrostonSBA": Peer(_statistical("CrostonSBA"), whole=False),
    VARIANT: Peer(_lightgbm((28,)), whole=True),
    "LightGBM, week by week": Peer(_lightgbm((7, 14, 21, 28)), whole=True),
    "AutoTheta": Peer(_statistical("AutoTheta"), whole=False),
    "AutoETS": Peer(_statistical("AutoETS"), whole=False),
    "AutoCES": Peer(_statistical("AutoCES"), whole=False),
    "AutoARIMA": Peer(_statistical("AutoARIMA"), whole=False),
}
"""By name, the slowest last."""

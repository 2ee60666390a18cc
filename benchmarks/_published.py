"""The measures against what others published: M3's methods and M4's naive forecasts, scored by the same functions."""

from pathlib import Path

import numpy as np
import pandas as pd

from forecasting import metrics
from parstock.domain import Floats

M4_NAIVE = {"weekly": 1, "yearly": 1, "hourly": 24}
"""Set -> season of its naive forecast."""
M4_PUBLISHED = {"weekly": (9.161, 2.777), "yearly": (16.342, 3.974), "hourly": (13.912, 1.193)}
"""sMAPE and MASE as the M4 organisers printed them: naive, and for hours the seasonal naive."""


def padded(series: "pd.Series") -> Floats:
    """[N, T] histories of different lengths, their ends aligned; NaN before each start."""
    longest = max(len(values) for values in series)
    table = np.full((len(series), longest), np.nan)
    for row, values in enumerate(series):
        table[row, longest - len(values) :] = values
    return table


def naive(history: Floats, season: int, horizon: int) -> Floats:
    """[N, H] the last season, again and again."""
    return np.tile(history[:, -season:], -(-horizon // season))[:, :horizon]


def m4_naive_scores(folder: Path, name: str) -> tuple[float, float]:
    """SMAPE and MASE of the naive forecast of one set of M4."""
    series = pd.read_parquet(folder / f"m4_{name}.parquet")
    season = M4_NAIVE[name]
    history, actual = padded(series["train"]), np.stack(list(series["test"])).astype(np.float64)
    expected = naive(history, season, actual.shape[1])
    errors = metrics.smape(actual, expected), metrics.mase(actual, expected, history, season)
    return float(errors[0].mean()), float(errors[1].mean())


def m3_smape(folder: Path) -> pd.DataFrame:
    """SMAPE of every published M3 method: index method, columns pooled_all (over all points forecast) and the periods."""
    series = pd.read_parquet(folder / "m3_series.parquet").set_index("series_id")
    made = pd.read_parquet(folder / "m3_published_forecasts.parquet")
    steps = [column for column in made if column.startswith("f") and column[1:].isdigit()]
    actual = np.full((len(made), len(steps)), np.nan)
    for row, test in enumerate(series.loc[made["series_id"], "test"]):
        actual[row, : len(test)] = test
    expected = made[steps].to_numpy(dtype=np.float64)
    points = (np.isfinite(actual) & np.isfinite(expected)).sum(axis=1)
    total = np.nan_to_num(metrics.smape(actual, expected)) * points
    scored = pd.DataFrame({"method": made["method"].to_numpy(), "total": total, "points": points})
    scored["period"] = series.loc[made["series_id"], "period"].to_numpy()
    sums = scored.groupby(["method", "period"])[["total", "points"]].sum()
    by_period = (sums["total"] / sums["points"]).unstack()
    over_all = sums.groupby("method").sum()
    return by_period.assign(pooled_all=over_all["total"] / over_all["points"])


def compare_m4(folder: Path) -> None:
    """Print our scores of the naive forecasts beside the published ones."""
    print("| M4 set, naive | sMAPE | published | MASE | published |\n|---|---|---|---|---|")
    for name, (smape, mase) in M4_PUBLISHED.items():
        ours = m4_naive_scores(folder, name)
        print(f"| {name} | {ours[0]:.3f} | {smape:.3f} | {ours[1]:.3f} | {mase:.3f} |")
    print()


def compare_m3(folder: Path) -> None:
    """Print the sMAPE of each method, ours and as it was published with the forecasts."""
    ours, theirs = m3_smape(folder), pd.read_csv(folder / "m3_smape_by_method.csv").set_index("method")
    print("| M3 method | sMAPE of all points | published | largest difference of any period |\n|---|---|---|---|")
    for name in theirs.index:
        shared = [column for column in theirs if column in ours]
        worst = (ours.loc[name, shared] - theirs.loc[name, shared].astype(float)).abs().max()
        print(f"| {name} | {ours.loc[name, 'pooled_all']:.2f} | {float(theirs.loc[name, 'pooled_all']):.2f} | {worst:.4f} |")
    print()

"""The neural forecasters beside the simple ones on one panel: accuracy, calibration, seconds and size.

    python benchmarks/neural.py --data M5DIR --dev                        M5, window before the official one
    python benchmarks/neural.py --data M5DIR --series 0 --device cuda     all 30,490 series on a GPU
    python benchmarks/neural.py --data online_retail.parquet --dev        a year of UCI Online Retail II
    python benchmarks/neural.py --data sales.parquet                      a long table: item, date, units, and perhaps group

M5DIR holds the files that `benchmarks/forecasts.py` names. The last 28 days are forecast; with --dev those before them. Models
are asked directly, not through `forecasting.run`, so that one network learns from all items of the panel.
"""

import argparse
import resource
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from _windows import HORIZON_DAYS, Window, m5_window, retail_window

from evaluation.scores import Prediction, item_scores, summary
from forecasting.base import Forecaster, forecasters
from forecasting.history import observed
from forecasting.neural.budget import Budget
from forecasting.neural.forecaster import NeuralForecaster
from parstock.domain import DemandPanel

MODELS = "seasonal_naive,ets,lstm,vae_lstm"
HEAD = (
    "| model | SPL | RMSSE | bias | cov80 | cov95 | cov95 of totals | fit CPU s | fit s | predict CPU s | peak MiB |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Took:
    """Seconds of one step."""

    cpu: float
    wall: float


class Clock:
    """Seconds of this process since the last look."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def look(self) -> Took:
        """Seconds since the last look."""
        before = Took(self._cpu, self._wall)
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return Took(self._cpu - before.cpu, self._wall - before.wall)


def main() -> None:
    """Forecast with each model in turn; print a table, then what the networks say of themselves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="PATH")
    parser.add_argument("--series", type=int, default=1000, help="items of M5, drawn at random; 0 for all")
    parser.add_argument("--models", default=MODELS, help="names of forecasters, separated by commas")
    parser.add_argument("--device", default="auto", help="where the networks live: auto, cpu, cuda")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--paths", type=int, default=200)
    parser.add_argument("--dev", action="store_true", help="the window before the last one, for development")
    options = parser.parse_args()
    window = _window(options.data, options.series or 10**9, options.dev)
    print(
        f"### {window.name}: {len(window.panel.items)} items, {window.panel.days} days, {HORIZON_DAYS} from {window.panel.as_of}"
    )
    print(f"\n{HEAD}")
    remarks = []
    for name in options.models.split(","):
        forecaster = _make(name, options.device, options.seed)
        print(_row(name, forecaster, window, options.paths, options.seed), flush=True)
        if isinstance(forecaster, NeuralForecaster):
            remarks.append(f"{name}: {forecaster.report or 'too few windows to learn from'}")
    print("\n" + "\n".join(remarks))


def _make(name: str, device: str, seed: int) -> Forecaster:
    made = forecasters.get(name)()
    return type(made)(budget=Budget(seed=seed), device=device) if isinstance(made, NeuralForecaster) else made


def _row(name: str, forecaster: Forecaster, window: Window, paths: int, seed: int) -> str:
    """Fit, forecast, score: one line of the table."""
    clock = Clock()
    forecaster.fit(window.panel)
    fitted = clock.look()
    made = forecaster.predict(HORIZON_DAYS, paths=paths, seed=seed)
    predicted = clock.look()
    ok = np.flatnonzero([status == "ok" for status in made.status])
    actual = window.actual[ok]
    scores = summary(item_scores(Prediction.of(made.rows(ok), actual), actual, observed(window.panel.rows(ok))))
    measures = ("pinball", "rmsse", "bias", "coverage_80", "coverage_95", "total_coverage_95")
    cells = [f"{np.nan if (value := scores[measure]) is None else value:.4f}" for measure in measures]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = [f"{fitted.cpu:.1f}", f"{fitted.wall:.1f}", f"{predicted.cpu:.1f}"]
    return "| " + " | ".join([name, *cells, *seconds, f"{peak:.0f}"]) + " |"


def _window(path: Path, series: int, dev: bool) -> Window:
    """The window of an M5 folder, of a shop's invoices, or of a long table."""
    if path.is_dir():
        return m5_window(path, series, 0, dev)
    import pyarrow.parquet

    columns = set(pyarrow.parquet.read_schema(path).names)
    return _long_window(path, dev) if {"item", "date", "units"} <= columns else retail_window(path, 0, dev)


def _long_window(path: Path, dev: bool) -> Window:
    """A long table's last days; a day without a row is a day without a sale once the item's first row is past."""
    sales = pd.read_parquet(path)
    days = pd.to_datetime(sales["date"]).dt.normalize()
    table = sales.assign(date=days).pivot_table(index="item", columns="date", values="units", aggfunc="sum")
    table = table.reindex(columns=pd.date_range(days.min(), days.max()))
    demand = table.to_numpy(dtype=np.float64)
    started = np.cumsum(np.isfinite(demand), axis=1) > 0
    demand = np.where(started, np.nan_to_num(demand), np.nan)[:, : demand.shape[1] - HORIZON_DAYS * dev]
    groups = tuple(sales.groupby("item")["group"].first().astype(str)) if "group" in sales else ()
    whole = DemandPanel(tuple(table.index.astype(str)), days.min().date(), demand, groups=groups)
    return Window(path.stem, whole.until(whole.as_of - timedelta(days=HORIZON_DAYS)), observed(whole)[:, -HORIZON_DAYS:])


if __name__ == "__main__":
    main()

"""Our ARIMA and statsforecast's AutoARIMA on the same series of M5, in one run: accuracy, calibration, seconds of the processor.

    python benchmarks/arima.py --data DIR --series 2000            the 28 days of the official evaluation
    python benchmarks/arima.py --data DIR --series 200 --dev       the 28 days before them

DIR holds `m5_sales_d1495_d1913.parquet`, `m5_sales_test_d1914_d1941.parquet` (not opened with --dev), `m5_calendar.parquet` and
`m5_sell_prices_wk11505_11617.parquet`. One thread each; statsforecast is compiled before the clock starts, and its quantiles are
those of its own intervals, none below zero. It takes one to two seconds a series. It comes with `pip install '.[bench]'`.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from _peers import PEERS
from _windows import Window, m5_window

from evaluation.scores import Prediction
from forecasting import metrics
from forecasting.base import forecasters
from forecasting.history import observed
from parstock.domain import QUANTILE_LEVELS

PIECES = {"arima": 2000, "AutoARIMA": 25}
"""Series forecast between two words of progress."""
P95 = QUANTILE_LEVELS.index(0.95)
COLUMNS = "| model | RMSSE | SPL | cov95 | CPU ms a series |\n|---|---|---|---|---|"


@dataclass(frozen=True)
class Row:
    """How one model did."""

    name: str
    rmsse: float
    pinball: float
    coverage_95: float
    cpu_ms: float

    def __str__(self) -> str:
        return f"| {self.name} | {self.rmsse:.4f} | {self.pinball:.4f} | {self.coverage_95:.3f} | {self.cpu_ms:,.1f} |"


def main() -> None:
    """Forecast with both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of M5")
    parser.add_argument("--series", type=int, default=2000, help="series, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--paths", type=int, default=200, help="sample paths of our model")
    parser.add_argument("--dev", action="store_true", help="the window before the last one, for development")
    options = parser.parse_args()
    if find_spec("statsforecast") is None:
        sys.exit("statsforecast is not installed; it comes with: pip install '.[bench]'")
    torch.set_num_threads(1)  # the peer uses one core too
    window = m5_window(options.data, options.series, options.seed, options.dev)
    horizon = window.actual.shape[1]

    def ours(part: Window) -> Prediction:
        made = forecasters.get("arima")().fit(part.panel).predict(horizon, paths=options.paths)
        return Prediction.of(made, part.actual)

    def peer(part: Window) -> Prediction:
        return PEERS["AutoARIMA"].predict(part.panel, horizon)

    rows = [run("arima", ours, window), run("AutoARIMA", peer, window)]
    print(f"{len(window.panel.items)} series of {window.name}, {horizon} days from {window.panel.as_of}\n\n{COLUMNS}")
    print(*rows, sep="\n")
    mine, theirs = rows
    print(
        f"| ratio | {mine.rmsse / theirs.rmsse:.4f} | {mine.pinball / theirs.pinball:.4f} | "
        f"| 1 / {theirs.cpu_ms / mine.cpu_ms:.0f} |"
    )


def run(name: str, predict: Callable[[Window], Prediction], window: Window) -> Row:
    """Forecast piece by piece, on the processor's clock; what is compiled or imported first is not counted."""
    predict(window.rows(np.arange(min(2, len(window.panel.items)))))
    count, seconds, parts = len(window.panel.items), 0.0, []
    for first in range(0, count, PIECES[name]):
        part = window.rows(np.arange(first, min(first + PIECES[name], count)))
        began = time.process_time()
        parts.append(predict(part))
        seconds += time.process_time() - began
        done = first + len(part.panel.items)
        print(f"\r{name}: {done} of {count}, {1000 * seconds / done:,.1f} CPU ms a series", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    history = observed(window.panel)
    mean = np.concatenate([part.mean for part in parts])
    quantiles = np.concatenate([part.quantiles for part in parts])
    return Row(
        name,
        float(np.nanmean(metrics.rmsse(window.actual, mean, history))),
        float(np.nanmean(metrics.scaled_pinball(window.actual, quantiles, QUANTILE_LEVELS, history))),
        float(np.nanmean(metrics.coverage(window.actual, quantiles[:, :, P95]))),
        1000 * seconds / count,
    )


if __name__ == "__main__":
    main()

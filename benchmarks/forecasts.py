"""Forecasts side by side with the field's best: accuracy, calibration, seconds of the processor and memory, in one run.

    python benchmarks/forecasts.py --m5 DIR --retail FILE --out RESULTS          the final windows
    python benchmarks/forecasts.py --m5 DIR --retail FILE --out RESULTS --dev    the windows before them
    python benchmarks/forecasts.py --m3 DIR --m4 DIR                             the measures against published results

DIR of M5 holds `m5_sales_d1495_d1913.parquet`, `m5_sales_test_d1914_d1941.parquet` (not opened with --dev), `m5_calendar.parquet`
and `m5_sell_prices_wk11505_11617.parquet`; FILE has the layout of UCI Online Retail II. What a model said is kept in RESULTS: a
run that was stopped goes on where it was, and nothing is done twice unless our code changes. The peers need `pip install
'.[bench]'`.
"""

import argparse
import os
import sys
from pathlib import Path

from _kept import Kept
from _peers import PEERS, VARIANT, require
from _published import compare_m3, compare_m4
from _table import tables
from _windows import Window, m5_window, retail_window

from forecasting.base import forecasters

SLOW = "AutoARIMA"
OURS = ("seasonal_naive", "croston", "ets", "linear", "gradient_boosting", "auto")
PIECE = 250
"""Items that a statistical model forecasts before what it said is kept."""


def main() -> None:
    """Forecast what is not yet kept, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--m5", type=Path, metavar="DIR")
    parser.add_argument("--retail", type=Path, metavar="FILE")
    parser.add_argument("--m3", type=Path, metavar="DIR", help="recompute the published sMAPE of the M3 methods")
    parser.add_argument("--m4", type=Path, metavar="DIR", help="recompute the published scores of the M4 naive forecasts")
    parser.add_argument("--series", type=int, default=3000, help="items of M5, drawn at random")
    parser.add_argument("--arima-series", type=int, default=2000, help=f"items that {SLOW} forecasts: the first of each data set")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--paths", type=int, default=200, help="sample paths of our models")
    parser.add_argument("--dev", action="store_true", help="the window before the last one, for development")
    parser.add_argument("--peers", help=f"peers, separated by semicolons; '' for none (of {'; '.join(PEERS)}; all but {VARIANT})")
    parser.add_argument("--ours", help=f"our models, separated by commas; '' for none (by default {','.join(OURS)})")
    parser.add_argument("--out", type=Path, metavar="RESULTS", default=Path("benchmark-results"))
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"  # for the process of each model: one core each, so that seconds compare
    if options.m3:
        compare_m3(options.m3)
    if options.m4:
        compare_m4(options.m4)
    peers = (
        tuple(name for name in PEERS if name != VARIANT) if options.peers is None else _names(options.peers, ";", tuple(PEERS))
    )
    ours = tuple(n for n in OURS if n in forecasters) if options.ours is None else _names(options.ours, ",", forecasters.names())
    if peers and (options.m5 or options.retail):
        require()
    for window in _windows(options):
        kept = Kept(options.out, window, options.seed)
        for name in ours:
            kept.forecast_ours(name, options.paths)
        for name in peers:
            kept.forecast_peer(name, options.arima_series if name == SLOW else len(window.panel.items), PIECE)
        text = tables(kept, ours, peers, options.arima_series)
        (options.out / f"{window.name}.md").write_text(text, encoding="utf-8")
        print(text)


def _names(given: str, separator: str, known: tuple[str, ...]) -> tuple[str, ...]:
    chosen = tuple(name.strip() for name in given.split(separator) if name.strip())
    if unknown := [name for name in chosen if name not in known]:
        sys.exit(f"unknown model {unknown[0]!r}; known: {', '.join(known)}")
    return chosen


def _windows(options: argparse.Namespace) -> "list[Window]":
    """The windows asked for."""
    found = []
    if options.m5:
        found.append(m5_window(options.m5, options.series, options.seed, options.dev))
    if options.retail:
        found.append(retail_window(options.retail, options.seed, options.dev))
    return found


if __name__ == "__main__":
    main()

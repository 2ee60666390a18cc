"""The one entry for tools and doors: a panel of any size in, one forecast out, in bounded memory.

Where the records end before the panel does, the missing days are forecast too and left out of what is given back: the
uncertainty then grows with the gap, as it should.
"""

from datetime import timedelta
from itertools import pairwise
from typing import Protocol, runtime_checkable

import numpy as np

from forecasting.base import Forecaster, Progress, check_sizes, forecasters
from forecasting.history import recorded
from parstock.domain import DemandPanel, Floats, Forecast, ForecastStatus

ITEMS_AT_ONCE = 2048
"""Items forecast together: enough to learn from each other, few enough to fit in memory."""
MOST_MISSING_DAYS = 90
"""Where the records end longer ago than this, nothing is forecast."""


@runtime_checkable
class _Reports(Protocol):
    """A forecaster whose fit takes long enough to say how far it is."""

    progress: Progress | None


def forecast(
    panel: DemandPanel,
    *,
    model: str = "auto",
    horizon_days: int = 28,
    paths: int = 200,
    seed: int = 0,
    progress: Progress | None = None,
) -> Forecast:
    """Forecast every item of the panel.

    Args:
        panel: Demand up to the day before the forecast starts, as far as it is known.
        model: Name of a registered forecaster.
        horizon_days: Days to forecast.
        paths: Sample paths an item.
        seed: Seed; the same inputs and seed give the same paths.
        progress: Told the share done and what is being done.

    Raises:
        InputError: Unknown model, or a size that is not positive.
    """
    check_sizes(horizon_days, paths)
    make = forecasters.get(model)
    known = recorded(panel)
    missing = panel.days - known.days
    remark = _remark(known, missing)
    if missing > MOST_MISSING_DAYS:
        return _refused(panel, model, horizon_days, paths, f"{remark}; at most {MOST_MISSING_DAYS} may be missing")
    count = len(panel.items)
    pieces = max(1, -(-count // ITEMS_AT_ONCE))
    bounds = [count * piece // pieces for piece in range(pieces + 1)]
    futures = np.zeros((count, paths, horizon_days), dtype=np.float32)
    parts: list[Forecast] = []
    for piece, (first, last) in enumerate(pairwise(bounds)):
        forecaster = make()
        report = _share(progress, piece, pieces)
        if report is not None:
            report(0.0, f"{model} for items {first + 1} to {last} of {count}")
        part = _fit(forecaster, known.rows(list(range(first, last))), report).predict(
            missing + horizon_days, paths=paths, seed=seed + piece
        )
        futures[first:last] = part.paths[:, :, missing:]
        parts.append(_without_paths(part))
    if progress is not None:
        progress(1.0, "done")
    return Forecast(
        items=panel.items,
        start=panel.as_of,
        paths=futures,
        models=tuple(name for part in parts for name in part.models),
        status=tuple(status for part in parts for status in part.status),
        reasons=tuple(f"{reason}; {remark}" if remark else reason for part in parts for reason in part.reasons),
        scores=_join_scores(parts),
    )


def _remark(known: DemandPanel, missing: int) -> str:
    """Say where the records end before the forecast starts; empty where they do not."""
    return f"sales are recorded only until {known.as_of - timedelta(days=1)} (days missing: {missing})" if missing else ""


def _refused(panel: DemandPanel, model: str, horizon_days: int, paths: int, reason: str) -> Forecast:
    """No forecast of any item, and why."""
    count = len(panel.items)
    nothing = np.zeros((count, paths, horizon_days), dtype=np.float32)
    status: list[ForecastStatus] = ["insufficient_data"] * count
    return Forecast(panel.items, panel.as_of, nothing, (model,) * count, tuple(status), (reason,) * count)


def _fit(forecaster: Forecaster, panel: DemandPanel, report: Progress | None) -> Forecaster:
    if isinstance(forecaster, _Reports):
        forecaster.progress = report
    return forecaster.fit(panel)


def _share(progress: Progress | None, piece: int, pieces: int) -> Progress | None:
    """Turn the progress of one piece into progress of the whole."""
    if progress is None:
        return None
    return lambda done, what: progress((piece + done) / pieces, what)


def _without_paths(part: Forecast) -> Forecast:
    """What is kept of a piece once its paths are copied."""
    none = np.zeros((len(part.items), 0, 0), dtype=np.float32)
    return Forecast(part.items, part.start, none, part.models, part.status, part.reasons, part.scores)


def _join_scores(parts: list[Forecast]) -> dict[str, Floats]:
    names = sorted({name for part in parts for name in part.scores})
    return {name: np.concatenate([part.scores.get(name, np.full(len(part.items), np.nan)) for part in parts]) for name in names}

"""The one entry for tools and doors: a panel of any size in, one forecast out, in bounded memory.

Where the records end before the panel does, the missing days are forecast too and left out of what is given back: the
uncertainty then grows with the gap, as it should. `forecasting.scale` does the same on a cluster, with the same result.
"""

from pathlib import Path

import numpy as np

from forecasting.base import Progress, forecasters
from forecasting.pieces import Job, Joined, Piece
from parstock.domain import DemandPanel, Forecast

ITEMS_AT_ONCE = 2048
"""Items forecast together: enough to learn from each other, few enough to fit in memory."""


def forecast(
    panel: DemandPanel,
    *,
    model: str = "auto",
    horizon_days: int = 28,
    paths: int = 200,
    seed: int = 0,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Forecast:
    """Forecast every item of the panel.

    Args:
        panel: Demand up to the day before the forecast starts, as far as it is known.
        model: Name of a registered forecaster.
        horizon_days: Days to forecast.
        paths: Sample paths an item.
        seed: Seed; the same inputs and seed give the same paths.
        folder: Where finished pieces are kept, and those of an earlier run with the same inputs are taken up.
        progress: Told the share done and what is being done.

    Raises:
        InputError: Unknown model, or a size that is not positive.
    """
    job = Job.of(panel, model, horizon_days, paths, seed, ITEMS_AT_ONCE)
    make = forecasters.get(model)
    if job.is_refused:
        return job.refused()
    joined = Joined(job, np.zeros((len(panel.items), paths, horizon_days), dtype=np.float32))
    for piece in job.pieces():
        report = _share(progress, piece, len(job))
        if report is not None:
            last = piece.first + len(piece.panel.items)
            report(0.0, f"{model} for items {piece.first + 1} to {last} of {len(panel.items)}")
        made = None if folder is None else piece.load(folder)
        if made is None:
            made = piece.forecast(make, report)
            if folder is not None:
                piece.save(made, folder)
        joined.add(piece, made)
    if progress is not None:
        progress(1.0, "done")
    return joined.forecast()


def _share(progress: Progress | None, piece: Piece, pieces: int) -> Progress | None:
    """Turn the progress of one piece into progress of the whole."""
    if progress is None:
        return None
    return lambda done, what: progress((piece.number + done) / pieces, what)

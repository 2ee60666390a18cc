"""Runs over the whole shop, and their files: what each was made from, and how a small change of the records is worked in."""

import json
import logging
import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecasting import run, scale
from forecasting.base import VERSION, Progress
from forecasting.files import Texts, digest_of, item_digests, load, load_notes, save
from forecasting.history import History
from forecasting.refit import CONTEXT_ITEMS, refit
from forecasting.remarks import Remark
from parstock.domain import DemandPanel, Forecast

log = logging.getLogger(__name__)

MOST_FILES = 8
MOST_REFITTED = 256
"""Where more items than this changed since a run of the whole shop it is run again ..."""
MOST_REFITTED_SHARE = 0.25
"""... and also where they are more than this share of it."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Night:
    """How to run over a whole shop that takes hours: finished pieces are kept, and others may help."""

    workers: int = 0
    """Ray workers; 0 = this process alone."""
    resume: bool = False
    """Take up the finished pieces of a run that was stopped, instead of beginning anew."""
    address: str = "local"
    """Of the Ray cluster: "local", "auto" or "host:port"."""


@dataclass(frozen=True, eq=False, slots=True)
class ShopRun:
    """A forecast of the whole shop, without planning events, and what it was made from."""

    forecast: Forecast
    digests: Texts
    """[N] digest of all that was known of each item."""
    told: Texts
    """[N] remarks on each item's history, JSON."""
    refitted: Texts
    """Codes of the items that were forecast anew since the whole shop was."""

    @classmethod
    def of(cls, panel: DemandPanel, model: str, horizon_days: int, progress: Progress | None = None) -> "ShopRun":
        """Run a model over the whole shop in this process, nothing kept on the way."""
        made = run.forecast(panel, model=model, horizon_days=horizon_days, progress=progress)
        return cls(made, item_digests(panel), _told(panel), _texts([]))

    @classmethod
    def by_night(
        cls, panel: DemandPanel, model: str, horizon_days: int, night: Night, folder: Path, progress: Progress | None = None
    ) -> "ShopRun":
        """Run a model over the whole shop piece by piece, each kept in `folder` until it is no longer needed.

        Raises:
            SetupError: Ray is not installed or not there.
            ToolFailed: A piece could not be forecast.
        """
        if not night.resume:
            shutil.rmtree(folder, ignore_errors=True)
        if night.workers:
            made = scale.forecast(
                panel,
                folder=folder,
                workers=night.workers,
                address=night.address,
                model=model,
                horizon_days=horizon_days,
                progress=progress,
            )
        else:
            made = run.forecast(panel, model=model, horizon_days=horizon_days, folder=folder, progress=progress)
        return cls(made, item_digests(panel), _told(panel), _texts([]))

    def rebuilt(self, panel: DemandPanel) -> "ShopRun | None":
        """The run with the items whose records changed forecast anew; None where too many changed since the whole was run."""
        digests, items = item_digests(panel), np.array(panel.items)
        before = dict(zip(self.forecast.items, self.digests.tolist(), strict=True))
        same = np.array(
            [before.get(item) == now for item, now in zip(panel.items, digests.tolist(), strict=True)], dtype=np.bool_
        )
        refitted = np.union1d(self.refitted, items[~same])
        if refitted.size > min(MOST_REFITTED, MOST_REFITTED_SHARE * items.size):
            return None
        changed = np.flatnonzero(~same)
        log.info("the records of %d items changed since the shop was forecast; only those are forecast anew", changed.size)
        row_of = {item: row for row, item in enumerate(self.forecast.items)}
        if not changed.size:
            rows = [row_of[item] for item in panel.items]
            return ShopRun(self.forecast.rows(rows), digests, self.told[rows], self.refitted)
        told = [str(self.told[row_of[item]]) if item in row_of else "[]" for item in panel.items]
        for row, text in zip(changed.tolist(), _told_beside(panel, changed), strict=True):
            told[row] = text
        return ShopRun(refit(panel, changed, self.forecast), digests, _texts(told), refitted)

    def remarks(self, sku: str) -> tuple[Remark, ...]:
        """What was found in the history of an item; nothing where it is not in the run."""
        if sku not in self.forecast.items:
            return ()
        found = json.loads(str(self.told[self.forecast.items.index(sku)]))
        return tuple(Remark.from_json(remark) for remark in found)


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The files of runs with one model over one warehouse, or over all (""), to one horizon. They hold no planning events."""

    folder: Path
    warehouse: str
    model: str
    reach_days: int

    def path(self, demand: str) -> Path:
        """The file of the run over the demand with this fingerprint."""
        return self.folder / f"forecast-{self._place}-{digest_of(demand, *self._made_for)}-{self.reach_days}.npz"

    @property
    def pieces(self) -> Path:
        """The folder of finished pieces of a run that is not finished; each says itself what it was made from."""
        return self.folder / f"pieces-{self._place}-{self.reach_days}"

    def read(self, path: Path) -> ShopRun | None:
        """Read a run; None where there is none, it is damaged, or it was made for something else."""
        notes = load_notes(path)
        if not {"made_for", "digests", "told", "refitted"} <= set(notes) or tuple(notes["made_for"].tolist()) != self._made_for:
            return None
        forecast = load(path)
        if forecast is None or not len(forecast.items) == notes["digests"].size == notes["told"].size:
            return None
        return ShopRun(forecast, notes["digests"], notes["told"], notes["refitted"])

    def latest(self, as_of: date) -> ShopRun | None:
        """The newest run from the same morning, whatever the records were then."""
        files = sorted(
            self.folder.glob(f"forecast-{self._place}-*-{self.reach_days}.npz"), key=lambda path: -path.stat().st_mtime_ns
        )
        runs = (self.read(path) for path in files)
        return next((run for run in runs if run is not None and run.forecast.start == as_of), None)

    def write(self, run: ShopRun, path: Path) -> None:
        """Keep a run, and only the newest files of all runs."""
        notes = {"made_for": _texts(self._made_for), "digests": run.digests, "told": run.told, "refitted": run.refitted}
        save(run.forecast, path, notes)
        for old in sorted(self.folder.glob("forecast-*.npz"), key=lambda path: path.stat().st_mtime_ns)[:-MOST_FILES]:
            old.unlink(missing_ok=True)

    @property
    def _place(self) -> str:
        return _NOT_IN_NAMES.sub("_", f"{self.warehouse or 'all'}-{self.model}")

    @property
    def _made_for(self) -> tuple[str, ...]:
        return (self.warehouse, self.model, VERSION)


def _told(panel: DemandPanel) -> Texts:
    """[N] remarks on each item's history, JSON; piece by piece, as the models see it."""
    first_rows = range(0, len(panel.items), run.ITEMS_AT_ONCE)
    pieces = (panel.rows(list(range(first, min(first + run.ITEMS_AT_ONCE, len(panel.items))))) for first in first_rows)
    return _texts([text for piece in pieces for text in _written(piece)])


def _told_beside(panel: DemandPanel, rows: NDArray[np.intp]) -> list[str]:
    """The same of some rows, seen beside others so that days on which the shop was shut are known."""
    others = np.setdiff1d(np.arange(len(panel.items)), rows)
    context = others[np.linspace(0, others.size - 1, min(others.size, CONTEXT_ITEMS)).astype(np.intp)]
    return _written(panel.rows(np.concatenate([rows, context])))[: rows.size]


def _written(panel: DemandPanel) -> list[str]:
    return [json.dumps([remark.as_json() for remark in remarks]) for remarks in History.of(panel).remarks()]


def _texts(texts: "list[str] | tuple[str, ...]") -> Texts:
    return np.array(texts, dtype=np.str_)

"""Forecasts worth keeping: a few items refitted in moments, the whole shop kept on disk. Knows nothing about stock."""

import hashlib
import logging
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast, get_args
from zipfile import BadZipFile

import numpy as np

from forecasting.base import Progress
from inventory.records import Records
from parstock.domain import DemandPanel, Forecast, ForecastStatus
from tools.kept import Kept

log = logging.getLogger(__name__)

REACHES = (56, 182, 365)
"""Days to which a few items are forecast: the first that covers what is asked, so that related questions share a forecast."""
MOST_ITEMS_KEPT = 64
MOST_GROUPS_KEPT = 3
MOST_FILES = 4
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]+")


class Forecasts:
    """Forecasts of the shop's records as they are now. Safe in several threads.

    Args:
        records: Where demand is read.
        folder: Where forecasts of the whole shop are kept between runs; a cache that may be deleted.
    """

    def __init__(self, records: Records, folder: Path) -> None:
        self._records = records
        self._folder = folder
        self._of_items: Kept[Forecast] = Kept(MOST_ITEMS_KEPT)
        self._of_groups: Kept[Forecast] = Kept(MOST_GROUPS_KEPT)
        self._of_shop: Kept[Forecast] = Kept(MOST_GROUPS_KEPT)

    def of_items(self, skus: tuple[str, ...], warehouse: str, horizon_days: int, model: str = "auto") -> Forecast:
        """Forecast a few items: their rows of the whole shop's forecast where that is at hand, else fitted by themselves.

        Args:
            skus: Their codes, one row each in this order.
            warehouse: Code of one warehouse; "" for all together.
            horizon_days: Days ahead.
            model: Name of a forecaster.

        Raises:
            InsufficientData: No demand of these items is recorded.
        """
        revision = self._records.fingerprint()
        shop = self._of_shop.peek(revision, (warehouse, model))
        if shop is not None and shop.horizon_days >= horizon_days and set(skus) <= set(shop.items):
            return _first_days(shop.rows([shop.items.index(sku) for sku in skus]), horizon_days)
        reach = next(days for days in (*REACHES, horizon_days) if days >= horizon_days)
        kept = self._of_items if len(skus) == 1 else self._of_groups
        key = (skus, warehouse, model, reach)
        forecast = kept.get(revision, key, lambda: _fit(self._records.panel(skus, warehouse), reach, model))
        return _first_days(forecast, horizon_days)

    def of_shop(
        self,
        warehouse: str,
        horizon_days: int,
        model: str = "auto",
        *,
        progress: Progress | None = None,
    ) -> Forecast:
        """Forecast every item, from the file of an earlier run where the demand is still the same.

        Args:
            warehouse: Code of one warehouse; "" for all together.
            horizon_days: Days ahead.
            model: Name of a forecaster.
            progress: Told the share done.

        Raises:
            InsufficientData: No demand is recorded.
        """
        revision = self._records.fingerprint()
        forecast = self._of_shop.get(
            revision,
            (warehouse, model),
            lambda: self._loaded_or_fitted(warehouse, horizon_days, model, progress),
            serves=lambda kept: kept.horizon_days >= horizon_days,
        )
        return _first_days(forecast, horizon_days)

    def _loaded_or_fitted(self, warehouse: str, horizon_days: int, model: str, progress: Progress | None) -> Forecast:
        panel = self._records.panel(warehouse=warehouse)
        place = _NOT_IN_NAMES.sub("_", f"{warehouse or 'all'}-{model}")
        path = self._folder / f"forecast-{place}-{_digest(panel)}-{horizon_days}.npz"
        forecast = load(path)
        if forecast is None:
            forecast = _fit(panel, horizon_days, model, progress)
            save(forecast, path)
            for old in sorted(self._folder.glob("forecast-*.npz"), key=lambda p: p.stat().st_mtime)[:-MOST_FILES]:
                old.unlink(missing_ok=True)
        return forecast


def save(forecast: Forecast, path: Path) -> None:
    """Write a forecast as plain arrays; a file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        np.savez(
            file,
            items=np.array(forecast.items, dtype=np.str_),
            start=np.array(forecast.start.isoformat(), dtype=np.str_),
            paths=forecast.paths,
            models=np.array(forecast.models, dtype=np.str_),
            status=np.array(forecast.status, dtype=np.str_),
            reasons=np.array(forecast.reasons, dtype=np.str_),
            scored=np.array(tuple(forecast.scores), dtype=np.str_),
            scores=np.array(tuple(forecast.scores.values()), dtype=np.float64),
        )
    unfinished.replace(path)


def load(path: Path) -> Forecast | None:
    """Read a forecast that `save` wrote; None where there is none or the file is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return Forecast(
                items=tuple(stored["items"].tolist()),
                start=date.fromisoformat(str(stored["start"])),
                paths=stored["paths"],
                models=tuple(stored["models"].tolist()),
                status=tuple(_status(text) for text in stored["status"].tolist()),
                reasons=tuple(stored["reasons"].tolist()),
                scores=dict(zip(stored["scored"].tolist(), stored["scores"], strict=True)),
            )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        log.warning("the kept forecast %s cannot be read (%s); it is made anew", path, error)
        return None


def _status(text: str) -> ForecastStatus:
    if text not in get_args(ForecastStatus):
        raise ValueError(f"unknown forecast status {text!r}")
    return cast(ForecastStatus, text)


def _fit(panel: DemandPanel, horizon_days: int, model: str, progress: Progress | None = None) -> Forecast:
    from forecasting.run import forecast

    return forecast(panel, model=model, horizon_days=horizon_days, progress=progress)


def _first_days(forecast: Forecast, horizon_days: int) -> Forecast:
    return replace(forecast, paths=forecast.paths[:, :, :horizon_days])


def _digest(panel: DemandPanel) -> str:
    """A name for what a forecast is made from."""
    digest = hashlib.blake2b("\n".join((*panel.items, panel.start.isoformat())).encode(), digest_size=12)
    for array in (panel.demand, panel.in_stock, panel.price, panel.promotion):
        digest.update(b"-" if array is None else np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()

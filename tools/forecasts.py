"""Forecasts worth keeping. One run over the whole shop is what every answer and plan rests on. Knows nothing about stock.

Models learn from all items together, so an item fitted alone gets slightly other numbers. To give the same question the
same answer every time, the chosen model ("auto") is run over all items at once, on first need, and kept in memory and on
disk. Items are fitted by themselves only for another model or a longer horizon.
"""

import hashlib
import logging
import re
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast, get_args
from zipfile import BadZipFile

import numpy as np

from forecasting.base import VERSION, Progress
from inventory.records import Records
from parstock.domain import DemandPanel, Forecast, ForecastStatus
from tools.kept import Kept

log = logging.getLogger(__name__)

SHOP_DAYS = 56
"""Days to which the whole shop is forecast, and least days of any forecast."""
REACHES = (SHOP_DAYS, 182, 365)
"""Days to which items are forecast: the first that covers what is asked, so that related questions share a forecast."""
MOST_ITEMS_KEPT = 64
MOST_SHOPS_KEPT = 3
MOST_FILES = 8
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
        self._of_shop: Kept[Forecast] = Kept(MOST_SHOPS_KEPT)

    def of_items(
        self,
        skus: tuple[str, ...],
        warehouse: str,
        horizon_days: int,
        model: str = "auto",
        *,
        progress: Progress | None = None,
    ) -> Forecast:
        """Forecast some items: their rows of the whole shop's run, or fitted by themselves for another model or more days.

        Args:
            skus: Their codes, one row each in this order.
            warehouse: Code of one warehouse; "" for all together.
            horizon_days: Days ahead.
            model: Name of a forecaster.
            progress: Told the share done, where the whole shop has to be forecast first.

        Raises:
            InsufficientData: No demand of these items is recorded.
        """
        if model == "auto" and horizon_days <= SHOP_DAYS:
            shop = self.of_shop(warehouse, SHOP_DAYS, progress=progress)
            if skus == shop.items:
                return _first_days(shop, horizon_days)
            row_of = {sku: row for row, sku in enumerate(shop.items)}
            if all(sku in row_of for sku in skus):
                return _first_days(shop.rows([row_of[sku] for sku in skus]), horizon_days)
        key = (skus, warehouse, model, _reach(horizon_days))
        forecast = self._of_items.get(
            self._records.demand_fingerprint(), key, lambda: _fit(self._records.panel(skus, warehouse), key[3], model)
        )
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
        reach = _reach(horizon_days)
        demand = self._records.demand_fingerprint()
        forecast = self._of_shop.get(
            demand, (warehouse, model, reach), lambda: self._loaded_or_fitted(demand, warehouse, reach, model, progress)
        )
        return _first_days(forecast, horizon_days)

    def _loaded_or_fitted(self, demand: str, warehouse: str, reach: int, model: str, progress: Progress | None) -> Forecast:
        place = _NOT_IN_NAMES.sub("_", f"{warehouse or 'all'}-{model}")
        path = self._folder / f"forecast-{place}-{_digest(demand, warehouse, model, VERSION)}-{reach}.npz"
        forecast = load(path)
        if forecast is None:
            panel = self._records.panel(warehouse=warehouse)
            log.info("forecasting all %d items once (warehouse %r); answers are quick from then on", len(panel.items), warehouse)
            begun = time.perf_counter()
            forecast = _fit(panel, reach, model, progress)
            log.info("forecast %d items in %.1f s", len(panel.items), time.perf_counter() - begun)
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


def _reach(horizon_days: int) -> int:
    return next(days for days in (*REACHES, horizon_days) if days >= horizon_days)


def _first_days(forecast: Forecast, horizon_days: int) -> Forecast:
    return replace(forecast, paths=forecast.paths[:, :, :horizon_days])


def _digest(*parts: str) -> str:
    """A name for what a forecast is made from and by."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()

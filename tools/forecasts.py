"""Forecasts worth keeping. One run over the whole shop is what every answer and plan rests on. Knows nothing about stock.

Models learn from all items together, so an item fitted alone gets slightly other numbers. To give the same question the
same answer every time, the chosen model ("auto") is run over all items at once, on first need, and kept in memory and on
disk: best by the night's run (`parstock forecast`). Where the records of a few items change during the day, only those are
forecast anew, which their reason says; on another day the whole shop is run again. Items are fitted by themselves only for
another model or a longer horizon. Confirmed planning events are put on what is
kept when it is asked for, so that they take effect at once and cost no fit.
"""

import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from forecasting import run
from forecasting.base import Progress
from forecasting.events import apply_events
from forecasting.history import History
from forecasting.remarks import Remark
from inventory.records import Records
from parstock.domain import Forecast, Item, PlanningEvent
from tools.kept import Kept
from tools.shop_runs import Night, RunFiles, ShopRun

log = logging.getLogger(__name__)

SHOP_DAYS = 56
"""Days to which the whole shop is forecast, and least days of any forecast."""
REACHES = (SHOP_DAYS, 182, 365)
"""Days to which items are forecast: the first that covers what is asked, so that related questions share a forecast."""
MOST_ITEMS_KEPT = 64
MOST_SHOPS_KEPT = 3


@dataclass(frozen=True, eq=False, slots=True)
class _Changes:
    """Confirmed changes of demand, and what is needed to put them on a forecast."""

    events: tuple[PlanningEvent, ...]
    items: Mapping[str, Item]
    shares: Mapping[str, Mapping[str, float]]
    """Warehouse -> item code -> share of the item's demand."""


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
        self._of_shop: Kept[ShopRun] = Kept(MOST_SHOPS_KEPT)
        self._changes: Kept[_Changes] = Kept()

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
            shop = self._shop(warehouse, SHOP_DAYS, model, progress).forecast
            if skus == shop.items:
                return self._changed(shop, warehouse).days(horizon_days)
            row_of = {sku: row for row, sku in enumerate(shop.items)}
            if all(sku in row_of for sku in skus):
                return self._changed(shop.rows([row_of[sku] for sku in skus]), warehouse).days(horizon_days)
        key = (skus, warehouse, model, _reach(horizon_days))
        forecast = self._of_items.get(
            self._records.demand_fingerprint(),
            key,
            lambda: run.forecast(self._records.panel(skus, warehouse), model=model, horizon_days=key[3]),
        )
        return self._changed(forecast, warehouse).days(horizon_days)

    def of_shop(
        self,
        warehouse: str,
        horizon_days: int,
        model: str = "auto",
        *,
        night: Night | None = None,
        progress: Progress | None = None,
    ) -> Forecast:
        """Forecast every item, from the file of an earlier run where the demand is still the same.

        Args:
            warehouse: Code of one warehouse; "" for all together.
            horizon_days: Days ahead.
            model: Name of a forecaster.
            night: How to run over all items piece by piece; None to do it at once, or to work a few changes into a kept run.
            progress: Told the share done.

        Raises:
            InsufficientData: No demand is recorded.
            SetupError: Ray is asked for and not installed or not there.
            ToolFailed: A worker could not forecast its piece.
        """
        shop = self._shop(warehouse, _reach(horizon_days), model, progress, night).forecast
        return self._changed(shop, warehouse).days(horizon_days)

    def remarks(self, sku: str, warehouse: str) -> tuple[Remark, ...]:
        """What was found in an item's history and done about it, as the run over the shop saw it.

        Nothing is forecast for this: without a run at hand the item's own history is looked at, which tells a little less.

        Raises:
            InsufficientData: No demand of the item is recorded.
        """
        shop = self._of_shop.peek(self._records.demand_fingerprint(), (warehouse, "auto", SHOP_DAYS))
        return History.of(self._records.panel([sku], warehouse)).remarks()[0] if shop is None else shop.remarks(sku)

    def has_shop(self, warehouse: str, horizon_days: int, model: str) -> bool:
        """Whether a run over the whole shop is kept that reaches so far, so that `of_shop` fits nothing."""
        demand, reach = self._records.demand_fingerprint(), _reach(horizon_days)
        kept = self._of_shop.peek(demand, (warehouse, model, reach)) is not None
        return kept or RunFiles(self._folder, warehouse, model, reach).path(demand).exists()

    def _shop(self, warehouse: str, reach: int, model: str, progress: Progress | None, night: Night | None = None) -> ShopRun:
        """The run over the whole shop as it is kept, without events."""
        demand = self._records.demand_fingerprint()
        files = RunFiles(self._folder, warehouse, model, reach)
        return self._of_shop.get(
            demand,
            (warehouse, model, reach),
            lambda: self._loaded_or_made(files, demand, night, progress),
            serves=lambda kept: night is None or not kept.refitted.size,
        )

    def _changed(self, forecast: Forecast, warehouse: str) -> Forecast:
        """A forecast with the confirmed planning events on it."""
        changes = self._changes.get(self._records.fingerprint(), "changes", self._read_changes)
        return apply_events(forecast, changes.events, changes.items, warehouse=warehouse, shares=changes.shares)

    def _read_changes(self) -> _Changes:
        events = tuple(event for event in self._records.events("confirmed") if event.type == "demand_change")
        if not events:
            return _Changes((), {}, {})
        places = {event.warehouse for event in events if event.warehouse}
        items = {item.sku: item for item in self._records.items()}
        return _Changes(events, items, {place: self._records.share_of_demand(place) for place in places})

    def _loaded_or_made(self, files: RunFiles, demand: str, night: Night | None, progress: Progress | None) -> ShopRun:
        path = files.path(demand)
        kept = files.read(path)
        if kept is not None and (night is None or not kept.refitted.size):
            return kept
        panel = self._records.panel(warehouse=files.warehouse)
        begun = time.perf_counter()
        earlier = files.latest(panel.as_of) if night is None else None
        made = earlier.rebuilt(panel) if earlier is not None else None
        if made is None:
            log.info("forecasting all %d items once (%r); answers are quick from then on", len(panel.items), files.warehouse)
            if night is None:
                made = ShopRun.of(panel, files.model, files.reach_days, progress)
            else:
                made = ShopRun.by_night(panel, files.model, files.reach_days, night, files.pieces, progress)
        log.info("forecast %d items in %.1f s", len(panel.items), time.perf_counter() - begun)
        files.write(made, path)
        shutil.rmtree(files.pieces, ignore_errors=True)
        return made


def _reach(horizon_days: int) -> int:
    return next(days for days in (*REACHES, horizon_days) if days >= horizon_days)

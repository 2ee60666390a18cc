"""Confirmed planning events put on a forecast: demand changes on the days and items of each event, and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, Floats, Forecast, Item, PlanningEvent

_ITEMS_AT_ONCE = 512
_GOLDEN = 0.6180339887498949
"""Fraction of the golden ratio: its multiples are spread evenly over 0 to 1."""


def apply_events(
    forecast: Forecast,
    events: Sequence[PlanningEvent],
    items: Mapping[str, Item],
    *,
    warehouse: str = "",
    shares: Mapping[str, Mapping[str, float]] | None = None,
) -> Forecast:
    """Multiply the paths of the days and items that confirmed changes of demand are about.

    A change of p percent multiplies by 1 + p / 100; several on one day multiply together. Items that sell in whole units
    stay whole: fractions are carried from path to path, so that the sum over the paths of a day is kept to within one unit.
    Cells that no event is about keep their bits.

    Args:
        forecast: N items over H days.
        events: Any; what is not a confirmed "demand_change" changes nothing.
        items: The items by code, for their categories and suppliers; an item not among them is met by its code alone.
        warehouse: Code of the warehouse that is forecast; "" for all together.
        shares: Warehouse -> item code -> share of the item's demand that it serves, 0 to 1, for events of one warehouse on a
            forecast of all: they change that share only. Without a share they change nothing.

    Returns:
        The forecast with `effects["event"]` [N, H], the change of the mean in units a day; the same object where no event
        changes anything.
    """
    events = [event for event in events if event.type == "demand_change" and event.status == "confirmed" and event.pct]
    if not events:
        return forecast
    factor = _factors(forecast, events, _Scopes.of(forecast.items, items), warehouse, shares or {})
    changed = np.flatnonzero((factor != 1.0).any(axis=1))
    if not changed.size:
        return forecast
    paths = forecast.paths.copy()
    effect = np.array(forecast.effects.get("event", np.zeros(factor.shape)), dtype=np.float64)
    for rows in np.array_split(changed, -(-changed.size // _ITEMS_AT_ONCE)):
        columns = np.flatnonzero((factor[rows] != 1.0).any(axis=0))
        times = factor[np.ix_(rows, columns)][:, None]
        before = paths[rows][:, :, columns].astype(np.float64)
        after = before * times
        whole = (paths[rows] == np.rint(paths[rows])).all(axis=(1, 2))
        after[whole] = _carried(after[whole], forecast.start, columns)
        after = np.where(times == 1.0, before, after)
        paths[np.ix_(rows, np.arange(paths.shape[1]), columns)] = after
        effect[np.ix_(rows, columns)] += after.mean(axis=1) - before.mean(axis=1)
    return replace(forecast, paths=paths, effects={**forecast.effects, "event": effect})


@dataclass(frozen=True, eq=False, slots=True)
class _Scopes:
    """What events may name the N items of a forecast by."""

    item: NDArray[np.object_]
    category: NDArray[np.object_]
    supplier: NDArray[np.object_]

    @classmethod
    def of(cls, codes: Sequence[str], items: Mapping[str, Item]) -> "_Scopes":
        known = [items.get(code) for code in codes]
        categories = [item.category if item else "" for item in known]
        suppliers = [item.supplier if item else "" for item in known]
        return cls(*(np.array(names, dtype=object) for names in (codes, categories, suppliers)))

    def meant(self, event: PlanningEvent) -> Bools:
        """[N] True for the items that fit all that the event names."""
        fits = np.ones(self.item.size, dtype=np.bool_)
        for named, names in ((event.item, self.item), (event.category, self.category), (event.supplier, self.supplier)):
            if named:
                fits &= names == named
        return fits


def _factors(
    forecast: Forecast,
    events: Sequence[PlanningEvent],
    scopes: _Scopes,
    warehouse: str,
    shares: Mapping[str, Mapping[str, float]],
) -> Floats:
    """[N, H] what demand is multiplied by; exactly 1 where no event is about it."""
    factor = np.ones((len(forecast.items), forecast.horizon_days))
    for event in events:
        if warehouse and event.warehouse not in ("", warehouse):
            continue
        change = np.full(len(forecast.items), (event.pct or 0.0) / 100.0)
        if event.warehouse and not warehouse:
            served = shares.get(event.warehouse, {})
            change *= [served.get(code, 0.0) for code in forecast.items]
        cells = np.ix_(scopes.meant(event), _days(event, forecast.start, forecast.horizon_days))
        factor[cells] *= 1.0 + change[cells[0].ravel(), None]
    return factor


def _days(event: PlanningEvent, start: date, horizon_days: int) -> Bools:
    """[H] True on the days of the event; without a start from the first day on, without an end to the last."""
    columns = np.arange(horizon_days)
    first = 0 if event.start is None else (event.start - start).days
    last = horizon_days if event.end is None else (event.end - start).days
    return (columns >= first) & (columns <= last)


def _carried(units: Floats, start: date, columns: NDArray[np.intp]) -> Floats:
    """[n, S, h] units rounded to whole ones, up or down, carrying what is left over from each path to the next.

    The sum over the paths of a day changes by less than one unit. Every day begins with another remainder, so that no
    path is rounded up every day; it depends on the date alone, and the same day gives the same units in every forecast.
    """
    begin = (_GOLDEN * (start.toordinal() + columns)) % 1.0
    carried = np.floor(np.cumsum(units, axis=1) + begin)
    return np.diff(carried, axis=1, prepend=0.0)

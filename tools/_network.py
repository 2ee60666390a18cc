"""The shop's warehouses as a network: stock, orders and forecasts of each, and what moving costs. Decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from parstock.domain import Clause, ClauseKind, Forecast, Item, Warehouse
from parstock.wording import day, days, money, named, number, percent
from planning.lanes import LaneDefaults, Lanes
from planning.rules import apply_clauses
from planning.transfers import Network
from tools.context import ToolContext
from tools.factbook import FactBook, Figure
from tools.plans import demand_ahead, place_of, plan_terms

LONGEST_DAYS = 365
"""No network is looked ahead further than a year."""


@dataclass(frozen=True, eq=False, slots=True)
class ShopNetwork:
    """N items in the shop's W warehouses."""

    items: tuple[Item, ...]
    """N items; those whose supplier is not recorded are left out."""
    places: tuple[Warehouse, ...]
    """W warehouses."""
    network: Network
    lanes: Lanes
    forecasts: tuple[Forecast, ...]
    """W forecasts of the items."""
    today: date

    def arrival(self, days_ahead: float) -> date:
        """The day so many days from today."""
        return self.today + timedelta(days=round(days_ahead))

    def cited(self, kind: ClauseKind, row: int, source: int, target: int) -> str:
        """The id of the clause on a lane in brackets, with a space before it; "" where there is none."""
        clause = self.lanes.clause(kind, row, source, target)
        return f" [{clause.id}]" if clause else ""


def shop_network(context: ToolContext, items: Sequence[Item], without_order: str = "") -> ShopNetwork:
    """Lay the items out over all warehouses.

    Args:
        context: The shop.
        items: What to look at.
        without_order: Number of an open order that is to be split, whose arrival is not counted.

    Raises:
        InsufficientData: No sales are recorded.
        ToolFailed: A policy rule cannot be read, or no item has a recorded supplier.
    """
    shelf, terms = context.shelf(), plan_terms(context)
    known = tuple(item for item in items if item.supplier in shelf.suppliers)
    if not known:
        context.supplier_of(items[0])
    suppliers = [shelf.suppliers[item.supplier] for item in known]
    places = tuple(shelf.warehouses.values())
    skus = tuple(item.sku for item in known)
    whole = place_of(context, known, "")
    lead = np.clip(np.round(whole.lead_days), 0, LONGEST_DAYS - 1).astype(np.intp)
    until = np.clip(np.round(whole.until_days), lead + 1, LONGEST_DAYS).astype(np.intp)
    forecasts = tuple(demand_ahead(context, skus, place.code) for place in places)
    here = [place_of(context, known, place.code, without_order) for place in places]
    free = np.stack([place.free for place in here], axis=1)
    arrivals = np.stack([place.arrivals(int(until.max()) + 1) for place in here], axis=1)
    for site, forecast in enumerate(forecasts):
        free[np.array([status == "insufficient_data" for status in forecast.status]), site] = 0  # who knows what it needs
    cost, price = (np.array([getattr(item, name) for item in known]) for name in ("unit_cost", "unit_price"))
    clauses, settings = context.clauses(), context.settings
    most = apply_clauses("max_days_of_cover", clauses, known, suppliers, terms).value
    held = apply_clauses("order_hold", clauses, known, suppliers, terms).clause >= 0
    network = Network(
        free=free,
        arrivals=arrivals,
        paths=tuple(forecast.paths for forecast in forecasts),
        lead_days=lead,
        until=until,
        margin=np.maximum(price - cost, 0.01 * cost),
        unit_cost=cost,
        pack=np.array([item.pack_size for item in known], dtype=np.float64),
        most_cover=np.where(np.isfinite(most), most, np.inf),
        order_cost=settings.order_cost,
        may_buy=~(held | whole.held),
        seed=terms.seed,
    )
    lanes = Lanes.of(clauses, known, suppliers, tuple(place.code for place in places), terms, lane_defaults(context))
    return ShopNetwork(known, places, network, lanes, forecasts, terms.as_of)


def lane_defaults(context: ToolContext) -> LaneDefaults:
    """What the settings assume of lanes that no policy speaks of."""
    settings = context.settings
    return LaneDefaults(settings.transfer_days, settings.transfer_cost, settings.transfer_cost_rate)


def tell_lane(book: FactBook, lanes: Lanes, row: int, source: int, target: int, context: ToolContext) -> tuple[str, ...]:
    """State what is assumed of a lane for want of a rule; return the ids of the clauses that hold there."""
    found: dict[ClauseKind, Clause | None] = {kind: lanes.clause(kind, row, source, target) for kind in _TERMS}
    defaults, currency = lane_defaults(context), context.settings.currency
    figures: list[Figure] = []
    en, zh = [], []
    if found["transfer_cost"] is None:
        figures.append(Figure("default.transfer_cost", defaults.cost, currency))
        en.append(f"{money(defaults.cost, currency)} a line")
        zh.append(f"每行{money(defaults.cost, currency)}")
    if found["transfer_unit_cost"] is None:
        figures.append(Figure("default.transfer_cost_rate", round(100 * defaults.cost_rate, 4), "%"))
        en.append(f"{percent(defaults.cost_rate)} of its purchase price for a unit")
        zh.append(f"每件按进价的{percent(defaults.cost_rate)}")
    if found["transfer_days"] is None:
        figures.append(Figure("default.transfer_days", defaults.days, "days"))
        en.append(f"{days(defaults.days)} on the way")
        zh.append(f"在途{number(defaults.days)}天")
    if figures:
        listed = en[0] if len(en) == 1 else f"{', '.join(en[:-1])} and {en[-1]}"
        first = f"{listed[0].upper()}{listed[1:]}"
        said = "is" if len(en) == 1 else "are"
        text_en = f"{first} {said} assumed for a transfer, as no policy says."
        text_zh = f"制度没有规定调拨条件，按默认计算：{'，'.join(zh)}。"
        book.tell(text_en, text_zh, *figures, source="settings")
    return tuple(clause.id for clause in found.values() if clause is not None)


def on_day(value: date) -> tuple[str, str]:
    """A day as it is written in English and in Chinese."""
    return day(value, "en"), day(value, "zh")


def called(place: Warehouse) -> tuple[str, str]:
    """What a warehouse is called in English and in Chinese."""
    return named(place, "en"), named(place, "zh")


def amount(value: float, currency: str) -> str:
    """An estimated amount of money, with two places."""
    return money(round(value, 2), currency)


_TERMS: tuple[ClauseKind, ...] = ("transfer_days", "transfer_cost", "transfer_unit_cost")

"""The frozen nouns that travel between folders: the shop, its demand, forecasts and rules. What is answered is in `results`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Language: TypeAlias = Literal["en", "zh"]
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

QUANTILE_LEVELS: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99)
"""Quantile levels that every forecast carries."""
LONGEST_LEAD_TIME_DAYS = 730
"""A longer lead time is taken for a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Item:
    """A product the shop sells, with the terms on which it is bought."""

    sku: str
    name: str
    category: str
    supplier: str
    """Code of the supplier."""
    unit_cost: float
    """Purchase price of one unit, in the shop's currency."""
    unit_price: float
    """Usual selling price of one unit."""
    min_order_quantity: int = 1
    pack_size: int = 1
    name_zh: str | None = None
    aliases: tuple[str, ...] = ()
    shelf_life_days: int | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A place that holds stock."""

    code: str
    name: str
    city: str = ""
    country: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Supplier:
    """Somebody the shop buys from."""

    code: str
    name: str
    lead_time_days: float
    """Mean days from order to receipt."""
    lead_time_sd_days: float
    """Standard deviation of the lead time, days."""
    country: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StockPosition:
    """Units of one item in one warehouse (or over all of them, `warehouse=""`) as of a day."""

    item: str
    warehouse: str
    on_hand: int
    reserved: int
    on_order: int
    as_of: date

    @property
    def available(self) -> int:
        """Units on hand that nobody has reserved."""
        return self.on_hand - self.reserved

    @property
    def inventory_position(self) -> int:
        """On hand - reserved + on order: what the reorder point is compared with."""
        return self.on_hand - self.reserved + self.on_order


@dataclass(frozen=True, slots=True)
class InboundOrder:
    """An open purchase-order line."""

    order_id: str
    item: str
    warehouse: str
    supplier: str
    quantity: int
    ordered_on: date
    due_on: date


@dataclass(frozen=True, eq=False, slots=True)
class KnownAhead:
    """What is known of the K days after a panel's last: prices and promotions as planned."""

    price: Floats | None = None
    """[N, K] selling price; NaN where not planned."""
    promotion: Bools | None = None
    """[N, K] True on days of a planned promotion."""
    covariates: Mapping[str, Floats] = field(default_factory=dict)
    """Name -> [N, K] values of the panel's covariates of that name; NaN where unknown."""

    def rows(self, index: NDArray[np.intp]) -> "KnownAhead":
        """What is known of some rows only."""
        return KnownAhead(
            price=None if self.price is None else self.price[index],
            promotion=None if self.promotion is None else self.promotion[index],
            covariates={name: values[index] for name, values in self.covariates.items()},
        )


@dataclass(frozen=True, eq=False, slots=True)
class DemandPanel:
    """Demand of N items on T consecutive days, the unit of work of every forecaster."""

    items: tuple[str, ...]
    """N item codes, one a row."""
    start: date
    """Day of the first column."""
    demand: Floats
    """[N, T] units a day; NaN where nothing is known (before launch), 0 where nothing was sold."""
    in_stock: Bools | None = None
    """[N, T] False on days when the item could not be sold; None where stock history is unknown."""
    price: Floats | None = None
    """[N, T] selling price; NaN where unknown."""
    promotion: Bools | None = None
    """[N, T] True on days of a promotion."""
    covariates: Mapping[str, Floats] = field(default_factory=dict)
    """Name -> [N, T] of anything else that is known ahead and moves demand; NaN where unknown."""
    ahead: KnownAhead | None = None
    """What is known of the days after the last column; None where nothing is."""
    groups: tuple[str, ...] = ()
    """[N] category of each item; empty where unknown."""
    countries: tuple[str, ...] = ()
    """ISO codes of the countries whose holidays and shopping days move demand."""

    def __post_init__(self) -> None:
        if self.demand.ndim != 2 or self.demand.shape[0] != len(self.items):
            raise ValueError(f"demand has shape {self.demand.shape}, expected ({len(self.items)}, days)")

    @property
    def days(self) -> int:
        """Number of days T."""
        return int(self.demand.shape[1])

    @property
    def as_of(self) -> date:
        """The first day that is not known: the day after the last column."""
        return self.start + timedelta(days=self.days)

    def dates(self) -> NDArray[np.datetime64]:
        """[T] the days."""
        return np.datetime64(self.start, "D") + np.arange(self.days)

    def rows(self, index: NDArray[np.intp] | list[int]) -> "DemandPanel":
        """The panel of some rows only."""
        rows = np.asarray(index, dtype=np.intp)
        return replace(
            self,
            items=tuple(self.items[i] for i in rows),
            demand=self.demand[rows],
            in_stock=None if self.in_stock is None else self.in_stock[rows],
            price=None if self.price is None else self.price[rows],
            promotion=None if self.promotion is None else self.promotion[rows],
            covariates={name: values[rows] for name, values in self.covariates.items()},
            ahead=None if self.ahead is None else self.ahead.rows(rows),
            groups=tuple(self.groups[i] for i in rows) if self.groups else (),
        )

    def until(self, day: date) -> "DemandPanel":
        """The panel as it was known on the morning of `day`: demand of days before `day` only.

        What is known ahead now was known ahead then: prices, promotions and covariates that the panel has plans for keep
        their values of the days from `day` on, as many days as the plans reach.
        """
        stop = max(0, min(self.days, (day - self.start).days))
        return replace(
            self,
            demand=self.demand[:, :stop],
            in_stock=None if self.in_stock is None else self.in_stock[:, :stop],
            price=None if self.price is None else self.price[:, :stop],
            promotion=None if self.promotion is None else self.promotion[:, :stop],
            covariates={name: values[:, :stop] for name, values in self.covariates.items()},
            ahead=None if self.ahead is None else self._ahead_of(stop, self.ahead),
        )

    def _ahead_of(self, stop: int, ahead: KnownAhead) -> KnownAhead:
        def following(past: NDArray[Any] | None, planned: NDArray[Any] | None) -> NDArray[Any] | None:
            if past is None or planned is None:
                return None
            return np.concatenate([past, planned], axis=1)[:, stop : stop + planned.shape[1]]

        values = {name: following(self.covariates.get(name), planned) for name, planned in ahead.covariates.items()}
        return KnownAhead(
            price=following(self.price, ahead.price),
            promotion=following(self.promotion, ahead.promotion),
            covariates={name: found for name, found in values.items() if found is not None},
        )


Driver: TypeAlias = Literal["holiday", "promotion", "price", "event"]
"""What moves demand on top of level, trend and season."""
ForecastStatus: TypeAlias = Literal["ok", "insufficient_data", "no_recent_demand"]


@dataclass(frozen=True, eq=False, slots=True)
class Forecast:
    """Joint predictive distribution of N items over H days, as sample paths."""

    items: tuple[str, ...]
    start: date
    """First day forecast."""
    paths: NDArray[np.float32]
    """[N, S, H] equally likely futures, units a day, >= 0. Lead-time demand is the sum along a path."""
    models: tuple[str, ...]
    """[N] name of the forecaster that made each row."""
    status: tuple[ForecastStatus, ...]
    """[N] "ok", or why the row must not be planned on."""
    reasons: tuple[str, ...] = ()
    """[N] one plain sentence each on why that model, or why no forecast."""
    scores: Mapping[str, Floats] = field(default_factory=dict)
    """Model name -> [N] backtest score (scaled pinball loss; NaN where it did not compete)."""
    reasons_zh: tuple[str, ...] = ()
    """[N] the reasons in Chinese; empty where only English ones were written."""
    effects: Mapping[Driver, Floats] = field(default_factory=dict)
    """Driver -> [N, H] units a day of the mean that are due to it, negative where it lowers demand; absent = no effect."""

    @property
    def horizon_days(self) -> int:
        """Number of days H."""
        return int(self.paths.shape[2])

    def mean(self) -> Floats:
        """[N, H] expected units a day."""
        return np.asarray(self.paths.mean(axis=1), dtype=np.float64)

    def quantiles(self, levels: tuple[float, ...] = QUANTILE_LEVELS) -> Floats:
        """[N, H, Q] quantiles of each day's demand; they never cross."""
        return np.moveaxis(np.quantile(self.paths, levels, axis=1), 0, -1)

    def total(self, days: int | None = None) -> Floats:
        """[N, S] sampled total demand of the first `days` days (all of them by default)."""
        return np.asarray(self.paths[:, :, :days].sum(axis=2, dtype=np.float64))

    def rows(self, index: NDArray[np.intp] | list[int]) -> "Forecast":
        """The forecast of some rows only."""
        rows = np.asarray(index, dtype=np.intp)
        return replace(
            self,
            items=tuple(self.items[i] for i in rows),
            paths=self.paths[rows],
            models=tuple(self.models[i] for i in rows),
            status=tuple(self.status[i] for i in rows),
            reasons=tuple(self.reasons[i] for i in rows) if self.reasons else (),
            scores={name: score[rows] for name, score in self.scores.items()},
            reasons_zh=tuple(self.reasons_zh[i] for i in rows) if self.reasons_zh else (),
            effects={name: units[rows] for name, units in self.effects.items()},
        )

    def days(self, days: int) -> "Forecast":
        """The forecast of the first days only."""
        effects = {name: units[:, :days] for name, units in self.effects.items()}
        return replace(self, paths=self.paths[:, :, :days], effects=effects)


ClauseKind: TypeAlias = Literal[
    "service_level",
    "approval_limit",
    "max_days_of_cover",
    "min_order_value",
    "order_hold",
    "min_markup",
    "transfer_days",
    "transfer_cost",
    "transfer_unit_cost",
    "transfer_keep_days",
    "transfer_min_value",
    "transfer_hold",
]


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule of a policy document in a form that the planner obeys and an answer cites."""

    id: str
    """Stable id of the clause, such as "service-levels#2.1"; the passage that states it has the same id."""
    kind: ClauseKind
    value: float
    """Probability, money, days, or share of the unit cost, by kind."""
    category: str = ""
    """Only items of this category; "" = all. `item` and `supplier` narrow in the same way."""
    item: str = ""
    supplier: str = ""
    between: tuple[str, ...] = ()
    """Only transfers that touch this warehouse, or that run between these two, either way."""
    season: tuple[str, str] | None = None
    """First and last day as "MM-DD", both included, may wrap the year end; None = all year."""
    text: str = ""
    """The sentence to quote."""

    def in_season(self, day: date) -> bool:
        """Whether the clause is in force on `day`; a season that ends on 28 February includes the 29th."""
        if self.season is None:
            return True
        first, last = self.season
        last = "02-29" if last == "02-28" else last
        now = day.strftime("%m-%d")
        return first <= now <= last if first <= last else now >= first or now <= last


@dataclass(frozen=True, slots=True)
class Note:
    """A planner's inventory note."""

    id: str
    text: str
    written_at: str
    author: str
    item: str = ""
    supplier: str = ""


EventType: TypeAlias = Literal[
    "demand_change",
    "lead_time_change",
    "supply_hold",
    "order_hold",
    "min_order_quantity",
    "unit_cost_change",
    "discontinue",
    "reserve_stock",
]
EventStatus: TypeAlias = Literal["proposed", "confirmed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class PlanningEvent:
    """Something that is to happen and changes the plan, for as long as it says and no more. Only confirmed ones count."""

    type: EventType
    item: str = ""
    """Code of the only item it is about. `category`, `supplier` and `warehouse` narrow in the same way; "" = all."""
    category: str = ""
    supplier: str = ""
    warehouse: str = ""
    start: date | None = None
    """First day; None = from now on."""
    end: date | None = None
    """Last day, included; None = until it is withdrawn. Of "discontinue": the last day on sale."""
    pct: float | None = None
    """Percent by which demand or the purchase price changes: 40 = 1.4 times, -100 = none."""
    days: float | None = None
    """New lead time."""
    delta_days: float | None = None
    """Days by which the lead time changes."""
    quantity: int | None = None
    """New minimum order, or units to keep back."""
    unit_cost: float | None = None
    """New purchase price of one unit, in the shop's currency."""
    replacement: str = ""
    """Code of the item that takes the place of one that is discontinued."""
    note: str = ""
    """Id of the note it was read from."""
    id: str = ""
    """Given when it is kept."""
    status: EventStatus = "proposed"
    created_at: str = ""
    created_by: str = ""
    decided_at: str = ""
    """When it was confirmed or withdrawn last; "" while it is proposed."""
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document as stored."""

    id: str
    title: str
    text: str
    """Markdown."""
    lang: Language = "en"

"""The frozen nouns that travel between folders. Knows nothing about databases, tools or HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Language: TypeAlias = Literal["en", "zh"]
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

QUANTILE_LEVELS: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99)
"""Quantile levels that every forecast carries."""


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
        return DemandPanel(
            items=tuple(self.items[i] for i in rows),
            start=self.start,
            demand=self.demand[rows],
            in_stock=None if self.in_stock is None else self.in_stock[rows],
            price=None if self.price is None else self.price[rows],
            promotion=None if self.promotion is None else self.promotion[rows],
        )

    def until(self, day: date) -> "DemandPanel":
        """The panel as it was known on the morning of `day`: columns before `day` only."""
        stop = max(0, min(self.days, (day - self.start).days))
        return DemandPanel(
            items=self.items,
            start=self.start,
            demand=self.demand[:, :stop],
            in_stock=None if self.in_stock is None else self.in_stock[:, :stop],
            price=None if self.price is None else self.price[:, :stop],
            promotion=None if self.promotion is None else self.promotion[:, :stop],
        )


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
        return Forecast(
            items=tuple(self.items[i] for i in rows),
            start=self.start,
            paths=self.paths[rows],
            models=tuple(self.models[i] for i in rows),
            status=tuple(self.status[i] for i in rows),
            reasons=tuple(self.reasons[i] for i in rows) if self.reasons else (),
            scores={name: score[rows] for name, score in self.scores.items()},
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing an answer may say, with where it comes from."""

    id: str
    """Unique inside one tool result, such as "f3"; prefixed by the call when results are joined ("c1.f3")."""
    what: str
    """Machine key, such as "reorder_point" or "stock.on_hand"."""
    value: float | int | str
    """A number, an ISO date or a name."""
    unit: str
    """"units", "days", "GBP", "%", "date", "" ..."""
    en: str
    """The whole sentence in English; the value is written in it as it should be shown."""
    zh: str
    """The whole sentence in Chinese."""
    source: str
    """Where it comes from: table and key, clause id, note id, model name."""
    required: bool = False
    """An answer that leaves this out is incomplete."""
    direction: Literal["up", "down", "flat", "enough", "short", ""] = ""
    """What direction words near the value must agree with."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage of a policy or a note that an answer rests on."""

    id: str
    """Stable clause or note id, such as "service-levels#2.1"."""
    title: str
    text: str
    source: str
    """Document id or note id."""


ClauseKind: TypeAlias = Literal["service_level", "approval_limit", "max_days_of_cover", "min_order_value", "order_hold"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule of a policy document in a form that the planner obeys and an answer cites."""

    id: str
    """Stable id of the clause, such as "service-levels#2.1"; the passage that states it has the same id."""
    kind: ClauseKind
    value: float
    """Probability, money, or days, by kind."""
    category: str = ""
    """Only items of this category; "" = all. `item` and `supplier` narrow in the same way."""
    item: str = ""
    supplier: str = ""
    season: tuple[str, str] | None = None
    """First and last day as "MM-DD", both included, may wrap the year end; None = all year."""
    text: str = ""
    """The sentence to quote."""

    def in_season(self, day: date) -> bool:
        """Whether the clause is in force on `day`."""
        if self.season is None:
            return True
        first, last = self.season
        now = day.strftime("%m-%d")
        return first <= now <= last if first <= last else now >= first or now <= last


Binding: TypeAlias = Literal[
    "",
    "min_order_quantity",
    "pack_size",
    "budget",
    "max_days_of_cover",
    "approval_limit",
    "no_need",
    "insufficient_data",
    "order_hold",
]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What to order of one item, with the arithmetic that a planner could redo by hand."""

    item: str
    warehouse: str
    """Warehouse code, or "" for all warehouses together."""
    supplier: str
    quantity: int
    """Units to order now; 0 where nothing is needed."""
    order_by: date | None
    """Last day on which ordering keeps the target; None where the item has no demand."""
    reorder_point: float
    order_up_to: float
    safety_stock: float
    expected_lead_time_demand: float
    """Mean demand over lead time + review period."""
    lead_time_days: float
    review_days: int
    service_level: float
    on_hand: int
    reserved: int
    on_order: int
    days_of_cover: float | None
    """Days until the inventory position is used up at mean demand; None where there is no demand."""
    unit_cost: float
    cost: float
    """quantity x unit_cost."""
    expected_holding_cost: float
    expected_fill_rate: float
    expected_cycle_service: float
    binding: Binding
    clauses: tuple[str, ...]
    """Ids of the policy clauses that shaped the line."""
    status: ForecastStatus = "ok"
    model: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Order lines of one planning run."""

    as_of: date
    lines: tuple[PlanLine, ...]
    budget: float | None = None

    @property
    def total_cost(self) -> float:
        """Money that the plan spends."""
        return sum(line.cost for line in self.lines)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft that changes nothing until a person approves it."""

    id: str
    kind: Literal["purchase_order", "transfer", "markdown"]
    state: Literal["draft", "approved", "rejected"]
    payload: Mapping[str, Json]
    facts: tuple[Fact, ...]
    created_at: str
    created_by: str


@dataclass(frozen=True, slots=True)
class Note:
    """A planner's inventory note."""

    id: str
    text: str
    written_at: str
    author: str
    item: str = ""
    supplier: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document as stored."""

    id: str
    title: str
    text: str
    """Markdown."""
    lang: Language = "en"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as data: lines, bands and bars over days."""

    title: str
    title_zh: str
    unit: str
    days: tuple[str, ...]
    """ISO dates of the x axis."""
    series: Mapping[str, tuple[float | None, ...]]
    """Name -> values along `days`. Names: history, mean, p10, p50, p90, p95, projected_stock, reorder_point ..."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gives back: data for machines, facts for sentences, a chart for eyes."""

    tool: str
    data: Mapping[str, Json]
    facts: tuple[Fact, ...]
    chart: Chart | None = None
    citations: tuple[Citation, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    defaults: Mapping[str, Json] = field(default_factory=dict)
    """Optional arguments that were not given, with the value used."""
    id: str = ""
    """Stamped on the result when it is handed out; traces and answers refer to it."""

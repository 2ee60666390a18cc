"""The frozen nouns that go out: plan lines, drafts, facts, citations, charts and tool results. What comes in is in `domain`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

from parstock.domain import ForecastStatus, Json


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
    """The whole sentence in English; the value is written in it as it should be shown. Facts may share one sentence."""
    zh: str
    """The whole sentence in Chinese."""
    source: str
    """Where it comes from: table and key, clause id, note id, model name."""
    required: bool = False
    """An answer that leaves this out is incomplete."""
    direction: Literal["up", "down", "flat", "enough", "short", ""] = ""
    """What direction words near the value must agree with."""
    detail: bool = False
    """Told only where full detail is asked for."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage of a policy or a note that an answer rests on."""

    id: str
    """Stable clause or note id, such as "service-levels#2.1"."""
    title: str
    text: str
    source: str
    """Document id or note id."""


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
    "min_order_value",
    "capacity",
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
class Certificate:
    """How good a plan surely is: its expected cost, computed twice, and a bound that no plan within the limits goes below."""

    expected_cost: float
    """Money: margin of the units short and holding of what is left in the time that the orders cover."""
    recomputed_cost: float
    """The same by a second code path, path by path."""
    lower_bound: float
    """Money."""
    binding: tuple[Binding, ...] = ()
    """The limits that shaped at least one order."""
    budget_price: float | None = None
    """Expected cost that one more unit of money would save; None without a budget."""

    @property
    def gap(self) -> float:
        """Money by which the plan may cost more than the best one."""
        return max(self.recomputed_cost - self.lower_bound, 0.0)

    @property
    def gap_share(self) -> float:
        """The gap as a share of the cost."""
        return self.gap / max(abs(self.recomputed_cost), 1e-9)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Limits that cannot all be kept to while everything that is needed is ordered, and the cheapest way out."""

    constraints: tuple[str, ...]
    """Names of the limits, such as "budget" and "min_order_quantity"."""
    about: str
    """Code of the item or supplier; "" where it is the whole plan."""
    relax: str
    """The limit to change."""
    to: float
    """The value that would do: money, days or units."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Order lines of one planning run."""

    as_of: date
    lines: tuple[PlanLine, ...]
    budget: float | None = None
    capacity: float | None = None
    """Most units there may be of all items together, on order included."""
    certificate: Certificate | None = None
    """None where nothing could be planned."""
    conflicts: tuple[Conflict, ...] = ()
    facts: tuple[Fact, ...] = ()
    """What is said of the plan as a whole."""

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
class Chart:
    """A picture as data: lines, bands and bars over days, or bars of named things side by side."""

    title: str
    title_zh: str
    unit: str
    """Of every series that `units` does not name."""
    days: tuple[str, ...]
    """ISO dates of the x axis; empty where `labels` name what is compared."""
    series: Mapping[str, tuple[float | None, ...]]
    """Name -> values along `days`, or along `labels`. Names: history, mean, p2_5, p10, p50, p90, p97_5, projected_stock ..."""
    parts: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    """Name -> values along `days` that add up to the mean: usual, trend, season, holiday, promotion, price, event."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Series -> its unit, where it has one of its own; over days it is drawn against an axis of its own, one unit at most."""
    labels: tuple[str, ...] = ()
    """Names of what is compared, such as warehouses; () for a picture over days."""
    labels_zh: tuple[str, ...] = ()
    """The same in Chinese."""


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

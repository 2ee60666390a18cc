"""What if: the same sampled futures lived through under today's terms and under changed ones. Tells nothing itself.

Both see the same demand paths (scaled where demand changes), the same uniform numbers behind their lead times and the same
arrivals of what is on the way, so that differences come from the change and not from chance. What is left of chance is the
standard error of each difference. A changed lead time or purchase price is an event of today that has no end.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from parstock.domain import Clause, Floats, Forecast, InboundOrder, Item, PlanningEvent, StockPosition, Supplier
from parstock.errors import InsufficientData
from parstock.results import PlanLine
from planning.base import Levels, PlanTerms, checked, policies
from planning.constraints import cap, to_lots
from planning.coverage import lead_times
from planning.decide import cover_limit, policy_inputs
from planning.demand import IntervalDemand, extend
from planning.events import lay_out
from planning.replenish import plan_replenishment
from planning.rules import Rules, apply_clauses
from planning.simulate import Flow, Ordering, Past, Start, Steps, simulate
from planning.situation import Situation, gather

_LAST = "~"
"""Comes after every time of decision, so that the change of a scenario holds before all events."""
_FARTHEST_DAYS = 3650.0
MOST_UNITS = 10_000_000
"""A larger order is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Change:
    """What differs from today; the default changes nothing."""

    demand_pct: float = 0.0
    """Change of demand, percent, >= -100."""
    lead_time_days: float | None = None
    """New mean lead time; the spread stays."""
    service_level: float | None = None
    """New target, 0-1."""
    unit_cost_pct: float = 0.0
    """Change of the purchase price, percent, >= -100."""
    order_quantity: int | None = None
    """Units to order today, whatever the plan says."""

    def __post_init__(self) -> None:
        checked("demand_change_pct", self.demand_pct, low=-100)
        checked("unit_cost_change_pct", self.unit_cost_pct, low=-100)
        if self.lead_time_days is not None:
            checked("lead_time_days", self.lead_time_days, low=0)
        if self.service_level is not None:
            checked("service_level", self.service_level, low=0, high=1, open_ends=True)
        if self.order_quantity is not None:
            checked("order_quantity", self.order_quantity, low=0, high=MOST_UNITS)

    @property
    def is_quantity_alone(self) -> bool:
        """Whether nothing but today's quantity differs."""
        return self.order_quantity is not None and replace(self, order_quantity=None) == Change()

    def events(self, sku: str) -> tuple[PlanningEvent, ...]:
        """What it does to the terms of supply, as events."""
        found = []
        if self.lead_time_days is not None:
            found.append(PlanningEvent("lead_time_change", item=sku, days=self.lead_time_days))
        if self.unit_cost_pct:
            found.append(PlanningEvent("unit_cost_change", item=sku, pct=self.unit_cost_pct))
        return tuple(replace(event, status="confirmed", decided_at=_LAST) for event in found)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one scenario leads to over the simulated days."""

    line: PlanLine
    """The order of today, as the planner would place it, or as it is forced."""
    stockout_probability: float
    """Share of futures in which some demand is lost."""
    later_stockout_probability: float
    """The same from the day on which an order placed today arrives, before which no order helps."""
    fill_rate: float
    """Share of demand served."""
    average_stock: float
    """Mean units on the shelf at the end of a day."""
    units_ordered: float
    """Mean units ordered over the simulated days."""
    purchase_cost: float
    """Mean money for them."""
    goods_cost: float
    """Mean money for the goods that are asked for: what is bought and not sold yet keeps its worth."""
    holding_cost: float
    """Mean money for holding stock, what is left beyond the level that is ordered up to until it is sold included."""
    ordering_cost: float
    """Mean money for placing orders."""
    lost_margin: float
    """Mean margin of the demand that is lost."""

    @property
    def total_cost(self) -> float:
        """Goods asked for, holding, ordering and lost margin together: its difference is the difference in profit."""
        return round(self.goods_cost + self.holding_cost + self.ordering_cost + self.lost_margin, 2)


MEASURES = ("stockout_probability", "later_stockout_probability", "fill_rate", "average_stock", "total_cost")
"""What is compared."""


@dataclass(frozen=True, eq=False, slots=True)
class Lived:
    """An outcome with what happened in each of the S futures."""

    outcome: Outcome
    now: Situation
    rules: Rules
    paths: Mapping[str, Floats]
    """Measure -> [S]; of the fill rate its linearisation around the mean."""
    beside: float = 0.0
    """Money for what is ordered of the companions today."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An item with all that a scenario is made from."""

    item: Item
    supplier: Supplier
    forecast: Forecast
    """Of this item, then of its companions."""
    stock: StockPosition
    inbound: Sequence[InboundOrder]
    clauses: Sequence[Clause]
    terms: PlanTerms
    warehouse: str
    days: int
    """Days to simulate."""
    service_level: float | None = None
    companions: Sequence[tuple[Item, StockPosition]] = ()
    """Other items of the supplier, whose orders count towards its least order value, with their stock."""

    @property
    def alone(self) -> Forecast:
        """The forecast of this item."""
        return self.forecast.rows([0])

    def changed(self, change: Change) -> "Scene":
        """The scene with everything changed but the quantity, which is not the scene's to say."""
        factor = np.ones((len(self.forecast.items), 1, 1), dtype=np.float32)
        factor[0] = 1 + change.demand_pct / 100
        return replace(
            self,
            forecast=replace(self.forecast, paths=self.forecast.paths * factor),
            terms=replace(self.terms, events=(*self.terms.events, *change.events(self.item.sku))),
            service_level=change.service_level if change.service_level is not None else self.service_level,
        )


def scene_of(
    item: Item,
    supplier: Supplier,
    forecast: Forecast,
    stock: StockPosition,
    inbound: Sequence[InboundOrder],
    clauses: Sequence[Clause],
    terms: PlanTerms,
    change: Change,
    *,
    warehouse: str = "",
    horizon_days: int | None = None,
    companions: Sequence[tuple[Item, StockPosition]] = (),
) -> Scene:
    """Return what a scenario is made from.

    Args:
        item: The item.
        supplier: Who it is bought from.
        forecast: Sample paths; may hold more items.
        stock: Its stock.
        inbound: Open orders with due dates.
        clauses: Rules that bind today's order.
        terms: The shop's terms.
        change: What will differ, which says how long to simulate.
        warehouse: Code, or "" for all together.
        horizon_days: Days to simulate; default: the forecast's horizon, or two review periods beyond the longer lead time.
        companions: Other items of the supplier with their stock, planned together with the item.

    Raises:
        InputError: A number makes no sense.
        InsufficientData: There is no forecast to simulate with.
    """
    slower = max(supplier.lead_time_days, change.lead_time_days or 0.0)
    days = horizon_days if horizon_days is not None else max(forecast.horizon_days, math.ceil(slower) + 2 * terms.review_days)
    checked("horizon_days", days, low=1, high=3650)
    if item.sku not in forecast.items:
        raise InsufficientData(f"there is no forecast of {item.sku!r} to simulate with")
    row_of = {sku: row for row, sku in enumerate(forecast.items)}
    known = tuple((other, position) for other, position in companions if other.sku in row_of)
    rows = forecast.rows([row_of[item.sku], *(row_of[other.sku] for other, _ in known)])
    return Scene(item, supplier, rows, stock, inbound, clauses, terms, warehouse, days, companions=known)


def live(scene: Scene, quantity: int | None = None) -> Lived:
    """Return what happens over the simulated days, with today's order forced where a quantity is given.

    Raises:
        InputError: A number makes no sense.
        InsufficientData: The item cannot be planned.
    """
    item, terms, stock = scene.item, scene.terms, {scene.item.sku: scene.stock}
    supplier = {item.supplier: scene.supplier}
    plan = plan_replenishment(
        [item, *(other for other, _ in scene.companions)],
        supplier,
        scene.forecast,
        stock | {other.sku: position for other, position in scene.companions},
        scene.inbound,
        scene.clauses,
        terms,
        warehouse=scene.warehouse,
        service_level=scene.service_level,
        facts=False,
    )
    line, *beside = plan.lines
    if line.binding == "insufficient_data":
        raise InsufficientData(f"{item.sku!r} cannot be simulated: its forecast is {line.status!r}")
    now = gather([item], supplier, scene.alone, stock, scene.inbound, terms, warehouse=scene.warehouse)
    rules = Rules.of(scene.clauses, now.items, now.suppliers, terms)
    if quantity is not None:
        line = replace(line, quantity=quantity, cost=round(quantity * now.items[0].unit_cost, 2), binding="", clauses=())
    lead_days = _lead_days(scene, now)
    later = _later_levels(now, scene, lead_days[:, -1], rules)
    demand = extend(scene.alone.paths, scene.days, terms.seed)[0].astype(np.float64)
    start = Start(np.repeat(now.on_shelf[:1], len(demand)), _coming(now, scene.days))
    order = _ordering(now, rules, later, _stopped(scene), line.quantity, terms.review_days)
    flow = simulate(demand, start, order, lead_days, review_days=terms.review_days)
    lived = _lived(scene, now, rules, line, flow, float(later[-1].order_up_to[0]) if later else line.order_up_to)
    return replace(lived, beside=round(sum(other.cost for other in beside), 2))


def _lived(scene: Scene, now: Situation, rules: Rules, line: PlanLine, flow: Flow, up_to: float) -> Lived:
    """Count what happened in each future.

    What is left beyond the level that is ordered up to is held until it is sold: excess^2 / (2 x daily demand) unit days.
    """
    terms, cost, margin = scene.terms, float(now.unit_cost[0]), float(now.margin[0])
    asked, lost = flow.demand.sum(axis=1), flow.short.sum(axis=1)
    stock = np.maximum(flow.stock, 0.0).mean(axis=1)
    excess, daily = np.maximum(flow.position - up_to, 0.0), float(now.daily_demand[0])
    longest = _FARTHEST_DAYS if daily <= 0 else np.minimum(excess / daily, _FARTHEST_DAYS)
    holding = (stock * scene.days + excess * longest / 2) * cost * terms.holding_rate / 365.0
    ordering = (flow.ordered > 0).sum(axis=1) * terms.order_cost
    total, served = float(asked.mean()), 1.0 - float(lost.mean()) / float(asked.mean()) if asked.any() else 1.0
    bought = float(flow.ordered.sum(axis=1).mean())
    after = np.arange(scene.days) >= flow.arrives[:, :1]
    missed, later = lost > 1e-6, (flow.short * after).sum(axis=1) > 1e-6
    outcome = Outcome(
        line=line,
        stockout_probability=float(missed.mean()),
        later_stockout_probability=float(later.mean()),
        fill_rate=served,
        average_stock=float(stock.mean()),
        units_ordered=bought,
        purchase_cost=bought * cost,
        goods_cost=total * cost,
        holding_cost=float(holding.mean()),
        ordering_cost=float(ordering.mean()),
        lost_margin=float(lost.mean()) * margin,
    )
    paths = {
        "stockout_probability": missed.astype(np.float64),
        "later_stockout_probability": later.astype(np.float64),
        "fill_rate": (asked - lost - served * asked) / max(total, 1e-9),
        "average_stock": stock,
        "total_cost": asked * cost + holding + ordering + lost * margin,
    }
    return Lived(outcome, now, rules, paths)


def standard_errors(base: Lived, changed: Lived) -> dict[str, float]:
    """Return the standard error of each measure's difference, paired over the futures that both share."""
    found = {}
    for measure in MEASURES:
        difference = changed.paths[measure] - base.paths[measure]
        found[measure] = float(difference.std(ddof=1) / math.sqrt(difference.size)) if difference.size > 1 else math.inf
    return found


def _lead_days(scene: Scene, now: Situation) -> Steps:
    """[S, O] whole days that an order of each review day takes: today's under today's events, the others under the next one's."""
    supplier, terms = (scene.supplier,), scene.terms
    happening = lay_out(
        [scene.item],
        [scene.stock],
        scene.inbound,
        np.array([scene.supplier.lead_time_days]),
        terms,
        warehouse=scene.warehouse,
        days_ahead=scene.days,
    )
    samples = scene.forecast.paths.shape[1]
    first = lead_times(supplier, now.beliefs, happening.today, samples, terms.seed).days[0]
    later = lead_times(supplier, now.beliefs, happening.following, samples, terms.seed).days[0]
    occasions = -(-scene.days // terms.review_days)
    return np.concatenate([first[:, None], np.repeat(later[:, None], occasions, axis=1)], axis=1)[:, : max(occasions, 1)]


def _coming(now: Situation, days: int) -> Floats:
    """[S, W] units on the way by the day on which they come in each future; what is lost or has no date is left out or there."""
    coming = now.coming
    samples = now.demand.lead_time.shape[1]
    total = np.zeros((samples, days + 1))
    total[:, 0] += float(coming.undated[0])
    for units, day in zip(coming.units, coming.day, strict=True):
        known = day < _FARTHEST_DAYS
        np.add.at(total, (np.flatnonzero(known), np.minimum(day[known], days)), units)
    return total


def _ordering(
    now: Situation, rules: Rules, later: Sequence[Levels], stopped: Sequence[bool], quantity: int, review_days: int
) -> Ordering:
    """Return today's order, then what the policy's levels ask for: whole packs, the minimum order, no more than cover allows."""
    cover = cover_limit(now, rules)
    most = np.where(np.isfinite(cover), cover, 0.0) * now.daily_demand

    def order(past: Past) -> Floats:
        occasion = past.day // review_days - 1
        if not past.day or stopped[occasion]:
            return np.full(past.on_hand.size, 0.0 if past.day else float(quantity))
        levels = later[occasion]
        missing = np.maximum(levels.order_up_to - past.position, 0.0)
        lots = to_lots(np.where(past.position < levels.order_below, missing, 0.0), now.minimum, now.pack).quantity
        return cap(lots, np.where(np.isfinite(cover), most - past.position, np.inf), now.minimum, now.pack)

    return order


def _stopped(scene: Scene) -> list[bool]:
    """Return for every review day after today whether nothing may be ordered then; a stop without an end goes on."""
    found, lead = [], np.array([scene.supplier.lead_time_days])
    for day in range(scene.terms.review_days, scene.days, scene.terms.review_days):
        terms = replace(scene.terms, as_of=scene.terms.as_of + timedelta(days=day))
        held = lay_out([scene.item], [scene.stock], (), lead, terms, warehouse=scene.warehouse, days_ahead=0).held[0]
        rule = apply_clauses("order_hold", scene.clauses, [scene.item], [scene.supplier], terms).clause[0] >= 0
        found.append(bool(held or rule or not scene.item.active))
    return found


def _later_levels(now: Situation, scene: Scene, lead_days: Steps, rules: Rules) -> list[Levels]:
    """Return the policy's levels on every review day after today, from the paths as they are forecast today.

    Args:
        now: The item.
        scene: What it is simulated from.
        lead_days: [S] days that an order of a later occasion takes.
        rules: The clauses in force.
    """
    review, terms = scene.terms.review_days, scene.terms
    longest = scene.days + int(lead_days.max()) + review
    paths = extend(scene.alone.paths, longest, terms.seed)[0]
    total = np.zeros((len(paths), longest + 1))
    np.cumsum(paths, axis=1, out=total[:, 1:])
    row = np.arange(len(paths))
    later = []
    for day in range(review, scene.days, review):
        begin = total[:, day]
        lead, interval = total[row, day + lead_days] - begin, total[row, day + lead_days + review] - begin
        inputs = policy_inputs(replace(now, demand=IntervalDemand(lead[None], interval[None])), rules, terms, scene.service_level)
        later.append(policies.get(terms.policy).levels(inputs))
    return later

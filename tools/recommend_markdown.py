"""The tool `recommend_markdown`: which price from when on clears a stock, beside keeping the price."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from parstock.calendar import resolve_day
from parstock.domain import Item, Json
from parstock.errors import InputError, InsufficientData
from parstock.results import Chart, ToolResult
from parstock.wording import day, named, number, units
from planning.elasticity import learn_elasticities
from planning.lanes import Lanes
from planning.markdown import Season, plan_markdown, price_ladder
from planning.markdown_facts import Case, Learned, markdown_facts, moneys
from planning.place import Place
from planning.rules import apply_clauses
from tools._network import lane_defaults
from tools.base import Scope, ToolArguments, tools
from tools.context import ToolContext
from tools.factbook import FactBook, Figure
from tools.plans import FORECAST_DAYS, place_of, plan_items, plan_terms

LONGEST_DAYS = 365
MOST_LIKE_IT = 300
"""Items of the category from whose price changes elasticity is learned."""
_SHARE_DAYS = 182


@tools.register("recommend_markdown")
class RecommendMarkdown:
    """Finds the price path that earns most from a stock that has to go."""

    name: ClassVar[str] = "recommend_markdown"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """Which item, until when, and what is to stay."""

        item: str
        clear_by: str | None = None
        target_stock: Annotated[int, Field(ge=0)] | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Solve for the price path and compare it with keeping the price."""
        item = context.names.resolve_item(args.item)
        goal = _goal(args, item, context)
        book = FactBook(context)
        place = place_of(context, [item], "")
        coming = round(place.on_order(goal.days))
        case = _case(item, goal, place, context)
        if case is None:
            return _nothing_to_sell(item, goal, book, self.name)
        book.take(markdown_facts(case))
        _tell_supply(book, case, coming)
        moves = _tell_moves(book, case, context) if case.verdict != "no_excess" else []
        citations = context.citations([case.floor_clause] if case.floor_clause else [])
        book.cited(citations)
        book.item(item)
        _tell_defaults(book, args, goal)
        book.warehouse("")
        data = _data(case, moves, coming)
        return ToolResult(self.name, data, book.facts(), _chart(case), citations, defaults=book.defaults())


@dataclass(frozen=True, slots=True)
class _Goal:
    """What is to be reached."""

    today: date
    clear_by: date
    target_stock: int
    ends: bool
    """Whether what is left then is worth nothing: the planner named a day, or the item is no longer bought."""

    @property
    def days(self) -> int:
        """Days to sell in, today included."""
        return (self.clear_by - self.today).days + 1


def _goal(args: RecommendMarkdown.Arguments, item: Item, context: ToolContext) -> _Goal:
    """Read what the planner wants; the defaults are eight weeks, and to keep what orders are made for.

    Raises:
        InputError: The day is not understood, or not ahead.
    """
    today = context.as_of()
    clear_by = today + timedelta(days=min(FORECAST_DAYS, item.shelf_life_days or FORECAST_DAYS) - 1)
    if args.clear_by is not None:
        clear_by = resolve_day(args.clear_by, today, last=True, field="clear_by")
        latest = today + timedelta(days=LONGEST_DAYS - 1)
        if not today < clear_by <= latest:
            raise InputError(
                f"clear_by {args.clear_by!r} is {clear_by}; give a day after today, {today}, and not after {latest}",
                field="clear_by",
                reason="out_of_bounds",
            )
    (line,) = plan_items(context, [item], "", facts=False).lines
    ends = args.clear_by is not None or not item.active
    kept = args.target_stock if args.target_stock is not None else 0 if ends else round(line.order_up_to)
    return _Goal(today, clear_by, kept, ends)


def _case(item: Item, goal: _Goal, place: Place, context: ToolContext) -> Case | None:
    """The markdown of an item; None where there is nothing to sell.

    Raises:
        InsufficientData: Its stock, price or demand is not known.
    """
    if not context.records.stock([item.sku]):
        raise InsufficientData(f"no stock of {item.name!r} is recorded, so there is nothing to mark down")
    if item.unit_price <= 0:
        raise InsufficientData(f"{item.name!r} has no price on record, so there is none to lower; import its unit_price")
    stock = float(place.free[0] + place.arrivals(goal.days)[0].sum()) - goal.target_stock
    if stock <= 0:
        return None
    forecast = context.forecast(item, "", goal.days)
    if forecast.status[0] != "ok":
        raise InsufficientData(
            f"{item.name!r} has no forecast ({forecast.status[0]}), so what a lower price would sell cannot be computed"
        )
    demand = forecast.paths[0, :, : goal.days].astype(np.float64)
    terms, learned = plan_terms(context), _learned(item, context)
    applied = apply_clauses("min_markup", context.clauses(), [item], [context.supplier_of(item)], terms)
    markup = float(np.nan_to_num(applied.value[0]))
    floor = item.unit_cost * (1 + markup)
    daily = max(float(demand.mean()), 1e-3)
    worth = 0.0 if goal.ends else item.unit_cost
    holding = item.unit_cost * terms.holding_rate / 365.0
    season = Season(
        demand=demand,
        stock=stock,
        prices=price_ladder(item.unit_price, floor),
        elasticity=learned.value,
        holding_cost=holding,
        left_value=worth,
        left_decline=0.0 if goal.ends else holding / daily,
    )
    markdown = plan_markdown(season, learned.standard_error)
    clause = next(iter(applied.ids(0)), "")
    return Case(item, goal.today, goal.clear_by, goal.target_stock, floor, clause, learned, markdown, terms.currency)


def _learned(item: Item, context: ToolContext) -> Learned:
    """What is believed of the item's elasticity, from its own price changes and those of its category."""
    like_it = [other.sku for other in context.shelf().items.values() if other.category == item.category and other != item]
    believed = learn_elasticities(context.panel([item.sku, *like_it[: MOST_LIKE_IT - 1]]))
    return Learned(
        float(believed.value[0]),
        float(believed.standard_error[0]),
        int(believed.own_changes[0]),
        believed.pooled_items,
        believed.pooled_changes,
        believed.promoted,
        item.category,
    )


def _nothing_to_sell(item: Item, goal: _Goal, book: FactBook, tool: str) -> ToolResult:
    beyond_en, beyond_zh = "", ""
    if goal.target_stock:
        beyond_en, beyond_zh = f" beyond the {units(goal.target_stock)} to keep", f"除要保留的{number(goal.target_stock)}件外"
    book.tell(
        f"No markdown of {item.name} is needed: there is nothing to sell{beyond_en}.",
        f"{named(item, 'zh')}不用降价：{beyond_zh}没有可售库存。",
        Figure("target_stock", goal.target_stock, "units"),
        source=f"stock:{item.sku}",
        required=True,
    )
    data: dict[str, Json] = {"item": item.sku, "verdict": "no_excess", "target_stock": goal.target_stock, "units_to_sell": 0}
    return ToolResult(tool, data, book.facts(), defaults=book.defaults())


def _tell_supply(book: FactBook, case: Case, coming: int) -> None:
    """Say how many units are still coming, which not buying would spare, and that a return has no recorded terms."""
    if coming and case.verdict != "no_excess":
        spared = round(coming * case.item.unit_cost)
        shown = f"{case.currency} {number(spared)}"
        book.tell(
            f"{units(coming)} on order {'is' if coming == 1 else 'are'} counted in; cancelling it first would spare {shown}.",
            f"其中包括在途{number(coming)}件；若先取消该订单，可省{shown}。",
            Figure("stock.on_order", coming, "units"),
            Figure("on_order.cost", spared, case.currency),
            source=f"orders:{case.item.sku}",
        )
    book.add(
        "return.terms",
        "not recorded",
        "name",
        "Return terms of the supplier are not recorded, so a return is not priced.",
        "没有供应商退货条件的记录，因此未计算退货。",
        source=f"suppliers/{case.item.supplier}",
        detail=True,
    )


def _tell_moves(book: FactBook, case: Case, context: ToolContext) -> list[Json]:
    """Say which warehouse has too much for its own customers while another has too little: both prices count on that move."""
    sites, item = context.shelf().warehouses, case.item
    held = {code: float(place_of(context, [item], code).free[0]) for code in sites}
    sold = {code: _sold(case.item.sku, code, context) for code in sites}
    if len(sites) < 2 or not sum(sold.values()):
        return []
    total = float(case.markdown.season.demand.sum(axis=1).mean()) / sum(sold.values())
    spare = {code: held[code] - total * sold[code] for code in sites}
    fullest, emptiest = max(spare, key=lambda code: spare[code]), min(spare, key=lambda code: spare[code])
    lane = Lanes.of(
        context.clauses(),
        [item],
        [context.supplier_of(item)],
        (fullest, emptiest),
        plan_terms(context),
        lane_defaults(context),
    )
    moved = int(min(spare[fullest], -spare[emptiest]) // item.pack_size) * item.pack_size
    if moved < 1 or lane.held[0, 0, 1] or moved * item.unit_cost < lane.least_value[0, 0, 1]:
        return []
    worth = round(moved * max(case.price - case.markdown.season.left_value, 0.0))
    source, goal = sites[fullest], sites[emptiest]
    shown = f"{case.currency} {number(worth)}"
    book.tell(
        f"First move {units(moved)} from {source.name} to {goal.name}, which should sell more than it has: "
        f"worth up to {shown} before transport.",
        f"建议先从{named(source, 'zh')}向{named(goal, 'zh')}调拨{number(moved)}件，后者预计卖得比库存多：未计运费最多值{shown}。",
        Figure("transfer.units", moved, "units"),
        Figure("transfer.worth", worth, case.currency),
        source=f"stock:{case.item.sku}",
    )
    return [{"from_warehouse": fullest, "to_warehouse": emptiest, "units": moved, "worth_before_transport": worth}]


def _sold(sku: str, warehouse: str, context: ToolContext) -> float:
    """Units of late in one warehouse."""
    try:
        return float(np.nansum(context.panel([sku], warehouse, days=_SHARE_DAYS).demand))
    except InsufficientData:
        return 0.0


def _tell_defaults(book: FactBook, args: RecommendMarkdown.Arguments, goal: _Goal) -> None:
    if args.clear_by is None:
        book.default(
            "clear_by",
            goal.clear_by.isoformat(),
            f"Until {day(goal.clear_by, 'en')} by default.",
            f"默认到{day(goal.clear_by, 'zh')}为止。",
            unit="date",
        )
    if args.target_stock is None:
        kept = goal.target_stock
        en = f"{units(kept)} are kept by default, the order-up-to level." if kept else "By default nothing is kept."
        zh = f"默认保留目标库存{number(kept)}件。" if kept else "默认不保留库存。"
        book.default("target_stock", kept, en, zh, shown=kept, unit="units")


def _data(case: Case, moves: list[Json], coming: int) -> dict[str, Json]:
    (took, takes), (had, has) = moneys(case)
    markdown, learned = case.markdown, case.learned
    steps = case.steps if case.verdict == "markdown" else ()
    return {
        "item": case.item.sku,
        "verdict": case.verdict,
        "price_now": case.price,
        "price_floor": round(case.floor, 2),
        "floor_clause": case.floor_clause,
        "path": [{"from": start.isoformat(), "price": price} for start, price in steps],
        "clear_by": case.clear_by.isoformat(),
        "target_stock": case.target_stock,
        "units_to_sell": round(markdown.season.stock),
        "on_order_counted": coming,
        "do_nothing": {"left": round(markdown.kept.left, 1), "revenue": took, "margin": had},
        "markdown": {"left": round(markdown.sale.left, 1), "revenue": takes, "margin": has},
        "gain": round(markdown.gain, 2),
        "gain_standard_error": round(markdown.gain_error, 2),
        "gain_if_weaker": round(markdown.gain_if_weaker, 2),
        "gain_if_stronger": round(markdown.gain_if_stronger, 2),
        "transfers": moves,
        "elasticity": {
            "value": round(learned.value, 3),
            "standard_error": round(learned.standard_error, 3),
            "learned_from": learned.source,
            "own_changes": learned.own_changes,
            "items": learned.pooled_items,
            "changes": learned.pooled_changes,
        },
    }


def _chart(case: Case) -> Chart:
    """Mean stock under both, and the price of each day if sales go as expected; what is kept is part of the stock."""
    season, markdown = case.markdown.season, case.markdown
    days = tuple((case.today + timedelta(days=offset)).isoformat() for offset in range(season.days))
    kept, today = case.target_stock + markdown.kept.stock.mean(axis=0), np.full(season.days, case.price)
    series = {"without_markdown": kept, "price_now": today}
    if case.verdict == "markdown":
        sold = case.target_stock + markdown.sale.stock.mean(axis=0)
        prices = np.repeat(season.prices[markdown.path], [period.stop - period.start for period in season.periods])
        series = {"projected_stock": sold, "without_markdown": kept, "price": prices, "price_now": today}
    return Chart(
        f"Stock and price of {case.item.name}",
        f"{named(case.item, 'zh')}的库存与价格",
        "units",
        days,
        {name: tuple(round(float(value), 4 if "price" in name else 2) for value in values) for name, values in series.items()},
        units={name: case.currency for name in series if "price" in name},
    )

"""The tool `recommend_transfers`: which stock to move between warehouses, against buying and against waiting."""

from typing import ClassVar

import numpy as np

from parstock.domain import Item, Json
from parstock.errors import InputError
from parstock.results import Chart, ToolResult
from planning.demand import extend
from planning.transfers import Option, best_moves
from tools import _transfer_facts
from tools._network import ShopNetwork, shop_network, tell_lane
from tools.base import Scope, ToolArguments, tools
from tools.charts import days_shown, projected_stock, stock_chart
from tools.context import ToolContext
from tools.factbook import FactBook


@tools.register("recommend_transfers")
class RecommendTransfers:
    """Weighs every move of one product, or of everything."""

    name: ClassVar[str] = "recommend_transfers"
    scope: ClassVar[Scope] = "read"

    class Arguments(ToolArguments):
        """What to move, from where, to where."""

        item: str | None = None
        from_warehouse: str | None = None
        to_warehouse: str | None = None

    def run(self, args: Arguments, context: ToolContext) -> ToolResult:
        """Weigh the moves that are meant."""
        source = context.warehouse_code(args.from_warehouse, argument="from_warehouse")
        target = context.warehouse_code(args.to_warehouse, argument="to_warehouse")
        different(source, target, context)
        items = _meant(args, context)
        book = FactBook(context)
        if len(context.shelf().warehouses) < 2:
            return self._one_place(book, items, context)
        shop = shop_network(context, items)
        codes = [place.code for place in shop.places]
        ends = (codes.index(source) if source else None, codes.index(target) if target else None)
        moves, left = best_moves(shop.network, shop.lanes, *ends)
        currency, alone = context.settings.currency, args.item is not None
        clauses: list[str] = []
        if alone:
            for move in moves:
                _transfer_facts.tell_move(book, shop, move, currency)
            _transfer_facts.tell_nothing(book, shop, left, currency, others=bool(moves), into=ends[1])
            for option in (*moves, *left)[:1]:
                clauses += tell_lane(book, shop.lanes, option.row, option.source, option.target, context)
            book.item(items[0])
        else:
            _transfer_facts.tell_shop(book, shop, moves, left, len(items), currency)
            lane = (moves[0].row, moves[0].source, moves[0].target) if moves else (0, 0, 1)
            clauses += tell_lane(book, shop.lanes, *lane, context)
        for option in moves or (left if alone else ()):
            clauses += _binding(shop, option)
        citations = context.citations(clauses)
        book.cited(citations)
        _tell_defaults(book, args, context)
        chart = _chart(shop, moves[0]) if alone and moves else None
        return ToolResult(
            self.name, _data(shop, moves, left, items, alone=alone), book.facts(), chart, citations, defaults=book.defaults()
        )

    def _one_place(self, book: FactBook, items: tuple[Item, ...], context: ToolContext) -> ToolResult:
        """Nothing can be moved in a shop with one warehouse."""
        places = len(context.shelf().warehouses)
        book.add(
            "warehouses",
            places,
            "warehouses",
            "Stock can only be moved between warehouses, and the shop has just one." if places else "No warehouse is recorded.",
            "本店只有一个仓库，无法调拨。" if places else "没有仓库记录。",
            source="warehouses",
            required=True,
        )
        return ToolResult(self.name, {"warehouses": places, "planned_items": len(items), "moves": []}, book.facts())


def different(source: str, target: str, context: ToolContext) -> None:
    """Check that a transfer goes somewhere else.

    Raises:
        InputError: Both codes are the same.
    """
    if source and source == target:
        place = context.warehouse_name(source)
        others = tuple(found.name for code, found in context.shelf().warehouses.items() if code != source)
        raise InputError(
            f"to_warehouse is {place!r}, where the goods are already; give another warehouse"
            + (f": {', '.join(others)}" if others else ""),
            field="to_warehouse",
            choices=others,
        )


def _meant(args: RecommendTransfers.Arguments, context: ToolContext) -> tuple[Item, ...]:
    """The one item that is named, or all that are sold.

    Raises:
        InputError: The name is unknown or ambiguous, or nothing is sold.
    """
    if args.item is not None:
        return (context.names.resolve_item(args.item),)
    items = tuple(item for item in context.shelf().items.values() if item.active)
    if not items:
        raise InputError("no item is sold at present, so there is nothing to move", field="item")
    return items


def _binding(shop: ShopNetwork, option: Option) -> list[str]:
    """Ids of the clauses that shape one move, or hinder it."""
    kinds = {"held": ("transfer_hold",), "too_small": ("transfer_min_value",), "nothing_to_spare": ("transfer_keep_days",)}
    wanted = kinds.get(option.hindrance, ("transfer_cost", "transfer_days", "transfer_keep_days"))
    found = (shop.lanes.clause(kind, option.row, option.source, option.target) for kind in wanted)  # type: ignore[arg-type]
    return [clause.id for clause in found if clause is not None]


def _tell_defaults(book: FactBook, args: RecommendTransfers.Arguments, context: ToolContext) -> None:
    """State between which warehouses was looked."""
    if args.from_warehouse is None and args.to_warehouse is None:
        book.default(
            "from_warehouse", "", "All warehouses were looked at, as senders and receivers.", "所有仓库都可作为调出仓和调入仓。"
        )
    elif args.from_warehouse is None:
        book.default("from_warehouse", "", "All other warehouses were looked at as senders.", "其他所有仓库都可作为调出仓。")
    elif args.to_warehouse is None:
        book.default("to_warehouse", "", "All other warehouses were looked at as receivers.", "其他所有仓库都可作为调入仓。")


def _data(
    shop: ShopNetwork, moves: tuple[Option, ...], left: tuple[Option, ...], items: tuple[Item, ...], *, alone: bool
) -> dict[str, Json]:
    """The moves, best first; of one item also the lanes that are not used."""
    return {
        "as_of": shop.today.isoformat(),
        "planned_items": len(items),
        "total_gain": round(sum(move.gain for move in moves), 2),
        "moves": [_row(shop, move) for move in moves],
        "not_moved": [_row(shop, option) for option in left] if alone else [],
    }


def _row(shop: ShopNetwork, option: Option) -> dict[str, Json]:
    item = shop.items[option.row]
    return {
        "item": item.sku,
        "name": item.name,
        "name_zh": item.name_zh,
        "from_warehouse": shop.places[option.source].code,
        "to_warehouse": shop.places[option.target].code,
        "quantity": option.quantity,
        "arrives_on": shop.arrival(option.days).isoformat(),
        "days": option.days,
        "gain": round(option.gain, 2),
        "saved_margin": round(option.saved, 2),
        "transport_cost": round(option.transport, 2),
        "risk_at_source": round(option.risk, 2),
        "buying_gain": round(option.buying, 2),
        "expected_lost_margin": round(option.wanted, 2),
        "stockout_before": round(option.target_short, 4),
        "stockout_after": round(option.target_short_after, 4),
        "source_stockout_before": round(option.source_short, 4),
        "source_stockout_after": round(option.source_short_after, 4),
        "left_at_source": round(option.kept),
        "hindrance": option.hindrance,
    }


def _chart(shop: ShopNetwork, move: Option) -> Chart:
    """Expected stock of the receiver with and without the move."""
    network, row, site = shop.network, move.row, move.target
    ahead = days_shown(float(network.lead_days[row]))
    demand = extend(network.paths[site][row : row + 1], ahead, network.seed)[0]
    arriving = np.zeros(ahead)
    held = min(ahead, network.arrivals.shape[2])
    arriving[:held] = network.arrivals[row, site, :held]
    free = float(network.free[row, site])
    without = projected_stock(free, demand, arriving)
    arriving[move.days] += move.quantity
    levels = projected_stock(free, demand, arriving)
    series = {
        "projected_stock": levels.mean(axis=0),
        "p10": np.quantile(levels, 0.1, axis=0),
        "without_transfer": without.mean(axis=0),
    }
    return stock_chart(shop.items[row], shop.today, series)

"""Which stock to move between warehouses, in money: sales saved there, less transport and sales put at risk here.

Every warehouse's future is lived through until an order placed at the next occasion would arrive (lead time + review period);
`shortage` tells what a delivery saves and a withdrawal loses on each sample path. Both are convex in the quantity, so that the
best quantity of one lane is where a further pack no longer pays (marginal analysis: Fox 1966, Operations Research 14). Lanes
are taken one after another, the best of each item first, as long as one pays more than waiting and more than buying: never
worse than moving nothing, and the best single move; with several moves of one item no optimum is claimed (lateral
transshipments: Paterson, Kiesmüller, Teunter and Glazebrook 2011, EJOR 210). The price of the goods itself is not counted: they
are the shop's wherever they lie. Costs add up over warehouses, so that it does not matter how their demands are correlated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Bools, Floats
from planning.lanes import Lanes
from planning.shortage import lost, need, net_demand

Hindrance: TypeAlias = Literal["", "held", "nothing_to_spare", "too_late", "no_room", "too_small", "too_dear", "buying_better"]
"""Why a lane is not used; "" where it is."""
_CELLS = 6_000_000  # sample days held at once
_TIE = 1e-6  # money that decides nothing


@dataclass(frozen=True, eq=False, slots=True)
class Network:
    """N items in W warehouses this morning, and S equally likely futures of each."""

    free: Floats
    """[N, W] units on hand that nobody has reserved, 0 or more."""
    arrivals: Floats
    """[N, W, D] units that open orders bring each morning."""
    paths: tuple[NDArray[np.float32], ...]
    """W arrays [N, S, H] of units demanded a day."""
    lead_days: NDArray[np.intp]
    """[N] days until an order placed today arrives."""
    until: NDArray[np.intp]
    """[N] days looked ahead: until an order placed at the next occasion arrives; more than `lead_days`, at most D."""
    margin: Floats
    """[N] money lost with a sale."""
    unit_cost: Floats
    """[N] purchase price."""
    pack: Floats
    """[N] units moved together."""
    most_cover: Floats
    """[N] days of sales that a warehouse may be filled up to; infinite for no limit."""
    order_cost: float
    """Money for a purchase-order line."""
    may_buy: Bools
    """[N] whether it may be ordered today."""
    seed: int
    """Of demand beyond H."""

    @property
    def daily(self) -> Floats:
        """[N, W] mean units demanded a day."""
        return np.stack([paths.mean(axis=(1, 2), dtype=np.float64) for paths in self.paths], axis=1)

    def rows(self, index: NDArray[np.intp]) -> "Network":
        """Some of the items."""
        names = ("free", "arrivals", "lead_days", "until", "margin", "unit_cost", "pack", "most_cover", "may_buy")
        return replace(self, **{n: getattr(self, n)[index] for n in names}, paths=tuple(p[index] for p in self.paths))


@dataclass(frozen=True, slots=True)
class Option:
    """One lane of one item at its best quantity, in money."""

    row: int
    source: int
    target: int
    quantity: int
    """Units, whole packs; 0 where none can be moved."""
    days: int
    """Days on the way."""
    hindrance: Hindrance
    saved: float
    """Margin of sales that the receiver would lose otherwise."""
    transport: float
    risk: float
    """Margin of sales that the sender is expected to lose through it."""
    buying: float
    """What an order placed today would save the receiver at most, the cost of the order taken off; may be negative."""
    target_short: float
    """Chance that the receiver runs out, from the day on which the goods would come: without the move ..."""
    target_short_after: float
    """... and with it."""
    source_short: float
    """Chance that the sender runs out without the move ..."""
    source_short_after: float
    """... and with it."""
    kept: float
    """Units free at the sender afterwards."""
    wanted: float
    """Margin that the receiver is expected to lose in all."""

    @property
    def gain(self) -> float:
        """Money better than waiting."""
        return self.saved - self.transport - self.risk


def best_moves(
    network: Network, lanes: Lanes, source: int | None = None, target: int | None = None
) -> tuple[tuple[Option, ...], tuple[Option, ...]]:
    """Return the moves that pay, and every lane of every item that is left then, each by falling gain.

    Args:
        network: The items.
        lanes: Terms of moving them.
        source: Only out of this warehouse.
        target: Only into this one.
    """
    count, places = network.free.shape
    pairs = [(i, j) for i in range(places) for j in range(places) if i != j and source in (None, i) and target in (None, j)]
    samples = network.paths[0].shape[1]
    moves: list[Option] = []
    left: list[Option] = []
    order = np.argsort(network.until, kind="stable")
    start = 0
    while start < count and pairs:
        days = int(network.until[order[start]])
        same = order[start : start + max(1, _CELLS // (samples * days * places))]
        index = same[network.until[same] == days]
        start += index.size
        made, other = _of_group(network.rows(index), lanes.rows(index.tolist()), pairs)
        moves += [replace(option, row=int(index[option.row])) for option in made]
        left += [replace(option, row=int(index[option.row])) for option in other]
    ranked = [tuple(sorted(options, key=lambda o: (-o.gain, o.row))) for options in (moves, left)]
    return ranked[0], ranked[1]


def _of_group(network: Network, lanes: Lanes, pairs: Sequence[tuple[int, int]]) -> tuple[list[Option], list[Option]]:
    """The moves of items that look equally far ahead, and the lanes left after them."""
    free, arrivals, daily = network.free.copy(), network.arrivals.copy(), network.daily
    rows = np.arange(len(free))
    moves: list[Option] = []
    left: dict[int, list[Option]] = {}
    for _ in range(2 * len(pairs)):
        now = replace(network if len(rows) == len(free) else network.rows(rows), free=free[rows], arrivals=arrivals[rows])
        best: dict[int, Option] = {}
        for option in _weighed(now, lanes.rows(rows.tolist()), daily[rows], pairs):
            option = replace(option, row=int(rows[option.row]))
            if option.hindrance == "" and (option.row not in best or option.gain > best[option.row].gain):
                best[option.row] = option
            left.setdefault(option.row, []).append(option)
        if not best:
            break
        for option in best.values():
            free[option.row, option.source] -= option.quantity
            arrivals[option.row, option.target, option.days] += option.quantity
            left[option.row] = []
        moves += best.values()
        rows = np.array(sorted(best), dtype=np.intp)
    return moves, [option for options in left.values() for option in options if option.hindrance]


def _weighed(network: Network, lanes: Lanes, daily: Floats, pairs: Sequence[tuple[int, int]]) -> list[Option]:
    """Every lane of every item that could be of any use, at its best quantity."""
    days = int(network.until[0])
    places = range(len(network.paths))
    nets = [net_demand(network.paths[w], network.arrivals[:, w], days, network.seed) for w in places]
    needed = [need(nets[w], network.free[:, w], 0) for w in places]
    expected = [network.margin * lost(needed[w], np.zeros(len(network.free))) for w in places]
    bought = [_late_need(nets[w], network.free[:, w], network.lead_days) for w in places]
    options: list[Option] = []
    terms = replace(network, paths=())  # which are long to copy
    for source, target in pairs:
        for on_way in np.unique(lanes.days[:, source, target]).astype(int).tolist():
            rows = np.flatnonzero((lanes.days[:, source, target] == on_way) & (expected[target] > _TIE))
            if rows.size:
                there = np.full((rows.size, nets[target].shape[1]), -np.inf)
                if on_way < days:
                    there = need(nets[target][rows], network.free[rows, target], on_way)
                lane = _Lane(terms.rows(rows), lanes.rows(rows.tolist()), daily[rows], source, target, on_way)
                outlook = _Outlook(there, needed[source][rows], bought[target][rows], expected[target][rows])
                options += [replace(option, row=int(rows[option.row])) for option in lane.options(outlook)]
    return options


def _late_need(net: NDArray[np.float32], free: Floats, lead_days: NDArray[np.intp]) -> Floats:
    """[N] mean units that an order placed today would save, at most."""
    found = np.zeros(len(free))
    for day in np.unique(lead_days):
        rows = lead_days == day
        found[rows] = lost(need(net[rows], free[rows], int(day)), np.zeros(int(rows.sum())))
    return found


@dataclass(frozen=True, eq=False, slots=True)
class _Outlook:
    """What both ends of a lane have before them, for N items and S futures."""

    wanted: Floats
    """[N, S] need of the receiver from the day of arrival on."""
    spare: Floats
    """[N, S] need of the sender from now on, negative where it has units to spare."""
    late: Floats
    """[N] mean units that an order placed today would save the receiver."""
    expected: Floats
    """[N] margin that the receiver is expected to lose in all, money."""


@dataclass(frozen=True, eq=False, slots=True)
class _Lane:
    """One lane over the items that could use it."""

    network: Network
    lanes: Lanes
    daily: Floats
    source: int
    target: int
    days: int

    def options(self, outlook: _Outlook) -> list[Option]:
        """The best quantity of each item, what it earns and costs, and what hinders it."""
        net, i, j = self.network, self.source, self.target
        wanted, spare = outlook.wanted, outlook.spare
        fixed, per_unit = self.lanes.cost[:, i, j], self.lanes.unit_cost[:, i, j]
        can_spare = np.floor((net.free[:, i] - np.ceil(self.lanes.keep_days[:, i, j] * self.daily[:, i])) / net.pack)
        can_spare = np.where(self.lanes.held[:, i, j], 0.0, np.maximum(can_spare, 0.0))
        can_sell, room = np.ceil(wanted.max(axis=1) / net.pack), self._room()
        most = np.maximum(np.minimum(np.minimum(can_spare, can_sell), room), 0.0)
        least = np.maximum(np.ceil(self.lanes.least_value[:, i, j] / np.maximum(net.unit_cost * net.pack, 1e-9)), 1.0)
        packs = np.clip(self._best(most, wanted, spare, per_unit), np.minimum(least, most), most)
        units = packs * net.pack
        saved = net.margin * (lost(wanted, 0 * units) - lost(wanted, units))
        risk = net.margin * (lost(spare, -units) - lost(spare, 0 * units))
        transport = np.where(units > 0, fixed + per_unit * units, 0.0)
        buying = np.where(net.may_buy, net.margin * outlook.late, 0.0) - net.order_cost
        gain = saved - risk - transport
        conditions = (
            self.lanes.held[:, i, j],
            can_spare < 1,
            can_sell < 1,
            room < 1,
            (most < 1) | (most < least),
            gain <= _TIE,
            gain <= buying,
        )
        reasons: tuple[Hindrance, ...] = (
            "held",
            "nothing_to_spare",
            "too_late",
            "no_room",
            "too_small",
            "too_dear",
            "buying_better",
        )
        which = np.select(conditions, range(1, len(reasons) + 1), 0)
        chances = [
            (samples > limit[:, None]).mean(axis=1)
            for samples, limit in ((wanted, 0 * units), (wanted, units), (spare, 0 * units), (spare, -units))
        ]
        kept = net.free[:, i] - units
        table = np.column_stack([saved, transport, risk, buying, *chances, kept, outlook.expected]).tolist()
        hindrances: tuple[Hindrance, ...] = ("", *reasons)
        return [
            Option(row, i, j, int(units[row]), self.days, hindrances[which[row]], *values) for row, values in enumerate(table)
        ]

    def _room(self) -> Floats:
        """[N] packs that the receiver may still take."""
        net, j = self.network, self.target
        limit = np.where(np.isfinite(net.most_cover), net.most_cover * self.daily[:, j], np.inf)
        room: Floats = np.floor((limit - net.free[:, j] - net.arrivals[:, j].sum(axis=1)) / net.pack)
        return room

    def _best(self, most: Floats, wanted: Floats, spare: Floats, per_unit: Floats) -> Floats:
        """[N] packs, at most `most`, of which the last one still pays for itself: bisection over falling marginal gains."""
        low, high = np.zeros_like(most), most.copy()
        while (low < high).any():
            middle = np.ceil((low + high) / 2)
            units, pack = middle * self.network.pack, self.network.pack
            more = lost(wanted, units - pack) - lost(wanted, units) - lost(spare, -units) + lost(spare, pack - units)
            pays = self.network.margin * more > per_unit * pack
            low, high = np.where(pays, middle, low), np.where(pays, high, middle - 1)
        return low

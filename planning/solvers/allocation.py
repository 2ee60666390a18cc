"""Allocation of scarce stock: many items, warehouses and regions, shared throughput, a penalty for demand left unmet."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts
from planning.solvers.programs import LinearAnswer, minimise

SIFTED_FROM = 20_000
"""Lanes from which a program whose throughput binds is solved by sifting ..."""
SAMPLED_ITEMS = 400
"""... with prices of throughput from about so many items ..."""
REACH = 0.08
"""... and lanes whose price is off by less than this share of the dearest throughput."""
PROVEN = 1e-9
"""Share of the money up to which the optimum counts as proven."""


@dataclass(frozen=True, eq=False, slots=True)
class Allocation:
    """What goes where, of N items from W warehouses to R regions."""

    shipped: Floats
    """[N, W, R] units."""
    unmet: Floats
    """[N, R] units of demand left."""
    cost: float
    """Money: shipping and penalties."""
    lower_bound: float
    """Money that no allocation goes below, proven by the dual prices."""
    supply_prices: Floats
    """[N, W] what one more unit of the item there would save, money."""
    throughput_prices: Floats
    """[W] what one more unit through the warehouse would save, money; 0 where it has no limit."""


def allocate(
    supply: ArrayLike,
    demand: ArrayLike,
    unit_cost: ArrayLike,
    unmet_penalty: ArrayLike,
    *,
    lane_capacity: ArrayLike = np.inf,
    throughput: ArrayLike = np.inf,
) -> Allocation:
    """Return the allocation of least shipping cost and penalty.

    A linear program in the shipments alone: a unit shipped saves its penalty, so min sum (c - pi) x + sum pi d with
    shipments <= supply, demand, lane capacity and throughput. Lanes that cost more than the penalty, or have no supply or no
    demand, are left out, which no optimum notices.

    Args:
        supply: [N, W] units of each item in each warehouse; [W] for one item.
        demand: [N, R] units of each item wanted in each region; [R] for one item.
        unit_cost: [W, R] or [N, W, R] money for moving a unit.
        unmet_penalty: One number, [R], [N, 1] or [N, R] money for a unit of demand left unmet.
        lane_capacity: One number, [W, R] or [N, W, R] most units of an item on a lane; infinite for no limit.
        throughput: One number or [W] most units of all items out of a warehouse; infinite for no limit.

    Raises:
        InputError: A value is negative or not finite, or shapes do not fit.

    >>> plan = allocate([10, 5], [8, 9], [[1, 4], [3, 2]], 20)
    >>> plan.shipped[0].tolist(), plan.unmet[0].tolist(), plan.cost
    ([[8.0, 2.0], [0.0, 5.0]], [0.0, 2.0], 66.0)
    """
    there, wanted = np.atleast_2d(amounts("supply", supply)), np.atleast_2d(amounts("demand", demand))
    if there.ndim != 2 or wanted.ndim != 2 or len(there) != len(wanted):
        message = f"demand has shape {list(wanted.shape)} for supply of shape {list(there.shape)}; both need a row for each item"
        raise InputError(message, field="demand")
    items, warehouses, regions = len(there), there.shape[1], wanted.shape[1]
    shape = (items, warehouses, regions)
    costs = _spread("unit_cost", amounts("unit_cost", unit_cost), shape)
    penalty = _spread("unmet_penalty", amounts("unmet_penalty", unmet_penalty), (items, regions))
    lane = _spread("lane_capacity", amounts("lane_capacity", lane_capacity, infinite=True), shape)
    through = _spread("throughput", amounts("throughput", throughput, infinite=True), (warehouses,))
    saves = costs - penalty[:, None, :]
    item, warehouse, region = np.nonzero((saves < 0) & (there > 0)[:, :, None] & (wanted > 0)[:, None, :] & (lane > 0))
    limited = np.flatnonzero(through < there.sum(axis=0))
    most = np.where(
        lane[item, warehouse, region] < np.minimum(there[item, warehouse], wanted[item, region]),
        lane[item, warehouse, region],
        np.inf,
    )
    lanes = _Lanes(item, warehouse, region, saves[item, warehouse, region], most, there, wanted, through[limited], limited)
    sift = limited.size > 0 and item.size >= SIFTED_FROM
    found = _sifted(lanes) if sift else _solved(lanes)
    shipped = np.zeros(shape)
    shipped[item, warehouse, region] = found.values
    fixed = float(np.sum(penalty * wanted))
    prices, of_throughput = -found.row_prices, np.zeros(warehouses)
    of_throughput[limited] = prices[there.size + wanted.size :]
    return Allocation(
        shipped,
        np.maximum(wanted - shipped.sum(axis=1), 0.0),
        fixed + found.objective,
        fixed + found.lower_bound,
        prices[: there.size].reshape(there.shape),
        of_throughput,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Lanes:
    """The program in the V lanes that may be worth using."""

    item: np.ndarray
    """[V] row of `there` and `wanted`; `warehouse` and `region` are their columns."""
    warehouse: np.ndarray
    region: np.ndarray
    saves: Floats
    """[V] money for a unit shipped, penalty saved taken off: negative."""
    most: Floats
    """[V] units, infinite for no limit of its own."""
    there: Floats
    wanted: Floats
    through: Floats
    """[K] units out of each warehouse that has a limit."""
    limited: np.ndarray
    """[K] those warehouses."""

    def rows(self) -> tuple[csr_array, Floats]:
        """Rows of supply, demand and limited throughput, and their limits."""
        lanes = np.arange(self.item.size)
        of_supply, of_demand = self.places()
        coupled = np.isin(self.warehouse, self.limited)
        of_throughput = self.there.size + self.wanted.size + np.searchsorted(self.limited, self.warehouse[coupled])
        row, column = np.concatenate([of_supply, of_demand, of_throughput]), np.concatenate([lanes, lanes, lanes[coupled]])
        limits = np.concatenate([self.there.ravel(), self.wanted.ravel(), self.through])
        return csr_array((np.ones(row.size), (row, column)), shape=(limits.size, lanes.size)), limits

    def charged(self, toll: Floats) -> "_Lanes":
        """The lanes without limits on throughput, a unit out of each warehouse charged `toll` [W] instead."""
        none = np.zeros(0, dtype=np.intp)
        return replace(self, saves=self.saves + toll[self.warehouse], through=np.zeros(0), limited=none)

    def chosen(self, which: np.ndarray) -> "_Lanes":
        """Some of the lanes."""
        columns = {name: getattr(self, name)[which] for name in ("item", "warehouse", "region", "saves", "most")}
        return replace(self, **columns)

    def sampled(self) -> "_Lanes":
        """The lanes of every so many items, with their share of the throughput."""
        step = max(1, len(self.there) // SAMPLED_ITEMS)
        share = self.there[::step].sum(axis=0) / np.maximum(self.there.sum(axis=0), 1e-12)
        picked = self.chosen(np.flatnonzero(self.item % step == 0))
        return replace(
            picked,
            item=picked.item // step,
            there=self.there[::step],
            wanted=self.wanted[::step],
            through=self.through * share[self.limited],
        )

    def reduced(self, row_prices: Floats) -> Floats:
        """[V] what one more unit on each lane would change, given the rows' prices."""
        of_supply, of_demand = self.places()
        toll = np.zeros(self.there.shape[1])
        toll[self.limited] = row_prices[self.there.size + self.wanted.size :]
        return np.asarray(self.saves - row_prices[of_supply] - row_prices[of_demand] - toll[self.warehouse])

    def bound(self, row_prices: Floats) -> float:
        """Money that nothing shipped goes below, by prices that are at most 0 (weak duality)."""
        _, limits = self.rows()
        full = np.minimum(self.most, np.minimum(self.there[self.item, self.warehouse], self.wanted[self.item, self.region]))
        return float(np.minimum(row_prices, 0.0) @ limits + np.minimum(self.reduced(np.minimum(row_prices, 0.0)), 0.0) @ full)

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """[V] rows of supply and of demand."""
        of_supply = self.item * self.there.shape[1] + self.warehouse
        return of_supply, self.there.size + self.item * self.wanted.shape[1] + self.region


def _solved(lanes: _Lanes) -> LinearAnswer:
    none = InputError("supply allows no allocation", field="supply")  # shipping nothing always does
    rows, limits = lanes.rows()
    return minimise(lanes.saves, rows, limits, lanes.most, none, coupled=lanes.limited.size > 0)


def _sifted(lanes: _Lanes) -> LinearAnswer:
    """The optimum over all lanes from programs over the few that matter (sifting; Bixby et al. 1992, Operations Research 40).

    A sample of the items tells about what throughput is worth. Charged with that, items no longer depend on each other, which
    the simplex method solves fast; the lanes that this leaves within reach go into the whole program. Its prices, made good for
    the lanes left out, are then held against all lanes: where they do not prove the optimum, the lanes that would save
    anything are let in.
    """
    toll = np.zeros(lanes.there.shape[1])
    sample = lanes.sampled()
    toll[lanes.limited] = -_solved(sample).row_prices[sample.there.size + sample.wanted.size :]
    apart = lanes.charged(toll)
    row_prices = _solved(apart.chosen(np.flatnonzero(apart.saves < 0))).row_prices
    within = lanes.reduced(np.concatenate([row_prices, -toll[lanes.limited]])) < REACH * toll.max()
    while True:
        inside = np.flatnonzero(within)
        found = _solved(lanes.chosen(inside))
        values = np.zeros(lanes.item.size)
        values[inside] = found.values
        row_prices = _mended(lanes, found.row_prices)
        proven = lanes.bound(row_prices)
        missed = ~within & (lanes.reduced(found.row_prices) < 0)
        if found.objective - proven <= PROVEN * abs(found.objective) or not missed.any():
            return LinearAnswer(values, found.objective, proven, row_prices)
        within |= missed


def _mended(lanes: _Lanes, row_prices: Floats) -> Floats:
    """Prices of items that had left out lanes that would save anything, found again with the same prices of throughput."""
    short = np.isin(lanes.item, np.unique(lanes.item[lanes.reduced(row_prices) < 0]))
    toll = np.zeros(lanes.there.shape[1])
    toll[lanes.limited] = -row_prices[lanes.there.size + lanes.wanted.size :]
    again = _solved(lanes.charged(toll).chosen(np.flatnonzero(short))).row_prices
    of_supply, of_demand = (np.unique(rows[short]) for rows in lanes.places())
    mended = row_prices.copy()
    mended[of_supply], mended[of_demand] = again[of_supply], again[of_demand]
    return mended


def _spread(name: str, values: Floats, shape: tuple[int, ...]) -> Floats:
    try:
        return np.broadcast_to(values, shape)
    except ValueError as error:
        message = f"{name} has shape {list(values.shape)}, which does not spread to {' x '.join(map(str, shape))}"
        raise InputError(message, field=name) from error

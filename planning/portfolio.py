"""Orders of the whole shop at once: budget, room, and suppliers that take no order below a value. Returns what it proved.

Without suppliers of that kind the exact solver of `solvers.order_portfolio` chooses among levels of each order, first over its
whole range, then pack by pack around what the prices of the limits say. With them a mixed-integer program (HiGHS) first chooses
whom to order from, with orders that may be split, and a second one whole packs. The bound is the Lagrangian one at the best
prices found, over every quantity that may be ordered: no plan costs less. Where all quantities fit into one program it is exact.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack, vstack

from parstock.domain import Bools, Floats
from parstock.errors import InputError
from planning.curves import Curves
from planning.solvers.order_portfolio import Levels, order_portfolio
from planning.solvers.programs import minimise, minimise_integer

_COARSE, _FINE = 48, 20  # levels over the whole range of an order; packs up and down from the best one at the prices
_ALL = 40  # packs up to which every one is a level
_EVERY = 20_000  # levels up to which the same holds for more packs where no supplier has a least value
_GROUP_COARSE, _GROUP_FINE = 10, 3
_EXACT = 600  # levels up to which one program with all suppliers is solved over every one
_CORE = 1500  # levels that the program with suppliers may choose from; where there are more, those of so many items
_CORE_ITEMS = 120
_SECONDS = 6.0  # by the clock, so that a busy machine still finds the plan that an idle one does in a tenth of it
_ROUNDS = 2
_WANTED_GAP = 1e-5
_EPS = 1e-6


@dataclass(frozen=True, eq=False, slots=True)
class Limits:
    """What N items share."""

    uses: Floats
    """[M, N] what a unit of each item takes of each limit."""
    room: Floats
    """[M] what there is."""
    unit_cost: Floats
    """[N] money for a unit."""
    group: NDArray[np.intp]
    """[N] number of the supplier where it takes no order below a value; -1 where it does."""
    least_value: Floats
    """[G] that value of each such supplier, money."""


@dataclass(frozen=True, eq=False, slots=True)
class Chosen:
    """What to order of N items, and what is proven about it."""

    quantity: Floats
    """[N] units."""
    lower_bound: float
    """Expected cost that no plan within the limits goes below, money."""
    prices: Floats
    """[M] expected cost saved by one more unit of each limit, about."""


def choose(curves: Curves, limits: Limits) -> Chosen:
    """Return the orders of least expected cost within the limits; of items that nothing couples those that are wanted.

    Args:
        curves: Of N items.
        limits: That they share; ordering nothing at all keeps to every one.
    """
    coupled = limits.group >= 0 if limits.room.size == 0 else np.ones(limits.group.size, dtype=np.bool_)
    rows = np.flatnonzero((curves.last >= curves.first) & coupled)
    mine = curves.rows(rows)
    kept = replace(limits, uses=limits.uses[:, rows], unit_cost=limits.unit_cost[rows], group=limits.group[rows])
    quantity = np.where(coupled, 0.0, curves.wanted)
    idle = float(curves.cost(quantity[:, None]).sum() - mine.cost(np.zeros((rows.size, 1))).sum())
    if mine.must.any():
        found = _with_suppliers(mine, kept, _without_suppliers(mine, kept))
    else:
        found = _without_suppliers(mine, replace(kept, group=np.full(rows.size, -1)))
        if not _reached(found.quantity, kept):
            least = found.lower_bound  # of a problem with fewer limits
            found = _with_suppliers(mine, kept, _without_suppliers(mine, kept))
            found = replace(found, lower_bound=max(found.lower_bound, least))
    quantity[rows] = found.quantity
    return Chosen(quantity, found.lower_bound + idle, found.prices)


def _reached(quantity: Floats, limits: Limits) -> bool:
    """Whether each supplier's orders come to its least value, or to nothing."""
    joined = limits.group >= 0
    spent = np.bincount(limits.group[joined], (quantity * limits.unit_cost)[joined], limits.least_value.size)
    return bool(np.all((spent == 0) | (spent >= limits.least_value)))


def _without_suppliers(curves: Curves, limits: Limits) -> Chosen:
    """Return the best plan that leaves every supplier with a least order value out."""
    free = np.flatnonzero(limits.group < 0)
    mine = curves.rows(free)
    prices, quantity = np.zeros(limits.room.size), mine.best(np.zeros(free.size))
    uses = limits.uses[:, free]
    proven = -np.inf
    if np.any(uses @ quantity > limits.room + _EPS) and mine.packs.max(initial=0.0) <= max(_ALL, _EVERY / max(free.size, 1)):
        quantity, prices, saved = _solved(mine, _every_pack(mine), uses, limits.room)
        proven = float(mine.cost(np.zeros((free.size, 1))).sum()) - saved
    elif np.any(uses @ quantity > limits.room + _EPS):
        prices = _solved(mine, _levels(mine, _COARSE), uses, limits.room)[1]
        near = _levels(mine, _COARSE, around=mine.best(prices @ uses)[:, None], width=_FINE)
        quantity, prices, _ = _solved(mine, near, uses, limits.room)
    whole = np.zeros(len(curves.pack))
    whole[free] = quantity
    left_out = float(curves.cost(np.zeros((len(curves.pack), 1)))[limits.group >= 0].sum())
    return Chosen(whole, max(_bound(mine, uses, limits.room, prices), proven) + left_out, prices)


def _solved(curves: Curves, quantity: Floats, uses: Floats, room: Floats) -> tuple[Floats, Floats, float]:
    """Return [N] quantities of the levels, [M] prices, and the cost that no choice among the levels saves more than."""
    value = _saved(curves, quantity)
    value[:, 1:][quantity[:, 1:] <= np.maximum.accumulate(quantity, axis=1)[:, :-1]] = -np.inf
    found = order_portfolio(Levels(quantity, value), uses, np.maximum(room, 0.0), wanted_gap=_WANTED_GAP, seconds=_SECONDS)
    return found.quantity, found.prices, found.upper_bound


def _saved(curves: Curves, quantity: Floats) -> Floats:
    cost = curves.cost(quantity)
    return cost[:, :1] - cost


def _levels(curves: Curves, count: int, *, around: Floats | None = None, width: int = 0) -> Floats:
    """Return [N, K] quantities to choose from, ascending from 0; levels that an item lacks repeat the one before.

    Args:
        curves: Of N items.
        count: How many levels are spread over each range.
        around: [N, C] quantities whose neighbours are wanted instead, with both ends.
        width: How many packs up and down.
    """
    most = curves.packs[:, None]
    if most.max(initial=0.0) <= _ALL:
        return _every_pack(curves)
    if around is None:
        packs = np.round(most * np.linspace(0.0, 1.0, count))
    else:
        centre = np.round((around - curves.first[:, None]) / curves.pack[:, None])
        near = np.clip(centre[:, :, None] + np.arange(-width, width + 1), 0.0, most[:, :, None]).reshape(len(most), -1)
        packs = np.sort(np.concatenate([np.zeros_like(most), near, most], axis=1), axis=1)
    return _quantities(curves, packs)


def _every_pack(curves: Curves) -> Floats:
    """Return [N, K] all quantities that may be ordered."""
    most = curves.packs
    return _quantities(curves, np.minimum(np.arange(most.max(initial=0.0) + 1)[None], most[:, None]))


def _quantities(curves: Curves, packs: Floats) -> Floats:
    """Return [N, K + 1] nothing, and the first quantity with [N, K] packs more."""
    quantity = curves.first[:, None] + packs * curves.pack[:, None]
    return np.concatenate([np.zeros((len(packs), 1)), quantity], axis=1)


def _bound(curves: Curves, uses: Floats, room: Floats, prices: Floats) -> float:
    """Return the cost that no quantities within the limits go below, proven by the prices (weak duality)."""
    price = prices @ uses if prices.size else np.zeros(len(curves.pack))
    best = curves.best(price)
    return float(curves.cost(best[:, None]).sum() + price @ best - prices @ room)


def _with_suppliers(curves: Curves, limits: Limits, plain: Chosen) -> Chosen:
    """Return the best plan found that may order from suppliers with a least value, or the plain one where that costs less."""
    coarse = _levels(curves, _GROUP_COARSE)
    prices, rewards = _relaxed(curves, limits, coarse)
    bound = _group_bound(curves, limits, prices, rewards)
    if curves.packs.max(initial=0.0) <= _ALL and np.count_nonzero(_distinct(coarse)) <= _EXACT:  # every pack at once
        exact, proven = _integer(curves, limits, coarse, _unit_price(limits, prices, rewards))
        return _better(curves, _polished(curves, limits, exact), plain, max(bound, proven), prices)
    inside = np.append(_suppliers(curves, limits, coarse), True)[limits.group]
    chosen = replace(curves, last=np.where(inside, curves.last, 0.0))
    near = np.repeat(curves.wanted[:, None], 2, axis=1)
    for _ in range(_ROUNDS):  # the best quantities at the prices of the last levels join them: column generation
        near[:, 1:] = chosen.best(_unit_price(limits, prices, rewards))[:, None]
        fine = np.where(inside[:, None], _levels(chosen, _GROUP_COARSE, around=near, width=_GROUP_FINE), 0.0)
        prices, rewards = _relaxed(chosen, limits, fine)
        bound = max(bound, _group_bound(curves, limits, prices, rewards))
        near = np.append(near, near[:, 1:2], axis=1)
    found = _integer(chosen, limits, fine, _unit_price(limits, prices, rewards))[0]
    return _better(curves, _polished(chosen, limits, found), plain, bound, prices)


def _better(curves: Curves, quantity: Floats, plain: Chosen, bound: float, prices: Floats) -> Chosen:
    """Return the quantities, or the plain plan where that costs less."""
    cost = [float(curves.cost(found[:, None]).sum()) for found in (quantity, plain.quantity)]
    return Chosen(quantity if cost[0] < cost[1] else plain.quantity, min(bound, *cost), prices)


def _suppliers(curves: Curves, limits: Limits, quantity: Floats) -> Bools:
    """Return [G] whether to order from each supplier, as is best where orders may be split between levels."""
    program = _program(curves, limits, quantity, _distinct(quantity), np.zeros(limits.group.size))
    size = program.costs.size
    supplier = np.arange(size) >= program.item.size
    try:
        found = minimise_integer(
            program.costs, program.rows, program.limits, np.ones(size), supplier, _CONFLICT, seconds=_SECONDS / 2
        )
    except InputError:
        return np.ones(limits.least_value.size, dtype=np.bool_)
    return np.asarray(found.values[program.item.size :] > 0.5)


def _polished(curves: Curves, limits: Limits, quantity: Floats) -> Floats:
    """Return the plan with what its suppliers leave of the limits shared out anew over all other items."""
    free, joined = np.flatnonzero(limits.group < 0), limits.group >= 0
    if not (free.size and limits.room.size):
        return quantity
    room = limits.room - limits.uses[:, joined] @ quantity[joined]
    others = replace(limits, uses=limits.uses[:, free], room=room, unit_cost=limits.unit_cost[free], group=limits.group[free])
    found = quantity.copy()
    found[free] = _without_suppliers(curves.rows(free), others).quantity
    return found


def _unit_price(limits: Limits, prices: Floats, rewards: Floats) -> Floats:
    """Return [N] what a unit costs at the prices of the limits, less the reward for bringing its supplier to the least value."""
    price = prices @ limits.uses if prices.size else np.zeros(limits.group.size)
    return np.asarray(price - np.append(rewards, 0.0)[limits.group] * limits.unit_cost)


@dataclass(frozen=True, eq=False, slots=True)
class _Program:
    """The integer program: a variable for each level above 0 that may be chosen, then one for each supplier.

    Items without such a level keep the quantity in `fixed`, those of a supplier that is left out none.
    """

    item: NDArray[np.intp]
    level: NDArray[np.intp]
    fixed: Floats
    costs: Floats
    rows: csr_array
    limits: Floats


def _program(curves: Curves, limits: Limits, quantity: Floats, allowed: Bools, default: Floats) -> _Program:
    """Return the program over the allowed [N, K] levels, with [N] `default` for the items that have none."""
    item, level = np.nonzero(allowed)
    units, groups, count = quantity[item, level], limits.least_value.size, item.size
    columns, grouped, open_ = np.arange(count), limits.group >= 0, allowed.any(axis=1)
    fixed = np.where(open_, 0.0, default)
    once = csr_array((np.ones(count), (item, columns)), shape=(grouped.size, count))
    joined = np.flatnonzero(grouped)
    member = csr_array((-np.ones(joined.size), (joined, limits.group[joined])), shape=(grouped.size, groups))
    must = np.flatnonzero(grouped & curves.must & open_)

    def by_group(values: Floats) -> Floats:
        return np.bincount(limits.group[grouped], values[grouped], groups).astype(np.float64)

    shared = csr_array(limits.uses[:, item] * units)
    shared_group = np.array([by_group(use * fixed) for use in limits.uses]).reshape(limits.room.size, groups)
    mine = np.flatnonzero(grouped[item])
    value = -(limits.unit_cost[item] * units)[mine]
    spent = csr_array((value, (limits.group[item][mine], mine)), shape=(groups, count), dtype=np.float64)
    least = csr_array(np.diag(limits.least_value - by_group(limits.unit_cost * fixed)))
    rows = vstack(
        [
            hstack([once[open_], member[open_]]),
            hstack([-once[must], -member[must]]),
            hstack([shared, csr_array(shared_group)]),
            hstack([spent, least]),
        ]
    )
    room = limits.room - limits.uses[:, ~grouped] @ fixed[~grouped]
    right = np.concatenate([np.where(grouped, 0.0, 1.0)[open_], np.zeros(must.size), room, np.zeros(groups)])
    nothing = curves.cost(np.zeros((grouped.size, 1)))[:, 0]
    of_group = by_group(curves.cost(fixed[:, None])[:, 0] - nothing)
    return _Program(
        item, level, fixed, np.concatenate([-_saved(curves, quantity)[item, level], of_group]), csr_array(rows), right
    )


def _distinct(quantity: Floats) -> Bools:
    """[N, K] True for levels above 0 that do not repeat the one before."""
    more = quantity[:, 1:] > np.maximum.accumulate(quantity, axis=1)[:, :-1]
    return np.concatenate([np.zeros((len(quantity), 1), np.bool_), more], axis=1)


_CONFLICT = InputError("no orders keep to the limits; raise the budget or the room", field="budget")


def _relaxed(curves: Curves, limits: Limits, quantity: Floats) -> tuple[Floats, Floats]:
    """Return [M] prices of the limits and [G] rewards for a supplier's spending, where orders may be split."""
    program = _program(curves, limits, quantity, _distinct(quantity), np.zeros(limits.group.size))
    found = minimise(program.costs, program.rows, program.limits, np.ones(program.costs.size), _CONFLICT)
    groups, shared = limits.least_value.size, limits.room.size
    marginals = np.maximum(-found.row_prices, 0.0)
    rewards = marginals[marginals.size - groups :]
    return marginals[marginals.size - groups - shared : marginals.size - groups], rewards


def _group_bound(curves: Curves, limits: Limits, prices: Floats, rewards: Floats) -> float:
    """Return the cost that no plan goes below: of each supplier the cheaper of leaving it out and the relaxed best with it."""
    price = _unit_price(limits, prices, rewards)
    best = curves.best(price)
    there = curves.cost(best[:, None])[:, 0] + price * best
    nothing = curves.cost(np.zeros((best.size, 1)))[:, 0]
    free = limits.group < 0
    total = float(there[free].sum() - (prices @ limits.room if prices.size else 0.0))
    within = np.bincount(limits.group[~free], there[~free], limits.least_value.size) + rewards * limits.least_value
    without = np.bincount(limits.group[~free], nothing[~free], limits.least_value.size)
    return total + float(np.minimum(within, without).sum())


def _integer(curves: Curves, limits: Limits, quantity: Floats, price: Floats) -> tuple[Floats, float]:
    """Return [N] the best quantities that the integer program finds, among the levels of least loss at the prices, and its bound.

    Items whose levels all lose more keep what is best at the prices. The bound is the cost that no choice among the levels goes
    below; -infinity where some were left out.
    """
    allowed, default = _distinct(quantity), curves.best(price)
    whole = np.count_nonzero(allowed) <= _CORE
    if not whole:
        net = curves.cost(quantity) + price[:, None] * quantity
        least = np.where(allowed | ((quantity == 0) & ~curves.must[:, None]), net, np.inf).min(axis=1)
        loss = np.where(quantity != default[:, None], net - least[:, None], np.inf).min(axis=1)  # of moving away
        movable = (
            loss <= np.partition(loss, _CORE_ITEMS)[_CORE_ITEMS] if loss.size > _CORE_ITEMS else np.ones(loss.size, np.bool_)
        )
        allowed &= movable[:, None]
    program = _program(curves, limits, quantity, allowed, default)
    size, chosen = program.costs.size, np.zeros(len(curves.pack))
    try:
        found = minimise_integer(
            program.costs, program.rows, program.limits, np.ones(size), np.ones(size, np.bool_), _CONFLICT, seconds=_SECONDS / 2
        )
    except InputError:
        return chosen, -np.inf
    kept = np.append(found.values[program.item.size :] > 0.5, True)[limits.group]
    chosen = np.where(kept, program.fixed, 0.0)
    picked = np.flatnonzero(found.values[: program.item.size] > 0.5)
    chosen[program.item[picked]] = quantity[program.item[picked], program.level[picked]]
    nothing = float(curves.cost(np.zeros((len(curves.pack), 1))).sum())
    return chosen, nothing + found.lower_bound if whole else -np.inf

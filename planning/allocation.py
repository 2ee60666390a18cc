"""How to split a quantity of one item over the warehouses: least transport and expected lost margin until the next receipt.

The lost margin of a warehouse falls and is convex in what it gets (`shortage`), so that for a given set of warehouses that are
sent anything giving each pack to where it saves most is optimal (marginal analysis: Fox 1966, Operations Research 14; Gross
1956). The fixed cost of a line makes it a choice of sets as well, which are few and all tried. Costs add up over warehouses, so
that it does not matter how their demands are correlated.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats
from parstock.errors import InputError
from planning.shortage import lost

MOST_PACKS = 1_000_000
"""More packs to split than this are a slip of the pen."""
MOST_TRIED = 9
"""Warehouses worth a line, besides the one with the goods, of which all sets are tried; of more a good set is searched."""


@dataclass(frozen=True, eq=False, slots=True)
class Receivers:
    """W warehouses that a delivery can be split over, and S equally likely futures of each."""

    need: Floats
    """[W, S] units that the warehouse could sell between the arrival of its share and its next receipt; negative: spare ones."""
    cost: Floats
    """[W] money for a line that is sent there; 0 where the goods are."""
    unit_cost: Floats
    """[W] money for a unit sent there; 0 where the goods are."""
    room: Floats
    """[W] units that may be sent there; infinite for no limit."""
    at: int
    """The warehouse with the goods; what goes nowhere else stays there."""
    margin: float
    """Money lost with a sale."""
    pack: int
    """Units sent together."""

    def __post_init__(self) -> None:
        if not 0 <= self.at < len(self.need):
            raise InputError(f"at is {self.at}; it must be one of the {len(self.need)} warehouses", field="at")
        if self.pack < 1:
            raise InputError(f"pack is {self.pack}; it must be at least 1", field="pack")
        for name in ("cost", "unit_cost", "room", "margin"):
            values = np.asarray(getattr(self, name))
            if not (values >= 0).all():
                raise InputError(f"{name} is {values.tolist()!r}; it must be 0 or more", field=name)


@dataclass(frozen=True, eq=False, slots=True)
class Split:
    """A quantity, split."""

    units: NDArray[np.int64]
    """[W] whole packs everywhere but where the goods are, which keeps what is left."""
    transport: float
    """Money."""
    lost_margin: float
    """Money expected."""
    lower_bound: float
    """Money that no split in whole packs goes below, proven by the price of a pack in every set of warehouses."""

    @property
    def cost(self) -> float:
        """Money: transport and expected lost margin."""
        return self.transport + self.lost_margin


def split(quantity: int, receivers: Receivers) -> Split:
    """Return the split of least cost.

    Raises:
        InputError: The quantity is below 1, or is of more packs than can be meant.

    Twelve units lie at the first warehouse, which needs 4 or 8; the second needs 10, and a unit sent there costs 1 of its margin
    of 5:

    >>> need, line, unit = np.array([[4.0, 8.0], [10.0, 10.0]]), np.array([0.0, 3.0]), np.array([0.0, 1.0])
    >>> there = Receivers(need, line, unit, np.full(2, np.inf), 0, 5.0, 1)
    >>> split(12, there).units.tolist(), split(12, there).cost
    ([4, 8], 31.0)
    """
    packs = _packs(quantity, receivers)
    loose = quantity - packs * receivers.pack
    worthy = _worth_sending(packs, receivers)
    if len(worthy) > MOST_TRIED:
        free = replace(receivers, cost=np.zeros_like(receivers.cost))
        bound = _of_set(packs, loose, tuple(worthy), free)[1]
        units = _searched(packs, loose, worthy, quantity, receivers)
        return _evaluated(units, receivers, bound)
    sets = [chosen for size in range(len(worthy) + 1) for chosen in combinations(worthy, size)]
    found = [_of_set(packs, loose, chosen, receivers) for chosen in sets]
    every = [_units(given, quantity, receivers) for given, _ in found]
    best = min(every, key=lambda units: sum(costs_of(units, receivers)))
    return _evaluated(best, receivers, min(bound for _, bound in found))


def _searched(packs: int, loose: int, worthy: list[int], quantity: int, receivers: Receivers) -> NDArray[np.int64]:
    """Units of a good set among many: from all, the warehouse whose coming or going helps most changes sides while one helps."""

    def tried(chosen: frozenset[int]) -> tuple[float, NDArray[np.int64]]:
        units = _units(_of_set(packs, loose, tuple(sorted(chosen)), receivers)[0], quantity, receivers)
        return sum(costs_of(units, receivers)), units

    now = frozenset(worthy)
    least, best = tried(now)
    while True:
        near = [now ^ {warehouse} for warehouse in worthy]
        cost, units, chosen = min(((*tried(other), other) for other in near), key=lambda found: found[0])
        if cost >= least - 1e-9:
            return best
        least, best, now = cost, units, chosen


def proportional(quantity: int, shares: Floats, receivers: Receivers) -> Split:
    """Return the split in proportion to `shares` [W] >= 0, in whole packs that fit: what is done without looking ahead."""
    packs = _packs(quantity, receivers)
    total = float(shares.sum())
    exact = packs * shares / total if total > 0 else np.zeros(len(shares))
    given = np.floor(exact)
    for warehouse in np.argsort(given - exact, kind="stable")[: round(float(exact.sum() - given.sum()))]:
        given[warehouse] += 1
    given = np.minimum(given, np.floor(receivers.room / receivers.pack)).astype(np.int64)
    given[receivers.at] = 0
    return _evaluated(_units(given, quantity, receivers), receivers, 0.0)


def costs_of(units: NDArray[np.int64], receivers: Receivers) -> tuple[float, float]:
    """Return what transport of a split costs and the margin expected to be lost with it, money.

    Args:
        units: [W] for each warehouse.
        receivers: The warehouses.
    """
    sent = units > 0
    sent[receivers.at] = False
    transport = float(receivers.cost[sent].sum() + receivers.unit_cost[sent] @ units[sent])
    return transport, float(receivers.margin * lost(receivers.need, units.astype(np.float64)).sum())


def _evaluated(units: NDArray[np.int64], receivers: Receivers, bound: float) -> Split:
    transport, lost_margin = costs_of(units, receivers)
    return Split(units, transport, lost_margin, bound)


def _packs(quantity: int, receivers: Receivers) -> int:
    packs = quantity // receivers.pack
    if quantity < 1 or packs > MOST_PACKS:
        most = MOST_PACKS * receivers.pack
        raise InputError(
            f"quantity is {quantity}; it must be from 1 to {most:,}",
            field="quantity",
            reason="out_of_bounds",
            bounds={"minimum": 1, "maximum": most},
        )
    return packs


def _units(packs: NDArray[np.int64], quantity: int, receivers: Receivers) -> NDArray[np.int64]:
    """[W] units; what the packs sent leave stays where the goods are."""
    units = packs * receivers.pack
    units[receivers.at] = 0
    units[receivers.at] = quantity - int(units.sum())
    return np.asarray(units, dtype=np.int64)


def _worth_sending(packs: int, receivers: Receivers) -> list[int]:
    """Warehouses that would pay for a line of their own if packs cost nothing elsewhere: no optimum sends to others."""
    found = []
    for warehouse in range(len(receivers.need)):
        if warehouse != receivers.at:
            worth = _marginals(warehouse, packs, 0, receivers)
            value = float(worth[worth > 0].sum() - receivers.cost[warehouse])
            found += [(value, warehouse)] if value > 0 else []
    return [warehouse for _, warehouse in sorted(found, reverse=True)]


def _marginals(warehouse: int, packs: int, loose: int, receivers: Receivers) -> Floats:
    """[K] money that the first, second, ... pack saves there, transport of its units taken off; never rising."""
    here = warehouse == receivers.at
    top = float(receivers.need[warehouse].max()) / receivers.pack
    room = np.inf if here else np.floor(receivers.room[warehouse] / receivers.pack)
    count = int(max(0, min(packs, np.ceil(max(top, 0.0)), room)))
    bounds = (loose if here else 0) + receivers.pack * np.arange(count + 1.0)
    saved = -np.diff(_expected_lost(receivers.need[warehouse], bounds)) * receivers.margin
    return np.asarray(saved - (0.0 if here else receivers.unit_cost[warehouse] * receivers.pack))


def _expected_lost(needed: Floats, given: Floats) -> Floats:
    """[K] mean units lost for each of the quantities `given`."""
    ordered = np.sort(needed)
    above = np.concatenate([np.cumsum(ordered[::-1])[::-1], [0.0]])
    first = np.searchsorted(ordered, given, side="right")
    return np.asarray((above[first] - given * (ordered.size - first)) / ordered.size)


def _of_set(packs: int, loose: int, chosen: tuple[int, ...], receivers: Receivers) -> tuple[NDArray[np.int64], float]:
    """The best packs for each where lines to `chosen` are paid for, and the bound that the price of a pack proves for it."""
    places = (receivers.at, *chosen)
    worth = [_marginals(place, packs, loose, receivers) for place in places]
    values, owner = np.concatenate(worth), np.repeat(np.arange(len(places)), [w.size for w in worth])
    paying = np.flatnonzero(values > 0)
    taken = paying[np.argsort(-values[paying], kind="stable")[:packs]]
    given = np.zeros(len(receivers.need), dtype=np.int64)
    np.add.at(given, np.asarray(places)[owner[taken]], 1)
    price = float(values[taken].min()) if taken.size == packs and packs else 0.0
    start = float(receivers.cost[list(chosen)].sum())
    start += receivers.margin * float(lost(receivers.need, np.eye(len(receivers.need))[receivers.at] * loose).sum())
    relaxed = sum(float(np.maximum(w - price, 0.0).sum()) for w in worth)
    return given, start - relaxed - price * packs

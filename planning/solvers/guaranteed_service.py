"""Safety stock placement by guaranteed service times: a supply tree of stages, exact by dynamic programming."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts

LONGEST = 5000
"""Periods that the longest path through the tree may take."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage; times are whole periods, but for the processing time."""

    holding_cost: float
    """Money for a unit in stock for a period."""
    processing_time: float
    """Periods from having all inputs to having the stage's output."""
    safety_factor: float
    """Standard deviations of demand to be covered."""
    demand_sd: float = 0.0
    """Of the stage's own customers' demand in a period; 0 where it has none."""
    inbound_service: int = 0
    """Periods that outside supply takes."""
    longest_service: int | None = None
    """Periods that customers accept at most; None: a stage that serves no other serves its customers at once."""


@dataclass(frozen=True, eq=False, slots=True)
class Placement:
    """Where safety stock stands."""

    service_time: Mapping[str, int]
    """Periods in which each stage promises delivery."""
    inbound_time: Mapping[str, int]
    """Periods in which each stage has its inputs."""
    safety_stock: Mapping[str, float]
    """Units at each stage: z sigma sqrt(SI + T - S)."""
    cost: float
    """Money per period."""


@dataclass(frozen=True, eq=False, slots=True)
class Network:
    """A checked tree of stages, by their positions."""

    names: tuple[str, ...]
    stages: tuple[Stage, ...]
    suppliers: tuple[tuple[int, ...], ...]
    customers: tuple[tuple[int, ...], ...]
    sd: Floats
    """Of the demand that reaches each stage."""
    longest: NDArray[np.intp]
    """Whole periods in which each stage can deliver without any stock upstream."""

    def most_service(self, at: int) -> int:
        """Return the longest service time that the stage may promise."""
        limit = self.stages[at].longest_service
        if limit is None:
            return int(self.longest[at]) if self.customers[at] else 0
        return min(int(self.longest[at]), limit)


def network(stages: Mapping[str, Stage], links: Sequence[tuple[str, str]]) -> Network:
    """Return the checked tree.

    Args:
        stages: By name.
        links: (supplier, customer) pairs; without their direction they form a tree, or several.

    Raises:
        InputError: A value is negative or not finite, a link names no stage, the links form a ring, or no demand reaches a stage.
    """
    if not stages:
        raise InputError("stages is empty; at least one is needed", field="stages")
    names = tuple(stages)
    for name, stage in stages.items():
        _check(name, stage)
    place = {name: at for at, name in enumerate(names)}
    suppliers: list[list[int]] = [[] for _ in names]
    customers: list[list[int]] = [[] for _ in names]
    group = list(range(len(names)))
    for above, below in links:
        _known(above, below, names)
        one, other = group[place[above]], group[place[below]]
        if one == other:
            raise InputError(f"the link from {above!r} to {below!r} closes a ring; the stages must form a tree", field="links")
        group = [one if of == other else of for of in group]
        suppliers[place[below]].append(place[above])
        customers[place[above]].append(place[below])
    order = _downstream(suppliers, customers)
    variance = np.array([stage.demand_sd**2 for stage in stages.values()])
    slowest = np.zeros(len(names))
    for at in reversed(order):
        variance[at] += sum(variance[of] for of in customers[at])
    for at in order:
        stage = stages[names[at]]
        slowest[at] = stage.processing_time + max([stage.inbound_service, *(math.floor(slowest[of]) for of in suppliers[at])])
    if slowest.max() > LONGEST:
        raise InputError(f"stages take up to {slowest.max():g} periods; at most {LONGEST}: use longer periods", field="stages")
    if np.any(variance == 0):
        raise InputError(
            f"no demand reaches {names[int(np.argmin(variance))]!r}; give its demand_sd, or that of a stage it serves",
            field="demand_sd",
        )
    return Network(
        names,
        tuple(stages.values()),
        tuple(map(tuple, suppliers)),
        tuple(map(tuple, customers)),
        np.sqrt(variance),
        slowest.astype(np.intp),
    )


def place_safety_stock(tree: Network) -> Placement:
    """Return the service times of least holding cost.

    Graves & Willems (2000), M&SOM 2(1); Snyder & Shen, 2nd ed., sec. 6.3: a stage holds z sigma sqrt(SI + T - S), promises S
    and has its inputs in SI, no sooner than any supplier's S. The tree is cut leaf by leaf; a leaf's cost by the one time
    that ties it to the rest is kept, as a function of its S towards a customer, of its SI towards a supplier.

    Snyder & Shen, Example 6.5:

    >>> stages = {"1": Stage(1, 2, 1, inbound_service=1), "2": Stage(3, 1, 1, 1, longest_service=0)}
    >>> stages |= {"3": Stage(2, 1, 1), "4": Stage(3, 1, 1, 1, longest_service=1)}
    >>> round(place_safety_stock(network(stages, [("1", "3"), ("3", "2"), ("3", "4")])).cost, 5)
    8.27792
    """
    search = _Search(tree, int(tree.longest.max()) + 1)
    order = _leaves_first(tree)
    for at, towards in order:
        search.cut(at, towards)
    for at, towards in reversed(order):
        search.settle(at, towards)
    held = {
        name: stage.safety_factor
        * float(tree.sd[at])
        * math.sqrt(max(search.inbound[at] + stage.processing_time - search.service[at], 0.0))
        for at, (name, stage) in enumerate(zip(tree.names, tree.stages, strict=True))
    }
    cost = sum(stage.holding_cost * held[name] for name, stage in zip(tree.names, tree.stages, strict=True))
    named = [dict(zip(tree.names, times, strict=True)) for times in (search.service, search.inbound)]
    return Placement(named[0], named[1], held, cost)


class _Search:
    """The costs of the parts cut off, and later the times chosen."""

    def __init__(self, tree: Network, times: int) -> None:
        self.tree, self.times = tree, times
        self.by_service: dict[int, Floats] = {}
        """Stage cut towards a customer -> least cost of its part by its service time S."""
        self.by_inbound: dict[int, Floats] = {}
        """Stage cut towards a supplier -> least cost of its part by its inbound time SI."""
        self.tables: dict[int, Floats] = {}
        """Stage -> its costs when it was cut: with the parts that hung on it then, not with the rest of the tree."""
        self.service, self.inbound = [0] * len(tree.names), [0] * len(tree.names)

    def table(self, at: int) -> Floats:
        """Return [SI, S] the cost of the stage and of every part that hangs on it; infinite where not allowed."""
        tree, stage = self.tree, self.tree.stages[at]
        count = np.arange(self.times)
        inbound, service = count[:, None], count[None, :]
        net = inbound + stage.processing_time - service
        allowed = (net >= 0) & (service <= tree.most_service(at)) & (inbound >= stage.inbound_service)
        unit = stage.holding_cost * stage.safety_factor * float(tree.sd[at])
        costs = np.where(allowed, unit * np.sqrt(np.maximum(net, 0.0)), np.inf)
        for above in tree.suppliers[at]:
            if above in self.by_service:
                costs += np.minimum.accumulate(self.by_service[above])[:, None]
        for below in tree.customers[at]:
            if below in self.by_inbound:
                costs += np.minimum.accumulate(self.by_inbound[below][::-1])[::-1][None, :]
        return costs

    def cut(self, at: int, towards: int | None) -> None:
        """Keep what the stage's part costs, by the time that ties it to `towards`."""
        self.tables[at] = self.table(at)
        if towards in self.tree.customers[at]:
            self.by_service[at] = self.tables[at].min(axis=0)
        elif towards is not None:
            self.by_inbound[at] = self.tables[at].min(axis=1)

    def settle(self, at: int, towards: int | None) -> None:
        """Choose the stage's times when those of `towards` are chosen."""
        costs = self.tables.pop(at)
        if towards in self.tree.customers[at]:
            costs[:, self.inbound[towards] + 1 :] = np.inf
        elif towards is not None:
            costs[: self.service[towards]] = np.inf
        inbound, service = np.unravel_index(int(np.argmin(costs)), costs.shape)
        self.inbound[at], self.service[at] = int(inbound), int(service)


def _check(name: str, stage: Stage) -> None:
    for field in ("holding_cost", "processing_time", "safety_factor", "demand_sd", "inbound_service"):
        amounts(f"{field} of {name!r}", getattr(stage, field))
    if stage.longest_service is not None:
        amounts(f"longest_service of {name!r}", stage.longest_service)


def _known(above: str, below: str, names: tuple[str, ...]) -> None:
    for name in (above, below):
        if name not in names:
            raise InputError(f"links name {name!r}, which is no stage; known: {', '.join(names)}", field="links")


def _downstream(suppliers: Sequence[Sequence[int]], customers: Sequence[Sequence[int]]) -> list[int]:
    """Return the stages, each after all its suppliers; in a tree there is always such an order."""
    missing = [len(of) for of in suppliers]
    order = [at for at, count in enumerate(missing) if count == 0]
    for at in order:
        for below in customers[at]:
            missing[below] -= 1
            if missing[below] == 0:
                order.append(below)
    return order


def _leaves_first(tree: Network) -> list[tuple[int, int | None]]:
    """Return (stage, neighbour left when it is cut) from the leaves in; a tree's last stage has none."""
    left = [set(above) | set(below) for above, below in zip(tree.suppliers, tree.customers, strict=True)]
    queue = [at for at, near in enumerate(left) if len(near) <= 1]
    order: list[tuple[int, int | None]] = []
    done: set[int] = set()
    while queue:
        at = queue.pop(0)
        if at in done:
            continue
        towards = next(iter(left[at]), None)
        order.append((at, towards))
        done.add(at)
        if towards is not None:
            left[towards].discard(at)
            if len(left[towards]) <= 1:
                queue.append(towards)
    return order

"""Serial multi-echelon base stock: a chain of stages, each fed by the next one upstream, demand at the last, backorders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import fftconvolve
from scipy.special import ndtr, pdtr

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts

CELLS_PER_SD = 400
"""Grid cells in a standard deviation of the demand of one unit of time, for normal demand."""
MOST_CELLS = 4_000_000
"""Of a grid; a demand that needs more is refused."""


@dataclass(frozen=True, slots=True)
class SerialSystem:
    """A serial system; stages are counted from the customer up."""

    echelon_holding_costs: tuple[float, ...]
    """Of each stage, money for a unit in it or downstream of it, for a unit of time."""
    lead_times: tuple[float, ...]
    """From the stage upstream, units of time; the last one's from outside."""
    stockout_cost: float
    """Money for a unit backordered by a customer, for a unit of time."""
    demand_mean: float
    """Units per unit of time."""
    demand_sd: float | None = None
    """Of normal demand over a unit of time; None for Poisson demand."""


@dataclass(frozen=True, slots=True)
class SerialBaseStock:
    """The best echelon base-stock policy."""

    echelon_base_stock: tuple[float, ...]
    """Of each stage, from the customer up: units of its echelon's inventory position after an order."""
    cost: float
    """Expected money per unit of time: echelon holding and backorders."""


@dataclass(frozen=True, eq=False, slots=True)
class LeadTimeDemand:
    """Probabilities on a grid."""

    first: int
    """Grid point of the first."""
    probability: Floats


def serial_system(
    echelon_holding_costs: ArrayLike,
    lead_times: ArrayLike,
    stockout_cost: float,
    demand_mean: float,
    demand_sd: float | None = None,
) -> SerialSystem:
    """Return the checked system; for the fields see `SerialSystem`.

    Raises:
        InputError: A value is not finite, negative, or zero where there is nothing to plan, or there is not one cost a stage.
    """
    holding = np.atleast_1d(amounts("echelon_holding_costs", echelon_holding_costs, above=0))
    times = np.atleast_1d(amounts("lead_times", lead_times))
    if holding.shape != times.shape or holding.ndim != 1:
        message = (
            f"lead_times is {lead_times!r} for holding costs {echelon_holding_costs!r}; it must be a list, one for each stage"
        )
        raise InputError(message, field="lead_times")
    mean = float(amounts("demand_mean", demand_mean, above=0))
    sd = None if demand_sd is None else float(amounts("demand_sd", demand_sd, above=0))
    return SerialSystem(
        tuple(holding.tolist()), tuple(times.tolist()), float(amounts("stockout_cost", stockout_cost, above=0)), mean, sd
    )


def clark_scarf(system: SerialSystem) -> SerialBaseStock:
    """Return the optimal echelon base-stock levels and their cost.

    Clark & Scarf (1960); Chen & Zheng (1994); Snyder & Shen, 2nd ed., sec. 6.2.2: with C_0(x) = (p + sum h) x^-, stage j has
    C_j(y) = E[h_j (y - D_j) + C_{j-1}(min(S_{j-1}, y - D_j))] and S_j = argmin C_j, D_j being the demand over its lead time.
    Exact for Poisson demand; normal demand is put on a grid of 1/400 standard deviation, good to about 1e-5 of the cost.

    Raises:
        InputError: The demand needs too fine a grid.

    Shang & Song (2003), Management Science 49(5), Table 1, row 1:

    >>> best = clark_scarf(serial_system([0.25] * 4, [0.25] * 4, 9, 16))
    >>> best.echelon_base_stock, round(best.cost, 3)
    ((8.0, 13.0, 18.0, 22.0), 12.688)
    """
    step = 1.0 if system.demand_sd is None else system.demand_sd / CELLS_PER_SD
    if 2 * system.demand_mean * sum(system.lead_times) / step > MOST_CELLS:
        message = f"demand_mean is {system.demand_mean!r}, too much for a grid of {MOST_CELLS} points; plan in cases or pallets"
        raise InputError(message, field="demand_mean")
    demands = [lead_time_demand(system, time, step) for time in system.lead_times]
    reach = sum(len(demand.probability) + abs(demand.first) for demand in demands)
    levels = np.arange(-reach, reach + 1)
    penalty = system.stockout_cost + sum(system.echelon_holding_costs)
    onward = penalty * np.maximum(-levels * step, 0.0)
    found: list[float] = []
    cost = 0.0
    for holding, demand in zip(system.echelon_holding_costs, demands, strict=True):
        expected, start = _expected(holding * levels * step + onward, demand)
        best = int(np.argmin(expected))
        found.append(float(levels[start + best] * step))
        cost = float(expected[best])
        onward = np.full(levels.size, cost)
        onward[start : start + best] = expected[:best]
        slope = expected[1] - expected[0] if best else 0.0
        onward[:start] = expected[0] - slope * np.arange(start, 0, -1)
    return SerialBaseStock(tuple(found), cost)


def lead_time_demand(system: SerialSystem, time: float, step: float) -> LeadTimeDemand:
    """Return the distribution of demand over some time on a grid of `step` units."""
    mean = system.demand_mean * time
    if time == 0:
        return LeadTimeDemand(0, np.ones(1))
    if system.demand_sd is None:
        counts = np.arange(int(np.ceil(mean + 8 * np.sqrt(mean))) + 31)  # leaves out less than 1e-13
        return LeadTimeDemand(0, np.diff(pdtr(counts, mean), prepend=0.0))
    sd = system.demand_sd * np.sqrt(time)
    low, high = (int(np.floor((mean + side * 7.5 * sd) / step)) for side in (-1, 1))
    edges = (np.arange(low, high + 2) - 0.5) * step
    mass = np.diff(ndtr((edges - mean) / sd))
    return LeadTimeDemand(low, mass / mass.sum())


def _expected(values: Floats, demand: LeadTimeDemand) -> tuple[Floats, int]:
    """Return E[values at y - D] for the levels y that need no value outside the grid, and the place of the first."""
    count = len(demand.probability)
    whole = fftconvolve(values, demand.probability) if count > 64 else np.convolve(values, demand.probability)
    inner = whole[count - 1 : len(values)]  # value k is E[values at (k + first + count - 1) - D]
    start = count - 1 + demand.first
    if start < 0:
        return inner[-start:], 0
    return inner[: len(values) - start], start

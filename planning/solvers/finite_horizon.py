"""The optimal order levels of a finite number of periods, arrays over items: demand and costs may vary by period."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parstock.domain import Floats
from parstock.errors import InputError
from planning.solvers.amounts import amounts, together
from planning.solvers.loss import shortfall_at, shortfall_table
from planning.solvers.pieces import pieces
from planning.solvers.probabilities import probabilities

_NOTHING = 1e-17
"""A demand this improbable moves no cost by a rounding error."""


@dataclass(frozen=True, eq=False, slots=True)
class PeriodCosts:
    """Money, for T periods or for N items by T periods; the last three are of an item."""

    holding: ArrayLike
    """For a unit left at the end of a period."""
    stockout: ArrayLike
    """For a unit backordered at the end of a period."""
    purchase: ArrayLike = 0
    """For a unit ordered."""
    fixed: ArrayLike = 0
    """For an order."""
    terminal_holding: ArrayLike = 0
    """[N] for a unit left after the last period, on top of that period's holding cost."""
    terminal_stockout: ArrayLike = 0
    """[N] for a unit backordered after the last period, likewise."""
    discount: ArrayLike = 1
    """[N] what money of the next period is worth in this one, in (0, 1]."""


@dataclass(frozen=True, eq=False, slots=True)
class HorizonPlan:
    """An (s_t, S_t) policy for each of N items."""

    reorder_point: Floats
    """[N, T] s: at this position or below, an order is placed; -inf where ordering never pays."""
    order_up_to: Floats
    """[N, T] S; -inf likewise."""
    cost: Floats
    """[N] expected discounted money from the initial stock on, of the optimal decisions."""


@dataclass(frozen=True, eq=False, slots=True)
class _Horizon:
    """All the terms, spread to N items by T periods."""

    pmf: Floats
    """[N, T, D + 1]."""
    holding: Floats
    stockout: Floats
    purchase: Floats
    fixed: Floats
    discount: Floats
    """[N, 1]."""
    terminal: tuple[Floats, Floats]
    """[N] money for a unit left and for one backordered."""
    start: Floats
    """[N]."""

    def of(self, rows: NDArray[np.intp]) -> "_Horizon":
        pmf = self.pmf[rows]
        used = np.flatnonzero((pmf > _NOTHING).any(axis=(0, 1)))[-1] + 1
        return _Horizon(
            pmf=pmf[:, :, :used],
            holding=self.holding[rows],
            stockout=self.stockout[rows],
            purchase=self.purchase[rows],
            fixed=self.fixed[rows],
            discount=self.discount[rows],
            terminal=(self.terminal[0][rows], self.terminal[1][rows]),
            start=self.start[rows],
        )

    def range(self) -> tuple[Floats, Floats]:
        """[N] the lowest and highest stock that a table must have.

        Below the lowest, values are straight lines: stock is ordered there at c a unit, or never. K over the slope is how far
        under the last bend ordering may begin to pay. Above the highest, buying later is cheaper: it costs K once more, at most.
        """
        units = np.arange(self.pmf.shape[2])
        mean = self.pmf @ units
        spread = np.sqrt(np.maximum(self.pmf @ units.astype(float) ** 2 - mean**2, 0.0))
        slope, later = -self.terminal[1], self.terminal[1]
        depth, highest = np.zeros_like(slope), np.maximum(self.start, 0.0)
        remaining = np.zeros_like(slope)
        later_fixed = np.zeros_like(slope)
        most = np.where(self.pmf > 0, units, 0).max(axis=2).astype(np.float64)
        discount = self.discount[:, 0]
        for t in range(self.pmf.shape[1] - 1, -1, -1):
            remaining = remaining + most[:, t]
            rise = self.purchase[:, t] - self.stockout[:, t] + discount * slope
            orders = rise < 0
            depth += np.where(orders, self.fixed[:, t] / np.where(orders, -rise, 1.0), 0.0)
            slope = np.where(orders, -self.purchase[:, t], rise - self.purchase[:, t])
            growth = self.purchase[:, t] - discount * later + self.holding[:, t]
            unsure = (self.holding[:, t] + self.stockout[:, t]) * spread[:, t] / 2 + discount * later_fixed
            bound = np.where(growth > 0, mean[:, t] + unsure / np.where(growth > 0, growth, 1.0), np.inf)
            highest = np.maximum(highest, np.minimum(bound, remaining))
            later, later_fixed = self.purchase[:, t], self.fixed[:, t]
        lowest = np.minimum(self.start, 0.0) - np.ceil(np.minimum(depth, remaining)) - 2
        return lowest, np.ceil(highest) + 1


def finite_horizon(demand_pmf: ArrayLike, costs: PeriodCosts, initial_inventory: ArrayLike = 0) -> HorizonPlan:
    r"""Return the decisions with the least expected discounted cost, by the exact recursion over whole units.

    V_t(x) = min_{y >= x} K_t 1[y > x] + c_t (y - x) + G_t(y) + gamma E V_{t+1}(y - D_t), without lead time, with backorders;
    V_{T+1}(x) is the terminal cost. (s_t, S_t) is optimal where K_t >= gamma K_{t+1} (Scarf 1960; Snyder & Shen, 2nd ed.,
    sec. 4.5.3); s_t is the highest position from which raising stock to S_t costs no more than leaving it.

    Args:
        demand_pmf: [N, T, D + 1] probabilities of 0, 1 ... D units in each period; [T, D + 1] is one item.
        costs: Money.
        initial_inventory: [N] whole units before the first order; negative where customers wait.

    Raises:
        InputError: A cost is negative or holding and stockout are not above zero, probabilities are wrong, the stock is not
            whole, or shapes differ.

    >>> from planning.solvers.probabilities import poisson_pmf
    >>> costs = PeriodCosts(holding=1, stockout=9, purchase=2, fixed=12, terminal_stockout=9)
    >>> plan = finite_horizon(poisson_pmf([4.0, 9.0, 14.0]), costs)
    >>> plan.reorder_point, plan.order_up_to
    (array([[ 2.,  7., 13.]]), array([[16., 13., 18.]]))
    """
    horizon = _spread(demand_pmf, costs, initial_inventory)
    low, high = horizon.range()
    count, periods = horizon.holding.shape
    plan = HorizonPlan(np.empty((count, periods)), np.empty((count, periods)), np.empty(count))
    for rows in pieces((high - low + horizon.pmf.shape[2]) * 2):
        s, up_to, cost = _solved(horizon.of(rows), low[rows], high[rows])
        plan.reorder_point[rows], plan.order_up_to[rows], plan.cost[rows] = s, up_to, cost
    return plan


def _spread(demand_pmf: ArrayLike, costs: PeriodCosts, initial_inventory: ArrayLike) -> _Horizon:
    """Check the terms and spread them."""
    pmf = amounts("demand_pmf", demand_pmf)
    if pmf.ndim not in {2, 3}:
        message = f"demand_pmf has {pmf.ndim} dimensions; it must be items by periods by units, or periods by units"
        raise InputError(message, field="demand_pmf")
    pmf = pmf.reshape(-1, *pmf.shape[-2:])
    total = pmf.sum(axis=-1, keepdims=True)
    if np.abs(total - 1).max() > 1e-6:
        raise InputError(
            f"demand_pmf sums to {float(total[np.abs(total - 1) > 1e-6][0])!r} in a period; it must be 1", field="demand_pmf"
        )
    of_period = {
        "holding_cost": amounts("holding_cost", costs.holding, above=0),
        "stockout_cost": amounts("stockout_cost", costs.stockout, above=0),
        "purchase_cost": amounts("purchase_cost", costs.purchase),
        "fixed_cost": amounts("fixed_cost", costs.fixed),
    }
    of_item = {
        "discount_factor": probabilities("discount_factor", costs.discount, certain=True),
        "terminal_holding_cost": amounts("terminal_holding_cost", costs.terminal_holding),
        "terminal_stockout_cost": amounts("terminal_stockout_cost", costs.terminal_stockout),
        "initial_inventory_level": amounts("initial_inventory_level", initial_inventory, low=-np.inf),
    }
    start = of_item["initial_inventory_level"]
    if np.any(start != np.round(start)):
        message = f"initial_inventory_level is {initial_inventory!r}; it must be whole units"
        raise InputError(message, field="initial_inventory_level")
    together(demand_pmf=pmf[..., 0], **of_period, **{name: array[..., None] for name, array in of_item.items()})
    shape = np.broadcast_shapes(
        pmf.shape[:2], *(array.shape for array in of_period.values()), *((*array.shape, 1) for array in of_item.values())
    )
    rows = [np.broadcast_to(array, shape[:1]) for array in of_item.values()]
    return _Horizon(
        np.broadcast_to(pmf / total, (*shape, pmf.shape[2])),
        holding=np.broadcast_to(of_period["holding_cost"], shape),
        stockout=np.broadcast_to(of_period["stockout_cost"], shape),
        purchase=np.broadcast_to(of_period["purchase_cost"], shape),
        fixed=np.broadcast_to(of_period["fixed_cost"], shape),
        discount=rows[0][:, None],
        terminal=(rows[1], rows[2]),
        start=rows[3],
    )


def _solved(terms: _Horizon, low: Floats, high: Floats) -> tuple[Floats, Floats, Floats]:
    """Return s and S, [N, T], and the cost, [N], of the items of a piece."""
    count, periods, most = terms.pmf.shape
    level = low[:, None] + np.arange(int((high - low).max()) + 1)
    value = terms.terminal[0][:, None] * np.maximum(level, 0) + terms.terminal[1][:, None] * np.maximum(-level, 0)
    s, up_to = np.empty((count, periods)), np.empty((count, periods))
    everyone, units = np.arange(count), np.arange(most)
    beneath = np.arange(most - 1, 0, -1)
    for t in range(periods - 1, -1, -1):
        pmf, purchase = terms.pmf[:, t], terms.purchase[:, [t]]
        line = value[:, [0]] - (value[:, [1]] - value[:, [0]]) * beneath
        extended = np.concatenate([line, value], axis=1)
        backwards = np.ascontiguousarray(pmf[:, None, ::-1])
        later = np.vecdot(np.lib.stride_tricks.sliding_window_view(extended, most, axis=1), backwards)
        mean = pmf @ units
        short = shortfall_at(shortfall_table(pmf), mean, level)
        now = terms.holding[:, [t]] * (level - mean[:, None] + short) + terms.stockout[:, [t]] * short
        total = purchase * level + now + terms.discount * later
        # the best position at or above each, and whether moving there pays
        best = np.minimum.accumulate(total[:, ::-1], axis=1)[:, ::-1]
        target = total.argmin(axis=1)
        least = total[everyone, target][:, None]
        pays = (total >= terms.fixed[:, [t]] + least - 1e-11 * np.abs(least)) & (level <= level[everyone, target][:, None])
        never = target == 0  # the lower the cheaper: every unit ordered costs more than it saves
        up_to[:, t] = np.where(never, -np.inf, level[everyone, target])
        s[:, t] = np.where(pays.any(axis=1) & ~never, level[:, -1] - np.argmax(pays[:, ::-1], axis=1), -np.inf)
        value = np.minimum(total, terms.fixed[:, [t]] + best) - purchase * level
    return s, up_to, value[everyone, (terms.start - low).astype(np.intp)]

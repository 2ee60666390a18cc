"""Lost sales with a lead time: the exact optimum by dynamic programming over pipelines, and the best base stock, item by item.

A period: what was ordered L periods ago arrives, an order is placed, demand comes, what is not in stock is lost. Money:
h for each unit left, p for each unit lost; the long-run mean per period. The state is x on hand and the L - 1 orders
on their way.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from parstock.domain import Floats
from parstock.errors import InputError, ToolFailed
from planning.solvers.amounts import amounts
from planning.solvers.loss import shortfall_table
from planning.solvers.newsvendor import unit_costs
from planning.solvers.newsvendor_units import newsvendor_pmf
from planning.solvers.probabilities import checked_pmf, several_periods

MOST_CELLS = 8_000_000
"""Pipelines with an order that fit into memory: 64 MB."""
_STEPS = 20_000


@dataclass(frozen=True, eq=False, slots=True)
class LostSales:
    """The optimal order in every state of one item."""

    orders: NDArray[np.intp]
    """[X + 1, Q + 1, ... Q + 1] units to order with x on hand and the L - 1 orders on their way, the next to arrive first."""
    cost: float
    """Money per period in the long run, the middle of `cost_bounds`."""
    cost_bounds: tuple[float, float]
    """The optimum lies between them (Odoni's span bounds)."""


@dataclass(frozen=True, slots=True)
class LostSalesBaseStock:
    """The best base-stock policy of one item."""

    level: int
    """Units: every period orders what the last one sold, so that stock and pipeline are this."""
    cost: float
    """Money per period in the long run."""


@dataclass(frozen=True, eq=False, slots=True)
class _Terms:
    holding: float
    penalty: float
    pmf: Floats
    """[D + 1]."""
    lead_time: int

    @classmethod
    def of(cls, holding_cost: float, lost_sale_penalty: float, demand_pmf: ArrayLike, lead_time: int) -> "_Terms":
        holding, penalty, _ = unit_costs(holding_cost, lost_sale_penalty)
        pmf = checked_pmf(demand_pmf)[0]
        lead = float(amounts("lead_time", lead_time))
        if lead != int(lead):
            raise InputError(f"lead_time is {lead_time!r}; it must be whole periods", field="lead_time")
        return cls(float(holding), float(penalty), pmf[: np.flatnonzero(pmf)[-1] + 1], int(lead))

    def fractile(self, periods: int) -> int:
        """The newsvendor's level for the demand of some periods: no optimal sum of orders that long exceeds it."""
        pmf = several_periods(self.pmf[None], np.array([float(periods)]))
        return int(newsvendor_pmf(self.holding, self.penalty, pmf).level[0])

    def cost_at(self, most: int) -> Floats:
        """[most + 1] money of one period with 0, 1 ... units in stock."""
        level = np.arange(most + 1)
        mean = float(self.pmf @ np.arange(self.pmf.size))
        short = np.pad(shortfall_table(self.pmf[None])[0], (0, most + 1))[: most + 1]
        return np.asarray(self.holding * (level - mean + short) + self.penalty * short)


def lost_sales_optimum(
    holding_cost: float, lost_sale_penalty: float, demand_pmf: ArrayLike, lead_time: int, *, precision: float = 1e-8
) -> LostSales:
    r"""Return the policy with the least long-run cost, by relative value iteration over all pipelines at once.

    Orders are at most the newsvendor's level of one period's demand, and orders with all stock at most that of L + 1 periods
    (Morton 1969; Zipkin, Operations Research 56, 2008); the chain never leaves these states. Each iteration is one matrix product
    over stock for each size of the next arrival, and the span of a step's change bounds the optimum from both sides.

    Args:
        holding_cost: h, money for a unit left at the end of a period.
        lost_sale_penalty: p, money for a unit of demand that finds no stock.
        demand_pmf: [D + 1] probabilities of 0, 1 ... D units in a period.
        lead_time: L, whole periods.
        precision: Gap between the bounds, as a share of the cost.

    Raises:
        InputError: A cost is not above zero, probabilities are wrong, the lead time is not whole, or pipelines are too many.
        ToolFailed: The bounds do not meet (demand that is the same in every period).

    Zipkin's Poisson(5), p = 4, L = 1 costs 4.04:

    >>> from planning.solvers.probabilities import poisson_pmf
    >>> best = lost_sales_optimum(1, 4, poisson_pmf(5), 1)
    >>> round(best.cost, 4), int(best.orders[0])
    (4.0407, 6)
    """
    terms = _Terms.of(holding_cost, lost_sale_penalty, demand_pmf, lead_time)
    if terms.lead_time == 0:
        best = newsvendor_pmf(terms.holding, terms.penalty, terms.pmf)
        level, cost = int(best.level[0]), float(best.cost[0])
        return LostSales(np.arange(level, -1, -1), cost, (cost, cost))
    most, order = terms.fractile(terms.lead_time + 1), terms.fractile(1)
    shape = (most + 1, *[order + 1] * (terms.lead_time - 1))
    _check_size(terms.lead_time, math.prod(shape) * (order + 1))
    stock = np.minimum(sum(np.meshgrid(*map(np.arange, shape), indexing="ij", sparse=True)), most)
    allowed = np.arange(order + 1) <= (most - stock)[..., None]
    now = terms.cost_at(most).reshape(-1, *[1] * (terms.lead_time - 1))
    left = _left_over(terms.pmf, most)
    value = np.zeros(shape)
    for _ in range(_STEPS):
        later = np.where(allowed, _expected(value, left, order), np.inf)
        change = now + later.min(axis=-1) - value
        value += change - change.flat[0]
        low, high = float(change.min()), float(change.max())
        if high - low <= precision * high:
            return LostSales(later.argmin(axis=-1), (low + high) / 2, (low, high))
    raise ToolFailed(f"lost sales: after {_STEPS} iterations the cost is only known to be between {low:.6g} and {high:.6g}")


def _check_size(lead_time: int, cells: int) -> None:
    """Refuse what would not fit into memory.

    Raises:
        InputError: It would not.
    """
    if cells > MOST_CELLS:
        message = f"lead_time is {lead_time}, which makes {cells} pipelines with their orders; at most {MOST_CELLS} are searched"
        raise InputError(f"{message}: count in larger units, such as packs", field="lead_time")


def _left_over(pmf: Floats, most: int) -> Floats:
    """[X + 1, X + 1] P(y left | x in stock)."""
    used = np.arange(most + 1)[:, None] - np.arange(most + 1)
    probability = np.where(used >= 0, np.pad(pmf, (0, most + 1))[np.maximum(used, 0)], 0.0)
    probability[:, 0] = 1 - probability[:, 1:].sum(axis=1)
    return probability


def _expected(value: Floats, left: Floats, order: int) -> Floats:
    """[X + 1, Q + 1, ... Q + 1] the value after demand and arrival, by stock, orders on their way, and the new order last.

    Stock beyond the table never happens in the states that a policy returns to.
    """
    most = left.shape[0] - 1
    if value.ndim == 1:
        places = np.minimum(np.arange(most + 1)[:, None] + np.arange(order + 1), most)
        return np.asarray(left @ value[places])
    flat = value.reshape(most + 1, -1)
    arriving = [left @ flat[np.minimum(np.arange(most + 1) + units, most)] for units in range(order + 1)]
    return np.stack(arriving, axis=1).reshape(*[most + 1, order + 1], *value.shape[1:])


def lost_sales_base_stock(
    holding_cost: float, lost_sale_penalty: float, demand_pmf: ArrayLike, lead_time: int
) -> LostSalesBaseStock:
    """Return the best base stock under lost sales, each level by the stationary distribution of its pipelines.

    The cost is convex in the level (Janakiraman & Roundy, Operations Research 52, 2004), so the search is by halves.

    Args:
        holding_cost: h, money for a unit left at the end of a period.
        lost_sale_penalty: p, money for a unit of demand that finds no stock.
        demand_pmf: [D + 1] probabilities of 0, 1 ... D units in a period.
        lead_time: L, whole periods.

    Raises:
        InputError: A cost is not above zero, probabilities are wrong, the lead time is not whole, or pipelines are too many.

    >>> from planning.solvers.probabilities import poisson_pmf
    >>> best = lost_sales_base_stock(1, 4, poisson_pmf(5), 1)
    >>> best.level, round(best.cost, 4)
    (12, 4.1628)
    """
    terms = _Terms.of(holding_cost, lost_sale_penalty, demand_pmf, lead_time)
    low, high = 0, terms.fractile(terms.lead_time + 1)
    known: dict[int, float] = {}

    def cost(level: int) -> float:
        if level not in known:
            known[level] = _base_stock_cost(terms, level)
        return known[level]

    while low < high:
        middle = (low + high) // 2
        if cost(middle) <= cost(middle + 1):
            high = middle
        else:
            low = middle + 1
    return LostSalesBaseStock(low, cost(low))


def _base_stock_cost(terms: _Terms, level: int) -> float:
    """Long-run money per period. An order is what was sold, so the pipeline is the last L periods' sales."""
    lead = terms.lead_time
    _check_size(lead, math.comb(level + lead, lead) * (level + 1))
    sold, stock = np.zeros((1, 0), dtype=np.int64), np.array([level])
    for _ in range(lead):
        times = stock + 1
        rows = np.repeat(np.arange(stock.size), times)
        newest = np.arange(rows.size) - np.repeat(np.cumsum(times) - times, times)
        sold, stock = np.column_stack([sold[rows], newest]), stock[rows] - newest
    cost_at = terms.cost_at(level)
    if lead == 0:
        return float(cost_at[level])
    key = sold @ (level + 1) ** np.arange(lead)[::-1]
    times = stock + 1
    rows = np.repeat(np.arange(stock.size), times)
    sales = np.arange(rows.size) - np.repeat(np.cumsum(times) - times, times)
    exact = np.pad(terms.pmf, (0, level + 1))
    beyond = 1 - np.concatenate([[0.0], np.cumsum(exact)])
    chance = np.where(sales < stock[rows], exact[sales], np.maximum(beyond[sales], 0.0))
    # the newest sale is the last digit of the key: a period drops the first digit and appends its sales
    target = np.searchsorted(key, (key[rows] % (level + 1) ** (lead - 1)) * (level + 1) + sales)
    step = csr_array((chance, (target, rows)), shape=(stock.size, stock.size))
    share = np.full(stock.size, 1 / stock.size)
    for _ in range(_STEPS):
        before, share = share, step @ share
        share /= share.sum()
        if np.abs(share - before).sum() < 1e-13:
            break
    return float(share @ cost_at[stock])

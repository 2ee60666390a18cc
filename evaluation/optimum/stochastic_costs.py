"""What a plan for uncertain demand truly costs, by integrals, sums and Markov chains over `scipy.stats`: no solver is asked.

Of an answer only the decisions are read, never the costs that it claims.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import stats
from scipy.integrate import quad

from evaluation.optimum import Answer, Evaluator, Params
from evaluation.optimum.chains import horizon_cost, lost_sales_cost, min_max_cost
from evaluation.optimum.given import array, given, number, text
from parstock.domain import Floats, Json
from parstock.errors import InputError

_TAIL = 1e-13
_POINTS = 400_001


def _expected(params: Params, level: float, demand: Any) -> float:
    """Return h E(S - D)+ + p E(D - S)+ of a continuous distribution: the areas under it and over it."""
    low, high = (float(demand.ppf(tail)) for tail in (_TAIL, 1 - _TAIL))
    left = quad(
        demand.cdf, min(low, level), level, limit=500, points=[demand.median()] if low < demand.median() < level else None
    )[0]
    short = quad(demand.sf, level, max(high, level), limit=500)[0]
    return number(params, "holding_cost") * float(left) + number(params, "stockout_cost") * float(short)


def _normal(params: Params) -> Any:
    periods = number(params, "lead_time", 0) + 1
    return stats.norm(number(params, "demand_mean") * periods, number(params, "demand_sd") * np.sqrt(periods))


def _newsvendor_normal(params: Params, answer: Answer) -> Mapping[str, float]:
    return {"cost": _expected(params, number(answer, "S"), _normal(params))}


def _newsvendor_profit(params: Params, answer: Answer) -> Mapping[str, float]:
    demand, level = _normal(params), number(answer, "S")
    short = quad(demand.sf, level, max(float(demand.ppf(1 - _TAIL)), level))[0]
    sold = number(params, "demand_mean") - short
    income, salvage = number(params, "price") * sold, number(params, "salvage_value") * (level - sold)
    return {"expected_profit": float(income + salvage - number(params, "purchase_cost") * level)}


def _newsvendor_continuous(params: Params, answer: Answer) -> Mapping[str, float]:
    kinds: dict[str, Callable[[], Any]] = {
        "lognormal": lambda: stats.lognorm(number(params, "sigma"), scale=np.exp(number(params, "mu"))),
        "gamma": lambda: stats.gamma(number(params, "shape"), scale=number(params, "scale")),
        "exponential": lambda: stats.expon(scale=number(params, "demand_mean")),
        "normal": lambda: _normal(params),
    }
    return {"cost": _expected(params, number(answer, "S"), kinds[text(params, "demand")]())}


def demand_pmf(params: Params, mean: float | None = None, sd: float | None = None) -> Floats:
    """Return [D + 1] probabilities of one period's whole-unit demand; mean and sd where they differ from the parameters'."""
    kind = text(params, "demand") if "demand" in params else "normal"
    if kind == "pmf":
        listed: Json = given(params, "demand_pmf")
        pairs = listed.items() if isinstance(listed, dict) else enumerate(array(params, "demand_pmf"))
        weights = {int(units): float(np.float64(str(share))) for units, share in pairs}
        return np.array([weights.get(units, 0.0) for units in range(max(weights) + 1)])
    if kind == "empirical_sample":
        sample = array(params, "sample")
        return np.array([(sample == units).mean() for units in range(int(sample.max()) + 1)])
    if kind == "bernoulli-geometric":
        some, size = number(params, "demand_probability"), stats.geom(number(params, "geometric_p"))
        return np.concatenate([[1 - some], some * size.pmf(np.arange(1, size.isf(_TAIL) + 1))])
    if kind == "normal":
        centre = number(params, "demand_mean") if mean is None else mean
        bell = stats.norm(centre, number(params, "demand_sd") if sd is None else sd)
        edges = np.arange(max(float(np.ceil(bell.isf(_TAIL))), 0) + 1) + 0.5
        return np.diff(bell.cdf(edges), prepend=0.0)
    if kind == "poisson":
        demand = stats.poisson(number(params, "demand_mean") if mean is None else mean)
    else:
        demand = stats.nbinom(number(params, "nbinom_r"), number(params, "nbinom_p"))
    return np.asarray(demand.pmf(np.arange(demand.isf(_TAIL) + 2)))


def demand_of_periods(params: Params) -> Floats:
    """Return [D + 1] probabilities of demand in lead_time + 1 periods, one convolution a period."""
    one = demand_pmf(params)
    total = one
    for _ in range(int(number(params, "lead_time", 0))):
        total = np.convolve(total, one)
    return total


def _newsvendor_discrete(params: Params, answer: Answer) -> Mapping[str, float]:
    pmf = demand_of_periods(params)
    gap = number(answer, "S") - np.arange(pmf.size)
    money = np.where(gap > 0, number(params, "holding_cost") * gap, -number(params, "stockout_cost") * gap)
    return {"cost": float(pmf @ money)}


def _newsvendor_moq(params: Params, answer: Answer) -> Mapping[str, float]:
    order, stock = number(answer, "order_quantity"), number(params, "initial_inventory", 0)
    least = number(params, "minimum_order_quantity")
    if order != 0 and order < least * (1 - 1e-9):
        raise InputError(f"order_quantity is {order!r}; it must be 0 or at least {least!r}", field="order_quantity")
    demand = _normal(params)
    return {"cost": _expected(params, stock + order, demand), "cost_no_order": _expected(params, stock, demand)}


def _newsvendor_budget(params: Params, answer: Answer) -> Mapping[str, float]:
    levels, prices, budget = array(answer, "S"), array(params, "unit_costs"), number(params, "budget")
    if (levels < -1e-9).any() or levels @ prices > budget * (1 + 1e-9):
        raise InputError(f"S is {levels.tolist()!r}; it must be at least 0 and take at most {budget!r}", field="S")
    names = {
        "holding_cost": "holding_costs",
        "stockout_cost": "stockout_costs",
        "demand_mean": "demand_means",
        "demand_sd": "demand_sds",
    }
    columns = {name: array(params, several) for name, several in names.items()}
    items: list[Params] = [{name: float(column[row]) for name, column in columns.items()} for row in range(levels.size)]
    return {"cost": sum(_expected(item, float(level), _normal(item)) for item, level in zip(items, levels, strict=True))}


def _newsvendor_disruptions(params: Params, answer: Answer) -> Mapping[str, float]:
    fails, heals, demand = (number(params, name) for name in ("disruption_prob", "recovery_prob", "demand"))
    up, level = heals / (fails + heals), number(answer, "S")
    cost, share, down = 0.0, up, 0
    while share > 1e-18 * up or down <= 1:
        gap = level - (down + 1) * demand
        cost += share * (number(params, "holding_cost") * max(gap, 0) + number(params, "stockout_cost") * max(-gap, 0))
        share *= fails if down == 0 else 1 - heals
        down += 1
    return {"cost": cost}


def _safety_stock(params: Params, answer: Answer) -> Mapping[str, float]:
    review, lead = number(params, "review_period", 0), number(params, "lead_time")
    mean = number(params, "demand_mean") * (review + lead)
    variance = (review + lead) * number(params, "demand_sd") ** 2 + (
        number(params, "demand_mean") * number(params, "lead_time_sd", 0)
    ) ** 2
    demand = stats.norm(mean, np.sqrt(variance))
    level = number(answer, "order_up_to" if review else "reorder_point")
    short = float(quad(demand.sf, level, max(float(demand.isf(1e-15)), level))[0])
    true = {"safety_stock": level - mean, "lead_time_demand_sd": float(demand.std()), "expected_shortage_per_cycle": short}
    true |= {"cycle_service_level": float(demand.cdf(level))}
    quantity = number(params, "order_quantity", number(params, "demand_mean") * review)
    if quantity:
        true["fill_rate"] = 1 - short / quantity
    for target in ("cycle_service_level", "fill_rate"):
        if params.get(target) is not None and true[target] < number(params, target) - 1e-6:
            raise InputError(f"{target} is {true[target]!r}; the target is {params[target]!r}", field=target)
    return true


def _position_costs(params: Params, level: Floats, demand: Any) -> Floats:
    """G over a fine grid of positions: the areas under the distribution and over it, by the trapezoidal rule."""
    step = level[1] - level[0]
    below, beyond = demand.cdf(level), demand.sf(level)
    left = np.concatenate([[0.0], np.cumsum((below[1:] + below[:-1]) / 2)]) * step
    short = np.concatenate([np.cumsum(((beyond[1:] + beyond[:-1]) / 2)[::-1])[::-1], [0.0]]) * step
    return np.asarray(number(params, "holding_cost") * left + number(params, "stockout_cost") * short)


def _rq_normal(params: Params, answer: Answer) -> Mapping[str, float]:
    lead, rate = number(params, "lead_time"), number(params, "demand_mean")
    demand = stats.norm(rate * lead, number(params, "demand_sd") * np.sqrt(lead))
    low, lot = number(answer, "r"), number(answer, "Q")
    level = np.linspace(min(float(demand.ppf(_TAIL)), low), max(float(demand.isf(_TAIL)), low + lot), _POINTS)
    positions = np.linspace(low, low + lot, 20_001)
    mean_cost = float(np.trapezoid(np.interp(positions, level, _position_costs(params, level, demand)), positions))
    return {"cost": (number(params, "fixed_cost") * rate + mean_cost) / lot}


def _rq_poisson(params: Params, answer: Answer) -> Mapping[str, float]:
    rate, low, lot = number(params, "demand_mean"), int(number(answer, "r")), int(number(answer, "Q"))
    demand = stats.poisson(rate * number(params, "lead_time"))
    units = np.arange(demand.isf(_TAIL) + 2)
    gap = np.arange(low + 1, low + lot + 1)[:, None] - units
    money = np.where(gap > 0, number(params, "holding_cost") * gap, -number(params, "stockout_cost") * gap)
    return {"cost": float(number(params, "fixed_cost") * rate / lot + (money @ demand.pmf(units)).mean())}


def _rq_unit_shortage(params: Params, answer: Answer) -> Mapping[str, float]:
    demand = stats.norm(number(params, "leadtime_demand_mean"), number(params, "leadtime_demand_sd"))
    point, lot = number(answer, "r"), number(answer, "Q")
    short = quad(demand.sf, point, max(float(demand.isf(1e-15)), point))[0]
    cycles = number(params, "demand_rate") / lot
    stock = lot / 2 + point - number(params, "leadtime_demand_mean")
    shortage = number(params, "stockout_cost_per_unit") * float(short)
    return {"cost": number(params, "holding_cost") * stock + cycles * (number(params, "fixed_cost") + shortage)}


def _min_max(params: Params, answer: Answer, prefix: str = "") -> Mapping[str, float]:
    low, high = int(number(answer, f"{prefix}s")), int(number(answer, f"{prefix}S"))
    costs = tuple(number(params, name) for name in ("holding_cost", "stockout_cost", "fixed_cost"))
    return {f"{prefix}cost": min_max_cost(low, high, costs, demand_pmf(params), demand_of_periods(params))}


def _min_max_normal(params: Params, answer: Answer) -> Mapping[str, float]:
    return _min_max(params, answer, "discretised_optimal_")


def _lost_sales(params: Params, answer: Answer) -> Mapping[str, float]:
    costs = number(params, "holding_cost"), number(params, "lost_sale_penalty")
    lead, pmf = int(number(params, "lead_time")), demand_pmf(params)
    table = np.asarray(answer["orders"])
    true = {"cost": lost_sales_cost(costs, pmf, lead, lambda states: table[tuple(states.T)])}
    if "best_base_stock" in answer:
        level = int(number(answer, "best_base_stock"))
        simple = lost_sales_cost(costs, pmf, lead, lambda states: np.maximum(level - states.sum(axis=1), 0))
        true["best_base_stock_cost"] = simple
    return true


def _finite_horizon(params: Params, answer: Answer) -> Mapping[str, float]:
    periods = int(number(params, "num_periods"))
    columns = {
        name: np.broadcast_to(array(params, name, 0), periods).tolist()
        for name in ("demand_mean", "demand_sd", "holding_cost", "stockout_cost", "purchase_cost", "fixed_cost")
        if name in params
    }
    moments = zip(columns.get("demand_mean", [None] * periods), columns.get("demand_sd", [None] * periods), strict=True)
    pmfs = [demand_pmf(params, mean, sd) for mean, sd in moments]
    levels = list(zip(_levels(answer, "s"), _levels(answer, "S"), strict=True))
    money = [columns[name] for name in ("holding_cost", "stockout_cost", "purchase_cost", "fixed_cost")]
    terminal = number(params, "terminal_holding_cost", 0), number(params, "terminal_stockout_cost", 0)
    start, discount = int(number(params, "initial_inventory_level", 0)), number(params, "discount_factor", 1)
    return {"cost": horizon_cost(levels, pmfs, money, terminal, start, discount)}


def _levels(answer: Answer, name: str) -> list[float]:
    """The levels of all periods; null where nothing is ever ordered."""
    levels = answer[name]
    if not isinstance(levels, list):
        raise InputError(f"{name} is {levels!r}; it must be a list of levels", field=name)
    return [-np.inf if level is None else number({name: level}, name) for level in levels]


EVALUATORS: dict[str, Evaluator] = {
    "newsvendor_normal": _newsvendor_normal,
    "newsvendor_profit": _newsvendor_profit,
    "newsvendor_discrete": _newsvendor_discrete,
    "newsvendor_continuous": _newsvendor_continuous,
    "newsvendor_moq": _newsvendor_moq,
    "newsvendor_budget": _newsvendor_budget,
    "newsvendor_disruptions": _newsvendor_disruptions,
    "safety_stock": _safety_stock,
    "rq_normal_exact": _rq_normal,
    "rq_poisson_exact": _rq_poisson,
    "rq_unit_shortage_cost": _rq_unit_shortage,
    "sS_exact": _min_max,
    "sS_normal_demand": _min_max_normal,
    "lost_sales_dp": _lost_sales,
    "finite_horizon_dp": _finite_horizon,
}
"""Family -> true costs of a plan; each refuses a plan that breaks a constraint."""

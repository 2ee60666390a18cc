"""Linear and mixed-integer programs, solved by HiGHS through scipy, with what is proven about the answer."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from parstock.domain import Bools, Floats
from parstock.errors import InputError, ToolFailed

_INFEASIBLE = 2
COUPLED_FROM = 5000
"""Variables from which a program with rows that couple all is faster by interior points (and crossover to a corner)."""


@dataclass(frozen=True, eq=False, slots=True)
class LinearAnswer:
    """The best point of a linear program."""

    values: Floats
    """[V] of the variables."""
    objective: float
    lower_bound: float
    """What the dual prices prove that no point goes below."""
    row_prices: Floats
    """[M] change of the objective for one more unit of each row's limit, at most 0."""


@dataclass(frozen=True, eq=False, slots=True)
class IntegerAnswer:
    """The best point that was found of a mixed-integer program."""

    values: Floats
    """[V] of the variables, whole ones rounded."""
    objective: float
    lower_bound: float
    """What the search has proven that no point goes below."""


def relative_gap(cost: float, lower_bound: float) -> float:
    """Return how far a cost may be above the least possible, as a share of the cost.

    >>> relative_gap(200.0, 199.0)
    0.005
    """
    return max(cost - lower_bound, 0.0) / max(abs(cost), 1e-9)


def minimise(
    costs: Floats, rows: csr_array, limits: Floats, upper: Floats, conflict: InputError, *, coupled: bool = False
) -> LinearAnswer:
    """Minimise costs . x over rows x <= limits and 0 <= x <= upper.

    Args:
        costs: [V].
        rows: [M, V].
        limits: [M].
        upper: [V], infinite for none.
        conflict: Raised when there is no such point.
        coupled: Whether a few rows run through most variables, which the simplex method takes long over.

    Raises:
        InputError: The conflict.
        ToolFailed: The solver gave up.
    """
    if costs.size == 0:
        return LinearAnswer(np.zeros(0), 0.0, 0.0, np.zeros(limits.size))
    method = "highs-ipm" if coupled and costs.size >= COUPLED_FROM else "highs"
    found = linprog(costs, A_ub=rows, b_ub=limits, bounds=np.column_stack([np.zeros_like(upper), upper]), method=method)
    if found.status == _INFEASIBLE:
        raise conflict
    if found.x is None or found.status != 0:
        raise ToolFailed(f"the linear program was not solved: {found.message}")
    bounded = np.isfinite(upper)
    proven = float(found.ineqlin.marginals @ limits + found.upper.marginals[bounded] @ upper[bounded])
    return LinearAnswer(np.asarray(found.x), float(found.fun), proven, np.asarray(found.ineqlin.marginals))


def minimise_integer(
    costs: Floats,
    rows: csr_array,
    limits: Floats,
    upper: Floats,
    whole: Bools,
    conflict: InputError,
    *,
    seconds: float = math.inf,
) -> IntegerAnswer:
    """Minimise costs . x over rows x <= limits, 0 <= x <= upper, and x whole where `whole`.

    Args:
        costs: [V].
        rows: [M, V].
        limits: [M].
        upper: [V], infinite for none.
        whole: [V].
        conflict: Raised when there is no such point, or none was found in time.
        seconds: Most time to search; the best point so far counts then, with the bound proven so far.

    Raises:
        InputError: The conflict.
        ToolFailed: The solver gave up.
    """
    options = {"mip_rel_gap": 0.0} | ({"time_limit": seconds} if math.isfinite(seconds) else {})
    constraint = LinearConstraint(rows, -np.inf, limits)
    found = milp(costs, integrality=whole.astype(np.intp), bounds=Bounds(0, upper), constraints=constraint, options=options)
    if found.x is None:
        if found.status in {1, _INFEASIBLE}:
            raise conflict
        raise ToolFailed(f"the integer program was not solved: {found.message}")
    values = np.where(whole, np.round(found.x), found.x)
    return IntegerAnswer(values, float(costs @ values), float(found.mip_dual_bound))

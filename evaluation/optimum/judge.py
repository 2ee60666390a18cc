"""Whether an answer is an optimum: its true cost first, then the policy where the family has but one."""

import importlib
import pkgutil
from collections.abc import Mapping

import numpy as np

from evaluation import optimum
from evaluation.optimum import Evaluator, Solver
from evaluation.optimum.instances import Instance
from parstock.domain import Json
from parstock.errors import ParstockError

REFERENCE = ("heuristic", "cost_of_", "an_optimal", "silver_")
"""Parts of the names under `expected` that are there to compare with, not to be met."""
_COST_REL = 1e-4


def families() -> tuple[dict[str, Solver], dict[str, Evaluator]]:
    """Return the solvers and the evaluators of every file of families in this folder."""
    solvers: dict[str, Solver] = {}
    evaluators: dict[str, Evaluator] = {}
    for module in pkgutil.iter_modules(optimum.__path__):
        found = importlib.import_module(f"{optimum.__name__}.{module.name}")
        solvers |= getattr(found, "SOLVERS", {})
        evaluators |= getattr(found, "EVALUATORS", {})
    return solvers, evaluators


def faults(case: Instance, solvers: Mapping[str, Solver], evaluators: Mapping[str, Evaluator]) -> list[str]:
    """Return what is wrong with our answer to an instance; nothing if it passes.

    A cost counts as the evaluator recomputes it: it must be the expected one within `cost_rel`, and so must the claimed
    one. Other values count where the tolerance names a bound for policies. Values for reference are not looked at.
    """
    if case.family not in solvers:
        return [f"unknown family {case.family!r}; known: {', '.join(sorted(solvers))}"]
    try:
        answer = solvers[case.family](case.params)
        true = dict(evaluators[case.family](case.params, answer))
    except (ParstockError, ArithmeticError, ValueError) as error:
        return [f"{type(error).__name__}: {error}"]
    judged = {name: value for name, value in case.expected.items() if not any(part in name for part in REFERENCE)}
    found: list[str] = []
    looked_at = 0
    for name, wanted in judged.items():
        if name in true:
            looked_at += 1
            allowed = case.tolerance.get("cost_rel", case.tolerance.get("policy_rel", _COST_REL))
            found += _apart(name, true[name], wanted, allowed, 0.0)
            found += _apart(f"claimed {name}", answer.get(name), true[name], max(allowed, 1e-6), 0.0)
        elif name in answer and _has_policy(case):
            looked_at += 1
            found += _apart(name, answer[name], wanted, *_policy_bounds(case))
    return found if looked_at else ["none of what is expected was answered: " + ", ".join(judged)]


def _has_policy(case: Instance) -> bool:
    return any(name in case.tolerance for name in ("policy_rel", "policy_abs", "base_stock_abs"))


def _policy_bounds(case: Instance) -> tuple[float, float]:
    """Return how far a policy value may be off, as a share of it and absolutely."""
    absolute = max(case.tolerance.get("policy_abs", 0.0), case.tolerance.get("base_stock_abs", 0.0))
    return case.tolerance.get("policy_rel", 0.0), absolute


def _apart(name: str, value: Json, wanted: Json, relative: float, absolute: float) -> list[str]:
    """Return a sentence if two values, or two lists of them, are further apart than allowed."""
    try:
        one, other = (np.asarray(given, dtype=np.float64) for given in (value, wanted))
        same = one.shape == other.shape and bool(np.all(np.abs(one - other) <= relative * np.abs(other) + absolute + 1e-9))
    except (TypeError, ValueError):
        same = value == wanted
    return [] if same else [f"{name} is {value!r}, expected {wanted!r}"]

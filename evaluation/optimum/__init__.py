"""The planner's solvers behind the families of instances with known optimum, each with an independent evaluator.

A file of families (`deterministic`, `stochastic`) offers two mappings by family name. `SOLVERS[family](params)` returns the plan
found and its claimed costs, under the names that the instances' `expected` uses, and whatever else describes the plan.
`EVALUATORS[family](params, answer)` recomputes the plan's true costs by a second code path, under the same names, and refuses a
plan that breaks a constraint; it never looks at the claimed costs. Both raise `InputError` on nonsense.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from parstock.domain import Json

Params: TypeAlias = Mapping[str, Json]
Answer: TypeAlias = dict[str, Json]
Solver: TypeAlias = Callable[[Params], Answer]
Evaluator: TypeAlias = Callable[[Params, Answer], Mapping[str, float]]

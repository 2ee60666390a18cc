"""The suite `optimum`: the planner's solvers on instances whose optimum is known, every plan's cost computed anew."""

import json
from collections.abc import Mapping
from pathlib import Path

from evaluation.base import Form, Options, Progress, Report, suites
from evaluation.cost import Cost
from evaluation.intervals import interval
from evaluation.optimum.instances import read_instances
from evaluation.optimum.judge import families, faults
from parstock.domain import Json
from parstock.errors import InputError

DEFINITIONS: Mapping[str, str] = {
    "passed": "instances whose plan keeps to every constraint and whose recomputed cost is the known optimum within the "
    "tolerance, and whose policy is too where the instance bounds it",
    "failures": "the other instances, each with what is wrong",
    "intervals": "95 % bootstrap interval of the share passed (2,000 resamples)",
    "seconds": "wall clock of solving and checking; cpu_seconds: of the processor, all threads together",
}


@suites.register("optimum")
class OptimumSuite:
    """Solves each instance, has an independent evaluator recompute what the plan costs, and compares with the optimum."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Solve and judge instance by instance."""
        options.read(Form)
        if options.model is not None:
            message = f"--model is {options.model!r}, but this suite asks no chat model; it takes --cases"
            raise InputError(message, field="model")
        cases = read_instances(options.cases)
        solvers, evaluators = families()
        by_family: dict[str, dict[str, int]] = {}
        failures: list[Json] = []
        results: list[bool] = []
        with Cost() as cost:
            for done, case in enumerate(cases):
                found = faults(case, solvers, evaluators)
                counts = by_family.setdefault(case.family, {"n": 0, "passed": 0})
                counts["n"] += 1
                counts["passed"] += not found
                results.append(not found)
                if found:
                    failures.append({"id": case.id, "family": case.family, "message": "; ".join(found)})
                if progress is not None:
                    progress((done + 1) / len(cases), case.id)
        return {
            "suite": "optimum",
            "model": "none",
            "n": len(cases),
            "passed": sum(results),
            "pass_rate": round(sum(results) / len(cases), 4),
            "intervals": {"pass_rate": list(interval(results))},
            "by_family": {name: {"n": counts["n"], "passed": counts["passed"]} for name, counts in sorted(by_family.items())},
            "failures": failures,
            "seconds": round(cost.seconds, 3),
            "cpu_seconds": round(cost.cpu_seconds, 3),
            "definitions": dict(DEFINITIONS),
        }

    def sample(self, folder: Path) -> Mapping[str, str]:
        """Write a lot size that passes and a family that nobody knows."""
        lot = {"fixed_cost": 8, "holding_cost": 0.225, "demand_rate": 1300}
        expected, tolerance = {"Q": 304.04678, "cost": 68.4105255}, {"cost_rel": 1e-4, "policy_rel": 1e-3}
        cases = [
            {"id": name, "family": name, "params": lot, "expected": expected, "tolerance": tolerance}
            for name in ("eoq", "riddle")
        ]
        path = folder / "instances.json"
        path.write_text(json.dumps({"cases": cases}), encoding="utf-8")
        return {"cases": str(path)}

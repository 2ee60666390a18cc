"""The suite of instances with known optimum: what passes, what fails, and that plans are checked anew."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from evaluation.base import Options, run_suite
from evaluation.optimum.deterministic import EVALUATORS, SOLVERS
from evaluation.optimum.instances import Instance
from evaluation.optimum.judge import faults
from parstock.errors import InputError
from parstock.settings import Settings

SHARED = os.environ.get("PARSTOCK_SHARED")
LOT = {"fixed_cost": 8, "holding_cost": 0.225, "demand_rate": 1300}


def report(cases: Path) -> dict[str, Any]:
    """The suite's report on a file of cases."""
    return run_suite("optimum", Options(Settings(home=cases.parent / "home", model="scripted"), cases))


def instance(expected: dict[str, Any], params: dict[str, Any] = LOT, family: str = "eoq") -> Instance:
    """A case with the usual tolerance."""
    return Instance(id="x", family=family, params=params, expected=expected, tolerance={"cost_rel": 1e-4, "policy_rel": 1e-3})


@pytest.mark.skipif(SHARED is None, reason="PARSTOCK_SHARED names no folder with instances/optimum-cases.json")
def test_every_known_optimum_is_found() -> None:
    """All published instances pass, each plan's cost computed anew."""
    found = report(Path(str(SHARED)) / "instances" / "optimum-cases.json")

    assert found["failures"] == []
    assert found["passed"] == found["n"] == 94


def test_an_unknown_family_is_a_failure(tmp_path: Path) -> None:
    """A family that nobody solves is counted and named, and the others are judged all the same."""
    path = tmp_path / "cases.json"
    path.write_text(
        json.dumps({"cases": [instance({"cost": 1}, family="riddle").model_dump(), instance({"Q": 304.047}).model_dump()]})
    )
    found = report(path)

    assert (found["n"], found["passed"]) == (2, 1)
    assert found["by_family"] == {"eoq": {"n": 1, "passed": 1}, "riddle": {"n": 1, "passed": 0}}
    assert "unknown family 'riddle'" in found["failures"][0]["message"]


@pytest.mark.parametrize(
    ("family", "params", "message"),
    [
        ("eoq", LOT | {"fixed_cost": -8}, "fixed_cost is -8.0"),
        ("eoq", LOT | {"demand_rate": "many"}, "demand_rate is 'many'"),
        ("eoq", {"fixed_cost": 8}, "holding_cost is missing"),
        ("wagner_whitin", {"demand": [], "fixed_cost": 1, "holding_cost": 1}, "not empty"),
        ("wagner_whitin", {"demand": [[1], [1, 2]], "fixed_cost": 1, "holding_cost": 1}, "of one length"),
        ("clark_scarf_serial", {"demand": "gamma"}, "known: normal, poisson"),
        ("gsm_safety_stock_placement", {"nodes": {"a": {"h": 1, "T": 1, "z": 1, "si": 0.5}}, "edges": []}, "whole periods"),
        ("gsm_safety_stock_placement", {"nodes": {}, "edges": ["a"]}, "pairs"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_counted(family: str, params: dict[str, Any], message: str) -> None:
    """A problem that makes no sense fails with the solver's refusal, not with a crash."""
    (found,) = faults(instance({"cost": 1}, params, family), SOLVERS, EVALUATORS)

    assert message in found
    assert "InputError" in found


def test_a_claimed_cost_is_not_believed() -> None:
    """A plan that costs more than it says fails by its true cost and by its claim."""
    found = faults(instance({"cost": 68.41}), {"eoq": lambda _: {"Q": 100.0, "cost": 68.41}}, EVALUATORS)

    assert len(found) == 2
    assert found[0].startswith("cost is 115.2")


def test_a_wrong_policy_fails_at_the_right_cost() -> None:
    """Where the optimum is one policy, another one fails; values for reference are not looked at."""
    found = faults(instance({"cost": 68.41, "Q": 290, "cost_of_rule_of_thumb": 1}), SOLVERS, EVALUATORS)

    assert found == ["Q is 304.0467800264368, expected 290"]


@pytest.mark.parametrize(
    ("family", "params", "answer"),
    [
        ("wagner_whitin", {"demand": [5, 5], "fixed_cost": 1, "holding_cost": 1}, {"plan": [5, 0]}),
        ("lot_sizing_constrained", {"demand": [5], "fixed_cost": 1, "holding_cost": 1, "pack_size": 4}, {"plan": [5]}),
        ("transportation_lp", {"supply": [5], "demand": [5], "unit_cost": [[1]]}, {"plan": [[4]]}),
        ("transportation_lp", {"supply": [5], "demand": [5], "unit_cost": [[1]]}, {"plan": [[6]]}),
        ("power_of_two_eoq", LOT | {"base_period": 1}, {"T": 3.0}),
    ],
)  # fmt: skip
def test_a_plan_that_breaks_a_constraint_has_no_cost(family: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
    """Evaluators refuse plans that are not feasible, however cheap."""
    with pytest.raises(InputError):
        EVALUATORS[family](params, answer)

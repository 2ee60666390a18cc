"""The cases as a task of Inspect; skipped where that extra is not installed."""

import gc
import json
from pathlib import Path
from typing import Any

import pytest

inspect_ai = pytest.importorskip("inspect_ai", reason="Inspect is not installed: pip install 'parstock[inspect]'")

pytestmark = pytest.mark.filterwarnings(  # Inspect leaves streams open and calls what is deprecated
    "ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
CASES = (
    {"id": "a", "messages": [{"role": "user", "content": "hello"}], "expect": {"behaviour": "answer"}},
    {"id": "b", "messages": [{"role": "user", "content": "mugs?"}], "expect": {"behaviour": "clarify"}},
)


@pytest.fixture
def cases(tmp_path: Path) -> str:
    """A file of two cases."""
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in CASES), encoding="utf-8")
    return str(path)


def means(task: Any, folder: Path, model: Any) -> dict[str, float]:
    """The mean of each score of a run."""
    (log,) = inspect_ai.eval(task, model=model, display="none", max_samples=1, log_dir=str(folder / "logs"), log_format="json")
    gc.collect()
    assert log.status == "success", log.error
    return {score.name: score.metrics["mean"].value for score in log.results.scores}


def test_a_model_of_the_product_is_scored_as_by_the_suite(cases: str, tmp_path: Path) -> None:
    """The scripted model says nothing, which is right where small talk is and wrong where a question is."""
    from evaluation.inspect_task import tool_calls

    scores = means(tool_calls(cases, arm="scripted"), tmp_path, None)

    assert scores == {"behaviour": 0.5, "tool": 0.5, "exact": 0.5, "wrong_call": 0.0}


def test_a_model_of_inspect_is_offered_the_tools(cases: str, tmp_path: Path) -> None:
    """A call of one of the ways not to call is that behaviour, and a call of a tool where none is right misleads."""
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    from evaluation.inspect_task import tool_calls

    calls = [("get_stock", {"item": "mugs"}), ("ask_user", {"missing": "item"})]
    outputs = [ModelOutput.for_tool_call("mockllm", name, arguments) for name, arguments in calls]
    for output in outputs:
        output.usage = ModelUsage()
    model = get_model("mockllm/model", custom_outputs=outputs)
    scores = means(tool_calls(cases), tmp_path, model)

    assert scores == {"behaviour": 0.5, "tool": 0.5, "exact": 0.5, "wrong_call": 0.5}

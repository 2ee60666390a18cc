"""What every evaluation suite must do; a new file in evaluation/suites/ is tested by being there."""

import json
from pathlib import Path

import pytest

from evaluation.base import Options, Report, run_suite, suites
from parstock.errors import InputError, SetupError
from parstock.settings import Settings


@pytest.fixture(params=suites.names())
def name(request: pytest.FixtureRequest) -> str:
    """The name of each registered suite."""
    return str(request.param)


def run(name: str, folder: Path, cases: Path | None, model: str | None = None, told: list[float] | None = None) -> Report:
    """A suite's report on the scripted model, which says nothing."""
    settings = Settings(home=folder / "home", model="scripted")
    return run_suite(name, Options(settings, cases, model), lambda share, _: told.append(share) if told is not None else None)


def test_a_report_says_what_was_measured_and_how_surely(name: str, tmp_path: Path) -> None:
    """A report is JSON with the suite, the model, the number of cases, and for each metric a mean inside its interval."""
    report = run(name, tmp_path, suites.get(name)().sample(tmp_path))

    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert (report["suite"], report["model"]) == (name, "scripted")
    assert isinstance(report["n"], int)
    assert report["n"] > 0
    assert report["intervals"]
    for metric, (low, high) in report["intervals"].items():  # type: ignore[union-attr, misc]
        assert low <= report[metric] <= high  # type: ignore[operator]


def test_measuring_twice_gives_the_same(name: str, tmp_path: Path) -> None:
    """Scores do not depend on chance; only the time that a model took may differ."""
    cases = suites.get(name)().sample(tmp_path)
    first, second = (run(name, tmp_path, cases) for _ in range(2))

    assert {k: v for k, v in first.items() if k != "latency_ms"} == {k: v for k, v in second.items() if k != "latency_ms"}


def test_progress_rises_to_the_end(name: str, tmp_path: Path) -> None:
    """Whoever waits is told the share done, never less than before, at last all of it."""
    told: list[float] = []
    run(name, tmp_path, suites.get(name)().sample(tmp_path), told=told)

    assert told == sorted(told)
    assert told[-1] == 1


@pytest.mark.parametrize("content", ["", "{}\n", "not JSON\n", "\x00\n"])
def test_bad_cases_are_the_persons_to_correct(name: str, tmp_path: Path, content: str) -> None:
    """A file that holds no cases is an input error that names it, raised before any model is asked."""
    path = tmp_path / "bad.jsonl"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(InputError, match=r"bad\.jsonl") as caught:
        run(name, tmp_path, path, model="openai:nobody@http://127.0.0.1:9")
    assert caught.value.field == "cases"


def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    """A path with a typing error comes back in the message."""
    with pytest.raises(InputError, match=r"nowhere\.jsonl"):
        run(name, tmp_path, tmp_path / "nowhere.jsonl")


def test_an_unknown_model_is_the_operators_to_correct(name: str, tmp_path: Path) -> None:
    """A model that cannot be opened is a setup error."""
    with pytest.raises(SetupError, match="no-such-model"):
        run(name, tmp_path, suites.get(name)().sample(tmp_path), model="no-such-model")

"""What every evaluation suite must do; a new file in evaluation/suites/ is tested by being there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evaluation.base import COSTS, Options, Report, run_suite, suites
from parstock.errors import InputError, SetupError
from parstock.settings import Settings


@pytest.fixture(params=suites.names())
def name(request: pytest.FixtureRequest) -> str:
    """The name of each registered suite."""
    return str(request.param)


def run(
    name: str, folder: Path, given: Mapping[str, str], model: str | None = None, told: list[float] | None = None
) -> dict[str, Any]:
    """A suite's report on the scripted model, which says nothing."""
    settings = Settings(home=folder / "home", model="scripted")
    cases = Path(given["cases"]) if "cases" in given else None
    own = {option: value for option, value in given.items() if option != "cases"}
    options = Options(settings, cases, model, own)
    return run_suite(name, options, lambda share, _: told.append(share) if told is not None else None)


def files(name: str, folder: Path) -> dict[str, Path]:
    """The options of a suite's sample that name files."""
    return {option: Path(value) for option, value in suites.get(name)().sample(folder).items() if Path(value).is_file()}


def without_costs(report: Any) -> Any:
    """A report without what may differ when it is made again."""
    if not isinstance(report, dict):
        return report
    return {key: without_costs(value) for key, value in report.items() if key not in COSTS}


def test_a_report_says_what_was_measured_and_how_surely(name: str, tmp_path: Path) -> None:
    """A report is JSON with the suite, the number of cases, and of each model every metric's mean inside its interval."""
    report = run(name, tmp_path, suites.get(name)().sample(tmp_path))
    measured: dict[str, Report] = report["models"] if "models" in report else {report["model"]: report}

    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["suite"] == name
    assert report["n"] > 0
    assert measured
    for figures in measured.values():
        assert figures["intervals"]
        for metric, (low, high) in figures["intervals"].items():  # type: ignore[union-attr, misc]
            assert low <= figures[metric] <= high  # type: ignore[operator]


def test_measuring_twice_gives_the_same(name: str, tmp_path: Path) -> None:
    """Scores do not depend on chance; only what a model cost may differ."""
    sample = suites.get(name)().sample(tmp_path)
    first, second = (run(name, tmp_path, sample) for _ in range(2))

    assert without_costs(first) == without_costs(second)


def test_progress_rises_to_the_end(name: str, tmp_path: Path) -> None:
    """Whoever waits is told the share done, never less than before, at last all of it."""
    told: list[float] = []
    run(name, tmp_path, suites.get(name)().sample(tmp_path), told=told)

    assert told == sorted(told)
    assert told[-1] == 1


@pytest.mark.parametrize("content", ["", "{}\n", "not JSON\n", "\x00\n"])
def test_bad_files_are_the_persons_to_correct(name: str, tmp_path: Path, content: str) -> None:
    """A file that holds nothing of use is an input error that names it and its option, raised before any model is asked."""
    sample = suites.get(name)().sample(tmp_path)
    for option, good in files(name, tmp_path).items():
        bad = tmp_path / f"bad{good.suffix}"
        bad.write_text(content, encoding="utf-8")

        with pytest.raises(InputError, match=bad.name) as caught:
            run(name, tmp_path, {**sample, option: str(bad)})
        assert caught.value.field == option


def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    """A path with a typing error comes back in the message."""
    sample = suites.get(name)().sample(tmp_path)
    for option, good in files(name, tmp_path).items():
        with pytest.raises(InputError, match="nowhere"):
            run(name, tmp_path, {**sample, option: str(tmp_path / f"nowhere{good.suffix}")})


def test_an_unknown_model_is_refused(name: str, tmp_path: Path) -> None:
    """A chat model that cannot be opened is the operator's to correct; where none is asked, naming one is the person's."""
    with pytest.raises((SetupError, InputError), match="no-such-model"):
        run(name, tmp_path, suites.get(name)().sample(tmp_path), model="no-such-model")


def test_an_unknown_option_is_refused(name: str, tmp_path: Path) -> None:
    """An option that the suite does not know, such as a misspelt one, is an error that lists what it knows."""
    with pytest.raises(InputError, match="--casess is not known; options of this suite") as caught:
        run(name, tmp_path, {**suites.get(name)().sample(tmp_path), "casess": "x"})
    assert caught.value.field == "casess"

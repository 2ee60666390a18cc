"""How the suite `all` puts the others together."""

import json
from pathlib import Path
from typing import Any

import pytest

import evaluation.suites.all as together
from evaluation.base import Options, Progress, Report, rows_of, run_suite
from evaluation.notes import NoteCase
from parstock.errors import InputError, SetupError
from parstock.settings import Settings

CASE = {"id": "c", "lang": "en", "messages": [{"role": "user", "content": "hi"}], "expect": {"behaviour": "answer"}}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Options]]:
    """Suites that take note of what they were given instead of measuring; the one on "broken" fails."""
    ran: list[tuple[str, Options]] = []

    def measured(name: str, options: Options, progress: Progress | None = None) -> Report:
        ran.append((name, options))
        if options.model == "openai:broken@http://127.0.0.1:1":
            raise SetupError("no answer")
        figure = together.PARTS[name].figures[0]
        found: Report = {"n": 4, figure: 0.5, "intervals": {figure: [0.25, 0.75]}, "by_lang": {"zh": {figure: 0.125}}}
        if progress is not None:
            progress(1.0, "")
        if options.model is None:
            return {"suite": name, "n": 4, "models": {"search": found, "words": found}}
        return {"suite": name, "model": options.model, **found}

    monkeypatch.setattr(together, "run_suite", measured)
    return ran


def run(folder: Path, model: str | None = None, **given: str) -> dict[str, Any]:
    """The report of all suites on one small case."""
    cases = folder / "cases.jsonl"
    cases.write_text(json.dumps(CASE), encoding="utf-8")
    return run_suite("all", Options(Settings(home=folder), cases, model, given))


def test_every_suite_is_run_on_every_model(ran: list[tuple[str, Options]], tmp_path: Path) -> None:
    """The baseline where it can be measured, the embedded model, the one that is named, and search once."""
    run(tmp_path, "openai:Big@http://127.0.0.1:1")

    assert [(name, options.model) for name, options in ran] == [
        ("tool-calls", "router"),
        ("dialogues", "router"),
        ("stability", "router"),
        *[
            (name, model)
            for model in ("embedded", "openai:Big@http://127.0.0.1:1")
            for name in ("tool-calls", "dialogues", "stability", "explanations")
        ],
        ("retrieval", None),
    ]
    assert {options.cases for name, options in ran if name == "tool-calls"} == {tmp_path / "cases.jsonl"}
    assert all(options.cases is None for name, options in ran if name != "tool-calls")


def test_a_trained_folder_stands_in_for_the_shipped_model(ran: list[tuple[str, Options]], tmp_path: Path) -> None:
    """What is being tried takes the embedded model's place instead of being measured beside it."""
    run(tmp_path, "embedded:runs/embedded", suites="stability")

    assert [options.model for _, options in ran] == ["router", "embedded:runs/embedded"]


def test_data_of_ones_own_bring_their_suites(ran: list[tuple[str, Options]], tmp_path: Path) -> None:
    """Notes are read where a file is given, and search goes through a folder that is given; a quick run asks less."""
    notes = tmp_path / "notes.jsonl"
    notes.write_text(NoteCase(note="Trays are late.", events=()).model_dump_json(), encoding="utf-8")
    run(tmp_path, notes=str(notes), data=str(tmp_path), size="quick", arms="embedded", suites="notes, retrieval")

    assert [(name, options.cases, dict(options.given)) for name, options in ran] == [
        ("notes", notes, {}),
        ("retrieval", None, {"n": "50", "data": str(tmp_path)}),
    ]


def test_the_report_has_a_section_a_suite_and_a_row_a_figure(ran: list[tuple[str, Options]], tmp_path: Path) -> None:
    """Sections hold the suites' own reports by model; the table has each figure with its interval and by language."""
    report = run(tmp_path, arms="embedded", suites="dialogues,retrieval")
    rows = rows_of(report)

    assert {suite: list(found) for suite, found in report["suites"].items()} == {
        "dialogues": ["embedded"],
        "retrieval": ["search", "words"],
    }
    assert report["n"] == 8
    assert report["models"]["embedded"] == {"dialogues.tool": 0.5, "intervals": {"dialogues.tool": [0.25, 0.75]}}
    assert rows[0] == {
        "suite": "dialogues",
        "model": "embedded",
        "n": 4,
        "figure": "tool",
        "value": 0.5,
        "interval": "0.250 - 0.750",
        "en": None,
        "zh": 0.125,
    }
    assert [row["model"] for row in rows] == ["embedded", "search", "words"]


def test_one_model_that_does_not_answer_does_not_lose_the_rest(ran: list[tuple[str, Options]], tmp_path: Path) -> None:
    """What failed is told with the reason; where nothing was measured at all, it is the error."""
    broken = "openai:broken@http://127.0.0.1:1"
    report = run(tmp_path, broken, suites="stability", arms="embedded,model")

    assert report["errors"] == [{"suite": "stability", "model": broken, "error": "no answer"}]
    assert list(report["models"]) == ["embedded"]
    with pytest.raises(SetupError, match="no answer"):
        run(tmp_path, broken, suites="stability", arms="model")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"suites": "tool-calls,toolcalls"}, "suites"),
        ({"suites": ","}, "suites"),
        ({"arms": "robot"}, "arms"),
        ({"data": "nowhere"}, "data"),
        ({"notes": "nowhere.jsonl"}, "notes"),
    ],
)
def test_what_cannot_be_run_is_refused_at_once(
    ran: list[tuple[str, Options]], tmp_path: Path, given: dict[str, str], field: str
) -> None:
    """A misspelt suite or a missing file is not found out after an hour."""
    with pytest.raises(InputError) as caught:
        run(tmp_path, **given)
    assert caught.value.field == field
    assert ran == []


def test_the_progress_is_that_of_all_suites(ran: list[tuple[str, Options]], tmp_path: Path) -> None:
    """Each suite moves the bar by its share, and only the end is the end."""
    told: list[float] = []
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps(CASE), encoding="utf-8")
    options = Options(Settings(home=tmp_path), cases, given={"suites": "stability,retrieval", "arms": "embedded"})
    run_suite("all", options, lambda share, _: told.append(share))

    assert told == pytest.approx([0.5, 1.0, 1.0])
    assert told[1] < 1 == told[2]

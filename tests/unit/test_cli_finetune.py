"""The group `parstock finetune`: from notes to a served model, and what is said about it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import cli

Run = Callable[..., tuple[int, str, str]]
LINES = [
    {"note": f"Hold the {thing}", "events": [{"type": "order_hold", "item": thing}], "written_at": f"2026-01-0{day}"}
    for day, thing in enumerate(("mugs", "lamps", "chairs", "trays", "stands"), 1)
]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `parstock finetune ...` over the tiny shop; gives exit code, stdout and stderr."""

    def run_command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["finetune", *arguments, "--home", str(home)])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run_command


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A file of five notes."""
    path = tmp_path / "notes.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES), encoding="utf-8")
    return path


def test_a_model_is_fine_tuned_on_a_file(
    run: Run, notes: Path, base_model: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Adapter, test notes and report lie in the folder; loss and exact match are told before and after."""
    monkeypatch.setattr("cli_finetune.LEAST_TALK", 4)
    out, base = tmp_path / "out", str(base_model("qwen3"))
    options = ("--notes", str(notes), "--max-steps", "1", "--batch", "2", "--cases", "0", "--talk", "0", "--max-tokens", "20000")
    code, said, err = run("notes", "--base", base, "--out", str(out), *options, "--json")
    told = json.loads(said)

    assert (code, err) == (0, "")
    assert told["model"] == f"local:{out}"
    assert [row["measure"] for row in told["measures"]] == ["held-out notes: loss", "held-out notes: exact"]
    assert (out / "adapter_model.safetensors").is_file()
    assert [json.loads(line)["note"] for line in (out / "held-out.jsonl").read_text().splitlines()] == ["Hold the stands"]
    assert told["training"]["trainable"] < told["training"]["parameters"]


@pytest.mark.slow
def test_the_suites_are_run_before_and_after(
    run: Run, notes: Path, base_model: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading of the held-out notes and tool calls are scored for the base and for the adapter."""
    monkeypatch.setattr("cli_finetune.LEAST_TALK", 4)
    out = tmp_path / "out"
    options = ("--notes", str(notes), "--max-steps", "1", "--batch", "2", "--cases", "1", "--talk", "0")
    code, said, _ = run("notes", "--base", str(base_model("qwen3")), "--out", str(out), *options)
    reports = json.loads((out / "report.json").read_text())

    assert code == 0
    assert "tool-calls: exact" in said
    assert {(suite, when) for suite in reports for when in reports[suite]} == {
        (suite, when) for suite in ("notes", "tool-calls") for when in ("before", "after")
    }


def test_the_corpus_is_written_for_other_trainers(run: Run, tmp_path: Path) -> None:
    """Each line is a conversation in OpenAI form with its tools, the right reply last."""
    out = tmp_path / "corpus.jsonl"
    code, said, _ = run("corpus", "--out", str(out), "--count", "5")
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]

    assert (code, said) == (0, f"5 conversations in {out}.\n")
    assert [line["messages"][-1]["role"] for line in lines] == ["assistant"] * 5
    assert all(line["tools"][0]["type"] == "function" for line in lines)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("notes", "--base", "./nowhere", "--out", "{out}", "--notes", "{notes}"), "there is no such folder"),
        (("notes", "--base", "x/y", "--out", "{notes}", "--notes", "{notes}"), "a file; name a folder"),
        (("notes", "--base", "{base}", "--out", "{base}", "--notes", "{notes}"), "which holds a model already"),
        (("notes", "--base", "x/y", "--out", "{out}", "--notes", "missing.jsonl"), "missing.jsonl"),
        (("notes", "--base", "x/y", "--out", "{out}", "--notes", "{notes}", "--test-share", "1"), "test_share is 1.0"),
        (("corpus", "--out", "nowhere/corpus.jsonl"), "there is no folder 'nowhere'"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(
    run: Run, notes: Path, base_model: Callable[[str], Path], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Nothing is trained, nothing is written over, and the message names what would be right."""
    places = {"out": tmp_path / "out", "notes": notes, "base": base_model("qwen3")}
    code, out, err = run(*(part.format(**places) for part in arguments))

    assert (code, out) == (2, "")
    assert said in err

"""The command line when something is wrong: one clear line and the right exit code."""

import subprocess
import sys
from pathlib import Path

import pytest

import cli
from agent.loop import Agent
from parstock.errors import InsufficientData


def failed(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    """Exit code and stderr of a command that prints nothing on stdout."""
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    assert printed.out == ""
    return int(ended.value.code or 0), printed.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense",), "nonsense"),
        (("plan", "--budget", "-1"), "--budget"),
        (("plan", "--budget", "nan"), "budget"),
        (("plan", "--service-level", "95"), "service_level is 95.0"),
        (("plan", "--items", "no such thing at all"), "no such thing at all"),
        (("plan", "--out", "plan.txt"), ".parquet"),
        (("plan", "--out", "no/such/folder/plan.csv"), "no/such/folder"),
        (("forecast", "--model", "oracle"), "seasonal_naive"),
        (("forecast", "--horizon-days", "0"), "--horizon-days"),
        (("ask",), "question"),
        (("ask", "", "--model", "scripted"), "empty"),
        (("ask", "hello", "--model", "nothing"), "unknown chat model 'nothing'"),
        (("ask", "hello", "--lang", "fr"), "fr"),
        (("import", "sails", "x.csv"), "sails"),
        (("import", "sales", "missing.csv"), "missing.csv"),
        (("import", "sales", "x.csv", "--map", "item"), "COLUMN=FIELD"),
        (("tool", "get_stock", "item"), "not JSON"),
        (("tool", "get_stock", "[]"), "JSON object"),
        (("tool", "get_stock", "{}"), "'item'"),
        (("tool", "get_stocks", "{}"), "get_stock"),
        (("evaluate", "everything"), "everything"),
        (("evaluate", "tool-calls", "--report", "no/such/folder/r.json"), "no/such/folder"),
        (("key", "bob", "--scopes", "fly"), "fly"),
        (("demo", "--no-serve", "--sales", "x.csv"), "already holds items"),
    ],
    ids=" ".join,
)
def test_wrong_input_is_one_line_and_code_two(
    capsys: pytest.CaptureFixture[str], home: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Wrong usage or input ends with 2 and one line that names what is wrong."""
    code, err = failed(capsys, *arguments, "--home", home)
    assert code == 2
    assert err.startswith("parstock: ")
    assert err.count("\n") == 1
    assert said in err


def test_wrong_setting_is_named(capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of the environment that cannot be is shown by its name and value."""
    monkeypatch.setenv("PARSTOCK_SERVICE_LEVEL", "2")
    code, err = failed(capsys, "forecast", "--home", home)
    assert code == 2
    assert "PARSTOCK_SERVICE_LEVEL is '2'" in err


def test_home_that_is_no_folder_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A home that cannot be made is the operator's to put right."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, err = failed(capsys, "forecast", "--home", str(tmp_path / "file" / "home"))
    assert code == 2
    assert "Traceback" not in err


def test_an_empty_home_fails_plainly(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without any sales there is nothing to forecast: the work failed, with code 1."""
    code, err = failed(capsys, "forecast", "--home", str(tmp_path / "new"))
    assert code == 1
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [(InsufficientData("too short"), 1, "too short"), (ZeroDivisionError("by\nzero"), 1, "ZeroDivisionError: by zero")],
)
def test_failures_are_one_line_and_code_one(
    capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, said: str
) -> None:
    """Work that fails, even by a mistake in the program, ends with 1 and one line."""

    def fail(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(Agent, "ask", fail)
    found, err = failed(capsys, "ask", "hello", "--model", "scripted", "--home", home)
    assert found == code
    assert said in err
    assert err.count("\n") == 1


def test_ctrl_c_is_silent(capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with 130 and not a word."""

    def interrupt(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Agent, "ask", interrupt)
    assert failed(capsys, "ask", "hello", "--model", "scripted", "--home", home) == (130, "")


def test_debug_shows_the_traceback(home: Path) -> None:
    """`parstock --debug` lets the traceback through."""
    command = [sys.executable, "-m", "cli", "--debug", "ask", "hello", "--model", "nothing", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(cli.__file__).parent)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "SetupError" in done.stderr


def test_a_closed_pipe_is_silent(home: Path) -> None:
    """A reader that goes away, as `head` does, causes no traceback."""
    command = f"'{sys.executable}' -m cli tools --json --home '{home}' | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=Path(cli.__file__).parent)
    assert done.stderr == ""

"""The command line: what each command prints, for people and for machines."""

import importlib.util
import io
import json
import logging
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cli
import server
from evaluation import base as evaluation
from inventory import keys
from inventory.store import Store
from parstock.domain import QUANTILE_LEVELS
from parstock.settings import Settings

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs a command over the tiny shop; gives exit code, stdout and stderr."""

    def run_command(*arguments: str, at: Path = home) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main([*arguments, "--home", str(at)])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    level = logging.root.level
    yield run_command
    logging.captureWarnings(False)
    logging.root.setLevel(level)


def as_json(found: tuple[int, str, str]) -> Any:
    """The JSON that a command printed on one line, after it succeeded without a word on stderr."""
    code, out, err = found
    assert (code, err, out.count("\n")) == (0, "", 1)
    return json.loads(out)


def script(folder: Path, *replies: object) -> str:
    """A chat model that says these replies."""
    (folder / "script.json").write_text(json.dumps(replies), encoding="utf-8")
    return f"scripted:{folder / 'script.json'}"


def call(name: str, **arguments: object) -> dict[str, object]:
    """An assistant message that calls a tool."""
    return {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": name, "arguments": arguments}}]}


def test_help_loads_nothing_heavy() -> None:
    """`parstock --help` answers without importing the packages that take seconds."""
    code = (
        "import contextlib, io, sys, cli\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()): cli.main(['--help'])\n"
        "print([m for m in ('numpy', 'pandas', 'torch', 'sqlalchemy', 'langchain', 'fastapi', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_demo_keeps_its_key_to_itself(run: Run, home: Path) -> None:
    """A second `demo` shows the key of the first, which opens the shop and which only its owner can read."""
    first, second = as_json(run("demo", "--no-serve", "--json")), as_json(run("demo", "--no-serve", "--json"))
    assert first == second
    assert first["items"] == 6
    assert stat.S_IMODE((home / "demo.key").stat().st_mode) == 0o600
    store = Store.open(Settings(home=home))
    key = keys.check(store, first["key"])
    store.close()
    assert key is not None
    assert key.scopes == frozenset(keys.SCOPES)


def test_demo_makes_a_new_key_when_the_old_one_opens_nothing(run: Run, home: Path) -> None:
    """A key file that belongs to another database is replaced."""
    (home / "demo.key").write_text("par_of-another-shop\n", encoding="utf-8")
    assert as_json(run("demo", "--no-serve", "--json"))["key"] != "par_of-another-shop"


def test_demo_announces_the_page_with_its_key(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the port is taken, the page's address is printed, ready to be opened."""
    served: list[tuple[str, int]] = []

    def serve(settings: Settings, host: str, port: int, *, announce: Callable[[str], None], tell: Callable[[str], None]) -> bool:
        served.append((host, port))
        announce("http://127.0.0.1:8123")
        tell("getting ready: forecasts")
        return True

    monkeypatch.setattr(server, "run", serve)
    code, out, err = run("demo", "--port", "8123")
    assert code == 0
    assert err == "getting ready: forecasts\n"
    assert served == [("127.0.0.1", 8123)]
    assert "http://127.0.0.1:8123/#key=par_" in out


def test_key_is_shown_once_and_works(run: Run, home: Path) -> None:
    """`key` prints the secret of a key that has the scopes asked for."""
    code, out, _ = run("key", "buying", "--scopes", "read, plan")
    store = Store.open(Settings(home=home))
    found = keys.check(store, out.strip())
    store.close()
    assert code == 0
    assert found == keys.ApiKey("buying", frozenset({"read", "plan"}))


def test_ask_answers_from_facts(run: Run, tmp_path: Path) -> None:
    """`ask --json` gives the answer with its calls and facts, whose numbers the text states."""
    found = as_json(run("ask", "Cakestand stock?", "--json", "--model", script(tmp_path, call("get_stock", item="22423"), "")))
    assert [made["name"] for made in found["calls"]] == ["get_stock"]
    assert {fact["value"] for fact in found["facts"]} >= {55, 6}
    assert "55" in found["text"]


def test_ask_prints_the_answer_alone(run: Run, tmp_path: Path) -> None:
    """Without --json the answer is all of stdout; how to go on stands on stderr."""
    code, out, err = run("ask", "有多少库存？", "--model", script(tmp_path, call("get_stock", item="HM-20417"), ""))
    assert code == 0
    assert "120" in out
    assert "thread" not in out
    assert "--thread" in err


def test_chat_is_one_conversation(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of a chat share a thread, a refused line does not end it, and "exit" does."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"hello\n{'x' * 5000}\nthanks\nexit\nnever read\n"))
    code, out, err = run("chat", "--json", "--model", script(tmp_path, "Hello!", "You are welcome!"))
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [answer["thread_id"] for answer in answers] == [answers[0]["thread_id"]] * 2
    assert "5000 characters" in err


def test_chat_prints_what_it_streams(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of an answer appears once, whole."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("stock of 22423?\n"))
    code, out, err = run("chat", "--model", script(tmp_path, call("get_stock", item="22423"), ""))
    assert (code, err) == (0, "")
    assert out.count("55 units on hand") == 1


def test_import_reports_every_file(run: Run, tmp_path: Path) -> None:
    """`import --json` prints a report a line, a dry run writes nothing, and columns can be named."""
    for name, day in (("a", 2), ("b", 3)):
        rows = f"Stock No,site,date,units\n22423,LON,2025-06-02,4\nLANT-01,LON,2025-06-0{day},\n"
        (tmp_path / f"{name}.csv").write_text(rows, encoding="utf-8")
    arguments = ("import", "sales", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--map", "Stock No=item", "--dry-run")
    code, out, _ = run(*arguments, "--json")
    reports = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [(r["rows_read"], r["kept"], r["dropped"], r["dry_run"]) for r in reports] == [(2, 1, 1, True)] * 2
    assert "2 rows read = 1 kept + 0 changed + 1 dropped" in run(*arguments)[1]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx", ".json"])
def test_forecast_writes_what_it_tells(run: Run, tmp_path: Path, suffix: str) -> None:
    """The table that `--out` writes holds the days of the JSON, in every format."""
    out = tmp_path / f"next{suffix}"
    named = ("--items", "22423,HM-20417", "--horizon-days", "5", "--model", "seasonal_naive")
    told = as_json(run("forecast", *named, "--out", str(out), "--json"))
    codes = {"item": str}
    read = {
        ".csv": partial(pd.read_csv, dtype=codes),
        ".parquet": pd.read_parquet,
        ".xlsx": partial(pd.read_excel, dtype=codes),
        ".json": partial(pd.read_json, dtype=codes),
    }
    written = read[suffix](out)
    assert written["item"].tolist() == [row["item"] for row in told["items"] for _ in range(5)]
    assert written["p90"].tolist() == pytest.approx([value for row in told["items"] for value in row["daily"]["p90"]])
    assert {f"p{100 * level:g}" for level in QUANTILE_LEVELS} <= set(written.columns)
    assert written["reason"].tolist() == [row["reason"] for row in told["items"] for _ in range(5)]
    assert "reason_zh" in written.columns
    assert told["items"][0]["mean"] == pytest.approx(sum(told["items"][0]["daily"]["mean"]), abs=0.01)


@pytest.mark.parametrize("option", [("--workers", "2"), ("--resume",)])
def test_only_a_run_over_all_items_is_spread_or_taken_up(run: Run, option: tuple[str, ...]) -> None:
    """Options of the night's run are refused where items are named."""
    code, out, err = run("forecast", "--items", "22423", *option)
    assert (code, out) == (2, "")
    assert "for a run over all items" in err


def test_forecast_of_all_items_is_a_table(run: Run) -> None:
    """Without --items every item has a row, those that cannot be forecast with their status."""
    code, out, _ = run("forecast", "--model", "seasonal_naive", "--horizon-days", "7")
    assert code == 0
    assert all(sku in out for sku in ("22423", "22424", "85123A", "HM-20417", "LANT-01"))
    assert "insufficient_data" in next(line for line in out.splitlines() if "NEW-1" in line)


def test_plan_adds_up_and_is_explained(run: Run, tmp_path: Path) -> None:
    """The plan's lines cost what its total says, stay within the budget, and carry facts."""
    found = as_json(run("plan", "--items", "22423,HM-20417", "--budget", "700", "--out", str(tmp_path / "p.csv"), "--json"))
    assert found["totals"]["cost"] == pytest.approx(sum(line["quantity"] * line["unit_cost"] for line in found["lines"]))
    assert found["totals"]["cost"] <= 700
    assert all(line["facts"] for line in found["lines"])
    assert pd.read_csv(tmp_path / "p.csv")["quantity"].tolist() == [line["quantity"] for line in found["lines"]]


@pytest.mark.parametrize(("limit", "binding"), [(("--budget", "300"), "budget"), (("--capacity", "1100"), "capacity")])
def test_plan_shows_what_a_limit_cuts_and_what_is_proven(run: Run, limit: tuple[str, str], binding: str) -> None:
    """A limit that binds has a second table of what is cut, with need, quantity and reason, and the proof below it."""
    code, out, err = run("plan", *limit)
    cut = out[out.index("Cut, changed or left out") :]
    found = as_json(run("plan", *limit, "--json"))
    rows = [line for line in found["lines"] if line["binding"] == binding]

    assert (code, err) == (0, "")
    assert rows
    assert all(row["item"] in cut and binding in cut for row in rows)
    assert "no plan within the limits costs less than GBP" in " ".join(out.split())
    assert found[binding] == float(limit[1])
    assert found["certificate"]["gap"] == pytest.approx(0.0, abs=0.01)
    assert [clash["relax"] for clash in found["conflicts"]] == [binding]


def test_plan_speaks_chinese(run: Run) -> None:
    """`plan --lang zh` explains in Chinese, below the order lines."""
    code, out, _ = run("plan", "--category", "Kitchen", "--lang", "zh")
    assert code == 0
    assert "22423" in out
    assert "订" in out


def test_tools_are_listed_and_called(run: Run) -> None:
    """`tools` gives the catalogue's entries, and `tool` runs one of them."""
    names = [spec["function"]["name"] for spec in as_json(run("tools", "--json"))]
    assert "recommend_replenishment" in names
    assert "recommend_replenishment" in run("tools")[1]
    result = as_json(run("tool", "get_stock", '{"item": "22423"}', "--json"))
    assert result["tool"] == "get_stock"
    said = run("tool", "get_stock", '{"item": "22423"}')[1].splitlines()
    assert "55" in said[0]
    assert len(said) == len(set(said))


def test_evaluate_writes_the_report(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`evaluate` hands its options to the suite and writes the report as JSON."""
    given: list[evaluation.Options] = []

    class OfATest:
        def run(self, options: evaluation.Options, progress: evaluation.Progress | None = None) -> dict[str, Any]:
            given.append(options)
            return {"suite": "of-a-test", "n": 3, "by_kind": {"zh": 1}}

    monkeypatch.setattr(evaluation.suites, "get", lambda name: OfATest)
    report = tmp_path / "report.json"
    code, out, _ = run("evaluate", "of-a-test", "--cases", "cases.jsonl", "--model", "scripted", "--report", str(report))
    assert code == 0
    assert out == "suite: of-a-test\nn: 3\n"
    assert json.loads(report.read_text(encoding="utf-8"))["by_kind"] == {"zh": 1}
    assert (given[0].cases, given[0].model, given[0].settings.model) == (Path("cases.jsonl"), "scripted", "scripted")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning:ray")
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: pip install 'parstock[scale]'")
def test_forecast_on_workers_is_kept_for_answers(run: Run, home: Path) -> None:
    """The night's run over two Ray workers tells the same as one process, and leaves one file and no pieces."""
    spread = as_json(run("forecast", "--model", "croston", "--workers", "2", "--json"))
    assert [path.suffix for path in (home / "cache").iterdir()] == [".npz"]
    shutil.rmtree(home / "cache")
    assert as_json(run("forecast", "--model", "croston", "--json")) == spread

"""Whatever is given to the command line, wrong input is one clear line, the right exit code, and changes nothing."""

import json
import logging
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import event

import cli
from agent.embedded.decode import WEIGHTS
from inventory.records import Records
from inventory.store import Store
from parstock.settings import Settings

Run = Callable[..., tuple[int, str, str]]
CP1252 = "item,date,units\nMüsli,2025-01-01,3\n".encode() + "Müsli,2025-01-02,3\n".encode("cp1252")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs `parstock`; gives exit code, stdout and stderr. Logging is afterwards what it was."""

    def run_command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(list(arguments))
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    level, handlers = logging.root.level, logging.root.handlers[:]
    yield run_command
    logging.captureWarnings(False)
    logging.root.setLevel(level)
    logging.root.handlers[:] = handlers


@pytest.fixture
def unchanged(home: Path) -> Iterator[None]:
    """After the test the records of `home` are what they were before it."""
    before = _revision(home)
    yield
    assert _revision(home) == before


def _revision(home: Path) -> str:
    settings = Settings(home=home)
    with closing(Store.open(settings)) as store:
        return Records(store, settings).fingerprint()


def one_line(found: tuple[int, str, str], code: int = 2) -> str:
    """The one line on stderr of a command that ended with `code` and printed nothing else."""
    assert (found[0], found[1], found[2].count("\n")) == (code, "", 1)
    assert found[2].startswith("parstock: ")
    return found[2]


@pytest.mark.parametrize(
    ("kind", "name", "content", "said"),
    [
        ("sales", "wrong.csv", b"colour,size\nred,1\n", ["item, date, units", "colour, size", "--map"]),
        ("sales", "mixed.csv", CP1252, ["line 3 of 'mixed.csv'", "0xfc", "mixes encodings", "save it as UTF-8"]),
        ("sales", "two.csv", b"item,date,units\nA,2025-01-31,3\nA,01/02/2025,4\n", ["row 3", "'01/02/2025'", "YYYY-MM-DD"]),
        ("sales", "either.csv", b"item,date,units\nA,01/02/2025,3\n", ["row 2", "day first", "month first", "YYYY-MM-DD"]),
        ("sales", "day.csv", b"item,date,units\nA,31 February 2025,3\n", ["row 2", "'31 February 2025'", "2024-03-31"]),
        ("sales", "old.csv", b"item,date,units\nA,0001-01-01,3\n", ["row 2", "0001-01-01", "1980 to 2100"]),
        ("sales", "words.csv", b"item,date,units\nA,2025-01-01,many\n", ["row 2", "'many'", "a number such as"]),
        ("sales", "empty.csv", b"", ["'empty.csv' is empty"]),
        ("sales", "blank.csv", b"\n \n\n", ["'blank.csv' is empty"]),
        ("sales", "heading.csv", b"item,date,units\n", ["'heading.csv' has no rows"]),
        ("sales", "nul.csv", b"item,date,units\nA\x00,2025-01-01,1\n", ["line 2 of 'nul.csv'", "NUL"]),
        ("sales", "ragged.csv", b"item,date,units\nA,2025-01-01,1,2,3\n", ["'ragged.csv'", "3 fields in line 2, saw 5"]),
        ("sales", "quote.csv", b'item,date,units\n"A,2025-01-01,1\n', ["'quote.csv'", "inside string"]),
        ("sales", "fake.xlsx", b"no workbook", ["'fake.xlsx'", "not an Excel workbook"]),
        ("sales", "fake.parquet", b"no parquet", ["'fake.parquet'", "not a Parquet file"]),
        ("sales", "sales.pdf", b"%PDF", ["'sales.pdf'", ".csv"]),
        ("sales", "folder", None, ["is a folder", "a file of sales"]),
        ("policies", "folder", None, ["no Markdown file", "folder"]),
        ("items", "packs.csv", b"sku,name,unit_cost,unit_price,pack_size\nA,a,1,2,1.5\n", ["row 2", "pack_size", "'1.5'"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.usefixtures("unchanged")
def test_a_file_that_cannot_be_read_is_refused(
    run: Run, home: Path, tmp_path: Path, kind: str, name: str, content: bytes | None, said: list[str]
) -> None:
    """The file, the place in it, the value and what would be right are named, and not one row is written."""
    path = tmp_path / name
    path.mkdir() if content is None else path.write_bytes(content)
    line = one_line(run("import", kind, str(path), "--home", str(home)))
    for part in said:
        assert part in line


def test_senseless_quantities_are_counted_and_left_out(run: Run, home: Path, tmp_path: Path) -> None:
    """NaN, blank, infinite and huge quantities are dropped with the row and the reason; the rest is taken."""
    path = tmp_path / "sales.csv"
    quantities = ["NaN", "", "inf", "1e15", "7"]
    rows = "".join(f"22423,LON,2025-05-{30 - n},{quantity}\n" for n, quantity in enumerate(quantities))
    path.write_text(f"item,warehouse,date,units\n{rows}")
    code, out, err = run("import", "sales", str(path), "--home", str(home))

    assert (code, err) == (0, "")
    assert "5 rows read = 1 kept + 0 changed + 4 dropped." in out
    assert "1e15" in out or "1e+15" in out


def test_control_characters_in_a_file_are_repaired_and_said(run: Run, home: Path, tmp_path: Path) -> None:
    """Codes that could drive a terminal never reach the records or the screen."""
    path = tmp_path / "sales.csv"
    path.write_bytes(b"item,warehouse,date,units\nA\x07\x1b[31m,LON,2025-05-01,1\n")
    code, out, _ = run("import", "sales", str(path), "--home", str(home))

    assert code == 0
    assert "control characters: taken as blanks" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("question", "said"),
    [("stock? " * 3000, "20999 characters; at most 4000"), ("\x00\x01\x1b", "message is empty"), ("  \n", "message is empty")],
    ids=["long", "control", "blank"],
)
@pytest.mark.usefixtures("unchanged")
def test_a_question_that_cannot_be_read_is_refused(run: Run, home: Path, question: str, said: str) -> None:
    """A question too long, or with nothing to read in it, is refused before any model is asked."""
    assert said in one_line(run("ask", question, "--model", "scripted", "--home", str(home)))


def test_control_characters_in_a_question_are_passed_over(run: Run, home: Path, tmp_path: Path) -> None:
    """What can be read between them is answered, and they are not printed back."""
    (tmp_path / "script.json").write_text('["You asked."]')
    model = f"scripted:{tmp_path / 'script.json'}"
    code, out, _ = run("ask", "hel\x00lo\x1b[31m\x07", "--model", model, "--home", str(home))
    assert (code, "\x1b" in out, "\x07" in out) == (0, False, False)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped model's folder."""
    if not (WEIGHTS / "model.safetensors").exists():
        pytest.skip("the embedded model's weights are not in this checkout")
    return Path(shutil.copytree(WEIGHTS, tmp_path_factory.mktemp("model") / "weights"))


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.safetensors", b"\xff" * 4096),
        ("model.safetensors", b"\x08\x00"),
        ("model.safetensors", None),
        ("router.safetensors", b""),
        ("tokenizer.json", b"{"),
        ("tokenizer.json", b"{}"),
        ("config.json", b"nope"),
        ("config.json", b"[]"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_a_damaged_model_is_named(run: Run, home: Path, weights: Path, file: str, content: bytes | None) -> None:
    """A model file that is missing or rubbish ends the command with its path and where a good one comes from."""
    whole = (weights / file).read_bytes()
    (weights / file).unlink()
    if content is not None:
        (weights / file).write_bytes(content)
    try:
        line = one_line(run("ask", "hello", "--model", f"embedded:{weights}", "--home", str(home)))
    finally:
        (weights / file).write_bytes(whole)
    assert str(weights) in line
    assert file in line
    assert "expected" in line


@pytest.mark.parametrize("model", ["/no/such/folder", "embedded:/no/such/folder", "local:/no/such/folder", "./no/such/folder"])
@pytest.mark.usefixtures("unchanged")
def test_an_unknown_model_folder_is_named(run: Run, home: Path, model: str) -> None:
    """A model folder that is not there is named, by `ask` and before `serve` listens."""
    for command in (("ask", "hello"), ("serve", "--port", "0")):
        line = one_line(run(*command, "--model", model, "--home", str(home)))
        assert "no/such/folder" in line
        assert "no such folder" in line or "there is no model folder" in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "--budget", "-5"), "greater than or equal to 0"),
        (("plan", "--service-level", "1"), "service_level is 1.0"),
        (("plan", "--horizon-days", "0"), "--horizon-days"),
        (("plan", "--items", " , "), "items is ' , ', which names nothing"),
        (("plan", "--items", "unicorn"), "no item is called 'unicorn'"),
        (("plan", "--items", "regency cakestand"), "REGENCY CAKESTAND 3 TIER (22423); REGENCY CAKESTAND 2 TIER (22424)"),
        (("plan", "--category", "Jewels"), "known are Garden; Kitchen"),
        (("forecast", "--items", ""), "items is '', which names nothing"),
        (("forecast", "--warehouse", "Mars"), "London DC (LON)"),
        (("forecast", "--horizon-days", "366"), "--horizon-days"),
        (("tool", "get_stock", '{"item": "22423"'), "not JSON"),
        (("tool", "get_stokc", "{}"), "did you mean get_stock"),
        (("tool", "get_stock", '{"item": "unicorn"}'), "no item is called 'unicorn'"),
        (("tool", "get_stock", '{"item": "regency cakestand"}'), "2 match: REGENCY"),
        (("tool", "get_stock", '{"item": 5}'), "item is 5; it must be a text"),
        (("tool", "get_stock", '{"item": "22423", "colour": 1}'), "no argument 'colour'; it takes item, warehouse"),
        (("tool", "get_stock", '{"item": "\\u0000"}'), "give the code or name of one item"),
        (("tool", "get_stock", '{"item": "%s"}' % ("x" * 20_000)), "x…'; nothing is called like it"),
        (("tool", "recommend_replenishment", '{"budget": -5}'), "budget is -5; it must be a number, at least 0"),
        (("tool", "recommend_replenishment", '{"budget": NaN}'), "budget is nan"),
        (
            ("tool", "recommend_replenishment", '{"service_level": 1}'),
            "service_level is 1; it must be a number, above 0, below 1",
        ),
        (("tool", "forecast_demand", '{"item": "22423", "horizon_days": 0}'), "at least 1, at most 365"),
        (("tool", "simulate_scenario", '{"item": "22423", "demand_change_pct": 1e300}'), "demand_change_pct is 1e+300"),
        (("tool", "propose_purchase_order", '{"item": "22423", "quantity": -4}'), "quantity is -4"),
        (("tool", "propose_purchase_order", '{"item": "22423", "quantity": 1e30}'), "quantity is 1e+30"),
        (("tool", "propose_purchase_order", f'{{"item": "22423", "quantity": {10**30}}}'), "must be at most 1,000,000,000"),
        (("tool", "recommend_replenishment", '{"budget": 1e300}'), "budget is 1e+300; it must be between 0 and"),
        (("tool", "record_note", '{"text": "a\\u0000b"}'), "NUL"),
        (("tool", "record_note", '{"text": "%s"}' % ("x" * 100_001)), "at most 100,000"),
        (("tool", "get_sales_history", '{"item": "22423", "start": "31 February"}'), "'31 February'"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else "",
)
@pytest.mark.usefixtures("unchanged")
def test_a_request_that_makes_no_sense_is_refused(run: Run, home: Path, arguments: tuple[str, ...], said: str) -> None:
    """The argument, its value and what it may be are in one short line; no draft and no note is kept."""
    line = one_line(run(*arguments, "--home", str(home)))
    assert said in line
    assert len(line) < 400


def test_an_item_that_nobody_sold_has_a_status(run: Run, home: Path, tmp_path: Path) -> None:
    """An item without sales is neither guessed at nor ordered, and each command says why."""
    path = tmp_path / "items.csv"
    path.write_text("sku,name,unit_cost,unit_price,supplier\nZ-1,Zither,1,2,YB\n")
    assert run("import", "items", str(path), "--home", str(home))[0] == 0

    code, out, err = run("plan", "--items", "Zither", "--json", "--home", str(home))
    assert (code, err) == (0, "")
    assert [(line["quantity"], line["binding"]) for line in json.loads(out)["lines"]] == [(0, "insufficient_data")]
    code, out, _ = run("forecast", "--items", "Zither", "--json", "--home", str(home))
    (row,) = json.loads(out)["items"]
    assert (code, row["status"], row["mean"], row["p90"], row["daily"]) == (0, "insufficient_data", None, None, {})
    code, out, _ = run("tool", "get_sales_history", '{"item": "Zither"}', "--home", str(home))
    assert code == 0
    assert "no sales of 'Z-1' are recorded" in out


@pytest.mark.parametrize("arguments", [("plan",), ("forecast",), ("forecast", "--items", "A"), ("plan", "--category", "Kitchen")])
def test_an_empty_database_says_what_to_import(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Work that needs records fails with 1 and says that none are there."""
    line = one_line(run(*arguments, "--home", str(tmp_path / "new")), 1)
    assert "import" in line


@pytest.mark.parametrize(
    ("called", "arguments", "said"),
    [
        ("get_stock", {"item": "mug"}, "no item is recorded yet"),
        ("recommend_replenishment", {"category": "Kitchen"}, "No items are recorded yet"),
        ("ask_user", {"missing": "item"}, "No items are recorded yet"),
    ],
)
def test_a_question_to_an_empty_shop_is_answered(
    run: Run, tmp_path: Path, called: str, arguments: dict[str, str], said: str
) -> None:
    """Nobody is asked which of no products they mean."""
    call = {"id": "1", "function": {"name": called, "arguments": arguments}}
    (tmp_path / "script.json").write_text(json.dumps([{"role": "assistant", "tool_calls": [call]}, ""]))
    model = f"scripted:{tmp_path / 'script.json'}"
    code, out, _ = run("ask", "How many mugs?", "--model", model, "--home", str(tmp_path / "new"))
    assert code == 0
    assert said in out


def test_a_home_that_is_a_file_is_named(run: Run, tmp_path: Path) -> None:
    """A file where the home should be is left as it is."""
    path = tmp_path / "home"
    path.write_text("mine")
    assert "is a file, not a folder; choose another home" in one_line(run("plan", "--home", str(path)))
    assert path.read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that not even root can write to")
def test_a_home_that_cannot_be_written_is_named(run: Run) -> None:
    """A place where no folder can be made is named with what would be right."""
    assert "choose a home that can be written" in one_line(run("plan", "--home", "/proc/parstock/home"))


def test_a_database_from_a_newer_version_is_left_alone(run: Run, home: Path) -> None:
    """An older program says which versions met and how to go on, and touches nothing."""
    with closing(sqlite3.connect(home / "parstock.sqlite")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    line = one_line(run("plan", "--home", str(home)))
    for part in ("'9999'", "newer Parstock", "upgrade Parstock or choose another home"):
        assert part in line


@pytest.mark.usefixtures("unchanged")
def test_a_port_in_use_is_named(run: Run, home: Path) -> None:
    """`serve` on a taken port ends before it opens a model, with the port and the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = one_line(run("serve", "--port", port, "--model", "scripted", "--home", str(home)))
    assert f"port {port}" in line
    assert "--port" in line


def test_a_full_disk_leaves_nothing_half_written(run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import that runs out of room writes nothing, says so, and works once there is room."""
    days = pd.date_range("2023-01-01", periods=150).strftime("%Y-%m-%d")
    path = tmp_path / "sales.csv"
    codes = [f"I{i}" for i in range(60) for _ in days]
    pd.DataFrame({"item": codes, "warehouse": "LON", "date": [*days] * 60, "units": 1}).to_csv(path, index=False)
    before, real = _revision(home), Store.open

    def open_full(settings: Settings) -> Store:
        store = real(settings)
        with store.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        event.listen(store.engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count = {pages + 8}"))
        store.engine.dispose()
        return store

    monkeypatch.setattr(Store, "open", open_full)
    line = one_line(run("import", "sales", str(path), "--home", str(home)))
    monkeypatch.undo()
    assert "no room left for the database" in line
    assert "nothing was written: free disk space and repeat" in line
    assert _revision(home) == before
    assert run("import", "sales", str(path), "--home", str(home))[0] == 0


_SLOWLY = """
import sys, time
import cli
from inventory.importing import run

load = run.load
def slowly(connection, kind, frame):
    load(connection, kind, frame)
    if kind == "sales":
        print("written, not committed", flush=True)
        time.sleep(60)

run.load = slowly
cli.main(sys.argv[1:])
"""


def test_a_killed_import_leaves_the_shop_as_it_was(run: Run, home: Path, tmp_path: Path) -> None:
    """`parstock import` killed with its rows written but not committed loses nothing, and may simply be repeated."""
    path = tmp_path / "sales.csv"
    path.write_text("item,warehouse,date,units\n22423,LON,2025-06-01,77\n")
    before = _revision(home)
    command = [sys.executable, "-c", _SLOWLY, "import", "sales", str(path), "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(cli.__file__).parent) as process:
        assert process.stdout is not None
        assert "not committed" in process.stdout.readline()
        process.kill()
    assert _revision(home) == before
    code, out, _ = run("import", "sales", str(path), "--home", str(home))
    assert code == 0
    assert "1 rows read = 1 kept" in out

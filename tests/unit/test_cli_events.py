"""The group `parstock events`: what its commands print, for people and for machines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `parstock events ...` over the tiny shop; gives exit code, stdout and stderr."""

    def run_command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["events", *arguments, "--home", str(home)])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run_command


def _json(done: tuple[int, str, str]) -> dict[str, Any]:
    assert done[0] == 0, done[2]
    return dict(json.loads(done[1]))


def test_an_event_is_proposed_confirmed_and_withdrawn(run: Run) -> None:
    """Each command says the event back with its state; the list shows it with who and when."""
    added = _json(
        run("add", "demand_change", "--item", "22423", "--pct", "40", "--start", "9 June", "--end", "15 June", "--json")
    )
    assert (added["status"], added["item"], added["start"], added["end"]) == ("proposed", "22423", "2025-06-09", "2025-06-15")
    code, out, _ = run("confirm", added["id"], "--by", "Anna")
    assert (code, out) == (0, f"{added['id']} (confirmed): {added['text_en']}\n")
    assert run("confirm", added["id"])[0] == 0
    (listed,) = _json(run("list", "--status", "confirmed", "--json"))["events"]
    assert (listed["decided_by"], listed["created_by"], listed["text_zh"]) == ("Anna", "operator", added["text_zh"])
    assert "(withdrawn)" in run("withdraw", added["id"])[1]
    assert _json(run("list", "--status", "confirmed", "--json"))["events"] == []


def test_people_read_sentences(run: Run) -> None:
    """The event is said back in the language asked for, with what to do next; an empty list says so."""
    assert run("list")[1] == "No planning event is recorded.\n"
    code, out, err = run(
        "add", "supply_hold", "--supplier", "Yiwu Bright", "--start", "10 Feb", "--end", "24 Feb", "--lang", "zh"
    )
    said, following = out.splitlines()

    assert (code, err) == (0, "")
    assert said.endswith("(proposed): 2026年2月10日至2026年2月24日，义乌明亮不发货。")
    assert following.startswith("It counts from then on: parstock events confirm ev-")
    assert "Yiwu Bright ships nothing" in run("list")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "party"), "no event is a 'party'; known: demand_change, lead_time_change"),
        (("add", "demand_change", "--pct", "-200"), "pct is -200.0; it must lie between -100"),
        (("add", "demand_change", "--pct", "4", "--item", "unicorn"), "unicorn"),
        (("add", "demand_change", "--pct", "4", "--start", "soonish"), "cannot read 'soonish' as a day"),
        (("add", "demand_change", "--pct", "lots"), "Invalid value for '--pct'"),
        (("confirm", "ev-0"), "no planning event has the id 'ev-0'"),
        (("withdraw", "ev-0"), "no planning event has the id 'ev-0'"),
        (("list", "--status", "done"), "no event is ever 'done'; known: proposed, confirmed, withdrawn"),
        (("shout",), "shout"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(run: Run, arguments: tuple[str, ...], said: str) -> None:
    """Nothing is printed to stdout, and the message names what would be right."""
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1

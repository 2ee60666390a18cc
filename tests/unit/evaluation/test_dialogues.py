"""What the dialogues suite makes of whole conversations."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.models.scripted import ScriptedChatModel
from evaluation.base import Options, run_suite
from evaluation.cases import SHIPPED, read_lines
from evaluation.shop import write_sample_shop
from evaluation.suites.dialogues import Dialogue
from parstock.errors import InputError, SetupError
from parstock.settings import Settings
from tools.catalogue import catalogue, function, properties

TRAY = {"name": "get_stock", "arguments": {"item": "Oak tray"}}
TURNS = [
    {"say": "How many Oak tray?", "expect": {"behaviour": "call", "calls": [TRAY]}},
    {"say": "And the mug?", "expect": {"behaviour": "call", "calls": [{"name": "get_stock", "arguments": {"item": "mug"}}]}},
    {"say": "Thanks!", "expect": {"behaviour": "answer"}},
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a tiny shop."""
    home = tmp_path_factory.mktemp("sample")
    write_sample_shop(home)
    return home


def held(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, replies: list[Any], turns: list[Any]) -> dict[str, Any]:
    """The report on one dialogue with a model that says `replies`."""
    monkeypatch.setattr("agent.models.open_model", lambda settings: ScriptedChatModel(replies=replies))
    cases = folder / "dialogues.jsonl"
    cases.write_text(json.dumps({"id": "d1", "lang": "en", "turns": turns}), encoding="utf-8")
    return run_suite("dialogues", Options(Settings(home=folder), cases, "scripted", {"shop": str(home)}))


def test_a_dialogue_is_scored_by_turn_and_whole(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another name of the same record is right in `resolved` though not exact; one wrong turn makes the whole wrong."""
    replies = [[("get_stock", {"item": "Oak tray"})], "", [("get_stock", {"item": "T-2"})], "", "You are welcome."]
    report = held(home, tmp_path, monkeypatch, replies, TURNS)

    assert [report[name] for name in ("n", "turns", "tool", "exact", "resolved")] == [1, 3, 1.0, 0.6667, 1.0]
    assert [report[name] for name in ("whole_tool", "whole_exact", "whole_resolved")] == [1.0, 0.0, 1.0]
    assert [group["exact"] for group in report["by_turn"].values()] == [1.0, 0.0, 1.0]
    assert report["failures"] == []


def test_looking_a_name_up_first_is_no_mistake(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that finds the item and mends a failed call is judged by the call that it comes to."""
    replies = [
        [("find_items", {"query": "tray"})],
        [("get_stock", {"item": "tray!?", "warehouse": "nowhere"}), ("get_stock", {"item": "Oak tray"})],
        "",
    ]
    report = held(home, tmp_path, monkeypatch, replies, TURNS[:1])

    assert (report["exact"], report["failures"]) == (1.0, [])


def test_a_call_where_none_is_right_is_a_failure(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report shows what was said, what was right and what was done instead."""
    report = held(home, tmp_path, monkeypatch, [[("get_stock", {"item": "Oak tray"})], ""], TURNS[2:])

    assert report["behaviour"] == 0.0
    assert report["failures"] == [
        {"id": "d1.1", "said": "Thanks!", "expected": {"behaviour": "answer"}, "got": {"behaviour": "call", "calls": [TRAY]}}
    ]


def test_what_is_drafted_is_gone_afterwards(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite writes to a copy: the shop that is named stays as it is."""
    before = (home / "parstock.sqlite").read_bytes()
    draft = ("propose_purchase_order", {"item": "Oak tray", "quantity": 5})
    turn = {"say": "Order 5 Oak tray", "expect": {"behaviour": "call", "calls": [{"name": draft[0], "arguments": draft[1]}]}}

    assert held(home, tmp_path, monkeypatch, [[draft], ""], [turn])["exact"] == 1.0
    assert (home / "parstock.sqlite").read_bytes() == before


def test_a_folder_without_a_shop_is_refused(tmp_path: Path) -> None:
    """The message says what a home holds."""
    with pytest.raises(InputError, match=r"parstock\.sqlite") as caught:
        run_suite("dialogues", Options(Settings(home=tmp_path, model="scripted"), given={"shop": str(tmp_path)}))
    assert caught.value.field == "shop"


def test_the_shipped_dialogues_call_tools_that_exist() -> None:
    """Forty conversations of two to four turns in both languages, whose calls fit the tools' own schemas."""
    dialogues = read_lines(SHIPPED / "dialogues.jsonl", Dialogue)
    calls = [
        call
        for dialogue in dialogues
        for turn in dialogue.turns
        for calls in (turn.expect.calls, *turn.alternatives)
        for call in calls
    ]

    assert len({dialogue.id for dialogue in dialogues}) == len(dialogues) == 40
    assert {len(dialogue.turns) for dialogue in dialogues} <= {2, 3, 4}
    assert {dialogue.lang for dialogue in dialogues} == {"en", "zh"}
    assert [call for call in calls if not call.arguments.keys() <= properties(call.name).keys()] == []
    needed = {function(spec)["name"]: set(function(spec)["parameters"]["required"]) for spec in catalogue()}  # type: ignore[index, call-overload, arg-type]
    assert [call for call in calls if not needed[call.name] <= call.arguments.keys()] == []


def test_a_dialogue_about_a_tool_that_is_missing_is_left_out(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can call what is not installed: such a dialogue is named and not counted; without another there is no report."""
    monkeypatch.setattr("agent.models.open_model", lambda settings: ScriptedChatModel(replies=["You are welcome."]))
    turn = {"say": "?", "expect": {"behaviour": "call", "calls": [{"name": "read_minds", "arguments": {}}]}}
    known, unknown = ({"id": name, "lang": "en", "turns": [said]} for name, said in (("d1", TURNS[2]), ("d2", turn)))
    cases = tmp_path / "dialogues.jsonl"
    options = Options(Settings(home=tmp_path), cases, "scripted", {"shop": str(home)})
    cases.write_text(f"{json.dumps(known)}\n{json.dumps(unknown)}\n", encoding="utf-8")
    report = run_suite("dialogues", options)

    assert (report["n"], report["left_out"]) == (1, ["d2"])
    cases.write_text(json.dumps(unknown), encoding="utf-8")
    with pytest.raises(SetupError, match="not installed"):
        run_suite("dialogues", options)

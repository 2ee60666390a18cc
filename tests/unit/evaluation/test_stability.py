"""What the stability suite makes of questions that are asked again and in other words."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.models.scripted import ScriptedChatModel
from evaluation.base import Options, run_suite
from evaluation.cases import SHIPPED, read_lines
from evaluation.shop import write_sample_shop
from evaluation.suites.stability import Group
from parstock.settings import Settings

TEXTS = ["How many Oak tray?", "Oak tray in stock?"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a tiny shop."""
    home = tmp_path_factory.mktemp("sample")
    write_sample_shop(home)
    return home


def asked(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, items: list[str]) -> dict[str, Any]:
    """The report on a group whose first wording is asked twice; the model names these items in turn."""
    replies: list[Any] = []
    for item in items:
        replies += [[("get_stock", {"item": item})], ""]
    monkeypatch.setattr("agent.models.open_model", lambda settings: ScriptedChatModel(replies=replies))
    cases = folder / "groups.jsonl"
    cases.write_text(json.dumps({"id": "g1", "lang": "en", "texts": TEXTS}), encoding="utf-8")
    return run_suite("stability", Options(Settings(home=folder), cases, "scripted", {"shop": str(home), "repeats": "2"}))


def test_names_of_one_record_are_the_same(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same item by name and by code gives the same calls and quantities."""
    report = asked(home, tmp_path, monkeypatch, ["Oak tray", "oak tray", "T-1"])

    assert [report[name] for name in ("repeats_identical", "same_calls", "same_quantities", "identical")] == [1.0] * 4
    assert report["failures"] == []


def test_another_item_is_another_answer(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wording that leads elsewhere is told with its calls."""
    report = asked(home, tmp_path, monkeypatch, ["Oak tray", "Oak tray", "Tin mug"])

    assert [report[name] for name in ("repeats_identical", "same_calls", "same_quantities", "identical")] == [1.0, 0.0, 0.0, 0.0]
    (failure,) = report["failures"]
    assert failure["wordings"][1] == {
        "said": TEXTS[1],
        "calls": [{"name": "get_stock", "arguments": {"item": "t-2"}}],
        "same_quantities": False,
    }


def test_a_repeat_that_differs_is_seen(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same words must lead to the same every time."""
    assert asked(home, tmp_path, monkeypatch, ["Oak tray", "Tin mug", "Oak tray"])["repeats_identical"] == 0.0


def test_the_shipped_groups_are_of_both_languages() -> None:
    """Thirty questions in four wordings each, no wording twice."""
    groups = read_lines(SHIPPED / "stability.jsonl", Group)
    texts = [text for group in groups for text in group.texts]

    assert len(groups) == 30
    assert {group.lang for group in groups} == {"en", "zh"}
    assert {len(group.texts) for group in groups} == {4}
    assert len(set(texts)) == len(texts)

"""What the explanations suite makes of answers, the model's and the facts' own."""

from pathlib import Path
from typing import Any

import pytest

from agent.models.scripted import ScriptedChatModel
from evaluation.base import Options, run_suite
from evaluation.questions import questions
from evaluation.shop import write_sample_shop
from parstock.domain import Item
from parstock.errors import InputError
from parstock.settings import Settings

ITEMS = [Item("T-1", "Oak tray", "Kitchen", "S", 4.0, 9.0, name_zh="橡木托盘")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a tiny shop."""
    home = tmp_path_factory.mktemp("sample")
    write_sample_shop(home)
    return home


def explained(home: Path, folder: Path, count: int) -> dict[str, Any]:
    """The report on the scripted model, which is to be opened by then."""
    given = {"shop": str(home), "n": str(count)}
    return run_suite("explanations", Options(Settings(home=folder, model="scripted"), given=given))


def test_the_facts_own_words_are_faithful(home: Path, tmp_path: Path) -> None:
    """Of each tool in both languages: every number is a typed value, nothing required is left out, no direction turned."""
    report = explained(home, tmp_path, 12)

    assert [report[name] for name in ("n", "numbers_traced", "facts_recalled", "fallback", "metamorphic")] == [
        12,
        1.0,
        1.0,
        0.0,
        1.0,
    ]
    assert report.get("polarity_errors", 0.0) == 0.0
    assert report["worded_by"] == {"facts": 12}
    assert (report["refused"], report["failures"]) == ([], [])
    assert set(report["by_tool"]) == {"forecast_demand", "recommend_replenishment", "simulate_scenario"}


def test_a_model_that_invents_is_refused(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text with a number of its own falls back to the facts, twice a question: once more with a value changed."""
    replies = ["Order 987654 of them."] * 4
    monkeypatch.setattr("agent.models.open_model", lambda settings: ScriptedChatModel(replies=list(replies)))
    report = explained(home, tmp_path, 1)

    assert (report["fallback"], report["numbers_traced"], report["worded_by"]) == (1.0, 1.0, {"facts": 1})


def test_questions_are_the_same_for_the_same_seed() -> None:
    """Tools and languages come in turn; a Chinese question names the item in Chinese."""
    first, again, other = (questions(ITEMS, 12, seed) for seed in (0, 0, 1))

    assert first == again != other
    assert [asked.lang for asked in first] == ["en", "en", "en", "zh", "zh", "zh"] * 2
    assert all("Oak tray" in asked.question if asked.lang == "en" else "橡木托盘" in asked.question for asked in first)


def test_cases_are_not_taken(tmp_path: Path) -> None:
    """A file of cases is refused rather than passed over."""
    with pytest.raises(InputError, match="--n"):
        run_suite("explanations", Options(Settings(home=tmp_path), tmp_path / "cases.jsonl"))

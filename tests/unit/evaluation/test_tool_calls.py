"""What the tool-calls suite makes of a chat model's replies."""

import json
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage

from agent.models.scripted import ScriptedChatModel
from evaluation.base import Options, run_suite
from evaluation.calls import Call, Decided, Score
from evaluation.cases import Case, Message
from evaluation.suites.tool_calls import Outcome, decide_by_model, summary
from parstock.errors import InputError
from parstock.settings import Settings

BROKEN = {"name": "get_stock", "args": "{", "id": "1", "error": "cut", "type": "invalid_tool_call"}


def outcome(lang: str, milliseconds: float, *, right: bool) -> Outcome:
    """A case of small talk that was answered, or met by a needless question."""
    case = Case.model_validate(
        {"id": lang, "lang": lang, "messages": [{"role": "user", "content": "hi"}], "expect": {"behaviour": "answer"}}
    )
    score = Score(behaviour=right, tool=right, exact=right, wrong_call=False)
    return Outcome(case, Decided("answer" if right else "clarify"), score, milliseconds)


@pytest.mark.parametrize(
    ("reply", "decided"),
    [
        ("Hello!", Decided("answer")),
        ([("ask_user", {"missing": "item"})], Decided("clarify")),
        ([("decline", {"reason": "unsafe"})], Decided("refuse")),
        ([("get_stock", {"item": "mug"})], Decided("call", (Call("get_stock", {"item": "mug"}),))),
        ([("ask_user", {}), ("get_kpis", {})], Decided("call", (Call("get_kpis", {}),))),
        (AIMessage("", invalid_tool_calls=[BROKEN]), Decided("clarify")),
    ],
)
def test_a_reply_is_read_as_a_planner_would_feel_it(monkeypatch: pytest.MonkeyPatch, reply: object, decided: Decided) -> None:
    """Real calls count, the two ways not to call are behaviours, broken calls come back as a question."""
    monkeypatch.setattr("agent.models.open_model", lambda settings: ScriptedChatModel(replies=[reply]))

    assert decide_by_model(Settings())([Message(role="user", content="how many mugs?")]) == decided


def test_a_model_hears_the_case_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's rules, then the messages of the case, in its language."""
    model = ScriptedChatModel(replies=["好的"])
    monkeypatch.setattr("agent.models.open_model", lambda settings: model)
    said = [
        Message(role="user", content="hi"),
        Message(role="assistant", content="Hello."),
        Message(role="user", content="还有多少杯子?"),
    ]
    decide_by_model(Settings())(said)

    assert [m.type for m in model.heard[0]] == ["system", "human", "ai", "human"]
    assert [m.content for m in model.heard[0][1:]] == ["hi", "Hello.", "还有多少杯子?"]


def test_a_summary_adds_up_over_all_and_by_language() -> None:
    """Means, counts and intervals over all cases and in each group; what failed is listed with what was got."""
    report = summary([outcome("en", 10, right=True), outcome("en", 20, right=False), outcome("zh", 30, right=True)])

    assert (report["n"], report["exact"]) == (3, 0.6667)
    assert [group["exact"] for group in report["by_lang"].values()] == [0.5, 1.0]  # type: ignore[union-attr, index]
    assert report["latency_ms"] == {"p50": 20.0, "p95": 29.0}
    assert report["failures"] == [{"id": "en", "expected": {"behaviour": "answer"}, "got": {"behaviour": "clarify", "calls": []}}]


def test_the_model_of_the_command_line_is_the_one_tested(tmp_path: Path) -> None:
    """`model` wins over the settings; the first, unscored message wakes the model up."""
    script, cases = tmp_path / "script.json", tmp_path / "cases.jsonl"
    call = {"name": "get_stock", "arguments": {"item": "mug"}}
    script.write_text(json.dumps(["awake", {"role": "assistant", "tool_calls": [{"function": call}]}]))
    line = {"messages": [{"role": "user", "content": "mugs?"}], "expect": {"behaviour": "call", "calls": [call]}}
    cases.write_text(json.dumps(line))
    told: list[tuple[float, str]] = []
    settings = Settings(home=tmp_path, model="openai:unreachable")
    report = run_suite("tool-calls", Options(settings, cases, f"scripted:{script}"), lambda *step: told.append(step))

    assert (report["model"], report["exact"]) == (f"scripted:{script}", 1.0)
    assert told == [(1.0, f"scripted:{script}")]


def test_an_unknown_suite_is_answered_with_those_there_are() -> None:
    """A mistyped name lists the known ones."""
    with pytest.raises(InputError, match="tool-calls"):
        run_suite("tool-cals", Options(Settings()))

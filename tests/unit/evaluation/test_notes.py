"""How readings of notes are scored, and what the suite reports of a model."""

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation.base import Options, run_suite
from evaluation.intervals import ratio_interval
from evaluation.notes import EventSaid, NoteCase, NoteScore, score
from parstock.errors import InputError
from parstock.settings import Settings

HOLD = {"type": "supply_hold", "supplier": "Nordlicht", "start": "10 Feb", "end": "24 Feb"}
LEAST = {"type": "min_order_quantity", "supplier": "Nordlicht", "quantity": 500}


def scored(wanted: list[dict[str, Any]], got: list[dict[str, Any]]) -> NoteScore:
    """The score of a reading."""
    case = NoteCase.model_validate({"note": "x", "events": wanted})
    return score(case, [EventSaid.model_validate(event) for event in got])


def test_the_same_events_in_any_order_are_exact() -> None:
    """Text counts without case and outer blanks, numbers by value."""
    other = {"type": "min_order_quantity", "supplier": " NORDLICHT", "quantity": 500.0}
    assert scored([HOLD, LEAST], [other, HOLD]) == NoteScore(2, 2, 2, 3, 3, exact=True, harm=False, any_wrong=False)


def test_a_wrong_field_is_no_harm_but_wrong() -> None:
    """Type and scope are right; of three fields on either side one agrees."""
    got = {**HOLD, "end": "25 Feb"} | {"replacement": "x"}
    assert scored([HOLD], [got]) == NoteScore(1, 1, 1, 1, 3, exact=False, harm=False, any_wrong=True)


@pytest.mark.parametrize(
    ("wanted", "got"),
    [([], [HOLD]), ([HOLD], [HOLD, LEAST]), ([HOLD], [{**HOLD, "supplier": "Sud"}]), ([HOLD], [HOLD, HOLD])],
)
def test_an_event_that_is_not_meant_is_harm(wanted: list[dict[str, Any]], got: list[dict[str, Any]]) -> None:
    """One too much, one about another supplier, and the same twice bend the plan wrongly."""
    found = scored(wanted, got)
    assert (found.harm, found.any_wrong, found.exact) == (True, True, False)


def test_an_event_that_is_missed_is_no_harm() -> None:
    """It only costs recall."""
    assert scored([HOLD, LEAST], [HOLD]) == NoteScore(1, 1, 2, 2, 2, exact=False, harm=False, any_wrong=False)
    assert scored([], []) == NoteScore(0, 0, 0, 0, 0, exact=True, harm=False, any_wrong=False)


def test_events_about_the_same_pair_so_that_most_fields_agree() -> None:
    """Two changes of demand of one item are told apart by their days."""
    may, june = ({"type": "demand_change", "item": "Mug", "pct": pct, "start": day} for pct, day in ((10, "May"), (20, "June")))
    assert scored([may, june], [june, may]).exact
    assert scored([may, june], [june]).fields_right == 2


def test_a_ratios_interval_holds_the_ratio() -> None:
    """It is that of sums, not of means of ratios; cases without anything to count do not matter."""
    low, high = ratio_interval([1.0] * 30 + [0.0] * 10, [1.0] * 40)
    assert low < 0.75 < high
    assert ratio_interval([0.0, 3.0, 3.0], [0.0, 6.0, 6.0]) == (0.5, 0.5)


def _report(folder: Path, cases: list[dict[str, Any]], calls: list[list[tuple[str, dict[str, Any]]]]) -> dict[str, Any]:
    """The suite's report on a scripted model that makes these calls, note by note."""
    path, script = folder / "notes.jsonl", folder / "script.json"
    path.write_text("\n".join(json.dumps(case) for case in cases), encoding="utf-8")
    replies = [{"tool_calls": [{"function": {"name": n, "arguments": a}} for n, a in said]} for said in ([], *calls)]
    script.write_text(json.dumps(replies), encoding="utf-8")
    return run_suite("notes", Options(Settings(home=folder), path, f"scripted:{script}"))


def test_the_report_has_the_contracts_scores_by_language(tmp_path: Path) -> None:
    """F1, field accuracy, exact notes and harm with their intervals, of all and of each language, and what failed."""
    cases: list[dict[str, Any]] = [
        {"id": "a", "lang": "en", "note": "Nordlicht shut 10 Feb to 24 Feb", "events": [HOLD]},
        {"id": "b", "lang": "en", "note": "MOQ now 500", "context": {"supplier": "Nordlicht"}, "events": [LEAST]},
        {"id": "c", "lang": "zh", "note": "双十一袜子翻倍", "events": []},
    ]
    calls: list[list[tuple[str, dict[str, Any]]]] = [
        [("supply_hold", {"supplier": "Nordlicht", "start": "10 Feb"})],
        [("min_order_quantity", {"quantity": 500})],
        [("demand_change", {"category": "袜子", "pct": 100}), ("order_hold", {"item": "帽子"})],
    ]
    report = _report(tmp_path, cases, calls)

    assert {key: report[key] for key in ("suite", "n", "unread")} == {"suite": "notes", "n": 3, "unread": 0}
    assert [report[key] for key in ("event_f1", "field_accuracy", "exact", "harm", "any_wrong")] == [
        0.8,
        0.6667,
        0.3333,
        0.3333,
        0.6667,
    ]
    assert [report["by_lang"][lang]["harm"] for lang in ("en", "zh")] == [0.0, 1.0]
    assert report["by_lang"]["zh"]["field_accuracy"] is None
    assert report["by_type"]["min_order_quantity"] == {"events": 1, "event_f1": 1.0}
    assert [failure["id"] for failure in report["failures"]] == ["a", "c"]
    assert report["failures"][1]["unclear"] == [{"type": "order_hold", "why": "unsaid", "field": "item", "said": "帽子"}]
    assert set(report["latency_ms"]) == {"p50", "p95"}


def test_a_wrong_case_is_named_with_its_line(tmp_path: Path) -> None:
    """An unknown type of event is the person's to correct."""
    with pytest.raises(InputError, match=r"line 1 of .*events\.0\.type is 'party'"):
        _report(tmp_path, [{"note": "x", "events": [{"type": "party"}]}], [])
    with pytest.raises(InputError, match="needs --cases"):
        run_suite("notes", Options(Settings(home=tmp_path)))

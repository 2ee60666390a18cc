"""Notes with what they mean: from files, from the shop's records, split by document and time."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from finetune.chat_examples import mixed, reading
from finetune.note_words import words_of
from finetune.notes_data import LabelledNote, read_notes, recorded_notes, scrubbed, split, things
from finetune.phrasing import phrasings
from inventory.events import confirm, propose
from inventory.notebook import add_note
from parstock.domain import PlanningEvent
from parstock.errors import InputError
from tools.context import ToolContext


def note(number: int, text: str = "", *, written: str = "", document: str = "") -> LabelledNote:
    """A note of no effect."""
    return LabelledNote(f"n{number}", "en", text or f"note {'abcdefghij'[number % 10]}{number // 10}", (), {}, written, document)


def test_the_latest_notes_are_the_test() -> None:
    """Whatever the order in which they come, every note of the test was written after every note of training."""
    notes = [note(number, written=f"2026-01-{1 + (7 * number) % 28:02d}") for number in range(20)]
    parted = split(notes, 0.2)

    assert len(parted.test) >= 4
    assert max(n.written_at for n in parted.train) <= min(n.written_at for n in parted.test)


def test_a_document_is_on_one_side() -> None:
    """Notes of one document, and notes that differ in figures alone, stay together; a note that looks ahead is left out."""
    notes = [note(n, written=f"2026-01-{n + 1:02d}") for n in range(8)]
    long = [note(20, "start", written="2026-01-02", document="d"), note(21, "end", written="2026-01-30", document="d")]
    twins = [note(30, "MOQ is 500", written="2026-01-01"), note(31, "moq is  600", written="2026-01-29")]
    parted = split([*notes, *long, *twins], 0.3)
    train, test = ({n.id for n in side} for side in (parted.train, parted.test))

    assert {"n20", "n21"} <= test
    assert {"n30", "n31"} <= test
    assert train == {"n0"}  # all others were written after the test's first note
    assert split(notes, 0.0).test == ()


def test_without_times_the_order_of_the_file_counts() -> None:
    """The last lines are the test."""
    assert [n.id for n in split([note(n) for n in range(10)], 0.2).test] == ["n8", "n9"]


def test_a_file_of_notes_is_read(tmp_path: Path) -> None:
    """Each line gives a note; language and id are found where they are not given; cases come out as they went in."""
    lines = [
        {"note": "Hold the mugs", "events": [{"type": "order_hold", "item": "mugs"}], "written_at": "2026-01-01"},
        {"id": "x", "lang": "zh", "note": "没事", "context": {"supplier": "义乌明亮"}, "events": []},
    ]
    path = tmp_path / "notes.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n", encoding="utf-8")
    first, second = read_notes(path)

    assert (first.id, first.lang, first.written_at) == ("notes:1", "en", "2026-01-01")
    assert second.as_case() == lines[1]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1 of"),
        ('{"note": "x"}', "it has no 'events'"),
        ('{"note": "", "events": []}', "note must be a text"),
        ('{"note": "x", "events": [{"type": "party"}]}', "no event is a 'party'; known: demand_change"),
        ('{"note": "x", "events": [{"type": "order_hold", "pct": 3}]}', "a order_hold has no pct"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    """The error says which line, what is wrong, and what would be right."""
    path = tmp_path / "notes.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="right would be") as caught:
        read_notes(path)
    assert said in str(caught.value)


def test_missing_and_empty_files_are_refused(tmp_path: Path) -> None:
    """A file that is not there, or holds nothing, is an error of whoever named it."""
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    for name in ("missing.jsonl", "empty.jsonl"):
        with pytest.raises(InputError, match=name):
            read_notes(tmp_path / name)
    with pytest.raises(InputError, match="test_share is 1"):
        split([note(1)], 1)


def test_recorded_notes_mean_what_was_confirmed(own_shop: Callable[..., ToolContext]) -> None:
    """Confirmed events come back in the note's words, proposed ones do not count; without any a note is unlabelled."""
    shop = own_shop()
    kept = add_note(shop.store, "Yiwu Bright ships nothing from 9 June to 20 June, cakestand MOQ maybe 48", author="lina")
    hold = PlanningEvent("supply_hold", supplier="YB", start=date(2025, 6, 9), end=date(2025, 6, 20), note=kept.id)
    confirm(shop.store, propose(shop.store, hold, actor="lina").id, actor="anna")
    propose(shop.store, PlanningEvent("min_order_quantity", item="22423", quantity=48, note=kept.id), actor="lina")
    found = {one.id: one for one in recorded_notes(shop).notes}

    assert found[kept.id].events == ({"type": "supply_hold", "supplier": "Yiwu Bright", "start": "9 June", "end": "20 June"},)
    assert found["note-1"].events is None
    assert found["note-1"].context == {"supplier": "Yiwu Bright"}
    assert {"Yiwu Bright", "义乌明亮", "22423", "tea stand", "Kitchen"} <= set(things(shop))


def test_an_event_that_is_not_in_the_words_is_left_out(own_shop: Callable[..., ToolContext]) -> None:
    """A name or a day that the note does not say would teach a model to invent; the heading need not be said."""
    shop = own_shop()
    kept = add_note(shop.store, "shut next week", supplier="YB", author="lina")
    held = PlanningEvent("supply_hold", supplier="YB", note=kept.id)

    assert words_of(held, kept, shop) == {"type": "supply_hold"}
    assert words_of(PlanningEvent("supply_hold", supplier="LC"), kept, shop) is None
    assert words_of(PlanningEvent("supply_hold", supplier="YB", start=date(2025, 8, 1)), kept, shop) is None
    confirm(shop.store, propose(shop.store, PlanningEvent("order_hold", item="22423", note=kept.id), actor="a").id, actor="b")
    assert recorded_notes(shop).unsayable == 1


def test_a_note_is_asked_as_the_service_asks_it() -> None:
    """Instructions with the heading, the note, all events as functions; a call for each event, or one word."""
    held = LabelledNote(
        "n", "en", "shut till May", ({"type": "supply_hold", "supplier": "YB", "end": "May"},), {"supplier": "YB"}
    )
    made, nothing = reading(held), reading(LabelledNote("m", "zh", "没人接电话。", (), {}))
    assert made is not None
    assert nothing is not None
    (call,) = made.reply["tool_calls"]

    assert made.messages[0]["content"].endswith("The note is filed under: supplier YB.")
    assert call["function"] == {"name": "supply_hold", "arguments": {"end": "May"}}  # the heading is not said again
    assert nothing.reply == {"role": "assistant", "content": "无"}
    assert {tool["function"]["name"] for tool in made.tools} >= {"supply_hold", "discontinue"}
    assert reading(LabelledNote("o", "en", "shut", ({"type": "supply_hold", "supplier": "Else"},), {})) is None


def test_the_mixture_has_notes_talk_on_them_and_the_tools() -> None:
    """Notes without a known meaning are talked about and not read; made conversations come in the number asked for; seeded."""
    held = LabelledNote("n", "en", "Hold the mugs", ({"type": "order_hold", "item": "mugs"},), {})
    unknown = LabelledNote("u", "zh", "关于义乌明亮，先不催", None, {"supplier": "义乌明亮"})
    some = [p for p in phrasings() if p.id.startswith("jo:")]
    made = mixed([held, unknown], some, ratio=1.0, least=12, seed=4, currency="GBP")
    sources = [one.source for one in made]
    talked = [one for one in made if one.source == "talk on a note"]

    assert (sources.count("note"), sources.count("talk on a note"), sources.count("grammar")) == (1, 4, 12)
    assert {one.reply["tool_calls"][0]["function"]["name"] for one in talked} == {"record_note", "search_notes"}
    assert made == mixed([held, unknown], some, ratio=1.0, least=12, seed=4, currency="GBP")
    shown = [{tool["function"]["name"] for tool in one.tools} for one in made]
    called = [{call["function"]["name"] for call in one.reply.get("tool_calls", ())} for one in made]
    assert all(names <= tools for names, tools in zip(called, shown, strict=True))


def test_personal_data_goes_and_an_event_s_own_words_stay() -> None:
    """The supplier of an event is kept although it stands after a cue for people."""
    told = LabelledNote(
        "n", "en", "Call Anna: heard from Guelph Cotton", ({"type": "supply_hold", "supplier": "Guelph Cotton"},), {}
    )
    (left,) = scrubbed([told])

    assert left.text == "Call [name]: heard from Guelph Cotton"

"""What becomes of a note that is recorded: kept whatever happens, read, its events proposed, what is unclear said."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

import forecasting.run
from inventory.events import confirm, withdraw
from parstock.domain import DemandPanel, Forecast
from parstock.errors import InputError, SetupError, ToolFailed
from parstock.results import ToolResult
from retrieval.chunk import note_passage
from tools.call import call_tool
from tools.context import ToolContext
from tools.note_reader import LateNoteReader, NoteReading, Unclear
from tools.planning_events import EventWords

TEXT = "cakestand 3 tier doubles until 15 June"
DOUBLES = EventWords("demand_change", item="cakestand 3 tier", pct=100, end="15 June")


@dataclass
class Reader:
    """Reads the same out of every note."""

    reading: NoteReading | Exception

    def read(self, note: str, *, item: str = "", supplier: str = "") -> NoteReading:
        """Give it back, or fail."""
        self.heard = (note, item, supplier)
        if isinstance(self.reading, Exception):
            raise self.reading
        return self.reading


@pytest.fixture
def record(own_shop: Callable[..., ToolContext]) -> Callable[..., tuple[ToolResult, ToolContext]]:
    """Records a note in a shop of its own, read in a given way."""

    def run(reading: NoteReading | Exception, **arguments: Any) -> tuple[ToolResult, ToolContext]:
        shop = replace(own_shop(), note_reader=Reader(reading))
        return call_tool("record_note", {"text": TEXT, **arguments}, shop), shop

    return run


def _texts(result: ToolResult) -> list[str]:
    return list(dict.fromkeys(fact.en for fact in result.facts if fact.required))


def test_what_a_note_means_is_proposed_and_said_back(record: Callable[..., tuple[ToolResult, ToolContext]]) -> None:
    """The event has the note's id and waits; the answer says it, that nothing changes yet, and how to confirm it."""
    result, shop = record(NoteReading((DOUBLES,)))
    [event] = shop.records.events()
    note = shop.records.notes()[-1]

    assert (event.item, event.pct, event.end, event.status) == ("22423", 100, date(2025, 6, 15), "proposed")
    assert (event.note, event.created_by, note.text) == (note.id, "tester", TEXT)
    assert _texts(result) == [
        f"The note “{TEXT}” is stored [{note.id}]; it is taken to mean:",
        "Demand for REGENCY CAKESTAND 3 TIER is 100% higher than forecast until 15 June 2025.",
        f"Nothing changes until it is confirmed: say “yes”, or run `parstock events confirm {event.id}`; “no” drops it.",
    ]
    assert all(fact.zh for fact in result.facts)
    assert [row["id"] for row in result.data["events"]] == [event.id]  # type: ignore[union-attr, index, call-overload]
    assert result.citations[0].id == note.id


def test_a_note_without_effect_says_so(record: Callable[..., tuple[ToolResult, ToolContext]]) -> None:
    """Nothing is proposed, and the planner is told that nothing changes."""
    result, shop = record(NoteReading())

    assert _texts(result)[0].endswith("; it changes nothing in the plan.")
    assert shop.records.events() == ()


def test_the_reader_hears_what_the_note_is_filed_under(record: Callable[..., tuple[ToolResult, ToolContext]]) -> None:
    """It is given the codes of item and supplier."""
    _, shop = record(NoteReading(), item="fog blue mug", supplier="义乌明亮")
    assert shop.note_reader.heard == (TEXT, "HM-20417", "YB")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (replace(DOUBLES, item="unicorn"), "the product “unicorn” is not understood."),
        (replace(DOUBLES, item="regency cakestand"), "perhaps REGENCY CAKESTAND 3 TIER (22423) or REGENCY CAKESTAND 2 TIER"),
        (replace(DOUBLES, end="soonish"), "the last day “soonish” is not understood."),
        (replace(DOUBLES, pct=-300), "the percentage “-300” is not understood."),
        (replace(DOUBLES, warehouse="Mars"), "the warehouse “Mars” is not understood; perhaps"),
        (EventWords("reserve_stock", warehouse="London", quantity=5), "the note does not say the product."),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_left_out_and_said(
    record: Callable[..., tuple[ToolResult, ToolContext]], words: EventWords, said: str
) -> None:
    """An unknown name or day keeps its event out of the plan, and no other; the note is kept."""
    result, shop = record(NoteReading((words, DOUBLES)))
    told = " ".join(_texts(result))

    assert len(shop.records.events()) == 1
    assert said in told
    assert "One part was not understood and changes nothing: " in told
    assert shop.records.notes()[-1].text == TEXT


def test_what_the_reader_could_not_use_is_said(record: Callable[..., tuple[ToolResult, ToolContext]]) -> None:
    """A value that the note does not hold is named, in both languages."""
    result, _ = record(NoteReading((), (Unclear("supply_hold", "unsaid", "supplier", "Acme"), Unclear("", "unreadable"))))
    told = [fact for fact in result.facts if fact.what == "note.unclear"]

    assert "a stop of supply, as the supplier “Acme” does not stand in the note." in told[0].en
    assert "备注里找不到供应商“Acme”" in told[0].zh
    assert "cannot be used" in told[1].en
    assert _texts(result)[0].endswith("].")


@pytest.mark.parametrize("error", [SetupError("no such model"), ToolFailed("the chat model did not answer: timeout")])
def test_a_note_is_never_lost(record: Callable[..., tuple[ToolResult, ToolContext]], error: Exception) -> None:
    """Where no model answers the note is stored all the same, and the answer says that it was not read and why."""
    result, shop = record(error)

    assert shop.records.notes()[-1].text == TEXT
    assert f"It was not read for what it changes in the plan: {error}. `parstock events add` proposes a change." in _texts(result)
    assert result.data["unread"] == str(error)


def test_a_late_reader_is_opened_once_there_is_a_note() -> None:
    """Opening costs nothing until then; its errors come through."""
    opened: list[int] = []

    def open_reader() -> Reader:
        opened.append(1)
        return Reader(InputError("x"))

    late = LateNoteReader(open_reader)
    assert not opened
    with pytest.raises(InputError):
        late.read("x")


def test_an_answer_cites_the_note_that_moved_it(own_shop: Callable[..., ToolContext], monkeypatch: pytest.MonkeyPatch) -> None:
    """Once confirmed, forecast and order name the note with its words; before that, and for other items, they do not."""
    real = forecasting.run.forecast

    def quick(panel: DemandPanel, *, model: str = "auto", **options: Any) -> Forecast:
        return real(panel, model="seasonal_naive", **options)

    monkeypatch.setattr(forecasting.run, "forecast", quick)
    shop = replace(own_shop(), note_reader=Reader(NoteReading((DOUBLES,))))
    note = str(call_tool("record_note", {"text": TEXT}, shop).data["id"])
    about: tuple[tuple[str, dict[str, Any]], ...] = (
        ("forecast_demand", {"item": "22423"}),
        ("recommend_replenishment", {"item": "22423"}),
        ("forecast_demand", {"item": "22424"}),
    )
    before = [call_tool(name, arguments, shop) for name, arguments in about]
    confirm(shop.store, shop.records.events()[0].id, actor="Ann")
    after = [call_tool(name, arguments, shop) for name, arguments in about]

    assert not any(note in (c.id for c in result.citations) for result in before)
    assert [[c.text for c in result.citations if c.id == note] for result in after] == [[TEXT], [TEXT], []]
    for result in after[:2]:
        assert any("100% higher than forecast until 15 June 2025" in fact.en and fact.source == note for fact in result.facts)


def test_a_note_that_is_found_says_what_it_did_to_the_plan(
    record: Callable[..., tuple[ToolResult, ToolContext]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is told apart from what is in force; what was withdrawn is not told."""
    _, shop = record(NoteReading((DOUBLES, replace(DOUBLES, pct=50), replace(DOUBLES, pct=20))))
    events = shop.records.events()
    confirm(shop.store, events[0].id, actor="Ann")
    withdraw(shop.store, events[2].id, actor="Ann")
    hit = SimpleNamespace(passage=note_passage(shop.records.notes()[-1]))
    monkeypatch.setattr(ToolContext, "index", lambda _: SimpleNamespace(search=lambda *_, **__: [hit]))
    result = call_tool("search_notes", {"query": "cakestand"}, shop)
    told = [text for text in _texts(result) if text.endswith(":") or text.startswith("Demand")]

    sizes = {event.id: f"{event.pct:g}% higher" for event in events[:2]}
    assert told[0] == "Part of the plan because of this:"
    assert sizes[events[0].id] in told[1]
    assert told[2] == "Proposed because of this, but not confirmed:"
    assert sizes[events[1].id] in told[3]
    assert len(told) == 4
    assert [len(note["events"]) for note in result.data["notes"]] == [2]  # type: ignore[union-attr, index, call-overload, arg-type]

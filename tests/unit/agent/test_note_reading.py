"""Notes read by scripted chat models: which calls become events, and which are left out and why."""

from typing import Any

import pytest
from langchain_core.messages import AIMessage

from agent.embedded.grammar import Call, Reply
from agent.link import ENTITIES, Linker
from agent.models.embedded import EmbeddedChatModel
from agent.models.scripted import ScriptedChatModel
from agent.note_reading import MOST_CHARACTERS, NOTE, ModelNoteReader
from parstock.errors import SetupError, ToolFailed
from tools.note_reader import NoteReading, Unclear
from tools.planning_events import EventWords

NOTE_TEXT = "Nordlicht GmbH shut 10-24 Feb, nothing ships. MOQ goes to 500 after that; socks sell a third less, Leeds doubles."


def read(calls: Any, note: str = NOTE_TEXT, **heading: str) -> NoteReading:
    """What comes of a note when the model makes these calls."""
    return ModelNoteReader(ScriptedChatModel(replies=[calls])).read(note, **heading)


def test_each_call_is_an_event_in_the_notes_own_words() -> None:
    """Words are kept as they stand, a number is the one that the note says, and its sign is the model's."""
    calls = [
        ("supply_hold", {"supplier": "nordlicht gmbh", "start": "10", "end": "24 Feb"}),
        ("min_order_quantity", {"supplier": "Nordlicht GmbH", "quantity": 500.0, "start": ""}),
        ("demand_change", {"category": "socks", "pct": -33.333}),
        ("demand_change", {"warehouse": "Leeds", "pct": "100%", "end": None}),
        ("demand_change", {"warehouse": "Leeds", "pct": 100}),
    ]

    assert read(calls) == NoteReading(
        (
            EventWords("supply_hold", supplier="nordlicht gmbh", start="10", end="24 Feb"),
            EventWords("min_order_quantity", supplier="Nordlicht GmbH", quantity=500),
            EventWords("demand_change", category="socks", pct=-33),
            EventWords("demand_change", warehouse="Leeds", pct=100),
        )
    )


@pytest.mark.parametrize(
    ("name", "arguments", "unclear"),
    [
        ("demand_change", {"category": "gloves", "pct": 100}, ("unsaid", "category", "gloves")),
        ("demand_change", {"category": "sock", "pct": 100}, ("unsaid", "category", "sock")),
        ("demand_change", {"category": "socks", "pct": 40}, ("unsaid", "pct", "40")),
        ("demand_change", {"category": "socks", "pct": True}, ("unsaid", "pct", "True")),
        ("demand_change", {"category": "socks", "pct": "some"}, ("unsaid", "pct", "some")),
        ("demand_change", {"category": "socks", "pct": -33, "start": "March"}, ("unsaid", "start", "March")),
        ("demand_change", {"category": "socks"}, ("missing", "pct", "")),
        ("demand_change", {"pct": 100}, ("missing", "item", "")),
        ("min_order_quantity", {"supplier": "Nordlicht GmbH", "quantity": -500}, ("unsaid", "quantity", "-500")),
        ("supply_hold", {"start": "10", "end": "24 Feb"}, ("missing", "supplier", "")),
        ("supply_hold", {"supplier": "Nordlicht GmbH", "warehouse": "Leeds"}, ("unreadable", "warehouse", "")),
        ("delete_everything", {}, ("unreadable", "", "")),
    ],
)
def test_what_the_note_does_not_hold_becomes_no_event(name: str, arguments: dict[str, Any], unclear: tuple[Any, ...]) -> None:
    """A made-up name, day or number, an event about nothing, and an unknown function are left out, and it is said why."""
    assert read([(name, arguments)]) == NoteReading((), (Unclear(name, *unclear),))


def test_an_event_that_names_nothing_is_about_what_the_note_is_filed_under() -> None:
    """The heading's item comes before its supplier; words that name something win; a discontinued supplier is no event."""
    calls = [
        ("demand_change", {"pct": 100}),
        ("demand_change", {"warehouse": "Leeds", "pct": 100}),
        ("supply_hold", {}),
        ("order_hold", {"supplier": "Nordlicht GmbH"}),
    ]
    events = read(calls, item="SO-1", supplier="NL").events

    assert [(e.item, e.supplier, e.warehouse) for e in events] == [
        ("SO-1", None, None),
        (None, None, "Leeds"),
        ("SO-1", None, None),
        (None, "Nordlicht GmbH", None),
    ]
    assert read([("discontinue", {})], supplier="NL").unclear == (Unclear("discontinue", "missing", "item"),)


def test_chinese_words_need_no_blanks_around_them() -> None:
    """A Chinese name ends where the note goes on with digits, and values are read as everywhere."""
    calls = [("lead_time_change", {"supplier": "义乌明亮", "delta_days": 14, "end": "3月"})]

    assert read(calls, "义乌明亮3月前交期都要多两周").events == (
        EventWords("lead_time_change", supplier="义乌明亮", delta_days=14, end="3月"),
    )


def test_a_name_that_the_shop_knows_may_stand_in_for_the_notes_word() -> None:
    """A model may give the full name of what the note abbreviates; a day it may not make up."""
    linker = Linker({"woolsocksgrey": "item", "march": "category"}, {})
    model = ScriptedChatModel(
        replies=[[("order_hold", {"item": "Wool Socks Grey"}), ("order_hold", {"item": "x", "end": "March"})]]
    )
    reading = ModelNoteReader(model, lambda: linker).read("stop ordering x, the grey ones")

    assert reading.events == (EventWords("order_hold", item="Wool Socks Grey"),)
    assert reading.unclear == (Unclear("order_hold", "unsaid", "end", "March"),)


def test_the_model_hears_the_note_its_heading_and_its_names() -> None:
    """The instructions are in the note's language; the note is marked as one, with the names that the shop knows."""
    model = ScriptedChatModel()
    ModelNoteReader(model, lambda: Linker({"socks": "category"}, {})).read(NOTE_TEXT, supplier="NL")
    system, note = model.heard[0]

    assert "filed under: supplier NL." in str(system.text)
    assert note.additional_kwargs[NOTE] is True
    assert [(m["kind"], NOTE_TEXT[m["start"] : m["end"]]) for m in note.additional_kwargs[ENTITIES]] == [("category", "socks")]
    ModelNoteReader(model).read("袜子卖得少了三成")
    assert "备注归入：-。" in str(model.heard[1][0].text)


def test_calls_that_cannot_be_read_are_told() -> None:
    """Broken JSON is no silence."""
    broken = {"name": "order_hold", "args": "{", "id": "1", "error": "", "type": "invalid_tool_call"}

    assert read(AIMessage("", invalid_tool_calls=[broken])).unclear == (Unclear("order_hold", "unreadable"),)
    assert read("The note means nothing.") == NoteReading()


def test_a_model_that_fails_is_one_line() -> None:
    """Whoever keeps the note hears why it was not read; a long note is not sent at all."""

    def failing(_: Any) -> Any:
        raise ConnectionError("no route to host\nand more")

    reader = ModelNoteReader(ScriptedChatModel(replies=failing))
    with pytest.raises(ToolFailed, match=r"did not answer: no route to host$"):
        reader.read(NOTE_TEXT)
    with pytest.raises(ToolFailed, match="at most 4,000"):
        reader.read("x" * (MOST_CHARACTERS + 1))


def test_the_embedded_model_reads_a_note_as_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given one utterance of a note, with the shop's names marked, and only the events; what it says becomes the calls."""
    model = EmbeddedChatModel()
    heard: list[Any] = []

    def say(utterances: Any, grammar: Any) -> Reply:
        heard.append((utterances, grammar))
        return Reply("call", (Call("order_hold", {"item": "socks"}),))

    monkeypatch.setattr(model._model, "grammar", lambda catalogue: catalogue)
    monkeypatch.setattr(model._model, "say", say)
    reading = ModelNoteReader(model, lambda: Linker({"socks": "category"}, {})).read("stop the socks")
    [([utterance], catalogue)] = heard

    assert reading.events == (EventWords("order_hold", item="socks"),)
    assert (utterance.role, utterance.text, utterance.marks[0].kind) == ("note", "stop the socks", "category")
    assert set(catalogue.tools) >= {"demand_change", "order_hold"}
    assert "get_stock" not in catalogue.tools


def test_a_model_that_knows_no_notes_is_the_operators_to_replace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded model's own error, such as a tokenizer without the words for events, comes through as it is."""
    model = EmbeddedChatModel()

    def refusing(_: Any) -> Any:
        raise SetupError("its tokenizer has no token")

    monkeypatch.setattr(model._model, "grammar", refusing)
    with pytest.raises(SetupError, match="no token"):
        ModelNoteReader(model).read("stop the socks")


def test_the_router_has_no_say_on_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has learnt from talk alone: a note's prompt holds no hints of it, and its opinion of the first word is none."""
    seen: list[Any] = []

    class Parts:
        labels = ("get_stock", "talk")

        def prompt(self, utterances: Any, hints: Any = ()) -> Any:
            seen.append((utterances[-1].text, tuple(hints)))
            return "prompt"

    def decode(self: object, prompt: Any, grammar: Any, scores: Any) -> Reply:
        seen.append(scores)
        return Reply("")

    model = EmbeddedChatModel()
    monkeypatch.setattr(type(model._model), "router", Parts())
    monkeypatch.setattr(type(model._model), "renderer", Parts())
    monkeypatch.setattr(type(model._model), "grammar", lambda self, catalogue: catalogue)
    monkeypatch.setattr(type(model._model), "_decode", decode)

    assert ModelNoteReader(model).read("stop the socks") == NoteReading()
    assert seen == [("stop the socks", ()), None]

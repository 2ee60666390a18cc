"""What a planner's yes, no or "only 20 %" does to events that were just proposed."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import BaseMessage
from sqlalchemy import select

from agent.answer import Answer
from agent.confirming import correction_of, move_of
from agent.loop import Agent
from agent.models.scripted import ScriptedChatModel
from agent.note_reading import NOTE
from inventory.events import withdraw
from inventory.schema import audit
from parstock.domain import PlanningEvent
from tools.context import ToolContext

NOTE_TEXT = "Yiwu Bright takes two weeks longer, cakestand 3 tier sells 40 % more until 15 June"
EVENTS = [
    ("lead_time_change", {"supplier": "Yiwu Bright", "delta_days": 14}),
    ("demand_change", {"item": "cakestand 3 tier", "pct": 40, "end": "15 June"}),
]
UP = PlanningEvent("demand_change", item="22423", pct=40.0, id="up")
SLOWER = PlanningEvent("lead_time_change", supplier="YB", delta_days=14.0, id="slower")
LEAST = PlanningEvent("min_order_quantity", supplier="YB", quantity=500, id="least")
HALF = PlanningEvent("demand_change", item="22424", pct=-50.0, id="half")


def model(events: Any = EVENTS) -> ScriptedChatModel:
    """Records what is called a note, reads these events out of it, and asks what is meant otherwise."""

    def reply(messages: list[BaseMessage]) -> Any:
        last = messages[-1]
        if last.additional_kwargs.get(NOTE):
            return events
        return [("record_note", {"text": NOTE_TEXT})] if last.type == "human" and "note" in str(last.text) else ""

    return ScriptedChatModel(replies=reply)


def talk(shop: ToolContext, *said: str, events: Any = EVENTS, **options: Any) -> list[Answer]:
    """The answers of one thread."""
    agent = Agent(shop.settings, shop, model(events))
    return [agent.ask(text, thread_id="t", **options) for text in said]


def states(shop: ToolContext) -> dict[str, tuple[str, float | None]]:
    """Status and size of each event by its id."""
    return {event.id: (event.status, event.pct or event.delta_days) for event in shop.records.events()}


@pytest.mark.parametrize(
    "text", ["yes", "Yes please!", "OK, go ahead", "confirm both", "that’s right", "好的", "好的，确认。", "可以的 谢谢", "👍"]
)
def test_a_plain_yes(text: str) -> None:
    """Yes in either language, with courtesy around it."""
    assert move_of(text) == "confirm"


@pytest.mark.parametrize(
    "text", ["no", "No, cancel that.", "don't confirm it", "never mind", "不要", "不用了，谢谢", "取消吧", "算了"]
)
def test_a_plain_no(text: str) -> None:
    """No in either language."""
    assert move_of(text) == "withdraw"


@pytest.mark.parametrize(
    "text",
    ["yes but when?", "yes cancel", "thanks", "not yet", "no stock?", "okra", "how many are on hand?",
     "confirm the order of 240 mugs", "yes, and order 50 mugs", "好像不对吧我再看看", "确认一下库存", "不要订货", ""],
)  # fmt: skip
def test_anything_else_decides_nothing(text: str) -> None:
    """A question, a new request or a mixed message is neither a yes nor a no."""
    assert move_of(text) is None
    assert correction_of(text, [UP, SLOWER, LEAST]) is None


@pytest.mark.parametrize("words", ["嗯", "不是", "yes ", "confirm it ", "改成", "no ", "no, not ", "is not "])
def test_a_flood_is_refused_at_once(words: str) -> None:
    """A message of thousands of words that almost is a yes takes no time worth mentioning."""
    flood = f"{words * 1500}x 20%"
    begun = time.process_time()

    assert move_of(flood) is None
    assert correction_of(flood, [UP]) is None
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("text", "event", "field", "value"),
    [
        ("no, only 20 %", "up", "pct", 20), ("20% not 40%", "up", "pct", 20), ("no, down 20%", "up", "pct", -20),
        ("make it 3 weeks", "slower", "delta_days", 21), ("two weeks shorter", "slower", "delta_days", -14),
        ("should be 300 units", "least", "quantity", 300), ("不对，是20%", "up", "pct", 20),
        ("改成三周", "slower", "delta_days", 21),
        ("不是40%，是20%", "up", "pct", 20), ("只有两成", "up", "pct", 20),
    ],
)  # fmt: skip
def test_one_value_puts_the_event_of_its_kind_right(text: str, event: str, field: str, value: float) -> None:
    """A percentage belongs to the change of demand, a length of time to the lead time, a count to the minimum order."""
    found = correction_of(text, [UP, SLOWER, LEAST])
    assert found is not None
    assert (found.old.id, getattr(found.new, field)) == (event, value)


def test_a_fall_stays_a_fall() -> None:
    """A corrected size keeps its sign where the message says none."""
    found = correction_of("no, only 20 %", [HALF])
    assert found is not None
    assert found.new.pct == -20


@pytest.mark.parametrize(
    ("text", "events"),
    [("only 20%", [UP, HALF]), ("20% and 3 weeks", [UP]), ("not 20%", [UP]), ("300 units", [UP]), ("3 weeks", [UP]),
     ("what about 20%?", [UP]), ("20% off everything", [UP])],
)  # fmt: skip
def test_a_value_that_may_mean_several_things_corrects_none(text: str, events: list[PlanningEvent]) -> None:
    """Where code is not sure, the model is asked."""
    assert correction_of(text, events) is None


def test_yes_confirms_what_was_proposed(own_shop: Callable[..., ToolContext]) -> None:
    """The events take effect under the name of who said yes, without the model, and the audit log has it."""
    shop = own_shop()
    shown, done = talk(shop, "note: as above", "yes, go ahead", actor="Ann")

    assert len(shown.waiting) == 2
    assert [status for status, _ in states(shop).values()] == ["confirmed", "confirmed"]
    assert (done.trace.model_calls, done.trace.text_by, done.waiting) == (0, "facts", ())
    assert done.text.startswith(
        "Confirmed; forecasts and plans follow it from now on:\n- The lead time of Yiwu Bright is 14 days longer"
    )
    with shop.store.reading() as connection:
        confirmed = connection.execute(select(audit).where(audit.c.action == "event.confirmed")).all()
    assert {(entry.actor, entry.subject) for entry in confirmed} == {("Ann", event) for event in shown.waiting}


def test_no_drops_it(own_shop: Callable[..., ToolContext]) -> None:
    """The events are withdrawn, the note stays."""
    shop = own_shop()
    _, done = talk(shop, "note: as above", "不要了")

    assert [status for status, _ in states(shop).values()] == ["withdrawn", "withdrawn"]
    assert done.lang == "zh"
    assert done.text.startswith("已作废")
    assert shop.records.notes()[-1].text == NOTE_TEXT


def test_a_correction_is_shown_back_and_waits(own_shop: Callable[..., ToolContext]) -> None:
    """The event is proposed anew with the one value replaced, the old one withdrawn; a yes then confirms what is shown."""
    shop = own_shop()
    shown, corrected = talk(shop, "note: as above", "no, only 20 %")

    assert "20% higher than forecast until 15 June 2025" in corrected.text
    assert "14 days longer" in corrected.text
    assert set(corrected.waiting) & set(shown.waiting) == {shown.waiting[0]}
    talk(shop, "OK")
    assert sorted(states(shop).values()) == [("confirmed", 14.0), ("confirmed", 20.0), ("withdrawn", 40.0)]


def test_a_value_out_of_bounds_corrects_nothing(own_shop: Callable[..., ToolContext]) -> None:
    """Demand cannot fall by more than all of it: the message goes to the model, the event still waits unchanged."""
    shop = own_shop()
    _, answer = talk(shop, "note: as above", "no, down 300 %")

    assert answer.trace.model_calls == 1
    assert sorted(states(shop).values()) == [("proposed", 14.0), ("proposed", 40.0)]


def test_after_something_else_a_yes_is_not_for_the_events(own_shop: Callable[..., ToolContext]) -> None:
    """Only the answer to the turn that proposed decides; the events stay proposed."""
    shop = own_shop()
    *_, last = talk(shop, "note: as above", "hm", "yes")

    assert last.trace.model_calls == 1
    assert [status for status, _ in states(shop).values()] == ["proposed", "proposed"]


def test_events_decided_elsewhere_are_left_alone(own_shop: Callable[..., ToolContext]) -> None:
    """A yes confirms what still waits and revives nothing that was withdrawn meanwhile."""
    shop = own_shop()
    [shown] = talk(shop, "note: as above")
    withdraw(shop.store, shown.waiting[0], actor="Ben")
    talk(shop, "yes")

    assert [states(shop)[event][0] for event in shown.waiting] == ["withdrawn", "confirmed"]


def test_the_language_of_a_bare_ok_is_the_conversations(own_shop: Callable[..., ToolContext]) -> None:
    """After a Chinese answer "OK" is answered in Chinese, and so is "20%" alone."""
    shop = own_shop()
    agent = Agent(shop.settings, shop, model())
    agent.ask("note: as above", thread_id="t", lang="zh")

    assert agent.ask("20%", thread_id="t").lang == "zh"
    assert agent.ask("OK", thread_id="t").text.startswith("已确认")


def test_only_who_may_approve_confirms(own_shop: Callable[..., ToolContext]) -> None:
    """A key that may propose is told so and can still drop the event; one that may only read decides nothing."""
    shop = own_shop()
    proposing = frozenset({"read", "propose"})
    _, refused = talk(shop, "note: as above", "yes", scopes=proposing)

    assert refused.behaviour == "decline"
    assert "approve" in refused.text
    assert len(refused.waiting) == 2
    [denied] = talk(shop, "no", scopes=frozenset({"read"}))
    assert denied.behaviour == "decline"
    assert [status for status, _ in states(shop).values()] == ["proposed", "proposed"]
    talk(shop, "no", scopes=proposing)
    assert [status for status, _ in states(shop).values()] == ["withdrawn", "withdrawn"]

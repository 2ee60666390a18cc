"""Yes, no, and "no, only 20 %" to planning events that were just proposed: understood and carried out by code, not by a model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, cast
from uuid import uuid4

from agent import replies
from agent.compose import Draft
from agent.embedded.grammar import number_value
from agent.embedded.spots import Spot, normalise, spot
from agent.embedded.vocabulary import Argument
from agent.explain import explain
from agent.note_reading import events_by_name
from agent.trace import Call
from agent.turn import Turn
from inventory.events import ONE_OF, confirm, propose, withdraw
from parstock.domain import Json, PlanningEvent
from parstock.errors import InputError
from parstock.results import ToolResult
from tools.context import ToolContext
from tools.event_facts import tell_choice, tell_events
from tools.factbook import FactBook
from tools.planning_events import event_json

SETTLED = "planning_events"
"""What made a result that no tool of the catalogue made."""
PROPOSING = ("record_note", SETTLED)
"""What proposes events in a conversation."""
APPROVE, PROPOSE = "approve", "propose"
_DONE = {
    "confirm": ("Confirmed; forecasts and plans follow it from now on:", "已确认，预测和计划即刻照此执行："),
    "withdraw": ("Dropped; none of this changes the plan:", "已作废，以下内容不影响计划："),
    "correct": ("Corrected; it is taken to mean:", "已更正，理解为："),
}

Move: TypeAlias = Literal["confirm", "withdraw"]

_IT = r"(?: (?:it|this|that|them|both of them|all of (?:it|them)|both|all|the (?:event|change|note)s?))?"
_YES = (
    rf"yes|yep|yeah|yup|ya|y|ok(?:ay)?|sure|confirm(?:ed)?{_IT}|go ahead|do (?:it|that|so)|please do|correct|exactly|agreed"
    rf"|that(?:'s| is) (?:right|correct|it|fine|good)|(?:sounds|looks|all) (?:good|right|fine|correct)|fine"
    rf"|(?:apply|approve)d?{_IT}|👍"
    r"|是的?|对的?|没错|正确|好的?|行的?|可以的?|确认(?:一下|生效|无误|执行)?|同意|批准|没问题|就这样|生效|执行|嗯+"
)
_NO = (
    rf"no|nope|nah|n|(?:cancel|withdraw|reject|discard|scrap|drop|undo){_IT}|(?:don't|do not)(?: (?:do|confirm|apply){_IT})?"
    r"|forget (?:about )?(?:it|that|them)|never ?mind|leave it|stop|wrong|incorrect|not (?:right|correct)"
    r"|that(?:'s| is) (?:wrong|not (?:right|correct))"
    r"|不要了?|不用了?|不对|不是|不行|不可以|不确认|不同意|先不|不|取消|撤回|撤销|撤掉|作废|算了|别|错了|否|👎"
)
_POLITE = "please|pls|thanks|thank you|thx|cheers|then|now|sorry|谢谢|麻烦|请|都|全部|它|吧|了|呀|啊|哦|呢"


def _longest_first(words: str) -> str:
    """Alternatives in the order in which each is found whole."""
    return "|".join(sorted(words.split("|"), key=len, reverse=True))


_AROUND = (
    "no|nope|wrong|sorry|actually|only|just|merely|make|it|that|this|its|it's|that's|is|was|should|have|been|be|rather|to|by|at|of|"
    "for|about|change|set|i|we|meant|mean|say|said|please|pls|the|a|an|put|exactly|as|well|but|yes|ok|okay|correct|in|fact|not|"
    "instead|than|and|from|now|more|less|fewer|higher|lower|up|down|plus|minus|longer|shorter|slower|faster|later|earlier|"
    "units|unit|pcs|pieces|each|per|moq|demand|price|quantity|lead|time|percent"
    "|不对|不是|不|错了|其实|应该|应|而是|是|改成|改为|改到|改|只有|只要|只|仅|就|才|大概|左右|约|要|为|成|到|按|请|吧|的|了|把|它|设|"
    "涨|上涨|增加|上升|多|高|提高|降|下降|减少|少|低|降低|延长|慢|晚|缩短|快|早|件|个|套|台|箱|每件|起订量|需求|价格|数量|交货期"
)
_DENIED = re.compile(r"(?:\bnot|\binstead of|\brather than|不是|并非)\s*$", re.IGNORECASE)
_COUNTED = re.compile(r"\s*(?:units?\b|pcs\b|pieces\b|[件个套台箱])", re.IGNORECASE)
_MINUS = re.compile(
    r"\b(?:minus|down|lower|less|fewer|shorter|faster|earlier)\b|降|减|少|低|缩短|快|早|[-−–]\s*\d", re.IGNORECASE
)
_PLUS = re.compile(r"\b(?:plus|up|higher|more|longer|slower|later)\b|涨|增|升|多|高|延长|慢|晚|\+\s*\d", re.IGNORECASE)


def _word(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{words})(?![a-z])", re.IGNORECASE)


_YES_WORD, _NO_WORD, _POLITE_WORD = _word(_YES), _word(_NO), _word(_POLITE)
_FILLING_WORD, _STOP = _word(_longest_first(_AROUND)), re.compile(r"[\s,.!;:~，。！；：、…%+\-−–—]")


def _made_of(said: str, *words: re.Pattern[str]) -> bool:
    """Whether a message consists of such words, and signs between them."""
    at = 0
    while at < len(said):
        found = next((m for pattern in (*words, _STOP) if (m := pattern.match(said, at))), None)
        if found is None:
            return False
        at = found.end()
    return True


@dataclass(frozen=True, slots=True)
class Correction:
    """One event with one of its values replaced."""

    old: PlanningEvent
    new: PlanningEvent


def move_of(text: str) -> Move | None:
    """Whether a message is nothing but a yes or nothing but a no.

    >>> [move_of(text) for text in ("Yes, go ahead!", "好的，确认", "不要了", "no thanks", "yes but when?")]
    ['confirm', 'confirm', 'withdraw', 'withdraw', None]
    """
    said = normalise(text).replace("’", "'")
    if _made_of(said, _POLITE_WORD):
        return None
    if _made_of(said, _YES_WORD, _POLITE_WORD):
        return "confirm"
    return "withdraw" if _made_of(said, _NO_WORD, _POLITE_WORD) else None


def is_brief(text: str) -> bool:
    """Whether a message is a yes, a no or a value with a few words around it, which say little about its writer's language."""
    return move_of(text) is not None or _made_of(_without_values(normalise(text)), _FILLING_WORD)


def correction_of(text: str, events: Sequence[PlanningEvent]) -> Correction | None:
    """Return the event with the one value that a message puts right; None where it says anything else or could mean several."""
    said = normalise(text).replace("’", "'")
    values = spot(said)
    if not values or not _made_of(_without_values(said), _FILLING_WORD):
        return None
    for rank in (0, 1):
        found = [
            Correction(event, replace(event, **cast(Any, {argument.name: _value(argument, value, said, event)})))
            for event in events
            for argument in _sizes(event)
            for value in _meant(values, said, argument, event)
            if value.kind in argument.choices[rank : rank + 1]
        ]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _without_values(said: str) -> str:
    values = spot(said)
    return "".join(c for i, c in enumerate(said) if not any(s.start <= i < s.end for s in values))


def settle(text: str, waiting: Sequence[str], turn: Turn) -> Draft | None:
    """Carry out what a message decides on the events that the last answer proposed, and write the answer.

    Args:
        text: What the planner writes.
        waiting: Ids of the events.
        turn: The turn; the result is left there, with the events that wait from now on.

    Returns:
        The answer; None where the message decides nothing, so that it goes to the model.
    """
    context = turn.context
    events = [event for event in context.records.events("proposed") if event.id in waiting]
    move = move_of(text) if events else None
    corrected = correction_of(text, events) if events and move is None else None
    if move is None and corrected is None:
        return None
    needed = APPROVE if move == "confirm" else PROPOSE
    if needed not in context.scopes:
        turn.waiting = tuple(event.id for event in events)
        return Draft(replies.decline("may_not_confirm" if needed == APPROVE else "not_allowed", turn.lang), "decline", "fixed")
    if corrected is not None:
        result = _corrected(corrected, events, context)
        if result is None:
            return None
    else:
        result = _decided(cast(Move, move), events, context)
    turn.results.append((Call("e1", SETTLED, {}, result.id, 1000 * turn.seconds()), result))
    return Draft(explain([result], turn.lang, text), "answer", "facts")


def _decided(move: Move, events: Sequence[PlanningEvent], context: ToolContext) -> ToolResult:
    """Confirm or withdraw all of the events."""
    decide = confirm if move == "confirm" else withdraw
    decided = [decide(context.store, event.id, actor=context.actor) for event in events]
    return _result(_headed(move, decided, context), decided, context)


def _corrected(change: Correction, events: Sequence[PlanningEvent], context: ToolContext) -> ToolResult | None:
    """Propose the corrected event, withdraw the old one, and show back all that wait; None where the new value is refused."""
    try:
        new = propose(context.store, change.new, actor=context.actor)
    except InputError:
        return None
    withdraw(context.store, change.old.id, actor=context.actor)
    waiting = [new if event.id == change.old.id else event for event in events]
    book = _headed("correct", waiting, context)
    tell_choice(book, waiting)
    return _result(book, waiting, context)


def _headed(done: str, events: Sequence[PlanningEvent], context: ToolContext) -> FactBook:
    """Say what was done, and with which events."""
    book, (en, zh) = FactBook(context), _DONE[done]
    book.add(f"events.{done}", done, "name", en, zh, source=events[0].id, required=True)
    tell_events(book, events, context)
    return book


def _result(book: FactBook, events: Sequence[PlanningEvent], context: ToolContext) -> ToolResult:
    told = [event_json(event, context) for event in events]
    return ToolResult(SETTLED, {"events": [*told]}, book.facts(), id=f"{SETTLED}-{uuid4().hex[:12]}")


def _sizes(event: PlanningEvent) -> list[Argument]:
    """The numbers that an event says."""
    sizes = ONE_OF.get(event.type, ())
    return [a for a in events_by_name()[event.type] if a.name in sizes and getattr(event, a.name) is not None]


def _meant(values: Sequence[Spot], said: str, argument: Argument, event: PlanningEvent) -> list[Spot]:
    """The one value that is neither denied nor, beside another, the one that is put right: "20 %, not 40 %", "from 40 to 20"."""
    old = abs(getattr(event, argument.name))
    kept = [v for v in values if not _DENIED.search(said[: v.start]) and (len(values) == 1 or v.value != old)]
    counts = kept and _COUNTED.match(said, kept[0].end)
    return kept if len(kept) == 1 and not (counts and argument.name != "quantity") else []


def _value(argument: Argument, value: Spot, said: str, event: PlanningEvent) -> float | int:
    """The new value, with the sign that the message says, else the old one's."""
    sign = -1 if getattr(event, argument.name) < 0 else 1
    if argument.signed:
        sign = -1 if _MINUS.search(said) else 1 if _PLUS.search(said) else sign
    return cast("float | int", number_value(argument, sign * value.value))


def waiting_of(turn: Turn) -> tuple[str, ...]:
    """Ids of the events that wait for the planner's word after a turn."""
    told = [
        event
        for _, result in turn.results
        if result.tool in PROPOSING
        for event in cast("list[dict[str, Json]]", result.data.get("events", []))
    ]
    return (*turn.waiting, *(str(event["id"]) for event in told if event["status"] == "proposed"))

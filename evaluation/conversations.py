"""Turns of a conversation with the agent as a case sees them. Judges nothing."""

from agent.answer import Answer
from evaluation.calls import Call, Decided
from evaluation.cases import Behaviour

LOOKUP = "find_items"
"""The tool by which a model may look a name up before it calls the tool that was asked for."""
_BEHAVIOURS: dict[str, Behaviour] = {"answer": "answer", "clarify": "clarify", "decline": "refuse"}


def decided(answer: Answer, expected: Behaviour) -> Decided:
    """What the agent did in a turn.

    A call that failed and that a later call of the same tool made good is left out. Where no call is expected, calls
    that all failed do not count either: a name that the shop cannot tell apart and that is asked about is a question.
    """
    succeeded = {call.name: position for position, call in enumerate(answer.calls) if call.ok}
    kept = [c for position, c in enumerate(answer.calls) if c.ok or succeeded.get(c.name, -1) < position]
    if kept and (expected == "call" or any(call.ok for call in kept)):
        return Decided("call", tuple(Call(call.name, call.arguments) for call in kept))
    return Decided(_BEHAVIOURS[answer.behaviour])


def without_lookups(reply: Decided) -> Decided:
    """The same without looking names up, where that was not all."""
    calls = tuple(call for call in reply.calls if call.name != LOOKUP)
    return Decided("call", calls) if calls else reply

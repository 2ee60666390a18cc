"""Answers to questions whose tool call is given, so that only the wording is tested; and the same with one value changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolCall, ToolMessage

import prompts
from agent import briefing, replies
from agent.compose import Composer, Draft
from agent.figures import agrees
from agent.ground import read, values_of
from agent.turn import Turn
from parstock.domain import Json, Language
from parstock.results import Fact, ToolResult
from tools.catalogue import offered
from tools.context import ToolContext


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the call that answers it."""

    id: str
    lang: Language
    question: str
    tool: str
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a result, made another."""

    result: ToolResult
    before: str
    """The number as the fact's sentence showed it."""
    after: str


@dataclass(frozen=True, slots=True)
class Explainer:
    """Has a chat model word the result of a given call, as the agent does.

    Args:
        model: Any chat model; one that says nothing leaves the wording to the facts.
        context: The shop.
        names: Names of all its things.
    """

    model: BaseChatModel
    context: ToolContext
    names: Sequence[str]

    def ran(self, asked: Asked) -> Turn:
        """The turn in which the call was made; its results are empty where the tool refused."""
        turn = Turn(self.context, asked.lang)
        turn.run(_call(asked))
        return turn

    def worded(self, asked: Asked, turn: Turn, result: ToolResult) -> Draft:
        """The answer, as if the turn's only call had given `result`."""
        told = Turn(self.context, asked.lang, calls=turn.calls, results=[(turn.calls[0], result)])
        messages = self._messages(asked, briefing.of_result(result, turn.calls[0].id, asked.lang))
        bound = self.model.bind_tools([dict(spec) for spec in (*offered(), *replies.PSEUDO_TOOLS)])

        def again(problems: str, facts: str) -> str:
            repair = prompts.load(f"repair.{asked.lang}", problems=problems, facts=facts)
            return str(self.model.invoke([*messages, HumanMessage(repair)]).text)

        return Composer(told, asked.question, (), self.names, again).compose(str(bound.invoke(messages).text))

    def _messages(self, asked: Asked, told: str) -> list[BaseMessage]:
        rules = prompts.load(f"explain.{asked.lang}")
        as_of, currency = self.context.as_of().isoformat(), self.context.settings.currency
        call = _call(asked)
        return [
            SystemMessage(prompts.load(f"system.{asked.lang}", as_of=as_of, currency=currency, explain=rules)),
            HumanMessage(asked.question),
            AIMessage("", tool_calls=[call]),
            ToolMessage(content=told, name=asked.tool, tool_call_id=call["id"] or ""),
        ]


def _call(asked: Asked) -> ToolCall:
    return ToolCall(name=asked.tool, args=dict(asked.arguments), id="given", type="tool_call")


def with_one_value_changed(result: ToolResult, text: str, lang: Language, rng: np.random.Generator) -> Change | None:
    """A result of which one number that `text` tells is another, in the fact and in every sentence that shows it.

    Only a number that its sentences show exactly once can be told apart from others; None where there is none.
    """
    candidates = [fact for fact in result.facts if _sentence(fact, lang) in text and _places(fact) is not None]
    if not candidates:
        return None
    fact = candidates[int(rng.integers(len(candidates)))]
    places = _places(fact)
    assert places is not None
    factor = 1 + int(rng.integers(2, 8))
    changed = {own: _put(own, place, factor) for own, place in places.items()}
    facts = tuple(
        replace(
            other,
            en=changed[fact.en],
            zh=changed[fact.zh],
            value=other.value * factor if other is fact and not isinstance(other.value, str) else other.value,
        )
        if (other.en, other.zh) == (fact.en, fact.zh)
        else other
        for other in result.facts
    )
    own = _sentence(fact, lang)
    start, end = places[own]
    return Change(replace(result, facts=facts), own[start:end], _times(own[start:end], factor))


def _sentence(fact: Fact, lang: Language) -> str:
    return fact.zh if lang == "zh" else fact.en


def _places(fact: Fact) -> dict[str, tuple[int, int]] | None:
    """Where each sentence of a fact shows its value; None where that is not one place in each, in plain digits."""
    values = values_of(fact)
    places: dict[str, tuple[int, int]] = {}
    for sentence in (fact.en, fact.zh):
        shown = [figure for figure in read(sentence).figures if any(agrees(figure, value) for value in values)]
        plain = [figure for figure in shown if figure.value and _digits(sentence[figure.start : figure.end])]
        if len(shown) != 1 or not plain:
            return None
        places[sentence] = plain[0].start, plain[0].end
    return places


def _digits(shown: str) -> bool:
    return shown.replace(",", "").replace(".", "", 1).isascii() and shown.replace(",", "").replace(".", "", 1).isdigit()


def _put(sentence: str, place: tuple[int, int], factor: int) -> str:
    return sentence[: place[0]] + _times(sentence[place[0] : place[1]], factor) + sentence[place[1] :]


def _times(shown: str, factor: int) -> str:
    """A number as it is shown, `factor` times as large.

    >>> _times("1,240.50", 3)
    '3,721.50'
    """
    decimals = len(shown.partition(".")[2])
    return f"{float(shown.replace(',', '')) * factor:,.{decimals}f}"

"""From conversations to the embedded model's tokens: prompt, answer, and how much each token counts in the loss."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from agent.embedded.grammar import number_value
from agent.embedded.render import Prompt, Renderer
from agent.embedded.router import Router
from agent.embedded.vocabulary import (
    END,
    NEGATIVE,
    REPLIES,
    Argument,
    Catalogue,
    argument_token,
    enum_token,
    label_token,
    tool_token,
)
from finetune.corpus import Conversation, Gold, Grammar, Span
from finetune.phrasing import Phrasing, fold_of
from finetune.router import KINDS
from tools.catalogue import catalogue as tool_specs
from tools.event_catalogue import event_catalogue

PROMPT_WEIGHT, REPLY_WEIGHT, STOP_WEIGHT = 0.3, 2.0, 1.0
TOOL_WEIGHT, KEY_WEIGHT, VALUE_WEIGHT, GOING_ON_WEIGHT = 2.0, 2.5, 5.0, 1.0
"""Loss weight of one token of each sort. What goes wrong is where a value begins (VALUE) and what follows it (KEY); how a copied
name goes on (GOING_ON) is mostly the grammar's doing."""
PROMPT_EVERY = 8
"""Prompt words teach the model the language; one in so many is enough, and the output layer is what costs time."""
HINTED_SHARE = 0.92
"""Share of examples with the router's hints; the others teach the model to do without."""


@cache
def catalogue() -> Catalogue:
    """The public catalogue of tools in the grammar's terms."""
    return Catalogue.of(tool_specs())


@cache
def everything() -> Catalogue:
    """The tools and the planning events: all that the model can say."""
    return Catalogue.of([*tool_specs(), *event_catalogue()])


@dataclass(frozen=True, slots=True)
class Example:
    """One training sequence."""

    ids: list[int]
    weights: list[float]
    """Loss weight of predicting each token (the first one's is unused)."""


@dataclass(frozen=True, slots=True)
class Weighted:
    """One token of an answer."""

    id: int
    weight: float
    """Its loss weight."""


class Unsayable(Exception):
    """The grammar cannot express this answer with the words and values found in the prompt."""


class Encoder:
    """Writes conversations as training sequences."""

    def __init__(self, renderer: Renderer, tools: Catalogue) -> None:
        self.renderer, self.tools = renderer, tools

    def example(self, conversation: Conversation, hints: Sequence[str] = ()) -> Example:
        """The sequence of one conversation; `hints` are the tokens of the router's likeliest labels.

        Raises:
            Unsayable: A value of the answer does not stand in the prompt at word boundaries.
        """
        prompt = self.renderer.prompt(conversation.utterances, hints)
        answer = self._calls(conversation, prompt) if conversation.calls else self._reply(conversation)
        phase = sum(prompt.ids) % PROMPT_EVERY
        weights = [PROMPT_WEIGHT if owner >= 0 and i % PROMPT_EVERY == phase else 0.0 for i, owner in enumerate(prompt.owner)]
        return Example([*prompt.ids, *(said.id for said in answer)], [*weights, *(said.weight for said in answer)])

    def _token(self, token: str, weight: float) -> Weighted:
        return Weighted(self.renderer.id(token), weight)

    def _reply(self, conversation: Conversation) -> list[Weighted]:
        if conversation.behaviour == "nothing":
            return [self._token(END, REPLY_WEIGHT)]
        said = [self._token(REPLIES[KINDS[conversation.behaviour]], REPLY_WEIGHT)]
        if conversation.behaviour == "clarify" and conversation.missing in self.tools.arguments:
            said.append(self._token(argument_token(conversation.missing), KEY_WEIGHT))
        return [*said, self._token(END, STOP_WEIGHT)]

    def _calls(self, conversation: Conversation, prompt: Prompt) -> list[Weighted]:
        said = []
        for call in conversation.calls:
            said.append(self._token(tool_token(call.name), TOOL_WEIGHT))
            for argument in self.tools.tools[call.name]:
                if argument.name in call.arguments:
                    said.append(self._token(argument.token, KEY_WEIGHT))
                    value = self._value(call, argument, conversation, prompt)
                    said += [Weighted(number, GOING_ON_WEIGHT if i else VALUE_WEIGHT) for i, number in enumerate(value)]
        return [*said, self._token(END, KEY_WEIGHT)]

    def _value(self, call: Gold, argument: Argument, conversation: Conversation, prompt: Prompt) -> list[int]:
        """Ids of an argument's value: the enum's token, the number's placeholder, or the copied words."""
        raw = call.arguments[argument.name]
        if argument.type == "enum":
            return [self.renderer.id(enum_token(str(raw)))]
        if argument.type == "number":
            return [self.renderer.id(token) for token in self._number(call, argument, prompt)]
        span = raw if isinstance(raw, Span) else _find(str(raw), conversation)
        positions = [p for p in range(len(prompt.ids)) if _inside(prompt, p, span)]
        if not positions or not prompt.can_start(positions[0]) or not prompt.can_end(positions[-1]):
            raise Unsayable(argument.name)
        text = prompt.utterances[span.utterance].text[span.start : span.end]
        if prompt.text(positions[0], positions[-1]) != text.strip():
            raise Unsayable(argument.name)
        return [prompt.ids[p] for p in positions]

    def _number(self, call: Gold, argument: Argument, prompt: Prompt) -> tuple[str, ...]:
        """The placeholder that stands where the number was said.

        For a plain number it is the first with its value in the last message that says it.
        """
        raw = call.arguments[argument.name]
        fitting = {name: spot for name, spot in prompt.slots.items() if spot.kind in argument.choices}
        if isinstance(raw, Span):
            names = {self.renderer.id(name): name for name in fitting}
            negative = call.signs[argument.name] < 0
            found = (names[i] for p, i in enumerate(prompt.ids) if i in names and _overlaps(prompt, p, raw))
        else:
            negative = float(raw) < 0
            equal = [name for name, spot in fitting.items() if float(number_value(argument, spot.value)) == abs(float(raw))]
            said_in = {name: prompt.owner[prompt.ids.index(self.renderer.id(name))] for name in equal}
            found = (name for name in equal if said_in[name] == max(said_in.values()))
        slot = next(found, None)
        if slot is None:
            raise Unsayable(argument.name)
        return (NEGATIVE, slot) if negative else (slot,)


def _inside(prompt: Prompt, position: int, span: Span) -> bool:
    """Whether a token lies inside a span, a blank before its word apart."""
    if prompt.owner[position] != span.utterance:
        return False
    text, start = prompt.utterances[span.utterance].text, prompt.starts[position]
    if text[start : start + 1] == " " and prompt.ends[position] - start > 1:
        start += 1
    return start >= span.start and prompt.ends[position] <= span.end


def _overlaps(prompt: Prompt, position: int, span: Span) -> bool:
    return prompt.owner[position] == span.utterance and prompt.starts[position] < span.end and prompt.ends[position] > span.start


def _find(text: str, conversation: Conversation) -> Span:
    """Where plain words of an answer were said last."""
    for index in range(len(conversation.utterances) - 1, -1, -1):
        at = conversation.utterances[index].text.lower().find(text.lower())
        if at >= 0:
            return Span(index, at, at + len(text))
    raise Unsayable(text)


def stream(encoder: Encoder, phrasings: Sequence[Phrasing], routers: Sequence[Router], seed: int) -> Iterator[Example]:
    """Endless examples; each phrasing's hints come from the router that has not seen it.

    Args:
        encoder: Writes the examples.
        phrasings: What is filled.
        routers: One of each fold (`finetune.router.cross_fitted`).
        seed: Where chance begins.
    """
    rng = random.Random(seed ^ 0x5EED)  # noqa: S311
    for conversation in Grammar(phrasings).stream(seed):
        hints: list[str] = []
        if not conversation.is_note and rng.random() < HINTED_SHARE:
            router = routers[fold_of(conversation.source)]
            hints = [label_token(label) for label in router.shortlist(router.scores(conversation.utterances))]
        try:
            yield encoder.example(conversation, hints)
        except Unsayable:
            continue

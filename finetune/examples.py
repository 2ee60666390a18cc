"""From conversations to the embedded model's tokens: prompt, answer, and how much each token counts in the loss."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.embedded.grammar import number_value
from agent.embedded.render import Prompt, Renderer
from agent.embedded.router import Router
from agent.embedded.vocabulary import ASK, DECLINE, END, NEGATIVE, TALK, Argument, Catalogue, enum_token, tool_token
from finetune.corpus import Conversation, Gold, Grammar, Phrasing, Span
from finetune.router import fold_of

PROMPT_WEIGHT, TOOL_WEIGHT, KEY_WEIGHT, VALUE_WEIGHT, REPLY_WEIGHT = 0.3, 2.0, 1.5, 2.0, 2.0
PROMPT_EVERY = 8
"""Prompt words teach the model the language; one in so many is enough, and the output layer is what costs time."""
_REPLIES = {"clarify": ASK, "refuse": DECLINE, "answer": TALK}


def catalogue() -> Catalogue:
    """The public catalogue of tools in the grammar's terms."""
    path = Path(__file__).parents[1] / "tools" / "catalogue.json"
    return Catalogue.of(json.loads(path.read_text(encoding="utf-8"))["tools"])


@dataclass(frozen=True, slots=True)
class Example:
    """One training sequence."""

    ids: list[int]
    weights: list[float]
    """Loss weight of predicting each token (the first one's is unused)."""


class Unsayable(Exception):
    """The grammar cannot express this answer with the words and values found in the prompt."""


class Encoder:
    """Writes conversations as training sequences."""

    def __init__(self, renderer: Renderer, tools: Catalogue) -> None:
        self.renderer, self.tools = renderer, tools

    def example(self, conversation: Conversation, hints: Sequence[str] = ()) -> Example:
        """The sequence of one conversation.

        Raises:
            Unsayable: A value of the answer does not stand in the prompt at word boundaries.
        """
        prompt = self.renderer.prompt(conversation.utterances, hints)
        answer = self._answer(conversation, prompt)
        phase = sum(prompt.ids) % PROMPT_EVERY
        weights = [PROMPT_WEIGHT if owner >= 0 and i % PROMPT_EVERY == phase else 0.0 for i, owner in enumerate(prompt.owner)]
        return Example([*prompt.ids, *(i for i, _ in answer)], [*weights, *(w for _, w in answer)])

    def _answer(self, conversation: Conversation, prompt: Prompt) -> list[tuple[int, float]]:
        token = self.renderer.id
        if not conversation.calls:
            said = [(token(_REPLIES[conversation.behaviour]), REPLY_WEIGHT)]
            if conversation.behaviour == "clarify" and conversation.missing in self.tools.arguments:
                said.append((token(f"<|{conversation.missing}=|>"), KEY_WEIGHT))
            return [*said, (token(END), 1.0)]
        said = []
        for call in conversation.calls:
            said.append((token(tool_token(call.name)), TOOL_WEIGHT))
            for argument in self.tools.tools[call.name]:
                if argument.name in call.arguments:
                    said.append((token(argument.token), KEY_WEIGHT))
                    said += [(i, VALUE_WEIGHT) for i in self._value(call, argument, conversation, prompt)]
        return [*said, (token(END), KEY_WEIGHT)]

    def _value(self, call: Gold, argument: Argument, conversation: Conversation, prompt: Prompt) -> list[int]:
        raw = call.arguments[argument.name]
        if argument.type == "enum":
            return [self.renderer.id(enum_token(str(raw)))]
        if argument.type == "number":
            slot, sign = self._slot(call, argument, prompt)
            return [*([self.renderer.id(NEGATIVE)] if sign < 0 else []), self.renderer.id(slot)]
        span = raw if isinstance(raw, Span) else _find(str(raw), conversation)
        positions = [p for p in range(len(prompt.ids)) if _inside(prompt, p, span)]
        if not positions or not prompt.can_start(positions[0]) or not prompt.can_end(positions[-1]):
            raise Unsayable(argument.name)
        text = prompt.utterances[span.utterance].text[span.start : span.end]
        if prompt.text(positions[0], positions[-1]) != text.strip():
            raise Unsayable(argument.name)
        return [prompt.ids[p] for p in positions]

    def _slot(self, call: Gold, argument: Argument, prompt: Prompt) -> tuple[str, int]:
        raw = call.arguments[argument.name]
        if isinstance(raw, Span):
            names = {self.renderer.id(name): name for name in prompt.slots}
            for position, number in enumerate(prompt.ids):
                if number in names and _overlaps(prompt, position, raw) and prompt.slots[names[number]].kind in argument.choices:
                    return names[number], call.signs.get(argument.name, 1)
            raise Unsayable(argument.name)
        wanted = abs(float(raw))
        for name, found in prompt.slots.items():
            if found.kind in argument.choices and float(number_value(argument, found.value)) == wanted:
                return name, -1 if float(raw) < 0 else 1
        raise Unsayable(argument.name)


def _inside(prompt: Prompt, position: int, span: Span) -> bool:
    if prompt.owner[position] != span.utterance:
        return False
    text, start = prompt.utterances[span.utterance].text, prompt.starts[position]
    if text[start : start + 1] == " " and prompt.ends[position] - start > 1:
        start += 1
    return start >= span.start and prompt.ends[position] <= span.end


def _overlaps(prompt: Prompt, position: int, span: Span) -> bool:
    return prompt.owner[position] == span.utterance and prompt.starts[position] < span.end and prompt.ends[position] > span.start


def _find(text: str, conversation: Conversation) -> Span:
    for index in range(len(conversation.utterances) - 1, -1, -1):
        at = conversation.utterances[index].text.lower().find(text.lower())
        if at >= 0:
            return Span(index, at, at + len(text))
    raise Unsayable(text)


def stream(encoder: Encoder, phrasings: Sequence[Phrasing], routers: Sequence[Router], seed: int) -> Iterator[Example]:
    """Endless examples; each phrasing's hints come from the router that has not seen it, one in ten has none."""
    rng = random.Random(seed ^ 0x5EED)  # noqa: S311
    for conversation in Grammar(phrasings).stream(seed):
        hints: tuple[str, ...] = ()
        if rng.random() < 0.92:
            router = routers[fold_of(conversation.source)]
            hints = router.shortlist(router.scores(conversation.utterances))
        try:
            yield encoder.example(conversation, [f"<|{_HINTS.get(hint, hint)}|>" for hint in hints])
        except Unsayable:
            continue


_HINTS = {"clarify": "ask", "decline": "decline", "talk": "talk"}

"""What the embedded model may say next: the catalogue's calls, with clarify, decline and small talk always open at the start.

Of a note it may say the events that it means, or none. A small automaton over token ids. Strings are runs of prompt tokens cut at
word boundaries, numbers are placeholders that stand in the prompt, enums are their own tokens; so a well-formed call with the
planner's own words is all that can come out.
"""

import re
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import TypeAlias

from agent.embedded.evidence import evidenced
from agent.embedded.render import Prompt, Renderer
from agent.embedded.vocabulary import END, NEGATIVE, REPLIES, Argument, Catalogue, argument_token, enum_token, tool_token

Value: TypeAlias = str | int | float
NAMED: Mapping[str, str] = {
    "item": "item",
    **dict.fromkeys(("warehouse", "from_warehouse", "to_warehouse"), "warehouse"),
    "supplier": "supplier",
    "category": "category",
    "replacement": "item",
}
"""Arguments that name a thing -> the kind of thing."""
CARRIED_OVER = frozenset({"quantity"})
"""Numbers that may come from the assistant's own words: "order those 240"."""
_SMALL_WORDS = (
    "and or then also but so over for in at of to from with by on as if is are was do does did have has will would should could "
    "can what how which when why that this these those it its we you they me us please thanks expect instead same"
)
_SMALL_WORD = re.compile(rf" ?(?:[^\w\s]|(?:{_SMALL_WORDS.replace(' ', '|')})\b)")
MAX_CALLS, MAX_SPAN = 4, 120
"""Calls in one reply, and tokens in one copied string."""


@dataclass(slots=True)
class Call:
    """A call as far as it has been said."""

    name: str
    arguments: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said: calls, or one of the other kinds of reply."""

    kind: str
    """"call", "clarify", "decline" or "talk"; "" for a note that means nothing."""
    calls: tuple[Call, ...] = ()
    """For clarify: the call that lacks something, where there is one."""
    missing: str = ""
    """For clarify: the argument to ask for, "" where the model named none."""
    confidence: float = 1.0
    """Probability that the model gives to just this reply, among all that the grammar allows."""


class Grammar:
    """Token numbers of one catalogue with one tokenizer."""

    def __init__(self, renderer: Renderer, catalogue: Catalogue) -> None:
        self.renderer, self.catalogue = renderer, catalogue
        self.tools = {renderer.id(tool_token(name)): name for name in catalogue.tools}
        self.arguments = {renderer.id(argument_token(name)): name for name in catalogue.arguments}
        self.argument_ids = {name: number for number, name in self.arguments.items()}
        self.enums = {value: renderer.id(enum_token(value)) for value in catalogue.enum_values}
        self.end, self.negative = renderer.id(END), renderer.id(NEGATIVE)
        self.others = {renderer.id(token): kind for kind, token in REPLIES.items()}


class Saying:
    """The state of one reply being said: `allowed()` tokens, then `say(token)`, until `done`."""

    def __init__(self, grammar: Grammar, prompt: Prompt) -> None:
        self.grammar, self.prompt = grammar, prompt
        self.kind, self.missing, self.done = "", "", False
        self.calls: list[Call] = []
        self._left: list[Argument] = []
        """Arguments of the call that may still come."""
        self._open: Argument | None = None
        """The argument whose value is being said."""
        self._sign = 1
        self._runs: list[tuple[int, int]] = []
        """First and last token of every place in the prompt that says what has been copied so far."""
        self._spots = {grammar.renderer.id(token): found for token, found in prompt.slots.items()}
        self._asked = {
            i
            for i, owner in zip(prompt.ids, prompt.owner, strict=True)
            if owner >= 0 and prompt.utterances[owner].role != "assistant"
        }
        """Tokens of what the planner said."""
        self._latest = {i for i, owner in zip(prompt.ids, prompt.owner, strict=True) if owner == len(prompt.utterances) - 1}
        """Tokens of what the planner said last."""
        self._is_note = prompt.utterances[-1].role == "note"
        """Whether a note is read: it may mean nothing, and nobody is asked."""
        self._used: frozenset[int] = frozenset()
        """Placeholders that this call has used."""
        self._starts = [p for p in range(len(prompt.ids)) if prompt.can_start(p)]

    def fork(self) -> "Saying":
        """A copy that goes its own way."""
        twin = copy(self)
        twin.calls = [Call(call.name, dict(call.arguments)) for call in self.calls]
        twin._left, twin._runs = list(self._left), list(self._runs)
        return twin

    def reply(self) -> Reply:
        """What has been said, the same call once.

        A call that lacks a required argument is a question for it; an event that lacks one is left out.
        """
        once = [call for i, call in enumerate(self.calls) if call not in self.calls[:i]]
        if self._is_note:
            return Reply(self.kind, tuple(call for call in once if not self._lacks(call)))
        for call in once:
            if missing := self._lacks(call):
                return Reply("clarify", (call,), missing)
        return Reply(self.kind, tuple(once), self.missing)

    def _lacks(self, call: Call) -> str:
        """The first required argument that a call has not got, "" where it has all."""
        required = (argument.name for argument in self.grammar.catalogue.tools[call.name] if argument.required)
        return next((name for name in required if name not in call.arguments), "")

    def allowed(self) -> list[int]:
        """Token ids that may come next."""
        grammar = self.grammar
        if not self.kind:
            return [*grammar.tools, *([grammar.end] if self._is_note else grammar.others)]
        if self.kind != "call":
            asking = self.kind == "clarify" and not self.missing
            return [grammar.end, *(grammar.arguments if asking else ())]
        if self._open is None:
            return self._between()
        if self._open.type == "enum":
            return [grammar.enums[choice] for choice in self._choices(self._open)]
        if self._open.type == "number":
            return self._numbers(self._open)
        return self._copies()

    def say(self, token: int) -> None:
        """Take one allowed token."""
        grammar = self.grammar
        if token == grammar.end:
            self._close()
            self.done = True
        elif token in grammar.tools:
            self._close()
            self.kind = "call"
            self.calls.append(Call(grammar.tools[token]))
            self._used = frozenset()
            self._left = list(grammar.catalogue.tools[grammar.tools[token]])
        elif not self.kind:
            self.kind = grammar.others[token]
        elif self.kind == "clarify":
            self.missing = grammar.arguments[token]
        elif token in grammar.arguments:
            self._close()
            self._begin(grammar.arguments[token])
        else:
            self._value(token)

    def _begin(self, name: str) -> None:
        index = next(i for i, argument in enumerate(self._left) if argument.name == name)
        self._open, self._left, self._sign, self._runs = self._left[index], self._left[index + 1 :], 1, []

    def _between(self) -> list[int]:
        """Ids legal after a finished value: the arguments up to the next required one.

        Once nothing required is left, the end or another call too. A required argument that no word of the planner can fill
        ends the call as well: it is asked for.
        """
        allowed = []
        for argument in self._left:
            sayable = self._sayable(argument)
            if sayable:
                allowed.append(self.grammar.argument_ids[argument.name])
            if argument.required:
                return allowed if sayable else [*allowed, self.grammar.end]
        return [*allowed, self.grammar.end, *(self.grammar.tools if len(self.calls) < MAX_CALLS else ())]

    def _sayable(self, argument: Argument) -> bool:
        """Whether the prompt holds anything that `argument` could be."""
        if argument.type == "text":
            return bool(self._begins(argument))
        return bool(self._choices(argument)) if argument.type == "enum" else bool(self._numbers(argument))

    def _choices(self, argument: Argument) -> tuple[str, ...]:
        """Enum values that the planner's words allow."""
        return evidenced(argument.name, argument.choices, (u.text for u in self.prompt.utterances if u.role == "user"))

    def _numbers(self, argument: Argument) -> list[int]:
        """Placeholders whose value fits `argument`, and the sign where it may be negative and none was said yet.

        What the planner said last counts before what was said earlier; no value serves twice in one call, and figures of the
        assistant's answers are nobody's wishes but for a quantity that it proposed.
        """
        fitting = [
            number
            for number, found in self._spots.items()
            if found.kind in argument.choices and _fits(argument, found.value) and number not in self._used
        ]
        if argument.name not in CARRIED_OVER:
            fitting = [number for number in fitting if number in self._asked]
        ids = [number for number in fitting if number in self._latest] or fitting
        signed = argument.signed and self._sign == 1 and self._open is not None
        return [*ids, self.grammar.negative] if ids and signed else ids

    def _begins(self, argument: Argument) -> list[int]:
        """Where a copy for `argument` may begin.

        A name that the linker knows is never passed off as something else, and where it knows some, nothing else of what was
        said before the last message is taken for a name. No name begins with a length of time, a percentage, money or a
        small word.
        """
        kind = NAMED.get(argument.name)
        if kind is None:
            return self._starts
        prompt = self.prompt
        linked = any(utterance.marks for utterance in prompt.utterances)
        earliest = len(prompt.utterances) - 1 if linked else 0
        lengths = {self.grammar.renderer.id(token) for token, found in prompt.slots.items() if found.kind != "num"}
        free = (
            p
            for p in self._starts
            if prompt.owner[p] >= earliest and prompt.ids[p] not in lengths and not prompt.marked(p) and not self._small_word(p)
        )
        return sorted({*free, *(p for p in self._starts if prompt.marked(p) == kind)})

    def _small_word(self, position: int) -> bool:
        """Whether a sign or a word that no name begins with begins here."""
        text = self.prompt.utterances[self.prompt.owner[position]].text
        return bool(_SMALL_WORD.match(text, self.prompt.starts[position]))

    def _copies(self) -> list[int]:
        """Tokens that begin a copy or go on with it; what comes after it, where the copy may end."""
        ids = self.prompt.ids
        if not self._runs:
            assert self._open is not None
            return sorted({ids[p] for p in self._begins(self._open)})
        onward = {ids[last + 1] for _, last in self._runs if self._goes_on(last)}
        long = self._runs[0][1] - self._runs[0][0] >= MAX_SPAN
        if any(self.prompt.can_end(last) for _, last in self._runs) or not onward or long:
            return [*(() if long else onward), *self._between()]
        return sorted(onward)

    def _goes_on(self, last: int) -> bool:
        """Whether the message of token `last` has another token."""
        owner = self.prompt.owner
        return last + 1 < len(owner) and owner[last + 1] == owner[last]

    def _value(self, token: int) -> None:
        argument = self._open
        assert argument is not None
        if argument.type == "enum":
            self._store(next(choice for choice in argument.choices if self.grammar.enums[choice] == token))
        elif argument.type == "number":
            self._number(argument, token)
        elif not self._runs:
            self._runs = [(p, p) for p in self._begins(argument) if self.prompt.ids[p] == token]
        else:
            going_on = ((first, last + 1) for first, last in self._runs if self._goes_on(last))
            self._runs = [(first, last) for first, last in going_on if self.prompt.ids[last] == token]

    def _number(self, argument: Argument, token: int) -> None:
        if token == self.grammar.negative:
            self._sign = -1
            return
        self._used |= {token}
        self._store(number_value(argument, self._sign * self._spots[token].value))

    def _close(self) -> None:
        """Store an open copy, the latest of those that say the same."""
        if self._open is not None and self._runs:
            first, last = next((run for run in reversed(self._runs) if self.prompt.can_end(run[1])), self._runs[-1])
            self._store(self.prompt.text(first, last))

    def _store(self, value: Value) -> None:
        assert self._open is not None
        self.calls[-1].arguments[self._open.name] = value
        self._open, self._runs = None, []


def number_value(argument: Argument, value: float) -> Value:
    """A spotted value in the argument's own unit: 95 % of a service level is 0.95, counts and days are whole."""
    if argument.name == "service_level" and value > 1:
        value /= 100
    if argument.integer or (float(value).is_integer() and argument.name != "service_level"):
        return round(value)
    return round(value, 6)


def _fits(argument: Argument, value: float) -> bool:
    value = float(number_value(argument, value))
    low, high = argument.minimum, argument.maximum
    return (low is None or value >= low) and (high is None or value <= high)

"""What the embedded model may say next: the catalogue's calls, with clarify, decline and small talk always open at the start.

A small automaton over token ids. Strings are runs of prompt tokens cut at word boundaries, numbers are placeholders that
stand in the prompt, enums are their own tokens; so a well-formed call with the planner's own words is all that can come out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from agent.embedded.render import Prompt, Renderer
from agent.embedded.vocabulary import ASK, DECLINE, END, NEGATIVE, TALK, Argument, Catalogue, enum_token, tool_token

Value: TypeAlias = str | int | float
MAX_CALLS, MAX_SPAN = 4, 120


@dataclass(slots=True)
class Call:
    """A call as far as it has been said."""

    name: str
    arguments: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said: calls, or one of the other kinds of reply."""

    kind: str
    """"call", "clarify", "decline" or "talk"."""
    calls: tuple[Call, ...] = ()
    missing: str = ""
    """For clarify: the argument to ask for, "" where the model named none."""


class Grammar:
    """Token numbers of one catalogue with one tokenizer."""

    def __init__(self, renderer: Renderer, catalogue: Catalogue, offered: Iterable[str] | None = None) -> None:
        self.catalogue = catalogue
        names = [name for name in (offered if offered is not None else catalogue.tools) if name in catalogue.tools]
        self.tools = {renderer.id(tool_token(name)): name for name in names}
        self.arguments = {renderer.id(f"<|{name}=|>"): name for name in catalogue.arguments}
        self.argument_ids = {name: number for number, name in self.arguments.items()}
        self.enums = {value: renderer.id(enum_token(value)) for value in catalogue.enum_values}
        self.end, self.ask, self.negative = renderer.id(END), renderer.id(ASK), renderer.id(NEGATIVE)
        self.others = {self.ask: "clarify", renderer.id(DECLINE): "decline", renderer.id(TALK): "talk"}
        self.renderer = renderer


class Saying:
    """The state of one reply being said: `allowed()` tokens, then `say(token)`, until `done`."""

    def __init__(self, grammar: Grammar, prompt: Prompt) -> None:
        self.grammar, self.prompt = grammar, prompt
        self.kind, self.missing, self.done = "", "", False
        self.calls: list[Call] = []
        self._left: list[Argument] = []
        self._open: Argument | None = None
        self._sign = 1
        self._runs: list[tuple[int, int]] = []
        self._starts = [p for p in range(len(prompt.ids)) if prompt.can_start(p)]

    def reply(self) -> Reply:
        """What has been said; a call that lacks a required argument is a question for it."""
        for call in self.calls:
            for argument in self.grammar.catalogue.tools[call.name]:
                if argument.required and argument.name not in call.arguments:
                    return Reply("clarify", tuple(self.calls), argument.name)
        return Reply(self.kind, tuple(self.calls), self.missing)

    def allowed(self) -> list[int]:
        """Token ids that may come next."""
        grammar = self.grammar
        if not self.kind:
            return [*grammar.tools, *grammar.others]
        if self.kind != "call":
            asking = self.kind == "clarify" and not self.missing
            return [grammar.end, *(grammar.arguments if asking else ())]
        if self._open is None:
            return self._between()
        if self._open.type == "enum":
            return [grammar.enums[choice] for choice in self._open.choices]
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
        """Ids legal after a finished value: later arguments up to the next required one; end or another call once nothing required is left."""
        allowed = []
        for argument in self._left:
            sayable = argument.type != "number" or bool(self._numbers(argument))
            if sayable:
                allowed.append(self.grammar.argument_ids[argument.name])
            if argument.required:  # one that no word of the planner can fill ends the call: it is asked for
                return allowed if sayable else [*allowed, self.grammar.end]
        return [*allowed, self.grammar.end, *(self.grammar.tools if len(self.calls) < MAX_CALLS else ())]

    def _numbers(self, argument: Argument) -> list[int]:
        ids = [
            self.grammar.renderer.id(token)
            for token, found in self.prompt.slots.items()
            if found.kind in argument.choices and _fits(argument, found.value)
        ]
        signed = argument.signed and self._sign == 1 and self._open is not None
        return [*ids, self.grammar.negative] if ids and signed else ids

    def _copies(self) -> list[int]:
        ids = self.prompt.ids
        if not self._runs:
            return sorted({ids[p] for p in self._starts})
        onward = {ids[last + 1] for _, last in self._runs if self._goes_on(last)}
        long = self._runs[0][1] - self._runs[0][0] >= MAX_SPAN
        if any(self.prompt.can_end(last) for _, last in self._runs) or not onward or long:
            return [*(() if long else onward), *self._between()]
        return sorted(onward)

    def _goes_on(self, last: int) -> bool:
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
            self._runs = [(p, p) for p in self._starts if self.prompt.ids[p] == token]
        else:
            self._runs = [(first, last + 1) for first, last in self._runs if self._goes_on(last) and self.prompt.ids[last + 1] == token]

    def _number(self, argument: Argument, token: int) -> None:
        if token == self.grammar.negative:
            self._sign = -1
            return
        name = next(name for name in self.prompt.slots if self.grammar.renderer.id(name) == token)
        self._store(number_value(argument, self._sign * self.prompt.slots[name].value))

    def _close(self) -> None:
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


def offered_names(tools: Iterable[Mapping[str, object]]) -> list[str]:
    """Names in OpenAI function schemas."""
    return [str(tool["function"]["name"]) for tool in tools]  # type: ignore[index]

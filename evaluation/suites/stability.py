"""The suite `stability`: the same question again, and in other words, leads to the same calls and the same quantities."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from agent.answer import Answer
from agent.loop import Agent
from evaluation.arms import open_arm
from evaluation.base import Form, Options, Progress, Report, suites
from evaluation.calls import Call, normal_text
from evaluation.cases import SHIPPED, read_lines
from evaluation.report import INTERVALS, Shares, figures, grouped, spread
from evaluation.resolving import resolved_calls
from evaluation.shop import shop, write_sample_shop
from parstock.domain import Json
from tools.names import NameIndex

FREE_TEXTS = frozenset({"query", "text"})
"""Arguments whose words may differ from wording to wording."""
DEFINITIONS: Mapping[str, Json] = {
    "repeats_identical": "groups whose first wording, asked again and again, led to the same calls and quantities every time",
    "same_calls": "other wordings that led to the calls of the first: the same tools, and every argument but a search's words "
    "equal, where names of the same record are equal",
    "same_quantities": "other wordings whose results held the same quantities as those of the first",
    "identical": "groups of which all repeats and all wordings agree in both",
    "quantities": "the numbers of all facts that the tools found, defaults apart, whether the answer tells them or not",
    "intervals": INTERVALS,
}

Arguments: TypeAlias = tuple[tuple[str, str], ...]
"""Name and value as text, sorted."""
Quantity: TypeAlias = tuple[str, float, str]
"""What it is of, value, unit."""


class Group(BaseModel):
    """A question in several wordings."""

    model_config = ConfigDict(frozen=True)

    id: str
    lang: str
    texts: tuple[str, ...] = Field(min_length=2)


class StabilityForm(Form):
    """What the suite is given."""

    shop: Annotated[Path | None, Field(description="DIR: home of the shop to ask about; the demonstration shop by default")] = (
        None
    )
    n: Annotated[int | None, Field(ge=1, description="ask this many of the groups only")] = None
    repeats: Annotated[int, Field(ge=1, description="how often the first wording is asked; 8 by default")] = 8


@dataclass(frozen=True, slots=True)
class Found:
    """What a question led to."""

    calls: frozenset[tuple[str, Arguments]]
    """Each call's tool and arguments, names as codes."""
    quantities: frozenset[Quantity]


@dataclass(frozen=True, slots=True)
class Asked:
    """One group with what came of it."""

    group: Group
    repeats: tuple[Found, ...]
    """Of the first wording."""
    others: tuple[Found, ...]

    def shares(self) -> Shares:
        """What it adds to each metric."""
        first, count = self.repeats[0], float(len(self.others))
        again = len(set(self.repeats)) == 1
        return {
            "repeats_identical": (float(again), 1.0),
            "same_calls": (float(sum(other.calls == first.calls for other in self.others)), count),
            "same_quantities": (float(sum(other.quantities == first.quantities for other in self.others)), count),
            "identical": (float(again and set(self.others) == {first}), 1.0),
        }


@suites.register("stability")
class Stability:
    """Asks the agent each group of questions, every time in a conversation of its own."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Ask and compare."""
        form = options.read(StabilityForm)
        groups = spread(read_lines(options.cases or SHIPPED / "stability.jsonl", Group), form.n)
        model = open_arm(options.tested)
        with shop(options.tested, form.shop, progress) as context:
            agent, names = Agent(context.settings, context, model), context.names
            asked = []
            for number, group in enumerate(groups, 1):
                repeats = tuple(found(agent.ask(group.texts[0]), names) for _ in range(form.repeats))
                asked.append(Asked(group, repeats, tuple(found(agent.ask(text), names) for text in group.texts[1:])))
                if progress is not None:
                    progress(number / len(groups), options.tested.model)
        return {
            "suite": "stability",
            "model": options.tested.model,
            **figures([one.shares() for one in asked]),
            "repeats": form.repeats,
            "by_lang": grouped(asked, Asked.shares, lambda one: one.group.lang),
            "failures": [_failure(one) for one in asked if one.shares()["identical"][0] < 1],
            "definitions": dict(DEFINITIONS),
        }

    def sample(self, folder: Path) -> Mapping[str, str]:
        """Write two wordings about a tiny shop."""
        path, home = folder / "stability.jsonl", folder / "shop"
        texts = ["How many Oak tray are there?", "Oak tray: what is the stock?"]
        path.write_text(json.dumps({"id": "s1", "lang": "en", "texts": texts}) + "\n", encoding="utf-8")
        write_sample_shop(home)
        return {"cases": str(path), "shop": str(home), "repeats": "2"}


def found(answer: Answer, names: NameIndex) -> Found:
    """What an answer rests on; how a question without a call was met counts as a call."""
    calls = resolved_calls([Call(call.name, call.arguments) for call in answer.calls], names)
    return Found(
        calls=frozenset((call.name, _arguments(call)) for call in calls) or frozenset({(answer.behaviour, ())}),
        quantities=frozenset(
            (fact.what, round(float(fact.value), 6), fact.unit)
            for fact in answer.facts
            if not isinstance(fact.value, str) and not fact.what.startswith("default.")
        ),
    )


def _arguments(call: Call) -> Arguments:
    told = {name: value for name, value in call.arguments.items() if name not in FREE_TEXTS}
    return tuple(sorted((k, f"{float(v):.10g}" if isinstance(v, (int, float)) else normal_text(v)) for k, v in told.items()))


def _failure(asked: Asked) -> Report:
    """What each wording led to, and whether its quantities are those of the first."""
    first = asked.repeats[0]
    told: list[Json] = []
    for text, one in zip(asked.group.texts, (first, *asked.others), strict=True):
        calls: list[Json] = [{"name": name, "arguments": dict(arguments)} for name, arguments in sorted(one.calls)]
        told.append({"said": text, "calls": calls, "same_quantities": one.quantities == first.quantities})
    return {"id": asked.group.id, "repeats_identical": len(set(asked.repeats)) == 1, "wordings": told}

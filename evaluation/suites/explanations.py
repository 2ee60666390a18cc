"""The suite `explanations`: whether the words of an answer say what the tools found, no more, no less, and not the contrary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from agent.compose import Draft
from agent.shop_names import ShopNames
from agent.trace import TextBy
from evaluation.arms import open_arm
from evaluation.base import Form, Options, Progress, Report, suites
from evaluation.explaining import Asked, Change, Explainer, with_one_value_changed
from evaluation.faithful import Judgement, changed_sentences, judge
from evaluation.questions import questions
from evaluation.report import INTERVALS, Shares, figures, grouped
from evaluation.shop import shop, write_sample_shop
from parstock.domain import Json
from parstock.errors import InputError

DEFINITIONS: Mapping[str, Json] = {
    "numbers_traced": "numbers and dates of the answers that are the value of a fact, rounded as shown, or stand in a quoted "
    "clause or in the question; a number that is only in a fact's sentence does not count",
    "fully_traced": "answers of which every number is traced",
    "facts_recalled": "required facts that the answers tell, by sentence or by value",
    "polarity_errors": "numbers with a direction (up, down, flat, enough, short) in a clause whose words say the contrary; "
    "a fact's own sentences are read like any other",
    "fallback": "answers whose text by the model was refused twice, so that the facts' own sentences stand in",
    "metamorphic": "answers that, composed anew after one number that they tell was changed in the result, differ in the "
    "sentences that show this number and in no other",
    "intervals": INTERVALS,
}
FULL = 500
"""Answers of a full run."""


class ExplanationsForm(Form):
    """What the suite is given."""

    shop: Annotated[Path | None, Field(description="DIR: home of the shop to ask about; the demonstration shop by default")] = (
        None
    )
    n: Annotated[int, Field(ge=1, description=f"answers, {FULL} by default")] = FULL
    seed: Annotated[int, Field(ge=0, description="of the questions")] = 0


@dataclass(frozen=True, slots=True)
class Explained:
    """One answer with what was found in it."""

    asked: Asked
    draft: Draft
    judgement: Judgement
    change: Change | None
    gone: tuple[str, ...]
    """Sentences that a changed value made disappear."""
    came: tuple[str, ...]
    """Sentences that it made appear."""

    @property
    def changes_in_place(self) -> bool:
        """Whether the changed value is told, and no sentence changed that does not show it."""
        change = self.change
        if change is None or not self.came:
            return False
        return all(change.before in one for one in self.gone) and all(change.after in one for one in self.came)

    def shares(self) -> Shares:
        """What it adds to each metric."""
        found = self.judgement
        traced, recalled = found.numbers - len(found.untraced), found.required - len(found.left_out)
        return {
            "numbers_traced": (float(traced), float(found.numbers)),
            "fully_traced": (float(not found.untraced), 1.0),
            "facts_recalled": (float(recalled), float(found.required)),
            "polarity_errors": (float(len(found.contradicted)), float(found.claims)),
            "fallback": (float(self.draft.fallback), 1.0),
            "metamorphic": (float(self.changes_in_place), float(self.change is not None)),
        }

    def faulty(self) -> bool:
        """Whether anything is wrong with it."""
        found = self.judgement
        return bool(found.untraced or found.left_out or found.contradicted) or (
            self.change is not None and not self.changes_in_place
        )


@suites.register("explanations")
class Explanations:
    """Has plans, forecasts and what-ifs explained and reads the answers against the facts."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Explain and judge."""
        form = options.read(ExplanationsForm)
        if options.cases is not None:
            raise InputError(f"--cases is {str(options.cases)!r}, but this suite makes its own; it takes --n", field="cases")
        model = open_arm(options.tested)
        with shop(options.tested, form.shop, progress) as context:
            explainer = Explainer(model, context, ShopNames.of(context).all)
            asked, rng = questions(context.records.items(), form.n, form.seed), np.random.default_rng([form.seed, 1])
            explained: list[Explained] = []
            refused: list[Json] = []
            for number, one in enumerate(asked, 1):
                found = _explained(one, explainer, rng)
                if isinstance(found, Explained):
                    explained.append(found)
                else:
                    refused.append({"id": one.id, "tool": one.tool, "error": found})
                if progress is not None:
                    progress(number / len(asked), options.tested.model)
        return {
            "suite": "explanations",
            "model": options.tested.model,
            **figures([one.shares() for one in explained]),
            "numbers": sum(one.judgement.numbers for one in explained),
            "directions": sum(one.judgement.claims for one in explained),
            "seed": form.seed,
            "worded_by": _worded_by(explained),
            "by_lang": grouped(explained, Explained.shares, lambda one: one.asked.lang),
            "by_tool": grouped(explained, Explained.shares, lambda one: one.asked.tool),
            "failures": [_failure(one) for one in explained if one.faulty()],
            "refused": refused,
            "definitions": dict(DEFINITIONS),
        }

    def sample(self, folder: Path) -> Mapping[str, str]:
        """Make a tiny shop for three answers."""
        write_sample_shop(folder / "shop")
        return {"shop": str(folder / "shop"), "n": "3"}


def _explained(asked: Asked, explainer: Explainer, rng: np.random.Generator) -> Explained | str:
    """An answer, judged; the error where the tool gave no result."""
    turn = explainer.ran(asked)
    if not turn.results:
        return turn.calls[0].error
    result = turn.results[0][1]
    draft = explainer.worded(asked, turn, result)
    found = judge(draft.text, result.facts, asked.question, asked.lang, result.citations, explainer.names)
    change = with_one_value_changed(result, draft.text, asked.lang, rng)
    if change is None:
        return Explained(asked, draft, found, None, (), ())
    gone, came = changed_sentences(draft.text, explainer.worded(asked, turn, change.result).text)
    return Explained(asked, draft, found, change, gone, came)


def _worded_by(explained: Sequence[Explained]) -> Report:
    """Who wrote the answers, and how many each."""
    told: dict[TextBy, int] = {}
    for one in explained:
        told[one.draft.by] = told.get(one.draft.by, 0) + 1
    return {str(who): count for who, count in sorted(told.items())}


def _failure(one: Explained) -> Report:
    change = one.change
    unlike: Json = None
    if change is not None and not one.changes_in_place:
        unlike = {"before": change.before, "after": change.after, "gone": list(one.gone), "came": list(one.came)}
    return {
        "id": one.asked.id,
        "question": one.asked.question,
        "text": one.draft.text,
        "untraced": list(one.judgement.untraced),
        "left_out": list(one.judgement.left_out),
        "contradicted": list(one.judgement.contradicted),
        "metamorphic": unlike,
    }

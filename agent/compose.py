"""Turns what a turn found into the text that is sent: the model's where it checks, the facts' own sentences where not."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent import briefing, corrections, replies
from agent.answer import Behaviour
from agent.explain import TITLES, explain
from agent.trace import TextBy
from agent.turn import Failure, Turn
from agent.verify import Verdict, verify
from parstock.results import Citation, Fact

_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_ADMITS = re.compile(
    r"could ?n[o']t|can ?n[o']t|unable|fail|not (?:found|available|known)|no (?:data|record)|无法|不能|未能|失败|没有", re.I
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A text and how it came about."""

    text: str
    behaviour: Behaviour
    by: TextBy
    problems: tuple[str, ...] = ()
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class Composer:
    """Writes the answer of one turn.

    Args:
        turn: What was called and found.
        question: What the planner wrote.
        earlier: Earlier texts of the thread; they count as known only where no tool was called.
        names: Names of the shop's items, warehouses and suppliers.
        again: Asks the model to write its text again, given the problems and the facts as lists; "" where it cannot.
    """

    turn: Turn
    question: str
    earlier: Sequence[str]
    names: Sequence[str]
    again: Callable[[str, str], str]

    def compose(self, said: str) -> Draft:
        """Return the text to send; `said` is the model's last text, "" where it left the wording to the facts."""
        said = _THINKING.sub("", said).strip()
        turn = self.turn
        if turn.asked or turn.declined:
            return self._closed()
        if turn.stopped:
            return self._stopped()
        if not said:
            return self._from_facts()
        return self._from_model(said)

    def _from_model(self, said: str) -> Draft:
        verdict = self._check(said)
        if verdict.ok:
            return Draft(self._honest(said), self._behaviour(said), "model")
        repaired = self.again(
            "\n".join(f"- {problem}" for problem in verdict.problems), briefing.as_list(self._facts(), self.turn.lang)
        )
        repaired = _THINKING.sub("", repaired).strip()
        if repaired and self._check(repaired).ok:
            return Draft(self._honest(repaired), self._behaviour(repaired), "repaired model", verdict.problems)
        plain = self._from_facts()
        return Draft(plain.text, plain.behaviour, plain.by, verdict.problems, fallback=True)

    def _from_facts(self) -> Draft:
        turn = self.turn
        results = [result for _, result in turn.results]
        if not results and not turn.open_failures():
            if replies.is_small_talk(self.question):
                return Draft(replies.small_talk(self.question, turn.lang), "answer", "fixed")
            return Draft(replies.question("", turn.lang), "clarify", "fixed")
        failures, corrections = self._failures()
        text = _paragraphs(explain(results, turn.lang, self.question), failures, corrections)
        behaviour: Behaviour = "clarify" if corrections and not results else "answer"
        return Draft(text, behaviour, "facts" if results else "fixed")

    def _closed(self) -> Draft:
        """A question back or a decline, after whatever else was found."""
        turn = self.turn
        found = explain([result for _, result in turn.results], turn.lang, self.question)
        failures = "\n".join(self._failed(failure) for failure in turn.open_failures() if not failure.by_planner)
        asked = turn.asked
        if turn.asked_freely and verify(turn.asked_freely, (), self.question, turn.lang, names=self.names).ok:
            asked = turn.asked_freely
        if asked:
            return Draft(_paragraphs(found, failures, asked), "clarify", "fixed")
        return Draft(_paragraphs(found, failures, turn.declined), "answer" if found else "decline", "fixed")

    def _stopped(self) -> Draft:
        draft = self._from_facts()
        return Draft(draft.text, draft.behaviour, draft.by, fallback=True)

    def _failures(self) -> tuple[str, str]:
        """What tools could not do, and what the planner has to put right; errors of the model itself are not shown."""
        failures = [f for f in self.turn.open_failures() if not f.by_model]
        lang = self.turn.lang
        told = "\n".join(self._failed(f) for f in failures if not f.by_planner)
        corrections = "\n".join(dict.fromkeys(self._correction(f) for f in failures if f.by_planner))
        if not told and not corrections and not self.turn.results:
            corrections = replies.question("", lang)
        return told, corrections

    def _correction(self, failure: Failure) -> str:
        said = failure.call.arguments.get(failure.argument)
        if said is None:
            return replies.question(failure.argument, self.turn.lang)
        return corrections.refused(str(said), failure.argument, failure.error or failure.call.error, self.turn.lang)

    def _failed(self, failure: Failure) -> str:
        lang = self.turn.lang
        return replies.failed(TITLES.get(failure.call.name, {}).get(lang, failure.call.name), failure.call.error, lang)

    def _honest(self, text: str) -> str:
        """The model's text, with the failures that it does not mention."""
        if not self.turn.open_failures() or _ADMITS.search(text):
            return text
        return _paragraphs(text, *self._failures())

    def _behaviour(self, text: str) -> Behaviour:
        asks = text.rstrip().endswith(("?", "？"))
        return "clarify" if asks and not self.turn.results and not replies.is_small_talk(self.question) else "answer"

    def _check(self, text: str) -> Verdict:
        turn = self.turn
        known = [self.question, *(failure.call.error for failure in turn.failures)]
        if not turn.calls:
            known += self.earlier
        return verify(text, self._facts(), "\n".join(known), turn.lang, citations=self._citations(), names=self.names)

    def _facts(self) -> tuple[Fact, ...]:
        return facts_of(self.turn)

    def _citations(self) -> tuple[Citation, ...]:
        return citations_of(self.turn)


def facts_of(turn: Turn) -> tuple[Fact, ...]:
    """Return the facts of all results, numbered by call."""
    return tuple(fact for call, result in turn.results for fact in briefing.numbered(result, call.id))


def citations_of(turn: Turn) -> tuple[Citation, ...]:
    """Return the passages of all results, each once."""
    return tuple({citation.id: citation for _, result in turn.results for citation in result.citations}.values())


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)

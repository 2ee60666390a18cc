"""The suite `retrieval`: whether search finds the clause that answers, in the shop's policies and in any other documents."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

import inventory.demo
from evaluation.base import Form, Options, Progress, Report, suites
from evaluation.cases import SHIPPED, read_lines
from evaluation.pairs import Corpus, Pair, read_corpora
from evaluation.report import INTERVALS, Shares, figures, grouped
from parstock.domain import Json
from parstock.errors import InputError
from retrieval.base import Passage
from retrieval.chunk import passages_of
from retrieval.index import PassageIndex
from retrieval.lexical import Lexicon
from retrieval.sources.folder import FolderSource

DEPTH = 5
"""Passages that are looked at."""
OWN = "policies"
"""Name of the corpus that the cases are about."""
DEFINITIONS: Mapping[str, Json] = {
    "recall_at_5": "questions of which a passage that answers is among the first five",
    "clause_accuracy": "questions of which the first passage answers",
    "search": "the product's search: by meaning and by words, fused by rank",
    "words": "the baseline: by words alone (BM25)",
    "heading": "the question is the heading of a section, the answer any passage below it; headings are not searched",
    "cloze": "the question is a sentence, the answer the passage that it was taken out of (inverse cloze task)",
    "across languages": "a Chinese question that only an English document answers",
    "intervals": INTERVALS,
}

Search: TypeAlias = Callable[[str], Sequence[str]]
"""Question -> ids of the passages found, best first."""


class Question(BaseModel):
    """A question about policies and the passages that answer it, any of which will do."""

    model_config = ConfigDict(frozen=True)

    id: str
    lang: str
    kind: str = ""
    question: str = Field(min_length=1)
    passages: frozenset[str] = Field(min_length=1)


class RetrievalForm(Form):
    """What the suite is given."""

    policies: Annotated[
        Path | None, Field(description="DIR: Markdown policies that the cases are about; the demonstration shop's by default")
    ] = None
    data: Annotated[
        Path | None, Field(description="DIR: more documents, .jsonl[.gz] with title and text a line, or .md; questions are made")
    ] = None
    n: Annotated[int, Field(ge=1, description="questions of each kind made about each file of --data, 150 by default")] = 150
    seed: Annotated[int, Field(ge=0, description="of the questions that are made")] = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """One question with what was found."""

    corpus: str
    pair: Pair
    found: tuple[str, ...]

    def shares(self) -> Shares:
        """What it adds to each metric."""
        right = [passage in self.pair.passages for passage in self.found]
        return {"recall_at_5": (float(any(right)), 1.0), "clause_accuracy": (float(any(right[:1])), 1.0)}


@suites.register("retrieval")
class Retrieval:
    """Searches each corpus for the answers, with the product's search and with words alone."""

    def run(self, options: Options, progress: Progress | None = None) -> Report:
        """Search and compare."""
        form = options.read(RetrievalForm)
        if options.model is not None:
            message = f"--model is {options.model!r}, but this suite asks no chat model; it takes --cases, --policies and --data"
            raise InputError(message, field="model")
        corpora = [_policies(options.cases or SHIPPED / "policy-questions.jsonl", form.policies)]
        corpora += read_corpora(form.data, form.n, form.seed) if form.data else []
        answers: dict[str, list[Answered]] = {"search": [], "words": []}
        done, count = 0, sum(len(corpus.pairs) for corpus in corpora)
        for corpus in corpora:
            with tempfile.TemporaryDirectory(prefix="parstock-evaluation-") as folder:
                arms = {"search": _search(corpus.passages, Path(folder)), "words": _words(corpus.passages)}
                for pair in corpus.pairs:
                    for name, search in arms.items():
                        answers[name].append(Answered(corpus.name, pair, tuple(search(pair.question))))
                    done += 1
                    if progress is not None:
                        progress(done / count, corpus.name)
        return {
            "suite": "retrieval",
            "n": count,
            "models": {name: _summary(found) for name, found in answers.items()},
            "passages": {corpus.name: len(corpus.passages) for corpus in corpora},
            "seed": form.seed,
            "failures": [_failure(answer) for answer in answers["search"] if not answer.shares()["recall_at_5"][0]],
            "definitions": dict(DEFINITIONS),
        }

    def sample(self, folder: Path) -> Mapping[str, str]:
        """Write two policies and a question about each."""
        policies, cases = folder / "policies", folder / "questions.jsonl"
        policies.mkdir(exist_ok=True)
        FolderSource.sample(policies)
        asked = [("en", "How long may goods come back?", "returns#1"), ("zh", "退货期限是几天?", "returns.zh#1")]
        rows = [{"id": lang, "lang": lang, "question": text, "passages": [passage]} for lang, text, passage in asked]
        cases.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
        return {"cases": str(cases), "policies": str(policies)}


def _policies(cases: Path, folder: Path | None) -> Corpus:
    """The corpus of the cases.

    Raises:
        InputError: A case names a passage that no policy has.
    """
    read = read_lines(cases, Question)
    source = folder or Path(inventory.demo.__file__).parent / "policies"
    passages = passages_of(FolderSource(source).documents())
    known = {passage.id for passage in passages}
    for question in read:
        if unknown := sorted(question.passages - known):
            raise InputError(f"the cases {str(cases)!r}: {question.id} names {unknown[0]!r}, which is no passage", field="cases")
    return Corpus(OWN, passages, tuple(Pair(q.id, q.kind, q.lang, q.question, q.passages) for q in read))


def _search(passages: Sequence[Passage], folder: Path) -> Search:
    index = PassageIndex.open(folder)
    index.sync(passages)
    return lambda question: [hit.passage.id for hit in index.search(question, kind="policy", limit=DEPTH)]


def _words(passages: Sequence[Passage]) -> Search:
    lexicon = Lexicon([f"{passage.title}\n{passage.text}" for passage in passages])

    def search(question: str) -> list[str]:
        scores = lexicon.scores(question)
        return [passages[row].id for row in np.argsort(-scores, kind="stable")[:DEPTH] if scores[row] > 0]

    return search


def _summary(answers: Sequence[Answered]) -> Report:
    """The figures of one way to search."""
    return {
        **figures([answer.shares() for answer in answers]),
        "by_lang": grouped(answers, Answered.shares, lambda answer: answer.pair.lang),
        "by_corpus": grouped(answers, Answered.shares, lambda answer: answer.corpus),
        "by_kind": grouped(answers, Answered.shares, lambda answer: answer.pair.kind),
    }


def _failure(answer: Answered) -> Report:
    pair = answer.pair
    expected: list[Json] = [*sorted(pair.passages)]
    return {"id": f"{answer.corpus}/{pair.id}", "question": pair.question, "expected": expected, "got": list(answer.found)}

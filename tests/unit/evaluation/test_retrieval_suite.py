"""What the retrieval suite asks, and how it makes questions about documents that came without any."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from evaluation.base import Options, run_suite
from evaluation.cases import SHIPPED, read_lines
from evaluation.pairs import read_corpora
from evaluation.suites.retrieval import Question
from inventory.demo.shop import policies
from parstock.domain import Policy
from parstock.errors import InputError
from parstock.settings import Settings
from retrieval.chunk import chunk_policy

GUIDE = """==================
Storing ripe fruit
==================

Apples are kept in the cellar for as long as the frost lasts outside. They are turned once a week. Pears are sold first.

Who may open it
---------------

Only the keeper of the cellar has the key to its heavy wooden door.
"""
DOCUMENTS = [
    {"doc_id": "guide", "title": "Storing ripe fruit", "text": GUIDE},
    {"doc_id": "rule", "title": "12.3-1 Weighing of crates.", "text": "12.3-1 Weighing of crates.\nA crate is weighed twice."},
    {"doc_id": "a", "title": "Scope of part", "text": "Scope of part\nThis is about apples."},
    {"doc_id": "b", "title": "Scope of part", "text": "Scope of part\nThis is about pears."},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of documents, compressed."""
    folder = tmp_path / "documents"
    folder.mkdir()
    with gzip.open(folder / "orchard.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(document) + "\n" for document in DOCUMENTS)
    return folder


def test_headings_of_their_own_become_questions(folder: Path) -> None:
    """A heading asks for what stands below it, without its number; one that two sections share asks nothing."""
    (corpus,) = read_corpora(folder, 10, seed=0)
    asked = {pair.question: set(pair.passages) for pair in corpus.pairs if pair.kind == "heading"}

    assert corpus.name == "orchard"
    assert asked == {
        "Storing ripe fruit": {"guide#overview"},
        "Who may open it": {"guide#who-may-open-it"},
        "Weighing of crates": {"rule#overview"},
    }


def test_a_sentence_asks_for_the_passage_that_it_was_taken_out_of(folder: Path) -> None:
    """The question is no longer in what is searched, nor is any heading."""
    (corpus,) = read_corpora(folder, 10, seed=0)
    (pair,) = (pair for pair in corpus.pairs if pair.kind == "cloze")
    (passage,) = (passage for passage in corpus.passages if passage.id in pair.passages)

    assert pair.question == "Apples are kept in the cellar for as long as the frost lasts outside."
    assert pair.question not in passage.text
    assert "turned once a week" in passage.text
    assert [passage.title for passage in corpus.passages] == [""] * 5
    assert not any("Storing ripe fruit" in passage.text or "Weighing" in passage.text for passage in corpus.passages)


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    """The message says which files are read."""
    with pytest.raises(InputError, match="jsonl") as caught:
        read_corpora(tmp_path, 10, seed=0)
    assert caught.value.field == "data"


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    """Lines without a title and a text come back with the file's name."""
    (tmp_path / "odd.jsonl").write_text('{"heading": "x"}\n', encoding="utf-8")

    with pytest.raises(InputError, match=r"odd\.jsonl.*title"):
        read_corpora(tmp_path, 10, seed=0)


def test_search_is_set_beside_words_alone(folder: Path, tmp_path: Path) -> None:
    """Cases of one's own policies and questions made about other documents are one report, by corpus and kind."""
    own = tmp_path / "policies"
    own.mkdir()
    (own / "keys.md").write_text("# Keys\n\n## 1. Lost keys\n\nWho loses a key pays for a new lock.\n", encoding="utf-8")
    cases = tmp_path / "questions.jsonl"
    cases.write_text(json.dumps({"id": "k", "lang": "en", "question": "I lost my key", "passages": ["keys#1"]}), encoding="utf-8")
    given = {"policies": str(own), "data": str(folder)}
    report: dict[str, Any] = run_suite("retrieval", Options(Settings(home=tmp_path), cases, given=given))
    search = report["models"]["search"]

    assert report["n"] == 5
    assert set(report["models"]) == {"search", "words"}
    assert search["recall_at_5"] == 1.0
    assert set(search["by_corpus"]) == {"policies", "orchard"}


def test_a_case_about_no_passage_is_refused(tmp_path: Path) -> None:
    """A clause that was renamed is noticed rather than counted as missed."""
    cases = tmp_path / "questions.jsonl"
    cases.write_text(json.dumps({"id": "q", "lang": "en", "question": "?", "passages": ["gone#1"]}), encoding="utf-8")

    with pytest.raises(InputError, match="gone#1"):
        run_suite("retrieval", Options(Settings(home=tmp_path), cases))


def test_the_shipped_questions_are_about_passages_of_the_demonstration_shop() -> None:
    """Every expected passage exists, and no question is asked twice."""
    asked = read_lines(SHIPPED / "policy-questions.jsonl", Question)
    rows = policies().to_dict("records")
    known = {passage.id for row in rows for passage in chunk_policy(Policy(row["id"], row["title"], row["text"], row["lang"]))}

    assert {passage for question in asked for passage in question.passages} <= known
    assert len({question.question for question in asked}) == len(asked)
    assert {question.lang for question in asked} == {"en", "zh"}

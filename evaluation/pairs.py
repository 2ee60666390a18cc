"""Questions with their passages, made from documents that came without any. Searches nothing.

Two kinds, both known from open-domain retrieval:

- *heading*: the heading of a section is the question, and what stands below it the answer. Headings are taken out of what is
  searched, and those that several sections share are no questions.
- *cloze*: a sentence of a passage is the question, and the passage without it the answer (inverse cloze task, Lee, Chang and
  Toutanova 2019).
"""

import gzip
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evaluation.report import spread
from parstock.domain import Language, Policy
from parstock.errors import InputError
from retrieval.base import Passage
from retrieval.chunk import chunk_policy, language_of, policy_from_markdown

CLOZE_WORDS = (8, 40)
"""Least and most words of a sentence that becomes a question; of Chinese, pairs of characters."""
LEAST_LEFT = 2
"""Sentences that a passage must keep."""
_UNDERLINE = re.compile(r"^([=\-~^\"'#*+`.:_])\1{2,}\s*$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(])|(?<=[。！？])\s*")
_NUMBER = re.compile(r"^(?:PGI\s+)?[\d.\-]*\d[\d.\-]*\s+")
_MARKUP = re.compile(r"[|`<>]|::|\+--|==|\.\. \w")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the passages that answer it, any of which will do."""

    id: str
    kind: str
    lang: str
    question: str
    passages: frozenset[str]
    """Their ids."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Passages that are searched together, with the questions about them."""

    name: str
    passages: tuple[Passage, ...]
    pairs: tuple[Pair, ...]


def read_corpora(folder: Path, count: int, seed: int) -> list[Corpus]:
    """Make a corpus of each JSONL file of a folder, and one of its Markdown files.

    Args:
        folder: `*.jsonl` or `*.jsonl.gz`, each line an object with `title`, `text` and perhaps `doc_id`; or `*.md`.
        count: Most questions of each kind and corpus.
        seed: Of the sentences that become questions.

    Raises:
        InputError: There is no such folder, it holds no such file, or a file cannot be read or asks nothing.
    """
    files = sorted([*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz")])
    documents = {path.name.partition(".")[0]: _documents(path) for path in files}
    if markdown := sorted(folder.glob("*.md")):
        documents["markdown"] = [policy_from_markdown(path.stem, path.read_text(encoding="utf-8")) for path in markdown]
    if not documents:
        message = f"data is {str(folder)!r}; give a folder of .jsonl or .jsonl.gz (title and text a line) or of .md files"
        raise InputError(message, field="data")
    return [_corpus(name, policies, count, seed) for name, policies in documents.items()]


def _documents(path: Path) -> list[Policy]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines if line.strip()]
        return [
            _policy(str(row.get("doc_id", number)), str(row["title"]), str(row["text"])) for number, row in enumerate(rows, 1)
        ]
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"the documents {str(path)!r} cannot be read as JSON lines with title and text: {type(error).__name__}: {error}"
        raise InputError(message, field="data") from error


def _policy(doc_id: str, title: str, text: str) -> Policy:
    """A document as a policy in Markdown, its title on top and no more than once."""
    body = _as_markdown(text).lstrip()
    first, _, rest = body.partition("\n")
    body = rest if first.lstrip("# ").strip() == title.strip() else body
    return Policy(doc_id.replace("#", "-"), title, f"# {title}\n\n{body}", language_of(text))


def _as_markdown(text: str) -> str:
    r"""Underlined headings of reStructuredText as those of Markdown; the order in which marks appear is their level.

    >>> _as_markdown("=====\nStock\n=====\n\nText.\n\nLevels\n------")
    '# Stock\n\nText.\n\n## Levels'
    """
    lines, marks, told = text.splitlines(), [], []
    for number, line in enumerate(lines):
        below = lines[number + 1] if number + 1 < len(lines) else ""
        above = lines[number - 1] if number else ""
        if _UNDERLINE.match(line) and (_is_heading(above, line) or _is_heading(below, line)):
            continue
        if (mark := _UNDERLINE.match(below)) and _is_heading(line, below):
            if mark[1] not in marks:
                marks.append(mark[1])
            told.append(f"{'#' * min(6, marks.index(mark[1]) + 1)} {line.strip()}")
        else:
            told.append(line)
    return "\n".join(told)


def _is_heading(line: str, underline: str) -> bool:
    return bool(line.strip()) and not _UNDERLINE.match(line) and len(underline.strip()) >= len(line.strip())


def _corpus(name: str, policies: Sequence[Policy], count: int, seed: int) -> Corpus:
    told = [passage for policy in policies for passage in chunk_policy(policy) if passage.text != passage.title.split(" › ")[-1]]
    headed = spread(_headings(told), count)
    sentences, shortened = _clozes(told, count, seed)
    passages = tuple(replace(shortened.get(passage.id, passage), title="") for passage in told)
    if not headed and not sentences:
        raise InputError(
            f"nothing can be asked about the documents of {name!r}: no heading of its own, no long passage", field="data"
        )
    return Corpus(name, passages, (*headed, *sentences))


def _headings(passages: Sequence[Passage]) -> list[Pair]:
    """Each heading that only one section has, with the passages of that section."""
    sections: dict[str, list[Passage]] = {}
    for passage in passages:
        sections.setdefault(passage.id.partition("~")[0], []).append(passage)
    asked = {key: _NUMBER.sub("", parts[0].title.split(" › ")[-1]).strip(" .") for key, parts in sections.items()}
    times = Counter(question.casefold() for question in asked.values())
    return [
        Pair(f"h{number}", "heading", _lang(question), question, frozenset(p.id for p in sections[key]))
        for number, (key, question) in enumerate(asked.items(), 1)
        if times[question.casefold()] == 1 and _length(question) > 1
    ]


def _clozes(passages: Sequence[Passage], count: int, seed: int) -> tuple[list[Pair], dict[str, Passage]]:
    """Plain sentences that stand nowhere else, taken out of passages, and those passages without them."""
    rng = np.random.default_rng(seed)
    everything = "\n".join(passage.text for passage in passages)
    candidates = []
    for passage in passages:
        sentences = [part.strip() for part in _SENTENCE.split(passage.text) if part.strip()]
        plain = [part for part in sentences if CLOZE_WORDS[0] <= _length(part) <= CLOZE_WORDS[1] and not _MARKUP.search(part)]
        fitting = [part for part in plain if everything.count(part) == 1]
        if fitting and len(sentences) > LEAST_LEFT:
            candidates.append((passage, fitting[int(rng.integers(len(fitting)))]))
    chosen = spread(candidates, count)
    pairs = [
        Pair(f"c{number}", "cloze", _lang(sentence), " ".join(sentence.split()), frozenset({passage.id}))
        for number, (passage, sentence) in enumerate(chosen, 1)
    ]
    return pairs, {passage.id: replace(passage, text=passage.text.replace(sentence, " ")) for passage, sentence in chosen}


def _lang(text: str) -> Language:
    return language_of(text)


def _length(text: str) -> int:
    return len(_CHINESE.sub(" ", text).split()) + len(_CHINESE.findall(text)) // 2

"""What the two search tools share: a passage as a citation and as a fact."""

import re
from collections.abc import Callable, Iterable

from parstock.domain import Language
from parstock.results import Citation
from retrieval.base import Passage
from tools.factbook import FactBook

LONGEST_QUOTE = 320
"""Characters of a passage that a fact quotes; the citation holds all of it."""
MOST_TOLD = 3
"""Passages that an answer quotes without being asked for all."""
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s*")


def quote(text: str) -> str:
    """Return the first whole sentences of a text, as many as a quotation may hold."""
    flat = " ".join(text.split())
    if len(flat) <= LONGEST_QUOTE:
        return flat
    kept = ""
    for sentence in _SENTENCE_END.split(flat):
        if len(kept) + len(sentence) + 1 > LONGEST_QUOTE:
            break
        kept = f"{kept} {sentence}".strip()
    return f"{kept or flat[:LONGEST_QUOTE].rstrip()} …"


def cite(passage: Passage) -> Citation:
    """Return a passage as what an answer rests on."""
    return Citation(passage.id, passage.title, passage.text, passage.document)


def tell(book: FactBook, passages: Iterable[Passage], titles: Callable[[Passage, Language], str]) -> None:
    """Add each passage's words as a fact, under a title in each language; the best one belongs in the answer."""
    for rank, passage in enumerate(passages):
        words = quote(passage.text)
        en, zh = f"{titles(passage, 'en')}: “{words}” [{passage.id}]", f"{titles(passage, 'zh')}：“{words}” [{passage.id}]"
        book.add(
            f"{passage.kind}.passage", words, "quote", en, zh, source=passage.id, required=rank == 0, detail=rank >= MOST_TOLD
        )

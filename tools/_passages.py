"""What the two search tools share: a passage as a citation and as a fact."""

import re

from parstock.domain import Citation
from retrieval.base import Passage
from tools.factbook import FactBook

LONGEST_QUOTE = 320
"""Characters of a passage that a fact quotes; the citation holds all of it."""
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


def tell(book: FactBook, passages: tuple[Passage, ...], *, required: int) -> None:
    """Add each passage's words as a fact; the first `required` of them belong in the answer."""
    for rank, passage in enumerate(passages):
        words = quote(passage.text)
        book.add(
            f"{passage.kind}.passage",
            words,
            "quote",
            f"{passage.title}: “{words}”",
            f"{passage.title}：“{words}”",
            source=passage.id,
            required=rank < required,
        )

"""Policies and notes from anything that hands them over by a call, such as the shop's records."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from parstock.domain import Note, Policy
from retrieval.base import Documents, sources


def _nothing() -> tuple[Note, ...]:
    return ()


@sources.register("records")
class RecordsSource:
    """Documents from two callables, asked anew each time.

    Args:
        policies: Gives the policies.
        notes: Gives the notes; none by default.
    """

    def __init__(self, policies: Callable[[], Iterable[Policy]], notes: Callable[[], Iterable[Note]] = _nothing) -> None:
        self._policies = policies
        self._notes = notes

    def documents(self) -> Documents:
        """Ask both callables."""
        return Documents.of(self._policies(), self._notes())

    @classmethod
    def sample(cls, folder: Path) -> Self:
        """Return a source of one policy and one note held in memory; `folder` stays empty."""
        policy = Policy(
            id="transfers", title="Transfers", text="# Transfers\n\n## 1. Least quantity\n\nMove full cartons only.\n"
        )
        note = Note(id="n1", text="Bamboo trays arrive a week late.", written_at="2026-05-04", author="Mei")
        return cls(lambda: [policy], lambda: [note])

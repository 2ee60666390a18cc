"""The nouns of retrieval: a passage, a source of documents, and the registry of sources."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, Self, TypeAlias

from parstock.domain import Language, Note, Policy
from parstock.registry import Registry

PassageKind: TypeAlias = Literal["policy", "note"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that is found, read and cited as one."""

    id: str
    """Stable: "service-levels#2.1" for a section of a policy, the note's own id for a note."""
    kind: PassageKind
    document: str
    """Id of the policy or note that the passage is part of."""
    title: str
    """Title of the document and the headings above the passage."""
    text: str
    lang: Language


@dataclass(frozen=True, slots=True)
class Documents:
    """What a source holds at the moment of asking."""

    policies: tuple[Policy, ...] = ()
    notes: tuple[Note, ...] = ()

    @classmethod
    def of(cls, policies: Iterable[Policy] = (), notes: Iterable[Note] = ()) -> Self:
        """Collect policies and notes from any iterables."""
        return cls(tuple(policies), tuple(notes))


class DocumentSource(Protocol):
    """Something that gives policies and notes: a folder, the shop's records, a wiki."""

    def documents(self) -> Documents:
        """Read everything anew; the same content gives the same documents in the same order.

        Raises:
            SetupError: The source cannot be read; the message says which file or server.
        """
        ...

    @classmethod
    def sample(cls, folder: Path) -> Self:
        """Return a working source with at least one document, made inside the empty `folder`.

        The conformance suite and the documentation use it, so that a new source is tested by being there.
        """
        ...


sources: Registry[type[DocumentSource]] = Registry("document source", "retrieval.sources")

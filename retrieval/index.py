"""The search index: our vectors in an embedded Chroma database, BM25 beside it, fused by rank.

The only module that imports chromadb, and only its `PersistentClient`: Chroma's server mode is not safe to expose.
The folder is a cache. Where it is damaged it is made anew from the passages at the next `sync`. Several processes may share it:
each opens and writes it in turn.
"""

import hashlib
import logging
import re
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Self, cast

import numpy as np

from parstock.domain import Language
from parstock.errors import InputError
from retrieval._lock import LOCK_SECONDS, alone, is_passing, unusable
from retrieval.base import Passage, PassageKind
from retrieval.embed import DIMENSIONS, MODEL, embed
from retrieval.lexical import Lexicon

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

FORMAT = "1"
"""Version of what is stored; another one is made anew."""
RANK_CONSTANT = 60
"""k of reciprocal rank fusion: a passage scores the sum of 1 / (k + rank) over both halves."""
DEPTH = 2
"""Passages that each half may bring into the fusion, for each hit that is wanted."""
TELLING_SHARE = 0.5
"""Share of the best keyword score below which a passage shares only common words with the query."""
_COLLECTION = "passages"
_BATCH = 2000
_SEGMENT = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, with its fused score (higher is better, comparable within one search only)."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Changes:
    """How many passages a sync touched."""

    added: int
    updated: int
    deleted: int


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The passages as they stand, in one order for both halves of search."""

    passages: tuple[Passage, ...]
    row: dict[str, int]
    lexicon: Lexicon

    @classmethod
    def of(cls, passages: Sequence[Passage]) -> Self:
        rows = {passage.id: row for row, passage in enumerate(passages)}
        return cls(tuple(passages), rows, Lexicon([_indexed_text(passage) for passage in passages]))


class PassageIndex:
    """Passages that can be searched by meaning and by words, kept in one folder.

    Made by `open`; safe to use from several threads.
    """

    def __init__(self, folder: Path, collection: "Collection") -> None:
        self._folder = folder
        self._collection = collection
        self._lock = RLock()
        self._shelf = _Shelf.of(_stored(collection))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the index in `folder`, or make an empty one there.

        An index that is damaged, or was made by another version or another model, is dropped with one log line.

        Raises:
            SetupError: The folder cannot be used now, though nothing says that it is damaged: locked, not writable, full.
        """
        with alone(folder):
            try:
                return cls(folder, _collection(folder))
            except Exception as error:  # whatever Chroma or SQLite makes of damaged files, the remedy is the same
                if is_passing(error):
                    raise unusable(folder, error) from error
                log.warning("the search index in %s cannot be used (%s); it is made anew", folder, error)
            _discard(folder)
            return cls(folder, _collection(folder))

    def __len__(self) -> int:
        return len(self._shelf.passages)

    def sync(self, passages: Sequence[Passage]) -> Changes:
        """Make the index hold exactly `passages`; only what is new or changed is embedded.

        Raises:
            InputError: Two passages have the same id.
            SetupError: Another process keeps the folder locked, or it cannot be written.
        """
        wanted = {passage.id: passage for passage in passages}
        if len(wanted) < len(passages):
            twice = next(p.id for p in passages if wanted[p.id] is not p)
            raise InputError(f"two passages have the id {twice!r}; ids of policies and notes must be unique", field="id")
        with self._lock:
            known = {passage.id: passage for passage in self._shelf.passages}
            fresh = [passage for passage in passages if known.get(passage.id) != passage]
            gone = [key for key in known if key not in wanted]
            if fresh or gone:
                with alone(self._folder):
                    self._write(fresh)
                    for start in range(0, len(gone), _BATCH):
                        self._collection.delete(ids=gone[start : start + _BATCH])
                self._shelf = _Shelf.of(passages)
        added = sum(passage.id not in known for passage in fresh)
        return Changes(added=added, updated=len(fresh) - added, deleted=len(gone))

    def search(self, query: str, *, kind: PassageKind | None = None, limit: int = 5) -> tuple[Hit, ...]:
        """Return the best passages for a query, best first.

        Args:
            query: A question or a few words, English or Chinese.
            kind: Only policies or only notes; None searches both.
            limit: Most hits to return.

        Raises:
            InputError: The query is empty.
        """
        if not query.strip():
            raise InputError(f"query {query!r} is empty; write a few words to look for", field="query")
        shelf = self._shelf
        fused: dict[int, float] = {}
        depth = DEPTH * limit
        for ranking in (self._by_meaning(shelf, query, kind, depth), self._by_words(shelf, query, kind, depth)):
            for rank, row in enumerate(ranking, 1):
                fused[row] = fused.get(row, 0.0) + 1.0 / (RANK_CONSTANT + rank)
        best = sorted(fused.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
        return tuple(Hit(shelf.passages[row], score) for row, score in best)

    def _by_meaning(self, shelf: _Shelf, query: str, kind: PassageKind | None, depth: int) -> list[int]:
        if not shelf.passages:
            return []
        found = self._collection.query(
            query_embeddings=embed([query]),
            n_results=min(depth, len(shelf.passages)),
            where={"kind": kind} if kind else None,
            include=["distances"],
        )
        return [shelf.row[key] for key in found["ids"][0] if key in shelf.row]

    @staticmethod
    def _by_words(shelf: _Shelf, query: str, kind: PassageKind | None, depth: int) -> list[int]:
        scores = shelf.lexicon.scores(query)
        if kind:
            scores = np.where([passage.kind == kind for passage in shelf.passages], scores, 0)
        best = np.argsort(-scores, kind="stable")[:depth]
        least = TELLING_SHARE * scores.max(initial=0.0)
        return [int(row) for row in best if scores[row] > 0 and scores[row] >= least]

    def _write(self, passages: Sequence[Passage]) -> None:
        for start in range(0, len(passages), _BATCH):
            batch = passages[start : start + _BATCH]
            self._collection.upsert(
                ids=[passage.id for passage in batch],
                embeddings=embed([_indexed_text(passage) for passage in batch]),
                documents=[passage.text for passage in batch],
                metadatas=[
                    {
                        "kind": passage.kind,
                        "document": passage.document,
                        "title": passage.title,
                        "lang": passage.lang,
                        "hash": _hash(passage),
                    }
                    for passage in batch
                ],
            )


def _indexed_text(passage: Passage) -> str:
    return f"{passage.title}\n{passage.text}"


def _hash(passage: Passage) -> str:
    parts = (passage.id, passage.kind, passage.document, passage.title, passage.text, passage.lang)
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def _stored(collection: "Collection") -> tuple[Passage, ...]:
    """Read the passages back, refusing any whose content is not what was written."""
    found = collection.get(include=["documents", "metadatas"])
    passages: list[Passage] = []
    for key, text, meta in zip(found["ids"], found["documents"], found["metadatas"], strict=True):
        kind, lang = cast("PassageKind", meta["kind"]), cast("Language", meta["lang"])
        passage = Passage(key, kind, str(meta["document"]), str(meta["title"]), text, lang)
        if _hash(passage) != meta["hash"]:
            raise ValueError(f"passage {key!r} is not what was written")
        passages.append(passage)
    return tuple(passages)


def _collection(folder: Path) -> "Collection":
    """Open or create our collection in `folder`; any failure means that the folder cannot be used."""
    import chromadb
    from chromadb.config import Settings

    database = folder / "chroma.sqlite3"
    if database.exists():
        with closing(sqlite3.connect(database.resolve().as_uri() + "?mode=ro", timeout=LOCK_SECONDS, uri=True)) as connection:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise ValueError(verdict)
    client = chromadb.PersistentClient(str(folder.resolve()), settings=Settings(anonymized_telemetry=False))
    made_by = {"format": FORMAT, "model": MODEL}
    collection = client.get_or_create_collection(
        _COLLECTION, metadata=made_by, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )
    if collection.metadata != made_by:
        raise ValueError(f"made by {collection.metadata}, expected {made_by}")
    if collection.count():
        collection.query(query_embeddings=np.eye(1, DIMENSIONS, dtype=np.float32), n_results=1)
    return collection


def _discard(folder: Path) -> None:
    """Remove Chroma's own files from `folder` and leave everything else."""
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient.clear_system_cache()
    for path in folder.iterdir():
        if path.name.startswith("chroma.sqlite3"):
            path.unlink()
        elif path.is_dir() and _SEGMENT.match(path.name):
            shutil.rmtree(path)

"""Ranked search over named things by their words, tolerant of slips and partial names. Knows nothing about items."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from parstock.domain import Floats
from tools.words import likeness, tokens

MATCHED = 0.7
"""A word of the query counts as found from this likeness on."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One entry that a query may mean."""

    entry: int
    coverage: float
    """Share of the query found in the entry's name, rare words weighing more; 0 to 1."""
    precision: float
    """Share of the name that the query says; 0 to 1."""
    complete: bool
    """Every word of the query was found."""


class Lexicon:
    """Words of N entries, each known by one or several names.

    Args:
        names: For each entry its names; an entry's best name counts.
    """

    def __init__(self, names: Sequence[Iterable[str]]) -> None:
        postings: dict[str, list[int]] = defaultdict(list)
        joins: dict[str, list[int]] = defaultdict(list)
        self._lengths: list[tuple[str, ...]] = []
        owners: list[int] = []
        for entry, texts in enumerate(names):
            for words in {tuple(dict.fromkeys(tokens(text))) for text in texts} - {()}:
                row = len(owners)
                owners.append(entry)
                self._lengths.append(words)
                for word in words:
                    postings[word].append(row)
                for left, right in pairwise(words):
                    joins[left + right].append(row)
        self._owners: NDArray[np.intp] = np.asarray(owners, dtype=np.intp)
        self._postings = {word: np.asarray(rows, dtype=np.intp) for word, rows in postings.items()}
        self._joins = {word: np.asarray(rows, dtype=np.intp) for word, rows in joins.items()}
        self._mass: Floats = np.array([sum(self._weight(w) for w in words) for words in self._lengths], dtype=np.float64)

    def rank(self, query: str, *, without: frozenset[str] = frozenset()) -> tuple[Ranked, ...]:
        """Return every entry that shares a word with `query`, best first.

        Args:
            query: What somebody typed.
            without: Words that carry no meaning here ("warehouse"), left out unless nothing else remains.
        """
        said = tuple(dict.fromkeys(tokens(query)))
        asked = self._joined(tuple(word for word in said if word not in without) or said)
        if not asked or not len(self._owners):
            return ()
        total = sum(self._weight(word) for word in asked)
        coverage = np.zeros(len(self._owners))
        said_of_name = np.zeros(len(self._owners))
        complete = np.ones(len(self._owners), dtype=np.bool_)
        for word in asked:
            found, mass = self._found(word)
            coverage += self._weight(word) / total * found
            said_of_name += mass
            complete &= found >= MATCHED
        rows = np.flatnonzero(coverage > 0)
        precision = np.minimum(1.0, said_of_name / self._mass)
        order = rows[np.lexsort((self._owners[rows], -precision[rows], -coverage[rows], ~complete[rows]))]
        best: dict[int, Ranked] = {}
        for row in order:
            entry = int(self._owners[row])
            if entry not in best:
                best[entry] = Ranked(entry, float(coverage[row]), float(precision[row]), bool(complete[row]))
        return tuple(best.values())

    def _joined(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """Write two neighbouring words as one where the names do ("t light" -> "tlight")."""
        words: list[str] = []
        for word in asked:
            joint = words[-1] + word if words else ""
            if joint in self._postings and not {words[-1], word} <= self._postings.keys():
                words[-1] = joint
            else:
                words.append(word)
        return tuple(words)

    def _found(self, word: str) -> tuple[Floats, Floats]:
        """Return for each name how well it holds `word` [R], and the weight of its own words that this says [R]."""
        found = np.zeros(len(self._owners))
        mass = np.zeros(len(self._owners))
        near = sorted((likeness(word, known), known) for known in self._postings if word[0] in known)
        for score, known in near:
            if score > 0:
                found[self._postings[known]] = score
                mass[self._postings[known]] = score * self._weight(known)
        if word in self._joins:
            rows = self._joins[word]
            found[rows] = np.maximum(found[rows], 0.95)
            mass[rows] = np.maximum(mass[rows], self._weight(word))
        return found, mass

    def _weight(self, word: str) -> float:
        """How telling a word is: rare words more than common ones."""
        return float(np.log1p(len(self._owners) / (1 + len(self._postings.get(word, ())))))

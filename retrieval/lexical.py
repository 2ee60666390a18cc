"""The keyword half of search: tokens of English and Chinese text and BM25 over them. Knows nothing about vectors."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z0-9]+(?:[.\-][0-9]+)*")
_STOP_WORDS = frozenset(
    """a an and are as at be been but by can do does did for from had has have how i if in into is it its may me my no not of
    on or our shall should so such than that the their them then there these they this to us was we were what when where
    which who why will with would you your""".split()  # noqa: SIM905 - a paragraph reads better than a column
)


def tokens(text: str) -> list[str]:
    """Split text into stemmed English words, numbers and Chinese character pairs.

    A run of Chinese characters gives every two neighbours, which finds words without a dictionary; a character that
    stands alone gives itself.

    >>> tokens("Ordering limits for 春节前")
    ['order', 'limit', '春节', '节前']
    """
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    found: list[str] = []
    for run in _RUN.findall(text.lower()):
        if run[0] >= "\u3400":
            found.extend(run[i : i + 2] for i in range(max(1, len(run) - 1)))
        elif run not in _STOP_WORDS:
            found.append(stemmer.stemWord(run))
    return found


class Lexicon:
    """BM25 scores of a fixed list of texts.

    Args:
        texts: The n texts; made anew when they change (10,000 take about a second).
    """

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        self._count = len(texts)
        corpus = [tokens(text) for text in texts]
        self._bm25 = bm25s.BM25() if any(corpus) else None
        if self._bm25 is not None:
            self._bm25.index(corpus, show_progress=False)

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the [n] BM25 scores of the texts; 0 where no word of the query occurs."""
        words = tokens(query)
        if self._bm25 is None or not words:
            return np.zeros(self._count, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(words), dtype=np.float32)

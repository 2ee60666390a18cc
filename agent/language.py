"""Which language somebody writes, by the characters. Knows nothing about models."""

import re
from collections.abc import Iterable

from parstock.domain import Language

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")
_SENTENCE = re.compile(r"[。！？!?\n；;]|\.(?=\s|$)")
_GRAMMAR = re.compile(
    r"\b(?:the|an?|of|in|at|on|for|from|to|by|with|and|or|is|are|was|were|be|do|does|did|have|has|had|can|could|will|would|should"
    r"|what|which|who|when|where|why|how|many|much|we|i|you|it|our|my|me|us|your|this|that|there|these|any|please|not|if)\b",
    re.IGNORECASE,
)
"""Words that make a sentence English; names and loanwords such as "stock" do not."""

GRAMMAR_WEIGHT = 3
"""An English grammar word counts as this many Han characters."""


def han_share(text: str) -> float:
    """Return the share of Han characters among the letters of `text`, 0 where there are none."""
    letters = len(_LETTER.findall(text))
    return len(_HAN.findall(text)) / letters if letters else 0.0


def detect(text: str, names: Iterable[str] = ()) -> Language:
    """Return the language to answer in: Chinese where any sentence of `text` is Chinese, English otherwise.

    Args:
        text: What somebody writes.
        names: Names of things, which say nothing about the language around them.

    >>> detect("HW-LED-03 还有多少库存?")
    'zh'
    >>> detect("How many 硅胶折叠水杯 do we have?")
    'en'
    """
    lower = text.lower()
    rest = text
    for name in names:
        if name.lower() in lower:
            rest = re.sub(re.escape(name), " ", rest, flags=re.IGNORECASE)
    judged = rest if _LETTER.search(rest) else text
    return "zh" if any(_is_chinese(sentence) for sentence in _SENTENCE.split(judged)) else "en"


def _is_chinese(sentence: str) -> bool:
    han = len(_HAN.findall(sentence))
    return han >= 2 and han >= GRAMMAR_WEIGHT * len(_GRAMMAR.findall(sentence))

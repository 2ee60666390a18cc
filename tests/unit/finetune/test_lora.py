"""LoRA on tiny models of two architectures, from chat examples to a served folder."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from agent.models import open_model
from agent.models.local import LocalChatModel
from finetune import lora
from finetune.chat_examples import ChatExample, reading
from finetune.notes_data import LabelledNote
from finetune.render import render_all
from parstock.errors import InputError, SetupError
from parstock.settings import Settings

NOTES = tuple(
    LabelledNote(f"n{number}", "en", text, events, {})
    for number, (text, events) in enumerate(
        (
            ("MOQ on mugs is 600", ({"type": "min_order_quantity", "item": "mugs", "quantity": 600},)),
            ("Hold the lamps", ({"type": "order_hold", "item": "lamps"},)),
            ("Hold the chairs", ({"type": "order_hold", "item": "chairs"},)),
            ("Nothing new today", ()),
        )
    )
)


def examples() -> list[ChatExample]:
    """The notes with short instructions, so that a tiny model gets through them quickly."""
    made = [reading(note) for note in NOTES]
    return [
        replace(one, messages=({"role": "system", "content": "Read."}, one.messages[1]), tools=one.tools[3:5])
        for one in made
        if one is not None
    ]


def served(folder: Path) -> LocalChatModel:
    """What `--model FOLDER` opens, with short replies."""
    model = open_model(Settings(model=str(folder)))
    assert isinstance(model, LocalChatModel)
    model.max_new_tokens = 40
    return model


@pytest.mark.parametrize("kind", ["qwen3", "llama"])
def test_a_model_learns_notes_and_its_folder_is_served(base_model: Callable[[str], Path], tmp_path: Path, kind: str) -> None:
    """The loss falls on held-out notes too, and the served folder writes to the letter what the trained model would."""
    base = base_model(kind)
    told: list[float] = []
    options = lora.Options(str(base), tmp_path, epochs=45, rank=16, rate=1e-2, batch=4, seed=3)
    trained = lora.fine_tune(options, examples(), examples()[:2], lambda share, what: told.append(share))
    assert trained.before is not None
    assert trained.after is not None
    assert trained.record["last_loss"] < 0.6 * trained.record["first_loss"]  # type: ignore[operator]
    assert trained.after.loss < 0.6 * trained.before.loss
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert not list(tmp_path.glob("*.bin"))
    assert {path.name for path in tmp_path.iterdir()} >= {"adapter_config.json", "adapter_model.safetensors", "finetune.json"}

    reply = (
        served(tmp_path)
        .bind_tools([dict(tool) for tool in examples()[1].tools])
        .invoke([SystemMessage("Read."), HumanMessage("Hold the lamps")])
    )
    assert [(call["name"], call["args"]) for call in reply.tool_calls] == [("order_hold", {"item": "lamps"})]


REFUSED: list[tuple[dict[str, int], str]] = [
    ({"rank": 0}, "rank is 0"),
    ({"epochs": 0}, "epochs is 0"),
    ({"most_steps": 0}, "most_steps is 0"),
    ({"most_tokens": 9}, "4 are longer than 9 tokens"),
]


@pytest.mark.parametrize(("changed", "said"), REFUSED)
def test_options_that_cannot_be_are_refused(
    base_model: Callable[[str], Path], tmp_path: Path, changed: dict[str, int], said: str
) -> None:
    """The message names the option, its value and what would be right; where nothing is left to learn from it says why."""
    options = replace(lora.Options(str(base_model("qwen3")), tmp_path), **changed)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=said):
        lora.fine_tune(options, examples(), [])


def test_the_same_seed_gives_the_same_adapter(base_model: Callable[[str], Path], tmp_path: Path) -> None:
    """Two runs with one seed end with the same weights; a small memory only cuts a step into parts."""
    digests = []
    for name in ("a", "b"):
        options = lora.Options(str(base_model("qwen3")), tmp_path / name, rank=4, batch=4, most_steps=2)
        trained = lora.fine_tune(options, examples(), [])
        digests.append((tmp_path / name / "adapter_model.safetensors").read_bytes())

    assert trained.before is None
    assert digests[0] == digests[1]


def test_parts_of_a_step_add_up(base_model: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A step gives the same loss whether its examples go through the model together, padded, or one by one."""
    from agent.models.local import load_model

    loaded = load_model(str(base_model("llama")))
    sequences = render_all(loaded.tokenizer, examples(), 10_000).sequences
    together = lora.held(loaded.network, sequences)
    monkeypatch.setattr(lora, "CPU_TOKENS", 1)
    alone = lora.held(loaded.network, sequences)
    assert together is not None
    assert alone is not None
    assert together.loss == pytest.approx(alone.loss, rel=1e-5)


def test_an_adapter_is_checked_before_anything_is_loaded(base_model: Callable[[str], Path], tmp_path: Path) -> None:
    """A folder without safetensors, of another kind, without a base model, or that does not fit it, is a setup error."""
    for text, said in (
        ('{"peft_type": "LORA", "base_model_name_or_path": "./nowhere"}', "has no adapter_model.safetensors"),
        ('{"peft_type": "IA3", "base_model_name_or_path": "./nowhere"}', "is of kind 'IA3'"),
        ('{"peft_type": "LORA"}', "base_model_name_or_path"),
    ):
        (tmp_path / "adapter_config.json").write_text(text)
        with pytest.raises(SetupError, match=said):
            open_model(Settings(model=str(tmp_path)))
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    (tmp_path / "adapter_config.json").write_text('{"peft_type": "LORA", "base_model_name_or_path": "./nowhere"}')
    with pytest.raises(SetupError, match="no such folder"):
        open_model(Settings(model=str(tmp_path)))
    (tmp_path / "adapter_config.json").write_text(
        f'{{"peft_type": "LORA", "base_model_name_or_path": "{base_model("qwen3")}", "target_modules": ["q_proj"]}}'
    )
    with pytest.raises(SetupError, match="does not fit the model"):
        open_model(Settings(model=str(tmp_path)))
    with pytest.raises(SetupError, match="holds an adapter"):
        lora.fine_tune(lora.Options(str(tmp_path), tmp_path / "out"), examples(), [])

"""Chat examples as training sequences: the prompt is the service's to the token, and the reply alone counts."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from agent.models import open_model
from agent.models.local import LocalChatModel
from finetune.chat_examples import ChatExample, grammar_examples, reading
from finetune.notes_data import LabelledNote
from finetune.phrasing import phrasings
from finetune.render import Unrenderable, render, render_all
from parstock.settings import Settings

NOTE = LabelledNote(
    "n", "en", "Yiwu Bright shut from 10 Feb", ({"type": "supply_hold", "supplier": "Yiwu Bright", "start": "10 Feb"},), {}
)
CALL = '<tool_call>\n{"name": "supply_hold", "arguments": {"supplier": "Yiwu Bright", "start": "10 Feb"}}\n</tool_call>'
ENDS = {"qwen3": "<|im_end|>", "llama": "<|eot_id|>"}


@pytest.fixture(params=["qwen3", "llama"])
def served(request: pytest.FixtureRequest, base_model: Callable[[str], Path]) -> tuple[str, LocalChatModel]:
    """A kind of model, and the model as it is served."""
    model = open_model(Settings(model=str(base_model(request.param))))
    assert isinstance(model, LocalChatModel)
    return request.param, model


def one(note: LabelledNote) -> ChatExample:
    """The example of a note."""
    made = reading(note)
    assert made is not None
    return made


def test_the_mask_is_the_reply_to_the_token(served: tuple[str, LocalChatModel]) -> None:
    """What counts is the reply with the token that ends it: neither the prompt nor what a template writes behind it."""
    kind, model = served
    made = render(model.tokenizer, one(NOTE))

    assert model.tokenizer.decode(made.reply) == CALL + ENDS[kind]
    assert model.tokenizer.decode(made.ids[: made.prompt]).endswith(
        "assistant\n<think>\n\n</think>\n\n" if kind == "qwen3" else "assistant<|end_header_id|>\n\n"
    )


def test_the_prompt_is_what_the_service_asks(served: tuple[str, LocalChatModel]) -> None:
    """Training sees the very tokens that a chat sends: same instructions, same tools, same opening of the reply."""
    _, model = served
    example = one(NOTE)
    system, asked = (message["content"] for message in example.messages)
    prompt, _ = model._begin([SystemMessage(system), HumanMessage(asked)], [dict(tool) for tool in example.tools])
    made = render(model.tokenizer, example)

    assert prompt["input_ids"][0].tolist() == list(made.ids[: made.prompt])


def test_prompt_and_reply_together_are_the_whole_conversation(served: tuple[str, LocalChatModel]) -> None:
    """Over conversations of every kind, prompt and reply put together read as the template writes them together."""
    _, model = served
    examples = list(itertools.islice(grammar_examples(phrasings(), 3, "GBP"), 40))
    written = 0
    for example in examples:
        try:
            made = render(model.tokenizer, example)
        except Unrenderable as error:
            assert "single tool-calls" in str(error)  # noqa: PT017 - one kind of model takes one call at a time
            continue
        written += 1
        whole = model.tokenizer.apply_chat_template(
            [*example.messages, example.reply], tools=list(example.tools), tokenize=False, enable_thinking=False
        )
        assert whole.startswith(model.tokenizer.decode(made.ids))
        assert whole.removeprefix(model.tokenizer.decode(made.ids)).strip() == ""
    assert written > 20


def test_what_cannot_be_written_or_is_too_long_is_counted(base_model: Callable[[str], Path]) -> None:
    """Nothing is cut: a long example, and two calls for a template that allows one, are left out and told."""
    tokenizer: Any = open_model(Settings(model=str(base_model("llama")))).tokenizer  # type: ignore[attr-defined]
    two = LabelledNote(
        "t", "en", "Hold mugs and lamps", ({"type": "order_hold", "item": "mugs"}, {"type": "order_hold", "item": "lamps"}), {}
    )
    made = render_all(tokenizer, [one(NOTE), one(two)], most_tokens=100)

    assert (len(made.sequences), made.too_long, made.unrenderable) == (0, 1, 1)
    assert made.reason == "This model only supports single tool-calls at once!"
    assert len(render_all(tokenizer, [one(NOTE)], most_tokens=100_000).sequences) == 1

"""A local model for many chats: one batch, streams, cancellation, and prompts that begin alike."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from agent.models import open_model
from agent.models.local import LocalChatModel
from parstock.settings import Settings

ASKED = [f"How many {thing} do we have? 还有多少" for thing in ("mugs", "red lamps", "cakestands", "chairs with arms", "杯子")]
INSTRUCTIONS = SystemMessage("You look after the stock of a shop. " * 5)


@pytest.fixture
def open_served(base_model: Callable[[str], Path]) -> Callable[..., LocalChatModel]:
    """Opens a tiny model as `--model FOLDER` does, with short replies and fields set by keyword."""

    def open_one(kind: str = "qwen3", **fields: object) -> LocalChatModel:
        model = open_model(Settings(model=str(base_model(kind))))
        assert isinstance(model, LocalChatModel)
        return model.model_copy(update={"max_new_tokens": 16, **fields})

    return open_one


def _asked(text: str) -> list[Any]:
    return [INSTRUCTIONS, HumanMessage(text)]


@pytest.mark.parametrize("kind", ["qwen3", "llama"])
def test_chats_in_one_batch_get_what_each_would_get_alone(open_served: Callable[..., LocalChatModel], kind: str) -> None:
    """Concurrent replies are those of one chat after the other, whole and streamed, token counts too."""
    alone, together = open_served(kind), open_served(kind, batched=True)
    expected = [alone.invoke(_asked(text)) for text in ASKED]
    with ThreadPoolExecutor(len(ASKED)) as pool:
        got = list(pool.map(lambda text: together.invoke(_asked(text)), ASKED))
        streamed = list(pool.map(lambda text: "".join(str(c.text) for c in together.stream(_asked(text))), ASKED))

    assert [reply.content for reply in got] == [reply.content for reply in expected]
    assert [text.strip() for text in streamed] == [reply.content for reply in expected]
    assert [reply.usage_metadata for reply in got] == [reply.usage_metadata for reply in expected]


def test_a_chat_that_is_left_makes_room(open_served: Callable[..., LocalChatModel]) -> None:
    """Closing a stream takes its chat out of the batch; others go on, and nothing is left waiting."""
    model = open_served(batched=True, max_new_tokens=4000)
    stream = model._write(model._begin(_asked("count"), None)[0], None)
    next(stream)
    stream.close()
    model.max_new_tokens = 8
    assert isinstance(model.invoke(_asked("still there?")).content, str)
    assert not model._batch._waiting


def test_time_ends_a_reply_in_a_batch(open_served: Callable[..., LocalChatModel]) -> None:
    """A reply that takes too long is cut and given as far as it came."""
    model = open_served(batched=True, max_new_tokens=100_000, max_seconds=0.3)
    assert model.invoke(_asked("count")).usage_metadata["output_tokens"] < 20_000  # type: ignore[index]


def test_a_failing_batch_is_raised_to_each_caller(
    open_served: Callable[..., LocalChatModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in the batch reaches whoever waits, and the next message begins a new batch."""
    model = open_served(batched=True)
    forward = type(model.network).forward

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(type(model.network), "forward", fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        model.invoke(_asked("hello"))
    monkeypatch.setattr(type(model.network), "forward", forward)
    assert isinstance(model.invoke(_asked("hello again")).content, str)


def test_a_process_does_not_wait_for_the_batch(open_served: Callable[..., LocalChatModel]) -> None:
    """The batch's threads are daemons: nobody has to close a chat model."""
    model = open_served(batched=True)
    before = set(threading.enumerate())
    model.invoke(_asked("hello"))
    begun = set(threading.enumerate()) - before

    assert begun
    assert all(thread.daemon for thread in begun)


def test_prompts_that_begin_alike_are_computed_once(
    open_served: Callable[..., LocalChatModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second prompt is computed from where it parts from the first, and the replies stay what they were."""
    fresh = [open_served().invoke(_asked(text)).content for text in ASKED]
    model = open_served()
    computed: list[int] = []
    forward = type(model.network).forward

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        computed.append(int(kwargs["input_ids"].shape[1]))
        return forward(self, *args, **kwargs)

    monkeypatch.setattr(type(model.network), "forward", counted)
    kept = [model.invoke(_asked(text)).content for text in ASKED]
    first, *later = [length for length in computed if length > 1]

    assert kept == fresh
    assert len(later) == len(ASKED) - 1
    assert max(later) < first / 3

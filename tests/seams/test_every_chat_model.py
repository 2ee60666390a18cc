"""What every registered chat model owes the agent. A new model needs no edit here unless it needs something to be opened with."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage

from agent.loop import Agent
from agent.models import chat_models, open_model
from parstock.errors import SetupError
from parstock.settings import Settings
from tools.context import ToolContext

STOCK: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_stock",
        "description": "Units on hand.",
        "parameters": {
            "type": "object",
            "properties": {"item": {"type": "string"}, "limit": {"type": "integer"}},
            "required": ["item"],
            "additionalProperties": False,
        },
    },
}
CONVERSATION = [
    SystemMessage("You look after stock."),
    HumanMessage("How many mugs?"),
    AIMessage("", tool_calls=[{"name": "get_stock", "args": {"item": "mug"}, "id": "a", "type": "tool_call"}]),
    ToolMessage('{"facts": []}', tool_call_id="a", name="get_stock"),
    HumanMessage("还有杯子吗?"),
]
BROKEN = '<tool_call>\n{"name": "get_stock", "arguments": {"item": "mug", "limit": 12'


def _tokenizer() -> Any:
    """A byte-level tokenizer with ChatML tokens: small, and able to write anything."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    specials = ["<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=specials, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator([json.dumps(STOCK), "How many mugs? 还有杯子吗?"], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|im_end|>")


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved Qwen3 with random weights."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    folder = tmp_path_factory.mktemp("tiny-qwen3")
    tokenizer = _tokenizer()
    torch.manual_seed(3)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        eos_token_id=tokenizer.eos_token_id,
    )
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _completion(delta_or_message: dict[str, Any], *, stream: bool) -> dict[str, Any]:
    part = {"index": 0, "finish_reason": None if stream else "stop", ("delta" if stream else "message"): delta_or_message}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "stub", "choices": [part]}


def _stub() -> FastAPI:
    """An OpenAI-compatible server: calls `get_stock` where tools are offered, with broken arguments when asked "broken"."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Any:
        body = await request.json()
        asked = str(body["messages"][-1]["content"])
        message: dict[str, Any] = {"role": "assistant", "content": "Hello."}
        if body.get("tools") and "call" in asked:
            arguments = '{"item": "mug", "limit": 12' if "broken" in asked else '{"item": "mug", "limit": 12}'
            call = {"id": "c", "type": "function", "function": {"name": "get_stock", "arguments": arguments}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
        if not body.get("stream"):
            return _completion(message, stream=False)
        for index, call in enumerate(message.get("tool_calls", ())):
            call["index"] = index
        lines = [f"data: {json.dumps(_completion(message, stream=True))}\n\n", "data: [DONE]\n\n"]
        return StreamingResponse(iter(lines), media_type="text/event-stream")

    return app


@pytest.fixture(scope="session")
def stub_url() -> Iterator[str]:
    """Base URL of a running stub server."""
    server = uvicorn.Server(uvicorn.Config(_stub(), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/v1"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(params=chat_models.names())
def model(request: pytest.FixtureRequest) -> BaseChatModel:
    """Every registered model, opened the way an operator would; those that need nothing open by name."""
    needs = {"local": "model_folder", "openai": "stub_url"}
    name = request.param
    spec = {"local": "local:{}", "openai": "openai:stub@{}"}.get(name, name)
    return _quick(open_model(Settings(model=spec.format(request.getfixturevalue(needs[name]) if name in needs else ""))))


def _quick(model: BaseChatModel) -> BaseChatModel:
    if "max_new_tokens" in type(model).model_fields:
        model.max_new_tokens = 24  # type: ignore[attr-defined]
    return model


def _local(folder: Path) -> Any:
    return _quick(open_model(Settings(model=str(folder))))


def _writes(local: Any, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a local model write `text`, a few characters at a time."""
    monkeypatch.setattr(type(local), "_write", lambda self, prompt, stop: (text[i : i + 5] for i in range(0, len(text), 5)))


def test_a_conversation_with_tools_is_answered_by_a_message(model: BaseChatModel) -> None:
    """Tools bind, earlier calls and results are understood, and a message comes back whatever the model makes of it."""
    reply = model.bind_tools([STOCK]).invoke(CONVERSATION)
    assert isinstance(reply, AIMessage)
    assert isinstance(str(reply.text), str)
    assert all(call["name"] and call["id"] and isinstance(call["args"], dict) for call in reply.tool_calls)


def test_a_stream_adds_up_to_a_message(model: BaseChatModel) -> None:
    """What is streamed in chunks is one message in the end."""
    chunks = list(model.bind_tools([STOCK]).stream(CONVERSATION))
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk  # type: ignore[assignment]
    assert isinstance(whole, AIMessageChunk)


def test_a_stream_may_be_left_early(model: BaseChatModel) -> None:
    """Closing a stream ends the work behind it; no thread goes on writing."""
    before = {thread.ident for thread in threading.enumerate()}
    stream = model.stream([HumanMessage("call it")])
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    left = [thread for thread in threading.enumerate() if thread.ident not in before and thread.name == "local-chat-model"]
    assert not left


@pytest.mark.parametrize("text", ["stock of HM-20417?", "call HM-20417 还有多少？", "broken call", "hello"])
def test_the_agent_answers_whatever_the_model_makes_of_it(
    model: BaseChatModel, own_shop: Callable[..., ToolContext], text: str
) -> None:
    """Behind the agent no model can cause an error or an empty reply, not even one with random weights."""
    shop = own_shop(model="any")
    answer = Agent(shop.settings, shop, model).ask(text)
    assert answer.text.strip()
    assert "tool_call" not in answer.text


async def test_async_callers_are_served(model: BaseChatModel) -> None:
    """The same model answers inside an event loop."""
    assert isinstance(await model.bind_tools([STOCK]).ainvoke(CONVERSATION), AIMessage)
    if client := getattr(model, "root_async_client", None):
        await client.close()


def test_openai_calls_are_parsed(stub_url: str) -> None:
    """A call over the wire arrives as a name and an object."""
    remote = open_model(Settings(model=f"openai:stub@{stub_url}"))
    (call,) = remote.bind_tools([STOCK]).invoke([HumanMessage("call it")]).tool_calls
    assert (call["name"], call["args"]) == ("get_stock", {"item": "mug", "limit": 12})


def test_openai_broken_arguments_are_an_invalid_call(stub_url: str) -> None:
    """Broken JSON from a server is reported as such and raises nothing."""
    remote = open_model(Settings(model=f"openai:stub@{stub_url}"))
    reply = remote.bind_tools([STOCK]).invoke([HumanMessage("broken call")])
    assert not reply.tool_calls
    assert reply.invalid_tool_calls[0]["name"] == "get_stock"


def test_local_calls_are_parsed_with_the_schema_s_types(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text and several calls of one reply are told apart, and a number written as text becomes a number."""
    local = _local(model_folder)
    written = (
        'Let me look.\n<tool_call>\n{"name": "get_stock", "arguments": {"item": "杯子", "limit": "12"}}\n</tool_call>\n'
        '<tool_call>\n{"name": "get_stock", "arguments": {"item": "mug"}}\n</tool_call><|im_end|>'
    )
    _writes(local, written, monkeypatch)
    reply = local.bind_tools([STOCK]).invoke([HumanMessage("call it")])
    assert reply.text == "Let me look."
    assert [call["args"] for call in reply.tool_calls] == [{"item": "杯子", "limit": 12}, {"item": "mug"}]
    assert len({call["id"] for call in reply.tool_calls}) == 2


@pytest.mark.parametrize(
    "written",
    [BROKEN, BROKEN + "\n</tool_call>", '<tool_call>["get_stock"]</tool_call>', "<tool_call>{}</tool_call>", "<tool_call>"],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_call_cut_short_is_never_run_with_what_is_there(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch, written: str, streamed: bool
) -> None:
    """Half a number must not become an order: what cannot be read is an invalid call, streamed or not, and raises nothing."""
    local = _local(model_folder)
    _writes(local, written, monkeypatch)
    bound = local.bind_tools([STOCK])
    if streamed:
        chunks = list(bound.stream([HumanMessage("call it")]))
        reply: Any = chunks[0]
        for chunk in chunks[1:]:
            reply += chunk
    else:
        reply = bound.invoke([HumanMessage("call it")])
    assert not reply.tool_calls
    assert len(reply.invalid_tool_calls) == 1


def test_a_tokenizer_without_template_is_shown_tools_all_the_same(model_folder: Path) -> None:
    """Tools are never dropped silently: the fallback template prints each signature and each earlier call."""
    local = _local(model_folder)
    assert local.tokenizer.chat_template is None
    prompt, _ = local._begin(CONVERSATION, [STOCK])
    text = local.tokenizer.decode(prompt["input_ids"][0])
    assert '"name": "get_stock"' in text
    assert '<tool_call>\n{"name": "get_stock", "arguments": {"item": "mug"}}\n</tool_call>' in text
    assert "<tool_response>" in text
    assert text.endswith("还有杯子吗?<|im_end|>\n<|im_start|>assistant\n")


def test_a_failing_generation_is_raised_to_the_caller(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the generating thread reaches the caller instead of leaving the stream waiting for ever."""
    local = _local(model_folder)

    def fail(**_: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(local.network, "generate", fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        local.invoke("hello")


def test_scripts_come_from_a_file(tmp_path: Path) -> None:
    """The double plays OpenAI-form messages from a file, broken arguments too."""
    call = {"id": "a", "type": "function", "function": {"name": "get_stock", "arguments": '{"item": "mug"}'}}
    broken = {"id": "b", "type": "function", "function": {"name": "get_stock", "arguments": "{"}}
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"role": "assistant", "tool_calls": [call, broken]}, "Done."]), encoding="utf-8")
    scripted = open_model(Settings(model=f"scripted:{script}"))
    first = scripted.invoke("stock?")
    assert first.tool_calls[0]["args"] == {"item": "mug"}
    assert first.invalid_tool_calls[0]["id"] == "b"
    assert [scripted.invoke("and?").text, scripted.invoke("more?").text] == ["Done.", ""]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("gpt-next", r"unknown chat model 'gpt-next'.*kinds: .*accepted: embedded"),
        ("openai:qwen", r"'openai:qwen' is not openai:MODEL@BASE_URL"),
        ("openai:qwen@localhost:8000", r"right would be openai:"),
        ("local:", r"names no model"),
        ("./no-such-folder", r"there is no such folder"),
        ("/no/such/folder", r"there is no such folder"),
        ("local:no-such-folder", r"there is no such folder, and it is no hub id"),
        ("scripted:/no/such/file.json", r"cannot read the script"),
    ],
)
def test_a_wrong_specification_is_one_clear_line(spec: str, message: str) -> None:
    """The operator is told what is wrong with PARSTOCK_MODEL and what would be right, without a traceback's detail."""
    with pytest.raises(SetupError, match=message) as raised:
        open_model(Settings(model=spec))
    assert "\n" not in str(raised.value)


def test_an_incomplete_folder_says_what_is_missing(tmp_path: Path) -> None:
    """A folder that is no saved model is refused by the name of the missing file."""
    with pytest.raises(SetupError, match=r"has no config\.json"):
        open_model(Settings(model=str(tmp_path)))
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SetupError, match=r"has no \*\.safetensors"):
        open_model(Settings(model=str(tmp_path)))


def test_loading_a_model_draws_no_bar(model_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The weights are loaded without a word on stderr, which belongs to the command's own bar."""
    open_model(Settings(model=str(model_folder)))
    assert "Loading weights" not in capfd.readouterr().err


def test_a_corrupt_weights_file_is_a_setup_error(model_folder: Path, tmp_path: Path) -> None:
    """A damaged download is one line to the operator, not a stack of library errors."""
    for file in model_folder.iterdir():
        content = file.read_bytes()
        (tmp_path / file.name).write_bytes(content[:100] if file.suffix == ".safetensors" else content)
    with pytest.raises(SetupError, match="cannot be loaded") as raised:
        open_model(Settings(model=str(tmp_path)))
    assert "\n" not in str(raised.value)


def test_a_hub_id_without_a_network_is_a_setup_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline, a hub name fails with one line instead of a connection traceback."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(SetupError, match=r"chat model 'nobody/nothing' cannot be loaded") as raised:
        open_model(Settings(model="nobody/nothing"))
    assert "\n" not in str(raised.value)

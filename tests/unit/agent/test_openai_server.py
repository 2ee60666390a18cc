"""`openai:` against a real server of somebody else's: transformers' own, with a tiny model that has learnt one call."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from agent.models import open_model
from agent.models._adapter import Adapter
from agent.models.local import load_model
from finetune import lora
from finetune.chat_examples import ChatExample
from parstock.settings import Settings
from tools.event_catalogue import event_catalogue

pytestmark = pytest.mark.slow

TOOLS = tuple(event_catalogue())[3:4]
START_SECONDS = 180


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: "subprocess.Popen[str]", url: str, log: Path) -> None:
    """Wait until the server answers.

    Skips where transformers cannot serve here.
    """
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.skip(f"`transformers serve` does not start here: {log.read_text(encoding='utf-8')[-300:]}")
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.3)
    pytest.skip(f"`transformers serve` did not answer within {START_SECONDS} s")


def _example(noun: str) -> ChatExample:
    messages = ({"role": "system", "content": "Read."}, {"role": "user", "content": f"Hold the {noun}"})
    call = {"id": "c", "type": "function", "function": {"name": "order_hold", "arguments": {"item": noun}}}
    return ChatExample("note", "en", messages, {"role": "assistant", "content": "", "tool_calls": [call]}, TOOLS)


@pytest.fixture(scope="module")
def served(base_model: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The setting that names a model on a running `transformers serve`."""
    folder = tmp_path_factory.mktemp("served")
    options = lora.Options(str(base_model("qwen3")), folder / "adapter", epochs=60, rank=8, rate=1e-2, batch=2)
    lora.fine_tune(options, [_example("lamps"), _example("mugs")], [])
    adapter = Adapter.at(folder / "adapter")
    assert adapter is not None
    loaded = load_model(adapter.base)
    adapter.put_on(loaded.network).save_pretrained(folder / "merged")
    loaded.tokenizer.save_pretrained(folder / "merged")
    port, log = _free_port(), folder / "log"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = [str(Path(sys.executable).parent / "transformers"), "serve", str(folder / "merged"), "--port", str(port)]
    with log.open("w") as written:
        process = subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=written, stderr=written, text=True, env=environment)
        try:
            _wait(process, f"http://127.0.0.1:{port}", log)
            yield f"openai:{folder / 'merged'}@http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(20)


def test_a_server_calls_a_tool(served: str) -> None:
    """What the model has learnt arrives over the wire as a call with a name and an object, whole and streamed."""
    model = open_model(Settings(model=served)).bind_tools([dict(tool) for tool in TOOLS])
    asked = [SystemMessage("Read."), HumanMessage("Hold the lamps")]
    chunks = list(model.stream(asked))
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk  # type: ignore[assignment]

    for reply in (model.invoke(asked), whole):
        assert [(call["name"], call["args"]) for call in reply.tool_calls] == [("order_hold", {"item": "lamps"})]


def test_a_server_streams_and_may_be_left(served: str) -> None:
    """Text comes in pieces; a client that leaves early does no harm to the next."""
    model = open_model(Settings(model=served))
    stream = model.stream("Hold the mugs")
    next(stream)
    stream.close()  # type: ignore[attr-defined]

    assert isinstance(model.invoke("Hold the mugs").content, str)

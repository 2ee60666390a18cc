import asyncio
import json
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import httpx
import openai
import pytest
from fastapi.testclient import TestClient
from langchain_core.messages import BaseMessage

from agent.models.scripted import ScriptedChatModel
from inventory import keys
from inventory.threads import load_turns
from server import create_app
from web.shop import Shop


def say(text: str, **more: object) -> dict[str, object]:
    """The body of a chat request with one question."""
    return {"model": "parstock", "messages": [{"role": "user", "content": text}], **more}


def test_a_reply_has_openai_form_and_what_it_rests_on(client: TestClient) -> None:
    """One completion carries the text, counted usage, and under `parstock` the calls, facts and thread behind it."""
    reply = client.post("/v1/chat/completions", json=say("How many mugs are on hand?")).json()

    choice, rests_on = reply["choices"][0], reply["parstock"]
    assert reply["object"] == "chat.completion"
    assert choice["finish_reason"] == "stop"
    assert "120 units on hand" in choice["message"]["content"]
    assert reply["usage"]["total_tokens"] == reply["usage"]["prompt_tokens"] + reply["usage"]["completion_tokens"] > 0
    assert [call["name"] for call in rests_on["calls"]] == ["get_stock"]
    assert any(fact["what"] == "stock.on_hand" and fact["value"] == 120 for fact in rests_on["facts"])
    assert rests_on["behaviour"] == "answer"
    assert rests_on["thread"]
    assert rests_on["trace"]["milliseconds"] > 0


def test_the_language_may_be_chosen(client: TestClient) -> None:
    """`parstock.lang` decides the language of the answer whatever the question's is."""
    reply = client.post("/v1/chat/completions", json=say("on hand?", parstock={"lang": "zh"})).json()

    assert reply["parstock"]["lang"] == "zh"
    assert "现有库存" in reply["choices"][0]["message"]["content"]


def test_a_key_that_may_only_read_can_chat(anonymous: TestClient, shop: Shop) -> None:
    """Questions are answered; a draft is declined in words, with status 200 and nothing kept."""
    anonymous.headers["Authorization"] = f"Bearer {keys.create(shop.store, 'guest', frozenset({'read'}))}"
    asked = anonymous.post("/v1/chat/completions", json=say("How many mugs are on hand?"))
    draft = anonymous.post("/v1/chat/completions", json=say("draft an order"))

    assert "120 units on hand" in asked.json()["choices"][0]["message"]["content"]
    assert draft.status_code == 200
    assert draft.json()["parstock"]["behaviour"] == "decline"
    assert "“propose”" in draft.json()["choices"][0]["message"]["content"]
    assert anonymous.get("/v1/proposals").json()["data"] == []


@pytest.mark.parametrize("way", ["header", "body", "user"])
def test_a_thread_goes_on(client: TestClient, shop: Shop, way: str) -> None:
    """A thread named by header, body or `user` is remembered, and under the caller's own name only."""
    headers = {"Parstock-Thread": "t1"} if way == "header" else {}
    more = {"body": {"parstock": {"thread": "t1"}}, "user": {"user": "t1"}}.get(way, {})
    for text in ("Hello", "and how many on hand?"):
        reply = client.post("/v1/chat/completions", json=say(text, **more), headers=headers).json()
        assert reply["parstock"]["thread"] == "t1"

    assert [turn["role"] for turn in load_turns(shop.store, "lina/t1")] == ["user", "assistant"] * 2
    assert load_turns(shop.store, "t1") == ()


def test_a_conversation_sent_whole_is_read(client: TestClient, shop: Shop) -> None:
    """Without a thread the earlier messages of the request are the memory, as OpenAI's clients expect."""
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi, what do you need?"},
        {"role": "user", "content": [{"type": "text", "text": "mugs on hand?"}]},
    ]
    reply = client.post("/v1/chat/completions", json={"messages": messages}).json()

    kept = load_turns(shop.store, f"lina/{reply['parstock']['thread']}")
    assert [turn["content"] for turn in kept[:3]] == ["Hello", "Hi, what do you need?", "mugs on hand?"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"messages": []}, "messages"),
        ({}, "messages"),
        ({"messages": [{"role": "robot", "content": "hi"}]}, "messages.0.role"),
        ({"messages": [{"role": "assistant", "content": "hi"}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages"),
        ({"messages": [{"role": "user", "content": "  "}]}, "message"),
        (say("hi", n=2), "n"),
        (say("hi", parstock={"thread": "x" * 101}), "parstock.thread"),
        (say("hi", parstock={"mood": "good"}), "parstock.mood"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_wrong_request_names_the_field(client: TestClient, body: dict[str, object], field: str, stream: bool) -> None:
    """What is wrong with a chat request is said before anything streams, with the field's name."""
    reply = client.post("/v1/chat/completions", json={**body, "stream": stream})

    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["field"] == field


def test_the_stream_tells_tools_before_words(client: TestClient) -> None:
    """Tool calls and results arrive as they happen, then the text, the whole record, the usage, and [DONE]."""
    body = say("two things", stream=True, stream_options={"include_usage": True})
    lines = client.post("/v1/chat/completions", json=body).text.split("\n\n")

    chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    events = [chunk["parstock"].get("event") for chunk in chunks if "parstock" in chunk]
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"])
    assert events == [None, "tool_call", "tool_call", "tool_result", "tool_result", "done"]
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert "55 units on hand" in text
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["completion_tokens"] > 10
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert lines[-2] == "data: [DONE]"
    assert len({chunk["id"] for chunk in chunks}) == 1


def test_a_model_that_breaks_is_one_clear_error(web_shop: Callable[..., Shop]) -> None:
    """When the model fails, a plain reply is a 503 problem, and a stream ends with an error event; nothing leaks a traceback."""

    def broken(messages: Sequence[BaseMessage]) -> str:
        raise RuntimeError("out of memory")

    shop = web_shop(ScriptedChatModel(replies=broken))
    with TestClient(create_app(shop=shop)) as client:
        client.headers["Authorization"] = f"Bearer {keys.create(shop.store, 'lina', frozenset({'read', 'propose'}))}"
        whole = client.post("/v1/chat/completions", json=say("Hello"))
        stream = client.post("/v1/chat/completions", json=say("Hello", stream=True), headers={"Idempotency-Key": "k"})
        again = client.post("/v1/chat/completions", json=say("Hello", stream=True), headers={"Idempotency-Key": "k"})

    assert whole.status_code == 503
    assert "did not answer: out of memory" in whole.json()["detail"]
    last = json.loads(stream.text.strip().split("\n\n")[-1][6:])
    assert "out of memory" in last["error"]["message"]
    assert stream.text != again.text  # a failed stream is not kept for a repetition


def test_a_model_that_cannot_be_opened_leaves_the_rest_working(web_shop: Callable[..., Shop]) -> None:
    """An unknown model is said by readyz and by chats, while tools go on working."""
    shop = Shop.open(web_shop().settings.model_copy(update={"model": "scripted:/no/such/file.json"}))
    with TestClient(create_app(shop=shop)) as client:
        client.headers["Authorization"] = f"Bearer {keys.create(shop.store, 'lina', frozenset({'read', 'propose'}))}"
        chat = client.post("/v1/chat/completions", json=say("Hello"))
        ready = client.get("/readyz")
        tool = client.post("/v1/tools/get_stock", json={"item": "22423"})

    assert chat.status_code == ready.status_code == 503
    assert "cannot read the script" in chat.json()["detail"]
    assert ready.json()["model"]["state"] == "failed"
    assert "cannot read the script" in ready.json()["model"]["reason"]
    assert tool.status_code == 200


def test_the_openai_client_works_unmodified(url: str, secret: str) -> None:
    """Models, a completion, a stream with usage, and errors all come through OpenAI's own client."""
    with openai.OpenAI(base_url=f"{url}/v1", api_key=secret, max_retries=0) as client:
        whole = client.chat.completions.create(model="parstock", messages=[{"role": "user", "content": "on hand?"}])
        with client.chat.completions.create(
            model="parstock",
            messages=[{"role": "user", "content": "on hand?"}],
            stream=True,
            stream_options={"include_usage": True},
            extra_body={"parstock": {"thread": "mine"}},
        ) as stream:
            chunks = list(stream)
        with pytest.raises(openai.UnprocessableEntityError, match="messages"):
            client.chat.completions.create(model="parstock", messages=[])
        models = [model.id for model in client.models.list()]
    stranger = openai.OpenAI(base_url=f"{url}/v1", api_key="wrong", max_retries=0)
    with stranger, pytest.raises(openai.AuthenticationError, match="not known"):
        stranger.models.list()

    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert models == ["parstock"]
    assert streamed == whole.choices[0].message.content
    assert whole.usage is not None
    assert whole.usage.completion_tokens > 0
    assert chunks[-1].usage is not None
    assert whole.model_extra is not None
    assert whole.model_extra["parstock"]["calls"][0]["name"] == "get_stock"


async def test_the_async_openai_client_streams(url: str, secret: str) -> None:
    """The asynchronous client streams too."""
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=secret, max_retries=0) as client:
        stream = await client.chat.completions.create(
            model="any-name", messages=[{"role": "user", "content": "还有多少?"}], stream=True
        )
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert "现有库存120件" in text


def test_eight_chats_at_once_do_not_hold_up_healthz(
    web_shop: Callable[..., Shop], served: Callable[[Shop], AbstractContextManager[str]]
) -> None:
    """Eight chats that think at the same time all get their own answer, and /healthz answers at once meanwhile."""
    everybody = threading.Barrier(8 + 1, timeout=30)

    def slow(messages: Sequence[BaseMessage]) -> object:
        if messages[-1].type != "human":
            return ""
        everybody.wait()
        return [("find_items", {"query": str(messages[-1].content)})]

    shop = web_shop(ScriptedChatModel(replies=slow))
    secret = keys.create(shop.store, "lina", frozenset({"read", "propose"}))

    async def all_at_once(url: str) -> tuple[list[str], float]:
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {secret}"}, timeout=60) as client:
            chats = [asyncio.create_task(client.post("/v1/chat/completions", json=say(f"mug {i}"))) for i in range(8)]
            while everybody.n_waiting < 8:
                await asyncio.sleep(0.05)
            begun = time.monotonic()
            alive = await client.get("/healthz")
            took = time.monotonic() - begun
            assert alive.status_code == 200
            await asyncio.to_thread(everybody.wait)
            return [chat.json()["parstock"]["calls"][0]["arguments"]["query"] for chat in await asyncio.gather(*chats)], took

    with served(shop) as url:
        asked, took = asyncio.run(all_at_once(url))

    assert asked == [f"mug {i}" for i in range(8)]
    assert took < 2

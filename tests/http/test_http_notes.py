"""Notes over HTTP: read by the shop's chat model at every door, confirmed in the conversation, remembered over a restart."""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi.testclient import TestClient
from langchain_core.messages import BaseMessage

from agent.models.scripted import ScriptedChatModel
from agent.note_reading import NOTE
from inventory import keys
from server import create_app
from web.shop import Shop

TEXT = "Yiwu Bright takes two weeks longer"


def _model() -> ScriptedChatModel:
    """Records what is called a note, and reads a longer lead time out of it."""

    def reply(messages: Sequence[BaseMessage]) -> Any:
        last = messages[-1]
        if last.additional_kwargs.get(NOTE):
            return [("lead_time_change", {"supplier": "Yiwu Bright", "delta_days": 14})]
        return [("record_note", {"text": TEXT})] if "note" in str(last.text) and last.type == "human" else ""

    return ScriptedChatModel(replies=reply)


def _client(shop: Shop, secret: str) -> TestClient:
    client = TestClient(create_app(shop.settings, shop=shop))
    client.headers["Authorization"] = f"Bearer {secret}"
    return client


def _say(client: TestClient, text: str) -> dict[str, Any]:
    body = {"messages": [{"role": "user", "content": text}], "parstock": {"thread": "notes"}}
    return dict(client.post("/v1/chat/completions", json=body).json()["parstock"])


def test_a_note_is_read_at_the_tools_own_route(web_shop: Callable[..., Shop]) -> None:
    """A client that calls the tool itself gets the proposed event back."""
    shop = web_shop(_model())
    with _client(shop, keys.create(shop.store, "lina", frozenset({"propose"}))) as client:
        [event] = client.post("/v1/tools/record_note", json={"text": TEXT}).json()["data"]["events"]

    assert (event["type"], event["supplier"], event["delta_days"], event["status"]) == ("lead_time_change", "YB", 14, "proposed")


def test_yes_after_a_restart_confirms_what_was_shown(web_shop: Callable[..., Shop]) -> None:
    """What waits is kept with the thread; another caller's thread of the same name knows nothing of it."""
    shop = web_shop(_model())
    scopes = frozenset({"read", "propose", "approve"})
    secrets = [keys.create(shop.store, name, scopes) for name in ("lina", "priya")]
    with _client(shop, secrets[0]) as client:
        [waiting] = _say(client, f"note: {TEXT}")["waiting"]
    again = Shop.open(shop.settings, model=_model())
    with _client(again, secrets[1]) as client:
        _say(client, "yes")
        assert [event.status for event in again.context.records.events()] == ["proposed"]
        client.headers["Authorization"] = f"Bearer {secrets[0]}"
        done = _say(client, "yes")
        [event] = again.context.records.events()

    assert (event.id, event.status, event.decided_by) == (waiting, "confirmed", "lina")
    assert (done["calls"], done["waiting"], done["behaviour"]) == ([], [], "answer")

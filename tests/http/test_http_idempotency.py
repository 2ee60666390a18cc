import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from inventory import keys, proposals
from web import idempotency, routes_data
from web.shop import Shop

ORDER = {"item": "22423", "quantity": 24}
PATH = "/v1/tools/propose_purchase_order"


def test_a_repeated_request_is_done_once(client: TestClient, shop: Shop) -> None:
    """The same key and body give the same reply, byte for byte, and one draft."""
    first, second = (client.post(PATH, json=ORDER, headers={"Idempotency-Key": "a"}) for _ in range(2))

    assert first.status_code == 200
    assert second.content == first.content
    assert len(proposals.list_proposals(shop.store)) == 1


def test_a_key_is_good_for_one_request(client: TestClient) -> None:
    """The same key with another body is 422."""
    client.post(PATH, json=ORDER, headers={"Idempotency-Key": "a"})
    other = client.post(PATH, json={**ORDER, "quantity": 48}, headers={"Idempotency-Key": "a"})

    assert other.status_code == 422
    assert other.json()["field"] == "Idempotency-Key"


def test_keys_are_scoped_by_caller_and_route(client: TestClient, shop: Shop) -> None:
    """Somebody else's equal key, and the same key on another route, are requests of their own."""
    header = {"Idempotency-Key": "a"}
    mine = client.post(PATH, json=ORDER, headers=header).json()
    other = {"Authorization": f"Bearer {keys.create(shop.store, 'jo', frozenset({'read', 'propose'}))}"}
    theirs = client.post(PATH, json=ORDER, headers={**header, **other}).json()
    note = client.post("/v1/tools/record_note", json={"text": "late again"}, headers=header)

    assert mine["data"]["proposal"] != theirs["data"]["proposal"]
    assert note.status_code == 200


def test_a_stream_is_repeated_too(client: TestClient) -> None:
    """A repeated streamed chat gives the same events."""
    body = {"messages": [{"role": "user", "content": "please draft it"}], "stream": True}
    first, second = (client.post("/v1/chat/completions", json=body, headers={"Idempotency-Key": "s"}) for _ in range(2))

    assert first.text == second.text
    assert second.headers["content-type"].startswith("text/event-stream")
    assert second.headers["x-content-type-options"] == "nosniff"


def test_a_refusal_of_the_caller_is_not_kept(client: TestClient, shop: Shop) -> None:
    """A 403 is judged anew each time, as the key may be given the scope in between."""
    reader = {"Authorization": f"Bearer {keys.create(shop.store, 'jo', frozenset({'read'}))}", "Idempotency-Key": "r"}
    refused = client.post(PATH, json=ORDER, headers=reader)
    other_order = client.post(PATH, json={**ORDER, "quantity": 48}, headers=reader)

    assert refused.status_code == other_order.status_code == 403


def test_a_failure_is_tried_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a 500 the same key runs the request anew."""
    with monkeypatch.context() as broken:
        broken.setattr(routes_data, "call_tool", lambda *_: 1 / 0)
        failed = client.post(PATH, json=ORDER, headers={"Idempotency-Key": "f"})
    again = client.post(PATH, json=ORDER, headers={"Idempotency-Key": "f"})

    assert failed.status_code == 500
    assert again.status_code == 200


def test_a_second_request_while_the_first_runs_is_a_conflict(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same key while its first request still runs is 409."""
    running, go_on = threading.Event(), threading.Event()
    real: Callable[..., object] = routes_data.call_tool

    def slow(*arguments: object) -> object:
        running.set()
        go_on.wait(30)
        return real(*arguments)

    monkeypatch.setattr(routes_data, "call_tool", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, PATH, json=ORDER, headers={"Idempotency-Key": "c"})
        assert running.wait(30)
        second = client.post(PATH, json=ORDER, headers={"Idempotency-Key": "c"})
        go_on.set()

        assert second.status_code == 409
        assert first.result().status_code == 200


def test_replies_are_forgotten_in_time(client: TestClient, monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """After 24 hours, or when replies take too much room, a note with the same key is a new one."""
    note, header = {"text": "late again"}, {"Idempotency-Key": "n"}
    ids = [client.post("/v1/tools/record_note", json=note, headers=header).json()["id"]]
    with monkeypatch.context() as small:
        small.setattr(idempotency, "MOST_KEPT_BYTES", 0)
        ids.append(client.post("/v1/tools/record_note", json=note, headers=header).json()["id"])
    with monkeypatch.context() as late:
        late.setattr(idempotency, "KEPT_SECONDS", -1)
        ids.append(client.post("/v1/tools/record_note", json=note, headers=header).json()["id"])

    assert len(set(ids)) == 3


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_a_sane_length(client: TestClient, key: str) -> None:
    """An empty or endless key is 400."""
    assert client.post(PATH, json=ORDER, headers={"Idempotency-Key": key}).status_code == 400

"""Wrong input over HTTP: the right status, one clear sentence, nothing kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from agent.models.scripted import ScriptedChatModel
from inventory import keys
from inventory.records import Records
from parstock.settings import Settings
from server import create_app
from web.shop import Shop


@pytest.fixture
def unchanged(shop: Shop) -> Iterator[None]:
    """After the test the records are what they were before it."""
    records = Records(shop.store, shop.settings)
    before = records.fingerprint()
    yield
    assert records.fingerprint() == before


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "x" * 20_000}]}, 422, "at most 4000"),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "\x00\x01\x1b"}]}, 422, "empty"),
        ("/v1/plans", {"budget": -1}, 422, "budget"),
        ("/v1/plans", {"service_level": 1}, 422, "service_level"),
        ("/v1/plans", {"horizon_days": 0}, 422, "horizon_days"),
        ("/v1/plans", {"items": ["unicorn"]}, 422, "no item is called 'unicorn'"),
        ("/v1/plans", {"items": ["regency cakestand"]}, 422, "REGENCY CAKESTAND 3 TIER (22423)"),
        ("/v1/tools/get_stock", {"item": "x" * 20_000}, 422, "x…'; nothing is called like it"),
        ("/v1/tools/get_stock", {"item": "a\x00b"}, 422, "no item is called 'a\\x00b'"),
        ("/v1/tools/record_note", {"text": "a\x00b"}, 422, "NUL"),
        ("/v1/tools/propose_purchase_order", {"item": "22423", "quantity": 10**30}, 422, "quantity"),
        ("/v1/tools/nonsense", {}, 404, "nonsense"),
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.usefixtures("unchanged")
def test_wrong_input_is_a_problem_that_says_what_would_be_right(
    client: TestClient, path: str, body: dict[str, object], status: int, said: str
) -> None:
    """What is wrong is named in one short sentence with its status; no note, draft or plan is kept of it."""
    reply = client.post(path, json=body)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")
    assert said in reply.json()["detail"]
    assert "\n" not in reply.json()["detail"]
    assert len(reply.json()["detail"]) < 400


def test_an_empty_shop_says_what_to_import(tmp_path: Path) -> None:
    """A plan of no records is 409 with what is missing, and the server stays up."""
    shop = Shop.open(Settings(home=tmp_path / "new", model="scripted"), model=ScriptedChatModel(replies=lambda _: ""))
    secret = keys.create(shop.store, "lina", frozenset({"read", "plan"}))
    with TestClient(create_app(shop.settings, shop=shop), headers={"Authorization": f"Bearer {secret}"}) as client:
        reply = client.post("/v1/plans", json={})
        assert reply.status_code == 409
        assert "import items and sales" in reply.json()["detail"]
        assert client.get("/healthz").status_code == 200

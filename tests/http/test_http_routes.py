import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from agent.models.scripted import ScriptedChatModel
from forecasting.base import Progress
from inventory import keys, proposals
from parstock.errors import ToolFailed
from parstock.settings import Settings
from server import create_app
from tools.forecasts import Forecasts
from web.gate import MOST_BYTES
from web.shop import Readiness, Shop

PROTECTED = [
    ("GET", "/v1/models"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/plans"),
    ("GET", "/v1/plans/plan-1"),
    ("GET", "/v1/tools"),
    ("POST", "/v1/tools/get_stock"),
    ("GET", "/v1/proposals"),
    ("GET", "/v1/proposals/po-1"),
    ("GET", "/v1/citations/ordering%232.1"),
]
BODIES = {"/v1/chat/completions": {"messages": [{"role": "user", "content": "hi"}]}}


def test_health_and_readiness_need_no_key(anonymous: TestClient, shop: Shop) -> None:
    """The process says that it lives, and each part that it is ready."""
    for part in shop._parts.values():
        part.result(60)

    assert anonymous.get("/healthz").json() == {"status": "alive"}
    ready = anonymous.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ready",
        **{part: {"state": "ready"} for part in ("database", "index", "model", "forecasts")},
    }


def test_what_is_still_made_is_said(web_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    """While the shop is forecast, readyz says how far that is, questions are answered; a failure is told with its reason."""
    go_on = threading.Event()

    def slow(forecasts: Forecasts, warehouse: str, horizon_days: int, *, progress: Progress) -> None:
        progress(0.25, "testing models")
        go_on.wait(30)
        raise ToolFailed("no more memory")

    monkeypatch.setattr(Forecasts, "of_shop", slow)
    shop = web_shop()
    told: dict[str, Readiness] = {}
    shop.watch(told.__setitem__)
    with TestClient(create_app(shop=shop)) as client:
        shop._parts["model"].result(60)
        while not shop._share:
            time.sleep(0.01)
        starting = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
        assert shop.agent(0).ask("Hello").text
        go_on.set()
        while "forecasts" not in told:
            time.sleep(0.01)
        failed = client.get("/readyz")

    assert starting.status_code == failed.status_code == 503
    assert starting.json()["forecasts"] == {"state": "starting", "reason": "25% done", "share": 0.25}
    assert failed.json()["forecasts"] == {"state": "failed", "reason": "no more memory"}


def test_an_empty_shop_is_ready(tmp_path: Path) -> None:
    """Where nothing is recorded there is nothing to forecast, and the server is ready."""
    shop = Shop.open(Settings(home=tmp_path), model=ScriptedChatModel(replies=["Hello!"]))
    for part in shop._parts.values():
        part.result(60)
    states = {name: part.state for name, part in shop.readiness().items()}
    shop.close()

    assert states == dict.fromkeys(("database", "model", "index", "forecasts"), "ready")


def test_a_lost_database_is_not_ready(anonymous: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the database cannot be read, readyz is 503 and says why."""
    from parstock.errors import SetupError

    def lost(records: object) -> str:
        raise SetupError("the disk is gone")

    monkeypatch.setattr(type(shop.context.records), "fingerprint", lost)
    reply = anonymous.get("/readyz")

    assert reply.status_code == 503
    assert reply.json()["database"] == {"state": "failed", "reason": "the disk is gone"}


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer par_wrong"}, {"Authorization": "Basic bGluYTpsaW5h"}])
def test_every_route_below_v1_needs_a_key(anonymous: TestClient, method: str, path: str, header: dict[str, str]) -> None:
    """Without a known key there is a 401 problem with a challenge, whatever else is wrong with the request."""
    reply = anonymous.request(method, path, headers=header, json=BODIES.get(path, {}) if method == "POST" else None)

    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.headers["content-type"] == "application/problem+json"
    assert set(reply.json()) == {"type", "title", "status", "detail", "message"}


@pytest.mark.parametrize(
    ("scope", "method", "path", "lacking"),
    [
        ("read", "POST", "/v1/plans", "plan"),
        ("read", "POST", "/v1/tools/record_note", "propose"),
        ("plan", "POST", "/v1/chat/completions", "read"),
        ("plan", "GET", "/v1/tools", "read"),
        ("propose", "POST", "/v1/tools/get_stock", "read"),
        ("admin", "GET", "/v1/proposals", "read"),
    ],
)
def test_a_key_does_only_what_its_scopes_allow(
    anonymous: TestClient, shop: Shop, scope: str, method: str, path: str, lacking: str
) -> None:
    """A known key without the scope is a 403 problem that names the scope."""
    header = {"Authorization": f"Bearer {keys.create(shop.store, 'guest', frozenset({scope}))}"}
    reply = anonymous.request(method, path, headers=header, json=BODIES.get(path, {}) if method == "POST" else None)

    assert reply.status_code == 403
    assert reply.json()["type"] == "urn:parstock:problem:not-allowed"
    assert repr(lacking) in reply.json()["detail"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_plan_is_explained_kept_and_cited(client: TestClient, lang: str) -> None:
    """A plan has lines with facts, totals, an explanation in the language asked for, clauses, and can be read again."""
    made = client.post("/v1/plans", json={"items": ["22423", "ceramic mug"], "lang": lang})
    plan = made.json()

    assert made.status_code == 201
    assert [line["item"] for line in plan["lines"]] == ["22423", "HM-20417"]
    line = plan["lines"][0]
    assert {"quantity", "order_by", "reorder_point", "safety_stock", "cost", "expected_fill_rate", "warehouse"} <= set(line)
    assert any(fact["what"] == "reorder_point" for fact in line["facts"])
    assert plan["totals"]["cost"] == pytest.approx(sum(line["cost"] for line in plan["lines"]))
    assert plan["totals"]["orders"] == sum(line["quantity"] > 0 for line in plan["lines"])
    assert plan["citations"][0]["id"] == "ordering#1.1"
    assert ("1 of 2 items needs an order" if lang == "en" else "2种商品中有1种现在需要订货") in plan["explanation"]
    assert client.get(made.headers["location"]).json() == plan


def test_a_plan_keeps_to_its_budget(client: TestClient) -> None:
    """A budget bounds the total, and is stated."""
    plan = client.post("/v1/plans", json={"category": "Kitchen", "budget": 100, "facts": False}).json()

    assert plan["totals"]["cost"] <= 100
    assert any(fact["what"] == "budget" for fact in plan["facts"])
    assert all("facts" not in line for line in plan["lines"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"items": ["unicorn"]}, "items"),
        ({"items": []}, "items"),
        ({"category": "Weapons"}, "category"),
        ({"items": ["22423"], "category": "Garden"}, "category"),
        ({"warehouse": "Atlantis"}, "warehouse"),
        ({"budget": -1}, "budget"),
        ({"service_level": 1.0}, "service_level"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"lang": "fr"}, "lang"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_plan_that_cannot_be_made_names_the_field(client: TestClient, body: dict[str, object], field: str) -> None:
    """Every wrong input of a plan is a 422 problem with the field."""
    reply = client.post("/v1/plans", json=body)

    assert reply.status_code == 422
    assert reply.json()["field"] == field


def test_tools_are_listed_with_schema_and_scope(client: TestClient) -> None:
    """The list is the catalogue's in OpenAI's form, with the scope that each tool needs."""
    listed = {spec["function"]["name"]: spec for spec in client.get("/v1/tools").json()["data"]}

    assert listed["get_stock"]["scope"] == "read"
    assert listed["propose_purchase_order"]["scope"] == "propose"
    assert listed["get_stock"]["function"]["parameters"]["required"] == ["item"]


def test_a_tool_runs_and_its_errors_name_the_field(client: TestClient) -> None:
    """A tool gives data, facts and an id; a wrong argument is 422 with its name and choices, an unknown tool 404."""
    stock = client.post("/v1/tools/get_stock", json={"item": "cakestand 3 tier"}).json()
    wrong = client.post("/v1/tools/get_stock", json={"item": "cakestand"})
    unknown = client.post("/v1/tools/get_stok", json={})

    assert stock["id"].startswith("get_stock-")
    assert stock["facts"][0]["value"] == 55
    assert wrong.status_code == 422
    assert wrong.json()["field"] == "item"
    assert len(wrong.json()["choices"]) == 2
    assert unknown.status_code == 404
    assert "get_stock" in unknown.json()["choices"]


def test_drafts_are_listed_and_read(client: TestClient) -> None:
    """A draft waits under its id and in the list, and says who made it."""
    made = client.post("/v1/tools/propose_purchase_order", json={"item": "22423", "quantity": 24}).json()
    listed = client.get("/v1/proposals", params={"state": "draft"}).json()
    one = client.get(f"/v1/proposals/{made['data']['proposal']}").json()

    assert listed["total"] == 1
    assert listed["data"][0]["id"] == one["id"]
    assert one["state"] == "draft"
    assert one["created_by"] == "lina"
    assert client.get("/v1/proposals", params={"state": "approved"}).json()["data"] == []
    assert client.get("/v1/proposals", params={"state": "lost"}).json()["field"] == "state"
    assert client.get("/v1/proposals/po-nothing").status_code == 404


def test_the_passage_behind_a_citation_opens(client: TestClient) -> None:
    """A cited clause and a cited note both open; an unknown id is 404."""
    clause = client.get("/v1/citations/ordering%232.1").json()

    assert "head of buying" in clause["text"]
    assert clause["kind"] == "policy"
    assert client.get("/v1/citations/note-1").json()["kind"] == "note"
    assert client.get("/v1/citations/ordering%239.9").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/v1/nothing", 404), ("DELETE", "/v1/plans", 405), ("GET", "/static/../server.py", 404)],
)
def test_what_does_not_exist_is_a_problem(client: TestClient, method: str, path: str, status: int) -> None:
    """Unknown paths and methods are problems too."""
    reply = client.request(method, path)

    assert reply.status_code == reply.json()["status"] == status
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b'{"items": [', b"\xff\xfe", b"[1, 2", b""])
def test_a_body_that_is_not_json_is_a_400_or_names_what_is_missing(client: TestClient, body: bytes) -> None:
    """An unparsable body is 400; an empty one is 422, as the body is required."""
    reply = client.post("/v1/plans", content=body, headers={"Content-Type": "application/json"})

    assert reply.status_code == (400 if body else 422)
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused(client: TestClient, declared: bool) -> None:
    """More than a mebibyte is 413, whether the length is declared or only found out."""
    content = b" " * (MOST_BYTES + 1)
    reply = client.post("/v1/plans", content=content if declared else iter([content[:-1], b" "]))

    assert reply.status_code == 413
    assert reply.headers["content-type"] == "application/problem+json"


def test_an_unexpected_failure_says_nothing_of_the_inside(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug is a 500 problem with a stamp that the log has too, and with the security headers."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(proposals, "list_proposals", broken)
    reply = client.get("/v1/proposals")

    assert reply.status_code == 500
    assert "secret detail" not in reply.text
    assert reply.json()["detail"].rsplit(" ", 1)[1] in caplog.text
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/docs", "/healthz", "/v1/tools", "/static/app.js", "/nothing", "/openapi.json"])
def test_every_reply_carries_security_headers(anonymous: TestClient, path: str) -> None:
    """No inline scripts, no sniffing, no frames: on pages, data and errors alike."""
    headers = anonymous.get(path).headers

    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] in ("no-store", "no-cache")


def test_pages_come_from_this_server_alone(anonymous: TestClient) -> None:
    """The chat page and the API page load nothing from elsewhere and hold no inline script or style."""
    for path in ("/", "/docs"):
        page = anonymous.get(path).text
        assert "http://" not in page
        assert "https://" not in page
        assert "<script>" not in page
        assert "style=" not in page
        for name in ("app.js", "style.css", "icon.svg"):
            assert anonymous.get(f"/static/{name}").status_code == 200


def test_no_secret_reaches_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """Requests are logged without keys, queries or bodies."""
    with caplog.at_level(logging.DEBUG):
        client.get("/v1/tools?token=hidden-in-query")
        client.post("/v1/tools/get_stock", json={"item": "hidden-in-body"})

    secret = str(client.headers["Authorization"]).split()[1]
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("web", "server"))]
    assert any("/v1/tools" in message for message in ours)
    assert all(word not in message for message in ours for word in (secret, "hidden-in-query", "hidden-in-body"))


def test_the_contract_is_described(anonymous: TestClient) -> None:
    """openapi.json lists the routes and how to authenticate."""
    described = anonymous.get("/openapi.json").json()

    listed = {"/v1/models", "/v1/chat/completions", "/v1/plans", "/v1/plans/{plan_id}", "/v1/tools", "/v1/tools/{name}"}

    assert listed | {"/v1/proposals", "/v1/citations/{citation_id}", "/healthz", "/readyz"} <= set(described["paths"])
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"


def test_the_app_opens_its_own_shop(web_shop: Callable[..., Shop]) -> None:
    """Without an open shop the app opens that of its settings and closes it in the end."""
    settings = web_shop().settings
    with TestClient(create_app(settings)) as client:
        assert client.get("/readyz").json()["database"] == {"state": "ready"}

"""A tiny shop in a real SQLite database, made once, for every test that needs records, tools or an agent."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import uvicorn
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from agent.models.scripted import ScriptedChatModel
from inventory.loading import load, set_label
from inventory.store import Store
from parstock.settings import Settings
from server import address, create_app, listen
from tools.context import ToolContext
from web.shop import Shop

TODAY = date(2025, 6, 2)
DAYS = 210
POLICY = """# Ordering policy

## 1 Service levels

1.1 Kitchen items keep at least 97 % availability.

```parstock
rule: service_level
value: 97 %
category: Kitchen
```

## 2 Approval

2.1 Orders above 1,000 GBP need the approval of the head of buying.

```parstock
rule: approval_limit
value: 1,000 GBP
```

## 3 Returns

Damaged goods go back to the supplier within fourteen days.
"""
ITEMS = pd.DataFrame(
    [
        ("22423", "REGENCY CAKESTAND 3 TIER", "Kitchen", "YB", 6.0, 12.75, 24, 12, None, "tea stand", None),
        ("22424", "REGENCY CAKESTAND 2 TIER", "Kitchen", "YB", 4.5, 9.95, 24, 12, None, "", None),
        ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER", "Lighting", "LC", 1.1, 2.95, 1, 1, None, "", None),
        ("HM-20417", "Ceramic Mug Fog Blue", "Kitchen", "LC", 2.2, 5.5, 10, 10, "陶瓷马克杯 雾蓝", "", None),
        ("LANT-01", "Garden Lantern", "Garden", "LC", 7.0, 15.0, 1, 1, "花园灯笼", "", 120),
        ("NEW-1", "Velvet Cushion", "Living", "YB", 5.0, 14.0, 1, 1, None, "", None),
    ],
    columns=[
        "sku", "name", "category", "supplier", "unit_cost", "unit_price", "min_order_quantity", "pack_size", "name_zh",
        "aliases", "shelf_life_days",
    ],
)  # fmt: skip


def _sales() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    days = [TODAY - timedelta(days=offset) for offset in range(DAYS, 0, -1)]
    weekly = np.array([1.0, 0.9, 1.0, 1.2, 1.7, 0.8, 0.4])[[day.weekday() for day in days]]
    rates = {"22423": 8.0, "22424": 3.0, "85123A": 0.3, "HM-20417": 5.0, "LANT-01": 0.2, "NEW-1": 2.0}
    rows = []
    for sku, rate in rates.items():
        for site, share in (("LON", 0.7), ("MAN", 0.3)):
            units = rng.poisson(rate * share * weekly)
            known = range(DAYS - 5, DAYS) if sku == "NEW-1" else range(DAYS)
            rows += [(sku, site, days[i], int(units[i])) for i in known if units[i] or i == known[0]]
    return pd.DataFrame(rows, columns=["item", "warehouse", "date", "units"])


def _frames() -> dict[str, pd.DataFrame]:
    stock = [
        ("22423", "LON", 40, 6), ("22423", "MAN", 15, 0), ("22424", "LON", 300, 0), ("85123A", "LON", 30, 0),
        ("HM-20417", "LON", 120, 10), ("LANT-01", "MAN", 400, 0), ("NEW-1", "LON", 20, 0),
    ]  # fmt: skip
    orders = [
        ("PO-7", "22423", "LON", "YB", 96, TODAY - timedelta(days=18), TODAY + timedelta(days=4)),
        ("PO-5", "HM-20417", "LON", "LC", 50, TODAY - timedelta(days=12), TODAY - timedelta(days=3)),
    ]
    notes = [
        ("note-1", "Yiwu Bright is slow since Easter, expect a week more.", "2025-05-20T09:00:00", "lina", "", "YB"),
        ("note-2", "The cakestand sells well before every long weekend.", "2025-05-26T10:00:00", "priya", "22423", ""),
    ]
    orders_frame = pd.DataFrame(orders, columns=["order_id", "item", "warehouse", "supplier", "quantity", "ordered_on", "due_on"])
    return {
        "warehouses": pd.DataFrame(
            {"code": ["LON", "MAN"], "name": ["London DC", "Manchester"], "city": ["London", "Manchester"]}
        ),
        "suppliers": pd.DataFrame(
            {
                "code": ["YB", "LC"],
                "name": ["Yiwu Bright", "Leeds Ceramics"],
                "lead_time_days": [20.0, 7.0],
                "lead_time_sd_days": [4.0, 1.0],
                "aliases": ["义乌明亮", ""],
            }
        ),
        "items": ITEMS,
        "sales": _sales(),
        "stock": pd.DataFrame(stock, columns=["item", "warehouse", "on_hand", "reserved"]).assign(as_of=TODAY),
        "purchase-orders": orders_frame,
        "policies": pd.DataFrame([{"id": "ordering", "title": "Ordering policy", "text": POLICY, "lang": "en"}]),
        "notes": pd.DataFrame(notes, columns=["id", "text", "written_at", "author", "item", "supplier"]),
    }


@pytest.fixture(scope="session")
def tiny_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the database of the tiny shop; copy it, never write to it."""
    home = tmp_path_factory.mktemp("tiny-shop")
    store = Store.open(Settings(home=home))
    with store.writing() as connection:
        for kind, frame in _frames().items():
            load(connection, kind, frame)
    store.close()
    return home


@pytest.fixture(scope="session")
def tiny_shop(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToolContext]:
    """The tiny shop for tests that only read; its forecasts and index are kept from test to test."""
    home = tmp_path_factory.mktemp("tiny-shop-read") / "home"
    shutil.copytree(tiny_home, home)
    settings = Settings(home=home)
    store = Store.open(settings)
    yield ToolContext.open(settings, store, actor="tester")
    store.close()


@pytest.fixture(scope="session")
def tiny_shop_to_write(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToolContext]:
    """The tiny shop for tests that may also add notes and drafts, and do not mind those of others."""
    home = tmp_path_factory.mktemp("tiny-shop-write") / "home"
    shutil.copytree(tiny_home, home)
    settings = Settings(home=home)
    store = Store.open(settings)
    yield ToolContext.open(settings, store, actor="tester")
    store.close()


@pytest.fixture(scope="session")
def own_labelled_shop(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToolContext]:
    """The tiny shop with records that say they are simulated."""
    home = tmp_path_factory.mktemp("tiny-shop-labelled") / "home"
    shutil.copytree(tiny_home, home)
    settings = Settings(home=home)
    store = Store.open(settings)
    with store.writing() as connection:
        set_label(connection, "simulated demonstration shop")
    yield ToolContext.open(settings, store, actor="tester")
    store.close()


@pytest.fixture
def own_shop(tiny_home: Path, tmp_path: Path) -> Iterator[Callable[..., ToolContext]]:
    """Opens copies of the tiny shop that a test may write to; keyword arguments are settings."""
    opened: list[Store] = []

    def open_copy(**settings: object) -> ToolContext:
        home = tmp_path / f"shop-{len(opened)}"
        shutil.copytree(tiny_home, home)
        own = Settings(home=home, **settings)  # type: ignore[arg-type]
        opened.append(Store.open(own))
        return ToolContext.open(own, opened[-1], actor="tester")

    yield open_copy
    for store in opened:
        store.close()


def _by_keyword(messages: Sequence[BaseMessage]) -> object:
    """A planner's question to the call that answers it; the facts' own sentences are the answer."""
    if messages[-1].type != "human":
        return ""
    question = str(messages[-1].content)
    return next((reply for keyword, reply in _REPLIES if keyword in question), "Hello! Ask me about stock.")


_REPLIES: tuple[tuple[str, object], ...] = (
    ("on hand", [("get_stock", {"item": "Ceramic Mug Fog Blue"})]),
    ("多少", [("get_stock", {"item": "陶瓷马克杯 雾蓝"})]),
    ("forecast", [("forecast_demand", {"item": "Ceramic Mug Fog Blue", "horizon_days": 28})]),
    ("预测", [("forecast_demand", {"item": "陶瓷马克杯 雾蓝", "horizon_days": 28})]),
    ("reorder", [("recommend_replenishment", {"item": "REGENCY CAKESTAND 3 TIER"})]),
    ("policy", [("search_policies", {"query": "approval of large orders"})]),
    ("draft", [("propose_purchase_order", {"item": "HM-20417", "quantity": 1000, "warehouse": "London DC"})]),
    ("sales", [("get_sales_history", {"item": "22423", "frequency": "week"})]),
    ("unicorn", [("get_stock", {"item": "unicorn"})]),
    ("share out", [("allocate_stock", {"item": "22423"})]),
    ("分配", [("allocate_stock", {"item": "22423"})]),
    ("mark down", [("recommend_markdown", {"item": "22424", "clear_by": "end of June"})]),
    ("two things", [("get_stock", {"item": "22423"}), ("search_notes", {"query": "late supplier"})]),
)


@pytest.fixture(scope="session")
def warm_home(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the tiny shop with the forecasts and the index that a server makes first; copy it, never write to it."""
    home = tmp_path_factory.mktemp("tiny-shop-warm") / "home"
    shutil.copytree(tiny_home, home)
    shop = Shop.open(Settings(home=home), model=ScriptedChatModel(replies=["awake"]))
    ready: set[str] = set()
    names = shop.watch(lambda name, _: ready.add(name))
    while len(ready) < len(names):
        time.sleep(0.02)
    shop.close()
    return home


@pytest.fixture
def web_shop(warm_home: Path, tmp_path: Path) -> Callable[..., Shop]:
    """Opens copies of the tiny shop behind the web door, with a chat model that goes by keywords; the app closes them."""

    def open_copy(model: BaseChatModel | None = None, **settings: object) -> Shop:
        home = tmp_path / f"web-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(warm_home, home)
        own = Settings(home=home, **{"model": "scripted", **settings})  # type: ignore[arg-type]
        return Shop.open(own, model=model or ScriptedChatModel(replies=_by_keyword))

    return open_copy


@pytest.fixture
def served() -> Callable[[Shop], AbstractContextManager[str]]:
    """Serves a shop on a free port of this machine; the context gives the address."""
    return _served


@contextmanager
def _served(shop: Shop) -> Iterator[str]:
    """Serve a shop on a free port of this machine."""
    with listen("127.0.0.1", 0) as listening:
        config = uvicorn.Config(create_app(shop.settings, shop=shop), log_config=None, timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        try:
            yield address(listening)
        finally:
            server.should_exit = True
            thread.join(20)

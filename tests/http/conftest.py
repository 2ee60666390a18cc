"""The app on the tiny shop: with a test client, and on a real port."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from fastapi.testclient import TestClient

from inventory import keys
from server import create_app
from web.shop import Shop

ALL = frozenset({"read", "plan", "propose"})


@pytest.fixture
def shop(web_shop: Callable[..., Shop]) -> Shop:
    """The tiny shop, ready."""
    opened = web_shop()
    opened.agent()
    return opened


@pytest.fixture
def anonymous(shop: Shop) -> Iterator[TestClient]:
    """A client without a key."""
    with TestClient(create_app(shop.settings, shop=shop)) as client:
        yield client


@pytest.fixture
def client(anonymous: TestClient, shop: Shop) -> TestClient:
    """A client whose key may read, plan and propose."""
    anonymous.headers["Authorization"] = f"Bearer {keys.create(shop.store, 'lina', ALL)}"
    return anonymous


@pytest.fixture
def url(shop: Shop, served: Callable[[Shop], AbstractContextManager[str]]) -> Iterator[str]:
    """Address of a real server."""
    with served(shop) as place:
        yield place


@pytest.fixture
def secret(shop: Shop) -> str:
    """A key that may read, plan and propose."""
    return keys.create(shop.store, "priya", ALL)

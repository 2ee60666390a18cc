"""A fresh database for each test, once on SQLite and once on PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest
from sqlalchemy import create_engine, make_url, text

from inventory.loading import load
from inventory.records import Records
from inventory.store import Store
from parstock.settings import Settings


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings for an empty database; a schema of its own on PostgreSQL."""
    if request.param == "sqlite":
        yield Settings(home=tmp_path / "home", database_url=None, as_of=None)
        return
    server = os.environ.get("PARSTOCK_TEST_POSTGRES")
    if not server:
        pytest.skip("PARSTOCK_TEST_POSTGRES is not set")
    schema = f"test_{uuid4().hex}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
    try:
        yield Settings(home=tmp_path / "home", database_url=url.render_as_string(hide_password=False), as_of=None)
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """An empty, migrated database."""
    opened = Store.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def records(store: Store, settings: Settings) -> Records:
    """The records of `store`."""
    return Records(store, settings)


@pytest.fixture
def small_shop(store: Store) -> Store:
    """Two warehouses, one supplier, three items, a few days of sales, stock and orders."""
    frames = {
        "suppliers": pd.DataFrame({"code": ["S"], "name": ["Supplier"], "lead_time_days": [7.0]}),
        "warehouses": pd.DataFrame({"code": ["M", "N"], "name": ["Main", "North"]}),
        "items": pd.DataFrame(
            {
                "sku": ["A", "B", "C"],
                "name": ["Apple", "Bear", "Cup"],
                "supplier": ["S"] * 3,
                "unit_cost": [1.0, 2.0, 3.0],
                "unit_price": [2.0, 4.0, 6.0],
                "aliases": ["pome|fruit", None, None],
            }
        ),
        "sales": pd.DataFrame(
            {
                "item": ["A", "A", "A", "B"],
                "warehouse": ["M", "N", "N", "M"],
                "date": ["2024-01-01", "2024-01-01", "2024-01-03", "2024-01-02"],
                "units": [3, 1, 4, 5],
                "price": [2.0, 4.0, None, 3.0],
                "promotion": [None, None, True, False],
                "in_stock": [False, True, None, False],
            }
        ),
        "stock": pd.DataFrame(
            {
                "item": ["A", "A"],
                "warehouse": ["M", "N"],
                "on_hand": [3, 4],
                "reserved": [0, 1],
                "as_of": ["2024-01-03", "2024-01-02"],
            }
        ),
        "purchase-orders": pd.DataFrame(
            {
                "order_id": ["2", "1", "3"],
                "item": ["A", "B", "A"],
                "warehouse": ["M", "M", "N"],
                "supplier": ["S"] * 3,
                "quantity": [12, 6, 5],
                "ordered_on": ["2024-01-01"] * 3,
                "due_on": ["2024-02-01", "2024-01-20", "2024-01-10"],
                "status": ["open", "open", "received"],
            }
        ),
    }
    with store.writing() as connection:
        for kind, frame in frames.items():
            load(connection, kind, frame)
    return store

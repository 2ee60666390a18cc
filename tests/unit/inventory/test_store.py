"""Opening the database, its migrations and its transactions."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text

import inventory
from inventory import schema
from inventory.notebook import add_note
from inventory.records import Records
from inventory.store import Store
from parstock.errors import SetupError
from parstock.settings import Settings


def test_the_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    """A migrated database and `schema.metadata` have no difference."""
    with store.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), schema.metadata)

    assert differences == []


def test_the_schema_names_the_newest_migration() -> None:
    """`schema.REVISION`, by which a database counts as up to date, is the head of the migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(inventory.__file__).parent / "migrations"))

    assert ScriptDirectory.from_config(config).get_current_head() == schema.REVISION


def test_records_survive_reopening(settings: Settings) -> None:
    """What one store wrote, the next one reads."""
    first = Store.open(settings)
    note = add_note(first, "Counted twice", author="Ann")
    first.close()
    second = Store.open(settings)

    assert Records(second, settings).notes() == (note,)
    second.close()


def test_a_reader_sees_one_moment(store: Store, records: Records) -> None:
    """What is written while somebody reads is not seen by that reader."""
    with store.reading() as connection:
        count = select(func.count()).select_from(schema.notes)
        before = connection.scalar(count)
        add_note(store, "Counted meanwhile", author="Ann")
        assert connection.scalar(count) == before == 0
    assert len(records.notes()) == 1


def test_a_database_of_a_newer_version_is_refused(settings: Settings) -> None:
    """An older Parstock does not touch what a newer one made."""
    store = Store.open(settings)
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()

    with pytest.raises(SetupError, match=r"'9999'.*newer Parstock"):
        Store.open(settings)


def test_a_database_of_the_first_version_is_brought_up_to_date(settings: Settings) -> None:
    """Newer tables are added when an older database is opened, and what it holds stays; the way back removes them."""
    store = Store.open(settings)
    note = add_note(store, "Counted twice", author="Ann")
    config = Config()
    config.set_main_option("script_location", str(Path(inventory.__file__).parent / "migrations"))
    with store.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        assert not inspect(connection).has_table("planning_events")
    store.close()
    again = Store.open(settings)

    with again.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    assert Records(again, settings).notes() == (note,)
    again.close()


def test_many_first_openings_at_once_make_one_database(settings: Settings) -> None:
    """Processes that start together on an empty home neither fail nor migrate twice."""
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: Store.open(settings), range(6)))

    identities = {Records(store, settings).fingerprint() for store in stores}
    assert len(identities) == 1
    for store in stores:
        store.close()


def test_an_exception_rolls_the_transaction_back(store: Store, records: Records) -> None:
    """Nothing of a failed transaction is kept."""

    def fail() -> None:
        with store.writing() as connection:
            connection.execute(schema.warehouses.insert().values(code="W", name="W", city="", country="", aliases=""))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()

    assert records.warehouses() == ()


def test_concurrent_writers_wait_for_each_other(store: Store, records: Records) -> None:
    """Eight threads write at once and no write fails or is lost."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: add_note(store, f"note {i}", author="Ann"), range(40)))

    assert {note.text for note in records.notes()} == {f"note {i}" for i in range(40)}


def test_a_reader_does_not_wait_for_a_writer(small_shop: Store, records: Records) -> None:
    """While one transaction writes, readers see the last committed records at once."""
    with small_shop.writing() as connection:
        connection.execute(schema.stock.update().values(on_hand=0))

        assert [position.on_hand for position in records.stock()] == [7]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A stray file of that name is named and left as it is."""
    path = tmp_path / "parstock.sqlite"
    path.write_text("a shopping list, longer than a header")

    with pytest.raises(SetupError, match="not a SQLite database"):
        Store.open(Settings(home=tmp_path, database_url=None))
    assert path.read_text().startswith("a shopping list")


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    """A file with the right header and nonsense behind it gives a plain message."""
    (tmp_path / "parstock.sqlite").write_bytes(b"SQLite format 3\x00" + b"\x07" * 5000)

    with pytest.raises(SetupError, match="not a SQLite database, or is damaged"):
        Store.open(Settings(home=tmp_path, database_url=None))


def test_a_read_only_database_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that cannot be opened for writing is reported with its path and the reason."""
    path = tmp_path / "parstock.sqlite"
    sqlite3.connect(path).close()
    path.touch()
    real = Path.open

    def refuse(self: Path, mode: str = "r", *args: object) -> object:
        if "+" in mode:
            raise PermissionError(13, "Permission denied")
        return real(self, mode)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SetupError, match=r"parstock\.sqlite.*Permission denied"):
        Store.open(Settings(home=tmp_path, database_url=None))


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A home inside a file is a matter for the operator."""
    (tmp_path / "file").write_text("")

    with pytest.raises(SetupError, match="cannot make the folder"):
        Store.open(Settings(home=tmp_path / "file" / "home", database_url=None))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("not a url", "not a database URL"),
        ("mysql://user@host/shop", "mysql"),
        ("postgres://user@host/shop", "not a database URL"),
        ("sqlite://", "names no file"),
        ("postgresql+psycopg://nobody:secret@127.0.0.1:1/shop", "cannot reach"),
    ],
)
def test_a_wrong_database_url_is_refused(tmp_path: Path, url: str, said: str) -> None:
    """Every unusable URL gives a SetupError that says what would be right and no password."""
    with pytest.raises(SetupError, match=said) as caught:
        Store.open(Settings(home=tmp_path, database_url=url))
    assert "secret" not in str(caught.value)

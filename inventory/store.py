"""The database: opening it, bringing its tables up to date, and transactions. Knows no table but the version."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from inventory.schema import REVISION
from parstock.errors import InputError, SetupError
from parstock.settings import Settings

BUSY_TIMEOUT_SECONDS = 60
"""How long a writer waits for another one on SQLite."""
_MIGRATION_LOCK = 7_275_701
"""Key of the advisory lock that lets one process migrate a PostgreSQL database at a time."""


class Store:
    """Owns the engine. `engine.begin()` and `writing()` open transactions that may write, `reading()` one that may not."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        snapshot = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
        self._reader = engine.execution_options(read_only=True, **snapshot)

    @classmethod
    def open(cls, settings: Settings) -> "Store":
        """Open the database of `settings`, making the home, the database and its tables where they are missing.

        Raises:
            SetupError: The URL is wrong, the database cannot be reached or written, is no database, or is from a
                newer version.
        """
        url = _url(settings)
        _make_folder(settings.home)
        if url.get_backend_name() == "sqlite":
            _check_file(url)
        engine = _engine(url)
        try:
            _bring_up_to_date(engine)
        except BaseException as error:
            engine.dispose()
            if isinstance(error, DBAPIError):
                _explain(error, engine)
            raise
        return cls(engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection with one consistent view; on SQLite it waits for no writer.

        Raises:
            SetupError: The database cannot be read.
            InputError: A text asked for holds a NUL character.
        """
        try:
            with self._reader.connect() as connection:
                yield connection
        except DBAPIError as error:
            _explain(error, self.engine)
            raise

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back by any exception.

        Raises:
            SetupError: The database is full, locked for too long, read-only or gone; nothing was written.
            InputError: A text holds a NUL character, which PostgreSQL does not store; nothing was written.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            _explain(error, self.engine)
            raise

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _url(settings: Settings) -> URL:
    try:
        url = make_url(settings.resolved_database_url())
        driver = url.get_dialect().driver
    except (ArgumentError, NoSuchModuleError) as error:
        raise SetupError(f"database_url {settings.database_url!r} is not a database URL; {_WANTED_URL}") from error
    if (url.get_backend_name(), driver) not in {("sqlite", "pysqlite"), ("postgresql", "psycopg")}:
        raise SetupError(f"database_url is for {url.drivername!r}, which Parstock cannot use; {_WANTED_URL}")
    return url


_WANTED_URL = "use sqlite:////absolute/path.sqlite or postgresql+psycopg://user@host/database"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise SetupError(f"{str(folder)!r} is a file, not a folder; choose another home") from error
    except OSError as error:
        raise SetupError(
            f"cannot make the folder {str(folder)!r}: {error.strerror}; choose a home that can be written"
        ) from error


def _check_file(url: URL) -> None:
    """Refuse a SQLite file that is no database or cannot be written, before SQLite touches it."""
    if not url.database or url.database == ":memory:":
        raise SetupError(f"database_url {url.render_as_string()!r} names no file; {_WANTED_URL}")
    path = Path(url.database)
    _make_folder(path.parent)
    try:
        if path.exists():
            with path.open("r+b") as file:
                head = file.read(16)
            if head not in (b"", b"SQLite format 3\x00"):
                raise SetupError(f"{str(path)!r} is not a SQLite database; move it away or set PARSTOCK_DATABASE_URL")
    except OSError as error:
        raise SetupError(
            f"cannot write the database {str(path)!r}: {error.strerror}; choose a home that can be written"
        ) from error


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not by the driver
    connection.execute("PRAGMA foreign_keys = ON")
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:  # SQLite does not wait by itself when two connections switch to WAL at once
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once unless reading: a lock taken halfway cannot wait for another writer."""
    reading = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _bring_up_to_date(engine: Engine) -> None:
    with engine.execution_options(read_only=True).connect() as connection:
        version = _version(connection)
        if engine.dialect.name == "postgresql" and connection.scalar(text("SHOW transaction_read_only")) == "on":
            raise SetupError(f"the database {_shown(engine)} is read-only; Parstock must write to it")
    if version == REVISION:
        return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        _migrate(connection, engine)


def _version(connection: Connection) -> str | None:
    """Migration that the database stands at; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def _migrate(connection: Connection, engine: Engine) -> None:
    from alembic import command  # half a second to import, and needed only when the tables change
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    version = _version(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise SetupError(
            f"the database {_shown(engine)} is at version {version!r} and this Parstock knows up to {REVISION!r}: "
            "it was made by a newer Parstock; upgrade Parstock or choose another home"
        )
    command.upgrade(config, "head")


def _shown(engine: Engine) -> str:
    """The database as an operator knows it, without a password."""
    url = engine.url
    return repr(url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True))


def _explain(error: DBAPIError, engine: Engine) -> None:
    """Raise what an operator or whoever gave the input can put right; do nothing where the error is neither's."""
    if isinstance(error, DataError) and "NUL" in str(error.orig):
        raise InputError("a text holds a NUL character, which cannot be stored; leave it out") from error
    message = _explanation(error, engine)
    if message:
        raise SetupError(message) from error


def _explanation(error: DBAPIError, engine: Engine) -> str:
    """What an operator should know of the error; empty where it is not theirs."""
    said, state = str(error.orig), getattr(error.orig, "sqlstate", None)
    if "disk is full" in said or state == "53100":
        return f"no room left for the database {_shown(engine)}; nothing was written: free disk space and repeat"
    if "readonly database" in said or state == "25006":
        return f"the database {_shown(engine)} is read-only; Parstock must write to it"
    if "not a database" in said or "malformed" in said:
        return f"{_shown(engine)} is not a SQLite database, or is damaged: {said}"
    if "database is locked" in said:
        return f"another process has been writing to {_shown(engine)} for {BUSY_TIMEOUT_SECONDS} s; try again"
    if "unable to open" in said or "disk I/O" in said or error.connection_invalidated or _is_connection_failure(error, engine):
        return f"cannot reach the database {_shown(engine)}: {said.strip()}"
    return ""


def _is_connection_failure(error: DBAPIError, engine: Engine) -> bool:
    """Whether PostgreSQL could not be reached or refused the login: connection, authorisation, shutdown, no such database."""
    if engine.dialect.name != "postgresql" or not isinstance(error, OperationalError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state[:2] in {"08", "28", "57", "3D"}

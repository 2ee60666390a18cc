"""An import is all or nothing, whatever stops it."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import event, text

from inventory import audit
from inventory.importing import import_file
from inventory.records import Records
from inventory.store import Store
from parstock.errors import SetupError
from parstock.settings import Settings

_IMPORT_AND_HANG = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from inventory.importing import run
from inventory.store import Store
from parstock.settings import Settings

def hang(*_, **__):
    print("everything is loaded and nothing is committed", flush=True)
    time.sleep(120)

run.audit.append = hang
url = sys.argv[2] or None
run.import_file(Store.open(Settings(home=Path(sys.argv[1]), database_url=url)), "sales", Path(sys.argv[3]))
"""


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """A file of 20,000 rows."""
    days = pd.date_range("2023-01-01", periods=200).strftime("%Y-%m-%d")
    frame = pd.DataFrame({"item": [f"I{i}" for i in range(100) for _ in days], "date": [*days] * 100, "units": 1})
    path = tmp_path / "sales.csv"
    frame.to_csv(path, index=False)
    return path


def test_a_killed_import_leaves_nothing(store: Store, records: Records, settings: Settings, sales: Path) -> None:
    """SIGKILL after the last row and before the commit: no row is kept, the log is whole, and a second try works."""
    arguments = [sys.executable, "-c", _IMPORT_AND_HANG, str(settings.home), settings.database_url or "", str(sales)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        process.kill()

    assert "everything is loaded" in said
    assert records.is_empty()
    assert audit.verify(store) == 0
    report = import_file(store, "sales", sales)
    assert not report.already_imported
    assert records.panel().demand.sum() == 20_000


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, sales: Path) -> None:
    """When the database cannot grow, the import fails as a whole with a message for the operator."""
    settings = Settings(home=tmp_path / "home", database_url=None, as_of=None)
    store = Store.open(settings)

    @event.listens_for(store.engine, "connect")
    def limit(connection: object, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 60")  # type: ignore[attr-defined]

    store.engine.dispose()
    with pytest.raises(SetupError, match=r"no room left for the database .*parstock\.sqlite.*nothing was written"):
        import_file(store, "sales", sales)

    assert Records(store, settings).is_empty()
    with store.reading() as connection:
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    store.close()


def test_two_imports_of_one_file_at_once_count_once(store: Store, records: Records, sales: Path) -> None:
    """Of imports of the same file that run side by side, one writes and the others say that it is done."""
    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda _: import_file(store, "sales", sales), range(3)))

    assert sorted(report.already_imported for report in reports) == [False, True, True]
    assert audit.verify(store) == 1
    assert records.panel().demand.sum() == 20_000

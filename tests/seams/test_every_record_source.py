"""What every reader of record files must do; a new file in `inventory/sources` is tested without an edit."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from inventory.base import RecordSource, read_records, sources
from parstock.errors import InputError

FRAME = pd.DataFrame({"Item Code": ["85123A", "00123"], "名称": ["White heart", "红灯"], "Units": ["3", None]})


WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    ".csv": lambda frame, path: frame.to_csv(path, index=False),
    ".tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t"),
    ".txt": lambda frame, path: frame.to_csv(path, index=False, sep=";"),
    ".parquet": lambda frame, path: frame.to_parquet(path),
    ".pq": lambda frame, path: frame.to_parquet(path),
    ".xlsx": lambda frame, path: frame.to_excel(path, index=False),
}
SUFFIXES = [(name, suffix) for name in sources for suffix in sources.get(name)().suffixes]
FILES = [(name, suffix) for name, suffix in SUFFIXES if suffix]


@pytest.fixture(params=SUFFIXES, ids=lambda pair: f"{pair[0]}{pair[1] or '-folder'}")
def source(request: pytest.FixtureRequest) -> RecordSource:
    """Each source once for each ending."""
    return sources.get(request.param[0])()


def test_endings_are_lower_case_and_have_a_dot(source: RecordSource) -> None:
    """A source says which files it reads: lower-case endings with a dot, or "" for a folder."""
    assert source.suffixes
    assert all(suffix == "" or (suffix.startswith(".") and suffix == suffix.lower()) for suffix in source.suffixes)


def test_no_two_sources_read_the_same_ending() -> None:
    """It is never a matter of luck which source reads a file."""
    endings = [suffix for _, suffix in SUFFIXES]

    assert len(endings) == len(set(endings))


@pytest.mark.parametrize(("name", "suffix"), FILES)
def test_an_empty_file_is_refused(name: str, suffix: str, tmp_path: Path) -> None:
    """A file of no bytes is an input error that names the file."""
    path = tmp_path / f"nothing{suffix}"
    path.touch()
    with pytest.raises(InputError, match="nothing") as caught:
        read_records(path)
    assert caught.value.field == "path"


@pytest.mark.parametrize(("name", "suffix"), FILES)
def test_garbage_is_refused(name: str, suffix: str, tmp_path: Path) -> None:
    """Bytes of no format are an input error that names the file, never another exception."""
    path = tmp_path / f"garbage{suffix}"
    path.write_bytes(bytes([0x81, 0x00, 0xFF, 0x8D, 0x0A, 0x90]) * 50)
    with pytest.raises(InputError, match="garbage"):
        sources.get(name)().read(path)


@pytest.mark.parametrize(("name", "suffix"), [pair for pair in FILES if pair[1] in WRITERS])
def test_a_table_is_read_as_it_was_written(name: str, suffix: str, tmp_path: Path) -> None:
    """Headings, leading zeros, Chinese and blank cells survive; the index counts from 0."""
    path = tmp_path / f"table{suffix.upper()}"
    plain = path.with_suffix(suffix)
    WRITERS[suffix](FRAME, plain)
    plain.rename(path)
    frame = read_records(path).frame

    assert list(frame.columns) == list(FRAME.columns)
    assert list(frame.index) == [0, 1]
    assert list(frame["Item Code"]) == ["85123A", "00123"]
    assert list(frame["名称"]) == ["White heart", "红灯"]
    assert frame["Units"].isna().tolist() == [False, True]


def test_a_missing_file_and_an_unknown_ending_are_refused(tmp_path: Path) -> None:
    """The message names the file and the endings that can be read."""
    with pytest.raises(InputError, match="there is no file"):
        read_records(tmp_path / "absent.csv")
    path = tmp_path / "shop.docx"
    path.write_text("x")
    with pytest.raises(InputError, match=r"\.csv.*\.parquet.*\.xlsx"):
        read_records(path)


def test_a_folder_of_markdown_is_a_set_of_policies(tmp_path: Path) -> None:
    """Each Markdown file is a document: id from the stem, title from the first heading, language from `.zh.md`."""
    (tmp_path / "orders.md").write_text("intro\n\n## Orders *now*\n\ntext", encoding="utf-8")
    (tmp_path / "stock.zh.md").write_bytes("# 库存\n\n保持 95%。".encode("gb18030"))
    (tmp_path / "plain.md").write_text("no heading")
    (tmp_path / "other.txt").write_text("not a policy")
    frame = read_records(tmp_path).frame

    assert list(frame["id"]) == ["orders", "plain", "stock.zh"]
    assert list(frame["title"]) == ["Orders *now*", "plain", "库存"]
    assert list(frame["lang"]) == ["en", "en", "zh"]


def test_a_workbook_is_read_across_sheets(tmp_path: Path) -> None:
    """Sheets with the headings of the first are appended, others are passed over and said to be."""
    path = tmp_path / "shop.xlsx"
    with pd.ExcelWriter(path) as writer:
        FRAME.to_excel(writer, sheet_name="2009", index=False)
        FRAME.to_excel(writer, sheet_name="2010", index=False)
        pd.DataFrame({"remark": ["hello"]}).to_excel(writer, sheet_name="Notes", index=False)
    records = read_records(path)

    assert len(records.frame) == 4
    assert len(records.remarks) == 1
    assert "'Notes'" in records.remarks[0]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("item;名称\n1;红灯\n".encode("gb18030"), "gb18030"),
        ("item,name\n1,Café crème à l'été £5\n".encode("cp1252"), "cp1252"),
        ("item,name\n1,été\n".encode("utf-16"), "utf-16"),
        ("item,name\n1,été\n".encode("utf-8-sig"), "utf-8"),
    ],
)
def test_csv_encodings_are_recognised(content: bytes, encoding: str, tmp_path: Path) -> None:
    """Chinese and Western files are read in their own encoding, and the report says in which."""
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    records = read_records(path)

    assert list(records.frame.columns) == ["item", content.decode(encoding).lstrip("\ufeff").split("\n")[0][5:]]
    assert (f"Read as {encoding} text.",) == records.remarks or (encoding == "utf-8" and not records.remarks)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"item,name\n1,\xc3\xa9t\xc3\xa9\n2,caf\xe9\n", r"line 3 .*0xe9.*mixes encodings"),
        (b"item,name\n1,a\x81 b\n", r"line 2 .*0x81"),
        (b"item,name\n1,a\x00b\n", r"line 2 .*NUL"),
        (b"item,name\n1,2,3\n", r"line 2"),
        (b"item,item\n1,2\n", r"two columns called 'item'"),
        (b"item,\n1,2\n", r"column 2 .*no heading"),
        (b"item,name\n", r"no rows"),
        (b'item,name\n1,"abc\n', r"not a table"),
    ],
)
def test_damaged_csv_is_refused_with_its_place(content: bytes, said: str, tmp_path: Path) -> None:
    """What cannot be read is an input error that says where."""
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_records(path)

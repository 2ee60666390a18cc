"""Bytes into text and rows into tables, for every source that needs it. Registers nothing."""

import pandas as pd

from parstock.errors import InputError

_PLAUSIBLE_CHINESE = 0.8
"""Share of non-ASCII characters inside GB 2312 above which bytes are read as GB 18030 rather than cp1252."""


def with_heading(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame with its first row as column names.

    Raises:
        InputError: A heading is empty or appears twice.
    """
    headings = ["" if pd.isna(cell) else str(cell).strip() for cell in frame.iloc[0]]
    for position, heading in enumerate(headings):
        if not heading and frame.iloc[1:, position].notna().any():
            raise InputError(f"column {position + 1} of {name!r} has no heading", field="path")
        if heading and heading in headings[:position]:
            raise InputError(f"{name!r} has two columns called {heading!r}; rename one", field="path")
    body = frame.iloc[1:].reset_index(drop=True)
    body.columns = pd.Index(headings)
    return body.loc[:, [bool(heading) for heading in headings]]


def decode(content: bytes, name: str) -> tuple[str, str]:
    """The text of a file and the encoding it was read in.

    Tried in turn: UTF-16 where the file starts with its mark, UTF-8 (with or without a mark), GB 18030 where the outcome looks
    like Chinese, cp1252. A file of several encodings is refused: one of them would be read wrongly.

    Raises:
        InputError: A byte fits none of them; names the line.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _strictly(content, "utf-16", name), "utf-16"
    try:
        text, encoding = content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text, encoding = _legacy(content, name, line, content[error.start])
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise InputError(f"line {line} of {name!r} holds a NUL byte: this is not a text file", field="path")
    return text, encoding


def _legacy(content: bytes, name: str, line: int, byte: int) -> tuple[str, str]:
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    foreign = [character for character in text if character > "\x7f"]
    if foreign and sum(map(_is_common_chinese, foreign)) >= _PLAUSIBLE_CHINESE * len(foreign):
        return text, "gb18030"
    if any(_is_utf8_beyond_ascii(row) for row in content.split(b"\n")):
        raise InputError(
            f"line {line} of {name!r} holds the byte 0x{byte:02x}, which is not UTF-8 like other lines: "
            "the file mixes encodings; save it as UTF-8",
            field="path",
        )
    return _strictly(content, "cp1252", name), "cp1252"


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"line {line} of {name!r} holds the byte 0x{content[error.start]:02x}, which is no text in UTF-8, "
            "GB 18030 or cp1252; save the file as UTF-8",
            field="path",
        ) from error


def _is_common_chinese(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _is_utf8_beyond_ascii(row: bytes) -> bool:
    if row.isascii():
        return False
    try:
        row.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

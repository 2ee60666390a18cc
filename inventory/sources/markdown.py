"""Policy documents: one Markdown file, or all those of a folder."""

import re
from pathlib import Path

import pandas as pd

from inventory.base import RawRecords, sources
from inventory.sources._text import decode
from parstock.errors import InputError

_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)


@sources.register("markdown")
class MarkdownSource:
    """Records of (id, title, text, lang): the file's stem, its first heading, all of it, "zh" for `*.zh.md`."""

    suffixes = (".md", ".markdown", "")

    def read(self, path: Path) -> RawRecords:
        """Read a file, or every Markdown file directly inside a folder, by name."""
        files = [path]
        if path.is_dir():
            files = sorted(file for file in path.iterdir() if file.suffix.lower() in {".md", ".markdown"})
        if not files:
            raise InputError(f"no Markdown file (.md) is in the folder {str(path)!r}", field="path")
        documents = [_document(file) for file in files]
        ids = [document["id"] for document in documents]
        repeated = sorted({one for one in ids if ids.count(one) > 1})
        if repeated:
            raise InputError(f"two files of {str(path)!r} make the document {repeated[0]!r}; rename one", field="path")
        return RawRecords(pd.DataFrame(documents))


def _document(file: Path) -> dict[str, str]:
    stem = file.stem
    lang = "zh" if stem.lower().endswith(".zh") else "en"
    text = decode(file.read_bytes(), file.name)[0].replace("\r\n", "\n")
    if not text.strip():
        raise InputError(f"{file.name!r} is empty", field="path")
    heading = _HEADING.search(text)
    return {"id": stem, "title": heading.group(1) if heading else stem, "text": text, "lang": lang}

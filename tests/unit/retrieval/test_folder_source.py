"""Policies from Markdown files."""

from pathlib import Path

import pytest

from parstock.errors import SetupError
from retrieval.sources.folder import FolderSource


def test_files_become_policies(tmp_path: Path) -> None:
    """The stem is the id, the first heading the title, `.zh` the language; other files are left alone."""
    (tmp_path / "b.zh.md").write_text("# 退货\n\n退货。\n", encoding="utf-8")
    (tmp_path / "a.md").write_bytes("\ufeff# Returns\n\nGoods.\n".encode())
    (tmp_path / "c.txt").write_text("no policy", encoding="utf-8")
    found = FolderSource(tmp_path).documents().policies
    assert [(policy.id, policy.title, policy.lang) for policy in found] == [("a", "Returns", "en"), ("b.zh", "退货", "zh")]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing folder and a file in another encoding are errors that say which and what to do."""
    with pytest.raises(SetupError, match="policies' does not exist"):
        FolderSource(tmp_path / "policies").documents()
    (tmp_path / "a.md").write_bytes(b"# caf\xe9\n")
    with pytest.raises(SetupError, match=r"a\.md' is not UTF-8 text \(byte 5\); save it as UTF-8"):
        FolderSource(tmp_path).documents()

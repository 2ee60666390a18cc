"""Reading evaluation cases from a file."""

import json
from pathlib import Path

import pytest

from evaluation.cases import Matcher, read_cases
from parstock.errors import InputError

GOOD = {
    "id": 7,
    "messages": [{"role": "user", "content": "hello"}],
    "expect": {"behaviour": "answer"},
    "something": "else",
}


def written(folder: Path, *lines: object) -> Path:
    """A file of lines, objects as JSON."""
    path = folder / "cases.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_a_case_is_read_with_what_it_has(tmp_path: Path) -> None:
    """Fields that a case lacks are empty, unknown ones are left alone, blank lines are skipped."""
    call = {"name": "find_items", "arguments": {"query": {"contains": ["mug"]}, "limit": 5}}
    full = {**GOOD, "id": "b", "lang": "en", "expect": {"behaviour": "call", "calls": [call]}}
    plain, called = read_cases(written(tmp_path, GOOD, "", full))

    assert (plain.id, plain.kind, plain.lang, plain.expect.calls) == ("7", "", "", ())
    assert called.expect.calls[0].arguments == {"query": Matcher(contains=("mug",)), "limit": 5}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{broken", ("the object", "Invalid JSON")),
        ([1, 2], ("the object", "[1, 2]")),
        ({"messages": GOOD["messages"]}, ("expect",)),
        ({**GOOD, "messages": []}, ("messages",)),
        ({**GOOD, "messages": [{"role": "user"}]}, ("messages.0.content",)),
        ({**GOOD, "messages": [{"role": "assistant", "content": "hi"}]}, ("the last message must be the user's",)),
        ({**GOOD, "expect": {"behaviour": "sing"}}, ("expect.behaviour", "'sing'", "'clarify'")),
        ({**GOOD, "expect": {"behaviour": "call", "calls": [{"arguments": {}}]}}, ("expect.calls.0.name",)),
        ({**GOOD, "expect": {"behaviour": "call", "calls": [{"name": "x", "arguments": {"q": {}}}]}}, ("any_of",)),
        ({**GOOD, "alternatives": [{"name": "x"}]}, ("alternatives.0",)),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: object, words: tuple[str, ...]) -> None:
    """The error says which line, which field, what stands there and what would be right."""
    with pytest.raises(InputError) as caught:
        read_cases(written(tmp_path, GOOD, "", line))

    assert str(caught.value).startswith(f"line 3 of {str(tmp_path / 'cases.jsonl')!r}: ")
    assert all(word in str(caught.value) for word in words)
    assert caught.value.field == "cases"


def test_a_long_wrong_value_is_cut(tmp_path: Path) -> None:
    """An error stays readable, however much stands in the line."""
    with pytest.raises(InputError) as caught:
        read_cases(written(tmp_path, {**GOOD, "expect": {"behaviour": "sing" * 1000}}))

    assert len(str(caught.value)) < 400


def test_no_file_an_empty_one_and_one_in_another_code_are_refused(tmp_path: Path) -> None:
    """What cannot be read at all is said so, with the file's name."""
    (tmp_path / "latin.jsonl").write_bytes("{'café'}".encode("latin-1"))

    with pytest.raises(InputError, match="--cases FILE"):
        read_cases(None)
    with pytest.raises(InputError, match="are empty"):
        read_cases(written(tmp_path, "", "  "))
    with pytest.raises(InputError, match=r"nowhere\.jsonl"):
        read_cases(tmp_path / "nowhere.jsonl")
    with pytest.raises(InputError, match=r"latin\.jsonl"):
        read_cases(tmp_path / "latin.jsonl")

"""Passages and their ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parstock.domain import Note, Policy
from retrieval.chunk import LONGEST_PASSAGE, chunk_policy, language_of, note_passage, policy_from_markdown

TEXT = """# Returns · 退货

What happens to goods that come back.

## 1. Window

Goods come back within 30 days.

```parstock
rule: order_hold
```

## Back to stock

Grade A goes back.

### Grade B

To the outlet.

## 2 Money

2.1 Refunds take five days.

Weekends do not count.

2.2 Vouchers are sent at once.
"""


def passages(text: str) -> dict[str, str]:
    """Section keys and texts of a document."""
    return {passage.id.removeprefix("p#"): passage.text for passage in chunk_policy(policy_from_markdown("p", text))}


def test_sections_are_named_by_number_else_by_heading() -> None:
    """A section's id is the number written at it, else a slug of its heading, and numbered paragraphs count as sections."""
    assert list(passages(TEXT)) == ["overview", "1", "back-to-stock", "grade-b", "2.1", "2.2"]


def test_text_of_a_passage() -> None:
    """A passage holds its paragraphs without the rule block, and its title the headings above it."""
    assert passages(TEXT)["1"] == "Goods come back within 30 days."
    assert passages(TEXT)["2.1"] == "2.1 Refunds take five days.\n\nWeekends do not count."
    titles = {passage.id: passage.title for passage in chunk_policy(policy_from_markdown("p", TEXT))}
    assert titles["p#grade-b"] == "Returns · 退货 › Back to stock › Grade B"


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("## 2.1 Garden", "2.1"),
        ("## 2.1. Garden", "2.1"),
        ("## § 4 Costs", "4"),
        ("## Section 7: Holds", "7"),
        ("## 第3条 退货", "3"),
        ("## 2、旺季", "2"),
        ("## 1.2花园", "1.2"),
        ("## 花园 商品", "花园-商品"),
        ("## First expired, first out!", "first-expired-first-out"),
        ("## 2nd review", "2nd-review"),
        ("## Closed ##", "closed"),
    ],
)
def test_numbers_as_people_write_them(heading: str, key: str) -> None:
    """English and Chinese ways of numbering a heading give the number; other headings give a slug."""
    assert list(passages(f"# T\n\n{heading}\n\ntext\n")) == [key]


@given(edited=st.integers(0, 5), words=st.text(alphabet="abc \n", min_size=1, max_size=60))
def test_editing_a_section_leaves_other_ids_alone(edited: int, words: str) -> None:
    """Whatever is written into one section, every other section keeps its id and its text."""
    keys = ["1", "2", "2.1", "notes", "2.2", "appendix"]
    bodies = {key: f"body of {key}" for key in keys}
    before = passages("# T\n\n" + "".join(f"## {key}\n\n{body}\n\n" for key, body in bodies.items()))
    bodies[keys[edited]] = f"x {words}"
    after = passages("# T\n\n" + "".join(f"## {key}\n\n{body}\n\n" for key, body in bodies.items()))
    assert {key: text for key, text in before.items() if key != keys[edited]} == {
        key: text for key, text in after.items() if key != keys[edited]
    }


def test_equal_headings_get_different_ids() -> None:
    """Sections with the same heading are told apart by the heading above, then by counting."""
    text = "# T\n\n## A\n\na\n\n### Costs\n\nx\n\n## B\n\nb\n\n### Costs\n\ny\n\n### Costs\n\nz\n"
    assert passages(text) == {"a": "a", "costs": "x", "b": "b", "b.costs": "y", "costs-2": "z"}


def test_headings_inside_code_are_text() -> None:
    """A line that looks like a heading inside a code fence opens no section."""
    assert list(passages("# T\n\n## A\n\n~~~\n## not a heading\n~~~\n")) == ["a"]


def test_a_long_section_is_divided_and_its_first_part_keeps_the_id() -> None:
    """Parts of a long section hold whole paragraphs, no more words than the model reads, and lose nothing."""
    paragraphs = [" ".join([f"w{n}"] * 80) for n in range(5)]
    found = passages("# T\n\n## A\n\n" + "\n\n".join(paragraphs))
    assert list(found) == ["a", "a~2", "a~3"]
    assert all(len(text.split()) <= LONGEST_PASSAGE for text in found.values())
    assert "\n\n".join(found.values()) == "\n\n".join(paragraphs)


def test_a_document_without_headings_is_one_overview() -> None:
    """Plain text becomes a single passage."""
    assert passages("Just a line.\n") == {"overview": "Just a line."}
    assert chunk_policy(Policy("empty", "Empty", "  \n")) == ()


def test_notes_are_passages_in_their_own_language() -> None:
    """A note keeps its id, its title tells day, author and subject, and Chinese is recognised."""
    note = Note("note-0001", "手铲快断货了,还有 23 件。", "2026-05-29T09:48:00", "林梅", item="GD-1010")
    passage = note_passage(note)
    assert (passage.id, passage.kind, passage.lang) == ("note-0001", "note", "zh")
    assert passage.title == "2026-05-29 · 林梅 · GD-1010"


def test_language_of_a_text() -> None:
    """A few Chinese words in English text do not make it Chinese."""
    assert language_of("The supplier 义乌彩霞 is closed for two weeks around the new year") == "en"
    assert language_of("Toscana Ceramica 在 8 月 15 日前后停工三周,九月初恢复发货") == "zh"
    assert language_of("123") == "en"

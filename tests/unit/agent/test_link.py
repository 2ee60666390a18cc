"""Known names in a planner's words."""

import pytest

from agent.link import ENTITIES, Linker, points
from parstock.domain import Item, Supplier, Warehouse


@pytest.fixture
def linker() -> Linker:
    """The names of a shop with two products."""
    items = [
        Item("HM-204", "Regency Cakestand 3 Tier", "Kitchen", "S1", 1.0, 2.0, name_zh="三层蛋糕架"),
        Item("HM-205", "Cakestand", "Kitchen", "S1", 1.0, 2.0),
    ]
    return Linker.of(items, [Warehouse("NORTH", "Leeds North", city="Leeds")], [Supplier("S1", "Yiwu Bright", 30, 5)])


def said(linker: Linker, text: str) -> list[tuple[str, str]]:
    """What is found, as it is written, with its kind."""
    return [(text[m.start : m.end], m.kind) for m in linker.marks(text)]


def test_the_longest_name_wins(linker: Linker) -> None:
    """A name inside a longer name is not a second product."""
    assert said(linker, "stock of regency cakestand 3-tier?") == [("regency cakestand 3-tier", "item")]


def test_codes_places_partners_and_categories_are_told_apart(linker: Linker) -> None:
    """Each name has its kind."""
    found = said(linker, "hm204 from Yiwu Bright to Leeds, all kitchen")

    assert found == [("hm204", "item"), ("Yiwu Bright", "supplier"), ("Leeds", "warehouse"), ("kitchen", "category")]


def test_chinese_names_need_no_blanks(linker: Linker) -> None:
    """A Chinese name is found inside a sentence."""
    assert said(linker, "看下三层蛋糕架还有多少") == [("三层蛋糕架", "item")]


def test_a_message_without_known_names_carries_nothing(linker: Linker) -> None:
    """No entities, no extra fields on the message."""
    assert linker.entities("hello there") == {}
    assert linker.entities("a Cakestand")[ENTITIES][0]["kind"] == "item"


@pytest.mark.parametrize(
    ("text", "pointing"),
    [
        ("how much of it is left", True),
        ("reorder this item", True),
        ("这个要补多少货？", True),
        ("那款还有吗", True),
        ("is it time to buy?", False),
        ("what does this month look like", False),
        ("这个月该进什么货", False),
        ("它们", False),
    ],
)
def test_pointing_at_a_product_is_told_from_figures_of_speech(text: str, pointing: bool) -> None:
    """A pronoun for a product is found, expletives and periods are not."""
    assert points(text) is pointing

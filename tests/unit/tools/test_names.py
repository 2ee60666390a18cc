"""What a planner's words for things mean."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from parstock.domain import Item, Supplier, Warehouse
from parstock.errors import InputError
from tools.names import MOST_CHOICES, NameIndex

NAMES = {
    "22423": "REGENCY CAKESTAND 3 TIER",
    "22424": "REGENCY CAKESTAND 2 TIER",
    "85123A": "WHITE HANGING HEART T-LIGHT HOLDER",
    "85099B": "JUMBO BAG RED RETROSPOT",
    "22386": "JUMBO BAG PINK POLKADOT",
    "20725": "LUNCH BAG RED RETROSPOT",
    "47566": "PARTY BUNTING",
    "47566B": "TEA TIME PARTY BUNTING",
    "SET3": "SET OF THREE BAKING TRAYS",
}


def items(names: dict[str, str]) -> list[Item]:
    """Items with these names."""
    return [Item(sku, name, "Gifts", "YB", 1.0, 2.0) for sku, name in names.items()]


@pytest.fixture(scope="module")
def index() -> NameIndex:
    """Some gifts with names that are easily confused, a Chinese name, an alias."""
    mug = Item("HM-20417", "Ceramic Mug Fog Blue", "Kitchen", "LC", 2.0, 5.0, name_zh="陶瓷马克杯 雾蓝", aliases=("blue mug",))
    cup = Item("HM-20418", "Travel Tumbler", "Kitchen", "LC", 2.0, 5.0, name_zh="吸管保温杯 750毫升 奶茶色")
    return NameIndex(
        [*items(NAMES), mug, cup],
        [Warehouse("LON", "London DC", "London"), Warehouse("SH1", "Shanghai", "Shanghai", aliases=("上海",))],
        [Supplier("YB", "Yiwu Bright Co., Ltd.", 20, 3, aliases=("义乌明亮",)), Supplier("LC", "Leeds Ceramics", 7, 1)],
    )


@pytest.mark.parametrize(
    ("said", "sku"),
    [
        ("22423", "22423"),
        ("85123a", "85123A"),
        ("hm20417", "HM-20417"),
        ("SKU 85123A please", "85123A"),
        ("regency cakestand 3 tier", "22423"),
        ("Regency Cake Stands, 3-tier", "22423"),
        ("three tier regency cakestand", "22423"),
        ("regency cakestnad 2 tier", "22424"),
        ("white hanging hearts", "85123A"),
        ("t light holder", "85123A"),
        ("tlight holder", "85123A"),
        ("red jumbo bag", "85099B"),
        ("party bunting", "47566"),
        ("tea time bunting", "47566B"),
        ("set of 3 baking trays", "SET3"),
        ("blue mug", "HM-20417"),
        ("陶瓷马克杯 雾蓝", "HM-20417"),
        ("雾蓝马克杯", "HM-20417"),
        ("保温杯", "HM-20418"),
        ("the WHITE HANGING HEART T-LIGHT HOLDER", "85123A"),
    ],
)
def test_a_clear_name_is_resolved(index: NameIndex, said: str, sku: str) -> None:
    """Codes, names, aliases, parts, plurals, swapped letters and Chinese lead to the one item that is meant."""
    assert index.resolve_item(said).sku == sku


@pytest.mark.parametrize(
    ("said", "choices"),
    [
        ("cakestand", {"REGENCY CAKESTAND 3 TIER (22423)", "REGENCY CAKESTAND 2 TIER (22424)"}),
        ("cakestand 4 tier", {"REGENCY CAKESTAND 3 TIER (22423)", "REGENCY CAKESTAND 2 TIER (22424)"}),
        ("red retrospot bag", {"JUMBO BAG RED RETROSPOT (85099B)", "LUNCH BAG RED RETROSPOT (20725)"}),
        ("jumbo bag", {"JUMBO BAG RED RETROSPOT (85099B)", "JUMBO BAG PINK POLKADOT (22386)"}),
    ],
)
def test_an_unclear_name_is_asked_about(index: NameIndex, said: str, choices: set[str]) -> None:
    """A part that fits several items, or a number that fits none, is never guessed; the choices come back."""
    with pytest.raises(InputError, match=r"which|did you mean") as caught:
        index.resolve_item(said)
    assert set(caught.value.choices) >= choices
    assert caught.value.field == "item"
    assert len(caught.value.choices) <= MOST_CHOICES


def test_a_choice_leads_back_to_its_item(index: NameIndex) -> None:
    """What is offered as a choice resolves to exactly the item that it names."""
    for sku, name in NAMES.items():
        assert index.resolve_item(f"{name} ({sku})").sku == sku


@pytest.mark.parametrize("said", ["purple unicorn slippers", "zzz", "99999", "!!!", ""])
def test_an_unknown_name_is_refused(index: NameIndex, said: str) -> None:
    """Nothing is resolved from nothing; the message repeats what was looked for."""
    with pytest.raises(InputError) as caught:
        index.resolve_item(said)
    assert repr(said) in str(caught.value)


def test_codes_that_differ_in_case_are_told_apart() -> None:
    """A code written exactly wins; written otherwise it is asked about."""
    index = NameIndex(items({"85123A": "WHITE HEART", "85123a": "WHITE HEART"}), [], [])
    assert index.resolve_item("85123a").sku == "85123a"
    with pytest.raises(InputError):
        index.resolve_item("85123-A")


@pytest.mark.parametrize(
    ("said", "code"), [("the London warehouse", "LON"), ("lon", "LON"), ("上海仓", "SH1"), ("london dc", "LON")]
)
def test_warehouses_are_resolved(index: NameIndex, said: str, code: str) -> None:
    """Cities, codes and words such as "warehouse" lead to the warehouse."""
    assert index.resolve_warehouse(said).code == code


@pytest.mark.parametrize(("said", "code"), [("yiwu bright", "YB"), ("义乌明亮", "YB"), ("leeds", "LC"), ("Yiwu Brigth", "YB")])
def test_suppliers_are_resolved(index: NameIndex, said: str, code: str) -> None:
    """A supplier is found without its legal form, by alias, and past a slip."""
    assert index.resolve_supplier(said).code == code


def test_categories_are_resolved(index: NameIndex) -> None:
    """A category is found whatever its case or number."""
    assert index.resolve_category("gift") == "Gifts"
    assert index.resolve_category("KITCHEN") == "Kitchen"


def test_errors_name_the_argument_that_was_given(index: NameIndex) -> None:
    """A transfer has two warehouses; the message says which one is wrong."""
    with pytest.raises(InputError) as caught:
        index.resolve_warehouse("Paris", field="to_warehouse")
    assert caught.value.field == "to_warehouse"
    assert set(caught.value.choices) == {"London DC (LON)", "Shanghai (SH1)"}


def test_search_looks_at_names_categories_and_suppliers(index: NameIndex) -> None:
    """The words of a search may be spread over an item's name, category and supplier."""
    found, total = index.find("kitchen leeds", 10)
    assert {item.sku for item in found} == {"HM-20417", "HM-20418"}
    assert total == 2
    assert index.find("bag", 2)[1] == 3
    assert len(index.find("bag", 2)[0]) == 2


def test_every_item_is_found_by_its_own_name_past_one_slip() -> None:
    """With two neighbouring letters swapped, an item is found or asked about, never taken for another."""
    rng = np.random.default_rng(5)
    colours, things = ("red", "blue", "green", "ivory"), ("lantern", "teapot", "cushion", "basket", "garland")
    names = {f"S{i:03}": f"{c} {t} {size} cm" for i, (c, t, size) in enumerate(_product(colours, things, (10, 20, 30)))}
    index = NameIndex(items(names), [], [])
    for sku, name in names.items():
        letters = list(name.split()[1])
        at = int(rng.integers(1, len(letters) - 1))
        letters[at - 1], letters[at] = letters[at], letters[at - 1]
        said = name.replace(name.split()[1], "".join(letters))
        assert f"{name} ({sku})" in understood(index, said)


def understood(index: NameIndex, said: str) -> tuple[str, ...]:
    """The item that was understood, or those that were offered."""
    try:
        item = index.resolve_item(said)
    except InputError as error:
        return error.choices
    return (f"{item.name} ({item.sku})",)


def _product(*parts: Iterable[object]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = [()]
    for part in parts:
        rows = [(*row, value) for row in rows for value in part]
    return rows


def test_a_real_catalogue_answers_quickly() -> None:
    """With thousands of real names a question costs at most 20 ms, and a full name leads to its item."""
    shared = os.environ.get("PARSTOCK_SHARED")
    file = Path(shared or "", "data/online_retail_ii/online_retail_ii_year1.parquet")
    if not shared or not file.exists():
        pytest.skip("set PARSTOCK_SHARED to a folder with data/online_retail_ii")
    pq = pytest.importorskip("pyarrow.parquet")
    sold = pq.read_table(file, columns=["stock_code", "description"]).to_pandas().dropna()
    sold = sold[sold["description"].str.strip().str.len() > 3]
    names = sold.groupby("stock_code")["description"].first().str.strip().to_dict()
    index = NameIndex(items(names), [], [])
    asked = [names[sku] for sku in sorted(names)[::40]]
    begun = time.process_time()
    for name in asked:
        assert any(choice.casefold().startswith(name.casefold()) for choice in understood(index, name))
    assert (time.process_time() - begun) / len(asked) < 0.02

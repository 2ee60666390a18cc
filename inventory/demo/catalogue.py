"""What the demonstration shop is: its warehouses, suppliers, categories and items. Simulates no sale and no stock."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from parstock.domain import Floats

_VARIANTS: Mapping[str, tuple[tuple[str, str, float], ...]] = {
    "Garden": (("small", "小号", 0.8), ("large", "大号", 1.4), ("set of 3", "三件套", 2.4)),
    "Kitchen": (("white", "白色", 1.0), ("sage green", "灰绿色", 1.05), ("slate grey", "岩灰色", 1.05)),
    "Toys": (("red", "红色", 1.0), ("blue", "蓝色", 1.0), ("gift box", "礼盒装", 1.3)),
    "Home Decor": (("natural", "原色", 1.0), ("ivory", "象牙白", 1.05), ("charcoal", "炭黑色", 1.05)),
    "Electronics": (("black", "黑色", 1.0), ("white", "白色", 1.0), ("twin pack", "两只装", 1.9)),
    "Outdoor": (("olive", "橄榄绿", 1.0), ("orange", "橙色", 1.0), ("family size", "家庭装", 1.6)),
    "Beauty": (("lavender", "薰衣草", 1.0), ("rose", "玫瑰", 1.05), ("green tea", "绿茶", 1.0)),
    "Grocery": (("classic", "经典", 1.0), ("organic", "有机", 1.3), ("gift tin", "礼罐装", 1.7)),
}
"""Category -> variants of each of its products: English, Chinese, cost relative to the product."""
_CODES = {
    "Garden": "GD-1",
    "Kitchen": "KI-2",
    "Toys": "TO-3",
    "Home Decor": "HD-4",
    "Electronics": "EL-5",
    "Outdoor": "OD-6",
    "Beauty": "BE-7",
    "Grocery": "GR-8",
}
"""Category -> beginning of its item codes."""

WAREHOUSES = pd.DataFrame(
    [
        ("MAIN", "Main warehouse", "Northampton", "GB", "main|Northampton|总仓|北安普敦仓"),
        ("NORTH", "Northern hub", "Manchester", "GB", "north|Manchester|北方仓|曼彻斯特仓"),
        ("ROTT", "Rotterdam hub", "Rotterdam", "NL", "Rotterdam|鹿特丹仓"),
    ],
    columns=["code", "name", "city", "country", "aliases"],
)
"""Imported sales without a warehouse are booked to the first."""
WAREHOUSE_NAMES_ZH = ("总仓", "北方仓", "鹿特丹仓")
"""What Chinese-speaking planners call them, in the same order."""
WAREHOUSE_SHARES = np.array([0.55, 0.27, 0.18])
"""Share of the demand that each warehouse serves."""

SUPPLIERS = pd.DataFrame(
    [
        ("YCX", "Yiwu Caixia Gifts", 45.0, 8.0, "CN", "Yiwu|Caixia|义乌彩霞"),
        ("NHT", "Ningbo Haitang Garden Tools", 52.0, 9.0, "CN", "Ningbo|Haitang|宁波海棠"),
        ("SZL", "Shenzhen Lanwei Electronics", 35.0, 6.0, "CN", "Shenzhen|Lanwei|深圳蓝微"),
        ("GZM", "Guangzhou Mingyue Ceramics", 60.0, 10.0, "CN", "Guangzhou|Mingyue|广州明月"),
        ("MDM", "Moradabad Metal Crafts", 55.0, 12.0, "IN", "Moradabad"),
        ("HNB", "Hanoi Bamboo Works", 48.0, 9.0, "VN", "Hanoi|河内竹业"),
        ("IZT", "Izmir Textile House", 21.0, 4.0, "TR", "Izmir"),
        ("KRG", "Krakow Glass and Light", 14.0, 3.0, "PL", "Krakow"),
        ("BVT", "Bavaria Toys", 12.0, 2.0, "DE", "Bavaria"),
        ("TSC", "Toscana Ceramica", 18.0, 4.0, "IT", "Toscana"),
        ("PTC", "Porto Cork & Soap", 16.0, 3.0, "PT", "Porto"),
        ("DWF", "Dutch Wharf Foods", 7.0, 1.5, "NL", "Dutch Wharf"),
        ("CSF", "Cotswold Farm Foods", 5.0, 1.0, "GB", "Cotswold"),
        ("PKD", "Peak District Outdoor", 8.0, 2.0, "GB", "Peak District"),
    ],
    columns=["code", "name", "lead_time_days", "lead_time_sd_days", "country", "aliases"],
)


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """Words in an item's name that put it into a category, and who supplies it."""

    category: str
    supplier: str
    words: tuple[str, ...]


CATEGORY_RULES = (
    CategoryRule("Toys", "YCX", ("TOY", "DOLL", "GAME", "PUZZLE", "CHILD", "SPACEBOY", "PLAYING", "KIDS", "BALLOON", "SKIPPING")),
    CategoryRule("Garden", "NHT", ("GARDEN", "PLANT", "BIRD", "FLOWER", "SEED", "WATERING", "TROWEL", "CHIME")),
    CategoryRule("Kitchen", "GZM", ("MUG", "CUP", "PLATE", "BOWL", "TEA", "CAKE", "KITCHEN", "SPOON", "JAR", "BAKING", "LUNCH")),
    CategoryRule("Beauty", "PTC", ("SOAP", "BATH", "COSMETIC", "MIRROR", "HAIR", "NECKLACE", "EARRING", "BRACELET", "RING")),
    CategoryRule("Electronics", "SZL", ("LIGHT", "LAMP", "CLOCK", "LED", "ALARM", "RADIO", "TORCH")),
    CategoryRule("Outdoor", "PKD", ("PICNIC", "UMBRELLA", "FLASK", "BOTTLE", "TRAVEL", "BAG")),
    CategoryRule("Grocery", "CSF", ("CHOCOLATE", "SWEET", "HONEY", "BISCUIT", "COFFEE")),
)
"""Rules for items of somebody else's sales, the first that matches wins; what none matches is Home Decor."""
OTHER_CATEGORY = CategoryRule("Home Decor", "MDM", ())


def catalogue(rng: np.random.Generator) -> pd.DataFrame:
    """Return the items of the demonstration shop, in the columns of the kind "items".

    Every product comes in the three variants of its category; every third item has a Chinese name.
    """
    products = pd.read_csv(Path(__file__).with_name("products.csv"), dtype={"shelf_life_days": "Int64"})
    products["within"] = products.groupby("category").cumcount()
    items = products.loc[products.index.repeat(3)].reset_index(drop=True)
    variant = np.tile(np.arange(3), len(products))
    number = 3 * items["within"] + variant + 1
    chosen = [_VARIANTS[category][v] for category, v in zip(items["category"], variant, strict=True)]
    chinese = [f"{name}({detail})" for name, (_, detail, _) in zip(items["name_zh"], chosen, strict=True)]
    cost = items["unit_cost"] * [factor for *_, factor in chosen]
    return pd.DataFrame(
        {
            "sku": items["category"].map(_CODES) + number.map("{:03d}".format),
            "name": [f"{name}, {detail}" for name, (detail, *_) in zip(items["name"], chosen, strict=True)],
            "category": items["category"],
            "supplier": items["supplier"],
            "unit_cost": cost.round(2),
            "unit_price": charm_price(cost.to_numpy() * rng.uniform(1.9, 3.0, len(items))),
            "name_zh": pd.Series(chinese).where((items["within"] + variant) % 3 == 0, None),
            "shelf_life_days": items["shelf_life_days"],
        }
    )


def charm_price(price: Floats) -> Floats:
    """Round prices up to the next 49 or 99 pence.

    >>> charm_price(np.array([3.2, 3.6, 12.0])).tolist()
    [3.49, 3.99, 12.49]
    """
    return np.round(np.ceil((price + 0.005) * 2) / 2 - 0.01, 2)


def categorise(names: pd.Series) -> pd.DataFrame:
    """Give items of somebody else's sales a category and a supplier by the words in their names.

    Args:
        names: n product names.

    Returns:
        [n] rows with `category` and `supplier`, on the index of `names`.
    """
    upper = names.str.upper()
    found = pd.DataFrame({"category": OTHER_CATEGORY.category, "supplier": OTHER_CATEGORY.supplier}, index=names.index)
    for rule in reversed(CATEGORY_RULES):
        found.loc[upper.str.contains(rf"\b(?:{'|'.join(rule.words)})S?\b")] = rule.category, rule.supplier
    return found

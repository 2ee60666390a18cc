"""How numbers, money, days and names are written in sentences, English and Chinese. Makes no sentence itself."""

import re
from datetime import date

from parstock.domain import Item, Language, Supplier, Warehouse

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 - twelve words
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SEAM = re.compile(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u4e00-\u9fff])")


def number(value: float, decimals: int = 0) -> str:
    """Write a number with thousands separators and at most `decimals` places.

    >>> number(1234.0), number(3.25, 1), number(3.0, 1), number(-0.2)
    ('1,234', '3.2', '3', '0')
    """
    text = f"{value:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def shortened(text: str, longest: int = 80) -> str:
    """Cut what somebody typed to a length that a message can show.

    >>> shortened("a mug"), shortened("x" * 100, 5)
    ('a mug', 'xxxxx…')
    """
    return text if len(text) <= longest else f"{text[:longest]}…"


def rate(value: float) -> str:
    """Write a daily rate: whole above 100, else with one place, or two where one would say nothing.

    >>> rate(154.3), rate(12.34), rate(0.41), rate(0.071)
    ('154', '12.3', '0.4', '0.07')
    """
    return number(value, 0 if abs(value) >= 100 else 1 if abs(value) >= 0.095 else 2)


def percent(share: float) -> str:
    """Write a share as a percentage with at most one place.

    >>> percent(0.975), percent(0.95)
    ('97.5%', '95%')
    """
    return f"{number(100 * share, 1)}%"


def whole_percent(share: float) -> str:
    """Write an estimated share: whole percents, one place below ten.

    >>> whole_percent(0.146), whole_percent(0.046)
    ('15%', '4.6%')
    """
    return f"{number(shown_percent(share), 1)}%"


def shown_percent(share: float) -> float:
    """Return the number that `whole_percent` writes, for the figure of the sentence.

    >>> shown_percent(0.146), shown_percent(0.046)
    (15.0, 4.6)
    """
    return round(100.0 * share, 1 if abs(share) < 0.0995 else 0)


def money(amount: float, currency: str) -> str:
    """Write an amount of money: two places, four for a price that needs them.

    >>> money(1234.5, "GBP"), money(0.0125, "GBP")
    ('GBP 1,234.50', 'GBP 0.0125')
    """
    exact = f"{amount:,.2f}" if abs(amount - round(amount, 2)) < 5e-5 else f"{amount:,.4f}"
    return f"{currency} {exact}"


def day(value: date, lang: Language) -> str:
    """Write a day in full.

    >>> day(date(2025, 3, 5), "en"), day(date(2025, 3, 5), "zh")
    ('5 March 2025', '2025年3月5日')
    """
    if lang == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def units(count: float) -> str:
    """Write a count with its noun.

    >>> units(1), units(1200)
    ('1 unit', '1,200 units')
    """
    return f"{number(count)} {'unit' if round(count) == 1 else 'units'}"


def days(count: float) -> str:
    """Write a number of days with its noun.

    >>> days(1), days(12.4)
    ('1 day', '12 days')
    """
    return f"{number(count)} {'day' if round(count) == 1 else 'days'}"


def named(thing: Item | Warehouse | Supplier, lang: Language) -> str:
    """Write a name as the language has it; in Chinese an alias in Chinese where there is no other.

    >>> named(Warehouse("MAIN", "Main warehouse", aliases=("main", "总仓")), "zh")
    '总仓'
    """
    if lang == "en":
        return thing.name
    known = (thing.name_zh or "" if isinstance(thing, Item) else "", thing.name, *thing.aliases)
    return next((name for name in known if _HAN.search(name)), thing.name)


def spaced(chinese: str) -> str:
    """Set Latin words in a Chinese sentence off by spaces.

    >>> spaced("向Yiwu Bright订购48件")
    '向 Yiwu Bright 订购48件'
    """
    return _SEAM.sub(" ", chinese)

"""How numbers, money and days are written in sentences, English and Chinese."""

from datetime import date

from parstock.domain import Item, Language

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 - twelve words
)


def number(value: float, decimals: int = 0) -> str:
    """Write a number with thousands separators and at most `decimals` places.

    >>> number(1234.0), number(3.25, 1), number(3.0, 1), number(-0.2)
    ('1,234', '3.2', '3', '0')
    """
    text = f"{value:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def rate(value: float) -> str:
    """Write a daily rate: whole above 100, else with one place, or two where it is small.

    >>> rate(154.3), rate(12.34), rate(0.071)
    ('154', '12.3', '0.07')
    """
    return number(value, 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 2)


def percent(share: float) -> str:
    """Write a share as a percentage with at most one place.

    >>> percent(0.975), percent(0.95)
    ('97.5%', '95%')
    """
    return f"{number(100 * share, 1)}%"


def money(amount: float, currency: str) -> str:
    """Write an amount of money.

    >>> money(1234.5, "GBP")
    'GBP 1,234.50'
    """
    return f"{currency} {amount:,.2f}"


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


def named(item: Item, lang: Language) -> str:
    """Write an item's name as the language has it."""
    return (item.name_zh or item.name) if lang == "zh" else item.name

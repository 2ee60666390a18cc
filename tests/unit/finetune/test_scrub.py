"""Personal data goes, what the plan needs stays."""

import pytest

from finetune.scrub import personal, scrub


@pytest.mark.parametrize(
    ("note", "left"),
    [
        ("Mail anna.field@shop.co.uk re MOQ 500", "Mail [email] re MOQ 500"),
        ("Call Anna on +44 20 7946 0958", "Call [name] on [phone]"),
        ("rang Piet van Dam, tel 0161 496 0182", "rang [name] van Dam, tel [phone]"),
        ("Spoke with Hu at Cixi Electric, mobile: 555-0134", "Spoke with [name] at Cixi Electric, mobile: [phone]"),
        ("Mrs Tierney says the post is late", "Mrs [name] says the post is late"),
        ("Heard from Priya: promo off. Cheers, Ravi", "Heard from [name]: promo off. Cheers, [name]"),
        ("王经理说春节放假，手机13812345678", "[name]经理说春节放假，手机[phone]"),
        ("跟李伟确认，起订量500", "跟[name]确认，起订量500"),
        ("小陈问交期，微信: chen_2020", "[name]问交期，微信: [contact]"),
        ("call 010-62345678 for the depot", "call [phone] for the depot"),
    ],
)
def test_people_and_how_to_reach_them_are_taken_out(note: str, left: str) -> None:
    """Addresses, numbers and names with a cue become placeholders in both languages; the rest is as it was."""
    assert scrub(note) == left


@pytest.mark.parametrize(
    "note",
    [
        "MOQ 5000 from Monday, 10 Feb to 24 Feb, price 12.50 GBP",
        "From January the lead time is 45 days; called off by Customs",
        "EAN 5012345678900, PO 2026-11-0042, SKU 85123A, 1200 units on 2026-11-22",
        "周一到周五不发货，高温停工，王府井店补货500件",
        "请更新供应商联系方式，小周末活动",
        "quantity 1300 000 for the 12 000 mugs",
    ],
)
def test_dates_quantities_and_codes_stay(note: str) -> None:
    """What a plan is made of is no personal data, however much it looks like a number or a name."""
    assert scrub(note) == note


def test_names_that_the_shop_knows_stay() -> None:
    """A supplier called like a person is a supplier where the records say so, whatever its case."""
    note = "Heard from Fraser Valley Berries: closed. Ask Uji Leaf"

    assert scrub(note) == "Heard from [name]: closed. Ask [name]"
    assert scrub(note, ["fraser valley berries", "Uji Leaf"]) == note


def test_what_is_not_found_is_what_the_page_says() -> None:
    """The stated limits hold: no cue, small letters, and a bare Chinese name are left; an unknown place after a cue goes."""
    assert not personal("Anna knows more; call anna; 李伟很忙")
    assert scrub("Sample from Antwerp arrived") == "Sample from [name] arrived"

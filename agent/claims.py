"""What a text claims in words alone: to order or not, approval, risk, days of the week, currencies. Checked against facts."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from agent.figures import Day, Figure
from agent.ground import Ground, Reading
from agent.owners import Owners
from parstock.results import Fact

_SENTENCE = re.compile(r"[^.!?。！？；;\n]+(?:[.](?=\d)[^.!?。！？；;\n]+)*")
_BUY = "(?:订货|补货|下单|订购|采购|进货)"
_NO_ORDER = re.compile(
    r"\bno (?:new |further |more )?(?:re)?order(?:s|ing)?\b.{0,40}\b(?:needed|necessary|required|due)"
    r"|\b(?:no need|not) (?:to|for an?) (?:re)?order"
    r"|\b(?:do|does|should|need|must|is|are)(?: not|n't) (?:yet )?"
    r"(?:need (?:to be |to |an? (?:new )?)?)?(?:be )?(?:an? )?(?:re)?order"
    r"|\bnothing (?:to|needs to be) (?:re)?order|\bneedn't (?:re)?order"
    rf"|(?:不用|无需|不需要?|不必|暂不|先不|没必要|不建议|不要)(?:再|现在|马上|急着)?{_BUY}",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:needs? to be|should be|must be|has to be) (?:re)?ordered\b|\b(?:should|must) (?:re)?order\b|\bplace an order\b"
    r"|\b(?:re)?order (?:it |them |more )?(?:now|today|immediately|at once|right away)\b"
    r"|\b(?:needs?|requires) (?:an?|a new) (?:re)?order\b"
    rf"|(?<!不)(?:需要|应该|应当|必须|建议|尽快|马上|立即)(?:尽快|马上|立即|现在|今天)?{_BUY}",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:when|if|once|until|unless|before|by|at|but|otherwise|would|instead|hold|budget)\b|如果|若|时|之前|前|但|否则|暂停|预算",
    re.IGNORECASE,
)
_NO_APPROVAL = re.compile(
    r"\b(?:no|without(?: an?)?|not (?:need|require)(?: an?)?|n't (?:need|require)(?: an?)?) approval\b|\bneeds? not be approved\b"
    r"|(?:不需要?|无需|不用|不必|免)(?:人工|任何人)?审?[批核准]",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\b(?:have|has|had|'ve) (?:now |just |already )?(?:been )?(?:(?:re)?ordered|placed|approved|transferred|moved|shipped)\b"
    r"|\b(?:is|was|are|were) (?:now |already )?(?:approved|placed)\b|已经?(?:下单|订购|批准|审批|调拨|发货)",
    re.IGNORECASE,
)
_NO_RISK = re.compile(
    r"\b(?:no|zero|without(?: any)?) (?:risk|chance|danger) of (?:a |any )?(?:stock-?out|running out|selling out)"
    r"|(?:没有|无|不存在|不会有)(?:任何)?(?:缺货|断货)的?(?:风险|可能)",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b|(?<![一二两三四五六七八九十每几\d])(?:周|星期|礼拜)([一二三四五六日天])(?!次|批|趟)",
    re.IGNORECASE,
)
_WEEKDAYS = {name: i % 7 for i, name in enumerate(("mon", "tues", "wednes", "thurs", "fri", "satur", "sun", *"一二三四五六日"))}
_WEEKDAYS["天"] = 6
_NEAR_DAY = re.compile(r"\b(?:tomorrow|yesterday|tonight|next week)\b|下周|下星期|明天|昨天|后天|前天|今晚", re.IGNORECASE)
_MONTH = re.compile(
    r"\b(?:in|by|until|till|before|after|during|early|mid|late|end of|start of)[\s-]+"
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"(?:uary|ruary|ch|il|e|y|ust|t(?:ember)?|tember|ober|ember)?\b(?!\s+\d)",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONEY = (
    (("GBP",), r"£|\bGBP\b|\bpounds?\b|英镑"),
    (("USD", "AUD", "CAD", "NZD", "SGD", "HKD"), r"\$|\bUSD\b|\bdollars?\b|[美澳加港]元"),
    (("EUR",), r"€|\bEUR\b|\beuros?\b|欧元"),
    (("CNY", "RMB"), r"\bCNY\b|\bRMB\b|\byuan\b|人民币|(?<![美欧日澳加港\d单])元|(?<=\d)\s?元"),
)
_CURRENCIES = tuple((codes, re.compile(pattern, re.IGNORECASE)) for codes, pattern in _MONEY)


def wrong_claims(free: str, reading: Reading, ground: Ground, owners: Owners) -> Iterator[str]:
    """Yield a problem for each claim without a number that the facts deny."""
    for match in _SENTENCE.finditer(free):
        sentence = match[0]
        facts = owners.about(mention.name for mention in owners.mentions(sentence))
        dated = any(match.start() <= day.start < match.end() for day in reading.days)
        yield from _on_orders(sentence, facts, dated=dated)
        yield from _on_people(sentence, facts)
    yield from _days(free, ground)
    yield from _currencies(reading, ground)


def _on_orders(sentence: str, facts: Iterable[Fact], *, dated: bool) -> Iterator[str]:
    quantities = [fact.value for fact in facts if fact.what in ("quantity", "changed.quantity")]
    if not quantities:
        return
    if _NO_ORDER.search(sentence):
        if all(quantities):
            yield f"{sentence.strip()!r} says that no order is needed, but one is."
    elif not any(quantities) and not dated and _ORDER.search(sentence) and not _CONDITION.search(sentence):
        yield f"{sentence.strip()!r} says that an order is needed, but none is."


def _on_people(sentence: str, facts: Iterable[Fact]) -> Iterator[str]:
    whats = {fact.what: fact.value for fact in facts}
    draft = "proposal.id" in whats
    if ("approval_limit" in whats or draft) and _NO_APPROVAL.search(sentence):
        yield f"{sentence.strip()!r} is wrong: a person has to approve it."
    if draft and _DONE.search(sentence):
        yield f"{sentence.strip()!r} is wrong: it is only a draft."
    if _NO_RISK.search(sentence):
        chances = [value for what, value in whats.items() if "stockout" in what and isinstance(value, (int, float))]
        if chances and min(chances) >= 1:
            yield f"{sentence.strip()!r} is wrong: there is a risk."


def _days(free: str, ground: Ground) -> Iterator[str]:
    """Days of the week, months and "tomorrow" that no fact, date or question names."""
    dates = [day for day in ground.days if day.year is not None and day.day is not None]
    known = {_weekday(match) for match in _WEEKDAY.finditer(ground.text)} | {_weekday_of(day) for day in dates}
    yield from (f"{m[0]!r} is in no fact." for m in _WEEKDAY.finditer(free) if _weekday(m) not in known)
    yield from (f"{m[0]!r} is in no fact." for m in _NEAR_DAY.finditer(free) if m[0].lower() not in ground.text)
    months = {day.month for day in ground.days} | {_month(m) for m in _MONTH.finditer(ground.text)}
    yield from (f"{m[0]!r} is in no fact." for m in _MONTH.finditer(free) if _month(m) not in months)


def _weekday(match: re.Match[str]) -> int:
    return _WEEKDAYS[(match[1] or match[2]).lower()]


def _weekday_of(day: Day) -> int:
    try:
        return date(day.year or 1, day.month, day.day or 1).weekday()
    except ValueError:
        return -1


def _month(match: re.Match[str]) -> int:
    return _MONTHS.index(match[1].lower()) + 1


def _currencies(reading: Reading, ground: Ground) -> Iterator[str]:
    """Amounts in a currency that the facts do not use."""
    used = {code for codes, pattern in _CURRENCIES if pattern.search(ground.text) for code in codes}
    for figure in reading.figures if used else ():
        for codes, pattern in _CURRENCIES:
            if pattern.search(_beside(reading.text, figure)) and not used & set(codes):
                yield f"{figure.text!r} is in another currency than the facts."


def _beside(text: str, figure: Figure) -> str:
    """What stands right before and after a number, where its currency would be."""
    before = re.search(r"(?:[£$€¥]|\b[A-Za-z]{3})\s?$", text[max(0, figure.start - 8) : figure.start])
    after = re.match(r"\s?(?:[A-Za-z]+|[\u4e00-\u9fff]{1,3})", text[figure.end : figure.end + 20])
    return f"{before[0] if before else ''}{0}{after[0] if after else ''}"

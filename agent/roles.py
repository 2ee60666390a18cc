"""Which of the planner's terms a figure stands beside: "safety stock of 679", "安全库存679". Judges nothing."""

import re
from collections.abc import Iterable, Iterator

from agent.figures import Figure, agrees
from agent.ground import Ground, Reading, values_of
from parstock.results import Fact

_ROLES: tuple[tuple[str, str, str, str], ...] = (
    (
        "order quantity",
        r"(?<!on )(?<!the )(?<!purchase )\b(?:re)?order(?:ing)?|\bbuy(?:ing)?|\bpurchas(?:e|ing)|订购|订货|订|补货|采购",
        "",
        r"quantity|(?:changed|base|order|option)\.quantity|ordered|wanted|needed|smallest_order|plan\.order|min_order_quantity",
    ),
    ("units on hand", r"\bon hand|\bin stock|现有(?:库存)?|在手|在库", r"on hand|in stock", r"stock\.on_hand"),
    ("units reserved", r"\breserved|预留", r"(?:of them |are )?reserved", r"stock\.reserved"),
    (
        "units free to sell",
        r"\bfree to sell|\bavailable|可售(?:库存)?",
        r"(?:are )?(?:free(?: to sell)?|available|sellable|can be sold)",
        r"stock\.available|source\.free",
    ),
    (
        "units on order",
        r"\bon order|在途",
        r"(?:are |is )?(?:on order|on the way|in transit|inbound)",
        r"stock\.on_order|.*on_order.*",
    ),
    ("stock position", r"\bposition|库存头寸|头寸", "", r"stock\.position"),
    ("reorder point", r"\breorder point|再?订货点", "", r"reorder_point"),
    ("safety stock", r"\bsafety stock|安全库存", r"(?:of |as )?safety stock", r"safety_stock"),
    (
        "lead time",
        r"\blead time|交货期|交期|补货(?:需要|要)|\bnew stock takes",
        r"lead time|交货期",
        r".*lead_time",
    ),
    ("service level", r"\bservice(?: level)?|服务水平", r"service", r".*service_level"),
    (
        "cost",
        r"\bcosts?|\bcosting|\bcomes to|金额|成本|费用|花费",
        "",
        r".*cost.*",
    ),
    ("limit", r"\blimit|限额|上限", r"limit|的?(?:审批)?限额", r".*limit"),
    (
        "cover",
        r"\blasts?|\blast for|\bcovers?|够卖|可卖|还能卖|还能用|可用",
        r"of (?:cover|stock|sales)",
        r".*cover.*|covered_days|order\.covers",
    ),
    (
        "expected sales",
        r"\bsell|\bforecast(?: is| of)|\bexpect(?:ed)?(?: sales of)?|预计(?:将?售出|销售|卖出|销量)|将售出",
        "",
        r"forecast\.(?:total|daily)|expected_.*|lead_time_demand",
    ),
    (
        "chance of a stockout",
        r"\b(?:chance|risk|probability)(?: of (?:a |running |selling )?\w+)?|缺货的?(?:概率|风险)",
        r"(?:chance|risk|probability)",
        r".*stockout.*|.*chance.*|.*cycle_service|fill_rate",
    ),
    (
        "new value",
        r"\b(?:go|goes|rises?|falls?|up|down|grows?|climbs?|drops?|increases?|decreases?)\s+to|升至|降至|增至|增加到|减少到|变为|达到",
        "",
        r"changed\..*",
    ),
)
"""Name, pattern of the term before a figure, pattern after it, pattern of the facts' keys that it means."""

_FILLER = (
    r"(?:[\s:：(（为是约按共有]|\b(?:is|was|are|were|of|at|to|for|a|an|the|about|around|roughly|approximately|only|just|another|"
    r"nearly|almost|stands|amounts|would be|will be)\b|(?i:gbp|usd|eur|cny)|[£$€¥])*"
)
_UNIT = r"\s*-?(?:units?|pieces?|pcs|days?|件|天|%|％)?\s*"
_BEFORE = tuple(re.compile(rf"(?:{before})(?P<gap>{_FILLER})$", re.IGNORECASE) for _, before, _, _ in _ROLES)
_AFTER = tuple(re.compile(rf"{_UNIT}(?:{after})(?![A-Za-z])", re.IGNORECASE) if after else None for _, _, after, _ in _ROLES)
_KEYS = tuple(re.compile(keys) for *_, keys in _ROLES)
_IN_A_SUM = re.compile(r"\s?[-+x*/]\s")
_REACH = 60
"""A term stands at most this many characters before its figure."""


def roles_of(reading: Reading) -> Iterator[tuple[int, Figure]]:
    """Yield (index of the term, figure) for each figure that stands right beside a term; the term before it goes first."""
    for figure in reading.figures:
        left, right = reading.text[max(0, figure.start - _REACH) : figure.start], reading.text[figure.end : figure.end + _REACH]
        if _IN_A_SUM.match(right):
            continue
        after = [role for role, pattern in enumerate(_AFTER) if pattern is not None and pattern.match(right)]
        before = [] if after else [role for role, pattern in enumerate(_BEFORE) if pattern.search(left)]
        for role in after or before:
            yield role, figure


def misplaced(reading: Reading, ground: Ground, told: Iterable[Reading]) -> Iterator[str]:
    """Yield a problem for each figure beside a term that, by the facts, has other figures.

    Args:
        reading: The text to check.
        ground: What it may rest on.
        told: The facts' own sentences and the question.
    """
    said = list(roles_of(reading))
    if not said:
        return
    known: dict[int, list[Figure]] = {}
    for sentence in told:
        for role, figure in roles_of(sentence):
            known.setdefault(role, []).append(figure)
    for role, figure in said:
        right = [*known.get(role, ()), *_meant(role, ground.facts)]
        comparable = [other for other in right if not figure.unit or not other.unit or figure.unit == other.unit]
        if comparable and not any(agrees(figure, other) for other in comparable):
            yield f"{figure.text!r} is said of the {_ROLES[role][0]}, which is another number."


def _meant(role: int, facts: Iterable[Fact]) -> list[Figure]:
    return [figure for fact in facts if _KEYS[role].fullmatch(fact.what) for figure in values_of(fact)]

"""For whom an explanation is asked, and how long: one line, the arithmetic, for finance, in full. Writes no explanation."""

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

import prompts
from parstock.domain import Language
from parstock.results import Fact

Audience: TypeAlias = Literal["", "line", "arithmetic", "finance", "detail"]
"""One sentence, every figure with its derivation, money first, or nothing left out; "" = the usual short answer."""

MOST_IN_A_LINE = 3
"""More required sentences than these are a list, of which one line tells the first."""

_NEVER_LEFT_OUT = ("approval_limit", "proposal.id")
"""Facts that say that a person has to agree."""

_FINANCE = (
    r"(?:the |our |my )?(?:finance|financial|accounting|accounts|accountants?|cfo|controllers?|treasury|bookkeep\w+)"
    r"(?: (?:controllers?|teams?|departments?|directors?|people|colleagues?|managers?|view|perspective))?"
)
_ASKS: tuple[tuple[Audience, str], ...] = (
    (
        "line",
        r"\b(?:in|as|just|only|give me|make it)? ?(?:one|a single|1)[ -](?:line|liner|sentence)\b|\b(?:just|only) the "
        r"(?:number|figure|quantity|answer|result|bottom line|headline)s?\b|\b(?:keep it|be|make it) (?:short|brief)\b|\btl;?dr\b"
        r"|\b(?:short|brief) (?:answer|version)\b"
        r"|一句话|一行(?:字|话)?|只(?:要|说|给|看)(?:我)?(?:个|一个)?(?:数字?|结果|结论|答案)"
        r"|长话短说|简短(?:点|些|回答)?",
    ),
    (
        "arithmetic",
        r"\b(?:the |all the |all |your |full |complete |whole |detailed )*"
        r"(?:arithmetic|calculations?|workings?|derivations?|maths?)\b"
        r"|\bstep by step\b|\bhow (?:did|do) you (?:calculate|compute|work|get|arrive)\b[^,.;?]*"
        r"|\bhow (?:is|was) (?:it|that|this) calculated\b"
        r"|(?:完整的?|详细的?)?(?:计算过程|演算|推导|算式|算法步骤)|怎么算(?:出来)?的?|逐步(?:计算|列出)|一步一步",
    ),
    (
        "finance",
        rf"\b(?:for|to) {_FINANCE}(?=\s*(?:$|[,.;:!?]|please\b))"
        r"|\b(?:from|in) (?:a |the )?(?:finance|financial|money|accounting) "
        r"(?:view|point of view|perspective|terms|angle)\b"
        r"|(?:给|向|对|跟)?(?:我们)?财务(?:部门?|总监|经理|主管|同事|人员|那边)?"
        r"(?:看|听|解释|说明|汇报|的?角度|视角|口径|版)"
        r"|(?:从|按)财务(?:的?角度|口径)?",
    ),
    (
        "detail",
        r"\b(?:full|all (?:the )?details?|in (?:full )?detail|detailed|everything|every line)\b"
        r"|详细|完整|全部(?!仓|商品|品类|货)|所有(?!的?(?:仓|商品|品类|货|产品|供应商))|明细",
    ),
)
_PATTERNS = tuple((audience, re.compile(pattern, re.IGNORECASE)) for audience, pattern in _ASKS)
_CLAUSES = re.compile(r"(?<=[?!;,。？！；，])(?=.*\w)")
"""Where one clause ends and another begins."""
_REST = re.compile(
    r"\b(?:now|and|then|ok(?:ay)?|so|please|pls|again|the same|same|thing|that|this|it|explain|show|give|tell|say|put|write|"
    r"rephrase|repeat|summari[sz]e|list|break|down|me|us|out|up|in|as|for|of|with|the|a|can|could|would|you|i|need|want|like|just|only|"
    r"version|answer|more|all)\b"
    r"|现在|那|再|请|麻烦|把|将|帮我|你|您|给我|我|解释|说明|说|讲|列出来|列出|列|写|换成|改成|改|总结|概括|展示|出来|一下|一遍|来|用|成|它|这个|这|"
    r"上面|刚才|同样|的|吧|呢|吗|看|要|下|版|个|能|可以",
    re.IGNORECASE,
)


def audience_of(text: str) -> Audience:
    """Return for whom `text` asks to explain.

    >>> audience_of("Reorder the mug? One line please."), audience_of("把计算过程列出来"), audience_of("Reorder the mug?")
    ('line', 'arithmetic', '')
    """
    return next((audience for audience, pattern in _PATTERNS if pattern.search(text)), "")


def is_alone(text: str) -> bool:
    """Whether `text` asks for nothing but another way to explain what was said before.

    >>> is_alone("now for finance"), is_alone("一句话说一下"), is_alone("stock of the mug in one line")
    (True, True, False)
    """
    if not audience_of(text):
        return False
    rest = text
    for _, pattern in _PATTERNS:
        rest = pattern.sub(" ", rest)
    return not re.search(r"\w", _REST.sub(" ", rest))


def request_of(text: str) -> str:
    """Return what is asked for, without a last clause that says only how to explain it: that is no matter of tools.

    >>> request_of("Should we reorder the mug? One line please."), request_of("这个要补多少货？一句话"), request_of("for finance")
    ('Should we reorder the mug?', '这个要补多少货？', 'for finance')
    """
    *before, last = _CLAUSES.split(text.strip())
    return "".join(before).rstrip(" ,，;；") if before and is_alone(last) else text


def rules(text: str, lang: Language) -> str:
    """Return how a model is to write its answer to `text`: the rules of every answer, then those of the audience."""
    audience = audience_of(text)
    usual = prompts.load(f"explain.{lang}")
    return f"{usual}\n{prompts.load(f'explain-{audience}.{lang}')}" if audience else usual


def needed(facts: Sequence[Fact], audience: Audience) -> tuple[Fact, ...]:
    """Return the facts that an answer must not leave out: of a long list one line needs only what leads it."""
    required = tuple(fact for fact in facts if fact.required)
    if audience != "line":
        return required
    results: dict[str, list[Fact]] = {}
    for fact in required:
        results.setdefault(fact.id.rpartition(".")[0], []).append(fact)
    return tuple(
        fact
        for own in results.values()
        for position, fact in enumerate(own)
        if not position or fact.what in _NEVER_LEFT_OUT or is_on_the_data(fact) or _is_short(own)
    )


def _is_short(required: Sequence[Fact]) -> bool:
    return sum(not is_on_the_data(fact) for fact in required) <= MOST_IN_A_LINE


def is_on_the_data(fact: Fact) -> bool:
    """Whether a fact says how far the data can be relied on, which is told however short the answer is."""
    return fact.what.startswith("data.")

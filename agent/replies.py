"""What the agent says when no tool answers: questions back, declines, small talk. English and Chinese."""

import re
from collections.abc import Mapping

from parstock.domain import Json, Language

ASK_USER, DECLINE = "ask_user", "decline"

PSEUDO_TOOLS: tuple[Mapping[str, Json], ...] = (
    {
        "type": "function",
        "function": {
            "name": ASK_USER,
            "description": "Ask the planner for something that a tool requires and that the conversation does not say.",
            "parameters": {
                "type": "object",
                "properties": {
                    "missing": {
                        "type": "string",
                        "description": "name of the missing argument, such as 'item'; '' where the request as a whole is unclear",
                    },
                    "tool": {"type": "string", "description": "the tool that needs it, where it is clear"},
                },
                "required": ["missing"],
                "additionalProperties": False,
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": DECLINE,
            "description": "Decline what is not about running the shop's inventory, would do harm, or goes around an approval.",
            "parameters": {
                "type": "object",
                "properties": {
                    "reason": {"type": "string", "description": "why", "enum": ["out_of_scope", "unsafe", "needs_approval"]}
                },
                "required": ["reason"],
                "additionalProperties": False,
            },
        },
    },
)
"""Offered to every chat model beside the real tools; the agent answers them itself."""

_QUESTIONS: dict[str, dict[Language, str]] = {
    "": {
        "en": "I am not sure what you need. Which product is it about, and what would you like to know or do?",
        "zh": "我还不确定您的需求。请问是哪个商品，想了解或处理什么？",
    },
    "item": {"en": "Which product do you mean? A name or an item code will do.", "zh": "请问是哪个商品？给名称或编码都可以。"},
    "quantity": {"en": "How many units?", "zh": "请问数量是多少？"},
    "warehouse": {"en": "Which warehouse do you mean?", "zh": "请问是哪个仓库？"},
    "from_warehouse": {"en": "Which warehouse should it leave from?", "zh": "请问从哪个仓库调出？"},
    "to_warehouse": {"en": "Which warehouse should it go to?", "zh": "请问调往哪个仓库？"},
    "supplier": {"en": "Which supplier do you mean?", "zh": "请问是哪家供应商？"},
    "order_id": {"en": "Which order do you mean? Please give its number.", "zh": "请问是哪张订单？请给出订单号。"},
    "category": {"en": "Which product category do you mean?", "zh": "请问是哪个品类？"},
    "query": {"en": "What should I look for?", "zh": "请问要查找什么内容？"},
    "text": {"en": "What should the note say?", "zh": "请问备注的内容是什么？"},
    "date": {"en": "For which day?", "zh": "请问是哪一天？"},
    "period": {"en": "For which period?", "zh": "请问是哪个时间段？"},
    "budget": {"en": "How large is the budget?", "zh": "请问预算是多少？"},
    "horizon_days": {"en": "How far ahead should I look?", "zh": "请问要看多长的时间？"},
    "service_level": {"en": "Which service level should it reach?", "zh": "请问目标服务水平是多少？"},
    "demand_change_pct": {"en": "By how much should demand change?", "zh": "请问需求变化多少？"},
    "lead_time_days": {"en": "Which lead time should I assume?", "zh": "请问假设交期是多少天？"},
}
_DECLINES: dict[str, dict[Language, str]] = {
    "out_of_scope": {
        "en": "That is outside what I can help with. I look after the shop's inventory: stock, forecasts, orders, transfers, "
        "markdowns, alerts and policies.",
        "zh": "这超出了我能帮忙的范围。我负责店铺的库存工作：库存、预测、订货、调拨、降价、预警和制度查询。",
    },
    "nothing_recorded": {
        "en": "No items are recorded yet, so I have nothing to answer from. Whoever runs Parstock can import items and sales "
        "(`parstock import`) or make a demonstration shop (`parstock demo`).",
        "zh": "系统里还没有商品，我无从回答。请 Parstock 的管理员导入商品和销售数据（`parstock import`），"
        "或建立演示店铺（`parstock demo`）。",
    },
    "unsafe": {"en": "I can't help with that.", "zh": "这件事我不能帮忙。"},
    "not_allowed": {
        "en": "Your API key lets me look and compute, but not write drafts or notes. "
        "Ask whoever runs Parstock for a key with the scope “propose”.",
        "zh": "您的 API 密钥只能查询和计算，不能起草单据或写备注。请向 Parstock 的管理员申请带有“propose”权限的密钥。",
    },
    "may_not_confirm": {
        "en": "Your API key lets me propose that, but not confirm it: it still waits. Ask somebody whose key has the scope "
        "“approve”, or say “no” to drop it.",
        "zh": "您的 API 密钥可以提出，但不能确认，该事件仍在等待。请让密钥带有“approve”权限的同事确认，或回复“不要”作废。",
    },
    "needs_approval": {
        "en": "I can't do that myself: I only draft orders, transfers and markdowns, and a person has to approve them.",
        "zh": "这一步我不能代办：我只能起草采购单、调拨单和降价方案，需要有权限的人批准。",
    },
}
_CAPABILITY: dict[Language, str] = {
    "en": "I help plan the shop's inventory. Ask me about stock and inbound orders, sales history, demand forecasts, what to "
    "reorder and why, what-if scenarios, transfers and allocation between warehouses, markdowns, alerts, key figures, product "
    "segments, supplier risk, delivery routes, and your policies and notes. I can draft purchase orders and transfers for a "
    "person to approve.",
    "zh": "我帮您做店铺的库存计划。您可以问我库存和在途订单、销售历史、需求预测、该补多少货以及原因、情景模拟、"
    "仓库间的调拨和分配、降价、预警、关键指标、商品分组、供应商风险、配送路线，以及制度和备注。我还可以起草采购单和调拨单，由人来批准。",
}
_THANKS: dict[Language, str] = {"en": "You're welcome. Anything else on the stock?", "zh": "不客气，库存方面还有需要随时说。"}
_GREETING: dict[Language, str] = {
    "en": "Hello! Ask me about stock, forecasts, orders or policies.",
    "zh": "您好！库存、预测、订货或制度方面的问题都可以问我。",
}
_GOODBYE: dict[Language, str] = {"en": "Goodbye, and good selling.", "zh": "再见，祝生意兴隆。"}
_SMALL_TALK: tuple[tuple[re.Pattern[str], dict[Language, str]], ...] = (
    (
        re.compile(
            r"what (?:can|do) you|who are you|how do you work|\bhelp\b|能做|能干|会做|会什么|你是谁|怎么用|帮我什么", re.I
        ),
        _CAPABILITY,
    ),
    (re.compile(r"\b(?:thanks?|thank you|thx|cheers|ta|appreciate\w*)\b|谢|辛苦", re.I), _THANKS),
    (re.compile(r"\b(?:good ?bye|bye|see you|good night|that'?s all)\b|再见|拜拜|晚安|下班", re.I), _GOODBYE),
    (
        re.compile(r"\b(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening))\b|你好|您好|早上好|下午好|嗨|在吗", re.I),
        _GREETING,
    ),
)
_FAILED: dict[Language, str] = {"en": "{0} could not be worked out: {1}.", "zh": "“{0}”没有算出来：{1}。"}


def question(missing: str, lang: Language) -> str:
    """Return the question that asks for an argument; a general one where there is none for it."""
    return _QUESTIONS.get(missing.strip().lower(), _QUESTIONS[""])[lang]


def decline(reason: str, lang: Language) -> str:
    """Return the text that declines for `reason`; any reason not known counts as out of scope."""
    return _DECLINES.get(reason, _DECLINES["out_of_scope"])[lang]


def small_talk(text: str, lang: Language) -> str:
    """Return a reply to thanks, greetings, goodbyes and "what can you do"; the last where it is none of these."""
    return next((reply[lang] for pattern, reply in _SMALL_TALK if pattern.search(text)), _CAPABILITY[lang])


def is_small_talk(text: str) -> bool:
    """Whether `text` thanks, greets, says goodbye or asks what the agent can do."""
    return any(pattern.search(text) for pattern, _ in _SMALL_TALK)


def failed(title: str, why: str, lang: Language) -> str:
    """Say that a tool could not do its work."""
    return _FAILED[lang].format(title, why.rstrip(".。"))

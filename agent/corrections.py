"""What the agent says where it cannot use a planner's words: which is meant, what is not known, what would be right."""

from collections.abc import Sequence

from parstock.domain import Language
from parstock.errors import InputError, Reason

_KINDS: dict[str, dict[Language, str]] = {
    "item": {"en": "product", "zh": "商品"},
    "warehouse": {"en": "warehouse", "zh": "仓库"},
    "from_warehouse": {"en": "warehouse", "zh": "仓库"},
    "to_warehouse": {"en": "warehouse", "zh": "仓库"},
    "supplier": {"en": "supplier", "zh": "供应商"},
    "category": {"en": "category", "zh": "品类"},
    "horizon_days": {"en": "number of days", "zh": "期限天数"},
    "lead_time_days": {"en": "lead time in days", "zh": "交期天数"},
    "service_level": {"en": "service level", "zh": "服务水平"},
    "quantity": {"en": "quantity", "zh": "数量"},
    "limit": {"en": "number of results", "zh": "条数"},
    "budget": {"en": "budget", "zh": "预算"},
    "demand_change_pct": {"en": "change of demand in percent", "zh": "需求变化百分比"},
}
_WHICH: dict[Language, str] = {"en": "Which {0} do you mean by “{1}”: {2}?", "zh": "“{1}”指的是哪个{0}：{2}？"}
_UNKNOWN_ALIKE: dict[Language, str] = {
    "en": "I know no {0} called “{1}”. Do you mean {2}?",
    "zh": "没有叫“{1}”的{0}，您指的是{2}吗？",
}
_REFUSED: dict[Language, str] = {
    "en": "I cannot use “{0}”, please say it another way: {1}.",
    "zh": "“{0}”无法使用，请换一种说法。",
}
_COMMON: dict[Reason, dict[Language, str]] = {
    "unknown_name": {"en": "I know no {kind} called “{said}”.{hint}", "zh": "没有叫“{said}”的{kind}。{hint}"},
    "bad_date": {
        "en": "I cannot read “{said}” as a date. Say for example “1 March”, “last month” or “past 6 weeks”.",
        "zh": "看不懂日期“{said}”。可以说“3月1日”“上个月”或“最近6周”。",
    },
    "not_past": {
        "en": "Sales are known up to yesterday, so they cannot begin with “{said}”.",
        "zh": "销量只记录到昨天，起始日期不能是“{said}”。",
    },
    "wrong_order": {"en": "The end, “{said}”, is before the start.", "zh": "结束日期“{said}”早于开始日期。"},
    "out_of_bounds": {"en": "The {kind} cannot be {said}: it must be {bounds}.", "zh": "{kind}不能是{said}，应{bounds}。"},
}
_SEARCH: dict[Language, str] = {
    "en": " Try its code or another name, or let me search by a word, a category or a supplier.",
    "zh": "请换编码或别的名称，也可以让我按关键词、品类或供应商查找。",
}
_OTHER_NAME: dict[Language, str] = {"en": " Please try another name.", "zh": "请换个名称。"}
_BOUNDS: dict[str, dict[Language, str]] = {
    "minimum": {"en": "at least {0}", "zh": "不小于{0}"},
    "exclusiveMinimum": {"en": "above {0}", "zh": "大于{0}"},
    "maximum": {"en": "at most {0}", "zh": "不大于{0}"},
    "exclusiveMaximum": {"en": "below {0}", "zh": "小于{0}"},
}


def choose(said: str, argument: str, choices: Sequence[str], lang: Language, *, unknown: bool = False) -> str:
    """Return the one question that names what could be meant by the words that the planner gave for an argument.

    Args:
        said: The words.
        argument: Name of the argument.
        choices: What could be meant, best first.
        lang: Language of the question.
        unknown: Whether nothing is called like that, so that the choices are only alike.
    """
    *first, last = choices
    listed = ("、" if lang == "zh" else ", ").join(first)
    joined = {"en": f"{listed} or {last}", "zh": f"{listed}，还是{last}"}[lang] if first else last
    if unknown and lang == "zh":
        joined = "、".join(choices)
    return (_UNKNOWN_ALIKE if unknown else _WHICH)[lang].format(_kind(argument, lang), said, joined)


def refused(said: str, argument: str, error: InputError | str, lang: Language) -> str:
    """Say that something the planner said was not accepted, and what would be."""
    if isinstance(error, str) or error.reason not in _COMMON:
        return _REFUSED[lang].format(said, str(error).rstrip(".。"))
    hint = _SEARCH if argument == "item" else _OTHER_NAME
    bounds = (", " if lang == "en" else "、").join(_BOUNDS[bound][lang].format(f"{v:g}") for bound, v in error.bounds.items())
    return _COMMON[error.reason][lang].format(kind=_kind(argument, lang), said=said, hint=hint[lang], bounds=bounds)


def _kind(argument: str, lang: Language) -> str:
    return _KINDS.get(argument, {"en": argument.replace("_", " "), "zh": "数值"})[lang]

"""The deterministic explanation: facts' own sentences, put in a good order. Makes no sentence about the shop itself."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from agent.language import han_share
from parstock.domain import Fact, Language, ToolResult

MOST_WORDS = 160
"""Facts that are not required are left out beyond this many words, unless full detail is asked for."""
LIST_FROM = 3
"""So many facts of one kind in a row, or more, become a list."""

_DETAIL = re.compile(
    r"\b(?:full|all (?:the )?details?|in detail|detailed|everything|every line)\b|详细|完整|全部|所有|明细", re.IGNORECASE
)
_LIMIT = re.compile(r"limit|binding|budget|min_order|pack|approval|hold|max_days|clause|constraint|shelf_life")
_BACKGROUND = re.compile(r"^(?:item\.(?:name|sku)|as_of|warehouse|citation)$")
_LABEL = "data.label"

TITLES: dict[str, dict[Language, str]] = {
    "find_items": {"en": "Items", "zh": "商品"},
    "get_stock": {"en": "Stock", "zh": "库存"},
    "get_sales_history": {"en": "Sales history", "zh": "销售历史"},
    "forecast_demand": {"en": "Forecast", "zh": "需求预测"},
    "compare_forecast_models": {"en": "Forecast models", "zh": "预测模型比较"},
    "recommend_replenishment": {"en": "Replenishment", "zh": "补货建议"},
    "simulate_scenario": {"en": "Scenario", "zh": "情景模拟"},
    "allocate_stock": {"en": "Allocation", "zh": "库存分配"},
    "recommend_transfers": {"en": "Transfers", "zh": "调拨建议"},
    "recommend_markdown": {"en": "Markdown", "zh": "降价建议"},
    "list_alerts": {"en": "Alerts", "zh": "预警"},
    "get_kpis": {"en": "Key figures", "zh": "关键指标"},
    "segment_items": {"en": "Segments", "zh": "商品分组"},
    "search_policies": {"en": "Policies", "zh": "制度"},
    "search_notes": {"en": "Notes", "zh": "备注"},
    "record_note": {"en": "Note", "zh": "备注"},
    "propose_purchase_order": {"en": "Draft purchase order", "zh": "采购单草稿"},
    "propose_transfer": {"en": "Draft transfer", "zh": "调拨单草稿"},
    "plan_delivery_routes": {"en": "Delivery routes", "zh": "配送路线"},
    "assess_risk": {"en": "Risk", "zh": "风险"},
}
_SOURCES: dict[Language, str] = {"en": "Sources: ", "zh": "依据："}
_NOTHING: dict[Language, str] = {"en": "Nothing was found.", "zh": "没有找到相关内容。"}
_MORE: dict[Language, str] = {"en": "Ask for full detail to see the rest.", "zh": "如需其余内容，请说“详细”。"}


def explain(results: Sequence[ToolResult], lang: Language, question: str = "") -> str:
    """Join the facts of some results to an answer.

    The decision comes first, then why, what limits it, the defaults that were used, and the label of simulated
    data. Required facts are always told; of the others as many as fit.

    Args:
        results: In the order in which the planner asked for them.
        lang: Language of the answer.
        question: What the planner wrote; words such as "full detail" lift the limit on length.

    Returns:
        The text; empty when there are no results.
    """
    budget = None if _DETAIL.search(question) else MOST_WORDS // max(1, len(results))
    told: set[str] = set()
    parts: list[str] = []
    shortened = False
    for result in results:
        facts = [fact for fact in _ordered(result.facts) if sentence_of(fact, lang) and sentence_of(fact, lang) not in told]
        kept = _within(facts, lang, budget)
        told.update(sentence_of(fact, lang) for fact in kept)
        shortened |= any(fact not in kept for fact in facts if not _BACKGROUND.match(fact.what))
        body = _paragraphs(kept, result, lang) if kept else _NOTHING[lang]
        heading = f"{TITLES.get(result.tool, {}).get(lang, result.tool)}\n" if len(results) > 1 else ""
        parts.append(heading + body)
    if shortened:
        parts.append(_MORE[lang])
    return "\n\n".join(parts)


def sentence_of(fact: Fact, lang: Language) -> str:
    """Return the sentence of a fact in `lang`, in the other language where there is none."""
    own, other = (fact.zh, fact.en) if lang == "zh" else (fact.en, fact.zh)
    return own or other


def _ordered(facts: Sequence[Fact]) -> list[Fact]:
    """The tool's own order where it leads with what is required, else the required facts moved to the front."""
    leads = bool(facts) and facts[0].required
    return sorted(facts, key=lambda fact: _place(fact, leads))


def _place(fact: Fact, tool_leads: bool) -> int:
    """Decision 0, why 1, what limits it 2, background 3, defaults 4, label 5."""
    if fact.what == _LABEL:
        return 5
    if fact.what.startswith("default"):
        return 4
    if _BACKGROUND.match(fact.what):
        return 3
    if tool_leads:
        return 1
    return 0 if fact.required else 2 if _LIMIT.search(fact.what) else 1


def _within(facts: Sequence[Fact], lang: Language, budget: int | None) -> list[Fact]:
    """Required facts, and of the others those that fit into `budget` words: limits first, then defaults, then the rest."""
    if budget is None:
        return list(facts)
    left = budget - sum(_words(sentence_of(fact, lang)) for fact in facts if fact.required)
    kept = {fact.id for fact in facts if fact.required or fact.what == _LABEL}
    optional = [fact for fact in facts if fact.id not in kept and not _BACKGROUND.match(fact.what)]
    for fact in sorted(optional, key=_urgency):
        left -= _words(sentence_of(fact, lang))
        if left < 0:
            break
        kept.add(fact.id)
    return [fact for fact in facts if fact.id in kept]


def _urgency(fact: Fact) -> int:
    return 0 if _LIMIT.search(fact.what) else 1 if fact.what.startswith("default") else 2


def _words(sentence: str) -> int:
    """Length in words; a Chinese word has about two characters."""
    if han_share(sentence) > 0.3:
        return len(re.findall(r"[\u4e00-\u9fff]", sentence)) // 2 + len(re.findall(r"[A-Za-z0-9]+", sentence))
    return len(sentence.split())


def _paragraphs(facts: Sequence[Fact], result: ToolResult, lang: Language) -> str:
    citable = {citation.id for citation in result.citations}
    blocks: list[str] = []
    for kind, group in groupby(facts, key=lambda fact: fact.what):
        run = [_cited(fact, lang, citable) for fact in group]
        if len(run) >= LIST_FROM and kind:
            blocks.append("\n" + "\n".join(f"- {sentence}" for sentence in run) + "\n")
        else:
            blocks.extend(run)
    text = _joined(blocks, lang)
    if unnamed := [cited for cited in dict.fromkeys(c.id for c in result.citations) if f"[{cited}]" not in text]:
        text += f"\n{_SOURCES[lang]}{' '.join(f'[{cited}]' for cited in unnamed)}"
    return text


def _cited(fact: Fact, lang: Language, citable: Iterable[str]) -> str:
    sentence = sentence_of(fact, lang)
    return f"{sentence} [{fact.source}]" if fact.source in citable and fact.source not in sentence else sentence


def _joined(blocks: Iterable[str], lang: Language) -> str:
    gap = "" if lang == "zh" else " "
    text = ""
    for block in blocks:
        needs_gap = text and not text.endswith("\n") and not block.startswith("\n")
        text += (gap if needs_gap else "") + block
    return text.strip("\n")

"""The deterministic explanation: facts' own sentences, put in a good order. Makes no sentence about the shop itself."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from agent.audience import Audience, audience_of, is_on_the_data, needed
from agent.language import han_share
from agent.worked import arithmetic
from parstock.domain import Language
from parstock.results import Fact, ToolResult

MOST_WORDS = 95
"""Facts that are not required are left out beyond this many words, unless full detail is asked for."""
MOST_WORDS_OF = {"get_stock": 65}
"""The same for tools whose answers are looked at in passing."""
LIST_FROM = 3
"""So many sentences of one kind in a row, or more, become a list; of quotations two, after a colon any."""

_LIMIT = re.compile(r"limit|binding|budget|min_order|pack|approval|hold|max_days|clause|constraint|shelf_life")
_CURRENCY = re.compile(r"[A-Z]{3}")
_MONEY_ORDER = tuple(
    re.compile(keys)
    for keys in (
        r"^(?:changed\.)?quantity$|^cost$|total_cost|plan\.|order\.",
        r"tied_up",
        r"margin|gain|saved",
        r"holding",
        r"budget|conflict",
        r"approval",
    )
)
"""Keys of facts in the order in which finance wants to hear of them: what is spent, tied up, saved, kept up, allowed."""
_ANNOUNCES = re.compile(r"(?:; [^;:\d]*|[，。][^，。：\d]*)?[:：]$")
_PLAIN_START = re.compile(r"(?:It|That|The|At|There|With|On|By|If|In|An?|Of|This|Placed|Sent|Kept|No|All|Another|What)\b")
_LABEL, _PASSAGE = "data.label", ".passage"

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


@dataclass(frozen=True, slots=True)
class _Line:
    """One sentence, told for one fact or for several."""

    what: str
    text: str
    source: str
    required: bool
    detail: bool
    money: bool


def explain(results: Sequence[ToolResult], lang: Language, question: str = "") -> str:
    """Join the facts of some results to an answer.

    The decision comes first, then why, then what limits it; the defaults that were used and the label of simulated
    data are the last line. Required facts are always told, details only on request, of the others as many as fit.

    Args:
        results: In the order in which the planner asked for them.
        lang: Language of the answer.
        question: What the planner wrote; it may ask for one line, for the arithmetic, for finance or for full detail.

    Returns:
        The text; empty when there are no results.
    """
    audience = audience_of(question)
    if audience == "line":
        return _in_a_line(results, lang)
    told: set[str] = set()
    parts: list[str] = []
    footer: list[_Line] = []
    shortened = False
    for result in results:
        lines = [line for line in _lines(result.facts, lang) if line.text not in told and _is_for(line, audience)]
        most = MOST_WORDS_OF.get(result.tool, MOST_WORDS) // len(results)
        kept = _money_first(_within(lines, most), lines) if audience == "finance" else lines
        kept = _within(lines, most) if not audience else kept
        told.update(line.text for line in kept)
        shortened |= len(lines) - len(kept) >= LIST_FROM
        footer += [line for line in kept if _in_footer(line)]
        body = [line for line in kept if not _in_footer(line)]
        text = _body(body, result, lang, audience) if body else _NOTHING[lang]
        heading = f"{TITLES.get(result.tool, {}).get(lang, result.tool)}\n" if len(results) > 1 else ""
        parts.append(heading + text)
    if shortened:
        parts.append(_MORE[lang])
    last = _joined([line.text for line in sorted(footer, key=lambda line: line.what == _LABEL)], lang)
    return "\n\n".join(parts) + (f"\n\n{last}" if last else "")


def _is_for(line: "_Line", audience: Audience) -> bool:
    """Whether a sentence is told to an audience at all; details are told in full answers, those on money also to finance."""
    return line.required or not line.detail or audience in ("detail", "arithmetic") or (audience == "finance" and line.money)


def _money_first(kept: Sequence["_Line"], lines: Sequence["_Line"]) -> list["_Line"]:
    """The answer, then what is told on money, then the rest; a list stays with what announces it."""
    if any(line.text.endswith((":", "：")) for line in kept):
        return list(kept)
    costs = sorted((line for line in lines if line.money), key=lambda line: _rank_of_money(line.what))
    return list(dict.fromkeys([*kept[:1], *costs, *kept]))


def _rank_of_money(what: str) -> int:
    return next((rank for rank, pattern in enumerate(_MONEY_ORDER) if pattern.search(what)), len(_MONEY_ORDER))


def _body(body: Sequence["_Line"], result: ToolResult, lang: Language, audience: Audience) -> str:
    if audience != "arithmetic":
        return _paragraphs(body, result, lang)
    lead, *rest = body
    citable = {citation.id for citation in result.citations}
    sums = arithmetic(result, lang)
    told = [line for line in rest if line.required or (not sums and _is_worked(line))]
    return "\n".join([_cited(lead, citable), *(f"- {line}" for line in (*sums, *(_cited(line, citable) for line in told)))])


def _is_worked(line: "_Line") -> bool:
    return any(character.isdigit() for character in line.text) and line.what not in ("citation", "item.sku")


def _in_a_line(results: Sequence[ToolResult], lang: Language) -> str:
    """One sentence for each result: what is required of it, of a long list what leads it; then how good the data is."""
    told: list[str] = []
    footer: dict[str, None] = {}
    for result in results:
        required = needed(result.facts, "line")
        footer.update(dict.fromkeys(sentence_of(fact, lang) for fact in required if is_on_the_data(fact)))
        texts = list(dict.fromkeys(sentence_of(fact, lang) for fact in required if not is_on_the_data(fact)))
        first = next((sentence_of(fact, lang) for fact in result.facts if not is_on_the_data(fact)), _NOTHING[lang])
        told.append(_one_sentence(texts or [first], lang))
    return _joined([*told, *footer], lang) if len(results) == 1 else "\n".join([*told, *footer])


def _one_sentence(texts: Sequence[str], lang: Language) -> str:
    """Join sentences to one; what only announces a list is left out."""
    clauses = [_ANNOUNCES.sub("", text).rstrip(" .。:：") for text in texts]
    clauses = clauses[:1] + [clause[0].lower() + clause[1:] if _PLAIN_START.match(clause) else clause for clause in clauses[1:]]
    return ("; " if lang == "en" else "；").join(clauses) + ("." if lang == "en" else "。")


def sentence_of(fact: Fact, lang: Language) -> str:
    """Return the sentence of a fact in `lang`, in the other language where there is none."""
    own, other = (fact.zh, fact.en) if lang == "zh" else (fact.en, fact.zh)
    return own or other


def _lines(facts: Sequence[Fact], lang: Language) -> list[_Line]:
    """Each sentence once, in the tool's own order where it leads with what is required, else what is required first."""
    sharing: dict[str, list[Fact]] = {}
    for fact in facts:
        if sentence_of(fact, lang):
            sharing.setdefault(sentence_of(fact, lang), []).append(fact)
    lines = [
        _Line(
            group[0].what,
            text,
            group[0].source,
            any(fact.required for fact in group),
            all(fact.detail for fact in group),
            any(_CURRENCY.fullmatch(fact.unit) for fact in group),
        )
        for text, group in sharing.items()
    ]
    if not lines or lines[0].required:
        return lines
    return sorted(lines, key=lambda line: 0 if line.required else 2 if _LIMIT.search(line.what) else 1)


def _in_footer(line: _Line) -> bool:
    return line.what == _LABEL or line.what.startswith("default")


def _within(lines: Sequence[_Line], budget: int) -> list[_Line]:
    """What is required, the defaults and the label, and of the rest what fits into `budget` words: limits first."""
    sure = [line.required or _in_footer(line) for line in lines]
    left = budget - sum(_words(line.text) for line, kept in zip(lines, sure, strict=True) if kept)
    optional = [index for index, kept in enumerate(sure) if not kept]
    for index in sorted(optional, key=lambda index: not _LIMIT.search(lines[index].what)):
        left -= _words(lines[index].text)
        if left < 0:
            break
        sure[index] = True
    return [line for line, kept in zip(lines, sure, strict=True) if kept]


def _words(sentence: str) -> int:
    """Length in words; a Chinese word has about two characters."""
    if han_share(sentence) > 0.3:
        return len(re.findall(r"[\u4e00-\u9fff]", sentence)) // 2 + len(re.findall(r"[A-Za-z0-9]+", sentence))
    return len(sentence.split())


def _paragraphs(lines: Sequence[_Line], result: ToolResult, lang: Language) -> str:
    citable = {citation.id for citation in result.citations}
    blocks: list[str] = []
    for what, group in groupby(lines, key=lambda line: line.what):
        run = [_cited(line, citable) for line in group]
        announced = bool(blocks) and blocks[-1].endswith((":", "："))
        if announced or len(run) >= (LIST_FROM if not what.endswith(_PASSAGE) else 2):
            blocks.append("\n" + "\n".join(f"- {sentence}" for sentence in run) + "\n")
        else:
            blocks.extend(run)
    text = _joined(blocks, lang)
    untold = {fact.source for fact in result.facts if fact.what.endswith(_PASSAGE)}
    cited_ids = dict.fromkeys(c.id for c in result.citations if c.id not in untold)
    if unnamed := [cited for cited in cited_ids if f"[{cited}]" not in text]:
        text += f"\n{_SOURCES[lang]}{' '.join(f'[{cited}]' for cited in unnamed)}"
    return text


def _cited(line: _Line, citable: Iterable[str]) -> str:
    return f"{line.text} [{line.source}]" if line.source in citable and f"[{line.source}]" not in line.text else line.text


def _joined(blocks: Iterable[str], lang: Language) -> str:
    text = ""
    for block in blocks:
        needs_gap = text and not text.endswith("\n") and not block.startswith("\n")
        gap = " " if lang == "en" or text.endswith("]") else ""
        text += (gap if needs_gap else "") + block
    return text.strip("\n")

"""The planners' notes of the simulated shop: templates in English and Chinese filled with what happened."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from inventory.demo.catalogue import WAREHOUSE_NAMES_ZH, WAREHOUSES
from inventory.demo.happenings import Happening, HappeningKind, Value
from parstock.domain import Language

_COUNTS: Mapping[HappeningKind, int] = {
    "overdue": 5,
    "under_way": 18,
    "late_receipt": 18,
    "excess": 18,
    "shortage": 18,
    "stockout": 20,
    "promotion": 18,
    "launch": 10,
    "supplier": 18,
    "nothing": 8,
}
"""Most notes of each kind; 151 in all."""
_AUTHORS: Mapping[Language, tuple[str, ...]] = {
    "en": ("Tom Barrett", "Aisha Khan", "Jonas Weber"),
    "zh": ("林梅", "周强"),
}
_ENGLISH: Mapping[HappeningKind, tuple[str, ...]] = {
    "overdue": (
        "{order} from {supplier} was due {due} and is {days} days late. {item} is on it. Chasing them today.",
        "Still no {order}. {supplier} promised it for {due}; that makes {days} days. No tracking number either.",
    ),
    "under_way": (
        "{order} placed with {supplier}, {units} x {item} among it, expected {due} at {warehouse}.",
        "Booked {order} ({supplier}). Goods-in at {warehouse}: please keep a slot around {due} for {item}.",
        "{supplier} confirmed {order} for {due}. Nothing to do until then.",
    ),
    "late_receipt": (
        "{order} finally in, {days} days after the promised date. {supplier} blames the port.",
        "Received {order} from {supplier}: {days} days late, count was right, two cartons crushed.",
        "For the supplier review: {supplier} was {days} days late with {order}.",
    ),
    "excess": (
        "Way too much {item} at {warehouse}: {units} units, about {days} days at the current pace. Stop buying for now.",
        "{item}: {units} on the shelf in {warehouse} = {days} days of cover. Could we move some before the next PO?",
        "Walked the aisles at {warehouse}. {item} blocks a whole bay ({units} pcs).",
    ),
    "shortage": (
        "{item} looks thin at {warehouse}: {units} left, {days} days, and the supplier needs {lead}.",
        "Heads-up: {warehouse} has {units} {item}. With {lead} days of lead time that won't last.",
        "Customer service asks about {item}. {units} left at {warehouse}, I'd reorder now rather than on Monday.",
    ),
    "stockout": (
        "{item} was out at {warehouse} for {days} days from {first}. Sales in that gap are not real demand.",
        "Back in stock at {warehouse}: {item}. We lost {days} days of sales since {first}.",
        "Post-mortem {item} / {warehouse}: empty from {first} for {days} days, reorder came too late.",
    ),
    "promotion": (
        "Promo on {item} is over: {units} sold in {days} days from {first}. Don't take that as the new normal.",
        "{item} 20 % off from {first}, {days} days, {units} units all warehouses. Decent lift.",
        "Marketing happy with {item} ({units} in the {days} days from {first}). Would repeat in autumn.",
    ),
    "launch": (
        "{item} launched {first}, {units} sold in the first four weeks. Four-week review done.",
        "New since {first}: {item}. {units} units in 28 days, second buy to be decided with the category manager.",
    ),
    "supplier": (
        "{supplier} raises prices by {pct} % from {first}. Consider ordering a bit earlier.",
        "{supplier} closed from {first} to {last}, nothing ships in that time.",
        "Call with {supplier}: deliveries take {days} days longer until {last}.",
        "{supplier} wants at least {units} pieces a line from {first} on.",
        "{supplier} offers {pct} % off orders placed before {first}, paid in advance.",
    ),
    "nothing": (
        "Called {supplier}, nobody picked up. Trying again tomorrow.",
        "{supplier} sent their new catalogue. Nothing for us in it.",
        "Lunch with the rep of {supplier}, nice chat, no news.",
    ),
}
_CHINESE: Mapping[HappeningKind, tuple[str, ...]] = {
    "overdue": ("{supplier}的{order}原定{due}到货,已经晚了{days}天,里面有{item},今天继续催。",),
    "under_way": (
        "已向{supplier}下单{order},含{item} {units}件,预计{due}到{warehouse}。",
        "{supplier}确认{order}在{due}交货,{warehouse}请预留收货位。",
    ),
    "late_receipt": (
        "{order}终于到了,比约定晚{days}天,{supplier}说是港口拥堵。",
        "记一笔:{supplier}的{order}迟到{days}天,数量没问题。",
    ),
    "excess": (
        "{warehouse}的{item}压了{units}件,按现在的速度要卖{days}天,先别再订了。",
        "{item}在{warehouse}库存偏高({units}件,约{days}天),看看能不能调一些出去。",
    ),
    "shortage": (
        "{warehouse}的{item}只剩{units}件,够卖{days}天,交期要{lead}天,得赶紧补。",
        "提醒:{item}在{warehouse}快断货了,还有{units}件。",
    ),
    "stockout": (
        "{item}在{warehouse}从{first}起断货{days}天,这几天的销量不能当真实需求。",
        "{warehouse}的{item}已恢复有货,断了{days}天({first}开始)。",
    ),
    "promotion": (
        "{item}促销结束,{first}起{days}天共卖{units}件,不要当成常态。",
        "{item}从{first}打八折,{days}天卖了{units}件,效果不错。",
    ),
    "launch": ("新品{item}于{first}上架,头四周卖了{units}件,四周复盘已完成。",),
    "supplier": (
        "{supplier}通知:{first}起涨价{pct}%,可以考虑提前下单。",
        "{supplier}在{first}到{last}放假,期间不发货。",
        "{supplier}说{last}之前交期要多{days}天。",
        "{supplier}从{first}起每款最低{units}件起订。",
    ),
    "nothing": ("给{supplier}打电话没人接,明天再打。", "{supplier}寄来了新目录,没有我们要的。"),
}


def write_notes(
    happenings: Sequence[Happening], items: pd.DataFrame, suppliers: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Write at most 151 notes, a third of them in Chinese, about some of what happened.

    Args:
        happenings: Facts, more than are used.
        items: N rows with `sku`, `name` and `name_zh`, which may be empty.
        suppliers: Rows with `code`, `name` and `aliases`.
        rng: Source of all chance.

    Returns:
        Rows of the kind "notes", by time of writing.
    """
    names = {"en": items["name"].tolist(), "zh": items["name_zh"].fillna(items["name"]).tolist()}
    skus = items["sku"].tolist()
    suppliers_by_code = suppliers.set_index("code")
    rows = []
    for kind, count in _COUNTS.items():
        pool = [happening for happening in happenings if happening.kind == kind]
        for position, chosen in enumerate(rng.permutation(len(pool))[:count]):
            happening = pool[chosen]
            lang: Language = "zh" if position % 3 == 2 else "en"
            templates = (_CHINESE if lang == "zh" else _ENGLISH)[kind]
            values = {key: _shown(value, lang) for key, value in (happening.values or {}).items()}
            if happening.row >= 0:
                values["item"] = names[lang][happening.row]
            if happening.site >= 0:
                values["warehouse"] = _warehouse(happening.site, lang)
            if happening.supplier:
                values["supplier"] = _supplier(suppliers_by_code.loc[happening.supplier], lang)
            minute = int(rng.integers(8 * 60, 18 * 60))
            rows.append(
                {
                    "text": templates[position // 3 % len(templates)].format(**values),
                    "written_at": f"{happening.day.isoformat()}T{minute // 60:02d}:{minute % 60:02d}:00",
                    "author": str(rng.choice(_AUTHORS[lang])),
                    "item": skus[happening.row] if happening.row >= 0 else "",
                    "supplier": happening.supplier,
                }
            )
    notes = pd.DataFrame(rows).sort_values(["written_at", "text"], ignore_index=True)
    return notes.assign(id=[f"note-{number:04d}" for number in range(1, len(notes) + 1)])


def _shown(value: Value, lang: Language) -> str:
    if not isinstance(value, date):
        return str(value)
    return f"{value.month}月{value.day}日" if lang == "zh" else f"{value.day} {value:%B}"


def _warehouse(site: int, lang: Language) -> str:
    return WAREHOUSE_NAMES_ZH[site] if lang == "zh" else str(WAREHOUSES["name"].iloc[site])


def _supplier(record: "pd.Series[str]", lang: Language) -> str:
    """The supplier as its planner writes it: the Chinese alias in Chinese, where there is one."""
    last_alias = record["aliases"].split("|")[-1]
    return last_alias if lang == "zh" and not last_alias.isascii() else record["name"]

"""What the assistant may have said before a follow-up: short texts with the values of its calls, as the service writes them."""

import random
from collections.abc import Mapping
from typing import Any

_EN: Mapping[str, tuple[str, ...]] = {
    "find_items": ("Found 3 products for {query}.", "{query}: 5 matches, the first is {item}."),
    "get_stock": ("{item} has {n} units on hand, {m} of them reserved.", "There are {n} units of {item} in stock and {m} on order.", "{item}: inventory position {n}, about 12 days of cover."),
    "get_sales_history": ("{item} sold {n} units from {start} to {end}.", "Sales of {item}: {n} units, {m} in the best week."),
    "forecast_demand": ("{item} is expected to sell about {n} units over {horizon_days}.", "Expected demand for {item}: {n} units; in one case of twenty more than {m}."),
    "compare_forecast_models": ("For {item} ets had the lowest error, croston came second.", "ets wins for {item} with a scaled pinball loss of 0.31."),
    "recommend_replenishment": ("Order {n} units of {item} by Friday; the reorder point is {m}.", "{item} needs {n} units now.", "Three items need an order, the largest is {item} with {n} units."),
    "simulate_scenario": ("With that change {item} would need {n} units instead of {m}.", "The order for {item} rises to {n} units."),
    "allocate_stock": ("{item}: {n} units to {warehouse}, {m} to {warehouse2}.",),
    "recommend_transfers": ("Move {n} units of {item} from {warehouse} to {warehouse2}.",),
    "recommend_markdown": ("{item} should be marked down by 15 % to clear {n} units.",),
    "list_alerts": ("2 open alerts: {item} will be out of stock in 4 days, {item2} has 300 days of cover.", "High: stockout of {item}. Medium: {supplier} is late.", "1 alert: {item} is overstocked."),
    "get_kpis": ("Fill rate 96 %, turnover 5.2, 31 days of cover.",),
    "segment_items": ("41 A items, 88 B items, 271 C items.",),
    "search_policies": ("Clause 2.1 says that orders above 5,000 need approval.", "Nothing in the policies about {query}."),
    "search_notes": ("Two notes mention {query}, the latest about {supplier}.", "No notes about {query}."),
    "record_note": ("The note is stored.",),
    "propose_purchase_order": ("Draft order for {n} units of {item} from {supplier}; it waits for approval.",),
    "propose_transfer": ("Draft transfer of {n} units of {item} from {warehouse} to {warehouse2}.",),
    "plan_delivery_routes": ("3 routes from {warehouse}, 41 stops.",),
    "assess_risk": ("{supplier} was late in 3 of 10 deliveries.", "Order {order_id}: low risk."),
}  # fmt: skip
_ZH: Mapping[str, tuple[str, ...]] = {
    "find_items": ("找到3个与{query}有关的商品。", "{query}：共5个结果，第一个是{item}。"),
    "get_stock": ("{item}现有库存{n}件，其中预留{m}件。", "{item}在库{n}件，在途{m}件。"),
    "get_sales_history": ("{item}共售出{n}件，最好的一周{m}件。",),
    "forecast_demand": ("预计{item}需求约{n}件。", "{item}未来需求{n}件，二十次里有一次超过{m}件。"),
    "compare_forecast_models": ("{item}用ets误差最小，其次是croston。",),
    "recommend_replenishment": ("建议{item}订{n}件，再订货点{m}件。", "{item}现在需要补{n}件。", "有三个商品要补货，最多的是{item}，{n}件。"),
    "simulate_scenario": ("这样一来{item}要订{n}件，原来是{m}件。",),
    "allocate_stock": ("{item}：{warehouse}{n}件，{warehouse2}{m}件。",),
    "recommend_transfers": ("建议从{warehouse}调{n}件{item}到{warehouse2}。",),
    "recommend_markdown": ("{item}建议降价15%，清掉{n}件。",),
    "list_alerts": ("有2条预警：{item}4天后断货，{item2}可卖300天。", "高：{item}缺货；中：{supplier}延期。"),
    "get_kpis": ("满足率96%，周转5.2次，库存可用31天。",),
    "segment_items": ("A类41个，B类88个，C类271个。",),
    "search_policies": ("2.1条规定5000以上的订单需要审批。", "制度里没有关于{query}的内容。"),
    "search_notes": ("有两条备注提到{query}。",),
    "record_note": ("备注已保存。",),
    "propose_purchase_order": ("已起草{item}采购单{n}件，供应商{supplier}，等待审批。",),
    "propose_transfer": ("已起草调拨单：{item}{n}件，{warehouse}到{warehouse2}。",),
    "plan_delivery_routes": ("{warehouse}共3条路线，41个站点。",),
    "assess_risk": ("{supplier}十次交货迟了三次。", "订单{order_id}风险低。"),
}  # fmt: skip
_QUESTIONS = {
    "en": {"item": ("Which product do you mean?", "Which item should I look at?"), "quantity": ("How many units?",), "warehouse": ("Which warehouse?",), "": ("What would you like me to do?", "Could you tell me a little more?")},
    "zh": {"item": ("请问是哪个商品？", "您指的是哪一款？"), "quantity": ("要多少件？",), "warehouse": ("哪个仓库？",), "": ("您想让我做什么？", "能说得具体一点吗？")},
}  # fmt: skip


def summary(tool: str, args: Mapping[str, Any], lang: str, rng: random.Random) -> str:
    """A text about a call's result; argument values stay placeholders, figures are made up, other names are left out."""
    shown = {}
    for key, raw in args.items():
        if isinstance(raw, str) and raw.startswith("{"):
            shown[key] = raw
    fitting = [t for t in (_ZH if lang == "zh" else _EN)[tool] if all(f"{{{k}}}" not in t or k in shown for k in _NAMED)]
    text = rng.choice(fitting) if fitting else ("好的，结果如下。" if lang == "zh" else "Done; see the table.")
    for key, raw in shown.items():
        text = text.replace(f"{{{key}}}", raw)
    return text.replace("{n}", str(rng.randint(20, 2000))).replace("{m}", str(rng.randint(5, 900)))


_NAMED = ("item", "item2", "query", "warehouse", "warehouse2", "supplier", "order_id", "start", "end", "horizon_days")


def question(behaviour: str, missing: str, lang: str, rng: random.Random) -> str:
    """What the assistant asks, or how it declines or chats."""
    if behaviour == "clarify":
        table = _QUESTIONS[lang]
        return rng.choice(table.get(missing, table[""]))
    if behaviour == "refuse":
        return "这个我做不了，我只管库存计划。" if lang == "zh" else "That is outside what I can do; I help with inventory planning."
    return "好的。" if lang == "zh" else "You're welcome."

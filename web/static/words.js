// Every word of the page in English and Chinese, and how numbers and days are written.

const WORDS = {
  en: {
    skip: "Skip to the question", newChat: "New", drafts: "Drafts", other: "中文", send: "Send", stop: "Stop",
    ask: "Ask about stock, orders …", hint: "Enter sends, Shift + Enter begins a new line. Every figure is computed; underlined ones show where they come from.",
    greeting: "What would you like to plan?", tagline: "Ask in English or Chinese. Orders are drafted, never placed, until a person approves them.",
    examples: "Try one of these", you: "You", close: "Close", passage: "Passage", policy: "Policy", note: "Note",
    noDrafts: "No drafts yet. Ask for a purchase order, a transfer or a markdown.", draftsTitle: "Drafts",
    draft: "draft, waits for approval", approved: "approved", rejected: "rejected", source: "Source", working: "Working",
    starting: "starting", notReady: "not ready", unreachable: "The server cannot be reached. Is it still running?",
    cut: "The answer was cut off. Ask again.", stopped: "Stopped.", again: "Ask again", warning: "Mind",
    keyTitle: "An API key is needed", keyHint: "Open the link that the server printed, or paste a key:", keyLabel: "API key", keyUse: "Use this key",
    chartHint: "Use the arrow keys to read the values.", parts: "What the forecast is made of",
    purchase_order: "Purchase order", transfer: "Transfer", markdown: "Markdown", sources: "Sources", noFacts: "No facts.",
  },
  zh: {
    skip: "跳到提问框", newChat: "新对话", drafts: "草稿", other: "English", send: "发送", stop: "停止",
    ask: "问库存、预测、订货、制度……", hint: "回车发送，Shift + 回车换行。所有数字均由计算得出，带下划线的可查看来源。",
    greeting: "今天要计划什么？", tagline: "中英文均可提问。订单只起草，经人批准后才生效。",
    examples: "可以这样问", you: "您", close: "关闭", passage: "条文", policy: "制度", note: "备注",
    noDrafts: "还没有草稿。可以让我起草采购单、调拨单或降价方案。", draftsTitle: "草稿",
    draft: "草稿，等待批准", approved: "已批准", rejected: "已驳回", source: "来源", working: "处理中",
    starting: "启动中", notReady: "未就绪", unreachable: "无法连接服务器，请确认它仍在运行。",
    cut: "回答中断了，请重新提问。", stopped: "已停止。", again: "重新提问", warning: "注意",
    keyTitle: "需要 API 密钥", keyHint: "请打开服务器打印的链接，或粘贴密钥：", keyLabel: "API 密钥", keyUse: "使用此密钥",
    chartHint: "可用方向键读取数值。", parts: "预测由哪些部分组成",
    purchase_order: "采购单", transfer: "调拨单", markdown: "降价方案", sources: "依据", noFacts: "没有事实。",
  },
};

const EXAMPLES = {
  en: ["What should I reorder this week with a budget of 5,000?", "Which items are about to run out?", "What do our policies say about approval limits?", "Which notes mention late deliveries?"],
  zh: ["预算5000，这周该补哪些货？", "哪些商品快要断货了？", "采购审批额度是怎么规定的？", "有哪些备注提到供应商交货延误？"],
};

const FIELDS = {
  item: ["Item", "商品"], name: ["Name", "名称"], warehouse: ["Warehouse", "仓库"], supplier: ["Supplier", "供应商"], supplier_name: ["Supplier", "供应商"], category: ["Category", "品类"],
  quantity: ["Quantity", "数量"], cost: ["Cost", "金额"], unit_cost: ["Unit cost", "单价"], placed_on: ["Ordered on", "下单日期"], due_on: ["Arrives about", "预计到货"], order_id: ["Order", "订单"],
  from_warehouse: ["From", "调出"], to_warehouse: ["To", "调入"], query: ["Query", "查询"], text: ["Text", "内容"], limit: ["At most", "最多"], start: ["From", "从"], end: ["To", "到"], date: ["Day", "日期"],
  frequency: ["By", "粒度"], period: ["Period", "期间"], horizon_days: ["Days ahead", "天数"], model: ["Model", "模型"], service_level: ["Service level", "服务水平"], budget: ["Budget", "预算"],
  demand_change_pct: ["Demand change, %", "需求变化%"], unit_cost_change_pct: ["Cost change, %", "成本变化%"], lead_time_days: ["Lead time, days", "交期（天）"], clear_by: ["Clear by", "清仓日期"],
  target_stock: ["Stock to keep", "保留库存"], kind: ["Kind", "类型"], severity: ["Severity", "级别"], method: ["Method", "方法"], clusters: ["Groups", "组数"], vehicles: ["Vehicles", "车辆"],
  approval_limit: ["above the approval limit", "超出审批额度"], min_order_quantity: ["below the minimum order", "低于最小起订量"], pack_size: ["not in whole packs", "不是整箱"],
  transport_cost: ["Transport", "运输费"], sent_on: ["Sent on", "发出日期"], free_at_source: ["Free before", "调前可用"], left_at_source: ["Free after", "调后可用"],
  source_short: ["leaves the sender short", "调出仓库存将不足"], transfer_hold: ["transfer not allowed", "不允许调拨"],
  transfer_min_value: ["line worth too little", "低于每行最低货值"], transfer_keep_days: ["sender keeps too little", "调出仓留存不足"],
  max_days_of_cover: ["more cover than allowed", "超出可售天数上限"], order_hold: ["ordering is on hold", "暂停订货"], min_order_value: ["below the minimum order value", "低于最小订单金额"],
};

const TOOLS = {
  find_items: ["Find items", "查找商品"], get_stock: ["Stock", "查库存"], get_sales_history: ["Sales history", "销售历史"], forecast_demand: ["Forecast", "需求预测"],
  compare_forecast_models: ["Compare models", "比较模型"], recommend_replenishment: ["Replenishment", "补货计算"], simulate_scenario: ["Scenario", "情景模拟"], allocate_stock: ["Allocation", "库存分配"],
  recommend_transfers: ["Transfers", "调拨建议"], recommend_markdown: ["Markdown", "降价建议"], list_alerts: ["Alerts", "预警"], get_kpis: ["Key figures", "关键指标"], segment_items: ["Segments", "商品分组"],
  search_policies: ["Search policies", "查制度"], search_notes: ["Search notes", "查备注"], record_note: ["Write note", "记备注"], propose_purchase_order: ["Draft purchase order", "起草采购单"],
  propose_transfer: ["Draft transfer", "起草调拨单"], plan_delivery_routes: ["Delivery routes", "配送路线"], assess_risk: ["Risk", "风险评估"],
};

const SERIES = {
  history: ["Sales", "销量"], p50: ["Forecast (median)", "预测（中位数）"], mean: ["Forecast (mean)", "预测（均值）"], projected_stock: ["Projected stock", "预计库存"], without_order: ["Without an order", "不订货时"], without_transfer: ["Without the transfer", "不调拨"], changed: ["With the change", "改变之后"], without_markdown: ["Stock at today's price", "按现价的库存"], price_now: ["Price today", "现价"],
  quantity: ["Quantity given", "分配数量"], days_of_cover: ["Cover on arrival", "到货后可售"],
  reorder_point: ["Reorder point", "再订货点"], p10: ["Low (10 %)", "偏低（10 %）"], p90: ["High (90 %)", "偏高（90 %）"], baseline: ["As planned", "按现计划"], scenario: ["Scenario", "情景"],
  usual: ["Usual level", "平常水平"], trend: ["Trend", "趋势"], season: ["Time of year", "时令"], holiday: ["Special days", "节日"], promotion: ["Promotions", "促销"], price: ["Price", "价格"], event: ["Planning events", "计划事件"],
  band80: ["80 % range", "80 % 区间"], band95: ["95 % range", "95 % 区间"], in_stock: ["In stock", "有货"], safety_stock: ["Safety stock", "安全库存"],
};

const PARTS = { database: ["Database", "数据库"], index: ["Search index", "检索索引"], model: ["Chat model", "对话模型"], forecasts: ["Forecasts of all products", "全部商品的预测"] };

const UNITS = { units: "件", "units a day": "件/天", "units a week": "件/周", "units a month": "件/月", days: "天", orders: "单", items: "种" };

let language = "en";

/** The language of the page: "en" or "zh". */
export const lang = () => language;

/** Choose the page's language. */
export function speak(chosen) {
  language = chosen === "zh" ? "zh" : "en";
}

/** A word of the page. */
export const word = (key) => WORDS[language][key];

/** Example questions of a language. */
export const examples = (chosen) => EXAMPLES[chosen];

const named = (table, key) => table[key]?.[language === "zh" ? 1 : 0] ?? String(key).replaceAll("_", " ");

/** What a person calls an argument or a field of a draft. */
export const fieldName = (key) => named(FIELDS, key);

/** What a person calls a tool. */
export const toolName = (key) => named(TOOLS, key);

/** What a person calls a line of a chart. */
export const seriesName = (key) => named(SERIES, key);

/** What a part of the server is called. */
export const partName = (key) => named(PARTS, key);

/** What a unit is called. */
export const unitName = (unit) => (language === "zh" && UNITS[unit]) || unit;

/** A number with at most two places. */
export const number = (value) => new Intl.NumberFormat(language, { maximumFractionDigits: Math.abs(value) < 1 ? 2 : 1 }).format(value);

/** A value in its unit, as a chart writes it: money with its currency and at least two places, all else as a number. */
export function amount(value, unit) {
  if (!/^[A-Z]{3}$/.test(unit)) return number(value);
  return `${unit} ${new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 4 }).format(value)}`;
}

/** What is measured, with its unit. */
export const measure = (name, unit) => `${seriesName(name)} (${unitName(unit)})`;

/** A share as a whole percentage. */
export const percent = (share) => `${Math.round(100 * share)} %`;

/** A day given as ISO date; `short` leaves the year out. */
export function day(iso, short = false) {
  const form = short ? { day: "numeric", month: "short" } : { day: "numeric", month: "short", year: "numeric" };
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { ...form, timeZone: "UTC" }).format(new Date(`${iso}T00:00:00Z`));
}

/** How long something took. */
export const duration = (ms) => (ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`);

"""A quantity that a planner names beside ours: what it ties up, which rules it breaks, and what a rule costs. Orders nothing."""

import math
from dataclasses import dataclass

import numpy as np

from parstock.wording import days, money, named, number, percent, units
from planning import decide
from planning.facts import Figure, Notebook
from planning.line_events import STOPPED, source_of, stopping_event
from planning.scenario import Lived, Scene, live, standard_errors
from planning.scenario_facts import CLEAR

_FAR_DAYS = 3650.0


def tell_quantity(book: Notebook, scene: Scene, base: Lived, forced: Lived) -> None:
    """Say what the planner's number is beside ours: money today, cover, and the chance that it lasts."""
    ours, theirs = base.outcome.line, forced.outcome.line
    item, currency = forced.now.items[0], scene.terms.currency
    tied = round(theirs.cost - ours.cost, 2)
    covers = [_cover(lived, lived.outcome.line.quantity) for lived in (base, forced)]
    figures = [
        Figure("changed.quantity", theirs.quantity, "units"),
        Figure("base.quantity", ours.quantity, "units", f"plan:{item.sku}"),
        Figure("difference.quantity", theirs.quantity - ours.quantity, "units"),
    ]
    if not tied:
        en = f"Ordering {units(theirs.quantity) if theirs.quantity else 'none'} of {item.name} is what is recommended"
        zh = f"{named(item, 'zh')}的建议正是{f'订{number(theirs.quantity)}件' if theirs.quantity else '不订货'}"
    else:
        more = tied > 0
        shown = money(abs(tied), currency)
        instead = number(ours.quantity) if ours.quantity else "none"
        en = f"Ordering {units(theirs.quantity) if theirs.quantity else 'none'} of {item.name} instead of {instead} "
        en += f"ties up {shown} {'more' if more else 'less'} today"
        ordered_zh, instead_zh = (f"订{number(n)}件" if n else "不订货" for n in (theirs.quantity, ours.quantity))
        zh = f"{named(item, 'zh')}{ordered_zh}而不是{instead_zh}，"
        zh += f"今天{'多' if more else '少'}占用资金{shown}"
        figures.append(Figure("difference.tied_up", tied, currency, direction="up" if more else "down"))
        if covers[0] is not None and covers[1] is not None:
            figures += [Figure("changed.cover", covers[1], "days"), Figure("base.cover", covers[0], "days")]
            en += f" and gives {days(covers[1])} of cover instead of {number(covers[0])}"
            zh += f"，可售{number(covers[1])}天而不是{number(covers[0])}天"
    book.tell(f"{en}.", f"{zh}。", *figures, source=f"simulation:{item.sku}", required=True)
    _tell_service(book, scene, forced)


def _cover(lived: Lived, quantity: int) -> int | None:
    """Days that all stock, what is on order and an order last at mean demand; None where that is too far to say."""
    daily = float(lived.now.daily_demand[0])
    span = (float(lived.now.inventory_position[0]) + quantity) / daily if daily > 0 else np.inf
    return round(max(span, 0.0)) if span <= _FAR_DAYS else None


def _tell_service(book: Notebook, scene: Scene, forced: Lived) -> None:
    """Say how likely the quantity lasts until the next order can come, where that misses the target."""
    line, now = forced.outcome.line, forced.now
    chance = float(decide.expect(now, np.array([float(line.quantity)]), scene.terms).cycle_service[0])
    clause = next(iter(forced.rules.service_level.ids(0)), "") if scene.service_level is None else ""
    if round(chance, 3) >= round(line.service_level, 3):
        return
    target = percent(line.service_level) + (f" [{clause}]" if clause else "")
    book.tell(
        f"It lasts until the next order can come with a chance of {percent(chance)}, short of the {target} aimed at.",
        f"它能维持到下次到货的概率为{percent(chance)}，低于目标{target}。",
        Figure("changed.cycle_service", round(100 * chance, 1), "%", direction="short"),
        Figure("service_level", round(100 * line.service_level, 1), "%", clause or "settings"),
        source=clause or f"simulation:{now.items[0].sku}",
        required=True,
    )


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a quantity does not keep to."""

    rule: str
    """As in `PlanLine.binding`."""
    value: float | str
    unit: str
    en: str
    zh: str
    source: str
    """Clause id, or the item whose terms these are."""


def breaches(lived: Lived, quantity: int, currency: str) -> tuple[Breach, ...]:
    """Return the rules that ordering this many units today would not keep to; ordering none breaks none."""
    if quantity == 0:
        return ()
    found = (rule(lived, quantity, currency) for rule in (_hold, _minimum, _packs, _order_value, _too_long, _approval))
    return tuple(breach for breach in found if breach is not None)


def _hold(lived: Lived, quantity: int, currency: str) -> Breach | None:
    item, name = lived.now.items[0], named(lived.now.items[0], "zh")
    held = lived.rules.order_hold.ids(0)
    if held:
        en, zh = f"Ordering {item.name} is on hold [{held[0]}]", f"{name}暂停订货 [{held[0]}]"
        return Breach("order_hold", held[0], "name", en, zh, held[0])
    if stopped := stopping_event(lived.now, 0):
        source, (why_en, why_zh) = source_of(stopped), STOPPED[stopped.type]
        en, zh = f"{item.name} should not be ordered: {why_en} [{source}]", f"{name}不应订货：{why_zh} [{source}]"
        return Breach("order_hold", source, "name", en, zh, source)
    if not item.active:
        return Breach(
            "order_hold", "inactive", "name", f"{item.name} is no longer bought", f"{name}已停止采购", f"item:{item.sku}"
        )
    return None


def _minimum(lived: Lived, quantity: int, currency: str) -> Breach | None:
    item = lived.now.items[0]
    least = item.min_order_quantity
    if quantity >= least:
        return None
    en, zh = f"It is below the minimum order of {units(least)}", f"低于最小起订量{number(least)}件"
    return Breach("min_order_quantity", least, "units", en, zh, f"item:{item.sku}")


def _packs(lived: Lived, quantity: int, currency: str) -> Breach | None:
    item = lived.now.items[0]
    if quantity % item.pack_size == 0:
        return None
    en, zh = f"It is not in whole packs of {number(item.pack_size)}", f"不是每箱{number(item.pack_size)}件的整箱数量"
    return Breach("pack_size", item.pack_size, "units", en, zh, f"item:{item.sku}")


def _order_value(lived: Lived, quantity: int, currency: str) -> Breach | None:
    least = float(lived.rules.min_order_value.value[0])
    if not quantity * float(lived.now.unit_cost[0]) + lived.beside < least:
        return None
    (source,) = lived.rules.min_order_value.ids(0)
    supplier, shown = lived.now.suppliers[0], money(least, currency)
    name_zh = named(supplier, "zh")
    en = f"By itself it is below the least order value of {supplier.name}, {shown} [{source}]"
    zh = f"单独下单低于{name_zh}的最低订货金额{shown} [{source}]"
    if lived.beside:
        en = f"With the other orders from {supplier.name} it comes to less than their least order value, {shown} [{source}]"
        zh = f"与向{name_zh}的其他订货合计低于最低订货金额{shown} [{source}]"
    return Breach("min_order_value", least, currency, en, zh, source)


def _too_long(lived: Lived, quantity: int, currency: str) -> Breach | None:
    most, source = cover_limit(lived)
    cover = _cover(lived, quantity)
    daily = float(lived.now.daily_demand[0])
    if float(lived.now.inventory_position[0]) + quantity <= most * daily + 1e-6 or not np.isfinite(most):
        return None
    over_en = f"Its {days(cover)} of cover are" if cover is not None else "Its cover is"
    over_zh = f"可售{number(cover)}天，" if cover is not None else ""
    if source.startswith("item:"):
        en, zh = f"{over_en} more than its shelf life of {days(most)}", f"{over_zh}超过保质期{number(most)}天"
    else:
        en, zh = (
            f"{over_en} more than the {days(most)} allowed [{source}]",
            f"{over_zh}超过可售天数上限{number(most)}天 [{source}]",
        )
    return Breach("max_days_of_cover", most, "days", en, zh, source)


def cover_limit(lived: Lived) -> tuple[float, str]:
    """Most days of cover, and the clause or item that says so; infinite where nothing does."""
    most = float(decide.cover_limit(lived.now, lived.rules)[0])
    by_clause = most == float(lived.rules.max_days_of_cover.value[0])
    return most, lived.rules.max_days_of_cover.ids(0)[0] if by_clause else f"item:{lived.now.items[0].sku}"


def _approval(lived: Lived, quantity: int, currency: str) -> Breach | None:
    limit = float(lived.rules.approval_limit.value[0])
    if not quantity * float(lived.now.unit_cost[0]) > limit:
        return None
    (source,) = lived.rules.approval_limit.ids(0)
    shown = money(limit, currency)
    en, zh = f"It needs approval, being above the limit of {shown} [{source}]", f"超过审批限额{shown} [{source}]，需要审批"
    return Breach("approval_limit", limit, currency, en, zh, source)


def tell_breaches(book: Notebook, scene: Scene, forced: Lived) -> tuple[Breach, ...]:
    """Say which rules the planner's number breaks, or that it breaks none."""
    found = breaches(forced, forced.outcome.line.quantity, scene.terms.currency)
    cover = _cover(forced, forced.outcome.line.quantity)
    for breach in found:
        figures = [Figure(f"breach.{breach.rule}", breach.value, breach.unit)]
        if breach.rule == "max_days_of_cover" and cover is not None:
            figures.append(Figure("changed.cover", cover, "days"))
        book.tell(f"{breach.en}.", f"{breach.zh}。", *figures, source=breach.source, required=True)
    if not found and forced.outcome.line.quantity:
        book.add("breach.none", "none", "name", "It breaks no rule.", "不违反任何规定。", source="policies")
    return found


def tell_binding(book: Notebook, scene: Scene, base: Lived, *, detail: bool) -> None:
    """Say which rule shapes our own order, and what keeping to it costs: the same futures with a step more, or less.

    This is the rule's shadow value by re-solving: quantities are whole packs, so that a step is one pack and not one unit; where
    packs or an order value round up, it is all that they add.
    """
    line, step = base.outcome.line, _step(base)
    if not step or line.quantity + step < 0:
        return
    other = live(scene, line.quantity + step)
    gain = base.outcome.total_cost - other.outcome.total_cost
    error = standard_errors(base, other)["total_cost"]
    rule_en, rule_zh, limit, source = _binding_rule(base, scene.terms.currency)
    book.tell(
        *_worth(rule_en, rule_zh, step, gain, error, scene.terms.currency),
        limit,
        Figure("binding.step", abs(step), "units"),
        Figure("binding.worth", round(abs(gain), 2), scene.terms.currency),
        Figure("binding.error", round(error, 2), scene.terms.currency),
        source=source,
        detail=detail,
    )


def _step(base: Lived) -> int:
    """Units by which the order would differ if the rule that shapes it gave way a little; 0 where none does."""
    line, item = base.outcome.line, base.now.items[0]
    need = max(line.order_up_to - float(base.now.position[0]), 0.0)
    least = max(-(-item.min_order_quantity // item.pack_size), 1) * item.pack_size
    if line.binding == "max_days_of_cover":
        return item.pack_size if line.quantity else least
    if line.binding == "min_order_quantity":
        return -item.pack_size
    if line.binding == "pack_size":
        return round(need) - line.quantity
    return (
        max(math.ceil(need / item.pack_size) * item.pack_size, least) - line.quantity if line.binding == "min_order_value" else 0
    )


def _binding_rule(base: Lived, currency: str) -> tuple[str, str, Figure, str]:
    """The rule that shapes the order, in both languages, with its figure and where it comes from."""
    item, binding = base.now.items[0], base.outcome.line.binding
    terms = f"item:{item.sku}"
    if binding == "min_order_quantity":
        least = item.min_order_quantity
        shown = Figure("binding.min_order_quantity", least, "units")
        return f"The minimum order of {units(least)} raises", f"最小起订量{number(least)}件使订货量增加", shown, terms
    if binding == "pack_size":
        shown = Figure("binding.pack_size", item.pack_size, "units")
        return f"The pack size of {units(item.pack_size)} raises", f"每箱{number(item.pack_size)}件使订货量增加", shown, terms
    if binding == "min_order_value":
        value, (source,) = float(base.rules.min_order_value.value[0]), base.rules.min_order_value.ids(0)
        shown, amount = Figure("binding.min_order_value", value, currency), money(value, currency)
        return (
            f"The least order value of {amount} [{source}] raises",
            f"最低订货金额{amount} [{source}]使订货量增加",
            shown,
            source,
        )
    most, source = cover_limit(base)
    cited = "" if source == terms else f" [{source}]"
    shown = Figure("binding.max_days_of_cover", most, "days")
    return f"The limit of {days(most)} of cover{cited} cuts", f"可售天数上限{number(most)}天{cited}使订货量减少", shown, source


def _worth(rule_en: str, rule_zh: str, step: int, gain: float, error: float, currency: str) -> tuple[str, str]:
    """What a step beyond the rule is worth, in both languages."""
    count, shown, within = number(abs(step)), money(round(abs(gain), 2), currency), money(round(error, 2), currency)
    way_en, way_zh = ("more", "多") if step > 0 else ("fewer", "少")
    rule_en = f"{rule_en} our order; {count} {way_en} would"
    rule_zh = f"{rule_zh}；{way_zh}订{count}件"
    if abs(gain) < CLEAR * error:
        en, zh = f"make no clear difference ({shown}, standard error {within})", f"没有明显差别（{shown}，标准误{within}）"
    elif gain > 0:
        en, zh = f"save {shown} (standard error {within})", f"可节省{shown}（标准误{within}）"
    else:
        en, zh = f"cost {shown} more (standard error {within})", f"会多花{shown}（标准误{within}）"
    return f"{rule_en} {en}.", f"{rule_zh}{zh}。"
